/* Packing: cells into the slots of plaintexts, and back.
 *
 * A plaintext is `degree` digits in base n. A digit offers key_bits − 1 bits (so that it is always below n); slots fill
 * it from the lowest bit up, in cell order, and never cross from one digit to the next. A slot holds cell − low of one
 * contribution, so sums of contributions stay non-negative: after k contributions it holds Σ cell − k·low, at most
 * k·(high − low), and k ≤ contributors_max fits the width.
 *
 * A block is a run of slots that is opened as a whole and starts a plaintext of its own. Without minimums there is one
 * block with all cells. With minimums block 0 holds the counter and every group's components of class 0, and then each
 * group has one block for each class k > 0: nothing opened for one group shows another's values.
 *
 * The layout keeps no table of cells: which cell a slot carries follows from its number by one division.
 */
#ifndef VEILSUM_AGGREGATE_PACK_H
#define VEILSUM_AGGREGATE_PACK_H

#include "aggregate/container/slots.h"

typedef struct vs_layout {
    const vs_plan *plan;
    unsigned key_bits, degree;
    size_t digit_bytes;
    uint64_t plaintext_count;        /* all blocks */
    uint64_t first_block_plaintexts; /* of block 0 */
    uint64_t group_plaintexts;       /* of one group's blocks, classes > 0 together; 0 without minimums */
    uint64_t *class_offset; /* class k's first plaintext within its group's run, k = 1 .. class_count − 1; [class_count]
                               = end */
    vs__slot_order order;
} vs_layout;

/** Lay the plan's cells out for a key. The plan is borrowed for as long as the layout is used.
 *  Returns: VS_OK; VS_ERR_MEMORY. Takes time linear in the cells of block 0. */
VS_MUST_CHECK vs_status vs_layout_make(vs_layout *layout, const vs_plan *plan, unsigned key_bits, unsigned degree,
                                       vs_error *error);
void vs_layout_free(vs_layout *layout);

/** Where a block lies: plaintexts first .. first + count − 1. `block_class` 0: block 0, `group` ignored. */
void vs_layout_block(const vs_layout *layout, uint64_t group, unsigned block_class, uint64_t *first, uint64_t *count);

/* Where sequential work stands; all zero at the start. */
typedef struct vs_pack_cursor {
    uint64_t block; /* 0, then 1 + group · (class_count − 1) + (class − 1) */
    uint64_t slot;  /* the next one within the block */
} vs_pack_cursor;

/** Pack the next `count` plaintexts of a contribution's cells (the whole vector of plan->cell_count); `out` is
 *  count · degree · digit_bytes bytes. The cursor starts at zero and must not pass the last plaintext.
 *
 *  Range:   every cell within its component's low and high; a cell that is not is a bug of the caller, and aborts.
 *  Secret:  cells; time depends on the layout only.
 */
void vs_pack(const vs_layout *layout, vs_pack_cursor *cursor, uint8_t *out, const vs_int128 *cells, uint64_t count);

/** Unpack one block's plaintexts into the cells that it holds (cells is the whole vector of plan->cell_count).
 *  Returns: VS_OK; VS_ERR_RANGE: a slot or the space between holds what `contributions` honest ones cannot have put
 * there. */
VS_MUST_CHECK vs_status vs_unpack(const vs_layout *layout, vs_int128 *cells, const uint8_t *plaintexts, uint64_t group,
                                  unsigned block_class, uint64_t contributions, vs_error *error);

/** The same for a block that comes in pieces: the next `count` plaintexts of the block that the cursor stands in. The
 * caller sets cursor->block, with slot = 0, at the start of each block (vs_layout_block_number). */
VS_MUST_CHECK vs_status vs_unpack_next(const vs_layout *layout, vs_pack_cursor *cursor, vs_int128 *cells,
                                       const uint8_t *plaintexts, uint64_t count, uint64_t contributions,
                                       vs_error *error);

/** A block's number in a cursor. `block_class` 0: block 0, `group` ignored. */
uint64_t vs_layout_block_number(const vs_layout *layout, uint64_t group, unsigned block_class);

#endif
