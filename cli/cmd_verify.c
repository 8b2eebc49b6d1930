/* verify: does a total hold exactly these contributions? */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "cli/input_list.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/receipt_file.h"
#include "cli/signed_plan.h"
#include "cli/ui.h"
#include "cli/verbs.h"

/* Everything that one run holds. */
typedef struct verifying {
    const vs_arguments *arguments;
    vs_plan *plan;
    vs_input total;
    vs_input_list list;
    vs_receipt_files receipts;
    vs_receipt_output output;
    vs_verification answer;
    vs_receipt receipt; /* that was read, where no contributions are given */
    const char *signer; /* of it */
} verifying;

/* ---- the answer, for people and programs ---- */

static json_t *list_names(char (*names)[VS_MAX_NAME_BYTES + 1], size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < count; i++) {
        if (json_array_append_new(list, json_string(names[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *list_contributions(const vs_receipt *receipt) {
    json_t *list = json_array();
    for (uint64_t i = 0; list != NULL && receipt->contributions != NULL && i < receipt->contribution_count; i++) {
        char digest[2 * VS_HASH_BYTES + 1];
        vs_to_hex(digest, receipt->contributions[i].digest, VS_HASH_BYTES);
        json_t *entry = json_pack("{s:s, s:s, s:I}", "name", receipt->contributions[i].name, "digest", digest, "bytes",
                                  (json_int_t)receipt->contributions[i].bytes);
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *list_refused(const vs_combine_report *report) {
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < report->refused_count; i++) {
        if (json_array_append_new(list, json_string(report->refused[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *holds_object(const verifying *v, const vs_receipt *receipt) {
    char plan[2 * VS_HASH_BYTES + 1], total[2 * VS_HASH_BYTES + 1];
    vs_to_hex(plan, receipt->plan_id, VS_HASH_BYTES);
    vs_to_hex(total, receipt->total_digest, VS_HASH_BYTES);
    json_t *object = json_pack("{s:b, s:s, s:s, s:s, s:o}", "holds", 1, "plan", plan, "period", receipt->period,
                               "total", total, "contributions", list_contributions(receipt));
    if (object != NULL && v->signer != NULL && json_object_set_new(object, "signer", json_string(v->signer)) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *differs_object(const verifying *v, const vs_error *reason) {
    const vs_verification *a = &v->answer;
    json_t *first = a->first_difference == UINT64_MAX ? json_null() : json_integer((json_int_t)a->first_difference);
    return json_pack("{s:b, s:s, s:o, s:o, s:o, s:o}", "holds", 0, "reason", reason->message, "missing",
                     list_names(a->missing, a->missing_count), "extra", list_names(a->extra, a->extra_count),
                     "first_difference", first, "refused", list_refused(&a->report));
}

static vs_status print_object(json_t *object, vs_error *error) {
    char *text = object == NULL ? NULL : json_dumps(object, 0);
    vs_status status = text == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : vs__print(text, strlen(text), error);
    if (status == VS_OK) {
        status = vs__print("\n", 1, error);
    }
    free(text);
    json_decref(object);
    return status;
}

/* One line, and the contributors, each in its own. */
static vs_status print_text(const verifying *v, const vs_receipt *receipt, vs_error *error) {
    char *text = NULL, name[4 * VS_MAX_NAME_BYTES];
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs__ui_clean(name, sizeof name, v->arguments->operands[0]);
    if (v->signer == NULL) {
        fprintf(out, "yes: %s holds exactly these %llu contributions\n", name,
                (unsigned long long)v->answer.report.receipt.contribution_count);
    } else {
        fprintf(out, "yes: %s says that %s holds exactly these %llu contributions\n", v->signer, name,
                (unsigned long long)receipt->contribution_count);
    }
    for (uint64_t i = 0; receipt->contributions != NULL && i < receipt->contribution_count; i++) {
        vs__ui_clean(name, sizeof name, receipt->contributions[i].name);
        fprintf(out, "  %s\n", name);
    }
    bool failed = fclose(out) != 0;
    vs_status status = failed ? vs_fail_plain(error, VS_ERR_MEMORY) : vs__print(text, len, error);
    free(text);
    return status;
}

/* The answer stands; with --json also a no is printed, and the exit status says it again. */
static vs_status report(const verifying *v, const vs_receipt *receipt, vs_status answer, vs_error *error) {
    bool json = vs__argument_given(v->arguments, "json");
    if (answer == VS_OK) {
        return json ? print_object(holds_object(v, receipt), error) : print_text(v, receipt, error);
    }
    bool refused = vs__exit_status(answer) >= 3 && vs__exit_status(answer) <= 5;
    if (json && refused && print_object(differs_object(v, error), NULL) != VS_OK) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return answer;
}

/* ---- with the contributions ---- */

static vs_status verify_contributions(verifying *v, vs_error *error) {
    const vs_inputs inputs = vs__input_list_inputs(&v->list);
    vs_progress_line line;
    vs_status status = vs__load_receipts(&v->receipts, v->arguments, "receipt-for", error);
    if (status == VS_OK) {
        status = vs__receipt_output_open(&v->output, v->plan, v->arguments, v->arguments->operands[0], error);
    }
    if (status != VS_OK) {
        return status;
    }
    const vs_combine_options options = {.period = vs__argument(v->arguments, "period"),
                                        .receipts = v->receipts.receipts,
                                        .receipt_names = v->receipts.names,
                                        .receipt_count = v->receipts.count};
    vs__progress_begin(&line, "verifying", "inputs");
    status = vs_verify_total(&v->answer, v->plan, &v->total.source, &inputs, &options, &line.progress, error);
    vs__progress_end(&line);
    for (size_t i = 0; v->answer.report.refused_count > 1 && i < v->answer.report.refused_count; i++) {
        vs__ui_warning("refused: %s", v->answer.report.refused[i]);
    }
    if (status == VS_OK) {
        status = vs__receipt_output_write(&v->output, &v->answer.report.receipt, error);
    }
    if (status == VS_OK) {
        status = vs__receipt_output_commit(&v->output, NULL, error);
    }
    return report(v, &v->answer.report.receipt, status, error);
}

/* ---- with a receipt ---- */

static vs_status verify_receipt(verifying *v, vs_error *error) {
    const char *path = vs__argument(v->arguments, "receipt"), *by = vs__argument(v->arguments, "signer");
    const vs_party *who = NULL;
    v->answer.first_difference = UINT64_MAX;
    vs_status status = vs__load_receipt(&v->receipt, path, error);
    if (status == VS_OK) {
        status = vs_receipt_check(&v->receipt, v->plan, path, by, &who, error);
    }
    if (status == VS_OK) {
        v->signer = who->identity.name;
        status = vs_receipt_check_source(&v->receipt, path, v->plan, &v->total.source, error);
    }
    return report(v, &v->receipt, status, error);
}

/* ---- the command ---- */

/* Contributions, or a receipt: one of them is what the total is compared with. */
static vs_status check_arguments(const verifying *v, vs_error *error) {
    bool receipt = vs__argument_given(v->arguments, "receipt"), identity = vs__argument_given(v->arguments, "identity");
    if (v->list.count == 0 && !receipt) {
        (void)vs_fail(error, VS_ERR_USAGE, "verify: there is nothing to compare the total with");
        vs_hint(error, "name contributions behind --with or in --files-from, or a receipt with --receipt");
    } else if (v->list.count == 0 && identity) {
        (void)vs_fail(error, VS_ERR_USAGE, "verify: a receipt is signed for contributions that have been seen");
        vs_hint(error, "name them behind --with, or leave -i away to check the receipt of somebody else");
    } else if (v->list.count > 0 && vs__argument_given(v->arguments, "signer")) {
        (void)vs_fail(error, VS_ERR_USAGE, "verify: --signer goes with a receipt that is checked, not with --with");
        vs_hint(error, "leave one of them away");
    } else {
        return VS_OK;
    }
    return VS_ERR_USAGE;
}

static vs_status run_verify(const vs_arguments *arguments, vs_error *error) {
    verifying v = {.arguments = arguments, .total = {.fd = -1}, .output = VS_RECEIPT_OUTPUT_CLOSED};
    vs_status status = vs__apply_threads(arguments, error);
    if (status == VS_OK) {
        status = vs__input_list_make(&v.list, arguments, "with", 1, error);
    }
    if (status == VS_OK) {
        status = check_arguments(&v, error);
    }
    if (status == VS_OK) {
        status = vs__load_signed_plan(&v.plan, arguments, VS_PLAN_SIGNED, error);
    }
    if (status == VS_OK) {
        status = vs__check_plan_has_key(v.plan, error);
    }
    if (status == VS_OK) {
        status = vs__input_open(&v.total, arguments->operands[0], error);
    }
    if (status == VS_OK) {
        status = v.list.count > 0 ? verify_contributions(&v, error) : verify_receipt(&v, error);
    }
    vs_verification_clear(&v.answer);
    vs_receipt_clear(&v.receipt);
    vs__receipt_output_close(&v.output);
    vs__receipt_files_free(&v.receipts);
    vs__input_list_free(&v.list);
    vs__input_close(&v.total);
    vs_plan_free(v.plan);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_PLAN,
    VS_OPTION_PLAN_SIGNATURES,
    {.name = "with",
     .argument = "FILE",
     .help = "the contributions, of which more may follow as operands",
     .repeated = true,
     .takes_file = true},
    VS_OPTION_FILES_FROM,
    {.name = "period", .argument = "LABEL", .help = "the period that is wanted (default: that of the first input)"},
    {.name = "receipt-for",
     .argument = "FILE",
     .help = "the receipt of a total among the contributions",
     .repeated = true,
     .takes_file = true},
    {.name = "receipt",
     .argument = "FILE",
     .help = "without contributions: the receipt to check; with -i: where to write one (default: TOTAL.receipt)",
     .takes_file = true},
    {.name = "signer", .argument = "NAME", .help = "whose receipt it must be (default: anybody's who may)"},
    VS_OPTION_IDENTITY("who has verified, to sign a receipt"),
    VS_OPTION_IDENTITY_PASSPHRASE_FILE,
    VS_OPTION_JSON,
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Says whether a total holds exactly these contributions: each once, nothing else. They are combined once more, "
    "with "
    "every check that combine makes, and the result is compared with the total, byte by byte. No key is needed, and "
    "nothing is opened. Exit status 0 is yes; 4 is no, and the difference is named: a contributor whose contribution "
    "is "
    "not here, one whom the total does not hold, or the first ciphertext that is not the product.",
    "With -i a yes is signed: the receipt says so to all who trust its signer, who must be listed as one that may "
    "combine "
    "or open.",
    "Without contributions, --receipt checks somebody else's receipt: its signature, that it is about this very total, "
    "and "
    "that all whom it names may contribute. That the total holds what it says then rests on its signer.",
    NULL,
};

static const vs_example examples[] = {
    {"By the contributions", "veilsum verify -p plan.json total.vs --with north.vs south.vs east.vs"},
    {"The same, and say so to others", "veilsum verify -p plan.json -i me.id total.vs --with in/*.vs"},
    {"By the receipt of somebody who is trusted",
     "veilsum verify -p plan.json total.vs --receipt total.vs.receipt --signer HUB"},
    {NULL, NULL},
};

const vs_verb vs__verb_verify = {
    .name = "verify",
    .summary = "Check that a total holds exactly these contributions",
    .synopsis = "-p PLAN [OPTIONS] TOTAL (--with IN [IN]... | --files-from FILE | --receipt FILE)",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = run_verify,
};
