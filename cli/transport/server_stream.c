/* Answers that are read from the board while they are sent: a message, or a part of it, and the feed. What is in memory
 * is a list of what to send, and one block of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/transport/server_internal.h"
#include "cli/transport/server_parse.h"
#include "crypto/bytes.h"

#define BLOCK_BYTES 65536u
#define FRAME_BYTES 49u

/* A head, and bytes [from, from + len) of a message. */
typedef struct segment {
    uint8_t head[FRAME_BYTES];
    size_t head_len;
    vs_board_message message;
    uint64_t from, len;
    uint64_t at; /* where the segment begins in the answer */
} segment;

typedef struct stream {
    vs_board *board;
    vs_peer *peer;
    size_t count, current;
    segment segments[];
} stream;

static uint64_t segment_end(const segment *s) {
    return s->at + s->head_len + s->len;
}

/* Called for one block after the other. */
static ssize_t read_stream(void *context, uint64_t at, char *buf, size_t max) {
    stream *t = context;
    while (t->current > 0 && at < t->segments[t->current].at) {
        t->current--;
    }
    while (t->current < t->count && at >= segment_end(&t->segments[t->current])) {
        t->current++;
    }
    if (t->current == t->count) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    const segment *s = &t->segments[t->current];
    uint64_t within = at - s->at;
    size_t n;
    if (within < s->head_len) {
        n = s->head_len - within < max ? (size_t)(s->head_len - within) : max;
        memcpy(buf, s->head + within, n);
    } else {
        within -= s->head_len;
        n = s->len - within < max ? (size_t)(s->len - within) : max;
        if (vs_board_read(t->board, &s->message, s->from + within, buf, n, NULL) != VS_OK) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    t->peer->bytes += n;
    vs_board_count_traffic(t->board, 0, n);
    return (ssize_t)n;
}

static stream *stream_new(vs_http_request *request, size_t count) {
    stream *t = calloc(1, sizeof *t + count * sizeof *t->segments);
    if (t != NULL) {
        t->board = request->server->board;
        t->peer = request->peer;
    }
    return t;
}

/* Takes over the stream. */
static struct MHD_Response *respond(vs_http_request *request, stream *t) {
    uint64_t len = t->count == 0 ? 0 : segment_end(&t->segments[t->count - 1]);
    size_t block = len < BLOCK_BYTES ? (size_t)len + 1 : BLOCK_BYTES;
    vs__peer_begin(request->peer, VS_PEER_BODY);
    struct MHD_Response *response = MHD_create_response_from_callback(len, block, read_stream, t, free);
    if (response == NULL) {
        free(t);
    } else {
        (void)MHD_add_response_header(response, "Content-Type", "application/octet-stream");
    }
    return response;
}

/* ---- one message ---- */

enum MHD_Result vs__reply_message(vs_http_request *request, const char *range) {
    char text[96];
    vs_board_message message;
    vs_error error = {0};
    bool found;
    vs_status status = vs_board_find(request->server->board, request->id, &message, &found, &error);
    if (status != VS_OK) {
        return vs__reply_error(request, vs__code_of(status), &error);
    }
    if (!found) {
        return vs__reply_words(request, MHD_HTTP_NOT_FOUND, "no message has this id", "");
    }
    uint64_t from = 0, to = message.len;
    vs_range part = range == NULL ? VS_RANGE_NONE : vs__parse_range(range, message.len, &from, &to);
    stream *t = stream_new(request, 1);
    if (t == NULL) {
        return MHD_NO;
    }
    t->count = part == VS_RANGE_BEYOND ? 0 : 1;
    t->segments[0] = (segment){.message = message, .from = from, .len = to - from};
    struct MHD_Response *response = respond(request, t);
    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "Accept-Ranges", "bytes");
    (void)snprintf(text, sizeof text, "bytes %llu-%llu/%llu", (unsigned long long)from, (unsigned long long)to - 1,
                   (unsigned long long)message.len);
    if (part == VS_RANGE_BEYOND) {
        (void)snprintf(text, sizeof text, "bytes */%llu", (unsigned long long)message.len);
    }
    if (part != VS_RANGE_NONE) {
        (void)MHD_add_response_header(response, "Content-Range", text);
    }
    static const unsigned codes[] = {[VS_RANGE_NONE] = MHD_HTTP_OK,
                                     [VS_RANGE_PART] = MHD_HTTP_PARTIAL_CONTENT,
                                     [VS_RANGE_BEYOND] = MHD_HTTP_RANGE_NOT_SATISFIABLE};
    return vs__reply(request, codes[part], response);
}

/* ---- the feed ---- */

static void make_frame(segment *s, const vs_board_message *message, bool is_inline) {
    s->message = *message;
    s->len = is_inline ? message->len : 0;
    s->head_len = FRAME_BYTES;
    vs_put_le(s->head, message->seq, 8);
    vs_put_le(s->head + 8, message->len, 8);
    memcpy(s->head + 16, message->id, VS_HASH_BYTES);
    s->head[48] = is_inline;
}

/* As many frames as fit; one at least. */
static void fill(stream *t, const vs_board_message *messages, size_t count, uint64_t max) {
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_inline = messages[i].len <= VS_HTTP_INLINE_BYTES;
        uint64_t len = FRAME_BYTES + (is_inline ? messages[i].len : 0);
        if (i > 0 && len > max - at) {
            break;
        }
        make_frame(&t->segments[i], &messages[i], is_inline && len <= max);
        t->segments[i].at = at;
        at = segment_end(&t->segments[i]);
        t->count++;
        if (at >= max) {
            break;
        }
    }
}

enum MHD_Result vs__reply_feed(vs_http_request *request) {
    vs_error error = {0};
    size_t count = 0;
    vs_board_message *messages = malloc(VS_HTTP_FEED_FRAMES * sizeof *messages);
    vs_status status = messages == NULL ? vs_fail_plain(&error, VS_ERR_MEMORY)
                                        : vs_board_next(request->server->board, request->after, request->to, messages,
                                                        VS_HTTP_FEED_FRAMES, &count, &error);
    stream *t = status == VS_OK ? stream_new(request, count) : NULL;
    if (t != NULL) {
        fill(t, messages, count, request->max);
    }
    free(messages);
    if (status != VS_OK) {
        return vs__reply_error(request, vs__code_of(status), &error);
    }
    return t == NULL ? MHD_NO : vs__reply(request, MHD_HTTP_OK, respond(request, t));
}
