/* Keys that another program made, out of their bare numbers; and those numbers out of a key.
 *
 * Everything is checked as if it came from a file. GMP's mpz is admitted on the primes as variable-time: once per key.
 */
#include <gmp.h>
#include <string.h>

#include "crypto/paillier/base.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/secret.h"

static vs_status explained(vs_status status, const char **reason) {
    if (status != VS_OK && *reason == NULL) {
        *reason = vs_status_text(status);
    }
    return status;
}

vs_status vs_public_key_import(vs_public_key **pk, const uint8_t *n, size_t bytes, const char **reason) {
    static const uint8_t no_base[VS_MAX_DIGIT_BYTES];
    *pk = NULL;
    *reason = NULL;
    if (bytes > VS_MAX_DIGIT_BYTES) {
        *reason = "the modulus is longer than 4096 bits";
        return VS_ERR_RANGE;
    }
    const vs_key_options options = {.bits = 8 * (unsigned)bytes, .degree = 1, .type = VS_KEY_IMPORTED};
    vs_status status = vs__public_key_check(&options, n, no_base, reason);
    if (status == VS_OK) {
        status = vs__public_key_make(pk, &options, n, no_base);
    }
    return explained(status, reason);
}

/* n = p·q, and h for a type that has one. */
static vs_status join(uint8_t n_bytes[VS_MAX_DIGIT_BYTES], uint8_t h_bytes[VS_MAX_DIGIT_BYTES],
                      const vs_key_factors *factors, const vs_key_options *options, const char **reason) {
    vs_status status = VS_OK;
    size_t bytes = options->bits / 16;
    mpz_t n, p, q, h, one;
    mpz_inits(n, p, q, h, NULL);
    mpz_init_set_ui(one, 1);
    mpz_import(p, bytes, -1, 1, 0, 0, factors->p);
    mpz_import(q, bytes, -1, 1, 0, 0, factors->q);
    mpz_mul(n, p, q);
    if (mpz_sizeinbase(n, 2) != options->bits) {
        *reason = "the modulus is not exactly twice as long as its factors";
        status = VS_ERR_RANGE;
        goto done;
    }
    mpz_export(n_bytes, NULL, -1, 1, 0, 0, n);
    if (options->type != VS_KEY_IMPORTED) {
        vs__draw_base(h, h_bytes, 2 * bytes, n, one);
    }
done:
    mpz_clears(n, p, q, h, one, NULL);
    return status;
}

vs_status vs_secret_key_import(vs_secret_key **sk, const uint8_t *p, const uint8_t *q, size_t bytes, vs_key_type type,
                               const char **reason) {
    uint8_t n[VS_MAX_DIGIT_BYTES] = {0}, h[VS_MAX_DIGIT_BYTES] = {0};
    const vs_key_factors factors = {.p = p, .q = q};
    vs_public_key *pk = NULL;
    *sk = NULL;
    *reason = NULL;
    VS_CHECK(type == VS_KEY_IMPORTED || type == VS_KEY_STANDARD);
    if (bytes > VS_MAX_DIGIT_BYTES / 2) {
        *reason = "the modulus is longer than 4096 bits";
        return VS_ERR_RANGE;
    }
    const vs_key_options options = {.bits = 16 * (unsigned)bytes, .degree = 1, .type = type};
    if (!vs__key_options_are_known(&options)) {
        *reason = "the key's size is not 2048, 3072 or 4096 bits";
        return VS_ERR_RANGE;
    }
    vs_status status = join(n, h, &factors, &options, reason);
    if (status == VS_OK) {
        status = vs__public_key_check(&options, n, h, reason);
    }
    if (status == VS_OK) {
        status = vs__secret_key_check(&options, n, h, &factors, reason);
    }
    if (status == VS_OK) {
        status = vs__public_key_make(&pk, &options, n, h);
    }
    if (status == VS_OK) {
        status = vs__secret_key_make(sk, pk, &factors);
    }
    if (status != VS_OK) {
        vs_public_key_free(pk);
    }
    return explained(status, reason);
}

void vs_public_key_modulus(const vs_public_key *pk, uint8_t *n) {
    memcpy(n, pk->n, pk->info.digit_bytes);
}

void vs_secret_key_primes(const vs_secret_key *sk, uint8_t *p, uint8_t *q) {
    size_t bytes = sk->pk->info.digit_bytes / 2;
    memcpy(p, sk->p, bytes);
    memcpy(q, sk->q, bytes);
}
