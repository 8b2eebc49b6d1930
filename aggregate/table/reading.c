#include <string.h>

#include "aggregate/table/reading_internal.h"

const vs_reading vs_reading_default = {.delimiter = ',', .decimal_point = '.', .encoding = "UTF-8"};

bool vs__field_is_missing(const vs_reading *reading, const vs_field *field) {
    if (field->len == 0) {
        return true;
    }
    for (size_t i = 0; i < reading->missing_count; i++) {
        if (strlen(reading->missing[i]) == field->len && memcmp(reading->missing[i], field->text, field->len) == 0) {
            return true;
        }
    }
    return false;
}

static bool has(const vs_field *field, const char *what) {
    return memmem(field->text, field->len, what, strlen(what)) != NULL;
}

static bool has_digit(const vs_field *field) {
    for (size_t i = 0; i < field->len; i++) {
        if (field->text[i] >= '0' && field->text[i] <= '9') {
            return true;
        }
    }
    return false;
}

vs_status vs__fail_not_a_number(const vs_reading *reading, const vs_field *field, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "not a number");
    bool marks = has(field, "%") || has(field, "$") || has(field, "\xe2\x82\xac") || has(field, "\xc2\xa3");
    if (has_digit(field) && marks) {
        vs_hint(error, "numbers stand alone: clean the column of currency and percent signs");
    } else if (has_digit(field) && reading->decimal_point == '.' && has(field, ",")) {
        vs_hint(error, "write 1200.50 without separators between thousands; where the comma is the decimal point, "
                       "say --decimal ,");
    } else if (has_digit(field) && reading->decimal_point == ',' && has(field, ".")) {
        vs_hint(error, "--decimal , makes the comma the decimal point; clean the column of points between thousands");
    } else if (has_digit(field)) {
        vs_hint(error, "numbers are written like 1200, -0.5 or 1.2e3, with nothing around them: clean the column");
    } else {
        vs_hint(error, "if this text stands for a missing value, name it: --missing NA");
    }
    return VS_ERR_FORMAT;
}

static vs_status fail_bound(bool above, unsigned scale, int64_t bound, vs_error *error) {
    char text[64];
    (void)vs_fail(error, VS_ERR_RANGE, "%s the plan's %s of %s", above ? "above" : "below",
                  above ? "maximum" : "minimum", vs_scaled_text(text, bound, scale));
    vs_hint(error, "correct the value, or agree on a plan with wider bounds");
    return VS_ERR_RANGE;
}

vs_status vs__check_bounds(int64_t value, unsigned scale, int64_t min, int64_t max, vs_error *error) {
    if (value >= min && value <= max) {
        return VS_OK;
    }
    return fail_bound(value > max, scale, value > max ? max : min, error);
}

static bool is_negative(const vs_field *field) {
    size_t at = 0;
    while (at < field->len && (field->text[at] == ' ' || field->text[at] == '\t')) {
        at++;
    }
    return at < field->len && field->text[at] == '-';
}

vs_status vs__fail_decimal(vs_decimal_result result, const vs_reading *reading, const vs_field *field, unsigned scale,
                           int64_t min, int64_t max, vs_error *error) {
    if (result == VS_DECIMAL_TOO_PRECISE) {
        (void)vs_fail(error, VS_ERR_RANGE, "more decimals than the plan's scale of %u", scale);
        vs_hint(error, "round the data first, or agree on a plan with a larger scale (or, for a column, \"round\": "
                       "\"half-even\")");
        return VS_ERR_RANGE;
    }
    if (result == VS_DECIMAL_TOO_LARGE) {
        /* Bounds lie within what a scaled number can hold, so this is beyond one of them. */
        return fail_bound(!is_negative(field), scale, is_negative(field) ? min : max, error);
    }
    return vs__fail_not_a_number(reading, field, error);
}
