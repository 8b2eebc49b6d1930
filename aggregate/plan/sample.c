#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/sample.h"

static vs_int128 power_of_ten(unsigned exponent) {
    vs_int128 power = 1;
    while (exponent-- > 0) {
        power *= 10;
    }
    return power;
}

void vs__sample_clear(vs__sample *sample) {
    for (size_t i = 0; i < sample->value_count; i++) {
        free(sample->values[i]);
    }
    free(sample->values);
    *sample = (vs__sample){.value_count = 0};
}

/* ---- categories ---- */

static int compare(const char *value, const vs_field *field) {
    size_t len = strlen(value);
    int order = memcmp(value, field->text, len < field->len ? len : field->len);
    return order != 0 ? order : (len > field->len) - (len < field->len);
}

/* Where the field stands among the values, or would. */
static size_t find_place(const vs__sample *sample, const vs_field *field, bool *known) {
    size_t low = 0, high = sample->value_count;
    *known = false;
    while (low < high && !*known) {
        size_t middle = low + (high - low) / 2;
        int order = compare(sample->values[middle], field);
        *known = order == 0;
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return high;
}

static bool grow_values(vs__sample *sample) {
    if (sample->value_count < sample->value_cap) {
        return true;
    }
    size_t cap = sample->value_cap == 0 ? 64 : 2 * sample->value_cap;
    char **grown = realloc(sample->values, cap * sizeof *grown);
    if (grown != NULL) {
        sample->values = grown;
        sample->value_cap = cap;
    }
    return grown != NULL;
}

vs_status vs__sample_value(vs__sample *sample, const vs_field *field) {
    bool known;
    if (sample->too_many_values) {
        return VS_OK;
    }
    size_t place = find_place(sample, field, &known);
    if (known) {
        return VS_OK;
    }
    if (sample->value_count == VS__SAMPLE_MAX_VALUES || sample->value_bytes + field->len > VS__SAMPLE_MAX_VALUE_BYTES) {
        sample->too_many_values = true;
        return VS_OK;
    }
    char *copy = strndup(field->text, field->len);
    if (copy == NULL || !grow_values(sample)) {
        free(copy);
        return VS_ERR_MEMORY;
    }
    memmove(sample->values + place + 1, sample->values + place, (sample->value_count - place) * sizeof copy);
    sample->values[place] = copy;
    sample->value_count++;
    sample->value_bytes += field->len;
    return VS_OK;
}

/* ---- numbers ---- */

/* The fewest decimals that hold a number exactly, for those with an exponent. */
static unsigned needed_decimals(const char *text, size_t len, char point) {
    int64_t value;
    unsigned scale = 0;
    while (scale < VS_MAX_SCALE && vs_decimal_parse(&value, text, len, scale, point, false) == VS_DECIMAL_TOO_PRECISE) {
        scale++;
    }
    return scale;
}

unsigned vs__written_decimals(const char *text, size_t len, char point) {
    if (memchr(text, 'e', len) != NULL || memchr(text, 'E', len) != NULL) {
        return needed_decimals(text, len, point);
    }
    const char *at = memchr(text, point, len);
    unsigned count = 0;
    while (at != NULL && ++at < text + len && *at >= '0' && *at <= '9' && count < VS_MAX_SCALE) {
        count++;
    }
    return count;
}

/* The value at the most decimals at which it fits; `*scale` says how many that are. */
static vs_decimal_result parse_widest(int64_t *value, unsigned *scale, bool *rounded, const vs_reading *reading,
                                      const vs_field *field) {
    char point = reading->decimal_point;
    unsigned at = vs__written_decimals(field->text, field->len, point);
    vs_decimal_result result = vs_decimal_parse(value, field->text, field->len, at, point, false);
    *rounded = result == VS_DECIMAL_TOO_PRECISE;
    if (result == VS_DECIMAL_TOO_PRECISE) {
        result = vs_decimal_parse(value, field->text, field->len, at, point, true);
    }
    while (result == VS_DECIMAL_TOO_LARGE && at > 0) {
        *rounded = true;
        result = vs_decimal_parse(value, field->text, field->len, --at, point, true);
    }
    *scale = at;
    return result;
}

vs_status vs__sample_number(vs__sample *sample, const vs_reading *reading, const vs_field *field, vs_error *error) {
    int64_t value = 0;
    unsigned scale = 0;
    bool rounded = false;
    switch (parse_widest(&value, &scale, &rounded, reading, field)) {
    case VS_DECIMAL_OK:
        break;
    case VS_DECIMAL_TOO_LARGE:
        (void)vs_fail(error, VS_ERR_RANGE, "larger than any plan can hold");
        vs_hint(error, "numbers stay below 4.6e18 in a column's own unit: use a larger unit");
        return VS_ERR_RANGE;
    default:
        return vs__fail_not_a_number(reading, field, error);
    }
    vs_int128 wide = value * power_of_ten(VS_MAX_SCALE - scale);
    sample->low = sample->number_count == 0 || wide < sample->low ? wide : sample->low;
    sample->high = sample->number_count == 0 || wide > sample->high ? wide : sample->high;
    sample->decimals = scale > sample->decimals ? scale : sample->decimals;
    sample->has_more_decimals |= rounded;
    sample->number_count++;
    return VS_OK;
}

/* ---- bounds and edges ---- */

/* The smallest 1, 2 or 5 · 10^k that is at least x > 0. Below 2^126 · 10 for every x here. */
static vs_int128 round_up(vs_int128 x) {
    vs_int128 power = 1;
    for (;; power *= 10) {
        if (power >= x) {
            return power;
        }
        if (2 * power >= x) {
            return 2 * power;
        }
        if (5 * power >= x) {
            return 5 * power;
        }
    }
}

/* How far the bound stands from 0: 0 stays 0. `extreme` ≥ 0 is at VS_MAX_SCALE. */
static vs_int128 widen(vs_int128 extreme, unsigned scale) {
    vs_int128 unit = power_of_ten(VS_MAX_SCALE - scale);
    return extreme == 0 ? 0 : round_up(2 * ((extreme + unit - 1) / unit));
}

vs_status vs__sample_bounds(vs__bounds *bounds, const vs__sample *sample, int64_t limit) {
    vs_int128 below = sample->low < 0 ? -sample->low : 0;
    vs_int128 above = sample->high > 0 ? sample->high : 0;
    unsigned scale = sample->decimals;
    bounds->round = sample->has_more_decimals;
    while (scale > 0 && (widen(below, scale) > limit || widen(above, scale) > limit)) {
        scale--;
        bounds->round = true;
    }
    vs_int128 min = -widen(below, scale), max = widen(above, scale);
    if (min < -(vs_int128)VS_MAX_SCALED || max > VS_MAX_SCALED) {
        return VS_ERR_RANGE;
    }
    bounds->scale = scale;
    bounds->min = (int64_t)min;
    /* A column of zeros: room for one, since bounds that meet leave nothing to add up. */
    bounds->max = min == 0 && max == 0 ? (int64_t)power_of_ten(scale) : (int64_t)max;
    return VS_OK;
}

static vs_int128 floor_divide(vs_int128 a, vs_int128 b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

size_t vs__sample_edges(int64_t edges[16], const vs__sample *sample, const vs__bounds *bounds) {
    vs_int128 unit = power_of_ten(VS_MAX_SCALE - bounds->scale);
    vs_int128 low = floor_divide(sample->low, unit), high = floor_divide(sample->high, unit);
    /* 1, 2 or 5 · 10^k at least a twelfth of the range: five to twelve steps. */
    vs_int128 step = round_up(high - low < 12 ? 1 : (high - low + 11) / 12);
    vs_int128 edge = (floor_divide(low, step) + 1) * step;
    size_t count = 0;
    for (; edge <= high && count < 16; edge += step) {
        edges[count++] = (int64_t)edge;
    }
    if (count == 0) {
        edges[count++] = (int64_t)low;
    }
    return count;
}
