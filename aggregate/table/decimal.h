/* Exact decimal text to scaled integers and back: "-12.5" at scale 2 is −1250. No binary floating point on the way. */
#ifndef VEILSUM_AGGREGATE_DECIMAL_H
#define VEILSUM_AGGREGATE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

#define VS_MAX_SCALED ((INT64_C(1) << 62) - 1) /* what a scaled integer may be, either side of 0 */

typedef enum vs_decimal_result {
    VS_DECIMAL_OK,
    VS_DECIMAL_NOT_A_NUMBER, /* "abc", "1,200", "12%", "NaN", "1.2.3", "" */
    VS_DECIMAL_TOO_PRECISE,  /* more non-zero decimals than scale and no rounding */
    VS_DECIMAL_TOO_LARGE     /* beyond ±VS_MAX_SCALED when scaled */
} vs_decimal_result;

/** [+-]digits[.digits][e[+-]digits], digits on one side of the point at least, spaces around allowed; `point` is '.' or
 * ','. Any length; time linear in it. `round`: excess decimals are rounded half-even, else refused unless they are
 * zeros. */
VS_MUST_CHECK vs_decimal_result vs_decimal_parse(int64_t *value, const char *text, size_t len, unsigned scale,
                                                 char point, bool round);

/** A float64 times 10^scale, rounded half-even exactly (the binary value, not its shortest decimal). NaN and infinities
 * are VS_DECIMAL_NOT_A_NUMBER. */
VS_MUST_CHECK vs_decimal_result vs_decimal_from_double(int64_t *value, double x, unsigned scale);

/** value / 10^scale, scale ≤ 60, without the zeros that the scale would add: "120", "-0.5", as people write bounds and
 * edges. Returns `out`. */
const char *vs_scaled_text(char out[64], int64_t value, unsigned scale);

#endif
