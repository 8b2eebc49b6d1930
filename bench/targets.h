/* What the project asks of itself, beside what was reached: on one core, on the best backend of the machine. */
#ifndef VEILSUM_BENCH_TARGETS_H
#define VEILSUM_BENCH_TARGETS_H

#include "bench/results.h"

#define TARGET_SIZES 2u
extern const unsigned target_bits[TARGET_SIZES];

typedef enum target_metric {
    TARGET_ROOF,    /* fraction of the roof, at least */
    TARGET_RATIO,   /* against the textbook, at least */
    TARGET_DEGREE,  /* time for a payload byte, against degree 1, at most */
    TARGET_KERNELS, /* fraction of the program's time, at least */
} target_metric;

typedef struct target {
    const char *text, *op;
    target_metric metric;
    unsigned degree;
    double asked[TARGET_SIZES]; /* by target_bits; 0: nothing is asked */
    double stretch;             /* 0: nothing beyond */
} target;

extern const target targets[];
extern const size_t target_count;

/** NAN where it was not measured. */
double target_reached(const target *t, const results *r, const settings *s, size_t size);
bool target_met(const target *t, size_t size, double reached);
/** Was a row noisy that the figure comes from? False where it was not measured. */
bool target_noisy(const target *t, const results *r, const settings *s, size_t size);

/** ">= 0.88", "<= 1.10x", or "" where nothing is asked; and the same for a figure that was reached, "not measured" for
 * NAN. Into `out`, of at least 16 bytes. */
void target_asked_text(char *out, size_t len, const target *t, size_t size);
void target_reached_text(char *out, size_t len, const target *t, double reached);

#endif
