/* The people of a plan in words, and warnings about them. */
#include "aggregate/plan/plan_text.h"
#include "tests/aggregate/rosters.h"

#define PARTY(letter, organisation, may) "{'identity':'@" letter "','organisation':'" organisation "','may':[" may "]}"
#define PLAN(parties, more)                                                                                            \
    "{'veilsum':1,'vector':{'length':1,'scale':0,'min':0,'max':7},'roster':[" parties "]" more "}"
#define GIVE "'contribute'"
#define FOUR PARTY("A", "Air", GIVE) "," PARTY("B", "Bus", GIVE) "," PARTY("C", "Car", GIVE) "," PARTY("D", "Dam", GIVE)
#define OPENER "," PARTY("H", "Hub", "'open'")
#define KEYED ",'opening':{'key':KEY}"

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

/* What is said, or warned of, with line breaks and indents as single spaces. malloc'd. */
static char *words(const char *text, bool warnings, size_t *count) {
    vs_memory_sink memory;
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    char *filled = roster_text(&people, text), *said, *out;
    vs_plan *plan = plan_of(filled);
    *count = 0;
    if (warnings) {
        assert_int_equal(vs_plan_warnings(plan, &sink, count, NULL), VS_OK);
    } else {
        assert_int_equal(vs_plan_show(plan, 3072, 1, &sink, NULL), VS_OK);
    }
    said = out = strndup(memory.data == NULL ? "" : (const char *)memory.data, memory.len);
    for (const char *in = said; *in != '\0'; in++) {
        char c = *in == '\n' ? ' ' : *in;
        if (c != ' ' || (out > said && out[-1] != ' ')) {
            *out++ = c;
        }
    }
    *out = '\0';
    vs_plan_free(plan);
    free(filled);
    free(memory.data);
    return said;
}

static void assert_says(const char *text, const char *sentence) {
    size_t count;
    char *said = words(text, false, &count);
    if (strstr(said, sentence) == NULL) {
        print_error("missing: %s\nin: %s\n", sentence, said);
        fail();
    }
    free(said);
}

static void assert_warns(const char *text, size_t expected, const char *sentence) {
    size_t count;
    char *said = words(text, true, &count);
    if (count != expected || strstr(said, sentence) == NULL) {
        print_error("wanted %zu with: %s\ngot %zu: %s\n", expected, sentence, count, said);
        fail();
    }
    free(said);
}

static void people_are_said_in_words(void **state) {
    (void)state;
    const char *plan = PLAN(FOUR "," PARTY("H", "Hub", "'aggregate','open','audit','contribute'"),
                            KEYED ",'signatures':3,'sets':{'south':['A','C','D']},'contributors':{'max':4}");
    assert_says(plan, ") of Hub: may contribute, open totals, combine contributions and sign receipts, audit ");
    assert_says(plan, " - A (");
    assert_says(plan, ") of Air: may contribute - B");
    assert_says(plan, "counts as agreed on once 3 of these 5 have signed it");
    assert_says(plan, "a contribution counts with the signature of its party only");
    assert_says(plan, " - south: A, C, D ");
    assert_says(plan, "those of the roster only, of at least 3 organisations and at most 4 in a total");
    assert_says(PLAN(FOUR, KEYED), "counts as agreed on once all of them have signed it");
}

static void terms_are_said_in_words(void **state) {
    (void)state;
#define TERMS(terms) "{'veilsum':1,'vector':{'length':1,'scale':0,'min':0,'max':7}" KEYED "," terms "}"
    assert_says(TERMS("'purpose':'To know'"), " purpose To know ");
    assert_says(TERMS("'valid':{'from':'2026-11-01','until':'2027-12-31'}"),
                "valid from 2026-11-01 to 2027-12-31, both days included, in UTC");
    assert_says(TERMS("'valid':{'from':'2026-11-01'}"), "valid from 2026-11-01 on, in UTC");
    assert_says(TERMS("'valid':{'until':'2026-11-01'}"), "valid to the end of 2026-11-01, in UTC");
    assert_says(TERMS("'valid':{'uses':1}"), "at most 1 different total may be opened");
    assert_says(TERMS("'valid':{'uses':12}"), "at most 12 different totals may be opened");
    assert_says(TERMS("'replaces':[KEY]"), "the plan " TEST_FINGERPRINT "; what was closed under that one stands");
}

static void holders_are_said_to_open_together(void **state) {
    (void)state;
    const char *plan = "{'veilsum':1,'vector':{'length':1,'scale':0,'min':0,'max':7},'opening':{'threshold':KEY,"
                       "'holders':'ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'}}";
    assert_says(plan, "several holders together, none of them alone");
    assert_says(plan, "fingerprint ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    assert_says(plan, "What the holders of the key will not learn");
    assert_says(plan, "together with enough holders of the key, it can open each one");
}

static void doubtful_rosters_are_warned_of(void **state) {
    (void)state;
    assert_warns(PLAN(FOUR OPENER, KEYED), 0, "");
    assert_warns(PLAN(FOUR, KEYED), 1, "roster: nobody may open a total");
    assert_warns(PLAN(FOUR "," PARTY("H", "Hub", "'open','aggregate'"), KEYED), 1,
                 "roster: H may both combine and open: whoever holds the key");
    assert_warns(PLAN(FOUR "," PARTY("H", "Hub", "'open','aggregate','contribute'"), KEYED), 1,
                 "roster: H may both combine and open, and contributes besides: ");
    assert_warns(PLAN(FOUR "," PARTY("H", "Hub", "'open','aggregate'"), ",'opening':{'threshold':KEY,'holders':KEY}"),
                 0, "");
    assert_warns(PLAN(FOUR "," PARTY("E", "Air", GIVE) OPENER, KEYED), 1,
                 "roster: 2 parties of Air may contribute: contributors.min counts an organisation once");
    assert_warns(PLAN(FOUR "," PARTY("E", "Air", GIVE) "," PARTY("F", "Bus", GIVE) OPENER, KEYED), 1,
                 "2 parties of Air, and several of others, may contribute");
    assert_warns(PLAN(FOUR OPENER, KEYED ",'contributors':{'min':4}"), 1,
                 "contributors.min is 4, as many as there are organisations");
    assert_warns(PLAN(FOUR "," PARTY("E", "a i r", GIVE) OPENER, KEYED), 1,
                 "roster: the organisations Air and a i r differ by case or spaces only");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_said_in_words),
        cmocka_unit_test(terms_are_said_in_words),
        cmocka_unit_test(holders_are_said_to_open_together),
        cmocka_unit_test(doubtful_rosters_are_warned_of),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
