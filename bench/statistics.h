/* What is said of a handful of samples: order statistics, how sure the median is, and whether two series go together.
 * All of it rests on ranks, so that a sample during which the machine did something else does no harm. */
#ifndef VEILSUM_BENCH_STATISTICS_H
#define VEILSUM_BENCH_STATISTICS_H

#include <stddef.h>

typedef struct summary {
    double min, median, p90;
    double spread; /* half the width of the median's 95% confidence interval, as a fraction of the median */
} summary;

/** Of `count` > 0 samples, which are sorted in place. The confidence interval is by ranks (binomial, normal
 * approximation); of fewer than six samples it is their whole range. */
summary summarise(double *samples, size_t count);

/** Spearman's rank correlation of x and y, ties sharing their mean rank: in [−1, 1]; 0 where one of them is constant,
 * where there are fewer than three pairs, or where memory ran out. */
double rank_correlation(const double *x, const double *y, size_t count);

/** The size that |rank_correlation| of `count` independent pairs exceeds once in a thousand times. */
double correlation_by_chance(size_t count);

#endif
