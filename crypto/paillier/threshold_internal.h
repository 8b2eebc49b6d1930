/* What a threshold key and a share are made of, shared by threshold_*.c. Elements of Z/n^(s+1) are canonical digits in
 * little-endian bytes, as ciphertexts are. */
#ifndef VEILSUM_CRYPTO_PAILLIER_THRESHOLD_INTERNAL_H
#define VEILSUM_CRYPTO_PAILLIER_THRESHOLD_INTERNAL_H

#include <gmp.h>

#include "crypto/paillier/key_internal.h"
#include "crypto/paillier/threshold.h"

/* A nonce is that much longer than a share: 256 bits that a challenge adds, and 128 that hide the sum. */
#define VS_CHALLENGE_LIMBS 4u
#define VS_NONCE_EXTRA_LIMBS (VS_CHALLENGE_LIMBS + 2u)
#define VS_RESPONSE_EXTRA_LIMBS (VS_NONCE_EXTRA_LIMBS + 1u) /* one for the carry */
#define VS_DELTA_LIMBS 2u                                   /* 2·32! is of 119 bits */

#define VS_MAX_ELEMENT_BYTES ((VS_MAX_DEGREE + 1) * (size_t)VS_MAX_DIGIT_BYTES)
#define VS_MAX_ELEMENT_LIMBS (VS_MAX_ELEMENT_BYTES / sizeof(vs_word))

struct vs_threshold_key {
    vs_threshold_info info;
    vs_public_key *pk;
    vs_public_identity identity[VS_MAX_HOLDERS];
    uint8_t *base;       /* v: an element */
    uint8_t *commitment; /* V_1 … V_(t−1): t − 1 elements; that of the polynomial's value at 0 is (1 + n)^2 for all */
    uint8_t *verification; /* v_1 … v_n: n elements */
};

/* A share is below n^s·m < n^(s+1)/4, m the order of the squares modulo n: as long as an element, its two top bits 0.
 */
struct vs_key_share { /* in secret memory */
    const vs_threshold_key *key;
    unsigned holder;
    vs_word *share; /* in secret memory: limbs of an element */
};

/** Numbers from an element, and back. */
void vs__element_get(const vs_public_key *pk, mpz_t x, const uint8_t *element);
void vs__element_put(const vs_public_key *pk, uint8_t *element, const mpz_t x);
/** n^power. */
void vs__modulus_power(const vs_public_key *pk, mpz_t x, unsigned power);

/** A key from numbers that have been checked; takes `pk` over on success. `commitments`: needed − 1 elements.
 * (threshold.c) Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__threshold_key_make(vs_threshold_key **key, vs_public_key *pk, unsigned needed,
                                               unsigned holders, const vs_public_identity *identities,
                                               const uint8_t *commitments);
/** v, with the plaintext 2: ((1 + n)·H^(n^s))², H a hash of the public key as long as an element. (threshold.c) */
VS_MUST_CHECK vs_status vs__threshold_base(const vs_public_key *pk, uint8_t *base);
/** Are t and n among those that there are, and the identities distinct, name and key? `*reason`: a constant sentence.
 */
bool vs__threshold_holders_are_valid(unsigned needed, unsigned holders, const vs_public_identity *identities,
                                     const char **reason);

/** The binary form, which is what the fingerprint is of. (threshold_codec.c) */
size_t vs__threshold_key_encoded_len(const vs_threshold_key *key);
void vs__threshold_key_encode(const vs_threshold_key *key, uint8_t *out);

/** A share from its number, which is checked against the key: v^share = v_holder. (threshold_share.c) Returns: VS_OK,
 * VS_ERR_AUTH, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__key_share_make(vs_key_share **share, const vs_threshold_key *key, unsigned holder,
                                           const uint8_t *number);

/* The secrets of a dealing. p and q: safe primes of digit_bytes / 2 bytes, p ≠ q. */
typedef struct vs_dealt_primes {
    const uint8_t *p, *q;
} vs_dealt_primes;
/** vs_threshold_deal from given primes, for tests too: nothing is checked of them. (threshold_deal.c) */
VS_MUST_CHECK vs_status vs__threshold_deal_from(vs_threshold_key **key, vs_key_share **shares,
                                                const vs_threshold_options *options, const vs_public_identity *holders,
                                                const vs_dealt_primes *primes);

/** out_j = c_j^exponent for one secret exponent and `count` canonical elements; out may be c. Time depends on count,
 * the key's size and exponent_bits only. (threshold_part.c) Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__threshold_powers(const vs_public_key *pk, uint8_t *out, const uint8_t *c, size_t count,
                                             const vs_word *exponent, size_t exponent_bits);

/** out = Π c_j^(row(j / 8)·column(j mod 8)) for coefficients of 128 bits that follow from `seed`. Public.
 * (threshold_product.c) Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__threshold_product(const vs_public_key *pk, uint8_t *out, const uint8_t *c, size_t count,
                                              const uint8_t seed[VS_HASH_BYTES]);

/** Δ = holders!. */
void vs__threshold_delta(mpz_t delta, unsigned holders);

/* Integers as limbs, lowest first, in constant time (threshold_scalar.c). */

/** 2·holders!; returns how many bits it has. */
size_t vs__threshold_twice_delta(vs_word out[VS_DELTA_LIMBS], unsigned holders);
/** out = x·y of x_len + y_len limbs; out is neither. */
void vs__limbs_mul(vs_word *out, const vs_word *x, size_t x_len, const vs_word *y, size_t y_len);
/** x += y of y_len limbs, the carry going on to the end of x; y_len ≤ x_len. */
void vs__limbs_add(vs_word *x, size_t x_len, const vs_word *y, size_t y_len);

/** Limbs of an element, and of a response. */
static inline size_t vs__element_limbs(const vs_public_key *pk) {
    return pk->info.ciphertext_bytes / sizeof(vs_word);
}

static inline size_t vs__response_limbs(const vs_public_key *pk) {
    return vs__element_limbs(pk) + VS_RESPONSE_EXTRA_LIMBS;
}

#endif
