/* A table of random rows and everything that becomes of it on its way: cells, plaintexts, contributions, a total. All
 * in memory; plan and rows are made up, the same for every key but for its fingerprint. */
#ifndef VEILSUM_BENCH_DATASET_H
#define VEILSUM_BENCH_DATASET_H

#include "aggregate/combine/combine.h"
#include "bench/subject.h"

#define DATA_ROWS 50000u
#define DATA_REGIONS 32u
#define DATA_BRANCHES 64u
#define DATA_COMPONENTS 4u /* rows, n, Σx, Σx² */
#define DATA_CELLS (1 + DATA_REGIONS * DATA_BRANCHES * DATA_COMPONENTS)
#define DATA_CONTRIBUTIONS 4u
#define DATA_CIPHERTEXTS 2048u /* of the container that is written and read on its own */

struct dataset {
    vs_plan *plan;
    char *csv;
    size_t csv_len;
    vs_cells *cells;
    vs_layout layout;
    vs_int128 *dense_cells; /* DATA_CELLS, for packing */
    uint8_t *plaintexts;    /* layout.plaintext_count */
    vs_memory_sink contributions[DATA_CONTRIBUTIONS];
    vs_memory_sink total;
    vs_header header; /* of `container`, which holds DATA_CIPHERTEXTS ciphertexts */
    vs_contributor contributor;
    vs_memory_sink container;
};

/** The subject's dataset, made at the first call. Aborts where memory runs out: nothing could be timed. */
dataset *dataset_of(subject *s);
void dataset_free(dataset *d);

/* The steps, through memory; a sink starts from its beginning again and keeps its memory. Statuses as the library's. */
VS_MUST_CHECK vs_status dataset_read(const dataset *d, vs_cells **cells);
VS_MUST_CHECK vs_status dataset_contribute(const dataset *d, const subject *s, const vs_cells *cells, const char *name,
                                           vs_memory_sink *out);
VS_MUST_CHECK vs_status dataset_combine(const dataset *d, vs_memory_sink *out);
VS_MUST_CHECK vs_status dataset_write(dataset *d, const subject *s, vs_memory_sink *out);

#endif
