#include "crypto/ring/one_plus_n.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/ring/backend.h"
#include "crypto/secret.h"

/* The lowest digit of 1/k: (1 + n·t)/k for the one t < k that makes the division exact. False where k and n share a
 * factor. Divisions take variable time: admitted, once per key. */
static bool lowest_inverse(const vs_ring *ring, vs_word *x, unsigned k) {
    size_t limbs = ring->digit_limbs;
    __extension__ typedef unsigned __int128 wide;
    unsigned residue = 0;
    for (size_t i = limbs; i-- > 0;) {
        residue = (unsigned)((((wide)residue << 64) + ring->modulus[i]) % k);
    }
    unsigned t = 0;
    while (t < k && (1 + residue * t) % k != 0) {
        t++;
    }
    if (t == k) {
        return false;
    }
    /* (1 + n·t)/k, by long division from the top: n·t + 1 < k·2^(64·limbs). */
    wide carry = 1;
    vs_word top = 0;
    for (size_t i = 0; i < limbs; i++) {
        carry += (wide)ring->modulus[i] * t;
        x[i] = (vs_word)carry;
        carry >>= 64;
    }
    top = (vs_word)carry;
    wide rest = top;
    for (size_t i = limbs; i-- > 0;) {
        rest = (rest << 64) | x[i];
        x[i] = (vs_word)(rest / k);
        rest %= k;
    }
    return true;
}

void vs_ring_lift_inverse(const vs_ring *ring, vs_word *x, const vs_word *y, vs_word *scratch) {
    vs_word *t = scratch, *inner = t + vs_ring_bundle_words(ring);
    for (unsigned right = 1; right <= ring->degree; right *= 2) {
        vs_ring_mul(ring, t, x, y, inner);
        vs_ring_sub(ring, t, ring->one, t);
        vs_ring_add(ring, t, t, ring->one);
        vs_ring_mul(ring, x, x, t, inner);
    }
}

static vs_status fill_inverses(vs_one_plus_n *group, unsigned degree) {
    const vs_ring *ring = group->exponents;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    vs_word *scratch = vs_secret_alloc((element + 2 * bundle + ring->scratch_words) * sizeof *scratch);
    if (scratch == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_status status = VS_OK;
    vs_word *canonical = scratch, *value = canonical + element,
            *rest = value + bundle; /* value: k in Montgomery form */
    for (unsigned k = 1; k <= degree && status == VS_OK; k++) {
        vs_word *x = group->inverse + (k - 1) * bundle;
        if (!lowest_inverse(ring, canonical, k)) {
            status = VS_ERR_RANGE;
            break;
        }
        vs_ring_broadcast(ring, x, canonical);
        vs_ring_mul(ring, x, x, ring->square, rest);
        vs_ring_add(ring, value, value, ring->one);
        vs_ring_lift_inverse(ring, x, value, rest);
    }
    vs_secret_free(scratch);
    return status;
}

vs_status vs_one_plus_n_init(vs_one_plus_n *group, const vs_word *modulus, size_t limbs, unsigned degree, bool secret) {
    memset(group, 0, sizeof *group);
    if (degree == 0) {
        return VS_ERR_RANGE;
    }
    vs_status status = vs_ring_new(&group->exponents, modulus, limbs, degree - 1, secret);
    if (status == VS_OK) {
        group->inverse = vs_secret_alloc(degree * vs_ring_bundle_words(group->exponents) * sizeof *group->inverse);
        status = group->inverse == NULL ? VS_ERR_MEMORY : fill_inverses(group, degree);
    }
    if (status != VS_OK) {
        vs_one_plus_n_clear(group);
    }
    return status;
}

void vs_one_plus_n_clear(vs_one_plus_n *group) {
    vs_ring_free(group->exponents);
    vs_secret_free(group->inverse);
    memset(group, 0, sizeof *group);
}

size_t vs_one_plus_n_words(const vs_one_plus_n *group) {
    return 3 * vs_ring_bundle_words(group->exponents) + group->exponents->scratch_words;
}

void vs_one_plus_n_exp(const vs_one_plus_n *group, vs_word *v, const vs_word *e, vs_word *scratch) {
    const vs_ring *ring = group->exponents;
    size_t bundle = vs_ring_bundle_words(ring);
    if (ring->degree == 0) {
        memmove(v, e, bundle * sizeof *v);
        return;
    }
    vs_word *em = scratch, *factor = em + bundle, *acc = factor + bundle, *inner = acc + bundle;
    vs_ring_mul(ring, em, e, ring->square, inner);
    memcpy(acc, ring->one, bundle * sizeof *acc);
    for (unsigned k = ring->degree + 1; k >= 2; k--) {
        memcpy(factor, em, bundle * sizeof *factor);
        for (unsigned i = 1; i < k; i++) {
            vs_ring_sub(ring, factor, factor, ring->one);
        }
        vs_ring_mul(ring, factor, factor, group->inverse + (k - 1) * bundle, inner);
        vs_ring_mul(ring, acc, acc, factor, inner);
        vs_ring_shift(ring, acc, acc);
        vs_ring_add(ring, acc, acc, ring->one);
    }
    vs_ring_mul(ring, v, acc, e, inner);
}

void vs_one_plus_n_log(const vs_one_plus_n *group, vs_word *l, const vs_word *v, vs_word *scratch) {
    const vs_ring *ring = group->exponents;
    size_t bundle = vs_ring_bundle_words(ring);
    if (ring->degree == 0) {
        memmove(l, v, bundle * sizeof *l);
        return;
    }
    vs_word *vm = scratch, *acc = vm + bundle, *inner = acc + bundle;
    vs_ring_mul(ring, vm, v, ring->square, inner);
    memcpy(acc, group->inverse + ring->degree * bundle, bundle * sizeof *acc);
    for (unsigned k = ring->degree; k >= 1; k--) {
        vs_ring_mul(ring, acc, acc, vm, inner);
        vs_ring_shift(ring, acc, acc);
        vs_ring_sub(ring, acc, group->inverse + (k - 1) * bundle, acc);
    }
    vs_ring_mul(ring, l, acc, v, inner);
}

void vs_one_plus_n_multiply(const vs_one_plus_n *group, const vs_ring *ring, vs_word *z, const vs_word *x,
                            const vs_word *e, vs_word *scratch) {
    const vs_ring *exponents = group->exponents;
    size_t digit = ring->digit_words;
    vs_word *power = scratch, *inner = power + vs_ring_bundle_words(ring);
    vs_one_plus_n_exp(group, power + digit, e, inner);
    vs_ring_mul(exponents, power + digit, power + digit, exponents->square, inner);
    vs_ring_mul(exponents, power + digit, power + digit, x, inner);
    memset(power, 0, digit * sizeof *power);
    vs_ring_add(ring, z, x, power);
}
