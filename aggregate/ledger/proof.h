/* Proofs about a ledger, as texts that are checked offline, with nothing but the keeper's public identity.
 *
 * That an entry is in the log [C2SP-proof]:
 *
 *     c2sp.org/tlog-proof@v1
 *     index 1234
 *     base64                          a hash a line, from the entry up
 *                                     an empty line
 *     checkpoint                      as it is signed
 *
 * That a contribution is in a receipt that is in the log:
 *
 *     veilsum contribution proof
 *     contribution HEX 2048 ORANGE    digest, length, contributor: a line of the receipt's list
 *     position 3                      its place in that list
 *     path base64                     a hash a line, in the receipt's tree
 *                                     an empty line
 *     receipt                         its signed note
 *                                     an empty line
 *     proof                           that this note is in the log, as above
 *
 * That the log has only grown:
 *
 *     veilsum ledger consistency
 *     base64                          a hash a line
 *                                     an empty line
 *     checkpoint                      the earlier one
 *                                     an empty line
 *     checkpoint                      the later one
 *
 * All parsers are strict: one content has one text. All pointers go into the text that was parsed.
 *
 * Source: [C2SP-proof], [RFC9162, sections 2.1.3.2, 2.1.4.2].
 */
#ifndef VEILSUM_AGGREGATE_LEDGER_PROOF_H
#define VEILSUM_AGGREGATE_LEDGER_PROOF_H

#include "aggregate/ledger/checkpoint.h"
#include "aggregate/receipt/receipt.h"
#include "aggregate/stream.h"

#define VS_ENTRY_PROOF_TITLE "c2sp.org/tlog-proof@v1"
#define VS_CONTRIBUTION_PROOF_TITLE "veilsum contribution proof"
#define VS_GROWTH_PROOF_TITLE "veilsum ledger consistency"
#define VS_MAX_PROOF_BYTES (256u << 10)

typedef struct vs_text {
    const char *data;
    size_t len;
} vs_text;

typedef struct vs_entry_proof {
    uint64_t index;
    vs_tree_proof path;
    vs_text checkpoint;
} vs_entry_proof;

typedef struct vs_contribution_proof {
    vs_receipt_contribution contribution;
    uint64_t position;
    vs_tree_proof path;
    vs_text receipt; /* its note */
    vs_entry_proof entry;
} vs_contribution_proof;

typedef struct vs_growth_proof {
    vs_tree_proof path;
    vs_text old, now;
} vs_growth_proof;

typedef enum vs_proof_kind { VS_PROOF_ENTRY, VS_PROOF_CONTRIBUTION, VS_PROOF_GROWTH } vs_proof_kind;
/** By the first line. VS_ERR_FORMAT where it is none of them. */
VS_MUST_CHECK vs_status vs_proof_kind_of(vs_proof_kind *kind, const char *name, const char *data, size_t len,
                                         vs_error *error);

VS_MUST_CHECK vs_status vs_entry_proof_write(const vs_entry_proof *proof, const vs_sink *sink, vs_error *error);
VS_MUST_CHECK vs_status vs_contribution_proof_write(const vs_contribution_proof *proof, const vs_sink *sink,
                                                    vs_error *error);
VS_MUST_CHECK vs_status vs_growth_proof_write(const vs_growth_proof *proof, const vs_sink *sink, vs_error *error);

/** Messages begin with `name`. Returns: VS_OK, VS_ERR_FORMAT, VS_ERR_LIMIT. */
VS_MUST_CHECK vs_status vs_entry_proof_parse(vs_entry_proof *proof, const char *name, const char *data, size_t len,
                                             vs_error *error);
VS_MUST_CHECK vs_status vs_contribution_proof_parse(vs_contribution_proof *proof, const char *name, const char *data,
                                                    size_t len, vs_error *error);
VS_MUST_CHECK vs_status vs_growth_proof_parse(vs_growth_proof *proof, const char *name, const char *data, size_t len,
                                              vs_error *error);

/** Is this entry in the keeper's log? `*checkpoint` is what the proof leads to.
 *  Returns: VS_OK; VS_ERR_AUTH (it is not shown); as vs_checkpoint_parse. */
VS_MUST_CHECK vs_status vs_entry_proof_check(const vs_entry_proof *proof, const char *name, const void *entry,
                                             size_t len, const vs_public_identity *keeper, vs_checkpoint *checkpoint,
                                             vs_error *error);
/** Is a contribution with this digest (that of vs_container_digest) in the receipt, and the receipt in the keeper's
 * log? `*receipt` is then the receipt's note, which is to be cleared; who has signed it remains to be checked.
 *  Returns: VS_OK; VS_ERR_MISMATCH (about another contribution); VS_ERR_AUTH; VS_ERR_FORMAT; as vs_checkpoint_parse. */
VS_MUST_CHECK vs_status vs_contribution_proof_check(const vs_contribution_proof *proof, const char *name,
                                                    const uint8_t digest[VS_HASH_BYTES],
                                                    const vs_public_identity *keeper, vs_receipt *receipt,
                                                    vs_checkpoint *checkpoint, vs_error *error);
/** Does the later log begin with the earlier one? Returns: VS_OK; VS_ERR_AUTH; as vs_checkpoint_parse. */
VS_MUST_CHECK vs_status vs_growth_proof_check(const vs_growth_proof *proof, const char *name,
                                              const vs_public_identity *keeper, vs_checkpoint *old, vs_checkpoint *now,
                                              vs_error *error);

/** The path of contribution `position` in the tree of a receipt whose list has been read. Returns: VS_OK. */
VS_MUST_CHECK vs_status vs_contribution_path(vs_tree_proof *path, const vs_receipt *receipt, size_t position);

#endif
