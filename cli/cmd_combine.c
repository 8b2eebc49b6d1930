/* combine: contributions and totals into one total. */
#include <string.h>

#include "cli/input_list.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/receipt_file.h"
#include "cli/signed_plan.h"
#include "cli/ui.h"
#include "cli/verbs.h"

static vs_status list_inputs(vs_input_list *list, const vs_arguments *arguments, vs_error *error) {
    vs_status status = vs__input_list_make(list, arguments, NULL, 0, error);
    if (status == VS_OK && list->count == 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "combine: there is nothing to combine");
        vs_hint(error, "name contributions or totals, '-' for standard input, or a list with --files-from");
        status = VS_ERR_USAGE;
    }
    return status;
}

/* One that is refused alone is the error itself. */
static void say_refused(const vs_combine_report *report, vs_status status) {
    for (size_t i = 0; i < report->refused_count && (status == VS_OK || report->refused_count > 1); i++) {
        vs__ui_warning(status == VS_OK ? "left out: %s" : "refused: %s", report->refused[i]);
    }
}

static vs_status combine(const vs_plan *plan, vs_input_list *list, const vs_arguments *arguments, vs_output *output,
                         vs_combine_report *report, vs_error *error) {
    const vs_inputs inputs = vs__input_list_inputs(list);
    vs_receipt_files receipts = {.receipts = NULL};
    vs_progress_line line;
    vs_status status = vs__load_receipts(&receipts, arguments, "receipt-for", error);
    if (status == VS_OK) {
        const vs_combine_options options = {.period = vs__argument(arguments, "period"),
                                            .leave_out_refused = vs__argument_given(arguments, "leave-out-refused"),
                                            .receipts = receipts.receipts,
                                            .receipt_names = receipts.names,
                                            .receipt_count = receipts.count};
        vs__progress_begin(&line, "combining", "inputs");
        status = vs_combine_checked(plan, &inputs, &options, report, &output->sink, &line.progress, error);
        vs__progress_end(&line);
        say_refused(report, status);
    }
    vs__receipt_files_free(&receipts);
    return status;
}

static vs_status check_options(const vs_plan *plan, const vs_arguments *arguments, vs_error *error) {
    if (plan->party_count == 0 && vs__argument_given(arguments, "leave-out-refused")) {
        (void)vs_fail(error, VS_ERR_USAGE, "combine: --leave-out-refused goes with a plan that has a roster");
        vs_hint(error, "without one, leave out what is refused yourself");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

static vs_status run_combine(const vs_arguments *arguments, vs_error *error) {
    const vs_output_options binary = {.force = vs__argument_given(arguments, "force"), .binary = true};
    vs_input_list list = {.paths = NULL};
    vs_plan *plan = NULL;
    vs_combine_report report = {.refused = NULL};
    vs_output output = {.slot = -1, .fd = -1};
    vs_receipt_output receipt = VS_RECEIPT_OUTPUT_CLOSED;
    vs_status status = vs__apply_threads(arguments, error);
    if (status == VS_OK) {
        status = list_inputs(&list, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__output_open(&output, vs__argument(arguments, "output"), &binary, error);
    }
    if (status == VS_OK) {
        status = vs__load_signed_plan(&plan, arguments, VS_PLAN_SIGNED, error);
    }
    if (status == VS_OK) {
        status = vs__check_plan_has_key(plan, error);
    }
    if (status == VS_OK) {
        status = check_options(plan, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__receipt_output_open(&receipt, plan, arguments, vs__argument(arguments, "output"), error);
    }
    if (status == VS_OK) {
        status = combine(plan, &list, arguments, &output, &report, error);
    }
    if (status == VS_OK) {
        status = vs__receipt_output_write(&receipt, &report.receipt, error);
    }
    if (status == VS_OK) {
        status = vs__receipt_output_commit(&receipt, &output, error);
    }
    vs_combine_report_clear(&report);
    vs_plan_free(plan);
    vs__input_list_free(&list);
    vs__receipt_output_close(&receipt);
    vs__output_close(&output);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_PLAN,
    VS_OPTION_PLAN_SIGNATURES,
    VS_OPTION_OUTPUT("the total (default: standard output)"),
    VS_OPTION_FILES_FROM,
    {.name = "period", .argument = "LABEL", .help = "the period that is wanted (default: that of the first input)"},
    {.name = "leave-out-refused", .help = "make the total of the rest, and name what is left out"},
    {.name = "receipt-for",
     .argument = "FILE",
     .help = "the receipt of a total among the inputs, for plans with a roster",
     .repeated = true,
     .takes_file = true},
    VS_OPTION_IDENTITY("who combines, to sign a receipt"),
    VS_OPTION_IDENTITY_PASSPHRASE_FILE,
    {.name = "receipt",
     .argument = "FILE",
     .help = "with -i: write the receipt here (default: OUT.receipt)",
     .takes_file = true},
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Multiplies contributions into a total, of which the key holder can open the sum and nothing else. Totals combine "
    "again, as in district, city, province, country: the result is the same as from everything at once. No key is "
    "needed.",
    "'-' reads standard input, where several contributions or totals may stand in a row. Each input is verified, and "
    "the total appears only when all of them are. A contributor is counted once in a period: a second contribution "
    "under the same name is refused, whatever it holds.",
    "Under a plan with a roster every contribution must be by somebody who is listed for it, signed with the key that "
    "the "
    "roster has for them, and a total among the inputs needs its receipt. All that is refused is named with its reason "
    "and nothing is written, unless --leave-out-refused asks for the total of the rest. With -i the total comes with a "
    "receipt: a signed statement of whose contributions it holds and what was refused.",
    NULL,
};

static const vs_example examples[] = {
    {"Three contributions", "veilsum combine -p plan.json north.vs south.vs east.vs -o total.vs"},
    {"One from a pipe, the others from a folder",
     "ssh north cat north.vs | veilsum combine -p plan.json - others/*.vs -o total.vs"},
    {"Ten thousand", "find in -name '*.vs' | veilsum combine -p plan.json --files-from - -o total.vs"},
    {"With a receipt", "veilsum combine -p plan.json -i hub.id --period 2026-11 in/*.vs -o total.vs"},
    {NULL, NULL},
};

const vs_verb vs__verb_combine = {
    .name = "combine",
    .summary = "Combine contributions and totals into one total",
    .synopsis = "-p PLAN [-o OUT] [-i NAME.id] [--files-from FILE] [OPTIONS] [IN | -]...",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_max = SIZE_MAX,
    .run = run_combine,
};
