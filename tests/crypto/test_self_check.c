/* The check that a backend passes before it is used: real ones pass, one that errs in a single lane does not. */
#include "tests/support.h"

#include "crypto/ring/backend.h"
#include "crypto/secret.h"

static void gmp_and_the_portable_vectors_agree(void **state) {
    (void)state;
    assert_true(vs__backend_agrees(&vs__backend_gmp));
    assert_true(vs__backend_agrees(&vs__backend_ifma_portable));
}

static void the_backend_in_use_agrees(void **state) {
    (void)state;
    const vs_backend *backend = vs__backend_default();
    assert_non_null(backend);
    assert_true(vs__backend_agrees(backend));
}

/* One bit of one word of one function's results. */
static size_t wrong_word;

static void wrong_mul(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    vs__backend_ifma_portable.mul(ring, z, x, y, scratch);
    z[wrong_word % vs_ring_bundle_words(ring)] ^= 1;
}

static void wrong_sqr(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word *scratch) {
    vs__backend_ifma_portable.sqr(ring, z, x, scratch);
    z[wrong_word % vs_ring_bundle_words(ring)] ^= 1;
}

static void wrong_mul_digit(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    vs__backend_ifma_portable.mul_digit(ring, z, x, y, scratch);
    z[wrong_word % vs_ring_bundle_words(ring)] ^= 1;
}

static void a_wrong_bit_anywhere_is_noticed(void **state) {
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        vs_backend wrong[3] = {vs__backend_ifma_portable, vs__backend_ifma_portable, vs__backend_ifma_portable};
        wrong_word = test_below(1u << 20);
        wrong[0].mul = wrong_mul;
        wrong[1].sqr = wrong_sqr;
        wrong[2].mul_digit = wrong_mul_digit;
        for (size_t k = 0; k < 3; k++) {
            assert_false(vs__backend_agrees(&wrong[k]));
        }
    }
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gmp_and_the_portable_vectors_agree),
        cmocka_unit_test(the_backend_in_use_agrees),
        cmocka_unit_test(a_wrong_bit_anywhere_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
