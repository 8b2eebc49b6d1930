#include "bench/statistics.h"

#include <math.h>
#include <stdlib.h>

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

summary summarise(double *samples, size_t count) {
    qsort(samples, count, sizeof *samples, by_size);
    size_t low = 0, high = count - 1;
    if (count >= 6) {
        double reach = 0.98 * sqrt((double)count); /* 1.96 standard deviations of a binomial with p = 1/2 */
        low = (size_t)((double)count / 2 - reach);
        high = count - 1 - low;
    }
    summary s = {.min = samples[0], .median = samples[count / 2], .p90 = samples[count * 9 / 10]};
    s.spread = (samples[high] - samples[low]) / 2 / s.median;
    return s;
}

typedef struct ranked {
    double value;
    size_t place;
} ranked;

static int by_value(const void *a, const void *b) {
    double x = ((const ranked *)a)->value, y = ((const ranked *)b)->value;
    return (x > y) - (x < y);
}

/* ranks[i] = the mean rank of x[i], less the mean of all ranks. `order` is scratch. */
static void rank(double *ranks, ranked *order, const double *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        order[i] = (ranked){x[i], i};
    }
    qsort(order, count, sizeof *order, by_value);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && order[end].value == order[i].value;) {
            end++;
        }
        for (size_t k = i; k < end; k++) {
            ranks[order[k].place] = ((double)(i + end) - (double)count) / 2;
        }
    }
}

double rank_correlation(const double *x, const double *y, size_t count) {
    double *a = malloc(count * sizeof *a), *b = malloc(count * sizeof *b), ab = 0, aa = 0, bb = 0;
    ranked *order = malloc(count * sizeof *order);
    if (count >= 3 && a != NULL && b != NULL && order != NULL) {
        rank(a, order, x, count);
        rank(b, order, y, count);
        for (size_t i = 0; i < count; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
    }
    free(a);
    free(b);
    free(order);
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

/* Without dependence it is close to normal with variance 1/(count − 1). */
double correlation_by_chance(size_t count) {
    double limit = count < 2 ? 1 : 3.29 / sqrt((double)(count - 1));
    return limit < 1 ? limit : 1;
}
