/* How batches of ciphertexts become bundles of the ring, for whoever works on public ones. */
#ifndef VEILSUM_CRYPTO_PAILLIER_BATCH_H
#define VEILSUM_CRYPTO_PAILLIER_BATCH_H

#include "crypto/paillier/bytes.h"
#include "crypto/paillier/paillier.h"

/* Bundles in one run of a thread, at most; vs_parallel_grain makes it fewer where that gives work to more threads. */
#define VS_RUN 16

static inline size_t vs__bundle_count(const vs_ring *ring, size_t count) {
    return count / ring->lanes + (count % ring->lanes != 0);
}

/** Elements in bundle `bundle` of `count` elements: `lanes`, or fewer in the last. */
static inline size_t vs__lanes_of(const vs_ring *ring, size_t bundle, size_t count) {
    size_t left = count - bundle * ring->lanes;
    return left < ring->lanes ? left : ring->lanes;
}

/** `lanes` elements out of little-endian bytes, one every `stride` bytes (whole limbs), and back. `canonical`: room for
 * them, on machines of the other byte order. */
static inline void vs__load_bytes(const vs_ring *ring, vs_word *z, const uint8_t *bytes, size_t stride, size_t lanes,
                                  vs_word *canonical) {
    size_t element = vs_ring_element_limbs(ring);
    if (VS_LITTLE_ENDIAN) {
        vs_ring_load(ring, z, bytes, stride / sizeof(vs_word), lanes);
        return;
    }
    for (size_t lane = 0; lane < lanes; lane++) {
        vs__limbs_from_bytes(canonical + lane * element, bytes + lane * stride, element);
    }
    vs_ring_load(ring, z, canonical, element, lanes);
}

static inline void vs__store_bytes(const vs_ring *ring, uint8_t *bytes, size_t stride, const vs_word *z, size_t lanes,
                                   vs_word *canonical) {
    size_t element = vs_ring_element_limbs(ring);
    if (VS_LITTLE_ENDIAN) {
        vs_ring_store(ring, bytes, z, stride / sizeof(vs_word), lanes);
        return;
    }
    vs_ring_store(ring, canonical, z, element, lanes);
    for (size_t lane = 0; lane < lanes; lane++) {
        vs__bytes_from_limbs(bytes + lane * stride, canonical + lane * element, element);
    }
}

/** A bundle of public elements from bytes, one after the other; VS_ERR_RANGE with `*bad` the first one that has a digit
 * not below n. */
static inline vs_status vs__load_public(const vs_ring *ring, vs_word *z, const uint8_t *bytes, size_t lanes,
                                        vs_word *canonical, size_t *bad) {
    vs__load_bytes(ring, z, bytes, vs_ring_element_limbs(ring) * sizeof(vs_word), lanes, canonical);
    unsigned out = vs_ring_out_of_range(ring, z);
    if (out != 0) {
        *bad = (size_t)__builtin_ctz(out);
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

/* Each run multiplies the lowest digits of its ciphertexts into a product of its own; powers of R do no harm, they are
 * units. */
typedef struct vs__unit_check {
    const vs_public_key *pk;
    const vs_ring *digits;  /* Z/n */
    const uint8_t *bytes;   /* ciphertexts as bytes, or */
    const vs_word *bundles; /* as bundles of pk->ring */
    size_t count;
    size_t grain;      /* bundles in a run */
    vs_word *products; /* one canonical digit a run */
    size_t *bad;       /* one a run: index of a ciphertext with a digit not below n, or SIZE_MAX */
} vs__unit_check;

/** Fill in pk, count, and bytes or bundles; VS_ERR_RANGE where one is no unit, or (bytes) has a digit not below n: then
 * `*bad` is the first such ciphertext. (check.c) */
VS_MUST_CHECK vs_status vs__units_check(vs__unit_check *check, size_t *bad);

#endif
