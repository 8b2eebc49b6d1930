#include "crypto/base64.h"

#include "crypto/secret.h"
#include "tests/support.h"

/* [RFC4648, section 10]. */
static void the_vectors_of_the_rfc(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[16];
        uint8_t bytes[8];
        size_t got = 99, len = strlen(pairs[i][0]), text_len = strlen(pairs[i][1]);
        assert_int_equal(VS__BASE64_LEN(len), text_len);
        vs__base64_encode(text, (const uint8_t *)pairs[i][0], len);
        assert_string_equal(text, pairs[i][1]);
        assert_true(vs__base64_decode(bytes, sizeof bytes, &got, text, text_len));
        assert_int_equal(got, len);
        assert_memory_equal(bytes, pairs[i][0], len);
        assert_true(vs__base64_is_canonical(text, text_len));
    }
}

static void what_is_written_comes_back(void **state) {
    (void)state;
    for (size_t len = 0; len < 200; len++) {
        uint8_t data[200] = {0}, again[200];
        char text[VS__BASE64_LEN(200) + 1];
        size_t got = 0;
        test_fill(data, len);
        vs__base64_encode(text, data, len);
        assert_int_equal(strlen(text), VS__BASE64_LEN(len));
        assert_true(vs__base64_decode(again, len, &got, text, strlen(text)));
        assert_int_equal(got, len);
        assert_memory_equal(again, data, len);
        assert_true(len == 0 || !vs__base64_decode(again, len - 1, &got, text, strlen(text)));
    }
}

/* Every text of four characters that stands for something is what would be written for it. */
static void one_content_has_one_text(void **state) {
    (void)state;
    static const char *const wrong[] = {"Z",    "Zg",   "Zg=",      "Zg===",    "Zh==",     "Zm9=",    "Zm8",
                                        "=Zg=", "Z===", "====",     "Zg==Zg==", "Zm8=Zm9v", "Zm 9",    "Zm9v\n",
                                        "Zm-v", "Zm_v", "Zm9v\xff", "\xffm9v",  "Zm\xc1v",  "Zm9\x80", "Zg=A"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t bytes[16];
        size_t got;
        assert_false(vs__base64_decode(bytes, sizeof bytes, &got, wrong[i], strlen(wrong[i])));
        assert_false(vs__base64_is_canonical(wrong[i], strlen(wrong[i])));
    }
    for (unsigned tries = 0; tries < 200000; tries++) {
        char text[5] = {0}, again[5];
        uint8_t bytes[3];
        size_t got;
        for (size_t i = 0; i < 4; i++) {
            static const char likely[] = "ABCXYZabcxyz0189+/=";
            uint64_t r = test_random();
            text[i] = r % 8 == 0 ? (char)(r >> 8) : likely[(r >> 8) % (sizeof likely - 1)];
        }
        if (vs__base64_decode(bytes, sizeof bytes, &got, text, 4)) {
            vs__base64_encode(again, bytes, got);
            assert_memory_equal(again, text, 4);
        }
        assert_int_equal(vs__base64_is_canonical(text, 4), vs__base64_decode(bytes, sizeof bytes, &got, text, 4));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc),
        cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test(one_content_has_one_text),
    };
    test_seed();
    return vs_secret_setup() != VS_OK || cmocka_run_group_tests(tests, NULL, NULL);
}
