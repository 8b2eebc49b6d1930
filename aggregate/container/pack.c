#include "aggregate/container/pack.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/reveal.h"

/* What one block holds, and the plan as packing sees it: `repeats` groups (or vector elements) of `components` cells.
 */
typedef struct block {
    const vs_plan *plan;
    const size_t *members; /* of the block's class */
    uint64_t member_count;
    uint64_t components; /* cells of one group */
    uint64_t group;      /* the first group; block 0 goes through all of them */
    uint64_t counter;    /* 1 in block 0: its slot 0 is the counter */
    uint64_t slot_count;
} block;

/* One slot: which cell it carries, and that cell's range in one contribution. */
typedef struct slot {
    uint64_t cell;
    vs_int128 low;
    vs_uint128 span; /* high − low; below 2^126, since span · contributors_max has at most VS_MAX_SLOT_BITS bits */
    unsigned width;
} slot;

static uint64_t repeats(const vs_plan *plan) {
    return plan->is_vector ? plan->vector_length : plan->group_count;
}

static size_t component_count(const vs_plan *plan) {
    return plan->is_vector ? 1 : plan->component_count;
}

static unsigned digit_capacity(const vs_layout *layout) {
    return layout->key_bits - 1;
}

/* The block with this number; see vs_pack_cursor. */
static block block_at(const vs_layout *layout, uint64_t number) {
    const vs_plan *plan = layout->plan;
    block b = {.plan = plan, .components = component_count(plan)};
    uint64_t block_class = 0;
    if (number > 0) {
        uint64_t classes = plan->class_count - 1;
        b.group = (number - 1) / classes;
        block_class = 1 + (number - 1) % classes;
    }
    b.members = layout->members + layout->member_first[block_class];
    b.member_count = layout->member_first[block_class + 1] - layout->member_first[block_class];
    b.counter = number == 0;
    b.slot_count = number == 0 ? 1 + repeats(plan) * b.member_count : b.member_count;
    return b;
}

static slot slot_at(const block *b, uint64_t number) {
    if (number < b->counter) {
        return (slot){.cell = 0, .low = 0, .span = 1, .width = vs_uint128_bits(b->plan->contributors_max)};
    }
    uint64_t index = number - b->counter;
    size_t member = b->members[index % b->member_count];
    const vs_component *component = &b->plan->components[member];
    return (slot){.cell = 1 + (b->group + index / b->member_count) * b->components + member,
                  .low = component->low,
                  .span = (vs_uint128)component->high - (vs_uint128)component->low,
                  .width = component->width};
}

/* How many of a block's slots, from `first` on, fit into one digit. */
static uint64_t slots_in_digit(const vs_layout *layout, const block *b, uint64_t first) {
    unsigned used = 0;
    uint64_t count = 0;
    while (first + count < b->slot_count) {
        used += slot_at(b, first + count).width;
        if (used > digit_capacity(layout)) {
            break;
        }
        count++;
    }
    return count;
}

static uint64_t block_plaintexts(const vs_layout *layout, uint64_t number) {
    block b = block_at(layout, number);
    uint64_t digits = 0;
    for (uint64_t next = 0; next < b.slot_count; digits++) {
        next += slots_in_digit(layout, &b, next);
    }
    return digits / layout->degree + (digits % layout->degree != 0);
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
static void sort_members(vs_layout *layout) {
    const vs_plan *plan = layout->plan;
    size_t next = 0;
    for (unsigned k = 0; k < plan->class_count; k++) {
        layout->member_first[k] = next;
        for (size_t c = 0; c < component_count(plan); c++) {
            if (plan->components[c].block_class == k) {
                layout->members[next++] = c;
            }
        }
    }
    layout->member_first[plan->class_count] = next;
    VS_CHECK(next == component_count(plan));
}

vs_status vs_layout_make(vs_layout *layout, const vs_plan *plan, unsigned key_bits, unsigned degree, vs_error *error) {
    VS_CHECK(key_bits % 8 == 0 && key_bits > 2 * VS_MAX_SLOT_BITS && degree >= 1 && plan->class_count >= 1);
    check_widths(plan);
    *layout = (vs_layout){.plan = plan, .key_bits = key_bits, .degree = degree, .digit_bytes = key_bits / 8};
    layout->class_offset = calloc((size_t)plan->class_count + 1, sizeof *layout->class_offset);
    layout->member_first = calloc((size_t)plan->class_count + 1, sizeof *layout->member_first);
    layout->members = calloc(component_count(plan), sizeof *layout->members);
    if (layout->class_offset == NULL || layout->member_first == NULL || layout->members == NULL) {
        vs_layout_free(layout);
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    sort_members(layout);
    layout->first_block_plaintexts = block_plaintexts(layout, 0);
    /* Every group's blocks look like the first group's. */
    for (unsigned k = 1; k < plan->class_count; k++) {
        layout->class_offset[k] = layout->group_plaintexts;
        layout->group_plaintexts += block_plaintexts(layout, k);
    }
    layout->class_offset[plan->class_count] = layout->group_plaintexts;
    /* No overflow: a plaintext holds at least one cell, so the sum is at most VS_MAX_CELLS. */
    layout->plaintext_count = layout->first_block_plaintexts + repeats(plan) * layout->group_plaintexts;
    return VS_OK;
}

void vs_layout_free(vs_layout *layout) {
    free(layout->class_offset);
    free(layout->member_first);
    free(layout->members);
    *layout = (vs_layout){0};
}

void vs_layout_block(const vs_layout *layout, uint64_t group, unsigned block_class, uint64_t *first, uint64_t *count) {
    VS_CHECK(block_class < layout->plan->class_count && (block_class == 0 || group < repeats(layout->plan)));
    if (block_class == 0) {
        *first = 0;
        *count = layout->first_block_plaintexts;
        return;
    }
    *first = layout->first_block_plaintexts + group * layout->group_plaintexts + layout->class_offset[block_class];
    *count = layout->class_offset[block_class + 1] - layout->class_offset[block_class];
}

uint64_t vs_layout_block_number(const vs_layout *layout, uint64_t group, unsigned block_class) {
    VS_CHECK(block_class < layout->plan->class_count);
    return block_class == 0 ? 0 : 1 + group * (layout->plan->class_count - 1) + (block_class - 1);
}

/* Or `width` bits of `value` into the digit at bit `offset`. The value is secret: only its place decides what is
 * touched. */
static void put_bits(uint8_t *digit, unsigned offset, unsigned width, vs_uint128 value) {
    unsigned shift = offset % 8, touched = (shift + width + 7) / 8;
    uint8_t *byte = digit + offset / 8;
    byte[0] |= (uint8_t)(value << shift);
    for (unsigned i = 1; i < touched; i++) {
        byte[i] |= (uint8_t)(value >> (8 * i - shift));
    }
}

static vs_uint128 get_bits(const uint8_t *digit, unsigned offset, unsigned width) {
    unsigned shift = offset % 8, touched = (shift + width + 7) / 8;
    const uint8_t *byte = digit + offset / 8;
    vs_uint128 value = byte[0] >> shift;
    for (unsigned i = 1; i < touched; i++) {
        value |= (vs_uint128)byte[i] << (8 * i - shift);
    }
    return value & (((vs_uint128)1 << width) - 1);
}

static bool bits_are_zero(const uint8_t *digit, size_t len, unsigned from) {
    size_t byte = from / 8;
    uint8_t any = byte < len ? (uint8_t)(digit[byte] >> (from % 8)) : 0;
    for (byte++; byte < len; byte++) {
        any |= digit[byte];
    }
    return any == 0;
}

/* Returns not 0 if a cell was out of its range: gathered without a branch, since the cells are secret. */
static vs_uint128 pack_digit(const vs_layout *layout, const block *b, uint64_t *next, uint8_t *digit,
                             const vs_int128 *cells) {
    vs_uint128 bad = 0;
    unsigned offset = 0;
    for (; *next < b->slot_count; (*next)++) {
        slot s = slot_at(b, *next);
        if (offset + s.width > digit_capacity(layout)) {
            break;
        }
        vs_uint128 value = (vs_uint128)cells[s.cell] - (vs_uint128)s.low;
        bad |= (value | (s.span - value)) >> 127;
        put_bits(digit, offset, s.width, value);
        offset += s.width;
    }
    return bad;
}

void vs_pack(const vs_layout *layout, vs_pack_cursor *cursor, uint8_t *out, const vs_int128 *cells, uint64_t count) {
    size_t digit_bytes = layout->digit_bytes;
    vs_uint128 bad = 0;
    memset(out, 0, count * layout->degree * digit_bytes);
    for (uint64_t i = 0; i < count; i++) {
        block b = block_at(layout, cursor->block);
        while (cursor->slot == b.slot_count) { /* full, or a class without members */
            b = block_at(layout, ++cursor->block);
            cursor->slot = 0;
            VS_CHECK(b.group < repeats(layout->plan));
        }
        for (unsigned d = 0; d < layout->degree; d++) {
            bad |= pack_digit(layout, &b, &cursor->slot, out, cells);
            out += digit_bytes;
        }
    }
    VS_CHECK(vs_reveal(bad == 0));
}

static vs_status refuse(const slot *s, const block *b, vs_error *error) {
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

/* One digit's slots into cells. A total is public to who opens it: variable time. */
static vs_status unpack_digit(const vs_layout *layout, const block *b, uint64_t *next, vs_int128 *cells,
                              const uint8_t *digit, uint64_t contributions, vs_error *error) {
    unsigned offset = 0;
    slot s = {0};
    for (; *next < b->slot_count; (*next)++) {
        s = slot_at(b, *next);
        if (offset + s.width > digit_capacity(layout)) {
            break;
        }
        vs_uint128 value = get_bits(digit, offset, s.width);
        if (value > s.span * contributions) {
            return refuse(&s, b, error);
        }
        cells[s.cell] = (vs_int128)value + s.low * (vs_int128)contributions;
        offset += s.width;
    }
    if (!bits_are_zero(digit, layout->digit_bytes, offset)) {
        vs_fail(error, VS_ERR_RANGE, "the total holds something between its slots");
        vs_hint(error, "a contribution was not made by veilsum for this plan; ask the contributors for new ones");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

vs_status vs_unpack_next(const vs_layout *layout, vs_pack_cursor *cursor, vs_int128 *cells, const uint8_t *plaintexts,
                         uint64_t count, uint64_t contributions, vs_error *error) {
    VS_CHECK(contributions <= layout->plan->contributors_max);
    block b = block_at(layout, cursor->block);
    for (uint64_t digit = 0; digit < count * layout->degree; digit++) {
        vs_status status = unpack_digit(layout, &b, &cursor->slot, cells, plaintexts + digit * layout->digit_bytes,
                                        contributions, error);
        if (status != VS_OK) {
            return status;
        }
    }
    return VS_OK;
}

vs_status vs_unpack(const vs_layout *layout, vs_int128 *cells, const uint8_t *plaintexts, uint64_t group,
                    unsigned block_class, uint64_t contributions, vs_error *error) {
    uint64_t first, count;
    vs_layout_block(layout, group, block_class, &first, &count);
    vs_pack_cursor cursor = {.block = vs_layout_block_number(layout, group, block_class)};
    return vs_unpack_next(layout, &cursor, cells, plaintexts, count, contributions, error);
}
