/* The roof: how many 512-bit IFMAs an operation takes at the least that the digit arithmetic (papers/ring.md) foresees,
 * if nothing but multiplications cost anything. An operation's fraction of the roof is that number over what the
 * machine's peak would have done in the time that it took.
 *
 * A modulus of b bits has L = ceil((b + 5)/52) limbs (40, 60, 79; primes of keys 20, 30, 40), and a digit product or
 * a reduction of eight elements takes 2·L² IFMAs, the square of a digit half of that.
 *
 *   product    (s+1)(s+2)/2 digit products and s+1 reductions: 10·L² for s = 1
 *   square     digits in pairs, squares of digits half, s+1 reductions: 7·L² for s = 1
 *   pool       products by one digit and reductions of the upper s digits: 4·L² for s = 1
 *   power      one square a bit and one product for every five, of an exponent as long as the modulus
 *   encrypt    for every six bits of the exponent a product by one digit: s+1 digit products, s+1 reductions
 *   scalar     the squares and products of the factor's bits
 *   decrypt    two powers, modulo primes of half the length
 *
 * It is a definition to compare with, not a law of nature: an algorithm that needs fewer products may be above 1. */
#ifndef VEILSUM_BENCH_ROOF_H
#define VEILSUM_BENCH_ROOF_H

#include <stdint.h>

typedef enum roof_kind {
    ROOF_NONE,
    ROOF_PRODUCT,
    ROOF_SQUARE,
    ROOF_POOL,
    ROOF_POWER,
    ROOF_ENCRYPT,
    ROOF_SCALAR,
    ROOF_DECRYPT
} roof_kind;

typedef struct roof_size {
    unsigned bits, degree;  /* of n, and s; ROOF_POWER: its ring is that of a prime of bits / 2 */
    unsigned exponent_bits; /* of encryption's randomness */
    uint64_t factor;        /* of ROOF_SCALAR */
} roof_size;

/** IFMAs for one element, an eighth of eight lanes; 0 for ROOF_NONE. */
double roof_ifmas(roof_kind kind, const roof_size *size);

#endif
