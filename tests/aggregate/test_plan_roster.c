/* The roster of a plan, its terms and its sets. */
#include <sodium.h>

#include "tests/aggregate/rosters.h"

#define HEAD "{'veilsum':1,'columns':{'X':{'scale':0,'min':0,'max':9}},'measures':[{'sum':'X'}],'opening':{'key':KEY}"
#define PARTY(letter, organisation) "{'identity':'@" letter "','organisation':'" organisation "','may':['contribute']}"
#define FOUR PARTY("A", "a") "," PARTY("B", "b") "," PARTY("C", "c") "," PARTY("D", "d")
#define HUB "{'identity':'@H','organisation':'hub','may':['open','aggregate']}"
#define PLAN(more) HEAD "," more "}"
#define ROSTER(parties) PLAN("'roster':[" parties "]")
#define SETS(sets) PLAN("'roster':[" FOUR "," HUB "],'contributors':{'min':1},'sets':" sets)

static roster people;

static int set_up(void **state) {
    (void)state;
    roster_new(&people);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    roster_free(&people);
    return 0;
}

static vs_plan *plan_with(const char *text) {
    char *filled = roster_text(&people, text);
    vs_plan *plan = plan_of(filled);
    free(filled);
    return plan;
}

static void refuse(const char *text, vs_status status, const char *message) {
    char *filled = roster_text(&people, text);
    assert_refused(filled, status, message);
    free(filled);
}

typedef struct refusal {
    const char *text;
    vs_status status;
    const char *message;
} refusal;

#define REFUSE_ALL(list)                                                                                               \
    for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++) {                                                       \
        refuse((list)[i].text, (list)[i].status, (list)[i].message);                                                   \
    }

/* ---- the roster ---- */

static void a_roster_says_who_may_what(void **state) {
    (void)state;
    vs_plan *plan = plan_with(PLAN("'roster':[" PARTY("C", "Car") "," PARTY(
        "A", "Air") ","
                    "{'identity':'@B','organisation':'Air','may':['audit','open','contribute']}," PARTY(
                        "D", "Dam") "," HUB "],'signatures':4"));
    assert_int_equal(plan->party_count, 5);
    assert_int_equal(plan->contributing_count, 4);
    assert_int_equal(plan->contributors_max, 4);
    assert_int_equal(plan->contributors_min, 3);
    assert_int_equal(plan->organisation_count, 4);
    assert_int_equal(plan->signatures_needed, 4);
    assert_string_equal(plan->parties[0].identity.name, "C");
    assert_string_equal(plan->parties[2].organisation, "Air");
    assert_int_equal(plan->parties[2].may, VS_MAY_AUDIT | VS_MAY_OPEN | VS_MAY_CONTRIBUTE);
    assert_int_equal(plan->parties[4].may, VS_MAY_OPEN | VS_MAY_AGGREGATE);
    assert_int_equal(plan->parties[1].organisation_index, plan->parties[2].organisation_index);
    assert_int_not_equal(plan->parties[0].organisation_index, plan->parties[1].organisation_index);
    assert_true(vs_public_identity_equal(&plan->parties[1].identity, vs_identity_public(people.identities[0])));
    for (size_t i = 0; i < plan->party_count; i++) {
        assert_ptr_equal(vs_plan_party(plan, plan->parties[i].identity.name), &plan->parties[i]);
    }
    assert_null(vs_plan_party(plan, "E"));
    assert_null(vs_plan_party(plan, ""));
    assert_null(vs_plan_party(plan, "AA"));
    assert_ptr_equal(vs_plan_party_of(plan, "AA", 1), &plan->parties[1]);
    vs_plan_free(plan);
}

static void without_a_roster_all_is_as_before(void **state) {
    (void)state;
    vs_plan *plan = plan_of(HEAD "}");
    assert_int_equal(plan->party_count, 0);
    assert_int_equal(plan->signatures_needed, 0);
    assert_int_equal(plan->contributors_max, 1000);
    assert_null(vs_plan_party(plan, "A"));
    assert_int_equal(vs_plan_valid_at(plan, 0, NULL), VS_OK);
    assert_int_equal(vs_plan_valid_at(plan, INT64_MAX, NULL), VS_OK);
    vs_plan_free(plan);
}

static void all_sign_where_the_plan_does_not_say(void **state) {
    (void)state;
    vs_plan *plan = plan_with(ROSTER(FOUR "," HUB));
    assert_int_equal(plan->signatures_needed, 5);
    vs_plan_free(plan);
}

static void wrong_parties_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {PLAN("'roster':{}"), VS_ERR_FORMAT, "roster: must be a list, […]"},
        {PLAN("'roster':[]"), VS_ERR_FORMAT, "roster: needs at least 1 entry"},
        {PLAN("'roster':null"), VS_ERR_FORMAT, "roster: must be a list, […]"},
        {ROSTER("7"), VS_ERR_FORMAT, "roster[0]: must be an object, {…}"},
        {ROSTER("{}"), VS_ERR_FORMAT, "roster[0].identity: is missing"},
        {ROSTER("{'identity':'@A','organisation':'a'}"), VS_ERR_FORMAT, "roster[0].may: is missing"},
        {ROSTER("{'identity':'@A','may':['open']}"), VS_ERR_FORMAT, "roster[0].organisation: is missing"},
        {ROSTER(FOUR ",{'identity':'@H','organisation':'h','may':['open'],'x':1}"), VS_ERR_FORMAT,
         "roster[4].x: unknown key"},
        {ROSTER("{'identity':7,'organisation':'a','may':['open']}"), VS_ERR_FORMAT,
         "roster[0].identity: must be a string, \"…\""},
        {ROSTER("{'identity':'A','organisation':'a','may':['open']}"), VS_ERR_FORMAT,
         "roster[0].identity: not a public identity: NAME+ID+KEY in one line"},
        {ROSTER("{'identity':'@A\\n','organisation':'a','may':['open']}"), VS_ERR_RANGE,
         "roster[0].identity: holds a control character"},
        {ROSTER("{'identity':'Z@A','organisation':'a','may':['open']}"), VS_ERR_AUTH,
         "roster[0].identity: the identity's name and key do not belong together"},
        {ROSTER("{'identity':'@A','organisation':'','may':['open']}"), VS_ERR_RANGE,
         "roster[0].organisation: must not be empty"},
        {ROSTER("{'identity':'@A','organisation':'a ','may':['open']}"), VS_ERR_RANGE,
         "roster[0].organisation: has a space at an end, two in a row, or a mark that is not seen"},
        {ROSTER("{'identity':'@A','organisation':' a','may':['open']}"), VS_ERR_RANGE,
         "roster[0].organisation: has a space at an end, two in a row, or a mark that is not seen"},
        {ROSTER("{'identity':'@A','organisation':'a  b','may':['open']}"), VS_ERR_RANGE,
         "roster[0].organisation: has a space at an end, two in a row, or a mark that is not seen"},
        {ROSTER("{'identity':'@A','organisation':'a\\u200bb','may':['open']}"), VS_ERR_RANGE,
         "roster[0].organisation: has a space at an end, two in a row, or a mark that is not seen"},
        {ROSTER("{'identity':'@A','organisation':'a','may':'open'}"), VS_ERR_FORMAT,
         "roster[0].may: must be a list, […]"},
        {ROSTER("{'identity':'@A','organisation':'a','may':[]}"), VS_ERR_FORMAT,
         "roster[0].may: needs at least 1 entry"},
        {ROSTER("{'identity':'@A','organisation':'a','may':['read']}"), VS_ERR_FORMAT,
         "roster[0].may[0]: is nothing that a party may do"},
        {ROSTER("{'identity':'@A','organisation':'a','may':['open',7]}"), VS_ERR_FORMAT,
         "roster[0].may[1]: must be a string, \"…\""},
        {ROSTER("{'identity':'@A','organisation':'a','may':['open','open']}"), VS_ERR_RANGE,
         "roster[0].may[1]: is there twice"},
        {ROSTER("{'identity':'@A','organisation':'a','may':['open','audit','open','audit','open']}"), VS_ERR_LIMIT,
         "roster[0].may: has more than 4 entries"},
        {ROSTER(FOUR "," PARTY("B", "x")), VS_ERR_RANGE, "roster[4].identity: its name is that of another party above"},
    };
    REFUSE_ALL(list);
}

/* Name and id change, the key stays. */
static void one_key_under_two_names_is_refused(void **state) {
    (void)state;
    char text[4096], line[VS_MAX_IDENTITY_TEXT];
    uint8_t hash[crypto_hash_sha256_BYTES], bytes[4 + VS_IDENTITY_KEY_BYTES] = {'A', '2', '\n', 1};
    vs_public_identity twin = *vs_identity_public(people.identities[0]);
    memcpy(bytes + 4, twin.key, sizeof twin.key);
    crypto_hash_sha256(hash, bytes, sizeof bytes);
    memcpy(twin.id, hash, sizeof twin.id);
    (void)snprintf(twin.name, sizeof twin.name, "A2");
    vs_public_identity_to_text(line, &twin);
    (void)snprintf(text, sizeof text, PLAN("'roster':[" FOUR ",{'identity':'%s','organisation':'e','may':['open']}]"),
                   line);
    refuse(text, VS_ERR_RANGE, "roster[4].identity: its key is that of another party above");
}

static void wrong_numbers_of_signatures_and_contributors_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {PLAN("'signatures':1"), VS_ERR_FORMAT, "signatures: does not go without a roster"},
        {PLAN("'roster':[" FOUR "],'signatures':0"), VS_ERR_RANGE, "signatures: must be between 1 and 4"},
        {PLAN("'roster':[" FOUR "],'signatures':5"), VS_ERR_RANGE, "signatures: must be between 1 and 4"},
        {PLAN("'roster':[" FOUR "],'signatures':'4'"), VS_ERR_FORMAT, "signatures: must be an integer"},
        {PLAN("'roster':[" FOUR "," HUB "],'contributors':{'max':5}"), VS_ERR_RANGE,
         "contributors.max: is more than the roster lets contribute (4)"},
        {PLAN("'roster':[" FOUR "],'contributors':{'min':5}"), VS_ERR_RANGE, "contributors: min (5) is above max (4)"},
        {ROSTER(HUB), VS_ERR_RANGE, "contributors.min: 3 organisations are needed, and the roster lets 0 contribute"},
        {ROSTER(PARTY("A", "a") "," PARTY("B", "b") "," PARTY("C", "a") "," PARTY("D", "b")), VS_ERR_RANGE,
         "contributors.min: 3 organisations are needed, and the roster lets 2 contribute"},
        {ROSTER(PARTY("A", "a") "," PARTY("B", "b") "," HUB), VS_ERR_RANGE,
         "contributors.min: 3 organisations are needed, and the roster lets 2 contribute"},
    };
    REFUSE_ALL(list);
}

/* ---- terms ---- */

static void terms_are_read(void **state) {
    (void)state;
    vs_error error;
    vs_plan *plan = plan_of(PLAN("'purpose':'monthly figures','replaces':[KEY],"
                                 "'valid':{'from':'2026-11-01','until':'2026-11-30','uses':12}"));
    assert_string_equal(plan->purpose, "monthly figures");
    assert_int_equal(plan->uses, 12);
    assert_int_equal(plan->replaces_count, 1);
    assert_int_equal(plan->replaces[0][1], 0x11);
    assert_true(vs_plan_replaces(plan, plan->replaces[0]));
    assert_false(vs_plan_replaces(plan, plan->id));
    assert_int_equal(plan->valid_from, 1793491200);
    assert_int_equal(plan->valid_until, 1793491200 + 30 * 86400);
    assert_int_equal(vs_plan_valid_at(plan, plan->valid_from, &error), VS_OK);
    assert_int_equal(vs_plan_valid_at(plan, plan->valid_until - 1, &error), VS_OK);
    assert_int_equal(vs_plan_valid_at(plan, plan->valid_from - 1, &error), VS_ERR_POLICY);
    assert_string_equal(error.message, "rule valid.from: the plan is not valid yet: it begins on 2026-11-01");
    assert_int_equal(vs_plan_valid_at(plan, plan->valid_until, &error), VS_ERR_POLICY);
    assert_string_equal(error.message, "rule valid.until: the plan is not valid any more: its last day was 2026-11-30");
    vs_plan_free(plan);
    plan = plan_of(PLAN("'valid':{'from':'2026-11-01','until':'2026-11-01'}"));
    assert_int_equal(plan->valid_until, plan->valid_from + 86400);
    vs_plan_free(plan);
}

static void wrong_terms_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {PLAN("'purpose':7"), VS_ERR_FORMAT, "purpose: must be a string, \"…\""},
        {PLAN("'purpose':''"), VS_ERR_RANGE, "purpose: must not be empty"},
        {PLAN("'purpose':'a\\u0007'"), VS_ERR_RANGE, "purpose: holds a control character"},
        {PLAN("'valid':[]"), VS_ERR_FORMAT, "valid: must be an object, {…}"},
        {PLAN("'valid':{}"), VS_ERR_FORMAT, "valid: needs from, until or uses"},
        {PLAN("'valid':{'to':'2026-11-01'}"), VS_ERR_FORMAT, "valid.to: unknown key"},
        {PLAN("'valid':{'from':20261101}"), VS_ERR_FORMAT, "valid.from: must be a string, \"…\""},
        {PLAN("'valid':{'from':'2026-02-29'}"), VS_ERR_FORMAT,
         "valid.from: must be a day from 1970 to 9998, as in 2026-11-24"},
        {PLAN("'valid':{'from':'2026-1-1'}"), VS_ERR_FORMAT,
         "valid.from: must be a day from 1970 to 9998, as in 2026-11-24"},
        {PLAN("'valid':{'until':'9999-12-31'}"), VS_ERR_FORMAT,
         "valid.until: must be a day from 1970 to 9998, as in 2026-11-24"},
        {PLAN("'valid':{'until':'2026-11-01T00:00:00Z'}"), VS_ERR_FORMAT,
         "valid.until: must be a day from 1970 to 9998, as in 2026-11-24"},
        {PLAN("'valid':{'from':'2026-11-02','until':'2026-11-01'}"), VS_ERR_RANGE, "valid: until is before from"},
        {PLAN("'valid':{'uses':0}"), VS_ERR_RANGE, "valid.uses: must be between 1 and 1000000"},
        {PLAN("'valid':{'uses':'1'}"), VS_ERR_FORMAT, "valid.uses: must be an integer"},
        {PLAN("'replaces':KEY"), VS_ERR_FORMAT, "replaces: must be a list, […]"},
        {PLAN("'replaces':[KEY,KEY]"), VS_ERR_RANGE, "replaces[1]: is there twice"},
        {PLAN("'replaces':[7]"), VS_ERR_FORMAT, "replaces[0]: must be a string, \"…\""},
        {PLAN("'replaces':['00']"), VS_ERR_FORMAT, "replaces[0]: must be a plan's id: 64 hexadecimal digits, lower case"},
    };
    REFUSE_ALL(list);
}

static void threshold_plans_name_the_holders(void **state) {
    (void)state;
    vs_plan *plan = plan_of("{'veilsum':1,'vector':{'length':1,'scale':0,'min':0,'max':7},'opening':{'threshold':KEY,"
                            "'holders':'ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'}}");
    assert_true(plan->is_threshold);
    assert_int_equal(plan->key_fingerprint[0], 0);
    assert_int_equal(plan->holders_fingerprint[0], 0xff);
    vs_plan_free(plan);
}

/* ---- sets ---- */

static void sets_are_trees_of_contributors(void **state) {
    (void)state;
    vs_plan *plan = plan_with(SETS("{'west':['D','A'],'all':['west','east'],'east':['C','B']}"));
    assert_int_equal(plan->set_count, 3);
    assert_string_equal(plan->sets[0].name, "all");
    assert_int_equal(plan->sets[0].member_count, 4);
    assert_string_equal(plan->sets[2].name, "west");
    assert_int_equal(plan->sets[2].member_count, 2);
    assert_int_equal(plan->sets[2].members[0], 0);
    assert_int_equal(plan->sets[2].members[1], 3);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(plan->sets[0].members[i], i);
    }
    vs_plan_free(plan);
}

static void what_is_left_of_a_set_has_enough_organisations(void **state) {
    (void)state;
#define TWO(sets)                                                                                                      \
    PLAN("'roster':[" FOUR "," PARTY("E", "a") "," PARTY("F", "f") "],'contributors':{'min':2},'sets':" sets)
    vs_plan_free(plan_with(TWO("{'x':['A','B'],'y':['x','C','D']}")));
    vs_plan_free(plan_with(TWO("{'x':['A','B'],'y':['C','D'],'z':['x','y']}")));
    static const refusal list[] = {
        {TWO("{'x':['A']}"), VS_ERR_RANGE, "sets.x: has 1 organisation, fewer than contributors.min (2)"},
        {TWO("{'x':['A','E']}"), VS_ERR_RANGE, "sets.x: has 1 organisation, fewer than contributors.min (2)"},
        {TWO("{'x':['A','B'],'y':['x','C']}"), VS_ERR_RANGE,
         "sets.y: without the sets inside it leaves 1 organisation, fewer than contributors.min (2)"},
        {TWO("{'x':['A','B'],'y':['C','D'],'z':['x','y','F']}"), VS_ERR_RANGE,
         "sets.z: without the sets inside it leaves 1 organisation, fewer than contributors.min (2)"},
    };
    REFUSE_ALL(list);
}

static void wrong_sets_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {PLAN("'sets':{'x':['A']}"), VS_ERR_FORMAT, "sets: does not go without a roster"},
        {SETS("['A']"), VS_ERR_FORMAT, "sets: must be an object of at least one set, {\"NAME\": […]}"},
        {SETS("{}"), VS_ERR_FORMAT, "sets: must be an object of at least one set, {\"NAME\": […]}"},
        {SETS("{'x':'A'}"), VS_ERR_FORMAT, "sets.x: must be a list, […]"},
        {SETS("{'x':[]}"), VS_ERR_FORMAT, "sets.x: needs at least 1 entry"},
        {SETS("{'x y':['A']}"), VS_ERR_RANGE, "sets.\"x y\": is no name for a set"},
        {SETS("{'':['A']}"), VS_ERR_RANGE, "sets.\"\": is no name for a set"},
        {SETS("{'A':['B']}"), VS_ERR_RANGE, "sets.A: is the name of a party, too"},
        {SETS("{'x':[7]}"), VS_ERR_FORMAT, "sets.x[0]: must be a string, \"…\""},
        {SETS("{'x':['A','E']}"), VS_ERR_RANGE, "sets.x[1]: neither a party nor a set is called E"},
        {SETS("{'x':['A','H']}"), VS_ERR_RANGE, "sets.x[1]: H may not contribute"},
        {SETS("{'x':['A','A']}"), VS_ERR_RANGE, "sets.x[1]: adds a member that is in the set already"},
        {SETS("{'x':['A','B'],'y':['x','B']}"), VS_ERR_RANGE, "sets.y[1]: adds a member that is in the set already"},
        {SETS("{'x':['x']}"), VS_ERR_RANGE, "sets.x[0]: is this set itself, or holds it"},
        {SETS("{'x':['A','y'],'y':['z'],'z':['x','B']}"), VS_ERR_RANGE, "sets.z[0]: is this set itself, or holds it"},
        {SETS("{'x':['A','B'],'y':['B','C']}"), VS_ERR_RANGE, "sets.y: overlaps with x: one must hold the other whole"},
        {SETS("{'x':['A','B','C'],'y':['B','C','D']}"), VS_ERR_RANGE,
         "sets.y: overlaps with x: one must hold the other whole"},
        {SETS("{'x':['A','B'],'y':['x']}"), VS_ERR_RANGE, "sets.y: has the same members as x"},
    };
    REFUSE_ALL(list);
}

/* ---- the id ---- */

static void every_agreed_thing_is_in_the_id(void **state) {
    (void)state;
#define FULL(purpose, from, uses, who, may, needed, set)                                                               \
    PLAN("'purpose':'" purpose "','valid':{'from':'" from "','uses':" uses "},'roster':[" FOUR ",{'identity':'@" who   \
         "','organisation':'hub','may':['" may "']}],'signatures':" needed ",'sets':{'x':" set "}")
    static const char *const texts[] = {
        FULL("p", "2026-11-01", "1", "E", "open", "3", "['A','B','C']"),
        FULL("q", "2026-11-01", "1", "E", "open", "3", "['A','B','C']"),
        FULL("p", "2026-11-02", "1", "E", "open", "3", "['A','B','C']"),
        FULL("p", "2026-11-01", "2", "E", "open", "3", "['A','B','C']"),
        FULL("p", "2026-11-01", "1", "F", "open", "3", "['A','B','C']"),
        FULL("p", "2026-11-01", "1", "E", "aggregate", "3", "['A','B','C']"),
        FULL("p", "2026-11-01", "1", "E", "open", "4", "['A','B','C']"),
        FULL("p", "2026-11-01", "1", "E", "open", "3", "['A','B','D']"),
    };
    uint8_t ids[sizeof texts / sizeof *texts][VS_HASH_BYTES];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        vs_plan *plan = plan_with(texts[i]);
        memcpy(ids[i], plan->id, VS_HASH_BYTES);
        vs_plan_free(plan);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(ids[i], ids[j], VS_HASH_BYTES);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_roster_says_who_may_what),
        cmocka_unit_test(without_a_roster_all_is_as_before),
        cmocka_unit_test(all_sign_where_the_plan_does_not_say),
        cmocka_unit_test(wrong_parties_are_refused),
        cmocka_unit_test(one_key_under_two_names_is_refused),
        cmocka_unit_test(wrong_numbers_of_signatures_and_contributors_are_refused),
        cmocka_unit_test(terms_are_read),
        cmocka_unit_test(wrong_terms_are_refused),
        cmocka_unit_test(threshold_plans_name_the_holders),
        cmocka_unit_test(sets_are_trees_of_contributors),
        cmocka_unit_test(what_is_left_of_a_set_has_enough_organisations),
        cmocka_unit_test(wrong_sets_are_refused),
        cmocka_unit_test(every_agreed_thing_is_in_the_id),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
