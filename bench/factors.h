/* A pool in a file that has no name any more, for encryption from it. */
#ifndef VEILSUM_BENCH_FACTORS_H
#define VEILSUM_BENCH_FACTORS_H

#include "bench/subject.h"

void factors_end(subject *s);

#endif
