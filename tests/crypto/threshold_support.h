/* A dealt key with everything that the suites of threshold decryption need: holders, shares, and the secret key that
 * nobody has once a dealer has forgotten. Dealt from fixed primes. */
#ifndef VEILSUM_TESTS_CRYPTO_THRESHOLD_SUPPORT_H
#define VEILSUM_TESTS_CRYPTO_THRESHOLD_SUPPORT_H

#include "tests/support.h"

#include "crypto/paillier/threshold_internal.h"
#include "crypto/secret.h"

typedef struct dealt {
    vs_threshold_key *key;
    vs_key_share *share[VS_MAX_HOLDERS];
    vs_identity *identity[VS_MAX_HOLDERS];
    vs_public_identity holder[VS_MAX_HOLDERS];
    vs_secret_key *sk;
    size_t element, plaintext; /* bytes */
} dealt;

static inline void read_primes(uint8_t *p, uint8_t *q, size_t len) {
    char path[256], hex[2 * VS_MAX_DIGIT_BYTES + 2];
    snprintf(path, sizeof path, "%s/fixtures/safe-primes-%zu.txt", VEILSUM_TESTS_DIR, 8 * len);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int i = 0; i < 2; i++) {
        mpz_t x;
        assert_non_null(fgets(hex, sizeof hex, file));
        hex[2 * len] = 0;
        assert_int_equal(mpz_init_set_str(x, hex, 16), 0);
        memset(i == 0 ? p : q, 0, len);
        mpz_export(i == 0 ? p : q, NULL, -1, 1, 0, 0, x);
        mpz_clear(x);
    }
    fclose(file);
}

static inline vs_secret_key *secret_key_of(const vs_public_key *pk, const uint8_t *p, const uint8_t *q) {
    const vs_key_options options = {.bits = pk->info.bits, .degree = pk->info.degree};
    vs_public_key *copy = NULL;
    vs_secret_key *sk = NULL;
    assert_int_equal(vs__public_key_make(&copy, &options, pk->n, pk->h), VS_OK);
    assert_int_equal(vs__secret_key_make(&sk, copy, &(vs_key_factors){.p = p, .q = q}), VS_OK);
    return sk;
}

static inline void deal(dealt *d, unsigned bits, unsigned degree, unsigned needed, unsigned holders) {
    uint8_t p[VS_MAX_DIGIT_BYTES / 2], q[VS_MAX_DIGIT_BYTES / 2];
    const vs_threshold_options options = {bits, degree, needed, holders};
    *d = (dealt){.key = NULL};
    for (unsigned i = 0; i < holders; i++) {
        char name[24];
        snprintf(name, sizeof name, "HOLDER-%u", i + 1);
        assert_int_equal(vs_identity_new(&d->identity[i], name), VS_OK);
        d->holder[i] = *vs_identity_public(d->identity[i]);
    }
    read_primes(p, q, bits / 16);
    assert_int_equal(vs__threshold_deal_from(&d->key, d->share, &options, d->holder, &(vs_dealt_primes){p, q}), VS_OK);
    d->sk = secret_key_of(d->key->pk, p, q);
    d->element = d->key->pk->info.ciphertext_bytes;
    d->plaintext = d->key->pk->info.plaintext_bytes;
}

static inline void undeal(dealt *d) {
    for (unsigned i = 0; i < VS_MAX_HOLDERS; i++) {
        vs_key_share_free(d->share[i]);
        vs_identity_free(d->identity[i]);
    }
    vs_threshold_key_free(d->key);
    vs_secret_key_free(d->sk);
}

/* `count` ciphertexts of random messages; the first are corners. Both are freed by free(). */
static inline void encrypt_some(const dealt *d, uint8_t **c, uint8_t **m, size_t count) {
    const vs_public_key *pk = d->key->pk;
    vs_encryptor *encryptor = NULL;
    *c = calloc(count, d->element);
    *m = calloc(count, d->plaintext);
    assert_true(*c != NULL && *m != NULL);
    test_fill(*m, count * d->plaintext);
    for (size_t i = 0; i < count * pk->info.degree; i++) { /* below n, whose top bit is set */
        (*m)[(i + 1) * pk->info.digit_bytes - 1] &= 0x7f;
    }
    memset(*m, 0, d->plaintext);
    for (unsigned k = 0; count > 1 && k < pk->info.degree; k++) { /* n^s − 1 */
        uint8_t *digit = *m + d->plaintext + k * pk->info.digit_bytes;
        memcpy(digit, pk->n, pk->info.digit_bytes);
        digit[0] -= 1;
    }
    assert_int_equal(vs_encryptor_new(&encryptor, pk, count), VS_OK);
    assert_int_equal(vs_encrypt(encryptor, *c, *m, count), VS_OK);
    vs_encryptor_free(encryptor);
}

#endif
