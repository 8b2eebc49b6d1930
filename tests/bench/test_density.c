#include "bench/density.h"

#include <gmp.h>

#include "crypto/secret.h"
#include "tests/support.h"

static void a_level_fills_with_so_many_ones(void **state) {
    uint8_t bytes[8192];
    (void)state;
    for (unsigned level = 0; level <= DENSITY_LEVELS; level++) {
        size_t ones = 0, expected = 8 * sizeof bytes * level / DENSITY_LEVELS;
        density_fill(bytes, sizeof bytes, level);
        for (size_t i = 0; i < sizeof bytes; i++) {
            ones += (size_t)__builtin_popcount(bytes[i]);
        }
        /* A standard deviation is 128 ones at most; at the ends nothing is left to chance. */
        size_t slack = level % DENSITY_LEVELS == 0 ? 0 : 1000;
        assert_in_range(ones, expected - slack, expected + slack);
    }
}

/* A power by GMP, whose time depends on its exponent; the exponent's density is varied. */
typedef struct power {
    mpz_t base, exponent, modulus, z;
} power;

static void prepare(void *context, unsigned level) {
    power *p = context;
    uint8_t bytes[64];
    density_fill(bytes, sizeof bytes, level);
    mpz_import(p->exponent, sizeof bytes, -1, 1, 0, 0, bytes);
}

static void run(void *context, size_t count) {
    power *p = context;
    for (size_t i = 0; i < count; i++) {
        mpz_powm(p->z, p->base, p->exponent, p->modulus);
    }
}

static void run_blind(void *context, size_t count) {
    power *p = context;
    for (size_t i = 0; i < count; i++) {
        mpz_mul(p->z, p->base, p->modulus);
    }
}

static void make(power *p) {
    uint8_t bytes[256];
    mpz_inits(p->base, p->exponent, p->modulus, p->z, NULL);
    vs_random(bytes, sizeof bytes);
    mpz_import(p->base, sizeof bytes, -1, 1, 0, 0, bytes);
    vs_random(bytes, sizeof bytes);
    bytes[0] |= 1;
    bytes[255] |= 0x80;
    mpz_import(p->modulus, sizeof bytes, -1, 1, 0, 0, bytes);
}

static void clear(power *p) {
    mpz_clears(p->base, p->exponent, p->modulus, p->z, NULL);
}

/* Of seconds nothing is asserted, but that they depend on the exponent: by a fifth between a sparse one and a dense
 * one, which is plain among 288 samples of the thread's own time. */
static void a_dependence_is_seen(void **state) {
    power p;
    (void)state;
    make(&p);
    dependence d = measure_dependence(prepare, run, &p, 1, 60);
    clear(&p);
    print_message("mpz_powm: r = %+.2f of %zu samples, by chance %.2f\n", d.r, d.samples, d.chance);
    assert_in_range(d.samples, 200, 1000);
    assert_true(d.r > d.chance);
}

static void no_time_gives_two_samples_of_each_level(void **state) {
    power p;
    (void)state;
    make(&p);
    dependence d = measure_dependence(prepare, run_blind, &p, 1, 0);
    clear(&p);
    assert_int_equal(d.samples, 2 * (DENSITY_LEVELS + 1));
    assert_true(d.r >= -1 && d.r <= 1);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_fills_with_so_many_ones),
        cmocka_unit_test(a_dependence_is_seen),
        cmocka_unit_test(no_time_gives_two_samples_of_each_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
