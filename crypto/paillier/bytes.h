/* Little-endian bytes, as numbers have them outside, to and from 64-bit limbs. */
#ifndef VEILSUM_CRYPTO_PAILLIER_BYTES_H
#define VEILSUM_CRYPTO_PAILLIER_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/ring/ring.h"

static inline void vs__limbs_from_bytes(vs_word *x, const uint8_t *bytes, size_t limbs) {
    memcpy(x, bytes, limbs * sizeof *x);
    for (size_t i = 0; i < limbs; i++) {
        x[i] = le64toh(x[i]);
    }
}

static inline void vs__bytes_from_limbs(uint8_t *bytes, const vs_word *x, size_t limbs) {
    for (size_t i = 0; i < limbs; i++) {
        vs_word word = htole64(x[i]);
        memcpy(bytes + i * sizeof word, &word, sizeof word);
    }
}

/** Are all `digits` digits of x below the modulus? Constant-time in x: it may be a message. */
static inline bool vs__digits_in_range(const vs_word *x, const vs_word *modulus, size_t limbs, size_t digits) {
    vs_word all = 1;
    for (size_t i = 0; i < digits; i++) {
        vs_word borrow = 0;
        for (size_t j = 0; j < limbs; j++) {
            vs_word a = x[i * limbs + j], b = modulus[j], d = a - b;
            borrow = (vs_word)(a < b) | ((vs_word)(d < borrow));
        }
        all &= borrow;
    }
    return all != 0;
}

#endif
