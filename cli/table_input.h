/* An owner's data from a file into cells, for the verbs that take some. */
#ifndef VEILSUM_CLI_TABLE_INPUT_H
#define VEILSUM_CLI_TABLE_INPUT_H

#include "aggregate/table/sketch.h"
#include "cli/options.h"

/** Read the table or array at `path` ("-": standard input) as the plan and the reading options say (VS_OPTIONS_READING,
 * `format`: "csv", "npy" or NULL). The file is closed again when this returns. With an owner the rows are sketched for
 * its own record (cli/table_record.h). `*cells` is the caller's to free, after an error, too. Returns: those of cells.h
 * and input.h; VS_ERR_FORMAT (no table, or an array where the plan wants a table). */
VS_MUST_CHECK vs_status vs__cells_of_data(vs_cells **cells, vs_sketch *sketch, const char *path, const char *format,
                                          const vs_plan *plan, const vs_identity *owner, const vs_arguments *arguments,
                                          vs_error *error);

#define VS_OPTION_DATA_FORMAT                                                                                          \
    {                                                                                                                  \
        .name = "format", .argument = "KIND", .help = "the data's format (default: as its name or content says)",      \
        .words = "csv npy"                                                                                             \
    }

#endif
