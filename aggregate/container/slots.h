/* The order in which cells become slots, for whatever carries the slots: plaintexts (pack.c) or words of shares and
 * masks (aggregate/protocol/encoding.c).
 *
 * A block is a run of slots that is opened as a whole. Without minimums there is one block with all cells. With
 * minimums block 0 holds the counter and every group's components of class 0, and then each group has one block for
 * each class k > 0: block 1 + group · (class_count − 1) + (k − 1).
 */
#ifndef VEILSUM_AGGREGATE_SLOTS_H
#define VEILSUM_AGGREGATE_SLOTS_H

#include "aggregate/plan/plan.h"

/* Component indices class by class, each class in the plan's order. */
typedef struct vs__slot_order {
    const vs_plan *plan; /* borrowed */
    size_t *members;
    size_t *member_first; /* class k's members: member_first[k] .. member_first[k + 1] − 1 */
} vs__slot_order;

/* What one block holds: the cells of one group, or block 0 of all groups (or vector elements). */
typedef struct vs__slot_block {
    const vs_plan *plan;
    const size_t *members; /* of the block's class */
    uint64_t member_count;
    uint64_t components; /* cells of one group */
    uint64_t group;      /* the first group; block 0 goes through all of them */
    uint64_t counter;    /* 1 in block 0: its slot 0 is the counter */
    uint64_t slot_count;
} vs__slot_block;

/* One slot: which cell it carries, and that cell's range in one contribution. */
typedef struct vs__slot {
    uint64_t cell;
    vs_int128 low;
    vs_uint128 span; /* high − low; below 2^126, since span · contributors_max has at most VS_MAX_SLOT_BITS bits */
    unsigned width;
} vs__slot;

/** Aborts where a total of contributors_max contributions would not fit every slot: one would run into the next.
 *  Returns: VS_OK; VS_ERR_MEMORY (then there is nothing to free). */
VS_MUST_CHECK vs_status vs__slot_order_make(vs__slot_order *order, const vs_plan *plan, vs_error *error);
void vs__slot_order_free(vs__slot_order *order);

/** How many groups (or vector elements) there are. */
uint64_t vs__slot_repeats(const vs_plan *plan);
vs__slot_block vs__slot_block_at(const vs__slot_order *order, uint64_t number);
/** A block's number. `block_class` 0: block 0, `group` ignored. */
uint64_t vs__slot_block_number(const vs_plan *plan, uint64_t group, unsigned block_class);
vs__slot vs__slot_at(const vs__slot_block *block, uint64_t number);
/* The slots of a block one after another: the same as vs__slot_at for 0, 1, 2, …, without a division each. */
typedef struct vs__slot_walk {
    const vs__slot_block *block;
    uint64_t number; /* of the next slot */
    uint64_t member; /* whose turn it is in its group */
    uint64_t cell;   /* the first of that group */
} vs__slot_walk;
vs__slot_walk vs__slot_walk_begin(const vs__slot_block *block);
/** The next slot; false at the block's end. */
static inline bool vs__slot_next(vs__slot_walk *walk, vs__slot *slot);

/** For a total whose slot is out of its range: names the cell, returns VS_ERR_RANGE. */
vs_status vs__slot_refuse(const vs__slot *slot, const vs__slot_block *block, vs_error *error);

/* ---- inline: once for every cell ---- */

static inline bool vs__slot_next(vs__slot_walk *walk, vs__slot *slot) {
    const vs__slot_block *b = walk->block;
    if (walk->number >= b->slot_count) {
        return false;
    }
    if (walk->number++ < b->counter) {
        *slot = vs__slot_at(b, 0);
        return true;
    }
    size_t member = b->members[walk->member];
    const vs_component *component = &b->plan->components[member];
    *slot = (vs__slot){.cell = walk->cell + member,
                       .low = component->low,
                       .span = (vs_uint128)component->high - (vs_uint128)component->low,
                       .width = component->width};
    if (++walk->member == b->member_count) {
        walk->member = 0;
        walk->cell += b->components;
    }
    return true;
}

#endif
