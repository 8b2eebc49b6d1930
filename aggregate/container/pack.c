#include "aggregate/container/pack.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/reveal.h"

static unsigned digit_capacity(const vs_layout *layout) {
    return layout->key_bits - 1;
}

/* How many of a block's slots, from `first` on, fit into one digit. */
static uint64_t slots_in_digit(const vs_layout *layout, const vs__slot_block *b, uint64_t first) {
    unsigned used = 0;
    uint64_t count = 0;
    while (first + count < b->slot_count) {
        used += vs__slot_at(b, first + count).width;
        if (used > digit_capacity(layout)) {
            break;
        }
        count++;
    }
    return count;
}

static uint64_t block_plaintexts(const vs_layout *layout, uint64_t number) {
    vs__slot_block b = vs__slot_block_at(&layout->order, number);
    uint64_t digits = 0;
    for (uint64_t next = 0; next < b.slot_count; digits++) {
        next += slots_in_digit(layout, &b, next);
    }
    return digits / layout->degree + (digits % layout->degree != 0);
}

vs_status vs_layout_make(vs_layout *layout, const vs_plan *plan, unsigned key_bits, unsigned degree, vs_error *error) {
    VS_CHECK(key_bits % 8 == 0 && key_bits > 2 * VS_MAX_SLOT_BITS && degree >= 1 && plan->class_count >= 1);
    *layout = (vs_layout){.plan = plan, .key_bits = key_bits, .degree = degree, .digit_bytes = key_bits / 8};
    layout->class_offset = calloc((size_t)plan->class_count + 1, sizeof *layout->class_offset);
    if (layout->class_offset == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = vs__slot_order_make(&layout->order, plan, error);
    if (status != VS_OK) {
        vs_layout_free(layout);
        return status;
    }
    layout->first_block_plaintexts = block_plaintexts(layout, 0);
    /* Every group's blocks look like the first group's. */
    for (unsigned k = 1; k < plan->class_count; k++) {
        layout->class_offset[k] = layout->group_plaintexts;
        layout->group_plaintexts += block_plaintexts(layout, k);
    }
    layout->class_offset[plan->class_count] = layout->group_plaintexts;
    /* No overflow: a plaintext holds at least one cell, so the sum is at most VS_MAX_CELLS. */
    layout->plaintext_count = layout->first_block_plaintexts + vs__slot_repeats(plan) * layout->group_plaintexts;
    return VS_OK;
}

void vs_layout_free(vs_layout *layout) {
    free(layout->class_offset);
    vs__slot_order_free(&layout->order);
    *layout = (vs_layout){0};
}

void vs_layout_block(const vs_layout *layout, uint64_t group, unsigned block_class, uint64_t *first, uint64_t *count) {
    VS_CHECK(block_class < layout->plan->class_count && (block_class == 0 || group < vs__slot_repeats(layout->plan)));
    if (block_class == 0) {
        *first = 0;
        *count = layout->first_block_plaintexts;
        return;
    }
    *first = layout->first_block_plaintexts + group * layout->group_plaintexts + layout->class_offset[block_class];
    *count = layout->class_offset[block_class + 1] - layout->class_offset[block_class];
}

uint64_t vs_layout_block_number(const vs_layout *layout, uint64_t group, unsigned block_class) {
    return vs__slot_block_number(layout->plan, group, block_class);
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
static vs_uint128 pack_digit(const vs_layout *layout, const vs__slot_block *b, uint64_t *next, uint8_t *digit,
                             const vs_int128 *cells) {
    vs_uint128 bad = 0;
    unsigned offset = 0;
    for (; *next < b->slot_count; (*next)++) {
        vs__slot s = vs__slot_at(b, *next);
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
        vs__slot_block b = vs__slot_block_at(&layout->order, cursor->block);
        while (cursor->slot == b.slot_count) { /* full, or a class without members */
            b = vs__slot_block_at(&layout->order, ++cursor->block);
            cursor->slot = 0;
            VS_CHECK(b.group < vs__slot_repeats(layout->plan));
        }
        for (unsigned d = 0; d < layout->degree; d++) {
            bad |= pack_digit(layout, &b, &cursor->slot, out, cells);
            out += digit_bytes;
        }
    }
    VS_CHECK(vs_reveal(bad == 0));
}

/* One digit's slots into cells. A total is public to who opens it: variable time. */
static vs_status unpack_digit(const vs_layout *layout, const vs__slot_block *b, uint64_t *next, vs_int128 *cells,
                              const uint8_t *digit, uint64_t contributions, vs_error *error) {
    unsigned offset = 0;
    vs__slot s = {0};
    for (; *next < b->slot_count; (*next)++) {
        s = vs__slot_at(b, *next);
        if (offset + s.width > digit_capacity(layout)) {
            break;
        }
        vs_uint128 value = get_bits(digit, offset, s.width);
        if (value > s.span * contributions) {
            return vs__slot_refuse(&s, b, error);
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
    vs__slot_block b = vs__slot_block_at(&layout->order, cursor->block);
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
