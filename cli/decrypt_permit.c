/* What is asked before anything of a total is decrypted. */
#include <stdlib.h>
#include <string.h>

#include "cli/decrypt_internal.h"
#include "cli/input_list.h"
#include "cli/load.h"
#include "cli/opening_book.h"
#include "cli/output.h"
#include "cli/receipt_file.h"
#include "cli/ui.h"

/* ---- does it hold what was signed? ---- */

static vs_status take_nothing(void *context, const void *data, size_t len, vs_error *error) {
    (void)context;
    (void)data;
    (void)len;
    (void)error;
    return VS_OK;
}

static vs_status refuse_total(const vs__permit_request *p, vs_error *error) {
    (void)vs_fail(error, VS_ERR_AUTH, "%s: not the product of these contributions", p->name);
    vs_hint(error, "'veilsum verify -p PLAN %s --with …' says where they differ", p->name);
    return VS_ERR_AUTH;
}

/* The contributions combined once more: a total has one form, so its digest is enough to compare. */
static vs_status recompute(const vs__permit_request *p, vs_input_list *list, vs_error *error) {
    const vs_sink nowhere = {.name = "nowhere", .write = take_nothing};
    const vs_inputs inputs = vs__input_list_inputs(list);
    const vs_combine_options options = {.period = p->total->header->period};
    vs_combine_report report = {.refused = NULL};
    vs_progress_line line;
    vs__progress_begin(&line, "verifying", "contributions");
    vs_status status = vs_combine_checked(p->total->plan, &inputs, &options, &report, &nowhere, &line.progress, error);
    vs__progress_end(&line);
    if (status == VS_OK && !vs_equal(report.receipt.total_digest, p->total->digest, VS_HASH_BYTES)) {
        status = refuse_total(p, error);
    }
    vs_combine_report_clear(&report);
    return status;
}

/* Another's word, if this opener trusts it by name. */
static vs_status believe_receipt(const vs__permit_request *p, const char *path, const char *trusted, vs_error *error) {
    vs_receipt receipt = {.note_text = NULL};
    vs_status status = vs__load_receipt(&receipt, path, error);
    if (status == VS_OK) {
        status = vs_receipt_check(&receipt, p->total->plan, path, trusted, NULL, error);
    }
    if (status == VS_OK) {
        status = vs_receipt_check_total(&receipt, path, p->total->header, p->total->digest, p->name, error);
    }
    vs_receipt_clear(&receipt);
    return status;
}

static vs_status verify(bool *verified, const vs__permit_request *p, vs_error *error) {
    const vs_arguments *arguments = p->arguments;
    const char *receipt = vs__argument(arguments, "receipt"), *trusted = vs__argument(arguments, "trust");
    size_t contributions_from = vs__argument_given(arguments, "parts") ? arguments->operand_count : 1;
    vs_input_list list = {.paths = NULL};
    vs_status status = vs__input_list_make(&list, arguments, "with", contributions_from, error);
    *verified = false;
    if (status == VS_OK && list.count > 0) {
        status = recompute(p, &list, error);
        *verified = status == VS_OK;
    } else if (status == VS_OK && (receipt == NULL) != (trusted == NULL)) {
        (void)vs_fail(error, VS_ERR_USAGE, "decrypt: --receipt and --trust go together");
        vs_hint(error, "--trust names the party of the plan on whose word the receipt is believed");
        status = VS_ERR_USAGE;
    } else if (status == VS_OK && receipt != NULL) {
        status = believe_receipt(p, receipt, trusted, error);
        *verified = status == VS_OK;
    }
    vs__input_list_free(&list);
    return status;
}

/* ---- the opener's book ---- */

/* The signed record goes where --record says, as soon as it is in the book: it holds whatever comes after. */
static vs_status write_record(const vs_arguments *arguments, const char *note, size_t len, vs_error *error) {
    const vs_output_options text = {.force = vs__argument_given(arguments, "force")};
    vs_output output = {.slot = -1, .fd = -1};
    if (!vs__argument_given(arguments, "record")) {
        return VS_OK;
    }
    vs_status status = vs__output_open(&output, vs__argument(arguments, "record"), &text, error);
    if (status == VS_OK) {
        status = output.sink.write(output.sink.context, note, len, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs__output_close(&output);
    return status;
}

static vs_status enter(const vs__permit_request *p, const vs_opening_request *request, vs_error *error) {
    const vs_opening_book book = {.folder = vs__argument(p->arguments, "openings"),
                                  .secret_path = p->secret_path,
                                  .opener = p->opener,
                                  .threshold = p->threshold};
    char *note = NULL;
    size_t len = 0;
    vs_status status = vs__opening_book_enter(&note, &len, &book, request, error);
    if (status == VS_OK) {
        status = write_record(p->arguments, note, len, error);
    }
    free(note);
    return status;
}

/* Without a roster a book is kept where it is asked for. */
static bool book_wanted(const vs_arguments *arguments) {
    return vs__argument_given(arguments, "openings") || vs__argument_given(arguments, "record");
}

/* ---- */

vs_status vs__decrypt_permit(const vs__permit_request *p, vs_error *error) {
    const vs_total *total = p->total;
    bool roster = total->plan->party_count > 0;
    vs_opening_request request = {.plan = total->plan,
                                  .name = p->name,
                                  .total = total->header,
                                  .bytes = total->bytes,
                                  .opener = p->opener == NULL ? NULL : vs_identity_public(p->opener),
                                  .plan_signed = roster}; /* vs__load_signed_plan has seen to it */
    memcpy(request.digest, total->digest, VS_HASH_BYTES);
    vs_status status = vs__now(&request.now, error);
    if (status == VS_OK) {
        status = verify(&request.verified, p, error); /* whoever asks for it, with a roster or not */
    }
    if (status == VS_OK) {
        status = vs_opening_rules(&request, error);
    }
    if (status == VS_OK && p->opener != NULL && (roster || book_wanted(p->arguments))) {
        status = enter(p, &request, error);
    }
    return status;
}
