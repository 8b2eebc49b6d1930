#include "bench/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peak.h"
#include "bench/program.h"
#include "crypto/parallel.h"

/* ---- which rows there are ---- */

static const number_list default_degrees = {{1, 2, 3}, 3};

/* 1, doubled up to all that the process may use. */
static number_list default_threads(void) {
    number_list list = {{1}, 1};
    unsigned all = (unsigned)vs_parallel_threads();
    for (unsigned n = 2; n < all && list.count < MAX_LIST - 1; n *= 2) {
        list.value[list.count++] = n;
    }
    if (all > 1) {
        list.value[list.count++] = all;
    }
    return list;
}

static bool operation_wanted(const settings *s, const operation *op) {
    for (size_t i = 0; i < s->only_count; i++) {
        if (s->only[i] == op) {
            return true;
        }
    }
    return s->only_count == 0 && !(s->quick && (op->flags & SLOW) != 0);
}

/* The place of a row among the lists. */
typedef struct place {
    size_t backend, bits, degree, threads;
} place;

/* Without the machine's vectors a million cells take minutes, so only somebody who asks gets that. */
static bool program_wanted(const settings *s, const place *at, unsigned bits, unsigned degree) {
    return at->backend == 0 && at->threads == 0 && bits == PROGRAM_BITS && degree == 1 && program_available() &&
           (s->only_count > 0 || (peak_available() && vs_parallel_threads() >= PROGRAM_THREADS));
}

static bool row_wanted(const settings *s, const operation *op, const place *at, unsigned bits, unsigned degree) {
    if (!operation_wanted(s, op) || (at->threads > 0 && (op->flags & USES_THREADS) == 0) ||
        (at->backend > 0 && (op->flags & USES_RING) == 0)) {
        return false;
    }
    if ((op->flags & KEYLESS) != 0 && (at->bits > 0 || at->degree > 0)) {
        return false;
    }
    if ((op->flags & WHOLE_PROGRAM) != 0) {
        return program_wanted(s, at, bits, degree);
    }
    if (at->backend > 0 && !s->backends_given && (s->quick || at->threads > 0)) {
        return false;
    }
    bool compared = (op->flags & EVERY_DEGREE) != 0 && at->backend == 0 && at->threads == 0;
    return s->degrees.count > 0 || degree == 1 || compared;
}

/* ---- taking them ---- */

typedef struct taker {
    results *r;
    const settings *s;
    void (*on_row)(const row *);
    number_list degrees, threads;
    unsigned most_threads;
} taker;

static row *add_row(results *r) {
    if (r->count == r->cap) {
        r->cap = 2 * r->cap + 64;
        row *rows = realloc(r->rows, r->cap * sizeof *rows);
        if (rows == NULL) {
            return NULL;
        }
        r->rows = rows;
    }
    return &r->rows[r->count++];
}

static void fill_row(row *out, subject *mine, double seconds) {
    const operation *op = out->op;
    const vs_key_info *info = vs_public_key_info(mine->pk);
    const roof_size size = {mine->bits, mine->degree, info->exponent_bits, SCALAR_FACTOR};
    bool whole = (op->flags & WHOLE_PROGRAM) != 0;
    out->ifmas = roof_ifmas(op->roof, &size);
    out->bytes = (double)(op->plaintexts * info->plaintext_bytes + op->ciphertexts * info->ciphertext_bytes);
    const timing t = {.before = op->before,
                      .run = op->run,
                      .context = mine,
                      .batch = operation_batch(op, mine, out->threads),
                      .baseline = op->baseline,
                      .baseline_context = whole ? (void *)mine : (void *)mine->textbook,
                      .baseline_batch = op->baseline_batch > 0 ? op->baseline_batch : 1,
                      .ifmas = out->ifmas,
                      .threads = out->threads,
                      .random_time = (op->flags & RANDOM_TIME) != 0};
    vs_parallel_set_threads(out->threads);
    out->m = measure(&t, seconds);
    if (op->prepare != NULL && out->threads == 1) {
        out->d = measure_dependence(op->prepare, op->run_dense, mine, op->dense_batch, seconds / 2);
    }
}

static unsigned threads_of(const taker *t, const operation *op, const place *at) {
    if ((op->flags & WHOLE_PROGRAM) != 0) {
        return PROGRAM_THREADS;
    }
    return (op->flags & USES_THREADS) != 0 ? t->threads.value[at->threads] : 1;
}

static bool take_row(taker *t, const operation *op, const place *at, subject **subjects) {
    unsigned bits = t->s->bits.value[at->bits], degree = t->degrees.value[at->degree];
    vs_parallel_set_threads(0);
    if (!row_wanted(t->s, op, at, bits, degree)) {
        return true;
    }
    if (subjects[op->key] == NULL) {
        vs_parallel_set_threads(t->most_threads);
        subjects[op->key] = subject_new(op->key, bits, degree);
    }
    row *out = subjects[op->key] == NULL ? NULL : add_row(t->r);
    if (out == NULL) {
        return false;
    }
    *out = (row){.op = op,
                 .bits = bits,
                 .degree = degree,
                 .threads = threads_of(t, op, at),
                 .backend = t->s->backends[at->backend]};
    fill_row(out, subjects[op->key], t->s->seconds);
    if (t->on_row != NULL) {
        t->on_row(out);
    }
    return true;
}

/* All rows of one backend, size and degree: they share a key of each type. */
static bool take_size(taker *t, place at) {
    subject *subjects[VS_KEY_MADE_TYPES] = {NULL};
    bool good = true;
    for (size_t i = 0; good && i < operation_count; i++) {
        for (at.threads = 0; good && at.threads < t->threads.count; at.threads++) {
            good = take_row(t, &operations[i], &at, subjects);
        }
    }
    for (size_t i = 0; i < VS_KEY_MADE_TYPES; i++) {
        subject_free(subjects[i]);
    }
    program_end();
    return good;
}

bool results_take(results *r, const settings *s, void (*on_row)(const row *)) {
    taker t = {.r = r, .s = s, .on_row = on_row};
    vs_parallel_set_threads(0);
    t.degrees = s->degrees.count > 0 ? s->degrees : default_degrees;
    t.threads = s->threads.count > 0 ? s->threads : default_threads();
    for (size_t i = 0; i < t.threads.count; i++) {
        t.most_threads = t.threads.value[i] > t.most_threads ? t.threads.value[i] : t.most_threads;
    }
    place at;
    for (at.backend = 0; at.backend < s->backend_count; at.backend++) {
        if (setenv("VEILSUM_BACKEND", s->backends[at.backend], 1) != 0) {
            return false;
        }
        for (at.bits = 0; at.bits < s->bits.count; at.bits++) {
            for (at.degree = 0; at.degree < t.degrees.count; at.degree++) {
                if (!take_size(&t, at)) {
                    return false;
                }
            }
        }
    }
    return true;
}

void results_clear(results *r) {
    free(r->rows);
    *r = (results){.rows = NULL};
}

/* ---- reading them ---- */

const row *results_find(const results *r, const settings *s, const char *op, unsigned bits, unsigned degree) {
    for (size_t i = 0; i < r->count; i++) {
        const row *at = &r->rows[i];
        bool alone = at->threads == 1 || (at->op->flags & WHOLE_PROGRAM) != 0;
        if (alone && at->bits == bits && at->degree == degree && strcmp(at->op->name, op) == 0 &&
            strcmp(at->backend, s->backends[0]) == 0) {
            return at;
        }
    }
    return NULL;
}

size_t results_noisy(const results *r) {
    size_t noisy = 0;
    for (size_t i = 0; i < r->count; i++) {
        noisy += r->rows[i].m.noisy;
    }
    return noisy;
}

double row_per_second(const row *r) {
    return 1 / r->m.time.median;
}

double row_others_per_second(const row *r) {
    return r->op->other_unit == NULL ? NAN : r->op->others / r->m.time.median;
}

double row_ratio(const row *r) {
    return r->op->baseline == NULL || (r->op->flags & WHOLE_PROGRAM) != 0 ? NAN : r->m.ratio;
}

double row_kernel_fraction(const row *r) {
    return (r->op->flags & WHOLE_PROGRAM) == 0 ? NAN : r->m.ratio;
}

double row_roof(const row *r) {
    return r->ifmas == 0 || r->m.peak == 0 ? NAN : r->m.roof;
}

double row_correlation(const row *r) {
    return r->d.samples == 0 ? NAN : r->d.r;
}
