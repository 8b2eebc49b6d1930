/* Between the parts of `plan new`: what was asked for, resolved against the sample, and the plan's text made of it. */
#ifndef VEILSUM_AGGREGATE_PLAN_NEW_INTERNAL_H
#define VEILSUM_AGGREGATE_PLAN_NEW_INTERNAL_H

#include "aggregate/plan/plan_text.h"
#include "aggregate/plan/sample.h"

/* A column that the plan names. */
typedef struct vs__new_column {
    char *name;   /* the plan's */
    size_t field; /* in the sample */
    bool by;      /* grouped by: a category */
    bool number;  /* added up, or cut by edges */
    bool binned;  /* a histogram without edges: of values or of numbers, as the sample shows */
    bool product; /* multiplied with a number of the same row */
    unsigned edge_decimals;
    vs__sample sample;
    vs__bounds bounds; /* numbers */
} vs__new_column;

/* A measure; x is what stands first in the JSON. */
typedef struct vs__new_measure {
    const char *verb;
    size_t x, y;       /* columns of the plan, or VS_NONE; y: weight, second column, "on" */
    const char *edges; /* as asked for: "0,20,50,null"; NULL where none were */
} vs__new_measure;

typedef struct vs__new_plan {
    const vs_plan_request *request;
    const vs_reading *reading;
    vs__new_column *columns;
    size_t column_count;
    size_t *by;
    vs__new_measure *measures; /* request->wish_count */
    vs__bounds vector;         /* vector plans */
} vs__new_plan;

/* What was asked for, or the default. */
uint64_t vs__new_rows_max(const vs_plan_request *request);
uint64_t vs__new_contributors_min(const vs_plan_request *request);
uint64_t vs__new_contributors_max(const vs_plan_request *request);

/** The columns that the request names, and its measures over them; `fields` is the sample's header. columns, by and
 * measures have room for all. Returns: VS_OK; VS_ERR_USAGE, VS_ERR_FORMAT (no such column, or twice), VS_ERR_MEMORY.
 * (plan_new_resolve.c) */
VS_MUST_CHECK vs_status vs__new_resolve(vs__new_plan *made, const vs_field *fields, size_t count, vs_error *error);

/** One item of "0,20,50,null" from `*at` on, without the spaces around it; false at the end. */
bool vs__next_edge(const char **at, const char **item, size_t *len);
bool vs__edge_is_null(const char *item, size_t len);

/** The plan as JSON, ready to edit. */
VS_MUST_CHECK vs_status vs__plan_write(const vs__new_plan *made, const vs_sink *sink, vs_error *error);

#endif
