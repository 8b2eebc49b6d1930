/* The ring's kernels, as they are timed: one bundle over and over, which stays in the nearest cache. */
#include <string.h>

#include "bench/operations.h"

void run_product(void *context, size_t count) {
    subject *s = context;
    const vs_ring *ring = s->pk->ring;
    for (size_t i = 0; i < count; i += ring->lanes) {
        vs_ring_mul(ring, s->x, s->x, ring->square, s->scratch);
    }
}

void run_square(void *context, size_t count) {
    subject *s = context;
    const vs_ring *ring = s->pk->ring;
    for (size_t i = 0; i < count; i += ring->lanes) {
        vs_ring_sqr(ring, s->x, s->x, s->scratch);
    }
}

/* Half of a decryption without what surrounds it: modulo a power of p, an exponent as long as p. */
void run_power(void *context, size_t count) {
    subject *s = context;
    const vs_ring *ring = s->sk->half[0].ring;
    for (size_t i = 0; i < count; i += ring->lanes) {
        vs_ring_pow(ring, s->x, ring->square, s->power, s->bits / 2, s->scratch);
    }
    memcpy(s->x, s->pk->ring->square, vs_ring_bundle_words(s->pk->ring) * sizeof *s->x);
}

void prepare_element(void *context, unsigned level) {
    subject *s = context;
    const vs_ring *ring = s->pk->ring;
    size_t limbs = ring->digit_limbs, all = ring->lanes * vs_ring_element_limbs(ring);
    density_fill(s->canonical, all * sizeof *s->canonical, level);
    for (size_t top = limbs - 1; top < all; top += limbs) {
        s->canonical[top] &= ~(vs_word)0 >> 1; /* below n */
    }
    vs_ring_load(ring, s->x, s->canonical, vs_ring_element_limbs(ring), ring->lanes);
}

void prepare_exponent(void *context, unsigned level) {
    subject *s = context;
    density_fill(s->power, s->bits / 16, level);
}
