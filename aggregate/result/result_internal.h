/* What the result's files share: the values of a result one after another, and a buffered way out. */
#ifndef VEILSUM_AGGREGATE_RESULT_INTERNAL_H
#define VEILSUM_AGGREGATE_RESULT_INTERNAL_H

#include "aggregate/result/result.h"

/* ---- result_values.c: what stands in each place ---- */

typedef enum vs__value_kind { VS__TEXT, VS__NUMBER, VS__UNDEFINED, VS__WITHHELD } vs__value_kind;

typedef struct vs__value {
    vs__value_kind kind;
    const char *text; /* of a text (UTF-8) or a number; valid during the visit */
    vs_reason reason; /* of a withheld value */
    uint64_t row;
    size_t column;             /* from 0, over all columns of the result */
    const vs_measure *measure; /* NULL: a `by` column, or a vector's */
    size_t index;              /* column of the measure, or place in `by` */
} vs__value;

typedef struct vs__values {
    const vs_plan *plan;
    const vs_opened *opened;
    uint64_t row_count;
    size_t column_count;
    /* working memory */
    size_t *levels;
    uint8_t *bin_reasons;
    vs_integer *numerator, *denominator, *factor[4];
    char text[512];
} vs__values;

typedef vs_status (*vs__visit)(void *context, const vs__value *value, vs_error *error);

VS_MUST_CHECK vs_status vs__values_init(vs__values *values, const vs_plan *plan, const vs_opened *opened,
                                        vs_error *error);
void vs__values_clear(vs__values *values);
/** Visit the columns in order, each title as a text. */
VS_MUST_CHECK vs_status vs__values_titles(vs__values *values, vs__visit visit, void *context, vs_error *error);
/** Visit the values of one row in order. */
VS_MUST_CHECK vs_status vs__values_row(vs__values *values, uint64_t row, vs__visit visit, void *context,
                                       vs_error *error);
/** The title of a value's column (malloc'd), or NULL where memory ran out. */
char *vs__value_title(const vs__values *values, const vs__value *value);

/* ---- result_writer.c: bytes gathered before they reach the sink ---- */

typedef struct vs__writer {
    const vs_sink *sink;
    vs_error *error;
    vs_status status; /* the first failure; nothing is written after it */
    size_t used;
    char buffer[16384];
} vs__writer;

void vs__writer_init(vs__writer *writer, const vs_sink *sink, vs_error *error);
void vs__write(vs__writer *writer, const void *data, size_t len);
void vs__write_text(vs__writer *writer, const char *text);
void vs__write_repeated(vs__writer *writer, const char *text, size_t count);
/** Hand over what is left; returns the status of it all. */
VS_MUST_CHECK vs_status vs__writer_finish(vs__writer *writer);

/* ---- result_text.c: text in a fixed-width terminal ---- */

/** The next character of valid UTF-8 (`*at` < `len` moves past it), and how many terminal columns it takes: 0, 1 or 2.
 * Control characters, and those that turn the direction of text, count as the U+FFFD that stands for them. */
uint32_t vs__next_character(const char *text, size_t len, size_t *at, unsigned *columns);
size_t vs__text_columns(const char *text);
/** How many bytes of `text` fit into `columns`. */
size_t vs__text_fit(const char *text, size_t columns);
/** Write `text` in exactly `columns`, right-aligned or not; a longer one ends in an ellipsis. */
void vs__write_padded(vs__writer *writer, const char *text, size_t columns, bool right);

/* ---- one file each ---- */

VS_MUST_CHECK vs_status vs__result_csv(vs__values *values, vs__writer *writer, bool for_spreadsheet);
VS_MUST_CHECK vs_status vs__result_json(vs__values *values, vs__writer *writer);
VS_MUST_CHECK vs_status vs__result_table(vs__values *values, vs__writer *writer, size_t terminal_columns);
VS_MUST_CHECK vs_status vs__result_npy(vs__values *values, vs__writer *writer);

#endif
