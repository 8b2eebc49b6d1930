/* What making a part and opening with parts share: what a right part of a round says, and which of the given ones are
 * right. */
#ifndef VEILSUM_AGGREGATE_THRESHOLD_INTERNAL_H
#define VEILSUM_AGGREGATE_THRESHOLD_INTERNAL_H

#include "aggregate/combine/open_internal.h"
#include "aggregate/combine/threshold.h"

/* A round of a total under a threshold key. `reasons`: what round 1 has decided; NULL in round 1. */
typedef struct vs__part_round {
    const vs_total *total;
    const vs_threshold_key *key;
    const uint8_t *reasons;
    unsigned round;
} vs__part_round;

/** What the header of this holder's part of the round says. */
void vs__part_expect(vs_part_header *header, const vs__part_round *round, unsigned holder);

/* The parts of a round that are to be combined, at most one a holder; borrowed. */
typedef struct vs__good_parts {
    unsigned holders[VS_MAX_HOLDERS];
    const uint8_t *parts[VS_MAX_HOLDERS];
    size_t count;
} vs__good_parts;

/** Check all given parts of the round, mark those that are refused, and keep the others.
 *  Returns: VS_OK (there are t at least); VS_ERR_NOT_READY; what the first refused one has; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__parts_judge(vs__good_parts *good, const vs__part_round *round, vs_given_part *given,
                                        size_t given_count, vs_error *error);

#endif
