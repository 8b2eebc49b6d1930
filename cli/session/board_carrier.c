#include "cli/session/board_carrier.h"

#include <stdlib.h>

#define BATCH 64

static vs_status send_to_board(void *context, const uint8_t *message, size_t len, vs_error *error) {
    vs_board_carrier *c = context;
    vs_board_outcome outcome;
    return vs_board_put(c->board, message, len, &outcome, error);
}

static vs_status bring(vs_board_carrier *c, const vs_board_message *message, vs_take_message take, void *taker,
                       vs_error *error) {
    uint8_t *data = NULL;
    vs_status status = vs_board_read_all(c->board, message, &data, error);
    if (status == VS_OK) {
        status = take(taker, data, (size_t)message->len, error);
    }
    free(data);
    if (status == VS_OK) {
        c->after = message->seq;
    }
    return status;
}

static vs_status receive(void *context, unsigned wait_ms, vs_take_message take, void *taker, vs_error *error) {
    vs_board_carrier *c = context;
    vs_board_message messages[BATCH];
    size_t count = BATCH;
    vs_status status = VS_OK;
    (void)vs_board_wait(c->board, c->after, c->to, wait_ms);
    while (status == VS_OK && count == BATCH) {
        status = vs_board_next(c->board, c->after, c->to, messages, BATCH, &count, error);
        for (size_t i = 0; status == VS_OK && i < count; i++) {
            status = bring(c, &messages[i], take, taker, error);
        }
    }
    return status;
}

static void close_nothing(void *context) {
    (void)context;
}

vs_carrier vs_board_carrier_open(vs_board_carrier *state, vs_board *board, uint32_t to) {
    *state = (vs_board_carrier){.board = board, .to = to};
    return (vs_carrier){
        .context = state, .name = "the board", .send = send_to_board, .receive = receive, .close = close_nothing};
}
