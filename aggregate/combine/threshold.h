/* Opening a total by threshold: holders make parts of it, and any t of them open it.
 *
 * Round 1 is of block 0: everything where the plan has no minimums (`groups`), the counts where it has. There, with t
 * parts of round 1, each holder opens the counts itself, decides what the minimums allow, and makes a part of round 2
 * of those blocks: no holder ever makes a part of a withheld ciphertext. Whoever has t parts of each round opens the
 * total.
 *
 * Whether a total may be opened at all is to be decided before any of these functions is called.
 */
#ifndef VEILSUM_AGGREGATE_THRESHOLD_H
#define VEILSUM_AGGREGATE_THRESHOLD_H

#include "aggregate/combine/combine.h"
#include "aggregate/part/part.h"

/* A part as it was given, and what came of it. */
typedef struct vs_given_part {
    const char *name; /* of its file, for messages */
    vs_part *part;    /* borrowed; NULL where it could not be read: then status and error say why */
    vs_status status; /* VS_OK, or why it was refused */
    vs_error error;
} vs_given_part;

/** Is this the threshold key that the plan pins?
 *  Returns: VS_OK; VS_ERR_MISMATCH (another one, or a plan that opens with a key). */
VS_MUST_CHECK vs_status vs_threshold_key_check_plan(const vs_threshold_key *key, const vs_plan *plan, vs_error *error);

/** Make the part of the share's holder, who is `holder`: of round 1 where `given_count` is 0, else of round 2, for
 * which parts of round 1 are given. Given ones that are refused are marked, and it goes on with the others.
 *
 *  Returns: VS_OK; VS_ERR_USAGE (parts are given, and the plan has one round only), VS_ERR_MISMATCH (another threshold
 *           key or plan, another identity than the holder's), VS_ERR_NOT_READY (fewer than t parts); what the first
 *           refused part has, where too few are left; what opening the counts returns; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_total_make_part(vs_part **part, const vs_total *total, const vs_key_share *share,
                                           const vs_threshold_key *key, const vs_identity *holder, vs_given_part *given,
                                           size_t given_count, const vs_progress *progress, vs_error *error);

/** Is a given part a right one? For round 2 `reasons` says which blocks the counts allow (vs_total_open_counts), else
 *  it is NULL. It is marked. Returns: its status, as below; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_total_check_part(const vs_total *total, const vs_threshold_key *key, const uint8_t *reasons,
                                            vs_given_part *given);

/** The counts alone, of a plan with minimums, with t parts of round 1: `opened->reasons` says what round 2 is of. As
 *  vs_total_open_with_parts. `*round_two` is how many ciphertexts that are. */
VS_MUST_CHECK vs_status vs_total_open_counts(vs_opened *opened, uint64_t *round_two, const vs_total *total,
                                             const vs_threshold_key *key, vs_given_part *given, size_t given_count,
                                             vs_error *error);

/** Open a total with parts of it, in any order: t of round 1, and t of round 2 where there is anything to open in it.
 *  Every part's signature and proof is checked; those that are refused are marked, and it goes on with the others.
 *  `*opened` is the caller's to clear; on error it is clear.
 *
 *  Returns: VS_OK; as vs_total_make_part. Of a refused part: VS_ERR_MISMATCH (for another plan, period, key or total),
 *           VS_ERR_AUTH (signature or proof), VS_ERR_RANGE (no ciphertexts of the key), VS_ERR_POLICY (a second one by
 *           its holder). */
VS_MUST_CHECK vs_status vs_total_open_with_parts(vs_opened *opened, const vs_total *total, const vs_threshold_key *key,
                                                 vs_given_part *given, size_t given_count, const vs_progress *progress,
                                                 vs_error *error);

#endif
