/* One ring, operands in it, and every kernel on them (kernels.c says what for). */
#ifndef VEILSUM_TESTS_CT_TRIAL_H
#define VEILSUM_TESTS_CT_TRIAL_H

#include "crypto/ring/backend.h"
#include "crypto/ring/one_plus_n.h"

#define TRIAL_SELECT_ENTRIES 16
#define TRIAL_MAX_ROW_ENTRIES 256
#define TRIAL_BUNDLES 2 /* that take a step of a table together */

typedef struct trial {
    vs_ring *ring;
    vs_one_plus_n group;
    vs_word *x, *y; /* canonical elements, one for each lane */
    vs_word *x_bundle, *y_bundle;
    vs_word *table;          /* public: entries to select from, bundles */
    vs_word *entries, *rows; /* public: canonical a and e of each entry of a row; one row of them */
    size_t row_entries;
    uint32_t index[TRIAL_BUNDLES * 2][64]; /* secret: of each bundle for each of two steps */
    vs_word exponent;                      /* secret */
    size_t selected;                       /* secret: an entry of `table` */
    vs_word *out;                          /* what a kernel makes, */
    size_t out_words;                      /* and how much */
    vs_word *scratch;
} trial;

/* Which bits of a result must be marked: none need, some of each word, all of each limb, all of each word. */
typedef enum marks { ANY, SOME, LIMBS, WORDS } marks;

typedef struct kernel {
    const char *name;
    void (*run)(trial *t);          /* from operands to `out` */
    bool (*right)(const trial *t);  /* is `out`? */
    marks from_operands, from_ring; /* where operands, or the ring, are secret */
    bool of_rows;                   /* does it depend on the entries of a row? */
} kernel;

/** Those of trial_kernels.c, the last one without a name. */
extern const kernel trial_kernels[];

/** Say which ring, then run everything. False where something is wrong, which is printed. */
bool trial_of(const char *backend, unsigned bits, unsigned degree);

#endif
