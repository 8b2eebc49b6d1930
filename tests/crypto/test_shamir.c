/* Vectors are those of tests/vectors/make_shamir_vectors.py. */
#include "tests/support.h"

#include <stdbool.h>

#include "crypto/hash.h"
#include "crypto/sharing/shamir.h"

#define MAX_LEN 200u

/* The field by its definition: products of polynomials, then division. */
static uint8_t product(uint8_t a, uint8_t b) {
    unsigned long_product = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        long_product ^= (b >> bit & 1u) * ((unsigned)a << bit);
    }
    for (unsigned bit = 15; bit >= 8; bit--) {
        long_product ^= (long_product >> bit & 1u) * (0x11bu << (bit - 8));
    }
    return (uint8_t)long_product;
}

static uint8_t inverse(uint8_t a) {
    unsigned b = 1;
    while (product(a, (uint8_t)b) != 1) {
        b++;
    }
    return (uint8_t)b;
}

static uint8_t value_at(const uint8_t *polynomial, size_t stride, unsigned count, uint8_t point) {
    uint8_t value = 0, power = 1;
    for (unsigned i = 0; i < count; i++) {
        value ^= product(polynomial[i * stride], power);
        power = product(power, point);
    }
    return value;
}

/* ---- vectors ---- */

static void read_bytes(FILE *file, uint8_t *out, size_t len) {
    static char hex[2 * 255 * MAX_LEN];
    assert_int_equal(fscanf(file, "%101999s", hex), 1);
    if (len > 0) {
        assert_int_equal(vs_from_hex(out, len, hex, strlen(hex)), VS_OK);
    }
}

static void assert_vector(FILE *file, unsigned threshold, unsigned count, size_t len) {
    static uint8_t secret[MAX_LEN], coefficients[254 * MAX_LEN], expected[255 * MAX_LEN], shares[255 * MAX_LEN];
    uint8_t points[255], joined[MAX_LEN];
    read_bytes(file, secret, len);
    read_bytes(file, coefficients, (threshold - 1) * len);
    for (unsigned i = 0; i < count; i++) {
        read_bytes(file, expected + i * len, len);
        points[i] = (uint8_t)(i + 1);
    }
    vs_shamir_split(shares, secret, len, threshold, count, coefficients);
    assert_memory_equal(shares, expected, count * len);
    vs_shamir_join(joined, len, points, expected, threshold);
    assert_memory_equal(joined, secret, len);
    vs_shamir_join(joined, len, points, expected, count);
    assert_memory_equal(joined, secret, len);
}

static void shares_are_those_of_another_program(void **state) {
    (void)state;
    FILE *file = fopen(VEILSUM_TESTS_DIR "/vectors/shamir.txt", "r");
    unsigned threshold, count, len, vectors = 0;
    assert_non_null(file);
    while (fscanf(file, "%u %u %u", &threshold, &count, &len) == 3) {
        assert_vector(file, threshold, count, len);
        vectors++;
    }
    fclose(file);
    assert_true(vectors >= 8);
}

static void shares_are_values_of_the_polynomial(void **state) {
    (void)state;
    static uint8_t polynomial[255 * MAX_LEN], shares[255 * MAX_LEN];
    for (unsigned round = 0; round < 60; round++) {
        size_t len = 1 + (size_t)test_below(MAX_LEN);
        unsigned count = 1 + (unsigned)test_below(40), threshold = 1 + (unsigned)test_below(count);
        test_fill(polynomial, threshold * len);
        vs_shamir_split(shares, polynomial, len, threshold, count, polynomial + len);
        for (unsigned point = 1; point <= count; point++) {
            for (size_t i = 0; i < len; i++) {
                assert_int_equal(shares[(point - 1) * len + i],
                                 value_at(polynomial + i, len, threshold, (uint8_t)point));
            }
        }
    }
}

/* ---- who learns what ---- */

/* The shares of the members of a set, a bit each. */
static unsigned choose(uint8_t *points, uint8_t *chosen, const uint8_t *shares, size_t len, unsigned set) {
    unsigned count = 0;
    for (unsigned i = 0; set >> i != 0; i++) {
        if ((set >> i & 1u) != 0) {
            points[count] = (uint8_t)(i + 1);
            memcpy(chosen + count++ * len, shares + i * len, len);
        }
    }
    return count;
}

static void exactly_the_large_enough_sets_give_the_secret(void **state) {
    (void)state;
    enum { COUNT = 7, LEN = 24 };
    uint8_t polynomial[COUNT * LEN], shares[COUNT * LEN], points[COUNT], chosen[COUNT * LEN], joined[LEN];
    for (unsigned threshold = 1; threshold <= COUNT; threshold++) {
        for (size_t i = 0; i < sizeof polynomial; i++) {
            polynomial[i] = (uint8_t)test_random();
        }
        vs_shamir_split(shares, polynomial, LEN, threshold, COUNT, polynomial + LEN);
        for (unsigned set = 1; set < 1u << COUNT; set++) {
            unsigned count = choose(points, chosen, shares, LEN, set);
            vs_shamir_join(joined, LEN, points, chosen, count);
            assert_int_equal(memcmp(joined, polynomial, LEN) == 0, count >= threshold);
        }
    }
}

/* With one share fewer than needed, each of the 256 secrets goes with exactly one polynomial: so nothing is known. */
static void one_share_fewer_goes_with_every_secret(void **state) {
    (void)state;
    for (unsigned threshold = 2; threshold <= 4; threshold++) {
        uint8_t polynomial[4], shares[9], points[4], chosen[4];
        bool seen[256] = {false};
        test_fill(polynomial, sizeof polynomial);
        vs_shamir_split(shares, polynomial, 1, threshold, 9, polynomial + 1);
        choose(points, chosen, shares, 1, (1u << threshold) - 2); /* points 2 to the threshold */
        for (unsigned guess = 0; guess < 256; guess++) {
            points[threshold - 1] = 9;
            chosen[threshold - 1] = (uint8_t)guess; /* a share that nobody saw */
            uint8_t secret;
            vs_shamir_join(&secret, 1, points, chosen, threshold);
            assert_false(seen[secret]);
            seen[secret] = true;
        }
    }
}

/* Over all coefficients, a share takes each value equally often, whatever the secret. */
static void a_share_alone_is_uniform(void **state) {
    (void)state;
    for (unsigned secret = 0; secret < 256; secret += 51) {
        bool seen[3][256] = {{false}};
        for (unsigned coefficient = 0; coefficient < 256; coefficient++) {
            uint8_t hidden = (uint8_t)secret, drawn = (uint8_t)coefficient, shares[3];
            vs_shamir_split(shares, &hidden, 1, 2, 3, &drawn);
            for (unsigned i = 0; i < 3; i++) {
                assert_false(seen[i][shares[i]]);
                seen[i][shares[i]] = true;
            }
        }
    }
}

static void points_may_come_in_any_order_and_be_any(void **state) {
    (void)state;
    enum { LEN = 70, THRESHOLD = 20 };
    static uint8_t polynomial[THRESHOLD * LEN], shares[255 * LEN];
    for (unsigned round = 0; round < 30; round++) {
        uint8_t points[255], chosen[THRESHOLD * LEN], joined[LEN];
        test_fill(polynomial, sizeof polynomial);
        vs_shamir_split(shares, polynomial, LEN, THRESHOLD, 255, polynomial + LEN);
        for (unsigned i = 0; i < 255; i++) {
            unsigned j = (unsigned)test_below(i + 1);
            points[i] = points[j];
            points[j] = (uint8_t)(i + 1);
        }
        for (unsigned i = 0; i < THRESHOLD; i++) {
            memcpy(chosen + i * LEN, shares + (points[i] - 1) * LEN, LEN);
        }
        vs_shamir_join(joined, LEN, points, chosen, THRESHOLD);
        assert_memory_equal(joined, polynomial, LEN);
    }
}

static void a_changed_share_changes_the_secret(void **state) {
    (void)state;
    uint8_t polynomial[3 * 8], shares[3 * 8], joined[8];
    const uint8_t points[3] = {1, 2, 3};
    test_fill(polynomial, sizeof polynomial);
    vs_shamir_split(shares, polynomial, 8, 3, 3, polynomial + 8);
    for (unsigned bit = 0; bit < 8 * sizeof shares; bit++) {
        shares[bit / 8] ^= (uint8_t)(1u << bit % 8);
        vs_shamir_join(joined, 8, points, shares, 3);
        assert_memory_not_equal(joined, polynomial, 8);
        shares[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void every_element_but_zero_has_its_inverse(void **state) {
    (void)state;
    for (unsigned a = 1; a < 256; a++) { /* with points a and a + 1, Lagrange's factors divide by all differences */
        for (unsigned b = 1; b < a; b++) {
            uint8_t points[2] = {(uint8_t)a, (uint8_t)b}, shares[2] = {0x53, 0xca}, secret;
            uint8_t below = inverse((uint8_t)(a ^ b));
            vs_shamir_join(&secret, 1, points, shares, 2);
            assert_int_equal(secret,
                             product(0x53, product((uint8_t)b, below)) ^ product(0xca, product((uint8_t)a, below)));
        }
    }
}

static void no_bytes_are_no_secret(void **state) {
    (void)state;
    uint8_t untouched = 0xa5;
    const uint8_t points[2] = {1, 2};
    vs_shamir_split(&untouched, &untouched, 0, 2, 3, &untouched);
    vs_shamir_join(&untouched, 0, points, &untouched, 2);
    assert_int_equal(untouched, 0xa5);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_those_of_another_program),
        cmocka_unit_test(shares_are_values_of_the_polynomial),
        cmocka_unit_test(exactly_the_large_enough_sets_give_the_secret),
        cmocka_unit_test(one_share_fewer_goes_with_every_secret),
        cmocka_unit_test(a_share_alone_is_uniform),
        cmocka_unit_test(points_may_come_in_any_order_and_be_any),
        cmocka_unit_test(a_changed_share_changes_the_secret),
        cmocka_unit_test(every_element_but_zero_has_its_inverse),
        cmocka_unit_test(no_bytes_are_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
