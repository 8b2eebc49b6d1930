/* The ledger against a model: a list of entries whose tree is hashed again by its definition. */
#include "tests/support.h"

#include "aggregate/ledger/edge.h"
#include "aggregate/ledger/ledger.h"
#include "crypto/secret.h"
#include "tests/aggregate/memory_folder.h"

static vs_identity *keeper, *stranger;

static const vs_public_identity *who(void) {
    return vs_identity_public(keeper);
}

/* ---- the model ---- */

#define MAX_ENTRIES 2048
typedef struct model {
    char entries[MAX_ENTRIES][40];
    size_t count;
} model;

static void model_root(const model *m, uint8_t *out, size_t begin, size_t end) {
    if (begin == end) {
        vs_log_empty(out);
        return;
    }
    if (end - begin == 1) {
        vs_log_leaf(out, m->entries[begin], strlen(m->entries[begin]));
        return;
    }
    size_t k = 1;
    while (2 * k < end - begin) {
        k *= 2;
    }
    uint8_t left[VS_HASH_BYTES], right[VS_HASH_BYTES];
    model_root(m, left, begin, begin + k);
    model_root(m, right, begin + k, end);
    vs_log_node(out, left, right);
}

static vs_status compare_entry(void *context, uint64_t index, const uint8_t *entry, size_t len, vs_error *error) {
    const model *m = context;
    (void)error;
    assert_true(index < m->count);
    assert_int_equal(len, strlen(m->entries[index]));
    assert_memory_equal(entry, m->entries[index], len);
    return VS_OK;
}

static vs_status skip_entry(void *context, uint64_t index, const uint8_t *entry, size_t len, vs_error *error) {
    (void)context, (void)index, (void)entry, (void)len, (void)error;
    return VS_OK;
}

static void assert_is_model(memory_folder *m, const model *expected) {
    vs_ledger *ledger = NULL;
    vs_error error;
    uint8_t root[VS_HASH_BYTES];
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), NULL, false, &error), VS_OK);
    assert_int_equal(vs_ledger_checkpoint(ledger)->size, expected->count);
    model_root(expected, root, 0, expected->count);
    assert_memory_equal(vs_ledger_checkpoint(ledger)->root, root, sizeof root);
    model copy = *expected;
    assert_int_equal(vs_ledger_each(ledger, true, compare_entry, &copy, &error), VS_OK);
    vs_ledger_close(ledger);
}

/* Adds `count` entries to folder and model; the model keeps them only if the folder says so. */
static vs_status add(memory_folder *m, model *expected, size_t count, size_t number) {
    vs_ledger *ledger = NULL;
    vs_error error;
    vs_ledger_entry entries[600];
    size_t added = 0;
    vs_status status = vs_ledger_open(&ledger, &m->folder, who(), NULL, true, &error);
    if (status != VS_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        char *text = expected->entries[expected->count + i];
        int len = snprintf(text, sizeof expected->entries[0], "entry %zu", number + i);
        entries[i] = (vs_ledger_entry){text, (size_t)len};
    }
    status = vs_ledger_add(ledger, keeper, entries, count, &added, &error);
    if (status == VS_OK) {
        assert_int_equal(added, count);
        expected->count += count;
    }
    vs_ledger_close(ledger);
    return status;
}

static memory_folder *new_ledger(void) {
    vs_error error;
    memory_folder *m = memory_folder_new();
    assert_int_equal(vs_ledger_create(&m->folder, keeper, NULL, &error), VS_OK);
    return m;
}

static model *new_model(void) {
    model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    return m;
}

/* ---- tests ---- */

static void a_new_ledger_is_empty_and_made_once(void **state) {
    (void)state;
    vs_error error;
    memory_folder *m = new_ledger();
    model *empty = new_model();
    assert_is_model(m, empty);
    assert_int_equal(vs_ledger_create(&m->folder, keeper, NULL, &error), VS_ERR_EXISTS);
    memory_folder_free(m);
    free(empty);
}

static void it_is_the_model_at_every_size(void **state) {
    (void)state;
    memory_folder *m = new_ledger();
    model *expected = new_model();
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(add(m, expected, 1, i), VS_OK);
        assert_is_model(m, expected);
    }
    static const size_t steps[] = {235, 1, 1, 255, 256, 257, 500};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_int_equal(add(m, expected, steps[i], expected->count), VS_OK);
        assert_is_model(m, expected);
    }
    memory_folder_free(m);
    free(expected);
}

static void only_the_tiles_of_the_checkpoint_are_left(void **state) {
    (void)state;
    memory_folder *m = new_ledger();
    model *expected = new_model();
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(add(m, expected, 100, 100 * i), VS_OK);
    }
    memory_folder_settle(m);
    size_t tiles = 0;
    for (size_t i = 0; i < m->count; i++) {
        tiles += strncmp(m->blobs[i].name, "tile/", 5) == 0;
    }
    assert_int_equal(tiles, 5); /* 000 and 001.p/244, of hashes and entries; one hash above */
    assert_non_null(memory_folder_find(m, "tile/0/001.p/244"));
    assert_non_null(memory_folder_find(m, "tile/entries/000"));
    assert_non_null(memory_folder_find(m, "tile/1/000.p/1"));
    memory_folder_free(m);
    free(expected);
}

static void the_same_entry_again_changes_nothing(void **state) {
    (void)state;
    vs_error error;
    vs_ledger *ledger = NULL;
    memory_folder *m = new_ledger();
    const vs_ledger_entry entries[] = {{"a", 1}, {"b", 1}, {"a", 1}};
    size_t added = 0;
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), NULL, true, &error), VS_OK);
    assert_int_equal(vs_ledger_add(ledger, keeper, entries, 3, &added, &error), VS_OK);
    assert_int_equal(added, 2);
    long steps = m->steps;
    assert_int_equal(vs_ledger_add(ledger, keeper, entries, 3, &added, &error), VS_OK);
    assert_int_equal(added, 0);
    assert_int_equal(m->steps, steps);
    assert_int_equal(vs_ledger_checkpoint(ledger)->size, 2);
    vs_ledger_close(ledger);
    memory_folder_free(m);
}

static void entries_of_a_wrong_length_are_refused(void **state) {
    (void)state;
    vs_error error;
    vs_ledger *ledger = NULL;
    memory_folder *m = new_ledger();
    char *large = calloc(1, VS_MAX_LEDGER_ENTRY_BYTES + 1);
    const vs_ledger_entry empty = {"", 0}, too_long = {large, VS_MAX_LEDGER_ENTRY_BYTES + 1},
                          longest = {large, VS_MAX_LEDGER_ENTRY_BYTES};
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), NULL, true, &error), VS_OK);
    assert_int_equal(vs_ledger_add(ledger, keeper, &empty, 1, NULL, &error), VS_ERR_RANGE);
    assert_int_equal(vs_ledger_add(ledger, keeper, &too_long, 1, NULL, &error), VS_ERR_RANGE);
    assert_int_equal(vs_ledger_add(ledger, keeper, &longest, 1, NULL, &error), VS_OK);
    assert_int_equal(vs_ledger_each(ledger, true, skip_entry, NULL, &error), VS_OK);
    vs_ledger_close(ledger);
    memory_folder_free(m);
    free(large);
}

static void a_crash_leaves_the_old_log_or_the_new(void **state) {
    (void)state;
    size_t crashes = 0, kept = 0;
    for (unsigned run = 0; run < 160; run++) {
        memory_folder *m = new_ledger();
        model *expected = new_model();
        for (unsigned step = 0; step < 25; step++) {
            size_t before = expected->count, count = 1 + test_below(test_below(8) == 0 ? 300 : 3);
            if (before + count > MAX_ENTRIES) {
                break;
            }
            m->crash_at = (long)test_below(12);
            m->keeps = test_below(2) == 0;
            m->brings_back = test_below(2) == 0;
            vs_status status = add(m, expected, count, before);
            assert_true(status == VS_OK || status == VS_ERR_IO);
            memory_folder_restart(m);
            if (status != VS_OK) { /* the checkpoint was the last write, and may have happened */
                vs_checkpoint found;
                const memory_blob *blob = memory_folder_find(m, "checkpoint");
                assert_int_equal(vs_checkpoint_parse(&found, "x", (char *)blob->data, blob->len, who(), NULL, NULL),
                                 VS_OK);
                assert_true(found.size == before || found.size == before + count);
                expected->count = (size_t)found.size;
                crashes++;
                kept += found.size != before;
            }
            assert_is_model(m, expected);
        }
        memory_folder_free(m);
        free(expected);
    }
    printf("# %zu crashes, after %zu of them the new log\n", crashes, kept);
    assert_true(crashes > 1000 && kept > 0);
}

static void growing_a_large_log_reads_little(void **state) {
    (void)state;
    memory_folder *m = new_ledger();
    model *expected = new_model();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(add(m, expected, 512, 512 * i), VS_OK);
    }
    m->bytes_read = 0;
    assert_int_equal(add(m, expected, 1, 5000), VS_OK);
    assert_true(m->bytes_read < 2 * VS_TILE_BYTES);
    memory_folder_free(m);
    free(expected);
}

static void proofs_hold_at_borders_of_tiles(void **state) {
    (void)state;
    vs_error error;
    static const size_t sizes[] = {1, 2, 255, 256, 257, 511, 512, 513, 700};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        memory_folder *m = new_ledger();
        model *expected = new_model();
        vs_ledger *ledger = NULL;
        for (size_t rest = sizes[s]; rest > 0;) {
            size_t step = rest > 500 ? 500 : rest;
            assert_int_equal(add(m, expected, step, expected->count), VS_OK);
            rest -= step;
        }
        assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), NULL, false, &error), VS_OK);
        const vs_checkpoint *now = vs_ledger_checkpoint(ledger);
        for (size_t i = 0; i < sizes[s]; i += 1 + test_below(60)) {
            vs_tree_proof proof;
            uint8_t leaf[VS_HASH_BYTES], *data = NULL;
            size_t len = 0;
            uint64_t index = 0;
            bool found = false;
            const char *text = expected->entries[i];
            assert_int_equal(vs_ledger_find(ledger, text, strlen(text), &found, &index, &error), VS_OK);
            assert_true(found && index == i);
            assert_int_equal(vs_ledger_prove(ledger, &proof, index, &error), VS_OK);
            vs_log_leaf(leaf, text, strlen(text));
            assert_true(vs_tree_path_check(vs_log_node, &proof, leaf, index, now->size, now->root));
            assert_int_equal(vs_ledger_read(ledger, index, &data, &len, &error), VS_OK);
            assert_string_equal((char *)data, text);
            free(data);
            vs_checkpoint old = {.size = i};
            model_root(expected, old.root, 0, i);
            assert_int_equal(vs_ledger_prove_growth(ledger, &proof, &old, &error), VS_OK);
            old.root[3] ^= 1;
            assert_int_equal(vs_ledger_prove_growth(ledger, &proof, &old, &error), i == 0 ? VS_OK : VS_ERR_AUTH);
        }
        vs_ledger_close(ledger);
        memory_folder_free(m);
        free(expected);
    }
}

static void entries_are_found_without_the_index(void **state) {
    (void)state;
    vs_error error;
    memory_folder *m = new_ledger();
    model *expected = new_model();
    vs_ledger *ledger = NULL;
    uint64_t index = 0;
    bool found = false;
    assert_int_equal(add(m, expected, 300, 0), VS_OK);
    for (size_t i = 0; i < m->count; i++) {
        m->blobs[i].removed = strncmp(m->blobs[i].name, "index/", 6) == 0;
    }
    memory_folder_settle(m);
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), NULL, false, &error), VS_OK);
    assert_int_equal(vs_ledger_find(ledger, "entry 290", 9, &found, &index, &error), VS_OK);
    assert_true(found && index == 290);
    assert_int_equal(vs_ledger_find(ledger, "entry 300", 9, &found, &index, &error), VS_OK);
    assert_false(found);
    vs_ledger_close(ledger);
    memory_folder_free(m);
    free(expected);
}

/* ---- hostile folders ---- */

static vs_status open_and_check(memory_folder *m) {
    vs_ledger *ledger = NULL;
    vs_error error = {.message = ""};
    vs_status status = vs_ledger_open(&ledger, &m->folder, who(), NULL, false, &error);
    if (status == VS_OK) {
        status = vs_ledger_each(ledger, true, skip_entry, NULL, &error);
    }
    vs_ledger_close(ledger);
    assert_true(status == VS_OK || error.message[0] != 0);
    return status;
}

/* Any blob of the log altered, cut, longer, empty or missing is found. */
static void every_change_of_a_folder_is_found(void **state) {
    (void)state;
    memory_folder *m = new_ledger();
    model *expected = new_model();
    assert_int_equal(add(m, expected, 300, 0), VS_OK);
    assert_int_equal(add(m, expected, 300, 300), VS_OK);
    memory_folder_settle(m);
    assert_int_equal(open_and_check(m), VS_OK);
    for (size_t i = 0; i < m->count; i++) {
        memory_blob *blob = &m->blobs[i];
        if (strncmp(blob->name, "index/", 6) == 0) {
            continue;
        }
        for (unsigned trial = 0; trial < 20; trial++) {
            size_t at = test_below(blob->len);
            uint8_t bit = (uint8_t)(1u << test_below(8));
            blob->data[at] ^= bit;
            assert_int_not_equal(open_and_check(m), VS_OK);
            blob->data[at] ^= bit;
        }
        size_t len = blob->len;
        blob->len = test_below(len);
        assert_int_not_equal(open_and_check(m), VS_OK);
        blob->len = 0;
        assert_int_not_equal(open_and_check(m), VS_OK);
        blob->len = len + 1; /* there is room for one byte more */
        blob->data[len] = 'x';
        assert_int_not_equal(open_and_check(m), VS_OK);
        blob->len = len;
        blob->removed = true;
        assert_int_not_equal(open_and_check(m), VS_OK);
        blob->removed = false;
    }
    assert_int_equal(open_and_check(m), VS_OK);
    memory_folder_free(m);
    free(expected);
}

static void damage_at_the_edge_is_not_built_on(void **state) {
    (void)state;
    static const char *const blobs[] = {"tile/0/000.p/10", "tile/entries/000.p/10", "checkpoint"};
    for (size_t i = 0; i < 3; i++) {
        memory_folder *m = new_ledger();
        model *expected = new_model();
        assert_int_equal(add(m, expected, 10, 0), VS_OK);
        memory_folder_find(m, blobs[i])->data[7] ^= 1;
        assert_int_not_equal(add(m, expected, 1, 10), VS_OK);
        assert_int_equal(expected->count, 10);
        memory_folder_free(m);
        free(expected);
    }
}

static void a_ledger_of_another_keeper_is_refused(void **state) {
    (void)state;
    vs_error error;
    vs_ledger *ledger = NULL;
    memory_folder *m = new_ledger();
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, vs_identity_public(stranger), NULL, false, &error),
                     VS_ERR_MISMATCH);
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), "openings", false, &error), VS_ERR_MISMATCH);
    vs_public_identity forged = *vs_identity_public(stranger); /* the name, and another key */
    memcpy(forged.name, who()->name, sizeof forged.name);
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, &forged, NULL, false, &error), VS_ERR_MISMATCH);
    memory_folder_free(m);
}

static void an_older_checkpoint_is_found_by_who_remembers(void **state) {
    (void)state;
    vs_error error;
    vs_ledger *ledger = NULL;
    vs_tree_proof proof;
    memory_folder *m = new_ledger();
    model *expected = new_model();
    assert_int_equal(add(m, expected, 3, 0), VS_OK);
    vs_checkpoint remembered = {.size = 9};
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), NULL, false, &error), VS_OK);
    assert_int_equal(vs_ledger_prove_growth(ledger, &proof, &remembered, &error), VS_ERR_AUTH);
    vs_ledger_close(ledger);
    memory_folder_free(m);
    free(expected);
}

static void names_of_blobs_stay_inside(void **state) {
    (void)state;
    char blob[VS_MAX_BLOB_NAME];
    vs__tile_name(blob, 0, 1234067, 256);
    assert_string_equal(blob, "tile/0/x001/x234/067");
    vs__tile_name(blob, VS_TILE_LEVELS, 0, 5);
    assert_string_equal(blob, "tile/entries/000.p/5");
    vs__tile_name(blob, 7, VS_MAX_TREE_SIZE, 255);
    assert_true(vs_folder_name_is_valid(blob));
    static const char *const bad[] = {"", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", ".a", "a/.b", "a b", "a\\b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(vs_folder_name_is_valid(bad[i]));
    }
}

static int make_identities(void **state) {
    (void)state;
    return vs_secret_setup() != VS_OK || vs_identity_new(&keeper, "KEEPER") != VS_OK ||
           vs_identity_new(&stranger, "STRANGER") != VS_OK;
}

static int free_identities(void **state) {
    (void)state;
    vs_identity_free(keeper);
    vs_identity_free(stranger);
    return 0;
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_ledger_is_empty_and_made_once),
        cmocka_unit_test(it_is_the_model_at_every_size),
        cmocka_unit_test(only_the_tiles_of_the_checkpoint_are_left),
        cmocka_unit_test(the_same_entry_again_changes_nothing),
        cmocka_unit_test(entries_of_a_wrong_length_are_refused),
        cmocka_unit_test(a_crash_leaves_the_old_log_or_the_new),
        cmocka_unit_test(growing_a_large_log_reads_little),
        cmocka_unit_test(proofs_hold_at_borders_of_tiles),
        cmocka_unit_test(entries_are_found_without_the_index),
        cmocka_unit_test(every_change_of_a_folder_is_found),
        cmocka_unit_test(damage_at_the_edge_is_not_built_on),
        cmocka_unit_test(a_ledger_of_another_keeper_is_refused),
        cmocka_unit_test(an_older_checkpoint_is_found_by_who_remembers),
        cmocka_unit_test(names_of_blobs_stay_inside),
    };
    return cmocka_run_group_tests(tests, make_identities, free_identities);
}
