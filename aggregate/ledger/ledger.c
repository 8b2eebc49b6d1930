#include "aggregate/ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/ledger/ledger_internal.h"
#include "crypto/guard.h"

vs_status vs__ledger_damaged(const vs_ledger *ledger, vs_error *error) {
    (void)vs_fail(error, VS_ERR_AUTH, "%s: its hashes are not those that the checkpoint stands for",
                  ledger->folder->name);
    vs_hint(error, "copy the whole folder again, or restore it from a backup");
    return VS_ERR_AUTH;
}

/* ---- beginning and opening ---- */

/* A checkpoint is there before anything else is: an index without one was a ledger's, and a new one in its place would
 * forget what that held. */
static vs_status check_is_new(const vs_folder *folder, vs_error *error) {
    bool lost = false;
    vs_status status = vs__ledger_index_exists(folder, &lost, error);
    if (status != VS_OK || VS_GUARD(ledger_checkpoint_lost, !lost)) {
        return status;
    }
    (void)vs_fail(error, VS_ERR_AUTH, "%s: holds a ledger whose checkpoint is missing", folder->name);
    vs_hint(error, "restore the file checkpoint from a backup; a ledger is never begun over another");
    return VS_ERR_AUTH;
}

vs_status vs_ledger_create(const vs_folder *folder, const vs_identity *keeper, const char *label, vs_error *error) {
    vs_checkpoint checkpoint = {.size = 0};
    char *note = NULL;
    size_t len = 0;
    bool exists = false;
    vs_status status = folder->lock(folder->context, true, error);
    if (status != VS_OK) {
        return status;
    }
    vs_checkpoint_origin(checkpoint.origin, vs_identity_public(keeper)->name, label);
    vs_log_empty(checkpoint.root);
    status = folder->exists(folder->context, VS_LEDGER_CHECKPOINT, &exists, error);
    if (status == VS_OK && exists) {
        status = vs_fail(error, VS_ERR_EXISTS, "%s: there is a ledger already", folder->name);
    }
    if (status == VS_OK) {
        status = check_is_new(folder, error);
    }
    if (status == VS_OK) {
        status = vs_checkpoint_sign(&note, &len, &checkpoint, keeper, error);
    }
    if (status == VS_OK) {
        status = folder->write(folder->context, VS_LEDGER_CHECKPOINT, note, len, error);
    }
    free(note);
    folder->unlock(folder->context);
    return status;
}

static vs_status read_checkpoint(vs_ledger *ledger, vs_error *error) {
    const vs_folder *folder = ledger->folder;
    uint8_t *data = NULL;
    vs_status status =
        folder->read(folder->context, VS_LEDGER_CHECKPOINT, VS_MAX_CHECKPOINT_BYTES, &data, &ledger->note_len, error);
    ledger->note = (char *)data;
    if (status == VS_OK && data == NULL) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s: no ledger: there is no checkpoint in it", folder->name);
        vs_hint(error, "'veilsum ledger init' begins one");
        return VS_ERR_FORMAT;
    }
    if (status == VS_OK) {
        status = vs_checkpoint_parse(&ledger->checkpoint, folder->name, ledger->note, ledger->note_len, &ledger->keeper,
                                     ledger->label, error);
    }
    return status;
}

/* The edge is all that the root follows from. */
static vs_status read_edge(vs_ledger *ledger, vs_error *error) {
    uint8_t root[VS_HASH_BYTES];
    vs_status status = vs__edge_new(&ledger->edge, error);
    if (status == VS_OK) {
        status = vs__edge_read(&ledger->edge, ledger->folder, ledger->checkpoint.size, error);
    }
    if (status != VS_OK) {
        return status;
    }
    vs__edge_root(&ledger->edge, root);
    if (!VS_GUARD(ledger_edge, vs_equal(root, ledger->checkpoint.root, sizeof root))) {
        return vs__ledger_damaged(ledger, error);
    }
    return VS_OK;
}

vs_status vs_ledger_open(vs_ledger **out, const vs_folder *folder, const vs_public_identity *keeper, const char *label,
                         bool writable, vs_error *error) {
    vs_ledger *ledger = calloc(1, sizeof *ledger);
    *out = NULL;
    if (ledger == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    ledger->folder = folder;
    ledger->keeper = *keeper;
    ledger->label = label;
    ledger->writable = writable;
    vs_status status = folder->lock(folder->context, writable, error);
    ledger->locked = status == VS_OK;
    if (status == VS_OK) {
        status = read_checkpoint(ledger, error);
    }
    if (status == VS_OK) {
        status = read_edge(ledger, error);
    }
    if (status != VS_OK) {
        vs_ledger_close(ledger);
        return status;
    }
    *out = ledger;
    return VS_OK;
}

void vs_ledger_close(vs_ledger *ledger) {
    if (ledger == NULL) {
        return;
    }
    if (ledger->locked) {
        ledger->folder->unlock(ledger->folder->context);
    }
    vs__edge_free(&ledger->edge);
    free(ledger->note);
    free(ledger);
}

const vs_checkpoint *vs_ledger_checkpoint(const vs_ledger *ledger) {
    return &ledger->checkpoint;
}

const char *vs_ledger_checkpoint_note(const vs_ledger *ledger, size_t *len) {
    *len = ledger->note_len;
    return ledger->note;
}

/* ---- reading ---- */

/* What vs_ledger_each goes through: the tree grows again beside the one that is stored. */
typedef struct walk {
    const vs_ledger *ledger;
    vs_edge edge;
    bool all_tiles;
} walk;

/* A tile has grown full: level 0 is what it grew from. */
static vs_status compare_tile(void *context, unsigned level, uint64_t index, const uint8_t *hashes, vs_error *error) {
    const walk *w = context;
    uint8_t stored[VS_TILE_BYTES];
    unsigned width = 0;
    if (level == 0 || !w->all_tiles) {
        return VS_OK;
    }
    vs_status status =
        vs__tile_read(w->ledger->folder, w->ledger->checkpoint.size, level, index, stored, &width, error);
    if (status == VS_OK && !VS_GUARD(ledger_upper_tile, vs_equal(stored, hashes, sizeof stored))) {
        status = vs__ledger_damaged(w->ledger, error);
    }
    return status;
}

static vs_status walk_tile(walk *w, uint64_t index, vs_ledger_visit *visit, void *context, vs_error *error) {
    const vs_ledger *ledger = w->ledger;
    uint8_t hashes[VS_TILE_BYTES];
    unsigned width = 0;
    vs_bundle bundle = {.data = NULL};
    vs_status status = vs__tile_read(ledger->folder, ledger->checkpoint.size, 0, index, hashes, &width, error);
    if (status == VS_OK) {
        status = vs__bundle_read(ledger->folder, ledger->checkpoint.size, index, hashes, &bundle, error);
    }
    for (unsigned i = 0; status == VS_OK && i < width; i++) {
        size_t len = 0;
        const uint8_t *entry = vs__bundle_entry(&bundle, i, &len);
        status = vs__edge_add(&w->edge, hashes + (size_t)i * VS_HASH_BYTES, compare_tile, w, error);
        if (status == VS_OK) {
            status = visit(context, index * VS_TILE_WIDTH + i, entry, len, error);
        }
    }
    vs__bundle_free(&bundle);
    return status;
}

vs_status vs_ledger_each(const vs_ledger *ledger, bool all_tiles, vs_ledger_visit *visit, void *context,
                         vs_error *error) {
    walk w = {.ledger = ledger, .all_tiles = all_tiles};
    uint64_t size = ledger->checkpoint.size;
    vs_status status = vs__edge_new(&w.edge, error);
    for (uint64_t tile = 0; status == VS_OK && tile < (size + VS_TILE_WIDTH - 1) / VS_TILE_WIDTH; tile++) {
        status = walk_tile(&w, tile, visit, context, error);
    }
    if (status == VS_OK) {
        uint8_t root[VS_HASH_BYTES];
        vs__edge_root(&w.edge, root);
        if (!VS_GUARD(ledger_root, vs_equal(root, ledger->checkpoint.root, sizeof root))) {
            status = vs__ledger_damaged(ledger, error);
        }
    }
    vs__edge_free(&w.edge);
    return status;
}

/* ---- proofs ---- */

vs_status vs_ledger_prove(const vs_ledger *ledger, vs_tree_proof *proof, uint64_t index, vs_error *error) {
    const vs_checkpoint *checkpoint = &ledger->checkpoint;
    vs_tile_reader reader;
    uint8_t leaf[VS_HASH_BYTES];
    VS_CHECK(index < checkpoint->size);
    vs_status status = vs__tile_reader_open(&reader, ledger->folder, checkpoint->size, error);
    const vs_tree tree = vs__tile_reader_tree(&reader);
    if (status == VS_OK) {
        status = tree.node(&reader, leaf, 0, index);
    }
    if (status == VS_OK) {
        status = vs_tree_path(&tree, proof, index, checkpoint->size);
    }
    if (status == VS_OK && !vs_tree_path_check(vs_log_node, proof, leaf, index, checkpoint->size, checkpoint->root)) {
        status = vs__ledger_damaged(ledger, error);
    }
    vs__tile_reader_close(&reader);
    return status;
}

vs_status vs_ledger_prove_growth(const vs_ledger *ledger, vs_tree_proof *proof, const vs_checkpoint *old,
                                 vs_error *error) {
    const vs_checkpoint *checkpoint = &ledger->checkpoint;
    vs_tile_reader reader;
    proof->count = 0;
    if (old->size > checkpoint->size) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s: has fewer entries than the earlier checkpoint stands for",
                      ledger->folder->name);
        vs_hint(error, "the ledger has been rolled back, or this is an old copy of it: ask its keeper");
        return VS_ERR_AUTH;
    }
    vs_status status = vs__tile_reader_open(&reader, ledger->folder, checkpoint->size, error);
    const vs_tree tree = vs__tile_reader_tree(&reader);
    if (status == VS_OK) {
        status = vs_tree_growth(&tree, proof, old->size, checkpoint->size);
    }
    if (status == VS_OK && !VS_GUARD(ledger_consistency, vs_tree_growth_check(vs_log_node, proof, old->size, old->root,
                                                                              checkpoint->size, checkpoint->root))) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s: does not begin with what the earlier checkpoint stands for",
                      ledger->folder->name);
        vs_hint(error, "the ledger has been rewritten, or its files are damaged: keep both checkpoints, and ask its "
                       "keeper");
        status = VS_ERR_AUTH;
    }
    vs__tile_reader_close(&reader);
    return status;
}

/* ---- single entries ---- */

/* The leaf stands at `number`, as far as the tiles say? */
static vs_status is_at(vs_tile_reader *reader, const uint8_t *leaf, uint64_t number, bool *is, vs_error *error) {
    (void)error;
    const uint8_t *hashes = NULL;
    *is = false;
    if (number >= reader->size) {
        return VS_OK;
    }
    vs_status status = vs__tile_reader_tile(reader, 0, number / VS_TILE_WIDTH, &hashes);
    if (status == VS_OK) {
        *is = vs_equal(hashes + (size_t)(number % VS_TILE_WIDTH) * VS_HASH_BYTES, leaf, VS_HASH_BYTES);
    }
    return status;
}

static vs_status find_by_index(const vs_ledger *ledger, vs_tile_reader *reader, const uint8_t *leaf, bool *found,
                               uint64_t *number, vs_error *error) {
    vs_ledger_index *index = malloc(sizeof *index);
    bool more = true;
    size_t cursor = 0;
    if (index == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs__ledger_index_begin(index, ledger->folder);
    vs_status status = VS_OK;
    while (status == VS_OK && more && !*found) {
        status = vs__ledger_index_next(index, leaf, &cursor, &more, number, error);
        if (status == VS_OK && more) {
            status = is_at(reader, leaf, *number, found, error);
        }
    }
    vs__ledger_index_end(index);
    free(index);
    return status;
}

vs_status vs_ledger_find(const vs_ledger *ledger, const void *entry, size_t len, bool *found, uint64_t *number,
                         vs_error *error) {
    vs_tile_reader reader;
    uint8_t leaf[VS_HASH_BYTES];
    *found = false;
    vs_log_leaf(leaf, entry, len);
    vs_status status = vs__tile_reader_open(&reader, ledger->folder, ledger->checkpoint.size, error);
    if (status == VS_OK) {
        status = find_by_index(ledger, &reader, leaf, found, number, error);
    }
    for (uint64_t i = 0; status == VS_OK && !*found && i < ledger->checkpoint.size; i++) {
        *number = i;
        status = is_at(&reader, leaf, i, found, error);
    }
    vs__tile_reader_close(&reader);
    return status;
}

/* The entry's bytes lead to the root, whatever the tile that was read with them says. */
static bool leads_to_root(const vs_ledger *ledger, const vs_tree_proof *proof, uint64_t index, const uint8_t *entry,
                          size_t len) {
    uint8_t leaf[VS_HASH_BYTES];
    vs_log_leaf(leaf, entry, len);
    return vs_tree_path_check(vs_log_node, proof, leaf, index, ledger->checkpoint.size, ledger->checkpoint.root);
}

vs_status vs_ledger_read(const vs_ledger *ledger, uint64_t index, uint8_t **data, size_t *len, vs_error *error) {
    vs_tree_proof proof;
    uint8_t hashes[VS_TILE_BYTES];
    unsigned width = 0;
    vs_bundle bundle = {.data = NULL};
    const uint64_t size = ledger->checkpoint.size;
    const uint8_t *entry = NULL;
    *data = NULL;
    vs_status status = vs_ledger_prove(ledger, &proof, index, error);
    if (status == VS_OK) {
        status = vs__tile_read(ledger->folder, size, 0, index / VS_TILE_WIDTH, hashes, &width, error);
    }
    if (status == VS_OK) {
        status = vs__bundle_read(ledger->folder, size, index / VS_TILE_WIDTH, hashes, &bundle, error);
    }
    if (status == VS_OK) {
        entry = vs__bundle_entry(&bundle, (unsigned)(index % VS_TILE_WIDTH), len);
        status = leads_to_root(ledger, &proof, index, entry, *len) ? VS_OK : vs__ledger_damaged(ledger, error);
    }
    if (status == VS_OK && (*data = malloc(*len + 1)) == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (status == VS_OK) {
        memcpy(*data, entry, *len);
        (*data)[*len] = 0;
    }
    vs__bundle_free(&bundle);
    return status;
}
