/* Making the proof of a key: n-th roots modulo n, σ = ρ^d with d = n⁻¹ mod φ(n).
 *
 * φ(n) is even, and GMP's constant-time inversion wants an odd modulus. So it is turned round: with u = −φ⁻¹ mod n the
 * number 1 + u·φ is a multiple of n, and
 *
 *     d = (1 + u·φ) / n ,   n·d = 1 + u·φ ≡ 1 (mod φ) ,   0 < d < φ .
 *
 * The power is taken modulo n in one piece, without p and q: a fault in one half, which would give the key away, cannot
 * happen where there are no halves, and this is done once in a key's life. */
#include <gmp.h>
#include <stdlib.h>

#include "crypto/paillier/bytes.h"
#include "crypto/paillier/key_proof.h"
#include "crypto/paillier/key_proof_internal.h"
#include "crypto/secret.h"

typedef mp_limb_t limb;

#define MAX_LIMBS (VS_MAX_RING_BITS / 64)

/* Secret memory. */
typedef struct prover {
    vs_word n[MAX_LIMBS], phi[MAX_LIMBS], u[MAX_LIMBS], copy[MAX_LIMBS];
    vs_word d[2 * MAX_LIMBS];    /* u·φ + 1, and then its quotient by n */
    vs_word quotient[MAX_LIMBS]; /* d */
    limb scratch[];
} prover;

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static prover *prover_new(size_t limbs) {
    mp_size_t L = (mp_size_t)limbs;
    size_t scratch = larger((size_t)mpn_sec_invert_itch(L), (size_t)mpn_sec_mul_itch(L, L));
    scratch = larger(scratch, larger((size_t)mpn_sec_add_1_itch(2 * L), (size_t)mpn_sec_div_qr_itch(2 * L, L)));
    return vs_secret_alloc(sizeof(prover) + scratch * sizeof(limb));
}

/* φ = n − p − (q − 1); q is odd. */
static void find_phi(prover *w, const vs_secret_key *sk, size_t limbs) {
    mp_size_t L = (mp_size_t)limbs;
    vs__limbs_from_bytes(w->n, sk->pk->n, limbs);
    vs__limbs_from_bytes(w->copy, sk->p, limbs / 2); /* the upper half is 0 */
    (void)mpn_sub_n((limb *)w->phi, (const limb *)w->n, (const limb *)w->copy, L);
    vs__limbs_from_bytes(w->copy, sk->q, limbs / 2);
    w->copy[0] ^= 1;
    (void)mpn_sub_n((limb *)w->phi, (const limb *)w->phi, (const limb *)w->copy, L);
}

static void find_exponent(prover *w, size_t limbs) {
    mp_size_t L = (mp_size_t)limbs;
    limb *d = (limb *)w->d;
    memcpy(w->copy, w->phi, limbs * sizeof *w->copy);
    /* It fails where φ is not prime to n; keys are checked for that when they are made and read. */
    (void)mpn_sec_invert((limb *)w->u, (limb *)w->copy, (const limb *)w->n, L, (mp_bitcnt_t)(128 * limbs), w->scratch);
    (void)mpn_sub_n((limb *)w->u, (const limb *)w->n, (const limb *)w->u, L);
    mpn_sec_mul(d, (const limb *)w->u, L, (const limb *)w->phi, L, w->scratch);
    (void)mpn_sec_add_1(d, d, 2 * L, 1, w->scratch);
    (void)mpn_sec_div_qr((limb *)w->quotient, d, 2 * L, (const limb *)w->n, L, w->scratch);
}

vs_status vs__key_proof_roots(const vs_secret_key *sk, uint8_t *roots) {
    size_t bytes = sk->pk->info.digit_bytes, limbs = bytes / sizeof(vs_word);
    uint8_t *challenges = malloc(VS_KEY_PROOF_VALUES * bytes);
    prover *w = prover_new(limbs);
    vs_status status = challenges == NULL || w == NULL ? VS_ERR_MEMORY : VS_OK;
    if (status == VS_OK) {
        (void)vs__key_proof_challenges(sk->pk, challenges);
        find_phi(w, sk, limbs);
        find_exponent(w, limbs);
        status = vs__key_proof_raise(sk->pk, roots, challenges, w->quotient, true);
    }
    vs_secret_free(w);
    free(challenges);
    return status;
}

vs_status vs_secret_key_prove(vs_secret_key *sk) {
    vs_public_key *pk = sk->pk;
    const char *reason;
    if (pk->proof == NULL) {
        pk->proof = malloc(VS_KEY_PROOF_VALUES * pk->info.digit_bytes);
    }
    vs_status status = pk->proof == NULL ? VS_ERR_MEMORY : vs__key_proof_roots(sk, pk->proof);
    if (status == VS_OK) {
        status = vs_public_key_check_proof(pk, &reason);
    }
    if (status != VS_OK) {
        free(pk->proof);
        pk->proof = NULL;
        status = status == VS_ERR_MEMORY ? VS_ERR_MEMORY : VS_ERR_FAULT;
    }
    return status;
}
