/* The ring Z/n^(s+1), its elements kept as s + 1 digits in base n, each modulo n.
 *
 * A product is a truncated polynomial product with one Montgomery reduction modulo n per digit, whose quotient is the
 * borrow into the next digit, so that nothing longer than two digits is ever multiplied or reduced. papers/ring.md has
 * the proof. With R = 2^radix_bits, vs_ring_mul computes x·y·R⁻¹ mod n^(s+1).
 *
 * Inside, elements travel in bundles: as many elements as the backend's kernels handle at once (`lanes`), in the
 * backend's own layout. A bundle is (degree + 1) · digit_words words; the word count of k digits is k · digit_words.
 * Outside, elements are canonical: digits below n, lowest first, each digit_limbs 64-bit limbs, lowest first. Load and
 * store go between the two and do not multiply by R: entering and leaving Montgomery form is said where it is done.
 *
 * Kernels are single-threaded and take scratch memory of ring->scratch_words words, which holds what their arguments
 * hold. Outputs may alias inputs. Time depends on the ring and on counts only, except for functions ending in _var.
 */
#ifndef VEILSUM_CRYPTO_RING_RING_H
#define VEILSUM_CRYPTO_RING_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

typedef uint64_t vs_word;

#define VS_MAX_RING_DEGREE 4u
#define VS_MAX_RING_BITS 4096u

typedef struct vs_backend vs_backend;

typedef struct vs_ring {
    const vs_backend *backend;
    unsigned degree; /* s: elements have s + 1 digits */
    unsigned bits;   /* of the modulus n, rounded up to whole limbs */
    bool secret;     /* is n itself a secret? then so is all memory of the ring */
    size_t lanes;
    size_t digit_limbs;   /* canonical */
    size_t digit_words;   /* of one digit of a bundle */
    size_t scratch_words; /* of one kernel call */
    unsigned radix_bits;  /* R = 2^radix_bits */
    vs_word *modulus;     /* n, canonical */
    vs_word *one;         /* a bundle of R mod n^(s+1): 1 in Montgomery form */
    vs_word *unity;       /* a bundle of 1: multiplying by it leaves Montgomery form */
    vs_word *square;      /* a bundle of R²: multiplying by it enters Montgomery form */
    vs_word *state;       /* the backend's own constants */
} vs_ring;

/** Make Z/n^(degree+1) for an odd n > 2 of `limbs` limbs whose top limb is not 0.
 *
 *  Range:   degree 0 .. VS_MAX_RING_DEGREE, limbs 1 .. VS_MAX_RING_BITS / 64.
 *  Secret:  n where `secret` is set (its set-up is variable-time: once per key).
 *  Returns: VS_OK, VS_ERR_RANGE, VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_ring_new(vs_ring **ring, const vs_word *modulus, size_t limbs, unsigned degree, bool secret);
/** The same on a named backend, for tests that compare two: VS_ERR_RANGE where this machine lacks it. */
VS_MUST_CHECK vs_status vs_ring_new_on(vs_ring **ring, const char *backend, const vs_word *modulus, size_t limbs,
                                       unsigned degree, bool secret);
void vs_ring_free(vs_ring *ring);
const char *vs_ring_backend_name(const vs_ring *ring);

/** Does the environment variable VEILSUM_BACKEND, if it is set, name a backend that this machine has, and that computes
 *  what `gmp` does (self_check.c)? VS_ERR_USAGE if not, with `*wanted` what it says. Without the variable it is `ifma`
 *  where that is so, else `gmp`. */
VS_MUST_CHECK vs_status vs_ring_backend_check(const char **wanted);

/** Words of one bundle, and limbs of one canonical element. */
size_t vs_ring_bundle_words(const vs_ring *ring);
size_t vs_ring_element_limbs(const vs_ring *ring);

/** Canonical elements x[0 .. count − 1] (count <= lanes, each `stride` limbs after the other) into a bundle; further
 * lanes hold 0. And back. x are limbs in the machine's own order, at any address. */
void vs_ring_load(const vs_ring *ring, vs_word *z, const void *x, size_t stride, size_t count);
void vs_ring_store(const vs_ring *ring, void *x, const vs_word *z, size_t stride, size_t count);

/** The same element with canonical digits (inside a bundle they need not be). */
void vs_ring_canonical(const vs_ring *ring, vs_word *z, const vs_word *x);
/** Bit k is set where lane k of what vs_ring_load gave has a digit that is not below n. Constant-time: z may be a
 * message.
 */
unsigned vs_ring_out_of_range(const vs_ring *ring, const vs_word *z);

void vs_ring_mul(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
void vs_ring_sqr(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word *scratch);
/** x·y·R⁻¹ where y has one digit only: 2(s + 1) digit products instead of (s + 1)(s + 4)/2. */
void vs_ring_mul_digit(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
/** x·y·R⁻¹ of public values, as fast as the backend can. */
void vs_ring_mul_var(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
void vs_ring_add(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y);
void vs_ring_sub(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y);
/** z = n·x: every digit one place up, the lowest 0, the highest lost. */
void vs_ring_shift(const vs_ring *ring, vs_word *z, const vs_word *x);

/** The same canonical constant in every lane. */
void vs_ring_broadcast(const vs_ring *ring, vs_word *z, const vs_word *x);

/** x = 1/y from an x that is right modulo n, both in Montgomery form: Newton's x·(2 − y·x), doubling the digits that
 * are right (one_plus_n.c). Scratch: a bundle and scratch_words. */
void vs_ring_lift_inverse(const vs_ring *ring, vs_word *x, const vs_word *y, vs_word *scratch);

/* ---- powers (power.c) ---- */

/** Scratch words of vs_ring_pow and vs_ring_pow_var, kernels' scratch included. */
size_t vs_ring_pow_words(const vs_ring *ring);
/** z = x^e in Montgomery form, one secret exponent of `exponent_bits` bits for all lanes: fixed windows, look-ups that
 * touch every entry. */
void vs_ring_pow(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *exponent, size_t exponent_bits,
                 vs_word *scratch);
/** The same for public x and e. */
void vs_ring_pow_var(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *exponent, size_t exponent_limbs,
                     vs_word *scratch);

#endif
