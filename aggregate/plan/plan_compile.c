/* From measures to components: which integers each group contributes, how large they can get, how wide their slots are,
 * and which may be opened together.
 *
 * Every measure first wishes for all components that it needs; then equal wishes are unified by sorting (time n·log n
 * whatever a plan says: no hash table to flood), and each component stands where it was first wished for. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"

typedef struct wishes {
    vs_component *list;
    size_t count;
} wishes;

/* The columns that a row must have for a measure to see it: none, one, or two in ascending order. */
typedef struct present_set {
    size_t column[2];
    unsigned count;
} present_set;

static present_set present_of(const vs_measure *measure) {
    size_t x = measure->x, y = measure->y;
    if (x == VS_NONE) {
        return (present_set){.count = 0};
    }
    if (y == VS_NONE || x == y) {
        return (present_set){.column = {x}, .count = 1};
    }
    return (present_set){.column = {x < y ? x : y, x < y ? y : x}, .count = 2};
}

static bool same_set(const present_set *a, const present_set *b) {
    return a->count == b->count && a->column[0] == b->column[0] && a->column[1] == b->column[1];
}

static size_t wish(wishes *all, const vs_component *component) {
    all->list[all->count] = *component;
    return all->count++;
}

/* The sum over rows that have `present` of a·b, of a (b = VS_NONE), or of 1 (both VS_NONE). */
static size_t wish_moment(wishes *all, const present_set *present, size_t a, size_t b) {
    vs_component moment = {.kind = VS_COMPONENT_MOMENT, .present_count = present->count};
    memcpy(moment.present, present->column, sizeof moment.present);
    if (a != VS_NONE && b != VS_NONE) {
        moment.factor[0] = a < b ? a : b;
        moment.factor[1] = a < b ? b : a;
        moment.factor_count = 2;
    } else if (a != VS_NONE) {
        moment.factor[0] = a;
        moment.factor_count = 1;
    }
    return wish(all, &moment);
}

/* ---- wishing ---- */

static size_t wish_count_of(const vs_measure *measure) {
    switch (measure->kind) {
    case VS_MEASURE_COUNT:
    case VS_MEASURE_SUM:
        return 1;
    case VS_MEASURE_MEAN:
    case VS_MEASURE_WEIGHTED_MEAN:
        return 2;
    case VS_MEASURE_VARIANCE:
        return 3;
    case VS_MEASURE_COVARIANCE:
        return 4;
    case VS_MEASURE_REGRESSION:
        return 5;
    default:
        return measure->bin_count;
    }
}

static void wish_bins(wishes *all, vs_measure *measure) {
    for (size_t i = 0; i < measure->bin_count; i++) {
        vs_component bin = {.kind = VS_COMPONENT_BIN, .present = {measure->x}, .present_count = 1};
        if (measure->bins != NULL) {
            bin.bin = measure->bins[i];
        } else {
            bin.level = i;
        }
        measure->components[i] = wish(all, &bin);
    }
}

/* In the order that vs_measure_kind lists. */
static void wish_measure(wishes *all, vs_measure *measure) {
    present_set present = present_of(measure);
    size_t x = measure->x, y = measure->y, *out = measure->components;
    switch (measure->kind) {
    case VS_MEASURE_COUNT:
        out[0] = wish_moment(all, &present, VS_NONE, VS_NONE);
        return;
    case VS_MEASURE_SUM:
        out[0] = wish_moment(all, &present, x, VS_NONE);
        return;
    case VS_MEASURE_WEIGHTED_MEAN:
        out[0] = wish_moment(all, &present, y, VS_NONE);
        out[1] = wish_moment(all, &present, x, y);
        return;
    case VS_MEASURE_HISTOGRAM:
        wish_bins(all, measure);
        return;
    default:
        break;
    }
    *out++ = wish_moment(all, &present, VS_NONE, VS_NONE);
    *out++ = wish_moment(all, &present, x, VS_NONE);
    if (measure->kind == VS_MEASURE_VARIANCE) {
        *out = wish_moment(all, &present, x, x);
    } else if (measure->kind != VS_MEASURE_MEAN) {
        *out++ = wish_moment(all, &present, y, VS_NONE);
        *out++ = wish_moment(all, &present, x, y);
        if (measure->kind == VS_MEASURE_REGRESSION) {
            *out = wish_moment(all, &present, x, x);
        }
    }
}

/* Counts that minimums need stand first, so that they are one run in every group. */
static void wish_counts(vs_plan *plan, wishes *all) {
    const present_set none = {.count = 0};
    vs_component contributor = {.kind = VS_COMPONENT_CONTRIBUTOR};
    plan->contributors_component = wish(all, &contributor);
    plan->rows_component = wish_moment(all, &none, VS_NONE, VS_NONE);
    for (size_t i = 0; i < plan->measure_count; i++) {
        present_set present = present_of(&plan->measures[i]);
        plan->measures[i].own_count = wish_moment(all, &present, VS_NONE, VS_NONE);
    }
}

static vs_status wish_all(vs_plan *plan, wishes *all, vs_error *error) {
    size_t total = plan->has_minimums ? 2 + plan->measure_count : 0;
    for (size_t i = 0; i < plan->measure_count; i++) {
        total += wish_count_of(&plan->measures[i]);
    }
    all->list = calloc(total + 1, sizeof *all->list);
    if (all->list == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    plan->contributors_component = plan->rows_component = VS_NONE;
    if (plan->has_minimums) {
        wish_counts(plan, all);
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        vs_measure *measure = &plan->measures[i];
        measure->component_count = wish_count_of(measure);
        measure->components = calloc(measure->component_count, sizeof *measure->components);
        if (measure->components == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        wish_measure(all, measure);
    }
    VS_CHECK(all->count == total);
    return VS_OK;
}

/* ---- unifying ---- */

#define COMPARE(a, b)                                                                                                  \
    if ((a) != (b)) {                                                                                                  \
        return (a) < (b) ? -1 : 1;                                                                                     \
    }

static int compare_components(const vs_component *a, const vs_component *b) {
    COMPARE(a->kind, b->kind)
    COMPARE(a->factor_count, b->factor_count)
    COMPARE(a->factor[0], b->factor[0])
    COMPARE(a->factor[1], b->factor[1])
    COMPARE(a->present_count, b->present_count)
    COMPARE(a->present[0], b->present[0])
    COMPARE(a->present[1], b->present[1])
    COMPARE(a->bin.low, b->bin.low)
    COMPARE(a->bin.high, b->bin.high)
    COMPARE(a->bin.low_open, b->bin.low_open)
    COMPARE(a->bin.high_open, b->bin.high_open)
    COMPARE(a->bin.other, b->bin.other)
    COMPARE(a->level, b->level)
    return 0;
}

/* Equal wishes by age, so that the first of a run is the one that stays. */
static int compare_wishes(const void *a, const void *b, void *list) {
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const vs_component *components = list;
    int order = compare_components(&components[i], &components[j]);
    return order != 0 ? order : (i > j) - (i < j);
}

/* place[i]: where wish i ends up. The list shrinks to the wishes that stay, in their order. */
static vs_status unify(wishes *all, size_t *place, vs_error *error) {
    size_t *order = malloc((all->count + 1) * sizeof *order);
    if (order == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < all->count; i++) {
        order[i] = i;
    }
    qsort_r(order, all->count, sizeof *order, compare_wishes, all->list);
    for (size_t i = 0, first = 0; i < all->count; i++) {
        if (compare_components(&all->list[order[first]], &all->list[order[i]]) != 0) {
            first = i;
        }
        place[order[i]] = order[first];
    }
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (place[i] == i) {
            all->list[kept] = all->list[i];
            place[i] = kept++;
        } else {
            place[i] = place[place[i]]; /* an older wish: its final place is known by now */
        }
    }
    all->count = kept;
    free(order);
    return VS_OK;
}

static void renumber(vs_plan *plan, const size_t *place) {
    if (plan->has_minimums) {
        plan->contributors_component = place[plan->contributors_component];
        plan->rows_component = place[plan->rows_component];
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        vs_measure *measure = &plan->measures[i];
        if (plan->has_minimums) {
            measure->own_count = place[measure->own_count];
        }
        for (size_t j = 0; j < measure->component_count; j++) {
            measure->components[j] = place[measure->components[j]];
        }
    }
}

/* ---- classes ---- */

/* Class k holds the values over the k-th set of present columns, in the order of measures; counts are class 0. */
static vs_status assign_classes(vs_plan *plan, vs_error *error) {
    plan->class_count = 1;
    if (!plan->has_minimums) {
        return VS_OK;
    }
    present_set *sets = calloc(plan->measure_count + 1, sizeof *sets);
    if (sets == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        present_set present = present_of(measure);
        unsigned k = 1;
        if (present.count == 0) {
            continue;
        }
        while (k < plan->class_count && !same_set(&sets[k], &present)) {
            k++;
        }
        if (k == plan->class_count) {
            sets[plan->class_count++] = present;
        }
        for (size_t j = 0; j < measure->component_count; j++) {
            vs_component *component = &plan->components[measure->components[j]];
            bool is_count = component->kind == VS_COMPONENT_MOMENT && component->factor_count == 0;
            component->block_class = is_count ? 0 : k;
        }
    }
    free(sets);
    return VS_OK;
}

/* ---- ranges and widths ---- */

/* What one row may add: the corners of the columns' bounds, and 0 for a row that is not there. */
static void row_range(const vs_plan *plan, const vs_component *component, vs_int128 *low, vs_int128 *high) {
    *low = 0;
    *high = 1;
    if (component->factor_count == 0) {
        return;
    }
    const vs_column *a = &plan->columns[component->factor[0]];
    vs_int128 corners[4] = {a->min, a->max, a->min, a->max};
    size_t corner_count = 2;
    if (component->factor_count == 2) {
        /* Bounds stay within ±(2^62 − 1), so products stay within 2^124. A square has no mixed corners. */
        const vs_column *b = &plan->columns[component->factor[1]];
        corners[0] *= b->min;
        corners[1] *= b->max;
        corners[2] *= b->max;
        corners[3] *= b->min;
        corner_count = a == b ? 2 : 4;
    }
    *high = 0;
    for (size_t i = 0; i < corner_count; i++) {
        *low = corners[i] < *low ? corners[i] : *low;
        *high = corners[i] > *high ? corners[i] : *high;
    }
}

vs_status vs__slot_width(vs_component *component, uint64_t contributors_max) {
    vs_int128 range, largest;
    if (__builtin_sub_overflow(component->high, component->low, &range) ||
        __builtin_mul_overflow(range, (vs_int128)contributors_max, &largest)) {
        return VS_ERR_RANGE;
    }
    component->width = vs_uint128_bits((vs_uint128)largest);
    component->width += component->width == 0; /* a slot of no bits would be no place in a plaintext */
    return component->width <= VS_MAX_SLOT_BITS ? VS_OK : VS_ERR_RANGE;
}

static vs_status set_range(const vs_plan *plan, vs_component *component) {
    vs_int128 low, high, rows = (vs_int128)plan->rows_max;
    row_range(plan, component, &low, &high);
    if (component->kind == VS_COMPONENT_CONTRIBUTOR) {
        rows = 1;
    }
    if (__builtin_mul_overflow(low, rows, &component->low) || __builtin_mul_overflow(high, rows, &component->high)) {
        return VS_ERR_RANGE;
    }
    return vs__slot_width(component, plan->contributors_max);
}

static vs_status too_wide(const vs_plan *plan, size_t component, vs_error *error) {
    size_t culprit = 0;
    for (size_t i = 0; i < plan->measure_count; i++) {
        for (size_t j = 0; j < plan->measures[i].component_count; j++) {
            culprit = plan->measures[i].components[j] == component ? i : culprit;
        }
    }
    char shown[80], *title = vs_measure_column_title(plan, &plan->measures[culprit], 0);
    vs__place root = {.up = NULL}, measures = {.up = &root, .key = "measures"};
    vs__place place = {.up = &measures, .index = culprit};
    (void)vs__plan_fail(&place, error, VS_ERR_RANGE, "the total behind %s can need more than %u bits",
                        title != NULL ? vs__printable(shown, title) : "it", VS_MAX_SLOT_BITS);
    free(title);
    vs_hint(error, "lower the column's scale, bring its min and max closer, or lower rows.max or contributors.max");
    return VS_ERR_RANGE;
}

static vs_status count_cells(vs_plan *plan, vs_error *error) {
    uint64_t cells;
    if (__builtin_mul_overflow(plan->group_count, (uint64_t)plan->component_count, &cells) || cells >= VS_MAX_CELLS) {
        (void)vs_fail(error, VS_ERR_RANGE, "plan: %llu groups of %zu numbers each are more than 2^26 cells",
                      (unsigned long long)plan->group_count, plan->component_count);
        vs_hint(error, "group by fewer columns or values, or ask for fewer measures");
        return VS_ERR_RANGE;
    }
    plan->cell_count = 1 + cells;
    return VS_OK;
}

vs_status vs__plan_compile(vs_plan *plan, vs_error *error) {
    wishes all = {.list = NULL};
    size_t *place = NULL;
    vs_status status = wish_all(plan, &all, error);
    if (status != VS_OK) {
        goto done;
    }
    place = malloc((all.count + 1) * sizeof *place);
    status = place != NULL ? unify(&all, place, error) : vs_fail_plain(error, VS_ERR_MEMORY);
    if (status != VS_OK) {
        goto done;
    }
    renumber(plan, place);
    plan->components = all.list;
    plan->component_count = all.count;
    all.list = NULL;
    status = count_cells(plan, error);
    if (status == VS_OK) {
        status = assign_classes(plan, error);
    }
    for (size_t i = 0; status == VS_OK && i < plan->component_count; i++) {
        if (set_range(plan, &plan->components[i]) != VS_OK) {
            status = too_wide(plan, i, error);
        }
    }
done:
    free(all.list);
    free(place);
    return status;
}
