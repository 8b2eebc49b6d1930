/* Threshold keys in memory: from checked numbers to what holders' work is checked against. All of it is public. */
#include "crypto/paillier/threshold.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/paillier/batch.h"
#include "crypto/paillier/threshold_internal.h"

const vs_threshold_info *vs_threshold_key_info(const vs_threshold_key *key) {
    return &key->info;
}

const vs_public_key *vs_threshold_key_public(const vs_threshold_key *key) {
    return key->pk;
}

const vs_public_identity *vs_threshold_key_holder(const vs_threshold_key *key, unsigned holder) {
    VS_CHECK(holder >= 1 && holder <= key->info.holders);
    return &key->identity[holder - 1];
}

unsigned vs_threshold_key_find(const vs_threshold_key *key, const vs_public_identity *identity) {
    for (unsigned i = 0; i < key->info.holders; i++) {
        if (vs_public_identity_equal(&key->identity[i], identity)) {
            return i + 1;
        }
    }
    return 0;
}

void vs_threshold_key_free(vs_threshold_key *key) {
    if (key != NULL) {
        vs_public_key_free(key->pk);
        free(key->base);
        free(key->commitment);
        free(key->verification);
        free(key);
    }
}

bool vs__threshold_holders_are_valid(unsigned needed, unsigned holders, const vs_public_identity *identities,
                                     const char **reason) {
    if (needed < 2 || needed > holders || holders > VS_MAX_HOLDERS) {
        *reason = "a threshold that is not 2 or more of at most 32 holders";
        return false;
    }
    for (unsigned i = 0; i < holders; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(identities[i].name, identities[k].name) == 0 ||
                memcmp(identities[i].key, identities[k].key, VS_IDENTITY_KEY_BYTES) == 0) {
                *reason = "two holders with one name or one key";
                return false;
            }
        }
    }
    return true;
}

/* ---- numbers ---- */

void vs__element_get(const vs_public_key *pk, mpz_t x, const uint8_t *element) {
    size_t bytes = pk->info.digit_bytes;
    mpz_t n, digit;
    mpz_inits(n, digit, NULL);
    mpz_import(n, bytes, -1, 1, 0, 0, pk->n);
    mpz_set_ui(x, 0);
    for (unsigned k = pk->info.degree + 1; k-- > 0;) {
        mpz_import(digit, bytes, -1, 1, 0, 0, element + k * bytes);
        mpz_mul(x, x, n);
        mpz_add(x, x, digit);
    }
    mpz_clears(n, digit, NULL);
}

void vs__element_put(const vs_public_key *pk, uint8_t *element, const mpz_t x) {
    size_t bytes = pk->info.digit_bytes;
    mpz_t n, rest, digit;
    mpz_inits(n, rest, digit, NULL);
    mpz_import(n, bytes, -1, 1, 0, 0, pk->n);
    mpz_set(rest, x);
    memset(element, 0, pk->info.ciphertext_bytes);
    for (unsigned k = 0; k <= pk->info.degree; k++) {
        mpz_fdiv_qr(rest, digit, rest, n);
        mpz_export(element + k * bytes, NULL, -1, 1, 0, 0, digit);
    }
    mpz_clears(n, rest, digit, NULL);
}

void vs__modulus_power(const vs_public_key *pk, mpz_t x, unsigned power) {
    mpz_import(x, pk->info.digit_bytes, -1, 1, 0, 0, pk->n);
    mpz_pow_ui(x, x, power);
}

void vs__threshold_delta(mpz_t delta, unsigned holders) {
    mpz_fac_ui(delta, holders);
}

/* ---- the base ---- */

/* Digit k of H: a hash 256 bits longer than n, modulo n, so that every residue is as likely as any other. */
static void hash_digit(const vs_public_key *pk, uint8_t *digit, unsigned k) {
    size_t blocks = pk->info.digit_bytes / VS_HASH_BYTES + 1;
    uint8_t wide[VS_MAX_DIGIT_BYTES + VS_HASH_BYTES];
    mpz_t x, n;
    mpz_inits(x, n, NULL);
    for (size_t i = 0; i < blocks; i++) {
        vs_hash hash;
        vs_hash_init(&hash, "veilsum threshold base");
        vs_hash_field(&hash, pk->info.fingerprint, VS_HASH_BYTES);
        vs_hash_u64(&hash, k);
        vs_hash_u64(&hash, i);
        vs_hash_final(&hash, wide + i * VS_HASH_BYTES);
    }
    mpz_import(n, pk->info.digit_bytes, -1, 1, 0, 0, pk->n);
    mpz_import(x, blocks * VS_HASH_BYTES, -1, 1, 0, 0, wide);
    mpz_fdiv_r(x, x, n);
    memset(digit, 0, pk->info.digit_bytes);
    mpz_export(digit, NULL, -1, 1, 0, 0, x);
    mpz_clears(x, n, NULL);
}

/* Nobody knows of H more than that it is random. The plaintext of v is known: so v^d = (1 + n)^2 for the exponent d
 * that decrypts, and for no other. */
vs_status vs__threshold_base(const vs_public_key *pk, uint8_t *base) {
    const vs_ring *ring = pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs__element_limbs(pk);
    vs_word *z = vs_lines_alloc((2 * bundle + element + vs_ring_pow_words(ring)) * sizeof *z);
    if (z == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *shifted = z + bundle, *canonical = shifted + bundle, *scratch = canonical + element;
    for (unsigned k = 0; k <= pk->info.degree; k++) {
        hash_digit(pk, base + k * pk->info.digit_bytes, k);
    }
    vs__limbs_from_bytes(canonical, base, element);
    vs_ring_broadcast(ring, z, canonical);
    vs_ring_mul_var(ring, z, z, ring->square, scratch);
    for (unsigned i = 0; i < ring->degree; i++) {
        vs_ring_pow_var(ring, z, z, ring->modulus, ring->digit_limbs, scratch);
    }
    vs_ring_shift(ring, shifted, z); /* z·(1 + n) */
    vs_ring_add(ring, z, z, shifted);
    vs_ring_sqr(ring, z, z, scratch);
    vs_ring_mul_var(ring, z, z, ring->unity, scratch);
    vs_ring_store(ring, canonical, z, element, 1);
    vs__bytes_from_limbs(base, canonical, element);
    free(z);
    return VS_OK;
}

/* ---- verification keys ---- */

/* v_i = (1 + n)^2 · Π V_k^(i^k) = v^(f(i)), by Horner's rule. */
static void verification_key(const vs_threshold_key *key, unsigned i, uint8_t *out, mpz_srcptr modulus) {
    size_t element = key->pk->info.ciphertext_bytes;
    mpz_t z, factor;
    mpz_inits(z, factor, NULL);
    mpz_set_ui(z, 1);
    for (unsigned k = key->info.needed; k-- > 0;) {
        mpz_powm_ui(z, z, i, modulus);
        if (k > 0) {
            vs__element_get(key->pk, factor, key->commitment + (k - 1) * element);
        } else {
            vs__modulus_power(key->pk, factor, 1);
            mpz_add_ui(factor, factor, 1);
            mpz_mul(factor, factor, factor);
        }
        mpz_mul(z, z, factor);
        mpz_fdiv_r(z, z, modulus);
    }
    vs__element_put(key->pk, out, z);
    mpz_clears(z, factor, NULL);
}

static vs_status fingerprint(vs_threshold_key *key) {
    size_t len = vs__threshold_key_encoded_len(key);
    uint8_t *encoded = malloc(len);
    if (encoded == NULL) {
        return VS_ERR_MEMORY;
    }
    vs__threshold_key_encode(key, encoded);
    vs_hash hash;
    vs_hash_init(&hash, "veilsum threshold key");
    vs_hash_field(&hash, encoded, len);
    vs_hash_final(&hash, key->info.fingerprint);
    free(encoded);
    return VS_OK;
}

static vs_status derive(vs_threshold_key *key) {
    size_t element = key->pk->info.ciphertext_bytes;
    vs_status status = vs__threshold_base(key->pk, key->base);
    if (status == VS_OK) {
        status = fingerprint(key);
    }
    mpz_t modulus;
    mpz_init(modulus);
    vs__modulus_power(key->pk, modulus, key->pk->info.degree + 1);
    for (unsigned i = 1; i <= key->info.holders && status == VS_OK; i++) {
        verification_key(key, i, key->verification + (i - 1) * element, modulus);
    }
    mpz_clear(modulus);
    return status;
}

vs_status vs__threshold_key_make(vs_threshold_key **out, vs_public_key *pk, unsigned needed, unsigned holders,
                                 const vs_public_identity *identities, const uint8_t *commitments) {
    size_t element = pk->info.ciphertext_bytes;
    *out = NULL;
    vs_threshold_key *key = calloc(1, sizeof *key);
    if (key == NULL) {
        return VS_ERR_MEMORY;
    }
    key->info.needed = needed;
    key->info.holders = holders;
    key->info.proof_bytes = VS_HASH_BYTES + vs__response_limbs(pk) * sizeof(vs_word);
    key->pk = pk;
    memcpy(key->identity, identities, holders * sizeof *identities);
    key->base = malloc(element);
    key->commitment = malloc((needed - 1) * element);
    key->verification = malloc(holders * element);
    vs_status status = VS_ERR_MEMORY;
    if (key->base != NULL && key->commitment != NULL && key->verification != NULL) {
        memcpy(key->commitment, commitments, (needed - 1) * element);
        status = derive(key);
    }
    if (status != VS_OK) {
        key->pk = NULL; /* is the caller's again */
        vs_threshold_key_free(key);
        return status;
    }
    *out = key;
    return VS_OK;
}
