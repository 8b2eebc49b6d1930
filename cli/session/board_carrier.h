/* The board's own store as a carrier, for the session that runs beside it. */
#ifndef VEILSUM_CLI_BOARD_CARRIER_H
#define VEILSUM_CLI_BOARD_CARRIER_H

#include "cli/board/board.h"
#include "cli/transport/carrier.h"

typedef struct vs_board_carrier {
    vs_board *board; /* borrowed */
    uint32_t to;     /* a roster index */
    uint64_t after;  /* all up to this message have been brought */
} vs_board_carrier;

/** The messages to `to` and to all, from the first. `state` stays where it is. */
vs_carrier vs_board_carrier_open(vs_board_carrier *state, vs_board *board, uint32_t to);

#endif
