/* The ledger: an append-only, signed log of notes (receipts, openings) in a folder, in the form of C2SP's tlog-tiles.
 *
 *     checkpoint        signed by the keeper: how many entries, and the root over them (aggregate/ledger/checkpoint.h)
 *     tile/…            hashes and entries (aggregate/ledger/tiles.h)
 *     index/XX          where entries are, by their hash: makes adding an entry again cheap to notice; proves nothing,
 *                       and readers do without
 *     list/HEX          what a receipt's root stands for, beside the log
 *
 * Entries are bytes here. Adding writes entries and hashes first and the checkpoint last: after a crash at any moment
 * the log is the old one or the new one, and what is left over is overwritten. An entry that is in the log already is
 * not added again.
 *
 * Source: [C2SP-tiles], [RFC6962].
 */
#ifndef VEILSUM_AGGREGATE_LEDGER_H
#define VEILSUM_AGGREGATE_LEDGER_H

#include "aggregate/folder.h"
#include "aggregate/ledger/checkpoint.h"
#include "aggregate/stream.h"

#define VS_MAX_LEDGER_ENTRY_BYTES 65535u
#define VS_LEDGER_CHECKPOINT "checkpoint"

typedef struct vs_ledger vs_ledger;

typedef struct vs_ledger_entry {
    const void *data;
    size_t len;
} vs_ledger_entry;

/** Begin an empty ledger. `label` (NULL: none) tells several ledgers of one keeper apart.
 *  Returns: VS_OK; VS_ERR_EXISTS (there is one); VS_ERR_AUTH (there was one, whose checkpoint is lost); the folder's;
 * VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_ledger_create(const vs_folder *folder, const vs_identity *keeper, const char *label,
                                         vs_error *error);

/** Open a ledger, which stays locked until it is closed: to be read, or to be added to as well. The checkpoint's
 * signature is checked, and the right edge of the tree against it. `folder`, `label` are borrowed until it is closed.
 *  Returns: VS_OK; VS_ERR_FORMAT (no ledger is there, or a checkpoint that cannot be read), VS_ERR_AUTH,
 * VS_ERR_MISMATCH (another keeper's, another label); the folder's; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_ledger_open(vs_ledger **ledger, const vs_folder *folder, const vs_public_identity *keeper,
                                       const char *label, bool writable, vs_error *error);
void vs_ledger_close(vs_ledger *ledger);

const vs_checkpoint *vs_ledger_checkpoint(const vs_ledger *ledger);
/** The checkpoint as it is signed, ended by a zero byte; borrowed. */
const char *vs_ledger_checkpoint_note(const vs_ledger *ledger, size_t *len);

/** Add entries of 1 .. VS_MAX_LEDGER_ENTRY_BYTES bytes, all or none, those that are there already left out; `*added` of
 * them (may be NULL) are new, and durable once this returns VS_OK. After an error the ledger can only be closed.
 *  Returns: VS_OK; VS_ERR_RANGE (an entry's length), VS_ERR_AUTH (a tile is not what the keeper has signed); the
 * folder's; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_ledger_add(vs_ledger *ledger, const vs_identity *keeper, const vs_ledger_entry *entries,
                                      size_t count, size_t *added, vs_error *error);

/** All entries in their order. At the end, hashes and entries have been compared with the checkpoint's root: what
 * `visit` saw is worth nothing unless this returns VS_OK. `all_tiles`: those of the upper levels are read and compared
 * as well, so that the folder as a whole is right. Returns: VS_OK; VS_ERR_AUTH; visit's; the folder's. */
typedef vs_status vs_ledger_visit(void *context, uint64_t index, const uint8_t *entry, size_t len, vs_error *error);
VS_MUST_CHECK vs_status vs_ledger_each(const vs_ledger *ledger, bool all_tiles, vs_ledger_visit *visit, void *context,
                                       vs_error *error);

/** Where is this entry? By the index where it helps, else by looking through the hashes.
 *  Returns: VS_OK; VS_ERR_AUTH; the folder's. */
VS_MUST_CHECK vs_status vs_ledger_find(const vs_ledger *ledger, const void *entry, size_t len, bool *found,
                                       uint64_t *index, vs_error *error);

/** Entry `index` < size, compared with the checkpoint's root: malloc'd, zero byte behind it. Returns: as
 * vs_ledger_each. */
VS_MUST_CHECK vs_status vs_ledger_read(const vs_ledger *ledger, uint64_t index, uint8_t **data, size_t *len,
                                       vs_error *error);

/** Proofs, each checked before it is given out. Returns: VS_OK; VS_ERR_AUTH (the folder's hashes are not those of the
 * checkpoint; for growth: or `old` is not the beginning of this log); the folder's; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_ledger_prove(const vs_ledger *ledger, vs_tree_proof *proof, uint64_t index, vs_error *error);
VS_MUST_CHECK vs_status vs_ledger_prove_growth(const vs_ledger *ledger, vs_tree_proof *proof, const vs_checkpoint *old,
                                               vs_error *error);

#endif
