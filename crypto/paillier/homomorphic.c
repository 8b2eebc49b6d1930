/* Computing with ciphertexts and public numbers. Nothing here is secret. */
#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/paillier/batch.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"

typedef struct plain_job {
    const vs_public_key *pk;
    uint8_t *c;
    const uint8_t *m;
    size_t count;
    uint64_t k;
} plain_job;

/* z = x^k; k = 0 gives 1. */
static void power_small(const vs_ring *ring, vs_word *z, const vs_word *x, uint64_t k, vs_word *scratch) {
    vs_ring_mul_var(ring, z, x, ring->square, scratch);
    vs_ring_pow_var(ring, z, z, &k, 1, scratch);
    vs_ring_mul_var(ring, z, z, ring->unity, scratch);
}

/* z = x · (1 + n)^m for the plaintexts m of this bundle. */
static vs_status multiply_message(const plain_job *job, vs_word *z, const vs_word *x, size_t b, vs_word *memory) {
    const vs_ring *ring = job->pk->ring, *exponents = job->pk->group.exponents;
    size_t element = vs_ring_element_limbs(exponents), lanes = vs__lanes_of(ring, b, job->count), bad;
    size_t bundle = vs_ring_bundle_words(ring), digit = ring->digit_words;
    vs_word *canonical = memory, *e = canonical + ring->lanes * element, *power = e + bundle, *scratch = power + bundle;
    const uint8_t *m = job->m + b * ring->lanes * job->pk->info.plaintext_bytes;
    vs_status status = vs__load_public(exponents, e, m, lanes, canonical, &bad);
    if (status == VS_OK) {
        vs_one_plus_n_exp(&job->pk->group, power + digit, e, scratch);
        memcpy(power, ring->unity, digit * sizeof *power);
        vs_ring_mul_var(ring, power, power, ring->square, scratch);
        vs_ring_mul_var(ring, z, x, power, scratch);
    }
    return status;
}

static vs_status plain_run(void *context, size_t first, size_t bundles) {
    const plain_job *job = context;
    const vs_ring *ring = job->pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring), bad;
    size_t inner = vs_ring_pow_words(ring) + vs_one_plus_n_words(&job->pk->group) + ring->lanes * element + 2 * bundle;
    vs_word *memory = vs_lines_alloc((2 * bundle + ring->lanes * element + inner) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = memory, *z = x + bundle, *canonical = z + bundle, *scratch = canonical + ring->lanes * element;
    vs_status status = VS_OK;
    for (size_t b = first; b < first + bundles && status == VS_OK; b++) {
        size_t lanes = vs__lanes_of(ring, b, job->count);
        uint8_t *c = job->c + b * ring->lanes * job->pk->info.ciphertext_bytes;
        status = vs__load_public(ring, x, c, lanes, canonical, &bad);
        if (status == VS_OK && job->m != NULL) {
            status = multiply_message(job, z, x, b, scratch);
        } else if (status == VS_OK) {
            power_small(ring, z, x, job->k, scratch);
        }
        if (status == VS_OK) {
            vs__store_bytes(ring, c, job->pk->info.ciphertext_bytes, z, lanes, canonical);
        }
    }
    free(memory);
    return status;
}

/* c⁻¹ for each ciphertext, on integers modulo n^(s+1): rare, so simple. */
static void invert_all(const vs_public_key *pk, uint8_t *c, size_t count) {
    size_t bytes = pk->info.digit_bytes;
    mpz_t n, modulus, value, digit;
    mpz_inits(n, modulus, value, digit, NULL);
    mpz_import(n, bytes, -1, 1, 0, 0, pk->n);
    mpz_pow_ui(modulus, n, pk->info.degree + 1);
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = c + i * pk->info.ciphertext_bytes;
        mpz_set_ui(value, 0);
        for (unsigned k = pk->info.degree + 1; k-- > 0;) {
            mpz_import(digit, bytes, -1, 1, 0, 0, at + k * bytes);
            mpz_mul(value, value, n);
            mpz_add(value, value, digit);
        }
        VS_CHECK(mpz_invert(value, value, modulus) != 0); /* found a unit before */
        memset(at, 0, pk->info.ciphertext_bytes);
        for (unsigned k = 0; k <= pk->info.degree; k++) {
            mpz_fdiv_qr(value, digit, value, n);
            mpz_export(at + k * bytes, NULL, -1, 1, 0, 0, digit);
        }
    }
    mpz_clears(n, modulus, value, digit, NULL);
}

static vs_status run_plain(plain_job *job) {
    size_t bundles = vs__bundle_count(job->pk->ring, job->count);
    return vs_parallel_for(bundles, vs_parallel_grain(bundles, VS_RUN), plain_run, job);
}

vs_status vs_multiply_plain(const vs_public_key *pk, uint8_t *c, size_t count, uint64_t k, int negate) {
    size_t bad;
    vs_status status = vs_ciphertexts_check(pk, c, count, &bad);
    if (status != VS_OK) {
        return status;
    }
    plain_job job = {.pk = pk, .c = c, .count = count, .k = k};
    status = run_plain(&job);
    if (status == VS_OK && negate) {
        invert_all(pk, c, count);
    } else if (status != VS_OK) {
        memset(c, 0, count * pk->info.ciphertext_bytes);
    }
    return status;
}

vs_status vs_add_plain(const vs_public_key *pk, uint8_t *c, const uint8_t *m, size_t count) {
    plain_job job = {.pk = pk, .c = c, .m = m, .count = count};
    vs_status status = run_plain(&job);
    if (status != VS_OK) {
        memset(c, 0, count * pk->info.ciphertext_bytes);
    }
    return status;
}
