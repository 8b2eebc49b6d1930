/* The plan: the public agreement on what may be learned, in which units and bounds, by whom, from how many.
 *
 * plan.c reads JSON strictly, checks every rule and compiles the measures into components; everything downstream reads
 * this struct and nothing else. A plan is immutable once parsed.
 *
 * A group is one combination of the `by` columns' levels, in the plan's order (the last column varies fastest). A
 * component is one exact integer that each group contributes; components that two measures share are stored once. The
 * cell vector is
 *
 *     cell 0                                   the counter: 1 in every contribution
 *     cell 1 + g·component_count + c           component c of group g           (tables)
 *     cell 1 + i                               element i                        (vectors: one group, no components)
 *
 * and has the same length and order for every owner.
 */
#ifndef VEILSUM_AGGREGATE_PLAN_H
#define VEILSUM_AGGREGATE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"
#include "aggregate/stream.h"
#include "crypto/hash.h"
#include "crypto/integer.h"
#include "crypto/sign/identity.h"
#include "crypto/text.h"

#define VS_MAX_PLAN_BYTES (64u << 20)
#define VS_MAX_PLAN_ITEMS (1u << 20) /* commas and brackets of the JSON text: bounds what reading it costs */
#define VS_MAX_COLUMNS 4096u
#define VS_MAX_MEASURES 1024u
#define VS_MAX_COLUMN_NAME_BYTES 256u
#define VS_MAX_TITLE_BYTES 256u
#define VS_MAX_CELLS (UINT64_C(1) << 26)
#define VS_MAX_CONTRIBUTORS INT64_C(1000000)
#define VS_MAX_SLOT_BITS 126u /* every total of cells fits a vs_int128 */
#define VS_MAX_SCALE 18u
#define VS_MAX_PURPOSE_BYTES 1024u
#define VS_MAX_PARTIES 131072u
#define VS_MAX_SETS 4096u
#define VS_MAX_SET_MEMBERS (1u << 20) /* of all sets together, each written out */
#define VS_ID_BYTES 16                /* of a contributor in a period */
#define VS_NONE SIZE_MAX

/* What a value outside the domain, or an empty one, means. */
typedef enum vs_otherwise {
    VS_OTHERWISE_ERROR, /* tables: refuse the row, naming it */
    VS_OTHERWISE_DROP,  /* leave the whole row out, counted and reported */
    VS_OTHERWISE_GROUP  /* a level of its own: "(other)", "(empty)" */
} vs_otherwise;

typedef struct vs_column {
    char *name; /* UTF-8, as in the table's header */
    bool numeric;
    vs_otherwise other; /* categories: a value not listed; numbers: a value outside a histogram's edges */
    vs_otherwise empty; /* an empty field. _DROP leaves the row out and _GROUP (categories) is a level, in whatever use;
                           the default _ERROR refuses the row only if the column is in `by`: elsewhere the field is a
                           missing value */
    /* categories */
    char **values; /* in the plan's order, distinct */
    size_t value_count;
    size_t level_count;         /* values, then "(other)" if grouped, then "(empty)" if grouped */
    struct vs_level_key *index; /* of `values`, sorted, for vs_column_find; private */
    /* numbers: value · 10^scale is an integer in [min, max] */
    unsigned scale;
    int64_t min, max;
    bool round_half_even; /* more decimals than scale are rounded; else they are refused */
} vs_column;

typedef enum vs_measure_kind {
    VS_MEASURE_COUNT,         /* components: rows */
    VS_MEASURE_SUM,           /* Σx */
    VS_MEASURE_MEAN,          /* n, Σx */
    VS_MEASURE_WEIGHTED_MEAN, /* Σw, Σwx              x: measured, y: weight */
    VS_MEASURE_VARIANCE,      /* n, Σx, Σx² */
    VS_MEASURE_HISTOGRAM,     /* one component a bin */
    VS_MEASURE_COVARIANCE,    /* n, Σx, Σy, Σxy       over rows that have both */
    VS_MEASURE_REGRESSION     /* n, Σx, Σy, Σxy, Σx²  x: predictor ("on"), y: response, over rows that have both */
    /* a weighted mean's sums are over rows that have both, too */
} vs_measure_kind;

/* A histogram's bin of a number: [low, high), scaled; an open end has its flag set. */
typedef struct vs_bin {
    int64_t low, high;
    bool low_open, high_open;
    bool other; /* "(other)": the values outside [low, high), which are the outermost edges here */
} vs_bin;

typedef struct vs_measure {
    vs_measure_kind kind;
    size_t x, y;  /* columns, or VS_NONE */
    vs_bin *bins; /* histograms of numbers; else NULL: bin k is level k of x (an "(empty)" level only if grouped) */
    size_t bin_count;
    size_t *components; /* indices into vs_plan.components, in the order listed at the kind */
    size_t component_count;
    size_t own_count; /* component that counts the rows behind this measure; VS_NONE where the plan has no minimums */
} vs_measure;

typedef enum vs_component_kind {
    VS_COMPONENT_CONTRIBUTOR, /* 1 if the contribution has a row in the group */
    VS_COMPONENT_MOMENT, /* Σ over rows with all `present` columns of the product of `factor` columns; no factor: a
                            count. A number is present if its field is not missing, a category if the row has a level of
                            it (with "empty": "group" every row has): so a histogram's own count is the sum of its bins
                          */
    VS_COMPONENT_BIN     /* rows whose column `present[0]` falls into bin `bin` (a number) or level `level` */
} vs_component_kind;

typedef struct vs_component {
    vs_component_kind kind;
    size_t factor[2]; /* ascending; the same column twice is its square */
    unsigned factor_count;
    size_t present[2]; /* ascending */
    unsigned present_count;
    vs_bin bin;          /* bins of numbers */
    size_t level;        /* bins of categories */
    vs_int128 low, high; /* what one contribution may hold, rows.max rows at most; low <= 0 <= high for tables */
    unsigned width; /* bits of a slot: (high − low) · contributors_max fits; at least 1, also where that product is 0 */
    unsigned block_class; /* 0: opened first (all counts that minimums need; everything where the plan has no minimums);
                             k > 0: values over the k-th set of `present` columns, opened group by group */
} vs_component;

/* What a party of the roster may do; bits. */
typedef enum vs_may {
    VS_MAY_CONTRIBUTE = 1, /* sign contributions */
    VS_MAY_OPEN = 2,       /* open totals, alone or as one of several holders, and say so */
    VS_MAY_AGGREGATE = 4,  /* combine, and sign receipts */
    VS_MAY_AUDIT = 8       /* nothing: it is named, and agrees by its signature */
} vs_may;

typedef struct vs_party {
    vs_public_identity identity; /* names and keys are distinct; a contributor's name is its identity's */
    char *organisation;
    unsigned may;
    size_t organisation_index; /* 0 .. organisation_count − 1: the same number, the same organisation */
} vs_party;

/* Contributors whose common total may be opened, though other listed sets overlap with it. Any two sets are nested or
 * disjoint, and what is left of one without those inside it is nothing, or enough organisations. */
typedef struct vs_set {
    char *name;
    size_t *members; /* of the roster, ascending; all may contribute */
    size_t member_count;
} vs_set;

/* How a total becomes readable. */
typedef enum vs_opening {
    VS_OPENING_KEY,       /* the holder of a secret key opens it */
    VS_OPENING_THRESHOLD, /* several holders of shares of a key, together */
    VS_OPENING_SHARES,    /* 2 to 5 servers together, which hold additive shares of everything */
    VS_OPENING_MASKS      /* the owners together: their masks cancel in the sum of all, and there only */
} vs_opening;

#define VS_MIN_SERVERS 2u
#define VS_MAX_SERVERS 5u
#define VS_MAX_TOLERATED_PERCENT 33u

typedef struct vs_plan {
    uint8_t id[VS_HASH_BYTES]; /* BLAKE2b-256("veilsum plan", canonical JSON) */
    char *title;               /* NULL where the plan has none */
    bool is_vector;
    /* vectors: one component, in components[0], holds for every element; group_count is 1, rows_max is 1 */
    uint64_t vector_length;
    unsigned vector_scale;
    int64_t vector_min, vector_max;
    /* tables */
    vs_column *columns; /* sorted bytewise by name, so that nothing depends on the order of keys in the JSON */
    size_t column_count;
    size_t *by;
    size_t by_count;
    vs_measure *measures;
    size_t measure_count;
    vs_component *components; /* with minimums: contributor flag, rows, own counts; then by measure, at its first use */
    size_t component_count;
    unsigned class_count;                          /* block classes: 1 without minimums */
    bool has_minimums;                             /* `groups` is there */
    uint64_t min_rows, min_contributors;           /* 0 where not given */
    size_t rows_component, contributors_component; /* with minimums; else VS_NONE */
    uint64_t group_count;                          /* 1 where `by` is empty */
    uint64_t cell_count;                           /* counter included */
    uint64_t rows_max;
    uint64_t contributors_min, contributors_max;
    vs_opening opening;
    uint8_t key_fingerprint[VS_HASH_BYTES]; /* {"key": …}, {"threshold": …, "holders": …} */
    bool is_threshold;                      /* the opening is VS_OPENING_THRESHOLD */
    uint8_t holders_fingerprint[VS_HASH_BYTES];
    size_t servers[VS_MAX_SERVERS];           /* {"shares": [NAMES]}: of the roster, in the plan's order */
    size_t server_count;                      /* 0 for other openings */
    unsigned corrupt_percent, absent_percent; /* {"masks": {…}}: of the owners, tolerated */
    /* the terms */
    char *purpose;                      /* NULL where the plan has none */
    int64_t valid_from, valid_until;    /* UTC seconds, [from, until); until 0: without end */
    uint64_t uses;                      /* distinct totals that may be opened; 0: not limited */
    uint8_t (*replaces)[VS_HASH_BYTES]; /* ids of the plans before this one, the latest first */
    size_t replaces_count;
    /* the roster: who takes part. Where there is one, contributors_min counts organisations */
    vs_party *parties;  /* in the plan's order */
    size_t party_count; /* 0: no roster */
    size_t contributing_count;
    size_t organisation_count;
    size_t signatures_needed; /* 0 without a roster */
    size_t *party_index;      /* of `parties`, sorted by name, for vs_plan_party; private */
    vs_set *sets;             /* sorted bytewise by name */
    size_t set_count;
} vs_plan;

/** Read and check a plan. `*plan` is NULL on error.
 *  Returns: VS_OK; VS_ERR_FORMAT (not JSON, unknown or missing key, wrong type), VS_ERR_VERSION, VS_ERR_RANGE (bounds,
 * domain, edges …), VS_ERR_LIMIT, VS_ERR_MEMORY; the message names the path in the JSON ("columns.Salary.scale").
 */
VS_MUST_CHECK vs_status vs_plan_parse(vs_plan **plan, const void *json, size_t len, vs_error *error);
void vs_plan_free(vs_plan *plan);

/** "key", "threshold", "shares", "masks". */
const char *vs_opening_name(vs_opening opening);

/** Is it the id of a plan that this one replaces, directly or through others? */
bool vs_plan_replaces(const vs_plan *plan, const uint8_t id[VS_HASH_BYTES]);
/** The party of this name; NULL where it is not listed. Logarithmic. */
const vs_party *vs_plan_party(const vs_plan *plan, const char *name);
/** The same for a name of `len` bytes that no zero byte ends. */
const vs_party *vs_plan_party_of(const vs_plan *plan, const char *name, size_t len);

/** Is the plan valid at `now` (UTC seconds)? Uses are not counted here. Returns: VS_OK; VS_ERR_POLICY (not yet, or no
 * longer). */
VS_MUST_CHECK vs_status vs_plan_valid_at(const vs_plan *plan, int64_t now, vs_error *error);

/** The level of `value` in a category column: 0 .. value_count − 1, or VS_NONE. Logarithmic, most steps one comparison
 * of words. */
size_t vs_column_find(const vs_column *column, const char *value, size_t len);
/** A listed value that differs from `value` in case, spaces or little else, for a hint; NULL where none is near. */
const char *vs_column_nearest(const vs_column *column, const char *value, size_t len);
/** "01", "(other)", "(empty)". */
const char *vs_column_level_name(const vs_column *column, size_t level);

/** Level of each `by` column in group `group`: levels[0 .. by_count − 1]. */
void vs_plan_group_levels(const vs_plan *plan, uint64_t group, size_t *levels);

/* How many result columns measure m has (histogram: its bins; regression: 2; else 1), and their titles:
 * "count(rows)", "sum(X)", "mean(X)", "mean(X;weight=W)", "variance(X)", "histogram(X)=V", "histogram(X)=[a,b)",
 * "covariance(X,Y)", "slope(Y~X)", "intercept(Y~X)". Bins of numbers are named by their edges in the column's unit
 * without trailing zeros; an open end is "(-inf," or ",inf)", the bin of everything else "(other)", or "(outside
 * [a,b))" where two histograms of the column differ in it. Titles are distinct, but for a bin that two histograms of
 * one column share. The title is malloc'd; NULL where memory ran out. */
size_t vs_measure_column_count(const vs_measure *measure);
char *vs_measure_column_title(const vs_plan *plan, const vs_measure *measure, size_t index);

/** sid = BLAKE2b-256("veilsum sid", plan id, period, attempt). `period` may be "". */
void vs_session_id(uint8_t sid[VS_HASH_BYTES], const uint8_t plan_id[VS_HASH_BYTES], const char *period,
                   uint64_t attempt);
/** A contributor's id in a session: the first 16 bytes of BLAKE2b-256("veilsum contributor name", sid, name). */
void vs_contributor_id(uint8_t id[VS_ID_BYTES], const uint8_t sid[VS_HASH_BYTES], const char *name);

/** Is it one of the servers that the opening `shares` names? `party`: a place in the roster. */
bool vs_plan_is_server(const vs_plan *plan, size_t party);

/** Would a spreadsheet run a cell that begins like this? Full-width forms count: some convert them first. */
bool vs_begins_like_formula(const char *text);

/** plan check: warnings for a person (values that a spreadsheet would run, minimums of 1 or 2 …), one line each, to the
 * sink. */
VS_MUST_CHECK vs_status vs_plan_warnings(const vs_plan *plan, const vs_sink *sink, size_t *count, vs_error *error);

#endif
