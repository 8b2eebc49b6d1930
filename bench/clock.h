/* Clocks, in seconds. */
#ifndef VEILSUM_BENCH_CLOCK_H
#define VEILSUM_BENCH_CLOCK_H

#include <time.h>

static inline double seconds_of(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** Time that passes for everybody. */
static inline double wall_seconds(void) {
    return seconds_of(CLOCK_MONOTONIC);
}

/** Time that this thread had a processor: what other programs take of it is left out. */
static inline double thread_seconds(void) {
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

#endif
