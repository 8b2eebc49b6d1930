#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/result/result_internal.h"

#define GAP 2         /* spaces between columns */
#define LEAST_TITLE 6 /* titles are broken into lines of this width at the narrowest */
#define LEAST_TEXT 6  /* texts are cut down to this at the shortest */
#define REASONS 4     /* values of vs_reason */

typedef struct column {
    size_t title, value; /* natural widths */
    size_t width;        /* as printed */
    char *name;
    size_t printed; /* bytes of the name that are already printed */
    bool is_text;
} column;

typedef struct table {
    vs__values *values;
    vs__writer *writer;
    column *columns;
    size_t count;
    size_t widest_title;
    uint64_t withheld[REASONS], undefined;
} table;

/* ---- measuring ---- */

static const char *shown_text(const vs__value *value) {
    switch (value->kind) {
    case VS__WITHHELD:
        return "*";
    case VS__UNDEFINED:
        return "–";
    case VS__TEXT:
    case VS__NUMBER:
        break;
    }
    return value->text;
}

static vs_status measure_title(void *context, const vs__value *value, vs_error *error) {
    table *t = context;
    column *c = &t->columns[value->column];
    c->name = strdup(value->text);
    if (c->name == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    c->title = vs__text_columns(value->text);
    c->is_text = value->measure == NULL && !t->values->plan->is_vector;
    t->widest_title = c->title > t->widest_title ? c->title : t->widest_title;
    return VS_OK;
}

static vs_status measure_value(void *context, const vs__value *value, vs_error *error) {
    (void)error;
    table *t = context;
    column *c = &t->columns[value->column];
    size_t width = vs__text_columns(shown_text(value));
    c->value = width > c->value ? width : c->value;
    t->undefined += value->kind == VS__UNDEFINED;
    if (value->kind == VS__WITHHELD) {
        t->withheld[value->reason]++;
    }
    return VS_OK;
}

static vs_status for_each_row(table *t, vs__visit visit, vs_error *error) {
    vs_status status = VS_OK;
    for (uint64_t row = 0; row < t->values->row_count && status == VS_OK; row++) {
        status = vs__values_row(t->values, row, visit, t, error);
    }
    return status;
}

/* ---- fitting ---- */

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t max_size(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Choose widths with titles of at most `title` columns and texts of at most `text`; returns the width of it all. */
static size_t set_widths(table *t, size_t title, size_t text) {
    size_t sum = 0;
    for (size_t i = 0; i < t->count; i++) {
        column *c = &t->columns[i];
        size_t value = c->is_text ? min_size(c->value, text) : c->value; /* numbers are never cut */
        c->width = max_size(max_size(value, min_size(c->title, title)), 1);
        sum += c->width + (i > 0 ? GAP : 0);
    }
    return sum;
}

/* The widest choice that fits: first titles give way, then texts. False where even the narrowest does not fit. */
static bool fit(table *t, size_t available) {
    size_t widest_text = 0;
    for (size_t i = 0; i < t->count; i++) {
        widest_text = max_size(widest_text, t->columns[i].is_text ? t->columns[i].value : 0);
    }
    if (available == 0 || set_widths(t, SIZE_MAX, SIZE_MAX) <= available) {
        set_widths(t, SIZE_MAX, SIZE_MAX);
        return true;
    }
    if (available / (1 + GAP) < t->count) {
        return false; /* so that the searches below are short */
    }
    for (size_t title = min_size(t->widest_title, available); title >= LEAST_TITLE; title--) {
        if (set_widths(t, title, SIZE_MAX) <= available) {
            return true;
        }
    }
    for (size_t text = min_size(widest_text, available); text >= LEAST_TEXT; text--) {
        if (set_widths(t, LEAST_TITLE, text) <= available) {
            return true;
        }
    }
    return false;
}

/* ---- rows ---- */

static bool titles_left(const table *t) {
    for (size_t i = 0; i < t->count; i++) {
        if (t->columns[i].name[t->columns[i].printed] != '\0') {
            return true;
        }
    }
    return false;
}

/* How much of a title goes onto the next line: all, or up to the last place that reads like an end, or what fits. */
static size_t next_line(const char *title, size_t width) {
    size_t fitting = vs__text_fit(title, width);
    if (title[fitting] == '\0' || fitting == 0) {
        return strlen(title);
    }
    for (size_t len = fitting; len > fitting / 2; len--) {
        if (strchr(" (;,=~)", title[len - 1]) != NULL) {
            return len;
        }
    }
    return fitting;
}

static vs_status write_titles(table *t, vs_error *error) {
    while (titles_left(t)) {
        for (size_t i = 0; i < t->count; i++) {
            column *c = &t->columns[i];
            const char *rest = c->name + c->printed;
            size_t len = next_line(rest, c->width);
            char *line = strndup(rest, len);
            if (line == NULL) {
                return vs_fail_plain(error, VS_ERR_MEMORY);
            }
            vs__write_repeated(t->writer, " ", i > 0 ? GAP : 0);
            vs__write_padded(t->writer, line, c->width, !c->is_text);
            c->printed += len;
            free(line);
        }
        vs__write_text(t->writer, "\n");
    }
    for (size_t i = 0; i < t->count; i++) {
        vs__write_repeated(t->writer, " ", i > 0 ? GAP : 0);
        vs__write_repeated(t->writer, "─", t->columns[i].width);
    }
    vs__write_text(t->writer, "\n");
    return t->writer->status;
}

static vs_status write_value(void *context, const vs__value *value, vs_error *error) {
    (void)error;
    table *t = context;
    const column *c = &t->columns[value->column];
    vs__write_repeated(t->writer, " ", value->column > 0 ? GAP : 0);
    vs__write_padded(t->writer, shown_text(value), c->width, !c->is_text);
    vs__write_text(t->writer, value->column + 1 == t->count ? "\n" : "");
    return t->writer->status;
}

/* Too narrow for a table: a record a row, a value a line. */
static vs_status write_record_line(void *context, const vs__value *value, vs_error *error) {
    (void)error;
    table *t = context;
    const column *c = &t->columns[value->column];
    vs__write_text(t->writer, value->column == 0 && value->row > 0 ? "\n" : "");
    vs__write_padded(t->writer, c->name, t->widest_title, false);
    vs__write_repeated(t->writer, " ", GAP);
    vs__write_padded(t->writer, shown_text(value), vs__text_columns(shown_text(value)), false);
    vs__write_text(t->writer, "\n");
    return t->writer->status;
}

/* ---- what stands below ---- */

static void write_line(vs__writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void write_line(vs__writer *writer, const char *format, ...) {
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    vs__write_text(writer, line);
}

static const char *values_are(uint64_t count) {
    return count == 1 ? "value is" : "values are";
}

static void write_withheld(const table *t) {
    const vs_plan *plan = t->values->plan;
    uint64_t rows = t->withheld[VS_BELOW_MIN_ROWS], contributors = t->withheld[VS_BELOW_MIN_CONTRIBUTORS];
    uint64_t complementary = t->withheld[VS_COMPLEMENTARY];
    if (rows > 0) {
        write_line(t->writer,
                   "* %" PRIu64 " %s withheld: fewer than %" PRIu64
                   " rows (min_rows), or in a histogram with such a bin\n",
                   rows, values_are(rows), plan->min_rows);
    }
    if (contributors > 0) {
        write_line(t->writer, "* %" PRIu64 " %s withheld: fewer than %" PRIu64 " contributors (min_contributors)\n",
                   contributors, values_are(contributors), plan->min_contributors);
    }
    if (complementary > 0) {
        write_line(t->writer, "* %" PRIu64 " %s withheld: fewer than %" PRIu64 " rows would follow by subtraction\n",
                   complementary, values_are(complementary), plan->min_rows);
    }
}

static void write_footer(const table *t) {
    const vs_opened *opened = t->values->opened;
    write_line(t->writer, "\n%" PRIu64 " contribution%s", opened->contributions, opened->contributions == 1 ? "" : "s");
    if (opened->period[0] != '\0') {
        vs__write_text(t->writer, ", period ");
        vs__write_padded(t->writer, opened->period, vs__text_columns(opened->period), false);
    }
    vs__write_text(t->writer, "\n");
    write_withheld(t);
    if (t->undefined > 0) {
        write_line(t->writer, "– %" PRIu64 " %s undefined, as the mean of no rows or the variance of one\n",
                   t->undefined, values_are(t->undefined));
    }
}

static vs_status write_body(table *t, size_t terminal_columns, vs_error *error) {
    if (!fit(t, terminal_columns)) {
        return for_each_row(t, write_record_line, error);
    }
    vs_status status = write_titles(t, error);
    return status == VS_OK ? for_each_row(t, write_value, error) : status;
}

vs_status vs__result_table(vs__values *values, vs__writer *writer, size_t terminal_columns) {
    table t = {.values = values, .writer = writer, .count = values->column_count};
    vs_status status = VS_OK;
    t.columns = calloc(t.count, sizeof *t.columns);
    if (t.columns == NULL) {
        return vs_fail_plain(writer->error, VS_ERR_MEMORY);
    }
    status = vs__values_titles(values, measure_title, &t, writer->error);
    status = status == VS_OK ? for_each_row(&t, measure_value, writer->error) : status;
    status = status == VS_OK ? write_body(&t, terminal_columns, writer->error) : status;
    if (status == VS_OK) {
        write_footer(&t);
        status = vs__writer_finish(writer);
    }
    for (size_t i = 0; i < t.count; i++) {
        free(t.columns[i].name);
    }
    free(t.columns);
    return status;
}
