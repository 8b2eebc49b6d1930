#include "openings.h"

static void expect_rule(const vs_opening_request *request, const char *rule) {
    vs_error error = {.message = ""};
    assert_int_equal(vs_opening_rules(request, &error), VS_ERR_POLICY);
    assert_non_null(strstr(error.message, rule));
}

static void a_total_in_order_may_be_opened(void **state) {
    (void)state;
    vs_header header;
    vs_contributor contributors[16];
    vs_opening_request request = request_for(&header, contributors, "ABC");
    assert_int_equal(vs_opening_rules(&request, NULL), VS_OK);
    request.opener = NULL; /* who only puts parts together need not have verified anything */
    request.verified = false;
    assert_int_equal(vs_opening_rules(&request, NULL), VS_OK);
}

static void each_rule_refuses(void **state) {
    (void)state;
    vs_header header;
    vs_contributor contributors[16];
    vs_opening_request request = request_for(&header, contributors, "ABC");
    request.plan_signed = false;
    expect_rule(&request, "rule signatures");
    request = request_for(&header, contributors, "ABC");
    request.verified = false;
    expect_rule(&request, "rule verify first");
    request = request_for(&header, contributors, "ABC");
    request.opener = vs_identity_public(people.identities['H' - 'A']); /* listed, and may do something else */
    expect_rule(&request, "rule roster");
    request.opener = vs_identity_public(people.identities['I' - 'A']);
    expect_rule(&request, "rule roster");
    request = request_for(&header, contributors, "ABI");
    expect_rule(&request, "rule roster");
    request = request_for(&header, contributors, "ABG");
    expect_rule(&request, "rule roster");
    request = request_for(&header, contributors, "ABC");
    request.now = NOVEMBER - 30 * 86400;
    assert_int_equal(vs_opening_rules(&request, NULL), VS_ERR_POLICY);
    request.now = NOVEMBER + 30 * 86400;
    assert_int_equal(vs_opening_rules(&request, NULL), VS_ERR_POLICY);
}

/* Another key under a listed name is somebody else. */
static void an_opener_is_its_key_and_not_its_name(void **state) {
    (void)state;
    vs_header header;
    vs_contributor contributors[16];
    vs_identity *other = NULL;
    vs_opening_request request = request_for(&header, contributors, "ABC");
    assert_int_equal(vs_identity_new(&other, "G"), VS_OK);
    request.opener = vs_identity_public(other);
    expect_rule(&request, "rule roster");
    vs_identity_free(other);
}

/* D and E, and A and F, are of one organisation each. */
static void the_minimum_counts_organisations(void **state) {
    (void)state;
    static const struct {
        const char *who;
        bool enough;
    } cases[] = {{"A", false}, {"AF", false}, {"DE", false}, {"AD", true}, {"AFDE", true}, {"AB", true}};
    vs_header header;
    vs_contributor contributors[16];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vs_opening_request request = request_for(&header, contributors, cases[i].who);
        if (cases[i].enough) {
            assert_int_equal(vs_opening_rules(&request, NULL), VS_OK);
        } else {
            expect_rule(&request, "rule contributors.min");
        }
    }
}

static void sets_go_together_if_disjoint_or_both_listed(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool together;
    } cases[] = {{"AB", "CD", true},   {"AB", "ABCD", true}, {"AB", "BC", false},    {"AB", "AB", false},
                 {"AB", "ABC", false}, {"ABCD", "EF", true}, {"ABC", "ABCD", false}, {"E", "EF", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vs_names a, b;
        names_of(&a, cases[i].a);
        names_of(&b, cases[i].b);
        assert_int_equal(vs_opening_sets_go_together(plan, &a, &b), cases[i].together);
        assert_int_equal(vs_opening_sets_go_together(plan, &b, &a), cases[i].together);
        vs_names_free(&a);
        vs_names_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_total_in_order_may_be_opened),
        cmocka_unit_test(each_rule_refuses),
        cmocka_unit_test(an_opener_is_its_key_and_not_its_name),
        cmocka_unit_test(the_minimum_counts_organisations),
        cmocka_unit_test(sets_go_together_if_disjoint_or_both_listed),
    };
    return cmocka_run_group_tests(tests, opening_world_new, opening_world_free);
}
