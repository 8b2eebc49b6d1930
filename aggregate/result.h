/* Results: opened cells to a table for people, CSV, JSON or .npy. Sums are exact; what is computed from sums (means, variances,
 * slopes) is computed from exact integers and rounded once, half-even, to 15 significant digits. */
#ifndef VEILSUM_AGGREGATE_RESULT_H
#define VEILSUM_AGGREGATE_RESULT_H

#include "aggregate/combine.h"

typedef enum vs_result_format { VS_RESULT_TABLE, VS_RESULT_CSV, VS_RESULT_JSON, VS_RESULT_NPY } vs_result_format;

typedef struct vs_result_options {
    vs_result_format format;
    int for_spreadsheet; /* CSV: a byte order mark, and cells that a spreadsheet neither rounds nor runs */
    unsigned terminal_columns; /* table: width to fit into; 0: no limit */
} vs_result_options;

/** Columns: the `by` columns, then each measure's, in the plan's order. A withheld value is `*` (CSV, table; JSON: null and an entry
 *  in "withheld"), an undefined one (mean of nothing, variance of one row) is empty (JSON: null). VS_ERR_USAGE for NPY of a table. */
VS_MUST_CHECK vs_status vs_result_write(const vs_plan *plan, const vs_opened *opened, const vs_result_options *options,
                                        const vs_sink *sink, vs_error *error);

#endif
