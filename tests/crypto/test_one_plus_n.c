/* Powers of 1 + n and their logarithms, against GMP's powers. */
#include "tests/crypto/ring_support.h"

#include "crypto/ring/one_plus_n.h"
#include "crypto/secret.h"

static const size_t sizes[] = {1, 2, 7, 16, 32, 64};

typedef struct setting {
    vs_one_plus_n group;
    mpz_t n, exponents, modulus; /* n, n^s, n^(s+1) */
    vs_word *scratch;
} setting;

static void setting_open(setting *t, size_t limbs, unsigned degree) {
    vs_word n[64];
    ring_modulus(n, limbs);
    mpz_inits(t->n, t->exponents, t->modulus, NULL);
    ring_import(t->n, n, limbs);
    mpz_pow_ui(t->exponents, t->n, degree);
    mpz_mul(t->modulus, t->exponents, t->n);
    assert_int_equal(vs_one_plus_n_init(&t->group, n, limbs, degree, test_random() % 2), VS_OK);
    t->scratch = malloc(vs_one_plus_n_words(&t->group) * sizeof *t->scratch);
}

static void setting_close(setting *t) {
    vs_one_plus_n_clear(&t->group);
    mpz_clears(t->n, t->exponents, t->modulus, NULL);
    free(t->scratch);
}

static void exponent(mpz_t e, const setting *t) {
    vs_word limbs[4 * 64];
    test_fill(limbs, sizeof limbs);
    ring_import(e, limbs, 4 * 64);
    switch (test_below(6)) {
    case 0:
        mpz_set_ui(e, test_below(5));
        break;
    case 1:
        mpz_sub_ui(e, t->exponents, 1);
        break;
    case 2:
        mpz_set(e, t->n);
        break;
    default:
        break;
    }
    mpz_fdiv_r(e, e, t->exponents);
}

static void try_group(setting *t) {
    const vs_ring *ring = t->group.exponents;
    mpz_t e, g, v;
    mpz_inits(e, g, v, NULL);
    for (int round = 0; round < (ring->digit_limbs > 16 ? 3 : 12); round++) {
        exponent(e, t);
        vs_word *x = ring_bundle(ring, e), *y = malloc(vs_ring_bundle_words(ring) * sizeof *y);
        vs_one_plus_n_exp(&t->group, y, x, t->scratch);
        mpz_add_ui(g, t->n, 1);
        mpz_powm(g, g, e, t->modulus);
        mpz_sub_ui(g, g, 1);
        mpz_divexact(g, g, t->n);
        ring_integer(v, ring, y, ring->lanes - 1);
        assert_true(mpz_cmp(v, g) == 0);
        /* The logarithm is additive and 1 + n has logarithm ℓ(1): log((1 + n)^e) = e·ℓ(1). */
        vs_one_plus_n_log(&t->group, y, y, t->scratch);
        vs_one_plus_n_log(&t->group, x, ring->unity, t->scratch);
        ring_integer(v, ring, x, 0);
        mpz_mul(g, v, e);
        mpz_fdiv_r(g, g, t->exponents);
        ring_integer(v, ring, y, 0);
        assert_true(mpz_cmp(v, g) == 0);
        free(x);
        free(y);
    }
    mpz_clears(e, g, v, NULL);
}

static void powers_and_logarithms_agree(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (unsigned degree = 1; degree <= VS_MAX_RING_DEGREE; degree++) {
            setting t;
            setting_open(&t, sizes[i], degree);
            try_group(&t);
            setting_close(&t);
        }
    }
}

static void a_factor_of_three_is_refused_where_it_divides(void **state) {
    (void)state;
    vs_one_plus_n group;
    vs_word n[1] = {15};
    assert_int_equal(vs_one_plus_n_init(&group, n, 1, 2, false), VS_OK);
    vs_one_plus_n_clear(&group);
    assert_int_equal(vs_one_plus_n_init(&group, n, 1, 3, false), VS_ERR_RANGE);
    assert_int_equal(vs_one_plus_n_init(&group, n, 1, 0, false), VS_ERR_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_and_logarithms_agree),
        cmocka_unit_test(a_factor_of_three_is_refused_where_it_divides),
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
