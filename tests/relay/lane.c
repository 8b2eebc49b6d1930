/* One direction of a relayed connection. */
#include "tests/relay/lane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MOST_HELD ((size_t)64 << 20)
#define READ_BYTES ((size_t)64 << 10)

int64_t monotonic_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void lane_begin(lane *l, int from, int to, int64_t earliest_ns) {
    memset(l, 0, sizeof *l);
    l->from = from;
    l->to = to;
    l->earliest_ns = earliest_ns;
    l->open = true;
}

static bool append(lane *l, const uint8_t *bytes, size_t len, int64_t due_ns) {
    piece *p = malloc(sizeof *p + len);
    if (p == NULL) {
        return false;
    }
    /* Never before what came earlier, although the delay may have been made shorter meanwhile. */
    int64_t after_ns = l->last == NULL ? l->earliest_ns : l->last->due_ns;
    *p = (piece){.len = len, .due_ns = due_ns > after_ns ? due_ns : after_ns};
    if (len > 0) {
        memcpy(p->bytes, bytes, len);
    }
    if (l->last == NULL) {
        l->first = p;
    } else {
        l->last->next = p;
    }
    l->last = p;
    l->held += len;
    return true;
}

bool lane_wants_to_read(const lane *l) {
    return l->open && l->held < MOST_HELD;
}

bool lane_read(lane *l, int64_t delay_ns) {
    static uint8_t bytes[READ_BYTES];
    while (lane_wants_to_read(l)) {
        ssize_t got = recv(l->from, bytes, sizeof bytes, 0);
        if (got < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        /* The time is taken after each piece: what came while others were copied is not older than it is. */
        if (!append(l, bytes, (size_t)got, monotonic_ns() + delay_ns)) {
            return false;
        }
        l->total += (uint64_t)got;
        l->open = got > 0;
    }
    return true;
}

static void drop_first(lane *l) {
    piece *p = l->first;
    l->first = p->next;
    if (l->first == NULL) {
        l->last = NULL;
        if (p->due_ns > l->earliest_ns) {
            l->earliest_ns = p->due_ns;
        }
    }
    l->held -= p->len;
    free(p);
}

bool lane_write(lane *l, int64_t now_ns) {
    l->blocked = false;
    while (l->first != NULL && l->first->due_ns <= now_ns) {
        piece *p = l->first;
        if (p->len == 0) {
            l->ended = true;
            drop_first(l);
            return shutdown(l->to, SHUT_WR) == 0 || errno == ENOTCONN;
        }
        if (p->sent == 0) {
            l->pieces++;
            l->punctual += now_ns - p->due_ns < PUNCTUAL_NS;
        }
        ssize_t put = send(l->to, p->bytes + p->sent, p->len - p->sent, MSG_NOSIGNAL);
        if (put < 0) {
            l->blocked = errno == EAGAIN;
            return errno == EAGAIN || errno == EINTR;
        }
        p->sent += (size_t)put;
        if (p->sent == p->len) {
            drop_first(l);
        }
    }
    return true;
}

int64_t lane_due_ns(const lane *l) {
    return l->first == NULL || l->blocked ? INT64_MAX : l->first->due_ns;
}

void lane_drop(lane *l) {
    while (l->first != NULL) {
        drop_first(l);
    }
}
