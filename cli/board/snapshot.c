#include <stdlib.h>
#include <string.h>

#include "cli/board/status.h"

static void *duplicate(const void *data, size_t len, bool *good) {
    void *made = len == 0 ? NULL : malloc(len);
    if (made != NULL) {
        memcpy(made, data, len);
    }
    *good = *good && (len == 0 || made != NULL);
    return made;
}

static char *duplicate_text(const char *text, bool *good) {
    return text == NULL ? NULL : duplicate(text, strlen(text) + 1, good);
}

static int newest_first(const void *a, const void *b) {
    const vs_store_refused *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at) - (x->at > y->at) : (x->number < y->number) - (x->number > y->number);
}

static void copy_refused(vs_snapshot *snapshot, const vs_board *board) {
    for (size_t i = 0; i < VS_BOARD_REFUSED_KEPT; i++) {
        if (board->refused[i].number != 0) {
            snapshot->refused[snapshot->refused_count_kept++] = board->refused[i];
        }
    }
    qsort(snapshot->refused, snapshot->refused_count_kept, sizeof *snapshot->refused, newest_first);
}

/* The mean over the seconds that are over. */
static void measure_traffic(vs_snapshot *snapshot) {
    int64_t now = vs__board_monotonic_ms() / 1000;
    uint64_t in = 0, out = 0;
    for (size_t i = 0; i < VS_TRAFFIC_SECONDS; i++) {
        int64_t second = snapshot->traffic.recent[i].second;
        if (second < now && second > now - VS_TRAFFIC_SECONDS) {
            in += snapshot->traffic.recent[i].in;
            out += snapshot->traffic.recent[i].out;
        }
    }
    snapshot->in_per_s = in / (VS_TRAFFIC_SECONDS - 1);
    snapshot->out_per_s = out / (VS_TRAFFIC_SECONDS - 1);
}

static bool copy_told(vs_snapshot *snapshot, const vs_board_told *told) {
    bool good = true;
    snapshot->view = told->view;
    snapshot->view.waiting_for =
        duplicate(told->view.waiting_for, told->view.waiting_count * sizeof *told->view.waiting_for, &good);
    snapshot->view.lost = duplicate(told->view.lost, told->view.lost_count * sizeof *told->view.lost, &good);
    snapshot->view.failed = duplicate_text(told->view.failed, &good);
    snapshot->totals = duplicate(told->totals, told->total_count * sizeof *told->totals, &good);
    snapshot->total_count = told->total_count;
    snapshot->result = duplicate_text(told->result, &good);
    snapshot->ledger_origin = duplicate_text(told->ledger_origin, &good);
    snapshot->ledger_size = told->ledger_size;
    memcpy(snapshot->ledger_root, told->ledger_root, sizeof snapshot->ledger_root);
    snapshot->ledger_at = told->ledger_at;
    return good;
}

vs_status vs__snapshot_take(vs_snapshot *snapshot, vs_board *board) {
    memset(snapshot, 0, sizeof *snapshot);
    (void)pthread_mutex_lock(&board->mutex);
    bool good = copy_told(snapshot, &board->told);
    size_t cells = board->kind_count * board->setup.plan->party_count;
    snapshot->arrivals = duplicate(board->arrivals, cells * sizeof *board->arrivals, &good);
    memcpy(snapshot->kind_place, board->kind_place, sizeof snapshot->kind_place);
    memcpy(snapshot->kind_messages, board->kind_messages, sizeof snapshot->kind_messages);
    snapshot->message_count = board->message_count;
    snapshot->message_bytes = board->message_bytes;
    snapshot->unfinished = board->unfinished;
    snapshot->commits = board->commits;
    snapshot->refused_count = board->refused_count;
    snapshot->traffic = board->traffic;
    copy_refused(snapshot, board);
    (void)pthread_mutex_unlock(&board->mutex);
    for (unsigned kind = 0; kind < VS_BOARD_MAX_KINDS; kind++) {
        snapshot->kind_seen |= (uint64_t)(snapshot->kind_place[kind] != 0) << kind;
    }
    measure_traffic(snapshot);
    return good ? VS_OK : VS_ERR_MEMORY;
}

void vs__snapshot_clear(vs_snapshot *snapshot) {
    free((void *)snapshot->view.waiting_for);
    free((void *)snapshot->view.lost);
    free((void *)snapshot->view.failed);
    free(snapshot->arrivals);
    free(snapshot->totals);
    free(snapshot->result);
    free(snapshot->ledger_origin);
    memset(snapshot, 0, sizeof *snapshot);
}
