/* What a key is made of, shared inside crypto/paillier. Numbers are little-endian bytes of fixed width here; the rings
 * hold them as digits. */
#ifndef VEILSUM_CRYPTO_PAILLIER_KEY_INTERNAL_H
#define VEILSUM_CRYPTO_PAILLIER_KEY_INTERNAL_H

#include "crypto/paillier/paillier.h"
#include "crypto/ring/one_plus_n.h"
#include "crypto/ring/ring.h"

#define VS_MAX_DIGIT_BYTES (VS_MAX_BITS / 8)

struct vs_public_key {
    vs_key_info info;
    uint8_t n[VS_MAX_DIGIT_BYTES]; /* info.digit_bytes long, odd */
    uint8_t h[VS_MAX_DIGIT_BYTES];
    vs_ring *ring;       /* Z/n^(s+1) */
    vs_one_plus_n group; /* its subgroup 1 + nZ, where messages live */
};

/* What decryption needs of one prime p; `other` is the other one. All in secret memory. */
typedef struct vs_key_half {
    vs_ring *ring;       /* Z/p^(s+1) */
    vs_one_plus_n group; /* its subgroup 1 + pZ; group.exponents is Z/p^s */
    vs_word *prime;      /* p, and p − 1: canonical, one digit each */
    vs_word *order;
    vs_word *modulus;   /* bundle: n in Z/p^(s+1), Montgomery form */
    vs_word *upper;     /* bundle: 2^(bits of p) in Z/p^(s+1), Montgomery form */
    vs_word *log_scale; /* bundle: 1/ℓ of the 1 + p·b that (1 + n)^(p − 1) is, Montgomery form */
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
    vs_key_half half[2]; /* of p and q */
    vs_garner garner;
};

/** Build a public key from numbers that have been checked: rings and the fingerprint. bits % 64 = 0. (key.c) */
VS_MUST_CHECK vs_status vs__public_key_make(vs_public_key **pk, unsigned bits, unsigned degree, const uint8_t *n,
                                            const uint8_t *h);

/** Build a secret key from numbers that have been checked; takes `pk` over on success. p and q have digit_bytes / 2
 * bytes. (key.c) */
VS_MUST_CHECK vs_status vs__secret_key_make(vs_secret_key **sk, vs_public_key *pk, const uint8_t *p, const uint8_t *q);

/** vs_encrypt with exponents x of |n|/2 bits each, for known answers; NULL draws fresh ones. (encrypt.c) */
VS_MUST_CHECK vs_status vs__encrypt_with(const vs_encryptor *encryptor, uint8_t *out, const uint8_t *m,
                                         const vs_word *x, size_t count);

/** The checks that a key from outside must pass (key_check.c). `*reason`: a constant sentence.
 *  Returns: VS_OK, VS_ERR_RANGE, VS_ERR_MEMORY. n, h: bits / 8 bytes; p, q: half of that. */
VS_MUST_CHECK vs_status vs__public_key_check(unsigned bits, unsigned degree, const uint8_t *n, const uint8_t *h,
                                             const char **reason);
VS_MUST_CHECK vs_status vs__secret_key_check(unsigned bits, const uint8_t *n, const uint8_t *p, const uint8_t *q,
                                             const char **reason);

#endif
