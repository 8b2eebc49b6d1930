/* Ledgers and proofs about them. The first byte says what the rest is: a checkpoint, a bundle of entries, an entry, a
 * proof of one of three kinds, or a blob that takes the place of one in a good ledger. What is read is what would be
 * written again; and a ledger with a strange blob gives out no proof that does not hold. */
#include <stdlib.h>

#include "aggregate/ledger/audit.h"
#include "aggregate/ledger/ledger_internal.h"
#include "aggregate/ledger/proof.h"
#include "tests/aggregate/memory_folder.h"
#include "tests/fuzz/fuzz.h"

static vs_identity *keeper;

static void expect_same(const vs_memory_sink *again, const char *data, size_t len) {
    VS_CHECK(again->len == len && memcmp(again->data, data, len) == 0);
    free(again->data);
}

static void try_checkpoint(const char *data, size_t len) {
    vs_checkpoint checkpoint;
    vs_error error = {0};
    char *again = NULL;
    size_t again_len = 0;
    vs_status status = vs_checkpoint_parse(&checkpoint, "c", data, len, NULL, NULL, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) { /* the text up to the empty line is the same */
        VS_CHECK(vs_checkpoint_sign(&again, &again_len, &checkpoint, keeper, &error) == VS_OK);
        const char *border = memmem(again, again_len, "\n\n", 2);
        VS_CHECK(border != NULL && memcmp(again, data, (size_t)(border + 2 - again)) == 0);
        free(again);
    }
    status = vs_checkpoint_parse(&checkpoint, "c", data, len, vs_identity_public(keeper), NULL, &error);
    VS_CHECK(status != VS_OK); /* nobody but the keeper can sign */
}

static void try_bundle(const uint8_t *data, size_t len) {
    unsigned count = len == 0 ? 1 : 1 + data[0];
    vs_bundle bundle = {.len = len == 0 ? 0 : len - 1};
    bundle.data = malloc(bundle.len + 1);
    VS_CHECK(bundle.data != NULL);
    memcpy(bundle.data, data + (len > 0), bundle.len);
    if (vs__bundle_split(&bundle, count)) {
        size_t sum = 0, one = 0;
        for (unsigned i = 0; i < count; i++) {
            const uint8_t *entry = vs__bundle_entry(&bundle, i, &one);
            VS_CHECK(entry >= bundle.data && entry + one <= bundle.data + bundle.len);
            sum += one + 2;
        }
        VS_CHECK(sum == bundle.len);
    }
    vs__bundle_free(&bundle);
}

static void try_entry(const char *data, size_t len) {
    vs_entry entry;
    vs_error error = {0};
    const vs_plans none = {NULL, 0};
    vs_status status = vs_entry_parse(&entry, "e", data, len, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        char signer[VS_MAX_IDENTITY_NAME + 1];
        vs_entry_signer(signer, &entry);
        VS_CHECK(vs_entry_check(&entry, &none, "e", NULL, &error) == VS_ERR_MISMATCH);
        vs_entry_clear(&entry);
    }
}

static void try_entry_proof(const char *data, size_t len) {
    vs_entry_proof proof;
    vs_checkpoint checkpoint;
    vs_error error = {0};
    vs_memory_sink again = {0};
    const vs_sink sink = vs_memory_sink_open(&again, "again");
    vs_status status = vs_entry_proof_parse(&proof, "p", data, len, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        VS_CHECK(vs_entry_proof_write(&proof, &sink, &error) == VS_OK);
        expect_same(&again, data, len);
        VS_CHECK(vs_entry_proof_check(&proof, "p", "x", 1, vs_identity_public(keeper), &checkpoint, &error) != VS_OK);
    }
}

static void try_contribution_proof(const char *data, size_t len) {
    vs_contribution_proof proof;
    vs_checkpoint checkpoint;
    vs_receipt receipt;
    vs_error error = {0};
    vs_memory_sink again = {0};
    const vs_sink sink = vs_memory_sink_open(&again, "again");
    vs_status status = vs_contribution_proof_parse(&proof, "p", data, len, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        VS_CHECK(vs_contribution_proof_write(&proof, &sink, &error) == VS_OK);
        expect_same(&again, data, len);
        VS_CHECK(vs_contribution_proof_check(&proof, "p", proof.contribution.digest, vs_identity_public(keeper),
                                             &receipt, &checkpoint, &error) != VS_OK);
    }
}

static void try_growth_proof(const char *data, size_t len) {
    vs_growth_proof proof;
    vs_checkpoint old, now;
    vs_error error = {0};
    vs_memory_sink again = {0};
    const vs_sink sink = vs_memory_sink_open(&again, "again");
    vs_status status = vs_growth_proof_parse(&proof, "p", data, len, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        VS_CHECK(vs_growth_proof_write(&proof, &sink, &error) == VS_OK);
        expect_same(&again, data, len);
        VS_CHECK(vs_growth_proof_check(&proof, "p", vs_identity_public(keeper), &old, &now, &error) != VS_OK);
    }
}

/* ---- a strange blob in a good ledger ---- */

static const vs_ledger_entry good[] = {{"one", 3}, {"two", 3}, {"three", 5}};

static vs_status nothing(void *context, uint64_t index, const uint8_t *entry, size_t len, vs_error *error) {
    (void)context, (void)error;
    VS_CHECK(index < 3 && len == good[index].len && memcmp(entry, good[index].data, len) == 0);
    return VS_OK;
}

static void use(vs_ledger *ledger) {
    vs_error error = {0};
    vs_tree_proof proof;
    uint64_t index = 0;
    bool found = false;
    size_t added = 0;
    const vs_ledger_entry more[] = {good[0], {"four", 4}};
    vs_status whole = vs_ledger_each(ledger, true, nothing, NULL, &error);
    fuzz_check_status(whole, &error);
    vs_status status = vs_ledger_find(ledger, "two", 3, &found, &index, &error);
    VS_CHECK(status != VS_OK || !found || index == 1);
    status = vs_ledger_prove(ledger, &proof, 2, &error);
    fuzz_check_status(status, &error);
    status = vs_ledger_add(ledger, keeper, more, 2, &added, &error);
    fuzz_check_status(status, &error);
    VS_CHECK(status != VS_OK || whole == VS_OK);
    VS_CHECK(status != VS_OK || (added >= 1 && vs_ledger_checkpoint(ledger)->size == 3 + added));
}

static void try_blob(const uint8_t *data, size_t len) {
    memory_folder *m = memory_folder_new();
    vs_ledger *ledger = NULL;
    vs_error error = {0};
    VS_CHECK(vs_ledger_create(&m->folder, keeper, NULL, &error) == VS_OK);
    VS_CHECK(vs_ledger_open(&ledger, &m->folder, vs_identity_public(keeper), NULL, true, &error) == VS_OK);
    VS_CHECK(vs_ledger_add(ledger, keeper, good, 3, NULL, &error) == VS_OK);
    vs_ledger_close(ledger);
    size_t which = len == 0 ? 0 : data[0] % m->count;
    memory_folder_put(m, m->blobs[which].name, data + (len > 0), len == 0 ? 0 : len - 1);
    vs_status status = vs_ledger_open(&ledger, &m->folder, vs_identity_public(keeper), NULL, true, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        use(ledger);
    }
    vs_ledger_close(ledger);
    memory_folder_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    if (keeper == NULL) {
        VS_CHECK(vs_identity_new(&keeper, "KEEPER") == VS_OK);
    }
    if (size == 0) {
        return 0;
    }
    const char *rest = (const char *)data + 1;
    switch (data[0]) {
    case 'c':
        try_checkpoint(rest, size - 1);
        break;
    case 'b':
        try_bundle(data + 1, size - 1);
        break;
    case 'n':
        try_entry(rest, size - 1);
        break;
    case 'e':
        try_entry_proof(rest, size - 1);
        break;
    case 'k':
        try_contribution_proof(rest, size - 1);
        break;
    case 'g':
        try_growth_proof(rest, size - 1);
        break;
    default:
        try_blob(data + 1, size - 1);
        break;
    }
    return 0;
}
