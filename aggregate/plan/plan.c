/* A plan from its JSON: the outermost object, the small objects in it, and the order in which everything is checked. */
#include "aggregate/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"

#define AGREEMENT_KEYS                                                                                                 \
    "veilsum", "title", "purpose", "valid", "replaces", "roster", "signatures", "sets", "contributors", "opening"
static const char *const table_keys[] = {AGREEMENT_KEYS, "columns", "by", "measures", "groups", "rows", NULL};
static const char *const vector_keys[] = {AGREEMENT_KEYS, "vector", NULL};

/* The version decides what the rest means, so it is looked at before anything else. */
static vs_status check_version(const vs__node *root, vs_error *error) {
    vs__node version = vs__member(root, "veilsum");
    if (!json_is_object(root->value) || version.value == NULL) {
        (void)vs_fail(error, VS_ERR_FORMAT, "not a veilsum plan: there is no key \"veilsum\"");
        vs_hint(error, "a plan begins with {\"veilsum\": 1, …}");
        return VS_ERR_FORMAT;
    }
    if (!json_is_integer(version.value)) {
        return vs__plan_fail(&version.place, error, VS_ERR_FORMAT, "must be 1");
    }
    if (json_integer_value(version.value) != 1) {
        (void)vs__plan_fail(&version.place, error, VS_ERR_VERSION, "a version of plans that is not known");
        vs_hint(error, "this veilsum reads version 1");
        return VS_ERR_VERSION;
    }
    return VS_OK;
}

static vs_status read_title(vs_plan *plan, const vs__node *title, vs_error *error) {
    const char *text;
    if (title->value == NULL) {
        return VS_OK;
    }
    vs_status status = vs__read_label(title, VS_MAX_TITLE_BYTES, &text, error);
    if (status == VS_OK && (plan->title = strdup(text)) == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return status;
}

static vs_status read_rows(vs_plan *plan, const vs__node *rows, vs_error *error) {
    static const char *const keys[] = {"max", NULL};
    plan->rows_max = VS__DEFAULT_ROWS;
    if (rows->value == NULL) {
        return VS_OK;
    }
    vs__node max = vs__member(rows, "max");
    vs_status status = vs__expect_object(rows, keys, error);
    if (status == VS_OK) {
        status = vs__read_integer(&max, 1, VS__MAX_ROWS, &plan->rows_max, error);
    }
    return status;
}

static vs_status read_contributors(vs_plan *plan, const vs__node *contributors, vs_error *error) {
    static const char *const keys[] = {"min", "max", NULL};
    plan->contributors_min = VS__DEFAULT_CONTRIBUTORS_MIN;
    plan->contributors_max = plan->party_count > 0 ? plan->contributing_count : VS__DEFAULT_CONTRIBUTORS;
    if (contributors->value == NULL) {
        return vs__plan_check_contributors(plan, &contributors->place, error);
    }
    vs__node min = vs__member(contributors, "min"), max = vs__member(contributors, "max");
    vs_status status = vs__expect_object(contributors, keys, error);
    if (status == VS_OK) {
        status = vs__read_integer(&min, 1, VS_MAX_CONTRIBUTORS, &plan->contributors_min, error);
    }
    if (status == VS_OK) {
        status = vs__read_integer(&max, 1, VS_MAX_CONTRIBUTORS, &plan->contributors_max, error);
    }
    if (status == VS_OK && plan->contributors_min > plan->contributors_max) {
        status = vs__plan_fail(&contributors->place, error, VS_ERR_RANGE, "min (%llu) is above max (%llu)",
                               (unsigned long long)plan->contributors_min, (unsigned long long)plan->contributors_max);
        vs_hint(error, "where they are not written, min is 3 and max is 1000, or all that the roster lets contribute");
    }
    return status == VS_OK ? vs__plan_check_contributors(plan, &contributors->place, error) : status;
}

/* After rows and contributors: a minimum that no total can reach would withhold everything. */
static vs_status read_groups(vs_plan *plan, const vs__node *groups, vs_error *error) {
    static const char *const keys[] = {"min_rows", "min_contributors", NULL};
    if (groups->value == NULL) {
        return VS_OK;
    }
    vs__node rows = vs__member(groups, "min_rows"), contributors = vs__member(groups, "min_contributors");
    vs_status status = vs__expect_object(groups, keys, error);
    if (status == VS_OK && rows.value == NULL && contributors.value == NULL) {
        (void)vs__plan_fail(&groups->place, error, VS_ERR_FORMAT, "needs min_rows or min_contributors");
        vs_hint(error, "leave groups out where nothing is to be withheld");
        return VS_ERR_FORMAT;
    }
    /* rows_max ≤ 2^40 and contributors_max ≤ 2^20: no overflow. */
    int64_t most_rows = (int64_t)(plan->rows_max * plan->contributors_max);
    if (status == VS_OK) {
        status = vs__read_integer(&rows, 1, most_rows, &plan->min_rows, error);
    }
    if (status == VS_OK) {
        status = vs__read_integer(&contributors, 1, (int64_t)plan->contributors_max, &plan->min_contributors, error);
    }
    plan->has_minimums = true;
    return status;
}

static vs_status read_vector(vs_plan *plan, const vs__node *vector, vs_error *error) {
    static const char *const keys[] = {"length", "scale", "min", "max", NULL};
    vs__node length = vs__member(vector, "length");
    vs_status status = vs__expect_object(vector, keys, error);
    if (status == VS_OK && length.value == NULL) {
        return vs__plan_fail(&length.place, error, VS_ERR_FORMAT, "is missing");
    }
    if (status == VS_OK) { /* the counter is a cell, too */
        status = vs__read_integer(&length, 1, (int64_t)VS_MAX_CELLS - 1, &plan->vector_length, error);
    }
    if (status == VS_OK) {
        status = vs__read_bounds(vector, &plan->vector_scale, &plan->vector_min, &plan->vector_max, error);
    }
    if (status != VS_OK) {
        return status;
    }
    plan->components = calloc(1, sizeof *plan->components);
    if (plan->components == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    plan->components[0] =
        (vs_component){.kind = VS_COMPONENT_MOMENT, .low = plan->vector_min, .high = plan->vector_max};
    plan->component_count = 1;
    plan->class_count = 1;
    plan->group_count = 1;
    plan->rows_max = 1;
    plan->cell_count = 1 + plan->vector_length;
    plan->rows_component = plan->contributors_component = VS_NONE;
    /* At most 2^63 times 10^6: always within a slot. */
    status = vs__slot_width(&plan->components[0], plan->contributors_max);
    VS_CHECK(status == VS_OK);
    return VS_OK;
}

/* Why a known key does not go with `vector`, rather than "unknown key". */
static vs_status check_vector_keys(const vs__node *root, vs_error *error) {
    vs__node groups = vs__member(root, "groups");
    if (groups.value != NULL) {
        (void)vs__plan_fail(&groups.place, error, VS_ERR_FORMAT,
                            "minimums are for groups of rows, and a vector has none");
        vs_hint(error, "contributors.min says from how many vectors a total may be opened");
        return VS_ERR_FORMAT;
    }
    for (size_t i = 0; table_keys[i] != NULL; i++) {
        vs__node member = vs__member(root, table_keys[i]);
        size_t j = 0;
        while (vector_keys[j] != NULL && strcmp(vector_keys[j], table_keys[i]) != 0) {
            j++;
        }
        if (member.value != NULL && vector_keys[j] == NULL) {
            return vs__plan_fail(&member.place, error, VS_ERR_FORMAT, "does not go with vector");
        }
    }
    return vs__expect_object(root, vector_keys, error);
}

static vs_status read_table(vs_plan *plan, const vs__node *root, vs_error *error) {
    vs__node columns = vs__member(root, "columns"), by = vs__member(root, "by");
    vs__node measures = vs__member(root, "measures"), rows = vs__member(root, "rows");
    vs__node groups = vs__member(root, "groups");
    vs_status status = read_rows(plan, &rows, error);
    if (status == VS_OK) {
        status = read_groups(plan, &groups, error);
    }
    if (status == VS_OK) {
        status = vs__plan_read_columns(plan, &columns, error);
    }
    if (status == VS_OK) {
        status = vs__plan_read_by(plan, &by, error);
    }
    if (status == VS_OK) {
        status = vs__plan_read_measures(plan, &measures, error);
    }
    if (status == VS_OK) {
        status = vs__plan_check_uses(plan, error);
    }
    if (status == VS_OK) {
        status = vs__plan_compile(plan, error);
    }
    if (status == VS_OK) {
        status = vs__plan_check_titles(plan, error);
    }
    return status;
}

static vs_status read_plan(vs_plan *plan, const vs__node *root, vs_error *error) {
    vs__node title = vs__member(root, "title"), vector = vs__member(root, "vector");
    vs__node contributors = vs__member(root, "contributors"), opening = vs__member(root, "opening");
    vs_status status = check_version(root, error);
    if (status != VS_OK) {
        return status;
    }
    plan->is_vector = vector.value != NULL;
    status = plan->is_vector ? check_vector_keys(root, error) : vs__expect_object(root, table_keys, error);
    if (status == VS_OK) {
        status = read_title(plan, &title, error);
    }
    if (status == VS_OK) {
        status = vs__plan_read_terms(plan, root, error);
    }
    if (status == VS_OK) {
        status = vs__plan_read_roster(plan, root, error);
    }
    if (status == VS_OK) {
        status = read_contributors(plan, &contributors, error);
    }
    if (status == VS_OK) {
        status = vs__plan_read_sets(plan, root, error);
    }
    if (status == VS_OK) {
        status = vs__plan_read_opening(plan, &opening, error);
    }
    if (status == VS_OK) {
        status = plan->is_vector ? read_vector(plan, &vector, error) : read_table(plan, root, error);
    }
    return status == VS_OK ? vs__plan_check_opening(plan, error) : status;
}

static vs_status make_id(vs_plan *plan, const json_t *root, size_t text_len, vs_error *error) {
    char *canonical = NULL;
    size_t len = 0;
    vs_hash hash;
    vs_status status = vs__plan_canonical(root, text_len, &canonical, &len);
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    vs_hash_init(&hash, "veilsum plan");
    vs_hash_field(&hash, canonical, len);
    vs_hash_final(&hash, plan->id);
    free(canonical);
    return VS_OK;
}

vs_status vs_plan_parse(vs_plan **plan, const void *json, size_t len, vs_error *error) {
    vs__node root = {.value = NULL};
    json_t *tree = NULL;
    *plan = NULL;
    vs_status status = vs__plan_json_load(&tree, json, len, error);
    if (status != VS_OK) {
        return status;
    }
    root.value = tree;
    *plan = calloc(1, sizeof **plan);
    if (*plan == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    status = read_plan(*plan, &root, error);
    if (status == VS_OK) {
        status = make_id(*plan, tree, len, error);
    }
done:
    json_decref(tree);
    if (status != VS_OK) {
        vs_plan_free(*plan);
        *plan = NULL;
    }
    return status;
}

void vs_plan_free(vs_plan *plan) {
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; i < plan->column_count; i++) {
        vs__column_clear(&plan->columns[i]);
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        free(plan->measures[i].bins);
        free(plan->measures[i].components);
    }
    free(plan->columns);
    free(plan->by);
    free(plan->measures);
    free(plan->components);
    vs__plan_clear_roster(plan);
    free(plan->purpose);
    free(plan->replaces);
    free(plan->title);
    free(plan);
}

void vs_plan_group_levels(const vs_plan *plan, uint64_t group, size_t *levels) {
    for (size_t i = plan->by_count; i-- > 0;) {
        size_t count = plan->columns[plan->by[i]].level_count;
        levels[i] = (size_t)(group % count);
        group /= count;
    }
}
