/* Boxes for the holder of an identity, at one place of a session.
 *
 *     addressed = ephemeral X25519 public key (32) ‖ box (crypto/sharing/agreement.h) of the plain bytes
 *
 * The box's key is agreed between the ephemeral key and the X25519 form of the receiver's, and bound to a label and to
 * session, step, sender and receiver: a box that was made for another session, or that another party copies and signs
 * as its own, does not open. Unlike vs_seal_to, nothing in it is random but what the caller gives, so that the same
 * session makes the same bytes again.
 */
#ifndef VEILSUM_CRYPTO_SHARING_ADDRESSED_H
#define VEILSUM_CRYPTO_SHARING_ADDRESSED_H

#include "crypto/sharing/agreement.h"
#include "crypto/sign/identity.h"

#define VS_ADDRESSED_EXTRA_BYTES (VS_AGREEMENT_KEY_BYTES + VS_BOX_EXTRA_BYTES)

/* Which box: bound into its key. */
typedef struct vs_address {
    const char *label;
    vs_binding binding;
} vs_address;

/** Lock `len` bytes for `to` into len + VS_ADDRESSED_EXTRA_BYTES.
 *
 *  Secret:  plain and seed: 32 random bytes that serve this box alone, and other plain bytes never. Constant-time.
 *  Owns:    nothing; out may not overlap plain.
 *  Returns: VS_OK; VS_ERR_RANGE (the receiver's key is of small order; out is zero). */
VS_MUST_CHECK vs_status vs_addressed_lock(uint8_t *out, const vs_public_identity *to, const vs_address *address,
                                          const uint8_t seed[32], const uint8_t *plain, size_t len);

/** The inverse, into len − VS_ADDRESSED_EXTRA_BYTES.
 *
 *  Returns: VS_OK; VS_ERR_FORMAT (too short); VS_ERR_AUTH (for another receiver or place, or altered; out is zero). */
VS_MUST_CHECK vs_status vs_addressed_unlock(uint8_t *out, const vs_identity *identity, const vs_address *address,
                                            const uint8_t *addressed, size_t len);

#endif
