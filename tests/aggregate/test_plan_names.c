/* Levels, near misses, result titles and identifiers. */
#include "plans.h"

#define END ",'opening':{'key':KEY}}"

/* ---- levels ---- */

static size_t find(const vs_column *column, const char *value) {
    return vs_column_find(column, value, strlen(value));
}

static void values_are_found_byte_for_byte(void **state) {
    (void)state;
    vs_plan *plan =
        plan_of("{'veilsum':1,'columns':{'C':{'values':['01','1','b','abcdefgh','abcdefghi','ä','a','1 ','abcdefg'],"
                "'other':'group','empty':'group'}},'measures':[{'histogram':'C'}]" END);
    const vs_column *column = &plan->columns[0];
    for (size_t i = 0; i < column->value_count; i++) {
        assert_int_equal(find(column, column->values[i]), i);
        assert_string_equal(vs_column_level_name(column, i), column->values[i]);
    }
    static const char *const absent[] = {"", "001", "2", "A", "abcdefghij", " 1", "abcdefgi", "(other)", "\xc3"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        assert_true(find(column, absent[i]) == VS_NONE);
    }
    assert_true(vs_column_find(column, "a\0", 2) == VS_NONE); /* padding of the index is not content */
    assert_string_equal(vs_column_level_name(column, 9), "(other)");
    assert_string_equal(vs_column_level_name(column, 10), "(empty)");
    assert_int_equal(column->level_count, 11);
    vs_plan_free(plan);
}

static void empty_is_the_only_extra_level_where_others_are_not_grouped(void **state) {
    (void)state;
    vs_plan *plan = plan_of("{'veilsum':1,'columns':{'C':{'values':['a'],'other':'drop','empty':'group'}},"
                            "'measures':[{'histogram':'C'}]" END);
    assert_int_equal(plan->columns[0].level_count, 2);
    assert_string_equal(vs_column_level_name(&plan->columns[0], 1), "(empty)");
    vs_plan_free(plan);
}

/* Short random values over two letters share prefixes a lot; the second way is a linear scan. */
static void look_up_agrees_with_a_scan(void **state) {
    (void)state;
    char *text = NULL, values[400][14];
    size_t len, count = 0;
    FILE *out = open_memstream(&text, &len);
    fputs("{'veilsum':1,'columns':{'C':{'values':[", out);
    for (size_t i = 0; i < 400; i++) {
        size_t n = 1 + (size_t)test_below(12), j;
        for (j = 0; j < n; j++) {
            values[count][j] = "ab"[test_below(2)];
        }
        values[count][n] = '\0';
        for (j = 0; j < count && strcmp(values[j], values[count]) != 0; j++) {
        }
        if (j == count) {
            fprintf(out, "%s'%s'", count > 0 ? "," : "", values[count]);
            count++;
        }
    }
    fputs("]}},'measures':[{'histogram':'C'}]" END, out);
    fclose(out);
    vs_plan *plan = plan_of(text);
    for (size_t i = 0; i < 5000; i++) {
        char value[14];
        size_t n = (size_t)test_below(13), wanted = VS_NONE;
        for (size_t j = 0; j < n; j++) {
            value[j] = "ab"[test_below(2)];
        }
        for (size_t j = 0; j < count; j++) {
            wanted = strlen(values[j]) == n && memcmp(values[j], value, n) == 0 ? j : wanted;
        }
        assert_true(vs_column_find(&plan->columns[0], value, n) == wanted);
    }
    vs_plan_free(plan);
    free(text);
}

static void near_values_are_hinted_at(void **state) {
    (void)state;
    vs_plan *plan = plan_of("{'veilsum':1,'columns':{'C':{'values':['ORANGE','Apple','01','102','Zürich','NY','x y']}},"
                            "'measures':[{'histogram':'C'}]" END);
    static const struct {
        const char *found, *near;
    } cases[] = {
        {"orange", "ORANGE"}, {" ORANGE ", "ORANGE"}, {"ORNGE", "ORANGE"}, {"OARNGE", "ORANGE"}, {"appel", "Apple"},
        {"1", "01"},          {"001", "01"},          {"0102", "102"},     {"103", NULL},        {"Zurich", "Zürich"},
        {"NX", NULL},         {"ny", "NY"},           {"", NULL},          {"pineapple", NULL},  {"X Y\t", "x y"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *near = vs_column_nearest(&plan->columns[0], cases[i].found, strlen(cases[i].found));
        if (cases[i].near == NULL) {
            assert_null(near);
        } else {
            assert_non_null(near);
            assert_string_equal(near, cases[i].near);
        }
    }
    char *large = malloc(1 << 20);
    memset(large, 'O', 1 << 20);
    assert_null(vs_column_nearest(&plan->columns[0], large, 1 << 20));
    free(large);
    vs_plan_free(plan);
}

static void groups_count_with_the_last_column_fastest(void **state) {
    (void)state;
    vs_plan *plan =
        plan_of("{'veilsum':1,'columns':{'A':{'values':['x','y']},'B':{'values':['1','2','3']},"
                "'C':{'values':['q'],'other':'group'}},'by':['B','A','C'],'measures':[{'count':'rows'}]" END);
    assert_int_equal(plan->group_count, 12);
    uint64_t group = 0;
    for (size_t b = 0; b < 3; b++) {
        for (size_t a = 0; a < 2; a++) {
            for (size_t c = 0; c < 2; c++) {
                size_t levels[3];
                vs_plan_group_levels(plan, group++, levels);
                assert_true(levels[0] == b && levels[1] == a && levels[2] == c);
            }
        }
    }
    vs_plan_free(plan);
}

/* ---- titles ---- */

static void results_have_the_documented_titles(void **state) {
    (void)state;
    vs_plan *plan = plan_of(
        "{'veilsum':1,'columns':{'X':{'scale':2,'min':0,'max':100,'other':'group'},'Y':{'scale':0,'min':0,'max':9},"
        "'Ort':{'values':['Zürich','=1'],'other':'group','empty':'group'}},'measures':[{'count':'rows'},{'sum':'X'},{'"
        "mean':'X'},"
        "{'mean':'X','weight':'Y'},{'variance':'Y'},{'histogram':'Ort'},{'histogram':'X','edges':[null,'-0.50',0,20,"
        "null]},"
        "{'histogram':'Y','edges':[0,10]},{'covariance':['Y','X']},{'regression':'Y','on':'X'}]" END);
    static const char *const titles[] = {"count(rows)",
                                         "sum(X)",
                                         "mean(X)",
                                         "mean(X;weight=Y)",
                                         "variance(Y)",
                                         "histogram(Ort)=Zürich",
                                         "histogram(Ort)==1",
                                         "histogram(Ort)=(other)",
                                         "histogram(Ort)=(empty)",
                                         "histogram(X)=(-inf,-0.5)",
                                         "histogram(X)=[-0.5,0)",
                                         "histogram(X)=[0,20)",
                                         "histogram(X)=[20,inf)",
                                         "histogram(X)=(other)",
                                         "histogram(Y)=[0,10)",
                                         "covariance(Y,X)",
                                         "slope(Y~X)",
                                         "intercept(Y~X)"};
    size_t at = 0;
    for (size_t i = 0; i < plan->measure_count; i++) {
        for (size_t j = 0; j < vs_measure_column_count(&plan->measures[i]); j++) {
            char *title = vs_measure_column_title(plan, &plan->measures[i], j);
            assert_true(at < sizeof titles / sizeof *titles);
            assert_string_equal(title, titles[at++]);
            free(title);
        }
    }
    assert_int_equal(at, sizeof titles / sizeof *titles);
    vs_plan_free(plan);
}

static void bins_of_everything_else_are_told_apart(void **state) {
    (void)state;
    vs_plan *plan = plan_of("{'veilsum':1,'columns':{'X':{'scale':1,'min':0,'max':9,'other':'group'}},'measures':["
                            "{'histogram':'X','edges':[0,3,'5.5']},{'histogram':'X','edges':[0,1,'5.5']},"
                            "{'histogram':'X','edges':[3,'5.5',null]}]" END);
    static const char *const titles[] = {"histogram(X)=(outside [0,5.5))", "histogram(X)=(outside [0,5.5))",
                                         "histogram(X)=(outside [3,inf))"};
    for (size_t i = 0; i < 3; i++) {
        char *title = vs_measure_column_title(plan, &plan->measures[i], 2);
        assert_string_equal(title, titles[i]);
        free(title);
    }
    assert_int_equal(plan->measures[0].components[2], plan->measures[1].components[2]);
    assert_int_not_equal(plan->measures[0].components[2], plan->measures[2].components[2]);
    assert_int_equal(plan->measures[0].components[1], plan->measures[2].components[0]);
    vs_plan_free(plan);
}

/* ---- identifiers ---- */

/* Made with hashlib.blake2b from the description in aggregate/plan/plan.h: plan id 00 01 … 1f, period 2026-11, attempt
 * 0, name ORANGE. */
static void session_and_contributor_ids_match_an_independent_script(void **state) {
    (void)state;
    uint8_t plan_id[VS_HASH_BYTES], sid[VS_HASH_BYTES], id[VS_ID_BYTES];
    char hex[2 * VS_HASH_BYTES + 1];
    for (size_t i = 0; i < VS_HASH_BYTES; i++) {
        plan_id[i] = (uint8_t)i;
    }
    vs_session_id(sid, plan_id, "2026-11", 0);
    vs_to_hex(hex, sid, sizeof sid);
    assert_string_equal(hex, "dd6290bbb2711de33705f792d4b9c2045025ba7561eac4a8fefa2208a74fd8a7");
    vs_contributor_id(id, sid, "ORANGE");
    vs_to_hex(hex, id, sizeof id);
    assert_string_equal(hex, "3ee13324f95fb87ed17b19ad4cbe3255");
}

static void sessions_differ_by_period_and_attempt(void **state) {
    (void)state;
    uint8_t plan_id[VS_HASH_BYTES] = {1}, a[VS_HASH_BYTES], b[VS_HASH_BYTES];
    vs_session_id(a, plan_id, "", 0);
    vs_session_id(b, plan_id, "1", 0);
    assert_memory_not_equal(a, b, sizeof a);
    vs_session_id(b, plan_id, "", 1);
    assert_memory_not_equal(a, b, sizeof a);
    plan_id[0] = 2;
    vs_session_id(b, plan_id, "", 0);
    assert_memory_not_equal(a, b, sizeof a);
}

static void names_are_checked(void **state) {
    (void)state;
    static const char *const good[] = {"ORANGE", "2026-11", "a b", "Zürich", "x", "日本", "a\xc2\xa0"};
    static const char *const bad[] = {"",
                                      " a",
                                      "a ",
                                      "a\n",
                                      "\x1b[31m",
                                      "a\x7f",
                                      "\xc3",
                                      "\xff",
                                      "\xc2\x9b",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xc0\x80",
                                      "a\xe2\x80\xae"
                                      "b",
                                      "\xef\xbb\xbf"
                                      "a",
                                      "a\xe2\x80\x8b",
                                      "\xe2\x81\xa6"
                                      "a"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(vs_name_is_valid(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(vs_name_is_valid(bad[i], strlen(bad[i])));
    }
    assert_false(vs_name_is_valid("a\0b", 3));
    char longest[VS_MAX_NAME_BYTES + 1];
    memset(longest, 'n', sizeof longest);
    assert_true(vs_name_is_valid(longest, VS_MAX_NAME_BYTES));
    assert_false(vs_name_is_valid(longest, VS_MAX_NAME_BYTES + 1));
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_byte_for_byte),
        cmocka_unit_test(empty_is_the_only_extra_level_where_others_are_not_grouped),
        cmocka_unit_test(look_up_agrees_with_a_scan),
        cmocka_unit_test(near_values_are_hinted_at),
        cmocka_unit_test(groups_count_with_the_last_column_fastest),
        cmocka_unit_test(results_have_the_documented_titles),
        cmocka_unit_test(bins_of_everything_else_are_told_apart),
        cmocka_unit_test(session_and_contributor_ids_match_an_independent_script),
        cmocka_unit_test(sessions_differ_by_period_and_attempt),
        cmocka_unit_test(names_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
