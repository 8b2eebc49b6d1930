/* The integers of a holder's work: its exponent 2Δ·s_i and its response r + e·s_i. Loops of fixed length over limbs,
 * without GMP, so that tests/ct can follow the share through them. */
#include <string.h>

#include "crypto/integer.h"
#include "crypto/paillier/threshold_internal.h"

size_t vs__threshold_twice_delta(vs_word out[VS_DELTA_LIMBS], unsigned holders) {
    vs_uint128 delta = 2;
    for (unsigned k = 2; k <= holders; k++) {
        delta *= k;
    }
    out[0] = (vs_word)delta;
    out[1] = (vs_word)(delta >> 64);
    return vs_uint128_bits(delta);
}

void vs__limbs_mul(vs_word *out, const vs_word *x, size_t x_len, const vs_word *y, size_t y_len) {
    memset(out, 0, (x_len + y_len) * sizeof *out);
    for (size_t i = 0; i < y_len; i++) {
        vs_word carry = 0;
        for (size_t k = 0; k < x_len; k++) {
            vs_uint128 sum = (vs_uint128)x[k] * y[i] + out[i + k] + carry;
            out[i + k] = (vs_word)sum;
            carry = (vs_word)(sum >> 64);
        }
        out[i + x_len] = carry;
    }
}

void vs__limbs_add(vs_word *x, size_t x_len, const vs_word *y, size_t y_len) {
    vs_word carry = 0;
    for (size_t i = 0; i < x_len; i++) {
        vs_uint128 sum = (vs_uint128)x[i] + (i < y_len ? y[i] : 0) + carry;
        x[i] = (vs_word)sum;
        carry = (vs_word)(sum >> 64);
    }
}
