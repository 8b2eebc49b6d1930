/* Fixed-base powers: a·(1 + n)^e must be base^x, against GMP's powers, for every width of table. */
#include "tests/crypto/ring_support.h"

#include "crypto/ring/fixed_base.h"
#include "crypto/secret.h"

#define BUNDLES 5

typedef struct setting {
    vs_ring *ring;
    vs_one_plus_n group;
    mpz_t n, modulus, base;
    vs_word canonical[5 * 64];
} setting;

static void setting_open(setting *t, size_t limbs, unsigned degree) {
    vs_word n[64];
    ring_modulus(n, limbs);
    mpz_inits(t->n, t->modulus, t->base, NULL);
    ring_import(t->n, n, limbs);
    mpz_pow_ui(t->modulus, t->n, degree + 1);
    assert_int_equal(vs_ring_new(&t->ring, n, limbs, degree, false), VS_OK);
    assert_int_equal(vs_one_plus_n_init(&t->group, n, limbs, degree, false), VS_OK);
    mpz_t gcd;
    mpz_init(gcd);
    size_t element = vs_ring_element_limbs(t->ring);
    do {
        test_fill(t->canonical, element * 8);
        for (unsigned i = 0; i <= degree; i++) { /* each digit below n */
            ring_import(t->base, t->canonical + i * limbs, limbs);
            mpz_fdiv_r(t->base, t->base, t->n);
            memset(t->canonical + i * limbs, 0, limbs * 8);
            mpz_export(t->canonical + i * limbs, NULL, -1, 8, 0, 0, t->base);
        }
        ring_import(t->base, t->canonical, limbs);
        mpz_gcd(gcd, t->base, t->n);
    } while (mpz_cmp_ui(gcd, 1) != 0);
    mpz_clear(gcd);
    vs_word *bundle = malloc(vs_ring_bundle_words(t->ring) * sizeof *bundle);
    vs_ring_broadcast(t->ring, bundle, t->canonical);
    ring_integer(t->base, t->ring, bundle, 0);
    free(bundle);
}

static void setting_close(setting *t) {
    vs_ring_free(t->ring);
    vs_one_plus_n_clear(&t->group);
    mpz_clears(t->n, t->modulus, t->base, NULL);
}

static void try_table(setting *t, size_t exponent_bits, size_t expected) {
    const vs_ring *ring = t->ring, *exponents = t->group.exponents;
    size_t lanes = ring->lanes, limbs = (exponent_bits + 63) / 64;
    vs_fixed_base *table = NULL;
    assert_int_equal(vs_fixed_base_new(&table, ring, &t->group, t->canonical, exponent_bits, expected), VS_OK);
    assert_int_equal(vs_fixed_base_exponent_limbs(table), limbs);
    vs_word *x = calloc(BUNDLES * lanes * limbs, sizeof *x);
    vs_word *a = malloc(BUNDLES * vs_ring_bundle_words(ring) * sizeof *a);
    vs_word *e = malloc(BUNDLES * vs_ring_bundle_words(exponents) * sizeof *e);
    vs_word *scratch = malloc(vs_fixed_base_words(table, BUNDLES) * sizeof *scratch);
    test_fill(x, BUNDLES * lanes * limbs * 8);
    memset(x, 0, limbs * 8);
    memset(x + limbs, 0xff, limbs * 8);
    for (size_t i = 0; i < BUNDLES * lanes && exponent_bits % 64 != 0; i++) {
        x[i * limbs + limbs - 1] &= ((vs_word)1 << exponent_bits % 64) - 1;
    }
    vs_fixed_base_pow(table, a, e, x, BUNDLES, scratch);
    mpz_t factor, exponent, power, g;
    mpz_inits(factor, exponent, power, g, NULL);
    for (size_t i = 0; i < BUNDLES; i++) {
        ring_integer(factor, ring, a + i * vs_ring_bundle_words(ring), lanes - 1);
        ring_integer(exponent, exponents, e + i * vs_ring_bundle_words(exponents), lanes - 1);
        mpz_add_ui(g, t->n, 1);
        mpz_powm(g, g, exponent, t->modulus);
        mpz_mul(factor, factor, g);
        mpz_fdiv_r(factor, factor, t->modulus);
        ring_import(exponent, x + (i * lanes + lanes - 1) * limbs, limbs);
        mpz_powm(power, t->base, exponent, t->modulus);
        mpz_fdiv_r(power, power, t->modulus);
        assert_true(mpz_cmp(factor, power) == 0);
    }
    mpz_clears(factor, exponent, power, g, NULL);
    free(x);
    free(a);
    free(e);
    free(scratch);
    vs_fixed_base_free(table);
}

static void powers_agree_with_integers(void **state) {
    (void)state;
    for (unsigned degree = 1; degree <= VS_MAX_RING_DEGREE; degree++) {
        for (size_t limbs = 1; limbs <= 32; limbs = limbs * 3 + 1) {
            setting t;
            setting_open(&t, limbs, degree);
            for (size_t expected = 0; expected < 200000; expected = expected * 7 + 1) { /* windows of 1 to 8 bits */
                try_table(&t, 128, expected);
            }
            try_table(&t, 448, 20);
            setting_close(&t);
        }
    }
}

static void a_base_that_is_no_unit_is_refused(void **state) {
    (void)state;
    setting t;
    vs_fixed_base *table = NULL;
    setting_open(&t, 4, 2);
    memset(t.canonical, 0, 4 * 8);
    assert_int_equal(vs_fixed_base_new(&table, t.ring, &t.group, t.canonical, 128, 10), VS_ERR_RANGE);
    assert_null(table);
    setting_close(&t);
}

/* More rows than the sums of exponents have room for, and none at all. */
static void lengths_of_exponents_beyond_the_bounds_are_refused(void **state) {
    (void)state;
    static const size_t refused[] = {0, 2049, 4096};
    setting t;
    vs_fixed_base *table = NULL;
    setting_open(&t, 4, 1);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(vs_fixed_base_new(&table, t.ring, &t.group, t.canonical, refused[i], 10), VS_ERR_RANGE);
        assert_null(table);
    }
    try_table(&t, 1, 0);
    try_table(&t, 2048, 0);
    setting_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_agree_with_integers),
        cmocka_unit_test(a_base_that_is_no_unit_is_refused),
        cmocka_unit_test(lengths_of_exponents_beyond_the_bounds_are_refused),
    };
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    if (!ring_backend_is_here()) {
        return 77; /* skipped */
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
