#include "crypto/ring/ring.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/ring/backend.h"
#include "crypto/ring/power_of_two.h"
#include "crypto/secret.h"

size_t vs_ring_bundle_words(const vs_ring *ring) {
    return (ring->degree + 1) * ring->digit_words;
}

size_t vs_ring_element_limbs(const vs_ring *ring) {
    return (ring->degree + 1) * ring->digit_limbs;
}

const char *vs_ring_backend_name(const vs_ring *ring) {
    return ring->backend->name;
}

static void *ring_alloc(bool secret, size_t len) {
    void *memory = secret ? vs_secret_alloc(len) : vs_lines_alloc(len);
    if (memory != NULL) {
        memset(memory, 0, len);
    }
    return memory;
}

static void ring_release(bool secret, void *memory) {
    if (secret) {
        vs_secret_free(memory);
    } else {
        free(memory);
    }
}

/* 1, R and R² in every lane. */
static vs_status constants(vs_ring *ring) {
    vs_word *x = ring_alloc(ring->secret, vs_ring_element_limbs(ring) * sizeof *x);
    if (x == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *const targets[3] = {ring->unity, ring->one, ring->square};
    for (unsigned i = 0; i < 3; i++) {
        vs__power_of_two(ring, x, i * ring->radix_bits);
        vs_ring_broadcast(ring, targets[i], x);
    }
    ring_release(ring->secret, x);
    return VS_OK;
}

vs_status vs__ring_make(vs_ring **out, const vs_backend *backend, const vs_word *modulus, size_t limbs, unsigned degree,
                        bool secret) {
    *out = NULL;
    if (backend == NULL || limbs == 0 || limbs > VS_MAX_RING_BITS / 64 || degree > VS_MAX_RING_DEGREE ||
        modulus[0] % 2 == 0 || modulus[limbs - 1] == 0 || (limbs == 1 && modulus[0] < 3)) {
        return VS_ERR_RANGE;
    }
    vs_ring shape = {.backend = backend,
                     .degree = degree,
                     .bits = 64u * (unsigned)limbs,
                     .secret = secret,
                     .lanes = backend->lanes,
                     .digit_limbs = limbs};
    size_t state_words = backend->shape(&shape);
    size_t bundle = vs_ring_bundle_words(&shape);
    size_t head = (sizeof(vs_ring) + 63) / 64 * 64;
    vs_ring *ring = ring_alloc(secret, head + (limbs + 3 * bundle + state_words) * sizeof(vs_word));
    if (ring == NULL) {
        return VS_ERR_MEMORY;
    }
    *ring = shape;
    ring->one = (vs_word *)((char *)ring + head);
    ring->unity = ring->one + bundle;
    ring->square = ring->unity + bundle;
    ring->state = ring->square + bundle;
    ring->modulus = ring->state + state_words;
    memcpy(ring->modulus, modulus, limbs * sizeof *modulus);
    backend->setup(ring);
    vs_status status = constants(ring);
    if (status != VS_OK) {
        vs_ring_free(ring);
        return status;
    }
    *out = ring;
    return VS_OK;
}

vs_status vs_ring_new(vs_ring **ring, const vs_word *modulus, size_t limbs, unsigned degree, bool secret) {
    return vs__ring_make(ring, vs__backend_default(), modulus, limbs, degree, secret);
}

vs_status vs_ring_new_on(vs_ring **ring, const char *backend, const vs_word *modulus, size_t limbs, unsigned degree,
                         bool secret) {
    return vs__ring_make(ring, vs__backend_named(backend), modulus, limbs, degree, secret);
}

void vs_ring_free(vs_ring *ring) {
    if (ring != NULL) {
        ring_release(ring->secret, ring);
    }
}

void vs_ring_load(const vs_ring *ring, vs_word *z, const void *x, size_t stride, size_t count) {
    ring->backend->load(ring, z, x, ring->degree + 1, stride, count);
}

void vs_ring_store(const vs_ring *ring, void *x, const vs_word *z, size_t stride, size_t count) {
    ring->backend->store(ring, x, z, ring->degree + 1, stride, count);
}

void vs_ring_broadcast(const vs_ring *ring, vs_word *z, const vs_word *x) {
    ring->backend->load(ring, z, x, ring->degree + 1, 0, ring->lanes);
}

void vs_ring_canonical(const vs_ring *ring, vs_word *z, const vs_word *x) {
    ring->backend->canonical(ring, z, x, ring->degree + 1);
}

unsigned vs_ring_out_of_range(const vs_ring *ring, const vs_word *z) {
    return ring->backend->out_of_range(ring, z, ring->degree + 1);
}

void vs_ring_mul(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    ring->backend->mul(ring, z, x, y, scratch);
}

void vs_ring_sqr(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word *scratch) {
    ring->backend->sqr(ring, z, x, scratch);
}

void vs_ring_mul_digit(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    ring->backend->mul_digit(ring, z, x, y, scratch);
}

void vs_ring_mul_var(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    ring->backend->mul_var(ring, z, x, y, scratch);
}

void vs_ring_add(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y) {
    ring->backend->add(ring, z, x, y);
}

void vs_ring_sub(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y) {
    ring->backend->sub(ring, z, x, y);
}

void vs_ring_shift(const vs_ring *ring, vs_word *z, const vs_word *x) {
    size_t digit = ring->digit_words;
    memmove(z + digit, x, ring->degree * digit * sizeof *z);
    memset(z, 0, digit * sizeof *z);
}
