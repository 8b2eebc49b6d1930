/* The interface behind which a ring's kernels live. A backend is a table of functions over bundles of `lanes` elements;
 * it is chosen once at start-up (dispatch.c). All functions follow ring.h; those on one digit row take the digits in
 * order.
 */
#ifndef VEILSUM_CRYPTO_RING_BACKEND_H
#define VEILSUM_CRYPTO_RING_BACKEND_H

#include "crypto/ring/ring.h"

/* Bundles that take one step of a fixed-base table together. */
#define VS_ROW_GROUPS 4
/* Entries that are put into rows together: words of one cache line. */
#define VS_ROW_PUTS 8
/* Rows of a fixed-base table, at most: so many exponents are summed up before anything is reduced. */
#define VS_MAX_ROW_STEPS 2048u

struct vs_backend {
    const char *name;
    size_t lanes;
    bool (*available)(void);
    /** Fill digit_words, scratch_words, radix_bits and return the words that `state` needs. */
    size_t (*shape)(vs_ring *ring);
    /** Compute `state` from ring->modulus. */
    void (*setup)(vs_ring *ring);
    /** `digits` consecutive digits of elements in limbs ↔ bundle; in lanes from `count` on, zeros. Digits may be any
     * numbers of digit_limbs limbs when they go in, and are canonical when they come out. */
    void (*load)(const vs_ring *ring, vs_word *z, const void *x, size_t digits, size_t stride, size_t count);
    void (*store)(const vs_ring *ring, void *x, const vs_word *z, size_t digits, size_t stride, size_t count);
    /** The same elements with canonical digits, as a bundle. */
    void (*canonical)(const vs_ring *ring, vs_word *z, const vs_word *x, size_t digits);
    /** Bit k is set where lane k of what `load` gave has a digit that is not below n. */
    unsigned (*out_of_range)(const vs_ring *ring, const vs_word *z, size_t digits);
    void (*mul)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
    void (*sqr)(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word *scratch);
    void (*mul_digit)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
    void (*mul_var)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch);
    void (*add)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y);
    void (*sub)(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y);
    /** One bundle out of `entries`, the secret index shared by all lanes; every entry is read. */
    void (*select)(vs_word *z, const vs_word *table, size_t words, size_t entries, size_t index);
    /* Rows of a fixed-base table: `entries` elements a·(1 + n)^e, each one digit a and s exponent digits e, that all
     * lanes share, each lane with a secret index of its own (fixed_base.c). `ring` is Z/n^(s+1). */
    bool rows_in_montgomery_form; /* does row_step divide by R? */
    size_t (*row_words)(const vs_ring *ring, size_t entries);
    /** Entries first .. first + puts − 1 (at most VS_ROW_PUTS) of `count` consecutive rows: what lanes 0 .. count − 1
     * of so many a and e hold, all canonical. a are digit 0 of elements, one every bundle; e follow one another. */
    void (*row_put)(const vs_ring *ring, vs_word *rows, const vs_word *a, const vs_word *e, size_t puts, size_t count,
                    size_t entries, size_t first, vs_word *scratch);
    /** For up to VS_ROW_GROUPS bundles: z = a·(that of the entries), divided by R if rows are in Montgomery form;
     * e += that of the entries. With `first`, z and e become the entry's. z is not a. Only row_step and row_finish
     * understand z and e in between; at most VS_MAX_ROW_STEPS steps. */
    void (*row_step)(const vs_ring *ring, vs_word *z, const vs_word *a, vs_word *e, const vs_word *row, size_t entries,
                     const uint32_t *index, size_t bundles, bool first, vs_word *scratch);
    /** After the last step: a and e, of the ring Z/n^s, become bundles like others. */
    void (*row_finish)(const vs_ring *ring, const vs_ring *exponents, vs_word *a, vs_word *e, vs_word *scratch);
};

extern const vs_backend vs__backend_gmp;
extern const vs_backend vs__backend_ifma;          /* where the compiler knows the instructions */
extern const vs_backend vs__backend_ifma_portable; /* the same arithmetic without them, for tests */

/** The backend that new rings use: the fastest that is available, or what VEILSUM_BACKEND names. NULL where it names
 * one that is not available. */
const vs_backend *vs__backend_default(void);
/** By name, NULL where there is none or this machine lacks it. */
const vs_backend *vs__backend_named(const char *name);

/** vs_ring_new on this backend; NULL: VS_ERR_RANGE. */
VS_MUST_CHECK vs_status vs__ring_make(vs_ring **ring, const vs_backend *backend, const vs_word *modulus, size_t limbs,
                                      unsigned degree, bool secret);

/** Do products and squares of fixed numbers come out as on `gmp` in every lane? Some tens of microseconds; false as
 * well where memory runs out. (self_check.c) */
bool vs__backend_agrees(const vs_backend *backend);

#endif
