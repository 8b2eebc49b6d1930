/* The three steps of a pipeline with a key: contribute, combine, open. Each takes sources and sinks, and holds back its
 * result until all of its input is verified. */
#ifndef VEILSUM_AGGREGATE_COMBINE_H
#define VEILSUM_AGGREGATE_COMBINE_H

#include "aggregate/combine/total.h"
#include "aggregate/container/container.h"
#include "aggregate/container/pack.h"
#include "aggregate/pool/pool.h"
#include "aggregate/receipt/receipt.h"
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
    uint64_t attempt;          /* 0 but for a session's later ones */
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
    /** Can input `index` be opened a second time (a file can, a pipe cannot)? 1 behind the last, too. */
    int (*can_reopen)(void *context, size_t index);
} vs_inputs;

/** Multiply contributions and totals into one total. A source may hold several containers in a row. The sink receives
 *  nothing before every input has been verified. With a roster every contribution is by somebody whom it lists for
 *  that, signed with the key that it has for them; and every total needs a receipt, as vs_combine_checked takes.
 *  Returns: VS_OK; VS_ERR_MISMATCH (another plan, key or period), VS_ERR_POLICY (the same contributor twice, more than
 *           contributors.max, unlisted, unsigned, a total without receipt), VS_ERR_AUTH (signed with another key),
 *           VS_ERR_RANGE (digits not below n, not a unit: the input is named), those of the reader. */
VS_MUST_CHECK vs_status vs_combine(const vs_plan *plan, const vs_inputs *inputs, const vs_sink *sink,
                                   const vs_progress *progress, vs_error *error);

typedef struct vs_combine_options {
    const char *period;               /* the one that is wanted, "" for none; NULL: that of the first input */
    bool leave_out_refused;           /* with a roster: make the total from the rest */
    const vs_receipt *receipts;       /* for totals among the inputs; whole, with their lists */
    const char *const *receipt_names; /* for messages */
    size_t receipt_count;
} vs_combine_options;

/* What went into a total, and what did not. */
typedef struct vs_combine_report {
    /* All but the time, ready to be signed (vs_receipt_write). `contributions` is NULL where the plan has no roster and
     * totals were among the inputs: nobody can say what they hold. */
    vs_receipt receipt;
    char **refused; /* a sentence each, for a person; with a roster only */
    size_t refused_count;
} vs_combine_report;
void vs_combine_report_clear(vs_combine_report *report);

/** The same with options (may be NULL) and a report (may be NULL; else zeroed by the caller, who clears it after an
 *  error too). With a roster and a report, all that is refused is looked for and listed, unless an input cannot be
 *  opened again: then the first is named only, and leave_out_refused is VS_ERR_USAGE.
 *  Returns: as vs_combine. Where several were refused: VS_ERR_POLICY if that is the reason for one of them, else
 *           VS_ERR_AUTH, VS_ERR_MISMATCH, or how the first was refused. */
VS_MUST_CHECK vs_status vs_combine_checked(const vs_plan *plan, const vs_inputs *inputs,
                                           const vs_combine_options *options, vs_combine_report *report,
                                           const vs_sink *sink, const vs_progress *progress, vs_error *error);

/* How a total differs from the product of contributions (verify.c). */
typedef struct vs_verification {
    bool holds;
    char (*missing)[VS_MAX_NAME_BYTES + 1]; /* contributors that the total names, and no input was by */
    char (*extra)[VS_MAX_NAME_BYTES + 1];   /* contributors of inputs that the total does not name */
    size_t missing_count, extra_count;
    uint64_t first_difference; /* a ciphertext's index, where the contributors are the same; else UINT64_MAX */
    vs_combine_report report;  /* as of a combine; its receipt is about this total where it holds */
} vs_verification;
void vs_verification_clear(vs_verification *verification);

/** Does `total` hold exactly these contributions? They are combined, with all checks that vs_combine_checked makes
 *  (nothing is left out), and the result, which has one form, is compared with the total's bytes.
 *  `*verification` is the caller's to clear, also after an error.
 *  Returns: VS_OK: yes; VS_ERR_AUTH: no (the message names the first difference, `verification` all in contributors);
 *           what vs_combine_checked and the reader of the total return. */
VS_MUST_CHECK vs_status vs_verify_total(vs_verification *verification, const vs_plan *plan, const vs_source *total,
                                        const vs_inputs *inputs, const vs_combine_options *options,
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
 *  `*opened` is the caller's to clear; on error it is clear. The total's key is that of `sk`.
 *
 *  Returns: VS_OK; VS_ERR_RANGE (the counter does not match, a slot out of its range, a ciphertext that was not made
 *           with a subgroup key), VS_ERR_FAULT. */
VS_MUST_CHECK vs_status vs_total_open_with_key(vs_opened *opened, const vs_total *total, const vs_secret_key *sk,
                                               const vs_progress *progress, vs_error *error);

/** Read a total and open it. Returns: those of vs_total_read and vs_total_open_with_key. */
VS_MUST_CHECK vs_status vs_open_with_key(vs_opened *opened, const vs_plan *plan, const vs_secret_key *sk,
                                         const vs_source *source, const vs_progress *progress, vs_error *error);

#endif
