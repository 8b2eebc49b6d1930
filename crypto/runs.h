/* The runs of a batch, dealt out to a team of threads.
 *
 * Each thread begins with a contiguous part, the same one whenever a batch of the same size runs on a team of the same
 * size: so the memory that belongs to its items is touched first, and again and again, by one thread, and lies on that
 * thread's node. A thread that is done with its part takes over runs that others have not begun, one at a time, its
 * neighbours' first (they sit on the same node): so uneven runs, or a processor that another program slows down, cost
 * one run at most, where a fixed division would wait for the slowest.
 */
#ifndef VEILSUM_CRYPTO_RUNS_H
#define VEILSUM_CRYPTO_RUNS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct vs__runs vs__runs;

/** `runs` runs for threads 0 … team − 1 (team > 0); NULL where there is no memory. */
vs__runs *vs__runs_new(size_t runs, size_t team);
/** The next run for `thread`; every run is handed out once. False: none is left. Threads: may be called by all at
 * once. */
bool vs__runs_take(vs__runs *dealt, size_t thread, size_t *run);
void vs__runs_free(vs__runs *dealt);

#endif
