#include "aggregate/ledger/edge.h"

#include <stdlib.h>
#include <string.h>

vs_status vs__edge_new(vs_edge *edge, vs_error *error) {
    *edge = (vs_edge){.tiles = malloc(VS_TILE_LEVELS * VS_TILE_BYTES)};
    return edge->tiles == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

void vs__edge_free(vs_edge *edge) {
    free(edge->tiles);
    *edge = (vs_edge){.size = 0};
}

uint8_t *vs__edge_tile(const vs_edge *edge, unsigned level) {
    return edge->tiles + (size_t)level * VS_TILE_BYTES;
}

/* A full tile's hash goes to the level above, where it may make another one full. */
vs_status vs__edge_add(vs_edge *edge, const uint8_t leaf[VS_HASH_BYTES], vs_edge_full *full, void *context,
                       vs_error *error) {
    uint8_t hash[VS_HASH_BYTES];
    vs_status status = VS_OK;
    memcpy(hash, leaf, sizeof hash);
    VS_CHECK(edge->size < VS_MAX_TREE_SIZE);
    for (unsigned level = 0; status == VS_OK && level < VS_TILE_LEVELS; level++) {
        uint64_t at = vs__tile_hashes(edge->size, level);
        uint8_t *tile = vs__edge_tile(edge, level);
        memcpy(tile + (size_t)(at % VS_TILE_WIDTH) * VS_HASH_BYTES, hash, sizeof hash);
        if ((at + 1) % VS_TILE_WIDTH != 0) {
            break;
        }
        status = full(context, level, at / VS_TILE_WIDTH, tile, error);
        uint8_t half[VS_HASH_BYTES];
        vs__tile_node(hash, tile, 7, 0);
        vs__tile_node(half, tile, 7, 1);
        vs_log_node(hash, hash, half);
    }
    edge->size++;
    return status;
}

static vs_status edge_node(void *context, uint8_t out[VS_HASH_BYTES], unsigned level, uint64_t index) {
    vs__tile_node(out, vs__edge_tile(context, level / 8), level, index);
    return VS_OK;
}

void vs__edge_root(const vs_edge *edge, uint8_t root[VS_HASH_BYTES]) {
    vs_edge copy = *edge;
    const vs_tree tree = {.hash = vs_log_node, .context = &copy, .node = edge_node};
    if (edge->size == 0) {
        vs_log_empty(root);
        return;
    }
    vs_status status = vs_tree_root(&tree, root, edge->size);
    VS_CHECK(status == VS_OK);
}

vs_status vs__edge_read(vs_edge *edge, const vs_folder *folder, uint64_t size, vs_error *error) {
    vs_status status = VS_OK;
    for (unsigned level = 0; status == VS_OK && level < VS_TILE_LEVELS; level++) {
        uint64_t hashes = vs__tile_hashes(size, level);
        unsigned width = 0;
        if (hashes % VS_TILE_WIDTH != 0) {
            status =
                vs__tile_read(folder, size, level, hashes / VS_TILE_WIDTH, vs__edge_tile(edge, level), &width, error);
        }
    }
    edge->size = size;
    return status;
}
