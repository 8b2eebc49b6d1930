/* The second way of every result here is an exact GMP rational. */
#include "tests/support.h"

#include <float.h>
#include <gmp.h>
#include <math.h>

#include "aggregate/table/decimal.h"

#define MAX_SCALED ((INT64_C(1) << 62) - 1)
#define MAX_TEXT "4611686018427387903"
#define ABOVE_TEXT "4611686018427387904"

typedef struct expectation {
    const char *text;
    unsigned scale;
    bool round;
    vs_decimal_result result;
    int64_t value;
} expectation;

static const expectation table[] = {
    {"-12.5", 2, false, VS_DECIMAL_OK, -1250},
    {"0", 0, false, VS_DECIMAL_OK, 0},
    {"-0", 0, false, VS_DECIMAL_OK, 0},
    {"+7", 0, false, VS_DECIMAL_OK, 7},
    {" \t7 \t", 0, false, VS_DECIMAL_OK, 7},
    {"007.50", 1, false, VS_DECIMAL_OK, 75},
    {"1e3", 0, false, VS_DECIMAL_OK, 1000},
    {"1E+3", 0, false, VS_DECIMAL_OK, 1000},
    {"1500e-2", 0, false, VS_DECIMAL_OK, 15},
    {"1.5e1", 0, false, VS_DECIMAL_OK, 15},
    {"1.5e-1", 2, false, VS_DECIMAL_OK, 15},
    {"0e999999999999999999999999", 18, false, VS_DECIMAL_OK, 0},
    {"0.000e-999999999999999999999999", 0, false, VS_DECIMAL_OK, 0},
    {"1e400", 0, true, VS_DECIMAL_TOO_LARGE, 0},
    {"1e99999999999999999999999999", 0, true, VS_DECIMAL_TOO_LARGE, 0},
    {"1e-400", 18, false, VS_DECIMAL_TOO_PRECISE, 0},
    {"1e-400", 18, true, VS_DECIMAL_OK, 0},
    {"9e-99999999999999999999999999", 18, true, VS_DECIMAL_OK, 0},
    {"1000000000000000000000000000000", 0, true, VS_DECIMAL_TOO_LARGE, 0},
    {"1000000000000000000000000000000e-30", 0, false, VS_DECIMAL_OK, 1},
    {MAX_TEXT, 0, false, VS_DECIMAL_OK, MAX_SCALED},
    {"-" MAX_TEXT, 0, false, VS_DECIMAL_OK, -MAX_SCALED},
    {ABOVE_TEXT, 0, false, VS_DECIMAL_TOO_LARGE, 0},
    {"-" ABOVE_TEXT, 0, false, VS_DECIMAL_TOO_LARGE, 0},
    {MAX_TEXT ".49", 0, true, VS_DECIMAL_OK, MAX_SCALED},
    {MAX_TEXT ".5", 0, true, VS_DECIMAL_TOO_LARGE, 0},
    {MAX_TEXT "0", 0, true, VS_DECIMAL_TOO_LARGE, 0},
    {"4.611686018427387903", 18, false, VS_DECIMAL_OK, MAX_SCALED},
    {"0.5", 0, true, VS_DECIMAL_OK, 0},
    {"1.5", 0, true, VS_DECIMAL_OK, 2},
    {"2.5", 0, true, VS_DECIMAL_OK, 2},
    {"-2.5", 0, true, VS_DECIMAL_OK, -2},
    {"-3.5", 0, true, VS_DECIMAL_OK, -4},
    {"2.50000000000000000000000000000000001", 0, true, VS_DECIMAL_OK, 3},
    {"2.49999999999999999999999999999999999", 0, true, VS_DECIMAL_OK, 2},
    {"9.995", 2, true, VS_DECIMAL_OK, 1000},
    {"0.05e1", 0, true, VS_DECIMAL_OK, 0},
    {"0.6e-1", 0, true, VS_DECIMAL_OK, 0},
    {"6e-1", 0, true, VS_DECIMAL_OK, 1},
    {"2.5", 0, false, VS_DECIMAL_TOO_PRECISE, 0},
    {".5", 1, false, VS_DECIMAL_OK, 5},
    {"-.05e1", 1, false, VS_DECIMAL_OK, -5},
    {"5.", 0, false, VS_DECIMAL_OK, 5},
    {"5.e1", 0, false, VS_DECIMAL_OK, 50},
    {"2.500", 1, false, VS_DECIMAL_OK, 25},
    {"0.001", 2, false, VS_DECIMAL_TOO_PRECISE, 0},
    {"1e5", 4000000000u, false, VS_DECIMAL_TOO_LARGE, 0},
};

static const char *const no_numbers[] = {
    "",
    " ",
    "+",
    "-",
    "abc",
    "1,200",
    "12%",
    "NaN",
    "inf",
    "1.2.3",
    ".",
    ".e1",
    "-.",
    "1e",
    "1e+",
    "1e-",
    "1ee5",
    "1e5.5",
    "--1",
    "+-1",
    "1 2",
    "0x10",
    "1_000",
    "\xe2\x82\xac"
    "1",
    "1\n",
    "- 1",
    "1e 5",
    "1 e5",
    "\xa0"
    "1",
    "e5",
    "1d5",
    "1.-5",
    "1-",
    "1.5e1e1",
    "\xef\xbc\x91",
};

static void numbers_are_read_exactly(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const expectation *e = &table[i];
        int64_t value = 77;
        vs_decimal_result result = vs_decimal_parse(&value, e->text, strlen(e->text), e->scale, '.', e->round);
        if (result != e->result || value != e->value) {
            fail_msg("%s: result %d, value %lld", e->text, (int)result, (long long)value);
        }
    }
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++) {
        int64_t value;
        if (vs_decimal_parse(&value, no_numbers[i], strlen(no_numbers[i]), 2, '.', true) != VS_DECIMAL_NOT_A_NUMBER) {
            fail_msg("'%s' is read", no_numbers[i]);
        }
    }
    int64_t value;
    assert_int_equal(vs_decimal_parse(&value, "1\0", 2, 2, '.', true), VS_DECIMAL_NOT_A_NUMBER);
    assert_int_equal(vs_decimal_parse(&value, "12", 1, 0, '.', true), VS_DECIMAL_OK);
    assert_int_equal(value, 1);
}

static void the_point_may_be_a_comma_and_only_that(void **state) {
    (void)state;
    int64_t value;
    assert_int_equal(vs_decimal_parse(&value, "-1,25", 5, 2, ',', false), VS_DECIMAL_OK);
    assert_int_equal(value, -125);
    assert_int_equal(vs_decimal_parse(&value, "1.25", 4, 2, ',', false), VS_DECIMAL_NOT_A_NUMBER);
    assert_int_equal(vs_decimal_parse(&value, "1,25", 4, 2, '.', false), VS_DECIMAL_NOT_A_NUMBER);
}

/* |x| rounded half-even, into `whole`; was it whole already? */
static bool round_rational(mpz_t whole, const mpq_t x) {
    mpz_t rest;
    mpz_init(rest);
    mpz_fdiv_qr(whole, rest, mpq_numref(x), mpq_denref(x));
    bool exact = mpz_sgn(rest) == 0;
    mpz_mul_2exp(rest, rest, 1);
    int order = mpz_cmp(rest, mpq_denref(x));
    if (order > 0 || (order == 0 && mpz_odd_p(whole))) {
        mpz_add_ui(whole, whole, 1);
    }
    mpz_clear(rest);
    return exact;
}

/* What |x| · 10^scale should have become. */
static void assert_result(vs_decimal_result result, int64_t value, const mpq_t x, bool negative, unsigned scale,
                          bool round) {
    mpq_t scaled;
    mpz_t whole, factor;
    mpq_init(scaled);
    mpz_inits(whole, factor, NULL);
    mpz_ui_pow_ui(factor, 10, scale);
    mpq_set_z(scaled, factor);
    mpq_mul(scaled, scaled, x);
    bool exact = round_rational(whole, scaled);
    bool fits = mpz_cmp_ui(whole, (unsigned long)MAX_SCALED) <= 0;
    if (exact || round) {
        assert_int_equal(result, fits ? VS_DECIMAL_OK : VS_DECIMAL_TOO_LARGE);
    } else {
        mpz_fdiv_q(factor, mpq_numref(scaled), mpq_denref(scaled));
        bool floor_fits = mpz_cmp_ui(factor, (unsigned long)MAX_SCALED) <= 0;
        assert_int_equal(result, floor_fits ? VS_DECIMAL_TOO_PRECISE : VS_DECIMAL_TOO_LARGE);
    }
    if (result == VS_DECIMAL_OK) {
        assert_true(value == (negative ? -(int64_t)mpz_get_ui(whole) : (int64_t)mpz_get_ui(whole)));
    } else {
        assert_int_equal(value, 0);
    }
    mpq_clear(scaled);
    mpz_clears(whole, factor, NULL);
}

static size_t random_digits(char *text, mpz_t number) {
    size_t len = 1 + (size_t)test_below(test_below(3) ? 8 : 40);
    uint64_t kind = test_below(4);
    for (size_t i = 0; i < len; i++) {
        unsigned digit = kind == 0 ? 0 : kind == 1 ? 9 : kind == 2 ? (i == 0 ? 5 : 0) : (unsigned)test_below(10);
        text[i] = (char)('0' + digit);
        mpz_mul_ui(number, number, 10);
        mpz_add_ui(number, number, digit);
    }
    return len;
}

static void random_numbers_agree_with_rationals(void **state) {
    (void)state;
    mpq_t x;
    mpz_t power;
    mpq_init(x);
    mpz_init(power);
    for (unsigned step = 0; step < 20000; step++) {
        char text[256];
        size_t len = 0, decimals = 0;
        bool negative = test_below(2), round = test_below(2);
        unsigned scale = (unsigned)test_below(19);
        long exponent = 0;
        int64_t value;
        mpq_set_ui(x, 0, 1);
        if (negative) {
            text[len++] = '-';
        }
        len += random_digits(text + len, mpq_numref(x));
        if (test_below(2)) {
            text[len++] = '.';
            decimals = random_digits(text + len, mpq_numref(x));
            len += decimals;
        }
        if (test_below(2)) {
            exponent = (long)test_below(60) - 30;
            len += (size_t)snprintf(text + len, sizeof text - len, "e%ld", exponent);
        }
        exponent -= (long)decimals;
        mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
        if (exponent < 0) {
            mpz_set(mpq_denref(x), power);
        } else {
            mpz_mul(mpq_numref(x), mpq_numref(x), power);
        }
        mpq_canonicalize(x);
        vs_decimal_result result = vs_decimal_parse(&value, text, len, scale, '.', round);
        assert_result(result, value, x, negative, scale, round);
    }
    mpq_clear(x);
    mpz_clear(power);
}

static void a_megabyte_of_digits_is_read_once(void **state) {
    (void)state;
    size_t len = 1000000;
    char *text = malloc(len + 32);
    int64_t value;
    assert_non_null(text);
    memset(text, '0', len);
    memcpy(text + len, "7.25", 4);
    assert_int_equal(vs_decimal_parse(&value, text, len + 4, 2, '.', false), VS_DECIMAL_OK);
    assert_int_equal(value, 725);
    memcpy(text, "1.", 2);
    memcpy(text + len, "1", 1);
    assert_int_equal(vs_decimal_parse(&value, text, len + 1, 2, '.', false), VS_DECIMAL_TOO_PRECISE);
    assert_int_equal(vs_decimal_parse(&value, text, len + 1, 2, '.', true), VS_DECIMAL_OK);
    assert_int_equal(value, 100);
    memcpy(text, "0.", 2);
    memcpy(text + len, "7e1000000", 9); /* 999998 zeros stand behind the point */
    assert_int_equal(vs_decimal_parse(&value, text, len + 9, 0, '.', false), VS_DECIMAL_OK);
    assert_int_equal(value, 70);
    memset(text, '9', len);
    assert_int_equal(vs_decimal_parse(&value, text, len, 0, '.', true), VS_DECIMAL_TOO_LARGE);
    memcpy(text + len, "e-999990", 8);
    assert_int_equal(vs_decimal_parse(&value, text, len + 8, 0, '.', true), VS_DECIMAL_OK);
    assert_true(value == INT64_C(10000000000));
    memcpy(text, "1e", 2);
    assert_int_equal(vs_decimal_parse(&value, text, len, 0, '.', true), VS_DECIMAL_TOO_LARGE);
    free(text);
}

static void assert_double(double x, unsigned scale) {
    mpq_t size;
    int64_t value;
    mpq_init(size);
    mpq_set_d(size, fabs(x));
    vs_decimal_result result = vs_decimal_from_double(&value, x, scale);
    assert_result(result, value, size, signbit(x), scale, true);
    mpq_clear(size);
}

static void doubles_are_scaled_exactly(void **state) {
    (void)state;
    static const double corners[] = {0,
                                     -0.0,
                                     0.5,
                                     1.5,
                                     2.5,
                                     -2.5,
                                     0.1,
                                     0.125,
                                     1e-300,
                                     DBL_MIN,
                                     DBL_TRUE_MIN,
                                     DBL_MAX,
                                     -DBL_MAX,
                                     4611686018427387904.0,
                                     4611686018427387392.0,
                                     -4611686018427387392.0,
                                     4.611686018427388,
                                     9007199254740993.0,
                                     0.49999999999999994};
    for (unsigned scale = 0; scale <= 18; scale++) {
        for (size_t i = 0; i < sizeof corners / sizeof *corners; i++) {
            assert_double(corners[i], scale);
        }
        for (unsigned step = 0; step < 1000; step++) {
            double mantissa = (double)(int64_t)test_random() / (double)(UINT64_C(1) << test_below(64));
            assert_double(mantissa, scale);
            assert_double(ldexp((double)(1 + 2 * test_below(1000)), -(int)test_below(70)), scale); /* often a tie */
            uint64_t bits = test_random();
            double any;
            memcpy(&any, &bits, sizeof any);
            if (isfinite(any)) {
                assert_double(any, scale);
            }
        }
    }
}

static void what_is_not_finite_is_no_number(void **state) {
    (void)state;
    int64_t value;
    assert_int_equal(vs_decimal_from_double(&value, NAN, 2), VS_DECIMAL_NOT_A_NUMBER);
    assert_int_equal(vs_decimal_from_double(&value, INFINITY, 2), VS_DECIMAL_NOT_A_NUMBER);
    assert_int_equal(vs_decimal_from_double(&value, -INFINITY, 2), VS_DECIMAL_NOT_A_NUMBER);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(the_point_may_be_a_comma_and_only_that),
        cmocka_unit_test(random_numbers_agree_with_rationals),
        cmocka_unit_test(a_megabyte_of_digits_is_read_once),
        cmocka_unit_test(doubles_are_scaled_exactly),
        cmocka_unit_test(what_is_not_finite_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
