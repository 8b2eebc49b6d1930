/* What a key from outside must be before anything is computed with it. A public key cannot be shown to be a product of
 * two good primes, but what would make it plainly weak or break the arithmetic is refused; a secret key is checked in
 * full.
 *
 * GMP dies on a modulus of 0, and Jacobi symbols and Montgomery forms want odd ones, so ranges come first. Its mpz
 * layer is admitted on p and q as variable-time: once per key, at load. */
#include <gmp.h>

#include "crypto/paillier/key_internal.h"

/* No prime factor below 2^16; then a perfect power in 4096 bits has an exponent below 256. */
#define SMALL_FACTORS 65535

/* Rounds for the primes of a secret key: GMP runs Baillie-PSW, then rounds − 24 of Miller-Rabin with random bases. The
 * file may come from somebody who would like a composite to pass. */
#define PRIME_ROUNDS 40

static vs_status refuse(const char **reason, const char *sentence) {
    *reason = sentence;
    return VS_ERR_RANGE;
}

static int has_small_factor(const mpz_t n) {
    mpz_t product;
    mpz_init(product);
    mpz_primorial_ui(product, SMALL_FACTORS);
    mpz_gcd(product, product, n);
    int found = mpz_cmp_ui(product, 1) != 0;
    mpz_clear(product);
    return found;
}

static vs_status check_modulus(const mpz_t n, unsigned bits, const char **reason) {
    if (mpz_sizeinbase(n, 2) != bits) {
        return refuse(reason, "the modulus does not have the length that the key states");
    }
    /* Two primes that are 3 modulo 4, as encryption's randomness wants them, give 1 modulo 4. */
    if (mpz_fdiv_ui(n, 4) != 1) {
        return refuse(reason, "the modulus is not a product of two primes of the form 4k + 3");
    }
    if (has_small_factor(n)) {
        return refuse(reason, "the modulus has a small prime factor");
    }
    if (mpz_perfect_power_p(n)) {
        return refuse(reason, "the modulus is a power of a smaller number");
    }
    /* The fewest rounds do: they never take a prime for composite, and no prime may pass here. */
    if (mpz_probab_prime_p(n, 1) != 0) {
        return refuse(reason, "the modulus is a prime");
    }
    return VS_OK;
}

static vs_status check_base(const mpz_t h, const mpz_t n, const char **reason) {
    mpz_t t;
    mpz_init(t);
    vs_status status = VS_OK;
    mpz_sub_ui(t, n, 1);
    if (mpz_cmp_ui(h, 1) <= 0 || mpz_cmp(h, t) >= 0) {
        status = refuse(reason, "the base of the randomness is not between 1 and the modulus less 1");
        goto done;
    }
    mpz_gcd(t, h, n);
    if (mpz_cmp_ui(t, 1) != 0) {
        status = refuse(reason, "the base of the randomness shares a factor with the modulus");
        goto done;
    }
    if (mpz_jacobi(h, n) != 1) { /* h = −y², and −1 has symbol 1 */
        status = refuse(reason, "the base of the randomness is not of the form that the scheme wants");
    }
done:
    mpz_clear(t);
    return status;
}

vs_status vs__public_key_check(unsigned bits, unsigned degree, const uint8_t *n_bytes, const uint8_t *h_bytes,
                               const char **reason) {
    if (bits != 2048 && bits != 3072 && bits != 4096) {
        return refuse(reason, "the key's size is not 2048, 3072 or 4096 bits");
    }
    if (degree < 1 || degree > VS_MAX_DEGREE) {
        return refuse(reason, "the key's degree is not 1, 2, 3 or 4");
    }
    mpz_t n, h;
    mpz_inits(n, h, NULL);
    mpz_import(n, bits / 8, -1, 1, 0, 0, n_bytes);
    mpz_import(h, bits / 8, -1, 1, 0, 0, h_bytes);
    vs_status status = check_modulus(n, bits, reason);
    if (status == VS_OK) {
        status = check_base(h, n, reason);
    }
    mpz_clears(n, h, NULL);
    return status;
}

static vs_status check_prime(const mpz_t p, const char **reason) {
    if (mpz_fdiv_ui(p, 4) != 3) {
        return refuse(reason, "a factor of the secret key is not of the form 4k + 3");
    }
    if (mpz_probab_prime_p(p, PRIME_ROUNDS) == 0) {
        return refuse(reason, "a factor of the secret key is not a prime");
    }
    return VS_OK;
}

/* Do two primes go together, whatever their sizes? */
static vs_status check_pair(const mpz_t p, const mpz_t q, const char **reason) {
    if (mpz_cmp(p, q) == 0) {
        return refuse(reason, "both factors of the secret key are the same");
    }
    vs_status status = VS_OK;
    mpz_t p_less, q_less;
    mpz_inits(p_less, q_less, NULL);
    mpz_sub_ui(p_less, p, 1);
    mpz_sub_ui(q_less, q, 1);
    if (mpz_divisible_p(q_less, p) || mpz_divisible_p(p_less, q)) {
        status = refuse(reason, "one factor of the secret key divides the other one less 1");
        goto done;
    }
    mpz_gcd(p_less, p_less, q_less);
    if (mpz_cmp_ui(p_less, 2) != 0) {
        status = refuse(reason, "the factors of the secret key, each less 1, share more than the factor 2");
    }
done:
    mpz_clears(p_less, q_less, NULL);
    return status;
}

/* Last, so that pairs of any size reach the checks above. */
static vs_status check_product(const mpz_t p, const mpz_t q, const mpz_t n, unsigned bits, const char **reason) {
    if (mpz_sizeinbase(p, 2) != bits / 2 || mpz_sizeinbase(q, 2) != bits / 2) {
        return refuse(reason, "the factors of the secret key are not half as long as the modulus");
    }
    mpz_t product;
    mpz_init(product);
    mpz_mul(product, p, q);
    int same = mpz_cmp(product, n) == 0;
    mpz_clear(product);
    return same ? VS_OK : refuse(reason, "the factors of the secret key do not make its modulus");
}

vs_status vs__secret_key_check(unsigned bits, const uint8_t *n_bytes, const uint8_t *p_bytes, const uint8_t *q_bytes,
                               const char **reason) {
    mpz_t n, p, q;
    mpz_inits(n, p, q, NULL);
    mpz_import(n, bits / 8, -1, 1, 0, 0, n_bytes);
    mpz_import(p, bits / 16, -1, 1, 0, 0, p_bytes);
    mpz_import(q, bits / 16, -1, 1, 0, 0, q_bytes);
    vs_status status = check_prime(p, reason);
    if (status == VS_OK) {
        status = check_prime(q, reason);
    }
    if (status == VS_OK) {
        status = check_pair(p, q, reason);
    }
    if (status == VS_OK) {
        status = check_product(p, q, n, bits, reason);
    }
    mpz_clears(n, p, q, NULL);
    return status;
}
