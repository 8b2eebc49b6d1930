/* The interface behind which a ring's kernels live. A backend is a table of functions over bundles of `lanes` elements;
 * it is chosen once at start-up (dispatch.c). All functions follow ring.h; those on one digit row take the digits in
 * order.
 */
#ifndef VEILSUM_CRYPTO_RING_BACKEND_H
#define VEILSUM_CRYPTO_RING_BACKEND_H

#include "crypto/ring/ring.h"

struct vs_backend {
    const char *name;
    size_t lanes;
    bool (*available)(void);
    /** Fill digit_words, scratch_words, radix_bits and return the words that `state` needs. */
    size_t (*shape)(vs_ring *ring);
    /** Compute `state` from ring->modulus. */
    void (*setup)(vs_ring *ring);
    /** `digits` consecutive digits of canonical elements ↔ bundle; in lanes from `count` on, zeros. Digits come out
     * canonical. */
    void (*load)(const vs_ring *ring, vs_word *z, const vs_word *x, size_t digits, size_t stride, size_t count);
    void (*store)(const vs_ring *ring, vs_word *x, const vs_word *z, size_t digits, size_t stride, size_t count);
    void (*mul)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
    void (*sqr)(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word *scratch);
    void (*mul_digit)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
    void (*mul_var)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
    void (*add)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y);
    void (*sub)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y);
    /** One bundle out of `entries`, the secret index shared by all lanes; every entry is read. */
    void (*select)(vs_word *z, const vs_word *table, size_t words, size_t entries, size_t index);
    /* Rows of a fixed-base table: `entries` elements of `digits` digits that all lanes share, each lane with a secret
     * index of its own. row_put stores what lane `lane` of a bundle holds as entry `entry`. */
    size_t (*row_words)(const vs_ring *ring, size_t digits, size_t entries);
    void (*row_put)(const vs_ring *ring, vs_word *row, const vs_word *canonical, size_t digits, size_t entries,
                    size_t entry);
    void (*row_select)(const vs_ring *ring, vs_word *z, const vs_word *row, size_t digits, size_t entries,
                       const uint32_t *index);
};

extern const vs_backend vs__backend_gmp;
extern const vs_backend vs__backend_ifma;          /* where the compiler knows the instructions */
extern const vs_backend vs__backend_ifma_portable; /* the same arithmetic without them, for tests */

/** The backend that new rings use: gmp, or what VEILSUM_BACKEND names. NULL where it
 * names one that is not available. */
const vs_backend *vs__backend_default(void);
/** By name, NULL where there is none or this machine lacks it. */
const vs_backend *vs__backend_named(const char *name);

#endif
