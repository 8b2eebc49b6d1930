/* The measures of a plan as they are written, and the rules that need columns, by and measures together. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"

/* What a measure may look like: its verb, then the keys that go with it. */
typedef struct shape {
    const char *keys[3]; /* the verb first; NULL-terminated */
    vs_measure_kind kind;
} shape;

static const shape shapes[] = {
    {{"count", NULL}, VS_MEASURE_COUNT},
    {{"sum", NULL}, VS_MEASURE_SUM},
    {{"mean", "weight", NULL}, VS_MEASURE_MEAN},
    {{"variance", NULL}, VS_MEASURE_VARIANCE},
    {{"histogram", "edges", NULL}, VS_MEASURE_HISTOGRAM},
    {{"covariance", NULL}, VS_MEASURE_COVARIANCE},
    {{"regression", "on", NULL}, VS_MEASURE_REGRESSION},
};
#define SHAPE_COUNT (sizeof shapes / sizeof *shapes)

static vs_status find_shape(const vs__node *spec, const shape **found, vs_error *error) {
    *found = NULL;
    if (!json_is_object(spec->value)) {
        return vs__plan_fail(&spec->place, error, VS_ERR_FORMAT, "must be an object, such as {\"sum\": \"Salary\"}");
    }
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        if (json_object_get(spec->value, shapes[i].keys[0]) == NULL) {
            continue;
        }
        if (*found != NULL) {
            (void)vs__plan_fail(&spec->place, error, VS_ERR_FORMAT, "is both a %s and a %s", (*found)->keys[0],
                                shapes[i].keys[0]);
            vs_hint(error, "write two measures");
            return VS_ERR_FORMAT;
        }
        *found = &shapes[i];
    }
    if (*found == NULL) {
        (void)vs__plan_fail(&spec->place, error, VS_ERR_FORMAT, "is no measure that is known");
        vs_hint(error, "known: count, sum, mean, variance, histogram, covariance, regression");
        return VS_ERR_FORMAT;
    }
    return VS_OK;
}

/* ---- histograms ---- */

bool vs__same_bin(const vs_bin *a, const vs_bin *b) {
    return a->other == b->other && a->low_open == b->low_open && a->high_open == b->high_open && a->low == b->low &&
           a->high == b->high;
}

/* One edge; null is open, and only at an end. */
static vs_status read_edge(const vs__node *entry, unsigned scale, bool at_end, int64_t *edge, bool *open,
                           vs_error *error) {
    *edge = 0;
    *open = json_is_null(entry->value);
    if (!*open) {
        return vs__read_number(entry, scale, edge, error);
    }
    if (!at_end) {
        return vs__plan_fail(&entry->place, error, VS_ERR_RANGE, "null stands only at an end of the edges");
    }
    return VS_OK;
}

static vs_status read_edges(vs_measure *measure, const vs_column *column, const vs__node *edges, vs_error *error) {
    vs_status status = vs__expect_array(edges, 2, VS_MAX_PLAN_ITEMS, error);
    if (status != VS_OK) {
        return status;
    }
    size_t count = json_array_size(edges->value);
    bool has_other = column->other == VS_OTHERWISE_GROUP;
    measure->bins = calloc(count, sizeof *measure->bins); /* count − 1 bins and perhaps "(other)" */
    if (measure->bins == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    int64_t low = 0;
    bool low_open = true;
    for (size_t i = 0; i < count; i++) {
        vs__node entry = vs__entry(edges, i);
        int64_t edge;
        bool open;
        status = read_edge(&entry, column->scale, i == 0 || i == count - 1, &edge, &open, error);
        if (status != VS_OK) {
            return status;
        }
        if (!low_open && !open && edge <= low) {
            (void)vs__plan_fail(&entry.place, error, VS_ERR_RANGE, "is not above the edge before it");
            vs_hint(error, "edges rise strictly: each bin goes from one edge up to, and without, the next");
            return VS_ERR_RANGE;
        }
        if (i > 0) {
            measure->bins[i - 1] = (vs_bin){.low = low, .high = edge, .low_open = low_open, .high_open = open};
        }
        low = edge;
        low_open = open;
    }
    if (count == 2 && measure->bins[0].low_open && measure->bins[0].high_open) {
        return vs__plan_fail(&edges->place, error, VS_ERR_RANGE, "needs at least one number");
    }
    if (has_other) {
        const vs_bin *first = &measure->bins[0], *last = &measure->bins[count - 2];
        measure->bins[count - 1] = (vs_bin){.other = true,
                                            .low = first->low,
                                            .low_open = first->low_open,
                                            .high = last->high,
                                            .high_open = last->high_open};
    }
    measure->bin_count = count - 1 + (has_other ? 1 : 0);
    return VS_OK;
}

static vs_status read_histogram(const vs_plan *plan, vs_measure *measure, const vs__node *spec, vs_error *error) {
    vs__node name = vs__member(spec, "histogram"), edges = vs__member(spec, "edges");
    const char *text;
    vs_status status = vs__read_text(&name, &text, error);
    if (status != VS_OK) {
        return status;
    }
    size_t known = vs__plan_column(plan, text);
    bool numeric = known != VS_NONE && plan->columns[known].numeric;
    status = vs__read_column_name(plan, &name, numeric, &measure->x, error);
    if (status != VS_OK) {
        return status;
    }
    const vs_column *column = &plan->columns[measure->x];
    if (numeric) {
        return read_edges(measure, column, &edges, error);
    }
    if (edges.value != NULL) {
        return vs__plan_fail(&edges.place, error, VS_ERR_FORMAT,
                             "the column has values: its bins are those, not edges");
    }
    measure->bin_count = column->level_count;
    return VS_OK;
}

/* ---- the other measures ---- */

static vs_status read_weighted_mean(const vs_plan *plan, vs_measure *measure, const vs__node *weight, vs_error *error) {
    measure->kind = VS_MEASURE_WEIGHTED_MEAN;
    vs_status status = vs__read_column_name(plan, weight, true, &measure->y, error);
    if (status == VS_OK && plan->columns[measure->y].min < 0) {
        (void)vs__plan_fail(&weight->place, error, VS_ERR_RANGE, "a weight must not be negative, the column's min is");
        vs_hint(error, "raise the column's min to 0");
        return VS_ERR_RANGE;
    }
    return status;
}

/* Two columns, ascending: covariance is symmetric only in its value, so x and y stay as written for the title. */
static vs_status read_covariance(const vs_plan *plan, vs_measure *measure, const vs__node *pair, vs_error *error) {
    vs_status status = vs__expect_array(pair, 2, 2, error);
    if (status != VS_OK) {
        return status;
    }
    vs__node first = vs__entry(pair, 0), second = vs__entry(pair, 1);
    status = vs__read_column_name(plan, &first, true, &measure->x, error);
    if (status == VS_OK) {
        status = vs__read_column_name(plan, &second, true, &measure->y, error);
    }
    if (status == VS_OK && measure->x == measure->y) {
        (void)vs__plan_fail(&pair->place, error, VS_ERR_RANGE, "names one column twice");
        vs_hint(error, "the covariance of a column with itself is its variance: {\"variance\": …}");
        return VS_ERR_RANGE;
    }
    return status;
}

static vs_status read_regression(const vs_plan *plan, vs_measure *measure, const vs__node *spec, vs_error *error) {
    vs__node response = vs__member(spec, "regression"), predictor = vs__member(spec, "on");
    vs_status status = vs__read_column_name(plan, &response, true, &measure->y, error);
    if (status == VS_OK) {
        status = vs__read_column_name(plan, &predictor, true, &measure->x, error);
    }
    if (status == VS_OK && measure->x == measure->y) {
        return vs__plan_fail(&predictor.place, error, VS_ERR_RANGE, "a column cannot be regressed on itself");
    }
    return status;
}

static vs_status read_count(const vs__node *what, vs_error *error) {
    const char *text;
    vs_status status = vs__read_text(what, &text, error);
    if (status == VS_OK && strcmp(text, "rows") != 0) {
        (void)vs__plan_fail(&what->place, error, VS_ERR_FORMAT, "must be \"rows\"");
        vs_hint(error, "a mean brings the count of a column's values; a histogram counts each value");
        return VS_ERR_FORMAT;
    }
    return status;
}

static vs_status read_measure(const vs_plan *plan, vs_measure *measure, const vs__node *spec, vs_error *error) {
    const shape *form;
    *measure = (vs_measure){.x = VS_NONE, .y = VS_NONE, .own_count = VS_NONE};
    vs_status status = find_shape(spec, &form, error);
    if (status == VS_OK) {
        status = vs__expect_object(spec, form->keys, error);
    }
    if (status != VS_OK) {
        return status;
    }
    vs__node argument = vs__member(spec, form->keys[0]);
    measure->kind = form->kind;
    switch (form->kind) {
    case VS_MEASURE_COUNT:
        return read_count(&argument, error);
    case VS_MEASURE_HISTOGRAM:
        return read_histogram(plan, measure, spec, error);
    case VS_MEASURE_COVARIANCE:
        return read_covariance(plan, measure, &argument, error);
    case VS_MEASURE_REGRESSION:
        return read_regression(plan, measure, spec, error);
    default:
        status = vs__read_column_name(plan, &argument, true, &measure->x, error);
        break;
    }
    vs__node weight = vs__member(spec, "weight");
    if (status == VS_OK && weight.value != NULL) {
        status = read_weighted_mean(plan, measure, &weight, error);
    }
    return status;
}

static bool same_measure(const vs_measure *a, const vs_measure *b) {
    bool same_columns = a->x == b->x && a->y == b->y;
    if (a->kind == VS_MEASURE_COVARIANCE) {
        same_columns = same_columns || (a->x == b->y && a->y == b->x);
    }
    if (a->kind != b->kind || !same_columns || a->bin_count != b->bin_count) {
        return false;
    }
    for (size_t i = 0; a->bins != NULL && i < a->bin_count; i++) {
        if (!vs__same_bin(&a->bins[i], &b->bins[i])) {
            return false;
        }
    }
    return true;
}

vs_status vs__plan_read_measures(vs_plan *plan, const vs__node *measures, vs_error *error) {
    vs_status status = vs__expect_array(measures, 1, VS_MAX_MEASURES, error);
    if (status != VS_OK) {
        return status;
    }
    size_t count = json_array_size(measures->value);
    plan->measures = calloc(count, sizeof *plan->measures);
    if (plan->measures == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        vs__node spec = vs__entry(measures, i);
        plan->measure_count = i + 1;
        status = read_measure(plan, &plan->measures[i], &spec, error);
        for (size_t j = 0; status == VS_OK && j < i; j++) {
            if (same_measure(&plan->measures[i], &plan->measures[j])) {
                status = vs__plan_fail(&spec.place, error, VS_ERR_RANGE, "says the same as measures[%zu]", j);
            }
        }
        if (status != VS_OK) {
            return status;
        }
    }
    return VS_OK;
}

/* ---- rules over all of it ---- */

/* How a column is used by the measures. */
typedef struct uses {
    bool any, histogram;
} uses;

static vs_status check_column_uses(const vs_column *column, const uses *used, bool in_by, vs_error *error) {
    vs__place root = {.up = NULL}, columns = {.up = &root, .key = "columns"};
    vs__place place = {.up = &columns, .key = column->name}, other = {.up = &place, .key = "other"};
    if (!used->any && !in_by) {
        (void)vs__plan_fail(&place, error, VS_ERR_RANGE, "no measure and no by uses this column");
        vs_hint(error, "take it out: a plan names only what it needs");
        return VS_ERR_RANGE;
    }
    if (column->numeric && column->other != VS_OTHERWISE_ERROR && !used->histogram) {
        (void)vs__plan_fail(&other, error, VS_ERR_RANGE, "is about the edges of a histogram, and this column has none");
        vs_hint(error, "a number outside min and max is always an error");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

/* Under minimums two histograms of one column would give small bins away: [0,10) and [0,11) differ by [10,11). */
static vs_status check_histogram(const vs_plan *plan, size_t index, const uses *used, vs_error *error) {
    if (!plan->has_minimums || !used[plan->measures[index].x].histogram) {
        return VS_OK;
    }
    vs__place root = {.up = NULL}, measures = {.up = &root, .key = "measures"},
              place = {.up = &measures, .index = index};
    (void)vs__plan_fail(&place, error, VS_ERR_RANGE,
                        "a second histogram of one column, where groups has minimums: their difference would "
                        "show bins below the minimum");
    vs_hint(error, "write one histogram with the edges of both");
    return VS_ERR_RANGE;
}

vs_status vs__plan_check_uses(const vs_plan *plan, vs_error *error) {
    vs_status status = VS_OK;
    uses *used = calloc(plan->column_count + 1, sizeof *used);
    if (used == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; status == VS_OK && i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        if (measure->kind == VS_MEASURE_HISTOGRAM) {
            status = check_histogram(plan, i, used, error);
            used[measure->x].histogram = true;
        }
        if (measure->x != VS_NONE) {
            used[measure->x].any = true;
        }
        if (measure->y != VS_NONE) {
            used[measure->y].any = true;
        }
    }
    for (size_t i = 0; status == VS_OK && i < plan->column_count; i++) {
        status = check_column_uses(&plan->columns[i], &used[i], vs__plan_in_by(plan, i), error);
    }
    free(used);
    return status;
}
