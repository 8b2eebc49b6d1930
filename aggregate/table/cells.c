#include <stdlib.h>

#include "aggregate/table/cells.h"
#include "aggregate/table/reading_internal.h"
#include "crypto/secret.h"

/* What one row says, by column. */
typedef struct cell_row {
    int64_t *value; /* numbers */
    size_t *level;  /* categories */
    bool *present;
    size_t *component; /* for each histogram: the bin's component, or VS_NONE */
} cell_row;

struct vs_cells {
    const vs_plan *plan;
    vs_int128 *values;
    vs_reading_report report;
    struct vs_sketch *sketch; /* or NULL */
    uint64_t accepted; /* rows that are in the cells */
    cell_row row;
    bool *is_by;     /* by column */
    size_t *moments; /* the components of kind moment */
    size_t moment_count;
    size_t *histograms; /* the measures of kind histogram */
    size_t histogram_count;
    uint64_t *stamp; /* by component: the last accepted row that a histogram counted in it */
};

/* What becomes of a row, worst first to be asked for: a row that one column leaves out is not looked at further, so
 * that a plan can set aside the rows it does not mean, whatever else stands in them. */
typedef enum verdict { TAKE, REFUSE, DROP_OTHER, DROP_EMPTY } verdict;

static void index_plan(vs_cells *cells) {
    const vs_plan *plan = cells->plan;
    for (size_t i = 0; i < plan->by_count; i++) {
        cells->is_by[plan->by[i]] = true;
    }
    for (size_t i = 0; i < plan->component_count; i++) {
        if (plan->components[i].kind == VS_COMPONENT_MOMENT) {
            cells->moments[cells->moment_count++] = i;
        }
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        if (plan->measures[i].kind == VS_MEASURE_HISTOGRAM) {
            cells->histograms[cells->histogram_count++] = i;
        }
    }
}

static bool alloc_parts(vs_cells *cells) {
    /* One more than needed: a plan may have no columns, and calloc(0) may be NULL. */
    size_t columns = cells->plan->column_count + 1;
    size_t components = cells->plan->component_count + 1;
    size_t measures = cells->plan->measure_count + 1;
    /* At most 2^26 cells of 16 bytes: no overflow. */
    cells->values = vs_secret_alloc((size_t)cells->plan->cell_count * sizeof *cells->values);
    cells->row.value = calloc(columns, sizeof *cells->row.value);
    cells->row.level = calloc(columns, sizeof *cells->row.level);
    cells->row.present = calloc(columns, sizeof *cells->row.present);
    cells->row.component = calloc(measures, sizeof *cells->row.component);
    cells->is_by = calloc(columns, sizeof *cells->is_by);
    cells->moments = calloc(components, sizeof *cells->moments);
    cells->histograms = calloc(measures, sizeof *cells->histograms);
    cells->stamp = calloc(components, sizeof *cells->stamp);
    return cells->values != NULL && cells->row.value != NULL && cells->row.level != NULL &&
           cells->row.present != NULL && cells->row.component != NULL && cells->is_by != NULL &&
           cells->moments != NULL && cells->histograms != NULL && cells->stamp != NULL;
}

vs_status vs_cells_new(vs_cells **cells, const vs_plan *plan, vs_error *error) {
    *cells = NULL;
    VS_CHECK(plan->cell_count > 0 && plan->cell_count <= VS_MAX_CELLS);
    vs_cells *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    made->plan = plan;
    if (!alloc_parts(made)) {
        vs_cells_free(made);
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    index_plan(made);
    made->values[0] = 1;
    *cells = made;
    return VS_OK;
}

static void wipe_and_free(void *memory, size_t len) {
    if (memory != NULL) {
        vs_wipe(memory, len);
        free(memory);
    }
}

void vs_cells_free(vs_cells *cells) {
    if (cells == NULL) {
        return;
    }
    size_t columns = cells->plan->column_count;
    vs_secret_free(cells->values);
    wipe_and_free(cells->row.value, columns * sizeof *cells->row.value);
    wipe_and_free(cells->row.level, columns * sizeof *cells->row.level);
    wipe_and_free(cells->row.present, columns * sizeof *cells->row.present);
    wipe_and_free(cells->row.component, cells->plan->measure_count * sizeof *cells->row.component);
    wipe_and_free(cells->stamp, cells->plan->component_count * sizeof *cells->stamp);
    free(cells->is_by);
    free(cells->moments);
    free(cells->histograms);
    free(cells);
}

/* ---- one field ---- */

static vs_status fail_not_listed(const vs_column *column, const vs_field *field, vs_error *error) {
    const char *nearest = vs_column_nearest(column, field->text, field->len);
    (void)vs_fail(error, VS_ERR_RANGE, "not among the plan's values");
    if (nearest != NULL) {
        vs_hint(error, "values match byte for byte; the nearest is '%.100s'", nearest);
    } else {
        vs_hint(error, "correct the value, or agree on a plan that lists it or says \"other\": \"drop\" or \"group\"");
    }
    return VS_ERR_RANGE;
}

static vs_status fail_empty(vs_error *error) {
    (void)vs_fail(error, VS_ERR_RANGE, "empty, and the plan groups by this column");
    vs_hint(error, "fill it in, or agree on a plan that says \"empty\": \"drop\" or \"group\" for this column");
    return VS_ERR_RANGE;
}

static verdict take_empty(vs_cells *cells, size_t column_index, vs_error *error, vs_status *status) {
    const vs_column *column = &cells->plan->columns[column_index];
    cells->row.present[column_index] = false;
    if (column->empty == VS_OTHERWISE_DROP) {
        return DROP_EMPTY;
    }
    if (!column->numeric && column->empty == VS_OTHERWISE_GROUP) {
        cells->row.level[column_index] = column->level_count - 1;
        cells->row.present[column_index] = true;
        return TAKE;
    }
    if (cells->is_by[column_index]) {
        *status = fail_empty(error);
        return REFUSE;
    }
    return TAKE; /* a missing value */
}

static verdict take_category(vs_cells *cells, size_t column_index, const vs_field *field, vs_error *error,
                             vs_status *status) {
    const vs_column *column = &cells->plan->columns[column_index];
    size_t level = vs_column_find(column, field->text, field->len);
    if (level == VS_NONE && column->other == VS_OTHERWISE_DROP) {
        return DROP_OTHER;
    }
    if (level == VS_NONE && column->other == VS_OTHERWISE_ERROR) {
        *status = fail_not_listed(column, field, error);
        return REFUSE;
    }
    cells->row.level[column_index] = level == VS_NONE ? column->value_count : level;
    cells->row.present[column_index] = true;
    return TAKE;
}

static verdict take_number(vs_cells *cells, size_t column_index, const vs_reading *reading, const vs_field *field,
                           vs_error *error, vs_status *status) {
    const vs_column *column = &cells->plan->columns[column_index];
    int64_t value = 0;
    vs_decimal_result result = vs_decimal_parse(&value, field->text, field->len, column->scale, reading->decimal_point,
                                                column->round_half_even);
    *status = result == VS_DECIMAL_OK
                  ? vs__check_bounds(value, column->scale, column->min, column->max, error)
                  : vs__fail_decimal(result, reading, field, column->scale, column->min, column->max, error);
    cells->row.value[column_index] = value;
    cells->row.present[column_index] = *status == VS_OK;
    return *status == VS_OK ? TAKE : REFUSE;
}

/* ---- histograms ---- */

/* The bin that holds `value`: bins ascend and meet, an "(other)" bin stands last. VS_NONE where it is outside the
 * edges. */
static size_t find_bin(const vs_measure *histogram, int64_t value) {
    size_t edges_end = histogram->bin_count;
    size_t outside = VS_NONE;
    if (edges_end > 0 && histogram->bins[edges_end - 1].other) {
        outside = --edges_end;
    }
    size_t low = 0, high = edges_end; /* the first bin that ends above the value */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const vs_bin *bin = &histogram->bins[middle];
        if (!bin->high_open && value >= bin->high) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool inside = low < edges_end && (histogram->bins[low].low_open || value >= histogram->bins[low].low);
    return inside ? low : outside;
}

/* The component of the row's bin in the k-th histogram into row.component[k]. */
static verdict take_histogram(vs_cells *cells, size_t k, vs_error *error, vs_status *status) {
    const vs_measure *histogram = &cells->plan->measures[cells->histograms[k]];
    cells->row.component[k] = VS_NONE;
    if (!cells->row.present[histogram->x]) {
        return TAKE;
    }
    size_t bin =
        histogram->bins != NULL ? find_bin(histogram, cells->row.value[histogram->x]) : cells->row.level[histogram->x];
    if (bin == VS_NONE && cells->plan->columns[histogram->x].other == VS_OTHERWISE_DROP) {
        return DROP_OTHER;
    }
    if (bin == VS_NONE) {
        *status = vs_fail(error, VS_ERR_RANGE, "outside the edges of the plan's histogram");
        vs_hint(error, "correct the value, or agree on a plan whose edges end in null or whose column says \"other\"");
        return REFUSE;
    }
    VS_CHECK(bin < histogram->component_count);
    cells->row.component[k] = histogram->components[bin];
    return TAKE;
}

/* ---- one row ---- */

static verdict take_field(vs_cells *cells, size_t i, const vs_reading *reading, const vs_field *field, vs_error *error,
                          vs_status *status) {
    if (vs__field_is_missing(reading, field)) {
        return take_empty(cells, i, error, status);
    }
    return cells->plan->columns[i].numeric ? take_number(cells, i, reading, field, error, status)
                                           : take_category(cells, i, field, error, status);
}

/* Read everything before anything is added, so that a row is in the cells whole or not at all. What may leave the row
 * out goes on being asked after something has refused it; the first refusal is the one reported. */
static verdict judge_row(vs_cells *cells, const vs_reading *reading, const vs_field *fields, uint64_t row,
                         vs_error *error, vs_status *status) {
    const vs_plan *plan = cells->plan;
    verdict worst = TAKE;
    for (size_t i = 0; i < plan->column_count + cells->histogram_count; i++) {
        bool is_field = i < plan->column_count, first = worst == TAKE;
        size_t k = is_field ? 0 : i - plan->column_count;
        vs_status later = VS_OK;
        vs_status *reason = first ? status : &later;
        vs_error *explained = first ? error : NULL;
        verdict v = is_field ? take_field(cells, i, reading, &fields[i], explained, reason)
                             : take_histogram(cells, k, explained, reason);
        if (v >= DROP_OTHER) {
            return v;
        }
        if (v == REFUSE && first) {
            size_t column = is_field ? i : plan->measures[cells->histograms[k]].x;
            vs_error_at(error, "row %llu, column %s", (unsigned long long)row, plan->columns[column].name);
            worst = REFUSE;
        }
    }
    return worst;
}

static uint64_t group_of_row(const vs_cells *cells) {
    const vs_plan *plan = cells->plan;
    uint64_t group = 0;
    for (size_t i = 0; i < plan->by_count; i++) {
        group = group * plan->columns[plan->by[i]].level_count + cells->row.level[plan->by[i]];
    }
    return group;
}

/* The plan has checked that rows.max rows of products of two bounded values (each below 2^62) keep every cell below
 * 2^126, and no more rows come in: nothing here overflows. */
static void add_moments(const vs_cells *cells, vs_int128 *group) {
    for (size_t i = 0; i < cells->moment_count; i++) {
        const vs_component *component = &cells->plan->components[cells->moments[i]];
        bool present = true;
        for (unsigned k = 0; k < component->present_count; k++) {
            present = present && cells->row.present[component->present[k]];
        }
        if (present) {
            vs_int128 product = 1;
            for (unsigned k = 0; k < component->factor_count; k++) {
                product *= cells->row.value[component->factor[k]];
            }
            group[cells->moments[i]] += product;
        }
    }
}

/* Two histograms over one column may share a bin, which a row enters once. */
static void add_bins(const vs_cells *cells, vs_int128 *group) {
    for (size_t k = 0; k < cells->histogram_count; k++) {
        size_t component = cells->row.component[k];
        if (component != VS_NONE && cells->stamp[component] != cells->accepted) {
            cells->stamp[component] = cells->accepted;
            group[component] += 1;
        }
    }
}

vs_status vs_cells_add_row(vs_cells *cells, const vs_reading *reading, const vs_field *fields, uint64_t row,
                           vs_error *error) {
    const vs_plan *plan = cells->plan;
    VS_CHECK(!plan->is_vector);
    vs_status status = VS_OK;
    cells->report.rows++;
    switch (judge_row(cells, reading, fields, row, error, &status)) {
    case DROP_OTHER:
        cells->report.dropped_other++;
        return VS_OK;
    case DROP_EMPTY:
        cells->report.dropped_empty++;
        return VS_OK;
    case REFUSE:
        return status;
    case TAKE:
        break;
    }
    if (cells->accepted == plan->rows_max) {
        (void)vs_fail(error, VS_ERR_RANGE, "row %llu: more rows than the plan's rows.max of %llu",
                      (unsigned long long)row, (unsigned long long)plan->rows_max);
        vs_hint(error, "contribute fewer rows, or agree on a plan with a larger rows.max");
        return VS_ERR_RANGE;
    }
    cells->accepted++;
    vs_int128 *group = cells->values + 1 + group_of_row(cells) * plan->component_count;
    add_moments(cells, group);
    add_bins(cells, group);
    if (plan->contributors_component != VS_NONE) {
        group[plan->contributors_component] = 1;
    }
    return VS_OK;
}

vs_status vs_cells_set_element(vs_cells *cells, uint64_t index, int64_t scaled, vs_error *error) {
    const vs_plan *plan = cells->plan;
    VS_CHECK(plan->is_vector && index < plan->vector_length);
    vs_status status = vs__check_bounds(scaled, plan->vector_scale, plan->vector_min, plan->vector_max, error);
    if (status != VS_OK) {
        vs_error_at(error, "element %llu", (unsigned long long)index);
        return status;
    }
    cells->values[1 + index] = scaled;
    cells->report.rows++;
    return VS_OK;
}

void vs_cells_watch(vs_cells *cells, struct vs_sketch *sketch) {
    cells->sketch = sketch;
}

struct vs_sketch *vs__cells_sketch(const vs_cells *cells) {
    return cells->sketch;
}

const vs_int128 *vs_cells_values(const vs_cells *cells) {
    return cells->values;
}

vs_reading_report vs_cells_report(const vs_cells *cells) {
    return cells->report;
}
