/* A part: what one holder of a threshold key adds to the opening of one total. papers/format.md specifies the file.
 *
 *     part = header ‖ the holder's parts of the round's ciphertexts ‖ proof ‖ signature ‖ hash
 *
 * The header says which total, key, round and holder it is for; the proof is made for the header's hash, and the holder
 * signs all of it. This file knows how a part looks; whether it is a right one for a total is for those who open
 * (aggregate/combine/threshold.h).
 */
#ifndef VEILSUM_AGGREGATE_PART_H
#define VEILSUM_AGGREGATE_PART_H

#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"
#include "aggregate/plan/plan.h"
#include "crypto/paillier/threshold.h"
#include "crypto/sign/identity.h"

/* No part is longer than this: as many ciphertexts as there may be cells, of the largest key. */
#define VS_MAX_PART_BYTES ((size_t)VS_MAX_CELLS * ((VS_MAX_DEGREE + 1) * VS_MAX_BITS / 8) + (1u << 17))

typedef struct vs_part_header {
    unsigned round;                         /* 1 or 2 */
    unsigned holder;                        /* 1 .. VS_MAX_HOLDERS */
    uint32_t ciphertext_bytes, proof_bytes; /* of a ciphertext; of the proof, 0 for no ciphertexts */
    uint8_t plan_id[VS_HASH_BYTES], sid[VS_HASH_BYTES];
    uint64_t attempt;
    uint64_t count;                       /* of ciphertexts; 0 where the round has none */
    uint8_t total_digest[VS_HASH_BYTES];  /* vs_container_digest of the total */
    uint8_t threshold_key[VS_HASH_BYTES]; /* its fingerprint */
    uint8_t blocks[VS_HASH_BYTES];        /* which blocks: vs_part_blocks_* */
    char period[VS_MAX_NAME_BYTES + 1];
} vs_part_header;

typedef struct vs_part {
    vs_part_header header;
    uint8_t *bytes; /* the whole file, owned */
    size_t len;
    /* in `bytes` */
    uint8_t *parts, *proof, *signature, *hash;
} vs_part;

/** A part that is to be filled in: its header is encoded, parts, proof and the rest are zero.
 *  Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_part_new(vs_part **part, const vs_part_header *header, vs_error *error);
/** Sign it and hash it: the last step. */
void vs_part_sign(vs_part *part, const vs_identity *holder);
void vs_part_free(vs_part *part);

/** Read a part from `len` bytes, which it copies. Nothing in the header is believed before the hash is right.
 *  Messages begin with `name`. `*part` is NULL on error.
 *
 *  Returns: VS_OK; VS_ERR_FORMAT (no part), VS_ERR_VERSION, VS_ERR_AUTH (cut off or altered), VS_ERR_RANGE (the hash is
 *           right, and what it says cannot be), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_part_parse(vs_part **part, const char *name, const uint8_t *data, size_t len,
                                      vs_error *error);
/** Has the identity with this key signed it? Returns: VS_OK, VS_ERR_AUTH. */
VS_MUST_CHECK vs_status vs_part_check_signature(const vs_part *part, const uint8_t key[VS_IDENTITY_KEY_BYTES]);

/** What the proof is made for: the hash of the header. */
void vs_part_context(uint8_t context[VS_HASH_BYTES], const vs_part *part);

/** The hash of a round's blocks: begin, each block's number (vs_layout_block_number) by vs_hash_u64, vs_hash_final. */
void vs_part_blocks_begin(vs_hash *hash);

/** No part of a total with at most `ciphertexts` ciphertexts is longer. */
size_t vs_part_len_max(uint64_t ciphertexts, size_t ciphertext_bytes, size_t proof_bytes);

#endif
