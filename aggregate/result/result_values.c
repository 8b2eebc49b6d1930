#include <stdlib.h>
#include <string.h>

#include "aggregate/result/result_internal.h"
#include "crypto/secret.h"

#define SIGNIFICANT_DIGITS 15

/* ---- shape ---- */

static size_t count_columns(const vs_plan *plan) {
    size_t count = plan->by_count;
    for (size_t i = 0; i < plan->measure_count; i++) {
        count +=
            vs_measure_column_count(&plan->measures[i]); /* at most the number of cells, and one more a regression */
    }
    return count;
}

static size_t longest_histogram(const vs_plan *plan) {
    size_t longest = 0;
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        if (measure->kind == VS_MEASURE_HISTOGRAM && measure->component_count > longest) {
            longest = measure->component_count;
        }
    }
    return longest;
}

vs_status vs__values_init(vs__values *values, const vs_plan *plan, const vs_opened *opened, vs_error *error) {
    *values = (vs__values){.plan = plan, .opened = opened};
    values->row_count = plan->is_vector ? plan->vector_length : plan->group_count;
    values->column_count = plan->is_vector ? 2 : count_columns(plan);
    values->levels = calloc(plan->by_count + 1, sizeof *values->levels);
    values->bin_reasons = calloc(longest_histogram(plan) + 1, 1);
    values->numerator = vs_integer_new();
    values->denominator = vs_integer_new();
    bool complete = values->levels && values->bin_reasons && values->numerator && values->denominator;
    for (size_t i = 0; i < 4; i++) {
        values->factor[i] = vs_integer_new();
        complete = complete && values->factor[i];
    }
    return complete ? VS_OK : vs_fail_plain(error, VS_ERR_MEMORY);
}

void vs__values_clear(vs__values *values) {
    free(values->levels);
    free(values->bin_reasons);
    vs_integer_free(values->numerator);
    vs_integer_free(values->denominator);
    for (size_t i = 0; i < 4; i++) {
        vs_integer_free(values->factor[i]);
    }
    vs_wipe(values, sizeof *values);
}

/* ---- formulas ---- */

/* z = n·p − q·r, the form that variances, covariances and slopes are made of. z is not one of the factors used here. */
static void determinant(vs__values *values, vs_integer *z, vs_int128 n, vs_int128 p, vs_int128 q, vs_int128 r) {
    vs_integer *s = values->factor[0], *t = values->factor[1];
    vs_integer_set(s, n);
    vs_integer_set(t, p);
    vs_integer_mul(z, s, t);
    vs_integer_set(s, q);
    vs_integer_set(t, r);
    vs_integer_mul(s, s, t);
    vs_integer_sub(z, z, s);
}

/* n·(n − 1), which is 0 for no row and for one. */
static void set_degrees_of_freedom(vs__values *values, vs_int128 n) {
    vs_integer_set(values->denominator, n);
    vs_integer_set(values->factor[0], n - 1);
    vs_integer_mul(values->denominator, values->denominator, values->factor[0]);
}

/* numerator / denominator / 10^power as text; undefined where the denominator is 0. */
static vs_status quotient(vs__values *values, vs__value *value, int power) {
    if (vs_integer_sign(values->denominator) == 0) {
        value->kind = VS__UNDEFINED;
        return VS_OK;
    }
    vs_integer *scaled = power < 0 ? values->numerator : values->denominator;
    vs_integer_mul_pow10(scaled, scaled, (unsigned)(power < 0 ? -power : power));
    value->kind = VS__NUMBER;
    value->text = values->text;
    return vs_integer_ratio(values->text, sizeof values->text, values->numerator, values->denominator,
                            SIGNIFICANT_DIGITS);
}

static vs_status ratio(vs__values *values, vs__value *value, vs_int128 numerator, vs_int128 denominator, int power) {
    vs_integer_set(values->numerator, numerator);
    vs_integer_set(values->denominator, denominator);
    return quotient(values, value, power);
}

/* slope = N / D · 10^(scale x − scale y) with N = n·Σxy − Σx·Σy, D = n·Σx² − (Σx)²; intercept = (Σy·D − N·Σx) / (n·D) /
 * 10^(scale y). */
static vs_status regression(vs__values *values, vs__value *value, const vs_int128 sums[5], int scale_x, int scale_y) {
    vs_int128 n = sums[0], x = sums[1], y = sums[2], xy = sums[3], xx = sums[4];
    determinant(values, values->numerator, n, xy, x, y);
    determinant(values, values->denominator, n, xx, x, x);
    if (value->index == 0) {
        return quotient(values, value, scale_y - scale_x);
    }
    vs_integer *s = values->factor[2], *t = values->factor[3];
    vs_integer_set(s, y);
    vs_integer_mul(s, s, values->denominator);
    vs_integer_set(t, x);
    vs_integer_mul(t, t, values->numerator);
    vs_integer_sub(values->numerator, s, t);
    vs_integer_set(t, n);
    vs_integer_mul(values->denominator, values->denominator, t);
    return quotient(values, value, scale_y);
}

static void exact(vs__values *values, vs__value *value, vs_int128 integer, unsigned scale) {
    vs_int128_to_decimal(values->text, integer, scale);
    value->kind = VS__NUMBER;
    value->text = values->text;
}

static vs_status compute(vs__values *values, vs__value *value, const vs_int128 *cells) {
    const vs_measure *measure = value->measure;
    if (measure->kind == VS_MEASURE_HISTOGRAM) {
        exact(values, value, cells[measure->components[value->index]], 0);
        return VS_OK;
    }
    vs_int128 sums[5] = {0};
    for (size_t i = 0; i < measure->component_count && i < 5; i++) {
        sums[i] = cells[measure->components[i]];
    }
    const vs_column *columns = values->plan->columns;
    int scale_x = measure->x == VS_NONE ? 0 : (int)columns[measure->x].scale;
    int scale_y = measure->y == VS_NONE ? 0 : (int)columns[measure->y].scale;
    switch (measure->kind) {
    case VS_MEASURE_COUNT:
        exact(values, value, sums[0], 0);
        return VS_OK;
    case VS_MEASURE_SUM:
        exact(values, value, sums[0], (unsigned)scale_x);
        return VS_OK;
    case VS_MEASURE_MEAN:
        return ratio(values, value, sums[1], sums[0], scale_x);
    case VS_MEASURE_WEIGHTED_MEAN:
        return ratio(values, value, sums[1], sums[0], scale_x); /* the weight's scale is in both */
    case VS_MEASURE_VARIANCE:
        determinant(values, values->numerator, sums[0], sums[2], sums[1], sums[1]);
        set_degrees_of_freedom(values, sums[0]);
        return quotient(values, value, 2 * scale_x);
    case VS_MEASURE_COVARIANCE:
        determinant(values, values->numerator, sums[0], sums[3], sums[1], sums[2]);
        set_degrees_of_freedom(values, sums[0]);
        return quotient(values, value, scale_x + scale_y);
    case VS_MEASURE_REGRESSION:
        return regression(values, value, sums, scale_x, scale_y);
    case VS_MEASURE_HISTOGRAM:
        break;
    }
    VS_CHECK(0 && "a measure of an unknown kind");
    return VS_ERR_FAULT;
}

/* ---- visits ---- */

char *vs__value_title(const vs__values *values, const vs__value *value) {
    const vs_plan *plan = values->plan;
    if (plan->is_vector) {
        return strdup(value->column == 0 ? "index" : "sum");
    }
    if (value->measure == NULL) {
        return strdup(plan->columns[plan->by[value->index]].name);
    }
    return vs_measure_column_title(plan, value->measure, value->index);
}

/* Every column once: `fill` says what stands there. */
typedef vs_status (*fill)(vs__values *values, vs__value *value, vs_error *error);

static vs_status visit_measures(vs__values *values, vs__value *value, fill fill_in, vs__visit visit, void *context,
                                vs_error *error) {
    vs_status status = VS_OK;
    for (size_t m = 0; m < values->plan->measure_count && status == VS_OK; m++) {
        value->measure = &values->plan->measures[m];
        size_t count = vs_measure_column_count(value->measure);
        for (value->index = 0; value->index < count && status == VS_OK; value->index++, value->column++) {
            status = fill_in(values, value, error);
            status = status == VS_OK ? visit(context, value, error) : status;
        }
    }
    return status;
}

static vs_status visit_columns(vs__values *values, uint64_t row, fill fill_in, vs__visit visit, void *context,
                               vs_error *error) {
    vs__value value = {.row = row};
    size_t count = values->plan->is_vector ? 2 : values->plan->by_count;
    vs_status status = VS_OK;
    for (; value.index < count && status == VS_OK; value.index++, value.column++) {
        status = fill_in(values, &value, error);
        status = status == VS_OK ? visit(context, &value, error) : status;
    }
    return status == VS_OK ? visit_measures(values, &value, fill_in, visit, context, error) : status;
}

typedef struct titled {
    vs__values *values;
    vs__visit visit;
    void *context;
} titled;

static vs_status no_text(vs__values *values, vs__value *value, vs_error *error) {
    (void)values;
    (void)error;
    value->kind = VS__TEXT;
    value->text = "";
    return VS_OK;
}

static vs_status visit_titled(void *context, const vs__value *value, vs_error *error) {
    titled *t = context;
    char *title = vs__value_title(t->values, value);
    if (title == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs__value with_title = *value;
    with_title.text = title;
    vs_status status = t->visit(t->context, &with_title, error);
    free(title);
    return status;
}

vs_status vs__values_titles(vs__values *values, vs__visit visit, void *context, vs_error *error) {
    titled t = {values, visit, context};
    return visit_columns(values, 0, no_text, visit_titled, &t, error);
}

static const vs_int128 *group_cells(const vs__values *values, uint64_t group) {
    return values->opened->cells + 1 + group * values->plan->component_count;
}

/* Why a value is withheld; a histogram's bins are decided together when its first is asked for. */
static vs_reason reason_of(vs__values *values, const vs__value *value) {
    const vs_plan *plan = values->plan;
    if (!plan->has_minimums) {
        return VS_SHOWN;
    }
    const uint8_t *reasons = values->opened->reasons + value->row * plan->class_count;
    vs_reason reason = (vs_reason)reasons[vs_measure_class(plan, value->measure)];
    if (reason != VS_SHOWN || value->measure->kind != VS_MEASURE_HISTOGRAM) {
        return reason;
    }
    if (value->index == 0) {
        vs_policy_decide_bins(plan, value->measure, group_cells(values, value->row), reasons, values->bin_reasons);
    }
    return (vs_reason)values->bin_reasons[value->index];
}

static vs_status fill_value(vs__values *values, vs__value *value, vs_error *error) {
    const vs_plan *plan = values->plan;
    if (plan->is_vector) {
        vs_int128 integer = value->column == 0 ? (vs_int128)value->row : values->opened->cells[1 + value->row];
        exact(values, value, integer, value->column == 0 ? 0 : plan->vector_scale);
        return VS_OK;
    }
    if (value->measure == NULL) {
        value->kind = VS__TEXT;
        value->text = vs_column_level_name(&plan->columns[plan->by[value->index]], values->levels[value->index]);
        return VS_OK;
    }
    value->reason = reason_of(values, value);
    if (value->reason != VS_SHOWN) {
        value->kind = VS__WITHHELD;
        return VS_OK;
    }
    vs_status status = compute(values, value, group_cells(values, value->row));
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

vs_status vs__values_row(vs__values *values, uint64_t row, vs__visit visit, void *context, vs_error *error) {
    if (!values->plan->is_vector) {
        vs_plan_group_levels(values->plan, row, values->levels);
    }
    return visit_columns(values, row, fill_value, visit, context, error);
}
