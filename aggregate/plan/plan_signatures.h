/* Signatures under a plan: the parties of its roster agree to it, each in its own time.
 *
 * PLAN.sig is a signed note (aggregate/note) that names the plan by its id, which its own first line keeps apart from
 * everything else that an identity signs:
 *
 *     veilsum plan
 *     id 5f3a…
 *
 *     — ORANGE+1a2b3c4d… one line a party
 *
 * Signatures by names that the roster does not list say nothing, and are passed over.
 */
#ifndef VEILSUM_AGGREGATE_PLAN_SIGNATURES_H
#define VEILSUM_AGGREGATE_PLAN_SIGNATURES_H

#include "aggregate/plan/plan.h"

#define VS_PLAN_NOTE_BYTES 96u /* room for the signed text and a zero byte */

/** The text that is signed. Returns its length. */
size_t vs_plan_note(char out[VS_PLAN_NOTE_BYTES], const uint8_t plan_id[VS_HASH_BYTES]);

/** Who has signed? `signed_by` has plan->party_count marks, in the roster's order. Messages begin with `name`.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_LIMIT (not such a note); VS_ERR_MISMATCH (of another plan); VS_ERR_AUTH (a
 *  signature of a listed party that is not right); VS_ERR_POLICY (the plan has no roster); VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_plan_signatures_read(const vs_plan *plan, const char *name, const char *sig_text, size_t len,
                                                bool *signed_by, size_t *signed_count, vs_error *error);

/** The same, and have as many signed as the plan needs? VS_ERR_POLICY where not, naming who is missing.
 *  `signed_count` may be NULL. */
VS_MUST_CHECK vs_status vs_plan_signatures_check(const vs_plan *plan, const char *name, const char *sig_text,
                                                 size_t len, size_t *signed_count, vs_error *error);

/** Write the note with one more signature: `sig_text` may be NULL (nobody has signed yet), else what was read is kept
 *  as it is. `*out` is malloc'd, a zero byte after `*out_len`; NULL, with VS_OK, where `identity` has signed already.
 *  Returns: VS_OK; what vs_plan_signatures_read does; VS_ERR_POLICY (the identity is not listed). */
VS_MUST_CHECK vs_status vs_plan_signatures_add(char **out, size_t *out_len, const vs_plan *plan, const char *name,
                                               const char *sig_text, size_t len, const vs_identity *identity,
                                               vs_error *error);

/** The same with the signatures of listed parties that another such note has and this one lacks, say because each
 *  signed a copy of its own. `*added` counts them; `*out` is NULL where there are none. `sig_text` may be NULL.
 *  Returns: what vs_plan_signatures_read does. */
VS_MUST_CHECK vs_status vs_plan_signatures_merge(char **out, size_t *out_len, const vs_plan *plan, const char *name,
                                                 const char *sig_text, size_t len, const char *other_name,
                                                 const char *other_text, size_t other_len, size_t *added,
                                                 vs_error *error);

#endif
