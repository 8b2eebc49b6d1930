/* The peak itself; compiled with flags of its own, and called where the processor has the instructions only. */
#include "bench/peak.h"

#include <immintrin.h>

/* Sixteen independent sums: more than the latency of the instruction (4 cycles) times the units that carry it out (1 or
 * 2). One by one by name, so that every compiler keeps them in registers. */
#define SUMS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define DECLARE(k) __m512i sum##k = _mm512_set1_epi64(k);
#define ADD_LOW(k) sum##k = _mm512_madd52lo_epu64(sum##k, a, b);
#define ADD_HIGH(k) sum##k = _mm512_madd52hi_epu64(sum##k, a, b);
#define GATHER(k) all = _mm512_xor_si512(all, sum##k);
#define IN_A_ROUND 32u

uint64_t peak_ifma_run(uint64_t count) {
    __m512i a = _mm512_set1_epi64(0x000f1e2d3c4b5a69), b = _mm512_set1_epi64(0x0009876543210fed);
    __m512i all = _mm512_setzero_si512();
    SUMS(DECLARE)
    for (uint64_t i = 0; i < count; i += IN_A_ROUND) {
        /* The compiler must not see that every round adds the same. */
        __asm__ volatile("" : "+v"(a), "+v"(b));
        SUMS(ADD_LOW)
        SUMS(ADD_HIGH)
    }
    SUMS(GATHER)
    return (uint64_t)_mm512_reduce_add_epi64(all);
}
