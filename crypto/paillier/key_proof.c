/* The proof's public side: the numbers that are asked for, their powers, the check, the binary form.
 *
 *     proof = "VSPF" ‖ version ‖ kind ‖ count ‖ 0 ‖ σ_0 ‖ … ‖ σ_7       each σ_i as long as n, little-endian
 *
 * Everything here is public, and variable-time; roots are taken in key_prove.c. */
#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/guard.h"
#include "crypto/paillier/batch.h"
#include "crypto/paillier/key_proof.h"
#include "crypto/paillier/key_proof_internal.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

#define VERSION 1
#define KIND_GCD 1 /* gcd(n, φ(n)) = 1 */

/* Bytes beyond n's length that a challenge is reduced from: then no residue is likelier than another one by more than a
 * factor of 1 + 2^−128. */
#define SPARE_BYTES 16

/* ---- challenges ---- */

/* ρ_index, from hashes in a row: each names the key, which challenge it is for, and its place in it. */
static void challenge(const vs_public_key *pk, mpz_t rho, const mpz_t n, size_t index) {
    uint8_t wide[VS_MAX_DIGIT_BYTES + SPARE_BYTES + VS_HASH_BYTES];
    size_t len = pk->info.digit_bytes + SPARE_BYTES;
    for (size_t at = 0; at < len; at += VS_HASH_BYTES) {
        vs_hash hash;
        vs_hash_init(&hash, "veilsum key proof");
        vs_hash_field(&hash, pk->info.fingerprint, VS_HASH_BYTES);
        vs_hash_u64(&hash, index);
        vs_hash_u64(&hash, at / VS_HASH_BYTES);
        vs_hash_final(&hash, wide + at);
    }
    mpz_import(rho, len, -1, 1, 0, 0, wide);
    mpz_fdiv_r(rho, rho, n);
}

bool vs__key_proof_challenges(const vs_public_key *pk, uint8_t *out) {
    size_t bytes = pk->info.digit_bytes;
    mpz_t n, rho, product;
    mpz_inits(n, rho, product, NULL);
    mpz_import(n, bytes, -1, 1, 0, 0, pk->n);
    mpz_set_ui(product, 1);
    memset(out, 0, VS_KEY_PROOF_VALUES * bytes);
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        challenge(pk, rho, n, i);
        mpz_export(out + i * bytes, NULL, -1, 1, 0, 0, rho);
        mpz_mul(product, product, rho);
        mpz_fdiv_r(product, product, n);
    }
    mpz_gcd(product, product, n);
    bool units = mpz_cmp_ui(product, 1) == 0;
    mpz_clears(n, rho, product, NULL);
    return units;
}

/* ---- powers ---- */

/* One bundle of bases. */
static vs_status raise_bundle(void *context, size_t first, size_t count) {
    const vs__key_proof_power *job = context;
    const vs_ring *ring = job->ring;
    size_t bundle = vs_ring_bundle_words(ring), bytes = ring->digit_limbs * sizeof(vs_word);
    size_t canonical_words = ring->lanes * ring->digit_limbs;
    vs_word *z = vs_secret_alloc((2 * bundle + canonical_words + vs_ring_pow_words(ring)) * sizeof *z);
    if (z == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = z + bundle, *scratch = x + bundle, *canonical = scratch + vs_ring_pow_words(ring);
    vs_status status = VS_OK;
    size_t bad;
    for (size_t i = first; i < first + count && status == VS_OK; i++) {
        size_t at = i * ring->lanes * bytes, lanes = vs__lanes_of(ring, i, VS_KEY_PROOF_VALUES);
        status = vs__load_public(ring, x, job->bases + at, lanes, canonical, &bad);
        if (status == VS_OK) {
            vs_ring_mul(ring, x, x, ring->square, scratch);
            if (job->secret) {
                vs_ring_pow(ring, z, x, job->exponent, 64 * ring->digit_limbs, scratch);
            } else {
                vs_ring_pow_var(ring, z, x, job->exponent, ring->digit_limbs, scratch);
            }
            vs_ring_mul(ring, z, z, ring->unity, scratch);
            vs__store_bytes(ring, job->powers + at, bytes, z, lanes, canonical);
        }
    }
    vs_secret_free(z);
    return status;
}

vs_status vs__key_proof_raise(const vs_public_key *pk, uint8_t *powers, const uint8_t *bases, const vs_word *exponent,
                              bool secret) {
    vs_word modulus[VS_MAX_RING_BITS / 64];
    vs_ring *ring = NULL;
    size_t limbs = pk->info.digit_bytes / sizeof(vs_word);
    vs__limbs_from_bytes(modulus, pk->n, limbs);
    vs_status status = vs_ring_new(&ring, modulus, limbs, 0, false);
    if (status == VS_OK) {
        vs__key_proof_power job = {ring, powers, bases, exponent, secret};
        status = vs_parallel_for(vs__bundle_count(ring, VS_KEY_PROOF_VALUES), 1, raise_bundle, &job);
    }
    vs_ring_free(ring);
    return status;
}

/* ---- the check ---- */

bool vs_public_key_has_proof(const vs_public_key *pk) {
    return pk->proof != NULL;
}

static vs_status refuse(const char **reason, vs_status status, const char *sentence) {
    *reason = sentence;
    return status;
}

/* Are the values the n-th roots of the challenges, below n and so the only ones, and are challenges units? */
static vs_status check_roots(const vs_public_key *pk, const char **reason) {
    vs_word exponent[VS_MAX_RING_BITS / 64];
    size_t len = VS_KEY_PROOF_VALUES * pk->info.digit_bytes;
    uint8_t *challenges = malloc(2 * len);
    if (challenges == NULL) {
        return VS_ERR_MEMORY;
    }
    uint8_t *powers = challenges + len;
    vs__limbs_from_bytes(exponent, pk->n, pk->info.digit_bytes / sizeof *exponent);
    bool units = vs__key_proof_challenges(pk, challenges);
    vs_status status = vs__key_proof_raise(pk, powers, pk->proof, exponent, false);
    if (status == VS_ERR_RANGE || (status == VS_OK && (!units || memcmp(powers, challenges, len) != 0))) {
        status = refuse(reason, VS_ERR_AUTH, "the proof that its ciphertexts have one plaintext only is wrong");
    }
    free(challenges);
    return status;
}

vs_status vs_public_key_check_proof(const vs_public_key *pk, const char **reason) {
    *reason = NULL;
    vs_status status = pk->proof != NULL
                           ? check_roots(pk, reason)
                           : refuse(reason, VS_ERR_POLICY, "no proof that its ciphertexts have one plaintext only");
    return VS_GUARD(key_proof, status == VS_OK) ? VS_OK : status;
}

/* ---- the binary form ---- */

size_t vs__key_proof_len(const vs_public_key *pk) {
    return pk->proof == NULL ? 0 : VS_KEY_PROOF_HEADER + VS_KEY_PROOF_VALUES * pk->info.digit_bytes;
}

void vs__key_proof_encode(const vs_public_key *pk, uint8_t *out) {
    static const uint8_t header[VS_KEY_PROOF_HEADER] = {'V', 'S', 'P', 'F', VERSION, KIND_GCD, VS_KEY_PROOF_VALUES, 0};
    memcpy(out, header, sizeof header);
    memcpy(out + sizeof header, pk->proof, VS_KEY_PROOF_VALUES * pk->info.digit_bytes);
}

bool vs__key_proof_begins(const uint8_t *data, size_t len) {
    return len >= 4 && memcmp(data, "VSPF", 4) == 0;
}

vs_status vs__key_proof_decode(vs_public_key *pk, const uint8_t *data, size_t len, const char **reason) {
    size_t values = VS_KEY_PROOF_VALUES * pk->info.digit_bytes;
    if (len < VS_KEY_PROOF_HEADER || !vs__key_proof_begins(data, len)) {
        return refuse(reason, VS_ERR_FORMAT, "what follows the public key is no proof");
    }
    if (data[4] != VERSION || data[5] != KIND_GCD) {
        return refuse(reason, VS_ERR_VERSION, "the public key's proof is of a kind that is not known");
    }
    if (data[6] != VS_KEY_PROOF_VALUES || data[7] != 0 || len != VS_KEY_PROOF_HEADER + values) {
        return refuse(reason, VS_ERR_FORMAT, "the public key's proof does not have the length that goes with the key");
    }
    pk->proof = malloc(values);
    if (pk->proof == NULL) {
        return refuse(reason, VS_ERR_MEMORY, vs_status_text(VS_ERR_MEMORY));
    }
    memcpy(pk->proof, data + VS_KEY_PROOF_HEADER, values);
    return VS_OK;
}
