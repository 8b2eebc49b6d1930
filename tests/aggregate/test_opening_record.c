#include "tests/support.h"

#include "aggregate/opening/record.h"
#include "crypto/secret.h"

static vs_opening_record example(void) {
    vs_opening_record record = {.period = "2026-11",
                                .attempt = 2,
                                .time = 1763971200,
                                .contributions = 5,
                                .total_bytes = 12345,
                                .threshold = true};
    memset(record.plan_id, 0x11, VS_HASH_BYTES);
    memset(record.names_hash, 0x22, VS_HASH_BYTES);
    memset(record.total_digest, 0x33, VS_HASH_BYTES);
    return record;
}

static void a_record_is_read_as_written(void **state) {
    (void)state;
    vs_opening_record record = example(), again;
    char text[VS_MAX_OPENING_TEXT], text_again[VS_MAX_OPENING_TEXT];
    for (int i = 0; i < 2; i++) {
        size_t len = vs_opening_record_text(text, &record);
        assert_int_equal(vs_opening_record_parse(&again, "record", text, len, NULL), VS_OK);
        assert_int_equal(vs_opening_record_text(text_again, &again), len);
        assert_memory_equal(text, text_again, len);
        record.threshold = false;
        record.period[0] = 0;
    }
    assert_non_null(strstr(text, "\nperiod \nattempt 2\ntime 2025-11-24T08:00:00Z\n"));
}

/* There is one text for one record: whatever is altered or cut is another record or none. */
static void an_altered_record_is_another_or_none(void **state) {
    (void)state;
    vs_opening_record record = example(), again;
    char text[VS_MAX_OPENING_TEXT], text_again[VS_MAX_OPENING_TEXT];
    size_t len = vs_opening_record_text(text, &record);
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(vs_opening_record_parse(&again, "record", text, cut, NULL), VS_ERR_FORMAT);
    }
    for (size_t i = 0; i < len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ (1 << bit));
            if (vs_opening_record_parse(&again, "record", text, len, NULL) == VS_OK) {
                assert_int_equal(vs_opening_record_text(text_again, &again), len);
                assert_memory_equal(text, text_again, len);
            }
            text[i] = (char)(text[i] ^ (1 << bit));
        }
    }
}

static void names_of(vs_names *names, const char *list) {
    size_t count = 0;
    assert_int_equal(vs_names_new(names, strlen(list), NULL), VS_OK);
    for (; list[count] != 0; count++) {
        names->names[count][0] = list[count];
    }
    vs_names_sort(names);
}

static void names_compare(void **state) {
    (void)state;
    vs_names abc, cba, ab, de;
    names_of(&abc, "abc");
    names_of(&cba, "cba");
    names_of(&ab, "ab");
    names_of(&de, "de");
    assert_true(vs_names_equal(&abc, &cba));
    assert_false(vs_names_equal(&abc, &ab));
    assert_false(vs_names_equal(&de, &ab));
    assert_true(vs_names_overlap(&abc, &ab));
    assert_false(vs_names_overlap(&abc, &de));
    assert_true(vs_names_have(&abc, "b"));
    assert_false(vs_names_have(&abc, "d"));
    vs_names_free(&abc);
    vs_names_free(&cba);
    vs_names_free(&ab);
    vs_names_free(&de);
}

static void a_list_is_the_one_that_was_hashed(void **state) {
    (void)state;
    vs_names names, again;
    uint8_t hash[VS_HASH_BYTES];
    char *text = NULL;
    size_t len = 0;
    names_of(&names, "abc");
    vs_names_hash(hash, &names);
    assert_int_equal(vs_names_to_text(&text, &len, &names, NULL), VS_OK);
    assert_int_equal(len, 6);
    assert_int_equal(vs_names_parse(&again, "list", text, len, hash, NULL), VS_OK);
    assert_true(vs_names_equal(&names, &again));
    vs_names_free(&again);
    assert_int_equal(vs_names_parse(&again, "list", "a\nb\n", 4, hash, NULL), VS_ERR_AUTH);
    static const char *const bad[] = {"",         "a\nb\nc",    "b\na\nc\n",   "a\na\nc\n",
                                      "a\n\nc\n", "a\nb \nc\n", "a\nb\n\xff\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(vs_names_parse(&again, "list", bad[i], strlen(bad[i]), hash, NULL), VS_ERR_FORMAT);
    }
    free(text);
    vs_names_free(&names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_as_written),
        cmocka_unit_test(an_altered_record_is_another_or_none),
        cmocka_unit_test(names_compare),
        cmocka_unit_test(a_list_is_the_one_that_was_hashed),
    };
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
