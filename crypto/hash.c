#include "crypto/hash.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(crypto_generichash_state) <= sizeof((vs_hash *)0)->state, "libsodium's state fits");
_Static_assert(_Alignof(crypto_generichash_state) <= _Alignof(vs_hash), "libsodium's state is aligned");
_Static_assert(crypto_generichash_BYTES == VS_HASH_BYTES, "BLAKE2b-256");

static crypto_generichash_state *state_of(vs_hash *hash) {
    return (crypto_generichash_state *)(void *)hash->state;
}

void vs_hash_bytes(vs_hash *hash, const void *data, size_t len) {
    if (len > 0) {
        VS_CHECK(crypto_generichash_update(state_of(hash), data, len) == 0);
    }
}

static void add_length(vs_hash *hash, uint64_t len) {
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(len >> (8 * i));
    }
    vs_hash_bytes(hash, bytes, sizeof bytes);
}

void vs_hash_init(vs_hash *hash, const char *label) {
    VS_CHECK(crypto_generichash_init(state_of(hash), NULL, 0, VS_HASH_BYTES) == 0);
    vs_hash_field(hash, label, strlen(label));
}

void vs_hash_field(vs_hash *hash, const void *data, size_t len) {
    add_length(hash, len);
    vs_hash_bytes(hash, data, len);
}

void vs_hash_u64(vs_hash *hash, uint64_t value) {
    add_length(hash, sizeof value);
    add_length(hash, value);
}

void vs_hash_final(vs_hash *hash, uint8_t out[VS_HASH_BYTES]) {
    VS_CHECK(crypto_generichash_final(state_of(hash), out, VS_HASH_BYTES) == 0);
}

int vs_equal(const void *a, const void *b, size_t len) {
    return sodium_memcmp(a, b, len) == 0;
}

void vs_to_hex(char *out, const uint8_t *data, size_t len) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = '\0';
}

/* −1 where `c` is not a lower-case hexadecimal digit. */
static int nibble(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

vs_status vs_from_hex(uint8_t *out, size_t len, const char *text, size_t text_len) {
    if (text_len % 2 != 0 || text_len / 2 != len) {
        return VS_ERR_FORMAT;
    }
    for (size_t i = 0; i < len; i++) {
        int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return VS_ERR_FORMAT;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    return VS_OK;
}
