/* The three steps of a pipeline with a key: contribute, combine, open. Each takes sources and sinks, and holds back its
 * result until all of its input is verified. */
#ifndef VEILSUM_AGGREGATE_COMBINE_H
#define VEILSUM_AGGREGATE_COMBINE_H

#include "aggregate/container/container.h"
#include "aggregate/container/pack.h"
#include "aggregate/pool/pool.h"
#include "aggregate/result/policy.h"
#include "aggregate/table/cells.h"

/** Encrypt an owner's cells into a contribution (contribution.c). `period` may be NULL: none. After an error the sink
 *  may have received a part.
 *
 *  Secret:  cells; time depends on the plan and the key's size only.
 *  Returns: VS_OK; VS_ERR_USAGE (name or period not valid), VS_ERR_MISMATCH (the plan pins another key),
 *           VS_ERR_MEMORY; the sink's own. */
VS_MUST_CHECK vs_status vs_contribute(const vs_plan *plan, const vs_public_key *pk, const vs_cells *cells,
                                      const char *name, const char *period, const vs_sink *sink,
                                      const vs_progress *progress, vs_error *error);

/* Where a contribution's randomness comes from, if it has been prepared: one of these, borrowed; or neither: it is made
 * on the way. */
typedef struct vs_randomness {
    const vs_encryptor *encryptor; /* for about as many plaintexts as vs_contribution_size says */
    vs_pool *pool;
} vs_randomness;

/** How many plaintexts a contribution to `plan` under `pk` has. Returns: VS_OK; what vs_layout_make returns. */
VS_MUST_CHECK vs_status vs_contribution_size(uint64_t *count, const vs_plan *plan, const vs_public_key *pk,
                                             vs_error *error);

/* By whom and for when a contribution is made. All is borrowed. */
typedef struct vs_contribution_request {
    const char *name;          /* with a signer: NULL, or the signer's name */
    const char *period;        /* NULL or "": none */
    const vs_identity *signer; /* NULL: unsigned, which plans with a roster refuse */
    vs_randomness randomness;
} vs_contribution_request;

/** May this be contributed to the plan? With a roster the signer must be listed, with its key, as one that may
 * contribute. Whether the plan is valid now is for who has a clock (vs_plan_valid_at).
 *  Returns: VS_OK; VS_ERR_USAGE (name or period not valid, another name than the signer's), VS_ERR_POLICY (unlisted,
 *           unsigned, not allowed to). */
VS_MUST_CHECK vs_status vs_contribution_check(const vs_plan *plan, const vs_contribution_request *request,
                                              vs_error *error);

/** As vs_contribute, with all that a request may say. A pool's factors count as used from before their ciphertexts
 * reach the sink; after an error some may be used up for nothing.
 *
 *  Returns: as above and as vs_contribution_check; VS_ERR_NOT_READY (the pool has fewer than the contribution has
 *           ciphertexts: none is used up), VS_ERR_MISMATCH (it is for another key), VS_ERR_AUTH (it is damaged); its
 *           storage's own. */
VS_MUST_CHECK vs_status vs_contribute_from(const vs_plan *plan, const vs_public_key *pk, const vs_cells *cells,
                                           const vs_contribution_request *request, const vs_sink *sink,
                                           const vs_progress *progress, vs_error *error);

/* Combining (combine.c): inputs come as sources opened one after another, so that their number is not limited by open
 * files. */
typedef struct vs_inputs {
    void *context;
    /** Open input `index`, or `*source` = NULL behind the last. From 0 upwards; one that spoiled the total is then
     * looked for among those that can be opened again. At most 16 are open at a time. */
    vs_status (*open)(void *context, size_t index, const vs_source **source, vs_error *error);
    void (*close)(void *context, const vs_source *source);
    /** Can input `index` be opened a second time (a file can, a pipe cannot)? */
    int (*can_reopen)(void *context, size_t index);
} vs_inputs;

/** Multiply contributions and totals into one total. A source may hold several containers in a row. The sink receives
 *  nothing before every input has been verified.
 *  Returns: VS_OK; VS_ERR_MISMATCH (another plan, key or period), VS_ERR_POLICY (the same contributor twice, more than
 *           contributors.max), VS_ERR_RANGE (digits not below n, not a unit: the input is named), those of the reader.
 */
VS_MUST_CHECK vs_status vs_combine(const vs_plan *plan, const vs_inputs *inputs, const vs_sink *sink,
                                   const vs_progress *progress, vs_error *error);

/* What an opening gives: cells, and why some were not opened. */
typedef struct vs_opened {
    char period[VS_MAX_NAME_BYTES + 1];
    uint64_t contributions;
    uint64_t cell_count; /* plan->cell_count */
    vs_int128 *cells;    /* 0 where not opened */
    uint8_t *reasons;    /* with minimums: vs_reason of (group, class) at group * class_count + class; else NULL */
} vs_opened;
void vs_opened_clear(vs_opened *opened); /* wipes */

/** Open a total with its key (open_key.c): counts first, then the blocks that the plan's minimums allow, and no others.
 *  `*opened` is the caller's to clear; on error it is clear.
 *
 *  Returns: VS_OK; VS_ERR_MISMATCH (another plan or key), VS_ERR_POLICY (fewer than contributors.min), VS_ERR_AUTH,
 *           VS_ERR_RANGE (the counter does not match, a slot out of its range, a ciphertext that was not made with a
 *           subgroup key), VS_ERR_FAULT. */
VS_MUST_CHECK vs_status vs_open_with_key(vs_opened *opened, const vs_plan *plan, const vs_secret_key *sk,
                                         const vs_source *source, const vs_progress *progress, vs_error *error);

#endif
