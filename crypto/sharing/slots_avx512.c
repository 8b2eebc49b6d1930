/* Slots, eight words at a time. Words are added apart from each other first; a carry out of a word is seen by the sum
 * being smaller than a summand, and it goes through a word of ones to the next. For eight words both are eight bits of
 * a number, and one addition of those numbers carries as far as the carries go: with `made` bits shifted up by one and
 * `passed` bits added, a word takes a carry just where the sum differs from `passed`. No word does both, since a sum
 * of ones is not smaller than a summand.
 */
#include <immintrin.h>

#include "crypto/sharing/backend.h"

#define LANES 8u

typedef __m512i vector;

/* Which words take a carry; the carry out of the highest is left in `carry`. */
static inline __mmask8 spread(unsigned made, unsigned passed, unsigned *carry) {
    unsigned taken = ((made << 1 | *carry) + passed) ^ passed;
    *carry = taken >> LANES;
    return (__mmask8)taken;
}

unsigned vs__slots_add_avx512(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words, unsigned carry) {
    const vector ones = _mm512_set1_epi64(-1);
    size_t i = 0;
    for (; i + LANES <= words; i += LANES) {
        vector a = _mm512_loadu_si512(acc + i), b = _mm512_loadu_si512(x + i), top = _mm512_loadu_si512(tops + i);
        vector low = _mm512_andnot_si512(top, b), sum = _mm512_add_epi64(_mm512_andnot_si512(top, a), low);
        __mmask8 taken = spread(_mm512_cmplt_epu64_mask(sum, low), _mm512_cmpeq_epi64_mask(sum, ones), &carry);
        sum = _mm512_mask_sub_epi64(sum, taken, sum, ones);
        _mm512_storeu_si512(acc + i, _mm512_xor_si512(sum, _mm512_and_si512(_mm512_xor_si512(a, b), top)));
    }
    return vs__slots_add_portable(acc + i, x + i, tops + i, words - i, carry);
}

/* A borrow is seen by the minuend being smaller, and goes through a word of zeros. */
unsigned vs__slots_sub_avx512(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words, unsigned borrow) {
    const vector ones = _mm512_set1_epi64(-1), zero = _mm512_setzero_si512();
    size_t i = 0;
    for (; i + LANES <= words; i += LANES) {
        vector a = _mm512_loadu_si512(acc + i), b = _mm512_loadu_si512(x + i), top = _mm512_loadu_si512(tops + i);
        vector high = _mm512_or_si512(a, top), low = _mm512_andnot_si512(top, b), sum = _mm512_sub_epi64(high, low);
        __mmask8 taken = spread(_mm512_cmplt_epu64_mask(high, low), _mm512_cmpeq_epi64_mask(sum, zero), &borrow);
        sum = _mm512_mask_add_epi64(sum, taken, sum, ones);
        _mm512_storeu_si512(acc + i, _mm512_xor_si512(sum, _mm512_andnot_si512(_mm512_xor_si512(a, b), top)));
    }
    return vs__slots_sub_portable(acc + i, x + i, tops + i, words - i, borrow);
}
