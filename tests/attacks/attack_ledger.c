/* Ledgers, and proofs about them, that say what is not so. */
#include "tests/attacks/attacks.h"

#include "ledgers.h"

static vs_status nothing(void *context, uint64_t index, const uint8_t *entry, size_t len, vs_error *error) {
    (void)context, (void)index, (void)entry, (void)len, (void)error;
    return VS_OK;
}

/* A ledger with `count` entries that mean nothing. */
static memory_folder *filled(size_t count) {
    memory_folder *m = memory_folder_new();
    vs_ledger *ledger = NULL;
    vs_ledger_entry *entries = calloc(count, sizeof *entries);
    char(*texts)[16] = calloc(count, sizeof *texts);
    VS_CHECK(entries != NULL && texts != NULL);
    for (size_t i = 0; i < count; i++) {
        int len = snprintf(texts[i], sizeof texts[i], "%zu", i);
        entries[i] = (vs_ledger_entry){texts[i], (size_t)len};
    }
    VS_CHECK(vs_ledger_create(&m->folder, keeper, NULL, NULL) == VS_OK);
    VS_CHECK(vs_ledger_open(&ledger, &m->folder, who(), NULL, true, NULL) == VS_OK);
    VS_CHECK(vs_ledger_add(ledger, keeper, entries, count, NULL, NULL) == VS_OK);
    vs_ledger_close(ledger);
    free(entries);
    free(texts);
    return m;
}

static vs_status read_all(memory_folder *m, bool all_tiles) {
    vs_ledger *ledger = NULL;
    vs_status status = vs_ledger_open(&ledger, &m->folder, who(), NULL, false, NULL);
    if (status == VS_OK) {
        status = vs_ledger_each(ledger, all_tiles, nothing, NULL, NULL);
    }
    vs_ledger_close(ledger);
    memory_folder_free(m);
    return status;
}

/* ---- checkpoints ---- */

static vs_status parse_signed(const vs_identity *signer, const char *label) {
    vs_checkpoint checkpoint = {.size = 7}, read;
    char *text = NULL;
    size_t len = 0;
    vs_checkpoint_origin(checkpoint.origin, "KEEPER", label);
    VS_CHECK(vs_checkpoint_sign(&text, &len, &checkpoint, signer, NULL) == VS_OK);
    vs_status status = vs_checkpoint_parse(&read, "c", text, len, who(), NULL, NULL);
    free(text);
    return status;
}

static vs_status another_key(void) {
    vs_identity *forger = make_identity("KEEPER");
    vs_status status = parse_signed(forger, NULL);
    vs_identity_free(forger);
    return status;
}

static vs_status another_log(void) {
    return parse_signed(keeper, "openings");
}

/* ---- folders ---- */

static vs_status altered_edge(void) {
    memory_folder *m = filled(10);
    vs_ledger *ledger = NULL;
    memory_folder_find(m, "tile/0/000.p/10")->data[40] ^= 1;
    vs_status status = vs_ledger_open(&ledger, &m->folder, who(), NULL, false, NULL);
    vs_ledger_close(ledger);
    memory_folder_free(m);
    return status;
}

/* An old entry, and its hash with it. */
static vs_status altered_entry(void) {
    memory_folder *m = filled(300);
    memory_blob *entries = memory_folder_find(m, "tile/entries/000");
    entries->data[2] = 'x';
    vs_log_leaf(memory_folder_find(m, "tile/0/000")->data, "x", 1);
    return read_all(m, false);
}

static vs_status altered_upper_tile(void) {
    memory_folder *m = filled(65536);
    memory_folder_find(m, "tile/1/000")->data[40] ^= 1;
    return read_all(m, true);
}

static vs_status rewritten(void) {
    memory_folder *m = filled(10);
    vs_ledger *ledger = open_ledger(m);
    vs_tree_proof proof;
    vs_checkpoint old = {.size = 7}; /* of a log that was another */
    vs_status status = vs_ledger_prove_growth(ledger, &proof, &old, NULL);
    vs_ledger_close(ledger);
    memory_folder_free(m);
    return status;
}

static vs_status counted_twice(void) {
    memory_folder *m = make_ledger();
    vs_audit audit = {.plans = &plans};
    for (size_t i = 0; i < m->count; i++) {
        m->blobs[i].removed = strncmp(m->blobs[i].name, "index/", 6) == 0;
    }
    memory_folder_settle(m);
    add_receipt(m, 2, 2, people.hub);
    vs_ledger *ledger = open_ledger(m);
    vs_status status = vs_ledger_audit(&audit, ledger, &m->folder, NULL);
    vs_ledger_close(ledger);
    memory_folder_free(m);
    return status;
}

/* ---- proofs ---- */

static vs_status entry_that_is_not_in(void) {
    memory_folder *m = filled(10);
    vs_ledger *ledger = open_ledger(m);
    vs_entry_proof proof = {.index = 4};
    vs_checkpoint checkpoint;
    proof.checkpoint.data = vs_ledger_checkpoint_note(ledger, &proof.checkpoint.len);
    VS_CHECK(vs_ledger_prove(ledger, &proof.path, 4, NULL) == VS_OK);
    vs_status status = vs_entry_proof_check(&proof, "p", "another", 7, who(), &checkpoint, NULL);
    vs_ledger_close(ledger);
    memory_folder_free(m);
    return status;
}

/* Two logs of one keeper: what one saw is not in the other. */
static vs_status split_view(void) {
    memory_folder *one = filled(10), *two = make_ledger();
    add_opening(two, 9, people.opener);
    vs_ledger *first = open_ledger(one), *second = open_ledger(two);
    vs_growth_proof proof = {.path = {.count = 0}};
    vs_checkpoint old, now;
    proof.old.data = vs_ledger_checkpoint_note(first, &proof.old.len);
    proof.now.data = vs_ledger_checkpoint_note(second, &proof.now.len);
    VS_CHECK(vs_ledger_prove_growth(first, &proof.path, vs_ledger_checkpoint(first), NULL) == VS_OK);
    vs_status status = vs_growth_proof_check(&proof, "p", who(), &old, &now, NULL);
    vs_ledger_close(first);
    vs_ledger_close(second);
    memory_folder_free(one);
    memory_folder_free(two);
    return status;
}

/* The proof of ORANGE's contribution to the receipt that is entry 8, shown to somebody whose contribution is in none.
 */
static vs_status check_contribution(bool lies_about_digest) {
    memory_folder *m = make_ledger();
    vs_ledger *ledger = open_ledger(m);
    vs_contribution_proof proof = {.entry = {.index = 8}};
    vs_checkpoint checkpoint;
    vs_receipt receipt;
    vs_entry entry;
    uint8_t *data = NULL, mine[VS_HASH_BYTES] = {77};
    VS_CHECK(vs_ledger_read(ledger, 8, &data, &proof.receipt.len, NULL) == VS_OK);
    VS_CHECK(vs_entry_parse(&entry, "e", (char *)data, proof.receipt.len, NULL) == VS_OK);
    VS_CHECK(vs_entry_read_list(&entry, &m->folder, data, proof.receipt.len, NULL) == VS_OK);
    proof.contribution = entry.receipt.contributions[0];
    proof.receipt.data = (char *)data;
    proof.entry.checkpoint.data = vs_ledger_checkpoint_note(ledger, &proof.entry.checkpoint.len);
    VS_CHECK(vs_contribution_path(&proof.path, &entry.receipt, 0) == VS_OK);
    VS_CHECK(vs_ledger_prove(ledger, &proof.entry.path, 8, NULL) == VS_OK);
    if (lies_about_digest) {
        memcpy(proof.contribution.digest, mine, sizeof mine);
    }
    vs_status status = vs_contribution_proof_check(&proof, "p", mine, who(), &receipt, &checkpoint, NULL);
    vs_receipt_clear(&receipt);
    vs_entry_clear(&entry);
    free(data);
    vs_ledger_close(ledger);
    memory_folder_free(m);
    return status;
}

static vs_status anothers_contribution(void) {
    return check_contribution(false);
}

static vs_status contribution_that_is_not_in(void) {
    return check_contribution(true);
}

/* ---- notes ---- */

static vs_status check_opening(const vs_identity *signer, bool altered) {
    size_t len = 0;
    char *note = make_opening(3, signer, &len);
    vs_entry entry;
    if (altered) {
        char *period = memmem(note, len, "2026-03", 7);
        VS_CHECK(period != NULL);
        *period = '3';
    }
    VS_CHECK(vs_entry_parse(&entry, "o", note, len, NULL) == VS_OK);
    vs_status status = vs_entry_check(&entry, &plans, "o", NULL, NULL);
    vs_entry_clear(&entry);
    free(note);
    return status;
}

static vs_status opening_by_the_combiner(void) {
    return check_opening(people.hub, false);
}

static vs_status altered_opening(void) {
    return check_opening(people.opener, true);
}

static const attack attacks[] = {
    {"ledger_checkpoint_signature", "a checkpoint by another key of the keeper's name", another_key},
    {"ledger_checkpoint_origin", "a checkpoint of another log of the keeper", another_log},
    {"ledger_edge", "a hash at the edge altered", altered_edge},
    {"ledger_root", "an old entry altered with its hash", altered_entry},
    {"ledger_upper_tile", "a hash of an upper tile altered", altered_upper_tile},
    {"ledger_consistency", "a ledger that was rewritten", rewritten},
    {"ledger_entry_repeated", "a receipt that is counted twice", counted_twice},
    {"ledger_inclusion", "the proof of another entry", entry_that_is_not_in},
    {"ledger_growth", "two stories of one keeper", split_view},
    {"ledger_contribution_digest", "the proof of another's contribution", anothers_contribution},
    {"ledger_contribution_inclusion", "a contribution that is in no receipt", contribution_that_is_not_in},
    {"ledger_opener_may", "the record of an opening by who may not open", opening_by_the_combiner},
    {"ledger_note_signature", "the record of an opening, altered", altered_opening},
};

int main(void) {
    test_seed();
    if (ledger_world_new(NULL) != 0) {
        return 1;
    }
    int wrong = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    (void)ledger_world_free(NULL);
    return wrong == 0 ? 0 : 1;
}
