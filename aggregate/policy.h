/* The minimums of `groups`: which values of an opened total stay closed, and why.
 *
 * A group below min_contributors or min_rows is withheld whole. In a group that is shown, a block class (the measures over one
 * set of present columns) is withheld if its own count is below min_rows, or if it differs from another shown class whose
 * columns are a subset or superset of its own by fewer than min_rows rows but not by none (subtraction would give the few away):
 * then the larger set of columns, the smaller count, is withheld. Both decisions read counts only, so withheld blocks
 * are never opened. Inside an opened histogram, bins below min_rows are withheld when printed, and where exactly one would be, the
 * smallest other non-withheld one as well, since the bins add up to their count.
 */
#ifndef VEILSUM_AGGREGATE_POLICY_H
#define VEILSUM_AGGREGATE_POLICY_H

#include "aggregate/plan.h"

typedef enum vs_reason {
    VS_SHOWN = 0,
    VS_BELOW_MIN_ROWS = 1,
    VS_BELOW_MIN_CONTRIBUTORS = 2,
    VS_COMPLEMENTARY = 3 /* would give a withheld value away by subtraction */
} vs_reason;
/** "min_rows", "min_contributors", "complementary". */
const char *vs_reason_name(vs_reason reason);

/** From the opened counts of one group (its component_count cells) decide each class: reasons[0 .. class_count − 1], [0] for
 *  the group's counts themselves. Only for plans with minimums. */
void vs_policy_decide(const vs_plan *plan, const vs_int128 *group_cells, uint8_t *reasons);

/** For a histogram of an opened block: reasons[0 .. bin_count − 1]. */
void vs_policy_decide_bins(const vs_plan *plan, const vs_measure *histogram, const vs_int128 *group_cells, uint8_t *reasons);

#endif
