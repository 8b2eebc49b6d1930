/* Key generation: two primes p ≡ q ≡ 3 (mod 4) with gcd(p − 1, q − 1) = 2, and h = −y² mod n for a random y [DJN10,
 * section 4.2]. For a subgroup key p = 2au + 1 and q = 2bv + 1 with primes a and b, and h = −y^(2uv) mod n [MHL21].
 *
 * Primes are drawn afresh for every candidate, so that all are equally likely. The search is variable-time, as it has
 * to be; rejected candidates say nothing of the accepted one.
 */
#include <gmp.h>
#include <string.h>

#include "crypto/paillier/base.h"
#include "crypto/paillier/bytes.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

/* GMP runs a Baillie-PSW test and then rounds of Miller-Rabin with random bases: 40 asks for both. */
#define PRIME_ROUNDS 40

typedef struct prime_search {
    size_t bytes;       /* of p and q */
    size_t order_bytes; /* of a and b; 0: the key has none */
    uint8_t *prime[2];  /* p and q */
    uint8_t *order[2];  /* a and b */
} prime_search;

static void import(mpz_t x, const uint8_t *bytes, size_t len) {
    mpz_import(x, len, -1, 1, 0, 0, bytes);
}

static void export(uint8_t *bytes, size_t len, const mpz_t x) {
    memset(bytes, 0, len);
    mpz_export(bytes, NULL, -1, 1, 0, 0, x);
}

/* A random number with these bits set in its highest and its lowest byte. */
static void draw(mpz_t x, uint8_t *bytes, size_t len, uint8_t highest, uint8_t lowest) {
    vs_random(bytes, len);
    bytes[len - 1] |= highest;
    bytes[0] |= lowest;
    import(x, bytes, len);
}

/* A prime of 8·len bits. */
static void draw_prime(mpz_t x, uint8_t *bytes, size_t len, uint8_t highest, uint8_t lowest) {
    do {
        draw(x, bytes, len, highest, lowest);
    } while (mpz_probab_prime_p(x, PRIME_ROUNDS) == 0);
}

/* A prime p = 2au + 1 of 8·len bits, two top bits set, with u odd and prime to a. u follows from a random number of p's
 * length, so that all u of the right size are equally likely. */
static void draw_prime_over(mpz_t p, uint8_t *bytes, size_t len, const mpz_t a) {
    mpz_t step, u;
    mpz_init2(step, 8 * len);
    mpz_init2(u, 8 * len);
    mpz_mul_2exp(step, a, 1);
    do {
        draw(p, bytes, len, 0xC0, 0);
        mpz_fdiv_q(u, p, step);
        mpz_clrbit(u, 0);
        mpz_sub_ui(u, u, 1);
        mpz_mul(p, u, step);
        mpz_add_ui(p, p, 1);
    } while (!mpz_tstbit(p, 8 * len - 1) || !mpz_tstbit(p, 8 * len - 2) || mpz_divisible_p(u, a) ||
             mpz_probab_prime_p(p, PRIME_ROUNDS) == 0);
    export(bytes, len, p);
    mpz_clears(step, u, NULL);
}

/* Primes whose two top bits are set, so that a product of two has its full length. */
static vs_status find_prime(void *context, size_t first, size_t count) {
    prime_search *search = context;
    mpz_t candidate, order;
    mpz_init2(candidate, 8 * search->bytes);
    mpz_init2(order, 8 * search->bytes);
    for (size_t i = first; i < first + count; i++) {
        if (search->order_bytes == 0) {
            draw_prime(candidate, search->prime[i], search->bytes, 0xC0, 3);
        } else {
            draw_prime(order, search->order[i], search->order_bytes, 0x80, 1);
            draw_prime_over(candidate, search->prime[i], search->bytes, order);
        }
    }
    mpz_clears(candidate, order, NULL);
    return VS_OK;
}

/* Half the exponent of y in h: 1, or uv = (p − 1)(q − 1)/(4ab). */
static void find_cofactor(mpz_t cofactor, const prime_search *search, const mpz_t p_less, const mpz_t q_less) {
    mpz_set_ui(cofactor, 1);
    if (search->order_bytes > 0) {
        mpz_t order;
        mpz_init(order);
        import(order, search->order[0], search->order_bytes);
        mpz_divexact(cofactor, p_less, order);
        import(order, search->order[1], search->order_bytes);
        mpz_mul(cofactor, cofactor, q_less);
        mpz_divexact(cofactor, cofactor, order);
        mpz_fdiv_q_2exp(cofactor, cofactor, 2);
        mpz_clear(order);
    }
}

/* Of a subgroup key y^(2uv) is 1 modulo p or q, which would give a factor away, for one y in
 * a or b: it is not looked for. */
void vs__draw_base(mpz_t h, uint8_t *bytes, size_t len, const mpz_t n, const mpz_t cofactor) {
    mpz_t t;
    mpz_init(t);
    do {
        draw(h, bytes, len, 0, 0);
        mpz_gcd(t, h, n);
    } while (mpz_cmp_ui(t, 1) != 0);
    mpz_mul_2exp(t, cofactor, 1);
    mpz_powm(h, h, t, n);
    mpz_sub(h, n, h);
    export(bytes, len, h);
    mpz_clear(t);
}

/* n = p·q and h, where the primes go together; false if they do not, as one random pair in three. */
static int make_numbers(const prime_search *search, uint8_t *n_bytes, uint8_t *h_bytes) {
    size_t bytes = search->bytes;
    mpz_t p, q, n, t;
    mpz_inits(p, q, n, t, NULL);
    import(p, search->prime[0], bytes);
    import(q, search->prime[1], bytes);
    mpz_mul(n, p, q);
    mpz_sub_ui(p, p, 1);
    mpz_sub_ui(q, q, 1);
    mpz_gcd(t, p, q);
    int fit = mpz_cmp_ui(t, 2) == 0;
    if (fit) {
        find_cofactor(t, search, p, q);
        export(n_bytes, 2 * bytes, n);
        vs__draw_base(p, h_bytes, 2 * bytes, n, t);
    }
    mpz_clears(p, q, n, t, NULL);
    return fit;
}

vs_status vs_keygen(vs_secret_key **sk, const vs_key_options *options) {
    *sk = NULL;
    if (!vs__key_options_are_known(options) || (unsigned)options->type >= VS_KEY_MADE_TYPES) {
        return VS_ERR_USAGE;
    }
    size_t bytes = options->bits / 16;
    uint8_t *secret = vs_secret_alloc(2 * bytes + 2 * VS_MAX_ORDER_BYTES);
    uint8_t n[VS_MAX_DIGIT_BYTES], h[VS_MAX_DIGIT_BYTES];
    if (secret == NULL) {
        return VS_ERR_MEMORY;
    }
    uint8_t *orders = secret + 2 * bytes;
    bool subgroup = options->type == VS_KEY_SUBGROUP;
    prime_search search = {.bytes = bytes,
                           .order_bytes = subgroup ? vs__order_bytes(options->bits) : 0,
                           .prime = {secret, secret + bytes},
                           .order = {orders, orders + VS_MAX_ORDER_BYTES}};
    const vs_key_factors factors = {.p = search.prime[0],
                                    .q = search.prime[1],
                                    .a = subgroup ? search.order[0] : NULL,
                                    .b = subgroup ? search.order[1] : NULL};
    vs_public_key *pk = NULL;
    vs_status status;
    do {
        status = vs_parallel_for(2, 1, find_prime, &search);
    } while (status == VS_OK && !make_numbers(&search, n, h));
    if (status == VS_OK) {
        status = vs__public_key_make(&pk, options, n, h);
    }
    if (status == VS_OK) {
        status = vs__secret_key_make(sk, pk, &factors);
    }
    if (status != VS_OK) {
        vs_public_key_free(pk);
    }
    vs_secret_free(secret);
    return status;
}
