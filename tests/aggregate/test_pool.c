/* Pools: nothing is handed out twice whatever happens, nothing that was altered is handed out, and what is used is
 * destroyed. Factors are made up here, so that each says which one it is; test_contribution encrypts with real ones. */
#include "containers.h"
#include "memory_storage.h"

#include "aggregate/pool/pool_internal.h"

#define COUNT 100 /* three blocks and a bit */

static vs_secret_key *secret, *other, *degree2;
static const vs_public_key *key;
static size_t factor_len, sealed_len;

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    secret = fixture_key("k2048");
    other = fixture_key("k2048-other");
    degree2 = fixture_key("k2048-degree2");
    key = vs_secret_key_public(secret);
    factor_len = vs_public_key_info(key)->ciphertext_bytes;
    sealed_len = factor_len + VS_ONETIME_TAG_BYTES;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vs_secret_key_free(secret);
    vs_secret_key_free(other);
    vs_secret_key_free(degree2);
    return 0;
}

/* Factor number `index`, with bytes that no other one has. */
static void make_factor(uint8_t *out, size_t index) {
    uint32_t state = (uint32_t)index * 2654435761u + 1;
    for (size_t i = 0; i < factor_len; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = (uint8_t)(state >> 24);
    }
    out[0] = (uint8_t)index;
}

static uint8_t *make_factors(size_t first, size_t count) {
    uint8_t *factors = malloc(count * factor_len);
    for (size_t i = 0; i < count; i++) {
        make_factor(factors + i * factor_len, first + i);
    }
    return factors;
}

static void add(vs_pool *pool, size_t first, size_t count) {
    uint8_t *factors = make_factors(first, count);
    assert_int_equal(vs_pool_add(pool, factors, count, NULL), VS_OK);
    free(factors);
}

static memory_storage *new_pool(size_t count) {
    memory_storage *m = memory_storage_new();
    vs_pool *pool = NULL;
    assert_int_equal(vs_pool_create(&pool, &m->storage, key, NULL), VS_OK);
    add(pool, 0, count);
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    assert_memory_equal(m->now, m->durable, sizeof m->now);
    return m;
}

static vs_pool *open_pool(memory_storage *m) {
    vs_pool *pool = NULL;
    vs_error error = {.message = ""};
    vs_status status = vs_pool_open(&pool, &m->storage, key, &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return pool;
}

/* Where it does not matter whether the storage still works. */
static void abandon(vs_pool *pool) {
    vs_status status = vs_pool_close(pool, NULL);
    assert_true(status == VS_OK || status == VS_ERR_IO);
}

static uint64_t left_in(const vs_pool *pool) {
    vs_pool_info info;
    vs_pool_describe(pool, &info);
    return info.left;
}

/* ---- handing out ---- */

/* Take some, which must be factors that have not been taken before, whole; false where the storage has crashed. */
static bool take(vs_pool *pool, size_t count, bool seen[COUNT]) {
    uint8_t *factors = malloc(count * factor_len), *expected = malloc(factor_len);
    vs_status status = vs_pool_take(pool, factors, count, NULL);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *factor = factors + i * factor_len;
        if (status == VS_OK) {
            assert_true(factor[0] < COUNT);
            make_factor(expected, factor[0]);
            assert_memory_equal(factor, expected, factor_len);
            assert_false(seen[factor[0]]);
            seen[factor[0]] = true;
        } else {
            memset(expected, 0, factor_len);
            assert_memory_equal(factor, expected, factor_len);
        }
    }
    free(factors);
    free(expected);
    assert_true(status == VS_OK || status == VS_ERR_IO);
    return status == VS_OK;
}

static void every_factor_comes_out_once_in_order(void **state) {
    (void)state;
    static const size_t steps[] = {1, 31, 1, 2, 40, 0, 25};
    bool seen[COUNT] = {false};
    memory_storage *m = new_pool(COUNT);
    vs_pool *pool = open_pool(m);
    uint64_t left = COUNT;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_int_equal(vs_pool_verify(pool, NULL, NULL), VS_OK);
        assert_true(take(pool, steps[i], seen));
        left -= steps[i];
        assert_int_equal(left_in(pool), left);
        if (i % 2 == 0) {
            assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
            pool = open_pool(m);
        }
    }
    assert_int_equal(left, 0);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(seen[i]);
    }
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    free(m);
}

static void more_than_there_are_is_refused_and_uses_up_nothing(void **state) {
    (void)state;
    bool seen[COUNT] = {false};
    memory_storage *m = new_pool(10);
    vs_pool *pool = open_pool(m);
    vs_error error;
    uint8_t *factors = malloc(11 * factor_len);
    memset(factors, 1, 11 * factor_len);
    assert_int_equal(vs_pool_take(pool, factors, 11, &error), VS_ERR_NOT_READY);
    assert_non_null(strstr(error.message, "memory.pool has 10 unused factors, and 11 are wanted"));
    assert_non_null(strstr(error.hint, "--add"));
    assert_int_equal(factors[11 * factor_len - 1], 0);
    assert_int_equal(left_in(pool), 10);
    assert_true(take(pool, 10, seen));
    assert_int_equal(vs_pool_take(pool, factors, 1, &error), VS_ERR_NOT_READY);
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    free(factors);
    free(m);
}

static void a_pool_is_filled_up_while_it_is_used(void **state) {
    (void)state;
    bool seen[COUNT] = {false};
    memory_storage *m = new_pool(3);
    vs_pool *pool = open_pool(m);
    size_t made = 3, used = 0;
    vs_pool_info info;
    while (made < COUNT) {
        size_t more = 1 + (size_t)test_below(COUNT - made), some;
        add(pool, made, more);
        made += more;
        some = (size_t)test_below(made - used + 1);
        assert_true(take(pool, some, seen));
        used += some;
        vs_pool_describe(pool, &info);
        assert_int_equal(info.made, made);
        assert_int_equal(info.left, made - used);
        assert_int_equal(vs_pool_verify(pool, NULL, NULL), VS_OK);
    }
    assert_true(take(pool, COUNT - used, seen));
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    free(m);
}

/* ---- crashes ---- */

/* If the power went now, would the pool that is found have no more than `left` factors? */
static void assert_durably_left(const memory_storage *m, uint64_t left) {
    memory_storage *found = malloc(sizeof *found);
    memcpy(found, m, sizeof *found);
    found->storage.context = found;
    memory_storage_restart(found);
    vs_pool *pool = open_pool(found);
    assert_true(left_in(pool) <= left);
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    free(found);
}

/* Take in several steps until the crash, then restart and take the rest; false where no crash came. */
static bool use_until_crash(long crash_at, size_t *lost) {
    static const size_t steps[] = {5, 40, 0, 3, 16, 30};
    bool seen[COUNT] = {false};
    size_t handed = 0, wanted = 0;
    memory_storage *m = new_pool(COUNT);
    m->random = test_random;
    m->steps = 0;
    m->crash_at = crash_at;
    vs_pool *pool = open_pool(m);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        wanted = steps[i];
        if (!take(pool, wanted, seen)) {
            break;
        }
        handed += wanted;
        assert_durably_left(m, COUNT - handed);
    }
    abandon(pool);
    bool crashed = m->crashed;
    memory_storage_restart(m);
    pool = open_pool(m);
    uint64_t left = left_in(pool);
    *lost = COUNT - handed - (size_t)left;
    assert_true(*lost == 0 || *lost == wanted);
    assert_int_equal(vs_pool_verify(pool, NULL, NULL), VS_OK);
    assert_true(take(pool, (size_t)left, seen));
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    free(m);
    return crashed;
}

static void a_crash_at_any_step_hands_out_nothing_twice(void **state) {
    (void)state;
    long step = 0;
    size_t lost, times_lost = 0, times_kept = 0;
    for (bool crashed = true; crashed; step++) {
        for (int round = 0; round < 6; round++) {
            crashed = use_until_crash(step, &lost);
            times_lost += lost > 0;
            times_kept += lost == 0;
        }
    }
    assert_true(step > 12); /* a write and a sync each, at least */
    assert_true(times_lost > 0 && times_kept > 0);
}

static void a_crash_while_filling_up_leaves_the_pool_before_or_after(void **state) {
    (void)state;
    bool crashed = true;
    for (long step = 0; crashed; step++) {
        bool seen[COUNT] = {false};
        memory_storage *m = new_pool(40);
        m->random = test_random;
        m->steps = 0;
        m->crash_at = step;
        vs_pool *pool = open_pool(m);
        uint8_t *factors = make_factors(40, COUNT - 40);
        vs_status status = vs_pool_add(pool, factors, COUNT - 40, NULL);
        abandon(pool);
        crashed = m->crashed;
        assert_true(status == VS_OK || crashed);
        memory_storage_restart(m);
        pool = open_pool(m);
        uint64_t left = left_in(pool);
        assert_true(left == COUNT || (left == 40 && status != VS_OK));
        assert_int_equal(vs_pool_verify(pool, NULL, NULL), VS_OK);
        if (left == 40) { /* over what the crash left behind the end */
            assert_int_equal(vs_pool_add(pool, factors, COUNT - 40, NULL), VS_OK);
        }
        assert_true(take(pool, COUNT, seen));
        assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
        free(factors);
        free(m);
    }
}

static void a_crash_while_a_pool_is_made_leaves_none_or_a_whole_one(void **state) {
    (void)state;
    bool crashed = true;
    for (long step = 0; crashed; step++) {
        memory_storage *m = memory_storage_new();
        vs_pool *pool = NULL;
        m->crash_at = step;
        m->random = test_random;
        vs_status status = vs_pool_create(&pool, &m->storage, key, NULL);
        assert_true((status == VS_OK) == (pool != NULL));
        if (pool != NULL) {
            abandon(pool);
        }
        crashed = m->crashed;
        assert_true(crashed || status == VS_OK);
        memory_storage_restart(m);
        status = vs_pool_open(&pool, &m->storage, key, NULL);
        assert_true(status == VS_OK || crashed);
        assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
        free(m);
    }
}

/* ---- destroyed ---- */

static bool holds(const memory_storage *m, const uint8_t *what, size_t len) {
    return memmem(m->durable, sizeof m->durable, what, len) != NULL;
}

static void what_is_used_can_not_be_opened_any_more(void **state) {
    (void)state;
    static const uint8_t zeros[VS_POOL_MARK_BYTES];
    bool seen[COUNT] = {false};
    memory_storage *m = new_pool(COUNT);
    vs_pool *pool = open_pool(m);
    uint8_t first[VS_ONETIME_KEY_BYTES];
    memcpy(first, pool->mark.next_key, sizeof first);
    assert_true(holds(m, first, sizeof first));
    assert_true(take(pool, 40, seen));
    const vs_pool_mark *mark = &pool->mark;
    unsigned slot = pool->slot;
    assert_memory_not_equal(mark->next_key, first, sizeof first);
    assert_true(holds(m, mark->next_key, sizeof mark->next_key));
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    assert_false(holds(m, first, sizeof first));
    assert_memory_equal(m->durable + (2 - slot) * VS_POOL_PAGE, zeros, sizeof zeros);
    /* Of the block whose key is still needed, the used ones themselves: 32 to 39. */
    for (size_t i = 0; i < COUNT; i++) {
        const uint8_t *at = m->durable + VS_POOL_FACTORS + i * sealed_len;
        assert_int_equal(memcmp(at, zeros, sizeof zeros) == 0, i >= 32 && i < 40);
    }
    free(m);
}

/* Not even where a crash comes right after the factors were handed out: opening the pool finishes it. */
static void what_was_used_before_a_crash_is_destroyed_after_it(void **state) {
    (void)state;
    bool seen[COUNT] = {false};
    memory_storage *m = new_pool(COUNT);
    vs_pool *pool = open_pool(m);
    uint8_t first[VS_ONETIME_KEY_BYTES];
    memcpy(first, pool->mark.next_key, sizeof first);
    assert_true(take(pool, 40, seen));
    m->crashed = true;
    assert_int_equal(vs_pool_close(pool, NULL), VS_ERR_IO);
    assert_true(holds(m, first, sizeof first));
    memory_storage_restart(m);
    assert_int_equal(vs_pool_close(open_pool(m), NULL), VS_OK);
    assert_false(holds(m, first, sizeof first));
    static const uint8_t zeros[64];
    assert_memory_equal(m->durable + VS_POOL_FACTORS + 35 * sealed_len, zeros, sizeof zeros);
    free(m);
}

static void factors_do_not_lie_in_the_open(void **state) {
    (void)state;
    memory_storage *m = new_pool(COUNT);
    uint8_t *factor = malloc(factor_len);
    for (size_t i = 0; i < COUNT; i++) {
        make_factor(factor, i);
        assert_false(holds(m, factor + factor_len / 2, 16));
    }
    free(factor);
    free(m);
}

/* ---- refusals ---- */

static vs_status try_open(memory_storage *m, const vs_public_key *pk, vs_error *error) {
    vs_pool *pool = NULL;
    memset(error, 0, sizeof *error);
    vs_status status = vs_pool_open(&pool, &m->storage, pk, error);
    assert_true((status == VS_OK) == (pool != NULL));
    if (status == VS_OK) {
        status = vs_pool_verify(pool, NULL, error);
    }
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    if (status != VS_OK) {
        assert_int_equal(strncmp(error->message, "memory.pool: ", 13), 0);
        assert_true(error->hint[0] != 0);
    }
    return status;
}

static void another_key_or_degree_is_refused(void **state) {
    (void)state;
    vs_error error;
    memory_storage *m = new_pool(COUNT);
    assert_int_equal(try_open(m, vs_secret_key_public(other), &error), VS_ERR_MISMATCH);
    assert_int_equal(try_open(m, vs_secret_key_public(degree2), &error), VS_ERR_MISMATCH);
    assert_non_null(strstr(error.hint, "2048 bits and degree 1"));
    assert_int_equal(try_open(m, key, &error), VS_OK);
    assert_int_equal(try_open(m, NULL, &error), VS_OK);
    free(m);
}

static void a_copy_is_refused(void **state) {
    (void)state;
    vs_error error;
    memory_storage *m = new_pool(COUNT);
    m->storage.place++;
    assert_int_equal(try_open(m, key, &error), VS_ERR_POLICY);
    assert_non_null(strstr(error.message, "copy"));
    free(m);
}

/* Flip a bit of every `stride`th byte in [begin, end), one after the other. */
static void assert_altered_is_refused(memory_storage *m, size_t begin, size_t end, size_t stride) {
    vs_error error;
    for (size_t i = begin; i < end; i += stride) {
        uint8_t bit = (uint8_t)(1u << test_below(8));
        m->now[i] ^= bit;
        vs_status status = try_open(m, key, &error);
        assert_true(status == VS_ERR_AUTH || status == VS_ERR_FORMAT || status == VS_ERR_VERSION);
        m->now[i] ^= bit;
    }
    assert_int_equal(try_open(m, key, &error), VS_OK);
}

static void an_altered_byte_anywhere_is_refused(void **state) {
    (void)state;
    memory_storage *m = new_pool(34);
    m->storage.write = NULL; /* as for a look only */
    size_t mark = m->now[VS_POOL_PAGE] != 0 ? VS_POOL_PAGE : 2 * VS_POOL_PAGE;
    assert_altered_is_refused(m, 0, 80, 1);
    assert_altered_is_refused(m, 80, VS_POOL_HEADER_HASH, 61);
    assert_altered_is_refused(m, VS_POOL_HEADER_HASH, VS_POOL_PAGE, 1);
    assert_altered_is_refused(m, mark, mark + VS_POOL_MARK_BYTES, 1);
    for (size_t i = 0; i < 34; i += 11) {
        size_t at = VS_POOL_FACTORS + i * sealed_len;
        assert_altered_is_refused(m, at, at + sealed_len, 5);
        assert_altered_is_refused(m, at + factor_len, at + sealed_len, 1);
    }
    free(m);
}

static void a_damaged_factor_is_not_handed_out_and_uses_up_nothing(void **state) {
    (void)state;
    vs_error error;
    memory_storage *m = new_pool(COUNT);
    m->now[VS_POOL_FACTORS + 50 * sealed_len + 300] ^= 4;
    vs_pool *pool = open_pool(m);
    uint8_t *factors = malloc(COUNT * factor_len);
    memset(factors, 1, COUNT * factor_len);
    assert_int_equal(vs_pool_take(pool, factors, COUNT, &error), VS_ERR_AUTH);
    assert_non_null(strstr(error.message, "a factor between 32 and 63 is damaged"));
    for (size_t i = 0; i < COUNT * factor_len; i++) {
        assert_int_equal(factors[i], 0);
    }
    assert_int_equal(left_in(pool), COUNT);
    assert_int_equal(vs_pool_take(pool, factors, 32, &error), VS_OK);
    assert_int_equal(vs_pool_close(pool, NULL), VS_OK);
    free(factors);
    free(m);
}

/* Factors swapped within their block, or put elsewhere, do not pass for others. */
static void factors_in_the_wrong_place_are_refused(void **state) {
    (void)state;
    static const size_t pairs[][2] = {{0, 1}, {1, 33}, {31, 32}};
    vs_error error;
    for (size_t i = 0; i < 3; i++) {
        memory_storage *m = new_pool(COUNT);
        uint8_t *a = m->now + VS_POOL_FACTORS + pairs[i][0] * sealed_len;
        memcpy(a, m->now + VS_POOL_FACTORS + pairs[i][1] * sealed_len, sealed_len);
        assert_int_equal(try_open(m, key, &error), VS_ERR_AUTH);
        free(m);
    }
}

static void a_pool_that_was_cut_is_refused(void **state) {
    (void)state;
    static const size_t starts[] = {0, 1, 8, 4095, 4096, 4200, 8192, VS_POOL_FACTORS - 1, VS_POOL_FACTORS};
    vs_error error;
    memory_storage *m = new_pool(COUNT);
    size_t whole = m->now_len;
    uint8_t *copy = malloc(sizeof m->now);
    memcpy(copy, m->now, sizeof m->now);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        memset(m->now + starts[i], 0, sizeof m->now - starts[i]);
        m->now_len = starts[i];
        vs_status status = try_open(m, key, &error);
        assert_int_equal(status, starts[i] < 8 ? VS_ERR_FORMAT : starts[i] == 8 ? VS_ERR_VERSION : VS_ERR_AUTH);
        memcpy(m->now, copy, sizeof m->now);
    }
    m->now_len = whole - 1;
    assert_int_equal(try_open(m, key, &error), VS_ERR_AUTH);
    assert_non_null(strstr(error.message, "cut short"));
    free(copy);
    free(m);
}

/* A header whose hash is right, since anybody can compute it. */
static vs_status try_header(memory_storage *m, size_t at, uint8_t value) {
    vs_error error;
    uint8_t page[VS_POOL_PAGE];
    vs_hash hash;
    memcpy(page, m->now, sizeof page);
    m->now[at] = value;
    vs_hash_init(&hash, "veilsum pool header");
    vs_hash_field(&hash, m->now, VS_POOL_HEADER_HASH);
    vs_hash_final(&hash, m->now + VS_POOL_HEADER_HASH);
    vs_status status = try_open(m, NULL, &error);
    memcpy(m->now, page, sizeof page);
    return status;
}

static void a_header_that_lies_is_refused(void **state) {
    (void)state;
    memory_storage *m = new_pool(COUNT);
    assert_int_equal(try_header(m, 8, 2), VS_ERR_VERSION);
    assert_int_equal(try_header(m, 9, 1), VS_ERR_VERSION);
    assert_int_equal(try_header(m, 10, 0), VS_ERR_FORMAT);
    assert_int_equal(try_header(m, 10, 5), VS_ERR_FORMAT);
    assert_int_equal(try_header(m, 11, 1), VS_ERR_FORMAT);
    assert_int_equal(try_header(m, 12, 1), VS_ERR_FORMAT);
    assert_int_equal(try_header(m, 14, 1), VS_ERR_FORMAT);
    assert_int_equal(try_header(m, 72, 1), VS_ERR_FORMAT);
    assert_int_equal(try_header(m, VS_POOL_HEADER_HASH - 1, 1), VS_ERR_FORMAT);
    assert_int_equal(try_header(m, 48, 6), VS_ERR_POLICY);
    assert_int_equal(try_header(m, 56, (uint8_t)(m->now[56] + 1)), VS_ERR_AUTH); /* the marks are another pool's */
    free(m);
}

static void a_mark_that_lies_is_refused(void **state) {
    (void)state;
    static const vs_pool_mark lies[] = {{.sequence = 0, .next = 0, .end = 1},
                                        {.sequence = 9, .next = 2, .end = 1},
                                        {.sequence = 9, .next = 0, .end = VS_MAX_POOL_COUNT + 1},
                                        {.sequence = 9, .next = 0, .end = COUNT + 1},
                                        {.sequence = 9, .next = VS_MAX_POOL_COUNT, .end = VS_MAX_POOL_COUNT}};
    vs_error error;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        memory_storage *m = new_pool(COUNT);
        memset(m->now + VS_POOL_PAGE, 0, 2 * VS_POOL_PAGE);
        vs__pool_mark_encode(m->now + VS_POOL_PAGE, m->now + VS_POOL_HEADER_HASH, &lies[i]);
        assert_int_equal(try_open(m, key, &error), VS_ERR_AUTH);
        free(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_factor_comes_out_once_in_order),
        cmocka_unit_test(more_than_there_are_is_refused_and_uses_up_nothing),
        cmocka_unit_test(a_pool_is_filled_up_while_it_is_used),
        cmocka_unit_test(a_crash_at_any_step_hands_out_nothing_twice),
        cmocka_unit_test(a_crash_while_filling_up_leaves_the_pool_before_or_after),
        cmocka_unit_test(a_crash_while_a_pool_is_made_leaves_none_or_a_whole_one),
        cmocka_unit_test(what_is_used_can_not_be_opened_any_more),
        cmocka_unit_test(what_was_used_before_a_crash_is_destroyed_after_it),
        cmocka_unit_test(factors_do_not_lie_in_the_open),
        cmocka_unit_test(another_key_or_degree_is_refused),
        cmocka_unit_test(a_copy_is_refused),
        cmocka_unit_test(an_altered_byte_anywhere_is_refused),
        cmocka_unit_test(a_damaged_factor_is_not_handed_out_and_uses_up_nothing),
        cmocka_unit_test(factors_in_the_wrong_place_are_refused),
        cmocka_unit_test(a_pool_that_was_cut_is_refused),
        cmocka_unit_test(a_header_that_lies_is_refused),
        cmocka_unit_test(a_mark_that_lies_is_refused),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
