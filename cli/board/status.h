/* The status of a board as documents: JSON for `veilsum status` and the page, Prometheus' text for machines. What they
 * hold is public: names, times, sizes, reasons, and a result only where a party has published it. (The functions that
 * write them are declared in board.h.) */
#ifndef VEILSUM_CLI_BOARD_STATUS_H
#define VEILSUM_CLI_BOARD_STATUS_H

#include <jansson.h>

#include "cli/board/board_internal.h"

/* The board at one moment, so that documents are made without holding it up. */
typedef struct vs_snapshot {
    vs_board_view view; /* arrays are the snapshot's own */
    vs_board_arrival *arrivals;
    uint8_t kind_place[VS_BOARD_MAX_KINDS];
    uint64_t kind_messages[VS_BOARD_MAX_KINDS];
    uint64_t kind_seen; /* kinds that came: bits */
    uint64_t message_count, message_bytes, unfinished, commits, refused_count;
    vs_store_refused refused[VS_BOARD_REFUSED_KEPT]; /* newest first */
    size_t refused_count_kept;
    vs_traffic traffic;
    uint64_t in_per_s, out_per_s;
    vs_board_total *totals;
    size_t total_count;
    char *result, *ledger_origin;
    uint64_t ledger_size;
    uint8_t ledger_root[32];
    int64_t ledger_at;
} vs_snapshot;

VS_MUST_CHECK vs_status vs__snapshot_take(vs_snapshot *snapshot, vs_board *board);
void vs__snapshot_clear(vs_snapshot *snapshot);

/** The kinds of messages by which a party takes the step of this name; 0: none is known. */
uint64_t vs__board_step_kinds(const char *step);

#endif
