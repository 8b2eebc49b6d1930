/* Checkpoints: what a ledger's keeper signs. A signed note whose text is
 *
 *     NAME                       the origin: the keeper's name, or NAME/LABEL where it keeps more than one log
 *     1234                       how many entries
 *     base64                     the root of the Merkle tree over them [RFC6962, section 2.1]
 *
 * signed by the key of that name. Further signatures (of witnesses) may stand under it; they are not looked at.
 *
 * Source: [C2SP-checkpoint], [C2SP-note].
 */
#ifndef VEILSUM_AGGREGATE_CHECKPOINT_H
#define VEILSUM_AGGREGATE_CHECKPOINT_H

#include "aggregate/note/note.h"
#include "crypto/transparency.h"

#define VS_MAX_LEDGER_LABEL 32u
#define VS_MAX_ORIGIN (VS_MAX_IDENTITY_NAME + 1 + VS_MAX_LEDGER_LABEL)
#define VS_MAX_CHECKPOINT_BYTES (64u << 10)

typedef struct vs_checkpoint {
    char origin[VS_MAX_ORIGIN + 1];
    uint64_t size;
    uint8_t root[VS_HASH_BYTES];
} vs_checkpoint;

/** NAME or NAME/LABEL; `label` (NULL: none) is of lower-case letters, at most VS_MAX_LEDGER_LABEL. */
void vs_checkpoint_origin(char out[VS_MAX_ORIGIN + 1], const char *name, const char *label);
/** A signed checkpoint: malloc'd. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_checkpoint_sign(char **out, size_t *len, const vs_checkpoint *checkpoint,
                                           const vs_identity *keeper, vs_error *error);
/** Read one, which must be of `keeper`'s log with `label` and signed by that key; `keeper` NULL: whose and whether
 * signed is not looked at. Messages begin with `name`.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_LIMIT; VS_ERR_AUTH (a signature that fails), VS_ERR_MISMATCH (another log, or
 * no signature of the keeper); VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_checkpoint_parse(vs_checkpoint *checkpoint, const char *name, const char *data, size_t len,
                                            const vs_public_identity *keeper, const char *label, vs_error *error);

#endif
