/* How fast the machine reads memory in a stream: the other roof, for operations that do little with each byte. */
#ifndef VEILSUM_BENCH_BANDWIDTH_H
#define VEILSUM_BENCH_BANDWIDTH_H

#include <stddef.h>

/** Bytes a second that `threads` threads read of a buffer several times the size of the last cache; the best of a few
 * passes. 0 where there is not so much memory. */
double memory_bandwidth(size_t threads);

#endif
