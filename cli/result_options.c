#include "cli/result_options.h"

#include <string.h>
#include <unistd.h>

#include "cli/ui.h"

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

vs_status vs__result_choose(vs_result_options *result, const vs_arguments *arguments, vs_error *error) {
    unsigned columns = vs__ui_columns(STDOUT_FILENO);
    *result = (vs_result_options){.format = choose_format(arguments),
                                  .for_spreadsheet = vs__argument_given(arguments, "for-spreadsheet"),
                                  .terminal_columns = columns < MIN_COLUMNS ? 0 : columns};
    if (result->for_spreadsheet && result->format != VS_RESULT_CSV) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: --for-spreadsheet goes with CSV only", arguments->verb->name);
        vs_hint(error, "leave one of --for-spreadsheet and --format away");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

vs_status vs__result_check(const vs_result_options *result, const vs_plan *plan, vs_error *error) {
    if (result->format == VS_RESULT_NPY && !plan->is_vector) {
        (void)vs_fail(error, VS_ERR_USAGE, "the plan is for a table, which is no array");
        vs_hint(error, "write it with --format csv or json");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}
