/* Before a backend is used for the first time it computes something that `gmp` computes, too: a processor, an emulator
 * or a compiler that gets the instructions wrong would otherwise make wrong totals. */
#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/ring/backend.h"

#define LIMBS 16u /* 1024 bits: the shortest primes of keys */
#define DEGREE 1u
#define ELEMENT ((DEGREE + 1) * LIMBS)
#define LANES 8u
#define RESULTS 3u

/* Fixed words without a pattern that arithmetic could favour: Knuth's generator for MMIX, folded. */
static vs_word next_word(vs_word *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state ^ *state >> 29;
}

static void fill(vs_word *x, size_t words, vs_word *state) {
    for (size_t i = 0; i < words; i++) {
        x[i] = next_word(state);
    }
}

/* Digits below a modulus whose top bit is set; in lane 0 as large as they may be. */
static void fill_elements(vs_word *x, const vs_word *modulus, vs_word *state) {
    fill(x, LANES * ELEMENT, state);
    for (size_t digit = 0; digit < LANES * (DEGREE + 1); digit++) {
        x[digit * LIMBS + LIMBS - 1] >>= 1;
    }
    for (size_t digit = 0; digit <= DEGREE; digit++) {
        memcpy(x + digit * LIMBS, modulus, LIMBS * sizeof *x);
        x[digit * LIMBS] -= 1; /* odd: no borrow */
    }
}

/* out: x·y, x² and x·(digit 0 of y), canonical, one result after the other, for all lanes. */
static void compute(const vs_ring *ring, vs_word *out, const vs_word *x, const vs_word *y, vs_word *memory) {
    size_t bundle = vs_ring_bundle_words(ring), lanes = ring->lanes;
    vs_word *a = memory, *b = a + bundle, *z = b + bundle, *scratch = z + bundle;
    for (size_t lane = 0; lane < LANES; lane += lanes) {
        vs_ring_load(ring, a, x + lane * ELEMENT, ELEMENT, lanes);
        vs_ring_load(ring, b, y + lane * ELEMENT, ELEMENT, lanes);
        vs_ring_mul(ring, a, a, ring->square, scratch);
        vs_ring_mul(ring, z, a, b, scratch);
        vs_ring_store(ring, out + lane * ELEMENT, z, ELEMENT, lanes);
        vs_ring_sqr(ring, z, a, scratch);
        vs_ring_mul(ring, z, z, ring->unity, scratch);
        vs_ring_store(ring, out + (LANES + lane) * ELEMENT, z, ELEMENT, lanes);
        vs_ring_mul_digit(ring, z, a, b, scratch);
        vs_ring_store(ring, out + (2 * LANES + lane) * ELEMENT, z, ELEMENT, lanes);
    }
}

static bool run(const vs_backend *backend, vs_word *out, const vs_word *modulus, const vs_word *x, const vs_word *y) {
    vs_ring *ring = NULL;
    vs_word *memory = NULL;
    bool good = LANES % backend->lanes == 0 && vs__ring_make(&ring, backend, modulus, LIMBS, DEGREE, false) == VS_OK;
    if (good) {
        memory = vs_lines_alloc((3 * vs_ring_bundle_words(ring) + ring->scratch_words) * sizeof *memory);
        good = memory != NULL;
    }
    if (good) {
        compute(ring, out, x, y, memory);
    }
    free(memory);
    vs_ring_free(ring);
    return good;
}

bool vs__backend_agrees(const vs_backend *backend) {
    vs_word modulus[LIMBS], x[LANES * ELEMENT], y[LANES * ELEMENT], state = 20240229;
    vs_word here[RESULTS * LANES * ELEMENT], there[RESULTS * LANES * ELEMENT];
    fill(modulus, LIMBS, &state);
    modulus[0] |= 1;
    modulus[LIMBS - 1] |= (vs_word)1 << 63;
    fill_elements(x, modulus, &state);
    fill_elements(y, modulus, &state);
    return run(backend, here, modulus, x, y) && run(&vs__backend_gmp, there, modulus, x, y) &&
           memcmp(here, there, sizeof here) == 0;
}
