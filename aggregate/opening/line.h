/* Which plans go before which: what an opener's book keeps of each plan that replaces others.
 *
 * A plan names the plans that it replaces; those know nothing of it. So that a total under an older plan is not opened
 * beside one under a newer plan of the same period, which would show what the late owners hold, the book has a note by
 * its opener for each plan that replaces others, as lines/HEX of the plan's id:
 *
 *     veilsum line of plans
 *     plan HEX
 *     replaces HEX                    a line for each, the latest first
 */
#ifndef VEILSUM_AGGREGATE_OPENING_LINE_H
#define VEILSUM_AGGREGATE_OPENING_LINE_H

#include "aggregate/folder.h"
#include "aggregate/note/note.h"
#include "aggregate/plan/plan.h"

/** Keep the plan's line, durably, where it replaces others and the line is not there yet. Returns: VS_OK; the folder's;
 *  VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_line_keep(const vs_folder *folder, const vs_identity *opener, const vs_plan *plan,
                                     vs_error *error);

/** Are they of one line: the same plan, one that replaces the other, or two that replace a third? What `other` replaces
 *  is known where its line was kept. Returns: VS_OK; VS_ERR_AUTH (the line is not what the opener wrote); the folder's;
 *  VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_line_shared(bool *shared, const vs_folder *folder, const vs_public_identity *opener,
                                       const vs_plan *plan, const uint8_t other[VS_HASH_BYTES], vs_error *error);

#endif
