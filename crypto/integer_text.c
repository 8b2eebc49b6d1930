/* Exact integers as bytes and as decimal digits, and what those who read and write numbers need of arithmetic. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/integer_internal.h"
#include "crypto/secret.h"

void vs_integer_negate(vs_integer *z, const vs_integer *x) {
    mpz_neg(z->value, x->value);
}

int vs_integer_compare(const vs_integer *x, const vs_integer *y) {
    int order = mpz_cmp(x->value, y->value);
    return (order > 0) - (order < 0);
}

void vs_integer_shift_left(vs_integer *z, const vs_integer *x, size_t bits) {
    mpz_mul_2exp(z->value, x->value, bits);
}

void vs_integer_shift_right(vs_integer *z, const vs_integer *x, size_t bits) {
    mpz_fdiv_q_2exp(z->value, x->value, bits);
}

void vs_integer_mul_power(vs_integer *z, const vs_integer *x, unsigned base, unsigned power) {
    mpz_t factor;
    mpz_init(factor);
    mpz_ui_pow_ui(factor, base, power);
    mpz_mul(z->value, x->value, factor);
    mpz_clear(factor);
}

void vs_integer_divide(vs_integer *q, vs_integer *r, const vs_integer *x, const vs_integer *y) {
    VS_CHECK(mpz_sgn(y->value) > 0 && q != r);
    mpz_fdiv_qr(q->value, r->value, x->value, y->value);
}

void vs_integer_divide_half_even(vs_integer *q, const vs_integer *x, const vs_integer *y) {
    VS_CHECK(mpz_sgn(y->value) > 0);
    bool negative = mpz_sgn(x->value) < 0;
    mpz_t size, quotient;
    mpz_inits(size, quotient, NULL);
    mpz_abs(size, x->value);
    vs__divide_half_even(quotient, size, y->value);
    mpz_swap(q->value, quotient);
    if (negative) {
        mpz_neg(q->value, q->value);
    }
    mpz_clears(size, quotient, NULL);
}

size_t vs_integer_bits(const vs_integer *x) {
    return mpz_sgn(x->value) == 0 ? 0 : mpz_sizeinbase(x->value, 2);
}

size_t vs_integer_twos(const vs_integer *x) {
    return mpz_sgn(x->value) == 0 ? 0 : mpz_scan1(x->value, 0);
}

void vs_integer_from_bytes(vs_integer *x, const uint8_t *bytes, size_t len) {
    mpz_import(x->value, len, -1, 1, 0, 0, bytes);
}

void vs_integer_to_bytes(uint8_t *bytes, size_t len, const vs_integer *x) {
    VS_CHECK(mpz_sgn(x->value) >= 0 && vs_integer_bits(x) <= 8 * len);
    memset(bytes, 0, len);
    mpz_export(bytes, NULL, -1, 1, 0, 0, x->value);
}

vs_status vs_integer_from_digits(vs_integer *x, const char *digits, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return VS_ERR_FORMAT;
        }
    }
    if (len == 0) {
        return VS_ERR_FORMAT;
    }
    char *text = malloc(len + 1); /* GMP wants a zero byte */
    if (text == NULL) {
        return VS_ERR_MEMORY;
    }
    memcpy(text, digits, len);
    text[len] = '\0';
    VS_CHECK(mpz_set_str(x->value, text, 10) == 0);
    vs_wipe(text, len);
    free(text);
    return VS_OK;
}

vs_status vs_integer_to_decimal(char *out, size_t out_len, const vs_integer *x, size_t scale) {
    size_t room = mpz_sizeinbase(x->value, 10) + 1; /* of the digits, perhaps one too many, and a zero byte */
    if (room + scale + 4 > out_len) {
        return VS_ERR_LIMIT;
    }
    char *at = out;
    if (mpz_sgn(x->value) < 0) {
        *at++ = '-';
    }
    mpz_t size;
    mpz_init(size);
    mpz_abs(size, x->value);
    mpz_get_str(at, 10, size);
    mpz_clear(size);
    size_t count = strlen(at);
    if (count <= scale) { /* "5" at scale 2 is "0.05" */
        memmove(at + scale + 1 - count, at, count + 1);
        memset(at, '0', scale + 1 - count);
        count = scale + 1;
    }
    if (scale > 0) {
        memmove(at + count - scale + 1, at + count - scale, scale + 1);
        at[count - scale] = '.';
    }
    return VS_OK;
}
