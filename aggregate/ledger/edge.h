/* The right edge of a log's tree: the last tile of each level, which is all that growing needs, and all that the root
 * follows from. */
#ifndef VEILSUM_AGGREGATE_LEDGER_EDGE_H
#define VEILSUM_AGGREGATE_LEDGER_EDGE_H

#include "aggregate/ledger/tiles.h"

typedef struct vs_edge {
    uint64_t size;  /* leaves */
    uint8_t *tiles; /* VS_TILE_LEVELS of them; of level L the first vs__tile_hashes(size, L) mod 256 hashes are there */
} vs_edge;

/** An empty log's. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__edge_new(vs_edge *edge, vs_error *error);
void vs__edge_free(vs_edge *edge);
uint8_t *vs__edge_tile(const vs_edge *edge, unsigned level);

/* What happens to a tile that has become full, before it leaves the edge. */
typedef vs_status vs_edge_full(void *context, unsigned level, uint64_t index, const uint8_t *hashes, vs_error *error);
/** One more leaf. Returns: VS_OK; what `full` fails with, after which the edge is of no use. */
VS_MUST_CHECK vs_status vs__edge_add(vs_edge *edge, const uint8_t leaf[VS_HASH_BYTES], vs_edge_full *full,
                                     void *context, vs_error *error);
void vs__edge_root(const vs_edge *edge, uint8_t root[VS_HASH_BYTES]);
/** Read the edge of a log with `size` entries. Returns: VS_OK; as vs__tile_read. */
VS_MUST_CHECK vs_status vs__edge_read(vs_edge *edge, const vs_folder *folder, uint64_t size, vs_error *error);

#endif
