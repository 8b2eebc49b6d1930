#include <string.h>

#include "crypto/ring/backend.h"
#include "crypto/ring/ring.h"

/* Five bits a window: for exponents of 512 to 4096 bits within 2% of the best width, and a table of 32 entries. */
#define WINDOW 5u
#define ENTRIES (1u << WINDOW)

size_t vs_ring_pow_words(const vs_ring *ring) {
    return (ENTRIES + 1) * vs_ring_bundle_words(ring) + ring->scratch_words;
}

/* Bits `at` .. `at` + WINDOW − 1 of an exponent of `limbs` limbs; those above its end are 0. */
static size_t window_at(const vs_word *exponent, size_t limbs, size_t at) {
    size_t limb = at / 64, shift = at % 64;
    vs_word value = limb < limbs ? exponent[limb] >> shift : 0;
    if (shift + WINDOW > 64 && limb + 1 < limbs) {
        value |= exponent[limb + 1] << (64 - shift);
    }
    return (size_t)(value & (ENTRIES - 1));
}

static void fill_table(const vs_ring *ring, vs_word *table, const vs_word *x, vs_word *scratch) {
    size_t bundle = vs_ring_bundle_words(ring);
    memcpy(table, ring->one, bundle * sizeof *table);
    memmove(table + bundle, x, bundle * sizeof *table);
    for (size_t i = 2; i < ENTRIES; i++) {
        vs_word *entry = table + i * bundle;
        if (i % 2 == 0) {
            vs_ring_sqr(ring, entry, table + i / 2 * bundle, scratch);
        } else {
            vs_ring_mul(ring, entry, entry - bundle, table + bundle, scratch);
        }
    }
}

void vs_ring_pow(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *exponent, size_t exponent_bits,
                 vs_word *scratch) {
    size_t bundle = vs_ring_bundle_words(ring), limbs = (exponent_bits + 63) / 64;
    vs_word *table = scratch, *entry = table + ENTRIES * bundle, *inner = entry + bundle;
    fill_table(ring, table, x, inner);
    size_t windows = (exponent_bits + WINDOW - 1) / WINDOW;
    memcpy(z, ring->one, bundle * sizeof *z);
    for (size_t i = windows; i-- > 0;) {
        for (unsigned k = 0; k < WINDOW && i + 1 < windows; k++) {
            vs_ring_sqr(ring, z, z, inner);
        }
        ring->backend->select(entry, table, bundle, ENTRIES, window_at(exponent, limbs, i * WINDOW));
        vs_ring_mul(ring, z, z, entry, inner);
    }
}

void vs_ring_pow_var(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *exponent, size_t exponent_limbs,
                     vs_word *scratch) {
    size_t bundle = vs_ring_bundle_words(ring);
    while (exponent_limbs > 0 && exponent[exponent_limbs - 1] == 0) {
        exponent_limbs--;
    }
    if (exponent_limbs > 1) {
        vs_ring_pow(ring, z, x, exponent, exponent_limbs * 64, scratch);
        return;
    }
    /* Small exponents: bit by bit from the top. */
    vs_word *base = scratch, *inner = base + bundle;
    vs_word e = exponent_limbs == 0 ? 0 : exponent[0];
    memmove(base, x, bundle * sizeof *base);
    memcpy(z, ring->one, bundle * sizeof *z);
    for (int bit = e == 0 ? 0 : 64 - __builtin_clzll(e); bit-- > 0;) {
        vs_ring_sqr(ring, z, z, inner);
        if (e >> bit & 1) {
            vs_ring_mul_var(ring, z, z, base, inner);
        }
    }
}
