#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"
#include "aggregate/plan/plan_new_internal.h"

/* A sample is read once: its header resolves what was asked for, its rows teach the columns. The plan that comes out is
 * read back before anybody sees it. */

#define MAX_CATEGORY_OF_NUMBERS 32u

uint64_t vs__new_rows_max(const vs_plan_request *request) {
    return request->rows_max > 0 ? request->rows_max : VS__DEFAULT_ROWS;
}

uint64_t vs__new_contributors_min(const vs_plan_request *request) {
    uint64_t usual = VS__DEFAULT_CONTRIBUTORS_MIN;
    bool small = request->contributors_max > 0 && request->contributors_max < usual;
    return request->contributors_min > 0 ? request->contributors_min : small ? request->contributors_max : usual;
}

/* Parties that may contribute. */
static uint64_t contributing(const vs_plan_request *request) {
    uint64_t count = 0;
    for (size_t i = 0; i < request->party_count; i++) {
        count += (request->parties[i].may & VS_MAY_CONTRIBUTE) != 0;
    }
    return count;
}

uint64_t vs__new_contributors_max(const vs_plan_request *request) {
    if (request->party_count > 0 && request->contributors_max == 0) {
        return contributing(request);
    }
    uint64_t usual = VS__DEFAULT_CONTRIBUTORS;
    usual = request->contributors_min > usual ? request->contributors_min : usual;
    return request->contributors_max > 0 ? request->contributors_max : usual;
}

/* ---- rows ---- */

static vs_status take_field(const vs__new_plan *made, vs__new_column *column, const vs_field *field, vs_error *error) {
    vs__sample *sample = &column->sample;
    if (vs__field_is_missing(made->reading, field)) {
        sample->has_empty = true;
        return VS_OK;
    }
    if (column->number) {
        return vs__sample_number(sample, made->reading, field, error);
    }
    if (column->binned && !column->by && !sample->has_text) {
        /* A number that no plan can hold is a text like another. */
        sample->has_text = vs__sample_number(sample, made->reading, field, NULL) != VS_OK;
    }
    return vs__sample_value(sample, field) == VS_OK ? VS_OK : vs_fail_plain(error, VS_ERR_MEMORY);
}

static vs_status take_row(void *context, uint64_t row, const vs_field *fields, size_t count, vs_error *error) {
    vs__new_plan *made = context;
    if (row == 1) {
        return vs__new_resolve(made, fields, count, error);
    }
    for (size_t i = 0; i < made->column_count; i++) {
        vs__new_column *column = &made->columns[i];
        vs_status status = take_field(made, column, &fields[column->field], error);
        if (status != VS_OK) {
            vs_error_at(error, "row %llu, column %s", (unsigned long long)row, column->name);
            return status;
        }
    }
    return VS_OK;
}

/* ---- what the sample says ---- */

/* The largest value whose square, added up over all rows of all contributors, still fits a slot. */
static int64_t limit_of_products(const vs_plan_request *request) {
    unsigned row_bits = vs_uint128_bits((vs_uint128)vs__new_rows_max(request) * vs__new_contributors_max(request));
    /* One bit for the sign's range and one to spare: 2 · bits + row_bits + 2 ≤ VS_MAX_SLOT_BITS. */
    unsigned bits = row_bits + 2 < VS_MAX_SLOT_BITS ? (VS_MAX_SLOT_BITS - 2 - row_bits) / 2 : 0;
    return bits >= 62 ? VS_MAX_SCALED : (INT64_C(1) << bits) - 1;
}

static vs_status decide_number(const vs__new_plan *made, vs__new_column *column, vs_error *error) {
    vs__sample *sample = &column->sample;
    if (sample->number_count == 0) {
        (void)vs_fail(error, VS_ERR_RANGE, "column %s has no numbers in the sample", column->name);
        vs_hint(error, "bounds are taken from the sample: give one that has some");
        return VS_ERR_RANGE;
    }
    sample->decimals = column->edge_decimals > sample->decimals ? column->edge_decimals : sample->decimals;
    int64_t limit = column->product ? limit_of_products(made->request) : VS_MAX_SCALED;
    if (vs__sample_bounds(&column->bounds, sample, limit) != VS_OK) {
        (void)vs_fail(error, VS_ERR_RANGE, "column %s has numbers whose double no plan can hold", column->name);
        vs_hint(error, "bounds stay below 4.6e18 in the column's own unit: use a larger unit");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

static vs_status decide_category(const vs__new_column *column, vs_error *error) {
    const vs__sample *sample = &column->sample;
    if (sample->too_many_values) {
        (void)vs_fail(error, VS_ERR_LIMIT, "column %s has more than %u values in the sample, or 4 MiB of them",
                      column->name, VS__SAMPLE_MAX_VALUES);
        vs_hint(error, "group by a coarser column; is this one a number or a name?");
        return VS_ERR_LIMIT;
    }
    if (sample->value_count == 0) {
        (void)vs_fail(error, VS_ERR_RANGE, "column %s has no values in the sample", column->name);
        vs_hint(error, "its values are taken from the sample: give one that has some");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

static vs_status decide(vs__new_plan *made, vs_error *error) {
    for (size_t i = 0; i < made->column_count; i++) {
        vs__new_column *column = &made->columns[i];
        const vs__sample *sample = &column->sample;
        bool many = sample->value_count > MAX_CATEGORY_OF_NUMBERS || sample->too_many_values;
        column->number |= column->binned && !column->by && !sample->has_text && many;
        vs_status status = column->number ? decide_number(made, column, error) : decide_category(column, error);
        if (status != VS_OK) {
            return status;
        }
    }
    return VS_OK;
}

static vs_status decide_vector(vs__new_plan *made, vs_error *error) {
    const vs_plan_request *request = made->request;
    made->vector.scale = request->vector_scale;
    const char *texts[2] = {request->vector_min, request->vector_max};
    int64_t *bounds[2] = {&made->vector.min, &made->vector.max};
    for (size_t i = 0; i < 2; i++) {
        if (request->vector_scale > VS_MAX_SCALE || texts[i] == NULL ||
            vs_decimal_parse(bounds[i], texts[i], strlen(texts[i]), request->vector_scale, '.', false) !=
                VS_DECIMAL_OK) {
            (void)vs_fail(error, VS_ERR_USAGE, "the vector's %s is not a number of at most %u decimals",
                          i == 0 ? "minimum" : "maximum", request->vector_scale);
            vs_hint(error,
                    "bounds are numbers like -1 or 0.5, with no more decimals than the scale keeps (18 at most)");
            return VS_ERR_USAGE;
        }
    }
    return VS_OK;
}

/* ---- what becomes public ---- */

static void add_names(const vs__new_plan *made, FILE *out, bool numbers, const char *what, bool *first) {
    bool any = false;
    for (size_t i = 0; i < made->column_count; i++) {
        if (made->columns[i].number == numbers) {
            (void)fprintf(out, "%s%s", any ? ", " : *first ? "" : "; ", any ? "" : what);
            (void)fprintf(out, "%s", made->columns[i].name);
            any = true;
        }
    }
    *first = *first && !any;
}

static vs_status make_note(const vs__new_plan *made, char **note, vs_error *error) {
    size_t len = 0;
    bool first = true;
    if (made->column_count == 0) {
        return VS_OK; /* nothing but rows is counted: the sample says nothing */
    }
    FILE *out = open_memstream(note, &len);
    if (out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    (void)fprintf(out, "the plan makes public, from the sample: ");
    add_names(made, out, false, "the values of ", &first);
    add_names(made, out, true, "the decimals and widened bounds of ", &first);
    for (size_t i = 0; i < made->request->wish_count; i++) {
        const vs__new_measure *measure = &made->measures[i];
        if (strcmp(measure->verb, "histogram") == 0 && measure->edges == NULL && made->columns[measure->x].number) {
            (void)fprintf(out, "; the edges of %s", made->columns[measure->x].name);
        }
    }
    (void)fprintf(out, ". Edit what must not be seen before it is agreed on");
    if (fclose(out) != 0) {
        free(*note);
        *note = NULL;
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return VS_OK;
}

/* ---- all of it ---- */

static void clear(vs__new_plan *made) {
    for (size_t i = 0; i < made->column_count; i++) {
        vs__sample_clear(&made->columns[i].sample);
        free(made->columns[i].name);
    }
    free(made->columns);
    free(made->by);
    free(made->measures);
}

static vs_status write_checked(const vs__new_plan *made, const vs_sink *sink, vs_error *error) {
    vs_memory_sink memory;
    vs_plan *plan = NULL;
    vs_sink text = vs_memory_sink_open(&memory, "the new plan");
    vs_status status = vs__plan_write(made, &text, error);
    if (status == VS_OK) {
        status = vs_plan_parse(&plan, memory.data, memory.len, error);
        vs_plan_free(plan);
        if (status != VS_OK) {
            vs_error_at(error, "a plan like this would be refused");
        }
    }
    if (status == VS_OK) {
        status = sink->write(sink->context, memory.data, memory.len, error);
    }
    free(memory.data);
    return status;
}

vs_status vs_plan_new(const vs_plan_request *request, const vs_reading *reading, const vs_source *sample,
                      const vs_sink *sink, char **public_note, vs_error *error) {
    vs__new_plan made = {.request = request, .reading = reading};
    vs_status status;
    *public_note = NULL;
    if (request->vector_length > 0) {
        status = decide_vector(&made, error);
        return status == VS_OK ? write_checked(&made, sink, error) : status;
    }
    VS_CHECK(sample != NULL);
    /* A wish names two columns at most. */
    made.columns = calloc(request->by_count + 2 * request->wish_count + 1, sizeof *made.columns);
    made.by = calloc(request->by_count + 1, sizeof *made.by);
    made.measures = calloc(request->wish_count + 1, sizeof *made.measures);
    if (made.columns == NULL || made.by == NULL || made.measures == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    status = vs_csv_read(reading, sample, take_row, &made, NULL, error);
    if (status == VS_OK) {
        status = decide(&made, error);
    }
    if (status == VS_OK) {
        status = make_note(&made, public_note, error);
    }
    if (status == VS_OK) {
        status = write_checked(&made, sink, error);
    }
done:
    if (status != VS_OK) {
        free(*public_note);
        *public_note = NULL;
    }
    clear(&made);
    return status;
}
