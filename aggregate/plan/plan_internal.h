/* What the plan's own files share: strict reading of JSON with a place for every message, and the compile step. */
#ifndef VEILSUM_AGGREGATE_PLAN_INTERNAL_H
#define VEILSUM_AGGREGATE_PLAN_INTERNAL_H

#include <jansson.h>

#include "aggregate/plan/plan.h"

/* Integers of the JSON stay within ±2^53, where every reader of JSON agrees on them. */
#define VS__JSON_INTEGER_MAX (INT64_C(1) << 53)
#define VS__MAX_ROWS (INT64_C(1) << 40)
#define VS__DEFAULT_ROWS (INT64_C(1) << 20)
#define VS__DEFAULT_CONTRIBUTORS INT64_C(1000)
#define VS__DEFAULT_CONTRIBUTORS_MIN INT64_C(3)

/* Where in the JSON something stands: a chain on the stack, written as "columns.Salary.scale" or "measures[2]". */
typedef struct vs__place {
    const struct vs__place *up; /* NULL: the whole plan */
    const char *key;            /* NULL: array entry `index` */
    size_t index;
} vs__place;

/* A value and its place; `value` is borrowed from the tree. */
typedef struct vs__node {
    const json_t *value;
    vs__place place;
} vs__node;

struct vs_level_key {
    uint64_t prefix; /* the first eight bytes, big-endian, zero-padded: orders like the bytes do */
    uint32_t level;
    uint32_t len;
};

/* ---- plan_json.c ---- */

/** Set "place: reason", clear the hint, return `status`. */
vs_status vs__plan_fail(const vs__place *place, vs_error *error, vs_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Valid UTF-8 for a message: bytes of control characters become '?', long text is cut with an ellipsis. Returns `out`.
 */
const char *vs__printable(char out[80], const char *text);

/** Bytes to a tree: bounded in items and depth before jansson sees them; no reals, no integer beyond ±2^53. */
VS_MUST_CHECK vs_status vs__plan_json_load(json_t **root, const void *text, size_t len, vs_error *error);

/** (plan_canonical.c) The canonical form of a tree (malloc'd): compact UTF-8, keys sorted bytewise, minimal escapes.
 * `cap` is a bound on its length: it is never longer than the text that the tree was read from. */
VS_MUST_CHECK vs_status vs__plan_canonical(const json_t *root, size_t cap, char **out, size_t *len);

/** A member of an object; `node->value` is NULL where it is not there. `object` must outlive `node`. */
vs__node vs__member(const vs__node *object, const char *key);
vs__node vs__entry(const vs__node *array, size_t index);

/** Must be an object whose keys are among `keys` (NULL-terminated). */
VS_MUST_CHECK vs_status vs__expect_object(const vs__node *node, const char *const *keys, vs_error *error);
/** Must be an array of min .. max entries. */
VS_MUST_CHECK vs_status vs__expect_array(const vs__node *node, size_t min, size_t max, vs_error *error);
/** Must be an integer in [min, max]; where the node is absent, `*value` stays. */
VS_MUST_CHECK vs_status vs__read_integer(const vs__node *node, int64_t min, int64_t max, uint64_t *value,
                                         vs_error *error);
/** Must be a string; borrowed. */
VS_MUST_CHECK vs_status vs__read_text(const vs__node *node, const char **text, vs_error *error);
/** A JSON integer or a decimal string, exactly, times 10^scale. */
VS_MUST_CHECK vs_status vs__read_number(const vs__node *node, unsigned scale, int64_t *value, vs_error *error);
/** Must be a string of 1 .. max bytes without control characters. */
VS_MUST_CHECK vs_status vs__read_label(const vs__node *node, size_t max, const char **text, vs_error *error);

/** Must be a fingerprint or an id: 64 hexadecimal digits, lower case; `hint` says where to find it. */
VS_MUST_CHECK vs_status vs__read_hash(const vs__node *node, uint8_t hash[VS_HASH_BYTES], const char *hint,
                                      vs_error *error);

/* ---- plan_terms.c, plan_roster.c, plan_sets.c ---- */

/** "purpose", "valid" and "replaces". */
VS_MUST_CHECK vs_status vs__plan_read_terms(vs_plan *plan, const vs__node *root, vs_error *error);
/** "roster" and "signatures". */
VS_MUST_CHECK vs_status vs__plan_read_roster(vs_plan *plan, const vs__node *root, vs_error *error);
/** contributors.min and .max against the roster; nothing where there is none. */
VS_MUST_CHECK vs_status vs__plan_check_contributors(const vs_plan *plan, const vs__place *contributors,
                                                    vs_error *error);
/** "sets"; after roster and contributors. */
VS_MUST_CHECK vs_status vs__plan_read_sets(vs_plan *plan, const vs__node *root, vs_error *error);
void vs__plan_clear_roster(vs_plan *plan);
/** plan_opening.c: how totals open; after the roster. */
VS_MUST_CHECK vs_status vs__plan_read_opening(vs_plan *plan, const vs__node *opening, vs_error *error);
/** Does the opening go with the rest of the plan? */
VS_MUST_CHECK vs_status vs__plan_check_opening(const vs_plan *plan, vs_error *error);
/** The JSON name of what a party may do, by bit number 0 .. VS__MAY_COUNT − 1. */
#define VS__MAY_COUNT 4u
extern const char *const vs__may_names[VS__MAY_COUNT];
/** Distinct organisations of the members of the roster that `count` indices name. `seen` has organisation_count marks,
 * all false, and is so again. */
size_t vs__organisations(const vs_plan *plan, const size_t *members, size_t count, bool *seen);

/* ---- plan_columns.c, plan_measures.c, plan_compile.c, plan_names.c, plan_check.c ---- */

VS_MUST_CHECK vs_status vs__plan_read_columns(vs_plan *plan, const vs__node *columns, vs_error *error);
VS_MUST_CHECK vs_status vs__plan_read_by(vs_plan *plan, const vs__node *by, vs_error *error);
/** "scale", "min" and "max" of a column or vector, min <= max. */
VS_MUST_CHECK vs_status vs__read_bounds(const vs__node *spec, unsigned *scale, int64_t *min, int64_t *max,
                                        vs_error *error);
/** The name of a described column, of a number or of a category. */
VS_MUST_CHECK vs_status vs__read_column_name(const vs_plan *plan, const vs__node *node, bool numeric, size_t *column,
                                             vs_error *error);
/** The column of this name, or VS_NONE. */
size_t vs__plan_column(const vs_plan *plan, const char *name);
void vs__column_clear(vs_column *column);

VS_MUST_CHECK vs_status vs__plan_read_measures(vs_plan *plan, const vs__node *measures, vs_error *error);
bool vs__same_bin(const vs_bin *a, const vs_bin *b);
/** Rules that need columns, by and measures together: each column is used, `other` and `empty` make sense, titles are
 * distinct. */
VS_MUST_CHECK vs_status vs__plan_check_uses(const vs_plan *plan, vs_error *error);
VS_MUST_CHECK vs_status vs__plan_check_titles(const vs_plan *plan, vs_error *error);

/** Compile the measures: components, widths, classes, own counts, cell_count. Frees nothing that was there before. */
VS_MUST_CHECK vs_status vs__plan_compile(vs_plan *plan, vs_error *error);
/** high − low times contributors_max must fit VS_MAX_SLOT_BITS. */
VS_MUST_CHECK vs_status vs__slot_width(vs_component *component, uint64_t contributors_max);

/** The JSON name of a measure's kind: "count", "sum", "mean" … */
const char *vs__measure_verb(vs_measure_kind kind);
/** Is this column in `by`? */
bool vs__plan_in_by(const vs_plan *plan, size_t column);

#endif
