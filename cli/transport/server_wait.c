/* Requests that wait, and connections that are too slow. */
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "cli/transport/server_internal.h"

int64_t vs__server_now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void vs__peer_begin(vs_peer *peer, vs_peer_phase phase) {
    peer->bytes = 0;
    peer->since_ms = vs__server_now_ms();
    peer->phase = phase;
}

/* ---- suspending; with the mutex held ---- */

static bool suspend(vs_http_request *request) {
    vs_http_server *server = request->server;
    if (server->cut) {
        return false;
    }
    server->suspended++;
    request->peer->waiting_ms = vs__server_now_ms();
    request->peer->phase = VS_PEER_WAITING;
    MHD_suspend_connection(request->connection);
    return true;
}

/* The connection is resumed before it is no longer counted: who stops the server waits for the count. */
static void resume(vs_http_request *request) {
    vs_http_server *server = request->server;
    request->peer->since_ms += vs__server_now_ms() - request->peer->waiting_ms;
    request->peer->phase = VS_PEER_BODY;
    MHD_resume_connection(request->connection);
    server->suspended--;
    (void)pthread_cond_signal(&server->idle);
}

bool vs__server_suspend(vs_http_request *request) {
    (void)pthread_mutex_lock(&request->server->mutex);
    bool suspended = suspend(request);
    (void)pthread_mutex_unlock(&request->server->mutex);
    return suspended;
}

void vs__server_resume(vs_http_request *request) {
    vs_http_server *server = request->server;
    (void)pthread_mutex_lock(&server->mutex);
    resume(request);
    (void)pthread_mutex_unlock(&server->mutex);
}

/* ---- waiting for news ---- */

static void take_out(vs_http_request *request) {
    request->previous_waiter->next_waiter = request->next_waiter;
    request->next_waiter->previous_waiter = request->previous_waiter;
}

bool vs__server_await_news(vs_http_request *request) {
    vs_http_server *server = request->server;
    (void)pthread_mutex_lock(&server->mutex);
    bool waits = suspend(request);
    if (waits) {
        vs_http_request *last = server->waiters.previous_waiter;
        request->next_waiter = &server->waiters;
        request->previous_waiter = last;
        last->next_waiter = server->waiters.previous_waiter = request;
        /* What came since the caller looked is not heard again. */
        if (server->stopping || vs_board_has(server->board, request->after, request->to)) {
            take_out(request);
            resume(request);
        } else {
            (void)pthread_cond_broadcast(&server->changed);
        }
    }
    (void)pthread_mutex_unlock(&server->mutex);
    return waits;
}

void vs__server_hear(void *context) {
    vs_http_server *server = context;
    (void)pthread_mutex_lock(&server->mutex);
    server->news = true;
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->mutex);
}

/* ---- the thread that watches; with the mutex held ---- */

/* Let go whoever has news, or has waited long enough. Returns when the next one has. */
static int64_t end_waits(vs_http_server *server, int64_t now) {
    int64_t next = now + 1000;
    for (vs_http_request *at = server->waiters.next_waiter, *after; at != &server->waiters; at = after) {
        after = at->next_waiter;
        if (server->stopping || at->until_ms <= now ||
            (server->news && vs_board_has(server->board, at->after, at->to))) {
            take_out(at);
            resume(at);
        } else if (at->until_ms < next) {
            next = at->until_ms;
        }
    }
    server->news = false;
    return next;
}

static bool is_too_slow(const vs_http_server *server, const vs_peer *peer, int64_t now) {
    int64_t lasted = now - peer->since_ms;
    if (peer->phase == VS_PEER_WAITING || lasted <= (int64_t)server->options.idle_s * 1000) {
        return false;
    }
    return peer->phase == VS_PEER_HEAD || peer->bytes < (uint64_t)lasted * VS_HTTP_MIN_BYTES_PER_S / 1000;
}

/* A byte now and then keeps libmicrohttpd's own time-out away for ever. The connection is only shut here: its owner
 * finds that out, and closes it. */
static void cut_slow(vs_http_server *server, int64_t now) {
    for (vs_peer *peer = server->peers.next; peer != &server->peers; peer = peer->next) {
        if (is_too_slow(server, peer, now)) {
            (void)shutdown(peer->fd, SHUT_RDWR);
        }
    }
}

void *vs__server_watch(void *context) {
    vs_http_server *server = context;
    int64_t swept = 0;
    (void)pthread_mutex_lock(&server->mutex);
    while (!server->end) {
        int64_t now = vs__server_now_ms(), next = end_waits(server, now);
        if (now - swept >= 1000) {
            cut_slow(server, now);
            swept = now;
        }
        struct timespec at = {.tv_sec = next / 1000, .tv_nsec = (next % 1000) * 1000000};
        if (!server->news && !server->end) {
            (void)pthread_cond_timedwait(&server->changed, &server->mutex, &at);
        }
    }
    (void)pthread_mutex_unlock(&server->mutex);
    return NULL;
}
