/* Tiles: how a log's hashes and entries stand in a folder.
 *
 *     tile/L/N          256 hashes of level 8·L, N written as x001/x234/067; the last one of a level: N.p/W, W hashes
 *     tile/entries/N    the same entries, each behind its length in two bytes, big-endian
 *
 * Tiles by themselves prove nothing: what is made from them is checked against a checkpoint.
 *
 * Source: [C2SP-tiles].
 */
#ifndef VEILSUM_AGGREGATE_LEDGER_TILES_H
#define VEILSUM_AGGREGATE_LEDGER_TILES_H

#include "aggregate/folder.h"
#include "crypto/transparency.h"

#define VS_TILE_WIDTH 256u
#define VS_TILE_LEVELS 8u
#define VS_TILE_BYTES (VS_TILE_WIDTH * VS_HASH_BYTES)
#define VS_MAX_LEDGER_ENTRY 65535u
#define VS_MAX_BUNDLE_BYTES (VS_TILE_WIDTH * (2u + VS_MAX_LEDGER_ENTRY))

/** The blob's name; `level` VS_TILE_LEVELS stands for "entries". `width` in 1 .. VS_TILE_WIDTH. */
void vs__tile_name(char out[VS_MAX_BLOB_NAME], unsigned level, uint64_t index, unsigned width);
/** Hashes at tile level L of a log with `size` entries. */
static inline uint64_t vs__tile_hashes(uint64_t size, unsigned level) {
    return size >> (8 * level);
}
/** Hashes in tile `index` there. */
unsigned vs__tile_width(uint64_t size, unsigned level, uint64_t index);
/** Read a tile of a log with `size` entries: `width` hashes. Returns: VS_OK; VS_ERR_AUTH (missing, another length), and
 * what the folder fails with. */
VS_MUST_CHECK vs_status vs__tile_read(const vs_folder *folder, uint64_t size, unsigned level, uint64_t index,
                                      uint8_t out[VS_TILE_BYTES], unsigned *width, vs_error *error);

/* An entry bundle: up to 256 entries in the bytes of their blob, which it owns. */
typedef struct vs_bundle {
    uint8_t *data;
    size_t len;
    unsigned count;
    uint32_t at[VS_TILE_WIDTH + 1]; /* where the entry's length stands; one more for the end */
} vs_bundle;
void vs__bundle_free(vs_bundle *bundle);
/** Find the entries in bundle->data: exactly `count`, and nothing behind them. */
bool vs__bundle_split(vs_bundle *bundle, unsigned count);
const uint8_t *vs__bundle_entry(const vs_bundle *bundle, unsigned i, size_t *len);
/** Read the entries of tile `index`, each of which must have its hash in `hashes`. Returns: as vs__tile_read. */
VS_MUST_CHECK vs_status vs__bundle_read(const vs_folder *folder, uint64_t size, uint64_t index, const uint8_t *hashes,
                                        vs_bundle *bundle, vs_error *error);

/** Node (level, index) of the tree, over 2^(level mod 8) neighbouring hashes of the one tile, `hashes`, that it is in.
 */
void vs__tile_node(uint8_t out[VS_HASH_BYTES], const uint8_t *hashes, unsigned level, uint64_t index);

/* Nodes of a log's tree from its tiles; the tile that was read last of each level is kept. */
typedef struct vs_tile_reader {
    const vs_folder *folder;
    uint64_t size;
    vs_error *error;
    uint8_t *tiles; /* one of each level */
    uint64_t index[VS_TILE_LEVELS];
    bool has[VS_TILE_LEVELS];
} vs_tile_reader;
/** Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__tile_reader_open(vs_tile_reader *reader, const vs_folder *folder, uint64_t size,
                                             vs_error *error);
void vs__tile_reader_close(vs_tile_reader *reader);
/** The tree, to make proofs with; points to `reader`. */
vs_tree vs__tile_reader_tree(vs_tile_reader *reader);
/** The hashes of a tile, borrowed until the next call for its level. */
VS_MUST_CHECK vs_status vs__tile_reader_tile(vs_tile_reader *reader, unsigned level, uint64_t index,
                                             const uint8_t **hashes);

#endif
