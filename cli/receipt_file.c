#include "cli/receipt_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/load.h"

/* ---- reading ---- */

vs_status vs__load_receipt(vs_receipt *receipt, const char *path, vs_error *error) {
    vs_input input;
    uint8_t *data = NULL;
    size_t len = 0;
    *receipt = (vs_receipt){.attempt = 0};
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs_read_all(&input.source, VS_MAX_RECEIPT_BYTES, &data, &len, error);
    }
    if (status == VS_OK) {
        status = vs_receipt_parse(receipt, input.source.name, (const char *)data, len, error);
    }
    free(data);
    vs__input_close(&input);
    return status;
}

vs_status vs__load_receipts(vs_receipt_files *files, const vs_arguments *arguments, const char *option,
                            vs_error *error) {
    size_t wanted = vs__argument_count(arguments, option), cursor = 0;
    *files = (vs_receipt_files){.receipts = calloc(wanted + 1, sizeof *files->receipts),
                                .names = calloc(wanted + 1, sizeof *files->names)};
    vs_status status = files->receipts == NULL || files->names == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    for (size_t i = 0; status == VS_OK && i < wanted; i++) {
        files->names[i] = vs__argument_next(arguments, option, &cursor);
        status = vs__load_receipt(&files->receipts[i], files->names[i], error);
        files->count += status == VS_OK;
    }
    return status;
}

void vs__receipt_files_free(vs_receipt_files *files) {
    for (size_t i = 0; i < files->count; i++) {
        vs_receipt_clear(&files->receipts[i]);
    }
    free(files->receipts);
    free((void *)files->names);
    *files = (vs_receipt_files){.receipts = NULL};
}

/* ---- writing ---- */

/* The identity signs, and the file is named, or the total is: else it is not clear what is meant. */
static vs_status choose_path(vs_receipt_output *receipt, const vs_arguments *arguments, const char *total,
                             vs_error *error) {
    const char *given = vs__argument(arguments, "receipt"), *verb = arguments->verb->name;
    if (given == NULL && (total == NULL || strcmp(total, "-") == 0)) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: it is not said where the receipt goes", verb);
        vs_hint(error, "name it with --receipt FILE");
        return VS_ERR_USAGE;
    }
    int len = given != NULL ? asprintf(&receipt->path, "%s", given) : asprintf(&receipt->path, "%s.receipt", total);
    if (len < 0) {
        receipt->path = NULL;
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return VS_OK;
}

vs_status vs__receipt_output_open(vs_receipt_output *receipt, const vs_plan *plan, const vs_arguments *arguments,
                                  const char *total, vs_error *error) {
    const char *identity = vs__argument(arguments, "identity"), *verb = arguments->verb->name;
    const vs_output_options text = {.force = vs__argument_given(arguments, "force")};
    receipt->force = text.force;
    if (identity == NULL) {
        if (vs__argument_given(arguments, "receipt")) {
            (void)vs_fail(error, VS_ERR_USAGE, "%s: a receipt is signed, and nobody is named who signs it", verb);
            vs_hint(error, "say who you are with -i NAME.id");
            return VS_ERR_USAGE;
        }
        return VS_OK;
    }
    vs_status status = choose_path(receipt, arguments, total, error);
    if (status == VS_OK) {
        status = vs__output_open(&receipt->output, receipt->path, &text, error);
    }
    if (status == VS_OK) {
        status =
            vs__load_identity(&receipt->signer, identity, vs__argument(arguments, "identity-passphrase-file"), error);
    }
    return status == VS_OK ? vs_receipt_may_sign(plan, vs_identity_public(receipt->signer), error) : status;
}

vs_status vs__receipt_output_write(vs_receipt_output *receipt, vs_receipt *content, vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    if (receipt->signer == NULL) {
        return VS_OK;
    }
    vs_status status = vs__now(&content->time, error);
    if (status == VS_OK) {
        status = vs_receipt_write(&text, &len, content, receipt->signer, error);
    }
    if (status == VS_OK) {
        status = receipt->output.sink.write(receipt->output.sink.context, text, len, error);
    }
    free(text);
    return status;
}

/* Both contents are on the disk before either gets its name, and no signal comes between the two names. The total goes
 * last: a receipt alone says nothing that is not so. */
vs_status vs__receipt_output_commit(vs_receipt_output *receipt, vs_output *total, vs_error *error) {
    if (receipt->signer == NULL) {
        return total == NULL ? VS_OK : vs__output_commit(total, error);
    }
    vs_status status = vs__output_sync(&receipt->output, error);
    if (status == VS_OK && total != NULL) {
        status = vs__output_sync(total, error);
    }
    if (status != VS_OK) {
        return status;
    }
    vs__interrupt_hold();
    status = vs__output_commit(&receipt->output, error);
    if (status == VS_OK && total != NULL) {
        status = vs__output_commit(total, error);
        if (status != VS_OK && !receipt->force && strcmp(receipt->path, "-") != 0) {
            (void)remove(receipt->path); /* this very call made it */
        }
    }
    vs__interrupt_resume();
    return status;
}

void vs__receipt_output_close(vs_receipt_output *receipt) {
    vs_identity_free(receipt->signer);
    vs__output_close(&receipt->output);
    free(receipt->path);
    receipt->signer = NULL;
    receipt->path = NULL;
}
