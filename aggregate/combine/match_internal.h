/* Is a container one of this plan, for this key? Shared by those who combine and those who open. */
#ifndef VEILSUM_AGGREGATE_MATCH_INTERNAL_H
#define VEILSUM_AGGREGATE_MATCH_INTERNAL_H

#include "aggregate/container/container.h"
#include "aggregate/container/pack.h"

/** Plan id, key and limits. `name`: the input, for messages.
 *  Returns: VS_OK; VS_ERR_MISMATCH (another plan, another key); VS_ERR_RANGE (says the plan's id, and not what the plan
 * says). */
VS_MUST_CHECK vs_status vs__header_matches_plan(const vs_header *header, const vs_plan *plan, const char *name,
                                                vs_error *error);

/** Counts of cells and ciphertexts, for a header that matches the layout's plan. Returns: VS_OK, VS_ERR_RANGE. */
VS_MUST_CHECK vs_status vs__header_fits_layout(const vs_header *header, const vs_layout *layout, const char *name,
                                               vs_error *error);

/** For messages: the period in quotes, or "no period". `out` has VS_MAX_NAME_BYTES + 16 bytes. */
const char *vs__period_text(char *out, const char *period);

#endif
