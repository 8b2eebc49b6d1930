/* What a sample says of a column: the distinct values of a category, the decimals and bounds of a number.
 *
 * plan_new.c shows every field to these; memory is bounded by the limits below, whatever the sample's length.
 */
#ifndef VEILSUM_AGGREGATE_SAMPLE_H
#define VEILSUM_AGGREGATE_SAMPLE_H

#include "aggregate/table/reading_internal.h"

#define VS__SAMPLE_MAX_VALUES 10000u
#define VS__SAMPLE_MAX_VALUE_BYTES (4u << 20) /* of one column's values together */

typedef struct vs__sample {
    /* categories */
    char **values; /* distinct, sorted bytewise */
    size_t value_count, value_cap, value_bytes;
    bool too_many_values; /* not all are listed */
    bool has_empty;
    /* numbers */
    bool has_text; /* a field that is no number: set by the caller */
    uint64_t number_count;
    unsigned decimals;      /* the most that were written, at most VS_MAX_SCALE */
    bool has_more_decimals; /* than VS_MAX_SCALE, or than fit a scaled number */
    vs_int128 low, high;    /* extremes, times 10^VS_MAX_SCALE; below 2^62 · 10^18 < 2^122 */
} vs__sample;

void vs__sample_clear(vs__sample *sample);

/** Take in a field as a value of a category. VS_OK or VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__sample_value(vs__sample *sample, const vs_field *field);

/** Take in a field as a number.
 *  Returns: VS_OK; VS_ERR_FORMAT (not a number), VS_ERR_RANGE (one that no plan can hold). */
VS_MUST_CHECK vs_status vs__sample_number(vs__sample *sample, const vs_reading *reading, const vs_field *field,
                                          vs_error *error);

/** The decimals that a number is written with, at most VS_MAX_SCALE. */
unsigned vs__written_decimals(const char *text, size_t len, char point);

/* A number's column in a plan. */
typedef struct vs__bounds {
    unsigned scale;
    int64_t min, max;
    bool round; /* the sample has more decimals than the scale keeps */
} vs__bounds;

/** Decimals as the sample writes them, bounds of 1, 2 or 5 · 10^k at least twice as far from 0 as the sample's
 * extremes. Fewer decimals where bounds above `limit` (scaled) would be needed. VS_ERR_RANGE where that does not help.
 */
VS_MUST_CHECK vs_status vs__sample_bounds(vs__bounds *bounds, const vs__sample *sample, int64_t limit);

/** Round edges, at the bounds' scale, that cut the sample's range into about ten bins; `edges` has room for 16. Returns
 * how many. */
size_t vs__sample_edges(int64_t edges[16], const vs__sample *sample, const vs__bounds *bounds);

#endif
