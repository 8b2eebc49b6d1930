/* What a run of the benchmark finds out: the machine, and a row for each operation, size, backend and number of
 * threads. */
#ifndef VEILSUM_BENCH_RESULTS_H
#define VEILSUM_BENCH_RESULTS_H

#include "bench/machine.h"
#include "bench/settings.h"

typedef struct row {
    const operation *op;
    unsigned bits, degree, threads;
    const char *backend;
    measurement m;
    dependence d;
    double ifmas; /* of an item at the roof; 0 without one */
    double bytes; /* that an item must read or write; 0 where that says nothing */
} row;

typedef struct results {
    machine machine;
    row *rows;
    size_t count, cap;
} results;

/** Times whatever the settings ask for, row by row; `on_row` (may be NULL) sees each as soon as it is there. False
 * where memory or randomness was wanting. Free the rows with results_clear. */
bool results_take(results *r, const settings *s, void (*on_row)(const row *));
void results_clear(results *r);

/** The row of an operation with one thread (or of the whole program) on the first backend; NULL where there is none. */
const row *results_find(const results *r, const settings *s, const char *op, unsigned bits, unsigned degree);

size_t results_noisy(const results *r);

/* Derived figures of a row; NAN where they do not apply. */
double row_per_second(const row *r);
double row_others_per_second(const row *r);
double row_ratio(const row *r);           /* of the textbook's time to ours */
double row_kernel_fraction(const row *r); /* of the whole program's time */
double row_roof(const row *r);
double row_correlation(const row *r);

#endif
