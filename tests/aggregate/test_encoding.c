#include "tests/support.h"

#include <iconv.h>

#include "aggregate/table/encoding.h"
#include "crypto/text.h"

/* A source that gives `step` bytes at a time: block borders fall everywhere. */
typedef struct drip {
    const char *data;
    size_t len, at, step;
} drip;

static vs_status drip_read(void *context, void *buf, size_t cap, size_t *got, vs_error *error) {
    (void)error;
    drip *d = context;
    size_t n = d->len - d->at;
    n = n < d->step ? n : d->step;
    n = n < cap ? n : cap;
    memcpy(buf, d->data + d->at, n);
    d->at += n;
    *got = n;
    return VS_OK;
}

/* Everything that comes out, and the status that ended it. */
static vs_status decode(const char *data, size_t len, size_t step, const char *encoding, char **out, size_t *out_len,
                        vs_error *error) {
    drip d = {.data = data, .len = len, .step = step};
    vs_source source = {.name = "drip", .context = &d, .read = drip_read};
    vs__decoder *decoder = NULL;
    *out = NULL;
    *out_len = 0;
    vs_status status = vs__decoder_new(&decoder, &source, encoding, error);
    while (status == VS_OK) {
        const char *text;
        size_t got;
        status = vs__decoder_read(decoder, &text, &got, error);
        if (status != VS_OK || got == 0) {
            break;
        }
        *out = realloc(*out, *out_len + got);
        assert_non_null(*out);
        memcpy(*out + *out_len, text, got);
        *out_len += got;
    }
    vs__decoder_free(decoder);
    return status;
}

static void expect_text(const char *data, size_t len, const char *encoding, const char *want, size_t want_len) {
    for (size_t step = 1; step <= 5; step++) {
        char *out;
        size_t out_len;
        vs_error error = {{0}, {0}};
        assert_int_equal(decode(data, len, step, encoding, &out, &out_len, &error), VS_OK);
        assert_int_equal(out_len, want_len);
        if (want_len > 0) {
            assert_memory_equal(out, want, want_len);
        }
        free(out);
    }
}

static void expect_refusal(const char *data, size_t len, const char *encoding, vs_status want, const char *word) {
    for (size_t step = 1; step <= 5; step++) {
        char *out;
        size_t out_len;
        vs_error error = {{0}, {0}};
        assert_int_equal(decode(data, len, step, encoding, &out, &out_len, &error), want);
        assert_non_null(strstr(error.hint, word));
        free(out);
    }
}

static void utf8_passes_and_its_mark_does_not(void **state) {
    (void)state;
    expect_text("a,b\n", 4, "UTF-8", "a,b\n", 4);
    expect_text("a,b\n", 4, NULL, "a,b\n", 4);
    expect_text("\xef\xbb\xbf"
                "a,b\n",
                7, "utf8", "a,b\n", 4);
    expect_text("\xef\xbb\xbf", 3, "UTF-8", "", 0);
    expect_text("", 0, "UTF-8", "", 0);
    expect_text("x", 1, "UTF-8", "x", 1);
}

static void utf16_is_seen_and_named(void **state) {
    (void)state;
    expect_refusal("\xff\xfe"
                   "a\0,\0",
                   6, "UTF-8", VS_ERR_FORMAT, "--encoding UTF-16");
    expect_refusal("\xfe\xff"
                   "\0a\0,",
                   6, "UTF-8", VS_ERR_FORMAT, "--encoding UTF-16");
    expect_refusal("a\0,\0", 4, "UTF-8", VS_ERR_FORMAT, "UTF-16LE");
    expect_refusal("\0a\0,", 4, "UTF-8", VS_ERR_FORMAT, "UTF-16BE");
}

static void other_encodings_become_utf8(void **state) {
    (void)state;
    expect_text("\xff\xfe"
                "a\0\xe4\0\xac\x20",
                8, "UTF-16", "a\xc3\xa4\xe2\x82\xac", 6);
    expect_text("\xff\xfe"
                "a\0",
                4, "UTF-16LE", "a", 1);
    expect_text("\xe4\x80", 2, "WINDOWS-1252", "\xc3\xa4\xe2\x82\xac", 5);
    expect_text("", 0, "UTF-16", "", 0);
}

static void long_text_converts_like_one_call_of_iconv(void **state) {
    (void)state;
    size_t len = 700001;
    char *latin = malloc(len), *want = malloc(2 * len);
    assert_true(latin != NULL && want != NULL);
    for (size_t i = 0; i < len; i++) {
        latin[i] = (char)(1 + test_below(255));
    }
    iconv_t once = iconv_open("UTF-8", "ISO-8859-1");
    char *in = latin, *to = want;
    size_t in_left = len, to_left = 2 * len;
    assert_int_equal(iconv(once, &in, &in_left, &to, &to_left), 0);
    (void)iconv_close(once);
    for (size_t step = 1000; step < 10000000; step *= 37) {
        char *out;
        size_t out_len;
        assert_int_equal(decode(latin, len, step, "ISO-8859-1", &out, &out_len, NULL), VS_OK);
        assert_int_equal(out_len, 2 * len - to_left);
        assert_memory_equal(out, want, out_len);
        free(out);
    }
    free(latin);
    free(want);
}

static void text_before_a_fault_comes_first(void **state) {
    (void)state;
    char *out;
    size_t out_len;
    vs_error error = {{0}, {0}};
    /* a lone surrogate, then an odd byte at the end */
    assert_int_equal(decode("a\0b\0\x00\xd8"
                            "c\0",
                            8, 100, "UTF-16LE", &out, &out_len, &error),
                     VS_ERR_FORMAT);
    assert_int_equal(out_len, 2);
    assert_memory_equal(out, "ab", 2);
    assert_non_null(strstr(error.hint, "--encoding"));
    free(out);
    assert_int_equal(decode("a\0b", 3, 100, "UTF-16LE", &out, &out_len, &error), VS_ERR_FORMAT);
    assert_int_equal(out_len, 1);
    free(out);
}

static void unknown_encodings_are_refused(void **state) {
    (void)state;
    static const char *const names[] = {"", "KLINGON-9", "UTF-16//IGNORE", "ISO-8859-1//TRANSLIT"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expect_refusal("a", 1, names[i], VS_ERR_USAGE, "UTF-8");
    }
}

/* By decoding and encoding again. */
static bool slow_is_valid(const uint8_t *s, size_t len) {
    for (size_t i = 0; i < len;) {
        unsigned lead = s[i];
        size_t n = lead < 0x80             ? 1
                   : (lead & 0xe0) == 0xc0 ? 2
                   : (lead & 0xf0) == 0xe0 ? 3
                   : (lead & 0xf8) == 0xf0 ? 4
                                           : 0;
        if (n == 0 || i + n > len) {
            return false;
        }
        uint32_t code = n == 1 ? lead : lead & (0x7fu >> n);
        for (size_t k = 1; k < n; k++) {
            if ((s[i + k] & 0xc0) != 0x80) {
                return false;
            }
            code = code << 6 | (s[i + k] & 0x3f);
        }
        static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
        if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
            return false;
        }
        i += n;
    }
    return true;
}

static void validity_agrees_with_decoding(void **state) {
    (void)state;
    static const uint8_t corners[] = {0,    1,    0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                      0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
    size_t valid = 0;
    for (unsigned round = 0; round < 400000; round++) {
        uint8_t s[6];
        size_t len = test_below(sizeof s + 1);
        for (size_t i = 0; i < len; i++) {
            s[i] = test_below(4) == 0 ? (uint8_t)test_random() : corners[test_below(sizeof corners)];
        }
        assert_int_equal(vs__utf8_is_valid((const char *)s, len), slow_is_valid(s, len));
        valid += vs__utf8_is_valid((const char *)s, len) ? 1 : 0;
    }
    assert_true(valid > 1000);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_passes_and_its_mark_does_not),
        cmocka_unit_test(utf16_is_seen_and_named),
        cmocka_unit_test(other_encodings_become_utf8),
        cmocka_unit_test(long_text_converts_like_one_call_of_iconv),
        cmocka_unit_test(text_before_a_fault_comes_first),
        cmocka_unit_test(unknown_encodings_are_refused),
        cmocka_unit_test(validity_agrees_with_decoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
