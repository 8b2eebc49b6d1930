/* Keys with a modulus of any kind, and the best proofs that somebody who knows its factors can make of them: for the
 * suites that must see them refused. */
#ifndef VEILSUM_TESTS_CRYPTO_KEY_FORGERY_H
#define VEILSUM_TESTS_CRYPTO_KEY_FORGERY_H

#include "tests/support.h"

#include "crypto/paillier/key_proof_internal.h"
#include "tests/crypto/key_numbers.h"

#define BITS 2048
#define BYTES (BITS / 8)
#define PROOF_BYTES (VS_KEY_PROOF_VALUES * BYTES)

static inline void import(mpz_t x, const uint8_t *bytes) {
    mpz_import(x, BYTES, -1, 1, 0, 0, bytes);
}

/* A key of that modulus, whose numbers nobody has checked. */
static inline vs_public_key *unchecked_key(const mpz_t n) {
    uint8_t n_bytes[BYTES], h[BYTES] = {4};
    vs_public_key *pk;
    assert_int_equal(mpz_sizeinbase(n, 2), BITS);
    to_bytes(n_bytes, BYTES, n);
    assert_int_equal(vs__public_key_make(&pk, &(vs_key_options){BITS, 1, VS_KEY_STANDARD}, n_bytes, h), VS_OK);
    pk->proof = calloc(1, PROOF_BYTES);
    assert_non_null(pk->proof);
    return pk;
}

/* The number that is x modulo p and y modulo q. */
static inline void join(mpz_t z, const mpz_t x, const mpz_t p, const mpz_t y, const mpz_t q) {
    mpz_t t, difference;
    mpz_inits(t, difference, NULL);
    assert_int_not_equal(mpz_invert(t, p, q), 0);
    mpz_sub(difference, y, x);
    mpz_mul(t, t, difference);
    mpz_fdiv_r(t, t, q);
    mpz_mul(t, t, p);
    mpz_add(z, t, x);
    mpz_clears(t, difference, NULL);
}

/* A root of rho modulo a prime power with `order` units, or the nearest thing: right wherever a root exists. All
 * factors that order has in common with n are left out of it. */
static inline void root_modulo(mpz_t root, const mpz_t rho, const mpz_t n, const mpz_t modulus, const mpz_t order) {
    mpz_t rest, common;
    mpz_init_set(rest, order);
    mpz_init(common);
    for (;;) {
        mpz_gcd(common, rest, n);
        if (mpz_cmp_ui(common, 1) == 0) {
            break;
        }
        mpz_divexact(rest, rest, common);
    }
    assert_int_not_equal(mpz_invert(common, n, rest), 0);
    mpz_fdiv_r(root, rho, modulus);
    mpz_powm(root, root, common, modulus);
    mpz_clears(rest, common, NULL);
}

/* Fill in what somebody who knows the factors p and q (powers of primes, with so many units) can. Returns how many
 * values are right. */
static inline size_t forge(vs_public_key *pk, const mpz_t p, const mpz_t p_units, const mpz_t q, const mpz_t q_units) {
    uint8_t challenges[PROOF_BYTES];
    size_t right = 0;
    mpz_t n, rho, x, y;
    mpz_inits(n, rho, x, y, NULL);
    import(n, pk->n);
    (void)vs__key_proof_challenges(pk, challenges);
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        import(rho, challenges + i * BYTES);
        root_modulo(x, rho, n, p, p_units);
        root_modulo(y, rho, n, q, q_units);
        join(x, x, p, y, q);
        to_bytes(pk->proof + i * BYTES, BYTES, x);
        mpz_powm(x, x, n, n);
        right += mpz_cmp(x, rho) == 0;
    }
    mpz_clears(n, rho, x, y, NULL);
    return right;
}

/* q = 2kp + 1 of `bits` bits. */
static inline void prime_over(mpz_t q, const mpz_t p, unsigned bits) {
    mpz_t step;
    mpz_init(step);
    mpz_mul_2exp(step, p, 1);
    mpz_set_ui(q, 7);
    mpz_mul_2exp(q, q, bits - 3);
    mpz_fdiv_q(q, q, step);
    mpz_mul(q, q, step);
    mpz_add_ui(q, q, 1);
    do {
        mpz_add(q, q, step);
    } while (mpz_probab_prime_p(q, 25) == 0 || mpz_fdiv_ui(q, 4) != 3);
    mpz_clear(step);
}

#endif
