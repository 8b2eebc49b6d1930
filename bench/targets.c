#include "bench/targets.h"

#include <math.h>
#include <stdio.h>

const unsigned target_bits[TARGET_SIZES] = {2048, 3072};

const target targets[] = {
    {"ring product, fraction of its roof (10 L^2)", "product", TARGET_ROOF, 1, {0.88, 0.92}, 0},
    {"ring square, fraction of its roof (7 L^2)", "square", TARGET_ROOF, 1, {0.80, 0.85}, 0},
    {"encrypt, against the textbook", "encrypt", TARGET_RATIO, 1, {110, 90}, 0},
    {"encrypt, short exponents", "encrypt-short", TARGET_RATIO, 1, {180, 240}, 0},
    {"encrypt from a pool, 10,000 at a time", "encrypt-pool", TARGET_RATIO, 1, {8000, 12000}, 0},
    {"combine, against mpz_mul and mpz_mod", "combine", TARGET_RATIO, 1, {9, 10}, 0},
    {"decrypt, against two CRT mpz_powm", "decrypt", TARGET_RATIO, 1, {9, 9}, 11},
    {"decrypt, subgroup key", "decrypt-sub", TARGET_RATIO, 1, {40, 50}, 0},
    {"encrypt, degree 2: time a payload byte", "encrypt", TARGET_DEGREE, 2, {1.1, 1.1}, 0},
    {"encrypt, degree 3: time a payload byte", "encrypt", TARGET_DEGREE, 3, {1.1, 1.1}, 0},
    {"combine, degree 2: time a payload byte", "combine", TARGET_DEGREE, 2, {1.1, 1.1}, 0},
    {"combine, degree 3: time a payload byte", "combine", TARGET_DEGREE, 3, {1.1, 1.1}, 0},
    {"decrypt, degree 2: time a payload byte", "decrypt", TARGET_DEGREE, 2, {1.1, 1.1}, 0},
    {"decrypt, degree 3: time a payload byte", "decrypt", TARGET_DEGREE, 3, {1.1, 1.1}, 0},
    {"veilsum encrypt, time inside the kernels", "program", TARGET_KERNELS, 1, {0, 0.9}, 0},
};
const size_t target_count = sizeof targets / sizeof *targets;

/* Both rows in work that the machine could have done meanwhile: the two were not timed in turn, and a machine that had
 * slowed down for one of them had a lower peak beside it. */
static double degree_cost(const row *r) {
    double time = r->m.time.median / r->degree;
    return r->m.peak > 0 ? time * r->m.peak : time;
}

double target_reached(const target *t, const results *r, const settings *s, size_t size) {
    const row *at = results_find(r, s, t->op, target_bits[size], t->degree);
    const row *first = results_find(r, s, t->op, target_bits[size], 1);
    if (at == NULL || first == NULL) {
        return NAN;
    }
    switch (t->metric) {
    case TARGET_ROOF:
        return row_roof(at);
    case TARGET_RATIO:
        return row_ratio(at);
    case TARGET_KERNELS:
        return row_kernel_fraction(at);
    case TARGET_DEGREE:
        break;
    }
    return degree_cost(at) / degree_cost(first);
}

bool target_met(const target *t, size_t size, double reached) {
    return t->metric == TARGET_DEGREE ? reached <= t->asked[size] : reached >= t->asked[size];
}

bool target_noisy(const target *t, const results *r, const settings *s, size_t size) {
    const row *at = results_find(r, s, t->op, target_bits[size], t->degree);
    const row *first = results_find(r, s, t->op, target_bits[size], 1);
    return !isnan(target_reached(t, r, s, size)) && (at->m.noisy || (t->metric == TARGET_DEGREE && first->m.noisy));
}

static void figure(char *out, size_t len, const target *t, const char *sign, double value) {
    switch (t->metric) {
    case TARGET_ROOF:
    case TARGET_KERNELS:
        snprintf(out, len, "%s%.2f", sign, value);
        break;
    case TARGET_DEGREE:
        snprintf(out, len, "%s%.2fx", sign, value);
        break;
    case TARGET_RATIO:
        snprintf(out, len, value < 100 && *sign == 0 ? "%s%.1fx" : "%s%.0fx", sign, value);
        break;
    }
}

void target_asked_text(char *out, size_t len, const target *t, size_t size) {
    out[0] = 0;
    if (t->asked[size] > 0) {
        figure(out, len, t, t->metric == TARGET_DEGREE ? "<= " : ">= ", t->asked[size]);
    }
}

void target_reached_text(char *out, size_t len, const target *t, double reached) {
    if (isnan(reached)) {
        snprintf(out, len, "not measured");
    } else {
        figure(out, len, t, "", reached);
    }
}
