/* Rows into cells: what one owner's table adds to each group and component of the plan.
 *
 * table_csv.c and table_npy.c push rows or elements in; contribution.c takes the finished cells out. Memory is one
 * vs_int128 a cell, whatever the number of rows.
 */
#ifndef VEILSUM_AGGREGATE_CELLS_H
#define VEILSUM_AGGREGATE_CELLS_H

#include "aggregate/plan/plan.h"

typedef struct vs_cells vs_cells;
struct vs_sketch;

/* How this owner's table writes what the plan's columns mean; local, not part of the plan. */
typedef struct vs_reading {
    char delimiter;             /* ',' by default */
    char decimal_point;         /* '.' by default */
    const char *encoding;       /* an iconv name; "UTF-8" by default */
    const char *const *missing; /* besides the empty field */
    size_t missing_count;
    const char *const *column_names; /* pairs: plan column, name in the table's header */
    size_t column_name_pairs;
} vs_reading;
extern const vs_reading vs_reading_default;

typedef struct vs_reading_report {
    uint64_t rows;          /* read, header not counted */
    uint64_t dropped_other; /* left out: a value outside the domain, where the plan says "drop" */
    uint64_t dropped_empty;
} vs_reading_report;

VS_MUST_CHECK vs_status vs_cells_new(vs_cells **cells, const vs_plan *plan, vs_error *error);
void vs_cells_free(vs_cells *cells); /* wipes */

/* One field of a row. */
typedef struct vs_field {
    const char *text;
    size_t len;
} vs_field;

/** From here on the rows of a table that are read into the cells go into the sketch, too (sketch.h); borrowed. Elements
 * of vectors do not. */
void vs_cells_watch(vs_cells *cells, struct vs_sketch *sketch);
struct vs_sketch *vs__cells_sketch(const vs_cells *cells);

/** One row: fields[i] belongs to plan->columns[i]. `row` is the record's number for messages, as a spreadsheet counts
 * (the header is row 1). Returns: VS_OK; VS_ERR_RANGE (outside domain or bounds, too many rows), VS_ERR_FORMAT (not a
 * number). After an error the cells are of no use. */
VS_MUST_CHECK vs_status vs_cells_add_row(vs_cells *cells, const vs_reading *reading, const vs_field *fields,
                                         uint64_t row, vs_error *error);

/** Vector plans: set element `index` to a scaled value; bounds are checked. */
VS_MUST_CHECK vs_status vs_cells_set_element(vs_cells *cells, uint64_t index, int64_t scaled, vs_error *error);

/** plan->cell_count integers; cell 0 is 1. Borrowed. */
const vs_int128 *vs_cells_values(const vs_cells *cells);
vs_reading_report vs_cells_report(const vs_cells *cells);

/** A table as CSV: RFC 4180, streamed. The header must name each column that the plan uses exactly once; others are
 * ignored, as long as they are well-formed. A header without rows is a table of zeros. */
VS_MUST_CHECK vs_status vs_table_read_csv(vs_cells *cells, const vs_plan *plan, const vs_reading *reading,
                                          const vs_source *source, const vs_progress *progress, vs_error *error);

/** A vector as .npy (float32, float64, int32, int64; little- or big-endian; C or Fortran order; 1-D or n-D), streamed.
 */
VS_MUST_CHECK vs_status vs_table_read_npy(vs_cells *cells, const vs_plan *plan, const vs_source *source,
                                          const vs_progress *progress, vs_error *error);

/** One vector element a line (CSV with one column, a header line optional), for vector plans given as text. More
 * decimals than the vector's scale are refused: text says exactly what is meant, only binary fractions are rounded. */
VS_MUST_CHECK vs_status vs_vector_read_csv(vs_cells *cells, const vs_plan *plan, const vs_reading *reading,
                                           const vs_source *source, const vs_progress *progress, vs_error *error);

/* The CSV reader itself, for whoever needs rows without a plan (plan new). `on_row` gets every record, the header as
 * row 1; each has as many fields as the header. Fields keep their spaces and are valid UTF-8 without zero bytes. An
 * empty line is no record: a table of one column writes a missing value as "". At most 1 MiB a field, 16 MiB a record
 * and 65,536 fields. */
typedef vs_status (*vs_csv_row)(void *context, uint64_t row, const vs_field *fields, size_t count, vs_error *error);
VS_MUST_CHECK vs_status vs_csv_read(const vs_reading *reading, const vs_source *source, vs_csv_row on_row,
                                    void *context, const vs_progress *progress, vs_error *error);

#endif
