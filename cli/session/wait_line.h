/* Whom a session waits for, said to a person: one line that changes on a terminal, a note at each step elsewhere. */
#ifndef VEILSUM_CLI_WAIT_LINE_H
#define VEILSUM_CLI_WAIT_LINE_H

#include "aggregate/protocol/session.h"

typedef struct vs_wait_line {
    const vs_plan *plan;
    bool terminal, visible;
    unsigned step;
    bool said;
} vs_wait_line;

void vs__wait_begin(vs_wait_line *line, const vs_plan *plan);
/** `since` and `until`: UTC seconds; until 0: the wait has no end. */
void vs__wait_show(vs_wait_line *line, const vs_session_view *view, int64_t since, int64_t until);
/** Take the line away. */
void vs__wait_end(vs_wait_line *line);

#endif
