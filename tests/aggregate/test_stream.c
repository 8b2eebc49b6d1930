#include "tests/support.h"

#include "aggregate/stream.h"

/* A source that gives little at a time and may fail. */
typedef struct slow {
    const uint8_t *data;
    size_t len, at, fail_at;
} slow;

static vs_status slow_read(void *context, void *buf, size_t cap, size_t *got, vs_error *error) {
    slow *s = context;
    if (s->at >= s->fail_at) {
        return vs_fail(error, VS_ERR_IO, "the disk is gone");
    }
    size_t rest = s->len - s->at, take = 1 + (size_t)test_below(700);
    take = take < cap ? take : cap;
    *got = take < rest ? take : rest;
    memcpy(buf, s->data + s->at, *got);
    s->at += *got;
    return VS_OK;
}

static uint8_t data[20000];

static vs_source open_slow(slow *s, size_t len, size_t fail_at) {
    *s = (slow){.data = data, .len = len, .at = 0, .fail_at = fail_at};
    return (vs_source){.name = "slow.bin", .context = s, .read = slow_read};
}

static void exact_reads_gather_what_comes_in_pieces(void **state) {
    (void)state;
    slow s;
    const vs_source source = open_slow(&s, sizeof data, SIZE_MAX);
    vs_error error;
    static uint8_t out[sizeof data];
    size_t got = 1;
    for (size_t at = 0; at < sizeof data;) {
        size_t take = 1 + (size_t)test_below(3000);
        take = take < sizeof data - at ? take : sizeof data - at;
        assert_int_equal(vs_read_exactly(&source, out + at, take, &error), VS_OK);
        at += take;
    }
    assert_memory_equal(out, data, sizeof data);
    assert_int_equal(vs_read_up_to(&source, out, 1, &got, &error), VS_OK);
    assert_int_equal(got, 0);
}

static void an_early_end_is_not_authentic(void **state) {
    (void)state;
    vs_error error;
    uint8_t out[100];
    for (size_t len = 0; len <= 100; len++) {
        vs_memory_source memory;
        const vs_source source = vs_memory_source_open(&memory, "short.bin", data, len);
        size_t got = 7;
        vs_status expected = len == 100 ? VS_OK : VS_ERR_AUTH;
        assert_int_equal(vs_read_exactly(&source, out, 100, &error), expected);
        if (expected != VS_OK) {
            assert_string_equal(error.message, "short.bin: ends early");
            assert_string_not_equal(error.hint, "");
        }
        const vs_source again = vs_memory_source_open(&memory, "short.bin", data, len);
        assert_int_equal(vs_read_up_to(&again, out, 100, &got, &error), VS_OK);
        assert_int_equal(got, len);
    }
}

static void reading_all_gives_everything_and_a_zero_behind(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 20000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (size_t slack = 0; slack < 3; slack++) {
            slow s;
            const vs_source source = open_slow(&s, lengths[i], SIZE_MAX);
            uint8_t *out;
            size_t len;
            assert_int_equal(vs_read_all(&source, lengths[i] + slack * 5000, &out, &len, NULL), VS_OK);
            assert_int_equal(len, lengths[i]);
            assert_memory_equal(out, data, len);
            assert_int_equal(out[len], 0);
            free(out);
        }
    }
}

static void one_byte_too_many_is_refused_and_no_more_is_read(void **state) {
    (void)state;
    static const size_t limits[] = {0, 1, 4095, 4096, 4097, 10000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        slow s;
        const vs_source source = open_slow(&s, sizeof data, SIZE_MAX);
        vs_error error;
        uint8_t *out = data;
        size_t len = 1;
        assert_int_equal(vs_read_all(&source, limits[i], &out, &len, &error), VS_ERR_LIMIT);
        assert_null(out);
        assert_int_equal(len, 0);
        assert_int_equal(s.at, limits[i] + 1);
        assert_memory_equal(error.message, "slow.bin: larger than ", 22);
        assert_string_not_equal(error.hint, "");
    }
}

static void trouble_of_the_source_is_passed_on(void **state) {
    (void)state;
    slow s;
    vs_error error;
    uint8_t *out, buf[6000];
    size_t len;
    const vs_source source = open_slow(&s, sizeof data, 5000);
    assert_int_equal(vs_read_all(&source, sizeof data, &out, &len, &error), VS_ERR_IO);
    assert_null(out);
    assert_string_equal(error.message, "the disk is gone");
    const vs_source again = open_slow(&s, sizeof data, 5000);
    assert_int_equal(vs_read_exactly(&again, buf, sizeof buf, &error), VS_ERR_IO);
    assert_string_equal(error.message, "the disk is gone");
}

static void a_memory_sink_keeps_what_is_written(void **state) {
    (void)state;
    vs_memory_sink memory;
    const vs_sink sink = vs_memory_sink_open(&memory, "memory");
    for (size_t at = 0; at < sizeof data;) {
        size_t take = (size_t)test_below(test_below(8) == 0 ? 9000 : 20);
        take = take < sizeof data - at ? take : sizeof data - at;
        assert_int_equal(sink.write(sink.context, data + at, take, NULL), VS_OK);
        at += take;
        assert_int_equal(memory.len, at);
    }
    assert_memory_equal(memory.data, data, sizeof data);
    vs_error error;
    assert_int_equal(sink.write(sink.context, data, SIZE_MAX / 2, &error), VS_ERR_MEMORY);
    assert_int_equal(memory.len, sizeof data);
    free(memory.data);
}

static void count_step(void *context, uint64_t done, uint64_t total) {
    *(uint64_t *)context += done * 1000 + total;
}

static void progress_is_told_where_somebody_listens(void **state) {
    (void)state;
    uint64_t seen = 0;
    const vs_progress progress = {&seen, count_step}, deaf = {&seen, NULL};
    vs_progress_step(&progress, 3, 7);
    vs_progress_step(&deaf, 1, 1);
    vs_progress_step(NULL, 1, 1);
    assert_int_equal(seen, 3007);
}

int main(void) {
    test_seed();
    test_fill(data, sizeof data);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_reads_gather_what_comes_in_pieces),
        cmocka_unit_test(an_early_end_is_not_authentic),
        cmocka_unit_test(reading_all_gives_everything_and_a_zero_behind),
        cmocka_unit_test(one_byte_too_many_is_refused_and_no_more_is_read),
        cmocka_unit_test(trouble_of_the_source_is_passed_on),
        cmocka_unit_test(a_memory_sink_keeps_what_is_written),
        cmocka_unit_test(progress_is_told_where_somebody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
