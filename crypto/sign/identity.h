/* Identities: Ed25519 keys with a name. They sign contributions, plans, receipts and openings, and key shares are
 * sealed to them.
 *
 * The public half is one line of text, the verifier key of C2SP's signed notes:
 *
 *     NAME+8 hexadecimal digits+base64 of 0x01 ‖ Ed25519 public key
 *
 * where the digits are the first four bytes of SHA-256(NAME ‖ "\n" ‖ 0x01 ‖ key): a name and a key that were not made
 * for each other are refused. A name is one that vs_name_is_valid accepts, without spaces and '+'.
 *
 * Source: [C2SP-note], [RFC8032].
 */
#ifndef VEILSUM_CRYPTO_IDENTITY_H
#define VEILSUM_CRYPTO_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

#define VS_SIGNATURE_BYTES 64
#define VS_IDENTITY_KEY_BYTES 32
#define VS_IDENTITY_ID_BYTES 4
#define VS_MAX_IDENTITY_NAME 64u
#define VS_MAX_IDENTITY_TEXT (VS_MAX_IDENTITY_NAME + 1 + 8 + 1 + 44 + 1) /* with a zero byte */
#define VS_SEAL_TO_OVERHEAD 48u

/* What everybody may know of an identity. Plain data: copied freely. */
typedef struct vs_public_identity {
    char name[VS_MAX_IDENTITY_NAME + 1];
    uint8_t key[VS_IDENTITY_KEY_BYTES];
    uint8_t id[VS_IDENTITY_ID_BYTES]; /* follows from name and key */
} vs_public_identity;

typedef struct vs_identity vs_identity;

/** May an identity have this name? 1 .. VS_MAX_IDENTITY_NAME bytes of valid UTF-8; no control character, mark that is
 * not seen, space or '+'. */
bool vs_identity_name_is_valid(const char *name, size_t len);

/** A new identity. Returns: VS_OK, VS_ERR_USAGE (the name), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_identity_new(vs_identity **identity, const char *name);
void vs_identity_free(vs_identity *identity);
/** The public half, owned by `identity`. */
const vs_public_identity *vs_identity_public(const vs_identity *identity);
/** Same name and same key? */
bool vs_public_identity_equal(const vs_public_identity *a, const vs_public_identity *b);

/* ---- text ---- */

/** The one line, without a line end. */
void vs_public_identity_to_text(char out[VS_MAX_IDENTITY_TEXT], const vs_public_identity *identity);
/** Strict inverse; one line end (LF or CRLF) at the end is allowed. Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION (an
 * algorithm that is not known), VS_ERR_AUTH (name and key do not belong together), with `*reason` a constant sentence.
 */
VS_MUST_CHECK vs_status vs_public_identity_from_text(vs_public_identity *identity, const char *text, size_t len,
                                                     const char **reason);

/** An identity from its name and key as they are. Returns: VS_OK, VS_ERR_FORMAT (the name is not valid). */
VS_MUST_CHECK vs_status vs_public_identity_make(vs_public_identity *identity, const char *name, size_t name_len,
                                                const uint8_t key[VS_IDENTITY_KEY_BYTES]);

/** The text of NAME.id, sealed with a passphrase, or in the clear where it is NULL. Freed by vs_secret_free. */
VS_MUST_CHECK vs_status vs_identity_to_text(const vs_identity *identity, char **text, const char *passphrase,
                                            size_t passphrase_len);
int vs_identity_text_is_sealed(const char *text, size_t len);
/** Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_LIMIT, VS_ERR_AUTH (a wrong passphrase, or none for a sealed
 * text), VS_ERR_MEMORY, with a reason. */
VS_MUST_CHECK vs_status vs_identity_from_text(vs_identity **identity, const char *text, size_t len,
                                              const char *passphrase, size_t passphrase_len, const char **reason);

/* ---- signatures ---- */

/** Ed25519 over the bytes. What is signed names its purpose: a labelled hash (crypto/hash.h) of 32 bytes, or a note,
 * whose first line does (aggregate/note). No note is as short as a hash. */
void vs_sign(const vs_identity *identity, uint8_t signature[VS_SIGNATURE_BYTES], const void *message, size_t len);
/** Is it a signature over the bytes under this key? Keys of small order and encodings that are not canonical are
 * refused. Returns: VS_OK, VS_ERR_AUTH. */
VS_MUST_CHECK vs_status vs_signature_check(const uint8_t key[VS_IDENTITY_KEY_BYTES],
                                           const uint8_t signature[VS_SIGNATURE_BYTES], const void *message,
                                           size_t len);

/* ---- sealing to an identity ---- */

/** Seal to the holder of an identity: an anonymous box for the X25519 form of its key. `out` has room for len +
 * VS_SEAL_TO_OVERHEAD. Returns: VS_OK, VS_ERR_RANGE (a key of small order). */
VS_MUST_CHECK vs_status vs_seal_to(uint8_t *out, const vs_public_identity *to, const uint8_t *plain, size_t len);
/** The inverse: `out` has room for sealed_len − VS_SEAL_TO_OVERHEAD, and is zero on error. Returns: VS_OK, VS_ERR_AUTH
 * (sealed to another identity, or altered), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_unseal_with(uint8_t *out, const vs_identity *identity, const uint8_t *sealed,
                                       size_t sealed_len);

/** The X25519 form of an identity's key, for agreements (crypto/sharing/agreement.h). Returns: VS_OK, VS_ERR_RANGE (a
 * key of small order; out is zero). */
VS_MUST_CHECK vs_status vs_public_identity_agreement(uint8_t out[VS_IDENTITY_KEY_BYTES],
                                                     const vs_public_identity *identity);
/** The secret half of it, which the caller wipes. */
void vs_identity_agreement(const vs_identity *identity, uint8_t secret[VS_IDENTITY_KEY_BYTES]);

/** A key for this holder's own records, by its label: 32 secret bytes that follow from the identity and tell nothing of
 * it. */
void vs_identity_derive(const vs_identity *identity, uint8_t out[32], const char *label);

#endif
