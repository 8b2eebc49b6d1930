#include "crypto/integer_internal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

vs_integer *vs_integer_new(void) {
    vs_integer *x = malloc(sizeof *x);
    if (x != NULL) {
        mpz_init(x->value);
    }
    return x;
}

void vs_integer_free(vs_integer *x) {
    if (x != NULL) {
        mpz_clear(x->value);
        free(x);
    }
}

void vs_integer_set(vs_integer *x, vs_int128 value) {
    vs_uint128 size = value < 0 ? -(vs_uint128)value : (vs_uint128)value;
    uint64_t limbs[2] = {(uint64_t)size, (uint64_t)(size >> 64)};
    mpz_import(x->value, 2, -1, sizeof limbs[0], 0, 0, limbs);
    if (value < 0) {
        mpz_neg(x->value, x->value);
    }
}

void vs_integer_copy(vs_integer *x, const vs_integer *y) {
    mpz_set(x->value, y->value);
}

void vs_integer_add(vs_integer *z, const vs_integer *x, const vs_integer *y) {
    mpz_add(z->value, x->value, y->value);
}

void vs_integer_sub(vs_integer *z, const vs_integer *x, const vs_integer *y) {
    mpz_sub(z->value, x->value, y->value);
}

void vs_integer_mul(vs_integer *z, const vs_integer *x, const vs_integer *y) {
    mpz_mul(z->value, x->value, y->value);
}

void vs_integer_mul_pow10(vs_integer *z, const vs_integer *x, unsigned power) {
    VS_CHECK(power <= 1000);
    mpz_t factor;
    mpz_init(factor);
    mpz_ui_pow_ui(factor, 10, power);
    mpz_mul(z->value, x->value, factor);
    mpz_clear(factor);
}

int vs_integer_sign(const vs_integer *x) {
    return mpz_sgn(x->value);
}

void vs__divide_half_even(mpz_t quotient, mpz_t x, const mpz_t y) {
    mpz_fdiv_qr(quotient, x, x, y);
    mpz_mul_2exp(x, x, 1);
    int order = mpz_cmp(x, y);
    if (order > 0 || (order == 0 && mpz_odd_p(quotient))) {
        mpz_add_ui(quotient, quotient, 1);
    }
}

/* x or y times 10^|power|, so that x / y grows by 10^power. */
static void scale_by_ten(mpz_t x, mpz_t y, long power) {
    mpz_t factor;
    mpz_init(factor);
    mpz_ui_pow_ui(factor, 10, (unsigned long)labs(power));
    mpz_mul(power < 0 ? y : x, power < 0 ? y : x, factor);
    mpz_clear(factor);
}

/* floor(log10(x / y)). mpz_sizeinbase is exact or 1 too large for each, so the first guess is at most 3 too small. */
static long order_of_magnitude(const mpz_t x, const mpz_t y) {
    long order = (long)mpz_sizeinbase(x, 10) - (long)mpz_sizeinbase(y, 10) - 2;
    mpz_t left, right;
    mpz_init_set(left, x);
    mpz_init_set(right, y);
    scale_by_ten(left, right, -(order + 1)); /* now x / y · 10^−(order + 1) >= 1 means that the order is larger */
    while (mpz_cmp(left, right) >= 0) {
        mpz_mul_ui(right, right, 10);
        order++;
    }
    mpz_clears(left, right, NULL);
    return order;
}

/* The first `digits` digits of x / y, rounded half-even, and the order of the first one; x, y > 0 are overwritten. */
static long leading_digits(char *text, mpz_t x, mpz_t y, unsigned digits) {
    long order = order_of_magnitude(x, y);
    mpz_t quotient;
    mpz_init(quotient);
    scale_by_ten(x, y, (long)digits - 1 - order);
    vs__divide_half_even(quotient, x, y);
    mpz_get_str(text, 10, quotient);
    order += text[digits] != '\0'; /* 99…9.5 has become 100…0 */
    text[digits] = '\0';
    mpz_clear(quotient);
    return order;
}

/* `digits`, whose first has the order `order`, in plain notation. */
static vs_status lay_out(char *out, size_t out_len, const char *digits, long order, bool negative) {
    size_t count = strlen(digits);
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    size_t zeros_before = order < 0 ? (size_t)-order : 0; /* "0.00": the first 0 stands left of the point */
    size_t whole = order < 0 ? 1 : (size_t)order + 1;
    size_t zeros_after = order >= 0 && whole > count ? whole - count : 0;
    size_t point = zeros_before + count > whole;
    if (negative + zeros_before + count + zeros_after + point + 1 > out_len) {
        return VS_ERR_LIMIT;
    }
    char *at = out;
    if (negative) {
        *at++ = '-';
    }
    for (size_t i = 0; i < zeros_before + count + zeros_after; i++) {
        if (i == whole) {
            *at++ = '.';
        }
        bool filled = i < zeros_before || i >= zeros_before + count;
        *at++ = filled ? '0' : digits[i - zeros_before];
    }
    *at = '\0';
    return VS_OK;
}

vs_status vs_integer_ratio(char *out, size_t out_len, const vs_integer *numerator, const vs_integer *denominator,
                           unsigned digits) {
    VS_CHECK(mpz_sgn(denominator->value) != 0 && digits > 0 && digits <= 1000);
    bool negative = mpz_sgn(numerator->value) * mpz_sgn(denominator->value) < 0;
    if (mpz_sgn(numerator->value) == 0) {
        return lay_out(out, out_len, "0", 0, false);
    }
    char *text = malloc((size_t)digits + 3); /* GMP wants room for a sign, one digit more and the end */
    if (text == NULL) {
        return VS_ERR_MEMORY;
    }
    mpz_t x, y;
    mpz_inits(x, y, NULL);
    mpz_abs(x, numerator->value);
    mpz_abs(y, denominator->value);
    long order = leading_digits(text, x, y, digits);
    vs_status status = lay_out(out, out_len, text, order, negative);
    mpz_clears(x, y, NULL);
    free(text);
    return status;
}

/* x or y times 2^|power|, so that x / y grows by 2^power. */
static void scale_by_two(mpz_t x, mpz_t y, long power) {
    if (power < 0) {
        mpz_mul_2exp(y, y, (mp_bitcnt_t)-power);
    } else {
        mpz_mul_2exp(x, x, (mp_bitcnt_t)power);
    }
}

/* floor(log2(x / y)) for x, y > 0. */
static long binary_order(const mpz_t x, const mpz_t y) {
    long order = (long)mpz_sizeinbase(x, 2) - (long)mpz_sizeinbase(y, 2);
    mpz_t left, right;
    mpz_init_set(left, x);
    mpz_init_set(right, y);
    scale_by_two(left, right, -order);
    order -= mpz_cmp(left, right) < 0;
    mpz_clears(left, right, NULL);
    return order;
}

double vs_integer_ratio_to_double(const vs_integer *numerator, const vs_integer *denominator) {
    VS_CHECK(mpz_sgn(denominator->value) > 0);
    if (mpz_sgn(numerator->value) == 0) {
        return 0;
    }
    double size;
    mpz_t x, y, quotient;
    mpz_inits(x, y, quotient, NULL);
    mpz_abs(x, numerator->value);
    mpz_set(y, denominator->value);
    long order = binary_order(x, y);
    if (order > 1023) {
        size = INFINITY;
    } else if (order < -1075) {
        size = 0; /* less than half of the smallest subnormal number, 2^−1074 */
    } else {
        /* The last place is 52 below the first, and never below 2^−1074. The quotient is at most 2^53, so that it is a
         * double, and ldexp is exact, or infinite where rounding went past the largest double. */
        long last = order - 52 > -1074 ? order - 52 : -1074;
        scale_by_two(x, y, -last);
        vs__divide_half_even(quotient, x, y);
        size = ldexp((double)mpz_get_ui(quotient), (int)last);
    }
    bool negative = mpz_sgn(numerator->value) < 0;
    mpz_clears(x, y, quotient, NULL);
    return negative ? -size : size;
}

size_t vs_int128_to_decimal(char out[64], vs_int128 value, unsigned scale) {
    VS_CHECK(scale <= 60);
    char reversed[64];
    size_t count = 0, len = 0;
    vs_uint128 rest = value < 0 ? -(vs_uint128)value : (vs_uint128)value;
    do {
        reversed[count++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest != 0);
    while (count <= scale) {
        reversed[count++] = '0'; /* "5" at scale 2 is "0.05" */
    }
    if (value < 0) {
        out[len++] = '-';
    }
    while (count > 0) {
        if (count == scale) {
            out[len++] = '.';
        }
        out[len++] = reversed[--count];
    }
    out[len] = '\0';
    return len;
}
