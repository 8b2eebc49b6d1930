#include "bench/measure.h"

#include <stdlib.h>
#include <time.h>

#define MAX_SAMPLES 1000
#define MIN_SAMPLES 5
#define SAMPLE_SECONDS 0.02

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double timed(bench_fn run, void *context, size_t count) {
    double start = now();
    run(context, count);
    return (now() - start) / (double)count;
}

/* Items that take about SAMPLE_SECONDS, in whole batches. */
static size_t sample_size(bench_fn run, void *context, size_t batch) {
    double each = timed(run, context, batch); /* warm-up as well */
    double batches = SAMPLE_SECONDS / (each * (double)batch);
    return batches <= 1 ? batch : (size_t)batches * batch;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

measurement measure(bench_fn operation, void *context, size_t batch, bench_fn baseline, void *baseline_context,
                    double seconds) {
    static double mine[MAX_SAMPLES], ratios[MAX_SAMPLES];
    measurement m = {0};
    size_t theirs = baseline == NULL ? 0 : sample_size(baseline, baseline_context, 1);
    m.count = sample_size(operation, context, batch);
    double start = now();
    while (m.samples < MAX_SAMPLES && (m.samples < MIN_SAMPLES || now() - start < seconds)) {
        mine[m.samples] = timed(operation, context, m.count);
        if (baseline != NULL) {
            ratios[m.samples] = timed(baseline, baseline_context, theirs) / mine[m.samples];
        }
        m.samples++;
    }
    qsort(mine, m.samples, sizeof *mine, by_size);
    m.min = mine[0];
    m.median = mine[m.samples / 2];
    m.p90 = mine[m.samples * 9 / 10];
    if (baseline != NULL) {
        qsort(ratios, m.samples, sizeof *ratios, by_size);
        m.ratio = ratios[m.samples / 2];
    }
    return m;
}
