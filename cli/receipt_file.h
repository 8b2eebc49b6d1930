/* Receipts as files: those that are read, and the one that appears together with what it is about. */
#ifndef VEILSUM_CLI_RECEIPT_FILE_H
#define VEILSUM_CLI_RECEIPT_FILE_H

#include "aggregate/receipt/receipt.h"
#include "cli/options.h"
#include "cli/output.h"

/* Receipts of a repeated option. */
typedef struct vs_receipt_files {
    vs_receipt *receipts;
    const char **names; /* borrowed from the command line */
    size_t count;
} vs_receipt_files;
/** Read one receipt; who signed it is not yet checked. Returns: as vs_receipt_parse, and VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__load_receipt(vs_receipt *receipt, const char *path, vs_error *error);
/** Read those that the option `option` names. vs__receipt_files_free also after an error. */
VS_MUST_CHECK vs_status vs__load_receipts(vs_receipt_files *files, const vs_arguments *arguments, const char *option,
                                          vs_error *error);
void vs__receipt_files_free(vs_receipt_files *files);

/* A receipt that is to be written: with --identity, into --receipt or `total` ‖ ".receipt". */
typedef struct vs_receipt_output {
    vs_identity *signer; /* NULL: none is to be written */
    char *path;
    vs_output output;
    bool force;
} vs_receipt_output;
#define VS_RECEIPT_OUTPUT_CLOSED                                                                                       \
    {                                                                                                                  \
        .output = {.slot = -1, .fd = -1 }                                                                              \
    }

/** Open it, where it is asked for. `total`: the path of what it is about, NULL for standard output or input. Returns:
 * VS_OK; VS_ERR_USAGE (half of what it needs), VS_ERR_POLICY (the identity may not sign it); as vs__load_identity and
 * vs__output_open. vs__receipt_output_close also after an error. */
VS_MUST_CHECK vs_status vs__receipt_output_open(vs_receipt_output *receipt, const vs_plan *plan,
                                                const vs_arguments *arguments, const char *total, vs_error *error);
/** Sign it, with the time of now. */
VS_MUST_CHECK vs_status vs__receipt_output_write(vs_receipt_output *receipt, vs_receipt *content, vs_error *error);
/** Give both their names, or neither; `total` may be NULL. */
VS_MUST_CHECK vs_status vs__receipt_output_commit(vs_receipt_output *receipt, vs_output *total, vs_error *error);
void vs__receipt_output_close(vs_receipt_output *receipt);

#endif
