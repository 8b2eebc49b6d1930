/* Are ciphertexts units? One gcd for any number of them: a ciphertext is a unit exactly if its digit 0 is prime to n,
 * and a product of digits 0 is prime to n exactly if all of them are. */
#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/paillier/batch.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"

/* Is x, canonical, prime to n? */
static bool is_unit(const vs_ring *ring, const vs_word *x) {
    mpz_t value, n;
    mpz_inits(value, n, NULL);
    mpz_import(value, ring->digit_limbs, -1, sizeof(vs_word), 0, 0, x);
    mpz_import(n, ring->digit_limbs, -1, sizeof(vs_word), 0, 0, ring->modulus);
    mpz_gcd(value, value, n);
    bool unit = mpz_cmp_ui(value, 1) == 0;
    mpz_clears(value, n, NULL);
    return unit;
}

/* product *= the lowest digits of x, whose lanes from `lanes` on hold nothing and count as 1. */
static void multiply_lowest(const vs_ring *digits, vs_word *product, const vs_word *x, size_t lanes, vs_word *canonical,
                            vs_word *scratch) {
    size_t limbs = digits->digit_limbs;
    if (lanes == digits->lanes) {
        vs_ring_mul_var(digits, product, product, x, scratch);
        return;
    }
    vs_ring_store(digits, canonical, x, limbs, lanes);
    memset(canonical + lanes * limbs, 0, (digits->lanes - lanes) * limbs * sizeof *canonical);
    for (size_t i = lanes; i < digits->lanes; i++) {
        canonical[i * limbs] = 1;
    }
    vs_word *filled = canonical + digits->lanes * limbs;
    vs_ring_load(digits, filled, canonical, limbs, digits->lanes);
    vs_ring_mul_var(digits, product, product, filled, scratch);
}

/* All lanes of a product into one canonical digit. */
static void join_lanes(const vs_ring *digits, vs_word *out, vs_word *product, vs_word *canonical, vs_word *scratch) {
    size_t limbs = digits->digit_limbs;
    vs_word *lane = canonical + digits->lanes * limbs;
    vs_ring_store(digits, canonical, product, limbs, digits->lanes);
    vs_ring_load(digits, product, canonical, limbs, 1);
    for (size_t i = 1; i < digits->lanes; i++) {
        vs_ring_load(digits, lane, canonical + i * limbs, limbs, 1);
        vs_ring_mul_var(digits, product, product, lane, scratch);
    }
    vs_ring_store(digits, out, product, limbs, 1);
}

static vs_status multiply_digits(void *context, size_t first, size_t bundles) {
    const vs__unit_check *check = context;
    const vs_ring *ring = check->pk->ring, *digits = check->digits;
    size_t bundle = vs_ring_bundle_words(ring), element = ring->lanes * vs_ring_element_limbs(ring);
    vs_word *memory =
        vs_lines_alloc((2 * bundle + digits->digit_words + element + digits->scratch_words) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = memory, *product = x + bundle, *canonical = product + digits->digit_words;
    vs_word *scratch = canonical + element + bundle; /* behind canonical digits: room for one bundle */
    vs_status status = VS_OK;
    memcpy(product, digits->unity, digits->digit_words * sizeof *product);
    for (size_t b = first; b < first + bundles && status == VS_OK; b++) {
        size_t lanes = vs__lanes_of(ring, b, check->count), bad;
        if (check->bytes == NULL) {
            memcpy(x, check->bundles + b * bundle, digits->digit_words * sizeof *x);
        } else {
            const uint8_t *c = check->bytes + b * ring->lanes * check->pk->info.ciphertext_bytes;
            status = vs__load_public(ring, x, c, lanes, canonical, &bad);
        }
        if (status == VS_OK) {
            multiply_lowest(digits, product, x, lanes, canonical, scratch);
        } else {
            check->bad[first / check->grain] = b * ring->lanes + bad;
        }
    }
    join_lanes(digits, check->products + first / check->grain * digits->digit_limbs, product, canonical, scratch);
    free(memory);
    return status;
}

/* One gcd on the product of all runs' products. */
static vs_status product_is_unit(const vs__unit_check *check, size_t runs) {
    const vs_ring *digits = check->digits;
    size_t limbs = digits->digit_limbs;
    vs_word *memory = vs_lines_alloc((2 * digits->digit_words + digits->scratch_words) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *product = memory, *x = product + digits->digit_words, *scratch = x + digits->digit_words;
    vs_ring_load(digits, product, check->products, limbs, 1);
    for (size_t i = 1; i < runs; i++) {
        vs_ring_load(digits, x, check->products + i * limbs, limbs, 1);
        vs_ring_mul_var(digits, product, product, x, scratch);
    }
    vs_ring_store(digits, check->products, product, limbs, 1);
    free(memory);
    return is_unit(digits, check->products) ? VS_OK : VS_ERR_RANGE;
}

vs_status vs__units_check(vs__unit_check *check, size_t *bad) {
    const vs_ring *ring = check->pk->ring;
    size_t bundles = vs__bundle_count(ring, check->count);
    check->grain = vs_parallel_grain(bundles, VS_RUN);
    size_t runs = (bundles + check->grain - 1) / check->grain;
    if (check->count == 0) {
        return VS_OK;
    }
    vs_ring *digits = NULL;
    vs_status status = vs_ring_new_on(&digits, vs_ring_backend_name(ring), ring->modulus, ring->digit_limbs, 0, false);
    check->digits = digits;
    check->products = malloc(runs * ring->digit_limbs * sizeof *check->products);
    check->bad = malloc(runs * sizeof *check->bad);
    if (status == VS_OK && (check->products == NULL || check->bad == NULL)) {
        status = VS_ERR_MEMORY;
    }
    if (status == VS_OK) {
        memset(check->bad, 0xff, runs * sizeof *check->bad);
        status = vs_parallel_for(bundles, check->grain, multiply_digits, check);
    }
    if (status == VS_OK) {
        status = product_is_unit(check, runs);
    } else if (status == VS_ERR_RANGE) {
        for (size_t i = runs; i-- > 0;) {
            *bad = check->bad[i] != SIZE_MAX ? check->bad[i] : *bad;
        }
    }
    vs_ring_free(digits);
    free(check->products);
    free(check->bad);
    return status;
}

vs_status vs_ciphertexts_check(const vs_public_key *pk, const uint8_t *c, size_t count, size_t *bad) {
    vs__unit_check check = {.pk = pk, .bytes = c, .count = count};
    *bad = SIZE_MAX;
    return vs__units_check(&check, bad);
}
