/* The thread that writes: it takes what is queued into one transaction, so that many small messages share one wait for
 * the disk, and answers only once that is durable. */
#include <stdlib.h>
#include <string.h>

#include "cli/board/board_internal.h"

#define BATCH_BYTES (UINT64_C(32) << 20)
#define UPLOAD_KEPT_S 60 /* an upload that had a piece as lately as that does not make room for others */

/* What a transaction changes, put into the board once it is durable. */
typedef struct batch {
    vs_board *board;
    vs_store *store;
    uint64_t seq, content, unfinished;
    int64_t now;
    vs_store_refused refused[VS_BOARD_REFUSED_KEPT];
    size_t refused_count;
} batch;

/* ---- one job; a status other than VS_OK is the machine's, and ends the transaction ---- */

static vs_status answer(vs_board_job *job, vs_board_outcome outcome, vs_status status) {
    (void)vs__job_answer(job, outcome, status);
    return VS_OK;
}

static vs_status conflict(const batch *b, vs_board_job *job) {
    const char *name = b->board->setup.plan->parties[job->from].identity.name;
    const char *kind = vs_message_kind_name(job->kind);
    (void)vs_fail(&job->error, VS_ERR_POLICY, "another message '%s' by %s is there already", kind, name);
    vs_hint(&job->error, "is %s running twice? What came first counts", name);
    return answer(job, VS_BOARD_CONFLICT, VS_ERR_POLICY);
}

/* May the message that `job` brings be stored? Else the answer is in the job. */
static vs_status may_store(const batch *b, vs_board_job *job, bool *may) {
    const vs_board *board = b->board;
    bool known = false, taken = false;
    *may = false;
    vs_status status = vs_store_has_id(b->store, job->id, &known, &job->error);
    if (status == VS_OK && known) {
        return answer(job, VS_BOARD_KNOWN, VS_OK);
    }
    status =
        status == VS_OK ? vs_store_has_place(b->store, job->kind, job->from, job->to, &taken, &job->error) : status;
    if (status == VS_OK && taken) {
        return conflict(b, job);
    }
    bool contributes_only = board->setup.plan->parties[job->from].may == VS_MAY_CONTRIBUTE;
    if (status == VS_OK && contributes_only &&
        board->sent_bytes[job->from] + job->total > board->setup.max_sender_bytes) {
        (void)vs_fail(&job->error, VS_ERR_LIMIT, "%s has sent more than the board takes of one party",
                      board->setup.plan->parties[job->from].identity.name);
        return answer(job, VS_BOARD_REFUSED, VS_ERR_LIMIT);
    }
    *may = status == VS_OK;
    return status;
}

static vs_status add_message(batch *b, vs_board_job *job) {
    vs_board_message message = {.seq = b->seq + 1,
                                .kind = job->kind,
                                .from = job->from,
                                .to = job->to,
                                .at = b->now,
                                .len = job->total,
                                .content = job->content};
    memcpy(message.id, job->id, sizeof message.id);
    vs_status status = vs_store_add_message(b->store, &message, &job->error);
    if (status == VS_OK) {
        b->seq++;
        status = answer(job, VS_BOARD_NEW, VS_OK);
    }
    return status;
}

static vs_status do_message(batch *b, vs_board_job *job) {
    bool may;
    vs_status status = may_store(b, job, &may);
    if (status != VS_OK || !may) {
        return status;
    }
    job->content = ++b->content;
    status = vs_store_add_piece(b->store, job->content, 0, job->data, job->len, &job->error);
    return status == VS_OK ? add_message(b, job) : status;
}

/* The upload of this job, unless another one of the same message has taken its place. */
static vs_status same_upload(const batch *b, vs_board_job *job, vs_store_upload *upload, bool *same) {
    bool found;
    vs_status status = vs_store_get_upload(b->store, job->id, upload, &found, &job->error);
    *same = status == VS_OK && found && upload->content == job->content;
    return status;
}

static vs_status end_upload(batch *b, const vs_store_upload *upload, bool keep, vs_error *error) {
    b->unfinished -= upload->len < b->unfinished ? upload->len : b->unfinished;
    return vs_store_end_upload(b->store, upload->content, keep, error);
}

static vs_status do_adopt(batch *b, vs_board_job *job) {
    vs_store_upload upload;
    bool same, may = false;
    vs_status status = same_upload(b, job, &upload, &same);
    if (status == VS_OK && !same) {
        (void)vs_fail(&job->error, VS_ERR_NOT_READY, "the message is being sent a second time");
        job->offset = 0;
        return answer(job, VS_BOARD_CONFLICT, VS_ERR_NOT_READY);
    }
    status = status == VS_OK ? may_store(b, job, &may) : status;
    status = status == VS_OK ? end_upload(b, &upload, may, &job->error) : status;
    return status == VS_OK && may ? add_message(b, job) : status;
}

static vs_status do_drop(batch *b, vs_board_job *job) {
    vs_store_upload upload;
    vs_error error = {0}; /* the job has its answer */
    bool found;
    vs_status status = vs_store_get_upload(b->store, job->id, &upload, &found, &error);
    return status == VS_OK && found && upload.content == job->content ? end_upload(b, &upload, false, &error) : status;
}

/* ---- pieces ---- */

/* Uploads that nobody goes on with give way to one that somebody does. */
static vs_status make_room(batch *b, vs_board_job *job, bool *room) {
    const vs_board *board = b->board;
    vs_status status = VS_OK;
    bool found = true;
    while (status == VS_OK && found && b->unfinished + job->len > board->setup.max_unfinished_bytes) {
        vs_store_upload oldest;
        status = vs_store_oldest_upload(b->store, &oldest, &found, &job->error);
        found = found && oldest.at + UPLOAD_KEPT_S < b->now;
        if (status == VS_OK && found) {
            status = end_upload(b, &oldest, false, &job->error);
        }
    }
    *room = b->unfinished + job->len <= board->setup.max_unfinished_bytes;
    if (status == VS_OK && !*room) {
        (void)vs_fail(&job->error, VS_ERR_NOT_READY, "too many messages are on their way at once");
        vs_hint(&job->error, "try again in a minute");
    }
    return status;
}

static vs_status elsewhere(vs_board_job *job, uint64_t offset, const char *why) {
    job->offset = offset;
    (void)vs_fail(&job->error, VS_ERR_NOT_READY, "%s", why);
    vs_hint(&job->error, "go on from the byte that Upload-Offset says");
    return answer(job, VS_BOARD_CONFLICT, VS_ERR_NOT_READY);
}

/* Does the piece go on where the upload is? Else the answer is in the job. */
static vs_status find_place(batch *b, vs_board_job *job, vs_store_upload *upload, bool *fits) {
    bool found;
    *fits = false;
    vs_status status = vs_store_get_upload(b->store, job->id, upload, &found, &job->error);
    if (status == VS_OK && found && job->restart) {
        status = end_upload(b, upload, false, &job->error);
        found = false;
    }
    if (status != VS_OK) {
        return status;
    }
    if (job->content != 0 && !(found && upload->content == job->content)) {
        return elsewhere(job, found ? upload->len : 0, "the message is being sent a second time");
    }
    if (job->offset != (found ? upload->len : 0)) {
        return elsewhere(job, found ? upload->len : 0, "the upload does not go on there");
    }
    if (!found) {
        *upload = (vs_store_upload){.content = ++b->content, .total = job->total};
        memcpy(upload->id, job->id, sizeof upload->id);
    }
    *fits = true;
    return VS_OK;
}

static vs_status check_piece(const vs_store_upload *upload, vs_board_job *job) {
    if (job->len > upload->total - upload->len) {
        return vs_fail(&job->error, VS_ERR_FORMAT, "the message is not as long as its header says");
    }
    if (job->len < VS_BOARD_MIN_PIECE && job->len < upload->total - upload->len) {
        return vs_fail(&job->error, VS_ERR_FORMAT, "a piece has at least %u bytes, but for the last one",
                       VS_BOARD_MIN_PIECE);
    }
    return VS_OK;
}

static vs_status do_piece(batch *b, vs_board_job *job) {
    vs_store_upload upload;
    bool known, fits = false, room = false;
    vs_status status = vs_store_has_id(b->store, job->id, &known, &job->error);
    if (status == VS_OK && known) {
        return answer(job, VS_BOARD_KNOWN, VS_OK);
    }
    status = status == VS_OK ? find_place(b, job, &upload, &fits) : status;
    if (status != VS_OK || !fits) {
        return status;
    }
    vs_status verdict = check_piece(&upload, job);
    if (verdict != VS_OK) {
        return answer(job, VS_BOARD_REFUSED, verdict);
    }
    status = make_room(b, job, &room);
    if (status == VS_OK && !room) {
        return answer(job, VS_BOARD_REFUSED, VS_ERR_NOT_READY);
    }
    status = status == VS_OK
                 ? vs_store_add_piece(b->store, upload.content, upload.len, job->data, job->len, &job->error)
                 : status;
    upload.len += job->len;
    upload.at = b->now;
    status = status == VS_OK ? vs_store_set_upload(b->store, &upload, &job->error) : status;
    b->unfinished += job->len;
    job->content = upload.content;
    job->offset = upload.len;
    job->total = upload.total;
    return status == VS_OK ? answer(job, VS_BOARD_STORED, VS_OK) : status;
}

/* ---- transactions ---- */

/* A job may come a second time, after a transaction that failed because of another. */
static vs_status apply(batch *b, vs_board_job *job) {
    if (job->what == JOB_MESSAGE || job->what == JOB_PIECE) {
        job->offset = job->given_offset;
        job->content = job->given_content;
    }
    switch (job->what) {
    case JOB_MESSAGE:
        return do_message(b, job);
    case JOB_PIECE:
        return do_piece(b, job);
    case JOB_ADOPT:
        return do_adopt(b, job);
    default:
        return do_drop(b, job);
    }
}

static vs_status transact(batch *b, vs_board_job *first, vs_error *error) {
    vs_status status = vs_store_begin(b->store, error);
    for (vs_board_job *job = first; job != NULL && status == VS_OK; job = job->next) {
        if (job->what != JOB_DROP) {
            job->error = (vs_error){0};
        }
        status = apply(b, job);
        if (status != VS_OK) {
            *error = job->error;
        }
    }
    for (size_t i = 0; i < b->refused_count && status == VS_OK; i++) {
        status = vs_store_set_refused(b->store, &b->refused[i], error);
    }
    if (status != VS_OK) {
        vs_store_rollback(b->store);
        return status;
    }
    return vs_store_commit(b->store, error);
}

static void begin_batch(batch *b, vs_board *board) {
    b->board = board;
    b->store = board->store;
    b->seq = board->seq;
    b->content = board->content;
    b->unfinished = board->unfinished;
    b->now = vs__board_now();
}

static void take_over(vs_board *board, const batch *b, const vs_board_job *first) {
    for (const vs_board_job *job = first; job != NULL; job = job->next) {
        if (job->outcome == VS_BOARD_NEW && (job->what == JOB_MESSAGE || job->what == JOB_ADOPT)) {
            vs_board_message message = {.seq = ++board->seq,
                                        .kind = job->kind,
                                        .from = job->from,
                                        .to = job->to,
                                        .at = b->now,
                                        .len = job->total};
            (void)vs__board_tally(board, &message);
        }
    }
    VS_CHECK(board->seq == b->seq);
    board->content = b->content;
    board->unfinished = b->unfinished;
    board->commits++;
}

/* One transaction for all; where it fails, one for each, so that one that cannot be stored does not stop the others. */
static void write_jobs(batch *b, vs_board *board, vs_board_job *first) {
    vs_error error = {0};
    begin_batch(b, board);
    vs_status status = transact(b, first, &error);
    if (status == VS_OK) {
        (void)pthread_mutex_lock(&board->mutex);
        take_over(board, b, first);
        (void)pthread_mutex_unlock(&board->mutex);
        return;
    }
    b->refused_count = 0;
    if (first != NULL && first->next == NULL) {
        first->error = error;
        (void)vs__job_answer(first, VS_BOARD_FAILED, status);
        return;
    }
    for (vs_board_job *job = first, *next; job != NULL; job = next) {
        next = job->next;
        job->next = NULL;
        write_jobs(b, board, job);
        job->next = next;
    }
}

/* ---- the thread ---- */

/* What is queued, up to so many bytes; with the mutex held. */
static vs_board_job *take_jobs(vs_board *board) {
    vs_board_job *first = board->to_write.first, *last = first;
    uint64_t bytes = first == NULL ? 0 : first->len;
    while (last != NULL && last->next != NULL && bytes < BATCH_BYTES) {
        last = last->next;
        bytes += last->len;
    }
    board->to_write.first = last == NULL ? NULL : last->next;
    if (last != NULL) {
        last->next = NULL;
    }
    return first;
}

static void note_conflict(vs_board *board, const vs_board_job *job) {
    if ((job->what == JOB_MESSAGE || job->what == JOB_ADOPT) &&
        ((job->outcome == VS_BOARD_CONFLICT && job->status == VS_ERR_POLICY) || job->outcome == VS_BOARD_REFUSED)) {
        vs_board_note_refused(board, job->from, job->kind, job->error.message);
    }
}

/* Tell those who wait. An upload that has its last piece goes to the judge instead. */
static void answer_jobs(vs_board *board, vs_board_job *first) {
    bool brought = false;
    size_t answered = 0;
    for (vs_board_job *job = first, *next; job != NULL; job = next) {
        next = job->next;
        brought = brought || job->outcome == VS_BOARD_NEW;
        if (job->what == JOB_PIECE && job->outcome == VS_BOARD_STORED && job->offset == job->total) {
            (void)pthread_mutex_lock(&board->mutex);
            vs__queue_push(&board->to_judge, job);
            (void)pthread_cond_broadcast(&board->work);
            (void)pthread_mutex_unlock(&board->mutex);
            continue;
        }
        note_conflict(board, job);
        job->done(job->context);
        answered++;
    }
    (void)pthread_mutex_lock(&board->mutex);
    board->pending -= answered;
    void (*heard)(void *) = brought ? board->heard : NULL;
    void *context = board->heard_context;
    board->hearing = heard != NULL;
    (void)pthread_cond_broadcast(&board->news);
    (void)pthread_mutex_unlock(&board->mutex);
    if (heard != NULL) {
        heard(context);
        (void)pthread_mutex_lock(&board->mutex);
        board->hearing = false;
        (void)pthread_cond_broadcast(&board->news);
        (void)pthread_mutex_unlock(&board->mutex);
    }
}

/* Refusals alone wait a second for company. With the mutex held. */
static void wait_for_work(vs_board *board) {
    int64_t until = vs__board_monotonic_ms() + 1000;
    struct timespec at = {.tv_sec = until / 1000, .tv_nsec = (until % 1000) * 1000000};
    while (board->to_write.first == NULL && !board->stop) {
        if (!board->refused_dirty) {
            (void)pthread_cond_wait(&board->work, &board->mutex);
        } else if (pthread_cond_timedwait(&board->work, &board->mutex, &at) != 0) {
            return;
        }
    }
}

void *vs__board_write_jobs(void *context) {
    vs_board *board = context;
    static _Thread_local batch b; /* too large for a small stack */
    (void)pthread_mutex_lock(&board->mutex);
    for (;;) {
        wait_for_work(board);
        vs_board_job *first = take_jobs(board);
        b.refused_count = vs__board_take_refused(board, b.refused);
        bool stop = board->stop && first == NULL;
        (void)pthread_mutex_unlock(&board->mutex);
        if (first != NULL || b.refused_count > 0) {
            write_jobs(&b, board, first);
            answer_jobs(board, first);
        }
        (void)pthread_mutex_lock(&board->mutex);
        if (stop) {
            break;
        }
    }
    (void)pthread_mutex_unlock(&board->mutex);
    return NULL;
}
