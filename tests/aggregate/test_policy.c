/* The minimums: what is withheld, and that nothing printed gives it away. */
#include "tests/support.h"

#include "aggregate/result/policy.h"

#define KEY "\"opening\":{\"key\":\"00000000000000000000000000000000000000000000000000000000000000aa\"}"
#define NUMBER(name) "\"" name "\":{\"scale\":0,\"min\":0,\"max\":100}"

static vs_plan *parse(const char *columns, const char *measures, const char *groups) {
    char json[4096];
    snprintf(json, sizeof json, "{\"veilsum\":1,\"columns\":{%s},\"by\":[],\"measures\":[%s],\"groups\":{%s},%s}",
             columns, measures, groups, KEY);
    vs_plan *plan;
    vs_error error;
    if (vs_plan_parse(&plan, json, strlen(json), &error) != VS_OK) {
        fail_msg("%s", error.message);
    }
    return plan;
}

/* ---- groups and classes ---- */

static const char *const three_columns = NUMBER("X") "," NUMBER("Y") "," NUMBER("Z");

/* A plan over X; {X,Y}; {X,Z}; and the cells of a group with these counts. */
typedef struct fixture {
    vs_plan *plan;
    vs_int128 cells[64];
    uint8_t reasons[8];
} fixture;

static fixture classes(const char *groups) {
    fixture f = {0};
    f.plan = parse(three_columns,
                   "{\"count\":\"rows\"},{\"sum\":\"X\"},{\"covariance\":[\"X\",\"Y\"]},{\"covariance\":[\"X\",\"Z\"]}",
                   groups);
    assert_int_equal(f.plan->class_count, 4);
    return f;
}

static void decide(fixture *f, int contributors, int rows, int x, int xy, int xz) {
    f->cells[f->plan->contributors_component] = contributors;
    f->cells[f->plan->rows_component] = rows;
    f->cells[f->plan->measures[1].own_count] = x;
    f->cells[f->plan->measures[2].own_count] = xy;
    f->cells[f->plan->measures[3].own_count] = xz;
    vs_policy_decide(f->plan, f->cells, f->reasons);
}

static void assert_reasons(const fixture *f, int counts, int x, int xy, int xz) {
    assert_int_equal(f->reasons[0], counts);
    assert_int_equal(f->reasons[1], x);
    assert_int_equal(f->reasons[2], xy);
    assert_int_equal(f->reasons[3], xz);
}

static void a_small_group_is_withheld_whole(void **state) {
    (void)state;
    fixture f = classes("\"min_rows\":5,\"min_contributors\":3");
    decide(&f, 2, 100, 100, 100, 100);
    assert_reasons(&f, VS_BELOW_MIN_CONTRIBUTORS, VS_BELOW_MIN_CONTRIBUTORS, VS_BELOW_MIN_CONTRIBUTORS,
                   VS_BELOW_MIN_CONTRIBUTORS);
    decide(&f, 3, 4, 4, 4, 4);
    assert_reasons(&f, VS_BELOW_MIN_ROWS, VS_BELOW_MIN_ROWS, VS_BELOW_MIN_ROWS, VS_BELOW_MIN_ROWS);
    decide(&f, 0, 0, 0, 0, 0);
    assert_reasons(&f, VS_BELOW_MIN_CONTRIBUTORS, VS_BELOW_MIN_CONTRIBUTORS, VS_BELOW_MIN_CONTRIBUTORS,
                   VS_BELOW_MIN_CONTRIBUTORS);
    decide(&f, 3, 5, 5, 5, 5);
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_SHOWN, VS_SHOWN);
    vs_plan_free(f.plan);
}

static void a_class_below_min_rows_is_withheld_alone(void **state) {
    (void)state;
    fixture f = classes("\"min_rows\":5");
    decide(&f, 1, 100, 100, 100, 4);
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_SHOWN, VS_BELOW_MIN_ROWS);
    decide(&f, 1, 100, 0, 0, 0);
    assert_reasons(&f, VS_SHOWN, VS_BELOW_MIN_ROWS, VS_BELOW_MIN_ROWS, VS_BELOW_MIN_ROWS);
    vs_plan_free(f.plan);
}

static void a_class_that_lacks_few_rows_of_another_is_withheld(void **state) {
    (void)state;
    fixture f = classes("\"min_rows\":5");
    decide(&f, 1, 100, 90, 89, 50);
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_COMPLEMENTARY, VS_SHOWN);
    decide(&f, 1, 100, 90, 86, 50);
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_COMPLEMENTARY, VS_SHOWN);
    decide(&f, 1, 100, 90, 85, 50);
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_SHOWN, VS_SHOWN);
    decide(&f, 1, 100, 90, 90, 50);
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_SHOWN, VS_SHOWN);
    vs_plan_free(f.plan);
}

static void rows_without_a_value_are_no_secret(void **state) {
    (void)state;
    fixture f = classes("\"min_rows\":5");
    decide(&f, 1, 100, 99, 99, 99); /* the sums over all rows are not in the plan: nothing to subtract from */
    assert_int_equal(f.reasons[0], VS_SHOWN);
    assert_int_equal(f.reasons[1], VS_SHOWN);
    vs_plan_free(f.plan);
}

static void equal_counts_of_different_rows_are_not_trusted(void **state) {
    (void)state;
    fixture f = classes("\"min_rows\":5");
    decide(&f, 1, 100, 90, 50, 50); /* X and Y, X and Z: 50 rows each, but which? */
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_SHOWN, VS_COMPLEMENTARY);
    decide(&f, 1, 100, 90, 50, 55);
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_SHOWN, VS_SHOWN);
    decide(&f, 1, 100, 100, 100, 100); /* all rows each: the same */
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_SHOWN, VS_SHOWN);
    vs_plan_free(f.plan);
}

static void without_min_rows_only_contributors_count(void **state) {
    (void)state;
    fixture f = classes("\"min_contributors\":2");
    decide(&f, 2, 2, 1, 0, 1);
    assert_reasons(&f, VS_SHOWN, VS_SHOWN, VS_SHOWN, VS_SHOWN);
    decide(&f, 1, 200, 200, 200, 200);
    assert_int_equal(f.reasons[3], VS_BELOW_MIN_CONTRIBUTORS);
    vs_plan_free(f.plan);
}

/* Real rows this time: of any two shown classes that share X, the rows that one has and the other lacks are none or
 * many. */
static void shown_classes_never_differ_in_few_rows(void **state) {
    (void)state;
    fixture f = classes("\"min_rows\":4");
    unsigned shown_pairs = 0;
    for (int round = 0; round < 20000; round++) {
        unsigned rows = (unsigned)test_below(24), holes = 1 + (unsigned)test_below(12);
        int only[2] = {0, 0}, counts[4] = {0, 0, 0, 0}, x_not[2] = {0, 0};
        for (unsigned i = 0; i < rows; i++) {
            bool x = test_below(holes) != 0, y = x && test_below(holes) != 0, z = x && test_below(holes) != 0;
            counts[1] += x;
            counts[2] += y;
            counts[3] += z;
            only[0] += y && !z;
            only[1] += z && !y;
            x_not[0] += x && !y;
            x_not[1] += x && !z;
        }
        decide(&f, 1, (int)rows, counts[1], counts[2], counts[3]);
        for (int k = 0; k < 2; k++) {
            if (f.reasons[1] == VS_SHOWN && f.reasons[2 + k] == VS_SHOWN) {
                assert_true(x_not[k] == 0 || x_not[k] >= 4);
                shown_pairs++;
            }
        }
        if (f.reasons[2] == VS_SHOWN && f.reasons[3] == VS_SHOWN) {
            assert_true(only[0] + only[1] == 0 || only[0] + only[1] >= 4);
            shown_pairs++;
        }
    }
    assert_true(shown_pairs > 100);
    vs_plan_free(f.plan);
}

/* ---- bins ---- */

static vs_plan *category_plan(size_t bins, unsigned min_rows) {
    char columns[256] = "\"C\":{\"values\":[", groups[64];
    for (size_t i = 0; i < bins; i++) {
        snprintf(columns + strlen(columns), 32, "%s\"v%zu\"", i > 0 ? "," : "", i);
    }
    strcat(columns, "]}");
    snprintf(groups, sizeof groups, "\"min_rows\":%u", min_rows);
    return parse(columns, "{\"histogram\":\"C\"}", groups);
}

static void decide_bins(const vs_plan *plan, const vs_measure *histogram, const int *rows, vs_int128 *cells,
                        uint8_t *reasons) {
    int sum = 0;
    for (size_t i = 0; i < histogram->bin_count; i++) {
        cells[histogram->components[i]] = rows[i];
        sum += rows[i];
    }
    cells[plan->rows_component] = cells[histogram->own_count] = sum;
    uint8_t class_reasons[8] = {0};
    vs_policy_decide_bins(plan, histogram, cells, class_reasons, reasons);
}

static void assert_bins(const vs_plan *plan, const int *rows, const char *expected) {
    vs_int128 cells[64] = {0};
    uint8_t reasons[16];
    decide_bins(plan, &plan->measures[0], rows, cells, reasons);
    for (size_t i = 0; expected[i] != '\0'; i++) {
        assert_int_equal(reasons[i], expected[i] == '*' ? VS_BELOW_MIN_ROWS : VS_SHOWN);
    }
}

static void a_lone_small_bin_takes_the_smallest_other_along(void **state) {
    (void)state;
    vs_plan *plan = category_plan(4, 5);
    assert_bins(plan, (int[]){9, 8, 7, 6}, "....");
    assert_bins(plan, (int[]){9, 2, 7, 30}, ".**.");
    assert_bins(plan, (int[]){9, 0, 7, 30}, ".**."); /* an empty bin says something about everybody */
    assert_bins(plan, (int[]){9, 4, 3, 30}, ".**.");
    assert_bins(plan, (int[]){9, 2, 2, 30}, "***."); /* four rows together are few as well */
    assert_bins(plan, (int[]){9, 2, 9, 30}, "***."); /* of equals no one is chosen */
    assert_bins(plan, (int[]){9, 4, 4, 30}, "***."); /* eight rows in two bins below five: both are told */
    assert_bins(plan, (int[]){0, 0, 0, 5}, "****");
    vs_plan_free(plan);
}

static void without_min_rows_bins_are_shown(void **state) {
    (void)state;
    vs_plan *plan = parse("\"C\":{\"values\":[\"a\",\"b\"]}", "{\"histogram\":\"C\"}", "\"min_contributors\":2");
    assert_bins(plan, (int[]){0, 1}, "..");
    vs_plan_free(plan);
}

/* Every histogram of `total` rows, and what somebody sees of it who knows the rule: are two of them, alike in print,
 * different in each withheld bin? The printed form is a number in base total + 2, a withheld bin its highest digit. */
#define MAX_VIEWS 60000

typedef struct view {
    uint64_t printed;
    int first[5];
    bool varies[5];
} view;

static int by_printed(const void *a, const void *b) {
    const view *x = a, *y = b;
    return (x->printed > y->printed) - (x->printed < y->printed);
}

static bool next_composition(int *rows, size_t bins, int total) {
    size_t i = 0;
    int sum = 0; /* counts up the first bins − 1 digits; the last takes the rest */
    for (i = 0; i + 1 < bins; i++) {
        rows[i]++;
        sum = 0;
        for (size_t j = 0; j + 1 < bins; j++) {
            sum += rows[j];
        }
        if (sum <= total) {
            rows[bins - 1] = total - sum;
            return true;
        }
        rows[i] = 0;
    }
    return false;
}

static size_t list_views(const vs_plan *plan, size_t bins, int total, view *views) {
    int rows[5] = {0};
    rows[bins - 1] = total;
    size_t count = 0;
    do {
        vs_int128 cells[64] = {0};
        uint8_t reasons[5];
        decide_bins(plan, &plan->measures[0], rows, cells, reasons);
        view *v = &views[count++];
        assert_true(count < MAX_VIEWS);
        *v = (view){0};
        memcpy(v->first, rows, sizeof rows);
        for (size_t i = 0; i < bins; i++) {
            v->printed = v->printed * (uint64_t)(total + 2) + (uint64_t)(reasons[i] != VS_SHOWN ? total + 1 : rows[i]);
            v->varies[i] = reasons[i] == VS_SHOWN; /* nothing to hide */
        }
    } while (next_composition(rows, bins, total));
    return count;
}

static void no_withheld_bin_can_be_computed(void **state) {
    (void)state;
    view *views = malloc(MAX_VIEWS * sizeof *views);
    assert_non_null(views);
    for (unsigned min_rows = 1; min_rows <= 5; min_rows++) {
        for (size_t bins = 2; bins <= 5; bins++) {
            vs_plan *plan = category_plan(bins, min_rows);
            for (int total = (int)min_rows; total <= (bins == 5 ? 14 : 20); total++) {
                size_t count = list_views(plan, bins, total, views);
                qsort(views, count, sizeof *views, by_printed);
                for (size_t i = 0, first = 0; i <= count; i++) {
                    if (i == count || views[i].printed != views[first].printed) {
                        for (size_t k = 0; k < bins; k++) {
                            assert_true(views[first].varies[k]);
                        }
                        first = i;
                        continue;
                    }
                    for (size_t k = 0; k < bins; k++) {
                        views[first].varies[k] |= views[i].first[k] != views[first].first[k];
                    }
                }
            }
            vs_plan_free(plan);
        }
    }
    free(views);
}

/* ---- bins of numbers ---- */

static vs_plan *score_plan(const char *measures) {
    return parse("\"S\":{\"scale\":0,\"min\":1,\"max\":100}", measures, "\"min_rows\":5");
}

/* The cells of a histogram whose rows in bin i all hold value[i]. */
static void fill_scores(const vs_plan *plan, const vs_measure *histogram, const int *rows, const int *value,
                        vs_int128 *cells) {
    vs_int128 sums[3] = {0};
    for (size_t i = 0; i < histogram->bin_count; i++) {
        sums[0] += rows[i];
        sums[1] += rows[i] * value[i];
        sums[2] += rows[i] * value[i] * value[i];
    }
    for (size_t i = 0; i < plan->component_count; i++) {
        const vs_component *component = &plan->components[i];
        cells[i] = component->kind == VS_COMPONENT_MOMENT ? sums[component->factor_count] : 0;
    }
}

static void assert_scores(const char *measures, const int *rows, const int *value, const char *expected) {
    vs_plan *plan = score_plan(measures);
    vs_int128 cells[64];
    uint8_t reasons[16];
    fill_scores(plan, &plan->measures[0], rows, value, cells);
    decide_bins(plan, &plan->measures[0], rows, cells, reasons);
    for (size_t i = 0; expected[i] != '\0'; i++) {
        assert_int_equal(reasons[i], expected[i] == '*' ? VS_BELOW_MIN_ROWS : VS_SHOWN);
    }
    vs_plan_free(plan);
}

static void a_mean_beside_bins_of_one_value_withholds_them_all(void **state) {
    (void)state;
    const int rows[] = {30, 3, 20, 10}, value[] = {1, 2, 3, 4};
    const char *edges = "{\"histogram\":\"S\",\"edges\":[1,2,3,4,5]}";
    const char *with_mean = "{\"histogram\":\"S\",\"edges\":[1,2,3,4,5]},{\"mean\":\"S\"}";
    assert_scores(edges, rows, value, ".*.*");
    assert_scores(with_mean, rows, value, "****");
}

static void a_mean_beside_wide_bins_withholds_no_more(void **state) {
    (void)state;
    const int rows[] = {30, 3, 20, 10}, value[] = {11, 31, 55, 90};
    assert_scores("{\"histogram\":\"S\",\"edges\":[1,30,50,80,null]},{\"mean\":\"S\"},{\"variance\":\"S\"}", rows,
                  value, ".*.*");
}

static void counts_that_do_not_add_up_show_nothing(void **state) {
    (void)state;
    vs_plan *plan = category_plan(3, 5);
    vs_int128 cells[64] = {0};
    uint8_t reasons[3], class_reasons[8] = {0};
    decide_bins(plan, &plan->measures[0], (int[]){1, 20, 30}, cells, reasons);
    assert_int_equal(reasons[2], VS_SHOWN);
    cells[plan->measures[0].own_count] += 1;
    vs_policy_decide_bins(plan, &plan->measures[0], cells, class_reasons, reasons);
    assert_int_equal(reasons[2], VS_BELOW_MIN_ROWS);
    vs_plan_free(plan);
}

static void reasons_have_names(void **state) {
    (void)state;
    assert_string_equal(vs_reason_name(VS_BELOW_MIN_ROWS), "min_rows");
    assert_string_equal(vs_reason_name(VS_BELOW_MIN_CONTRIBUTORS), "min_contributors");
    assert_string_equal(vs_reason_name(VS_COMPLEMENTARY), "complementary");
    assert_string_equal(vs_reason_name(VS_SHOWN), "shown");
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_group_is_withheld_whole),
        cmocka_unit_test(a_class_below_min_rows_is_withheld_alone),
        cmocka_unit_test(a_class_that_lacks_few_rows_of_another_is_withheld),
        cmocka_unit_test(rows_without_a_value_are_no_secret),
        cmocka_unit_test(equal_counts_of_different_rows_are_not_trusted),
        cmocka_unit_test(without_min_rows_only_contributors_count),
        cmocka_unit_test(shown_classes_never_differ_in_few_rows),
        cmocka_unit_test(a_lone_small_bin_takes_the_smallest_other_along),
        cmocka_unit_test(without_min_rows_bins_are_shown),
        cmocka_unit_test(no_withheld_bin_can_be_computed),
        cmocka_unit_test(a_mean_beside_bins_of_one_value_withholds_them_all),
        cmocka_unit_test(a_mean_beside_wide_bins_withholds_no_more),
        cmocka_unit_test(counts_that_do_not_add_up_show_nothing),
        cmocka_unit_test(reasons_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
