#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan_new_internal.h"

/* A sample is read once: its header resolves what was asked for, its rows teach the columns. The plan that comes out is
 * read back before anybody sees it. */

#define MAX_SCALED ((INT64_C(1) << 62) - 1)
#define MAX_CATEGORY_OF_NUMBERS 32u

uint64_t vs__new_rows_max(const vs_plan_request *request) {
    return request->rows_max > 0 ? request->rows_max : UINT64_C(1) << 20;
}

uint64_t vs__new_contributors_min(const vs_plan_request *request) {
    bool small = request->contributors_max > 0 && request->contributors_max < 3;
    return request->contributors_min > 0 ? request->contributors_min : small ? request->contributors_max : 3;
}

uint64_t vs__new_contributors_max(const vs_plan_request *request) {
    uint64_t usual = request->contributors_min > 1000 ? request->contributors_min : 1000;
    return request->contributors_max > 0 ? request->contributors_max : usual;
}

/* ---- what was asked for ---- */

typedef struct header {
    const vs_field *fields;
    size_t count;
} header;

/* Does the sample have the column that the plan calls text[0 .. len − 1]? */
static bool in_header(const vs__new_plan *made, const header *h, const char *text, size_t len) {
    char name[VS_MAX_COLUMN_NAME_BYTES + 1];
    size_t index;
    if (len >= sizeof name) {
        return false;
    }
    memcpy(name, text, len);
    name[len] = 0;
    const char *wanted = vs__table_name(made->reading, name);
    for (index = 0; index < h->count; index++) {
        if (h->fields[index].len == strlen(wanted) && memcmp(h->fields[index].text, wanted, strlen(wanted)) == 0) {
            return true;
        }
    }
    return false;
}

/* The plan's column of this name, new or known. */
static vs_status use_column(vs__new_plan *made, const header *h, const char *text, size_t len, size_t *column,
                            vs_error *error) {
    char *name = strndup(text, len);
    if (name == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (*column = 0; *column < made->column_count; ++*column) {
        if (strcmp(made->columns[*column].name, name) == 0) {
            free(name);
            return VS_OK;
        }
    }
    size_t field = 0;
    vs_status status = vs__find_in_header(&field, made->reading, name, h->fields, h->count, error);
    if (status != VS_OK) {
        free(name);
        return status;
    }
    made->columns[made->column_count++] = (vs__new_column){.name = name, .field = field};
    return VS_OK;
}

/* "X,Y": names may hold the separator themselves, so the split is where both sides are columns; else the first. */
static const char *find_split(const vs__new_plan *made, const header *h, const char *text, const char *separator) {
    size_t len = strlen(separator);
    for (const char *at = strstr(text, separator); at != NULL; at = strstr(at + 1, separator)) {
        if (in_header(made, h, text, (size_t)(at - text)) && in_header(made, h, at + len, strlen(at + len))) {
            return at;
        }
    }
    return strstr(text, separator);
}

static vs_status use_pair(vs__new_plan *made, const header *h, vs__new_measure *measure, const char *text,
                          const char *separator, const char *form, vs_error *error) {
    const char *split = find_split(made, h, text, separator);
    if (split == NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "--%s '%.100s' does not name two columns", measure->verb, text);
        vs_hint(error, "write --%s '%s'", measure->verb, form);
        return VS_ERR_USAGE;
    }
    const char *second = split + strlen(separator);
    vs_status status = use_column(made, h, text, (size_t)(split - text), &measure->x, error);
    if (status == VS_OK) {
        status = use_column(made, h, second, strlen(second), &measure->y, error);
    }
    if (status == VS_OK) {
        made->columns[measure->x].number = made->columns[measure->x].product = true;
        made->columns[measure->y].number = made->columns[measure->y].product = true;
    }
    return status;
}

static vs_status use_number(vs__new_plan *made, const header *h, vs__new_measure *measure, const char *text,
                            vs_error *error) {
    vs_status status = use_column(made, h, text, strlen(text), &measure->x, error);
    if (status == VS_OK) {
        made->columns[measure->x].number = true;
        made->columns[measure->x].product |= strcmp(measure->verb, "variance") == 0;
    }
    return status;
}

/* Edges decide how many decimals the column keeps, as its fields do. */
static vs_status use_edges(vs__new_column *column, const char *edges, vs_error *error) {
    const char *item = NULL;
    size_t len = 0;
    while (vs__next_edge(&edges, &item, &len)) {
        if (vs__edge_is_null(item, len)) {
            continue;
        }
        int64_t value;
        unsigned decimals = vs__written_decimals(item, len, '.');
        if (vs_decimal_parse(&value, item, len, decimals, '.', false) != VS_DECIMAL_OK) {
            (void)vs_fail(error, VS_ERR_USAGE, "--histogram '%.100s': an edge is not a number", column->name);
            vs_hint(error, "write edges like 0,20000,50000,null with null for an open end");
            return VS_ERR_USAGE;
        }
        column->edge_decimals = decimals > column->edge_decimals ? decimals : column->edge_decimals;
    }
    return VS_OK;
}

static vs_status use_histogram(vs__new_plan *made, const header *h, vs__new_measure *measure, const char *text,
                               vs_error *error) {
    const char *split = in_header(made, h, text, strlen(text)) ? NULL : strchr(text, '=');
    while (split != NULL && !in_header(made, h, text, (size_t)(split - text)) && strchr(split + 1, '=') != NULL) {
        split = strchr(split + 1, '=');
    }
    size_t len = split != NULL ? (size_t)(split - text) : strlen(text);
    vs_status status = use_column(made, h, text, len, &measure->x, error);
    if (status != VS_OK) {
        return status;
    }
    vs__new_column *column = &made->columns[measure->x];
    if (split == NULL) {
        column->binned = true;
        return VS_OK;
    }
    column->number = true;
    measure->edges = split + 1;
    return use_edges(column, measure->edges, error);
}

static vs_status use_mean(vs__new_plan *made, const header *h, vs__new_measure *measure, const char *text,
                          vs_error *error) {
    bool weighted = !in_header(made, h, text, strlen(text)) && strstr(text, ";weight=") != NULL;
    return weighted ? use_pair(made, h, measure, text, ";weight=", "COL;weight=W", error)
                    : use_number(made, h, measure, text, error);
}

static vs_status use_wish(vs__new_plan *made, const header *h, const vs_plan_wish *wish, vs__new_measure *measure,
                          vs_error *error) {
    *measure = (vs__new_measure){.verb = wish->verb, .x = VS_NONE, .y = VS_NONE};
    if (strcmp(wish->verb, "count") == 0) {
        return VS_OK;
    }
    if (strcmp(wish->verb, "histogram") == 0) {
        return use_histogram(made, h, measure, wish->argument, error);
    }
    if (strcmp(wish->verb, "covariance") == 0) {
        return use_pair(made, h, measure, wish->argument, ",", "X,Y", error);
    }
    if (strcmp(wish->verb, "regression") == 0) {
        return use_pair(made, h, measure, wish->argument, "~", "Y~X", error);
    }
    if (strcmp(wish->verb, "mean") == 0) {
        return use_mean(made, h, measure, wish->argument, error);
    }
    VS_CHECK(strcmp(wish->verb, "sum") == 0 || strcmp(wish->verb, "variance") == 0);
    return use_number(made, h, measure, wish->argument, error);
}

static vs_status check_uses(const vs__new_plan *made, vs_error *error) {
    for (size_t i = 0; i < made->column_count; i++) {
        if (made->columns[i].by && made->columns[i].number) {
            (void)vs_fail(error, VS_ERR_USAGE, "column %s is grouped by and added up at once", made->columns[i].name);
            vs_hint(error,
                    "a column has values or is a number: give it a second name in the plan, as in --sum Other "
                    "--column 'Other=%.100s'",
                    made->columns[i].name);
            return VS_ERR_USAGE;
        }
    }
    return VS_OK;
}

static vs_status resolve(vs__new_plan *made, const header *h, vs_error *error) {
    const vs_plan_request *request = made->request;
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < request->by_count; i++) {
        status = use_column(made, h, request->by[i], strlen(request->by[i]), &made->by[i], error);
        if (status == VS_OK) {
            made->columns[made->by[i]].by = true;
        }
    }
    for (size_t i = 0; status == VS_OK && i < request->wish_count; i++) {
        status = use_wish(made, h, &request->wishes[i], &made->measures[i], error);
    }
    return status == VS_OK ? check_uses(made, error) : status;
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
        return resolve(made, &(header){.fields = fields, .count = count}, error);
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
    vs_uint128 rows = (vs_uint128)vs__new_rows_max(request) * vs__new_contributors_max(request);
    unsigned row_bits = 0;
    for (; rows > 0; rows >>= 1) {
        row_bits++;
    }
    /* One bit for the sign's range and one to spare: 2 · bits + row_bits + 2 ≤ VS_MAX_SLOT_BITS. */
    unsigned bits = row_bits + 2 < VS_MAX_SLOT_BITS ? (VS_MAX_SLOT_BITS - 2 - row_bits) / 2 : 0;
    return bits >= 62 ? MAX_SCALED : (INT64_C(1) << bits) - 1;
}

static vs_status decide_number(const vs__new_plan *made, vs__new_column *column, vs_error *error) {
    vs__sample *sample = &column->sample;
    if (sample->number_count == 0) {
        (void)vs_fail(error, VS_ERR_RANGE, "column %s has no numbers in the sample", column->name);
        vs_hint(error, "bounds are taken from the sample: give one that has some");
        return VS_ERR_RANGE;
    }
    sample->decimals = column->edge_decimals > sample->decimals ? column->edge_decimals : sample->decimals;
    int64_t limit = column->product ? limit_of_products(made->request) : MAX_SCALED;
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
