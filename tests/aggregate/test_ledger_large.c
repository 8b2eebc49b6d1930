/* A log of a million entries in memory: what a proof weighs, and what adding one entry reads and writes. Times are
 * printed, not judged. */
#include "tests/support.h"

#include "aggregate/ledger/ledger.h"
#include "aggregate/ledger/proof.h"
#include "crypto/secret.h"
#include "tests/aggregate/memory_folder.h"

#if defined(__SANITIZE_ADDRESS__)
#define ENTRIES 100000u
#else
#define ENTRIES 1000000u
#endif
#define BATCH 100000u
#define TEXT 32u

static double seconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fill(memory_folder *m, const vs_identity *keeper) {
    char(*texts)[TEXT] = calloc(BATCH, sizeof *texts);
    vs_ledger_entry *entries = calloc(BATCH, sizeof *entries);
    vs_ledger *ledger = NULL;
    assert_true(texts != NULL && entries != NULL);
    assert_int_equal(vs_ledger_create(&m->folder, keeper, NULL, NULL), VS_OK);
    for (size_t done = 0; done < ENTRIES; done += BATCH) {
        for (size_t i = 0; i < BATCH; i++) {
            int len = snprintf(texts[i], TEXT, "entry %zu", done + i);
            entries[i] = (vs_ledger_entry){texts[i], (size_t)len};
        }
        assert_int_equal(vs_ledger_open(&ledger, &m->folder, vs_identity_public(keeper), NULL, true, NULL), VS_OK);
        assert_int_equal(vs_ledger_add(ledger, keeper, entries, BATCH, NULL, NULL), VS_OK);
        vs_ledger_close(ledger);
    }
    free(texts);
    free(entries);
}

/* Adding one entry: the right edge of the tree, one bucket of the index, and no more. */
static void add_one(memory_folder *m, const vs_identity *keeper) {
    vs_ledger *ledger = NULL;
    const vs_ledger_entry entry = {"one more", 8};
    m->bytes_read = m->bytes_written = 0;
    double begin = seconds();
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, vs_identity_public(keeper), NULL, true, NULL), VS_OK);
    assert_int_equal(vs_ledger_add(ledger, keeper, &entry, 1, NULL, NULL), VS_OK);
    vs_ledger_close(ledger);
    printf("# adding one to %u: %zu bytes read, %zu written, %.0f us\n", ENTRIES, m->bytes_read, m->bytes_written,
           1e6 * (seconds() - begin));
    assert_true(m->bytes_read < 200000 && m->bytes_written < 200000);
}

static void prove_one(const vs_ledger *ledger, const vs_identity *keeper, uint64_t index) {
    char text[TEXT];
    int len = snprintf(text, sizeof text, "entry %llu", (unsigned long long)index);
    vs_memory_sink out = {0};
    const vs_sink sink = vs_memory_sink_open(&out, "proof");
    vs_entry_proof proof = {.index = index}, read;
    vs_checkpoint checkpoint;
    proof.checkpoint.data = vs_ledger_checkpoint_note(ledger, &proof.checkpoint.len);
    assert_int_equal(vs_ledger_prove(ledger, &proof.path, index, NULL), VS_OK);
    assert_int_equal(vs_entry_proof_write(&proof, &sink, NULL), VS_OK);
    double begin = seconds();
    assert_int_equal(vs_entry_proof_parse(&read, "p", (char *)out.data, out.len, NULL), VS_OK);
    assert_int_equal(vs_entry_proof_check(&read, "p", text, (size_t)len, vs_identity_public(keeper), &checkpoint, NULL),
                     VS_OK);
    if (index < 3) {
        printf("# proof of entry %llu: %zu bytes and a checkpoint of %zu, checked in %.0f us\n",
               (unsigned long long)index, out.len - proof.checkpoint.len, proof.checkpoint.len,
               1e6 * (seconds() - begin));
    }
    assert_true(out.len - proof.checkpoint.len < 1000);
    free(out.data);
}

static void a_log_of_a_million_is_proved_and_grows_cheaply(void **state) {
    (void)state;
    vs_identity *keeper = NULL;
    vs_ledger *ledger = NULL;
    assert_int_equal(vs_secret_setup(), VS_OK);
    assert_int_equal(vs_identity_new(&keeper, "KEEPER"), VS_OK);
    memory_folder *m = memory_folder_new();
    double begin = seconds();
    fill(m, keeper);
    printf("# %u entries added in %.1f s\n", ENTRIES, seconds() - begin);
    add_one(m, keeper);
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, vs_identity_public(keeper), NULL, false, NULL), VS_OK);
    for (uint64_t i = 0; i < 200; i++) {
        prove_one(ledger, keeper, i < 3 ? i : test_below(ENTRIES));
    }
    vs_ledger_close(ledger);
    memory_folder_free(m);
    vs_identity_free(keeper);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_log_of_a_million_is_proved_and_grows_cheaply)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
