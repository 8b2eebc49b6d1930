#include "tests/support.h"

#include "aggregate/error.h"

static void a_failure_says_what_and_forgets_the_old_hint(void **state) {
    (void)state;
    vs_error error;
    memset(&error, 'x', sizeof error);
    assert_int_equal(vs_fail(&error, VS_ERR_RANGE, "row %d, column %s: too large", 12, "Salary"), VS_ERR_RANGE);
    assert_string_equal(error.message, "row 12, column Salary: too large");
    assert_string_equal(error.hint, "");
    vs_hint(&error, "at most %d", 7);
    assert_string_equal(error.hint, "at most 7");
    vs_error_at(&error, "%s", "data.csv");
    assert_string_equal(error.message, "data.csv: row 12, column Salary: too large");
    assert_string_equal(error.hint, "at most 7");
    assert_int_equal(vs_fail_plain(&error, VS_ERR_MEMORY), VS_ERR_MEMORY);
    assert_string_equal(error.message, "out of memory");
    assert_string_equal(error.hint, "");
}

static void nobody_has_to_listen(void **state) {
    (void)state;
    assert_int_equal(vs_fail(NULL, VS_ERR_AUTH, "%s", "x"), VS_ERR_AUTH);
    assert_int_equal(vs_fail_plain(NULL, VS_ERR_IO), VS_ERR_IO);
    vs_hint(NULL, "%s", "x");
    vs_error_at(NULL, "%s", "x");
}

static void a_message_may_be_made_of_itself(void **state) {
    (void)state;
    vs_error error;
    (void)vs_fail(&error, VS_ERR_FORMAT, "inner");
    (void)vs_fail(&error, VS_ERR_FORMAT, "outer (%s) (%s)", error.message, error.message);
    assert_string_equal(error.message, "outer (inner) (inner)");
    vs_error_at(&error, "%s", error.message);
    assert_string_equal(error.message, "outer (inner) (inner): outer (inner) (inner)");
    vs_hint(&error, "%s", error.message);
    assert_string_equal(error.hint, error.message);
}

static void hostile_names_stay_on_one_line_and_silent(void **state) {
    (void)state;
    vs_error error;
    (void)vs_fail(&error, VS_ERR_FORMAT, "%s",
                  "a\nb\r\t\x1b[31m\x7f z\xc2\x9b"
                  "31m \xc3\xa9");
    assert_string_equal(error.message, "a?b???[31m? z??31m \xc3\xa9");
    vs_error_at(&error, "%s", "x\ny");
    assert_string_equal(error.message, "x?y: a?b???[31m? z??31m \xc3\xa9");
    vs_hint(&error, "%s", "\n");
    assert_string_equal(error.hint, "?");
}

static void assert_cut(const char *text, size_t cap) {
    size_t len = strlen(text);
    assert_in_range(len, cap - 6, cap - 1);
    assert_string_equal(text + len - 3, "\xe2\x80\xa6");
    assert_int_equal((len - 3) % 2, 0); /* no half of a two-byte character before it */
}

static void long_text_is_cut_between_characters(void **state) {
    (void)state;
    char text[3000];
    vs_error error;
    for (size_t i = 0; i < sizeof text - 2; i += 2) {
        memcpy(text + i, "\xc3\xa9", 2);
    }
    text[sizeof text - 2] = '\0';
    (void)vs_fail(&error, VS_ERR_FORMAT, "%s", text);
    vs_hint(&error, "%s", text);
    assert_cut(error.message, sizeof error.message);
    assert_cut(error.hint, sizeof error.hint);
    vs_error_at(&error, "%s", "ab");
    assert_memory_equal(error.message, "ab: \xc3\xa9", 6);
    assert_cut(error.message, sizeof error.message);
    vs_error_at(&error, "%s", text);
    assert_cut(error.message, sizeof error.message);
}

static void every_length_around_the_limit_ends_with_a_zero(void **state) {
    (void)state;
    for (size_t len = sizeof(((vs_error *)0)->message) - 10; len < sizeof(((vs_error *)0)->message) + 10; len++) {
        char text[1024];
        vs_error error;
        memset(text, 'a', len);
        text[len] = '\0';
        (void)vs_fail(&error, VS_ERR_FORMAT, "%s", text);
        assert_int_equal(strlen(error.message), len < sizeof error.message ? len : sizeof error.message - 1);
        (void)vs_fail(&error, VS_ERR_FORMAT, "%s", text + 3);
        vs_error_at(&error, "b");
        assert_int_equal(strlen(error.message), len < sizeof error.message ? len : sizeof error.message - 1);
    }
}

static void every_status_has_a_text_of_its_own(void **state) {
    (void)state;
    static const vs_status all[] = {VS_OK,          VS_ERR_MEMORY,      VS_ERR_RANDOM,  VS_ERR_IO,     VS_ERR_FAULT,
                                    VS_ERR_CLOSED,  VS_ERR_INTERRUPTED, VS_ERR_USAGE,   VS_ERR_EXISTS, VS_ERR_FORMAT,
                                    VS_ERR_VERSION, VS_ERR_RANGE,       VS_ERR_LIMIT,   VS_ERR_AUTH,   VS_ERR_MISMATCH,
                                    VS_ERR_POLICY,  VS_ERR_NOT_READY,   (vs_status)-999};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(vs_status_text(all[i]), vs_status_text(all[j]));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_says_what_and_forgets_the_old_hint),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(a_message_may_be_made_of_itself),
        cmocka_unit_test(hostile_names_stay_on_one_line_and_silent),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(every_length_around_the_limit_ends_with_a_zero),
        cmocka_unit_test(every_status_has_a_text_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
