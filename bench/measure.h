/* Timing two ways of one operation side by side, so that a machine that slows down slows both. */
#ifndef VEILSUM_BENCH_MEASURE_H
#define VEILSUM_BENCH_MEASURE_H

#include <stddef.h>

/* Run the operation on `count` items. */
typedef void (*bench_fn)(void *context, size_t count);

typedef struct measurement {
    size_t count; /* items of the timed operation in one sample */
    size_t samples;
    double min, median, p90; /* seconds an item */
    double ratio; /* median over pairs of samples: seconds of the baseline / seconds of the operation; 0 without a
                     baseline */
} measurement;

/** Take samples of both in turn until `seconds` have passed and there are at least five. `batch`: items that make sense
 * at a time; a sample is at least that many and at least a few milliseconds. */
measurement measure(bench_fn operation, void *context, size_t batch, bench_fn baseline, void *baseline_context,
                    double seconds);

#endif
