/* Results: opened cells to a table for people, CSV, JSON or .npy. Sums are exact; what is computed from sums (means,
 * variances, slopes) is computed from exact integers and rounded once, half-even, to 15 significant digits.
 *
 * Columns are the `by` columns, then each measure's, in the plan's order; a row is a group, in the plan's order. A
 * vector has the columns "index" (from 0) and "sum". A sum has exactly its column's decimals, a count none; what is
 * computed has no trailing zeros.
 *
 *     mean(X)             Σx / n                                  undefined where n is 0
 *     mean(X;weight=W)    Σwx / Σw                                undefined where Σw is 0
 *     variance(X)         (n·Σx² − (Σx)²) / (n·(n − 1))           undefined where n is 0 or 1
 *     covariance(X,Y)     (n·Σxy − Σx·Σy) / (n·(n − 1))           undefined where n is 0 or 1
 *     slope(Y~X)          (n·Σxy − Σx·Σy) / (n·Σx² − (Σx)²)       undefined where all x are equal
 *     intercept(Y~X)      (Σy − slope·Σx) / n                     likewise
 *
 *            withheld                                            undefined
 *   CSV      *                                                   nothing (the only field of its row: "")
 *   table    *, and lines below that count them by reason        –
 *   JSON     null, and an entry in "withheld":                   null
 *            {"row": R, "column": C, "reason": NAME}
 *
 * JSON has every value as a string, and a bin that two histograms share once; R counts rows from 0; NAME is one of
 * vs_reason_name; "period" is null where there is none. CSV is RFC 4180 in UTF-8 with a header line and LF line ends.
 * For a spreadsheet it has a byte order mark and CRLF; a text whose first character after spaces is one of = + - @,
 * their full-width forms, a tab or a line end has an apostrophe in front; a number of more than 15 significant digits,
 * and a text that begins like a number (a code such as 01), is written as ="…", which a spreadsheet keeps as text. NPY
 * is version 1.0, '<f8', one dimension: the float64 nearest to each sum. A table shows control characters as U+FFFD, so
 * that a plan's texts cannot steer a terminal.
 */
#ifndef VEILSUM_AGGREGATE_RESULT_H
#define VEILSUM_AGGREGATE_RESULT_H

#include "aggregate/combine/combine.h"

typedef enum vs_result_format { VS_RESULT_TABLE, VS_RESULT_CSV, VS_RESULT_JSON, VS_RESULT_NPY } vs_result_format;

typedef struct vs_result_options {
    vs_result_format format;
    int for_spreadsheet;       /* CSV: a byte order mark, and cells that a spreadsheet neither rounds nor runs */
    unsigned terminal_columns; /* table: width to fit into; 0: no limit */
} vs_result_options;

/** Write the result, row by row. A table too wide for its terminal breaks titles into lines, then cuts texts short,
 * then becomes one record a row, a value a line. Returns: VS_OK; VS_ERR_USAGE for NPY of a table; VS_ERR_MEMORY; those
 * of the sink. */
VS_MUST_CHECK vs_status vs_result_write(const vs_plan *plan, const vs_opened *opened, const vs_result_options *options,
                                        const vs_sink *sink, vs_error *error);

#endif
