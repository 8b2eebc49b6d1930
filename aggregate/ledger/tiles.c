#include "aggregate/ledger/tiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

void vs__tile_name(char out[VS_MAX_BLOB_NAME], unsigned level, uint64_t index, unsigned width) {
    VS_CHECK(level <= VS_TILE_LEVELS && width > 0 && width <= VS_TILE_WIDTH);
    int len = level == VS_TILE_LEVELS ? sprintf(out, "tile/entries") : sprintf(out, "tile/%u", level);
    uint64_t power = 1;
    while (index / power >= 1000) {
        power *= 1000;
    }
    for (; power > 1; power /= 1000) {
        len += sprintf(out + len, "/x%03u", (unsigned)(index / power % 1000));
    }
    len += sprintf(out + len, "/%03u", (unsigned)(index % 1000));
    if (width < VS_TILE_WIDTH) {
        (void)sprintf(out + len, ".p/%u", width);
    }
}

unsigned vs__tile_width(uint64_t size, unsigned level, uint64_t index) {
    uint64_t hashes = vs__tile_hashes(size, level);
    VS_CHECK(index <= hashes / VS_TILE_WIDTH);
    return index < hashes / VS_TILE_WIDTH ? VS_TILE_WIDTH : (unsigned)(hashes % VS_TILE_WIDTH);
}

static vs_status damaged(const vs_folder *folder, const char *blob, vs_error *error) {
    (void)vs_fail(error, VS_ERR_AUTH, "%s: %s is not what the ledger's keeper has signed", folder->name, blob);
    vs_hint(error, "copy the whole folder again, or restore it from a backup");
    return VS_ERR_AUTH;
}

/* ---- tiles ---- */

vs_status vs__tile_read(const vs_folder *folder, uint64_t size, unsigned level, uint64_t index,
                        uint8_t out[VS_TILE_BYTES], unsigned *width, vs_error *error) {
    char blob[VS_MAX_BLOB_NAME];
    uint8_t *data = NULL;
    size_t len = 0;
    *width = vs__tile_width(size, level, index);
    vs__tile_name(blob, level, index, *width);
    vs_status status = vs_folder_read(folder, blob, VS_TILE_BYTES, &data, &len, error);
    if (status == VS_OK && len != *width * VS_HASH_BYTES) {
        status = damaged(folder, blob, error);
    }
    if (status == VS_OK) {
        memcpy(out, data, len);
    }
    free(data);
    return status == VS_ERR_LIMIT ? damaged(folder, blob, error) : status;
}

/* ---- bundles ---- */

void vs__bundle_free(vs_bundle *bundle) {
    free(bundle->data);
    bundle->data = NULL;
    bundle->len = 0;
    bundle->count = 0;
}

bool vs__bundle_split(vs_bundle *bundle, unsigned count) {
    size_t at = 0;
    for (unsigned i = 0; i < count; i++) {
        if (bundle->len - at < 2) {
            return false;
        }
        size_t len = (size_t)bundle->data[at] << 8 | bundle->data[at + 1];
        if (bundle->len - at - 2 < len) {
            return false;
        }
        bundle->at[i] = (uint32_t)at;
        at += 2 + len;
    }
    bundle->at[count] = (uint32_t)at;
    bundle->count = count;
    return at == bundle->len;
}

const uint8_t *vs__bundle_entry(const vs_bundle *bundle, unsigned i, size_t *len) {
    VS_CHECK(i < bundle->count);
    *len = bundle->at[i + 1] - bundle->at[i] - 2;
    return bundle->data + bundle->at[i] + 2;
}

static bool has_hashes(const vs_bundle *bundle, const uint8_t *hashes) {
    for (unsigned i = 0; i < bundle->count; i++) {
        uint8_t leaf[VS_HASH_BYTES];
        size_t len = 0;
        const uint8_t *entry = vs__bundle_entry(bundle, i, &len);
        vs_log_leaf(leaf, entry, len);
        if (!vs_equal(leaf, hashes + (size_t)i * VS_HASH_BYTES, sizeof leaf)) {
            return false;
        }
    }
    return true;
}

vs_status vs__bundle_read(const vs_folder *folder, uint64_t size, uint64_t index, const uint8_t *hashes,
                          vs_bundle *bundle, vs_error *error) {
    char blob[VS_MAX_BLOB_NAME];
    unsigned width = vs__tile_width(size, 0, index);
    *bundle = (vs_bundle){.data = NULL};
    vs__tile_name(blob, VS_TILE_LEVELS, index, width);
    vs_status status = vs_folder_read(folder, blob, VS_MAX_BUNDLE_BYTES, &bundle->data, &bundle->len, error);
    if (status == VS_ERR_LIMIT ||
        (status == VS_OK && (!vs__bundle_split(bundle, width) || !has_hashes(bundle, hashes)))) {
        status = damaged(folder, blob, error);
    }
    if (status != VS_OK) {
        vs__bundle_free(bundle);
    }
    return status;
}

/* ---- nodes ---- */

vs_status vs__tile_reader_open(vs_tile_reader *reader, const vs_folder *folder, uint64_t size, vs_error *error) {
    *reader = (vs_tile_reader){.folder = folder, .size = size, .error = error};
    reader->tiles = malloc(VS_TILE_LEVELS * VS_TILE_BYTES);
    return reader->tiles == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

void vs__tile_reader_close(vs_tile_reader *reader) {
    free(reader->tiles);
    *reader = (vs_tile_reader){.tiles = NULL};
}

vs_status vs__tile_reader_tile(vs_tile_reader *reader, unsigned level, uint64_t index, const uint8_t **hashes) {
    uint8_t *tile = reader->tiles + level * VS_TILE_BYTES;
    *hashes = tile;
    if (reader->has[level] && reader->index[level] == index) {
        return VS_OK;
    }
    unsigned width = 0;
    vs_status status = vs__tile_read(reader->folder, reader->size, level, index, tile, &width, reader->error);
    reader->has[level] = status == VS_OK;
    reader->index[level] = index;
    return status;
}

void vs__tile_node(uint8_t out[VS_HASH_BYTES], const uint8_t *hashes, unsigned level, uint64_t index) {
    uint8_t nodes[VS_TILE_WIDTH / 2][VS_HASH_BYTES];
    unsigned r = level % 8;
    const uint8_t *below = hashes + (size_t)((index << r) % VS_TILE_WIDTH) * VS_HASH_BYTES;
    for (unsigned count = 1u << r; count > 1; count /= 2) {
        for (unsigned i = 0; i < count / 2; i++) {
            vs_log_node(nodes[i], below + (size_t)2 * i * VS_HASH_BYTES, below + ((size_t)2 * i + 1) * VS_HASH_BYTES);
        }
        below = nodes[0];
    }
    memcpy(out, below, VS_HASH_BYTES);
}

static vs_status read_node(void *context, uint8_t out[VS_HASH_BYTES], unsigned level, uint64_t index) {
    vs_tile_reader *reader = context;
    const uint8_t *hashes = NULL;
    vs_status status = vs__tile_reader_tile(reader, level / 8, (index << level % 8) / VS_TILE_WIDTH, &hashes);
    if (status == VS_OK) {
        vs__tile_node(out, hashes, level, index);
    }
    return status;
}

vs_tree vs__tile_reader_tree(vs_tile_reader *reader) {
    return (vs_tree){.hash = vs_log_node, .context = reader, .node = read_node};
}
