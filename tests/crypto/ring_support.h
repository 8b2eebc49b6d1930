/* A ring beside GMP's integers: conversions that the suites of crypto/ring share. */
#ifndef VEILSUM_TESTS_RING_SUPPORT_H
#define VEILSUM_TESTS_RING_SUPPORT_H

#include "tests/support.h"

#include <gmp.h>

#include "crypto/ring/ring.h"

/* Does this machine have the backend that VEILSUM_BACKEND names? Says which one runs. */
static inline int ring_backend_is_here(void) {
    const char *wanted = NULL;
    int here = vs_ring_backend_check(&wanted) == VS_OK;
    printf("# backend: %s%s\n", wanted != NULL ? wanted : "the default", here ? "" : ", which this machine lacks");
    return here;
}

static inline void ring_import(mpz_t z, const vs_word *x, size_t limbs) {
    mpz_import(z, limbs, -1, 8, 0, 0, x);
}

/* The digits of value modulo n^(degree+1), in every lane of a fresh bundle. */
static inline vs_word *ring_bundle(const vs_ring *ring, const mpz_t value) {
    vs_word canonical[5 * 64] = {0};
    mpz_t rest, digit, n;
    mpz_inits(rest, digit, n, NULL);
    ring_import(n, ring->modulus, ring->digit_limbs);
    mpz_set(rest, value);
    for (unsigned i = 0; i <= ring->degree; i++) {
        mpz_fdiv_qr(rest, digit, rest, n);
        mpz_export(canonical + i * ring->digit_limbs, NULL, -1, 8, 0, 0, digit);
    }
    mpz_clears(rest, digit, n, NULL);
    vs_word *bundle = malloc(vs_ring_bundle_words(ring) * sizeof *bundle);
    assert_non_null(bundle);
    vs_ring_broadcast(ring, bundle, canonical);
    return bundle;
}

/* One lane's integer; its digits must be canonical. */
static inline void ring_integer(mpz_t value, const vs_ring *ring, const vs_word *bundle, size_t lane) {
    size_t element = vs_ring_element_limbs(ring);
    vs_word *canonical = malloc(ring->lanes * element * sizeof *canonical);
    assert_non_null(canonical);
    vs_ring_store(ring, canonical, bundle, element, ring->lanes);
    mpz_t n, digit;
    mpz_inits(n, digit, NULL);
    ring_import(n, ring->modulus, ring->digit_limbs);
    mpz_set_ui(value, 0);
    for (unsigned i = ring->degree + 1; i-- > 0;) {
        ring_import(digit, canonical + lane * element + i * ring->digit_limbs, ring->digit_limbs);
        assert_true(mpz_cmp(digit, n) < 0);
        mpz_mul(value, value, n);
        mpz_add(value, value, digit);
    }
    mpz_clears(n, digit, NULL);
    free(canonical);
}

/* A random odd modulus of `limbs` limbs without the factor 3. */
static inline void ring_modulus(vs_word *n, size_t limbs) {
    mpz_t value;
    mpz_init(value);
    do {
        test_fill(n, limbs * 8);
        n[0] |= 1;
        n[limbs - 1] |= limbs == 1 ? 4 : (vs_word)1 << test_below(64);
        ring_import(value, n, limbs);
    } while (mpz_divisible_ui_p(value, 3));
    mpz_clear(value);
}

#endif
