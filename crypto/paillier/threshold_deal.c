/* The dealer: makes a key from two safe primes and splits its decryption exponent d, d ≡ 0 (mod m) and d ≡ 1 (mod n^s)
 * with m = p'·q'.
 *
 *     f(x) = d + a_1·x + … + a_(t−1)·x^(t−1)  modulo n^s·m ,   s_i = f(i) ,   V_k = v^(a_k)
 *
 * Modulo n^s·m, the order of the squares, all differences of holders' numbers are units, so that t − 1 shares say
 * nothing of d; and shares are not longer than d. GMP's mpz is admitted on these secrets as variable-time: once per
 * key, and its blocks are wiped when freed. Source: [DJ01, section 4.1].
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/paillier/key_proof.h"
#include "crypto/paillier/safe_prime.h"
#include "crypto/paillier/threshold_internal.h"
#include "crypto/secret.h"

/* Draws are that much longer than what they are reduced by. */
#define EXTRA_BYTES 32u

typedef struct dealing {
    unsigned needed, holders;
    vs_public_key *pk;
    mpz_t order;                       /* n^s·m */
    mpz_t coefficient[VS_MAX_HOLDERS]; /* d, a_1 … a_(t−1) */
} dealing;

static void import(mpz_t x, const uint8_t *bytes, size_t len) {
    mpz_import(x, len, -1, 1, 0, 0, bytes);
}

static void export(uint8_t *bytes, size_t len, const mpz_t x) {
    memset(bytes, 0, len);
    mpz_export(bytes, NULL, -1, 1, 0, 0, x);
}

/* Uniform below `bound`, but for 2^-256. `room`: secret memory for an element and EXTRA_BYTES. */
static void draw_below(mpz_t x, const mpz_t bound, uint8_t *room) {
    size_t len = mpz_sizeinbase(bound, 256) + EXTRA_BYTES;
    vs_random(room, len);
    import(x, room, len);
    mpz_fdiv_r(x, x, bound);
    vs_wipe(room, len);
}

/* The public key carries the proof that others carry (key_proof.h): the primes are at hand now only. */
static vs_status prove(vs_public_key *pk, const vs_dealt_primes *primes) {
    const vs_key_factors factors = {.p = primes->p, .q = primes->q};
    vs_secret_key *sk = NULL;
    vs_status status = vs__secret_key_make(&sk, pk, &factors);
    if (status == VS_OK) {
        status = vs_secret_key_prove(sk);
        sk->pk = NULL; /* stays ours */
        vs_secret_key_free(sk);
    }
    return status;
}

/* n = p·q, h = −y² mod n for a random y [DJN10, section 4.2]. */
static vs_status make_public_key(dealing *d, const vs_threshold_options *options, const vs_dealt_primes *primes,
                                 uint8_t *room) {
    size_t bytes = options->bits / 8;
    uint8_t n_bytes[VS_MAX_DIGIT_BYTES], h_bytes[VS_MAX_DIGIT_BYTES];
    const vs_key_options key = {.bits = options->bits, .degree = options->degree, .type = VS_KEY_STANDARD};
    mpz_t n, h;
    mpz_inits(n, h, NULL);
    import(n, primes->p, bytes / 2);
    import(h, primes->q, bytes / 2);
    mpz_mul(n, n, h);
    draw_below(h, n, room); /* is a unit, or has found a factor */
    mpz_mul(h, h, h);
    mpz_fdiv_r(h, h, n);
    mpz_sub(h, n, h);
    export(n_bytes, bytes, n);
    export(h_bytes, bytes, h);
    mpz_clears(n, h, NULL);
    vs_status status = vs__public_key_make(&d->pk, &key, n_bytes, h_bytes);
    return status == VS_OK ? prove(d->pk, primes) : status;
}

/* d and the order; the other coefficients at random. */
static void draw_polynomial(dealing *d, const vs_dealt_primes *primes, uint8_t *room) {
    size_t bytes = d->pk->info.digit_bytes / 2;
    mpz_t m, space;
    mpz_inits(m, space, NULL);
    import(m, primes->p, bytes);
    import(space, primes->q, bytes);
    mpz_fdiv_q_2exp(m, m, 1); /* p' */
    mpz_fdiv_q_2exp(space, space, 1);
    mpz_mul(m, m, space);
    vs__modulus_power(d->pk, space, d->pk->info.degree);
    mpz_mul(d->order, space, m);
    VS_CHECK(mpz_invert(space, m, space) != 0); /* gcd(n, φ(n)) = 1 for safe primes of one length */
    mpz_mul(d->coefficient[0], m, space);
    for (unsigned k = 1; k < d->needed; k++) {
        draw_below(d->coefficient[k], d->order, room);
    }
    mpz_clears(m, space, NULL);
}

/* V_1 … V_(t−1). */
static vs_status commit(const dealing *d, uint8_t *commitments, uint8_t *room) {
    vs_status status = vs__threshold_base(d->pk, room);
    mpz_t base, power, modulus;
    mpz_inits(base, power, modulus, NULL);
    vs__element_get(d->pk, base, room);
    vs__modulus_power(d->pk, modulus, d->pk->info.degree + 1);
    for (unsigned k = 1; k < d->needed && status == VS_OK; k++) {
        mpz_powm(power, base, d->coefficient[k], modulus);
        vs__element_put(d->pk, commitments + (k - 1) * d->pk->info.ciphertext_bytes, power);
    }
    mpz_clears(base, power, modulus, NULL);
    return status;
}

/* f(i) for every holder, checked against the commitments: shares that do not fit never leave. */
static vs_status split(const dealing *d, const vs_threshold_key *key, vs_key_share **shares, uint8_t *room) {
    mpz_t x;
    mpz_init(x);
    vs_status status = VS_OK;
    for (unsigned i = 1; i <= d->holders && status == VS_OK; i++) {
        mpz_set_ui(x, 0);
        for (unsigned k = d->needed; k-- > 0;) {
            mpz_mul_ui(x, x, i);
            mpz_add(x, x, d->coefficient[k]);
            mpz_fdiv_r(x, x, d->order);
        }
        export(room, d->pk->info.ciphertext_bytes, x);
        status = vs__key_share_make(&shares[i - 1], key, i, room);
    }
    mpz_clear(x);
    return status == VS_ERR_AUTH ? VS_ERR_FAULT : status;
}

/* Shares first + 1 … first + t open the test ciphertext v: its plaintext is 2. `parts`: t elements; `m`: a plaintext.
 */
static vs_status open_with(const vs_threshold_key *key, vs_key_share *const *shares, unsigned first, uint8_t *parts,
                           uint8_t *m) {
    unsigned holders[VS_MAX_HOLDERS];
    const uint8_t *part[VS_MAX_HOLDERS];
    vs_status status = VS_OK;
    for (unsigned k = 0; k < key->info.needed && status == VS_OK; k++) {
        uint8_t *at = parts + k * key->pk->info.ciphertext_bytes;
        holders[k] = first + k + 1;
        part[k] = at;
        status = vs_threshold_part(shares[first + k], at, key->base, 1);
    }
    if (status == VS_OK) {
        status = vs_threshold_combine(key, m, holders, part, key->info.needed, 1);
    }
    for (size_t k = 0; k < key->pk->info.plaintext_bytes && status == VS_OK; k++) {
        status = m[k] == (k == 0 ? 2 : 0) ? VS_OK : VS_ERR_FAULT;
    }
    return status;
}

/* The first t shares do, and the last t. */
static vs_status open_test(const vs_threshold_key *key, vs_key_share *const *shares) {
    uint8_t *parts = malloc(key->info.needed * key->pk->info.ciphertext_bytes);
    uint8_t *m = malloc(key->pk->info.plaintext_bytes);
    vs_status status = parts == NULL || m == NULL ? VS_ERR_MEMORY : VS_OK;
    if (status == VS_OK) {
        status = open_with(key, shares, 0, parts, m);
    }
    if (status == VS_OK) {
        status = open_with(key, shares, key->info.holders - key->info.needed, parts, m);
    }
    free(parts);
    free(m);
    return status == VS_ERR_AUTH ? VS_ERR_FAULT : status;
}

static void free_shares(vs_key_share **shares, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        vs_key_share_free(shares[i]);
        shares[i] = NULL;
    }
}

/* With `room` for an element and EXTRA_BYTES, secret, and for all commitments. */
static vs_status deal(dealing *d, vs_threshold_key **key, vs_key_share **shares, const vs_threshold_options *options,
                      const vs_public_identity *holders, const vs_dealt_primes *primes, uint8_t *room,
                      uint8_t *commitments) {
    vs_status status = make_public_key(d, options, primes, room);
    if (status == VS_OK) {
        draw_polynomial(d, primes, room);
        status = commit(d, commitments, room);
    }
    if (status == VS_OK) {
        status = vs__threshold_key_make(key, d->pk, d->needed, d->holders, holders, commitments);
    }
    if (status != VS_OK) {
        vs_public_key_free(d->pk);
        return status;
    }
    status = split(d, *key, shares, room);
    return status == VS_OK ? open_test(*key, shares) : status;
}

vs_status vs__threshold_deal_from(vs_threshold_key **key, vs_key_share **shares, const vs_threshold_options *options,
                                  const vs_public_identity *holders, const vs_dealt_primes *primes) {
    dealing d = {.needed = options->needed, .holders = options->holders};
    *key = NULL;
    memset(shares, 0, options->holders * sizeof(vs_key_share *));
    uint8_t *room = vs_secret_alloc(VS_MAX_ELEMENT_BYTES + EXTRA_BYTES);
    uint8_t *commitments = malloc(VS_MAX_HOLDERS * VS_MAX_ELEMENT_BYTES);
    mpz_init(d.order);
    for (unsigned k = 0; k < VS_MAX_HOLDERS; k++) {
        mpz_init(d.coefficient[k]);
    }
    vs_status status = room == NULL || commitments == NULL ? VS_ERR_MEMORY : VS_OK;
    if (status == VS_OK) {
        status = deal(&d, key, shares, options, holders, primes, room, commitments);
    }
    if (status != VS_OK) {
        free_shares(shares, d.holders);
        vs_threshold_key_free(*key);
        *key = NULL;
    }
    mpz_clear(d.order);
    for (unsigned k = 0; k < VS_MAX_HOLDERS; k++) {
        mpz_clear(d.coefficient[k]);
    }
    vs_secret_free(room);
    free(commitments);
    return status;
}

vs_status vs_threshold_deal(vs_threshold_key **key, vs_key_share **shares, const vs_threshold_options *options,
                            const vs_public_identity *holders, vs_dealing_progress progress, void *progress_context) {
    const vs_key_options standard = {.bits = options->bits, .degree = options->degree, .type = VS_KEY_STANDARD};
    const char *reason;
    size_t len = options->bits / 16;
    *key = NULL;
    if (!vs__key_options_are_known(&standard) ||
        !vs__threshold_holders_are_valid(options->needed, options->holders, holders, &reason)) {
        return VS_ERR_USAGE;
    }
    memset(shares, 0, options->holders * sizeof(vs_key_share *));
    uint8_t *secret = vs_secret_alloc(2 * len);
    if (secret == NULL) {
        return VS_ERR_MEMORY;
    }
    const vs_dealt_primes primes = {.p = secret, .q = secret + len};
    vs_status status = vs__safe_primes(secret, secret + len, len, progress, progress_context);
    if (status == VS_OK) {
        status = vs__threshold_deal_from(key, shares, options, holders, &primes);
    }
    vs_secret_free(secret);
    return status;
}
