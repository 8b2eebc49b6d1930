/* What a key is made of, shared inside crypto/paillier. Numbers are little-endian bytes of fixed width here; the rings
 * hold them as digits. */
#ifndef VEILSUM_CRYPTO_PAILLIER_KEY_INTERNAL_H
#define VEILSUM_CRYPTO_PAILLIER_KEY_INTERNAL_H

#include <stdbool.h>

#include "crypto/paillier/paillier.h"
#include "crypto/ring/one_plus_n.h"
#include "crypto/ring/ring.h"

#define VS_MAX_DIGIT_BYTES (VS_MAX_BITS / 8)
#define VS_MAX_ORDER_BYTES (2 * 152 / 8) /* of a and b of a subgroup key: 2λ bits */

/* Binary forms of keys, at most. */
#define VS_KEY_HEADER_BYTES 8
#define VS_MAX_PUBLIC_KEY_BYTES (VS_KEY_HEADER_BYTES + 2 * VS_MAX_DIGIT_BYTES)
#define VS_MAX_SECRET_KEY_BYTES                                                                                        \
    (VS_KEY_HEADER_BYTES + VS_MAX_PUBLIC_KEY_BYTES + VS_MAX_DIGIT_BYTES + 2 * VS_MAX_ORDER_BYTES)

struct vs_public_key {
    vs_key_info info;
    uint8_t n[VS_MAX_DIGIT_BYTES]; /* info.digit_bytes long, odd */
    uint8_t h[VS_MAX_DIGIT_BYTES]; /* 0 of an imported key */
    vs_ring *ring;                 /* Z/n^(s+1) */
    vs_one_plus_n group;           /* its subgroup 1 + nZ, where messages live */
    uint8_t *proof;                /* the values of its proof (key_proof.h), not checked; or NULL */
};

/* What decryption needs of one prime p; `other` is the other one. All in secret memory. */
typedef struct vs_key_half {
    vs_ring *ring;       /* Z/p^(s+1) */
    vs_one_plus_n group; /* its subgroup 1 + pZ; group.exponents is Z/p^s */
    vs_word *prime;      /* p: canonical, one digit */
    vs_word *order;      /* d, the exponent that decrypts: p − 1, or 2a of a subgroup key; as long as p */
    size_t order_bits;   /* how many bits of it are looked at: follows from the key's size and type */
    vs_word *modulus;    /* bundle: n in Z/p^(s+1), Montgomery form */
    vs_word *upper;      /* bundle: 2^(bits of p) in Z/p^(s+1), Montgomery form */
    vs_word *log_scale;  /* bundle: 1/ℓ of the 1 + p·b that (1 + n)^d is, Montgomery form */
} vs_key_half;

/* What joins both halves modulo n^s [G59]: m = m_p + p^s·((m_q − m_p)·p^(−s) mod q^s). */
typedef struct vs_garner {
    vs_word *prime;   /* bundle: p in Z/q^s, Montgomery form */
    vs_word *inverse; /* bundle: p^(−s) in Z/q^s, Montgomery form */
    vs_word *power;   /* p^s, s · prime limbs */
} vs_garner;

struct vs_secret_key { /* lives in secret memory */
    vs_public_key *pk;
    uint8_t p[VS_MAX_DIGIT_BYTES / 2]; /* info.digit_bytes / 2 long each */
    uint8_t q[VS_MAX_DIGIT_BYTES / 2];
    uint8_t a[VS_MAX_ORDER_BYTES]; /* of a subgroup key, vs__order_bytes(bits) long each; else 0 */
    uint8_t b[VS_MAX_ORDER_BYTES];
    vs_key_half half[2]; /* of p and q */
    vs_garner garner;
};

/* The secret numbers of a key: p and q of digit_bytes / 2 bytes; a and b of vs__order_bytes(bits) bytes for a subgroup
 * key, else NULL. */
typedef struct vs_key_factors {
    const uint8_t *p, *q, *a, *b;
} vs_key_factors;

/** Are size, degree and type among those that there are? (key_type.c) */
bool vs__key_options_are_known(const vs_key_options *options);
/** Bits of encryption's exponents, and bytes of a and b, for a size that is known. (key_type.c) */
unsigned vs__exponent_bits(const vs_key_options *options);
size_t vs__order_bytes(unsigned bits);

/** Build a public key from numbers that have been checked: rings and the fingerprint. bits % 64 = 0. (key.c) */
VS_MUST_CHECK vs_status vs__public_key_make(vs_public_key **pk, const vs_key_options *options, const uint8_t *n,
                                            const uint8_t *h);

/** Build a secret key from numbers that have been checked; takes `pk` over on success. (key.c) */
VS_MUST_CHECK vs_status vs__secret_key_make(vs_secret_key **sk, vs_public_key *pk, const vs_key_factors *factors);

/** The length that the head of a public key's binary form states; `len` where these are too few bytes for one.
 * (key_codec.c) */
size_t vs__public_key_stated_len(const uint8_t *data, size_t len);

/** The binary form of a secret key, in the clear; reading it makes all checks, with results as vs_public_key_decode.
 * (key_codec.c) */
size_t vs__secret_key_encoded_len(const vs_secret_key *sk);
void vs__secret_key_encode(const vs_secret_key *sk, uint8_t *out);
VS_MUST_CHECK vs_status vs__secret_key_decode(vs_secret_key **sk, const uint8_t *data, size_t len, const char **reason);

/** vs_encrypt with exponents x of pk->info.exponent_bits bits each, in whole limbs, for known answers (under an
 * imported key the r below n); NULL draws fresh ones. (encrypt.c) */
VS_MUST_CHECK vs_status vs__encrypt_with(const vs_encryptor *encryptor, uint8_t *out, const uint8_t *m,
                                         const vs_word *x, size_t count);

/** Factors r_i^n of an imported key, r_i uniform and secret, or given as for vs__encrypt_with; and ciphertexts times
 * fresh ones, in place, where all are canonical. Returns: VS_OK, VS_ERR_MEMORY; on error out is all zero. (imported.c)
 */
VS_MUST_CHECK vs_status vs__imported_factors(const vs_public_key *pk, uint8_t *out, const vs_word *r, size_t count);
VS_MUST_CHECK vs_status vs__imported_rerandomise(const vs_public_key *pk, uint8_t *c, size_t count);

/** The checks that a key from outside must pass (key_check.c). `*reason`: a constant sentence.
 *  Returns: VS_OK, VS_ERR_RANGE, VS_ERR_MEMORY. n, h: bits / 8 bytes. The secret half is checked with a public half
 *  that has been: h is in range and not ±1 modulo p or q. */
VS_MUST_CHECK vs_status vs__public_key_check(const vs_key_options *options, const uint8_t *n, const uint8_t *h,
                                             const char **reason);
VS_MUST_CHECK vs_status vs__secret_key_check(const vs_key_options *options, const uint8_t *n, const uint8_t *h,
                                             const vs_key_factors *factors, const char **reason);

#endif
