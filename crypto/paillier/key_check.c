/* What a key from outside must be before anything is computed with it. A public key cannot be shown to be a product of
 * two good primes, but what would make it plainly weak or break the arithmetic is refused; a secret key is checked in
 * full.
 *
 * GMP dies on a modulus of 0, and Jacobi symbols and Montgomery forms want odd ones, so ranges come first. Its mpz
 * layer is admitted on p and q as variable-time: once per key, at load. */
#include <gmp.h>

#include "crypto/guard.h"
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

static vs_status check_modulus(const mpz_t n, const vs_key_options *options, const char **reason) {
    if (mpz_sizeinbase(n, 2) != options->bits) {
        return refuse(reason, "the modulus does not have the length that the key states");
    }
    /* Two primes that are 3 modulo 4, as encryption's randomness wants them, give 1 modulo 4. */
    if (options->type != VS_KEY_IMPORTED && mpz_fdiv_ui(n, 4) != 1) {
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

/* What an imported key has in the place of h: one encoding only. */
static vs_status check_no_base(const mpz_t h, const char **reason) {
    return VS_GUARD(imported_key_base, mpz_sgn(h) == 0)
               ? VS_OK
               : refuse(reason, "an imported key with a base of the randomness");
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
        goto done;
    }
    mpz_mul(t, h, h);
    mpz_sub_ui(t, t, 1);
    mpz_gcd(t, t, n);
    if (mpz_cmp_ui(t, 1) != 0) { /* ±1 modulo one prime: everybody could factor n */
        status = refuse(reason, "the base of the randomness gives a factor of the modulus away");
    }
done:
    mpz_clear(t);
    return status;
}

vs_status vs__public_key_check(const vs_key_options *options, const uint8_t *n_bytes, const uint8_t *h_bytes,
                               const char **reason) {
    unsigned bits = options->bits;
    if (bits != 2048 && bits != 3072 && bits != 4096) {
        return refuse(reason, "the key's size is not 2048, 3072 or 4096 bits");
    }
    if (options->degree < 1 || options->degree > VS_MAX_DEGREE) {
        return refuse(reason, "the key's degree is not 1, 2, 3 or 4");
    }
    if (options->type == VS_KEY_IMPORTED && options->degree != 1) {
        return refuse(reason, "an imported key of a degree that is not 1");
    }
    if (!vs__key_options_are_known(options)) { /* what is left of them is the type */
        return refuse(reason, "the key's type is none that is known");
    }
    mpz_t n, h;
    mpz_inits(n, h, NULL);
    mpz_import(n, bits / 8, -1, 1, 0, 0, n_bytes);
    mpz_import(h, bits / 8, -1, 1, 0, 0, h_bytes);
    vs_status status = check_modulus(n, options, reason);
    if (status == VS_OK) {
        status = options->type == VS_KEY_IMPORTED ? check_no_base(h, reason) : check_base(h, n, reason);
    }
    mpz_clears(n, h, NULL);
    return status;
}

static vs_status check_prime(const mpz_t p, vs_key_type type, const char **reason) {
    if (type != VS_KEY_IMPORTED && mpz_fdiv_ui(p, 4) != 3) {
        return refuse(reason, "a factor of the secret key is not of the form 4k + 3");
    }
    if (mpz_probab_prime_p(p, PRIME_ROUNDS) == 0) {
        return refuse(reason, "a factor of the secret key is not a prime");
    }
    return VS_OK;
}

/* Do two primes go together, whatever their sizes? */
static vs_status check_pair(const mpz_t p, const mpz_t q, vs_key_type type, const char **reason) {
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
    if (type != VS_KEY_IMPORTED && mpz_cmp_ui(p_less, 2) != 0) {
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

/* h = −y², and −1 is no square modulo p or q, so h is none. Its symbol modulo n is 1: p tells for both. */
static vs_status check_no_square(const mpz_t h, const mpz_t p, const char **reason) {
    return mpz_legendre(h, p) == -1 ? VS_OK : refuse(reason, "the base of the randomness is a square");
}

/* One prime p of a subgroup key and its a. a is odd, being a prime of that length, and u = (p − 1)/(2a) an integer. */
static vs_status check_order(const mpz_t a, const mpz_t p, const mpz_t h, unsigned order_bits, const char **reason) {
    if (mpz_sizeinbase(a, 2) != order_bits) {
        return refuse(reason, "an order of the secret key's subgroup does not have the length that goes with its size");
    }
    if (mpz_probab_prime_p(a, PRIME_ROUNDS) == 0) {
        return refuse(reason, "an order of the secret key's subgroup is not a prime");
    }
    vs_status status = VS_OK;
    mpz_t u, t;
    mpz_inits(u, t, NULL);
    mpz_sub_ui(u, p, 1);
    if (!mpz_divisible_p(u, a)) {
        status = refuse(reason, "an order of the secret key's subgroup does not divide its factor less 1");
        goto done;
    }
    mpz_divexact(u, u, a);
    if (mpz_divisible_p(u, a)) {
        status = refuse(reason, "an order of the secret key's subgroup divides its factor less 1 twice");
        goto done;
    }
    mpz_powm(t, h, a, p); /* −1 to an odd power: h = −y^(2uv), and y^(2uv) has the order a */
    mpz_add_ui(t, t, 1);
    if (mpz_cmp(t, p) != 0) {
        status = refuse(reason, "the base of the randomness is not in the secret key's subgroup");
    }
done:
    mpz_clears(u, t, NULL);
    return status;
}

/* That a ≠ b, a ∤ v and b ∤ u follows from gcd(p − 1, q − 1) = 2; that y^(2uv) is not 1 modulo p or q, so that the
 * orders are a and b and no less, was found with the public half. */
static vs_status check_subgroup(unsigned bits, const mpz_t h, const mpz_t p, const mpz_t q,
                                const vs_key_factors *factors, const char **reason) {
    size_t bytes = vs__order_bytes(bits);
    unsigned order_bits = 8 * (unsigned)bytes;
    mpz_t a, b;
    mpz_inits(a, b, NULL);
    mpz_import(a, bytes, -1, 1, 0, 0, factors->a);
    mpz_import(b, bytes, -1, 1, 0, 0, factors->b);
    vs_status status = check_order(a, p, h, order_bits, reason);
    if (status == VS_OK) {
        status = check_order(b, q, h, order_bits, reason);
    }
    mpz_clears(a, b, NULL);
    return status;
}

vs_status vs__secret_key_check(const vs_key_options *options, const uint8_t *n_bytes, const uint8_t *h_bytes,
                               const vs_key_factors *factors, const char **reason) {
    unsigned bits = options->bits;
    mpz_t n, h, p, q;
    mpz_inits(n, h, p, q, NULL);
    mpz_import(n, bits / 8, -1, 1, 0, 0, n_bytes);
    mpz_import(h, bits / 8, -1, 1, 0, 0, h_bytes);
    mpz_import(p, bits / 16, -1, 1, 0, 0, factors->p);
    mpz_import(q, bits / 16, -1, 1, 0, 0, factors->q);
    vs_status status = check_prime(p, options->type, reason);
    if (status == VS_OK) {
        status = check_prime(q, options->type, reason);
    }
    if (status == VS_OK) {
        status = check_pair(p, q, options->type, reason);
    }
    if (status == VS_OK) {
        status = check_product(p, q, n, bits, reason);
    }
    if (status == VS_OK && options->type != VS_KEY_IMPORTED) {
        status = check_no_square(h, p, reason);
    }
    if (status == VS_OK && options->type == VS_KEY_SUBGROUP) {
        status = check_subgroup(bits, h, p, q, factors, reason);
    }
    mpz_clears(n, h, p, q, NULL);
    return status;
}
