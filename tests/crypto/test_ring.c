/* The ring against GMP's integers modulo n^(s+1). Every claim is tried for s = 0 .. 4, for sizes from one limb to 4096
 * bits, on random moduli and on those with long runs of ones, with corner operands and with aliased ones. */
#include "tests/crypto/ring_support.h"

#include "crypto/secret.h"

typedef struct setting {
    vs_ring *ring;
    mpz_t n, modulus, radix_inverse;
    vs_word *scratch;
} setting;

static const size_t sizes[] = {1, 2, 3, 8, 16, 32, 48, 64};

static void setting_open(setting *t, size_t limbs, unsigned degree, int all_ones) {
    vs_word n[64];
    test_fill(n, limbs * 8);
    if (all_ones) {
        memset(n, 0xff, limbs * 8);
    }
    n[0] |= 1;
    n[limbs - 1] |= limbs == 1 ? 4 : (vs_word)1 << (test_random() % 64);
    mpz_inits(t->n, t->modulus, t->radix_inverse, NULL);
    assert_int_equal(vs_ring_new(&t->ring, n, limbs, degree, test_random() % 2), VS_OK);
    ring_import(t->n, n, limbs);
    mpz_pow_ui(t->modulus, t->n, degree + 1);
    mpz_setbit(t->radix_inverse, t->ring->radix_bits);
    assert_true(mpz_invert(t->radix_inverse, t->radix_inverse, t->modulus));
    size_t words = vs_ring_pow_words(t->ring);
    t->scratch = malloc(words * sizeof *t->scratch);
}

static void setting_close(setting *t) {
    vs_ring_free(t->ring);
    mpz_clears(t->n, t->modulus, t->radix_inverse, NULL);
    free(t->scratch);
}

/* An operand: random, 0, 1, n − 1, n^(s+1) − 1, … as integer and as bundle (the same in every lane). */
static vs_word *operand(const setting *t, mpz_t value) {
    const vs_ring *ring = t->ring;
    size_t element = vs_ring_element_limbs(ring);
    vs_word canonical[5 * 64];
    test_fill(canonical, element * 8);
    ring_import(value, canonical, element);
    switch (test_below(10)) {
    case 0:
        mpz_set_ui(value, 0);
        break;
    case 1:
        mpz_set_ui(value, 1);
        break;
    case 2:
        mpz_sub_ui(value, t->n, 1);
        break;
    case 3:
        mpz_sub_ui(value, t->modulus, 1);
        break;
    case 4:
        mpz_divexact(value, t->modulus, t->n);
        break;
    default:
        break;
    }
    mpz_fdiv_r(value, value, t->modulus);
    return ring_bundle(ring, value);
}

static void assert_bundle(const setting *t, const vs_word *z, const mpz_t expected) {
    mpz_t value;
    mpz_init(value);
    for (size_t lane = 0; lane < t->ring->lanes; lane++) {
        ring_integer(value, t->ring, z, lane);
        assert_true(mpz_cmp(value, expected) == 0);
    }
    mpz_clear(value);
}

typedef enum operation { MUL, MUL_VAR, SQR, MUL_DIGIT, ADD, SUB, SHIFT, OPERATIONS } operation;

static void compute(const setting *t, operation op, vs_word *z, const vs_word *x, const vs_word *y) {
    switch (op) {
    case MUL:
        vs_ring_mul(t->ring, z, x, y, t->scratch);
        break;
    case MUL_VAR:
        vs_ring_mul_var(t->ring, z, x, y, t->scratch);
        break;
    case SQR:
        vs_ring_sqr(t->ring, z, x, t->scratch);
        break;
    case MUL_DIGIT:
        vs_ring_mul_digit(t->ring, z, x, y, t->scratch);
        break;
    case ADD:
        vs_ring_add(t->ring, z, x, y);
        break;
    case SUB:
        vs_ring_sub(t->ring, z, x, y);
        break;
    default:
        vs_ring_shift(t->ring, z, x);
        break;
    }
}

static void expect(const setting *t, operation op, mpz_t z, const mpz_t x, const mpz_t y) {
    switch (op) {
    case MUL:
    case MUL_VAR:
        mpz_mul(z, x, y);
        break;
    case SQR:
        mpz_mul(z, x, x);
        break;
    case MUL_DIGIT:
        mpz_fdiv_r(z, y, t->n);
        mpz_mul(z, z, x);
        break;
    case ADD:
        mpz_add(z, x, y);
        break;
    case SUB:
        mpz_sub(z, x, y);
        break;
    default:
        mpz_mul(z, x, t->n);
        break;
    }
    if (op <= MUL_DIGIT) {
        mpz_mul(z, z, t->radix_inverse);
    }
    mpz_fdiv_r(z, z, t->modulus);
}

static void every_setting(void (*claim)(setting *)) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (unsigned degree = 0; degree <= VS_MAX_RING_DEGREE; degree++) {
            for (int ones = 0; ones < 2; ones++) {
                setting t;
                setting_open(&t, sizes[i], degree, ones);
                claim(&t);
                setting_close(&t);
            }
        }
    }
}

static void try_operations(setting *t) {
    mpz_t x, y, z;
    mpz_inits(x, y, z, NULL);
    int rounds = t->ring->lanes > 1 ? 35 : 140; /* so many lanes say as much */
    for (int round = 0; round < rounds; round++) {
        operation op = (operation)(round % OPERATIONS);
        vs_word *a = operand(t, x), *b = operand(t, y);
        vs_word *c = malloc(vs_ring_bundle_words(t->ring) * sizeof *c);
        expect(t, op, z, x, y);
        compute(t, op, c, a, b);
        assert_bundle(t, c, z);
        compute(t, op, a, a, b); /* output over the first input */
        assert_bundle(t, a, z);
        free(a);
        a = operand(t, x);
        expect(t, op, z, x, x);
        compute(t, op, a, a, a); /* all three the same */
        assert_bundle(t, a, z);
        free(a);
        free(b);
        free(c);
    }
    mpz_clears(x, y, z, NULL);
}

static void operations_agree_with_integers(void **state) {
    (void)state;
    every_setting(try_operations);
}

static void output_may_be_the_second_input(void **state) {
    (void)state;
    setting t;
    setting_open(&t, 32, 1, 0);
    mpz_t x, y, z;
    mpz_inits(x, y, z, NULL);
    for (operation op = MUL; op < SHIFT; op = (operation)(op + 1)) {
        vs_word *a = operand(&t, x), *b = operand(&t, y);
        expect(&t, op, z, x, y);
        compute(&t, op, b, a, b);
        assert_bundle(&t, b, z);
        free(a);
        free(b);
    }
    mpz_clears(x, y, z, NULL);
    setting_close(&t);
}

static void try_constants(setting *t) {
    mpz_t value;
    mpz_init_set_ui(value, 1);
    mpz_fdiv_r(value, value, t->modulus);
    assert_bundle(t, t->ring->unity, value);
    mpz_mul_2exp(value, value, t->ring->radix_bits);
    mpz_fdiv_r(value, value, t->modulus);
    assert_bundle(t, t->ring->one, value);
    mpz_mul_2exp(value, value, t->ring->radix_bits);
    mpz_fdiv_r(value, value, t->modulus);
    assert_bundle(t, t->ring->square, value);
    mpz_clear(value);
}

static void constants_are_powers_of_the_radix(void **state) {
    (void)state;
    every_setting(try_constants);
}

static void try_powers(setting *t) {
    const vs_ring *ring = t->ring;
    mpz_t x, e, z;
    mpz_inits(x, e, z, NULL);
    for (int round = 0; round < (ring->lanes > 1 ? 2 : 6); round++) {
        vs_word *a = operand(t, x), exponent[4];
        size_t limbs = 1 + test_below(4);
        test_fill(exponent, limbs * 8);
        if (round == 0) {
            memset(exponent, 0, sizeof exponent);
        }
        ring_import(e, exponent, limbs);
        mpz_powm(z, x, e, t->modulus);
        vs_word *power = malloc(vs_ring_bundle_words(ring) * sizeof *power);
        vs_ring_mul(ring, a, a, ring->square, t->scratch);
        vs_ring_pow(ring, power, a, exponent, 64 * limbs, t->scratch);
        vs_ring_mul(ring, power, power, ring->unity, t->scratch);
        assert_bundle(t, power, z);
        vs_ring_pow_var(ring, power, a, exponent, limbs, t->scratch);
        vs_ring_mul(ring, power, power, ring->unity, t->scratch);
        assert_bundle(t, power, z);
        vs_ring_pow_var(ring, power, a, exponent, 1, t->scratch);
        vs_ring_mul(ring, power, power, ring->unity, t->scratch);
        ring_import(e, exponent, 1);
        mpz_powm(z, x, e, t->modulus);
        assert_bundle(t, power, z);
        free(power);
        free(a);
    }
    mpz_clears(x, e, z, NULL);
}

static void powers_agree_with_integers(void **state) {
    (void)state;
    every_setting(try_powers);
}

static void load_and_store_are_inverse(void **state) {
    (void)state;
    setting t;
    setting_open(&t, 32, 2, 0);
    size_t element = vs_ring_element_limbs(t.ring), stride = element + 3;
    vs_word *x = calloc(t.ring->lanes * stride, sizeof *x), *y = calloc(t.ring->lanes * stride, sizeof *y);
    vs_word *z = malloc(vs_ring_bundle_words(t.ring) * sizeof *z);
    for (size_t count = 1; count <= t.ring->lanes; count++) {
        for (size_t i = 0; i < t.ring->lanes * stride; i++) {
            bool top = i % stride % t.ring->digit_limbs + 1 == t.ring->digit_limbs; /* 0, or it may not be below n */
            x[i] = i % stride < element && !top ? test_random() % 1000 : 0;
        }
        memset(y, 0, t.ring->lanes * stride * sizeof *y);
        vs_ring_load(t.ring, z, x, stride, count);
        vs_ring_store(t.ring, y, z, stride, count);
        assert_memory_equal(x, y, ((count - 1) * stride + element) * sizeof *x);
    }
    free(x);
    free(y);
    free(z);
    setting_close(&t);
}

static void unusable_moduli_are_refused(void **state) {
    (void)state;
    vs_ring *ring = NULL;
    vs_word even[2] = {2, 1}, one[1] = {1}, short_top[2] = {3, 0}, good[2] = {1, 1};
    assert_int_equal(vs_ring_new(&ring, even, 2, 1, false), VS_ERR_RANGE);
    assert_int_equal(vs_ring_new(&ring, one, 1, 1, false), VS_ERR_RANGE);
    assert_int_equal(vs_ring_new(&ring, short_top, 2, 1, false), VS_ERR_RANGE);
    assert_int_equal(vs_ring_new(&ring, good, 0, 1, false), VS_ERR_RANGE);
    assert_int_equal(vs_ring_new(&ring, good, 65, 1, false), VS_ERR_RANGE);
    assert_int_equal(vs_ring_new(&ring, good, 2, 5, false), VS_ERR_RANGE);
    assert_int_equal(vs_ring_new_on(&ring, "none such", good, 2, 1, false), VS_ERR_RANGE);
    assert_null(ring);
    assert_int_equal(vs_ring_new(&ring, good, 2, 1, false), VS_OK);
    vs_ring_free(ring);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_agree_with_integers),    cmocka_unit_test(output_may_be_the_second_input),
        cmocka_unit_test(constants_are_powers_of_the_radix), cmocka_unit_test(powers_agree_with_integers),
        cmocka_unit_test(load_and_store_are_inverse),        cmocka_unit_test(unusable_moduli_are_refused),
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
