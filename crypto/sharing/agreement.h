/* Keys that two parties agree on, boxes that travel under them, and randomness from a session's seed.
 *
 * Whatever is derived is bound to a label and to a place in a session: its id, the step, from whom and to whom, each
 * with its length. So no two uses ever share a key.
 */
#ifndef VEILSUM_CRYPTO_SHARING_AGREEMENT_H
#define VEILSUM_CRYPTO_SHARING_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

#define VS_AGREEMENT_KEY_BYTES 32
#define VS_AGREEMENT_SID_BYTES 32
#define VS_BOX_EXTRA_BYTES 16

/* A place in a session. For what both of a pair derive alike, `from` is the lower index. */
typedef struct vs_binding {
    const uint8_t *sid; /* VS_AGREEMENT_SID_BYTES */
    uint64_t step;
    uint64_t from, to;
} vs_binding;

/** An X25519 key pair; the same seed gives the same. Secret: seed and secret_key; constant-time. Source: [RFC7748]. */
void vs_agreement_keypair(uint8_t public_key[VS_AGREEMENT_KEY_BYTES], uint8_t secret_key[VS_AGREEMENT_KEY_BYTES],
                          const uint8_t seed[32]);

/** The public key that belongs to a secret one. */
void vs_agreement_public(uint8_t public_key[VS_AGREEMENT_KEY_BYTES], const uint8_t secret_key[VS_AGREEMENT_KEY_BYTES]);

/** The key that two parties have in common: each derives the same from its own secret key and the other's public one.
 *
 *  Secret:  own_secret and out; constant-time.
 *  Returns: VS_OK; VS_ERR_RANGE where the peer's key is of small order, so that everybody would know the outcome (out
 * is zero). Source:  [RFC7748, section 6.1]; both public keys are hashed in, the lower one first. */
VS_MUST_CHECK vs_status vs_agreement_key(uint8_t out[32], const uint8_t own_secret[VS_AGREEMENT_KEY_BYTES],
                                         const uint8_t own_public[VS_AGREEMENT_KEY_BYTES],
                                         const uint8_t peer_public[VS_AGREEMENT_KEY_BYTES], const char *label,
                                         const vs_binding *binding);

/** Encrypt and authenticate `len` bytes into len + VS_BOX_EXTRA_BYTES. The nonce is zero, for which reason a key must
 * lock one box and no more: derive one for each, with its own binding.
 *
 *  Secret:  key and plain; constant-time. Owns: nothing; out may not overlap plain.
 *  Source:  [RFC8439, section 2.8]. */
void vs_box_lock(uint8_t *out, const uint8_t key[32], const uint8_t *plain, size_t len);

/** The inverse, of `len` bytes of a box into len − VS_BOX_EXTRA_BYTES.
 *
 *  Returns: VS_OK; VS_ERR_FORMAT where the box is too short to be one; VS_ERR_AUTH where it is not what was locked
 *           under this key (out is zero). */
VS_MUST_CHECK vs_status vs_box_unlock(uint8_t *out, const uint8_t key[32], const uint8_t *boxed, size_t len);

/** `len` bytes of randomness out of a seed, for one purpose: the same seed, label and binding give the same. */
void vs_derive(uint8_t *out, size_t len, const uint8_t seed[32], const char *label, const vs_binding *binding);

#endif
