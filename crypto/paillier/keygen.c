/* Key generation: two primes p ≡ q ≡ 3 (mod 4) with gcd(p − 1, q − 1) = 2, and h = −y² mod n for a random y [DJN10,
 * section 4.2].
 *
 * Primes are drawn afresh for every candidate, so that all are equally likely. The search is variable-time, as it has
 * to be; rejected candidates say nothing of the accepted one.
 */
#include <gmp.h>
#include <string.h>

#include "crypto/paillier/bytes.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

/* GMP runs a Baillie-PSW test and then rounds of Miller-Rabin with random bases: 40 asks for both. */
#define PRIME_ROUNDS 40

typedef struct prime_search {
    size_t bytes;
    uint8_t *prime[2];
} prime_search;

/* A prime of 8·bytes bits whose two top bits are set, so that a product of two has its full length. */
static vs_status find_prime(void *context, size_t first, size_t count) {
    prime_search *search = context;
    mpz_t candidate;
    mpz_init2(candidate, 8 * search->bytes);
    for (size_t i = first; i < first + count; i++) {
        uint8_t *bytes = search->prime[i];
        do {
            vs_random(bytes, search->bytes);
            bytes[search->bytes - 1] |= 0xC0;
            bytes[0] |= 3;
            mpz_import(candidate, search->bytes, -1, 1, 0, 0, bytes);
        } while (mpz_probab_prime_p(candidate, PRIME_ROUNDS) == 0);
    }
    mpz_clear(candidate);
    return VS_OK;
}

/* n = p·q and h, where the primes go together; false if they do not, as one random pair in three. */
static int make_numbers(const uint8_t *p_bytes, const uint8_t *q_bytes, size_t bytes, uint8_t *n_bytes,
                        uint8_t *h_bytes) {
    mpz_t p, q, n, t;
    mpz_inits(p, q, n, t, NULL);
    mpz_import(p, bytes, -1, 1, 0, 0, p_bytes);
    mpz_import(q, bytes, -1, 1, 0, 0, q_bytes);
    mpz_mul(n, p, q);
    mpz_sub_ui(p, p, 1);
    mpz_sub_ui(q, q, 1);
    mpz_gcd(t, p, q);
    int fit = mpz_cmp_ui(t, 2) == 0;
    while (fit) {
        vs_random(h_bytes, 2 * bytes);
        mpz_import(t, 2 * bytes, -1, 1, 0, 0, h_bytes);
        mpz_mul(t, t, t);
        mpz_neg(t, t);
        mpz_fdiv_r(t, t, n);
        mpz_gcd(p, t, n);
        if (mpz_cmp_ui(p, 1) == 0 && mpz_cmp_ui(t, 1) > 0) {
            break;
        }
    }
    memset(n_bytes, 0, 2 * bytes);
    memset(h_bytes, 0, 2 * bytes);
    mpz_export(n_bytes, NULL, -1, 1, 0, 0, n);
    mpz_export(h_bytes, NULL, -1, 1, 0, 0, t);
    mpz_clears(p, q, n, t, NULL);
    return fit;
}

vs_status vs_keygen(vs_secret_key **sk, unsigned bits, unsigned degree) {
    *sk = NULL;
    if ((bits != 2048 && bits != 3072 && bits != 4096) || degree < 1 || degree > VS_MAX_DEGREE) {
        return VS_ERR_USAGE;
    }
    size_t bytes = bits / 16;
    uint8_t *secret = vs_secret_alloc(2 * bytes);
    uint8_t n[VS_MAX_DIGIT_BYTES], h[VS_MAX_DIGIT_BYTES];
    if (secret == NULL) {
        return VS_ERR_MEMORY;
    }
    prime_search search = {.bytes = bytes, .prime = {secret, secret + bytes}};
    vs_public_key *pk = NULL;
    vs_status status;
    do {
        status = vs_parallel_for(2, 1, find_prime, &search);
    } while (status == VS_OK && !make_numbers(search.prime[0], search.prime[1], bytes, n, h));
    if (status == VS_OK) {
        status = vs__public_key_make(&pk, bits, degree, n, h);
    }
    if (status == VS_OK) {
        status = vs__secret_key_make(sk, pk, search.prime[0], search.prime[1]);
    }
    if (status != VS_OK) {
        vs_public_key_free(pk);
    }
    vs_secret_free(secret);
    return status;
}
