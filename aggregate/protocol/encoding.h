/* Cells as slots modulo powers of two: what `shares` and `masks` add up.
 *
 * An encoding is one long little-endian integer of 64-bit words (crypto/sharing/slots.h). A cell has a slot of its
 * component's width (the counter: as many bits as contributors.max has), which holds cell − low of one contribution;
 * after k contributions it holds Σ cell − k·low, at most k·(high − low), which the width fits. These are the widths
 * that packing into plaintexts has, so a plan that fits one opening fits all.
 *
 * A block is a run of whole words that is opened as one. Without minimums there is one, with the counter and all
 * cells; with minimums block 0 has the counter and all groups' components of class 0, and then each group has one block
 * for each class k > 0, in the order of the plan. What is left of a block's last word is a slot of zeros, too.
 */
#ifndef VEILSUM_AGGREGATE_ENCODING_H
#define VEILSUM_AGGREGATE_ENCODING_H

#include "aggregate/container/slots.h"

/* Where everything lies. Immutable; may be shared by threads and by parties of a simulation. */
typedef struct vs_encoding {
    const vs_plan *plan; /* borrowed */
    vs__slot_order order;
    size_t words;       /* all blocks */
    size_t first_words; /* of block 0 */
    size_t group_words; /* of one group's blocks, classes > 0 together; 0 without minimums */
    size_t
        *class_words; /* class k's first word within its group's run, k = 1 .. class_count − 1; [class_count] = end */
    uint64_t *tops;   /* `words` words: the top bit of every slot */
} vs_encoding;

/** Returns: VS_OK; VS_ERR_MEMORY. `*encoding` is the caller's to clear. */
VS_MUST_CHECK vs_status vs_encoding_make(vs_encoding *encoding, const vs_plan *plan, vs_error *error);
void vs_encoding_clear(vs_encoding *encoding);

/** Where a block lies. `block_class` 0: block 0, `group` ignored. */
void vs_encoding_block(const vs_encoding *encoding, uint64_t group, unsigned block_class, size_t *first, size_t *count);

/** One contribution's cells (plan->cell_count of them) as slots: `out` has encoding->words words.
 *
 *  Range:   every cell within its component's low and high; one that is not is a bug of the caller, and aborts.
 *  Secret:  cells; time depends on the plan only. */
void vs_encode(const vs_encoding *encoding, uint64_t *out, const vs_int128 *cells);

/** A block of a sum of `contributions` contributions (`slots`: the block's words alone) into the cells that it holds.
 *  Returns: VS_OK; VS_ERR_RANGE: a slot, or what is left of the last word, holds what that many honest ones cannot have
 *  put there. */
VS_MUST_CHECK vs_status vs_decode(const vs_encoding *encoding, vs_int128 *cells, const uint64_t *slots, uint64_t group,
                                  unsigned block_class, uint64_t contributions, vs_error *error);

/** Words as bytes, little-endian, and back. */
void vs_words_to_bytes(uint8_t *out, const uint64_t *words, size_t count);
void vs_words_from_bytes(uint64_t *words, const uint8_t *bytes, size_t count);

#endif
