#include "bench/measure.h"

#include <string.h>

#include "bench/clock.h"
#include "bench/peak.h"

#define MAX_SAMPLES 600
#define MIN_SAMPLES 5
#define STABLE_SAMPLES 15 /* fewer say little of how stable it is */
#define SAMPLE_SECONDS 0.02
#define SHORTEST_SECONDS 0.0005        /* a clock says little of less */
#define PEAK_COUNT (UINT64_C(1) << 23) /* about a millisecond */

/* A median that is known less well than this, or that is so far above the minimum, comes from a noisy machine. */
#define STABLE 0.01
#define NOISY 0.02
#define DISTURBED 1.15

typedef struct series {
    double time[MAX_SAMPLES], baseline[MAX_SAMPLES], ratio[MAX_SAMPLES], peak[MAX_SAMPLES], roof[MAX_SAMPLES];
    size_t count;
} series;

static double timed(bench_fn run, void *context, size_t count) {
    double start = wall_seconds();
    run(context, count);
    return (wall_seconds() - start) / (double)count;
}

static double timed_operation(const timing *t, size_t count) {
    if (t->before != NULL) {
        t->before(t->context, count);
    }
    return timed(t->run, t->context, count);
}

/* Items that take about `seconds`, in whole batches, where one batch takes `each` seconds an item. */
static size_t sample_size(double each, size_t batch, double seconds) {
    double batches = seconds / (each * (double)batch);
    return batches <= 1 ? batch : (size_t)batches * batch;
}

/* Of a copy, since the series stays in the order in which it was taken. */
static summary of_series(const double *values, size_t count) {
    static double sorted[MAX_SAMPLES];
    memcpy(sorted, values, count * sizeof *values);
    return summarise(sorted, count);
}

static void take_round(const timing *t, series *s, size_t count, size_t baseline_count) {
    size_t i = s->count++;
    s->time[i] = timed_operation(t, count);
    if (t->baseline != NULL) {
        s->baseline[i] = timed(t->baseline, t->baseline_context, baseline_count);
        s->ratio[i] = s->baseline[i] / s->time[i];
    }
    if (peak_available()) {
        s->peak[i] = 1 / timed(peak_run, NULL, PEAK_COUNT);
        s->roof[i] = t->ifmas / s->time[i] / (s->peak[i] * (double)t->threads);
    }
}

static bool is_stable(const timing *t, const series *s) {
    return s->count >= STABLE_SAMPLES && of_series(s->time, s->count).spread <= STABLE &&
           (t->baseline == NULL || of_series(s->ratio, s->count).spread <= STABLE);
}

static measurement conclude(const timing *t, const series *s, size_t count) {
    measurement m = {.count = count, .samples = s->count, .time = of_series(s->time, s->count)};
    double spread = m.time.spread;
    if (t->baseline != NULL) {
        summary ratio = of_series(s->ratio, s->count);
        m.baseline = of_series(s->baseline, s->count).median;
        m.ratio = ratio.median;
        spread = ratio.spread > spread ? ratio.spread : spread;
    }
    if (peak_available()) {
        m.peak = of_series(s->peak, s->count).median;
        m.roof = of_series(s->roof, s->count).median;
    }
    m.noisy = !t->random_time && (spread > NOISY || m.time.median > DISTURBED * m.time.min);
    return m;
}

measurement measure(const timing *t, double seconds) {
    static series s;
    double sample = seconds / 10 < SAMPLE_SECONDS ? seconds / 10 : SAMPLE_SECONDS, start = wall_seconds();
    sample = sample > SHORTEST_SECONDS ? sample : SHORTEST_SECONDS;
    size_t count = sample_size(timed_operation(t, t->batch), t->batch, sample), baseline_count = 0; /* warms up, too */
    if (t->baseline != NULL) {
        double each = timed(t->baseline, t->baseline_context, t->baseline_batch);
        baseline_count = sample_size(each, t->baseline_batch, sample);
    }
    s.count = 0;
    while (s.count < MIN_SAMPLES || (s.count < MAX_SAMPLES && wall_seconds() - start < seconds && !is_stable(t, &s))) {
        take_round(t, &s, count, baseline_count);
    }
    return conclude(t, &s, count);
}
