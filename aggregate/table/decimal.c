#include "aggregate/table/decimal.h"

#include <math.h>

#include "crypto/integer.h"

/* Exponents beyond this are as good as this: no text has so many digits that one more or less would matter. */
#define MAX_EXPONENT (INT64_C(1) << 58)

/* A number's grammar, read: where its digits are, and its exponent. */
typedef struct number {
    bool negative;
    const char *digits; /* whole digits, then, if there are decimals, the point and the decimals */
    size_t whole, decimals;
    int64_t exponent; /* saturated */
} number;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t count_digits(const char *at, const char *end) {
    const char *from = at;
    while (at < end && is_digit(*at)) {
        at++;
    }
    return (size_t)(at - from);
}

static bool take_sign(const char **at, const char *end) {
    bool negative = *at < end && **at == '-';
    *at += *at < end && (**at == '-' || **at == '+');
    return negative;
}

/* "e-12" and the like; nothing at all is exponent 0. False where there is an e without digits. */
static bool take_exponent(const char **at, const char *end, int64_t *exponent) {
    *exponent = 0;
    if (*at == end || (**at != 'e' && **at != 'E')) {
        return true;
    }
    ++*at;
    bool negative = take_sign(at, end);
    size_t len = count_digits(*at, end);
    for (size_t i = 0; i < len && *exponent < MAX_EXPONENT; i++) {
        *exponent = *exponent * 10 + ((*at)[i] - '0');
    }
    *exponent = *exponent < MAX_EXPONENT ? *exponent : MAX_EXPONENT;
    *exponent = negative ? -*exponent : *exponent;
    *at += len;
    return len > 0;
}

static bool read_number(number *x, const char *text, size_t len, char point) {
    const char *at = text, *end = text + len;
    for (; at < end && (*at == ' ' || *at == '\t'); at++) {
    }
    for (; end > at && (end[-1] == ' ' || end[-1] == '\t'); end--) {
    }
    x->negative = take_sign(&at, end);
    x->digits = at;
    x->whole = count_digits(at, end);
    x->decimals = 0;
    at += x->whole;
    if (at < end && *at == point) {
        x->decimals = count_digits(at + 1, end);
        at += 1 + x->decimals;
    }
    return x->whole + x->decimals > 0 && take_exponent(&at, end, &x->exponent) && at == end;
}

static int digit_at(const number *x, size_t i) {
    return x->digits[i < x->whole ? i : i + 1] - '0'; /* the point stands between */
}

vs_decimal_result vs_decimal_parse(int64_t *value, const char *text, size_t len, unsigned scale, char point,
                                   bool round) {
    number x;
    *value = 0;
    if (len > (size_t)MAX_EXPONENT || !read_number(&x, text, len, point)) {
        return VS_DECIMAL_NOT_A_NUMBER;
    }
    /* The first `kept` digits are the scaled value, followed by zeros where kept > count; the rest is dropped. No
     * overflow: each summand is at most 2^58. */
    int64_t count = (int64_t)(x.whole + x.decimals);
    int64_t kept = (int64_t)x.whole + x.exponent + (int64_t)scale;
    int64_t scaled = 0;
    int first_dropped = 0;
    bool more_dropped = false;
    for (int64_t i = 0; i < count; i++) {
        int digit = digit_at(&x, (size_t)i);
        if (i < kept) {
            if (scaled > (VS_MAX_SCALED - digit) / 10) {
                return VS_DECIMAL_TOO_LARGE;
            }
            scaled = scaled * 10 + digit;
        } else if (i == kept) {
            first_dropped = digit;
        } else {
            more_dropped |= digit != 0;
        }
    }
    /* Ends after 19 steps at most, since a number that is not 0 has grown too large by then. */
    for (int64_t i = count; i < kept && scaled != 0; i++) {
        if (scaled > VS_MAX_SCALED / 10) {
            return VS_DECIMAL_TOO_LARGE;
        }
        scaled *= 10;
    }
    if (!round && (first_dropped != 0 || more_dropped)) {
        return VS_DECIMAL_TOO_PRECISE;
    }
    scaled += first_dropped > 5 || (first_dropped == 5 && (more_dropped || scaled % 2 != 0));
    if (scaled > VS_MAX_SCALED) {
        return VS_DECIMAL_TOO_LARGE;
    }
    *value = x.negative ? -scaled : scaled;
    return VS_DECIMAL_OK;
}

/* x / 2^shift rounded half-even; x < 2^113, shift > 0. */
static vs_uint128 shift_right_half_even(vs_uint128 x, int shift) {
    if (shift > 114) {
        return 0; /* less than a half */
    }
    vs_uint128 whole = x >> shift, rest = x - (whole << shift), half = (vs_uint128)1 << (shift - 1);
    return whole + (rest > half || (rest == half && (whole & 1)));
}

vs_decimal_result vs_decimal_from_double(int64_t *value, double x, unsigned scale) {
    VS_CHECK(scale <= 18);
    *value = 0;
    if (!isfinite(x)) {
        return VS_DECIMAL_NOT_A_NUMBER;
    }
    /* |x| = mantissa · 2^exponent, exactly */
    int exponent;
    vs_uint128 scaled = (vs_uint128)ldexp(frexp(fabs(x), &exponent), 53);
    exponent -= 53;
    for (unsigned i = 0; i < scale; i++) {
        scaled *= 10; /* below 2^53 · 10^18 < 2^113 */
    }
    if (exponent < 0) {
        scaled = shift_right_half_even(scaled, -exponent);
    } else if (exponent > 9) {
        scaled = scaled == 0 ? 0 : (vs_uint128)VS_MAX_SCALED + 1; /* a mantissa that is not 0 is at least 2^52 */
    } else {
        scaled <<= exponent;
    }
    if (scaled > (vs_uint128)VS_MAX_SCALED) {
        return VS_DECIMAL_TOO_LARGE;
    }
    *value = signbit(x) ? -(int64_t)scaled : (int64_t)scaled;
    return VS_DECIMAL_OK;
}

const char *vs_scaled_text(char out[64], int64_t value, unsigned scale) {
    size_t len = vs_int128_to_decimal(out, value, scale);
    while (scale > 0 && out[len - 1] == '0') {
        out[--len] = '\0';
    }
    if (scale > 0 && out[len - 1] == '.') {
        out[--len] = '\0';
    }
    return out;
}
