/* Signed notes: the rules of C2SP's signed-note, the lines of a text, times. */
#include "aggregate/note/note.h"

#include "crypto/secret.h"
#include "tests/support.h"

#define DASH "\xe2\x80\x94 "

/* An example of the package that introduced the format (golang.org/x/mod/sumdb/note). */
#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_TEXT                                                                                                     \
    "If you think cryptography is the answer to your problem,\n"                                                       \
    "then you don't know what your problem is.\n"
#define PETER_LINE                                                                                                     \
    DASH "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
/* Base64, but of too little to be an Ed25519 signature: by a key of another kind. */
#define OTHER_KIND DASH "other AAAAAAAAAAAA\n"

static vs_identity *alice, *bob;

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_identity_new(&alice, "alice"), VS_OK);
    assert_int_equal(vs_identity_new(&bob, "bob"), VS_OK);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vs_identity_free(alice);
    vs_identity_free(bob);
    return 0;
}

static vs_status parse(vs_note *note, const char *text, vs_error *error) {
    *error = (vs_error){{0}, {0}};
    vs_status status = vs_note_parse(note, "x.note", text, strlen(text), error);
    assert_int_equal(status == VS_OK, error->message[0] == 0);
    assert_true(status == VS_OK || (note->signatures == NULL && note->signature_count == 0));
    return status;
}

/* ---- notes ---- */

static void a_note_of_another_project_is_read_and_checked(void **state) {
    (void)state;
    vs_note note;
    vs_error error;
    vs_public_identity peter;
    const char *reason;
    assert_int_equal(vs_public_identity_from_text(&peter, PETER, strlen(PETER), &reason), VS_OK);
    assert_int_equal(parse(&note, PETER_TEXT "\n" PETER_LINE, &error), VS_OK);
    assert_int_equal(note.text_len, strlen(PETER_TEXT));
    assert_memory_equal(note.text, PETER_TEXT, note.text_len);
    assert_int_equal(note.signature_count, 1);
    assert_int_equal(vs_note_check(&note, &peter), VS_OK);
    assert_int_equal(vs_note_check(&note, vs_identity_public(alice)), VS_ERR_NOT_READY);
    size_t len;
    assert_memory_equal(vs_note_line_of(&note.signatures[0], &len), PETER_LINE, strlen(PETER_LINE));
    assert_int_equal(len, strlen(PETER_LINE));
    vs_note_clear(&note);
}

static void what_is_signed_checks(void **state) {
    (void)state;
    vs_note note;
    vs_error error;
    char *text, *line, both[1024];
    size_t len;
    assert_int_equal(vs_note_sign(&text, &len, "one\ntwo\n", 8, alice, &error), VS_OK);
    assert_int_equal(strlen(text), len);
    assert_int_equal(vs_note_signature_line(&line, "one\ntwo\n", 8, bob, &error), VS_OK);
    (void)snprintf(both, sizeof both, "%s" OTHER_KIND "%s", text, line);
    assert_int_equal(parse(&note, both, &error), VS_OK);
    assert_int_equal(note.signature_count, 2); /* that of another kind is kept out */
    assert_int_equal(vs_note_check(&note, vs_identity_public(alice)), VS_OK);
    assert_int_equal(vs_note_check(&note, vs_identity_public(bob)), VS_OK);
    vs_note_clear(&note);
    free(line);
    free(text);
}

static void another_text_or_key_does_not_check(void **state) {
    (void)state;
    vs_note note;
    vs_error error;
    vs_identity *impostor;
    char *text;
    size_t len;
    assert_int_equal(vs_identity_new(&impostor, "alice"), VS_OK);
    assert_int_equal(vs_note_sign(&text, &len, "one\ntwo\n", 8, alice, &error), VS_OK);
    assert_int_equal(parse(&note, text, &error), VS_OK);
    assert_int_equal(vs_note_check(&note, vs_identity_public(impostor)), VS_ERR_NOT_READY);
    vs_note_clear(&note);
    text[0] = 'O';
    assert_int_equal(parse(&note, text, &error), VS_OK);
    assert_int_equal(vs_note_check(&note, vs_identity_public(alice)), VS_ERR_AUTH);
    vs_note_clear(&note);
    vs_identity_free(impostor);
    free(text);
}

/* One right signature beside a wrong one of the same key does not make up for it. */
static void a_wrong_signature_is_not_made_up_for(void **state) {
    (void)state;
    vs_note note;
    vs_error error;
    char *text, *other, both[1024];
    size_t len;
    assert_int_equal(vs_note_sign(&text, &len, "one\n", 4, alice, &error), VS_OK);
    assert_int_equal(vs_note_signature_line(&other, "two\n", 4, alice, &error), VS_OK);
    (void)snprintf(both, sizeof both, "%s%s", text, other);
    assert_int_equal(parse(&note, both, &error), VS_OK);
    assert_int_equal(vs_note_check(&note, vs_identity_public(alice)), VS_ERR_AUTH);
    vs_note_clear(&note);
    (void)snprintf(both, sizeof both, "one\n\n%s%s", other, strstr(text, DASH));
    assert_int_equal(parse(&note, both, &error), VS_OK);
    assert_int_equal(vs_note_check(&note, vs_identity_public(alice)), VS_ERR_AUTH);
    vs_note_clear(&note);
    free(text);
    free(other);
}

static void what_is_no_note_is_refused(void **state) {
    (void)state;
    static const char *const wrong[][2] = {
        {"", "its last line is cut off"},
        {"text", "its last line is cut off"},
        {"text\n", "no empty line stands between text and signatures"},
        {"text\n\n", "nobody has signed it"},
        {"\n" OTHER_KIND, "no empty line stands between text and signatures"},
        {"text\n\n" DASH "other AAAA", "its last line is cut off"},
        {"text\n\n\n" OTHER_KIND, "a signature line is damaged"},
        {"text\n\nmore\n\n" OTHER_KIND, "a signature line is damaged"},
        {"text\n\n" OTHER_KIND "\n", "a signature line is damaged"},
        {"text\n\n" OTHER_KIND "more\n", "a signature line is damaged"},
        {"text\n\n- other AAAA\n", "a signature line is damaged"},
        {"text\n\n" DASH "other\n", "a signature line is damaged"},
        {"text\n\n" DASH "other \n", "a signature line is damaged"},
        {"text\n\n" DASH " AAAA\n", "a signature line is damaged"},
        {"text\n\n" DASH "a+b AAAA\n", "a signature line is damaged"},
        {"text\n\n" DASH "other AAA\n", "a signature line is damaged"},
        {"text\n\n" DASH "other AAB=\n", "a signature line is damaged"},
        {"text\n\n" DASH "other AA-A\n", "a signature line is damaged"},
        {"text\n\n" DASH "other AAAA \n", "a signature line is damaged"},
        {"text\n\n" DASH "other  AAAA\n", "a signature line is damaged"},
        {"te\txt\n\n" OTHER_KIND, "it holds control characters, or is not UTF-8"},
        {"text\r\n\r\n" OTHER_KIND, "it holds control characters, or is not UTF-8"},
        {"te\xffxt\n\n" OTHER_KIND, "it holds control characters, or is not UTF-8"},
        {"te\xc2\x85xt\n\n" OTHER_KIND, "it holds control characters, or is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        vs_note note;
        vs_error error;
        assert_int_equal(parse(&note, wrong[i][0], &error), VS_ERR_FORMAT);
        if (strstr(error.message, wrong[i][1]) == NULL) {
            print_error("%zu: %s\n", i, error.message);
            fail();
        }
        assert_true(strncmp(error.message, "x.note: not a signed note: ", 27) == 0);
    }
    vs_note note;
    vs_error error;
    assert_int_equal(vs_note_parse(&note, "x", "a\0b\n\n" OTHER_KIND, sizeof "a\0b\n\n" OTHER_KIND - 1, &error),
                     VS_ERR_FORMAT);
    assert_int_equal(parse(&note, "text\n\n" OTHER_KIND, &error), VS_OK);
    assert_int_equal(note.signature_count, 0);
    vs_note_clear(&note);
}

static void what_is_too_large_is_refused(void **state) {
    (void)state;
    vs_note note;
    vs_error error;
    size_t len = VS_MAX_NOTE_BYTES + 1;
    char *large = malloc(len);
    memset(large, 'x', len);
    large[len - 1] = '\n';
    assert_int_equal(vs_note_parse(&note, "x", large, len, &error), VS_ERR_LIMIT);
    size_t used = 0;
    used += (size_t)sprintf(large, "text\n\n");
    for (unsigned i = 0; i < 65537; i++) {
        used += (size_t)sprintf(large + used, OTHER_KIND);
    }
    assert_int_equal(vs_note_parse(&note, "x", large, used, &error), VS_ERR_LIMIT);
    assert_int_equal(vs_note_parse(&note, "x", large, used - strlen(OTHER_KIND), &error), VS_OK);
    vs_note_clear(&note);
    free(large);
}

/* ---- lines ---- */

static void lines_are_read_in_one_order(void **state) {
    (void)state;
    static const char text[] = "veilsum test\nname North East\nempty \ncount 42\n"
                               "hash 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
    vs_error error;
    uint8_t hash[VS_HASH_BYTES];
    uint64_t number = 0;
    char name[16];
    const char *value;
    size_t len;
    vs_note_cursor cursor = vs_note_cursor_begin("x", text, sizeof text - 1);
    assert_int_equal(vs_note_line(&cursor, "veilsum tes", &error), VS_ERR_FORMAT);
    assert_int_equal(vs_note_line(&cursor, "veilsum test", &error), VS_OK);
    assert_int_equal(vs_note_field(&cursor, "nam", &value, &len, &error), VS_ERR_FORMAT);
    assert_string_equal(error.message, "x: a line \"nam …\" was expected");
    assert_true(vs_note_has_field(&cursor, "name"));
    assert_int_equal(vs_note_text(&cursor, "name", name, sizeof name, &error), VS_OK);
    assert_string_equal(name, "North East");
    assert_int_equal(vs_note_end(&cursor, &error), VS_ERR_FORMAT);
    assert_int_equal(vs_note_text(&cursor, "empty", name, sizeof name, &error), VS_OK);
    assert_string_equal(name, "");
    assert_int_equal(vs_note_number(&cursor, "count", 42, &number, &error), VS_OK);
    assert_int_equal(number, 42);
    assert_int_equal(vs_note_hash(&cursor, "hash", hash, &error), VS_OK);
    assert_int_equal(hash[31], 0xff);
    assert_int_equal(vs_note_end(&cursor, &error), VS_OK);
    assert_false(vs_note_has_field(&cursor, "hash"));
    assert_int_equal(vs_note_field(&cursor, "hash", &value, &len, &error), VS_ERR_FORMAT);
    assert_int_equal(vs_note_line(&cursor, "", &error), VS_ERR_FORMAT);
}

static void wrong_values_are_refused(void **state) {
    (void)state;
    static const char *const numbers[] = {"n \n",
                                          "n 01\n",
                                          "n -1\n",
                                          "n +1\n",
                                          "n 1 \n",
                                          "n  1\n",
                                          "n 43\n",
                                          "n x\n",
                                          "n 18446744073709551616\n",
                                          "n 99999999999999999999\n"};
    vs_error error;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uint64_t number;
        vs_note_cursor cursor = vs_note_cursor_begin("x", numbers[i], strlen(numbers[i]));
        assert_int_equal(vs_note_number(&cursor, "n", 42, &number, &error), VS_ERR_FORMAT);
    }
    uint64_t number;
    assert_true(vs_note_parse_number("18446744073709551615", 20, UINT64_MAX, &number) && number == UINT64_MAX);
    assert_true(vs_note_parse_number("0", 1, 0, &number) && number == 0);
    assert_false(vs_note_parse_number("18446744073709551616", 20, UINT64_MAX, &number));
    char text[4];
    vs_note_cursor cursor = vs_note_cursor_begin("x", "t abcd\n", 7);
    assert_int_equal(vs_note_text(&cursor, "t", text, sizeof text, &error), VS_ERR_FORMAT);
    uint8_t hash[VS_HASH_BYTES];
    cursor = vs_note_cursor_begin("x", "h 00\n", 5);
    assert_int_equal(vs_note_hash(&cursor, "h", hash, &error), VS_ERR_FORMAT);
}

/* ---- times ---- */

static void times_are_written_and_read(void **state) {
    (void)state;
    static const struct {
        int64_t time;
        const char *text;
    } list[] = {
        {0, "1970-01-01T00:00:00Z"},          {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},  {951868800, "2000-03-01T00:00:00Z"},
        {1795539600, "2026-11-24T17:00:00Z"}, {4107542399, "2100-02-28T23:59:59Z"},
        {4107542400, "2100-03-01T00:00:00Z"}, {253402300799, "9999-12-31T23:59:59Z"},
    };
    char text[VS_TIME_BYTES];
    int64_t time;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        vs_time_to_text(text, list[i].time);
        assert_string_equal(text, list[i].text);
        assert_true(vs_time_from_text(&time, text, strlen(text)));
        assert_int_equal(time, list[i].time);
    }
    /* Against the C library, over all years. */
    for (unsigned i = 0; i < 100000; i++) {
        time_t t = (time_t)test_below(253402300800);
        struct tm parts;
        char expected[32];
        assert_non_null(gmtime_r(&t, &parts));
        assert_true(strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0);
        vs_time_to_text(text, t);
        assert_string_equal(text, expected);
        assert_true(vs_time_from_text(&time, text, strlen(text)) && time == t);
        assert_true(vs_day_from_text(&time, text, 10) && time == t - t % 86400);
    }
}

static void wrong_times_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "2026-11-24",
        "2026-11-24T17:00:00",
        "2026-11-24T17:00:00z",
        "2026-11-24t17:00:00Z",
        "2026-11-24 17:00:00Z",
        "2026-11-24T17:00:00+",
        "2026-11-24T24:00:00Z",
        "2026-11-24T17:60:00Z",
        "2026-11-24T17:00:60Z",
        "2026-11-31T17:00:00Z",
        "2026-02-29T17:00:00Z",
        "2100-02-29T17:00:00Z",
        "2026-13-01T17:00:00Z",
        "2026-00-01T17:00:00Z",
        "2026-01-00T17:00:00Z",
        "1969-12-31T23:59:59Z",
        "+026-11-24T17:00:00Z",
        "2026-11-24T17:00:00Z ",
        "2026-1 -24T17:00:00Z",
    };
    int64_t time;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(vs_time_from_text(&time, wrong[i], strlen(wrong[i])));
    }
    assert_false(vs_day_from_text(&time, "2026-11-24T", 11));
    assert_false(vs_day_from_text(&time, "2026-11-2", 9));
    assert_false(vs_day_from_text(&time, "2026/11/24", 10));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_of_another_project_is_read_and_checked),
        cmocka_unit_test(what_is_signed_checks),
        cmocka_unit_test(another_text_or_key_does_not_check),
        cmocka_unit_test(a_wrong_signature_is_not_made_up_for),
        cmocka_unit_test(what_is_no_note_is_refused),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(lines_are_read_in_one_order),
        cmocka_unit_test(wrong_values_are_refused),
        cmocka_unit_test(times_are_written_and_read),
        cmocka_unit_test(wrong_times_are_refused),
    };
    test_seed();
    return vs_secret_setup() != VS_OK || cmocka_run_group_tests(tests, set_up, tear_down);
}
