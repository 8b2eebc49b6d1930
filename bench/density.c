#include "bench/density.h"

#include <stdint.h>

#include "bench/clock.h"
#include "crypto/secret.h"

#define LEVELS (DENSITY_LEVELS + 1)
#define MIN_ROUNDS 2
#define MAX_ROUNDS 32
#define SAMPLE_SECONDS 0.002
#define CHUNK 1024u /* random bytes are drawn so many at a time */

void density_fill(void *out, size_t len, unsigned level) {
    uint8_t *bytes = out, random[3][CHUNK];
    for (size_t i = 0; i < len; i++) {
        /* From the level's lowest bit up: each step halves the probability, and a one puts a half on top. */
        uint8_t bits = 0;
        if (i % CHUNK == 0) {
            vs_random(random, sizeof random);
        }
        for (unsigned k = 0; k < 3; k++) {
            uint8_t r = random[k][i % CHUNK];
            bits = (level >> k & 1) != 0 ? (uint8_t)(bits | r) : (uint8_t)(bits & r);
        }
        bytes[i] = level == DENSITY_LEVELS ? 0xff : bits;
    }
}

/* A random order of the levels. */
static void shuffle(unsigned order[LEVELS]) {
    uint32_t random[LEVELS];
    vs_random(random, sizeof random);
    for (unsigned i = 0; i < LEVELS; i++) {
        unsigned j = random[i] % (i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}

static double timed(bench_fn run, void *context, size_t count) {
    double start = thread_seconds();
    run(context, count);
    return thread_seconds() - start;
}

dependence measure_dependence(density_fn prepare, bench_fn run, void *context, size_t batch, double seconds) {
    static double density[MAX_ROUNDS * LEVELS], time[MAX_ROUNDS * LEVELS];
    unsigned order[LEVELS];
    size_t taken = 0;
    prepare(context, DENSITY_LEVELS / 2);
    double start = wall_seconds(), each = timed(run, context, batch);
    size_t count = each > SAMPLE_SECONDS ? batch : (size_t)(SAMPLE_SECONDS / each + 1) * batch;
    for (unsigned round = 0; round < MAX_ROUNDS; round++) {
        if (round >= MIN_ROUNDS && wall_seconds() - start > seconds) {
            break;
        }
        shuffle(order);
        for (unsigned i = 0; i < LEVELS; i++) {
            prepare(context, order[i]);
            density[taken] = order[i];
            time[taken++] = timed(run, context, count);
        }
    }
    return (dependence){rank_correlation(density, time, taken), correlation_by_chance(taken), taken};
}
