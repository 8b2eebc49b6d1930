/* The bounds that the vector backends rely on, tried at their ends: digits up to 2n − 1 where the interface lets none
 * in from outside, entries of tables, sums of as many exponents as there may be. Bundles are filled and read here limb
 * by limb, in the backends' own layout: limb j of digit d of lane k is word (d·L + j)·8 + k. Every lane has operands of
 * its own. */
#include "tests/crypto/ring_support.h"

#include "crypto/ring/backend.h"
#include "crypto/secret.h"

#define LANES 8
#define RADIX 52

static const char *const backends[] = {"ifma-portable", "ifma"};

typedef struct setting {
    vs_ring *ring;
    size_t L;
    mpz_t n, modulus, radix, inverse; /* n, n^(s+1), R, 1/R */
    vs_word *scratch;
} setting;

#define MODULI 6

/* Moduli of every shape: full and nearly empty top limbs, runs of ones and zeros, ones across the limbs of 52 bits. */
static void draw_modulus(mpz_t n, size_t limbs, unsigned shape) {
    vs_word words[64];
    mpz_t one;
    mpz_init_set_ui(one, 1);
    mpz_mul_2exp(n, one, 64 * limbs);
    switch (shape) {
    case 0: /* all ones */
        mpz_sub_ui(n, n, 1);
        break;
    case 1: /* just above a power of two: 0x8000… */
        mpz_fdiv_q_2exp(n, n, 1);
        mpz_add_ui(n, n, 1);
        break;
    case 2: /* just above that of the limb below */
        mpz_fdiv_q_2exp(n, n, 64);
        mpz_add_ui(n, n, limbs == 1 ? 2 : 1);
        break;
    case 3: /* ones, then zeros */
        mpz_mul_2exp(one, one, 32 * limbs);
        mpz_sub(n, n, one);
        mpz_add_ui(n, n, 1);
        break;
    case 4: /* a power of 2^52 less 1, with all its limbs full */
        mpz_set_ui(n, 1);
        mpz_mul_2exp(n, n, RADIX * (64 * limbs / RADIX));
        mpz_sub_ui(n, n, 1);
        break;
    default:
        test_fill(words, limbs * 8);
        words[0] |= 1;
        words[limbs - 1] |= limbs == 1 ? 4 : (vs_word)1 << test_below(64);
        ring_import(n, words, limbs);
        break;
    }
    mpz_clear(one);
}

static void setting_open(setting *t, const char *backend, size_t limbs, unsigned degree, unsigned shape) {
    vs_word words[64] = {0};
    mpz_inits(t->n, t->modulus, t->radix, t->inverse, NULL);
    draw_modulus(t->n, limbs, shape);
    mpz_export(words, &limbs, -1, 8, 0, 0, t->n);
    assert_int_equal(vs_ring_new_on(&t->ring, backend, words, limbs, degree, false), VS_OK);
    assert_int_equal(t->ring->lanes, LANES);
    t->L = t->ring->digit_words / LANES;
    mpz_pow_ui(t->modulus, t->n, degree + 1);
    mpz_setbit(t->radix, t->ring->radix_bits);
    assert_true(mpz_invert(t->inverse, t->radix, t->modulus));
    t->scratch = malloc(t->ring->scratch_words * sizeof *t->scratch);
    assert_non_null(t->scratch);
}

static void setting_close(setting *t) {
    vs_ring_free(t->ring);
    mpz_clears(t->n, t->modulus, t->radix, t->inverse, NULL);
    free(t->scratch);
}

/* Every backend that is here, sizes from the largest down in steps of `step` on the average, every degree and shape. */
static void every_setting(void (*claim)(setting *), size_t step, unsigned lowest_degree) {
    for (size_t b = 0; b < sizeof backends / sizeof *backends; b++) {
        size_t most = 2 * (b == 0 ? 4 * step : step) - 1; /* the portable one is slow */
        if (vs__backend_named(backends[b]) == NULL) {
            continue;
        }
        for (size_t limbs = 64; limbs - 1 < 64; limbs -= 1 + test_below(most)) {
            for (unsigned i = 0; i < MODULI * (VS_MAX_RING_DEGREE + 1 - lowest_degree); i++) {
                setting t;
                setting_open(&t, backends[b], limbs, lowest_degree + i / MODULI, i % MODULI);
                claim(&t);
                setting_close(&t);
            }
        }
    }
}

static vs_word *new_bundle(const setting *t) {
    vs_word *bundle = malloc(vs_ring_bundle_words(t->ring) * sizeof *bundle);
    assert_non_null(bundle);
    return bundle;
}

static void put_digit(const setting *t, vs_word *bundle, unsigned d, size_t lane, const mpz_t value) {
    mpz_t rest, limb;
    mpz_init_set(rest, value);
    mpz_init(limb);
    for (size_t j = 0; j < t->L; j++) {
        mpz_fdiv_r_2exp(limb, rest, RADIX);
        mpz_fdiv_q_2exp(rest, rest, RADIX);
        bundle[(d * t->L + j) * LANES + lane] = mpz_get_ui(limb);
    }
    assert_int_equal(mpz_sgn(rest), 0);
    mpz_clears(rest, limb, NULL);
}

/* Limbs must be reduced. */
static void get_digit(const setting *t, mpz_t value, const vs_word *bundle, unsigned d, size_t lane) {
    mpz_set_ui(value, 0);
    for (size_t j = t->L; j-- > 0;) {
        vs_word limb = bundle[(d * t->L + j) * LANES + lane];
        assert_true(limb >> RADIX == 0);
        mpz_mul_2exp(value, value, RADIX);
        mpz_add_ui(value, value, limb);
    }
}

/* The element in a lane, modulo n^(s+1); digit d must be below bound·(d + 1)·n, or, where `growing` is not set, below
 * bound·n. */
static void get_element(const setting *t, mpz_t value, const vs_word *bundle, size_t lane, unsigned bound,
                        int growing) {
    mpz_t digit, limit;
    mpz_inits(digit, limit, NULL);
    mpz_set_ui(value, 0);
    for (unsigned d = t->ring->degree + 1; d-- > 0;) {
        get_digit(t, digit, bundle, d, lane);
        mpz_mul_ui(limit, t->n, growing ? bound * (d + 1) : bound);
        assert_true(mpz_cmp(digit, limit) < 0);
        mpz_mul(value, value, t->n);
        mpz_add(value, value, digit);
    }
    mpz_fdiv_r(value, value, t->modulus);
    mpz_clears(digit, limit, NULL);
}

/* A number below bound·n, often at an end of the range, at a multiple of n, or all ones. */
static void draw_below(const setting *t, mpz_t value, unsigned bound) {
    vs_word words[65];
    mpz_t limit;
    mpz_init(limit);
    mpz_mul_ui(limit, t->n, bound);
    test_fill(words, sizeof words);
    ring_import(value, words, 65);
    switch (test_below(8)) {
    case 0:
        mpz_set_ui(value, test_below(2));
        break;
    case 1:
    case 2:
        mpz_sub_ui(value, limit, (unsigned long)(1 + test_below(2)));
        break;
    case 3: /* around a multiple of n */
        mpz_mul_ui(value, t->n, (unsigned long)test_below(bound));
        mpz_add_ui(value, value, 1);
        mpz_sub_ui(value, value, (unsigned long)test_below(mpz_sgn(value) > 1 ? 3 : 2));
        break;
    case 4: /* all ones */
        mpz_set_ui(value, 1);
        mpz_mul_2exp(value, value, mpz_sizeinbase(limit, 2) - 1);
        mpz_sub_ui(value, value, 1);
        break;
    default:
        break;
    }
    mpz_fdiv_r(value, value, limit);
    mpz_clear(limit);
}

static void draw_bundle(const setting *t, vs_word *bundle, unsigned bound, int growing) {
    mpz_t digit;
    mpz_init(digit);
    int ends = test_below(4) == 0; /* all digits as large as may be */
    for (size_t lane = 0; lane < LANES; lane++) {
        for (unsigned d = 0; d <= t->ring->degree; d++) {
            unsigned most = growing ? bound * (d + 1) : bound;
            draw_below(t, digit, most);
            if (ends) {
                mpz_mul_ui(digit, t->n, most);
                mpz_sub_ui(digit, digit, 1);
            }
            put_digit(t, bundle, d, lane, digit);
        }
    }
    mpz_clear(digit);
}

typedef enum operation { MUL, SQR, MUL_DIGIT, ADD, SUB, CANONICAL, OPERATIONS } operation;

static void compute(const setting *t, operation op, vs_word *z, const vs_word *x, const vs_word *y) {
    switch (op) {
    case MUL:
        vs_ring_mul(t->ring, z, x, y, t->scratch);
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
        vs_ring_canonical(t->ring, z, x);
        break;
    }
}

static void expect(const setting *t, operation op, mpz_t z, const mpz_t x, const mpz_t y, const mpz_t y_lowest) {
    switch (op) {
    case MUL:
        mpz_mul(z, x, y);
        break;
    case SQR:
        mpz_mul(z, x, x);
        break;
    case MUL_DIGIT:
        mpz_mul(z, x, y_lowest);
        break;
    case ADD:
        mpz_add(z, x, y);
        break;
    case SUB:
        mpz_sub(z, x, y);
        break;
    default:
        mpz_set(z, x);
        break;
    }
    if (op <= MUL_DIGIT) {
        mpz_mul(z, z, t->inverse);
    }
    mpz_fdiv_r(z, z, t->modulus);
}

static void try_lazy_operations(setting *t) {
    vs_word *x = new_bundle(t), *y = new_bundle(t), *z = new_bundle(t);
    mpz_t a, b, low, c, expected;
    mpz_inits(a, b, low, c, expected, NULL);
    for (operation op = MUL; op < OPERATIONS; op = (operation)(op + 1)) {
        draw_bundle(t, x, 2, 0);
        draw_bundle(t, y, 2, 0);
        compute(t, op, z, x, y);
        for (size_t lane = 0; lane < LANES; lane++) {
            get_element(t, a, x, lane, 2, 0);
            get_element(t, b, y, lane, 2, 0);
            get_digit(t, low, y, 0, lane);
            get_element(t, c, z, lane, op <= MUL_DIGIT ? 2 : 1, 0);
            expect(t, op, expected, a, b, low);
            assert_true(mpz_cmp(c, expected) == 0);
        }
        compute(t, op, x, x, y); /* in place of either, the same comes out */
        assert_memory_equal(x, z, vs_ring_bundle_words(t->ring) * sizeof *z);
    }
    mpz_clears(a, b, low, c, expected, NULL);
    free(x);
    free(y);
    free(z);
}

static void lazy_digits_stay_below_2n(void **state) {
    (void)state;
    every_setting(try_lazy_operations, 1, 0);
}

/* Products of lazy digits whose value is a multiple of n: what Montgomery's quotient makes of 0 and of multiples of R.
 */
static void try_multiples(setting *t) {
    vs_word *x = new_bundle(t), *y = new_bundle(t), *z = new_bundle(t);
    mpz_t a, b, c;
    mpz_inits(a, b, c, NULL);
    for (size_t lane = 0; lane < LANES; lane++) {
        for (unsigned d = 0; d <= t->ring->degree; d++) {
            mpz_mul_ui(a, t->n, (lane >> d % 3) & 1);
            mpz_set_ui(b, 0);
            mpz_setbit(b, test_below(mpz_sizeinbase(t->n, 2)));
            put_digit(t, x, d, lane, a);
            put_digit(t, y, d, lane, b);
        }
    }
    vs_ring_mul(t->ring, z, x, y, t->scratch);
    for (size_t lane = 0; lane < LANES; lane++) {
        get_element(t, a, x, lane, 2, 0);
        get_element(t, b, y, lane, 2, 0);
        get_element(t, c, z, lane, 2, 0);
        mpz_mul(a, a, b);
        mpz_mul(a, a, t->inverse);
        mpz_fdiv_r(a, a, t->modulus);
        assert_true(mpz_cmp(a, c) == 0);
    }
    mpz_clears(a, b, c, NULL);
    free(x);
    free(y);
    free(z);
}

static void multiples_of_n_are_zero(void **state) {
    (void)state;
    every_setting(try_multiples, 1, 0);
}

/* ---- rows of tables: a, its companion and e, limb by limb, each with room for sixteen entries ---- */

#define ENTRIES 16

typedef struct table {
    vs_ring *exponents;
    mpz_t exponents_modulus;
    vs_word *row;
} table;

static void table_open(const setting *t, table *rows) {
    assert_int_equal(vs_ring_new_on(&rows->exponents, vs_ring_backend_name(t->ring), t->ring->modulus,
                                    t->ring->digit_limbs, t->ring->degree - 1, false),
                     VS_OK);
    mpz_init(rows->exponents_modulus);
    mpz_pow_ui(rows->exponents_modulus, t->n, t->ring->degree);
    rows->row = calloc(t->ring->backend->row_words(t->ring, ENTRIES), sizeof *rows->row);
    assert_non_null(rows->row);
}

static void table_close(table *rows) {
    vs_ring_free(rows->exponents);
    mpz_clear(rows->exponents_modulus);
    free(rows->row);
}

/* Entry i of the row: lane 0 of bundles; n − 1 in all digits for entry 0. */
static void put_entry(const setting *t, table *rows, unsigned i) {
    vs_word *a = new_bundle(t), *e = new_bundle(t);
    mpz_t digit;
    mpz_init(digit);
    memset(a, 0, vs_ring_bundle_words(t->ring) * sizeof *a);
    memset(e, 0, vs_ring_bundle_words(t->ring) * sizeof *e);
    for (unsigned d = 0; d <= t->ring->degree; d++) {
        draw_below(t, digit, 1);
        if (i == 0) {
            mpz_sub_ui(digit, t->n, 1);
        }
        if (d == 0) {
            put_digit(t, a, 0, 0, digit);
        } else {
            put_digit(t, e, d - 1, 0, digit);
        }
    }
    t->ring->backend->row_put(t->ring, rows->row, a, e, 1, 1, ENTRIES, i, t->scratch);
    mpz_clear(digit);
    free(a);
    free(e);
}

/* The number of L limbs of entry i from limb `from` of the row on. */
static void entry_number(const setting *t, const table *rows, mpz_t value, size_t from, unsigned i) {
    mpz_set_ui(value, 0);
    for (size_t j = t->L; j-- > 0;) {
        mpz_mul_2exp(value, value, RADIX);
        mpz_add_ui(value, value, rows->row[(from + j) * ENTRIES + i]);
    }
}

/* The companion of entry i, one smaller in the row. */
static void lower_companion(const setting *t, table *rows, unsigned i) {
    for (size_t j = 0; j < t->L; j++) {
        vs_word *limb = rows->row + (t->L + j) * ENTRIES + i;
        vs_word before = *limb;
        *limb = (before - 1) & (((vs_word)1 << RADIX) - 1);
        if (before != 0) {
            return;
        }
    }
}

static void try_companions(setting *t) {
    table rows;
    table_open(t, &rows);
    mpz_t a, companion, floor;
    mpz_inits(a, companion, floor, NULL);
    for (unsigned i = 0; i < ENTRIES; i++) {
        put_entry(t, &rows, i);
        entry_number(t, &rows, a, 0, i);
        entry_number(t, &rows, companion, t->L, i);
        mpz_mul(floor, a, t->radix);
        mpz_fdiv_q(floor, floor, t->n);
        mpz_sub(floor, floor, companion);
        assert_true(mpz_cmp_ui(floor, 1) <= 0 && mpz_sgn(floor) >= 0);
    }
    mpz_clears(a, companion, floor, NULL);
    table_close(&rows);
}

static void a_companion_is_the_quotient_or_one_less(void **state) {
    (void)state;
    every_setting(try_companions, 3, 1);
}

/* One step from digits anywhere below 2(d + 1)·n, for two groups, with companions as they are and one smaller. */
static void try_step(setting *t) {
    size_t bundle = vs_ring_bundle_words(t->ring);
    table rows;
    table_open(t, &rows);
    vs_word *x = malloc(2 * bundle * sizeof *x), *z = malloc(2 * bundle * sizeof *z);
    vs_word *e = calloc(2 * bundle, sizeof *e);
    uint32_t index[2 * LANES];
    mpz_t a, value, product;
    mpz_inits(a, value, product, NULL);
    for (unsigned i = 0; i < ENTRIES; i++) {
        put_entry(t, &rows, i);
        entry_number(t, &rows, a, 0, i);
        if (i % 2 == 0 && mpz_sgn(a) > 0) {
            lower_companion(t, &rows, i);
        }
    }
    for (size_t i = 0; i < 2 * LANES; i++) {
        index[i] = (uint32_t)test_below(ENTRIES);
    }
    draw_bundle(t, x, 2, 1);
    draw_bundle(t, x + bundle, 2, 1);
    t->ring->backend->row_step(t->ring, z, x, e, rows.row, ENTRIES, index, 2, false, t->scratch);
    for (size_t i = 0; i < 2 * LANES; i++) {
        get_element(t, value, z + i / LANES * bundle, i % LANES, 2, 1);
        get_element(t, product, x + i / LANES * bundle, i % LANES, 2, 1);
        entry_number(t, &rows, a, 0, index[i]);
        mpz_mul(product, product, a);
        mpz_fdiv_r(product, product, t->modulus);
        assert_true(mpz_cmp(value, product) == 0);
    }
    mpz_clears(a, value, product, NULL);
    free(x);
    free(z);
    free(e);
    table_close(&rows);
}

static void a_step_keeps_digit_d_below_2n_times_d_plus_1(void **state) {
    (void)state;
    every_setting(try_step, 2, 1);
}

/* As many steps as there may be, all with the entry whose exponent has the largest digits: its limbs then sum up to
 * 2^11·(2^52 − 1) where n is all ones. */
static void try_longest_run(setting *t) {
    size_t bundle = vs_ring_bundle_words(t->ring);
    table rows;
    table_open(t, &rows);
    vs_word *x = new_bundle(t), *z = new_bundle(t), *e = new_bundle(t);
    const uint32_t index[LANES] = {0, 0, 0, 1, 0, 0, 0, 0};
    mpz_t value, expected;
    mpz_inits(value, expected, NULL);
    put_entry(t, &rows, 0);
    put_entry(t, &rows, 1);
    t->ring->backend->row_step(t->ring, x, z, e, rows.row, ENTRIES, index, 1, true, t->scratch);
    for (unsigned i = 1; i < VS_MAX_ROW_STEPS; i++) {
        t->ring->backend->row_step(t->ring, z, x, e, rows.row, ENTRIES, index, 1, false, t->scratch);
        memcpy(x, z, bundle * sizeof *x);
    }
    t->ring->backend->row_finish(t->ring, rows.exponents, x, e, t->scratch);
    for (size_t lane = 2; lane < 4; lane++) { /* entries 0 and 1 */
        unsigned i = index[lane];
        get_element(t, value, x, lane, 1, 0);
        entry_number(t, &rows, expected, 0, i);
        mpz_powm_ui(expected, expected, VS_MAX_ROW_STEPS, t->modulus);
        assert_true(mpz_cmp(value, expected) == 0);
        ring_integer(value, rows.exponents, e, lane);
        mpz_set_ui(expected, 0);
        for (unsigned d = t->ring->degree; d-- > 0;) {
            mpz_t digit;
            mpz_init(digit);
            entry_number(t, &rows, digit, (2 + d) * t->L, i);
            mpz_mul(expected, expected, t->n);
            mpz_add(expected, expected, digit);
            mpz_clear(digit);
        }
        mpz_mul_ui(expected, expected, VS_MAX_ROW_STEPS);
        mpz_fdiv_r(expected, expected, rows.exponents_modulus);
        assert_true(mpz_cmp(value, expected) == 0);
    }
    mpz_clears(value, expected, NULL);
    free(x);
    free(z);
    free(e);
    table_close(&rows);
}

static void the_longest_run_of_rows_overflows_nothing(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 8, 16, 64};
    for (size_t b = 0; b < sizeof backends / sizeof *backends; b++) {
        for (size_t i = 0; i < (b == 0 ? 3 : 4) && vs__backend_named(backends[b]) != NULL; i++) {
            for (unsigned shape = 0; shape < 5; shape += 4) { /* limbs of ones */
                setting t;
                setting_open(&t, backends[b], sizes[i], sizes[i] == 1 ? 4 : 1 + (unsigned)test_below(2), shape);
                try_longest_run(&t);
                setting_close(&t);
            }
        }
    }
}

/* Limbs whose sums of 2^11 are as large as they may be for a digit in the range [0, n), and what they stand for. */
static void draw_sums(const setting *t, vs_word *e, mpz_t value, size_t lane) {
    mpz_t digit;
    mpz_init(digit);
    mpz_set_ui(value, 0);
    for (unsigned d = t->ring->degree; d-- > 0;) {
        draw_below(t, digit, 1);
        put_digit(t, e, d, lane, digit);
        for (size_t j = 0; j < t->L; j++) {
            e[(d * t->L + j) * LANES + lane] *= VS_MAX_ROW_STEPS;
        }
        mpz_mul(value, value, t->n);
        mpz_addmul_ui(value, digit, VS_MAX_ROW_STEPS);
    }
    mpz_clear(digit);
}

/* Digits of a anywhere below 2(d + 1)·n, exponents with any sums. */
static void try_finish(setting *t) {
    size_t bundle = vs_ring_bundle_words(t->ring);
    table rows;
    table_open(t, &rows);
    vs_word *a = new_bundle(t), *x = new_bundle(t), *e = new_bundle(t);
    mpz_t value, expected, sums[LANES];
    mpz_inits(value, expected, NULL);
    draw_bundle(t, x, 2, 1);
    memcpy(a, x, bundle * sizeof *a);
    for (size_t lane = 0; lane < LANES; lane++) {
        mpz_init(sums[lane]);
        draw_sums(t, e, sums[lane], lane);
    }
    t->ring->backend->row_finish(t->ring, rows.exponents, a, e, t->scratch);
    for (size_t lane = 0; lane < LANES; lane++) {
        get_element(t, value, a, lane, 1, 0);
        get_element(t, expected, x, lane, 2, 1);
        assert_true(mpz_cmp(value, expected) == 0);
        ring_integer(value, rows.exponents, e, lane);
        mpz_fdiv_r(expected, sums[lane], rows.exponents_modulus);
        assert_true(mpz_cmp(value, expected) == 0);
        mpz_clear(sums[lane]);
    }
    mpz_clears(value, expected, NULL);
    free(a);
    free(x);
    free(e);
    table_close(&rows);
}

static void the_end_takes_whatever_steps_leave(void **state) {
    (void)state;
    every_setting(try_finish, 3, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lazy_digits_stay_below_2n),
        cmocka_unit_test(multiples_of_n_are_zero),
        cmocka_unit_test(a_companion_is_the_quotient_or_one_less),
        cmocka_unit_test(a_step_keeps_digit_d_below_2n_times_d_plus_1),
        cmocka_unit_test(the_end_takes_whatever_steps_leave),
        cmocka_unit_test(the_longest_run_of_rows_overflows_nothing),
    };
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
