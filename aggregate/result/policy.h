/* The minimums of `groups`: which values of an opened total stay closed, and why.
 *
 * The rule behind every rule here: from all that is printed for a group, and from knowing this page, no withheld value
 * can be computed, and no moment of fewer than min_rows rows either.
 *
 * - groups: a group below min_contributors or below min_rows is withheld whole, its count(rows) included. Groups are
 *   disjoint and no totals over groups are printed, so there is nothing to subtract from.
 * - classes: in a group that is shown, a block class (the measures over one set of present columns) is withheld if its
 *   own count is below min_rows. Two classes that share a column would give the sum over the rows in which they differ
 *   by subtraction. If their rows are nested (one has a subset of the other's columns, or counts every row), that is a
 *   difference of counts of 1 .. min_rows - 1; if they are not known to be nested, any difference below min_rows, none
 *   included, since equal counts may count different rows. Then the class with fewer rows is withheld (ties: the
 *   one with more columns, then the later one).
 * - bins: in an opened histogram bins below min_rows are withheld, empty ones included. Bins add up to their own count,
 *   so the smallest others, ties together, join them until the withheld bins are two or more, hold min_rows rows or
 *   more together, and do not all hold exactly min_rows - 1. Then the withheld bins' counts could be exchanged, or
 *   moved by a row, and all that is printed would be the same. All of them are reported as below min_rows: telling
 *   them apart would narrow them.
 * - moments: where moments of the same rows are opened beside a histogram of numbers, they are equations for its bins.
 *   Each withheld bin must be able to give a row to, or take one from, the withheld bin next to it without
 *   contradicting the sums of x and of x squared, as far as the bins' bounds tell; else the whole histogram is
 * withheld. That happens to bins of one value each beside a mean.
 *
 * A plan with minimums has one histogram a column at most: the difference of two would be a third with smaller bins.
 *
 * Decisions on groups and classes read counts only, so their blocks are never opened. Not covered: what follows from
 * several totals or plans, from what a contributor knows of its own rows, from how likely values are, and that a bin's
 * or class's rows may all be one contributor's (contributors are counted for each group).
 */
#ifndef VEILSUM_AGGREGATE_POLICY_H
#define VEILSUM_AGGREGATE_POLICY_H

#include "aggregate/plan/plan.h"

typedef enum vs_reason {
    VS_SHOWN = 0,
    VS_BELOW_MIN_ROWS = 1,
    VS_BELOW_MIN_CONTRIBUTORS = 2,
    VS_COMPLEMENTARY = 3 /* would give a withheld value away by subtraction */
} vs_reason;
/** "min_rows", "min_contributors", "complementary"; "shown" for VS_SHOWN. */
const char *vs_reason_name(vs_reason reason);

/** The block class of a measure's values; 0 for count(rows), and for everything where the plan has no minimums. */
unsigned vs_measure_class(const vs_plan *plan, const vs_measure *measure);

/** From the opened counts of one group (its component_count cells; only class 0 is read) decide each class:
 *  reasons[0 .. class_count - 1], [0] for the group's counts themselves. Only for plans with minimums.
 *  Time: quadratic in the number of measures. */
void vs_policy_decide(const vs_plan *plan, const vs_int128 *group_cells, uint8_t *reasons);

/** For a histogram whose class is open: bin_reasons[0 .. bin_count - 1]. `class_reasons` are the group's, as decided
 *  above. Only for plans with minimums. Time: linear in the histogram's bins and the plan's components. */
void vs_policy_decide_bins(const vs_plan *plan, const vs_measure *histogram, const vs_int128 *group_cells,
                           const uint8_t *class_reasons, uint8_t *bin_reasons);

#endif
