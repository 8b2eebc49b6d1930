/* Receipts: the note, and the list below it. What is accepted must be what would be written again. */
#include <stdlib.h>

#include "aggregate/receipt/receipt_internal.h"
#include "tests/fuzz/fuzz.h"

static void check_lists(const vs_receipt *receipt) {
    uint8_t hash[VS_HASH_BYTES];
    vs__receipt_root(hash, receipt->contributions, receipt->contribution_count);
    VS_CHECK(vs_equal(hash, receipt->root, VS_HASH_BYTES));
    vs__refused_hash(hash, receipt->refusals, receipt->refusal_count);
    VS_CHECK(vs_equal(hash, receipt->refused_hash, VS_HASH_BYTES));
    for (size_t i = 0; i < receipt->contribution_count; i++) {
        VS_CHECK(vs_receipt_find(receipt, receipt->contributions[i].name) == i);
    }
}

/* The same receipt, signed by somebody else, has the same list. */
static void write_again(vs_receipt *receipt, const char *data, size_t size) {
    static vs_identity *signer;
    char *text = NULL;
    size_t len = 0, note_len = 0;
    VS_CHECK(signer != NULL || vs_identity_new(&signer, "FUZZ") == VS_OK);
    VS_CHECK(vs_receipt_write(&text, &len, receipt, signer, NULL) == VS_OK);
    VS_CHECK(vs_receipt_split(&note_len, "receipt", text, len, NULL) == VS_OK);
    VS_CHECK(memcmp(text, receipt->note.text, receipt->note.text_len) == 0);
    VS_CHECK(len - note_len == size - receipt->note_len);
    VS_CHECK(memcmp(text + note_len, data + receipt->note_len, len - note_len) == 0);
    free(text);
}

/* A list that does not hash as signed is where most of a fuzzer's inputs end: read it once more with the hashes that it
 * has. */
static void read_mended(const char *data, size_t size) {
    size_t note_len = 0;
    vs_receipt receipt;
    if (vs_receipt_split(&note_len, "receipt", data, size, NULL) != VS_OK ||
        vs_receipt_parse_note(&receipt, "receipt", data, note_len, NULL) != VS_OK) {
        return;
    }
    receipt.contribution_count = 1;
    receipt.refusal_count = 0;
    for (const char *at = data + note_len + 1; (at = memchr(at, '\n', (size_t)(data + size - at))) != NULL; at++) {
        receipt.refusal_count++;
    }
    receipt.refusal_count -= receipt.refusal_count > 0;
    vs_error error = {0};
    vs_status status = vs_receipt_parse_list(&receipt, "receipt", data + note_len + 1, size - note_len - 1, &error);
    fuzz_check_status(status, &error);
    vs_receipt_clear(&receipt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    vs_receipt receipt;
    vs_error error = {0};
    vs_status status = vs_receipt_parse(&receipt, "receipt", (const char *)data, size, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        check_lists(&receipt);
        write_again(&receipt, (const char *)data, size);
    } else {
        read_mended((const char *)data, size);
    }
    vs_receipt_clear(&receipt);
    return 0;
}
