/* decrypt: a total into a result for people or programs. */
#include <string.h>
#include <unistd.h>

#include "aggregate/result/result.h"
#include "cli/input.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"

/* Narrower terminals than this get lines that wrap. */
#define MIN_COLUMNS 20u

static bool ends_in(const char *path, const char *end) {
    size_t len = path == NULL ? 0 : strlen(path);
    size_t end_len = strlen(end);
    return len > end_len && strcmp(path + len - end_len, end) == 0;
}

/* --format, else what the output's name says, else a table for a person at a terminal and CSV for everything else. */
static vs_result_format choose_format(const vs_arguments *arguments) {
    static const char *const names[] = {"table", "csv", "json", "npy"};
    static const vs_result_format formats[] = {VS_RESULT_TABLE, VS_RESULT_CSV, VS_RESULT_JSON, VS_RESULT_NPY};
    const char *wanted = vs__argument(arguments, "format");
    const char *output = vs__argument(arguments, "output");
    for (size_t i = 0; wanted != NULL && i < 4; i++) {
        if (strcmp(wanted, names[i]) == 0) {
            return formats[i];
        }
    }
    if (ends_in(output, ".npy")) {
        return VS_RESULT_NPY;
    }
    if (ends_in(output, ".json")) {
        return VS_RESULT_JSON;
    }
    bool to_terminal = (output == NULL || strcmp(output, "-") == 0) && isatty(STDOUT_FILENO);
    return to_terminal && !vs__argument_given(arguments, "for-spreadsheet") ? VS_RESULT_TABLE : VS_RESULT_CSV;
}

static vs_status choose_result(vs_result_options *result, const vs_arguments *arguments, vs_error *error) {
    unsigned columns = vs__ui_columns(STDOUT_FILENO);
    *result = (vs_result_options){.format = choose_format(arguments),
                                  .for_spreadsheet = vs__argument_given(arguments, "for-spreadsheet"),
                                  .terminal_columns = columns < MIN_COLUMNS ? 0 : columns};
    if (result->for_spreadsheet && result->format != VS_RESULT_CSV) {
        (void)vs_fail(error, VS_ERR_USAGE, "decrypt: --for-spreadsheet goes with CSV only");
        vs_hint(error, "leave one of --for-spreadsheet and --format away");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

static vs_status open_total(vs_opened *opened, const vs_plan *plan, const vs_secret_key *sk, const char *path,
                            vs_error *error) {
    vs_input input;
    const uint8_t *head = NULL;
    size_t len = 0;
    vs_progress_line line;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs__input_peek(&input, &head, &len, error);
    }
    if (status == VS_OK) {
        vs_content content = vs__content_of(head, len);
        vs__progress_begin(&line, "decrypting", "ciphertexts");
        status = vs_open_with_key(opened, plan, sk, &input.source, &line.progress, error);
        vs__progress_end(&line);
        if (status == VS_ERR_FORMAT) {
            vs__content_hint(error, content, VS_CONTENT_CONTAINER);
        }
    }
    vs__input_close(&input);
    return status;
}

/* What is refused before anybody is asked for a passphrase. */
static vs_status prepare(vs_plan **plan, vs_output *output, vs_result_options *result, const vs_arguments *arguments,
                         vs_error *error) {
    vs_status status = vs__apply_threads(arguments, error);
    if (status == VS_OK) {
        status = choose_result(result, arguments, error);
    }
    if (status == VS_OK) {
        const vs_output_options written = {.force = vs__argument_given(arguments, "force"),
                                           .binary = result->format == VS_RESULT_NPY};
        status = vs__output_open(output, vs__argument(arguments, "output"), &written, error);
    }
    if (status == VS_OK) {
        status = vs__load_plan(plan, vs__argument(arguments, "plan"), error);
    }
    if (status == VS_OK && result->format == VS_RESULT_NPY && !(*plan)->is_vector) {
        (void)vs_fail(error, VS_ERR_USAGE, "decrypt: the plan is for a table, which is no array");
        vs_hint(error, "write it with --format csv or json");
        status = VS_ERR_USAGE;
    }
    return status;
}

static vs_status run_decrypt(const vs_arguments *arguments, vs_error *error) {
    const char *key_path = vs__argument(arguments, "key");
    const char *path = arguments->operand_count > 0 ? arguments->operands[0] : "-";
    vs_plan *plan = NULL;
    vs_secret_key *sk = NULL;
    vs_opened opened = {.cells = NULL};
    vs_result_options result;
    vs_output output = {.slot = -1, .fd = -1};
    vs_status status = prepare(&plan, &output, &result, arguments, error);
    if (status == VS_OK) {
        status = vs__load_secret_key(&sk, key_path, vs__argument(arguments, "passphrase-file"), error);
    }
    if (status == VS_OK) {
        status =
            vs__check_key_of_plan(plan, vs_public_key_info(vs_secret_key_public(sk))->fingerprint, key_path, error);
    }
    if (status == VS_OK) {
        status = open_total(&opened, plan, sk, path, error);
    }
    if (status == VS_OK) {
        status = vs_result_write(plan, &opened, &result, &output.sink, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs_opened_clear(&opened);
    vs_secret_key_free(sk);
    vs_plan_free(plan);
    vs__output_close(&output);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_PLAN,
    {.letter = 'k',
     .name = "key",
     .argument = "NAME.key",
     .help = "the secret key that the plan names",
     .required = true,
     .takes_file = true},
    VS_OPTION_OUTPUT("the result (default: standard output)"),
    {.name = "format",
     .argument = "KIND",
     .help = "the result's format (default: as OUT's name says; else a table on a terminal, CSV otherwise)",
     .words = "table csv json npy"},
    {.name = "for-spreadsheet", .help = "CSV whose cells a spreadsheet neither rounds nor runs"},
    VS_OPTION_PASSPHRASE_FILE("the passphrase is the first line of FILE (default: it is asked for)"),
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Opens a total. The columns are those that the plan groups by, then its measures in the plan's order: sums are "
    "exact, means and the like are computed from exact integers and printed with 15 significant digits.",
    "A total of fewer contributions than the plan's contributors.min is refused, and nothing is printed. A value below "
    "the plan's minimums is printed as '*' and never opened, and so is what would give it away by subtraction; what "
    "is not defined, such as the mean of nothing, is left empty.",
    "The total of a vector plan is written as CSV, or with --format npy or an OUT that ends in .npy as an array in "
    "NumPy's format.",
    NULL,
};

static const vs_example examples[] = {
    {"A table on the terminal", "veilsum decrypt -p plan.json -k hub.key total.vs"},
    {"CSV from a pipe", "veilsum combine -p plan.json *.vs | veilsum decrypt -p plan.json -k hub.key -o result.csv"},
    {NULL, NULL},
};

const vs_verb vs__verb_decrypt = {
    .name = "decrypt",
    .summary = "Open a total with its secret key",
    .synopsis = "-p PLAN -k NAME.key [-o OUT] [--format KIND] [OPTIONS] [IN | -]",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_max = 1,
    .run = run_decrypt,
};
