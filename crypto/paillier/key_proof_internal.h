/* The parts of a key's proof (key_proof.h), for its maker, its text, and tests. */
#ifndef VEILSUM_CRYPTO_PAILLIER_KEY_PROOF_INTERNAL_H
#define VEILSUM_CRYPTO_PAILLIER_KEY_PROOF_INTERNAL_H

#include "crypto/paillier/key_internal.h"

/* 65537^−8 < 2^−128, where all factors are 2^16 at least. */
#define VS_KEY_PROOF_VALUES 8u
#define VS_KEY_PROOF_HEADER 8u
#define VS_MAX_KEY_PROOF_BYTES (VS_KEY_PROOF_HEADER + VS_KEY_PROOF_VALUES * VS_MAX_DIGIT_BYTES)

/** The challenges ρ_i, VS_KEY_PROOF_VALUES numbers below n of digit_bytes bytes each. False where one is no unit: no
 * such key can be proved, and an honest one never meets it. (key_proof.c) */
bool vs__key_proof_challenges(const vs_public_key *pk, uint8_t *out);

/* VS_KEY_PROOF_VALUES powers modulo n, all with one exponent. */
typedef struct vs__key_proof_power {
    const vs_ring *ring; /* Z/n */
    uint8_t *powers;
    const uint8_t *bases;    /* public */
    const vs_word *exponent; /* as long as n */
    bool secret;             /* is the exponent one? */
} vs__key_proof_power;

/** Returns: VS_OK, VS_ERR_RANGE (a base that is not below n), VS_ERR_MEMORY. (key_proof.c) */
VS_MUST_CHECK vs_status vs__key_proof_raise(const vs_public_key *pk, uint8_t *powers, const uint8_t *bases,
                                            const vs_word *exponent, bool secret);

/** The values σ_i, which are public once they are made; not checked. Constant-time. Returns: VS_OK, VS_ERR_MEMORY.
 * (key_prove.c) */
VS_MUST_CHECK vs_status vs__key_proof_roots(const vs_secret_key *sk, uint8_t *roots);

/** Length of a key's proof in binary, 0 where it has none; and the form itself. (key_proof.c) */
size_t vs__key_proof_len(const vs_public_key *pk);
void vs__key_proof_encode(const vs_public_key *pk, uint8_t *out);
/** Do these bytes begin like a proof? */
bool vs__key_proof_begins(const uint8_t *data, size_t len);
/** Read one for `pk`, which has none yet, and keep it there; not checked. Returns: VS_OK, VS_ERR_FORMAT,
 * VS_ERR_VERSION, VS_ERR_MEMORY, with a reason. */
VS_MUST_CHECK vs_status vs__key_proof_decode(vs_public_key *pk, const uint8_t *data, size_t len, const char **reason);

#endif
