#include <jansson.h>
#include <math.h>

#include "bench/output.h"

/* A number, or null where it does not apply. */
static json_t *optional(double value) {
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *machine_object(const machine *m) {
    return json_pack("{s:s, s:s, s:s, s:I, s:f, s:o, s:f, s:f}", "processor", m->processor, "compiler", m->compiler,
                     "gmp", m->gmp, "threads", (json_int_t)m->threads, "load", m->load, "peak_ifmas_per_second",
                     m->peak > 0 ? json_real(m->peak) : json_null(), "read_bytes_per_second_one_thread",
                     m->bandwidth_one, "read_bytes_per_second_all_threads", m->bandwidth_all);
}

static json_t *row_object(const row *r) {
    json_t *object =
        json_pack("{s:s, s:i, s:i, s:s, s:i, s:s, s:I, s:I, s:f, s:f, s:f, s:f}", "op", r->op->name, "bits",
                  (int)r->bits, "degree", (int)r->degree, "backend", r->backend, "threads", (int)r->threads, "unit",
                  r->op->unit, "count", (json_int_t)r->m.count, "samples", (json_int_t)r->m.samples, "min_s",
                  r->m.time.min, "median_s", r->m.time.median, "p90_s", r->m.time.p90, "per_second", row_per_second(r));
    json_t *more =
        json_pack("{s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:b}", "other_unit", r->op->other_unit,
                  "others_per_second", optional(row_others_per_second(r)), "ratio_to_textbook", optional(row_ratio(r)),
                  "kernel_fraction", optional(row_kernel_fraction(r)), "roof_fraction", optional(row_roof(r)),
                  "roof_ifmas", optional(r->ifmas > 0 ? r->ifmas : NAN), "peak_ifmas_per_second",
                  optional(r->m.peak > 0 ? r->m.peak : NAN), "bytes", optional(r->bytes > 0 ? r->bytes : NAN),
                  "density_r", optional(row_correlation(r)), "density_samples", (json_int_t)r->d.samples,
                  "density_r_by_chance", optional(r->d.samples > 0 ? r->d.chance : NAN), "noisy", (int)r->m.noisy);
    if (object == NULL || more == NULL || json_object_update(object, more) != 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(more);
    return object;
}

static json_t *target_object(const target *t, const results *r, const settings *s, size_t size) {
    double reached = target_reached(t, r, s, size);
    json_t *met = isnan(reached) ? json_null() : json_boolean(target_met(t, size, reached));
    return json_pack("{s:s, s:s, s:i, s:i, s:s, s:f, s:o, s:o, s:b}", "text", t->text, "op", t->op, "degree",
                     (int)t->degree, "bits", (int)target_bits[size], "asked_is",
                     t->metric == TARGET_DEGREE ? "at most" : "at least", "asked", t->asked[size], "reached",
                     optional(reached), "met", met, "noisy", (int)target_noisy(t, r, s, size));
}

static bool append(json_t *array, json_t *value) {
    return json_array_append_new(array, value) == 0;
}

static json_t *document(const results *r, const settings *s) {
    json_t *rows = json_array(), *goals = json_array();
    bool good = true;
    for (size_t i = 0; i < r->count; i++) {
        good &= append(rows, row_object(&r->rows[i]));
    }
    for (size_t i = 0; i < target_count * TARGET_SIZES; i++) {
        const target *t = &targets[i / TARGET_SIZES];
        if (t->asked[i % TARGET_SIZES] > 0) {
            good &= append(goals, target_object(t, r, s, i % TARGET_SIZES));
        }
    }
    json_t *all = json_pack("{s:i, s:o, s:o, s:o, s:I}", "veilsum_bench", 1, "machine", machine_object(&r->machine),
                            "rows", rows, "targets", goals, "noisy_rows", (json_int_t)results_noisy(r));
    if (!good) {
        json_decref(all);
        return NULL;
    }
    return all;
}

bool json_write(FILE *out, const results *r, const settings *s) {
    json_t *all = document(r, s);
    bool good = all != NULL && json_dumpf(all, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0;
    json_decref(all);
    return good && fputc('\n', out) != EOF;
}
