#include "crypto/seal.h"

#include <sodium.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/seal_internal.h"
#include "crypto/secret.h"

#define MAGIC "vs-seal1"
#define MAGIC_LEN 8
#define PASSES_AT 8
#define MEMORY_AT 12
#define SALT_AT 16
#define STREAM_AT 32 /* the bytes before are authenticated with the message */
#define CIPHERTEXT_AT 56

#define PASSES 3u
#define MEMORY_KIB (256u * 1024u)
#define MIN_MEMORY_KIB 8u /* what Argon2 needs for one lane */

_Static_assert(crypto_pwhash_argon2id_SALTBYTES == STREAM_AT - SALT_AT, "salt");
_Static_assert(crypto_secretstream_xchacha20poly1305_HEADERBYTES == CIPHERTEXT_AT - STREAM_AT, "stream header");
_Static_assert(CIPHERTEXT_AT + crypto_secretstream_xchacha20poly1305_ABYTES == VS_SEAL_OVERHEAD, "overhead");

/* Both live in locked memory. */
typedef struct sealer {
    crypto_secretstream_xchacha20poly1305_state stream;
    uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
} sealer;

/* The key that a passphrase and the first bytes of `sealed` make; NULL where memory ran out, Argon2id's included: with
 * its parameters in bounds, nothing else can go wrong in it. */
static sealer *make_key(const uint8_t *sealed, const char *passphrase, size_t passphrase_len) {
    sealer *s = vs_secret_alloc(sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    size_t memory = (size_t)vs_get_le(sealed + MEMORY_AT, 4) * 1024;
    if (crypto_pwhash(s->key, sizeof s->key, passphrase, passphrase_len, sealed + SALT_AT,
                      vs_get_le(sealed + PASSES_AT, 4), memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        vs_secret_free(s);
        return NULL;
    }
    return s;
}

vs_status vs__seal_with(uint32_t passes, uint32_t memory_kib, uint8_t *out, const uint8_t *plain, size_t plain_len,
                        const char *passphrase, size_t passphrase_len) {
    VS_CHECK(passes >= 1 && passes <= VS_SEAL_MAX_PASSES);
    VS_CHECK(memory_kib >= MIN_MEMORY_KIB && memory_kib <= VS_SEAL_MAX_MEMORY_KIB);
    if (passphrase_len > VS_SEAL_MAX_PASSPHRASE) {
        return VS_ERR_LIMIT;
    }
    memcpy(out, MAGIC, MAGIC_LEN);
    vs_put_le(out + PASSES_AT, passes, 4);
    vs_put_le(out + MEMORY_AT, memory_kib, 4);
    vs_random(out + SALT_AT, STREAM_AT - SALT_AT);
    sealer *s = make_key(out, passphrase, passphrase_len);
    if (s == NULL) {
        memset(out, 0, STREAM_AT);
        return VS_ERR_MEMORY;
    }
    /* One message, marked as the last, so that nothing can be cut off or added. */
    VS_CHECK(crypto_secretstream_xchacha20poly1305_init_push(&s->stream, out + STREAM_AT, s->key) == 0);
    VS_CHECK(crypto_secretstream_xchacha20poly1305_push(&s->stream, out + CIPHERTEXT_AT, NULL, plain, plain_len, out,
                                                        STREAM_AT,
                                                        crypto_secretstream_xchacha20poly1305_TAG_FINAL) == 0);
    vs_secret_free(s);
    return VS_OK;
}

vs_status vs_seal(uint8_t *out, const uint8_t *plain, size_t plain_len, const char *passphrase, size_t passphrase_len) {
    return vs__seal_with(PASSES, MEMORY_KIB, out, plain, plain_len, passphrase, passphrase_len);
}

/* Before anything is allocated: is it sealed, and at a cost that is borne? */
static vs_status check_header(const uint8_t *sealed, size_t sealed_len, size_t passphrase_len) {
    if (sealed_len < VS_SEAL_OVERHEAD || memcmp(sealed, MAGIC, MAGIC_LEN) != 0) {
        return VS_ERR_FORMAT;
    }
    uint64_t passes = vs_get_le(sealed + PASSES_AT, 4), memory_kib = vs_get_le(sealed + MEMORY_AT, 4);
    if (passes < 1 || passes > VS_SEAL_MAX_PASSES || memory_kib < MIN_MEMORY_KIB ||
        memory_kib > VS_SEAL_MAX_MEMORY_KIB || passphrase_len > VS_SEAL_MAX_PASSPHRASE) {
        return VS_ERR_LIMIT;
    }
    return VS_OK;
}

vs_status vs_unseal(uint8_t *out, const uint8_t *sealed, size_t sealed_len, const char *passphrase,
                    size_t passphrase_len) {
    size_t plain_len = sealed_len < VS_SEAL_OVERHEAD ? 0 : sealed_len - VS_SEAL_OVERHEAD;
    memset(out, 0, plain_len);
    vs_status status = check_header(sealed, sealed_len, passphrase_len);
    if (status != VS_OK) {
        return status;
    }
    sealer *s = make_key(sealed, passphrase, passphrase_len);
    if (s == NULL) {
        return VS_ERR_MEMORY;
    }
    uint8_t tag = 0;
    /* A header that does not go with the key shows in the message's tag: init_pull itself cannot fail. */
    VS_CHECK(crypto_secretstream_xchacha20poly1305_init_pull(&s->stream, sealed + STREAM_AT, s->key) == 0);
    if (crypto_secretstream_xchacha20poly1305_pull(&s->stream, out, NULL, &tag, sealed + CIPHERTEXT_AT,
                                                   sealed_len - CIPHERTEXT_AT, sealed, STREAM_AT) != 0 ||
        tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
        vs_wipe(out, plain_len);
        status = VS_ERR_AUTH;
    }
    vs_secret_free(s);
    return status;
}
