/* Exact public integers of any size, for what is computed from an opened total: means, variances, regressions.
 *
 * A thin face on GMP, so that GMP itself is seen in crypto/ alone. Variable time: never for secrets. Arguments may
 * alias.
 */
#ifndef VEILSUM_CRYPTO_INTEGER_H
#define VEILSUM_CRYPTO_INTEGER_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

__extension__ typedef __int128 vs_int128;
__extension__ typedef unsigned __int128 vs_uint128;

/** Bits of x without leading zeros; 0 for 0. Variable time. */
static inline unsigned vs_uint128_bits(vs_uint128 x) {
    unsigned bits = 0;
    for (; x != 0; x >>= 1) {
        bits++;
    }
    return bits;
}

typedef struct vs_integer vs_integer;

/** A new integer holding 0, or NULL where memory ran out. */
vs_integer *vs_integer_new(void);
void vs_integer_free(vs_integer *x);

void vs_integer_set(vs_integer *x, vs_int128 value);
void vs_integer_copy(vs_integer *x, const vs_integer *y);
void vs_integer_add(vs_integer *z, const vs_integer *x, const vs_integer *y);
void vs_integer_sub(vs_integer *z, const vs_integer *x, const vs_integer *y);
void vs_integer_mul(vs_integer *z, const vs_integer *x, const vs_integer *y);
/** z = x · 10^power; power ≤ 1000. */
void vs_integer_mul_pow10(vs_integer *z, const vs_integer *x, unsigned power);
/** −1, 0 or 1. */
int vs_integer_sign(const vs_integer *x);

void vs_integer_negate(vs_integer *z, const vs_integer *x);
/** −1, 0 or 1, as x is below y, y or above. */
int vs_integer_compare(const vs_integer *x, const vs_integer *y);
/** z = x · 2^bits and z = floor(x / 2^bits). */
void vs_integer_shift_left(vs_integer *z, const vs_integer *x, size_t bits);
void vs_integer_shift_right(vs_integer *z, const vs_integer *x, size_t bits);
/** z = x · base^power. */
void vs_integer_mul_power(vs_integer *z, const vs_integer *x, unsigned base, unsigned power);
/** x = q·y + r with 0 ≤ r < y, for y > 0; q and r are two. */
void vs_integer_divide(vs_integer *q, vs_integer *r, const vs_integer *x, const vs_integer *y);
/** x / y rounded half-even, for y > 0. */
void vs_integer_divide_half_even(vs_integer *q, const vs_integer *x, const vs_integer *y);
/** Bits of |x|, 0 for 0; and how often 2 divides x, 0 for 0. */
size_t vs_integer_bits(const vs_integer *x);
size_t vs_integer_twos(const vs_integer *x);

/* ---- as bytes and digits (integer_text.c) ---- */

/** From `len` little-endian bytes, and back: `len` bytes of 0 ≤ x < 256^len. */
void vs_integer_from_bytes(vs_integer *x, const uint8_t *bytes, size_t len);
void vs_integer_to_bytes(uint8_t *bytes, size_t len, const vs_integer *x);

/** From 1 or more decimal digits and nothing else. VS_OK; VS_ERR_FORMAT, x unchanged; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_integer_from_digits(vs_integer *x, const char *digits, size_t len);
/** x / 10^scale in plain notation with exactly `scale` decimals ("-0.050", "7"), and a zero byte.
 *  Returns: VS_OK, VS_ERR_LIMIT where `out` is too short. */
VS_MUST_CHECK vs_status vs_integer_to_decimal(char *out, size_t out_len, const vs_integer *x, size_t scale);

/** Write numerator / denominator rounded half-even to `digits` significant decimal digits, in plain notation ("-12.5",
 *  "0.000012", "123000000"), with no trailing zeros after the point and no "-0". The denominator must not be 0,
 *  and `digits` is 1 .. 1000.
 *
 *  Returns: VS_OK, VS_ERR_LIMIT where `out` is too short, VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_integer_ratio(char *out, size_t out_len, const vs_integer *numerator,
                                         const vs_integer *denominator, unsigned digits);

/** The float64 nearest to numerator / denominator, ties to even. The denominator must be positive. */
double vs_integer_ratio_to_double(const vs_integer *numerator, const vs_integer *denominator);

/** value / 10^scale with exactly `scale` decimals ("-12.50", "7"). scale ≤ 60; returns the length. */
size_t vs_int128_to_decimal(char out[64], vs_int128 value, unsigned scale);

#endif
