/* One bundle of ciphertexts to plaintexts: in base p and in base q, joined by Garner's formula; papers/ring.md,
 * section 6.
 *
 * For one prime, with x = c modulo p^(s+1) in digits in base p: y = x^d is 1 + p·v, and
 *     m mod p^s = ℓ(v)/ℓ(b) ,   1 + p·b = (1 + n)^d ,
 * with d = p − 1, or d = 2a under a subgroup key. Digit 0 of y must be 1. All of it runs in secret memory; time depends
 * on the key's size and type only.
 */
#include <gmp.h>
#include <string.h>

#include "crypto/paillier/decrypt_internal.h"
#include "crypto/reveal.h"
#include "crypto/secret.h"

typedef mp_limb_t limb;

/* L: limbs of n, P = L/2: of a prime. */
struct vs__decryptor {
    const vs_secret_key *sk;
    vs_word wrong;       /* not 0: some digit 0 was not 1 */
    vs_word *digits;     /* lanes elements of Z/p^(s+1), canonical */
    vs_word *x, *power;  /* bundles of Z/p^(s+1) */
    vs_word *message[2]; /* bundles of Z/p^s and Z/q^s */
    vs_word *join;       /* bundle of Z/q^s */
    vs_word *garner;     /* lanes elements of Z/p^s, canonical */
    vs_word *wide;       /* integers while joining */
    vs_word *scratch;
};

static size_t max_size(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t sec_words(size_t L, size_t s) {
    size_t P = L / 2;
    size_t divide = (size_t)mpn_sec_div_qr_itch((mp_size_t)(s * L), (mp_size_t)L);
    size_t multiply = (size_t)mpn_sec_mul_itch((mp_size_t)(s * P + P), (mp_size_t)(s * P));
    return max_size(divide, multiply);
}

static size_t carve(const vs_secret_key *sk, vs__decryptor *r, vs_word *memory) {
    const vs_ring *ring = sk->half[0].ring;
    const vs_one_plus_n *group = &sk->half[0].group;
    size_t L = sk->pk->info.bits / 64, P = L / 2, s = sk->pk->info.degree, lanes = ring->lanes, at = 0;
    size_t bundle = vs_ring_bundle_words(ring), message = vs_ring_bundle_words(group->exponents);
    size_t scratch = max_size(vs_ring_pow_words(ring), vs_one_plus_n_words(group));
    vs_word **const parts[] = {&r->digits, &r->x,      &r->power, &r->message[0], &r->message[1],
                               &r->join,   &r->garner, &r->wide,  &r->scratch};
    const size_t sizes[] = {lanes * (s + 1) * P,
                            bundle,
                            bundle,
                            message,
                            message,
                            message,
                            lanes * s * P,
                            lanes * s * P + 4 * s * L + 2 * L,
                            max_size(scratch, sec_words(L, s))};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        *parts[i] = memory == NULL ? NULL : memory + at;
        at += (sizes[i] + 7) / 8 * 8;
    }
    return at;
}

/* Take p off once where x >= p, and return whether it was: x < 2p, both of P limbs. */
static limb subtract_once(limb *x, const limb *p, mp_size_t P) {
    limb below = mpn_sub_n(x, x, p, P);
    mpn_cnd_add_n(below, x, x, p, P);
    return 1 - below;
}

/* A number of P limbs as element of Z/p^(s+1). Primes have their top bit set, so it is below 2p: p comes off at most
 * once, and then counts as 1 one digit up. */
static void number_to_element(const vs_key_half *half, vs_word *out, const vs_word *in) {
    size_t P = half->ring->digit_limbs;
    memset(out, 0, vs_ring_element_limbs(half->ring) * sizeof *out);
    memcpy(out, in, P * sizeof *out);
    out[P] = subtract_once((limb *)out, (const limb *)half->prime, (mp_size_t)P);
}

/* r->x = ciphertexts modulo p^(s+1), in digits in base p: Horner in n over the digits in base n, each of which is
 * its lower P limbs and its upper ones times 2^(64·P). No division by a secret. */
static void to_prime(const vs_key_half *half, vs__decryptor *r, const vs_word *ciphertext) {
    const vs_ring *ring = half->ring;
    size_t P = ring->digit_limbs, element = vs_ring_element_limbs(ring), digits = ring->degree + 1;
    memset(r->x, 0, vs_ring_bundle_words(ring) * sizeof *r->x);
    for (size_t part = 2 * digits; part-- > 0;) {
        for (size_t lane = 0; lane < ring->lanes; lane++) {
            number_to_element(half, r->digits + lane * element, ciphertext + (lane * 2 * digits + part) * P);
        }
        vs_ring_load(ring, r->power, r->digits, element, ring->lanes);
        if (part % 2 == 1) {
            if (part + 1 < 2 * digits) {
                vs_ring_mul(ring, r->x, r->x, half->modulus, r->scratch);
            }
            vs_ring_mul(ring, r->power, r->power, half->upper, r->scratch);
        }
        vs_ring_add(ring, r->x, r->x, r->power);
    }
}

/* 0 if digit 0 of each element is 1. */
static vs_word lowest_differs_from_one(const vs_word *elements, size_t lanes, size_t element, size_t limbs) {
    vs_word difference = 0;
    for (size_t lane = 0; lane < lanes; lane++) {
        difference |= elements[lane * element] ^ 1;
        for (size_t i = 1; i < limbs; i++) {
            difference |= elements[lane * element + i];
        }
    }
    return difference;
}

/* r->digits = x^d, canonical. */
static void raise_to_order(const vs_key_half *half, vs__decryptor *r) {
    const vs_ring *ring = half->ring;
    size_t element = vs_ring_element_limbs(ring), lanes = ring->lanes;
    vs_ring_mul(ring, r->x, r->x, ring->square, r->scratch);
    vs_ring_pow(ring, r->power, r->x, half->order, half->order_bits, r->scratch);
    vs_ring_mul(ring, r->power, r->power, ring->unity, r->scratch);
    vs_ring_store(ring, r->digits, r->power, element, lanes);
    r->wrong |= lowest_differs_from_one(r->digits, lanes, element, ring->digit_limbs);
}

/* message = ℓ(v)/ℓ(b) from the canonical 1 + p·v in r->digits. */
static void take_logarithm(const vs_key_half *half, vs_word *message, vs__decryptor *r) {
    const vs_ring *ring = half->group.exponents;
    vs_ring_load(ring, message, r->digits + ring->digit_limbs, vs_ring_element_limbs(half->ring), ring->lanes);
    vs_one_plus_n_log(&half->group, message, message, r->scratch);
    vs_ring_mul(ring, message, message, half->log_scale, r->scratch);
}

/* r->join = m_p as element of Z/q^s: Horner in p over its digits in base p, each below 2q. */
static void to_other_prime(vs__decryptor *r) {
    const vs_secret_key *sk = r->sk;
    const vs_ring *from = sk->half[0].group.exponents, *to = sk->half[1].group.exponents;
    size_t P = to->digit_limbs, s = to->degree + 1, lanes = to->lanes;
    vs_word *element = r->wide;
    vs_word *bundle = r->power;
    vs_ring_store(from, r->garner, r->message[0], s * P, lanes);
    for (size_t i = s; i-- > 0;) {
        for (size_t lane = 0; lane < lanes; lane++) {
            vs_word *out = element + lane * s * P;
            memset(out, 0, s * P * sizeof *out);
            memcpy(out, r->garner + (lane * s + i) * P, P * sizeof *out);
            limb carry = subtract_once((limb *)out, (const limb *)sk->half[1].prime, (mp_size_t)P);
            if (s >= 2) {
                out[P] = carry;
            }
        }
        vs_ring_load(to, bundle, element, s * P, lanes);
        if (i == s - 1) {
            memcpy(r->join, bundle, vs_ring_bundle_words(to) * sizeof *bundle);
        } else {
            vs_ring_mul(to, r->join, r->join, sk->garner.prime, r->scratch);
            vs_ring_add(to, r->join, r->join, bundle);
        }
    }
}

/* value = Σ digits_i · base^i as an integer of s · P limbs. */
static void integer_of(limb *value, const limb *digits, const limb *base, mp_size_t P, size_t s, limb *product,
                       limb *sec) {
    memset(value, 0, s * (size_t)P * sizeof *value);
    memcpy(value, digits + (mp_size_t)(s - 1) * P, (size_t)P * sizeof *value);
    for (size_t i = s - 1; i-- > 0;) {
        mp_size_t len = (mp_size_t)(s - 1 - i) * P;
        mpn_sec_mul(product, value, len, base, P, sec);
        memcpy(value, product, (size_t)(len + P) * sizeof *value);
        limb carry = mpn_add_n(value, value, digits + (mp_size_t)i * P, P);
        for (mp_size_t j = P; j < len + P; j++) {
            value[j] += carry;
            carry = value[j] < carry;
        }
    }
}

/* out = m_p + p^s·t, below n^s, as s digits in base n; t canonical in base q. */
static void assemble(vs__decryptor *r, vs_word *out, const vs_word *m_p, const vs_word *t) {
    const vs_secret_key *sk = r->sk;
    size_t s = sk->pk->info.degree;
    mp_size_t P = (mp_size_t)sk->half[0].ring->digit_limbs, L = 2 * P, len = (mp_size_t)s * P;
    limb *low = (limb *)r->wide, *high = low + len, *value = high + len, *spare = value + 2 * len;
    limb *sec = (limb *)r->scratch;
    integer_of(low, (const limb *)m_p, (const limb *)sk->half[0].prime, P, s, value, sec);
    integer_of(high, (const limb *)t, (const limb *)sk->half[1].prime, P, s, value, sec);
    mpn_sec_mul(value, high, len, (const limb *)sk->garner.power, len, sec);
    limb carry = mpn_add_n(value, value, low, len);
    for (mp_size_t j = len; j < 2 * len; j++) {
        value[j] += carry;
        carry = value[j] < carry;
    }
    for (size_t i = 0; i + 1 < s; i++) {
        mp_size_t left = (mp_size_t)(s - i) * L;
        mpn_sec_div_qr(spare, value, left, (const limb *)sk->pk->ring->modulus, L, sec);
        memcpy(out + (mp_size_t)i * L, value, (size_t)L * sizeof *out);
        memcpy(value, spare, (size_t)(left - L) * sizeof *value);
    }
    memcpy(out + (mp_size_t)(s - 1) * L, value, (size_t)L * sizeof *out);
}

void vs__decryptor_run(vs__decryptor *r, vs_word *plain, const vs_word *ciphertext) {
    const vs_secret_key *sk = r->sk;
    const vs_ring *ring = sk->half[1].group.exponents;
    size_t P = ring->digit_limbs, s = ring->degree + 1;
    for (unsigned i = 0; i < 2; i++) {
        to_prime(&sk->half[i], r, ciphertext);
        raise_to_order(&sk->half[i], r);
        take_logarithm(&sk->half[i], r->message[i], r);
    }
    to_other_prime(r);
    vs_ring_sub(ring, r->join, r->message[1], r->join);
    vs_ring_mul(ring, r->join, r->join, sk->garner.inverse, r->scratch);
    vs_ring_store(ring, r->digits, r->join, s * P, ring->lanes);
    for (size_t lane = 0; lane < ring->lanes; lane++) {
        assemble(r, plain + lane * s * 2 * P, r->garner + lane * s * P, r->digits + lane * s * P);
    }
}

vs_status vs__decryptor_verdict(const vs__decryptor *r) {
    if (vs_reveal(r->wrong == 0)) {
        return VS_OK;
    }
    return r->sk->pk->info.type == VS_KEY_SUBGROUP ? VS_ERR_RANGE : VS_ERR_FAULT;
}

vs_status vs__decryptor_new(vs__decryptor **out, const vs_secret_key *sk) {
    vs__decryptor measured;
    size_t head = (sizeof measured + 63) / 64 * 64;
    size_t words = carve(sk, &measured, NULL);
    vs__decryptor *r = vs_secret_alloc(head + words * sizeof(vs_word));
    *out = r;
    if (r == NULL) {
        return VS_ERR_MEMORY;
    }
    r->sk = sk;
    r->wrong = 0;
    (void)carve(sk, r, (vs_word *)((char *)r + head));
    return VS_OK;
}

void vs__decryptor_free(vs__decryptor *r) {
    vs_secret_free(r);
}
