#include "tests/support.h"

#include "aggregate/table/cells.h"
#include "crypto/secret.h"

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TAIL "\"contributors\": {\"min\": 3, \"max\": 10}, \"opening\": {\"key\": \"" KEY "\"}}"

static vs_plan *parse(const char *json) {
    vs_plan *plan = NULL;
    vs_error error = {{0}, {0}};
    if (vs_plan_parse(&plan, json, strlen(json), &error) != VS_OK) {
        fail_msg("%s (%s)", error.message, error.hint);
    }
    return plan;
}

static vs_cells *new_cells(const vs_plan *plan) {
    vs_cells *cells = NULL;
    assert_int_equal(vs_cells_new(&cells, plan, NULL), VS_OK);
    return cells;
}

/* Columns are in the order of their names in a plan; tests here name them so. */
static vs_status add(vs_cells *cells, const vs_plan *plan, uint64_t row, const char *const *texts, vs_error *error) {
    vs_field fields[16];
    for (size_t i = 0; i < plan->column_count; i++) {
        fields[i] = (vs_field){.text = texts[i], .len = strlen(texts[i])};
    }
    return vs_cells_add_row(cells, &vs_reading_default, fields, row, error);
}

static void expect_refusal(const char *json, const char *const *texts, vs_status want, const char *message,
                           const char *hint) {
    vs_plan *plan = parse(json);
    vs_cells *cells = new_cells(plan);
    vs_error error = {{0}, {0}};
    assert_int_equal(add(cells, plan, 7, texts, &error), want);
    assert_non_null(strstr(error.message, message));
    assert_non_null(strstr(error.hint, hint));
    const vs_int128 *values = vs_cells_values(cells);
    for (uint64_t i = 1; i < plan->cell_count; i++) {
        assert_true(values[i] == 0); /* not half added */
    }
    vs_cells_free(cells);
    vs_plan_free(plan);
}

static const char by_plan[] = "{\"veilsum\": 1, \"columns\": {\"Age\": {\"scale\": 1, \"min\": -5, \"max\": 120},"
                              "\"District\": {\"values\": [\"01\", \"North gate\"]}}, \"by\": [\"District\"],"
                              "\"measures\": [{\"count\": \"rows\"}, {\"sum\": \"Age\"}, {\"mean\": \"Age\"}],"
                              "\"rows\": {\"max\": 3}, " TAIL;

static void errors_name_row_column_and_bound_but_no_value(void **state) {
    (void)state;
    expect_refusal(by_plan, (const char *[]){"120.1", "01"}, VS_ERR_RANGE,
                   "row 7, column Age: above the plan's maximum of 120", "bounds");
    expect_refusal(by_plan, (const char *[]){"-5.1", "01"}, VS_ERR_RANGE,
                   "row 7, column Age: below the plan's minimum of -5", "bounds");
    expect_refusal(by_plan, (const char *[]){"1e400", "01"}, VS_ERR_RANGE, "above the plan's maximum of 120", "");
    expect_refusal(by_plan, (const char *[]){"-1000000000000000000000000000000", "01"}, VS_ERR_RANGE,
                   "below the plan's minimum of -5", "");
    expect_refusal(by_plan, (const char *[]){"1.25", "01"}, VS_ERR_RANGE,
                   "row 7, column Age: more decimals than the plan's scale of 1", "half-even");
    expect_refusal(by_plan, (const char *[]){"1", "1"}, VS_ERR_RANGE,
                   "row 7, column District: not among the plan's values", "'01'");
    expect_refusal(by_plan, (const char *[]){"1", "Zanzibar"}, VS_ERR_RANGE, "not among", "\"other\"");
    expect_refusal(by_plan, (const char *[]){"1", "north gate"}, VS_ERR_RANGE, "not among", "'North gate'");
    expect_refusal(by_plan, (const char *[]){"1", ""}, VS_ERR_RANGE, "row 7, column District: empty", "\"empty\"");
}

static void texts_that_are_no_numbers_get_a_fitting_hint(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"\xe2\x82\xac"
         "1,200",
         "clean"},
        {"12%", "clean"},
        {"1,200", "--decimal"},
        {"NaN", "--missing"},
        {"inf", "--missing"},
        {"n/a", "--missing"},
        {"1.2.3", "clean"},
        {"0x10", "clean"},
        {" ", "--missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_refusal(by_plan, (const char *[]){cases[i][0], "01"}, VS_ERR_FORMAT, "row 7, column Age: not a number",
                       cases[i][1]);
    }
}

static void one_row_more_than_rows_max_is_refused(void **state) {
    (void)state;
    vs_plan *plan = parse(by_plan);
    vs_cells *cells = new_cells(plan);
    vs_error error = {{0}, {0}};
    for (uint64_t row = 2; row < 5; row++) {
        assert_int_equal(add(cells, plan, row, (const char *[]){"1.5", "01"}, NULL), VS_OK);
    }
    assert_int_equal(add(cells, plan, 5, (const char *[]){"1.5", "01"}, &error), VS_ERR_RANGE);
    assert_non_null(strstr(error.message, "row 5: more rows than the plan's rows.max of 3"));
    vs_cells_free(cells);
    vs_plan_free(plan);
}

static void no_rows_are_zeros_behind_the_counter(void **state) {
    (void)state;
    vs_plan *plan = parse(by_plan);
    vs_cells *cells = new_cells(plan);
    const vs_int128 *values = vs_cells_values(cells);
    assert_true(values[0] == 1);
    for (uint64_t i = 1; i < plan->cell_count; i++) {
        assert_true(values[i] == 0);
    }
    vs_cells_free(cells);
    vs_plan_free(plan);
}

/* ---- rows that are left out ---- */

static const char drop_plan[] =
    "{\"veilsum\": 1, \"columns\": {\"A\": {\"scale\": 0, \"min\": 0, \"max\": 9, \"empty\": \"drop\"},"
    "\"B\": {\"values\": [\"x\"], \"other\": \"drop\", \"empty\": \"drop\"},"
    "\"C\": {\"scale\": 0, \"min\": 0, \"max\": 100, \"other\": \"drop\"}}, \"by\": [\"B\"],"
    "\"measures\": [{\"count\": \"rows\"}, {\"sum\": \"A\"}, {\"histogram\": \"C\", \"edges\": [10, 20]}],"
    "\"rows\": {\"max\": 2}, " TAIL;

static void dropped_rows_are_counted_and_leave_nothing(void **state) {
    (void)state;
    vs_plan *plan = parse(drop_plan);
    vs_cells *cells = new_cells(plan);
    static const char *const dropped[][3] = {
        {"", "x", "15"},  {"1", "", "15"},  {"1", "y", "15"},   {"1", "x", "5"},
        {"1", "x", "20"}, {"99", "y", "1"}, {"abc", "y", "15"}, {"zzz", "", "zz"},
    };
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
        assert_int_equal(add(cells, plan, i + 2, dropped[i], NULL), VS_OK);
    }
    /* they do not use up rows.max either */
    assert_int_equal(add(cells, plan, 20, (const char *[]){"3", "x", "10"}, NULL), VS_OK);
    assert_int_equal(add(cells, plan, 21, (const char *[]){"4", "x", ""}, NULL), VS_OK);
    vs_reading_report report = vs_cells_report(cells);
    assert_int_equal(report.rows, 10);
    assert_int_equal(report.dropped_empty, 3);
    assert_int_equal(report.dropped_other, 5);
    const vs_int128 *group = vs_cells_values(cells) + 1;
    assert_true(group[plan->measures[0].components[0]] == 2);
    assert_true(group[plan->measures[1].components[0]] == 7);
    assert_true(group[plan->measures[2].components[0]] == 1);
    vs_cells_free(cells);
    vs_plan_free(plan);
}

static void a_bad_field_of_a_row_that_stays_is_an_error(void **state) {
    (void)state;
    expect_refusal(drop_plan, (const char *[]){"99", "x", "15"}, VS_ERR_RANGE, "column A", "");
    expect_refusal(drop_plan, (const char *[]){"1", "x", "101"}, VS_ERR_RANGE, "column C: above", "");
}

static void missing_texts_match_whole_fields(void **state) {
    (void)state;
    vs_plan *plan = parse(drop_plan);
    vs_cells *cells = new_cells(plan);
    const char *const missing[] = {"NA", "-"};
    vs_reading reading = vs_reading_default;
    reading.missing = missing;
    reading.missing_count = 2;
    vs_field fields[3] = {{"NA", 2}, {"x", 1}, {"15", 2}};
    assert_int_equal(vs_cells_add_row(cells, &reading, fields, 2, NULL), VS_OK);
    fields[0] = (vs_field){"1", 1};
    fields[2] = (vs_field){"-", 1};
    assert_int_equal(vs_cells_add_row(cells, &reading, fields, 3, NULL), VS_OK);
    fields[2] = (vs_field){"NA ", 3};
    assert_int_equal(vs_cells_add_row(cells, &reading, fields, 4, NULL), VS_ERR_FORMAT);
    assert_int_equal(vs_cells_report(cells).dropped_empty, 1);
    vs_cells_free(cells);
    vs_plan_free(plan);
}

static void edges_without_other_refuse_what_is_outside(void **state) {
    (void)state;
    static const char plan[] = "{\"veilsum\": 1, \"columns\": {\"C\": {\"scale\": 0, \"min\": 0, \"max\": 100}},"
                               "\"measures\": [{\"histogram\": \"C\", \"edges\": [10, 20]}], " TAIL;
    expect_refusal(plan, (const char *[]){"9"}, VS_ERR_RANGE, "row 7, column C: outside the edges", "null");
    expect_refusal(plan, (const char *[]){"20"}, VS_ERR_RANGE, "outside the edges", "null");
}

/* ---- two ways ---- */

static const char *const plans[] = {
    /* everything, with minimums */
    "{\"veilsum\": 1, \"columns\": {"
    "\"a\": {\"values\": [\"p\", \"q\", \"r\"], \"other\": \"group\", \"empty\": \"group\"},"
    "\"b\": {\"values\": [\"u\", \"v\"], \"empty\": \"drop\"},"
    "\"c\": {\"values\": [\"k\", \"l\", \"m\"], \"other\": \"group\"},"
    "\"x\": {\"scale\": 2, \"min\": -50, \"max\": 100, \"other\": \"group\"},"
    "\"y\": {\"scale\": 0, \"min\": \"-4611686018427387903\", \"max\": \"4611686018427387903\"},"
    "\"z\": {\"scale\": 1, \"min\": 0, \"max\": 10}}, \"by\": [\"b\", \"a\"], \"measures\": ["
    "{\"count\": \"rows\"}, {\"sum\": \"x\"}, {\"sum\": \"y\"}, {\"mean\": \"y\"}, {\"variance\": \"x\"},"
    "{\"mean\": \"x\", \"weight\": \"z\"}, {\"histogram\": \"c\"}, {\"histogram\": \"a\"},"
    "{\"histogram\": \"x\", \"edges\": [null, \"-10.5\", 0, 10]},"
    "{\"covariance\": [\"z\", \"x\"]}, {\"regression\": \"x\", \"on\": \"z\"}],"
    "\"groups\": {\"min_rows\": 5, \"min_contributors\": 3}, \"rows\": {\"max\": 1000}, " TAIL,
    /* histograms of one column that share a bin, each with what is outside its own edges */
    "{\"veilsum\": 1, \"columns\": {\"x\": {\"scale\": 2, \"min\": -50, \"max\": 100, \"other\": \"group\"}},"
    "\"measures\": [{\"histogram\": \"x\", \"edges\": [null, \"-10.5\", 0, 10]},"
    "{\"histogram\": \"x\", \"edges\": [0, 10, 20]}, {\"histogram\": \"x\", \"edges\": [20, 30, null]}],"
    "\"rows\": {\"max\": 1000}, " TAIL,
    /* no groups at all, a category that drops what is not listed */
    "{\"veilsum\": 1, \"columns\": {\"c\": {\"values\": [\"k\"], \"other\": \"drop\"},"
    "\"x\": {\"scale\": 2, \"min\": -50, \"max\": 100, \"other\": \"drop\"}}, \"measures\": ["
    "{\"histogram\": \"c\"}, {\"histogram\": \"x\", \"edges\": [-20, 0, 50]}, {\"variance\": \"x\"}],"
    "\"rows\": {\"max\": 1000}, " TAIL,
};

/* What a field means, kept apart from how it is written. */
typedef struct meaning {
    bool empty;
    int64_t value;
    const char *text;
} meaning;

static void random_field(const vs_column *column, meaning *m, char text[64]) {
    static const char *const words[] = {"p", "q", "r", "u", "v", "k", "l", "m", "p ", "?"};
    *m = (meaning){.empty = test_below(6) == 0, .text = text};
    if (m->empty) {
        text[0] = 0;
    } else if (column->numeric) {
        uint64_t span = (uint64_t)column->max - (uint64_t)column->min;
        uint64_t corner = test_below(6);
        m->value = corner == 0   ? column->min
                   : corner == 1 ? column->max
                                 : (int64_t)((uint64_t)column->min + test_below(span + 1));
        if (corner == 2 && column->min <= 0) {
            m->value = 1000 * (int64_t)test_below(3); /* where edges are */
            m->value = m->value > column->max ? 0 : m->value;
        }
        (void)vs_int128_to_decimal(text, m->value, column->scale);
    } else if (column->other == VS_OTHERWISE_ERROR) {
        strcpy(text, column->values[test_below(column->value_count)]);
    } else {
        strcpy(text, words[test_below(sizeof words / sizeof *words)]);
    }
}

/* A category's level by the rules, linearly; SIZE_MAX: the row is dropped; SIZE_MAX − 1: a missing value. */
static size_t level_of(const vs_column *column, const meaning *m) {
    for (size_t i = 0; !m->empty && i < column->value_count; i++) {
        if (strcmp(column->values[i], m->text) == 0) {
            return i;
        }
    }
    vs_otherwise rule = m->empty ? column->empty : column->other;
    if (rule == VS_OTHERWISE_DROP) {
        return SIZE_MAX;
    }
    if (rule == VS_OTHERWISE_ERROR) {
        return SIZE_MAX - 1;
    }
    return column->value_count + (m->empty && column->other == VS_OTHERWISE_GROUP ? 1 : 0);
}

static bool in_bin(const vs_bin *bin, int64_t value) {
    return !bin->other && (bin->low_open || value >= bin->low) && (bin->high_open || value < bin->high);
}

static bool in_no_bin(const vs_measure *histogram, int64_t value) {
    for (size_t i = 0; i < histogram->bin_count; i++) {
        if (in_bin(&histogram->bins[i], value)) {
            return false;
        }
    }
    return true;
}

typedef struct oracle {
    const vs_plan *plan;
    vs_int128 *sum; /* by group and measure: 8 at most, or a histogram's bins */
    uint64_t *flag; /* by group: rows */
} oracle;
#define ORACLE_SLOTS 8

static bool is_dropped(const vs_plan *plan, const meaning *row) {
    for (size_t i = 0; i < plan->column_count; i++) {
        if (!plan->columns[i].numeric && level_of(&plan->columns[i], &row[i]) == SIZE_MAX) {
            return true;
        }
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        if (measure->bins != NULL && plan->columns[measure->x].other == VS_OTHERWISE_DROP && !row[measure->x].empty &&
            in_no_bin(measure, row[measure->x].value)) {
            return true;
        }
    }
    return false;
}

static void oracle_histogram(const vs_plan *plan, const vs_measure *measure, const meaning *m, vs_int128 *out) {
    if (measure->bins == NULL) {
        size_t level = level_of(&plan->columns[measure->x], m);
        if (level < measure->bin_count) {
            out[level]++;
        }
        return;
    }
    for (size_t i = 0; !m->empty && i < measure->bin_count; i++) {
        bool other = measure->bins[i].other && in_no_bin(measure, m->value);
        out[i] += in_bin(&measure->bins[i], m->value) || other ? 1 : 0;
    }
}

static void oracle_measure(const vs_plan *plan, const vs_measure *measure, const meaning *row, vs_int128 *out) {
    const meaning *mx = measure->x != VS_NONE ? &row[measure->x] : NULL;
    const meaning *my = measure->y != VS_NONE ? &row[measure->y] : NULL;
    vs_int128 x = mx != NULL ? mx->value : 0, y = my != NULL ? my->value : 0;
    if (measure->kind == VS_MEASURE_COUNT) {
        out[0]++;
    } else if (measure->kind == VS_MEASURE_HISTOGRAM) {
        oracle_histogram(plan, measure, mx, out);
    } else if (!mx->empty && (my == NULL || !my->empty)) {
        const vs_int128 terms[][5] = {
            [VS_MEASURE_SUM] = {x},
            [VS_MEASURE_MEAN] = {1, x},
            [VS_MEASURE_WEIGHTED_MEAN] = {y, x * (my != NULL ? y : 0)},
            [VS_MEASURE_VARIANCE] = {1, x, measure->kind == VS_MEASURE_VARIANCE ? x * x : 0},
            [VS_MEASURE_COVARIANCE] = {1, x, y, x * y},
            [VS_MEASURE_REGRESSION] = {1, x, y, x * y, measure->kind == VS_MEASURE_REGRESSION ? x * x : 0},
        };
        for (size_t i = 0; i < measure->component_count; i++) {
            out[i] += terms[measure->kind][i];
        }
    }
}

static void oracle_row(oracle *o, const meaning *row) {
    const vs_plan *plan = o->plan;
    uint64_t group = 0;
    if (is_dropped(plan, row)) {
        return;
    }
    for (size_t i = 0; i < plan->by_count; i++) {
        const vs_column *column = &plan->columns[plan->by[i]];
        group = group * column->level_count + level_of(column, &row[plan->by[i]]);
    }
    o->flag[group]++;
    for (size_t i = 0; i < plan->measure_count; i++) {
        oracle_measure(plan, &plan->measures[i], row, o->sum + (group * plan->measure_count + i) * ORACLE_SLOTS);
    }
}

static void compare(const oracle *o, const vs_cells *cells) {
    const vs_plan *plan = o->plan;
    for (uint64_t g = 0; g < plan->group_count; g++) {
        const vs_int128 *group = vs_cells_values(cells) + 1 + g * plan->component_count;
        for (size_t i = 0; i < plan->measure_count; i++) {
            const vs_measure *measure = &plan->measures[i];
            for (size_t k = 0; k < measure->component_count; k++) {
                assert_true(group[measure->components[k]] == o->sum[(g * plan->measure_count + i) * ORACLE_SLOTS + k]);
            }
        }
        if (plan->has_minimums) {
            assert_true(group[plan->rows_component] == o->flag[g]);
            assert_true(group[plan->contributors_component] == (o->flag[g] > 0 ? 1 : 0));
        }
    }
}

/* Every cell within what the plan says that one contribution may hold. */
static void expect_within_bounds(const vs_plan *plan, const vs_cells *cells) {
    const vs_int128 *values = vs_cells_values(cells);
    for (uint64_t i = 0; i + 1 < plan->cell_count; i++) {
        const vs_component *component = &plan->components[i % plan->component_count];
        assert_true(values[i + 1] >= component->low && values[i + 1] <= component->high);
    }
}

static void random_tables_agree_with_sums_by_the_rules(void **state) {
    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        vs_plan *plan = parse(plans[round % (sizeof plans / sizeof *plans)]);
        vs_cells *cells = new_cells(plan);
        oracle o = {.plan = plan};
        o.sum = calloc(plan->group_count * plan->measure_count * ORACLE_SLOTS, sizeof *o.sum);
        o.flag = calloc(plan->group_count, sizeof *o.flag);
        assert_true(o.sum != NULL && o.flag != NULL);
        uint64_t rows = test_below(400);
        for (uint64_t r = 0; r < rows; r++) {
            meaning row[16];
            char texts[16][64];
            const char *fields[16];
            for (size_t i = 0; i < plan->column_count; i++) {
                random_field(&plan->columns[i], &row[i], texts[i]);
                fields[i] = texts[i];
            }
            oracle_row(&o, row);
            assert_int_equal(add(cells, plan, r + 2, fields, NULL), VS_OK);
        }
        compare(&o, cells);
        expect_within_bounds(plan, cells);
        free(o.sum);
        free(o.flag);
        vs_cells_free(cells);
        vs_plan_free(plan);
    }
}

static void elements_of_a_vector_keep_to_their_bounds(void **state) {
    (void)state;
    vs_plan *plan =
        parse("{\"veilsum\": 1, \"vector\": {\"length\": 3, \"scale\": 2, \"min\": \"-0.5\", \"max\": 1}, " TAIL);
    vs_cells *cells = new_cells(plan);
    vs_error error = {{0}, {0}};
    assert_int_equal(vs_cells_set_element(cells, 0, -50, NULL), VS_OK);
    assert_int_equal(vs_cells_set_element(cells, 2, 100, NULL), VS_OK);
    assert_int_equal(vs_cells_set_element(cells, 1, 101, &error), VS_ERR_RANGE);
    assert_string_equal(error.message, "element 1: above the plan's maximum of 1");
    assert_int_equal(vs_cells_set_element(cells, 1, -51, &error), VS_ERR_RANGE);
    assert_string_equal(error.message, "element 1: below the plan's minimum of -0.5");
    const vs_int128 *values = vs_cells_values(cells);
    assert_true(values[0] == 1 && values[1] == -50 && values[2] == 0 && values[3] == 100);
    vs_cells_free(cells);
    vs_plan_free(plan);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_name_row_column_and_bound_but_no_value),
        cmocka_unit_test(texts_that_are_no_numbers_get_a_fitting_hint),
        cmocka_unit_test(one_row_more_than_rows_max_is_refused),
        cmocka_unit_test(no_rows_are_zeros_behind_the_counter),
        cmocka_unit_test(dropped_rows_are_counted_and_leave_nothing),
        cmocka_unit_test(a_bad_field_of_a_row_that_stays_is_an_error),
        cmocka_unit_test(missing_texts_match_whole_fields),
        cmocka_unit_test(edges_without_other_refuse_what_is_outside),
        cmocka_unit_test(random_tables_agree_with_sums_by_the_rules),
        cmocka_unit_test(elements_of_a_vector_keep_to_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
