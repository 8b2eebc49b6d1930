/* What the suites share: cmocka in the order that it wants, a seeded generator whose seed is printed, numbers with
 * corners. */
#ifndef VEILSUM_TESTS_SUPPORT_H
#define VEILSUM_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* splitmix64; seeded from VEILSUM_SEED or the clock. */
static uint64_t test_state;

static inline void test_seed(void) {
    const char *seed = getenv("VEILSUM_SEED");
    test_state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL) * 2654435761u;
    printf("# VEILSUM_SEED=%llu\n", (unsigned long long)test_state);
}

static inline uint64_t test_random(void) {
    uint64_t z = (test_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Below `bound`, which is not 0. */
static inline uint64_t test_below(uint64_t bound) {
    return test_random() % bound;
}

/* Bytes with long runs of zeros and ones half of the time: where carries go wrong. */
static inline void test_fill(void *out, size_t len) {
    uint8_t *bytes = out;
    for (size_t i = 0; i < len;) {
        uint64_t r = test_random();
        size_t run = 1 + (size_t)(r % 24);
        for (; run > 0 && i < len; run--, i++) {
            bytes[i] = (r >> 32) % 4 == 0 ? 0 : (r >> 32) % 4 == 1 ? 0xff : (uint8_t)test_random();
        }
    }
}

#endif
