/* Little-endian bytes, as numbers have them outside, to and from 64-bit limbs. */
#ifndef VEILSUM_CRYPTO_PAILLIER_BYTES_H
#define VEILSUM_CRYPTO_PAILLIER_BYTES_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/ring/ring.h"

#define VS_LITTLE_ENDIAN (__BYTE_ORDER == __LITTLE_ENDIAN)

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

#endif
