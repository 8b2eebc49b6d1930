#include "cli/board/board.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aggregate/plan/plan_text.h"
#include "cli/board/board_internal.h"

int64_t vs__board_now(void) {
    return (int64_t)time(NULL);
}

int64_t vs__board_monotonic_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- opening ---- */

/* A copy with a zero byte behind; NULL where memory ran out. */
static char *copy(const void *data, size_t len) {
    char *out = malloc(len + 1);
    if (out != NULL) {
        if (len > 0) {
            memcpy(out, data, len);
        }
        out[len] = 0;
    }
    return out;
}

/* The largest message that the plan has use for, and as many as there may be at once. */
static void set_limits(vs_board_setup *setup) {
    uint64_t largest = 0;
    for (unsigned kind = 0; kind < VS_BOARD_MAX_KINDS; kind++) {
        uint64_t limit = vs_message_limit(setup->plan, kind);
        largest = limit > largest ? limit : largest;
    }
    if (setup->max_message_bytes == 0 || setup->max_message_bytes > VS_MAX_STORED_LEN) {
        setup->max_message_bytes = largest < VS_MAX_STORED_LEN ? largest : VS_MAX_STORED_LEN;
    }
    if (setup->max_unfinished_bytes == 0) {
        setup->max_unfinished_bytes = (setup->plan->contributing_count + 8) * setup->max_message_bytes;
    }
    if (setup->max_sender_bytes == 0) {
        setup->max_sender_bytes = 8 * setup->max_message_bytes;
    }
}

static vs_status copy_setup(vs_board *board, const vs_board_setup *setup, vs_error *error) {
    const char *period = setup->period == NULL ? "" : setup->period;
    const char *version = setup->version == NULL ? "" : setup->version;
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "plan");
    board->setup = *setup;
    set_limits(&board->setup);
    board->setup.folder = copy(setup->folder, strlen(setup->folder));
    board->setup.plan_bytes = copy(setup->plan_bytes, setup->plan_len);
    board->setup.signatures = setup->signatures == NULL ? NULL : copy(setup->signatures, setup->signatures_len);
    board->setup.period = copy(period, strlen(period));
    board->setup.version = copy(version, strlen(version));
    vs_status status = vs_plan_show(setup->plan, 3072, 1, &sink, error);
    board->words = status == VS_OK ? copy(memory.data, memory.len) : NULL;
    free(memory.data);
    bool copied = board->setup.folder != NULL && board->setup.plan_bytes != NULL && board->setup.period != NULL &&
                  board->setup.version != NULL && (setup->signatures == NULL || board->setup.signatures != NULL);
    if (status == VS_OK && (!copied || board->words == NULL)) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return status;
}

static void load_message(void *context, const vs_board_message *message) {
    vs_board *board = context;
    (void)vs__board_tally(board, message);
    board->seq = message->seq;
    board->content = message->content > board->content ? message->content : board->content;
}

static void free_job(void *context) {
    free(context);
}

/* An upload that was whole when the board ended is judged now. Where memory is short it waits for the next start. */
static void load_upload(void *context, const vs_store_upload *upload) {
    vs_board *board = context;
    board->content = upload->content > board->content ? upload->content : board->content;
    board->unfinished += upload->len;
    vs_board_job *job = upload->len == upload->total ? calloc(1, sizeof *job) : NULL;
    if (job != NULL) {
        memcpy(job->id, upload->id, VS_HASH_BYTES);
        job->content = upload->content;
        job->total = upload->total;
        job->done = free_job;
        job->context = job;
        vs__board_enqueue(board, job, JOB_JUDGE);
    }
}

static void load_refused(void *context, const vs_store_refused *refused) {
    vs_board *board = context;
    board->refused[refused->number % VS_BOARD_REFUSED_KEPT] = *refused;
    board->refused_number = refused->number;
}

static vs_status start(vs_board *board, vs_error *error) {
    size_t parties = board->setup.plan->party_count;
    board->latest_to = calloc(parties, sizeof *board->latest_to);
    board->sent_bytes = calloc(parties, sizeof *board->sent_bytes);
    if (board->latest_to == NULL || board->sent_bytes == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = vs_store_open(&board->store, board->setup.folder, board->sid, error);
    if (status == VS_OK) {
        status = vs_store_each(board->store, board, load_message, load_upload, load_refused, error);
    }
    if (status != VS_OK) {
        return status;
    }
    board->has_writer = pthread_create(&board->writer, NULL, vs__board_write_jobs, board) == 0;
    board->has_judge = pthread_create(&board->judge, NULL, vs__board_judge_jobs, board) == 0;
    return board->has_writer && board->has_judge ? VS_OK
                                                 : vs_fail(error, VS_ERR_MEMORY, "cannot start a thread for the board");
}

static bool make_conditions(vs_board *board) {
    pthread_condattr_t attributes;
    return pthread_mutex_init(&board->mutex, NULL) == 0 && pthread_condattr_init(&attributes) == 0 &&
           pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(&board->work, &attributes) == 0 && pthread_cond_init(&board->news, &attributes) == 0;
}

vs_status vs_board_open(vs_board **out, const vs_board_setup *setup, vs_error *error) {
    *out = NULL;
    if (setup->plan->party_count == 0) {
        (void)vs_fail(error, VS_ERR_POLICY, "the plan lists no parties, so nobody could be told apart on a board");
        vs_hint(error, "give the plan a roster");
        return VS_ERR_POLICY;
    }
    vs_board *board = calloc(1, sizeof *board);
    if (board == NULL || !make_conditions(board)) {
        free(board);
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = copy_setup(board, setup, error);
    vs_session_id(board->sid, setup->plan->id, board->setup.period == NULL ? "" : board->setup.period, setup->attempt);
    board->started = vs__board_now();
    status = status == VS_OK ? start(board, error) : status;
    if (status != VS_OK) {
        vs_board_close(board);
        return status;
    }
    *out = board;
    return VS_OK;
}

/* Threads end once nothing is pending: a job may go from one to the other and back. */
static void stop_threads(vs_board *board) {
    (void)pthread_mutex_lock(&board->mutex);
    while (board->has_writer && board->has_judge && board->pending > 0) {
        (void)pthread_cond_wait(&board->news, &board->mutex);
    }
    board->stop = true;
    (void)pthread_cond_broadcast(&board->work);
    (void)pthread_mutex_unlock(&board->mutex);
    if (board->has_judge) {
        (void)pthread_join(board->judge, NULL);
    }
    if (board->has_writer) {
        (void)pthread_join(board->writer, NULL);
    }
}

static void free_told(vs_board_told *told) {
    free((void *)told->view.waiting_for);
    free((void *)told->view.lost);
    free((void *)told->view.failed);
    free(told->totals);
    free(told->result);
    free(told->ledger_origin);
}

void vs_board_close(vs_board *board) {
    if (board == NULL) {
        return;
    }
    stop_threads(board);
    vs_store_close(board->store);
    free_told(&board->told);
    free((void *)board->setup.folder);
    free((void *)board->setup.plan_bytes);
    free((void *)board->setup.signatures);
    free((void *)board->setup.period);
    free((void *)board->setup.version);
    free(board->words);
    free(board->latest_to);
    free(board->sent_bytes);
    free(board->arrivals);
    (void)pthread_cond_destroy(&board->news);
    (void)pthread_cond_destroy(&board->work);
    (void)pthread_mutex_destroy(&board->mutex);
    free(board);
}

/* ---- what it is ---- */

const vs_plan *vs_board_plan(const vs_board *board) {
    return board->setup.plan;
}

const uint8_t *vs_board_session(const vs_board *board) {
    return board->sid;
}

uint64_t vs_board_max_message(const vs_board *board) {
    return board->setup.max_message_bytes;
}

const void *vs_board_plan_bytes(const vs_board *board, size_t *len) {
    *len = board->setup.plan_len;
    return board->setup.plan_bytes;
}

const void *vs_board_signatures(const vs_board *board, size_t *len) {
    *len = board->setup.signatures == NULL ? 0 : board->setup.signatures_len;
    return board->setup.signatures;
}

/* ---- getting ---- */

/* Which kinds of messages to all a party has use for, as bits; whoever is no party sees everything. */
static uint64_t kinds_for(const vs_board *board, uint32_t to) {
    uint64_t kinds = 0;
    for (unsigned kind = 0; kind < VS_BOARD_MAX_KINDS - 1; kind++) { /* SQL's numbers have a sign */
        bool wanted =
            to >= board->setup.plan->party_count || vs_message_is_for(kind, board->setup.plan->parties[to].may);
        kinds |= (uint64_t)wanted << kind;
    }
    return kinds;
}

vs_status vs_board_next(vs_board *board, uint64_t after, uint32_t to, vs_board_message *out, size_t max, size_t *count,
                        vs_error *error) {
    return vs_store_next(board->store, after, to, kinds_for(board, to), out, max, count, error);
}

vs_status vs_board_find(vs_board *board, const uint8_t id[VS_HASH_BYTES], vs_board_message *out, bool *found,
                        vs_error *error) {
    return vs_store_find(board->store, id, out, found, error);
}

vs_status vs_board_upload_offset(vs_board *board, const uint8_t id[VS_HASH_BYTES], uint64_t *offset, bool *known,
                                 vs_error *error) {
    vs_board_message message;
    vs_store_upload upload;
    bool found;
    *offset = 0;
    vs_status status = vs_store_find(board->store, id, &message, known, error);
    if (status == VS_OK && *known) {
        *offset = message.len;
    } else if (status == VS_OK) {
        status = vs_store_find_upload(board->store, id, &upload, &found, error);
        *offset = status == VS_OK && found ? upload.len : 0;
    }
    return status;
}

vs_status vs_board_read(vs_board *board, const vs_board_message *message, uint64_t offset, void *buf, size_t len,
                        vs_error *error) {
    VS_CHECK(offset <= message->len && len <= message->len - offset);
    return vs_store_read(board->store, message->content, offset, buf, len, error);
}

vs_status vs_board_read_all(vs_board *board, const vs_board_message *message, uint8_t **data, vs_error *error) {
    *data = message->len <= board->setup.max_message_bytes ? malloc(message->len) : NULL;
    if (*data == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = vs_board_read(board, message, 0, *data, message->len, error);
    if (status != VS_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

static bool has(const vs_board *board, uint64_t after, uint32_t to) {
    uint64_t latest = to == VS_BOARD_ANY ? board->latest : 0, kinds = kinds_for(board, to);
    for (unsigned kind = 0; kind < VS_BOARD_MAX_KINDS; kind++) {
        uint64_t of_kind = kinds >> kind & 1 ? board->latest_to_all[kind] : 0;
        latest = of_kind > latest ? of_kind : latest;
    }
    if (to < board->setup.plan->party_count && board->latest_to[to] > latest) {
        latest = board->latest_to[to];
    }
    return latest > after;
}

bool vs_board_has(vs_board *board, uint64_t after, uint32_t to) {
    (void)pthread_mutex_lock(&board->mutex);
    bool there = has(board, after, to);
    (void)pthread_mutex_unlock(&board->mutex);
    return there;
}

bool vs_board_wait(vs_board *board, uint64_t after, uint32_t to, unsigned wait_ms) {
    int64_t until = vs__board_monotonic_ms() + wait_ms;
    struct timespec at = {.tv_sec = until / 1000, .tv_nsec = (until % 1000) * 1000000};
    (void)pthread_mutex_lock(&board->mutex);
    bool there = has(board, after, to);
    int over = 0;
    while (!there && over == 0) {
        over = pthread_cond_timedwait(&board->news, &board->mutex, &at);
        there = has(board, after, to);
    }
    (void)pthread_mutex_unlock(&board->mutex);
    return there;
}

void vs_board_listen(vs_board *board, void (*heard)(void *context), void *context) {
    (void)pthread_mutex_lock(&board->mutex);
    while (board->hearing) {
        (void)pthread_cond_wait(&board->news, &board->mutex);
    }
    board->heard = heard;
    board->heard_context = context;
    (void)pthread_mutex_unlock(&board->mutex);
}
