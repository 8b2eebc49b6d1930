/* Messages from the board: its feed, asked for ahead of time, and the long ones fetched by their ids. */
#include <stdio.h>
#include <string.h>

#include "cli/transport/feed.h"
#include "cli/transport/http_internal.h"

#define FEED_BYTES (4u << 20)                                   /* asked for at a time */
#define FEED_SLACK (VS_FEED_INLINE_BYTES + VS_FEED_FRAME_BYTES) /* the board may finish a message that it has begun */
#define FEED_WAIT_S 45u /* below a minute, at which many proxies take a connection for dead */
#define STEP_MS 1000

/* What one call of receive is about. */
typedef struct receiving {
    vs_http *client;
    int64_t until_ms;
    vs_take_message take;
    void *taker;
    size_t taken;
} receiving;

/* ---- long messages ---- */

static vs_status fail_length(const vs_http *client, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "%s: a message has another length than was announced", vs_http_name(client));
    vs_hint(error, "it was cut short, or the board does not behave like one");
    return VS_ERR_FORMAT;
}

/* As much of the message as comes; what has come stays for the next try. */
static vs_status fetch_rest(vs_http *client, const vs_request *request, vs_error *error) {
    vs_error own;
    error = error != NULL ? error : &own;
    size_t farthest = 0;
    client->call.len = 0;
    for (;;) {
        bool again = false;
        unsigned pause_ms = 0;
        vs_status status = vs__http_call_once(client, request, &again, error);
        if (client->call.len > farthest) {
            farthest = client->call.len;
            vs__http_is_back(client);
        }
        if (!again || !vs__http_pause(client, &client->call, &pause_ms, error)) {
            return status;
        }
        status = vs__http_sleep(client, pause_ms, error);
        if (status != VS_OK) {
            return status;
        }
    }
}

static vs_status fetch(receiving *r, const vs_feed_frame *frame, vs_error *error) {
    vs_http *client = r->client;
    char hex[VS_MESSAGE_ID_HEX + 1], path[32 + VS_MESSAGE_ID_HEX];
    vs_to_hex(hex, frame->id, VS_HASH_BYTES);
    (void)snprintf(path, sizeof path, "/v1/messages/%s", hex);
    const vs_request request = {.method = "GET", .path = path, .max = (size_t)frame->len, .resume = true};
    vs_status status = fetch_rest(client, &request, error);
    const vs_exchange *answer = &client->call;
    if (status == VS_OK && (answer->len != frame->len ||
                            (answer->range_total != VS_HTTP_NO_OFFSET && answer->range_total != frame->len))) {
        status = fail_length(client, error);
    }
    if (status == VS_OK) {
        status = vs_carrier_check(vs_http_name(client), frame->id, answer->body, answer->len, error);
    }
    if (status == VS_OK) {
        status = r->take(r->taker, answer->body, answer->len, error);
    }
    return status;
}

/* ---- the feed ---- */

static vs_status begin_feed(vs_http *client, unsigned wait_s, vs_error *error) {
    (void)snprintf(client->feed_path, sizeof client->feed_path, "/v1/feed?after=%llu&to=%lu&wait=%u&max=%u",
                   (unsigned long long)client->after, (unsigned long)client->to, wait_s, FEED_BYTES);
    const vs_request request = {
        .method = "GET", .path = client->feed_path, .max = FEED_BYTES + FEED_SLACK, .quiet_s = wait_s};
    return vs__exchange_begin(&client->feed, &request, error);
}

/* Frames one after the other; `after` moves behind what has been dealt with, so that an error loses nothing. */
static vs_status take_frames(receiving *r, vs_error *error) {
    vs_http *client = r->client;
    const vs_exchange *answer = &client->feed;
    vs_feed feed = {.name = vs_http_name(client),
                    .at = answer->body,
                    .end = answer->body == NULL ? NULL : answer->body + answer->len,
                    .after = client->after,
                    .max_message = client->max_message};
    for (;;) {
        vs_feed_frame frame;
        bool more = false;
        vs_status status = vs_feed_next(&feed, &frame, &more, error);
        if (status != VS_OK || !more) {
            return status;
        }
        status = frame.message == NULL ? fetch(r, &frame, error)
                                       : r->take(r->taker, frame.message, (size_t)frame.len, error);
        if (status != VS_OK) {
            return status;
        }
        client->after = frame.sequence;
        r->taken++;
    }
}

/* The feed failed in a way that may pass: pause, but not beyond what the caller waits. */
static vs_status wait_out(receiving *r, vs_status status, vs_error *error) {
    unsigned pause_ms = 0;
    if (!vs__http_pause(r->client, &r->client->feed, &pause_ms, error)) {
        return status;
    }
    int64_t left = r->until_ms - vs__now_ms();
    left = left < 0 ? 0 : left;
    return vs__http_sleep(r->client, pause_ms < left ? pause_ms : (unsigned)left, error);
}

/* The feed's answer is there. `*full`: there may be more behind it. */
static vs_status take_answer(receiving *r, bool *full, vs_error *error) {
    vs_http *client = r->client;
    vs_status status = VS_OK;
    vs_outcome outcome = vs__exchange_judge(&client->feed, &status, error);
    client->feed.done = false; /* the next one begins anew, whatever becomes of this */
    if (outcome == VS_OUTCOME_AGAIN) {
        return wait_out(r, status, error);
    }
    if (client->feed.code != 0) {
        vs__http_is_back(client);
    }
    *full = client->feed.len + FEED_SLACK >= FEED_BYTES;
    return status == VS_OK ? take_frames(r, error) : status;
}

/* Is the answer there before the caller's time is over? One that was asked for without waiting comes soon. */
static vs_status await_answer(receiving *r, bool soon, vs_error *error) {
    vs_http *client = r->client;
    vs_status status = vs__http_drive(client, 0, error);
    while (status == VS_OK && !client->feed.done) {
        int64_t left = r->until_ms - vs__now_ms();
        if (left <= 0 && !soon) {
            break;
        }
        left = soon || left > STEP_MS ? STEP_MS : left;
        status = vs__http_drive(client, (unsigned)left, error);
    }
    return status;
}

vs_status vs__http_receive(void *context, unsigned wait_ms, vs_take_message take, void *taker, vs_error *error) {
    vs_error own;
    error = error != NULL ? error : &own;
    receiving r = {.client = context, .until_ms = vs__now_ms() + wait_ms, .take = take, .taker = taker};
    vs_http *client = r.client;
    vs_status status = VS_OK;
    for (bool full = true; status == VS_OK && (full || (r.taken == 0 && vs__now_ms() < r.until_ms));) {
        bool soon = false;
        full = false;
        if (!client->feed.running && !client->feed.done) {
            soon = wait_ms == 0 || r.taken > 0;
            status = begin_feed(client, soon ? 0 : FEED_WAIT_S, error);
        }
        if (status == VS_OK) {
            status = await_answer(&r, soon, error);
        }
        if (status == VS_OK && client->feed.done) {
            status = take_answer(&r, &full, error);
        }
    }
    /* What comes next is asked for now, so that it is on its way while the caller computes. */
    if (status == VS_OK && r.taken > 0 && !client->feed.running) {
        status = begin_feed(client, FEED_WAIT_S, error);
    }
    return status == VS_OK ? vs__http_drive(client, 0, error) : status;
}

vs_carrier vs_http_carrier(vs_http *client, uint32_t to, uint64_t after) {
    client->to = to;
    client->after = after;
    return (vs_carrier){.context = client,
                        .name = vs_http_name(client),
                        .send = vs__http_send,
                        .receive = vs__http_receive,
                        .close = NULL};
}

uint64_t vs_http_after(const vs_http *client) {
    return client->after;
}
