/* Bodies on their way to the board: a short one as a whole message, a long one in pieces, each of which the board has
 * made durable before the next one is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/transport/server_internal.h"
#include "cli/transport/server_parse.h"

/* ---- the answer ---- */

static enum MHD_Result reply_offset(vs_http_request *request, unsigned code, uint64_t offset, const vs_error *error) {
    char text[32], *json = NULL;
    size_t len = 0;
    struct MHD_Response *response = NULL;
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)offset);
    if (error != NULL && asprintf(&json, "{\"error\":\"%s\",\"hint\":\"%s\"}", error->message, error->hint) >= 0) {
        len = strlen(json); /* the messages of this case are constants without quotes */
        response = MHD_create_response_from_buffer(len, json, MHD_RESPMEM_MUST_FREE);
    } else if (error == NULL) {
        response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    }
    if (response != NULL) {
        (void)MHD_add_response_header(response, "Upload-Offset", text);
        if (error != NULL) {
            (void)MHD_add_response_header(response, "Content-Type", "application/json");
        }
    }
    return vs__reply(request, code, response);
}

static enum MHD_Result reply_stored(vs_http_request *request, unsigned code) {
    char text[8 + 2 * VS_HASH_BYTES + 1 + 16], hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, request->id, VS_HASH_BYTES);
    int len = snprintf(text, sizeof text, "{\"id\":\"%s\"}", hex);
    return vs__reply_text(request, code, "application/json", text, (size_t)len, false);
}

static enum MHD_Result reply_outcome(vs_http_request *request) {
    const vs_board_job *job = &request->job;
    switch (job->outcome) {
    case VS_BOARD_NEW:
        return reply_stored(request, MHD_HTTP_CREATED);
    case VS_BOARD_KNOWN:
        return reply_stored(request, MHD_HTTP_OK);
    case VS_BOARD_STORED:
        if (request->what == VS_TAKES_PIECE) {
            return reply_offset(request, MHD_HTTP_NO_CONTENT, job->offset, NULL);
        }
        return vs__reply_words(request, MHD_HTTP_BAD_REQUEST, "the message is not as long as its header says",
                               "send it again as a whole");
    case VS_BOARD_CONFLICT:
        return job->status == VS_ERR_NOT_READY ? reply_offset(request, MHD_HTTP_CONFLICT, job->offset, &job->error)
                                               : vs__reply_error(request, MHD_HTTP_CONFLICT, &job->error);
    default:
        return vs__reply_error(request, vs__code_of(job->status), &job->error);
    }
}

/* ---- to the board ---- */

static void job_done(void *context) {
    vs__server_resume(context);
}

/* What is buffered becomes a job; the connection waits for it. */
static enum MHD_Result give(vs_http_request *request, bool is_whole) {
    vs_board_job *job = &request->job;
    uint64_t content = job->content, offset = job->offset;
    bool first = !request->has_job;
    *job = (vs_board_job){.data = request->buffer,
                          .len = request->buffered,
                          .has_id = true,
                          .restart = first && request->what == VS_TAKES_MESSAGE,
                          .content = content,
                          .offset = offset,
                          .done = job_done,
                          .context = request};
    memcpy(job->id, request->id, sizeof job->id);
    if (!vs__server_suspend(request)) {
        return MHD_NO;
    }
    request->has_job = request->is_with_board = true;
    vs_board *board = request->server->board;
    if (is_whole ? !vs_board_put_begin(board, job) : !vs_board_piece_begin(board, job)) {
        job_done(request);
    }
    return MHD_YES;
}

/* If a job was with the board, it has been answered: the connection was suspended until then. */
static void take_answer(vs_http_request *request) {
    if (request->is_with_board) {
        request->is_with_board = false;
        request->buffered = 0;
        request->has_answer = request->job.outcome != VS_BOARD_STORED;
    }
}

/* ---- the body ---- */

static bool grow(vs_http_request *request) {
    size_t capacity = request->capacity == 0 ? 4096 : 4 * request->capacity;
    capacity = capacity < request->limit ? capacity : request->limit;
    uint8_t *grown = realloc(request->buffer, capacity);
    if (grown != NULL) {
        request->buffer = grown;
        request->capacity = capacity;
    }
    return grown != NULL;
}

/* All of it, unless the buffer fills up: what libmicrohttpd keeps it offers again once the connection is resumed, and
 * not before more has come where it was not suspended. */
static enum MHD_Result take_bytes(vs_http_request *request, const char *data, size_t *len) {
    while (*len > 0 && request->buffered < request->limit) {
        if (request->buffered == request->capacity && !grow(request)) {
            return MHD_NO;
        }
        size_t room = request->capacity - request->buffered, n = *len < room ? *len : room;
        memcpy(request->buffer + request->buffered, data, n);
        request->buffered += n;
        request->received += n;
        request->peer->bytes += n;
        vs_board_count_traffic(request->server->board, n, 0);
        data += n;
        *len -= n;
    }
    return request->buffered == request->limit ? give(request, false) : MHD_YES;
}

/* What is refused is read to its end, so that whoever sends it gets to hear why; but not without end. */
static enum MHD_Result throw_away(vs_http_request *request, size_t *len) {
    request->received += *len;
    request->peer->bytes += *len;
    *len = 0;
    return request->received <= vs_board_max_message(request->server->board) + VS_HTTP_BUFFER_BYTES ? MHD_YES : MHD_NO;
}

enum MHD_Result vs__upload_go_on(vs_http_request *request, const char *data, size_t *len) {
    take_answer(request);
    if (*len > 0) {
        return request->has_answer ? throw_away(request, len) : take_bytes(request, data, len);
    }
    if (request->has_answer) {
        return reply_outcome(request);
    }
    bool is_whole = request->what == VS_TAKES_MESSAGE && !request->has_job;
    bool is_empty_piece = request->what == VS_TAKES_PIECE && !request->has_job;
    return is_whole || is_empty_piece || request->buffered > 0 ? give(request, is_whole) : reply_outcome(request);
}

static void answer_now(vs_http_request *request, vs_board_outcome outcome, vs_status status) {
    request->job.outcome = outcome;
    request->job.status = status;
    request->has_answer = true;
}

static const char *header(const vs_http_request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* Memory for bodies is bounded: a few get a large buffer, all others a small one. */
static void choose_buffer(vs_http_request *request) {
    vs_http_server *server = request->server;
    request->has_large_buffer = atomic_fetch_add(&server->large_buffers, 1) < VS_HTTP_LARGE_BUFFERS;
    if (!request->has_large_buffer) {
        atomic_fetch_sub(&server->large_buffers, 1);
    }
    request->limit = request->has_large_buffer ? VS_HTTP_LARGE_BUFFER_BYTES : VS_HTTP_BUFFER_BYTES;
}

enum MHD_Result vs__upload_begin(vs_http_request *request) {
    vs_board *board = request->server->board;
    const char *length = header(request, "Content-Length"), *offset = header(request, "Upload-Offset");
    uint64_t len = 0, at = 0;
    bool known = false;
    if (length != NULL && header(request, "Transfer-Encoding") != NULL) {
        return vs__reply_words(request, MHD_HTTP_BAD_REQUEST, "a body has a length or comes in chunks, not both", "");
    }
    if (length != NULL && (!vs__parse_whole(length, UINT64_MAX, &len) || len > vs_board_max_message(board))) {
        return vs__reply_words(request, MHD_HTTP_CONTENT_TOO_LARGE, "the message is larger than the board takes",
                               "see max_message_bytes in /v1/about");
    }
    if (request->what == VS_TAKES_PIECE && (offset == NULL || !vs__parse_whole(offset, UINT64_MAX, &at))) {
        return vs__reply_words(request, MHD_HTTP_BAD_REQUEST, "Upload-Offset says where a piece begins",
                               "ask with HEAD how much is there");
    }
    request->job.offset = at;
    vs_status status = vs_board_upload_offset(board, request->id, &at, &known, &request->job.error);
    if (status != VS_OK) {
        answer_now(request, VS_BOARD_FAILED, status);
    } else if (known) {
        answer_now(request, VS_BOARD_KNOWN, VS_OK);
    } else {
        choose_buffer(request);
    }
    return MHD_YES;
}

void vs__upload_clear(vs_http_request *request) {
    if (request->has_large_buffer) {
        atomic_fetch_sub(&request->server->large_buffers, 1);
    }
    free(request->buffer);
}
