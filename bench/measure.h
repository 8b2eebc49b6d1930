/* Timing an operation, its baseline and the machine's peak side by side, so that a machine that slows down slows all of
 * them, and what is said is what they are to each other. */
#ifndef VEILSUM_BENCH_MEASURE_H
#define VEILSUM_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/statistics.h"

/* Run the operation on `count` items. */
typedef void (*bench_fn)(void *context, size_t count);

/* What is timed. */
typedef struct timing {
    bench_fn before; /* NULL, or what is done before each call of `run`, not timed */
    bench_fn run;
    void *context;
    size_t batch;      /* items that make sense at a time: samples are multiples of it */
    bench_fn baseline; /* NULL: there is none */
    void *baseline_context;
    size_t baseline_batch;
    double ifmas; /* 512-bit IFMAs of an item at the roof; 0: there is no roof */
    size_t threads;
    bool random_time; /* some items take much longer than others, by chance (the search for primes) */
} timing;

typedef struct measurement {
    size_t count, samples; /* items in a sample; samples */
    summary time;          /* seconds an item */
    double baseline;       /* median seconds an item of the baseline; 0 without one */
    double ratio;          /* median over rounds of baseline / operation; 0 without a baseline */
    double peak;           /* median IFMAs a second of one core; 0 where the machine has none */
    double roof;           /* median over rounds of the fraction of the threads' peak; 0 without a roof */
    bool noisy;            /* the machine did not let it become stable */
} measurement;

/** Take samples of each in turn until the medians of time and ratio are known within 1%, or `seconds` have passed; at
 * least five rounds in any case, and with `seconds` = 0 no more. */
measurement measure(const timing *t, double seconds);

#endif
