/* Proofs from a ledger of real receipts and openings: they are accepted, and nothing that differs from them is. */
#include "ledgers.h"

/* ---- proofs as texts ---- */

static vs_memory_sink entry_proof(const vs_ledger *ledger, uint64_t index) {
    vs_memory_sink out = {0};
    const vs_sink sink = vs_memory_sink_open(&out, "proof");
    vs_entry_proof proof = {.index = index};
    proof.checkpoint.data = vs_ledger_checkpoint_note(ledger, &proof.checkpoint.len);
    assert_int_equal(vs_ledger_prove(ledger, &proof.path, index, NULL), VS_OK);
    assert_int_equal(vs_entry_proof_write(&proof, &sink, NULL), VS_OK);
    return out;
}

static vs_status check_entry(const void *data, size_t len, const void *entry, size_t entry_len) {
    vs_entry_proof proof;
    vs_checkpoint checkpoint;
    vs_error error = {.message = ""};
    vs_status status = vs_entry_proof_parse(&proof, "p", data, len, &error);
    if (status == VS_OK) {
        status = vs_entry_proof_check(&proof, "p", entry, entry_len, who(), &checkpoint, &error);
    }
    assert_true(status == VS_OK || error.message[0] != 0);
    return status;
}

/* The proof of contribution `owner` in the receipt that is entry `index`. */
static vs_memory_sink contribution_proof(memory_folder *m, const vs_ledger *ledger, uint64_t index, size_t owner) {
    vs_memory_sink out = {0};
    const vs_sink sink = vs_memory_sink_open(&out, "proof");
    vs_contribution_proof proof = {.entry = {.index = index}};
    vs_entry entry;
    uint8_t *data = NULL;
    size_t len = 0;
    assert_int_equal(vs_ledger_read(ledger, index, &data, &len, NULL), VS_OK);
    assert_int_equal(vs_entry_parse(&entry, "e", (char *)data, len, NULL), VS_OK);
    assert_int_equal(vs_entry_read_list(&entry, &m->folder, data, len, NULL), VS_OK);
    size_t position = vs_receipt_find(&entry.receipt, owner_names[owner]);
    proof.contribution = entry.receipt.contributions[position];
    proof.position = position;
    proof.receipt = (vs_text){(char *)data, len};
    proof.entry.checkpoint.data = vs_ledger_checkpoint_note(ledger, &proof.entry.checkpoint.len);
    assert_int_equal(vs_contribution_path(&proof.path, &entry.receipt, position), VS_OK);
    assert_int_equal(vs_ledger_prove(ledger, &proof.entry.path, index, NULL), VS_OK);
    assert_int_equal(vs_contribution_proof_write(&proof, &sink, NULL), VS_OK);
    vs_entry_clear(&entry);
    free(data);
    return out;
}

static vs_status check_contribution(const void *data, size_t len, const uint8_t *digest) {
    vs_contribution_proof proof;
    vs_checkpoint checkpoint;
    vs_receipt receipt;
    vs_error error = {.message = ""};
    vs_status status = vs_contribution_proof_parse(&proof, "p", data, len, &error);
    if (status == VS_OK) {
        status = vs_contribution_proof_check(&proof, "p", digest, who(), &receipt, &checkpoint, &error);
        vs_receipt_clear(&receipt);
    }
    assert_true(status == VS_OK || error.message[0] != 0);
    return status;
}

static vs_status check_growth(const void *data, size_t len) {
    vs_growth_proof proof;
    vs_checkpoint old, now;
    vs_error error = {.message = ""};
    vs_status status = vs_growth_proof_parse(&proof, "p", data, len, &error);
    if (status == VS_OK) {
        status = vs_growth_proof_check(&proof, "p", who(), &old, &now, &error);
    }
    assert_true(status == VS_OK || error.message[0] != 0);
    return status;
}

/* `out` with one bit of each byte flipped in turn, cut after each byte, and with a byte more, is never accepted. */
#define REFUSES_EVERY_CHANGE(out, check)                                                                               \
    do {                                                                                                               \
        for (size_t at = 0; at < (out).len; at++) {                                                                    \
            uint8_t bit = (uint8_t)(1u << test_below(8));                                                              \
            (out).data[at] ^= bit;                                                                                     \
            assert_int_not_equal(check((out).data, (out).len), VS_OK);                                                 \
            (out).data[at] ^= bit;                                                                                     \
            assert_int_not_equal(check((out).data, at), VS_OK);                                                        \
        }                                                                                                              \
        uint8_t *longer = malloc((out).len + 1);                                                                       \
        memcpy(longer, (out).data, (out).len);                                                                         \
        longer[(out).len] = '\n';                                                                                      \
        assert_int_not_equal(check(longer, (out).len + 1), VS_OK);                                                     \
        free(longer);                                                                                                  \
        assert_int_equal(check((out).data, (out).len), VS_OK);                                                         \
    } while (0)

static const void *wanted_entry;
static size_t wanted_len;
static vs_status check_wanted_entry(const void *data, size_t len) {
    return check_entry(data, len, wanted_entry, wanted_len);
}

static const uint8_t *wanted_digest;
static vs_status check_wanted_contribution(const void *data, size_t len) {
    return check_contribution(data, len, wanted_digest);
}

static void a_proof_of_an_entry_is_about_it_alone(void **state) {
    (void)state;
    memory_folder *m = make_ledger();
    vs_ledger *ledger = open_ledger(m);
    for (uint64_t index = 0; index < 10; index++) {
        uint8_t *data = NULL;
        size_t len = 0;
        vs_memory_sink out = entry_proof(ledger, index);
        assert_int_equal(vs_ledger_read(ledger, index, &data, &len, NULL), VS_OK);
        wanted_entry = data;
        wanted_len = len;
        REFUSES_EVERY_CHANGE(out, check_wanted_entry);
        data[test_below(len)] ^= 1;
        assert_int_equal(check_entry(out.data, out.len, data, len), VS_ERR_AUTH);
        free(data);
        free(out.data);
    }
    vs_ledger_close(ledger);
    memory_folder_free(m);
}

static void a_proof_of_a_contribution_is_about_it_alone(void **state) {
    (void)state;
    memory_folder *m = make_ledger();
    vs_ledger *ledger = open_ledger(m);
    for (unsigned month = 1; month <= 5; month++) {
        for (size_t owner = 0; owner < month; owner++) {
            uint8_t digest[VS_HASH_BYTES], other[VS_HASH_BYTES];
            vs_memory_sink out = contribution_proof(m, ledger, 2 * (month - 1), owner);
            digest_of(digest, month, owner);
            digest_of(other, month, owner + 1);
            wanted_digest = digest;
            REFUSES_EVERY_CHANGE(out, check_wanted_contribution);
            assert_int_equal(check_contribution(out.data, out.len, other), VS_ERR_MISMATCH);
            free(out.data);
        }
    }
    vs_ledger_close(ledger);
    memory_folder_free(m);
}

static void a_proof_of_growth_is_about_two_checkpoints(void **state) {
    (void)state;
    memory_folder *m = make_ledger();
    vs_ledger *ledger = open_ledger(m);
    vs_growth_proof proof;
    size_t len = 0;
    const char *note = vs_ledger_checkpoint_note(ledger, &len);
    char *old = malloc(len);
    memcpy(old, note, len);
    vs_checkpoint before = *vs_ledger_checkpoint(ledger);
    vs_ledger_close(ledger);
    add_receipt(m, 6, 5, people.hub);
    add_receipt(m, 7, 5, people.hub);
    ledger = open_ledger(m);
    vs_memory_sink out = {0};
    const vs_sink sink = vs_memory_sink_open(&out, "proof");
    assert_int_equal(vs_ledger_prove_growth(ledger, &proof.path, &before, NULL), VS_OK);
    proof.old = (vs_text){old, len};
    proof.now.data = vs_ledger_checkpoint_note(ledger, &proof.now.len);
    assert_int_equal(vs_growth_proof_write(&proof, &sink, NULL), VS_OK);
    REFUSES_EVERY_CHANGE(out, check_growth);
    free(out.data);
    free(old);
    vs_ledger_close(ledger);
    memory_folder_free(m);
}

/* Two logs of one keeper, of which the later does not begin with the earlier. */
static void a_rewritten_ledger_has_no_proof_of_growth(void **state) {
    (void)state;
    memory_folder *one = memory_folder_new(), *two = memory_folder_new();
    vs_tree_proof path;
    assert_int_equal(vs_ledger_create(&one->folder, keeper, NULL, NULL), VS_OK);
    assert_int_equal(vs_ledger_create(&two->folder, keeper, NULL, NULL), VS_OK);
    add_receipt(one, 1, 3, people.hub);
    add_receipt(two, 2, 3, people.hub);
    add_receipt(two, 3, 3, people.hub);
    vs_ledger *first = open_ledger(one), *second = open_ledger(two);
    assert_int_equal(vs_ledger_prove_growth(second, &path, vs_ledger_checkpoint(first), NULL), VS_ERR_AUTH);
    vs_ledger_close(first);
    vs_ledger_close(second);
    memory_folder_free(one);
    memory_folder_free(two);
}

static void proofs_are_for_their_keeper(void **state) {
    (void)state;
    memory_folder *m = make_ledger();
    vs_ledger *ledger = open_ledger(m);
    vs_memory_sink out = entry_proof(ledger, 3);
    vs_entry_proof proof;
    vs_checkpoint checkpoint;
    uint8_t *data = NULL;
    size_t len = 0;
    assert_int_equal(vs_ledger_read(ledger, 3, &data, &len, NULL), VS_OK);
    assert_int_equal(vs_entry_proof_parse(&proof, "p", (char *)out.data, out.len, NULL), VS_OK);
    assert_int_equal(
        vs_entry_proof_check(&proof, "p", data, len, vs_identity_public(people.stranger), &checkpoint, NULL),
        VS_ERR_MISMATCH);
    free(data);
    free(out.data);
    vs_ledger_close(ledger);
    memory_folder_free(m);
}

/* ---- whole ledgers ---- */

static vs_status audit_with(memory_folder *m, const vs_plans *with, vs_audit *audit) {
    vs_ledger *ledger = open_ledger(m);
    vs_error error = {.message = ""};
    audit->plans = with;
    vs_status status = vs_ledger_audit(audit, ledger, &m->folder, &error);
    assert_true(status == VS_OK || error.message[0] != 0);
    vs_ledger_close(ledger);
    return status;
}

static void an_audit_counts_and_checks(void **state) {
    (void)state;
    memory_folder *m = make_ledger();
    vs_audit audit = {.plans = NULL};
    const vs_plans none = {NULL, 0};
    assert_int_equal(audit_with(m, &plans, &audit), VS_OK);
    assert_true(audit.receipts == 5 && audit.openings == 5 && audit.other_plans == 0);
    assert_int_equal(audit_with(m, &none, &audit), VS_OK);
    assert_int_equal(audit.other_plans, 10);
    for (size_t i = 0; i < m->count; i++) { /* lists altered or missing */
        memory_blob *stored = &m->blobs[i];
        if (strncmp(stored->name, "list/", 5) == 0) {
            stored->data[20] ^= 1;
            assert_int_not_equal(audit_with(m, &plans, &audit), VS_OK);
            stored->data[20] ^= 1;
            stored->removed = true;
            assert_int_equal(audit_with(m, &plans, &audit), VS_ERR_AUTH);
            stored->removed = false;
        }
    }
    assert_int_equal(audit_with(m, &plans, &audit), VS_OK);
    memory_folder_free(m);
}

static void entries_by_who_may_not_are_refused(void **state) {
    (void)state;
    const struct {
        bool receipt;
        const vs_identity *signer;
    } cases[] = {{true, people.stranger},  {true, people.auditor}, {true, people.owners[1]},
                 {false, people.stranger}, {false, people.hub},    {false, people.impostor}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memory_folder *m = make_ledger();
        vs_audit audit = {.plans = NULL};
        if (cases[i].receipt) {
            add_receipt(m, 8, 3, cases[i].signer);
        } else {
            add_opening(m, 8, cases[i].signer);
        }
        assert_int_equal(audit_with(m, &plans, &audit), VS_ERR_POLICY);
        memory_folder_free(m);
    }
}

static void an_altered_note_is_refused(void **state) {
    (void)state;
    size_t len = 0;
    char *note = make_opening(3, people.opener, &len);
    vs_entry entry;
    for (size_t i = 0; i < len; i++) {
        uint8_t bit = (uint8_t)(1u << test_below(8));
        note[i] = (char)(note[i] ^ bit);
        vs_status status = vs_entry_parse(&entry, "o", note, len, NULL);
        if (status == VS_OK) {
            status = vs_entry_check(&entry, &plans, "o", NULL, NULL);
            vs_entry_clear(&entry);
        }
        assert_int_not_equal(status, VS_OK);
        note[i] = (char)(note[i] ^ bit);
    }
    free(note);
}

static void an_entry_that_is_no_note_is_refused(void **state) {
    (void)state;
    memory_folder *m = make_ledger();
    vs_audit audit = {.plans = NULL};
    add(m, "hello\n", 6);
    assert_int_equal(audit_with(m, &plans, &audit), VS_ERR_FORMAT);
    memory_folder_free(m);
}

/* Without the index the same entry is added again, as a keeper that bills twice would have it. */
static void an_entry_that_stands_twice_is_found(void **state) {
    (void)state;
    memory_folder *m = make_ledger();
    vs_audit audit = {.plans = NULL};
    for (size_t i = 0; i < m->count; i++) {
        m->blobs[i].removed = strncmp(m->blobs[i].name, "index/", 6) == 0;
    }
    memory_folder_settle(m);
    add_receipt(m, 2, 2, people.hub);
    assert_int_equal(audit_with(m, &plans, &audit), VS_ERR_AUTH);
    memory_folder_free(m);
}

/* ---- counts ---- */

static vs_status count_entry(void *context, uint64_t index, const vs_entry *entry, const vs_plan *of,
                             const vs_party *signer, vs_error *error) {
    (void)index;
    return vs_meter_add(context, entry, of, signer, error);
}

static const vs_meter_row *row_of(const vs_meter_row *rows, size_t count, const char *name, const char *period) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].who, name) == 0 && strcmp(rows[i].period, period) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static void everybody_is_counted_once(void **state) {
    (void)state;
    memory_folder *m = make_ledger();
    add_receipt(m, 5, 5, people.opener); /* the same total, by another */
    add_opening(m, 5, people.opener);    /* the same note again: nothing */
    vs_meter_row *rows = NULL;
    size_t count = 0;
    for (unsigned by_party = 0; by_party < 2; by_party++) {
        vs_meter meter = vs_meter_begin(by_party == 1);
        vs_audit audit = {.visit = count_entry, .context = &meter};
        assert_int_equal(audit_with(m, &plans, &audit), VS_OK);
        assert_int_equal(vs_meter_rows(&meter, &rows, &count, NULL), VS_OK);
        const char *owner = by_party ? "ORANGE" : "ORANGE & Co", *opener = by_party ? "OPENER" : "OPENER & Co";
        const vs_meter_row *row = row_of(rows, count, owner, "2026-05");
        assert_non_null(row);
        assert_true(row->contributions == 1 && row->bytes == 1000 && row->totals == 0 && row->openings == 0);
        row = row_of(rows, count, opener, "2026-05");
        assert_non_null(row);
        assert_true(row->contributions == 0 && row->totals == 1 && row->openings == 1);
        row = row_of(rows, count, opener, "2026-04");
        assert_true(row != NULL && row->totals == 0 && row->openings == 1);
        assert_int_equal(count, 1 + 2 + 3 + 4 + 5 + 5 + 5);
        free(rows);
        vs_meter_clear(&meter);
    }
    memory_folder_free(m);
}

/* ---- sizes ---- */

/* Only the hashes on the way from one leaf of a million are made up: the proof's size is what counts. */
static void a_proof_among_a_million_is_under_a_kilobyte(void **state) {
    (void)state;
    vs_memory_sink out = {0};
    const vs_sink sink = vs_memory_sink_open(&out, "proof");
    vs_entry_proof proof = {.index = 524287, .path = {.count = 20}, .checkpoint = {"", 0}};
    assert_int_equal(vs_entry_proof_write(&proof, &sink, NULL), VS_OK);
    printf("# inclusion among 1,000,000: %zu bytes before the checkpoint\n", out.len);
    assert_true(out.len < 1000);
    free(out.data);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_of_an_entry_is_about_it_alone),
        cmocka_unit_test(a_proof_of_a_contribution_is_about_it_alone),
        cmocka_unit_test(a_proof_of_growth_is_about_two_checkpoints),
        cmocka_unit_test(a_rewritten_ledger_has_no_proof_of_growth),
        cmocka_unit_test(proofs_are_for_their_keeper),
        cmocka_unit_test(an_audit_counts_and_checks),
        cmocka_unit_test(entries_by_who_may_not_are_refused),
        cmocka_unit_test(an_altered_note_is_refused),
        cmocka_unit_test(an_entry_that_is_no_note_is_refused),
        cmocka_unit_test(an_entry_that_stands_twice_is_found),
        cmocka_unit_test(everybody_is_counted_once),
        cmocka_unit_test(a_proof_among_a_million_is_under_a_kilobyte),
    };
    return cmocka_run_group_tests(tests, ledger_world_new, ledger_world_free);
}
