#include "tests/support.h"

#include "cli/ui.h"

static void each_status_has_its_exit_status(void **state) {
    (void)state;
    static const struct {
        vs_status status;
        int exit_status;
    } cases[] = {
        {VS_OK, 0},
        {VS_ERR_MEMORY, 1},
        {VS_ERR_RANDOM, 1},
        {VS_ERR_IO, 1},
        {VS_ERR_FAULT, 1},
        {VS_ERR_CLOSED, 1},
        {VS_ERR_USAGE, 2},
        {VS_ERR_EXISTS, 2},
        {VS_ERR_FORMAT, 3},
        {VS_ERR_VERSION, 3},
        {VS_ERR_RANGE, 3},
        {VS_ERR_LIMIT, 3},
        {VS_ERR_AUTH, 4},
        {VS_ERR_MISMATCH, 4},
        {VS_ERR_POLICY, 5},
        {VS_ERR_NOT_READY, 75},
        {VS_ERR_INTERRUPTED, 130},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(vs__exit_status(cases[i].status), cases[i].exit_status);
    }
}

static void what_steers_a_terminal_is_replaced(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"plain text", "plain text"},
        {"Zürich 東京 😀", "Zürich 東京 😀"},
        {"a\033[31mb", "a?[31mb"},
        {"a\nb\rc\td\x7f", "a?b?c?d?"},
        {"\xc2\x9b"
         "31m",
         "?31m"},      /* C1 control as UTF-8 */
        {"\x9b", "?"}, /* and as a byte */
        {"\xe2\x80\xae"
         "txt",
         "?txt"}, /* right-to-left override */
        {"\xe2\x81\xa6"
         "x",
         "?x"},                       /* isolate */
        {"\xc0\xaf", "??"},           /* overlong */
        {"\xed\xa0\x80", "???"},      /* surrogate */
        {"\xf4\x90\x80\x80", "????"}, /* beyond Unicode */
        {"cut \xe6\x9d", "cut ??"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[64];
        vs__ui_clean(out, sizeof out, cases[i][0]);
        assert_string_equal(out, cases[i][1]);
    }
}

static void cleaning_never_makes_longer_nor_cuts_a_character(void **state) {
    (void)state;
    test_seed();
    for (int round = 0; round < 2000; round++) {
        char text[40];
        char whole[sizeof text + 8];
        char cut[20];
        size_t len = test_below(sizeof text);
        test_fill(text, sizeof text);
        text[len] = 0;
        vs__ui_clean(whole, sizeof whole, text);
        assert_true(strlen(whole) <= strlen(text));
        vs__ui_clean(cut, sizeof cut, text);
        assert_true(strlen(cut) < sizeof cut);
        assert_memory_equal(cut, whole, strlen(cut));
        char again[sizeof text + 8];
        vs__ui_clean(again, sizeof again, cut);
        assert_string_equal(again, cut);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_has_its_exit_status),
        cmocka_unit_test(what_steers_a_terminal_is_replaced),
        cmocka_unit_test(cleaning_never_makes_longer_nor_cuts_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
