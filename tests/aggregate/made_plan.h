/* Plans made by hand, for tests of what comes after the plan: any widths and block classes, without JSON. */
#ifndef VEILSUM_TESTS_MADE_PLAN_H
#define VEILSUM_TESTS_MADE_PLAN_H

#include "aggregate/plan/plan.h"
#include "tests/support.h"

static inline unsigned made_bits(vs_uint128 x) {
    unsigned bits = 0;
    while (x >> bits != 0) {
        bits++;
    }
    return bits;
}

/* A component's range, and the slot that its largest total needs. */
static inline void made_range(vs_component *component, vs_int128 low, vs_int128 high, uint64_t contributors_max) {
    vs_uint128 span = (vs_uint128)high - (vs_uint128)low;
    component->low = low;
    component->high = high;
    component->width = made_bits(span * contributors_max);
    component->width = component->width == 0 ? 1 : component->width;
}

static inline vs_plan *made_plan_new(size_t component_count, uint64_t group_count, unsigned class_count,
                                     uint64_t contributors_max) {
    vs_plan *plan = calloc(1, sizeof *plan);
    plan->components = calloc(component_count, sizeof *plan->components);
    plan->component_count = component_count;
    plan->group_count = group_count;
    plan->class_count = class_count;
    plan->has_minimums = class_count > 1;
    plan->contributors_min = 1;
    plan->contributors_max = contributors_max;
    plan->cell_count = 1 + group_count * component_count;
    return plan;
}

static inline void made_plan_free(vs_plan *plan) {
    free(plan->components);
    free(plan);
}

/* A range that a plan may have: narrow, wide or one-sided, with corners often. */
static inline void made_random_range(vs_component *component, uint64_t contributors_max) {
    unsigned room = VS_MAX_SLOT_BITS - made_bits(contributors_max);
    unsigned up = (unsigned)test_below(room), down = (unsigned)test_below(room);
    vs_int128 high = ((vs_int128)1 << up) - (vs_int128)test_below(2);
    vs_int128 low = test_below(3) == 0 ? 0 : -((vs_int128)1 << down);
    made_range(component, low, test_below(8) == 0 ? 0 : high, contributors_max);
}

static inline vs_plan *made_random_plan(void) {
    static const uint64_t limits[] = {1, 2, 3, 1000, 1000000};
    uint64_t contributors_max = limits[test_below(5)];
    size_t components = 1 + (size_t)test_below(12);
    unsigned classes = test_below(3) == 0 ? 1 : 1 + (unsigned)test_below(5);
    vs_plan *plan = made_plan_new(components, 1 + test_below(40), classes, contributors_max);
    bool narrow = test_below(2);
    for (size_t c = 0; c < components; c++) {
        made_random_range(&plan->components[c], contributors_max);
        if (narrow) {
            made_range(&plan->components[c], 0, (vs_int128)(1 + test_below(255)), contributors_max);
        }
        plan->components[c].block_class = (unsigned)test_below(classes);
    }
    return plan;
}

static inline vs_plan *made_vector_plan(uint64_t length, vs_int128 low, vs_int128 high, uint64_t contributors_max) {
    vs_plan *plan = made_plan_new(1, 1, 1, contributors_max);
    plan->is_vector = true;
    plan->vector_length = length;
    plan->cell_count = 1 + length;
    made_range(&plan->components[0], low, high, contributors_max);
    return plan;
}

/* A cell that a contribution may hold: corners half of the time. */
static inline vs_int128 made_random_cell(const vs_component *component) {
    vs_uint128 span = (vs_uint128)component->high - (vs_uint128)component->low;
    vs_uint128 random = (vs_uint128)test_random() << 64 | test_random();
    switch (test_below(4)) {
    case 0:
        return component->low;
    case 1:
        return component->high;
    default:
        return (vs_int128)((vs_uint128)component->low + random % (span + 1));
    }
}

static inline void made_random_cells(const vs_plan *plan, vs_int128 *cells) {
    cells[0] = 1;
    for (uint64_t i = 1; i < plan->cell_count; i++) {
        cells[i] = made_random_cell(&plan->components[plan->is_vector ? 0 : (i - 1) % plan->component_count]);
    }
}

#endif
