/* What all openings share: which blocks may be opened, in which order, and how plaintexts become cells. An opening adds
 * how ciphertexts become plaintexts.
 *
 * A total is opened in two rounds. Round 1 is block 0: everything where the plan has no minimums, the counts where it
 * has. Round 2 is the blocks that the counts allow, group by group and class by class; no other ciphertext is ever
 * touched.
 */
#ifndef VEILSUM_AGGREGATE_OPEN_INTERNAL_H
#define VEILSUM_AGGREGATE_OPEN_INTERNAL_H

#include "aggregate/combine/combine.h"
#include "aggregate/combine/total.h"

#define VS_ROUND_FIRST 1u
#define VS_ROUND_ALLOWED 2u

/* How ciphertexts become plaintexts. */
typedef struct vs__decryptor {
    void *context;
    /** The next `count` ciphertexts of a round, batch by batch in the order of vs__round_next; `plaintexts` is secret
     * memory. */
    vs_status (*decrypt)(void *context, uint8_t *plaintexts, const uint8_t *ciphertexts, size_t count, vs_error *error);
    /** A round is over, and what it gave has been unpacked: is it to be believed? May be NULL. */
    vs_status (*finish)(void *context, vs_error *error);
} vs__decryptor;

typedef struct vs__opener vs__opener;
/** Prepare to open. `*opened` is filled step by step and the caller's to clear, after an error, too. All else is
 * borrowed. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__opener_new(vs__opener **opener, vs_opened *opened, const vs_total *total,
                                       const vs__decryptor *decryptor, const vs_progress *progress, vs_error *error);
void vs__opener_free(vs__opener *opener);

/** Round 1, what its counter says about the header, and with minimums what the counts allow: opened->reasons.
 *  Returns: VS_OK; VS_ERR_RANGE (the counter does not match, a slot out of its range); VS_ERR_MEMORY; the decryptor's.
 */
VS_MUST_CHECK vs_status vs__open_first(vs__opener *opener, vs_error *error);
/** Round 2; after round 1. */
VS_MUST_CHECK vs_status vs__open_allowed(vs__opener *opener, vs_error *error);

/** With minimums: decide from the opened counts, group by group, what else may be opened: opened->reasons. For every
 * opening. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__opened_decide(vs_opened *opened, const vs_plan *plan, vs_error *error);

/* ---- which ciphertexts a round opens ---- */

/* A run of ciphertexts that is one block. */
typedef struct vs__block {
    uint64_t number; /* as vs_layout_block_number says */
    uint64_t first, count;
} vs__block;

typedef struct vs__round {
    const vs_total *total;
    const uint8_t *reasons; /* of round 1; NULL where the plan has no minimums */
    unsigned round;
    uint64_t group; /* where it stands */
    unsigned block_class;
} vs__round;
vs__round vs__round_begin(const vs_total *total, const uint8_t *reasons, unsigned round);
/** The next block of the round; false at its end. */
bool vs__round_next(vs__round *round, vs__block *block);
/** How many ciphertexts the round has. */
uint64_t vs__round_count(const vs_total *total, const uint8_t *reasons, unsigned round);
/** All of them, one after another: `out` has room for vs__round_count. */
void vs__round_gather(uint8_t *out, const vs_total *total, const uint8_t *reasons, unsigned round);

#endif
