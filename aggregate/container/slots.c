#include "aggregate/container/slots.h"

#include <stdlib.h>

uint64_t vs__slot_repeats(const vs_plan *plan) {
    return plan->is_vector ? plan->vector_length : plan->group_count;
}

static size_t component_count(const vs_plan *plan) {
    return plan->is_vector ? 1 : plan->component_count;
}

/* A total of contributors_max contributions must fit every slot, or one slot would run into the next. */
static void check_widths(const vs_plan *plan) {
    for (size_t c = 0; c < component_count(plan); c++) {
        const vs_component *component = &plan->components[c];
        vs_uint128 span = (vs_uint128)component->high - (vs_uint128)component->low;
        VS_CHECK(component->low <= component->high && component->width <= VS_MAX_SLOT_BITS);
        VS_CHECK(span <= (((vs_uint128)1 << component->width) - 1) / plan->contributors_max);
    }
}

/* Sort component indices by class, keeping the plan's order within a class. */
static void sort_members(vs__slot_order *order) {
    const vs_plan *plan = order->plan;
    size_t next = 0;
    for (unsigned k = 0; k < plan->class_count; k++) {
        order->member_first[k] = next;
        for (size_t c = 0; c < component_count(plan); c++) {
            if (plan->components[c].block_class == k) {
                order->members[next++] = c;
            }
        }
    }
    order->member_first[plan->class_count] = next;
    VS_CHECK(next == component_count(plan));
}

vs_status vs__slot_order_make(vs__slot_order *order, const vs_plan *plan, vs_error *error) {
    check_widths(plan);
    *order = (vs__slot_order){.plan = plan};
    order->member_first = calloc((size_t)plan->class_count + 1, sizeof *order->member_first);
    order->members = calloc(component_count(plan), sizeof *order->members);
    if (order->member_first == NULL || order->members == NULL) {
        vs__slot_order_free(order);
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    sort_members(order);
    return VS_OK;
}

void vs__slot_order_free(vs__slot_order *order) {
    free(order->member_first);
    free(order->members);
    *order = (vs__slot_order){0};
}

vs__slot_block vs__slot_block_at(const vs__slot_order *order, uint64_t number) {
    const vs_plan *plan = order->plan;
    vs__slot_block b = {.plan = plan, .components = component_count(plan)};
    uint64_t block_class = 0;
    if (number > 0) {
        uint64_t classes = plan->class_count - 1;
        b.group = (number - 1) / classes;
        block_class = 1 + (number - 1) % classes;
    }
    b.members = order->members + order->member_first[block_class];
    b.member_count = order->member_first[block_class + 1] - order->member_first[block_class];
    b.counter = number == 0;
    b.slot_count = number == 0 ? 1 + vs__slot_repeats(plan) * b.member_count : b.member_count;
    return b;
}

uint64_t vs__slot_block_number(const vs_plan *plan, uint64_t group, unsigned block_class) {
    VS_CHECK(block_class < plan->class_count);
    return block_class == 0 ? 0 : 1 + group * (plan->class_count - 1) + (block_class - 1);
}

vs__slot vs__slot_at(const vs__slot_block *b, uint64_t number) {
    if (number < b->counter) {
        return (vs__slot){.cell = 0, .low = 0, .span = 1, .width = vs_uint128_bits(b->plan->contributors_max)};
    }
    uint64_t index = number - b->counter;
    size_t member = b->members[index % b->member_count];
    const vs_component *component = &b->plan->components[member];
    return (vs__slot){.cell = 1 + (b->group + index / b->member_count) * b->components + member,
                      .low = component->low,
                      .span = (vs_uint128)component->high - (vs_uint128)component->low,
                      .width = component->width};
}

vs__slot_walk vs__slot_walk_begin(const vs__slot_block *b) {
    return (vs__slot_walk){.block = b, .cell = 1 + b->group * b->components};
}

vs_status vs__slot_refuse(const vs__slot *s, const vs__slot_block *b, vs_error *error) {
    if (b->plan->is_vector || s->cell == 0) {
        vs_fail(error, VS_ERR_RANGE, "the total's cell %llu is out of its range", (unsigned long long)s->cell);
    } else {
        vs_fail(error, VS_ERR_RANGE, "the total's group %llu, component %llu is out of its range",
                (unsigned long long)((s->cell - 1) / b->components + 1),
                (unsigned long long)((s->cell - 1) % b->components + 1));
    }
    vs_hint(error, "a contribution was not made by veilsum for this plan; ask the contributors for new ones");
    return VS_ERR_RANGE;
}
