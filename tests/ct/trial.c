#include "tests/ct/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/ct/taint.h"

static vs_word *words(size_t count) {
    vs_word *memory = calloc(count, sizeof *memory);
    VS_CHECK(memory != NULL);
    return memory;
}

/* [SplitMix64], from a fixed seed: a failure repeats itself. */
static void fill(vs_word *x, size_t count) {
    static uint64_t state = 0x7665696c73756d;
    for (size_t i = 0; i < count; i++) {
        uint64_t z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        x[i] = z ^ (z >> 31);
    }
}

/* Digits below n, whose top bit is set: n has no smaller top limb. */
static void fill_digits(vs_word *x, size_t digits, size_t limbs) {
    fill(x, digits * limbs);
    for (size_t i = 0; i < digits; i++) {
        x[i * limbs + limbs - 1] >>= 1;
    }
}

static void make_ring(trial *t, const char *backend, unsigned bits, unsigned degree) {
    size_t limbs = bits / 64;
    vs_word n[VS_MAX_RING_BITS / 64];
    do {
        fill(n, limbs);
        n[0] |= 1;
        n[limbs - 1] |= (vs_word)1 << 63;
    } while (vs_one_plus_n_init(&t->group, n, limbs, degree, false) != VS_OK); /* small factors are in the way */
    VS_CHECK(vs_ring_new_on(&t->ring, backend, n, limbs, degree, false) == VS_OK);
    VS_CHECK(strcmp(vs_ring_backend_name(t->ring), backend) == 0);
    VS_CHECK(strcmp(vs_ring_backend_name(t->group.exponents), backend) == 0);
}

/* A row that has an entry for each of `row_entries` indices. */
static void make_row(trial *t) {
    const vs_ring *ring = t->ring, *exponents = t->group.exponents;
    size_t limbs = ring->digit_limbs, element = vs_ring_element_limbs(ring), rest = vs_ring_bundle_words(exponents);
    size_t bundle = vs_ring_bundle_words(ring);
    vs_word *a = words(VS_ROW_PUTS * bundle), *e = words(VS_ROW_PUTS * rest);
    fill_digits(t->entries, t->row_entries * (ring->degree + 1), limbs);
    memset(t->rows, 0, ring->backend->row_words(ring, t->row_entries) * sizeof *t->rows);
    for (size_t first = 0; first < t->row_entries; first += VS_ROW_PUTS) {
        for (size_t i = 0; i < VS_ROW_PUTS; i++) {
            vs_ring_broadcast(ring, a + i * bundle, t->entries + (first + i) * element);
            vs_ring_broadcast(exponents, e + i * rest, t->entries + (first + i) * element + limbs);
        }
        ring->backend->row_put(ring, t->rows, a, e, VS_ROW_PUTS, 1, t->row_entries, first, t->scratch);
    }
    free(a);
    free(e);
}

static void make_operands(trial *t) {
    const vs_ring *ring = t->ring;
    size_t limbs = ring->digit_limbs, element = vs_ring_element_limbs(ring), bundle = vs_ring_bundle_words(ring);
    fill_digits(t->x, ring->lanes * (ring->degree + 1), limbs);
    fill_digits(t->y, ring->lanes * (ring->degree + 1), limbs);
    memset(t->x, 0, element * sizeof *t->x); /* a corner: n^(s+1) − 1 in the first lane of y, 0 in that of x */
    for (size_t i = 0; i <= ring->degree; i++) {
        memcpy(t->y + i * limbs, ring->modulus, limbs * sizeof *t->y);
        t->y[i * limbs] -= 1;
    }
    vs_ring_load(ring, t->x_bundle, t->x, element, ring->lanes);
    vs_ring_load(ring, t->y_bundle, t->y, element, ring->lanes);
    for (size_t i = 0; i < TRIAL_SELECT_ENTRIES; i++) {
        fill_digits(t->out, ring->lanes * (ring->degree + 1), limbs);
        vs_ring_load(ring, t->table + i * bundle, t->out, element, ring->lanes);
    }
    fill(&t->exponent, 1);
    t->selected = (size_t)(t->exponent % TRIAL_SELECT_ENTRIES);
}

static void make_indices(trial *t) {
    for (size_t b = 0; b < sizeof t->index / sizeof *t->index; b++) {
        for (size_t lane = 0; lane < t->ring->lanes; lane++) {
            t->index[b][lane] = (uint32_t)((t->exponent >> (lane + 8 * b)) % t->row_entries);
        }
    }
}

/* The largest results: a and e of a few bundles, and a row. */
static size_t out_words(const trial *t) {
    return 2 * TRIAL_BUNDLES * vs_ring_bundle_words(t->ring) +
           t->ring->backend->row_words(t->ring, TRIAL_SELECT_ENTRIES);
}

static size_t scratch_words(const trial *t) {
    return vs_ring_pow_words(t->ring) + vs_one_plus_n_words(&t->group) + 2 * vs_ring_bundle_words(t->ring);
}

static void make(trial *t, const char *backend, unsigned bits, unsigned degree) {
    memset(t, 0, sizeof *t);
    make_ring(t, backend, bits, degree);
    const vs_ring *ring = t->ring;
    size_t elements = ring->lanes * vs_ring_element_limbs(ring), bundle = vs_ring_bundle_words(ring);
    t->x = words(elements);
    t->y = words(elements);
    t->x_bundle = words(bundle);
    t->y_bundle = words(bundle);
    t->table = words(TRIAL_SELECT_ENTRIES * bundle);
    t->entries = words(TRIAL_MAX_ROW_ENTRIES * vs_ring_element_limbs(ring));
    t->rows = words(ring->backend->row_words(ring, TRIAL_MAX_ROW_ENTRIES));
    t->out = words(out_words(t));
    t->scratch = words(scratch_words(t));
    make_operands(t);
}

static void release(trial *t) {
    vs_word *const all[] = {t->x, t->y, t->x_bundle, t->y_bundle, t->table, t->entries, t->rows, t->out, t->scratch};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]);
    }
    vs_ring_free(t->ring);
    vs_one_plus_n_clear(&t->group);
}

typedef void mark(void *memory, size_t len);

static void mark_operands(trial *t, mark *as) {
    size_t elements = t->ring->lanes * vs_ring_element_limbs(t->ring), bundle = vs_ring_bundle_words(t->ring);
    as(t->x, elements * sizeof *t->x);
    as(t->y, elements * sizeof *t->y);
    as(t->x_bundle, bundle * sizeof *t->x);
    as(t->y_bundle, bundle * sizeof *t->y);
    as(t->index, sizeof t->index);
    as(&t->exponent, sizeof t->exponent);
    as(&t->selected, sizeof t->selected);
}

/* n and all that is computed from it. */
static void mark_one_ring(const vs_ring *ring, mark *as) {
    size_t bundle = vs_ring_bundle_words(ring) * sizeof(vs_word);
    as(ring->modulus, ring->digit_limbs * sizeof *ring->modulus);
    as(ring->one, bundle);
    as(ring->square, bundle);
    as(ring->state, (size_t)(ring->modulus - ring->state) * sizeof *ring->state);
}

static void mark_ring(trial *t, mark *as) {
    const vs_ring *exponents = t->group.exponents;
    mark_one_ring(t->ring, as);
    mark_one_ring(exponents, as);
    as(t->group.inverse, (exponents->degree + 1) * vs_ring_bundle_words(exponents) * sizeof(vs_word));
}

/* How many bytes of word w of a result must be marked at least: limbs have bits up to the digit's length only. */
static size_t expected_marks(const vs_ring *ring, marks how, size_t w) {
    size_t limbs = ring->digit_words / ring->lanes, limb_bits = ring->radix_bits / limbs;
    size_t below = w % ring->digit_words / ring->lanes * limb_bits, bits = 64 * ring->digit_limbs;
    size_t left = below < bits ? bits - below : 0;
    switch (how) {
    case ANY:
        return 0;
    case SOME:
        return 1;
    case LIMBS:
        return (left < limb_bits ? left : limb_bits) / 8;
    default:
        return sizeof(vs_word);
    }
}

static bool is_marked(const trial *t, marks how) {
    for (size_t w = 0; w < t->out_words; w++) {
        size_t found = tainted_bytes(&t->out[w], sizeof t->out[w]), wanted = expected_marks(t->ring, how, w);
        if (found < wanted) {
            printf("word %zu of %zu: %zu bytes are marked, not %zu\n", w, t->out_words, found, wanted);
            return false;
        }
    }
    return true;
}

static void run(trial *t, const kernel *k) {
    memset(t->out, 0, out_words(t) * sizeof *t->out);
    k->run(t);
}

/* Once more with something secret: watched, marked, and the same result. */
static bool secretly(trial *t, const kernel *k, void (*mark_secrets)(trial *, mark *), marks how,
                     const vs_word *result) {
    mark_secrets(t, taint);
    run(t, k);
    bool marked = is_marked(t, how);
    mark_secrets(t, clear_taint);
    clear_taint(t->out, out_words(t) * sizeof *t->out);
    clear_taint(t->scratch, scratch_words(t) * sizeof *t->scratch);
    return marked && memcmp(t->out, result, t->out_words * sizeof *result) == 0;
}

static bool try_kernel(trial *t, const kernel *k) {
    run(t, k);
    vs_word *result = words(t->out_words);
    memcpy(result, t->out, t->out_words * sizeof *result);
    bool right = k->right(t);
    bool operands = secretly(t, k, mark_operands, k->from_operands, result);
    bool ring = secretly(t, k, mark_ring, k->from_ring, result);
    if (!right || !operands || !ring) {
        printf("%s: %s\n", k->name,
               !right      ? "wrong result"
               : !operands ? "wrong with secret operands, or their trace is lost"
                           : "wrong in a secret ring, or its trace is lost");
    }
    free(result);
    return right && operands && ring;
}

bool trial_of(const char *backend, unsigned bits, unsigned degree) {
    trial t;
    bool good = true;
    make(&t, backend, bits, degree);
    printf("%s: backend %s, %u bits, %zu limbs, degree %u\n", taint_tool(), vs_ring_backend_name(t.ring), bits,
           t.ring->digit_words / t.ring->lanes, degree);
    fflush(stdout);
    size_t largest = bits == 1024 && degree == 1 ? TRIAL_MAX_ROW_ENTRIES : 16;
    for (t.row_entries = 16; t.row_entries <= largest; t.row_entries *= 2) {
        make_row(&t);
        make_indices(&t);
        for (const kernel *k = trial_kernels; k->name != NULL; k++) {
            if (t.row_entries == 16 || k->of_rows) {
                good = try_kernel(&t, k) && good;
            }
        }
    }
    release(&t);
    return good;
}
