#include "crypto/sign/identity.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/armour.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "crypto/sign/identity_internal.h"
#include "crypto/text.h"

#define TITLE "veilsum identity "
#define ED25519 0x01u
#define SECRET_MAGIC "VSID\1"
#define SECRET_MAGIC_BYTES 5u
#define KEY_TEXT_BYTES 44u /* base64 of the algorithm's byte and a key */

struct vs_identity {
    vs_public_identity public;
    uint8_t secret[crypto_sign_SECRETKEYBYTES]; /* seed ‖ public key */
};

static vs_status fail(const char **reason, vs_status status, const char *sentence) {
    *reason = sentence;
    return status;
}

/* Spaces beyond ASCII: U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000. Of valid UTF-8. */
static bool has_wide_space(const char *name, size_t len) {
    static const char *const spaces[] = {"\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
                                         "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        if (memmem(name, len, spaces[i], strlen(spaces[i])) != NULL) {
            return true;
        }
    }
    for (size_t i = 0; i + 2 < len; i++) {
        const unsigned char *c = (const unsigned char *)name + i;
        if (c[0] == 0xe2 && c[1] == 0x80 && c[2] >= 0x80 && c[2] <= 0x8a) {
            return true;
        }
    }
    return false;
}

bool vs_identity_name_is_valid(const char *name, size_t len) {
    return vs_name_is_valid(name, len) && len <= VS_MAX_IDENTITY_NAME && memchr(name, ' ', len) == NULL &&
           memchr(name, '+', len) == NULL && !has_wide_space(name, len);
}

/* [C2SP-note]: the first bytes of SHA-256(name ‖ "\n" ‖ algorithm ‖ key). */
static void derive_id(vs_public_identity *identity) {
    static const uint8_t separator[2] = {'\n', ED25519};
    crypto_hash_sha256_state state;
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)identity->name, strlen(identity->name));
    crypto_hash_sha256_update(&state, separator, sizeof separator);
    crypto_hash_sha256_update(&state, identity->key, sizeof identity->key);
    crypto_hash_sha256_final(&state, hash);
    memcpy(identity->id, hash, VS_IDENTITY_ID_BYTES);
}

/* From a name that is valid and a seed, into zeros. */
static void fill(vs_identity *identity, const char *name, size_t name_len, const uint8_t seed[crypto_sign_SEEDBYTES]) {
    memcpy(identity->public.name, name, name_len);
    (void)crypto_sign_seed_keypair(identity->public.key, identity->secret, seed);
    derive_id(&identity->public);
}

static vs_identity *make(const char *name, size_t name_len, const uint8_t seed[crypto_sign_SEEDBYTES]) {
    vs_identity *identity = vs_secret_alloc(sizeof *identity);
    if (identity != NULL) {
        fill(identity, name, name_len, seed);
    }
    return identity;
}

vs_identity *vs__identity_simulated(const char *name, const uint8_t seed[crypto_sign_SEEDBYTES]) {
    size_t len = strlen(name);
    vs_identity *identity = vs_identity_name_is_valid(name, len) ? calloc(1, sizeof *identity) : NULL;
    if (identity != NULL) {
        fill(identity, name, len, seed);
    }
    return identity;
}

void vs__identity_simulated_free(vs_identity *identity) {
    free(identity);
}

vs_status vs_identity_new(vs_identity **identity, const char *name) {
    *identity = NULL;
    if (!vs_identity_name_is_valid(name, strlen(name))) {
        return VS_ERR_USAGE;
    }
    uint8_t *seed = vs_secret_alloc(crypto_sign_SEEDBYTES);
    if (seed != NULL) {
        vs_random(seed, crypto_sign_SEEDBYTES);
        *identity = make(name, strlen(name), seed);
    }
    vs_secret_free(seed);
    return *identity == NULL ? VS_ERR_MEMORY : VS_OK;
}

void vs_identity_free(vs_identity *identity) {
    vs_secret_free(identity);
}

const vs_public_identity *vs_identity_public(const vs_identity *identity) {
    return &identity->public;
}

bool vs_public_identity_equal(const vs_public_identity *a, const vs_public_identity *b) {
    return strcmp(a->name, b->name) == 0 && memcmp(a->key, b->key, sizeof a->key) == 0;
}

/* ---- text ---- */

void vs_public_identity_to_text(char out[VS_MAX_IDENTITY_TEXT], const vs_public_identity *identity) {
    uint8_t bytes[1 + VS_IDENTITY_KEY_BYTES];
    size_t len = strlen(identity->name);
    bytes[0] = ED25519;
    memcpy(bytes + 1, identity->key, VS_IDENTITY_KEY_BYTES);
    memcpy(out, identity->name, len);
    out[len++] = '+';
    vs_to_hex(out + len, identity->id, VS_IDENTITY_ID_BYTES);
    len += 2 * VS_IDENTITY_ID_BYTES;
    out[len++] = '+';
    sodium_bin2base64(out + len, KEY_TEXT_BYTES + 1, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
}

static size_t without_line_end(const char *text, size_t len) {
    if (len > 0 && text[len - 1] == '\n') {
        len--;
        len -= len > 0 && text[len - 1] == '\r';
    }
    return len;
}

vs_status vs_public_identity_from_text(vs_public_identity *identity, const char *text, size_t len,
                                       const char **reason) {
    static const char *const not_one = "not a public identity: NAME+ID+KEY in one line";
    const size_t tail = 1 + 2 * VS_IDENTITY_ID_BYTES + 1 + KEY_TEXT_BYTES;
    uint8_t bytes[1 + VS_IDENTITY_KEY_BYTES], id[VS_IDENTITY_ID_BYTES];
    char again[KEY_TEXT_BYTES + 1];
    size_t got = 0;
    *identity = (vs_public_identity){.name = ""};
    *reason = NULL;
    len = without_line_end(text, len);
    if (len <= tail || len - tail > VS_MAX_IDENTITY_NAME) {
        return fail(reason, VS_ERR_FORMAT, not_one);
    }
    const char *id_text = text + len - tail + 1, *key_text = text + len - KEY_TEXT_BYTES;
    if (id_text[-1] != '+' || key_text[-1] != '+' ||
        vs_from_hex(id, sizeof id, id_text, 2 * VS_IDENTITY_ID_BYTES) != VS_OK ||
        sodium_base642bin(bytes, sizeof bytes, key_text, KEY_TEXT_BYTES, NULL, &got, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        got != sizeof bytes) {
        return fail(reason, VS_ERR_FORMAT, not_one);
    }
    sodium_bin2base64(again, sizeof again, bytes, got, sodium_base64_VARIANT_ORIGINAL);
    if (memcmp(again, key_text, KEY_TEXT_BYTES) != 0) {
        return fail(reason, VS_ERR_FORMAT, not_one);
    }
    if (bytes[0] != ED25519) {
        return fail(reason, VS_ERR_VERSION, "an identity of an algorithm that is not known");
    }
    if (!vs_identity_name_is_valid(text, len - tail)) {
        return fail(reason, VS_ERR_FORMAT, "an identity whose name is not valid");
    }
    memcpy(identity->name, text, len - tail);
    memcpy(identity->key, bytes + 1, VS_IDENTITY_KEY_BYTES);
    derive_id(identity);
    if (memcmp(identity->id, id, sizeof id) != 0) {
        *identity = (vs_public_identity){.name = ""};
        return fail(reason, VS_ERR_AUTH, "the identity's name and key do not belong together");
    }
    return VS_OK;
}

vs_status vs_public_identity_make(vs_public_identity *identity, const char *name, size_t name_len,
                                  const uint8_t key[VS_IDENTITY_KEY_BYTES]) {
    *identity = (vs_public_identity){.name = ""};
    if (!vs_identity_name_is_valid(name, name_len)) {
        return VS_ERR_FORMAT;
    }
    memcpy(identity->name, name, name_len);
    memcpy(identity->key, key, VS_IDENTITY_KEY_BYTES);
    derive_id(identity);
    return VS_OK;
}

/* The secret bytes: "VSID" ‖ version 1 ‖ seed ‖ name. */
vs_status vs_identity_to_text(const vs_identity *identity, char **text, const char *passphrase, size_t passphrase_len) {
    *text = NULL;
    size_t name_len = strlen(identity->public.name), len = SECRET_MAGIC_BYTES + crypto_sign_SEEDBYTES + name_len;
    uint8_t *plain = vs_secret_alloc(len);
    if (plain == NULL) {
        return VS_ERR_MEMORY;
    }
    memcpy(plain, SECRET_MAGIC, SECRET_MAGIC_BYTES);
    memcpy(plain + SECRET_MAGIC_BYTES, identity->secret, crypto_sign_SEEDBYTES);
    memcpy(plain + SECRET_MAGIC_BYTES + crypto_sign_SEEDBYTES, identity->public.name, name_len);
    vs_status status = vs__armour_seal(text, TITLE, plain, len, passphrase, passphrase_len);
    vs_secret_free(plain);
    return status;
}

int vs_identity_text_is_sealed(const char *text, size_t len) {
    return vs__armour_is_sealed(text, len, TITLE);
}

static vs_status decode(vs_identity **identity, const uint8_t *plain, size_t len, const char **reason) {
    const size_t top = SECRET_MAGIC_BYTES + crypto_sign_SEEDBYTES;
    if (len < SECRET_MAGIC_BYTES || memcmp(plain, SECRET_MAGIC, SECRET_MAGIC_BYTES - 1) != 0) {
        return fail(reason, VS_ERR_FORMAT, "not a secret identity");
    }
    if (plain[SECRET_MAGIC_BYTES - 1] != (uint8_t)SECRET_MAGIC[SECRET_MAGIC_BYTES - 1]) {
        return fail(reason, VS_ERR_VERSION, "an identity of a version that is not known");
    }
    if (len <= top || !vs_identity_name_is_valid((const char *)plain + top, len - top)) {
        return fail(reason, VS_ERR_FORMAT, "an identity whose name is not valid");
    }
    *identity = make((const char *)plain + top, len - top, plain + SECRET_MAGIC_BYTES);
    return *identity == NULL ? fail(reason, VS_ERR_MEMORY, vs_status_text(VS_ERR_MEMORY)) : VS_OK;
}

vs_status vs_identity_from_text(vs_identity **identity, const char *text, size_t len, const char *passphrase,
                                size_t passphrase_len, const char **reason) {
    const size_t cap = SECRET_MAGIC_BYTES + crypto_sign_SEEDBYTES + VS_MAX_IDENTITY_NAME;
    uint8_t *plain = NULL;
    size_t plain_len = 0;
    *identity = NULL;
    vs_status status = vs__armour_unseal(&plain, &plain_len, cap, text, len, TITLE, "not a secret identity", passphrase,
                                         passphrase_len, reason);
    if (status == VS_OK) {
        status = decode(identity, plain, plain_len, reason);
    }
    vs_secret_free(plain);
    return status;
}

/* ---- signatures ---- */

void vs_sign(const vs_identity *identity, uint8_t signature[VS_SIGNATURE_BYTES], const void *message, size_t len) {
    (void)crypto_sign_detached(signature, NULL, message, len, identity->secret);
}

vs_status vs_signature_check(const uint8_t key[VS_IDENTITY_KEY_BYTES], const uint8_t signature[VS_SIGNATURE_BYTES],
                             const void *message, size_t len) {
    return crypto_sign_verify_detached(signature, message, len, key) == 0 ? VS_OK : VS_ERR_AUTH;
}

/* ---- sealing to an identity ---- */

_Static_assert(VS_SEAL_TO_OVERHEAD == crypto_box_SEALBYTES, "the header says what libsodium does");

vs_status vs_seal_to(uint8_t *out, const vs_public_identity *to, const uint8_t *plain, size_t len) {
    uint8_t key[crypto_box_PUBLICKEYBYTES];
    if (crypto_sign_ed25519_pk_to_curve25519(key, to->key) != 0) {
        return VS_ERR_RANGE;
    }
    return crypto_box_seal(out, plain, len, key) == 0 ? VS_OK : VS_ERR_RANGE;
}

vs_status vs_unseal_with(uint8_t *out, const vs_identity *identity, const uint8_t *sealed, size_t sealed_len) {
    uint8_t key[crypto_box_PUBLICKEYBYTES], *secret = NULL;
    if (sealed_len < VS_SEAL_TO_OVERHEAD) {
        return VS_ERR_AUTH;
    }
    vs_status status = VS_ERR_AUTH;
    secret = vs_secret_alloc(crypto_box_SECRETKEYBYTES);
    if (secret == NULL) {
        status = VS_ERR_MEMORY;
    } else if (crypto_sign_ed25519_pk_to_curve25519(key, identity->public.key) == 0 &&
               crypto_sign_ed25519_sk_to_curve25519(secret, identity->secret) == 0 &&
               crypto_box_seal_open(out, sealed, sealed_len, key, secret) == 0) {
        status = VS_OK;
    }
    if (status != VS_OK) {
        vs_wipe(out, sealed_len - VS_SEAL_TO_OVERHEAD);
    }
    vs_secret_free(secret);
    return status;
}

vs_status vs_public_identity_agreement(uint8_t out[VS_IDENTITY_KEY_BYTES], const vs_public_identity *identity) {
    if (crypto_sign_ed25519_pk_to_curve25519(out, identity->key) != 0) {
        memset(out, 0, VS_IDENTITY_KEY_BYTES);
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

void vs_identity_agreement(const vs_identity *identity, uint8_t secret[VS_IDENTITY_KEY_BYTES]) {
    (void)crypto_sign_ed25519_sk_to_curve25519(secret, identity->secret);
}

void vs_identity_derive(const vs_identity *identity, uint8_t out[32], const char *label) {
    (void)crypto_generichash(out, 32, (const uint8_t *)label, strlen(label), identity->secret, crypto_sign_SEEDBYTES);
}
