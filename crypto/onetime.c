#include "crypto/onetime.h"

#include <sodium.h>

_Static_assert(crypto_stream_chacha20_KEYBYTES == VS_ONETIME_KEY_BYTES, "ChaCha20's key");
_Static_assert(crypto_onetimeauth_KEYBYTES == VS_ONETIME_KEY_BYTES, "Poly1305's key");
_Static_assert(crypto_onetimeauth_BYTES == VS_ONETIME_TAG_BYTES, "Poly1305's tag");

void vs_onetime_stream(uint8_t *out, size_t len, const uint8_t key[VS_ONETIME_KEY_BYTES]) {
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    VS_CHECK(crypto_stream_chacha20(out, len, nonce, key) == 0);
}

void vs_onetime_tag(uint8_t tag[VS_ONETIME_TAG_BYTES], const void *data, size_t len,
                    const uint8_t key[VS_ONETIME_KEY_BYTES]) {
    VS_CHECK(crypto_onetimeauth(tag, data, len, key) == 0);
}

int vs_onetime_tag_is(const uint8_t tag[VS_ONETIME_TAG_BYTES], const void *data, size_t len,
                      const uint8_t key[VS_ONETIME_KEY_BYTES]) {
    return crypto_onetimeauth_verify(tag, data, len, key) == 0;
}
