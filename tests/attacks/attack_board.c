/* What somebody who can reach a board would put on it. Receivers check messages themselves: these take the place of a
 * message that has not come yet, or the disk. */
#include "tests/attacks/attacks.h"

#include <pthread.h>

#include "cli/transport/http_server.h"
#include "tests/cli/boards.h"

static board_world world;
static vs_board *board;

/* A message from A's place: of a kind, for a session, signed by whomever. malloc'd. */
static uint8_t *made(vs_message_kind kind, const uint8_t *sid, size_t signer, size_t *len) {
    static const uint8_t body[6000];
    uint8_t *bytes = NULL;
    vs_message_header header = {.kind = kind, .from = 0, .to = VS_TO_ALL, .sid = sid};
    assert_int_equal(vs_message_write(&bytes, len, &header, body, sizeof body, world.roster.identities[signer], NULL),
                     VS_OK);
    return bytes;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;

static void note(void *context) {
    (void)pthread_mutex_lock(&mutex);
    *(bool *)context = true;
    (void)pthread_cond_signal(&answered);
    (void)pthread_mutex_unlock(&mutex);
}

static vs_status run(bool (*begin)(vs_board *, vs_board_job *), vs_board_job *job) {
    bool done = false;
    job->done = note;
    job->context = &done;
    if (begin(board, job)) {
        (void)pthread_mutex_lock(&mutex);
        while (!done) {
            (void)pthread_cond_wait(&answered, &mutex);
        }
        (void)pthread_mutex_unlock(&mutex);
    }
    return job->status;
}

/* On a board of its own, so that no attack meets what an earlier one left. */
static vs_status put(uint8_t *bytes, size_t len, bool (*begin)(vs_board *, vs_board_job *), bool other_id) {
    char command[128];
    vs_board_job job = {.data = bytes, .len = len, .has_id = true};
    (void)snprintf(command, sizeof command, "rm -rf '%s'/*", world.folder);
    assert_int_equal(system(command), 0);
    board = world_open(&world);
    vs_message_id(job.id, bytes, len);
    job.id[0] ^= other_id;
    vs_status status = run(begin, &job);
    vs_board_close(board);
    free(bytes);
    return status;
}

static vs_status in_another_name(void) {
    size_t len;
    uint8_t *bytes = made(VS_MESSAGE_CONTRIBUTION, world.sid, 1, &len);
    return put(bytes, len, vs_board_put_begin, false);
}

static vs_status of_a_role_it_has_not(void) {
    size_t len;
    uint8_t *bytes = made(VS_MESSAGE_TOTAL, world.sid, 0, &len);
    return put(bytes, len, vs_board_put_begin, false);
}

static vs_status of_another_session(void) {
    static const uint8_t sid[VS_HASH_BYTES] = {1};
    size_t len;
    uint8_t *bytes = made(VS_MESSAGE_CONTRIBUTION, sid, 0, &len);
    return put(bytes, len, vs_board_put_begin, false);
}

static vs_status under_another_id(void) {
    size_t len;
    uint8_t *bytes = made(VS_MESSAGE_CONTRIBUTION, world.sid, 0, &len);
    return put(bytes, len, vs_board_put_begin, true);
}

static vs_status in_pieces_under_another_id(void) {
    size_t len;
    uint8_t *bytes = made(VS_MESSAGE_CONTRIBUTION, world.sid, 0, &len);
    return put(bytes, len, vs_board_piece_begin, true);
}

/* In the clear to all the world: whoever is on the way reads who takes part, and changes what is not signed. */
static vs_status without_tls(void) {
    char command[128];
    vs_http_server *server = NULL;
    const vs_http_options options = {.listen = "0.0.0.0:0"};
    (void)snprintf(command, sizeof command, "rm -rf '%s'/*", world.folder);
    assert_int_equal(system(command), 0);
    board = world_open(&world);
    vs_status status = vs_http_server_start(&server, board, &options, NULL);
    vs_http_server_stop(server, 0);
    vs_board_close(board);
    return status;
}

static const attack attacks[] = {
    {"board_signature", "a message that another party signed", in_another_name},
    {"board_sender_role", "a total by a party that only contributes", of_a_role_it_has_not},
    {"board_session", "a message of another session", of_another_session},
    {"board_id", "a message under an id that is not its own", under_another_id},
    {"board_upload_id", "the same in pieces", in_pieces_under_another_id},
    {"board_plain_http_on_loopback_only", "a board for other machines without TLS", without_tls},
};

int main(void) {
    test_seed();
    world_new(&world);
    int wrong = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    world_free(&world);
    return wrong == 0 ? 0 : 1;
}
