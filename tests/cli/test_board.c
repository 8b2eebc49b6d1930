/* The board: what is acknowledged stays, once; what is refused is listed; pieces make the message that they are. */
#include "tests/cli/boards.h"

#include <jansson.h>
#include <pthread.h>

static board_world world;
static vs_board *board;

static int set_up(void **state) {
    (void)state;
    world_new(&world);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_free(&world);
    return 0;
}

/* Each test has a board of its own. */
static int open_new(void **state) {
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'/*", world.folder);
    assert_int_equal(system(command), 0);
    board = world_open(&world);
    return 0;
}

static int close_it(void **state) {
    (void)state;
    vs_board_close(board);
    board = NULL;
    return 0;
}

static void reopen(void) {
    vs_board_close(board);
    board = world_open(&world);
}

static vs_board_outcome put_status(const uint8_t *bytes, size_t len, vs_status expected) {
    vs_board_outcome outcome;
    vs_error error = {0};
    assert_int_equal(vs_board_put(board, bytes, len, &outcome, &error), expected);
    assert_true((expected == VS_OK) == (error.message[0] == 0));
    return outcome;
}

static vs_board_outcome put_new(vs_message_kind kind, uint32_t from, uint32_t to, size_t body_len, unsigned fill,
                                vs_status expected) {
    size_t len;
    uint8_t *bytes = world_message(&world, kind, from, to, body_len, fill, &len);
    vs_board_outcome outcome = put_status(bytes, len, expected);
    free(bytes);
    return outcome;
}

static size_t count_to(uint64_t after, uint32_t to) {
    vs_board_message messages[64];
    size_t count;
    assert_int_equal(vs_board_next(board, after, to, messages, 64, &count, NULL), VS_OK);
    for (size_t i = 1; i < count; i++) {
        assert_true(messages[i].seq > messages[i - 1].seq);
    }
    return count;
}

static json_t *status_of(void) {
    char *text = NULL;
    size_t len;
    assert_int_equal(vs_board_status(board, &text, &len, NULL), VS_OK);
    json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    free(text);
    return document;
}

/* How many refusals are listed whose reason has this in it. */
static size_t refused_with(const char *words) {
    json_t *document = status_of(), *entry;
    size_t i, count = 0;
    json_array_foreach(json_object_get(document, "refused"), i, entry) {
        count += strstr(json_string_value(json_object_get(entry, "reason")), words) != NULL;
    }
    json_decref(document);
    return count;
}

/* ---- whole messages ---- */

static void what_is_put_is_there_once_and_stays(void **state) {
    (void)state;
    static const size_t lens[] = {0, 1, 65535, 1u << 20, (1u << 20) + 300000};
    for (size_t i = 0; i < 4; i++) {
        size_t len;
        uint8_t *bytes = world_message(&world, VS_MESSAGE_CONTRIBUTION, (uint32_t)i, VS_TO_ALL, lens[i], 3, &len);
        assert_int_equal(put_status(bytes, len, VS_OK), VS_BOARD_NEW);
        assert_int_equal(put_status(bytes, len, VS_OK), VS_BOARD_KNOWN);
        for (unsigned again = 0; again < 2; again++) {
            vs_board_message message;
            uint8_t id[VS_HASH_BYTES], *back = NULL;
            bool found;
            vs_message_id(id, bytes, len);
            assert_int_equal(vs_board_find(board, id, &message, &found, NULL), VS_OK);
            assert_true(found && message.len == len && message.seq == i + 1 && message.from == i);
            assert_int_equal(vs_board_read_all(board, &message, &back, NULL), VS_OK);
            assert_memory_equal(back, bytes, len);
            free(back);
            reopen();
        }
        assert_int_equal(put_status(bytes, len, VS_OK), VS_BOARD_KNOWN);
        free(bytes);
    }
    assert_int_equal(count_to(0, VS_BOARD_ANY), 4);
}

static void any_part_of_a_message_is_read(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = world_message(&world, VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 700000, 1, &len), part[5000];
    assert_int_equal(put_status(bytes, len, VS_OK), VS_BOARD_NEW);
    vs_board_message message;
    size_t count;
    assert_int_equal(vs_board_next(board, 0, VS_BOARD_ANY, &message, 1, &count, NULL), VS_OK);
    for (unsigned i = 0; i < 500; i++) {
        size_t at = (size_t)test_below(len), n = (size_t)test_below(sizeof part);
        n = n < len - at ? n : len - at;
        assert_int_equal(vs_board_read(board, &message, at, part, n, NULL), VS_OK);
        assert_memory_equal(part, bytes + at, n);
    }
    free(bytes);
}

static void a_second_message_of_a_kind_is_a_conflict(void **state) {
    (void)state;
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 100, 1, VS_OK), VS_BOARD_NEW);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 100, 2, VS_ERR_POLICY), VS_BOARD_CONFLICT);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, 4, 100, 2, VS_OK), VS_BOARD_NEW);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 1, VS_TO_ALL, 100, 2, VS_OK), VS_BOARD_NEW);
    assert_int_equal(refused_with("another message 'contribution' by A"), 1);
    reopen();
    assert_int_equal(refused_with("another message 'contribution' by A"), 1);
    assert_int_equal(count_to(0, VS_BOARD_ANY), 3);
}

/* Every byte of a message matters: with any one changed it is refused. */
static void an_altered_message_is_refused(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = world_message(&world, VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 100, 1, &len);
    for (size_t i = 0; i < len; i++) {
        vs_board_outcome outcome;
        bytes[i] ^= 1;
        assert_int_not_equal(vs_board_put(board, bytes, len, &outcome, NULL), VS_OK);
        assert_int_equal(outcome, VS_BOARD_REFUSED);
        bytes[i] ^= 1;
    }
    assert_int_equal(put_status(bytes, len - 1, VS_ERR_FORMAT), VS_BOARD_REFUSED);
    assert_int_equal(put_status(bytes, 20, VS_ERR_FORMAT), VS_BOARD_REFUSED);
    assert_int_equal(put_status(bytes, 0, VS_ERR_FORMAT), VS_BOARD_REFUSED);
    assert_int_equal(count_to(0, VS_BOARD_ANY), 0);
    assert_int_equal(put_status(bytes, len, VS_OK), VS_BOARD_NEW);
    free(bytes);
}

static void who_may_not_send_is_refused(void **state) {
    (void)state;
    assert_int_equal(put_new(VS_MESSAGE_TOTAL, 0, VS_TO_ALL, 9, 0, VS_ERR_POLICY), VS_BOARD_REFUSED);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, BOARD_SERVER, VS_TO_ALL, 9, 0, VS_ERR_POLICY), VS_BOARD_REFUSED);
    assert_int_equal(put_new(VS_MESSAGE_MASKED, 0, VS_TO_ALL, 9, 0, VS_ERR_POLICY), VS_BOARD_REFUSED);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, 6, 9, 0, VS_ERR_POLICY), VS_BOARD_REFUSED);
    assert_int_equal(put_new(VS_MESSAGE_RECEIPT, BOARD_SERVER, VS_TO_ALL, 1u << 20, 0, VS_ERR_LIMIT), VS_BOARD_REFUSED);
    assert_int_equal(put_new(VS_MESSAGE_RECEIPT, BOARD_SERVER, VS_TO_ALL, 1u << 10, 0, VS_OK), VS_BOARD_NEW);
    uint8_t sid = world.sid[0]++;
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 9, 0, VS_ERR_MISMATCH), VS_BOARD_REFUSED);
    world.sid[0] = sid;
}

static void one_party_cannot_fill_the_board(void **state) {
    (void)state;
    vs_board_close(board);
    vs_board_setup setup = world_setup(&world);
    setup.max_sender_bytes = 5000;
    setup.max_message_bytes = 4000;
    assert_int_equal(vs_board_open(&board, &setup, NULL), VS_OK);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, 5, 4001, 0, VS_ERR_LIMIT), VS_BOARD_REFUSED);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, 1, 3000, 0, VS_OK), VS_BOARD_NEW);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, 2, 3000, 0, VS_ERR_LIMIT), VS_BOARD_REFUSED);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 1, 2, 3000, 0, VS_OK), VS_BOARD_NEW);
    assert_int_equal(refused_with("A has sent more"), 1);
}

static void messages_go_to_those_they_are_for(void **state) {
    (void)state;
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, 4, 10, 0, VS_OK), VS_BOARD_NEW);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 1, VS_TO_ALL, 10, 0, VS_OK), VS_BOARD_NEW);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 2, 5, 10, 0, VS_OK), VS_BOARD_NEW);
    assert_int_equal(count_to(0, 4), 2);
    assert_int_equal(count_to(1, 4), 1);
    assert_int_equal(count_to(0, 5), 2);
    assert_int_equal(count_to(0, 0), 0); /* an owner has no use for another's contribution */
    assert_false(vs_board_has(board, 0, 0));
    assert_int_equal(count_to(3, VS_BOARD_ANY), 0);
    assert_true(vs_board_has(board, 2, 5) && !vs_board_has(board, 3, 5) && !vs_board_has(board, 2, 4));
    assert_true(vs_board_wait(board, 2, VS_BOARD_ANY, 0));
    assert_false(vs_board_wait(board, 3, VS_BOARD_ANY, 20));
    assert_int_equal(put_new(VS_MESSAGE_RECEIPT, BOARD_SERVER, VS_TO_ALL, 10, 0, VS_OK), VS_BOARD_NEW);
    assert_true(vs_board_has(board, 0, 0));
    assert_int_equal(count_to(0, 0), 1);
}

static void *put_later(void *unused) {
    (void)unused;
    (void)usleep(50000);
    (void)put_new(VS_MESSAGE_CONTRIBUTION, 0, 4, 10, 0, VS_OK);
    return NULL;
}

static void who_waits_is_woken(void **state) {
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, put_later, NULL), 0);
    assert_true(vs_board_wait(board, 0, 4, 20000));
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* ---- pieces ---- */

typedef struct answer {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    bool done;
} answer;

static void set_done(void *context) {
    answer *a = context;
    (void)pthread_mutex_lock(&a->mutex);
    a->done = true;
    (void)pthread_cond_signal(&a->condition);
    (void)pthread_mutex_unlock(&a->mutex);
}

static vs_board_outcome piece(vs_board_job *job) {
    answer a = {.mutex = PTHREAD_MUTEX_INITIALIZER, .condition = PTHREAD_COND_INITIALIZER};
    job->done = set_done;
    job->context = &a;
    if (vs_board_piece_begin(board, job)) {
        (void)pthread_mutex_lock(&a.mutex);
        while (!a.done) {
            (void)pthread_cond_wait(&a.condition, &a.mutex);
        }
        (void)pthread_mutex_unlock(&a.mutex);
    }
    return job->outcome;
}

static vs_board_job piece_of(const uint8_t *bytes, size_t len, uint64_t from, uint64_t to) {
    vs_board_job job = {.data = bytes + from, .len = to - from, .offset = from};
    vs_message_id(job.id, bytes, len);
    return job;
}

static void assert_is_message(const uint8_t *bytes, size_t len) {
    vs_board_message message;
    uint8_t id[VS_HASH_BYTES], *back = NULL;
    bool found;
    vs_message_id(id, bytes, len);
    assert_int_equal(vs_board_find(board, id, &message, &found, NULL), VS_OK);
    assert_true(found);
    assert_int_equal(vs_board_read_all(board, &message, &back, NULL), VS_OK);
    assert_memory_equal(back, bytes, len);
    free(back);
}

static void pieces_make_the_message(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = world_message(&world, VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 500000, 1, &len);
    uint64_t at = 0, offset = 0;
    bool known;
    while (at < len) {
        uint64_t n = VS_BOARD_MIN_PIECE + test_below(60000);
        n = n < len - at ? n : len - at;
        vs_board_job job = piece_of(bytes, len, at, at + n);
        vs_board_job wrong = piece_of(bytes, len, at + 1, len);
        assert_int_equal(piece(&wrong), VS_BOARD_CONFLICT);
        assert_int_equal(wrong.offset, at);
        assert_int_equal(piece(&job), at + n == len ? VS_BOARD_NEW : VS_BOARD_STORED);
        at += n;
        reopen();
        assert_int_equal(vs_board_upload_offset(board, job.id, &offset, &known, NULL), VS_OK);
        assert_int_equal(offset, at);
        assert_true(known == (at == len));
    }
    assert_is_message(bytes, len);
    vs_board_job job = piece_of(bytes, len, 0, len);
    assert_int_equal(piece(&job), VS_BOARD_KNOWN);
    free(bytes);
}

static void a_whole_upload_is_judged_like_a_message(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = world_message(&world, VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 300000, 1, &len);
    bytes[200000] ^= 1; /* has the id of its bytes, and no signature over them */
    vs_board_job job = piece_of(bytes, len, 0, len);
    assert_int_equal(piece(&job), VS_BOARD_REFUSED);
    assert_int_equal(job.status, VS_ERR_AUTH);
    assert_int_equal(refused_with("the signature of 'contribution'"), 1);
    bytes[200000] ^= 1;
    job = piece_of(bytes, len, 0, len);
    job.id[0] ^= 1; /* a good message under another's id */
    assert_int_equal(piece(&job), VS_BOARD_REFUSED);
    assert_int_equal(job.status, VS_ERR_FORMAT);
    uint64_t offset;
    bool known;
    assert_int_equal(vs_board_upload_offset(board, job.id, &offset, &known, NULL), VS_OK);
    assert_true(offset == 0 && !known);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 300000, 2, VS_OK), VS_BOARD_NEW);
    job = piece_of(bytes, len, 0, len);
    assert_int_equal(piece(&job), VS_BOARD_CONFLICT);
    assert_int_equal(job.status, VS_ERR_POLICY);
    assert_int_equal(count_to(0, VS_BOARD_ANY), 1);
    free(bytes);
}

static void pieces_that_do_not_fit_are_refused(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = world_message(&world, VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 100000, 1, &len);
    uint8_t *more = calloc(1, len + 1);
    memcpy(more, bytes, len);
    vs_board_job job = piece_of(bytes, len, 0, VS_BOARD_MIN_PIECE - 1);
    assert_int_equal(piece(&job), VS_BOARD_REFUSED);
    job = piece_of(bytes, len, 0, 10);
    assert_int_equal(piece(&job), VS_BOARD_REFUSED);
    job = piece_of(more, len + 1, 0, len + 1);
    assert_int_equal(piece(&job), VS_BOARD_REFUSED);
    job = piece_of(bytes, len, 50000, len);
    assert_int_equal(piece(&job), VS_BOARD_CONFLICT);
    assert_int_equal(job.offset, 0);
    job = piece_of(bytes, len, 0, 50000);
    assert_int_equal(piece(&job), VS_BOARD_STORED);
    uint64_t content = job.content;
    job = piece_of(bytes, len, 0, 50000);
    assert_int_equal(piece(&job), VS_BOARD_CONFLICT);
    assert_int_equal(job.offset, 50000);
    job = piece_of(bytes, len, 0, 40000);
    job.restart = true;
    assert_int_equal(piece(&job), VS_BOARD_STORED);
    job = piece_of(bytes, len, 50000, len);
    job.content = content; /* whom the restart overtook */
    assert_int_equal(piece(&job), VS_BOARD_CONFLICT);
    job = piece_of(bytes, len, 40000, len);
    assert_int_equal(piece(&job), VS_BOARD_NEW);
    assert_is_message(bytes, len);
    free(more);
    free(bytes);
}

static void unfinished_uploads_are_bounded(void **state) {
    (void)state;
    vs_board_close(board);
    vs_board_setup setup = world_setup(&world);
    setup.max_unfinished_bytes = 100000;
    assert_int_equal(vs_board_open(&board, &setup, NULL), VS_OK);
    for (uint32_t from = 0; from < 3; from++) {
        size_t len;
        uint8_t *bytes = world_message(&world, VS_MESSAGE_CONTRIBUTION, from, VS_TO_ALL, 100000, 1, &len);
        vs_board_job job = piece_of(bytes, len, 0, 45000);
        assert_int_equal(piece(&job), from < 2 ? VS_BOARD_STORED : VS_BOARD_REFUSED);
        assert_int_equal(job.status, from < 2 ? VS_OK : VS_ERR_NOT_READY);
        free(bytes);
        reopen();
        vs_board_close(board);
        assert_int_equal(vs_board_open(&board, &setup, NULL), VS_OK);
    }
}

/* ---- many ---- */

#define MANY 400u
static uint8_t *many[MANY];
static size_t many_len[MANY];

static void *put_many(void *context) {
    unsigned first = *(unsigned *)context;
    for (unsigned i = first; i < MANY && many[i] != NULL; i += 16) {
        vs_board_outcome outcome;
        VS_CHECK(vs_board_put(board, many[i], many_len[i], &outcome, NULL) == VS_OK && outcome == VS_BOARD_NEW);
        VS_CHECK(vs_board_put(board, many[i], many_len[i], &outcome, NULL) == VS_OK && outcome == VS_BOARD_KNOWN);
    }
    return NULL;
}

static unsigned long commits(void) {
    char *text;
    size_t len;
    assert_int_equal(vs_board_metrics(board, &text, &len, NULL), VS_OK);
    const char *at = strstr(text, "\nveilsum_commits_total ");
    assert_non_null(at);
    unsigned long n = strtoul(at + 23, NULL, 10);
    free(text);
    return n;
}

/* Sixteen at a time: they share transactions. */
static void many_at_once_share_transactions(void **state) {
    (void)state;
    static const vs_message_kind kinds[] = {VS_MESSAGE_CONTRIBUTION, VS_MESSAGE_TOTAL, VS_MESSAGE_RECEIPT};
    unsigned made = 0;
    pthread_t threads[16];
    unsigned firsts[16];
    for (uint32_t from = 0; from < 5; from++) {
        for (uint32_t to = 0; to < 6; to++) {
            for (unsigned k = from < 4 ? 0 : 1; k < (from < 4 ? 1u : 3u); k++) {
                many[made] = world_message(&world, kinds[k], from, to, 200, to, &many_len[made]);
                made++;
            }
        }
    }
    for (unsigned i = made; i < MANY; i++) {
        many[i] = NULL;
    }
    unsigned long before = commits();
    for (unsigned t = 0; t < 16; t++) {
        firsts[t] = t;
    }
    for (unsigned t = 0; t < 16; t++) {
        assert_int_equal(pthread_create(&threads[t], NULL, put_many, &firsts[t]), 0);
    }
    for (unsigned t = 0; t < 16; t++) {
        assert_int_equal(pthread_join(threads[t], NULL), 0);
    }
    assert_true(commits() - before < made);
    assert_int_equal(count_to(0, VS_BOARD_ANY), made);
    reopen();
    assert_int_equal(count_to(0, VS_BOARD_ANY), made);
    for (unsigned i = 0; i < made; i++) {
        free(many[i]);
    }
}

/* ---- the status ---- */

static const char *text_at(json_t *document, const char *key) {
    return json_string_value(json_object_get(document, key));
}

static json_t *party_at(json_t *document, size_t party) {
    return json_array_get(json_object_get(document, "parties"), party);
}

static void the_status_says_who_is_where(void **state) {
    (void)state;
    static const char *const steps[] = {"contribute", "combine", "open"};
    static const size_t waiting[] = {1, 3}, lost[] = {3};
    static const uint8_t digest[VS_HASH_BYTES] = {1};
    vs_board_view view = {.steps = steps,
                          .step_count = 3,
                          .since = 1000,
                          .until = 2000,
                          .waiting_for = waiting,
                          .waiting_count = 2,
                          .lost = lost,
                          .lost_count = 1};
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 100, 1, VS_OK), VS_BOARD_NEW);
    assert_int_equal(put_new(VS_MESSAGE_CONTRIBUTION, 0, VS_TO_ALL, 100, 2, VS_ERR_POLICY), VS_BOARD_CONFLICT);
    assert_int_equal(vs_board_note_view(board, &view), VS_OK);
    assert_int_equal(vs_board_note_total(board, 1500, 4, digest), VS_OK);
    assert_int_equal(vs_board_note_total(board, 1600, 4, digest), VS_OK);
    assert_int_equal(vs_board_note_result(board, "{\"veilsum_result\": 1}", 21), VS_OK);
    assert_int_equal(vs_board_note_ledger(board, "veilsum ledger X", 7, digest, 1700), VS_OK);
    vs_board_note_refused(board, 1, VS_MESSAGE_CONTRIBUTION, "not what was agreed");
    json_t *document = status_of(), *step = json_object_get(document, "step");
    assert_string_equal(text_at(step, "name"), "contribute");
    assert_string_equal(text_at(step, "until"), "1970-01-01T00:33:20Z");
    assert_int_equal(json_array_size(json_object_get(step, "waiting_for")), 2);
    static const char *const states[] = {"here", "refused", "waiting", "lost"};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(text_at(party_at(document, i), "state"), states[i]);
    }
    json_t *taken = json_array_get(json_object_get(party_at(document, 0), "steps"), 0);
    assert_int_equal(json_integer_value(json_object_get(taken, "bytes")), 100 + VS_MESSAGE_OVERHEAD);
    assert_int_equal(json_array_size(json_object_get(document, "totals")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(document, "result"), "veilsum_result")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(document, "ledger"), "size")), 7);
    assert_string_equal(text_at(json_object_get(document, "plan"), "opening"), "key");
    json_decref(document);
    assert_int_equal(refused_with("not what was agreed"), 1);
    view.done = true;
    view.step = 3;
    view.failed = "too few";
    view.waiting_count = view.lost_count = 0;
    assert_int_equal(vs_board_note_view(board, &view), VS_OK);
    document = status_of();
    assert_string_equal(text_at(document, "failed"), "too few");
    assert_string_equal(text_at(party_at(document, 0), "state"), "done");
    assert_true(json_is_null(json_object_get(json_object_get(document, "step"), "name")));
    json_decref(document);
}

/* Reasons are other people's words: quotes, ends of lines and what is no text must not break the document. */
static void any_reason_makes_a_status(void **state) {
    (void)state;
    vs_board_note_refused(board, VS_NONE, 0, "a \"quoted\" reason\nwith lines\x01");
    vs_board_note_refused(board, VS_NONE, 0, "no \xff\xfe text");
    char words[2000];
    memset(words, 'a', sizeof words - 1);
    words[sizeof words - 1] = 0;
    vs_board_note_refused(board, VS_NONE, 0, words);
    for (unsigned i = 0; i < 300; i++) {
        char reason[32];
        (void)snprintf(reason, sizeof reason, "reason %u", i);
        vs_board_note_refused(board, 0, VS_MESSAGE_CONTRIBUTION, reason);
        vs_board_note_refused(board, 0, VS_MESSAGE_CONTRIBUTION, reason);
    }
    json_t *document = status_of();
    assert_int_equal(json_array_size(json_object_get(document, "refused")), VS_BOARD_REFUSED_KEPT);
    json_decref(document);
    assert_int_equal(refused_with("reason 299"), 1);
    reopen();
    assert_int_equal(refused_with("reason 299"), 1);
}

/* ---- folders ---- */

static void a_folder_is_one_boards_alone(void **state) {
    (void)state;
    vs_board_setup setup = world_setup(&world);
    vs_board *other = NULL;
    vs_error error = {0};
    assert_int_equal(vs_board_open(&other, &setup, &error), VS_ERR_EXISTS);
    assert_null(other);
    vs_board_close(board);
    setup.period = "2026-12";
    assert_int_equal(vs_board_open(&other, &setup, &error), VS_ERR_MISMATCH);
    setup.period = "2026-11";
    setup.attempt = 1;
    assert_int_equal(vs_board_open(&other, &setup, &error), VS_ERR_MISMATCH);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/board.sqlite", world.folder);
    FILE *file = fopen(path, "w");
    assert_true(file != NULL && fputs("this is not a database, but long enough for a header of one", file) > 0);
    assert_int_equal(fclose(file), 0);
    setup.attempt = 0;
    assert_int_equal(vs_board_open(&other, &setup, &error), VS_ERR_FORMAT);
    (void)snprintf(path, sizeof path, "rm -f '%s'/*", world.folder);
    assert_int_equal(system(path), 0);
    board = world_open(&world);
}

static void a_plan_without_a_roster_has_no_board(void **state) {
    (void)state;
    static const char text[] = "{\"veilsum\": 1, \"vector\": {\"length\": 1, \"scale\": 0, \"min\": 0, \"max\": 9}, "
                               "\"contributors\": {\"min\": 2, \"max\": 9}, \"opening\": {\"key\": "
                               "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}}";
    vs_plan *plan = NULL;
    vs_board *other = NULL;
    vs_board_setup setup = world_setup(&world);
    assert_int_equal(vs_plan_parse(&plan, text, strlen(text), NULL), VS_OK);
    setup.plan = plan;
    assert_int_equal(vs_board_open(&other, &setup, NULL), VS_ERR_POLICY);
    vs_plan_free(plan);
}

int main(void) {
    test_seed();
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_new, close_it)
    const struct CMUnitTest tests[] = {
        TEST(what_is_put_is_there_once_and_stays),
        TEST(any_part_of_a_message_is_read),
        TEST(a_second_message_of_a_kind_is_a_conflict),
        TEST(an_altered_message_is_refused),
        TEST(who_may_not_send_is_refused),
        TEST(one_party_cannot_fill_the_board),
        TEST(messages_go_to_those_they_are_for),
        TEST(who_waits_is_woken),
        TEST(pieces_make_the_message),
        TEST(a_whole_upload_is_judged_like_a_message),
        TEST(pieces_that_do_not_fit_are_refused),
        TEST(unfinished_uploads_are_bounded),
        TEST(many_at_once_share_transactions),
        TEST(the_status_says_who_is_where),
        TEST(any_reason_makes_a_status),
        TEST(a_folder_is_one_boards_alone),
        TEST(a_plan_without_a_roster_has_no_board),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
