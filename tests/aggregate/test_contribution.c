#include "memory_storage.h"
#include "pipeline.h"

static vs_secret_key *secret;
static const vs_public_key *key;

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    secret = fixture_key("k2048");
    key = vs_secret_key_public(secret);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vs_secret_key_free(secret);
    return 0;
}

/* All ciphertexts of a container, one after the other. */
static uint8_t *read_ciphertexts(const blob *b, vs_header *copy) {
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "a.vs", b->data, b->len);
    vs_container_reader *reader;
    int at_end;
    size_t at = 0;
    assert_int_equal(vs_container_reader_new(&reader, &source, &at_end, NULL), VS_OK);
    const vs_header *header = vs_container_header(reader);
    size_t bytes = vs_public_key_info(header->pk)->ciphertext_bytes;
    uint8_t *out = malloc((size_t)header->ciphertext_count * bytes);
    for (size_t count = 1; count > 0;) {
        const uint8_t *chunk;
        assert_int_equal(vs_container_read(reader, &chunk, &count, NULL), VS_OK);
        memcpy(out + at, chunk != NULL ? chunk : out, count * bytes);
        at += count * bytes;
    }
    *copy = *header;
    copy->pk = NULL;
    copy->contributors = NULL;
    vs_container_reader_free(reader);
    return out;
}

static void check_contribution_from(const vs_plan *plan, const vs_secret_key *sk, const vs_cells *cells,
                                    vs_pool *pool) {
    const vs_public_key *pk = vs_secret_key_public(sk);
    const vs_key_info *info = vs_public_key_info(pk);
    size_t n = (size_t)plan->cell_count;
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    vs_layout layout;
    vs_header header;
    vs_int128 *got = calloc(n, sizeof *got);
    assert_int_equal(vs_contribute_from(plan, pk, cells,
                                        &(vs_contribution_request){
                                            .name = "ORANGE", .period = "2026-11", .randomness = {.pool = pool}},
                                        &sink, NULL, NULL),
                     VS_OK);
    blob b = {memory.data, memory.len};
    uint8_t *ciphertexts = read_ciphertexts(&b, &header);
    assert_int_equal(vs_layout_make(&layout, plan, info->bits, info->degree, NULL), VS_OK);
    assert_int_equal(header.ciphertext_count, layout.plaintext_count);
    assert_int_equal(header.cell_count, plan->cell_count);
    assert_int_equal(header.kind, VS_CONTRIBUTION);
    assert_int_equal(header.bound, 1);
    assert_string_equal(header.period, "2026-11");
    assert_memory_equal(header.plan_id, plan->id, VS_HASH_BYTES);
    uint8_t *plaintexts = malloc((size_t)layout.plaintext_count * info->plaintext_bytes);
    assert_int_equal(vs_decrypt(sk, plaintexts, ciphertexts, (size_t)layout.plaintext_count), VS_OK);
    for (uint64_t g = 0; g < plan->group_count; g++) {
        for (unsigned k = 0; k < plan->class_count; k++) {
            uint64_t first, count;
            vs_layout_block(&layout, g, k, &first, &count);
            assert_int_equal(vs_unpack(&layout, got, plaintexts + first * info->plaintext_bytes, g, k, 1, NULL), VS_OK);
        }
    }
    assert_memory_equal(got, vs_cells_values(cells), n * sizeof *got);
    vs_layout_free(&layout);
    free(got);
    free(plaintexts);
    free(ciphertexts);
    free(b.data);
}

static void check_contribution(const vs_plan *plan, const vs_secret_key *sk, const vs_cells *cells) {
    check_contribution_from(plan, sk, cells, NULL);
}

static void a_contribution_decrypts_to_its_cells(void **state) {
    (void)state;
    static const char *const rests[] = {
        "\"contributors\":{\"min\":1,\"max\":50}",
        "\"contributors\":{\"min\":1,\"max\":1000000},\"groups\":{\"min_rows\":3,\"min_contributors\":2}"};
    vs_secret_key *degree2 = fixture_key("k2048-degree2");
    char table[4096];
    for (size_t i = 0; i < 4; i++) {
        const vs_secret_key *sk = i % 2 ? degree2 : secret;
        vs_plan *plan = table_plan(vs_secret_key_public(sk), rests[i / 2]);
        random_table(table, 50, 3);
        vs_cells *cells = read_table(plan, table);
        check_contribution(plan, sk, cells);
        vs_cells_free(cells);
        vs_plan_free(plan);
    }
    vs_secret_key_free(degree2);
}

static vs_plan *vector_plan(const vs_public_key *pk, unsigned length) {
    char json[512], hex[2 * VS_HASH_BYTES + 1];
    vs_plan *plan;
    vs_to_hex(hex, vs_public_key_info(pk)->fingerprint, VS_HASH_BYTES);
    int len = snprintf(json, sizeof json,
                       "{\"veilsum\":1,\"vector\":{\"length\":%u,\"scale\":6,\"min\":-1,\"max\":1},"
                       "\"contributors\":{\"min\":1,\"max\":1000},\"opening\":{\"key\":\"%s\"}}",
                       length, hex);
    assert_int_equal(vs_plan_parse(&plan, json, (size_t)len, NULL), VS_OK);
    return plan;
}

/* More plaintexts than are encrypted at a time. */
static void a_long_vector_decrypts_to_its_elements(void **state) {
    (void)state;
    vs_plan *plan = vector_plan(key, 34000);
    vs_cells *cells;
    assert_int_equal(vs_cells_new(&cells, plan, NULL), VS_OK);
    for (uint64_t i = 0; i < 34000; i++) {
        int64_t value = test_below(8) == 0 ? -1000000 : (int64_t)test_below(2000001) - 1000000;
        assert_int_equal(vs_cells_set_element(cells, i, value, NULL), VS_OK);
    }
    check_contribution(plan, secret, cells);
    vs_cells_free(cells);
    vs_plan_free(plan);
}

/* A pool of `count` real factors. */
static vs_pool *make_pool(memory_storage *m, const vs_public_key *pk, size_t count) {
    vs_pool *pool = NULL;
    vs_encryptor *encryptor = NULL;
    uint8_t *factors = malloc(count * vs_public_key_info(pk)->ciphertext_bytes);
    assert_int_equal(vs_pool_create(&pool, &m->storage, pk, NULL), VS_OK);
    assert_int_equal(vs_encryptor_new(&encryptor, pk, count), VS_OK);
    assert_int_equal(vs_factors_make(encryptor, factors, count), VS_OK);
    assert_int_equal(vs_pool_add(pool, factors, count, NULL), VS_OK);
    vs_encryptor_free(encryptor);
    free(factors);
    return pool;
}

static uint64_t left_in(const vs_pool *pool) {
    vs_pool_info info;
    vs_pool_describe(pool, &info);
    return info.left;
}

static void a_contribution_from_a_pool_decrypts_to_its_cells(void **state) {
    (void)state;
    vs_secret_key *degree2 = fixture_key("k2048-degree2");
    char table[4096];
    for (size_t i = 0; i < 2; i++) {
        const vs_secret_key *sk = i % 2 ? degree2 : secret;
        vs_plan *plan = table_plan(vs_secret_key_public(sk), "\"groups\":{\"min_rows\":3}");
        memory_storage *m = memory_storage_new();
        vs_pool *pool = make_pool(m, vs_secret_key_public(sk), 100);
        random_table(table, 50, 3);
        vs_cells *cells = read_table(plan, table);
        uint64_t before = left_in(pool);
        check_contribution_from(plan, sk, cells, pool);
        uint64_t used = before - left_in(pool);
        assert_true(used > 1);
        check_contribution_from(plan, sk, cells, pool);
        assert_int_equal(left_in(pool), before - 2 * used);
        assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
        free(m);
        vs_cells_free(cells);
        vs_plan_free(plan);
    }
    vs_secret_key_free(degree2);
}

static void a_pool_with_too_few_or_of_another_key_is_refused_and_kept(void **state) {
    (void)state;
    static const vs_status expected[2] = {VS_ERR_NOT_READY, VS_ERR_MISMATCH};
    vs_secret_key *other = fixture_key("k2048-other");
    vs_plan *plan = table_plan(key, "\"groups\":{\"min_rows\":3}");
    vs_cells *cells = read_table(plan, "D,X,Y\na,1,1\n");
    for (size_t i = 0; i < 2; i++) {
        memory_storage *m = memory_storage_new();
        vs_memory_sink memory = {0};
        vs_sink sink = vs_memory_sink_open(&memory, "memory");
        vs_pool *pool = make_pool(m, i == 0 ? key : vs_secret_key_public(other), i == 0 ? 2 : 20);
        uint64_t before = left_in(pool);
        vs_error error = {.message = ""};
        assert_int_equal(vs_contribute_from(plan, key, cells,
                                            &(vs_contribution_request){.name = "A", .randomness = {.pool = pool}},
                                            &sink, NULL, &error),
                         expected[i]);
        assert_true(error.message[0] != 0 && error.hint[0] != 0);
        assert_int_equal(memory.len, 0);
        assert_int_equal(left_in(pool), before);
        assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
        free(m);
    }
    vs_cells_free(cells);
    vs_plan_free(plan);
    vs_secret_key_free(other);
}

/* Each batch's factors are durably marked as used before its ciphertexts reach the sink. */
typedef struct watched {
    memory_storage *pool;
    size_t container_len, writes;
} watched;

static vs_status watch_write(void *context, const void *data, size_t len, vs_error *error) {
    (void)data;
    (void)error;
    watched *w = context;
    if (w->writes++ > 0) { /* the first is the container's header */
        memory_storage *found = malloc(sizeof *found);
        vs_pool *pool = NULL;
        memcpy(found, w->pool, sizeof *found);
        found->storage.context = found;
        memory_storage_restart(found);
        assert_int_equal(vs_pool_open(&pool, &found->storage, key, NULL), VS_OK);
        assert_true(left_in(pool) < 100);
        assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
        free(found);
    }
    w->container_len += len;
    return VS_OK;
}

static void factors_are_durably_used_before_a_ciphertext_leaves(void **state) {
    (void)state;
    vs_plan *plan = table_plan(key, "\"groups\":{\"min_rows\":3}");
    vs_cells *cells = read_table(plan, "D,X,Y\na,1,1\n");
    memory_storage *m = memory_storage_new();
    vs_pool *pool = make_pool(m, key, 100);
    watched w = {.pool = m};
    vs_sink sink = {.name = "watched", .context = &w, .write = watch_write};
    assert_int_equal(vs_contribute_from(plan, key, cells,
                                        &(vs_contribution_request){.name = "A", .randomness = {.pool = pool}}, &sink,
                                        NULL, NULL),
                     VS_OK);
    assert_true(w.writes > 1);
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    free(m);
    vs_cells_free(cells);
    vs_plan_free(plan);
}

static void two_contributions_of_one_table_share_no_ciphertext(void **state) {
    (void)state;
    vs_plan *plan = table_plan(key, "\"contributors\":{\"min\":1,\"max\":50}");
    blob a = contribute(plan, key, "D,X,Y\na,1,2\n", "ORANGE", "", NULL);
    blob b = contribute(plan, key, "D,X,Y\na,1,2\n", "ORANGE", "", NULL);
    size_t header = (size_t)get_number(a.data + 12, 4);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, header);
    for (size_t at = header; at + 512 <= a.len; at += 512) {
        assert_memory_not_equal(a.data + at, b.data + at, 512);
    }
    free(a.data);
    free(b.data);
    vs_plan_free(plan);
}

static void a_contributions_size_does_not_depend_on_its_data(void **state) {
    (void)state;
    vs_plan *plan = table_plan(key, "\"contributors\":{\"min\":1,\"max\":50},\"groups\":{\"min_rows\":3}");
    blob a = contribute(plan, key, "D,X,Y\n", "ORANGE", "", NULL);
    blob b = contribute(plan, key, "D,X,Y\na,-500,2\nb,1000,\nc,,\n", "ORANGE", "", NULL);
    assert_int_equal(a.len, b.len);
    free(a.data);
    free(b.data);
    vs_plan_free(plan);
}

static vs_status try_contribute(const vs_plan *plan, const vs_public_key *pk, const char *name, const char *period) {
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    vs_cells *cells = read_table(plan, "D,X,Y\na,1,2\n");
    vs_error error = {.message = ""};
    vs_status status = vs_contribute(plan, pk, cells, name, period, &sink, NULL, &error);
    if (status != VS_OK) {
        assert_int_equal(memory.len, 0);
        assert_true(error.message[0] != 0 && error.hint[0] != 0);
    }
    vs_cells_free(cells);
    free(memory.data);
    return status;
}

static void another_key_than_the_plans_is_refused(void **state) {
    (void)state;
    vs_secret_key *other = fixture_key("k2048-other"), *degree2 = fixture_key("k2048-degree2");
    vs_plan *plan = table_plan(key, "\"contributors\":{\"min\":1,\"max\":50}");
    assert_int_equal(try_contribute(plan, key, "ORANGE", ""), VS_OK);
    assert_int_equal(try_contribute(plan, vs_secret_key_public(other), "ORANGE", ""), VS_ERR_MISMATCH);
    assert_int_equal(try_contribute(plan, vs_secret_key_public(degree2), "ORANGE", ""), VS_ERR_MISMATCH);
    vs_plan_free(plan);
    vs_secret_key_free(other);
    vs_secret_key_free(degree2);
}

static void names_and_periods_that_are_not_valid_are_refused(void **state) {
    (void)state;
    char longest[VS_MAX_NAME_BYTES + 2];
    vs_plan *plan = table_plan(key, "\"contributors\":{\"min\":1,\"max\":50}");
    memset(longest, 'x', sizeof longest);
    longest[VS_MAX_NAME_BYTES + 1] = 0;
    assert_int_equal(try_contribute(plan, key, "", ""), VS_ERR_USAGE);
    assert_int_equal(try_contribute(plan, key, longest, ""), VS_ERR_USAGE);
    assert_int_equal(try_contribute(plan, key, "a\nb", ""), VS_ERR_USAGE);
    assert_int_equal(try_contribute(plan, key, "a", longest), VS_ERR_USAGE);
    assert_int_equal(try_contribute(plan, key, "a", " 2026"), VS_ERR_USAGE);
    longest[VS_MAX_NAME_BYTES] = 0;
    assert_int_equal(try_contribute(plan, key, longest, longest), VS_OK);
    assert_int_equal(try_contribute(plan, key, "a", NULL), VS_OK);
    vs_plan_free(plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_contribution_decrypts_to_its_cells),
        cmocka_unit_test(a_long_vector_decrypts_to_its_elements),
        cmocka_unit_test(a_contribution_from_a_pool_decrypts_to_its_cells),
        cmocka_unit_test(a_pool_with_too_few_or_of_another_key_is_refused_and_kept),
        cmocka_unit_test(factors_are_durably_used_before_a_ciphertext_leaves),
        cmocka_unit_test(two_contributions_of_one_table_share_no_ciphertext),
        cmocka_unit_test(a_contributions_size_does_not_depend_on_its_data),
        cmocka_unit_test(another_key_than_the_plans_is_refused),
        cmocka_unit_test(names_and_periods_that_are_not_valid_are_refused),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
