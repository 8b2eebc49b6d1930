/* What a board shows of its session: read off the messages that come, and off the server's side where it runs here. */
#ifndef VEILSUM_CLI_BOARD_WATCH_H
#define VEILSUM_CLI_BOARD_WATCH_H

#include "aggregate/protocol/session.h"
#include "cli/board/board.h"

#define VS_WATCH_STEPS 6

typedef struct vs_board_watch {
    vs_board *board;     /* borrowed */
    const vs_plan *plan; /* borrowed */
    uint64_t after;      /* messages up to here have been looked at */
    bool *sent;          /* step · party_count + party: it has sent what the step asks of it */
    size_t *waiting;     /* room for all parties */
    size_t step, first_open;
    int64_t since; /* of the step */
    bool ended;    /* the session that runs here has failed */
    bool has_result;
} vs_board_watch;

VS_MUST_CHECK vs_status vs_board_watch_begin(vs_board_watch *watch, vs_board *board, const vs_plan *plan,
                                             vs_error *error);
void vs_board_watch_end(vs_board_watch *watch);

/** Look at what is new, after waiting for it as long as `wait_ms`; `*news`: there was something. */
VS_MUST_CHECK vs_status vs_board_watch_look(vs_board_watch *watch, unsigned wait_ms, bool *news, vs_error *error);
/** The same without waiting, with what the server's own side says of whom it waits for. */
void vs_board_watch_session(vs_board_watch *watch, const vs_session_view *view, int64_t since, int64_t until);
/** Has everything been said that the plan asks for? */
bool vs_board_watch_is_done(const vs_board_watch *watch);

#endif
