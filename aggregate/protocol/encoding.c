#include "aggregate/protocol/encoding.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/reveal.h"

/* ---- where everything lies ---- */

/* Bits of block 0's slots of one group, all of which lie side by side. */
static uint64_t first_block_bits(const vs__slot_order *order) {
    vs__slot_block b = vs__slot_block_at(order, 0);
    uint64_t bits = vs__slot_at(&b, 0).width, of_group = 0;
    for (uint64_t i = 0; i < b.member_count; i++) {
        of_group += vs__slot_at(&b, 1 + i).width;
    }
    return bits + of_group * vs__slot_repeats(order->plan);
}

static uint64_t block_bits(const vs__slot_order *order, uint64_t number) {
    vs__slot_block b = vs__slot_block_at(order, number);
    uint64_t bits = 0;
    for (uint64_t i = 0; i < b.slot_count; i++) {
        bits += vs__slot_at(&b, i).width;
    }
    return bits;
}

static size_t words_of(uint64_t bits) {
    return (size_t)((bits + 63) / 64);
}

/* Sizes alone: no more than VS_MAX_CELLS slots of at most 126 bits, so no overflow. */
static void measure(vs_encoding *e) {
    const vs_plan *plan = e->plan;
    e->first_words = words_of(first_block_bits(&e->order));
    for (unsigned k = 1; k < plan->class_count; k++) {
        e->class_words[k] = e->group_words;
        e->group_words += words_of(block_bits(&e->order, k));
    }
    e->class_words[plan->class_count] = e->group_words;
    e->words = e->first_words + (size_t)plan->group_count * e->group_words;
}

static void mark_tops(vs_encoding *e, uint64_t number, uint64_t *tops, size_t words) {
    vs__slot_block b = vs__slot_block_at(&e->order, number);
    uint64_t at = 0;
    vs__slot_walk walk = vs__slot_walk_begin(&b);
    for (vs__slot s; vs__slot_next(&walk, &s);) {
        at += s.width;
        tops[(at - 1) / 64] |= UINT64_C(1) << (at - 1) % 64;
    }
    if (words > 0) { /* what is left of the last word is a slot, too */
        tops[words - 1] |= UINT64_C(1) << 63;
    }
}

static void mark_all_tops(vs_encoding *e) {
    const vs_plan *plan = e->plan;
    mark_tops(e, 0, e->tops, e->first_words);
    for (uint64_t group = 0; e->group_words > 0 && group < plan->group_count; group++) {
        for (unsigned k = 1; k < plan->class_count; k++) {
            size_t first, count;
            vs_encoding_block(e, group, k, &first, &count);
            mark_tops(e, vs__slot_block_number(plan, group, k), e->tops + first, count);
        }
    }
}

vs_status vs_encoding_make(vs_encoding *e, const vs_plan *plan, vs_error *error) {
    *e = (vs_encoding){.plan = plan};
    vs_status status = vs__slot_order_make(&e->order, plan, error);
    if (status != VS_OK) {
        return status;
    }
    e->class_words = calloc((size_t)plan->class_count + 1, sizeof *e->class_words);
    if (e->class_words != NULL) {
        measure(e);
        e->tops = calloc(e->words, sizeof *e->tops);
    }
    if (e->tops == NULL) {
        vs_encoding_clear(e);
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    mark_all_tops(e);
    return VS_OK;
}

void vs_encoding_clear(vs_encoding *e) {
    vs__slot_order_free(&e->order);
    free(e->class_words);
    free(e->tops);
    *e = (vs_encoding){0};
}

void vs_encoding_block(const vs_encoding *e, uint64_t group, unsigned block_class, size_t *first, size_t *count) {
    VS_CHECK(block_class < e->plan->class_count && (block_class == 0 || group < e->plan->group_count));
    *first = block_class == 0 ? 0 : e->first_words + (size_t)group * e->group_words + e->class_words[block_class];
    *count = block_class == 0 ? e->first_words : e->class_words[block_class + 1] - e->class_words[block_class];
}

/* ---- cells into slots ---- */

/* Or `value`, of at most 126 bits, into the words at bit `at`. Only the place decides what is touched. */
static void put_bits(uint64_t *words, uint64_t at, unsigned width, vs_uint128 value) {
    uint64_t *word = words + at / 64;
    unsigned shift = at % 64;
    word[0] |= (uint64_t)(value << shift);
    if (shift + width > 64) {
        word[1] |= (uint64_t)(value >> (64 - shift));
    }
    if (shift + width > 128) {
        word[2] |= (uint64_t)(value >> (128 - shift));
    }
}

/* Returns not 0 if a cell was out of its range: gathered without a branch, since the cells are secret. */
static vs_uint128 encode_block(const vs_encoding *e, uint64_t *words, uint64_t number, const vs_int128 *cells) {
    vs__slot_block b = vs__slot_block_at(&e->order, number);
    vs__slot_walk walk = vs__slot_walk_begin(&b);
    vs__slot s;
    vs_uint128 bad = 0;
    for (uint64_t at = 0; vs__slot_next(&walk, &s); at += s.width) {
        vs_uint128 value = (vs_uint128)cells[s.cell] - (vs_uint128)s.low;
        bad |= (value | (s.span - value)) >> 127;
        put_bits(words, at, s.width, value);
    }
    return bad;
}

void vs_encode(const vs_encoding *e, uint64_t *out, const vs_int128 *cells) {
    const vs_plan *plan = e->plan;
    memset(out, 0, e->words * sizeof *out);
    vs_uint128 bad = encode_block(e, out, 0, cells);
    for (uint64_t group = 0; e->group_words > 0 && group < plan->group_count; group++) {
        for (unsigned k = 1; k < plan->class_count; k++) {
            size_t first, count;
            vs_encoding_block(e, group, k, &first, &count);
            bad |= encode_block(e, out + first, vs__slot_block_number(plan, group, k), cells);
        }
    }
    VS_CHECK(vs_reveal(bad == 0));
}

/* ---- and back: a sum is public to who opens it ---- */

static vs_uint128 get_bits(const uint64_t *words, uint64_t at, unsigned width) {
    const uint64_t *word = words + at / 64;
    unsigned shift = at % 64;
    vs_uint128 value = word[0] >> shift;
    if (shift + width > 64) {
        value |= (vs_uint128)word[1] << (64 - shift);
    }
    if (shift + width > 128) {
        value |= (vs_uint128)word[2] << (128 - shift);
    }
    return value & (((vs_uint128)1 << width) - 1);
}

vs_status vs_decode(const vs_encoding *e, vs_int128 *cells, const uint64_t *slots, uint64_t group, unsigned block_class,
                    uint64_t contributions, vs_error *error) {
    vs__slot_block b = vs__slot_block_at(&e->order, vs__slot_block_number(e->plan, group, block_class));
    vs__slot_walk walk = vs__slot_walk_begin(&b);
    vs__slot s;
    uint64_t at = 0;
    VS_CHECK(contributions <= e->plan->contributors_max);
    for (; vs__slot_next(&walk, &s); at += s.width) {
        vs_uint128 value = get_bits(slots, at, s.width);
        if (value > s.span * contributions) {
            return vs__slot_refuse(&s, &b, error);
        }
        cells[s.cell] = (vs_int128)value + s.low * (vs_int128)contributions;
    }
    if (at % 64 != 0 && slots[at / 64] >> at % 64 != 0) {
        vs_fail(error, VS_ERR_RANGE, "the total holds something behind its slots");
        vs_hint(error, "a contribution was not made by veilsum for this plan; ask the contributors for new ones");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

/* One copy where words lie in memory as they do in bytes, since vectors are long. */
#define LITTLE_ENDIAN_WORDS (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

void vs_words_to_bytes(uint8_t *out, const uint64_t *words, size_t count) {
    if (LITTLE_ENDIAN_WORDS && count > 0) {
        memcpy(out, words, 8 * count);
    }
    for (size_t i = 0; !LITTLE_ENDIAN_WORDS && i < count; i++) {
        vs_put_le(out + 8 * i, words[i], 8);
    }
}

void vs_words_from_bytes(uint64_t *words, const uint8_t *bytes, size_t count) {
    if (LITTLE_ENDIAN_WORDS && count > 0) {
        memcpy(words, bytes, 8 * count);
    }
    for (size_t i = 0; !LITTLE_ENDIAN_WORDS && i < count; i++) {
        words[i] = vs_get_le(bytes + 8 * i, 8);
    }
}
