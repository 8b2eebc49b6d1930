#include "tests/support.h"

#include "aggregate/opening/owner_record.h"
#include "crypto/secret.h"

static const uint8_t key[VS__KEYED_BYTES] = {1, 2, 3};

/* A sketch of the rows first .. first + count − 1 of an imagined table, from the last to the first where `backwards`.
 */
static void sketch_rows(vs_sketch *sketch, unsigned first, unsigned count, bool backwards) {
    vs_sketch_init(sketch, key);
    for (unsigned i = 0; i < count; i++) {
        char text[32];
        unsigned row = first + (backwards ? count - 1 - i : i);
        int len = snprintf(text, sizeof text, "row %u", row);
        const vs_field fields[2] = {{text, (size_t)len}, {"x", 1}};
        assert_int_equal(vs_sketch_add(sketch, fields, 2), VS_OK);
    }
}

static void the_same_rows_in_another_order_are_all_shared(void **state) {
    (void)state;
    static const unsigned sizes[] = {1, 5, 64, 65, 1000, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        vs_sketch a, b;
        sketch_rows(&a, 0, sizes[i], false);
        sketch_rows(&b, 0, sizes[i], true);
        assert_int_equal(a.rows, sizes[i]);
        assert_int_equal(vs_sketch_shared(&a, &b), 100);
        vs_sketch_clear(&a);
        vs_sketch_clear(&b);
    }
}

static void other_rows_share_nothing(void **state) {
    (void)state;
    vs_sketch a, b, none;
    sketch_rows(&a, 0, 3000, false);
    sketch_rows(&b, 3000, 3000, false);
    sketch_rows(&none, 0, 0, false);
    assert_int_equal(vs_sketch_shared(&a, &b), 0);
    assert_int_equal(vs_sketch_shared(&a, &none), 0);
    assert_int_equal(vs_sketch_shared(&none, &none), 0);
    vs_sketch_clear(&a);
    vs_sketch_clear(&b);
    vs_sketch_clear(&none);
}

static void half_of_the_rows_are_about_half(void **state) {
    (void)state;
    vs_sketch a, b;
    sketch_rows(&a, 0, 4000, false);
    sketch_rows(&b, 2000, 4000, false);
    unsigned shared = vs_sketch_shared(&a, &b);
    assert_in_range(shared, 25, 75);
    assert_int_equal(shared, vs_sketch_shared(&b, &a));
    vs_sketch_clear(&a);
    vs_sketch_clear(&b);
}

static void fields_that_run_together_are_other_rows(void **state) {
    (void)state;
    const vs_field one[2] = {{"ab", 2}, {"c", 1}}, two[2] = {{"a", 1}, {"bc", 2}};
    vs_sketch a, b;
    vs_sketch_init(&a, key);
    vs_sketch_init(&b, key);
    assert_int_equal(vs_sketch_add(&a, one, 2), VS_OK);
    assert_int_equal(vs_sketch_add(&b, two, 2), VS_OK);
    assert_int_equal(vs_sketch_shared(&a, &b), 0);
    vs_sketch_clear(&a);
    vs_sketch_clear(&b);
}

/* ---- the record ---- */

typedef struct record {
    char *text;
    size_t len;
} record;

static vs_owner_line line_of(const vs_sketch *sketch, uint8_t plan, const char *period) {
    vs_owner_line line = {.time = 1700000000, .sketch = sketch};
    memset(line.plan_id, plan, sizeof line.plan_id);
    snprintf(line.period, sizeof line.period, "%s", period);
    return line;
}

static void add(record *r, const vs_sketch *sketch, uint8_t plan, const char *period) {
    vs_owner_line line = line_of(sketch, plan, period);
    char *text = NULL;
    size_t len = 0;
    assert_int_equal(vs_owner_record_add(&text, &len, r->text, r->len, &line, NULL), VS_OK);
    free(r->text);
    *r = (record){text, len};
}

static vs_owner_overlap search(const record *r, const vs_sketch *sketch, uint8_t plan, const char *period) {
    vs_owner_line line = line_of(sketch, plan, period);
    vs_owner_overlap overlap;
    assert_int_equal(vs_owner_record_search(&overlap, "record", r->text, r->len, &line, NULL), VS_OK);
    return overlap;
}

static void rows_in_a_second_plan_or_period_are_found(void **state) {
    (void)state;
    record r = {NULL, 0};
    vs_sketch november, december;
    sketch_rows(&november, 0, 500, false);
    sketch_rows(&december, 500, 500, false);
    assert_int_equal(search(&r, &november, 1, "2026-11").count, 0);
    add(&r, &november, 1, "2026-11");
    assert_int_equal(search(&r, &november, 1, "2026-11").count, 0); /* the same contribution once more */
    assert_int_equal(search(&r, &december, 2, "2026-11").count, 0);
    vs_owner_overlap period = search(&r, &november, 1, "2026-12");
    assert_int_equal(period.count, 1);
    assert_false(period.other_plan);
    assert_string_equal(period.period, "2026-11");
    add(&r, &november, 2, "");
    vs_owner_overlap plan = search(&r, &november, 1, "2026-12");
    assert_int_equal(plan.count, 2);
    assert_true(plan.other_plan);
    assert_int_equal(plan.percent, 100);
    assert_int_equal(plan.plan_id[0], 2);
    assert_string_equal(plan.period, "");
    assert_int_equal(plan.time, 1700000000);
    free(r.text);
    vs_sketch_clear(&november);
    vs_sketch_clear(&december);
}

static void what_is_there_is_not_added_again(void **state) {
    (void)state;
    record r = {NULL, 0};
    vs_sketch sketch;
    sketch_rows(&sketch, 0, 0, false);
    add(&r, &sketch, 1, "");
    size_t len = r.len;
    add(&r, &sketch, 1, "");
    assert_int_equal(r.len, len);
    add(&r, &sketch, 1, "2026-12");
    assert_true(r.len > len);
    free(r.text);
    vs_sketch_clear(&sketch);
}

/* Every byte that is cut or altered: read as something, or refused; never more than that. */
static void a_damaged_record_is_refused(void **state) {
    (void)state;
    record r = {NULL, 0};
    vs_sketch sketch;
    sketch_rows(&sketch, 0, 3, false);
    add(&r, &sketch, 1, "p");
    vs_owner_line line = line_of(&sketch, 2, "p");
    vs_owner_overlap overlap;
    vs_error error;
    for (size_t cut = 1; cut < r.len; cut++) {
        vs_status status = vs_owner_record_search(&overlap, "record", r.text, cut, &line, &error);
        assert_true(status == VS_ERR_FORMAT || cut == strlen("veilsum owner record\n"));
    }
    static const char *const bad[] = {"veilsum owner record\ntable x\n", "veilsum owner record\nother\n",
                                      "veilsum owner records\n",
                                      "veilsum owner record\ntable 2026-11-24T17:00:00Z ab 1  p\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(vs_owner_record_search(&overlap, "record", bad[i], strlen(bad[i]), &line, &error),
                         VS_ERR_FORMAT);
        assert_true(strlen(error.hint) > 0);
    }
    free(r.text);
    vs_sketch_clear(&sketch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_rows_in_another_order_are_all_shared),
        cmocka_unit_test(other_rows_share_nothing),
        cmocka_unit_test(half_of_the_rows_are_about_half),
        cmocka_unit_test(fields_that_run_together_are_other_rows),
        cmocka_unit_test(rows_in_a_second_plan_or_period_are_found),
        cmocka_unit_test(what_is_there_is_not_added_again),
        cmocka_unit_test(a_damaged_record_is_refused),
    };
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
