/* The checks that only subgroup keys meet. Every refusal is made for real: numbers that are right in all but one point.
 */
#include "tests/support.h"

#include "crypto/paillier/key_internal.h"
#include "crypto/secret.h"
#include "tests/crypto/key_numbers.h"

#define BITS 2048
#define BYTES (BITS / 8)
#define ORDER_BITS 224
#define ORDER_BYTES (ORDER_BITS / 8)

typedef struct numbers {
    mpz_t p, a, q, b, n, h;
} numbers;

static numbers good;

/* A prime p = 2·order·u + 1 of half the modulus's length, two top bits set, u odd. */
static void prime_over(mpz_t p, const mpz_t order, unsigned long seed) {
    mpz_t step;
    mpz_init(step);
    mpz_mul_2exp(step, order, 1);
    mpz_set_ui(p, 13);
    mpz_mul_2exp(p, p, BITS / 2 - 4);
    mpz_fdiv_q(p, p, step);
    mpz_add_ui(p, p, 2 * seed);
    mpz_setbit(p, 0);
    mpz_mul(p, p, step);
    mpz_add_ui(p, p, 1);
    mpz_mul_2exp(step, step, 1);
    while (mpz_probab_prime_p(p, 25) == 0) {
        mpz_add(p, p, step);
    }
    mpz_clear(step);
}

/* x's q, b and n, for p and a that are there; h = −y^(2uv). */
static void complete(numbers *x) {
    mpz_t t, u;
    mpz_inits(t, u, NULL);
    unsigned long seed = 1000;
    do {
        prime_over(x->q, x->b, seed);
        seed += 1000;
        mpz_sub_ui(t, x->p, 1);
        mpz_sub_ui(u, x->q, 1);
        mpz_gcd(t, t, u);
    } while (mpz_cmp_ui(t, 2) != 0);
    mpz_mul(x->n, x->p, x->q);
    mpz_sub_ui(t, x->p, 1);
    mpz_divexact(t, t, x->a);
    mpz_divexact(u, u, x->b);
    mpz_mul(t, t, u);
    mpz_fdiv_q_2exp(t, t, 1); /* 2uv */
    mpz_set_ui(u, 5);
    mpz_powm(x->h, u, t, x->n);
    mpz_sub(x->h, x->n, x->h);
    mpz_clears(t, u, NULL);
}

static void init(numbers *x) {
    mpz_inits(x->p, x->a, x->q, x->b, x->n, x->h, NULL);
}

static void clear(numbers *x) {
    mpz_clears(x->p, x->a, x->q, x->b, x->n, x->h, NULL);
}

static void copy(numbers *x, const numbers *y) {
    init(x);
    mpz_set(x->p, y->p);
    mpz_set(x->a, y->a);
    mpz_set(x->q, y->q);
    mpz_set(x->b, y->b);
    mpz_set(x->n, y->n);
    mpz_set(x->h, y->h);
}

static int make_numbers(void **state) {
    (void)state;
    init(&good);
    find_prime(good.a, ORDER_BITS, 1, 2, 1);
    find_prime(good.b, ORDER_BITS, 2, 2, 1);
    prime_over(good.p, good.a, 1);
    complete(&good);
    return 0;
}

static int clear_numbers(void **state) {
    (void)state;
    clear(&good);
    return 0;
}

/* `part`: of the sentence that refuses; NULL where the key is good. Either half may be the bad one. */
static void assert_checked(const numbers *x, const char *part) {
    const vs_key_options options = {BITS, 1, VS_KEY_SUBGROUP};
    uint8_t n[BYTES], h[BYTES], p[2][BYTES / 2], a[2][ORDER_BYTES + 1];
    to_bytes(n, BYTES, x->n);
    to_bytes(h, BYTES, x->h);
    to_bytes(p[0], BYTES / 2, x->p);
    to_bytes(p[1], BYTES / 2, x->q);
    to_bytes(a[0], ORDER_BYTES, x->a);
    to_bytes(a[1], ORDER_BYTES, x->b);
    for (int turn = 0; turn < 2; turn++) {
        const vs_key_factors factors = {.p = p[turn], .q = p[1 - turn], .a = a[turn], .b = a[1 - turn]};
        const char *reason = NULL;
        assert_int_equal(vs__public_key_check(&options, n, h, &reason), VS_OK);
        vs_status status = vs__secret_key_check(&options, n, h, &factors, &reason);
        assert_int_equal(status, part == NULL ? VS_OK : VS_ERR_RANGE);
        if (part != NULL && strstr(reason, part) == NULL) {
            fail_msg("'%s' should say '%s'", reason, part);
        }
    }
}

static void a_good_key_is_accepted(void **state) {
    (void)state;
    assert_checked(&good, NULL);
}

static void an_order_of_another_length_is_refused(void **state) {
    (void)state;
    numbers x;
    copy(&x, &good);
    find_prime(x.a, ORDER_BITS - 1, 1, 2, 1);
    prime_over(x.p, x.a, 1);
    complete(&x);
    assert_checked(&x, "length");
    mpz_set_ui(x.a, 0);
    assert_checked(&x, "length");
    mpz_set_ui(x.a, 1);
    assert_checked(&x, "length");
    clear(&x);
}

static void an_order_that_is_no_prime_is_refused(void **state) {
    (void)state;
    numbers x;
    copy(&x, &good);
    mpz_t factor;
    mpz_init(factor);
    find_prime(x.a, ORDER_BITS / 2, 1, 2, 1);
    find_prime(factor, ORDER_BITS / 2, 2, 2, 1);
    mpz_mul(x.a, x.a, factor);
    prime_over(x.p, x.a, 1);
    complete(&x);
    assert_checked(&x, "is not a prime");
    mpz_clear(factor);
    clear(&x);
}

static void an_order_that_does_not_divide_is_refused(void **state) {
    (void)state;
    numbers x;
    copy(&x, &good);
    find_prime(x.a, ORDER_BITS, 3, 2, 1);
    assert_checked(&x, "does not divide its factor less 1");
    mpz_set(x.a, good.b); /* the other half's: so that both are the same */
    assert_checked(&x, "does not divide its factor less 1");
    clear(&x);
}

static void an_order_that_divides_twice_is_refused(void **state) {
    (void)state;
    numbers x;
    copy(&x, &good);
    mpz_t square;
    mpz_init(square);
    mpz_mul(square, x.a, x.a);
    prime_over(x.p, square, 1);
    complete(&x);
    assert_checked(&x, "twice");
    mpz_clear(square);
    clear(&x);
}

/* A base that is −y² only, modulo both primes or one of them. */
static void a_base_outside_the_subgroup_is_refused(void **state) {
    (void)state;
    numbers x;
    copy(&x, &good);
    mpz_sub_ui(x.h, x.n, 25);
    assert_checked(&x, "not in the secret key's subgroup");
    mpz_t u;
    mpz_init(u);
    mpz_sub_ui(u, x.p, 1);
    mpz_divexact(u, u, x.a); /* 2u: h = −5^(2u) is right modulo p */
    mpz_set_ui(x.h, 5);
    mpz_powm(x.h, x.h, u, x.n);
    mpz_sub(x.h, x.n, x.h);
    assert_checked(&x, "not in the secret key's subgroup");
    mpz_clear(u);
    clear(&x);
}

/* Without its minus sign the base is in the subgroup of order ab, and a square. */
static void a_base_without_its_sign_is_refused(void **state) {
    (void)state;
    numbers x;
    copy(&x, &good);
    mpz_sub(x.h, x.n, x.h);
    assert_checked(&x, "is a square");
    clear(&x);
}

int main(void) {
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_key_is_accepted),
        cmocka_unit_test(an_order_of_another_length_is_refused),
        cmocka_unit_test(an_order_that_is_no_prime_is_refused),
        cmocka_unit_test(an_order_that_does_not_divide_is_refused),
        cmocka_unit_test(an_order_that_divides_twice_is_refused),
        cmocka_unit_test(a_base_outside_the_subgroup_is_refused),
        cmocka_unit_test(a_base_without_its_sign_is_refused),
    };
    return cmocka_run_group_tests(tests, make_numbers, clear_numbers);
}
