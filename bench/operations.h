/* The operations that are timed, each beside its textbook counterpart. */
#ifndef VEILSUM_BENCH_OPERATIONS_H
#define VEILSUM_BENCH_OPERATIONS_H

#include "bench/measure.h"
#include "bench/textbook.h"

typedef struct subject subject;

typedef struct operation {
    const char *name;
    size_t batch;
    bench_fn run;      /* context: subject * */
    bench_fn textbook; /* context: textbook * */
    int uses_threads;
} operation;

extern const operation operations[];
extern const size_t operation_count;

/** A key of this size and what the operations work on; NULL where memory or the size is wanting. */
subject *subject_new(unsigned bits, unsigned degree);
void subject_free(subject *s);
const char *subject_backend(const subject *s);

#endif
