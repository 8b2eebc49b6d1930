/* The columns of a plan: how each is read, once for all measures; and looking a field up among a category's values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"

void vs__column_clear(vs_column *column) {
    for (size_t i = 0; column->values != NULL && i < column->value_count; i++) {
        free(column->values[i]);
    }
    free(column->values);
    free(column->index);
    free(column->name);
    *column = (vs_column){0};
}

/* ---- looking up ---- */

static uint64_t prefix_of(const char *value, size_t len) {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++) {
        prefix = prefix << 8 | (i < len ? (unsigned char)value[i] : 0);
    }
    return prefix;
}

/* Bytewise, a shorter string before its extensions. Zero padding keeps the prefixes in that order. */
static int compare_values(uint64_t prefix_a, const char *a, size_t len_a, uint64_t prefix_b, const char *b,
                          size_t len_b) {
    if (prefix_a != prefix_b) {
        return prefix_a < prefix_b ? -1 : 1;
    }
    int order = memcmp(a, b, len_a < len_b ? len_a : len_b);
    return order != 0 ? order : (len_a > len_b) - (len_a < len_b);
}

static int compare_level_keys(const void *a, const void *b, void *values) {
    const struct vs_level_key *x = a, *y = b;
    char *const *list = values;
    return compare_values(x->prefix, list[x->level], x->len, y->prefix, list[y->level], y->len);
}

size_t vs_column_find(const vs_column *column, const char *value, size_t len) {
    uint64_t prefix = prefix_of(value, len);
    size_t low = 0, high = column->value_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct vs_level_key *key = &column->index[middle];
        int order = compare_values(prefix, value, len, key->prefix, column->values[key->level], key->len);
        if (order == 0) {
            return key->level;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return VS_NONE;
}

/* The index finds doubled values by the way: they are neighbours. */
static vs_status make_index(vs_column *column, const vs__node *values, vs_error *error) {
    column->index = malloc(column->value_count * sizeof *column->index);
    if (column->index == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < column->value_count; i++) {
        size_t len = strlen(column->values[i]);
        column->index[i] = (struct vs_level_key){prefix_of(column->values[i], len), (uint32_t)i, (uint32_t)len};
    }
    qsort_r(column->index, column->value_count, sizeof *column->index, compare_level_keys, column->values);
    for (size_t i = 1; i < column->value_count; i++) {
        const struct vs_level_key *a = &column->index[i - 1], *b = &column->index[i];
        if (compare_level_keys(a, b, column->values) == 0) {
            vs__node entry = vs__entry(values, a->level > b->level ? a->level : b->level);
            return vs__plan_fail(&entry.place, error, VS_ERR_RANGE, "is the same value as entry %u",
                                 a->level < b->level ? a->level : b->level);
        }
    }
    return VS_OK;
}

/* ---- reading ---- */

/* Which words a column may use; `says` names them. */
typedef struct words {
    bool error, group;
    const char *says;
} words;

static const words other_words = {true, true, "must be \"error\", \"drop\" or \"group\""};
static const words empty_category_words = {false, true, "must be \"drop\" or \"group\", or left out"};
static const words empty_number_words = {false, false,
                                         "must be \"drop\", or left out: then an empty field is a missing value"};

static vs_status read_otherwise(const vs__node *node, const words *allowed, vs_otherwise *otherwise, vs_error *error) {
    const char *word;
    *otherwise = VS_OTHERWISE_ERROR;
    if (node->value == NULL) {
        return VS_OK;
    }
    vs_status status = vs__read_text(node, &word, error);
    if (status != VS_OK) {
        return status;
    }
    if (strcmp(word, "drop") == 0) {
        *otherwise = VS_OTHERWISE_DROP;
    } else if (strcmp(word, "group") == 0 && allowed->group) {
        *otherwise = VS_OTHERWISE_GROUP;
    } else if (strcmp(word, "error") != 0 || !allowed->error) {
        return vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "%s", allowed->says);
    }
    return VS_OK;
}

/* A listed value must not print like a level that the column adds. */
static vs_status check_value(const vs_column *column, const vs__node *entry, const char *value, vs_error *error) {
    if (value[0] == '\0') {
        (void)vs__plan_fail(&entry->place, error, VS_ERR_RANGE, "is empty");
        vs_hint(error, "what an empty field means is said by \"empty\": \"drop\" or \"group\"");
        return VS_ERR_RANGE;
    }
    if ((column->other == VS_OTHERWISE_GROUP && strcmp(value, "(other)") == 0) ||
        (column->empty == VS_OTHERWISE_GROUP && strcmp(value, "(empty)") == 0)) {
        return vs__plan_fail(&entry->place, error, VS_ERR_RANGE, "is the name of a level that the column adds");
    }
    return VS_OK;
}

static vs_status read_category(vs_column *column, const vs__node *spec, vs_error *error) {
    static const char *const keys[] = {"values", "other", "empty", NULL};
    vs__node other = vs__member(spec, "other"), empty = vs__member(spec, "empty"), values = vs__member(spec, "values");
    vs_status status = vs__expect_object(spec, keys, error);
    if (status == VS_OK) {
        status = read_otherwise(&other, &other_words, &column->other, error);
    }
    if (status == VS_OK) {
        status = read_otherwise(&empty, &empty_category_words, &column->empty, error);
    }
    if (status == VS_OK) {
        status = vs__expect_array(&values, 1, VS_MAX_PLAN_ITEMS, error);
    }
    if (status != VS_OK) {
        return status;
    }
    size_t count = json_array_size(values.value);
    column->values = calloc(count, sizeof *column->values);
    if (column->values == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    column->value_count = count;
    column->level_count =
        count + (column->other == VS_OTHERWISE_GROUP ? 1 : 0) + (column->empty == VS_OTHERWISE_GROUP ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        vs__node entry = vs__entry(&values, i);
        const char *value;
        status = vs__read_text(&entry, &value, error);
        if (status == VS_OK) {
            status = check_value(column, &entry, value, error);
        }
        if (status != VS_OK) {
            return status;
        }
        column->values[i] = strdup(value);
        if (column->values[i] == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
    }
    return make_index(column, &values, error);
}

static vs_status read_rounding(vs_column *column, const vs__node *round, vs_error *error) {
    const char *word;
    if (round->value == NULL) {
        return VS_OK;
    }
    vs_status status = vs__read_text(round, &word, error);
    if (status == VS_OK && strcmp(word, "half-even") != 0) {
        return vs__plan_fail(&round->place, error, VS_ERR_FORMAT, "must be \"half-even\", or left out");
    }
    column->round_half_even = status == VS_OK;
    return status;
}

static vs_status read_number_column(vs_column *column, const vs__node *spec, vs_error *error) {
    static const char *const keys[] = {"scale", "min", "max", "round", "other", "empty", NULL};
    vs__node round = vs__member(spec, "round"), other = vs__member(spec, "other"), empty = vs__member(spec, "empty");
    column->numeric = true;
    vs_status status = vs__expect_object(spec, keys, error);
    if (status == VS_OK) {
        status = vs__read_bounds(spec, &column->scale, &column->min, &column->max, error);
    }
    if (status == VS_OK) {
        status = read_rounding(column, &round, error);
    }
    if (status == VS_OK) {
        status = read_otherwise(&other, &other_words, &column->other, error);
    }
    if (status == VS_OK) {
        status = read_otherwise(&empty, &empty_number_words, &column->empty, error);
    }
    return status;
}

vs_status vs__read_bounds(const vs__node *spec, unsigned *scale, int64_t *min, int64_t *max, vs_error *error) {
    vs__node scale_node = vs__member(spec, "scale"), min_node = vs__member(spec, "min"),
             max_node = vs__member(spec, "max");
    uint64_t read = 0;
    if (scale_node.value == NULL) {
        (void)vs__plan_fail(&scale_node.place, error, VS_ERR_FORMAT, "is missing");
        vs_hint(error, "scale is the number of decimals that are kept, 0 for whole numbers");
        return VS_ERR_FORMAT;
    }
    vs_status status = vs__read_integer(&scale_node, 0, VS_MAX_SCALE, &read, error);
    if (status != VS_OK) {
        return status;
    }
    *scale = (unsigned)read;
    status = vs__read_number(&min_node, *scale, min, error);
    if (status == VS_OK) {
        status = vs__read_number(&max_node, *scale, max, error);
    }
    if (status == VS_OK && *min > *max) {
        return vs__plan_fail(&min_node.place, error, VS_ERR_RANGE, "is above max");
    }
    return status;
}

static vs_status read_column(vs_column *column, const vs__node *columns, const char *name, vs_error *error) {
    vs__node spec = vs__member(columns, name);
    if (name[0] == '\0') {
        return vs__plan_fail(&columns->place, error, VS_ERR_RANGE, "a column's name must not be empty");
    }
    if (strlen(name) > VS_MAX_COLUMN_NAME_BYTES) {
        return vs__plan_fail(&spec.place, error, VS_ERR_LIMIT, "a column's name is longer than %u bytes",
                             VS_MAX_COLUMN_NAME_BYTES);
    }
    if (!vs__is_clean(name, strlen(name))) {
        return vs__plan_fail(&spec.place, error, VS_ERR_RANGE, "a column's name holds a control character");
    }
    column->name = strdup(name);
    if (column->name == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (!json_is_object(spec.value)) {
        return vs__plan_fail(&spec.place, error, VS_ERR_FORMAT, "must be an object, {…}");
    }
    bool has_values = json_object_get(spec.value, "values") != NULL;
    bool has_bounds = json_object_get(spec.value, "scale") != NULL || json_object_get(spec.value, "min") != NULL ||
                      json_object_get(spec.value, "max") != NULL || json_object_get(spec.value, "round") != NULL;
    if (has_values && has_bounds) {
        (void)vs__plan_fail(&spec.place, error, VS_ERR_FORMAT, "has both values and the keys of a number");
        vs_hint(error, "a category has \"values\", a number has \"scale\", \"min\" and \"max\"");
        return VS_ERR_FORMAT;
    }
    if (!has_values && !has_bounds) {
        (void)vs__plan_fail(&spec.place, error, VS_ERR_FORMAT, "says neither values nor scale, min and max");
        vs_hint(error, "a category has \"values\", a number has \"scale\", \"min\" and \"max\"");
        return VS_ERR_FORMAT;
    }
    return has_values ? read_category(column, &spec, error) : read_number_column(column, &spec, error);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

vs_status vs__plan_read_columns(vs_plan *plan, const vs__node *columns, vs_error *error) {
    if (columns->value == NULL) {
        return VS_OK;
    }
    if (!json_is_object(columns->value)) {
        return vs__plan_fail(&columns->place, error, VS_ERR_FORMAT, "must be an object, {…}");
    }
    size_t count = json_object_size(columns->value), i = 0;
    if (count > VS_MAX_COLUMNS) {
        return vs__plan_fail(&columns->place, error, VS_ERR_LIMIT, "more than %u columns", VS_MAX_COLUMNS);
    }
    vs_status status = VS_OK;
    const char **names = malloc((count + 1) * sizeof *names);
    plan->columns = calloc(count + 1, sizeof *plan->columns);
    if (names == NULL || plan->columns == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)columns->value, key, value) {
        names[i++] = key;
    }
    qsort(names, count, sizeof *names, compare_names);
    for (i = 0; status == VS_OK && i < count; i++) {
        plan->column_count = i + 1;
        status = read_column(&plan->columns[i], columns, names[i], error);
    }
done:
    free(names);
    return status;
}

static int compare_name_to_column(const void *name, const void *column) {
    return strcmp(name, ((const vs_column *)column)->name);
}

size_t vs__plan_column(const vs_plan *plan, const char *name) {
    if (plan->column_count == 0) {
        return VS_NONE;
    }
    const vs_column *found =
        bsearch(name, plan->columns, plan->column_count, sizeof *plan->columns, compare_name_to_column);
    return found != NULL ? (size_t)(found - plan->columns) : VS_NONE;
}

vs_status vs__read_column_name(const vs_plan *plan, const vs__node *node, bool numeric, size_t *column,
                               vs_error *error) {
    const char *name;
    char shown[80];
    vs_status status = vs__read_text(node, &name, error);
    if (status != VS_OK) {
        return status;
    }
    *column = vs__plan_column(plan, name);
    if (*column == VS_NONE) {
        (void)vs__plan_fail(&node->place, error, VS_ERR_RANGE, "no column is called %s", vs__printable(shown, name));
        vs_hint(error, "every column that is used must be described in \"columns\"");
        return VS_ERR_RANGE;
    }
    if (plan->columns[*column].numeric != numeric) {
        (void)vs__plan_fail(&node->place, error, VS_ERR_RANGE, "column %s %s", vs__printable(shown, name),
                            numeric ? "has values: it is a category, not a number" : "is a number, not a category");
        vs_hint(error,
                numeric ? "a column of numbers has \"scale\", \"min\" and \"max\"" : "a category lists its \"values\"");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

vs_status vs__plan_read_by(vs_plan *plan, const vs__node *by, vs_error *error) {
    plan->group_count = 1;
    if (by->value == NULL) {
        return VS_OK;
    }
    vs_status status = vs__expect_array(by, 0, VS_MAX_COLUMNS, error);
    if (status != VS_OK) {
        return status;
    }
    size_t count = json_array_size(by->value);
    plan->by = calloc(count + 1, sizeof *plan->by);
    if (plan->by == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        vs__node entry = vs__entry(by, i);
        size_t column;
        status = vs__read_column_name(plan, &entry, false, &column, error);
        if (status != VS_OK) {
            return status;
        }
        if (vs__plan_in_by(plan, column)) {
            return vs__plan_fail(&entry.place, error, VS_ERR_RANGE, "names a column that is in by already");
        }
        plan->by[plan->by_count++] = column;
        /* Both factors are at most 2^26, so the product does not overflow. */
        plan->group_count *= plan->columns[column].level_count;
        if (plan->group_count >= VS_MAX_CELLS) {
            (void)vs__plan_fail(&by->place, error, VS_ERR_RANGE, "the columns make more groups than 2^26 cells allow");
            vs_hint(error, "group by fewer columns, or by columns with fewer values");
            return VS_ERR_RANGE;
        }
    }
    return VS_OK;
}

bool vs__plan_in_by(const vs_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->by_count; i++) {
        if (plan->by[i] == column) {
            return true;
        }
    }
    return false;
}
