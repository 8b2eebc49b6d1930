#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/table/reading_internal.h"

/* Columns of the plan in a table's header, whose names stand there once, byte for byte. */

const char *vs__table_name(const vs_reading *reading, const char *plan_name) {
    for (size_t i = 0; i < reading->column_name_pairs; i++) {
        if (strcmp(reading->column_names[2 * i], plan_name) == 0) {
            return reading->column_names[2 * i + 1];
        }
    }
    return plan_name;
}

/* A header's names as the values of a category, for the search that a category has: free with free_names. */
static bool make_names(vs_column *names, const vs_field *header, size_t count) {
    *names = (vs_column){.values = calloc(count + 1, sizeof *names->values)};
    bool made = names->values != NULL;
    for (size_t i = 0; made && i < count; i++) {
        names->values[i] = strndup(header[i].text, header[i].len);
        made = names->values[i] != NULL;
        names->value_count += made ? 1 : 0;
    }
    return made;
}

static void free_names(vs_column *names) {
    for (size_t i = 0; names->values != NULL && i < names->value_count; i++) {
        free(names->values[i]);
    }
    free(names->values);
}

/* One column where others were expected: most often another delimiter. */
static char other_delimiter(const vs_reading *reading, const vs_field *header, size_t count) {
    static const char usual[] = ";,\t|";
    for (size_t i = 0; count == 1 && usual[i] != 0; i++) {
        if (usual[i] != reading->delimiter && memchr(header[0].text, usual[i], header[0].len) != NULL) {
            return usual[i];
        }
    }
    return 0;
}

static vs_status fail_missing(const vs_reading *reading, const char *plan_name, const vs_field *header, size_t count,
                              vs_error *error) {
    const char *wanted = vs__table_name(reading, plan_name);
    char delimiter = other_delimiter(reading, header, count);
    vs_column names = {0};
    const char *nearest = make_names(&names, header, count) ? vs_column_nearest(&names, wanted, strlen(wanted)) : NULL;
    (void)vs_fail(error, VS_ERR_FORMAT, "the header has no column %.100s", wanted);
    if (delimiter != 0) {
        vs_hint(error,
                delimiter == '\t' ? "is the delimiter a tab? Say --delimiter tab"
                                  : "is another delimiter used? Say --delimiter '%c'",
                delimiter);
    } else if (nearest != NULL) {
        vs_hint(error, "is it '%.100s'? Say --column '%.100s=%.100s'", nearest, plan_name, nearest);
    } else {
        vs_hint(error, "where the table has another name for it, say --column '%.100s=name in the table'", plan_name);
    }
    free_names(&names);
    return VS_ERR_FORMAT;
}

vs_status vs__find_in_header(size_t *index, const vs_reading *reading, const char *plan_name, const vs_field *header,
                             size_t count, vs_error *error) {
    const char *wanted = vs__table_name(reading, plan_name);
    size_t len = strlen(wanted);
    *index = VS_NONE;
    for (size_t i = 0; i < count; i++) {
        if (header[i].len == len && memcmp(header[i].text, wanted, len) == 0) {
            if (*index != VS_NONE) {
                (void)vs_fail(error, VS_ERR_FORMAT, "the header has column %.100s twice", wanted);
                vs_hint(error, "which one is meant cannot be known: rename or remove one");
                return VS_ERR_FORMAT;
            }
            *index = i;
        }
    }
    return *index != VS_NONE ? VS_OK : fail_missing(reading, plan_name, header, count, error);
}
