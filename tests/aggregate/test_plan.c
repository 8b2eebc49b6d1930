/* What a plan is compiled to, and its id. The vectors are computed by an independent script
 * (vectors/make_plan_vectors.py). */
#include "plans.h"

#define COLUMNS                                                                                                        \
    "'columns':{'D':{'values':['a','b','c']},'S':{'values':['f','m'],'other':'group','empty':'group'},"                \
    "'X':{'scale':1,'min':'-0.5','max':2},'Y':{'scale':0,'min':0,'max':10}}"
#define SMALL(more)                                                                                                    \
    "{'veilsum':1,'columns':{'X':{'scale':0,'min':0,'max':9}},'measures':[{'sum':'X'}],'opening':{'key':KEY}" more "}"

/* ---- vectors ---- */

static size_t unhex(uint8_t *out, const char *hex) {
    size_t len = strcspn(hex, "\n") / 2;
    for (size_t i = 0; i < len; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return len;
}

static void check_slots(const vs_plan *plan, const char *text) {
    for (size_t i = 0; i < plan->component_count; i++) {
        unsigned width, block_class;
        int used = 0;
        assert_int_equal(sscanf(text, " %u:%u%n", &width, &block_class, &used), 2);
        assert_int_equal(plan->components[i].width, width);
        assert_int_equal(plan->components[i].block_class, block_class);
        text += used;
    }
    assert_true(*text == '\n');
}

static void plans_compile_to_what_an_independent_script_says(void **state) {
    (void)state;
    FILE *file = fopen(VEILSUM_TESTS_DIR "/vectors/plans.txt", "r");
    assert_non_null(file);
    vs_plan *plan = NULL;
    char *line = NULL;
    size_t cap = 0, plans = 0;
    while (getline(&line, &cap, file) > 0) {
        unsigned long long groups, cells;
        size_t components;
        if (strncmp(line, "plan ", 5) == 0) {
            uint8_t *json = malloc(strlen(line));
            size_t len = unhex(json, line + 5);
            vs_error error = {{0}, {0}};
            vs_plan_free(plan);
            assert_int_equal(vs_plan_parse(&plan, json, len, &error), VS_OK);
            free(json);
            plans++;
        } else if (strncmp(line, "id ", 3) == 0) {
            uint8_t id[VS_HASH_BYTES];
            assert_int_equal(unhex(id, line + 3), VS_HASH_BYTES);
            assert_memory_equal(plan->id, id, VS_HASH_BYTES);
        } else if (sscanf(line, "groups %llu cells %llu components %zu", &groups, &cells, &components) == 3) {
            assert_int_equal(plan->group_count, groups);
            assert_int_equal(plan->cell_count, cells);
            assert_int_equal(plan->component_count, components);
        } else if (strncmp(line, "slots", 5) == 0) {
            check_slots(plan, line + 5);
        } else {
            assert_true(line[0] == '#');
        }
    }
    assert_true(plans >= 10);
    vs_plan_free(plan);
    free(line);
    fclose(file);
}

/* ---- the id ---- */

static void assert_same_id(const char *a, const char *b) {
    vs_plan *x = plan_of(a), *y = plan_of(b);
    assert_memory_equal(x->id, y->id, VS_HASH_BYTES);
    vs_plan_free(x);
    vs_plan_free(y);
}

static void id_ignores_what_json_ignores(void **state) {
    (void)state;
    const char *plain = SMALL(",'title':'Größe/'");
    assert_same_id(plain, SMALL(",\r\n  'title' :\t'Gr\\u00f6\\u00DFe\\/'\r\n"));
    assert_same_id(plain, "\xef\xbb\xbf" SMALL(",'title':'Größe/'") "\n\n");
    assert_same_id(plain, "{'title':'Größe/','opening':{'key':KEY},'measures':[{'sum':'X'}],"
                          "'columns':{'X':{'max':9,'min':0,'scale':0}},'veilsum':1}");
}

static void id_differs_for_any_change(void **state) {
    (void)state;
    static const char *const plans[] = {
        SMALL(""),
        SMALL(",'title':'a'"),
        SMALL(",'title':'a '"),
        SMALL(",'by':[]"),
        SMALL(",'rows':{}"),
        SMALL(",'rows':{'max':1048576}"),
        SMALL(",'rows':{'max':1048577}"),
        SMALL(",'contributors':{'min':3}"),
        SMALL(",'contributors':{'max':1000}"),
        SMALL(",'groups':{'min_rows':2}"),
        SMALL(",'groups':{'min_contributors':2}"),
        "{'veilsum':1,'columns':{'X':{'scale':0,'min':0,'max':'9'}},'measures':[{'sum':'X'}],'opening':{'key':KEY}}",
        "{'veilsum':1,'columns':{'X':{'scale':0,'min':1,'max':9}},'measures':[{'sum':'X'}],'opening':{'key':KEY}}",
        "{'veilsum':1,'columns':{'X':{'scale':1,'min':0,'max':9}},'measures':[{'sum':'X'}],'opening':{'key':KEY}}",
        "{'veilsum':1,'columns':{'x':{'scale':0,'min':0,'max':9}},'measures':[{'sum':'x'}],'opening':{'key':KEY}}",
        "{'veilsum':1,'columns':{'X':{'scale':0,'min':0,'max':9}},'measures':[{'mean':'X'}],'opening':{'key':KEY}}",
        "{'veilsum':1,'columns':{'X':{'scale':0,'min':0,'max':9}},'measures':[{'sum':'X'}],'opening':{'key':"
        "'10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'}}",
        SMALL(",'measures':[{'count':'rows'}]"),
    };
    enum { COUNT = sizeof plans / sizeof *plans - 1 }; /* the last one repeats a key */
    vs_plan *made[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        made[i] = plan_of(plans[i]);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(made[i]->id, made[j]->id, VS_HASH_BYTES);
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        vs_plan_free(made[i]);
    }
    assert_refused(plans[COUNT], VS_ERR_FORMAT, "plan: the same key twice in one object (line 1, column 177)");
}

/* ---- structure ---- */

static void defaults_are_filled_in(void **state) {
    (void)state;
    vs_plan *plan = plan_of(SMALL(""));
    assert_int_equal(plan->rows_max, 1 << 20);
    assert_int_equal(plan->contributors_min, 3);
    assert_int_equal(plan->contributors_max, 1000);
    assert_int_equal(plan->group_count, 1);
    assert_int_equal(plan->cell_count, 2);
    assert_int_equal(plan->class_count, 1);
    assert_false(plan->has_minimums);
    assert_null(plan->title);
    assert_true(plan->rows_component == VS_NONE && plan->contributors_component == VS_NONE);
    assert_true(plan->measures[0].own_count == VS_NONE);
    uint8_t key[VS_HASH_BYTES];
    assert_int_equal(vs_from_hex(key, sizeof key, TEST_FINGERPRINT, 64), VS_OK);
    assert_memory_equal(plan->key_fingerprint, key, sizeof key);
    vs_plan_free(plan);
}

static void equal_components_are_shared(void **state) {
    (void)state;
    vs_plan *plan =
        plan_of("{'veilsum':1," COLUMNS ",'by':['D','S'],'measures':[{'mean':'X'},{'sum':'X'},{'variance':'X'},"
                "{'histogram':'Y','edges':[null,5,'6',null]},{'histogram':'Y','edges':[null,5,7]}],"
                "'opening':{'key':KEY}}");
    const vs_measure *mean = &plan->measures[0], *sum = &plan->measures[1], *variance = &plan->measures[2];
    const vs_measure *one = &plan->measures[3], *other = &plan->measures[4];
    assert_int_equal(plan->component_count, 3 + 3 + 1);
    assert_int_equal(sum->components[0], mean->components[1]);
    assert_int_equal(variance->components[0], mean->components[0]);
    assert_int_equal(variance->components[1], mean->components[1]);
    assert_int_equal(other->components[0], one->components[0]);
    assert_int_not_equal(other->components[1], one->components[1]);
    assert_int_equal(plan->group_count, 3 * 4);
    vs_plan_free(plan);
}

static void means_over_other_rows_are_not_shared(void **state) {
    (void)state;
    vs_plan *plan = plan_of("{'veilsum':1," COLUMNS ",'by':['D','S'],'measures':[{'sum':'X'},{'mean':'X','weight':'Y'},"
                            "{'covariance':['Y','X']},{'regression':'X','on':'Y'},{'regression':'Y','on':'X'}],"
                            "'opening':{'key':KEY}}");
    /* Σx | Σy, Σxy over both | n, Σx | Σy² | Σx² */
    assert_int_equal(plan->component_count, 1 + 2 + 2 + 1 + 1);
    assert_int_equal(plan->measures[2].components[3], plan->measures[1].components[1]);
    assert_int_not_equal(plan->measures[2].components[2], plan->measures[0].components[0]);
    const vs_component *squares = &plan->components[plan->measures[3].components[4]];
    assert_int_equal(squares->factor_count, 2);
    assert_int_equal(squares->factor[0], plan->measures[3].x);
    assert_int_equal(squares->factor[1], plan->measures[3].x);
    assert_string_equal(plan->columns[plan->measures[3].x].name, "Y");
    vs_plan_free(plan);
}

static void ranges_are_the_corners_of_the_bounds(void **state) {
    (void)state;
    vs_plan *plan =
        plan_of("{'veilsum':1," COLUMNS ",'by':['D','S'],'measures':[{'variance':'X'},{'covariance':['X','Y']},"
                "{'histogram':'S'}],'rows':{'max':3},'contributors':{'max':4},'opening':{'key':KEY}}");
    const struct {
        int64_t low, high;
        unsigned width;
    } wanted[] = {
        {0, 3, 4}, {-15, 60, 9}, {0, 1200, 13},                  /* n, Σx, Σx²: X is in [−5, 20] */
        {0, 3, 4}, {-15, 60, 9}, {0, 30, 7},    {-150, 600, 12}, /* n, Σx, Σy, Σxy */
        {0, 3, 4}, {0, 3, 4},    {0, 3, 4},     {0, 3, 4},
    };
    assert_int_equal(plan->component_count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < plan->component_count; i++) {
        assert_true(plan->components[i].low == wanted[i].low && plan->components[i].high == wanted[i].high);
        assert_int_equal(plan->components[i].width, wanted[i].width);
    }
    vs_plan_free(plan);
}

static void minimums_bring_counts_of_class_zero(void **state) {
    (void)state;
    vs_plan *plan =
        plan_of("{'veilsum':1," COLUMNS ",'by':['D'],'measures':[{'mean':'X'},{'count':'rows'},{'histogram':'S'},"
                "{'covariance':['Y','X']},{'sum':'X'}],'groups':{'min_contributors':2},'opening':{'key':KEY}}");
    assert_true(plan->has_minimums);
    assert_int_equal(plan->min_rows, 0);
    assert_int_equal(plan->min_contributors, 2);
    assert_int_equal(plan->class_count, 4);
    assert_int_equal(plan->contributors_component, 0);
    assert_int_equal(plan->components[0].kind, VS_COMPONENT_CONTRIBUTOR);
    assert_true(plan->components[0].high == 1);
    assert_int_equal(plan->rows_component, 1);
    assert_int_equal(plan->measures[1].own_count, 1);
    assert_int_equal(plan->measures[1].components[0], 1);
    assert_int_equal(plan->measures[0].own_count, plan->measures[0].components[0]);
    assert_int_equal(plan->measures[4].own_count, plan->measures[0].own_count);
    static const unsigned classes[] = {1, 0, 2, 3, 1};
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        assert_int_equal(plan->components[measure->own_count].block_class, 0);
        for (size_t j = 0; j < measure->component_count; j++) {
            size_t component = measure->components[j];
            unsigned wanted = component == measure->own_count ? 0 : classes[i];
            assert_int_equal(plan->components[component].block_class, wanted);
        }
    }
    vs_plan_free(plan);
}

static void order_of_columns_in_the_json_changes_nothing(void **state) {
    (void)state;
    vs_plan *a = plan_of("{'veilsum':1,'columns':{'A':{'scale':0,'min':0,'max':1},'B':{'scale':0,'min':0,'max':9}},"
                         "'measures':[{'covariance':['B','A']}],'opening':{'key':KEY}}");
    vs_plan *b = plan_of("{'veilsum':1,'columns':{'B':{'scale':0,'min':0,'max':9},'A':{'scale':0,'min':0,'max':1}},"
                         "'measures':[{'covariance':['B','A']}],'opening':{'key':KEY}}");
    assert_memory_equal(a->id, b->id, VS_HASH_BYTES);
    for (size_t i = 0; i < a->component_count; i++) {
        assert_memory_equal(a->components[i].factor, b->components[i].factor, sizeof a->components[i].factor);
        assert_int_equal(a->components[i].width, b->components[i].width);
    }
    vs_plan_free(a);
    vs_plan_free(b);
}

static void edges_are_scaled_exactly(void **state) {
    (void)state;
    vs_plan *plan = plan_of("{'veilsum':1,'columns':{'X':{'scale':2,'min':-10,'max':10,'other':'group'}},"
                            "'measures':[{'histogram':'X','edges':[null,'-0.5',0,'1.250']}],'opening':{'key':KEY}}");
    const vs_measure *measure = &plan->measures[0];
    assert_int_equal(measure->bin_count, 4);
    assert_true(measure->bins[0].low_open && !measure->bins[0].high_open && measure->bins[0].high == -50);
    assert_true(!measure->bins[1].low_open && measure->bins[1].low == -50 && measure->bins[1].high == 0);
    assert_true(measure->bins[2].low == 0 && measure->bins[2].high == 125 && !measure->bins[2].other);
    assert_true(measure->bins[3].other);
    vs_plan_free(plan);
}

static void vector_plans_have_one_component(void **state) {
    (void)state;
    vs_plan *plan = plan_of("{'veilsum':1,'vector':{'length':67108863,'scale':18,'min':'-4.611686018427387903',"
                            "'max':'4.611686018427387903'},'contributors':{'max':1000000},'opening':{'key':KEY}}");
    assert_true(plan->is_vector);
    assert_int_equal(plan->component_count, 1);
    assert_int_equal(plan->group_count, 1);
    assert_int_equal(plan->cell_count, 1 << 26);
    assert_int_equal(plan->components[0].width, 63 + 20);
    assert_true(plan->components[0].low == -((INT64_C(1) << 62) - 1));
    vs_plan_free(plan);
    plan = plan_of("{'veilsum':1,'vector':{'length':1,'scale':0,'min':7,'max':7},'opening':{'key':KEY}}");
    assert_true(plan->components[0].low == 7 && plan->components[0].high == 7);
    assert_int_equal(plan->components[0].width, 1);
    vs_plan_free(plan);
}

static void numbers_as_decimal_strings_reach_past_2_to_the_53(void **state) {
    (void)state;
    vs_plan *plan =
        plan_of("{'veilsum':1,'columns':{'X':{'scale':0,'min':'-4611686018427387903','max':9007199254740992}},"
                "'measures':[{'sum':'X'}],'opening':{'key':KEY}}");
    assert_true(plan->columns[0].min == -((INT64_C(1) << 62) - 1));
    assert_true(plan->columns[0].max == INT64_C(1) << 53);
    vs_plan_free(plan);
}

/* Random bytes in place of random bytes of a plan: parsed or refused with one clear line, never anything else. */
static void damaged_plans_are_refused_or_read(void **state) {
    (void)state;
    char *json = plan_json("{'veilsum':1," COLUMNS
                           ",'by':['D','S'],'measures':[{'mean':'X'},{'histogram':'Y','edges':[0,5,null]},"
                           "{'regression':'X','on':'Y'}],'groups':{'min_rows':2},'opening':{'key':KEY}}");
    static const char bytes[] = "{}[]\",:'0159-.eE\\u \ntn\xc3\xa4\xff";
    size_t len = strlen(json);
    char *copy = malloc(len);
    for (size_t round = 0; round < 20000; round++) {
        memcpy(copy, json, len);
        size_t cut = test_below(20) == 0 ? (size_t)test_below(len) : len;
        for (uint64_t n = test_below(3); n > 0; n--) {
            copy[test_below(len)] = bytes[test_below(sizeof bytes)];
        }
        vs_plan *plan;
        vs_error error = {{0}, {0}};
        vs_status status = vs_plan_parse(&plan, copy, cut, &error);
        assert_true((status == VS_OK) == (plan != NULL));
        assert_true(status == VS_OK || (error.message[0] != '\0' && strchr(error.message, '\n') == NULL));
        vs_plan_free(plan);
    }
    free(copy);
    free(json);
}

static void every_prefix_is_refused(void **state) {
    (void)state;
    char *json = plan_json(SMALL(",'title':'größer'"));
    for (size_t len = 0; len < strlen(json); len++) {
        vs_plan *plan;
        vs_error error;
        assert_int_equal(vs_plan_parse(&plan, json, len, &error), VS_ERR_FORMAT);
        assert_null(plan);
    }
    free(json);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_compile_to_what_an_independent_script_says),
        cmocka_unit_test(id_ignores_what_json_ignores),
        cmocka_unit_test(id_differs_for_any_change),
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(equal_components_are_shared),
        cmocka_unit_test(means_over_other_rows_are_not_shared),
        cmocka_unit_test(ranges_are_the_corners_of_the_bounds),
        cmocka_unit_test(minimums_bring_counts_of_class_zero),
        cmocka_unit_test(order_of_columns_in_the_json_changes_nothing),
        cmocka_unit_test(edges_are_scaled_exactly),
        cmocka_unit_test(vector_plans_have_one_component),
        cmocka_unit_test(numbers_as_decimal_strings_reach_past_2_to_the_53),
        cmocka_unit_test(damaged_plans_are_refused_or_read),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
