#include <string.h>

#include "aggregate/result/result_internal.h"

typedef struct csv {
    vs__values *values;
    vs__writer *writer;
    bool for_spreadsheet;
} csv;

/* Spaces at the ends are quoted too, since many readers would trim them. */
static bool needs_quotes(const char *text) {
    size_t len = strlen(text);
    return strpbrk(text, ",\"\r\n") != NULL || (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));
}

static void write_field(vs__writer *writer, const char *prefix, const char *text) {
    if (!needs_quotes(text)) {
        vs__write_text(writer, prefix);
        vs__write_text(writer, text);
        return;
    }
    vs__write_text(writer, "\"");
    vs__write_text(writer, prefix);
    for (; *text != '\0'; text++) {
        vs__write(writer, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    }
    vs__write_text(writer, "\"");
}

/* ="text", as one CSV field: a spreadsheet takes it for a formula whose value is just this text. */
static void write_as_text(vs__writer *writer, const char *text) {
    vs__write_text(writer, "\"=\"\"");
    vs__write_text(writer, text);
    vs__write_text(writer, "\"\"\"");
}

/* A code such as 01, 1E5 or 3-4 would become a number or a date. Short and without quotes, it can be written as ="01".
 */
static bool begins_like_number(const char *text) {
    return strlen(text) <= 64 && strspn(text, "0123456789.") > 0 && strpbrk(text, "\"\r\n") == NULL;
}

/* Digits between the first and the last that is not 0: what a float64's 15 decimal digits must hold. */
static size_t significant_digits(const char *number) {
    size_t digits = 0, zeros = 0;
    for (; *number != '\0'; number++) {
        if (*number == '0') {
            zeros++;
        } else if (*number >= '1' && *number <= '9') {
            digits += digits == 0 ? 1 : zeros + 1;
            zeros = 0;
        }
    }
    return digits;
}

static void write_value(csv *out, const vs__value *value) {
    vs__writer *writer = out->writer;
    switch (value->kind) {
    case VS__WITHHELD:
        vs__write_text(writer, "*");
        return;
    case VS__UNDEFINED:
        vs__write_text(writer, out->values->column_count == 1 ? "\"\"" : ""); /* a bare empty line would be skipped */
        return;
    case VS__NUMBER:
        if (out->for_spreadsheet && significant_digits(value->text) > 15) {
            write_as_text(writer, value->text);
        } else {
            vs__write_text(writer, value->text);
        }
        return;
    case VS__TEXT:
        if (out->for_spreadsheet && begins_like_number(value->text)) {
            write_as_text(writer, value->text);
        } else {
            write_field(writer, out->for_spreadsheet && vs_begins_like_formula(value->text) ? "'" : "", value->text);
        }
        return;
    }
}

static vs_status visit(void *context, const vs__value *value, vs_error *error) {
    (void)error;
    csv *out = context;
    if (value->column > 0) {
        vs__write_text(out->writer, ",");
    }
    write_value(out, value);
    if (value->column + 1 == out->values->column_count) {
        vs__write_text(out->writer, out->for_spreadsheet ? "\r\n" : "\n");
    }
    return out->writer->status;
}

vs_status vs__result_csv(vs__values *values, vs__writer *writer, bool for_spreadsheet) {
    csv out = {values, writer, for_spreadsheet};
    if (for_spreadsheet) {
        vs__write_text(writer, "\xEF\xBB\xBF");
    }
    vs_status status = vs__values_titles(values, visit, &out, writer->error);
    for (uint64_t row = 0; row < values->row_count && status == VS_OK; row++) {
        status = vs__values_row(values, row, visit, &out, writer->error);
    }
    return status == VS_OK ? vs__writer_finish(writer) : status;
}
