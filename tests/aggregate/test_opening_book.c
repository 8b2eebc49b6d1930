#include "openings.h"

#include "aggregate/ledger/ledger.h"
#include "aggregate/opening/book.h"
#include "memory_folder.h"

/* Enter the total of `who` in `period` whose bytes are number `total`, by G. */
static vs_status enter_under(const vs_plan *under, memory_folder *m, const char *who, const char *period, uint8_t total,
                             vs_error *error) {
    vs_header header;
    vs_contributor contributors[16];
    vs_opening_request request = request_for(&header, contributors, who);
    char *note = NULL;
    size_t len = 0;
    request.plan = under;
    memset(request.digest, total, VS_HASH_BYTES);
    snprintf(header.period, sizeof header.period, "%s", period);
    vs_status status = vs_opening_enter(&note, &len, &m->folder, people.identities['G' - 'A'], &request, false, error);
    assert_true((status == VS_OK) == (note != NULL));
    free(note);
    return status;
}

static vs_status enter(memory_folder *m, const char *who, const char *period, uint8_t total, vs_error *error) {
    return enter_under(plan, m, who, period, total, error);
}

static void expect_refused(memory_folder *m, const char *who, const char *period, uint8_t total, const char *rule) {
    vs_error error = {.message = ""};
    assert_int_equal(enter(m, who, period, total, &error), VS_ERR_POLICY);
    assert_non_null(strstr(error.message, rule));
    assert_true(strlen(error.hint) > 0);
}

static vs_plan *plan_with(const char *more) {
    vs_plan *other = NULL;
    char *text = roster_text(&people, PLAN), *all = malloc(strlen(text) + strlen(more) + 1);
    strcpy(all, text);
    strcpy(all + strlen(all) - 1, more); /* in place of the last brace */
    assert_int_equal(vs_plan_parse(&other, all, strlen(all), NULL), VS_OK);
    free(text);
    free(all);
    return other;
}

static void the_same_total_may_be_opened_again(void **state) {
    (void)state;
    memory_folder *m = memory_folder_new();
    assert_int_equal(enter(m, "ABC", "1", 1, NULL), VS_OK);
    assert_int_equal(enter(m, "ABC", "1", 1, NULL), VS_OK);
    expect_refused(m, "ABC", "1", 2, "rule one set a period");
    memory_folder_free(m);
}

static void overlapping_sets_of_one_period_are_refused(void **state) {
    (void)state;
    memory_folder *m = memory_folder_new();
    assert_int_equal(enter(m, "ABC", "1", 1, NULL), VS_OK);
    expect_refused(m, "ABCD", "1", 2, "rule one set a period");
    expect_refused(m, "CD", "1", 3, "rule one set a period");
    assert_int_equal(enter(m, "DEF", "1", 4, NULL), VS_OK); /* disjoint */
    assert_int_equal(enter(m, "ABCD", "2", 5, NULL), VS_OK);
    memory_folder_free(m);
}

static void listed_sets_may_overlap(void **state) {
    (void)state;
    memory_folder *m = memory_folder_new();
    assert_int_equal(enter(m, "AB", "1", 1, NULL), VS_OK);
    assert_int_equal(enter(m, "ABCD", "1", 2, NULL), VS_OK);
    expect_refused(m, "ABC", "1", 3, "rule one set a period");
    memory_folder_free(m);
}

static void uses_are_different_totals(void **state) {
    (void)state;
    memory_folder *m = memory_folder_new();
    char *text = roster_text(&people, PLAN), *at = strstr(text, "\"from\"");
    char *limited = malloc(strlen(text) + 32);
    vs_plan *two = NULL;
    sprintf(limited, "%.*s\"uses\":2,%s", (int)(at - text), text, at);
    assert_int_equal(vs_plan_parse(&two, limited, strlen(limited), NULL), VS_OK);
    assert_int_equal(enter_under(two, m, "ABC", "1", 1, NULL), VS_OK);
    assert_int_equal(enter_under(two, m, "ABC", "1", 1, NULL), VS_OK);
    assert_int_equal(enter_under(two, m, "ABC", "2", 2, NULL), VS_OK);
    vs_error error;
    assert_int_equal(enter_under(two, m, "ABC", "3", 3, &error), VS_ERR_POLICY);
    assert_non_null(strstr(error.message, "rule valid.uses"));
    assert_int_equal(enter_under(two, m, "ABC", "2", 2, NULL), VS_OK);
    vs_plan_free(two);
    free(limited);
    free(text);
    memory_folder_free(m);
}

/* What was closed under a plan stays closed under the one that replaces it, and under the one after that. */
static void a_replaced_plan_counts(void **state) {
    (void)state;
    memory_folder *m = memory_folder_new();
    char more[256], hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, plan->id, VS_HASH_BYTES);
    snprintf(more, sizeof more, ",\"replaces\":[\"%s\",\"%s\"]}", KEY, hex);
    vs_plan *later = plan_with(more), *other = plan_with(",\"title\":\"another\"}");
    assert_int_equal(enter(m, "ABC", "1", 1, NULL), VS_OK);
    assert_int_equal(enter_under(later, m, "ABCD", "1", 2, NULL), VS_ERR_POLICY);
    assert_int_equal(enter_under(later, m, "ABCD", "2", 3, NULL), VS_OK);
    assert_int_equal(enter_under(other, m, "ABCD", "1", 4, NULL), VS_OK); /* differences across plans are not seen */
    vs_plan_free(later);
    vs_plan_free(other);
    memory_folder_free(m);
}

/* Nor are the newer plan's sets opened a second time under the older one, or under another that replaces it, too. */
static void plans_of_one_line_count_in_any_order(void **state) {
    (void)state;
    memory_folder *m = memory_folder_new();
    char more[256], hex[2 * VS_HASH_BYTES + 1];
    vs_error error;
    vs_to_hex(hex, plan->id, VS_HASH_BYTES);
    snprintf(more, sizeof more, ",\"replaces\":[\"%s\"]}", hex);
    vs_plan *later = plan_with(more);
    snprintf(more, sizeof more, ",\"title\":\"another\",\"replaces\":[\"%s\"]}", hex);
    vs_plan *sibling = plan_with(more);
    snprintf(more, sizeof more, ",\"replaces\":[\"%s\"]}", KEY);
    vs_plan *stranger = plan_with(more);
    assert_int_equal(enter_under(later, m, "ABCD", "1", 1, NULL), VS_OK);
    assert_int_equal(enter_under(plan, m, "ABC", "1", 2, &error), VS_ERR_POLICY);
    assert_non_null(strstr(error.message, "rule one set a period"));
    assert_int_equal(enter_under(sibling, m, "ABC", "1", 3, NULL), VS_ERR_POLICY);
    assert_int_equal(enter_under(plan, m, "EF", "1", 4, NULL), VS_OK);
    assert_int_equal(enter_under(plan, m, "ABC", "2", 5, NULL), VS_OK);
    assert_int_equal(enter_under(stranger, m, "ABC", "1", 6, NULL), VS_OK);
    for (size_t i = 0; i < m->count; i++) { /* a line that its opener has not signed */
        if (strncmp(m->blobs[i].name, "lines/", 6) == 0) {
            m->blobs[i].data[test_below(m->blobs[i].len)] ^= 1;
        }
    }
    assert_int_not_equal(enter_under(plan, m, "EF", "1", 7, NULL), VS_OK);
    vs_plan_free(later);
    vs_plan_free(sibling);
    vs_plan_free(stranger);
    memory_folder_free(m);
}

static void a_book_is_its_openers(void **state) {
    (void)state;
    memory_folder *m = memory_folder_new();
    vs_header header;
    vs_contributor contributors[16];
    vs_opening_request request = request_for(&header, contributors, "ABC");
    char *note = NULL;
    size_t len = 0;
    assert_int_equal(enter(m, "ABC", "1", 1, NULL), VS_OK);
    vs_status status = vs_opening_enter(&note, &len, &m->folder, people.identities['H' - 'A'], &request, false, NULL);
    assert_true(status == VS_ERR_MISMATCH || status == VS_ERR_AUTH);
    assert_null(note);
    memory_folder_free(m);
}

/* Every blob of the book, a byte altered or the whole lost: refused, unless nothing reads it. */
static void an_altered_book_is_refused(void **state) {
    (void)state;
    for (size_t blob = 0;; blob++) {
        memory_folder *m = memory_folder_new();
        assert_int_equal(enter(m, "ABC", "1", 1, NULL), VS_OK);
        assert_int_equal(enter(m, "DEF", "1", 2, NULL), VS_OK);
        bool more = blob < m->count;
        if (more && m->blobs[blob].len > 0 && strncmp(m->blobs[blob].name, "index", 5) != 0) {
            m->blobs[blob].data[test_below(m->blobs[blob].len)] ^= 0x20;
            vs_status status = enter(m, "ABD", "1", 3, NULL);
            assert_int_not_equal(status, VS_OK);
        }
        memory_folder_free(m);
        if (!more) {
            return;
        }
    }
}

/* ---- against a model, with crashes ---- */

#define SETS 8
#define PERIODS 2

typedef struct model {
    bool opened[PERIODS][SETS]; /* set number i, as total number i */
} model;

static const char *const sets[SETS] = {"AB", "ABCD", "ABC", "DE", "EF", "CDE", "F", "ABCDEF"};

static bool may_open(const model *known, unsigned period, unsigned set) {
    vs_names a, b;
    bool may = true;
    names_of(&a, sets[set]);
    for (unsigned i = 0; i < SETS; i++) {
        if (known->opened[period][i] && i != set) {
            names_of(&b, sets[i]);
            may = may && vs_opening_sets_go_together(plan, &a, &b);
            vs_names_free(&b);
        }
    }
    vs_names_free(&a);
    return may;
}

/* After a crash the entry is there or not; opening it again, without one, tells: it was allowed before, and nothing
 * else has been entered since. */
static void random_openings_with_crashes_follow_the_model(void **state) {
    (void)state;
    static const char *const periods[PERIODS] = {"1", "2"};
    for (unsigned sequence = 0; sequence < 1000; sequence++) {
        memory_folder *m = memory_folder_new();
        model known = {.opened = {{false}}};
        for (unsigned step = 0; step < 10; step++) {
            unsigned period = (unsigned)test_below(PERIODS), set = (unsigned)test_below(SETS);
            uint8_t total = (uint8_t)(1 + period * SETS + set);
            bool may = may_open(&known, period, set);
            m->crash_at = test_below(2) == 0 ? m->steps + (long)test_below(8) : -1;
            m->keeps = test_below(2);
            m->brings_back = test_below(2);
            vs_status status = enter(m, sets[set], periods[period], total, NULL);
            if (m->crashed) {
                memory_folder_restart(m);
                status = enter(m, sets[set], periods[period], total, NULL);
            }
            m->crash_at = -1;
            assert_int_equal(status, may ? VS_OK : VS_ERR_POLICY);
            known.opened[period][set] |= may;
        }
        memory_folder_free(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_total_may_be_opened_again),
        cmocka_unit_test(overlapping_sets_of_one_period_are_refused),
        cmocka_unit_test(listed_sets_may_overlap),
        cmocka_unit_test(uses_are_different_totals),
        cmocka_unit_test(a_replaced_plan_counts),
        cmocka_unit_test(plans_of_one_line_count_in_any_order),
        cmocka_unit_test(a_book_is_its_openers),
        cmocka_unit_test(an_altered_book_is_refused),
        cmocka_unit_test(random_openings_with_crashes_follow_the_model),
    };
    test_seed();
    return cmocka_run_group_tests(tests, opening_world_new, opening_world_free);
}
