/* Adding to a ledger: index, entries and hashes first, each blob durable before the next; then the checkpoint, which
 * makes them count; then the parts of tiles that the old checkpoint needed are taken away. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/ledger/ledger_internal.h"
#include "crypto/guard.h"

typedef struct addition {
    vs_ledger *ledger;
    vs_ledger_index index;
    uint64_t old_size;
    uint8_t (*leaves)[VS_HASH_BYTES]; /* of the entries that are new */
    size_t count;
    vs_bundle bundle; /* the entries of the edge's lowest tile */
    size_t bundle_cap;
} addition;

static vs_status check_lengths(const vs_ledger_entry *entries, size_t count, vs_error *error) {
    for (size_t i = 0; i < count; i++) {
        if (entries[i].len == 0 || entries[i].len > VS_MAX_LEDGER_ENTRY_BYTES) {
            return vs_fail(error, VS_ERR_RANGE, "an entry of the ledger has 1 to %u bytes", VS_MAX_LEDGER_ENTRY_BYTES);
        }
    }
    return VS_OK;
}

/* Is entry `number`, as far as the index knows, the one with this hash? Among the old ones the tile knows. */
static vs_status is_entry(const addition *a, const uint8_t *leaf, uint64_t number, bool *is, vs_error *error) {
    uint8_t hashes[VS_TILE_BYTES];
    unsigned width = 0;
    *is = false;
    if (number >= a->old_size) {
        *is = number - a->old_size < a->count && vs_equal(a->leaves[number - a->old_size], leaf, VS_HASH_BYTES);
        return VS_OK;
    }
    vs_status status = vs__tile_read(a->ledger->folder, a->old_size, 0, number / VS_TILE_WIDTH, hashes, &width, error);
    if (status == VS_OK) {
        *is = vs_equal(hashes + (size_t)(number % VS_TILE_WIDTH) * VS_HASH_BYTES, leaf, VS_HASH_BYTES);
    }
    return status;
}

static vs_status is_there(addition *a, const uint8_t *leaf, bool *there, vs_error *error) {
    size_t cursor = 0;
    bool more = true;
    vs_status status = VS_OK;
    *there = false;
    while (status == VS_OK && more && !*there) {
        uint64_t number = 0;
        status = vs__ledger_index_next(&a->index, leaf, &cursor, &more, &number, error);
        if (status == VS_OK && more) {
            status = is_entry(a, leaf, number, there, error);
        }
    }
    return status;
}

/* ---- tiles ---- */

static vs_status write_blob(const addition *a, unsigned level, uint64_t index, unsigned width, const void *data,
                            size_t len, vs_error *error) {
    const vs_folder *folder = a->ledger->folder;
    char blob[VS_MAX_BLOB_NAME];
    vs__tile_name(blob, level, index, width);
    return folder->write(folder->context, blob, data, len, error);
}

static vs_status write_full(void *context, unsigned level, uint64_t index, const uint8_t *hashes, vs_error *error) {
    addition *a = context;
    vs_status status = VS_OK;
    if (level == 0) {
        status = write_blob(a, VS_TILE_LEVELS, index, VS_TILE_WIDTH, a->bundle.data, a->bundle.len, error);
        a->bundle.len = 0;
    }
    return status == VS_OK ? write_blob(a, level, index, VS_TILE_WIDTH, hashes, VS_TILE_BYTES, error) : status;
}

static vs_status put_in_bundle(addition *a, const vs_ledger_entry *entry, vs_error *error) {
    vs_bundle *bundle = &a->bundle;
    size_t needed = bundle->len + 2 + entry->len;
    if (needed > a->bundle_cap) {
        size_t cap = needed + needed / 2;
        uint8_t *data = realloc(bundle->data, cap);
        if (data == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        bundle->data = data;
        a->bundle_cap = cap;
    }
    bundle->data[bundle->len] = (uint8_t)(entry->len >> 8);
    bundle->data[bundle->len + 1] = (uint8_t)entry->len;
    memcpy(bundle->data + bundle->len + 2, entry->data, entry->len);
    bundle->len = needed;
    return VS_OK;
}

/* What the edge holds in parts. Levels that have not changed are there already. */
static vs_status write_edge(const addition *a, vs_error *error) {
    const vs_edge *edge = &a->ledger->edge;
    vs_status status = VS_OK;
    for (unsigned level = 0; status == VS_OK && level < VS_TILE_LEVELS; level++) {
        uint64_t hashes = vs__tile_hashes(edge->size, level);
        unsigned width = (unsigned)(hashes % VS_TILE_WIDTH);
        if (width == 0 || hashes == vs__tile_hashes(a->old_size, level)) {
            continue;
        }
        if (level == 0) {
            status = write_blob(a, VS_TILE_LEVELS, hashes / VS_TILE_WIDTH, width, a->bundle.data, a->bundle.len, error);
        }
        if (status == VS_OK) {
            status = write_blob(a, level, hashes / VS_TILE_WIDTH, width, vs__edge_tile(edge, level),
                                width * VS_HASH_BYTES, error);
        }
    }
    return status;
}

/* The old checkpoint's parts of tiles. What cannot be removed does no harm. */
static void remove_old_parts(const addition *a) {
    const vs_folder *folder = a->ledger->folder;
    for (unsigned level = 0; level < VS_TILE_LEVELS; level++) {
        uint64_t hashes = vs__tile_hashes(a->old_size, level);
        unsigned width = (unsigned)(hashes % VS_TILE_WIDTH);
        char blob[VS_MAX_BLOB_NAME];
        if (width == 0 || hashes == vs__tile_hashes(a->ledger->edge.size, level)) {
            continue;
        }
        vs__tile_name(blob, level, hashes / VS_TILE_WIDTH, width);
        (void)folder->remove(folder->context, blob, NULL);
        if (level == 0) {
            vs__tile_name(blob, VS_TILE_LEVELS, hashes / VS_TILE_WIDTH, width);
            (void)folder->remove(folder->context, blob, NULL);
        }
    }
}

/* ---- all of it ---- */

/* The new entries among `entries`, moved to the front of `fresh`, with their hashes in a->leaves. */
static vs_status sort_out(addition *a, const vs_ledger_entry **fresh, const vs_ledger_entry *entries, size_t count,
                          vs_error *error) {
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < count; i++) {
        uint8_t *leaf = a->leaves[a->count];
        bool there = false;
        vs_log_leaf(leaf, entries[i].data, entries[i].len);
        status = is_there(a, leaf, &there, error);
        if (status == VS_OK && !there) {
            status = vs__ledger_index_put(&a->index, leaf, a->old_size + a->count, error);
            fresh[a->count++] = &entries[i];
        }
    }
    return status;
}

/* The bundle that grows on: the old one's entries are compared with the edge, so that no damage is carried on. */
static vs_status read_bundle(addition *a, vs_error *error) {
    if (a->old_size % VS_TILE_WIDTH == 0) {
        return VS_OK;
    }
    vs_status status = vs__bundle_read(a->ledger->folder, a->old_size, a->old_size / VS_TILE_WIDTH,
                                       vs__edge_tile(&a->ledger->edge, 0), &a->bundle, error);
    a->bundle_cap = a->bundle.len;
    return status;
}

static vs_status write_checkpoint(vs_ledger *ledger, const vs_identity *keeper, vs_error *error) {
    vs_checkpoint checkpoint = ledger->checkpoint;
    char *note = NULL;
    size_t len = 0;
    checkpoint.size = ledger->edge.size;
    vs__edge_root(&ledger->edge, checkpoint.root);
    vs_status status = vs_checkpoint_sign(&note, &len, &checkpoint, keeper, error);
    if (status == VS_OK) {
        status = ledger->folder->write(ledger->folder->context, VS_LEDGER_CHECKPOINT, note, len, error);
    }
    if (status != VS_OK) {
        free(note);
        return status;
    }
    free(ledger->note);
    ledger->note = note;
    ledger->note_len = len;
    ledger->checkpoint = checkpoint;
    return VS_OK;
}

static vs_status add_fresh(addition *a, const vs_ledger_entry **fresh, const vs_identity *keeper, vs_error *error) {
    vs_status status = vs__ledger_index_write(&a->index, error);
    if (status == VS_OK) {
        status = read_bundle(a, error);
    }
    for (size_t i = 0; status == VS_OK && i < a->count; i++) {
        status = put_in_bundle(a, fresh[i], error);
        if (status == VS_OK) {
            status = vs__edge_add(&a->ledger->edge, a->leaves[i], write_full, a, error);
        }
    }
    if (status == VS_OK) {
        status = write_edge(a, error);
    }
    if (status == VS_OK) {
        status = write_checkpoint(a->ledger, keeper, error);
    }
    if (status == VS_OK) {
        remove_old_parts(a);
    }
    return status;
}

vs_status vs_ledger_add(vs_ledger *ledger, const vs_identity *keeper, const vs_ledger_entry *entries, size_t count,
                        size_t *added, vs_error *error) {
    VS_CHECK(ledger->writable && vs_public_identity_equal(vs_identity_public(keeper), &ledger->keeper));
    addition *a = calloc(1, sizeof *a);
    const vs_ledger_entry **fresh = calloc(count + 1, sizeof *fresh);
    vs_status status = check_lengths(entries, count, error);
    if (added != NULL) {
        *added = 0;
    }
    if (a == NULL || fresh == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    a->ledger = ledger;
    a->old_size = ledger->checkpoint.size;
    vs__ledger_index_begin(&a->index, ledger->folder);
    a->leaves = calloc(count + 1, sizeof *a->leaves);
    if (a->leaves == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (status == VS_OK) {
        status = sort_out(a, fresh, entries, count, error);
    }
    if (status == VS_OK && a->count > 0) {
        ledger->writable = false; /* unless all goes well, the edge is of no use any more */
        status = add_fresh(a, fresh, keeper, error);
        ledger->writable = status == VS_OK;
    }
    if (status == VS_OK && added != NULL) {
        *added = a->count;
    }
    vs__ledger_index_end(&a->index);
    vs__bundle_free(&a->bundle);
    free(a->leaves);
done:
    free(fresh);
    free(a);
    return status;
}
