/* A sketch of a table's rows, by which an owner recognises them in another table: the smallest of their hashes under a
 * key that only this owner has.
 *
 * Two sketches tell about what part of their tables' rows are the same, whatever the order of rows and whatever else is
 * in the tables: of the smallest hashes of both together, as many are in both as rows are [Bro97]. A row is all of its
 * fields, also those that no plan uses. Without the key a sketch tells nothing.
 */
#ifndef VEILSUM_AGGREGATE_SKETCH_H
#define VEILSUM_AGGREGATE_SKETCH_H

#include "aggregate/table/cells.h"
#include "crypto/keyed.h"

#define VS_SKETCH_SIZE 64u

typedef struct vs_sketch {
    uint8_t key[VS__KEYED_BYTES]; /* secret */
    uint64_t rows;
    size_t count;
    uint64_t hashes[VS_SKETCH_SIZE]; /* ascending, distinct */
    char *text;                      /* of a row that is being hashed; wiped */
    size_t cap;
} vs_sketch;

void vs_sketch_init(vs_sketch *sketch, const uint8_t key[VS__KEYED_BYTES]);
void vs_sketch_clear(vs_sketch *sketch); /* wipes */
/** Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_sketch_add(vs_sketch *sketch, const vs_field *fields, size_t count);

/** Of a hundred rows of the smaller table, about how many are in the other? 1 to 100 if any of the smallest is, else 0.
 */
unsigned vs_sketch_shared(const vs_sketch *a, const vs_sketch *b);

#endif
