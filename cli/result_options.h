/* How a result is written, as a command line asks for it: the same for all verbs that open. */
#ifndef VEILSUM_CLI_RESULT_OPTIONS_H
#define VEILSUM_CLI_RESULT_OPTIONS_H

#include "aggregate/result/result.h"
#include "cli/options.h"

/** Returns: VS_OK, VS_ERR_USAGE. */
VS_MUST_CHECK vs_status vs__result_choose(vs_result_options *result, const vs_arguments *arguments, vs_error *error);
/** Can the plan's result be written so? Returns: VS_OK, VS_ERR_USAGE. */
VS_MUST_CHECK vs_status vs__result_check(const vs_result_options *result, const vs_plan *plan, vs_error *error);

#define VS_OPTION_RESULT_FORMAT                                                                                        \
    {                                                                                                                  \
        .name = "format", .argument = "KIND",                                                                          \
        .help = "the result's format (default: as OUT's name says; else a table on a terminal, CSV otherwise)",        \
        .words = "table csv json npy"                                                                                  \
    }
#define VS_OPTION_FOR_SPREADSHEET                                                                                      \
    { .name = "for-spreadsheet", .help = "CSV whose cells a spreadsheet neither rounds nor runs" }

#endif
