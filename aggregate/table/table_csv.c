#include <stdlib.h>

#include "aggregate/table/cells.h"
#include "aggregate/table/reading_internal.h"
#include "aggregate/table/sketch.h"

/* ---- tables ---- */

typedef struct table {
    vs_cells *cells;
    const vs_plan *plan;
    const vs_reading *reading;
    size_t *field_of; /* by column of the plan: its field in the table */
    vs_field *fields; /* of one row, by column of the plan */
} table;

static vs_status read_header(table *t, const vs_field *header, size_t count, vs_error *error) {
    for (size_t i = 0; i < t->plan->column_count; i++) {
        vs_status status =
            vs__find_in_header(&t->field_of[i], t->reading, t->plan->columns[i].name, header, count, error);
        if (status != VS_OK) {
            return status;
        }
    }
    return VS_OK;
}

static vs_status take_row(void *context, uint64_t row, const vs_field *fields, size_t count, vs_error *error) {
    table *t = context;
    if (row == 1) {
        return read_header(t, fields, count, error);
    }
    vs_sketch *sketch = vs__cells_sketch(t->cells);
    vs_status status = sketch == NULL ? VS_OK : vs_sketch_add(sketch, fields, count);
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    for (size_t i = 0; i < t->plan->column_count; i++) {
        t->fields[i] = fields[t->field_of[i]];
    }
    return vs_cells_add_row(t->cells, t->reading, t->fields, row, error);
}

vs_status vs_table_read_csv(vs_cells *cells, const vs_plan *plan, const vs_reading *reading, const vs_source *source,
                            const vs_progress *progress, vs_error *error) {
    VS_CHECK(!plan->is_vector);
    table t = {.cells = cells, .plan = plan, .reading = reading};
    t.field_of = calloc(plan->column_count + 1, sizeof *t.field_of);
    t.fields = calloc(plan->column_count + 1, sizeof *t.fields);
    vs_status status = t.field_of == NULL || t.fields == NULL
                           ? vs_fail_plain(error, VS_ERR_MEMORY)
                           : vs_csv_read(reading, source, take_row, &t, progress, error);
    free(t.field_of);
    free(t.fields);
    return status;
}

/* ---- vectors ---- */

typedef struct vector {
    vs_cells *cells;
    const vs_plan *plan;
    const vs_reading *reading;
    uint64_t taken;
} vector;

static vs_status fail_columns(size_t count, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "a vector is one column, and this has %zu", count);
    vs_hint(error, "write one element a line; with decimal commas, say --decimal , --delimiter ';'");
    return VS_ERR_FORMAT;
}

static vs_status take_element(vector *v, const vs_field *field, vs_error *error) {
    const vs_plan *plan = v->plan;
    int64_t value = 0;
    if (v->taken == plan->vector_length) {
        (void)vs_fail(error, VS_ERR_RANGE, "more than the %llu elements of the plan's vector",
                      (unsigned long long)plan->vector_length);
        vs_hint(error, "every contribution has exactly as many elements as the plan says");
        return VS_ERR_RANGE;
    }
    if (vs__field_is_missing(v->reading, field)) {
        (void)vs_fail(error, VS_ERR_FORMAT, "no number");
        vs_hint(error, "a vector has a number in every place: write 0 where there is nothing to add");
        return VS_ERR_FORMAT;
    }
    /* Text says exactly what is meant: decimals beyond the scale are refused here, and rounded only in binary fractions
     * (.npy). */
    vs_decimal_result result =
        vs_decimal_parse(&value, field->text, field->len, plan->vector_scale, v->reading->decimal_point, false);
    if (result != VS_DECIMAL_OK) {
        return vs__fail_decimal(result, v->reading, field, plan->vector_scale, plan->vector_min, plan->vector_max,
                                error);
    }
    return vs_cells_set_element(v->cells, v->taken++, value, error);
}

/* A first line that is no number is a header. One that looks like a number and is none in bounds is a bad element. */
static bool is_header(const vector *v, const vs_field *field) {
    int64_t value = 0;
    return vs_decimal_parse(&value, field->text, field->len, 0, v->reading->decimal_point, true) ==
           VS_DECIMAL_NOT_A_NUMBER;
}

static vs_status take_line(void *context, uint64_t row, const vs_field *fields, size_t count, vs_error *error) {
    vector *v = context;
    if (count != 1) {
        return fail_columns(count, error);
    }
    if (row == 1 && is_header(v, &fields[0])) {
        return VS_OK;
    }
    vs_status status = take_element(v, &fields[0], error);
    if (status != VS_OK) {
        vs_error_at(error, "row %llu", (unsigned long long)row);
    }
    return status;
}

vs_status vs_vector_read_csv(vs_cells *cells, const vs_plan *plan, const vs_reading *reading, const vs_source *source,
                             const vs_progress *progress, vs_error *error) {
    VS_CHECK(plan->is_vector);
    vector v = {.cells = cells, .plan = plan, .reading = reading};
    vs_status status = vs_csv_read(reading, source, take_line, &v, progress, error);
    if (status == VS_OK && v.taken != plan->vector_length) {
        (void)vs_fail(error, VS_ERR_RANGE, "%s: %llu elements where the plan's vector has %llu", source->name,
                      (unsigned long long)v.taken, (unsigned long long)plan->vector_length);
        vs_hint(error, "every contribution has exactly as many elements as the plan says");
        status = VS_ERR_RANGE;
    }
    return status;
}
