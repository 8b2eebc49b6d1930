/* What the board keeps count of: who sent what when, what was refused, what went over the wire. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/board/board_internal.h"
#include "cli/ui.h"

/* ---- arrivals ---- */

/* Kinds that came have a place in the order in which they first did; the array has a row of all parties for each. */
static bool make_place(vs_board *board, unsigned kind) {
    if (board->kind_place[kind] != 0) {
        return true;
    }
    size_t parties = board->setup.plan->party_count, row = parties * sizeof *board->arrivals;
    vs_board_arrival *grown = realloc(board->arrivals, (board->kind_count + 1) * row);
    if (grown == NULL) {
        return false;
    }
    memset(grown + board->kind_count * parties, 0, row);
    board->arrivals = grown;
    board->kind_place[kind] = (uint8_t)++board->kind_count;
    return true;
}

const vs_board_arrival *vs__board_arrival(const vs_board *board, size_t party, unsigned kind) {
    if (kind >= VS_BOARD_MAX_KINDS || board->kind_place[kind] == 0) {
        return NULL;
    }
    size_t row = board->kind_place[kind] - 1u;
    const vs_board_arrival *arrival = &board->arrivals[row * board->setup.plan->party_count + party];
    return arrival->at == 0 ? NULL : arrival;
}

bool vs__board_tally(vs_board *board, const vs_board_message *message) {
    size_t parties = board->setup.plan->party_count;
    VS_CHECK(message->kind < VS_BOARD_MAX_KINDS);
    board->message_count++;
    board->message_bytes += message->len;
    board->kind_messages[message->kind]++;
    board->latest = message->seq;
    if (message->to == VS_TO_ALL) {
        board->latest_to_all[message->kind] = message->seq;
    } else if (message->to < parties) {
        board->latest_to[message->to] = message->seq;
    }
    if (message->from >= parties || !make_place(board, message->kind)) {
        return message->from >= parties;
    }
    board->sent_bytes[message->from] += message->len;
    size_t row = board->kind_place[message->kind] - 1u;
    vs_board_arrival *arrival = &board->arrivals[row * parties + message->from];
    arrival->at = message->at;
    arrival->len += message->len; /* several receivers make several messages */
    return true;
}

/* ---- refusals ---- */

static vs_store_refused *find_refused(vs_board *board, size_t from, unsigned kind, const char *reason) {
    for (size_t i = 0; i < VS_BOARD_REFUSED_KEPT; i++) {
        vs_store_refused *refused = &board->refused[i];
        if (refused->number != 0 && refused->from == from && refused->kind == kind &&
            strncmp(refused->reason, reason, sizeof refused->reason - 1) == 0) {
            return refused;
        }
    }
    return NULL;
}

/* The same again only counts: whoever repeats himself does not push what others did off the list. */
void vs_board_note_refused(vs_board *board, size_t from, unsigned kind, const char *words) {
    char reason[VS_BOARD_MAX_REASON];
    vs__ui_clean(reason, sizeof reason, words);
    (void)pthread_mutex_lock(&board->mutex);
    vs_store_refused *refused = find_refused(board, from, kind, reason);
    if (refused == NULL) {
        uint64_t number = ++board->refused_number;
        refused = &board->refused[number % VS_BOARD_REFUSED_KEPT];
        *refused = (vs_store_refused){.number = number, .from = from, .kind = kind};
        (void)snprintf(refused->reason, sizeof refused->reason, "%s", reason);
    }
    refused->at = vs__board_now();
    refused->times++;
    board->refused_count++;
    board->refused_is_new[refused->number % VS_BOARD_REFUSED_KEPT] = true;
    board->refused_dirty = true;
    (void)pthread_cond_broadcast(&board->work);
    (void)pthread_mutex_unlock(&board->mutex);
}

size_t vs__board_take_refused(vs_board *board, vs_store_refused *out) {
    size_t count = 0;
    for (size_t i = 0; i < VS_BOARD_REFUSED_KEPT && board->refused_dirty; i++) {
        if (board->refused_is_new[i]) {
            out[count++] = board->refused[i];
            board->refused_is_new[i] = false;
        }
    }
    board->refused_dirty = false;
    return count;
}

/* ---- traffic ---- */

void vs_board_count_traffic(vs_board *board, uint64_t bytes_in, uint64_t bytes_out) {
    int64_t second = vs__board_monotonic_ms() / 1000;
    (void)pthread_mutex_lock(&board->mutex);
    vs_traffic *traffic = &board->traffic;
    size_t i = (size_t)(second % VS_TRAFFIC_SECONDS);
    if (traffic->recent[i].second != second) {
        traffic->recent[i].second = second;
        traffic->recent[i].in = 0;
        traffic->recent[i].out = 0;
    }
    traffic->in += bytes_in;
    traffic->out += bytes_out;
    traffic->recent[i].in += bytes_in;
    traffic->recent[i].out += bytes_out;
    (void)pthread_mutex_unlock(&board->mutex);
}

void vs_board_count_connections(vs_board *board, int change) {
    (void)pthread_mutex_lock(&board->mutex);
    board->traffic.connections += change;
    (void)pthread_mutex_unlock(&board->mutex);
}

/* ---- what the session's runner tells ---- */

static bool copy_indices(const size_t **out, const size_t *indices, size_t count) {
    size_t *made = count == 0 ? NULL : malloc(count * sizeof *made);
    if (count > 0 && made != NULL) {
        memcpy(made, indices, count * sizeof *made);
    }
    *out = made;
    return count == 0 || made != NULL;
}

vs_status vs_board_note_view(vs_board *board, const vs_board_view *view) {
    vs_board_view made = *view;
    made.failed = view->failed == NULL ? NULL : strdup(view->failed);
    bool copied = copy_indices(&made.waiting_for, view->waiting_for, view->waiting_count);
    copied = copy_indices(&made.lost, view->lost, view->lost_count) && copied;
    copied = copied && (view->failed == NULL || made.failed != NULL);
    (void)pthread_mutex_lock(&board->mutex);
    vs_board_view old = copied ? board->told.view : made;
    if (copied) {
        board->told.view = made;
    }
    (void)pthread_mutex_unlock(&board->mutex);
    free((void *)old.waiting_for);
    free((void *)old.lost);
    free((void *)old.failed);
    return copied ? VS_OK : VS_ERR_MEMORY;
}

vs_status vs_board_note_total(vs_board *board, int64_t at, uint64_t contributors, const uint8_t digest[VS_HASH_BYTES]) {
    vs_status status = VS_OK;
    (void)pthread_mutex_lock(&board->mutex);
    vs_board_told *told = &board->told;
    size_t i = 0;
    while (i < told->total_count && memcmp(told->totals[i].digest, digest, VS_HASH_BYTES) != 0) {
        i++;
    }
    if (i == told->total_count) {
        vs_board_total *grown = realloc(told->totals, (i + 1) * sizeof *grown);
        if (grown == NULL) {
            status = VS_ERR_MEMORY;
        } else {
            grown[i] = (vs_board_total){.at = at, .contributors = contributors};
            memcpy(grown[i].digest, digest, VS_HASH_BYTES);
            told->totals = grown;
            told->total_count++;
        }
    }
    (void)pthread_mutex_unlock(&board->mutex);
    return status;
}

vs_status vs_board_note_result(vs_board *board, const char *json, size_t len) {
    char *made = strndup(json, len);
    if (made == NULL) {
        return VS_ERR_MEMORY;
    }
    (void)pthread_mutex_lock(&board->mutex);
    char *old = board->told.result;
    board->told.result = made;
    (void)pthread_mutex_unlock(&board->mutex);
    free(old);
    return VS_OK;
}

vs_status vs_board_note_ledger(vs_board *board, const char *origin, uint64_t size, const uint8_t root[32], int64_t at) {
    char *made = strdup(origin);
    if (made == NULL) {
        return VS_ERR_MEMORY;
    }
    (void)pthread_mutex_lock(&board->mutex);
    char *old = board->told.ledger_origin;
    board->told.ledger_origin = made;
    board->told.ledger_size = size;
    memcpy(board->told.ledger_root, root, 32);
    board->told.ledger_at = at;
    (void)pthread_mutex_unlock(&board->mutex);
    free(old);
    return VS_OK;
}
