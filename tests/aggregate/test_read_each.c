#include "containers.h"

#include "crypto/parallel.h"

#define CIPHERTEXT 512u /* of 2048 bits, of which 2048 are a chunk */
#define CHUNK 2048u
#define COUNT (2 * CHUNK + 3) /* ciphertexts: three chunks */
#define MANY 7

static vs_secret_key *secret;

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    secret = fixture_key("k2048");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vs_secret_key_free(secret);
    return 0;
}

/* Containers of one shape. */
typedef struct several {
    uint8_t *ciphertexts[MANY];
    vs_memory_sink written[MANY];
    vs_memory_source memory[MANY];
    vs_source sources[MANY];
    vs_container_reader *readers[MANY];
} several;

static void write_one(several *s, size_t i) {
    vs_contributor who = {.name = "north"};
    vs_header header = {.kind = VS_CONTRIBUTION,
                        .pk = vs_secret_key_public(secret),
                        .cell_count = COUNT,
                        .ciphertext_count = COUNT,
                        .contributors_min = 3,
                        .contributors_max = 1000,
                        .bound = 1,
                        .contributors = &who,
                        .contributor_count = 1};
    vs_container_writer *writer;
    vs_session_id(header.sid, header.plan_id, "", 0);
    vs_contributor_id(who.id, header.sid, who.name);
    vs_sink sink = vs_memory_sink_open(&s->written[i], "memory");
    s->ciphertexts[i] = malloc(COUNT * CIPHERTEXT);
    assert_non_null(s->ciphertexts[i]);
    test_fill(s->ciphertexts[i], COUNT * CIPHERTEXT);
    assert_int_equal(vs_container_writer_new(&writer, &header, &sink, NULL), VS_OK);
    assert_int_equal(vs_container_write(writer, s->ciphertexts[i], COUNT, NULL), VS_OK);
    assert_int_equal(vs_container_finish(writer, NULL), VS_OK);
    vs_container_writer_free(writer);
}

/* `altered` containers are wrong in their last chunk. */
static void several_open(several *s, const size_t *altered, size_t altered_count) {
    static const char *const names[MANY] = {"0.vs", "1.vs", "2.vs", "3.vs", "4.vs", "5.vs", "6.vs"};
    for (size_t i = 0; i < MANY; i++) {
        write_one(s, i);
    }
    for (size_t i = 0; i < altered_count; i++) {
        const vs_memory_sink *written = &s->written[altered[i]];
        written->data[written->len - VS_TRAILER_BYTES - VS_HASH_BYTES - 1] ^= 1;
    }
    for (size_t i = 0; i < MANY; i++) {
        int at_end;
        s->sources[i] = vs_memory_source_open(&s->memory[i], names[i], s->written[i].data, s->written[i].len);
        assert_int_equal(vs_container_reader_new(&s->readers[i], &s->sources[i], &at_end, NULL), VS_OK);
    }
}

static void several_close(several *s) {
    for (size_t i = 0; i < MANY; i++) {
        vs_container_reader_free(s->readers[i]);
        free(s->written[i].data);
        free(s->ciphertexts[i]);
    }
}

static void several_are_read_in_step(void **state) {
    (void)state;
    for (size_t threads = 1; threads <= 4; threads++) {
        several s = {0};
        const uint8_t *chunks[MANY];
        size_t count, done = 0;
        vs_parallel_set_threads(threads);
        several_open(&s, NULL, 0);
        do {
            assert_int_equal(vs_container_read_each(s.readers, MANY, chunks, &count, NULL), VS_OK);
            assert_int_equal(count, done < 2 * CHUNK ? CHUNK : done == 2 * CHUNK ? 3 : 0);
            for (size_t i = 0; i < MANY && count > 0; i++) {
                assert_memory_equal(chunks[i], s.ciphertexts[i] + done * CIPHERTEXT, count * CIPHERTEXT);
            }
            done += count;
        } while (count > 0);
        several_close(&s);
    }
}

static void the_first_that_fails_is_named(void **state) {
    (void)state;
    static const size_t altered[] = {5, 2, 3};
    for (size_t threads = 1; threads <= 4; threads++) {
        several s = {0};
        const uint8_t *chunks[MANY];
        size_t count;
        vs_error error = {.message = ""};
        vs_parallel_set_threads(threads);
        several_open(&s, altered, 3);
        assert_int_equal(vs_container_read_each(s.readers, MANY, chunks, &count, &error), VS_OK);
        assert_int_equal(vs_container_read_each(s.readers, MANY, chunks, &count, &error), VS_OK);
        assert_int_equal(vs_container_read_each(s.readers, MANY, chunks, &count, &error), VS_ERR_AUTH);
        assert_int_equal(count, 0);
        assert_memory_equal(error.message, "2.vs: ", 6);
        assert_true(error.hint[0] != 0);
        several_close(&s);
    }
}

static void none_at_all_is_nothing(void **state) {
    (void)state;
    size_t count = 1;
    assert_int_equal(vs_container_read_each(NULL, 0, NULL, &count, NULL), VS_OK);
    assert_int_equal(count, 0);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_are_read_in_step),
        cmocka_unit_test(the_first_that_fails_is_named),
        cmocka_unit_test(none_at_all_is_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
