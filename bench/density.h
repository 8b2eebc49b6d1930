/* Does an operation's time depend on its secrets? Operands between all zeros and all ones go through it in random
 * order, and the time of each sample is held against how many ones its operands had. What takes the same time for all
 * of them shows a correlation of 0 but for chance; what branches, skips or looks up by them does not (shown on
 * mpz_powm in tests/bench/test_density.c). */
#ifndef VEILSUM_BENCH_DENSITY_H
#define VEILSUM_BENCH_DENSITY_H

#include "bench/measure.h"

#define DENSITY_LEVELS 8u /* densities 0/8 .. 8/8 */

/* Fill the operation's operands with bits of which level/8 are ones. */
typedef void (*density_fn)(void *context, unsigned level);

typedef struct dependence {
    double r;       /* rank correlation of time and density */
    double chance;  /* what |r| exceeds once in a thousand times where there is no dependence */
    size_t samples; /* 0: not measured */
} dependence;

/** Random bytes whose bits are ones with probability level/8. */
void density_fill(void *out, size_t len, unsigned level);

/** Time `run` on samples of `batch` items or more, for about `seconds`, on one thread, counting only the time that the
 * thread ran; every level equally often, and at least twice. */
dependence measure_dependence(density_fn prepare, bench_fn run, void *context, size_t batch, double seconds);

#endif
