#include "bench/roof.h"

#include <math.h>

#include "tests/support.h"

static void is(double got, double expected) {
    if (fabs(got - expected) > 1e-6 * expected) {
        print_error("got %.9g, expected %.9g\n", got, expected);
        fail();
    }
}

/* Limbs of n and of its primes, as papers/ring.md counts them. */
static const struct {
    unsigned bits;
    double limbs, prime_limbs;
} sizes[] = {{2048, 40, 20}, {3072, 60, 30}, {4096, 79, 40}};

static void products_and_squares_of_degree_1(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const roof_size size = {.bits = sizes[i].bits, .degree = 1};
        double l2 = sizes[i].limbs * sizes[i].limbs;
        is(roof_ifmas(ROOF_PRODUCT, &size), 10 * l2 / 8);
        is(roof_ifmas(ROOF_SQUARE, &size), 7 * l2 / 8);
        is(roof_ifmas(ROOF_POOL, &size), 4 * l2 / 8);
    }
}

/* papers/ring.md, section 2: 5, 9, 14 digit products for a product, 3.5, 6, 9 for a square. */
static void products_and_squares_of_higher_degree(void **state) {
    static const double product[] = {5, 9, 14}, square[] = {3.5, 6, 9};
    (void)state;
    for (unsigned s = 1; s <= 3; s++) {
        const roof_size size = {.bits = 3072, .degree = s};
        is(roof_ifmas(ROOF_PRODUCT, &size), product[s - 1] * 2 * 60 * 60 / 8);
        is(roof_ifmas(ROOF_SQUARE, &size), square[s - 1] * 2 * 60 * 60 / 8);
    }
}

static void encryption_counts_steps_of_six_bits(void **state) {
    const roof_size size = {.bits = 2048, .degree = 1, .exponent_bits = 1024};
    (void)state;
    is(roof_ifmas(ROOF_ENCRYPT, &size), 171.0 * 8 * 40 * 40 / 8);
}

static void decryption_is_two_powers_of_half_the_length(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const roof_size size = {.bits = sizes[i].bits, .degree = 1};
        double l2 = sizes[i].prime_limbs * sizes[i].prime_limbs, bits = sizes[i].bits / 2.0;
        is(roof_ifmas(ROOF_POWER, &size), bits * (7 + 10 / 5.0) * l2 / 8);
        is(roof_ifmas(ROOF_DECRYPT, &size), 2 * roof_ifmas(ROOF_POWER, &size));
    }
}

static void a_scalar_takes_its_squares_and_products(void **state) {
    const roof_size size = {.bits = 2048, .degree = 1, .factor = 11}; /* 1011b: three squares, two products */
    (void)state;
    is(roof_ifmas(ROOF_SCALAR, &size), (3 * 7 + 2 * 10) * 1600.0 / 8);
    assert_true(roof_ifmas(ROOF_NONE, &size) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_and_squares_of_degree_1),
        cmocka_unit_test(products_and_squares_of_higher_degree),
        cmocka_unit_test(encryption_counts_steps_of_six_bits),
        cmocka_unit_test(decryption_is_two_powers_of_half_the_length),
        cmocka_unit_test(a_scalar_takes_its_squares_and_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
