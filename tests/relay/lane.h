/* One direction of a relayed connection: bytes that came in, each piece held back until its time has come. */
#ifndef VEILSUM_RELAY_LANE_H
#define VEILSUM_RELAY_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct piece {
    struct piece *next;
    int64_t due_ns;
    size_t len, sent; /* len 0: the sender has no more */
    uint8_t bytes[];
} piece;

typedef struct lane {
    int from, to;
    piece *first, *last;
    size_t held;
    int64_t earliest_ns;       /* nothing leaves before; for what a connection's handshake takes */
    bool open;                 /* `from` may have more */
    bool blocked;              /* `to` takes nothing at present */
    bool ended;                /* all went through, the end as well */
    uint64_t total;            /* bytes that came in */
    uint64_t pieces, punctual; /* that have gone out, and those of them that were less than PUNCTUAL_NS late */
} lane;

#define PUNCTUAL_NS 200000

int64_t monotonic_ns(void);

void lane_begin(lane *l, int from, int to, int64_t earliest_ns);
/** Take what `from` has at present, to be passed on `delay_ns` later. False: the connection is broken. */
bool lane_read(lane *l, int64_t delay_ns);
/** Pass on what is due. False: the connection is broken. */
bool lane_write(lane *l, int64_t now_ns);
/** Whether it is worth while to wait for bytes: a lane that nobody empties does not grow without bound. */
bool lane_wants_to_read(const lane *l);
/** When something is due, or INT64_MAX. */
int64_t lane_due_ns(const lane *l);
void lane_drop(lane *l);

#endif
