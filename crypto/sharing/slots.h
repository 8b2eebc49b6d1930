/* Vectors of small numbers side by side, added without taking them apart.
 *
 * A vector of cells is one long number of 64-bit words, the lowest first. Each cell has a slot of its own width, and
 * slots stand one after the other, so that one may lie across two or three words. `tops` is a bit vector of the same
 * length, in which the top bit of every slot is set. Addition modulo 2^width in every slot at once: without the tops
 * the two long numbers are added as usual, since a cleared top takes the carry from below and lets none through; the
 * tops are put right by an exclusive or. Subtraction likewise, with the tops of the minuend set. There is no work for
 * each slot, so the time depends on the number of words alone.
 *
 * Bits above the last top of a vector are a slot like any other, which the vector's end cuts off. A caller that pads
 * its last word with zeros finds zeros there again once everything that was added has been subtracted.
 */
#ifndef VEILSUM_CRYPTO_SHARING_SLOTS_H
#define VEILSUM_CRYPTO_SHARING_SLOTS_H

#include <stddef.h>
#include <stdint.h>

/** The widest slot, so that of two words one after the other one holds a top. */
#define VS_SLOT_MAX_BITS 128u

/** acc + x, or acc − x, in every slot, into acc.
 *
 *  Shape:   acc, x and tops have `words` words.
 *  Secret:  acc and x; tops are public. Time depends on `words` only.
 *  Owns:    nothing; x may be acc. */
void vs_slots_add(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words);
void vs_slots_sub(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words);

/** The next word at or after `at` where a slot begins at bit 0, so that what lies below and what lies above may be
 * added apart; `words` where there is none. Word 0 is one. */
size_t vs_slots_cut(const uint64_t *tops, size_t words, size_t at);

#endif
