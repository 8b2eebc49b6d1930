/* Shamir's secret sharing over GF(2^8), byte by byte: any `threshold` shares give the secret, fewer give nothing. The
 * field is that of x^8 + x^4 + x^3 + x + 1; a share's point is a number from 1 to 255 and public.
 *
 * Shares carry no check of their own: whoever joins them compares what comes out with something that was published.
 */
#ifndef VEILSUM_CRYPTO_SHARING_SHAMIR_H
#define VEILSUM_CRYPTO_SHARING_SHAMIR_H

#include <stddef.h>
#include <stdint.h>

#define VS_SHAMIR_MAX_SHARES 255u

/** Shares of `secret` for the points 1 .. count, one after the other.
 *
 *  Shape:   shares has count·len bytes, secret has len, coefficients (threshold − 1)·len: random bytes that serve this
 *           secret alone.
 *  Range:   1 ≤ threshold ≤ count ≤ 255 (VS_CHECK).
 *  Secret:  secret, coefficients and shares; time depends on the counts only.
 *  Owns:    nothing; nothing may overlap.
 *  Source:  [S79]. */
void vs_shamir_split(uint8_t *shares, const uint8_t *secret, size_t len, unsigned threshold, unsigned count,
                     const uint8_t *coefficients);

/** The secret that `count` shares give: as many as the threshold, or more. Fewer, or a wrong one among them, give some
 * other bytes.
 *
 *  Shape:   points has count bytes; shares has count·len, those of points[0] first.
 *  Range:   1 ≤ count ≤ 255; points distinct and not 0 (VS_CHECK).
 *  Secret:  shares and secret; time depends on len and points only.
 *  Owns:    nothing; nothing may overlap. */
void vs_shamir_join(uint8_t *secret, size_t len, const uint8_t *points, const uint8_t *shares, unsigned count);

#endif
