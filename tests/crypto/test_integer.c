/* The second way of every result here is an exact GMP rational. */
#include "tests/support.h"

#include <float.h>
#include <gmp.h>
#include <math.h>

#include "crypto/integer.h"
#include "crypto/secret.h"

static vs_integer *from_mpz(const mpz_t x) {
    /* 60 bits at a time, by the public functions alone */
    vs_integer *z = vs_integer_new(), *digit = vs_integer_new();
    mpz_t size, low;
    mpz_inits(size, low, NULL);
    mpz_abs(size, x);
    for (size_t i = mpz_sizeinbase(size, 2) / 60 + 1; i-- > 0;) {
        mpz_tdiv_q_2exp(low, size, 60 * i);
        mpz_tdiv_r_2exp(low, low, 60);
        vs_integer_set(digit, (vs_int128)1 << 60);
        vs_integer_mul(z, z, digit);
        vs_integer_set(digit, mpz_get_ui(low));
        vs_integer_add(z, z, digit);
    }
    if (mpz_sgn(x) < 0) {
        vs_integer_set(digit, 0);
        vs_integer_sub(z, digit, z);
    }
    vs_integer_free(digit);
    mpz_clears(size, low, NULL);
    return z;
}

static void random_mpz(mpz_t x, size_t max_bytes) {
    uint8_t bytes[256];
    size_t len = 1 + (size_t)test_below(max_bytes);
    test_fill(bytes, len);
    mpz_import(x, len, -1, 1, 0, 0, bytes);
}

static void assert_ratio(const char *expected, vs_int128 numerator, vs_int128 denominator, unsigned digits) {
    vs_integer *x = vs_integer_new(), *y = vs_integer_new();
    char out[256];
    vs_integer_set(x, numerator);
    vs_integer_set(y, denominator);
    assert_int_equal(vs_integer_ratio(out, sizeof out, x, y, digits), VS_OK);
    assert_string_equal(out, expected);
    vs_integer_free(x);
    vs_integer_free(y);
}

static void ratios_print_plainly(void **state) {
    (void)state;
    assert_ratio("0", 0, 7, 15);
    assert_ratio("0", 0, -7, 15);
    assert_ratio("-12.5", -25, 2, 15);
    assert_ratio("12.5", -25, -2, 15);
    assert_ratio("0.333333333333333", 1, 3, 15);
    assert_ratio("0.666666666666667", 2, 3, 15);
    assert_ratio("-0.000012", -12, 1000000, 15);
    assert_ratio("123000000", 123000000, 1, 3);
    assert_ratio("123000000", 123000000, 1, 15);
    assert_ratio("10", 10, 1, 15);
    assert_ratio("1000000000000000000", 999999999999999999, 1, 15);
    assert_ratio("1000000000000000", 9999999999999995, 10, 15);
    assert_ratio("999999999999999", 9999999999999989, 10, 15);
    assert_ratio("0.1", 99999, 1000000, 3);
    assert_ratio("1", 995, 1000, 2);
    assert_ratio("0.98", 985, 1000, 2);
    assert_ratio("0.2", 25, 100, 1);
    assert_ratio("0.4", 35, 100, 1);
    assert_ratio("-0.4", -35, 100, 1);
    assert_ratio("100", 95, 1, 1);
    assert_ratio("80", 85, 1, 1);
}

static void a_short_buffer_is_refused(void **state) {
    (void)state;
    vs_integer *x = vs_integer_new(), *y = vs_integer_new();
    static const struct {
        int numerator, denominator;
        const char *text;
    } cases[] = {{-25, 2, "-12.5"}, {0, 3, "0"}, {1, 1000, "0.001"}, {7000, 1, "7000"}, {-7, 1, "-7"}, {3, 2, "1.5"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vs_integer_set(x, cases[i].numerator);
        vs_integer_set(y, cases[i].denominator);
        for (size_t len = 0; len <= strlen(cases[i].text) + 1; len++) {
            char *out = malloc(len + 1); /* of its own, so that a sanitizer sees one byte too many */
            assert_non_null(out);
            out[len] = 'x';
            vs_status status = vs_integer_ratio(out, len, x, y, 15);
            assert_int_equal(status, len > strlen(cases[i].text) ? VS_OK : VS_ERR_LIMIT);
            assert_int_equal(out[len], 'x');
            if (status == VS_OK) {
                assert_string_equal(out, cases[i].text);
            }
            free(out);
        }
    }
    vs_integer_free(x);
    vs_integer_free(y);
}

/* `text` is x rounded half-even to `digits` significant digits: no further than half a unit of the last place of x's
 * own order. */
static void assert_rounds_to(const char *text, const mpq_t x, unsigned digits) {
    mpq_t printed, distance, unit, ten;
    mpq_inits(printed, distance, unit, ten, NULL);
    mpq_set_ui(ten, 10, 1);
    char whole[512];
    size_t len = 0, decimals = 0, significant = 0;
    int point = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '.') {
            point = 1;
            continue;
        }
        whole[len++] = *c;
        decimals += (size_t)point;
        significant += *c != '-' && (significant > 0 || *c != '0');
    }
    whole[len] = '\0';
    if (point) {
        assert_int_not_equal(whole[len - 1], '0');
        assert_true(significant <= digits);
    }
    assert_int_equal(mpz_set_str(mpq_numref(printed), whole, 10), 0);
    mpz_ui_pow_ui(mpq_denref(printed), 10, decimals);
    mpq_canonicalize(printed);
    /* unit = 10^(order + 1 − digits), found by walking */
    mpq_set_ui(unit, 1, 1);
    mpq_abs(distance, x);
    while (mpq_cmp(distance, unit) < 0) {
        mpq_div(unit, unit, ten);
    }
    for (mpq_mul(unit, unit, ten); mpq_cmp(distance, unit) >= 0;) {
        mpq_mul(unit, unit, ten);
    }
    for (unsigned i = 0; i < digits; i++) {
        mpq_div(unit, unit, ten);
    }
    mpq_sub(distance, x, printed);
    mpq_abs(distance, distance);
    mpq_mul_2exp(distance, distance, 1);
    int order = mpq_cmp(distance, unit);
    assert_true(order <= 0);
    mpq_div(printed, printed, unit); /* a whole number of units, even where x lies in the middle */
    assert_int_equal(mpz_cmp_ui(mpq_denref(printed), 1), 0);
    assert_true(order < 0 || mpz_even_p(mpq_numref(printed)));
    mpq_clears(printed, distance, unit, ten, NULL);
}

static void ratios_are_rounded_half_even(void **state) {
    (void)state;
    mpq_t x;
    mpz_t n, d;
    mpq_init(x);
    mpz_inits(n, d, NULL);
    for (unsigned round = 0; round < 3000; round++) {
        unsigned digits = 1 + (unsigned)test_below(20);
        random_mpz(n, round % 2 ? 3 : 40);
        random_mpz(d, round % 3 ? 3 : 40);
        if (round % 4 == 0) { /* powers of ten make ties */
            mpz_ui_pow_ui(d, 10, (unsigned long)test_below(40));
        }
        if (round % 5 == 0) { /* nines make carries */
            mpz_ui_pow_ui(n, 10, (unsigned long)test_below(40));
            mpz_mul_ui(n, n, 10);
            mpz_sub_ui(n, n, 5);
        }
        if (mpz_sgn(n) == 0 || mpz_sgn(d) == 0) {
            continue;
        }
        if (test_below(2)) {
            mpz_neg(n, n);
        }
        if (test_below(2)) {
            mpz_neg(d, d);
        }
        char out[512];
        vs_integer *a = from_mpz(n), *b = from_mpz(d);
        assert_int_equal(vs_integer_ratio(out, sizeof out, a, b, digits), VS_OK);
        mpq_set_num(x, n);
        mpq_set_den(x, d);
        mpq_canonicalize(x);
        assert_rounds_to(out, x, digits);
        vs_integer_free(a);
        vs_integer_free(b);
    }
    mpq_clear(x);
    mpz_clears(n, d, NULL);
}

static int mantissa_is_even(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits % 2 == 0;
}

/* No neighbour of `got` is nearer to x, and where one is as near, `got` has the even mantissa. */
static void assert_nearest(double got, const mpq_t x) {
    mpq_t value, own, other;
    mpq_inits(value, own, other, NULL);
    mpq_set_d(value, got);
    mpq_sub(own, x, value);
    mpq_abs(own, own);
    for (int side = 0; side < 2; side++) {
        mpq_set_d(value, nextafter(got, side ? DBL_MAX : -DBL_MAX));
        mpq_sub(other, x, value);
        mpq_abs(other, other);
        int order = mpq_cmp(own, other);
        assert_true(order < 0 || (order == 0 && mantissa_is_even(got)) || mpq_sgn(own) == 0);
    }
    mpq_clears(value, own, other, NULL);
}

static double to_double(const mpq_t x) {
    vs_integer *a = from_mpz(mpq_numref(x)), *b = from_mpz(mpq_denref(x));
    double got = vs_integer_ratio_to_double(a, b);
    vs_integer_free(a);
    vs_integer_free(b);
    return got;
}

static void doubles_are_the_nearest(void **state) {
    (void)state;
    mpq_t x;
    mpq_init(x);
    for (unsigned round = 0; round < 3000; round++) {
        random_mpz(mpq_numref(x), round % 2 ? 8 : 40);
        random_mpz(mpq_denref(x), round % 3 ? 7 : 120);
        if (mpz_sgn(mpq_denref(x)) == 0 || mpz_sgn(mpq_numref(x)) == 0) {
            continue;
        }
        if (round % 4 == 0) { /* 54 bits over a power of two: half of these are ties; subnormal ones too */
            mpz_tdiv_r_2exp(mpq_numref(x), mpq_numref(x), 54);
            mpz_add_ui(mpq_numref(x), mpq_numref(x), 1);
            mpz_set_ui(mpq_denref(x), 0);
            mpz_setbit(mpq_denref(x), 900 + (mp_bitcnt_t)test_below(220));
        }
        if (test_below(2)) {
            mpz_neg(mpq_numref(x), mpq_numref(x));
        }
        mpq_canonicalize(x);
        assert_nearest(to_double(x), x);
    }
    mpq_clear(x);
}

/* numerator · 2^up / 2^down + nudge */
static double power_case(unsigned long numerator, unsigned up, unsigned down, int nudge) {
    mpq_t x;
    mpq_init(x);
    mpz_set_ui(mpq_numref(x), numerator);
    mpz_mul_2exp(mpq_numref(x), mpq_numref(x), up);
    mpz_add_ui(mpq_numref(x), mpq_numref(x), nudge > 0);
    mpz_sub_ui(mpq_numref(x), mpq_numref(x), nudge < 0);
    mpz_mul_2exp(mpq_denref(x), mpq_denref(x), down);
    double got = to_double(x);
    mpq_clear(x);
    return got;
}

static void the_ends_of_the_doubles_are_right(void **state) {
    (void)state;
    const unsigned long ones = (1ul << 53) - 1, half_more = (1ul << 54) - 1;
    assert_true(power_case(0, 0, 5, 0) == 0);
    assert_true(power_case(ones, 971, 0, 0) == DBL_MAX);
    assert_true(power_case(half_more, 970, 0, -1) == DBL_MAX);
    assert_true(isinf(power_case(half_more, 970, 0, 0)));
    assert_true(isinf(power_case(1, 1024, 0, 0)));
    assert_true(isinf(power_case(1, 30000, 0, 0)));
    assert_true(power_case(1, 0, 1074, 0) == DBL_TRUE_MIN);
    assert_true(power_case(1, 0, 1075, 0) == 0);
    assert_true(power_case(1, 30, 1105, 1) == DBL_TRUE_MIN);
    assert_true(power_case(3, 0, 1075, 0) == 2 * DBL_TRUE_MIN);
    assert_true(power_case(5, 0, 1075, 0) == 2 * DBL_TRUE_MIN);
    assert_true(power_case(1, 0, 30000, 0) == 0);
    assert_true(power_case(ones, 0, 1075, 0) == DBL_MIN); /* the largest subnormal and a half: up, to the even one */
    assert_true(power_case(1, 0, 1022, 0) == DBL_MIN);
}

static void arithmetic_agrees_with_128_bits(void **state) {
    (void)state;
    vs_integer *x = vs_integer_new(), *y = vs_integer_new(), *z = vs_integer_new(), *expected = vs_integer_new();
    for (unsigned round = 0; round < 2000; round++) {
        int64_t a, b;
        test_fill(&a, sizeof a);
        test_fill(&b, sizeof b);
        a >>= test_below(60);
        b >>= test_below(60);
        const vs_int128 results[] = {(vs_int128)a + b, (vs_int128)a - b, (vs_int128)a * b};
        void (*const operations[])(vs_integer *, const vs_integer *,
                                   const vs_integer *) = {vs_integer_add, vs_integer_sub, vs_integer_mul};
        for (unsigned k = 0; k < 3; k++) {
            vs_integer_set(x, a);
            vs_integer_set(y, b);
            operations[k](z, x, y);
            operations[k](x, x, y); /* in place */
            vs_integer_set(expected, results[k]);
            vs_integer_sub(y, z, expected);
            assert_int_equal(vs_integer_sign(y), 0);
            vs_integer_sub(x, x, expected);
            assert_int_equal(vs_integer_sign(x), 0);
            assert_int_equal(vs_integer_sign(expected), (results[k] > 0) - (results[k] < 0));
        }
    }
    vs_integer_set(x, -7);
    vs_integer_copy(y, x);
    vs_integer_mul_pow10(x, x, 15);
    vs_integer_set(z, (vs_int128)-7000000000000000);
    vs_integer_sub(z, z, x);
    assert_int_equal(vs_integer_sign(z), 0);
    assert_int_equal(vs_integer_sign(y), -1);
    vs_integer_free(x);
    vs_integer_free(y);
    vs_integer_free(z);
    vs_integer_free(expected);
    vs_integer_free(NULL);
}

static void assert_decimal(const char *expected, vs_int128 value, unsigned scale) {
    char out[64];
    assert_int_equal(vs_int128_to_decimal(out, value, scale), strlen(expected));
    assert_string_equal(out, expected);
}

static void totals_print_with_exactly_their_decimals(void **state) {
    (void)state;
    const vs_int128 largest = (vs_int128)(((vs_uint128)1 << 127) - 1), least = -largest - 1;
    assert_decimal("7", 7, 0);
    assert_decimal("0", 0, 0);
    assert_decimal("0.00", 0, 2);
    assert_decimal("-12.50", -1250, 2);
    assert_decimal("-0.05", -5, 2);
    assert_decimal("0.50", 50, 2);
    assert_decimal("1.00", 100, 2);
    assert_decimal("170141183460469231731687303715884105727", largest, 0);
    assert_decimal("-170141183460469231731687303715884105728", least, 0);
    assert_decimal("-170141183460469231731.687303715884105728", least, 18);
    assert_decimal("-0.000000000000000000000170141183460469231731687303715884105728", least, 60);
}

static void integers_of_128_bits_come_and_go(void **state) {
    (void)state;
    vs_integer *x = vs_integer_new(), *one = vs_integer_new();
    vs_integer_set(one, 1);
    for (unsigned round = 0; round < 1000; round++) {
        vs_int128 value;
        char printed[256], expected[64];
        test_fill(&value, sizeof value);
        value >>= test_below(127);
        vs_integer_set(x, value);
        assert_int_equal(vs_integer_ratio(printed, sizeof printed, x, one, 50), VS_OK);
        (void)vs_int128_to_decimal(expected, value, 0);
        assert_string_equal(printed, expected);
    }
    vs_integer_free(x);
    vs_integer_free(one);
}

/* ---- bytes, digits, division ---- */

static void bytes_and_digits_agree_with_gmp(void **state) {
    (void)state;
    vs_integer *x = vs_integer_new(), *y = vs_integer_new();
    mpz_t size;
    mpz_init(size);
    for (unsigned round = 0; round < 500; round++) {
        uint8_t bytes[300], back[300];
        char digits[800], printed[1000];
        size_t len = 1 + (size_t)test_below(sizeof bytes);
        test_fill(bytes, len);
        mpz_import(size, len, -1, 1, 0, 0, bytes);
        mpz_get_str(digits, 10, size);
        vs_integer_from_bytes(x, bytes, len);
        vs_integer_to_bytes(back, len, x);
        assert_memory_equal(back, bytes, len);
        assert_int_equal(vs_integer_bits(x), mpz_sgn(size) == 0 ? 0 : mpz_sizeinbase(size, 2));
        assert_int_equal(vs_integer_twos(x), mpz_sgn(size) == 0 ? 0 : mpz_scan1(size, 0));
        assert_int_equal(vs_integer_from_digits(y, digits, strlen(digits)), VS_OK);
        assert_int_equal(vs_integer_compare(x, y), 0);
        assert_int_equal(vs_integer_to_decimal(printed, sizeof printed, x, 0), VS_OK);
        assert_string_equal(printed, digits);
    }
    mpz_clear(size);
    vs_integer_free(x);
    vs_integer_free(y);
}

static void only_digits_are_digits(void **state) {
    (void)state;
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "a"};
    vs_integer *x = vs_integer_new(), *seven = vs_integer_new();
    vs_integer_set(x, 7);
    vs_integer_set(seven, 7);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(vs_integer_from_digits(x, bad[i], strlen(bad[i])), VS_ERR_FORMAT);
        assert_int_equal(vs_integer_compare(x, seven), 0);
    }
    assert_int_equal(vs_integer_from_digits(x, "0078", 3), VS_OK); /* no more than it was given */
    assert_int_equal(vs_integer_compare(x, seven), 0);
    vs_integer_free(x);
    vs_integer_free(seven);
}

static void decimals_print_whole(void **state) {
    (void)state;
    static const struct {
        int value;
        size_t scale;
        const char *text;
    } cases[] = {{0, 0, "0"},          {0, 2, "0.00"},      {5, 2, "0.05"}, {-5, 2, "-0.05"},
                 {-1250, 2, "-12.50"}, {1250, 4, "0.1250"}, {-7, 0, "-7"},  {123, 1, "12.3"}};
    vs_integer *x = vs_integer_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[20], expected[128];
        vs_integer_set(x, cases[i].value);
        assert_int_equal(vs_integer_to_decimal(out, sizeof out, x, cases[i].scale), VS_OK);
        assert_string_equal(out, cases[i].text);
        (void)vs_int128_to_decimal(expected, cases[i].value, (unsigned)cases[i].scale);
        assert_string_equal(out, expected);
        assert_int_equal(vs_integer_to_decimal(out, strlen(cases[i].text), x, cases[i].scale), VS_ERR_LIMIT);
    }
    vs_integer_free(x);
}

static void division_shifts_and_powers_agree_with_128_bits(void **state) {
    (void)state;
    vs_integer *x = vs_integer_new(), *y = vs_integer_new(), *q = vs_integer_new(), *r = vs_integer_new();
    vs_integer *expected = vs_integer_new();
    for (int a = -50; a <= 50; a++) {
        for (int b = 1; b < 12; b++) {
            int floor = a >= 0 ? a / b : -((-a + b - 1) / b), twice = 2 * (a - floor * b);
            vs_integer_set(x, a);
            vs_integer_set(y, b);
            vs_integer_divide(q, r, x, y);
            vs_integer_set(expected, floor);
            assert_int_equal(vs_integer_compare(q, expected), 0);
            vs_integer_set(expected, a - floor * b);
            assert_int_equal(vs_integer_compare(r, expected), 0);
            vs_integer_divide_half_even(q, x, y);
            vs_integer_set(expected, floor + (twice > b || (twice == b && floor % 2 != 0)));
            assert_int_equal(vs_integer_compare(q, expected), 0);
            vs_integer_shift_left(q, x, (size_t)b);
            vs_integer_set(expected, (vs_int128)a * (1 << b));
            assert_int_equal(vs_integer_compare(q, expected), 0);
            vs_integer_shift_right(q, q, (size_t)b);
            assert_int_equal(vs_integer_compare(q, x), 0);
            vs_integer_mul_power(q, x, (unsigned)b, 3);
            vs_integer_set(expected, (vs_int128)a * b * b * b);
            assert_int_equal(vs_integer_compare(q, expected), 0);
            vs_integer_negate(q, x);
            assert_int_equal(vs_integer_compare(q, x), a < 0 ? 1 : -(a > 0));
        }
    }
    vs_integer_free(x);
    vs_integer_free(y);
    vs_integer_free(q);
    vs_integer_free(r);
    vs_integer_free(expected);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratios_print_plainly),
        cmocka_unit_test(a_short_buffer_is_refused),
        cmocka_unit_test(ratios_are_rounded_half_even),
        cmocka_unit_test(doubles_are_the_nearest),
        cmocka_unit_test(the_ends_of_the_doubles_are_right),
        cmocka_unit_test(arithmetic_agrees_with_128_bits),
        cmocka_unit_test(totals_print_with_exactly_their_decimals),
        cmocka_unit_test(integers_of_128_bits_come_and_go),
        cmocka_unit_test(bytes_and_digits_agree_with_gmp),
        cmocka_unit_test(only_digits_are_digits),
        cmocka_unit_test(decimals_print_whole),
        cmocka_unit_test(division_shifts_and_powers_agree_with_128_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
