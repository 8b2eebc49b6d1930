#include "crypto/keyed.h"

#include <sodium.h>

uint64_t vs__keyed_hash(const uint8_t key[VS__KEYED_BYTES], const void *data, size_t len) {
    uint8_t out[crypto_shorthash_BYTES];
    uint64_t value = 0;
    (void)crypto_shorthash(out, data, len, key);
    for (unsigned i = 0; i < 8; i++) {
        value |= (uint64_t)out[i] << (8 * i);
    }
    return value;
}
