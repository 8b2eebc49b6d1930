#include "crypto/ring/fixed_base.h"

#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/parallel.h"
#include "crypto/ring/backend.h"
#include "crypto/secret.h"

#define MAX_WINDOW 8u
#define MAX_LANES 64
/* Entries for which one inversion is little; each wants memory while a row is built. */
#define RUN_ENTRIES 64u
#define MAX_TABLE_BYTES (UINT64_C(256) << 20)

struct vs_fixed_base {
    const vs_ring *ring;
    const vs_one_plus_n *group;
    vs_ring *digits; /* Z/n, for the inverses */
    size_t exponent_bits, rows, entries, row_words;
    unsigned window;
    vs_word *bases;     /* base^(2^(window·row)), canonical, Montgomery form; while building */
    vs_word *log_scale; /* 1/ℓ(1) in Montgomery form: turns ℓ into an exponent of 1 + n */
    vs_word *table;
};

/* In digit products on bundles: an entry of `lanes` rows costs a product in the ring and its share of splitting it,
 * twice that in time, since it goes through a megabyte of memory; a step costs a product by a digit and a look at every
 * entry (which measured 1/300 of a digit product for each digit kept). */
static unsigned best_window(const vs_ring *ring, size_t exponent_bits, size_t expected) {
    double s = ring->degree, best = 0, lanes = (double)ring->lanes;
    double build = 2 * ((s + 1) * (s + 4) / 2 + 11 + 4 * s * (s > 1 ? s : 0)) / lanes, look = (s + 2) / 300;
    double step = (ring->backend->rows_in_montgomery_form ? 2 : 1.5) * (s + 1);
    double bundles = (double)(expected / ring->lanes + 1);
    unsigned window = 1;
    for (unsigned w = 1; w <= MAX_WINDOW; w++) {
        double entries = (double)(1u << w), rows = (double)((exponent_bits + w - 1) / w);
        double cost = rows * (entries * build + bundles * (step + entries * look));
        double bytes = rows * (double)ring->backend->row_words(ring, (size_t)1 << w) * sizeof(vs_word);
        if (w == 1 || (cost < best && bytes <= (double)MAX_TABLE_BYTES)) {
            best = cost;
            window = w;
        }
    }
    return window;
}

static void import_digit(mpz_t value, const vs_word *x, size_t limbs) {
    mpz_import(value, limbs, -1, sizeof(vs_word), 0, 0, x);
}

static void export_digit(vs_word *x, const mpz_t value, size_t limbs) {
    memset(x, 0, limbs * sizeof *x);
    mpz_export(x, NULL, -1, sizeof(vs_word), 0, 0, value);
}

/* The canonical inverse modulo n of each lane of a one-digit bundle, public: one inversion for all [M87,
 * section 10.3.1]. False where one is no unit. */
static bool invert_lanes(const vs_ring *digits, vs_word *z, const vs_word *x, vs_word *canonical) {
    size_t limbs = digits->digit_limbs, lanes = digits->lanes;
    mpz_t n, inverse, value, prefix[MAX_LANES];
    mpz_inits(n, inverse, value, NULL);
    import_digit(n, digits->modulus, limbs);
    vs_ring_store(digits, canonical, x, limbs, lanes);
    for (size_t i = 0; i < lanes; i++) {
        mpz_init(prefix[i]);
        import_digit(prefix[i], canonical + i * limbs, limbs);
        if (i > 0) {
            mpz_mul(prefix[i], prefix[i], prefix[i - 1]);
            mpz_tdiv_r(prefix[i], prefix[i], n);
        }
    }
    bool units = mpz_invert(inverse, prefix[lanes - 1], n) != 0;
    for (size_t i = lanes; units && i-- > 0;) {
        import_digit(value, canonical + i * limbs, limbs);
        mpz_mul(value, value, inverse); /* the inverse of what comes before lane i */
        mpz_tdiv_r(value, value, n);
        if (i > 0) {
            mpz_mul(inverse, inverse, prefix[i - 1]);
            mpz_tdiv_r(inverse, inverse, n);
        }
        export_digit(canonical + i * limbs, inverse, limbs);
        mpz_swap(inverse, value);
    }
    for (size_t i = 0; i < lanes; i++) {
        mpz_clear(prefix[i]);
    }
    mpz_clears(n, inverse, value, NULL);
    vs_ring_load(digits, z, canonical, limbs, lanes);
    return units;
}

/* v = rest/a modulo n^s, where inverse = R/a modulo n (a bundle of one digit): Newton from there. */
static void divide_by_digit(const vs_ring *ring, vs_word *v, const vs_word *rest, const vs_word *a,
                            const vs_word *inverse, vs_word *scratch) {
    size_t bundle = vs_ring_bundle_words(ring), digit = ring->digit_words;
    vs_word *x = scratch, *wide = x + bundle, *inner = wide + bundle;
    memset(x, 0, bundle * sizeof *x);
    memcpy(x, inverse, digit * sizeof *x);
    if (ring->degree > 0) {
        memset(wide, 0, bundle * sizeof *wide);
        memcpy(wide, a, digit * sizeof *wide);
        vs_ring_mul_var(ring, wide, wide, ring->square, inner);
        vs_ring_lift_inverse(ring, x, wide, inner);
    }
    vs_ring_mul_var(ring, v, rest, x, inner);
}

/* What building a run of rows needs, carved from one block: `lanes` rows are a bundle, and one inversion serves the
 * whole run. */
typedef struct builder {
    vs_word *base, *power;      /* bundles of the ring */
    vs_word *powers;            /* for each bundle of rows, for each entry: a bundle with canonical digits */
    vs_word *prefix;            /* likewise: one-digit bundles */
    vs_word *running, *inverse; /* one-digit bundles */
    vs_word *rest;              /* a bundle of exponents */
    vs_word *exponents;         /* bundles of exponents, for VS_ROW_PUTS entries */
    vs_word *canonical;         /* lanes digits */
    vs_word *scratch;
} builder;

static size_t builder_carve(const vs_fixed_base *t, builder *b, vs_word *memory, size_t bundles) {
    const vs_ring *ring = t->ring;
    size_t bundle = vs_ring_bundle_words(ring), digit = ring->digit_words, at = 0, all = bundles * t->entries;
    size_t exponents = vs_ring_bundle_words(t->group->exponents);
    size_t scratch = ring->scratch_words + 3 * bundle + vs_one_plus_n_words(t->group);
    vs_word **const parts[] = {&b->base,    &b->power, &b->powers,    &b->prefix,    &b->running,
                               &b->inverse, &b->rest,  &b->exponents, &b->canonical, &b->scratch};
    const size_t sizes[] = {bundle,
                            bundle,
                            all * bundle,
                            all * digit,
                            digit,
                            digit,
                            exponents,
                            VS_ROW_PUTS * exponents,
                            ring->digit_limbs * ring->lanes,
                            scratch};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        *parts[i] = memory == NULL ? NULL : memory + at;
        at += (sizes[i] + 7) / 8 * 8;
    }
    return at;
}

/* The powers 0 .. entries − 1 of one bundle of bases, places `from` on, and the running product of their lowest digits.
 * They carry the factor R if steps take one off: not in row 0, with which no step is made. */
static void build_powers(const vs_fixed_base *t, builder *b, size_t row, size_t from) {
    const vs_ring *ring = t->ring;
    size_t bundle = vs_ring_bundle_words(ring), digit = ring->digit_words;
    bool montgomery = ring->backend->rows_in_montgomery_form && row > 0;
    memcpy(b->power, montgomery ? ring->one : ring->unity, bundle * sizeof *b->power);
    for (size_t k = from; k < from + t->entries; k++) {
        vs_word *power = b->powers + k * bundle, *prefix = b->prefix + k * digit;
        vs_ring_canonical(ring, power, b->power);
        if (k == 0) {
            memcpy(prefix, power, digit * sizeof *prefix);
        } else {
            vs_ring_mul_var(t->digits, prefix, prefix - digit, power, b->scratch);
        }
        vs_ring_mul_var(ring, b->power, b->power, b->base, b->scratch);
    }
}

/* Place k of a run: its power y is split into a = y mod n and e, the exponent of 1 + n in y/a. `b->running` is R over
 * the product of the lowest digits 0 .. k, and becomes that of 0 .. k − 1 [M87, section 10.3.1]. */
static void split_entry(const vs_fixed_base *t, builder *b, vs_word *e, size_t k) {
    const vs_ring *ring = t->ring, *exponents = t->group->exponents;
    size_t digit = ring->digit_words;
    const vs_word *inverse = b->running, *a = b->powers + k * vs_ring_bundle_words(ring);
    if (k > 0) {
        vs_ring_mul_var(t->digits, b->inverse, b->running, b->prefix + (k - 1) * digit, b->scratch);
        vs_ring_mul_var(t->digits, b->running, b->running, a, b->scratch);
        inverse = b->inverse;
    }
    divide_by_digit(exponents, b->rest, a + digit, a, inverse, b->scratch);
    if (exponents->degree > 0) { /* else ℓ(v) = v and ℓ(1) = 1 */
        vs_one_plus_n_log(t->group, b->rest, b->rest, b->scratch);
        vs_ring_mul_var(exponents, b->rest, b->rest, t->log_scale, b->scratch);
    }
    vs_ring_canonical(exponents, e, b->rest);
}

static size_t rows_in_bundle(const vs_fixed_base *t, size_t bundle) {
    size_t left = t->rows - bundle * t->ring->lanes;
    return left < t->ring->lanes ? left : t->ring->lanes;
}

static vs_status build_rows(void *context, size_t first_bundle, size_t bundles) {
    const vs_fixed_base *t = context;
    size_t lanes = t->ring->lanes, element = vs_ring_element_limbs(t->ring), all = bundles * t->entries;
    builder b;
    vs_word *memory = vs_lines_alloc(builder_carve(t, &b, NULL, bundles) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    builder_carve(t, &b, memory, bundles);
    for (size_t i = 0; i < bundles; i++) {
        size_t row = (first_bundle + i) * lanes;
        vs_ring_load(t->ring, b.base, t->bases + row * element, element, lanes);
        build_powers(t, &b, row, i * t->entries);
    }
    const vs_word *product = b.prefix + (all - 1) * t->ring->digit_words;
    bool units = invert_lanes(t->digits, b.running, product, b.canonical);
    vs_ring_mul_var(t->digits, b.running, b.running, t->digits->square, b.scratch);
    size_t puts = t->entries < VS_ROW_PUTS ? t->entries : VS_ROW_PUTS;
    for (size_t k = all; k > 0 && units;) {
        size_t exponent = vs_ring_bundle_words(t->group->exponents);
        for (size_t i = puts; i-- > 0;) {
            split_entry(t, &b, b.exponents + i * exponent, --k);
        }
        size_t bundle = first_bundle + k / t->entries;
        t->ring->backend->row_put(t->ring, t->table + bundle * lanes * t->row_words,
                                  b.powers + k * vs_ring_bundle_words(t->ring), b.exponents, puts,
                                  rows_in_bundle(t, bundle), t->entries, k % t->entries, b.scratch);
    }
    free(memory);
    return units ? VS_OK : VS_ERR_RANGE;
}

/* base^(2^(window·row)) for every row, one squaring after the other; the last bundle is filled up with further ones. */
static vs_status find_bases(vs_fixed_base *t, const vs_word *base) {
    const vs_ring *ring = t->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    size_t rows = (t->rows + ring->lanes - 1) / ring->lanes * ring->lanes;
    vs_word *power = vs_lines_alloc((bundle + ring->scratch_words) * sizeof *power);
    t->bases = vs_lines_alloc(rows * element * sizeof *t->bases);
    if (power == NULL || t->bases == NULL) {
        free(power);
        return VS_ERR_MEMORY;
    }
    vs_word *scratch = power + bundle;
    vs_ring_broadcast(ring, power, base);
    vs_ring_mul_var(ring, power, power, ring->square, scratch);
    for (size_t row = 0; row < rows; row++) {
        vs_ring_store(ring, t->bases + row * element, power, element, 1);
        for (unsigned k = 0; k < t->window && row + 1 < t->rows; k++) {
            vs_ring_sqr(ring, power, power, scratch);
        }
    }
    free(power);
    return VS_OK;
}

/* 1/ℓ(1): ℓ(1) = 1 − n/2 + n²/3 − … is 1 modulo n, so its inverse starts from 1. */
static vs_status find_log_scale(vs_fixed_base *t) {
    const vs_ring *ring = t->group->exponents;
    size_t bundle = vs_ring_bundle_words(ring);
    size_t inner = bundle + ring->scratch_words + vs_one_plus_n_words(t->group);
    vs_word *scratch = vs_lines_alloc((bundle + inner) * sizeof *scratch);
    t->log_scale = vs_lines_alloc(bundle * sizeof *scratch);
    if (scratch == NULL || t->log_scale == NULL) {
        free(scratch);
        return VS_ERR_MEMORY;
    }
    vs_word *log = scratch, *rest = log + bundle;
    vs_one_plus_n_log(t->group, log, ring->unity, rest);
    vs_ring_mul_var(ring, log, log, ring->square, rest);
    memcpy(t->log_scale, ring->one, bundle * sizeof *t->log_scale);
    vs_ring_lift_inverse(ring, t->log_scale, log, rest);
    free(scratch);
    return VS_OK;
}

vs_status vs_fixed_base_new(vs_fixed_base **table, const vs_ring *ring, const vs_one_plus_n *group, const vs_word *base,
                            size_t exponent_bits, size_t expected) {
    *table = NULL;
    if (exponent_bits == 0 || exponent_bits > VS_MAX_ROW_STEPS) { /* a row may serve a single bit */
        return VS_ERR_RANGE;
    }
    vs_fixed_base *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return VS_ERR_MEMORY;
    }
    t->ring = ring;
    t->group = group;
    t->exponent_bits = exponent_bits;
    t->window = best_window(ring, exponent_bits, expected);
    t->entries = (size_t)1 << t->window;
    t->rows = (exponent_bits + t->window - 1) / t->window;
    t->row_words = ring->backend->row_words(ring, t->entries);
    vs_status status =
        vs_ring_new_on(&t->digits, vs_ring_backend_name(ring), ring->modulus, ring->digit_limbs, 0, false);
    if (status == VS_OK) {
        t->table = vs_lines_alloc(t->rows * t->row_words * sizeof *t->table);
        status = t->table == NULL ? VS_ERR_MEMORY : find_log_scale(t);
    }
    if (status == VS_OK) {
        status = find_bases(t, base);
    }
    if (status == VS_OK) {
        size_t bundles = (t->rows + ring->lanes - 1) / ring->lanes;
        status = vs_parallel_for(bundles, t->entries < RUN_ENTRIES ? RUN_ENTRIES / t->entries : 1, build_rows, t);
    }
    free(t->bases);
    t->bases = NULL;
    if (status != VS_OK) {
        vs_fixed_base_free(t);
        return status;
    }
    *table = t;
    return VS_OK;
}

void vs_fixed_base_free(vs_fixed_base *table) {
    if (table != NULL) {
        vs_ring_free(table->digits);
        free(table->table);
        free(table->log_scale);
        free(table);
    }
}

size_t vs_fixed_base_exponent_limbs(const vs_fixed_base *table) {
    return (table->exponent_bits + 63) / 64;
}

size_t vs_fixed_base_words(const vs_fixed_base *table, size_t bundles) {
    return bundles * vs_ring_bundle_words(table->ring) + table->ring->scratch_words;
}

static uint32_t window_at(const vs_fixed_base *t, const vs_word *x, size_t row) {
    size_t limbs = vs_fixed_base_exponent_limbs(t), at = row * t->window, limb = at / 64, shift = at % 64;
    vs_word value = x[limb] >> shift;
    if (shift + t->window > 64 && limb + 1 < limbs) {
        value |= x[limb + 1] << (64 - shift);
    }
    return (uint32_t)(value & (t->entries - 1));
}

/* Ask for the `part`-th of `parts` parts of a row, so that it is near when its turn comes. */
static void prefetch_row(const vs_fixed_base *t, size_t row, size_t part, size_t parts) {
    const size_t line = 64 / sizeof(vs_word), lines = row < t->rows ? t->row_words / line : 0;
    for (size_t i = lines * part / parts; i < lines * (part + 1) / parts; i++) {
        __builtin_prefetch(t->table + row * t->row_words + i * line, 0, 2);
    }
}

/* One row for bundles first .. first + count − 1 of a run. */
static void step(const vs_fixed_base *t, size_t row, vs_word *z, const vs_word *a, vs_word *e, const vs_word *x,
                 size_t count, vs_word *scratch) {
    size_t limbs = vs_fixed_base_exponent_limbs(t);
    uint32_t index[VS_ROW_GROUPS * MAX_LANES];
    for (size_t i = 0; i < count * t->ring->lanes; i++) {
        index[i] = window_at(t, x + i * limbs, row);
    }
    t->ring->backend->row_step(t->ring, z, a, e, t->table + row * t->row_words, t->entries, index, count, row == 0,
                               scratch);
    vs_wipe(index, sizeof index);
}

/* All bundles take a row before any takes the next one, so that the table is loaded once. From row to row the elements
 * go back and forth between two places, so as to end in a. */
void vs_fixed_base_pow(const vs_fixed_base *t, vs_word *a, vs_word *e, const vs_word *x, size_t bundles,
                       vs_word *scratch) {
    const vs_ring *ring = t->ring, *exponents = t->group->exponents;
    size_t bundle = vs_ring_bundle_words(ring), exponent = vs_ring_bundle_words(exponents);
    size_t words = ring->lanes * vs_fixed_base_exponent_limbs(t),
           groups = (bundles + VS_ROW_GROUPS - 1) / VS_ROW_GROUPS;
    vs_word *inner = scratch + bundles * bundle;
    VS_CHECK(ring->lanes <= MAX_LANES);
    for (size_t row = 0; row < t->rows; row++) {
        bool into_a = (t->rows - row) % 2 == 1;
        vs_word *z = into_a ? a : scratch;
        const vs_word *before = into_a ? scratch : a;
        for (size_t g = 0; g < groups; g++) {
            size_t i = g * VS_ROW_GROUPS, count = bundles - i < VS_ROW_GROUPS ? bundles - i : VS_ROW_GROUPS;
            step(t, row, z + i * bundle, before + i * bundle, e + i * exponent, x + i * words, count, inner);
            prefetch_row(t, row + 1, g, groups);
        }
    }
    for (size_t i = 0; i < bundles; i++) {
        ring->backend->row_finish(ring, exponents, a + i * bundle, e + i * exponent, inner);
    }
}
