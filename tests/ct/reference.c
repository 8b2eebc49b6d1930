#include "tests/ct/reference.h"

#include <string.h>

/* z = x + y + carry; returns the carry. */
static vs_word add_limbs(vs_word *z, const vs_word *x, const vs_word *y, size_t limbs, vs_word carry) {
    for (size_t j = 0; j < limbs; j++) {
        __extension__ unsigned __int128 sum = (unsigned __int128)x[j] + y[j] + carry;
        z[j] = (vs_word)sum;
        carry = (vs_word)(sum >> 64);
    }
    return carry;
}

static bool at_least(const vs_word *x, const vs_word *n, size_t limbs) {
    for (size_t j = limbs; j-- > 0;) {
        if (x[j] != n[j]) {
            return x[j] > n[j];
        }
    }
    return true;
}

static void subtract(vs_word *x, const vs_word *n, size_t limbs) {
    vs_word borrow = 0;
    for (size_t j = 0; j < limbs; j++) {
        __extension__ unsigned __int128 difference = (unsigned __int128)x[j] - n[j] - borrow;
        x[j] = (vs_word)difference;
        borrow = (vs_word)(difference >> 64) & 1;
    }
}

void reference_add(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y) {
    size_t limbs = ring->digit_limbs;
    vs_word carry = 0;
    for (size_t i = 0; i <= ring->degree; i++) {
        vs_word *digit = z + i * limbs, over = add_limbs(digit, x + i * limbs, y + i * limbs, limbs, carry);
        carry = over != 0 || at_least(digit, ring->modulus, limbs);
        if (carry) {
            subtract(digit, ring->modulus, limbs);
        }
    }
}

/* Horner's rule over the digits of y, and over the bits of each. */
void reference_mul(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, size_t digits) {
    size_t limbs = ring->digit_limbs, element = (ring->degree + 1) * limbs;
    vs_word product[(VS_MAX_RING_DEGREE + 1) * VS_MAX_RING_BITS / 64];
    memset(z, 0, element * sizeof *z);
    for (size_t i = digits; i-- > 0;) {
        memmove(z + limbs, z, ring->degree * limbs * sizeof *z);
        memset(z, 0, limbs * sizeof *z);
        memset(product, 0, element * sizeof *product);
        for (size_t bit = 64 * limbs; bit-- > 0;) {
            reference_add(ring, product, product, product);
            if (y[i * limbs + bit / 64] >> bit % 64 & 1) {
                reference_add(ring, product, product, x);
            }
        }
        reference_add(ring, z, z, product);
    }
}

void reference_scale(const vs_ring *ring, vs_word *x, unsigned times) {
    for (unsigned i = 0; i < times * ring->radix_bits; i++) {
        reference_add(ring, x, x, x);
    }
}
