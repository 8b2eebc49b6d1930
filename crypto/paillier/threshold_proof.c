/* One proof for all parts of an opening: that the exponent of v_i to the base v is that of P to the base C, where
 *
 *     C = (Π c_j^(e_j))^(4Δ) ,   P = (Π part_j^(e_j))²        e_j hashed, of 128 bits twice (threshold_product.c)
 *
 * Both sides are squares, in a cyclic group without small subgroups; what a part may be off by, a square root of 1, is
 * squared away when parts are combined, too.
 *
 *     proof = e ‖ z ,   z = r + e·s_i ,   e = H(all of the statement, v^r, C^r)       r 384 bits longer than a share
 *
 * The hash holds, through `seed`, the context, the threshold key, the holder, all ciphertexts and all parts. Source:
 * [Shoup00, section 2.2], [DJ01, section 4], batching as in [BGR98].
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/guard.h"
#include "crypto/paillier/bytes.h"
#include "crypto/paillier/threshold_internal.h"
#include "crypto/secret.h"

#define CHALLENGE_BITS (64 * VS_CHALLENGE_LIMBS)

/* What is proven, by whom, and about what. */
typedef struct statement {
    const vs_threshold_key *key;
    unsigned holder;
    const uint8_t *c, *parts;
    size_t count;
    uint8_t seed[VS_HASH_BYTES];
    uint8_t *base, *power;   /* elements: v ‖ C, and v_i ‖ P */
    uint8_t *first, *second; /* elements, two each: what is computed of them */
} statement;

static size_t element_bytes(const statement *st) {
    return st->key->pk->info.ciphertext_bytes;
}

static void hash_seed(statement *st, const uint8_t context[VS_HASH_BYTES]) {
    size_t len = st->count * element_bytes(st);
    vs_hash hash;
    vs_hash_init(&hash, "veilsum threshold batch");
    vs_hash_field(&hash, context, VS_HASH_BYTES);
    vs_hash_field(&hash, st->key->info.fingerprint, VS_HASH_BYTES);
    vs_hash_u64(&hash, st->holder);
    vs_hash_u64(&hash, st->count);
    vs_hash_field(&hash, st->c, len);
    vs_hash_field(&hash, st->parts, len);
    vs_hash_final(&hash, st->seed);
}

/* element = element^exponent, public. */
static void raise(const statement *st, uint8_t *element, mpz_srcptr exponent) {
    mpz_t x, modulus;
    mpz_inits(x, modulus, NULL);
    vs__modulus_power(st->key->pk, modulus, st->key->pk->info.degree + 1);
    vs__element_get(st->key->pk, x, element);
    mpz_powm(x, x, exponent, modulus);
    vs__element_put(st->key->pk, element, x);
    mpz_clears(x, modulus, NULL);
}

/* v, C and v_i; P, which costs the holder less, is not there yet. */
static vs_status begin(statement *st, const uint8_t context[VS_HASH_BYTES]) {
    size_t element = element_bytes(st);
    st->base = calloc(8, element);
    if (st->base == NULL) {
        return VS_ERR_MEMORY;
    }
    st->power = st->base + 2 * element;
    st->first = st->power + 2 * element;
    st->second = st->first + 2 * element;
    hash_seed(st, context);
    memcpy(st->base, st->key->base, element);
    memcpy(st->power, st->key->verification + (st->holder - 1) * element, element);
    vs_status status = vs__threshold_product(st->key->pk, st->base + element, st->c, st->count, st->seed);
    if (status == VS_OK) {
        mpz_t exponent;
        mpz_init(exponent);
        vs__threshold_delta(exponent, st->key->info.holders);
        mpz_mul_2exp(exponent, exponent, 2);
        raise(st, st->base + element, exponent);
        mpz_clear(exponent);
    }
    return status;
}

/* e, of the statement and the two commitments in `first`. */
static void challenge(const statement *st, uint8_t e[VS_HASH_BYTES]) {
    size_t element = element_bytes(st);
    vs_hash hash;
    vs_hash_init(&hash, "veilsum threshold challenge");
    vs_hash_field(&hash, st->seed, VS_HASH_BYTES);
    vs_hash_field(&hash, st->base, 2 * element);
    vs_hash_field(&hash, st->power, 2 * element);
    vs_hash_field(&hash, st->first, 2 * element);
    vs_hash_final(&hash, e);
}

/* z = r + e·share, into r. `room`: as long as z. */
static void respond(vs_word *r, const uint8_t e[VS_HASH_BYTES], const vs_key_share *share, vs_word *room) {
    size_t limbs = vs__element_limbs(share->key->pk);
    vs_word challenge_limbs[VS_CHALLENGE_LIMBS];
    vs__limbs_from_bytes(challenge_limbs, e, VS_CHALLENGE_LIMBS);
    vs__limbs_mul(room, share->share, limbs, challenge_limbs, VS_CHALLENGE_LIMBS);
    vs__limbs_add(r, limbs + VS_RESPONSE_EXTRA_LIMBS, room, limbs + VS_CHALLENGE_LIMBS);
}

vs_status vs_threshold_prove(const vs_key_share *share, uint8_t *proof, const uint8_t *c, const uint8_t *parts,
                             size_t count, const uint8_t context[VS_HASH_BYTES]) {
    const vs_public_key *pk = share->key->pk;
    statement st = {.key = share->key, .holder = share->holder, .c = c, .parts = parts, .count = count};
    size_t limbs = vs__element_limbs(pk), nonce = limbs + VS_NONCE_EXTRA_LIMBS, response = vs__response_limbs(pk), bad;
    size_t element = pk->info.ciphertext_bytes;
    vs_word *r = vs_secret_alloc(2 * response * sizeof *r);
    vs_status status = r == NULL ? VS_ERR_MEMORY : vs_ciphertexts_check(pk, c, count, &bad);
    if (status == VS_OK) {
        status = begin(&st, context);
    }
    if (status == VS_OK) {
        status = vs__threshold_powers(pk, st.power + element, st.base + element, 1, share->share, 64 * limbs - 2);
    }
    if (status == VS_OK) {
        vs_random(r, nonce * sizeof *r);
        status = vs__threshold_powers(pk, st.first, st.base, 2, r, 64 * nonce);
    }
    if (status == VS_OK) {
        challenge(&st, proof);
        respond(r, proof, share, r + response);
        vs__bytes_from_limbs(proof + VS_HASH_BYTES, r, response);
    } else {
        memset(proof, 0, share->key->info.proof_bytes);
    }
    free(st.base);
    vs_secret_free(r);
    return status;
}

/* ---- checking ---- */

/* first = first / second, twice. */
static void divide(const statement *st) {
    mpz_t x, y, modulus;
    mpz_inits(x, y, modulus, NULL);
    vs__modulus_power(st->key->pk, modulus, st->key->pk->info.degree + 1);
    for (size_t at = 0; at < 2 * element_bytes(st); at += element_bytes(st)) {
        vs__element_get(st->key->pk, x, st->first + at);
        vs__element_get(st->key->pk, y, st->second + at);
        VS_CHECK(mpz_invert(y, y, modulus) != 0); /* of units */
        mpz_mul(x, x, y);
        mpz_fdiv_r(x, x, modulus);
        vs__element_put(st->key->pk, st->first + at, x);
    }
    mpz_clears(x, y, modulus, NULL);
}

/* P from the parts; the commitments v^z / v_i^e and C^z / P^e. */
static vs_status recompute(statement *st, const uint8_t *e, const vs_word *z, size_t z_limbs) {
    const vs_public_key *pk = st->key->pk;
    size_t element = element_bytes(st);
    vs_word challenge_limbs[VS_CHALLENGE_LIMBS];
    vs_status status = vs__threshold_product(pk, st->power + element, st->parts, st->count, st->seed);
    if (status == VS_OK) {
        mpz_t two;
        mpz_init_set_ui(two, 2);
        raise(st, st->power + element, two);
        mpz_clear(two);
        status = vs__threshold_powers(pk, st->first, st->base, 2, z, 64 * z_limbs);
    }
    if (status == VS_OK) {
        vs__limbs_from_bytes(challenge_limbs, e, VS_CHALLENGE_LIMBS);
        status = vs__threshold_powers(pk, st->second, st->power, 2, challenge_limbs, CHALLENGE_BITS);
    }
    if (status == VS_OK) {
        divide(st);
    }
    return status;
}

static bool are_units(const vs_public_key *pk, const uint8_t *c, size_t count, vs_status *status) {
    size_t bad;
    *status = vs_ciphertexts_check(pk, c, count, &bad);
    return *status == VS_OK;
}

vs_status vs_threshold_check(const vs_threshold_key *key, unsigned holder, const uint8_t *proof, const uint8_t *c,
                             const uint8_t *parts, size_t count, const uint8_t context[VS_HASH_BYTES]) {
    const vs_public_key *pk = key->pk;
    size_t response = vs__response_limbs(pk);
    statement st = {.key = key, .holder = holder, .c = c, .parts = parts, .count = count};
    vs_word z[VS_MAX_ELEMENT_LIMBS + VS_RESPONSE_EXTRA_LIMBS];
    uint8_t e[VS_HASH_BYTES];
    vs_status status;
    if (holder < 1 || holder > key->info.holders) {
        return VS_ERR_RANGE;
    }
    if (!are_units(pk, c, count, &status) || !VS_GUARD(part_is_unit, are_units(pk, parts, count, &status))) {
        return status;
    }
    vs__limbs_from_bytes(z, proof + VS_HASH_BYTES, response);
    if (z[response - 1] > 1) { /* the carry: no other z is written */
        return VS_ERR_AUTH;
    }
    status = begin(&st, context);
    if (status == VS_OK) {
        status = recompute(&st, proof, z, response);
    }
    if (status == VS_OK) {
        challenge(&st, e);
        status = VS_GUARD(part_proof, vs_equal(e, proof, sizeof e)) ? VS_OK : VS_ERR_AUTH;
    }
    free(st.base);
    return status;
}
