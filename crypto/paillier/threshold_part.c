/* A holder's parts: c_j^(2Δ·s_i). As long as encryption's messages allow, and each as dear as s + 1 powers to numbers
 * as long as n. */
#include <string.h>

#include "crypto/paillier/batch.h"
#include "crypto/paillier/threshold_internal.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

typedef struct powers {
    const vs_public_key *pk;
    uint8_t *out;
    const uint8_t *c;
    size_t count;
    const vs_word *exponent;
    size_t exponent_bits;
} powers;

static vs_status powers_run(void *context, size_t first, size_t bundles) {
    const powers *job = context;
    const vs_ring *ring = job->pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    size_t stride = job->pk->info.ciphertext_bytes;
    /* Powers of c stand in the scratch memory, and which of them were used: secret. */
    vs_word *z = vs_secret_alloc((bundle + ring->lanes * element + vs_ring_pow_words(ring)) * sizeof *z);
    if (z == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *canonical = z + bundle, *scratch = canonical + ring->lanes * element;
    for (size_t b = first; b < first + bundles; b++) {
        size_t lanes = vs__lanes_of(ring, b, job->count), at = b * ring->lanes * stride;
        vs__load_bytes(ring, z, job->c + at, stride, lanes, canonical);
        vs_ring_mul_var(ring, z, z, ring->square, scratch);
        vs_ring_pow(ring, z, z, job->exponent, job->exponent_bits, scratch);
        vs_ring_mul(ring, z, z, ring->unity, scratch);
        vs__store_bytes(ring, job->out + at, stride, z, lanes, canonical);
    }
    vs_secret_free(z);
    return VS_OK;
}

vs_status vs__threshold_powers(const vs_public_key *pk, uint8_t *out, const uint8_t *c, size_t count,
                               const vs_word *exponent, size_t exponent_bits) {
    powers job = {pk, out, c, count, exponent, exponent_bits};
    size_t bundles = vs__bundle_count(pk->ring, count);
    return vs_parallel_for(bundles, vs_parallel_grain(bundles, VS_RUN), powers_run, &job);
}

vs_status vs_threshold_part(const vs_key_share *share, uint8_t *parts, const uint8_t *c, size_t count) {
    const vs_public_key *pk = share->key->pk;
    size_t limbs = vs__element_limbs(pk), bad;
    vs_word twice_delta[VS_DELTA_LIMBS];
    size_t bits = vs__threshold_twice_delta(twice_delta, share->key->info.holders) + 64 * limbs - 2;
    vs_word *exponent = vs_secret_alloc((limbs + VS_DELTA_LIMBS) * sizeof *exponent);
    vs_status status = exponent == NULL ? VS_ERR_MEMORY : vs_ciphertexts_check(pk, c, count, &bad);
    if (status == VS_OK) {
        vs__limbs_mul(exponent, share->share, limbs, twice_delta, VS_DELTA_LIMBS);
        status = vs__threshold_powers(pk, parts, c, count, exponent, bits);
    }
    if (status != VS_OK) {
        memset(parts, 0, count * pk->info.ciphertext_bytes);
    }
    vs_secret_free(exponent);
    return status;
}
