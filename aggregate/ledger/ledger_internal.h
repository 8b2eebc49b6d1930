/* What the files of the ledger share. */
#ifndef VEILSUM_AGGREGATE_LEDGER_INTERNAL_H
#define VEILSUM_AGGREGATE_LEDGER_INTERNAL_H

#include "aggregate/ledger/edge.h"
#include "aggregate/ledger/ledger.h"

struct vs_ledger {
    const vs_folder *folder;
    vs_public_identity keeper;
    const char *label;
    vs_checkpoint checkpoint;
    char *note; /* the checkpoint as signed */
    size_t note_len;
    vs_edge edge;
    bool locked, writable;
};

/** The folder's hashes do not lead to the root that was signed. */
vs_status vs__ledger_damaged(const vs_ledger *ledger, vs_error *error);

/* Where entries are, by their hash: a blob for each first byte, of records of 8 bytes of the hash and 8 of the entry's
 * number. Records of entries that a crash took with it, or that somebody made up, do no harm: each is compared with the
 * tiles. */
#define VS_LEDGER_BUCKETS 256u
typedef struct vs_ledger_bucket {
    uint8_t *data; /* NULL: not read yet */
    size_t len, cap;
    bool changed;
} vs_ledger_bucket;

typedef struct vs_ledger_index {
    const vs_folder *folder;
    vs_ledger_bucket buckets[VS_LEDGER_BUCKETS];
} vs_ledger_index;
void vs__ledger_index_begin(vs_ledger_index *index, const vs_folder *folder);
void vs__ledger_index_end(vs_ledger_index *index);
/** Is there a part of an index in the folder? */
VS_MUST_CHECK vs_status vs__ledger_index_exists(const vs_folder *folder, bool *exists, vs_error *error);
/** The next number that may be the entry with this hash; `*cursor` begins at 0; false after the last. */
VS_MUST_CHECK vs_status vs__ledger_index_next(vs_ledger_index *index, const uint8_t leaf[VS_HASH_BYTES], size_t *cursor,
                                              bool *found, uint64_t *number, vs_error *error);
VS_MUST_CHECK vs_status vs__ledger_index_put(vs_ledger_index *index, const uint8_t leaf[VS_HASH_BYTES], uint64_t number,
                                             vs_error *error);
/** Write the buckets that have changed. */
VS_MUST_CHECK vs_status vs__ledger_index_write(vs_ledger_index *index, vs_error *error);

#endif
