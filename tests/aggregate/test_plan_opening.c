/* How a plan says that totals open: the ways without a key, and what they go with. */
#include "tests/support.h"

#include "aggregate/plan/plan.h"
#include "crypto/secret.h"
#include "tests/identities.h"

/* Four parties: A, B, C contribute; S serves, opens or combines as the case wants. */
static void roster_text(char *out, size_t cap, const char *may_of_last, bool same_organisation) {
    static const char *const names[] = {"A", "B", "C", "S", "T"};
    size_t at = (size_t)snprintf(out, cap, "[");
    for (unsigned i = 0; i < 5; i++) {
        uint8_t seed[32] = {(uint8_t)(i + 1)};
        char text[VS_MAX_IDENTITY_TEXT];
        vs_identity *identity = test_identity_of_seed(seed, names[i]);
        vs_public_identity_to_text(text, vs_identity_public(identity));
        vs_identity_free(identity);
        at +=
            (size_t)snprintf(out + at, cap - at,
                             "%s{\"identity\": \"%s\", \"organisation\": \"%s\", \"may\": [\"%s\"]}", i > 0 ? ", " : "",
                             text, same_organisation && i > 2 ? "Same" : names[i], i < 3 ? "contribute" : may_of_last);
    }
    snprintf(out + at, cap - at, "]");
}

static vs_status parse(vs_plan **plan, const char *opening, const char *may, bool same, const char *more,
                       vs_error *error) {
    char roster[2048], json[4096];
    roster_text(roster, sizeof roster, may, same);
    snprintf(json, sizeof json,
             "{\"veilsum\": 1, \"columns\": {\"x\": {\"scale\": 0, \"min\": 0, \"max\": 9}}, \"by\": [], "
             "\"measures\": [{\"sum\": \"x\"}], \"roster\": %s, \"contributors\": {\"min\": 3}, %s \"opening\": %s}",
             roster, more, opening);
    return vs_plan_parse(plan, json, strlen(json), error);
}

static void servers_are_parties_of_the_plan(void **state) {
    (void)state;
    vs_plan *plan;
    vs_error error = {.message = ""};
    assert_int_equal(parse(&plan, "{\"shares\": [\"T\", \"S\"]}", "open", false, "", &error), VS_OK);
    assert_int_equal(plan->opening, VS_OPENING_SHARES);
    assert_int_equal(plan->server_count, 2);
    assert_int_equal(plan->servers[0], 4);
    assert_int_equal(plan->servers[1], 3);
    assert_false(plan->is_threshold);
    vs_plan_free(plan);
}

static void masks_tolerate_what_they_say(void **state) {
    (void)state;
    static const char *const openings[] = {"{\"masks\": {}}", "{\"masks\": {\"corrupt\": 0, \"absent\": 33}}"};
    static const unsigned percents[][2] = {{5, 5}, {0, 33}};
    for (size_t i = 0; i < 2; i++) {
        vs_plan *plan;
        assert_int_equal(parse(&plan, openings[i], "aggregate", false, "", NULL), VS_OK);
        assert_int_equal(plan->opening, VS_OPENING_MASKS);
        assert_int_equal(plan->corrupt_percent, percents[i][0]);
        assert_int_equal(plan->absent_percent, percents[i][1]);
        vs_plan_free(plan);
    }
}

typedef struct refusal {
    const char *opening, *may;
    bool same;
    const char *more, *says;
} refusal;

static void what_does_not_go_together_is_refused(void **state) {
    (void)state;
    static const char groups[] = "\"groups\": {\"min_rows\": 5},";
    static const refusal refusals[] = {
        {"{\"shares\": [\"S\"]}", "open", false, "", "opening.shares"},
        {"{\"shares\": [\"S\", \"S\"]}", "open", false, "", "is there twice"},
        {"{\"shares\": [\"S\", \"X\"]}", "open", false, "", "nobody on the roster"},
        {"{\"shares\": [\"S\", \"T\"]}", "open", true, "", "same organisation"},
        {"{\"shares\": [\"S\", \"T\"]}", "audit", false, "", "no party of the roster may open"},
        {"{\"shares\": [\"A\", \"B\", \"C\", \"S\", \"T\", \"A\"]}", "open", false, "", "opening.shares"},
        {"{\"shares\": [1, 2]}", "open", false, "", "opening.shares"},
        {"{\"shares\": \"S\"}", "open", false, "", "opening.shares"},
        {"{\"masks\": {}}", "open", false, "", "no party of the roster may aggregate"},
        {"{\"masks\": {}}", "aggregate", false, groups, "does not go with 'groups'"},
        {"{\"masks\": {\"corrupt\": 34}}", "aggregate", false, "", "opening.masks.corrupt"},
        {"{\"masks\": {\"absent\": -1}}", "aggregate", false, "", "opening.masks.absent"},
        {"{\"masks\": {\"threshold\": 3}}", "aggregate", false, "", "unknown key"},
        {"{\"masks\": {}, \"shares\": [\"S\", \"T\"]}", "aggregate", false, "", "exactly one way to open"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        vs_plan *plan;
        vs_error error = {.message = ""};
        vs_status status = parse(&plan, r->opening, r->may, r->same, r->more, &error);
        if (status == VS_OK || strstr(error.message, r->says) == NULL) {
            print_error("%s: %s\n", r->opening, error.message);
        }
        assert_int_not_equal(status, VS_OK);
        assert_non_null(strstr(error.message, r->says));
        assert_null(plan);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_parties_of_the_plan),
        cmocka_unit_test(masks_tolerate_what_they_say),
        cmocka_unit_test(what_does_not_go_together_is_refused),
    };
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
