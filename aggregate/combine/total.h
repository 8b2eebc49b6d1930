/* A total in memory, read once: what is checked, what is allowed and what is opened are the same bytes.
 *
 * Nothing of it is decrypted here. Between reading it and opening it stands whoever decides whether it may be opened.
 */
#ifndef VEILSUM_AGGREGATE_TOTAL_H
#define VEILSUM_AGGREGATE_TOTAL_H

#include "aggregate/container/container.h"
#include "aggregate/container/pack.h"

typedef struct vs_total {
    const vs_plan *plan;           /* borrowed */
    const vs_public_key *pk;       /* borrowed: the plan's */
    const vs_header *header;       /* of the plan, with at least contributors.min contributions */
    vs_layout layout;              /* of the plan for the key */
    uint8_t *ciphertexts;          /* all of them, canonical units */
    uint8_t digest[VS_HASH_BYTES]; /* stands for all of its bytes */
    uint64_t bytes;                /* its length as a container */
    vs_container_reader *reader;   /* owns the header */
} vs_total;

/** Read a whole total of the plan, for the key that the plan pins; `pk` and `plan` must outlive it. A contribution is a
 *  total of one. Messages begin with the source's name. `*total` is NULL on error.
 *
 *  Returns: VS_OK; VS_ERR_MISMATCH (another plan or key), VS_ERR_POLICY (fewer than contributors.min), VS_ERR_AUTH
 * (also for bytes behind it), VS_ERR_RANGE (no ciphertexts of this key), VS_ERR_MEMORY; those of the reader. */
VS_MUST_CHECK vs_status vs_total_read(vs_total **total, const vs_plan *plan, const vs_public_key *pk,
                                      const vs_source *source, vs_error *error);
void vs_total_free(vs_total *total);

#endif
