/* Eight 64-bit lanes and the few operations that the arithmetic is written in. Included by backend_ifma.c alone, which
 * is compiled twice: with AVX-512 IFMA, and with VEILSUM_IFMA_PORTABLE, where loops stand in for the instructions. The
 * second is slow, and lets every machine test the same arithmetic.
 */
#ifndef VEILSUM_CRYPTO_RING_IFMA_VECTOR_H
#define VEILSUM_CRYPTO_RING_IFMA_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/ring/ring.h"

#if !defined(VEILSUM_IFMA_PORTABLE)
#include <immintrin.h>
#endif

#define LANES 8
#define RADIX 52
#define MASK ((UINT64_C(1) << RADIX) - 1)

/* Aligned like a word, since that is what callers promise; memory that matters is aligned to cache lines all the same.
 */
typedef uint64_t vector __attribute__((vector_size(LANES * sizeof(uint64_t)), aligned(sizeof(uint64_t))));
typedef int64_t signed_vector __attribute__((vector_size(LANES * sizeof(int64_t)), aligned(sizeof(int64_t))));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE vector broadcast(uint64_t x) {
    return (vector){x, x, x, x, x, x, x, x};
}

/* Divided by 2^52, rounded down, as signed numbers. */
ALWAYS_INLINE vector carry_of(vector x) {
    return (vector)((signed_vector)x >> RADIX);
}

#if defined(VEILSUM_IFMA_PORTABLE)

#define UNROLL

/* sum + the low, and the high, 52 bits of the product of the low 52 bits of a and b. */
static vector madd_low(vector sum, vector a, vector b) {
    for (int i = 0; i < LANES; i++) {
        sum[i] += ((a[i] & MASK) * (b[i] & MASK)) & MASK;
    }
    return sum;
}

static vector madd_high(vector sum, vector a, vector b) {
    for (int i = 0; i < LANES; i++) {
        sum[i] += (uint64_t)(((__extension__(unsigned __int128)(a[i] & MASK)) * (b[i] & MASK)) >> RADIX);
    }
    return sum;
}

/* Of small numbers. Clang sees through == and through this, and makes branches of both, unless their difference comes
 * from where it cannot look. */
static uint64_t all_ones_if_equal(uint64_t a, uint64_t b) {
    uint64_t difference = a ^ b;
    __asm__("" : "+r"(difference));
    return ((0 - difference) >> 63) - 1;
}

/* Sixteen entries in two vectors, one picked by the low four bits of each lane's index. */
static vector pick(vector low, vector high, vector index) {
    vector z;
    for (int i = 0; i < LANES; i++) {
        uint64_t value = 0;
        for (int j = 0; j < LANES; j++) {
            value |= low[j] & all_ones_if_equal(index[i] & 15, (uint64_t)j);
            value |= high[j] & all_ones_if_equal(index[i] & 15, (uint64_t)(j + LANES));
        }
        z[i] = value;
    }
    return z;
}

static bool available(void) {
    return true;
}

/* Bit k is set where lane k of x is negative. */
static unsigned negative_lanes(vector x) {
    unsigned lanes = 0;
    for (int i = 0; i < LANES; i++) {
        lanes |= (unsigned)(x[i] >> 63) << i;
    }
    return lanes;
}

ALWAYS_INLINE void prefetch(const void *at) {
    (void)at;
}

#else

/* Tiles are of 10 × 10 limbs: their loops are unrolled whole, so that every column is a register. */
#define UNROLL _Pragma("GCC unroll 20")

ALWAYS_INLINE vector madd_low(vector sum, vector a, vector b) {
    return (vector)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

ALWAYS_INLINE vector madd_high(vector sum, vector a, vector b) {
    return (vector)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

ALWAYS_INLINE vector pick(vector low, vector high, vector index) {
    return (vector)_mm512_permutex2var_epi64((__m512i)low, (__m512i)index, (__m512i)high);
}

static bool available(void) {
    __builtin_cpu_init(); /* asks the processor, and whether the system saves the registers */
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

ALWAYS_INLINE unsigned negative_lanes(vector x) {
    return _mm512_cmplt_epi64_mask((__m512i)x, _mm512_setzero_si512());
}

ALWAYS_INLINE void prefetch(const void *at) {
    __builtin_prefetch(at);
}

#endif

/* a where the mask's lane is all ones, b where it is 0. */
ALWAYS_INLINE vector blend(vector mask, vector a, vector b) {
    return b ^ ((a ^ b) & mask);
}

#endif
