/* Messages and pieces on their way in: what can be said of them before the writer sees them, and the judge's thread,
 * which reads whole uploads back. */
#include <stdlib.h>
#include <string.h>

#include "cli/board/board_internal.h"
#include "crypto/guard.h"

#define JUDGED_AT_ONCE (UINT64_C(64) << 10)

void vs__queue_push(vs_job_queue *queue, vs_board_job *job) {
    job->next = NULL;
    if (queue->first == NULL) {
        queue->first = job;
    } else {
        queue->last->next = job;
    }
    queue->last = job;
}

bool vs__job_answer(vs_board_job *job, vs_board_outcome outcome, vs_status status) {
    job->outcome = outcome;
    job->status = status;
    return false;
}

void vs__board_enqueue(vs_board *board, vs_board_job *job, unsigned what) {
    job->what = what;
    job->given_offset = job->offset;
    job->given_content = job->content;
    (void)pthread_mutex_lock(&board->mutex);
    vs__queue_push(what == JOB_JUDGE ? &board->to_judge : &board->to_write, job);
    board->pending++;
    (void)pthread_cond_broadcast(&board->work);
    (void)pthread_mutex_unlock(&board->mutex);
}

/* ---- refusals ---- */

/* `from` is VS_NONE until the signature has been seen: a refusal must not be put down to somebody who sent nothing. */
static bool refuse(vs_board *board, vs_board_job *job, size_t from, vs_status status) {
    unsigned kind = from == VS_NONE ? 0 : job->kind;
    vs_board_note_refused(board, from, kind, job->error.message);
    return vs__job_answer(job, VS_BOARD_REFUSED, status);
}

/* Our own trouble is not the sender's fault, and is not listed. */
static bool refuse_or_fail(vs_board *board, vs_board_job *job, size_t from, vs_status status) {
    return status == VS_ERR_IO || status == VS_ERR_MEMORY ? vs__job_answer(job, VS_BOARD_FAILED, status)
                                                          : refuse(board, job, from, status);
}

/* ---- whole messages ---- */

static vs_status read_header(const vs_board *board, vs_board_job *job, vs_board_header *header) {
    vs_status status = vs__board_read_header(header, board->setup.plan, board->sid, board->setup.max_message_bytes,
                                             job->data, job->len, &job->error);
    if (status == VS_OK) {
        job->kind = header->kind;
        job->from = header->from;
        job->to = header->to;
        job->total = header->len;
    }
    return status;
}

static vs_status is_known(vs_board *board, vs_board_job *job, bool *known) {
    vs_board_message message;
    return vs_store_find(board->store, job->id, &message, known, &job->error);
}

bool vs_board_put_begin(vs_board *board, vs_board_job *job) {
    vs_board_header header;
    vs_board_judgement judgement;
    uint8_t id[VS_HASH_BYTES];
    bool known = false;
    job->error = (vs_error){0};
    vs_status status = read_header(board, job, &header);
    if (status == VS_OK && header.len != job->len) {
        status = vs_fail(&job->error, VS_ERR_FORMAT, "the message is not as long as its header says");
    }
    if (status != VS_OK) {
        return refuse_or_fail(board, job, VS_NONE, status);
    }
    vs__board_judge_begin(&judgement, &header);
    vs__board_judge_bytes(&judgement, job->data, job->len);
    vs__board_judge_id(&judgement, id);
    if (!VS_GUARD(board_id, !job->has_id || memcmp(id, job->id, sizeof id) == 0)) {
        status = vs_fail(&job->error, VS_ERR_FORMAT, "the message does not have the id that it was sent under");
        return refuse(board, job, VS_NONE, status);
    }
    memcpy(job->id, id, sizeof id);
    status = is_known(board, job, &known);
    if (status == VS_OK && known) {
        return vs__job_answer(job, VS_BOARD_KNOWN, VS_OK);
    }
    status = status == VS_OK ? vs__board_judge_end(&judgement, board->setup.plan, &job->error) : status;
    if (status != VS_OK) {
        return refuse_or_fail(board, job, VS_NONE, status);
    }
    vs__board_enqueue(board, job, JOB_MESSAGE);
    return true;
}

/* What a caller that waits waits for. */
typedef struct waiter {
    vs_board *board;
    bool done;
} waiter;

static void wake(void *context) {
    waiter *one = context;
    (void)pthread_mutex_lock(&one->board->mutex);
    one->done = true;
    (void)pthread_cond_broadcast(&one->board->news);
    (void)pthread_mutex_unlock(&one->board->mutex);
}

vs_status vs_board_put(vs_board *board, const uint8_t *message, size_t len, vs_board_outcome *outcome,
                       vs_error *error) {
    waiter one = {.board = board};
    vs_board_job job = {.data = message, .len = len, .done = wake, .context = &one};
    if (vs_board_put_begin(board, &job)) {
        (void)pthread_mutex_lock(&board->mutex);
        while (!one.done) {
            (void)pthread_cond_wait(&board->news, &board->mutex);
        }
        (void)pthread_mutex_unlock(&board->mutex);
    }
    *outcome = job.outcome;
    if (error != NULL) {
        *error = job.error;
    }
    return job.status;
}

/* ---- pieces ---- */

bool vs_board_piece_begin(vs_board *board, vs_board_job *job) {
    vs_board_header header;
    job->error = (vs_error){0};
    VS_CHECK(!job->restart || job->offset == 0);
    if (job->offset == 0) {
        vs_status status = read_header(board, job, &header);
        if (status != VS_OK) {
            return refuse(board, job, VS_NONE, status);
        }
    }
    vs__board_enqueue(board, job, JOB_PIECE);
    return true;
}

/* ---- the judge ---- */

/* Read an upload back through the hashes. */
static vs_status judge_pieces(vs_board *board, vs_board_job *job, uint8_t *buf, bool *authentic) {
    vs_board_header header;
    vs_board_judgement judgement;
    uint8_t id[VS_HASH_BYTES];
    size_t n = job->total < JUDGED_AT_ONCE ? (size_t)job->total : JUDGED_AT_ONCE;
    vs_status status = vs_store_read(board->store, job->content, 0, buf, n, &job->error);
    if (status != VS_OK) {
        return status;
    }
    job->data = buf;
    job->len = n;
    status = read_header(board, job, &header);
    if (status == VS_OK) {
        vs__board_judge_begin(&judgement, &header);
    }
    for (uint64_t at = 0; at < job->total && status == VS_OK; at += n) {
        n = job->total - at < JUDGED_AT_ONCE ? (size_t)(job->total - at) : JUDGED_AT_ONCE;
        status = at == 0 ? VS_OK : vs_store_read(board->store, job->content, at, buf, n, &job->error);
        if (status == VS_OK) {
            vs__board_judge_bytes(&judgement, buf, n);
        }
    }
    if (status == VS_OK) {
        vs__board_judge_id(&judgement, id);
        if (!VS_GUARD(board_upload_id, memcmp(id, job->id, sizeof id) == 0)) {
            return vs_fail(&job->error, VS_ERR_FORMAT, "the message does not have the id that it was sent under");
        }
        status = vs__board_judge_end(&judgement, board->setup.plan, &job->error);
    }
    *authentic = status == VS_OK;
    return status;
}

static unsigned judge_upload(vs_board *board, vs_board_job *job) {
    bool authentic = false;
    uint8_t *buf = malloc(JUDGED_AT_ONCE);
    vs_status status =
        buf == NULL ? vs_fail_plain(&job->error, VS_ERR_MEMORY) : judge_pieces(board, job, buf, &authentic);
    free(buf);
    job->data = NULL;
    job->len = 0;
    if (!authentic) {
        (void)refuse_or_fail(board, job, VS_NONE, status);
    }
    return authentic ? JOB_ADOPT : JOB_DROP;
}

void *vs__board_judge_jobs(void *context) {
    vs_board *board = context;
    (void)pthread_mutex_lock(&board->mutex);
    while (!board->stop || board->to_judge.first != NULL) {
        vs_board_job *job = board->to_judge.first;
        if (job == NULL) {
            (void)pthread_cond_wait(&board->work, &board->mutex);
            continue;
        }
        board->to_judge.first = job->next;
        (void)pthread_mutex_unlock(&board->mutex);
        job->what = judge_upload(board, job);
        (void)pthread_mutex_lock(&board->mutex);
        vs__queue_push(&board->to_write, job);
        (void)pthread_cond_broadcast(&board->work);
    }
    (void)pthread_mutex_unlock(&board->mutex);
    return NULL;
}
