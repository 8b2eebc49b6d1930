#include "crypto/sharing/stream.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"
#include "crypto/sharing/backend.h"
#include "crypto/status.h"

_Static_assert(crypto_stream_chacha20_KEYBYTES == VS_STREAM_KEY_BYTES, "ChaCha20's key");

/* libsodium enters a stream elsewhere than at its beginning only to encrypt: zeros, here. */
void vs__stream_libsodium(uint8_t *out, const vs_stream_keys *keys, uint64_t block, size_t blocks) {
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    size_t len = blocks * VS_STREAM_BLOCK_BYTES;
    memset(out, 0, keys->count * len);
    for (size_t i = 0; i < keys->count; i++) {
        const uint8_t *key = keys->first + i * keys->stride;
        uint8_t *at = out + i * len;
        VS_CHECK(crypto_stream_chacha20_xor_ic(at, at, len, nonce, block, key) == 0);
    }
}

const char *vs_stream_backend_name(void) {
    return vs__sharing_backend()->name;
}

void vs_stream(uint8_t *out, size_t len, const uint8_t key[VS_STREAM_KEY_BYTES], uint64_t block) {
    const vs_stream_keys keys = {.first = key, .stride = VS_STREAM_KEY_BYTES, .count = 1};
    vs_stream_run *run = vs__sharing_backend()->stream;
    size_t blocks = len / VS_STREAM_BLOCK_BYTES, rest = len % VS_STREAM_BLOCK_BYTES;
    if (blocks > 0) {
        run(out, &keys, block, blocks);
    }
    if (rest > 0) {
        uint8_t last[VS_STREAM_BLOCK_BYTES];
        run(last, &keys, block + blocks, 1);
        memcpy(out + len - rest, last, rest);
        vs_wipe(last, sizeof last);
    }
}
