/* Keys in memory: from checked numbers to the rings and constants that the scheme uses.
 *
 * GMP's mpz is admitted here on secrets as variable-time: once per key, at load. Its blocks are wiped when freed
 * (secret.c).
 */
#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/paillier/bytes.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/secret.h"

const vs_key_info *vs_public_key_info(const vs_public_key *pk) {
    return &pk->info;
}

const vs_public_key *vs_secret_key_public(const vs_secret_key *sk) {
    return sk->pk;
}

void vs_public_key_free(vs_public_key *pk) {
    if (pk != NULL) {
        vs_ring_free(pk->ring);
        vs_one_plus_n_clear(&pk->group);
        free(pk->proof);
        free(pk);
    }
}

static vs_status fingerprint(vs_public_key *pk) {
    size_t len = vs_public_key_encoded_len(pk);
    uint8_t *encoded = malloc(len);
    if (encoded == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_public_key_encode(pk, encoded);
    vs_hash hash;
    vs_hash_init(&hash, "veilsum public key");
    vs_hash_field(&hash, encoded, len);
    vs_hash_final(&hash, pk->info.fingerprint);
    free(encoded);
    return VS_OK;
}

vs_status vs__public_key_make(vs_public_key **out, const vs_key_options *options, const uint8_t *n, const uint8_t *h) {
    *out = NULL;
    vs_word modulus[VS_MAX_RING_BITS / 64];
    unsigned bits = options->bits, degree = options->degree;
    size_t bytes = bits / 8, limbs = bits / 64;
    VS_CHECK(bits % 64 == 0 && bits <= VS_MAX_BITS && degree >= 1 && degree <= VS_MAX_DEGREE);
    vs_public_key *pk = calloc(1, sizeof *pk);
    if (pk == NULL) {
        return VS_ERR_MEMORY;
    }
    pk->info.bits = bits;
    pk->info.degree = degree;
    pk->info.type = options->type;
    pk->info.exponent_bits = vs__exponent_bits(options);
    pk->info.digit_bytes = bytes;
    pk->info.plaintext_bytes = degree * bytes;
    pk->info.ciphertext_bytes = (degree + 1) * bytes;
    memcpy(pk->n, n, bytes);
    memcpy(pk->h, h, bytes);
    vs__limbs_from_bytes(modulus, n, limbs);
    vs_status status = vs_ring_new(&pk->ring, modulus, limbs, degree, false);
    if (status == VS_OK) {
        status = vs_one_plus_n_init(&pk->group, modulus, limbs, degree, false);
    }
    if (status == VS_OK) {
        status = fingerprint(pk);
    }
    if (status != VS_OK) {
        vs_public_key_free(pk);
        return status;
    }
    *out = pk;
    return VS_OK;
}

static void half_clear(vs_key_half *half) {
    vs_ring_free(half->ring);
    vs_one_plus_n_clear(&half->group);
    vs_secret_free(half->prime);
    vs_secret_free(half->order);
    vs_secret_free(half->modulus);
    vs_secret_free(half->upper);
    vs_secret_free(half->log_scale);
}

void vs_secret_key_free(vs_secret_key *sk) {
    if (sk != NULL) {
        half_clear(&sk->half[0]);
        half_clear(&sk->half[1]);
        vs_secret_free(sk->garner.prime);
        vs_secret_free(sk->garner.inverse);
        vs_secret_free(sk->garner.power);
        vs_public_key_free(sk->pk);
        vs_secret_free(sk);
    }
}

/* value mod p^(degree+1), as digits in base p, in every lane of a fresh bundle in Montgomery form. NULL where memory
 * ran out. */
static vs_word *constant(const vs_ring *ring, const mpz_t value) {
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    vs_word *z = vs_secret_alloc(bundle * sizeof *z);
    vs_word *rest = vs_secret_alloc((element + ring->scratch_words) * sizeof *rest);
    if (z == NULL || rest == NULL) {
        vs_secret_free(z);
        vs_secret_free(rest);
        return NULL;
    }
    mpz_t left, digit, p;
    mpz_inits(left, digit, p, NULL);
    mpz_import(p, ring->digit_limbs, -1, sizeof(vs_word), 0, 0, ring->modulus);
    mpz_set(left, value);
    for (unsigned i = 0; i <= ring->degree; i++) {
        mpz_fdiv_qr(left, digit, left, p);
        mpz_export(rest + i * ring->digit_limbs, NULL, -1, sizeof(vs_word), 0, 0, digit);
    }
    mpz_clears(left, digit, p, NULL);
    vs_ring_broadcast(ring, z, rest);
    vs_ring_mul(ring, z, z, ring->square, rest + element);
    vs_secret_free(rest);
    return z;
}

/* 1/ℓ(b) modulo p^s, where (1 + n)^d = 1 + p·b with the exponent d that decrypts. */
static vs_status find_log_scale(vs_key_half *half, const mpz_t n, const mpz_t p) {
    const vs_ring *ring = half->group.exponents;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    size_t scratch = vs_one_plus_n_words(&half->group);
    vs_word *log = vs_secret_alloc((bundle + element + scratch) * sizeof *log);
    if (log == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *canonical = log + bundle;
    mpz_t modulus, base, exponent;
    mpz_inits(modulus, base, exponent, NULL);
    mpz_pow_ui(modulus, p, half->ring->degree + 1);
    mpz_add_ui(base, n, 1);
    mpz_import(exponent, half->ring->digit_limbs, -1, sizeof(vs_word), 0, 0, half->order);
    mpz_powm(base, base, exponent, modulus);
    mpz_sub_ui(base, base, 1);
    mpz_divexact(base, base, p);
    /* constant() gives Montgomery form, the logarithm wants its argument without it */
    vs_word *b = constant(ring, base);
    if (b != NULL) {
        vs_ring_mul(ring, log, b, ring->unity, canonical + element);
        vs_one_plus_n_log(&half->group, log, log, canonical + element);
        vs_ring_store(ring, canonical, log, element, 1);
        mpz_set_ui(base, 0);
        for (unsigned i = ring->degree + 1; i-- > 0;) {
            mpz_import(exponent, ring->digit_limbs, -1, sizeof(vs_word), 0, 0, canonical + i * ring->digit_limbs);
            mpz_mul(base, base, p);
            mpz_add(base, base, exponent);
        }
        mpz_pow_ui(modulus, p, half->ring->degree);
        half->log_scale = mpz_invert(base, base, modulus) != 0 ? constant(ring, base) : NULL;
    }
    mpz_clears(modulus, base, exponent, NULL);
    vs_secret_free(b);
    vs_secret_free(log);
    return half->log_scale == NULL ? VS_ERR_MEMORY : VS_OK;
}

/* The exponent that decrypts modulo p: 2a if there is a prime a of `bytes` bytes, else p − 1. */
static void set_order(vs_key_half *half, size_t limbs, const uint8_t *a, size_t bytes) {
    if (a == NULL) {
        memcpy(half->order, half->prime, limbs * sizeof *half->order);
        half->order[0] -= 1; /* p is odd */
        half->order_bits = 64 * limbs;
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        half->order[i / 8] |= (vs_word)a[i] << (8 * (i % 8));
    }
    for (size_t i = limbs; i-- > 0;) { /* much shorter than p: nothing is shifted out */
        half->order[i] = half->order[i] << 1 | (i > 0 ? half->order[i - 1] >> 63 : 0);
    }
    half->order_bits = 8 * bytes + 1;
}

static vs_status half_make(vs_key_half *half, const mpz_t n, const mpz_t p, const uint8_t *prime, const uint8_t *a,
                           const vs_key_info *info) {
    size_t limbs = info->digit_bytes / 2 / sizeof(vs_word);
    unsigned degree = info->degree;
    half->prime = vs_secret_alloc(limbs * sizeof *half->prime);
    half->order = vs_secret_alloc(limbs * sizeof *half->order);
    if (half->prime == NULL || half->order == NULL) {
        return VS_ERR_MEMORY;
    }
    vs__limbs_from_bytes(half->prime, prime, limbs);
    set_order(half, limbs, a, vs__order_bytes(info->bits));
    vs_status status = vs_ring_new(&half->ring, half->prime, limbs, degree, true);
    if (status == VS_OK) {
        status = vs_one_plus_n_init(&half->group, half->prime, limbs, degree, true);
    }
    if (status == VS_OK) {
        mpz_t upper;
        mpz_init(upper);
        mpz_setbit(upper, 64 * limbs);
        half->modulus = constant(half->ring, n);
        half->upper = constant(half->ring, upper);
        mpz_clear(upper);
        status = half->modulus == NULL || half->upper == NULL ? VS_ERR_MEMORY : find_log_scale(half, n, p);
    }
    return status;
}

static vs_status garner_make(vs_garner *garner, const vs_ring *ring, const mpz_t p, const mpz_t q, unsigned degree) {
    size_t limbs = degree * ring->digit_limbs;
    mpz_t power, modulus, inverse;
    mpz_inits(power, modulus, inverse, NULL);
    mpz_pow_ui(power, p, degree);
    mpz_pow_ui(modulus, q, degree);
    garner->prime = constant(ring, p);
    garner->inverse = mpz_invert(inverse, power, modulus) != 0 ? constant(ring, inverse) : NULL;
    garner->power = vs_secret_alloc(limbs * sizeof *garner->power);
    if (garner->power != NULL) {
        mpz_export(garner->power, NULL, -1, sizeof(vs_word), 0, 0, power);
    }
    mpz_clears(power, modulus, inverse, NULL);
    return garner->prime != NULL && garner->inverse != NULL && garner->power != NULL ? VS_OK : VS_ERR_MEMORY;
}

vs_status vs__secret_key_make(vs_secret_key **out, vs_public_key *pk, const vs_key_factors *factors) {
    *out = NULL;
    size_t bytes = pk->info.digit_bytes / 2;
    bool subgroup = pk->info.type == VS_KEY_SUBGROUP;
    VS_CHECK(bytes % sizeof(vs_word) == 0 && subgroup == (factors->a != NULL) && subgroup == (factors->b != NULL));
    vs_secret_key *sk = vs_secret_alloc(sizeof *sk);
    if (sk == NULL) {
        return VS_ERR_MEMORY;
    }
    memcpy(sk->p, factors->p, bytes);
    memcpy(sk->q, factors->q, bytes);
    if (subgroup) {
        memcpy(sk->a, factors->a, vs__order_bytes(pk->info.bits));
        memcpy(sk->b, factors->b, vs__order_bytes(pk->info.bits));
    }
    mpz_t n, p, q;
    mpz_inits(n, p, q, NULL);
    mpz_import(n, 2 * bytes, -1, 1, 0, 0, pk->n);
    mpz_import(p, bytes, -1, 1, 0, 0, sk->p);
    mpz_import(q, bytes, -1, 1, 0, 0, sk->q);
    vs_status status = half_make(&sk->half[0], n, p, sk->p, subgroup ? sk->a : NULL, &pk->info);
    if (status == VS_OK) {
        status = half_make(&sk->half[1], n, q, sk->q, subgroup ? sk->b : NULL, &pk->info);
    }
    if (status == VS_OK) {
        status = garner_make(&sk->garner, sk->half[1].group.exponents, p, q, pk->info.degree);
    }
    mpz_clears(n, p, q, NULL);
    if (status != VS_OK) {
        vs_secret_key_free(sk);
        return status;
    }
    sk->pk = pk;
    *out = sk;
    return VS_OK;
}
