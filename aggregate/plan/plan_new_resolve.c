#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_new_internal.h"

/* What was asked for, against the sample's header: each wish becomes a measure over columns of the plan, and each
 * column learns what it is used for. Names of columns may hold the characters that wishes are written with. */

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
    if (split == NULL || split == text || split[strlen(separator)] == '\0') {
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

vs_status vs__new_resolve(vs__new_plan *made, const vs_field *fields, size_t count, vs_error *error) {
    const header sample = {.fields = fields, .count = count}, *h = &sample;
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
