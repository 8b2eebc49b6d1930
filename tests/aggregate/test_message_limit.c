/* How long a message may be: no honest one is refused, whatever the plan and its key; and none may be absurdly long. */
#include "pipeline.h"

#include "aggregate/protocol/message.h"
#include "aggregate/protocol/message_limit.h"
#include "aggregate/result/result.h"

#define FIXED 1300000u /* of the allowance, that does not depend on the plan */

static vs_plan *plan_of(const char *middle) {
    char json[8192];
    vs_plan *plan = NULL;
    vs_error error = {.message = ""};
    int len = snprintf(json, sizeof json,
                       "{\"veilsum\":1,%s,\"contributors\":{\"min\":1,\"max\":%u},\"opening\":{\"key\":"
                       "\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"}}",
                       middle, 1u + (unsigned)test_below(1000));
    vs_status status = vs_plan_parse(&plan, json, (size_t)len, &error);
    if (status != VS_OK) {
        print_error("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return plan;
}

static const char *const plans[] = {
    "\"vector\":{\"length\":1,\"scale\":0,\"min\":0,\"max\":1}",
    "\"vector\":{\"length\":5000,\"scale\":0,\"min\":0,\"max\":65535}",
    "\"vector\":{\"length\":3000,\"scale\":0,\"min\":-9007199254740991,\"max\":9007199254740991}",
    PLAN_COLUMNS,
    PLAN_COLUMNS ",\"groups\":{\"min_rows\":3,\"min_contributors\":3}",
    "\"columns\":{\"D\":{\"values\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\"]},"
    "\"E\":{\"values\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\"]},"
    "\"X\":{\"scale\":0,\"min\":0,\"max\":4294967295}},\"by\":[\"D\",\"E\"],"
    "\"measures\":[{\"variance\":\"X\"}],\"rows\":{\"max\":1000000},\"groups\":{\"min_rows\":3}",
};

/* As many bytes as ciphertexts of any key take. */
static uint64_t longest(const vs_plan *plan) {
    static const unsigned bits[] = {2048, 3072, 4096};
    uint64_t most = 0;
    for (size_t i = 0; i < 3; i++) {
        for (unsigned degree = 1; degree <= VS_MAX_DEGREE; degree++) {
            vs_layout layout;
            if (vs_layout_make(&layout, plan, bits[i], degree, NULL) == VS_OK) {
                uint64_t len = layout.plaintext_count * (degree + 1) * bits[i] / 8;
                most = len > most ? len : most;
                vs_layout_free(&layout);
            }
        }
    }
    return most;
}

static void containers_of_any_key_fit_and_little_else_does(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        vs_plan *plan = plan_of(plans[i]);
        uint64_t most = longest(plan), limit = vs_message_limit(plan, VS_MESSAGE_CONTRIBUTION);
        most += most / (1u << 14) + plan->contributors_max * (VS_ID_BYTES + 1 + VS_MAX_NAME_BYTES);
        assert_int_equal(limit, vs_message_limit(plan, VS_MESSAGE_TOTAL));
        assert_in_range(limit, most + 65536, FIXED + 3 * most);
        vs_plan_free(plan);
    }
}

/* All cells as long as they can be, and, with minimums, all withheld as well as could be. */
static uint64_t result_len(const vs_plan *plan, unsigned reason) {
    const vs_result_options options = {.format = VS_RESULT_JSON};
    vs_opened opened = {.period = "2026-11", .contributions = 3, .cell_count = plan->cell_count};
    vs_memory_sink memory = {0};
    const vs_sink sink = vs_memory_sink_open(&memory, "memory");
    opened.cells = calloc((size_t)plan->cell_count, sizeof *opened.cells);
    assert_non_null(opened.cells);
    for (uint64_t i = 1; i < plan->cell_count; i++) {
        opened.cells[i] = 1 + (vs_int128)test_below(1000000);
    }
    if (plan->has_minimums) {
        opened.reasons = calloc((size_t)plan->group_count, plan->class_count);
        assert_non_null(opened.reasons);
        memset(opened.reasons, (int)reason, (size_t)plan->group_count * plan->class_count);
    }
    assert_int_equal(vs_result_write(plan, &opened, &options, &sink, NULL), VS_OK);
    free(memory.data);
    vs_opened_clear(&opened);
    return memory.len;
}

static void results_fit(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        vs_plan *plan = plan_of(plans[i]);
        for (unsigned reason = 0; reason < (plan->has_minimums ? 2u : 1u); reason++) {
            uint64_t len = result_len(plan, reason);
            assert_in_range(vs__result_limit(plan), len, FIXED + 16 * len);
        }
        vs_plan_free(plan);
    }
}

static void titles_and_levels_that_json_makes_longer_fit(void **state) {
    (void)state;
    char middle[4096], quotes[2 * 200 + 1];
    for (size_t i = 0; i < 200; i++) {
        memcpy(quotes + 2 * i, "\\\"", 2);
    }
    quotes[400] = 0;
    snprintf(middle, sizeof middle,
             "\"columns\":{\"D%s\":{\"values\":[\"a%s\",\"b\"]},\"X%s\":{\"scale\":0,\"min\":0,\"max\":9}},"
             "\"by\":[\"D%s\"],\"measures\":[{\"sum\":\"X%s\"}],\"rows\":{\"max\":10},\"groups\":{\"min_rows\":3}",
             quotes, quotes, quotes, quotes, quotes);
    vs_plan *plan = plan_of(middle);
    assert_in_range(vs__result_limit(plan), result_len(plan, 1), UINT64_MAX);
    vs_plan_free(plan);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_of_any_key_fit_and_little_else_does),
        cmocka_unit_test(results_fit),
        cmocka_unit_test(titles_and_levels_that_json_makes_longer_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
