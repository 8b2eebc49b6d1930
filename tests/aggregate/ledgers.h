/* A ledger of receipts and openings under a plan with a roster, for suites of what is proved from it. */
#ifndef VEILSUM_TESTS_LEDGERS_H
#define VEILSUM_TESTS_LEDGERS_H

#include "aggregate/ledger/audit.h"
#include "aggregate/ledger/meter.h"
#include "aggregate/ledger/proof.h"
#include "cast.h"
#include "memory_folder.h"

static vs_secret_key *secret;
static cast people;
static vs_identity *keeper;
static vs_plan *plan;
static vs_plans plans;

static inline int ledger_world_new(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    secret = fixture_key("k2048");
    cast_make(&people);
    keeper = make_identity("KEEPER");
    plan = roster_plan(vs_secret_key_public(secret), &people, "");
    static const vs_plan *list[1];
    list[0] = plan;
    plans = (vs_plans){list, 1};
    return 0;
}

static inline int ledger_world_free(void **state) {
    (void)state;
    vs_plan_free(plan);
    cast_free(&people);
    vs_identity_free(keeper);
    vs_secret_key_free(secret);
    return 0;
}

static inline const vs_public_identity *who(void) {
    return vs_identity_public(keeper);
}

/* ---- a ledger to prove from ---- */

static inline void digest_of(uint8_t *digest, unsigned month, size_t owner) {
    memset(digest, 0, VS_HASH_BYTES);
    digest[0] = (uint8_t)month;
    digest[1] = (uint8_t)(owner + 1);
}

/* Month by month, the first `count` owners' contributions. */
static inline char *make_receipt(unsigned month, size_t count, const vs_identity *signer, size_t *len) {
    vs_receipt r = {.time = 1795539600 + month, .contribution_count = count, .total_bytes = 4711};
    char *text = NULL;
    memcpy(r.plan_id, plan->id, VS_HASH_BYTES);
    (void)snprintf(r.period, sizeof r.period, "2026-%02u", month);
    memset(r.total_digest, (int)month, VS_HASH_BYTES);
    r.contributions = calloc(count, sizeof *r.contributions);
    r.refusals = calloc(1, sizeof *r.refusals);
    for (size_t i = 0; i < count; i++) {
        digest_of(r.contributions[i].digest, month, i);
        r.contributions[i].bytes = 1000 + i;
        strcpy(r.contributions[i].name, owner_names[i]);
    }
    assert_int_equal(vs_receipt_write(&text, len, &r, signer, NULL), VS_OK);
    vs_receipt_clear(&r);
    return text;
}

static inline char *make_opening(unsigned month, const vs_identity *signer, size_t *len) {
    vs_opening_record r = {.time = 1795539900 + month, .contributions = 4, .total_bytes = 4711};
    char text[VS_MAX_OPENING_TEXT], *note = NULL;
    memcpy(r.plan_id, plan->id, VS_HASH_BYTES);
    (void)snprintf(r.period, sizeof r.period, "2026-%02u", month);
    memset(r.total_digest, (int)month, VS_HASH_BYTES);
    size_t n = vs_opening_record_text(text, &r);
    assert_int_equal(vs_note_sign(&note, len, text, n, signer, NULL), VS_OK);
    return note;
}

static inline void add(memory_folder *m, const char *note, size_t len) {
    vs_ledger *ledger = NULL;
    const vs_ledger_entry entry = {note, len};
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), NULL, true, NULL), VS_OK);
    assert_int_equal(vs_ledger_add(ledger, keeper, &entry, 1, NULL, NULL), VS_OK);
    vs_ledger_close(ledger);
}

static inline void add_receipt(memory_folder *m, unsigned month, size_t count, const vs_identity *signer) {
    size_t len = 0, note_len = 0;
    char *text = make_receipt(month, count, signer, &len), name[VS_MAX_BLOB_NAME];
    assert_int_equal(vs_receipt_split(&note_len, "r", text, len, NULL), VS_OK);
    vs_entry_list_name(name, text, note_len);
    memory_folder_put(m, name, text + note_len + 1, len - note_len - 1);
    add(m, text, note_len);
    free(text);
}

static inline void add_opening(memory_folder *m, unsigned month, const vs_identity *signer) {
    size_t len = 0;
    char *note = make_opening(month, signer, &len);
    add(m, note, len);
    free(note);
}

/* Receipts of five months, of 1 to 5 contributions, each opened. */
static inline memory_folder *make_ledger(void) {
    memory_folder *m = memory_folder_new();
    assert_int_equal(vs_ledger_create(&m->folder, keeper, NULL, NULL), VS_OK);
    for (unsigned month = 1; month <= 5; month++) {
        add_receipt(m, month, month, people.hub);
        add_opening(m, month, people.opener);
    }
    return m;
}

static inline vs_ledger *open_ledger(memory_folder *m) {
    vs_ledger *ledger = NULL;
    assert_int_equal(vs_ledger_open(&ledger, &m->folder, who(), NULL, false, NULL), VS_OK);
    return ledger;
}

#endif
