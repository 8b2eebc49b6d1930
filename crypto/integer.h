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
