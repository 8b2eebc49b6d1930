/* Messages to the board: a short one in one request, a long one in pieces that go on where the board says it stands. */
#include <stdio.h>

#include "aggregate/protocol/message.h"
#include "cli/transport/http_internal.h"

#define WHOLE_BYTES ((size_t)1 << 20) /* what goes in one request */
#define PIECE_BYTES ((size_t)4 << 20)
#define ANSWER_BYTES (64u << 10)
#define CHECK_S 60u /* the board verifies and writes before it answers */
#define MAX_DETOURS 16u

/* An upload in pieces. */
typedef struct upload {
    vs_http *client;
    char path[32 + VS_MESSAGE_ID_HEX];
    const uint8_t *message;
    size_t len;
    uint64_t offset; /* how much the board has; VS_HTTP_NO_OFFSET: it has to be asked */
    uint64_t farthest;
    unsigned detours; /* answers that brought us no farther */
    bool done;
} upload;

static vs_status send_whole(vs_http *client, const char *id, const uint8_t *message, size_t len, vs_error *error) {
    char path[32 + VS_MESSAGE_ID_HEX];
    (void)snprintf(path, sizeof path, "/v1/messages/%s", id);
    const vs_request request = {
        .method = "PUT", .path = path, .up = message, .up_len = len, .max = ANSWER_BYTES, .quiet_s = CHECK_S};
    return vs__http_call(client, &request, error);
}

/* ---- in pieces ---- */

static vs_status fail_upload(const upload *u, const char *why, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "%s: the board %s", vs_http_name(u->client), why);
    vs_hint(error, "it does not behave like a veilsum board");
    return VS_ERR_FORMAT;
}

/* The board says where it stands. It may have lost what came last, but not again and again. */
static vs_status stand_at(upload *u, uint64_t offset, vs_error *error) {
    if (offset > u->len) {
        return fail_upload(u, "says that it has more of a message than there is", error);
    }
    if (offset <= u->farthest && ++u->detours > MAX_DETOURS) {
        return fail_upload(u, "loses what it is sent", error);
    }
    if (offset > u->farthest) {
        u->farthest = offset;
        vs__http_is_back(u->client); /* whatever broke, it goes on */
    }
    u->offset = offset;
    return VS_OK;
}

static vs_status ask(upload *u, bool *again, vs_error *error) {
    const vs_request request = {.method = "HEAD", .path = u->path, .max = ANSWER_BYTES, .total_s = CHECK_S};
    vs_status status = vs__http_call_once(u->client, &request, again, error);
    const vs_exchange *answer = &u->client->call;
    if (!*again && answer->code == 404) {
        return stand_at(u, 0, error); /* it has nothing */
    }
    if (status != VS_OK) {
        return status;
    }
    if (answer->upload_offset == VS_HTTP_NO_OFFSET) {
        return fail_upload(u, "does not say how much of a message it has", error);
    }
    return stand_at(u, answer->upload_offset, error);
}

static vs_status send_piece(upload *u, bool *again, vs_error *error) {
    uint64_t rest = u->len - u->offset, from = u->offset;
    size_t len = rest < PIECE_BYTES ? (size_t)rest : PIECE_BYTES;
    const vs_request request = {.method = "PATCH",
                                .path = u->path,
                                .up = u->message + from,
                                .up_len = len,
                                .up_offset = from,
                                .max = ANSWER_BYTES,
                                .quiet_s = CHECK_S};
    vs_status status = vs__http_call_once(u->client, &request, again, error);
    const vs_exchange *answer = &u->client->call;
    if (*again) {
        u->offset = VS_HTTP_NO_OFFSET; /* part of it may have arrived */
        return status;
    }
    if (answer->code == 409 && answer->upload_offset != VS_HTTP_NO_OFFSET) {
        return stand_at(u, answer->upload_offset, error);
    }
    if (status != VS_OK) {
        return status;
    }
    u->done = len == rest;
    return u->done ? VS_OK : stand_at(u, from + len, error);
}

static vs_status send_pieces(upload *u, vs_error *error) {
    vs_error own;
    error = error != NULL ? error : &own;
    vs_status status = VS_OK;
    while (status == VS_OK && !u->done) {
        bool again = false;
        unsigned pause_ms = 0;
        status = u->offset == VS_HTTP_NO_OFFSET ? ask(u, &again, error) : send_piece(u, &again, error);
        if (again && vs__http_pause(u->client, &u->client->call, &pause_ms, error)) {
            status = vs__http_sleep(u->client, pause_ms, error);
        }
    }
    return status;
}

vs_status vs__http_send(void *context, const uint8_t *message, size_t len, vs_error *error) {
    vs_http *client = context;
    uint8_t id[VS_HASH_BYTES];
    char hex[VS_MESSAGE_ID_HEX + 1];
    if (len > client->max_message) {
        (void)vs_fail(error, VS_ERR_LIMIT, "%s: a message of %zu bytes is longer than the board takes",
                      vs_http_name(client), len);
        vs_hint(error, "who runs the board sets the limit");
        return VS_ERR_LIMIT;
    }
    vs_message_id(id, message, len);
    vs_to_hex(hex, id, VS_HASH_BYTES);
    if (len <= WHOLE_BYTES) {
        return send_whole(client, hex, message, len, error);
    }
    upload u = {.client = client, .message = message, .len = len, .offset = VS_HTTP_NO_OFFSET};
    (void)snprintf(u.path, sizeof u.path, "/v1/uploads/%s", hex);
    return send_pieces(&u, error);
}
