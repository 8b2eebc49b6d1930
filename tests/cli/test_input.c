#include "tests/support.h"

#include <unistd.h>

#include "cli/input.h"
#include "crypto/secret.h"

static int set_up(void **state) {
    (void)state;
    return vs_secret_setup() == VS_OK ? 0 : -1;
}

/* A pipe that holds `data`, as a path. */
static int pipe_with(char path[32], const void *data, size_t len) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], data, len), len);
    close(ends[1]);
    (void)snprintf(path, 32, "/dev/fd/%d", ends[0]);
    return ends[0];
}

static void peeking_takes_nothing_away(void **state) {
    (void)state;
    test_seed();
    for (size_t len = 0; len < 3 * VS_PEEK_BYTES; len += 1 + test_below(20)) {
        uint8_t data[3 * VS_PEEK_BYTES];
        char path[32];
        vs_input input;
        vs_error error;
        const uint8_t *head = NULL;
        size_t head_len = 0;
        uint8_t *all = NULL;
        size_t all_len = 0;
        test_fill(data, sizeof data);
        int fd = pipe_with(path, data, len);
        assert_int_equal(vs__input_open(&input, path, &error), VS_OK);
        assert_int_equal(vs__input_peek(&input, &head, &head_len, &error), VS_OK);
        assert_int_equal(head_len, len < VS_PEEK_BYTES ? len : VS_PEEK_BYTES);
        assert_memory_equal(head, data, head_len);
        assert_int_equal(vs_read_all(&input.source, sizeof data, &all, &all_len, &error), VS_OK);
        assert_int_equal(all_len, len);
        assert_memory_equal(all, data, len);
        free(all);
        vs__input_close(&input);
        close(fd);
    }
}

static void a_secret_longer_than_its_limit_is_refused(void **state) {
    (void)state;
    static const char text[] = "twelve bytes";
    for (size_t max = 10; max < 15; max++) {
        char path[32];
        vs_input input;
        vs_error error;
        char *data = NULL;
        size_t len = 0;
        int fd = pipe_with(path, text, 12);
        assert_int_equal(vs__input_open(&input, path, &error), VS_OK);
        vs_status status = vs__input_read_secret(&input, max, &data, &len, &error);
        assert_int_equal(status, max < 12 ? VS_ERR_LIMIT : VS_OK);
        if (status == VS_OK) {
            assert_int_equal(len, 12);
            assert_string_equal(data, text);
        } else {
            assert_null(data);
        }
        vs_secret_free(data);
        vs__input_close(&input);
        close(fd);
    }
}

static void missing_files_and_directories_are_refused(void **state) {
    (void)state;
    static const char *const paths[] = {"/nowhere/at/all", "/", "/dev/fd/999999", ""};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        vs_input input;
        vs_error error = {{0}, {0}};
        assert_int_equal(vs__input_open(&input, paths[i], &error), VS_ERR_IO);
        assert_int_not_equal(error.message[0], 0);
        vs__input_close(&input);
    }
}

static void descriptors_have_several_names(void **state) {
    (void)state;
    assert_int_equal(vs__descriptor_of("/dev/stdin"), 0);
    assert_int_equal(vs__descriptor_of("/dev/stdout"), 1);
    assert_int_equal(vs__descriptor_of("/dev/fd/63"), 63);
    assert_int_equal(vs__descriptor_of("/proc/self/fd/7"), 7);
    static const char *const others[] = {"-",          "/dev/fd/", "/dev/fd/-1", "/dev/fd/99999999999",
                                         "/dev/fd/1x", "dev/fd/1"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(vs__descriptor_of(others[i]), -1);
    }
}

static void content_is_told_by_its_beginning(void **state) {
    (void)state;
    static const struct {
        const char *data;
        size_t len;
        vs_content content;
    } cases[] = {
        {"", 0, VS_CONTENT_EMPTY},
        {"{\"veilsum\": 1", 13, VS_CONTENT_JSON},
        {"\xef\xbb\xbf\r\n {", 7, VS_CONTENT_JSON},
        {"\0{", 2, VS_CONTENT_UNKNOWN},
        {"veilsum public key 1\n", 21, VS_CONTENT_PUBLIC_KEY},
        {"veilsum secret key 1\n", 21, VS_CONTENT_SECRET_KEY},
        {"veilsum public", 14, VS_CONTENT_UNKNOWN},
        {"\xf5vsm\r\n\x1a\n\1", 9, VS_CONTENT_CONTAINER},
        {"\x93NUMPY\1", 7, VS_CONTENT_NPY},
        {"State,Cost\n", 11, VS_CONTENT_UNKNOWN},
        {"   ", 3, VS_CONTENT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(vs__content_of((const uint8_t *)cases[i].data, cases[i].len), cases[i].content);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peeking_takes_nothing_away),
        cmocka_unit_test(a_secret_longer_than_its_limit_is_refused),
        cmocka_unit_test(missing_files_and_directories_are_refused),
        cmocka_unit_test(descriptors_have_several_names),
        cmocka_unit_test(content_is_told_by_its_beginning),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
