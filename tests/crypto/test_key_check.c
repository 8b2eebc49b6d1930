/* Every refusal is made for real: numbers that are right in all but the one point. */
#include "tests/support.h"

#include "crypto/paillier/key_internal.h"
#include "crypto/secret.h"
#include "tests/crypto/key_numbers.h"

#define BITS 2048
#define BYTES (BITS / 8)

/* A good key: p ≡ q ≡ 3 (mod 4), gcd(p − 1, q − 1) = 2, h = −9. */
static mpz_t p, q, n, h;

static int make_numbers(void **state) {
    (void)state;
    mpz_inits(p, q, n, h, NULL);
    find_prime(p, BITS / 2, 1, 12, 11); /* 2 modulo 3 as well, so that 3 is no common factor */
    mpz_t common, t;
    mpz_inits(common, t, NULL);
    unsigned long seed = 2;
    do {
        find_prime(q, BITS / 2, seed++, 12, 11);
        mpz_sub_ui(common, p, 1);
        mpz_sub_ui(t, q, 1);
        mpz_gcd(common, common, t);
    } while (mpz_cmp_ui(common, 2) != 0);
    mpz_mul(n, p, q);
    mpz_sub_ui(h, n, 9);
    mpz_clears(common, t, NULL);
    return 0;
}

static int clear_numbers(void **state) {
    (void)state;
    mpz_clears(p, q, n, h, NULL);
    return 0;
}

/* `part`: of the sentence that refuses; NULL where the key is good. */
static void assert_public(const mpz_t modulus, const mpz_t base, const char *part) {
    uint8_t n_bytes[BYTES], h_bytes[BYTES];
    const char *reason = NULL;
    to_bytes(n_bytes, BYTES, modulus);
    to_bytes(h_bytes, BYTES, base);
    vs_status status = vs__public_key_check(&(vs_key_options){BITS, 1, VS_KEY_STANDARD}, n_bytes, h_bytes, &reason);
    assert_int_equal(status, part == NULL ? VS_OK : VS_ERR_RANGE);
    if (part != NULL && strstr(reason, part) == NULL) {
        fail_msg("'%s' should say '%s'", reason, part);
    }
}

static void assert_modulus(const mpz_t modulus, const char *part) {
    mpz_t base;
    mpz_init(base);
    mpz_sub_ui(base, modulus, 9);
    assert_public(modulus, base, part);
    mpz_clear(base);
}

static void assert_secret(const mpz_t first, const mpz_t second, const char *part) {
    uint8_t n_bytes[BYTES], h_bytes[BYTES], p_bytes[BYTES / 2], q_bytes[BYTES / 2];
    const vs_key_options options = {BITS, 1, VS_KEY_STANDARD};
    to_bytes(n_bytes, BYTES, n);
    to_bytes(h_bytes, BYTES, h);
    to_bytes(p_bytes, BYTES / 2, first);
    to_bytes(q_bytes, BYTES / 2, second);
    for (int turn = 0; turn < 2; turn++) { /* either may be the bad one */
        const char *reason = NULL;
        const vs_key_factors factors = {.p = turn ? q_bytes : p_bytes, .q = turn ? p_bytes : q_bytes};
        vs_status status = vs__secret_key_check(&options, n_bytes, h_bytes, &factors, &reason);
        assert_int_equal(status, part == NULL ? VS_OK : VS_ERR_RANGE);
        if (part != NULL && strstr(reason, part) == NULL) {
            fail_msg("'%s' should say '%s'", reason, part);
        }
    }
}

static void a_good_key_is_accepted(void **state) {
    (void)state;
    assert_public(n, h, NULL);
    assert_secret(p, q, NULL);
}

static void other_sizes_degrees_and_types_are_refused(void **state) {
    (void)state;
    static const unsigned sizes[] = {0, 8, 512, 1024, 2047, 2049, 3000, 4097, 8192, 65535};
    uint8_t zeros[VS_MAX_DIGIT_BYTES] = {0}, n_bytes[BYTES], h_bytes[BYTES];
    const char *reason = NULL;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const vs_key_options options = {sizes[i], 1, VS_KEY_STANDARD};
        assert_int_equal(vs__public_key_check(&options, zeros, zeros, &reason), VS_ERR_RANGE);
        assert_non_null(strstr(reason, "size is not"));
    }
    to_bytes(n_bytes, BYTES, n);
    to_bytes(h_bytes, BYTES, h);
    for (unsigned degree = 0; degree < 7; degree++) {
        int good = degree >= 1 && degree <= 4;
        const vs_key_options options = {BITS, degree, VS_KEY_STANDARD};
        assert_int_equal(vs__public_key_check(&options, n_bytes, h_bytes, &reason), good ? VS_OK : VS_ERR_RANGE);
        assert_true(good || strstr(reason, "degree is not") != NULL);
    }
    for (unsigned type = 0; type < 16; type++) {
        const vs_key_options options = {BITS, 1, (vs_key_type)type};
        bool made = type < VS_KEY_MADE_TYPES;
        assert_int_equal(vs__public_key_check(&options, n_bytes, h_bytes, &reason), made ? VS_OK : VS_ERR_RANGE);
        const char *why = type == VS_KEY_IMPORTED ? "with a base" : "type is none";
        assert_true(made || strstr(reason, why) != NULL);
    }
}

static void a_modulus_of_another_length_is_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    assert_modulus(x, "length");
    mpz_set_ui(x, 1);
    assert_modulus(x, "length");
    mpz_tdiv_q_2exp(x, n, 1);
    mpz_setbit(x, 0);
    assert_modulus(x, "length");
    mpz_clear(x);
}

static void a_modulus_that_is_even_or_3_modulo_4_is_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    for (unsigned long more = 1; more < 4; more++) {
        mpz_add_ui(x, n, more);
        assert_modulus(x, "4k + 3");
    }
    mpz_clear(x);
}

/* factor · prime ≡ 1 (mod 4), of exactly BITS bits */
static void with_factor(mpz_t x, unsigned long factor) {
    mpz_set_ui(x, 7);
    mpz_mul_2exp(x, x, BITS - 3);
    mpz_tdiv_q_ui(x, x, factor);
    do {
        mpz_nextprime(x, x);
    } while ((mpz_fdiv_ui(x, 4) * factor) % 4 != 1);
    mpz_mul_ui(x, x, factor);
}

static void a_prime_factor_below_2_to_the_16_is_refused(void **state) {
    (void)state;
    static const unsigned long factors[] = {3, 5, 257, 65521};
    mpz_t x;
    mpz_init(x);
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        with_factor(x, factors[i]);
        assert_modulus(x, "small prime factor");
    }
    mpz_clear(x);
}

static void a_prime_factor_above_2_to_the_16_is_not_looked_for(void **state) {
    (void)state;
    uint8_t n_bytes[BYTES], h_bytes[BYTES];
    const char *reason = NULL;
    mpz_t x, y;
    mpz_inits(x, y, NULL);
    with_factor(x, 65537);
    to_bytes(n_bytes, BYTES, x);
    mpz_set_ui(y, 4); /* a square is prime to x and has symbol 1, whatever x is */
    to_bytes(h_bytes, BYTES, y);
    const vs_key_options options = {BITS, 1, VS_KEY_STANDARD};
    assert_int_equal(vs__public_key_check(&options, n_bytes, h_bytes, &reason), VS_OK);
    mpz_clears(x, y, NULL);
}

static void a_power_is_refused(void **state) {
    (void)state;
    static const unsigned long exponents[] = {2, 3, 5, 64, 127};
    mpz_t x;
    mpz_init(x);
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        mpz_set_ui(x, 3);
        mpz_mul_2exp(x, x, BITS - 2); /* 1.5 · 2^(BITS − 1): the root's power has as many bits */
        mpz_root(x, x, exponents[i]);
        do {
            mpz_nextprime(x, x);
        } while (mpz_fdiv_ui(x, 4) != 1);
        mpz_pow_ui(x, x, exponents[i]);
        assert_int_equal(mpz_sizeinbase(x, 2), BITS);
        assert_modulus(x, "power of a smaller number");
    }
    mpz_mul(x, p, p);
    assert_modulus(x, "power of a smaller number");
    mpz_clear(x);
}

static void a_prime_modulus_is_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    find_prime(x, BITS, 1, 4, 1);
    assert_modulus(x, "is a prime");
    mpz_clear(x);
}

static void a_base_out_of_range_is_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    assert_public(n, x, "between 1 and the modulus");
    mpz_set_ui(x, 1);
    assert_public(n, x, "between 1 and the modulus");
    mpz_sub_ui(x, n, 1);
    assert_public(n, x, "between 1 and the modulus");
    assert_public(n, n, "between 1 and the modulus");
    mpz_set_ui(x, 0);
    mpz_setbit(x, BITS);
    mpz_sub_ui(x, x, 1);
    assert_public(n, x, "between 1 and the modulus");
    mpz_set_ui(x, 4); /* the same check lets a small one pass that is a unit of symbol 1 */
    assert_public(n, x, NULL);
    mpz_sub_ui(x, n, 4);
    assert_public(n, x, NULL);
    mpz_clear(x);
}

static void a_base_that_is_no_unit_is_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    assert_public(n, p, "shares a factor");
    assert_public(n, q, "shares a factor");
    mpz_mul_ui(x, q, 12345);
    assert_public(n, x, "shares a factor");
    mpz_clear(x);
}

static void a_base_of_jacobi_symbol_minus_1_is_refused(void **state) {
    (void)state;
    unsigned refused = 0;
    mpz_t x;
    mpz_init(x);
    for (unsigned long i = 2; i < 40; i++) {
        mpz_set_ui(x, i);
        /* by the definition: the product of both Legendre symbols */
        int symbol = mpz_legendre(x, p) * mpz_legendre(x, q);
        assert_public(n, x, symbol == 1 ? NULL : "form that the scheme wants");
        refused += symbol == -1;
    }
    assert_true(refused > 0);
    mpz_clear(x);
}

static void a_base_that_is_1_or_minus_1_modulo_a_factor_is_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    for (int turn = 0; turn < 2; turn++) {
        const mpz_t *one = turn ? &q : &p, *other = turn ? &p : &q;
        mpz_invert(x, *one, *other);
        mpz_mul(x, x, *one); /* 0 modulo one, 1 modulo the other */
        mpz_mul_ui(x, x, 3);
        mpz_add_ui(x, x, 1); /* 1 and 4: a square, as far as symbols tell */
        mpz_fdiv_r(x, x, n);
        assert_public(n, x, "gives a factor");
        mpz_sub(x, n, x);
        assert_public(n, x, "gives a factor");
    }
    mpz_clear(x);
}

static void a_base_that_is_a_square_is_refused_with_the_secret_half(void **state) {
    (void)state;
    mpz_t keep;
    mpz_init_set(keep, h);
    mpz_set_ui(h, 9);
    assert_public(n, h, NULL); /* the public half cannot tell */
    assert_secret(p, q, "is a square");
    mpz_set(h, keep);
    mpz_clear(keep);
}

static void a_factor_that_is_1_modulo_4_or_even_is_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    find_prime(x, BITS / 2, 5, 4, 1);
    assert_secret(p, x, "4k + 3");
    mpz_set_ui(x, 0);
    assert_secret(p, x, "4k + 3");
    mpz_set_ui(x, 2);
    assert_secret(p, x, "4k + 3");
    mpz_clear(x);
}

static void a_composite_factor_is_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    find_prime(x, BITS / 4, 1, 4, 1);
    mpz_t y;
    mpz_init(y);
    find_prime(y, BITS / 4, 2, 4, 3);
    mpz_mul(x, x, y);
    assert_int_equal(mpz_sizeinbase(x, 2), BITS / 2);
    assert_secret(p, x, "not a prime");
    mpz_set_ui(x, 15);
    assert_secret(p, x, "not a prime");
    mpz_clears(x, y, NULL);
}

static void the_same_factor_twice_is_refused(void **state) {
    (void)state;
    assert_secret(p, p, "are the same");
}

static void a_factor_that_divides_the_other_less_1_is_refused(void **state) {
    (void)state;
    mpz_t small, large, k;
    mpz_inits(small, large, k, NULL);
    find_prime(small, BITS / 2 - 20, 1, 4, 3);
    mpz_mul_2exp(k, small, 1);
    mpz_mul_ui(large, k, (1ul << 18) + 1); /* 2·k·small + 1 for odd k is 3 modulo 4 */
    mpz_add_ui(large, large, 1);
    mpz_mul_ui(k, k, 2);
    while (mpz_probab_prime_p(large, 25) == 0) {
        mpz_add(large, large, k);
    }
    assert_true(mpz_sizeinbase(large, 2) <= BITS / 2);
    assert_secret(small, large, "divides the other one less 1");
    mpz_clears(small, large, k, NULL);
}

static void a_common_factor_of_both_less_1_is_refused(void **state) {
    (void)state;
    mpz_t x, y;
    mpz_inits(x, y, NULL);
    find_prime(x, BITS / 2, 1, 12, 7);
    find_prime(y, BITS / 2, 2, 12, 7);
    assert_secret(x, y, "share more than the factor 2");
    mpz_clears(x, y, NULL);
}

static void factors_of_unequal_length_are_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    mpz_set_ui(x, 1);
    mpz_mul_2exp(x, x, BITS / 2 - 2);
    do {
        mpz_nextprime(x, x);
    } while (mpz_fdiv_ui(x, 12) != 11);
    assert_secret(p, x, "half as long");
    mpz_clear(x);
}

static void factors_of_another_modulus_are_refused(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    find_prime(x, BITS / 2, 77, 12, 11);
    assert_secret(p, x, "do not make its modulus");
    mpz_clear(x);
}

int main(void) {
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_key_is_accepted),
        cmocka_unit_test(other_sizes_degrees_and_types_are_refused),
        cmocka_unit_test(a_modulus_of_another_length_is_refused),
        cmocka_unit_test(a_modulus_that_is_even_or_3_modulo_4_is_refused),
        cmocka_unit_test(a_prime_factor_below_2_to_the_16_is_refused),
        cmocka_unit_test(a_prime_factor_above_2_to_the_16_is_not_looked_for),
        cmocka_unit_test(a_power_is_refused),
        cmocka_unit_test(a_prime_modulus_is_refused),
        cmocka_unit_test(a_base_out_of_range_is_refused),
        cmocka_unit_test(a_base_that_is_no_unit_is_refused),
        cmocka_unit_test(a_base_of_jacobi_symbol_minus_1_is_refused),
        cmocka_unit_test(a_base_that_is_1_or_minus_1_modulo_a_factor_is_refused),
        cmocka_unit_test(a_base_that_is_a_square_is_refused_with_the_secret_half),
        cmocka_unit_test(a_factor_that_is_1_modulo_4_or_even_is_refused),
        cmocka_unit_test(a_composite_factor_is_refused),
        cmocka_unit_test(the_same_factor_twice_is_refused),
        cmocka_unit_test(a_factor_that_divides_the_other_less_1_is_refused),
        cmocka_unit_test(a_common_factor_of_both_less_1_is_refused),
        cmocka_unit_test(factors_of_unequal_length_are_refused),
        cmocka_unit_test(factors_of_another_modulus_are_refused),
    };
    return cmocka_run_group_tests(tests, make_numbers, clear_numbers);
}
