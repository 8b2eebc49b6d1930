#include <string.h>

#include "crypto/ring/backend.h"
#include "crypto/ring/ring.h"

/* Bits of a window. A look-up with a secret index reads the whole table, which with four bits still fits the nearest
 * cache for the primes of 2048-bit keys; for few bits, those of subgroup keys, a smaller one pays. For public exponents
 * five bits are within 2% of the best width from 512 to 4096 bits. */
static unsigned secret_window(size_t exponent_bits) {
    return exponent_bits < 512 ? 3 : 4;
}

#define PUBLIC_WINDOW 5u
#define MAX_ENTRIES (1u << PUBLIC_WINDOW)

size_t vs_ring_pow_words(const vs_ring *ring) {
    return (MAX_ENTRIES + 1) * vs_ring_bundle_words(ring) + ring->scratch_words;
}

/* Bits `at` .. `at` + window − 1 of an exponent of `limbs` limbs; those above its end are 0. */
static size_t window_at(const vs_word *exponent, size_t limbs, size_t at, unsigned window) {
    size_t limb = at / 64, shift = at % 64;
    vs_word value = limb < limbs ? exponent[limb] >> shift : 0;
    if (shift + window > 64 && limb + 1 < limbs) {
        value |= exponent[limb + 1] << (64 - shift);
    }
    return (size_t)(value & ((1u << window) - 1));
}

/* Powers 0 .. entries − 1 of x. */
static void fill_table(const vs_ring *ring, vs_word *table, const vs_word *x, size_t entries, vs_word *scratch) {
    size_t bundle = vs_ring_bundle_words(ring);
    memcpy(table, ring->one, bundle * sizeof *table);
    memmove(table + bundle, x, bundle * sizeof *table);
    for (size_t i = 2; i < entries; i++) {
        vs_word *entry = table + i * bundle;
        if (i % 2 == 0) {
            vs_ring_sqr(ring, entry, table + i / 2 * bundle, scratch);
        } else {
            vs_ring_mul(ring, entry, entry - bundle, table + bundle, scratch);
        }
    }
}

static void square_times(const vs_ring *ring, vs_word *z, unsigned times, vs_word *scratch) {
    for (unsigned k = 0; k < times; k++) {
        vs_ring_sqr(ring, z, z, scratch);
    }
}

void vs_ring_pow(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *exponent, size_t exponent_bits,
                 vs_word *scratch) {
    const unsigned window = secret_window(exponent_bits);
    const size_t bundle = vs_ring_bundle_words(ring), limbs = (exponent_bits + 63) / 64, entries = (size_t)1 << window;
    vs_word *table = scratch, *entry = table + entries * bundle, *inner = entry + bundle;
    fill_table(ring, table, x, entries, inner);
    size_t windows = (exponent_bits + window - 1) / window;
    for (size_t i = windows; i-- > 0;) {
        size_t index = window_at(exponent, limbs, i * window, window);
        if (i + 1 == windows) {
            ring->backend->select(z, table, bundle, entries, index);
        } else {
            square_times(ring, z, window, inner);
            ring->backend->select(entry, table, bundle, entries, index);
            vs_ring_mul(ring, z, z, entry, inner);
        }
    }
    if (windows == 0) {
        memcpy(z, ring->one, bundle * sizeof *z);
    }
}

/* Bit by bit from the top. */
static void pow_small(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word e, vs_word *scratch) {
    size_t bundle = vs_ring_bundle_words(ring);
    vs_word *base = scratch, *inner = base + bundle;
    memmove(base, x, bundle * sizeof *base);
    memcpy(z, ring->one, bundle * sizeof *z);
    for (int bit = e == 0 ? 0 : 64 - __builtin_clzll(e); bit-- > 0;) {
        vs_ring_sqr(ring, z, z, inner);
        if (e >> bit & 1) {
            vs_ring_mul_var(ring, z, z, base, inner);
        }
    }
}

void vs_ring_pow_var(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *exponent, size_t exponent_limbs,
                     vs_word *scratch) {
    size_t bundle = vs_ring_bundle_words(ring);
    while (exponent_limbs > 0 && exponent[exponent_limbs - 1] == 0) {
        exponent_limbs--;
    }
    if (exponent_limbs <= 1) {
        pow_small(ring, z, x, exponent_limbs == 0 ? 0 : exponent[0], scratch);
        return;
    }
    vs_word *table = scratch, *inner = table + (MAX_ENTRIES + 1) * bundle;
    fill_table(ring, table, x, MAX_ENTRIES, inner);
    memcpy(z, ring->one, bundle * sizeof *z);
    for (size_t i = (exponent_limbs * 64 + PUBLIC_WINDOW - 1) / PUBLIC_WINDOW; i-- > 0;) {
        square_times(ring, z, PUBLIC_WINDOW, inner);
        size_t index = window_at(exponent, exponent_limbs, i * PUBLIC_WINDOW, PUBLIC_WINDOW);
        vs_ring_mul_var(ring, z, z, table + index * bundle, inner);
    }
}
