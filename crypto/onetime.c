#include "crypto/onetime.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

_Static_assert(crypto_stream_chacha20_KEYBYTES == VS_ONETIME_KEY_BYTES, "ChaCha20's key");

__extension__ typedef unsigned __int128 wide;

void vs_onetime_stream(uint8_t *out, size_t len, const uint8_t key[VS_ONETIME_KEY_BYTES]) {
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    VS_CHECK(crypto_stream_chacha20(out, len, nonce, key) == 0);
}

static uint64_t word_at(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return le64toh(word);
}

/* The product of two sums modulo 2^64 each. */
static wide nh_step(const uint8_t *data, const uint8_t *key) {
    uint64_t a = word_at(data) + word_at(key), b = word_at(data + 8) + word_at(key + 8);
    return (wide)a * b;
}

static wide tag_of(const uint8_t *data, const uint8_t *key, size_t len, const uint8_t *pad) {
    VS_CHECK(len % 16 == 0);
    wide sum = (wide)word_at(pad + 8) << 64 | word_at(pad);
    for (size_t i = 0; i < len; i += 16) {
        sum += nh_step(data + i, key + i);
    }
    return sum;
}

void vs_onetime_tag(uint8_t tag[VS_ONETIME_TAG_BYTES], const uint8_t *data, const uint8_t *key, size_t len,
                    const uint8_t pad[VS_ONETIME_TAG_BYTES]) {
    wide sum = tag_of(data, key, len, pad);
    uint64_t low = htole64((uint64_t)sum), high = htole64((uint64_t)(sum >> 64));
    memcpy(tag, &low, sizeof low);
    memcpy(tag + 8, &high, sizeof high);
}

int vs_onetime_tag_is(const uint8_t tag[VS_ONETIME_TAG_BYTES], const uint8_t *data, const uint8_t *key, size_t len,
                      const uint8_t pad[VS_ONETIME_TAG_BYTES]) {
    wide sum = tag_of(data, key, len, pad);
    return (((uint64_t)sum ^ word_at(tag)) | ((uint64_t)(sum >> 64) ^ word_at(tag + 8))) == 0;
}
