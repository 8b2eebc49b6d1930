/* What the ways to open a total share: with a key (cmd_decrypt.c), by threshold (decrypt_threshold.c). */
#ifndef VEILSUM_CLI_DECRYPT_INTERNAL_H
#define VEILSUM_CLI_DECRYPT_INTERNAL_H

#include "aggregate/combine/threshold.h"
#include "cli/input.h"
#include "cli/options.h"

/* ---- may it be opened? (decrypt_permit.c) ---- */

typedef struct vs__permit_request {
    const vs_arguments *arguments;
    const vs_total *total;
    const char *name;          /* of the total */
    const vs_identity *opener; /* whose key or share it is; NULL: who puts parts together, or a plan without a roster */
    const char *secret_path;   /* of the key or share: the opener's book lies beside it unless --openings says where */
    bool threshold;
} vs__permit_request;

/** Every way asks once, when the total has been read and before anything of it is decrypted. With a roster the total is
 * shown to hold the signed contributions first (--with, or --receipt and --trust), and it is entered in the opener's
 * book. Returns: VS_OK; VS_ERR_POLICY, naming the rule; VS_ERR_AUTH, VS_ERR_MISMATCH (contributions, receipt or book);
 * VS_ERR_USAGE; VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__decrypt_permit(const vs__permit_request *request, vs_error *error);

/* ---- the files of a command line (decrypt_inputs.c) ---- */

typedef struct vs__decrypt_inputs {
    vs_input *inputs; /* all open at once: they may be pipes */
    size_t count;
    size_t total;         /* which one is the total; the others are parts */
    vs_given_part *given; /* those that have been read */
    size_t given_count;
} vs__decrypt_inputs;

/** Open the operands, in any order: the total, and with --parts the parts of it. Without a total among them it comes
 *  through standard input. vs__decrypt_inputs_close also after an error. Returns: VS_OK; VS_ERR_USAGE (several totals),
 * VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__decrypt_inputs_open(vs__decrypt_inputs *inputs, const vs_arguments *arguments,
                                                vs_error *error);
/** Read the total. Returns: as vs_total_read. */
VS_MUST_CHECK vs_status vs__decrypt_read_total(vs_total **total, vs__decrypt_inputs *inputs, const vs_plan *plan,
                                               const vs_public_key *pk, vs_error *error);
/** Read the parts into inputs->given; one that cannot be understood is marked there.
 *  Returns: VS_OK; VS_ERR_IO, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__decrypt_read_parts(vs__decrypt_inputs *inputs, const vs_total *total, size_t proof_bytes,
                                               vs_error *error);
/** Warn of parts that were refused, but for what `error` (of `status`) says already. */
void vs__decrypt_warn_refused(const vs__decrypt_inputs *inputs, vs_status status, const vs_error *error);
void vs__decrypt_inputs_close(vs__decrypt_inputs *inputs);

/* ---- by threshold (decrypt_threshold.c) ---- */

/** With --part: write this holder's part to the sink. */
VS_MUST_CHECK vs_status vs__decrypt_make_part(const vs_arguments *arguments, const vs_plan *plan, const vs_sink *sink,
                                              vs_error *error);
/** With --parts: open the total. */
VS_MUST_CHECK vs_status vs__decrypt_open_parts(vs_opened *opened, const vs_arguments *arguments, const vs_plan *plan,
                                               vs_error *error);

#endif
