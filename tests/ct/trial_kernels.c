/* The kernels that trial.c goes through: the whole table of a backend, and the powers and series built on it. */
#include <stdlib.h>
#include <string.h>

#include "tests/ct/reference.h"
#include "tests/ct/trial.h"

#define POWER_BITS 12
#define PUBLIC_POWER 11

typedef vs_word element[(VS_MAX_RING_DEGREE + 1) * VS_MAX_RING_BITS / 64];

static size_t bundle_words(const trial *t) {
    return vs_ring_bundle_words(t->ring);
}

/* A result of one bundle. */
static vs_word *one_bundle(trial *t) {
    t->out_words = bundle_words(t);
    return t->out;
}

/* Is lane `lane` of a bundle, times R^factors, what is expected? */
static bool lane_is(const vs_ring *ring, const vs_word *bundle, size_t lane, unsigned factors,
                    const vs_word *expected) {
    size_t limbs = vs_ring_element_limbs(ring);
    vs_word *canonical = calloc(ring->lanes, limbs * sizeof *canonical);
    VS_CHECK(canonical != NULL);
    vs_ring_store(ring, canonical, bundle, limbs, ring->lanes);
    reference_scale(ring, canonical + lane * limbs, factors);
    bool same = memcmp(canonical + lane * limbs, expected, limbs * sizeof *expected) == 0;
    free(canonical);
    return same;
}

static const vs_word *x_of(const trial *t, size_t lane) {
    return t->x + lane * vs_ring_element_limbs(t->ring);
}

static const vs_word *y_of(const trial *t, size_t lane) {
    return t->y + lane * vs_ring_element_limbs(t->ring);
}

/* Arithmetic treats all lanes alike, and additions alone are slow: the first lane and the last are compared. */
static size_t lane_step(const trial *t) {
    return t->ring->lanes > 1 ? t->ring->lanes - 1 : 1;
}

/* out·R = x·y, where y has `digits` digits. */
static bool is_product(const trial *t, size_t digits, bool square) {
    element z;
    bool same = true;
    for (size_t lane = 0; lane < t->ring->lanes; lane += lane_step(t)) {
        reference_mul(t->ring, z, x_of(t, lane), square ? x_of(t, lane) : y_of(t, lane), digits);
        same = lane_is(t->ring, t->out, lane, 1, z) && same;
    }
    return same;
}

/* ---- constants, conversion ---- */

static void run_setup(trial *t) {
    t->out_words = (size_t)(t->ring->modulus - t->ring->state);
    t->ring->backend->setup(t->ring);
    memcpy(t->out, t->ring->state, t->out_words * sizeof *t->out);
}

/* Products would be wrong with other constants: it is enough that they are the same every time. */
static bool any(const trial *t) {
    return t->out_words > 0;
}

static void run_load(trial *t) {
    vs_ring_load(t->ring, one_bundle(t), t->x, vs_ring_element_limbs(t->ring), t->ring->lanes);
}

static bool out_is_x(const trial *t) {
    bool same = true;
    for (size_t lane = 0; lane < t->ring->lanes; lane++) {
        same = lane_is(t->ring, t->out, lane, 0, x_of(t, lane)) && same;
    }
    return same;
}

static void run_store(trial *t) {
    t->out_words = t->ring->lanes * vs_ring_element_limbs(t->ring);
    vs_ring_store(t->ring, t->out, t->y_bundle, vs_ring_element_limbs(t->ring), t->ring->lanes);
}

static bool out_is_y_stored(const trial *t) {
    return memcmp(t->out, t->y, t->out_words * sizeof *t->y) == 0;
}

/* In and out again with lanes left over. */
static size_t some_lanes(const trial *t) {
    return (t->ring->lanes + 1) / 2;
}

static void run_some_lanes(trial *t) {
    size_t limbs = vs_ring_element_limbs(t->ring);
    t->out_words = some_lanes(t) * limbs;
    vs_ring_load(t->ring, t->scratch, t->y, limbs, some_lanes(t));
    vs_ring_store(t->ring, t->out, t->scratch, limbs, some_lanes(t));
}

/* Of a product's lazy digits. */
static void run_canonical(trial *t) {
    vs_word *z = one_bundle(t);
    vs_ring_mul(t->ring, z, t->x_bundle, t->y_bundle, t->scratch);
    vs_ring_canonical(t->ring, z, z);
}

static bool out_is_product_loaded(const trial *t) {
    size_t limbs = vs_ring_element_limbs(t->ring), lanes = t->ring->lanes;
    vs_word *canonical = calloc(lanes, limbs * sizeof *canonical), *again = calloc(bundle_words(t), sizeof *again);
    VS_CHECK(canonical != NULL && again != NULL);
    vs_ring_store(t->ring, canonical, t->out, limbs, lanes);
    vs_ring_load(t->ring, again, canonical, limbs, lanes);
    bool same = memcmp(again, t->out, bundle_words(t) * sizeof *again) == 0;
    free(canonical);
    free(again);
    return same && is_product(t, t->ring->degree + 1, false);
}

/* The first lane of y is n − 1 in every digit: with one more it is out of range. */
static void run_out_of_range(trial *t) {
    vs_word *copy = t->scratch;
    size_t limbs = vs_ring_element_limbs(t->ring);
    memcpy(copy, t->y, t->ring->lanes * limbs * sizeof *copy);
    copy[0] += 1;
    t->out_words = 2;
    t->out[0] = vs_ring_out_of_range(t->ring, t->y_bundle);
    vs_ring_load(t->ring, t->out + 2, copy, limbs, t->ring->lanes);
    t->out[1] = vs_ring_out_of_range(t->ring, t->out + 2);
}

static bool first_is_out_of_range(const trial *t) {
    return t->out[0] == 0 && t->out[1] == 1;
}

/* ---- sums and products ---- */

static void run_add(trial *t) {
    vs_ring_add(t->ring, one_bundle(t), t->x_bundle, t->y_bundle);
}

static bool out_is_sum(const trial *t) {
    element z;
    bool same = true;
    for (size_t lane = 0; lane < t->ring->lanes; lane += lane_step(t)) {
        reference_add(t->ring, z, x_of(t, lane), y_of(t, lane));
        same = lane_is(t->ring, t->out, lane, 0, z) && same;
    }
    return same;
}

/* x − y, and back. */
static void run_sub(trial *t) {
    vs_ring_sub(t->ring, one_bundle(t), t->x_bundle, t->y_bundle);
}

static bool out_and_y_is_x(const trial *t) {
    size_t limbs = vs_ring_element_limbs(t->ring);
    vs_word *z = calloc(t->ring->lanes, limbs * sizeof *z);
    VS_CHECK(z != NULL);
    vs_ring_store(t->ring, z, t->out, limbs, t->ring->lanes);
    bool same = true;
    for (size_t lane = 0; lane < t->ring->lanes; lane += lane_step(t)) {
        reference_add(t->ring, z + lane * limbs, z + lane * limbs, y_of(t, lane));
        same = memcmp(z + lane * limbs, x_of(t, lane), limbs * sizeof *z) == 0 && same;
    }
    free(z);
    return same;
}

static void run_mul(trial *t) {
    vs_ring_mul(t->ring, one_bundle(t), t->x_bundle, t->y_bundle, t->scratch);
}

static bool out_is_product(const trial *t) {
    return is_product(t, t->ring->degree + 1, false);
}

static void run_sqr(trial *t) {
    vs_ring_sqr(t->ring, one_bundle(t), t->x_bundle, t->scratch);
}

static bool out_is_square(const trial *t) {
    return is_product(t, t->ring->degree + 1, true);
}

static void run_mul_digit(trial *t) {
    vs_ring_mul_digit(t->ring, one_bundle(t), t->x_bundle, t->y_bundle, t->scratch);
}

static bool out_is_product_by_digit(const trial *t) {
    return is_product(t, 1, false);
}

/* ---- look-ups ---- */

static void run_select(trial *t) {
    t->ring->backend->select(one_bundle(t), t->table, bundle_words(t), TRIAL_SELECT_ENTRIES, t->selected);
}

static bool out_is_selected(const trial *t) {
    const vs_word *entry = t->table + t->selected * bundle_words(t);
    return memcmp(t->out, entry, t->out_words * sizeof *entry) == 0;
}

/* A row of the same entry over and over: public by nature, as its base is, but nothing here needs to know. */
static void run_row_put(trial *t) {
    const vs_backend *backend = t->ring->backend;
    size_t bundle = bundle_words(t), rest = vs_ring_bundle_words(t->group.exponents);
    vs_word *a = t->scratch, *e = a + VS_ROW_PUTS * bundle, *inner = e + VS_ROW_PUTS * rest;
    for (size_t i = 0; i < VS_ROW_PUTS; i++) {
        memcpy(a + i * bundle, t->y_bundle, bundle * sizeof *a);
        memcpy(e + i * rest, t->x_bundle, rest * sizeof *e);
    }
    t->out_words = backend->row_words(t->ring, TRIAL_SELECT_ENTRIES);
    for (size_t first = 0; first < TRIAL_SELECT_ENTRIES; first += VS_ROW_PUTS) {
        backend->row_put(t->ring, t->out, a, e, VS_ROW_PUTS, 1, TRIAL_SELECT_ENTRIES, first, inner);
    }
}

/* Two steps of a row, the first of a table and another, each lane with indices of its own. */
static void run_rows(trial *t) {
    const vs_ring *ring = t->ring, *exponents = t->group.exponents;
    size_t bundle = bundle_words(t), rest = vs_ring_bundle_words(exponents), lanes = ring->lanes;
    uint32_t index[TRIAL_BUNDLES * 64];
    vs_word *before = t->scratch, *inner = before + TRIAL_BUNDLES * bundle, *e = t->out + TRIAL_BUNDLES * bundle;
    t->out_words = TRIAL_BUNDLES * (bundle + rest);
    for (size_t step = 0; step < 2; step++) {
        for (size_t b = 0; b < TRIAL_BUNDLES; b++) {
            memcpy(index + b * lanes, t->index[2 * b + step], lanes * sizeof *index);
        }
        ring->backend->row_step(ring, step == 0 ? before : t->out, before, e, t->rows, t->row_entries, index,
                                TRIAL_BUNDLES, step == 0, inner);
    }
    for (size_t b = 0; b < TRIAL_BUNDLES; b++) {
        ring->backend->row_finish(ring, exponents, t->out + b * bundle, e + b * rest, inner);
    }
}

static bool row_lane_is_right(const trial *t, size_t b, size_t lane) {
    const vs_ring *ring = t->ring, *exponents = t->group.exponents;
    size_t element_limbs = vs_ring_element_limbs(ring), limbs = ring->digit_limbs;
    const vs_word *first = t->entries + t->index[2 * b][lane] * element_limbs;
    const vs_word *second = t->entries + t->index[2 * b + 1][lane] * element_limbs;
    const vs_word *e = t->out + TRIAL_BUNDLES * bundle_words(t) + b * vs_ring_bundle_words(exponents);
    element a = {0}, z, sum;
    memcpy(a, first, limbs * sizeof *a);
    reference_mul(ring, z, a, second, 1);
    reference_add(exponents, sum, first + limbs, second + limbs);
    return lane_is(ring, t->out + b * bundle_words(t), lane, ring->backend->rows_in_montgomery_form, z) &&
           lane_is(exponents, e, lane, 0, sum);
}

static bool out_is_of_rows(const trial *t) {
    bool right = true;
    for (size_t b = 0; b < TRIAL_BUNDLES; b++) {
        for (size_t lane = 0; lane < t->ring->lanes; lane++) {
            right = row_lane_is_right(t, b, lane) && right;
        }
    }
    return right;
}

/* ---- powers and series ---- */

/* x^exponent, x in Montgomery form as it is: x^e·R^(1 − e). */
static void run_pow(trial *t) {
    vs_ring_pow(t->ring, one_bundle(t), t->x_bundle, &t->exponent, POWER_BITS, t->scratch);
}

static bool out_is_power(const trial *t) {
    unsigned e = (unsigned)(t->exponent % (1u << POWER_BITS));
    element power, z;
    size_t lane = t->ring->lanes - 1, limbs = vs_ring_element_limbs(t->ring);
    memcpy(power, x_of(t, lane), limbs * sizeof *power);
    for (unsigned bit = 32 - (unsigned)__builtin_clz(e) - 1; bit-- > 0;) {
        reference_mul(t->ring, z, power, power, t->ring->degree + 1);
        memcpy(power, z, limbs * sizeof *power);
        if (e >> bit & 1) {
            reference_mul(t->ring, z, power, x_of(t, lane), t->ring->degree + 1);
            memcpy(power, z, limbs * sizeof *power);
        }
    }
    return lane_is(t->ring, t->out, lane, e - 1, power);
}

/* (1 + n)^x, the lowest digits of x being the exponent. */
static void run_exp(trial *t) {
    t->out_words = vs_ring_bundle_words(t->group.exponents);
    vs_one_plus_n_exp(&t->group, t->out, t->x_bundle, t->scratch);
}

/* Lane `lane` of v as the element 1 + n·v. */
static void group_element(const trial *t, vs_word *u, const vs_word *v, size_t lane) {
    const vs_ring *exponents = t->group.exponents;
    size_t limbs = vs_ring_element_limbs(exponents);
    vs_word *canonical = calloc(exponents->lanes, limbs * sizeof *canonical);
    VS_CHECK(canonical != NULL);
    vs_ring_store(exponents, canonical, v, limbs, exponents->lanes);
    memset(u, 0, exponents->digit_limbs * sizeof *u);
    u[0] = 1;
    memcpy(u + exponents->digit_limbs, canonical + lane * limbs, limbs * sizeof *u);
    free(canonical);
}

/* u(x)·u(y) = u(x + y), and u(1) = 1 + n. */
static bool out_is_of_a_group(const trial *t) {
    const vs_ring *exponents = t->group.exponents;
    size_t lane = exponents->lanes - 1, limbs = vs_ring_element_limbs(t->ring), words = bundle_words(t);
    vs_word *e = calloc(2, words * sizeof *e), *v = e + words;
    element x, y, z, one = {0};
    VS_CHECK(e != NULL);
    group_element(t, x, t->out, lane);
    vs_one_plus_n_exp(&t->group, v, t->y_bundle, t->scratch);
    group_element(t, y, v, lane);
    reference_mul(t->ring, z, x, y, t->ring->degree + 1);
    vs_ring_add(exponents, e, t->x_bundle, t->y_bundle);
    vs_one_plus_n_exp(&t->group, v, e, t->scratch);
    group_element(t, x, v, lane);
    vs_one_plus_n_exp(&t->group, v, exponents->unity, t->scratch);
    one[0] = 1;
    bool right = memcmp(x, z, limbs * sizeof *x) == 0 && lane_is(exponents, v, lane, 0, one);
    free(e);
    return right;
}

/* y·(1 + n)^x, for which n counts at degree 1 as well. */
static void run_multiply(trial *t) {
    vs_one_plus_n_multiply(&t->group, t->ring, one_bundle(t), t->y_bundle, t->x_bundle, t->scratch);
}

static bool out_is_multiplied(const trial *t) {
    size_t lane = t->ring->lanes - 1;
    vs_word *v = calloc(bundle_words(t), sizeof *v);
    element u, z;
    VS_CHECK(v != NULL);
    vs_one_plus_n_exp(&t->group, v, t->x_bundle, t->scratch);
    group_element(t, u, v, lane);
    free(v);
    reference_mul(t->ring, z, y_of(t, lane), u, t->ring->degree + 1);
    return lane_is(t->ring, t->out, lane, 0, z);
}

/* The logarithm of (1 + n)^x. */
static void run_log(trial *t) {
    t->out_words = vs_ring_bundle_words(t->group.exponents);
    vs_one_plus_n_exp(&t->group, t->out, t->x_bundle, t->scratch);
    vs_one_plus_n_log(&t->group, t->out, t->out, t->scratch);
}

/* It is x·ℓ(1). */
static bool out_is_logarithm(const trial *t) {
    const vs_ring *exponents = t->group.exponents;
    size_t lane = exponents->lanes - 1, digits = exponents->degree + 1;
    vs_word *log = calloc(bundle_words(t), sizeof *log);
    element one, z;
    VS_CHECK(log != NULL);
    vs_one_plus_n_log(&t->group, log, exponents->unity, t->scratch);
    group_element(t, one, log, lane);
    free(log);
    reference_mul(exponents, z, x_of(t, lane), one + exponents->digit_limbs, digits);
    return lane_is(exponents, t->out, lane, 0, z);
}

/* Some bits only: a public table gives a selected entry the marks of the index alone, by way of a mask of which
 * MemorySanitizer takes all bits but one to be known; a comparison is one bit; and half of a row's words are copies.
 * None at all: in a secret ring, what does not depend on n. mul_var is not here: it is for public operands. */
const kernel trial_kernels[] = {
    {"setup", run_setup, any, ANY, LIMBS, false},
    {"load", run_load, out_is_x, LIMBS, ANY, false},
    {"store", run_store, out_is_y_stored, WORDS, ANY, false},
    {"load and store, lanes left over", run_some_lanes, out_is_y_stored, WORDS, ANY, false},
    {"canonical", run_canonical, out_is_product_loaded, LIMBS, LIMBS, false},
    {"out_of_range", run_out_of_range, first_is_out_of_range, SOME, SOME, false},
    {"add", run_add, out_is_sum, LIMBS, LIMBS, false},
    {"sub", run_sub, out_and_y_is_x, LIMBS, LIMBS, false},
    {"mul", run_mul, out_is_product, LIMBS, LIMBS, false},
    {"sqr", run_sqr, out_is_square, LIMBS, LIMBS, false},
    {"mul_digit", run_mul_digit, out_is_product_by_digit, LIMBS, LIMBS, false},
    {"select", run_select, out_is_selected, SOME, ANY, false},
    {"row_put", run_row_put, any, SOME, ANY, false},
    {"row_step, row_finish", run_rows, out_is_of_rows, LIMBS, LIMBS, true},
    {"vs_ring_pow", run_pow, out_is_power, LIMBS, LIMBS, false},
    {"vs_one_plus_n_exp", run_exp, out_is_of_a_group, LIMBS, ANY, false},
    {"vs_one_plus_n_multiply", run_multiply, out_is_multiplied, LIMBS, LIMBS, false},
    {"vs_one_plus_n_log", run_log, out_is_logarithm, LIMBS, ANY, false},
    {NULL, NULL, NULL, ANY, ANY, false},
};
