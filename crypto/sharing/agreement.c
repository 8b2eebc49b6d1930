#include "crypto/sharing/agreement.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/guard.h"
#include "crypto/hash.h"
#include "crypto/reveal.h"
#include "crypto/secret.h"
#include "crypto/sharing/stream.h"

_Static_assert(crypto_scalarmult_BYTES == VS_AGREEMENT_KEY_BYTES, "X25519's keys");
_Static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == VS_BOX_EXTRA_BYTES, "Poly1305's tag");
_Static_assert(VS_HASH_BYTES == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "a hash is a key");
_Static_assert(VS_HASH_BYTES == VS_STREAM_KEY_BYTES, "a hash is a key");

void vs_agreement_public(uint8_t public_key[VS_AGREEMENT_KEY_BYTES], const uint8_t secret_key[VS_AGREEMENT_KEY_BYTES]) {
    VS_CHECK(crypto_scalarmult_base(public_key, secret_key) == 0);
}

void vs_agreement_keypair(uint8_t public_key[VS_AGREEMENT_KEY_BYTES], uint8_t secret_key[VS_AGREEMENT_KEY_BYTES],
                          const uint8_t seed[32]) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum agreement secret key");
    vs_hash_field(&hash, seed, 32);
    vs_hash_final(&hash, secret_key);
    vs_wipe(&hash, sizeof hash);
    vs_agreement_public(public_key, secret_key);
}

static void bind(vs_hash *hash, const char *label, const vs_binding *binding) {
    vs_hash_field(hash, label, strlen(label));
    vs_hash_field(hash, binding->sid, VS_AGREEMENT_SID_BYTES);
    vs_hash_u64(hash, binding->step);
    vs_hash_u64(hash, binding->from);
    vs_hash_u64(hash, binding->to);
}

/* Public keys are public: they may be compared in variable time. */
static void add_public_keys(vs_hash *hash, const uint8_t *a, const uint8_t *b) {
    bool in_order = memcmp(a, b, VS_AGREEMENT_KEY_BYTES) <= 0;
    vs_hash_field(hash, in_order ? a : b, VS_AGREEMENT_KEY_BYTES);
    vs_hash_field(hash, in_order ? b : a, VS_AGREEMENT_KEY_BYTES);
}

vs_status vs_agreement_key(uint8_t out[32], const uint8_t own_secret[VS_AGREEMENT_KEY_BYTES],
                           const uint8_t own_public[VS_AGREEMENT_KEY_BYTES],
                           const uint8_t peer_public[VS_AGREEMENT_KEY_BYTES], const char *label,
                           const vs_binding *binding) {
    uint8_t shared[VS_AGREEMENT_KEY_BYTES] = {0};
    vs_status status = VS_OK;
    vs_hash hash;
    /* libsodium says so where the outcome would be zero whatever the secret key is. */
    if (!VS_GUARD(key_of_small_order, vs_reveal(crypto_scalarmult(shared, own_secret, peer_public) == 0))) {
        memset(out, 0, 32);
        status = VS_ERR_RANGE;
    }
    if (status == VS_OK) {
        vs_hash_init(&hash, "veilsum agreement");
        bind(&hash, label, binding);
        add_public_keys(&hash, own_public, peer_public);
        vs_hash_field(&hash, shared, sizeof shared);
        vs_hash_final(&hash, out);
        vs_wipe(&hash, sizeof hash);
    }
    vs_wipe(shared, sizeof shared);
    return status;
}

static const uint8_t no_nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

void vs_box_lock(uint8_t *out, const uint8_t key[32], const uint8_t *plain, size_t len) {
    VS_CHECK(crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain, len, NULL, 0, NULL, no_nonce, key) == 0);
}

vs_status vs_box_unlock(uint8_t *out, const uint8_t key[32], const uint8_t *boxed, size_t len) {
    if (len < VS_BOX_EXTRA_BYTES) {
        return VS_ERR_FORMAT;
    }
    if (!VS_GUARD(box_tag, crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, boxed, len, NULL, 0, no_nonce,
                                                                     key) == 0)) {
        memset(out, 0, len - VS_BOX_EXTRA_BYTES);
        return VS_ERR_AUTH;
    }
    return VS_OK;
}

void vs_derive(uint8_t *out, size_t len, const uint8_t seed[32], const char *label, const vs_binding *binding) {
    uint8_t key[VS_HASH_BYTES];
    vs_hash hash;
    vs_hash_init(&hash, "veilsum derivation");
    bind(&hash, label, binding);
    vs_hash_field(&hash, seed, 32);
    vs_hash_final(&hash, key);
    vs_wipe(&hash, sizeof hash);
    vs_stream(out, len, key, 0);
    vs_wipe(key, sizeof key);
}
