/* Numbers as little-endian bytes, as all formats here have them. */
#ifndef VEILSUM_CRYPTO_BYTES_H
#define VEILSUM_CRYPTO_BYTES_H

#include <stddef.h>
#include <stdint.h>

/** The lowest `len` (≤ 8) bytes of `value`. */
static inline void vs_put_le(uint8_t *at, uint64_t value, size_t len) {
    for (size_t i = 0; i < len; i++) {
        at[i] = (uint8_t)(value >> 8 * i);
    }
}

static inline uint64_t vs_get_le(const uint8_t *at, size_t len) {
    uint64_t value = 0;
    for (size_t i = len; i-- > 0;) {
        value = value << 8 | at[i];
    }
    return value;
}

#endif
