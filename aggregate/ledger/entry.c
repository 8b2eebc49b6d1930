#include "aggregate/ledger/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/ledger/ledger.h"
#include "crypto/guard.h"

void vs_entry_clear(vs_entry *entry) {
    if (entry->is_receipt) {
        vs_receipt_clear(&entry->receipt);
    }
    vs_note_clear(&entry->note);
    *entry = (vs_entry){.time = 0};
}

static bool begins_with_line(const char *data, size_t len, const char *line) {
    size_t n = strlen(line);
    return len > n && memcmp(data, line, n) == 0 && data[n] == '\n';
}

static vs_status parse_opening(vs_entry *entry, const char *name, const char *data, size_t len, vs_error *error) {
    vs_status status = vs_note_parse(&entry->note, name, data, len, error);
    if (status == VS_OK) {
        status = vs_opening_record_parse(&entry->opening, name, entry->note.text, entry->note.text_len, error);
    }
    entry->plan_id = entry->opening.plan_id;
    entry->period = entry->opening.period;
    entry->time = entry->opening.time;
    return status;
}

static vs_status parse_receipt(vs_entry *entry, const char *name, const char *data, size_t len, vs_error *error) {
    vs_status status = vs_receipt_parse_note(&entry->receipt, name, data, len, error);
    entry->is_receipt = status == VS_OK;
    entry->plan_id = entry->receipt.plan_id;
    entry->period = entry->receipt.period;
    entry->time = entry->receipt.time;
    return status;
}

vs_status vs_entry_parse(vs_entry *entry, const char *name, const char *data, size_t len, vs_error *error) {
    vs_status status;
    *entry = (vs_entry){.time = 0};
    if (len > VS_MAX_LEDGER_ENTRY_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: larger than an entry of a ledger may be", name);
    }
    if (begins_with_line(data, len, VS_RECEIPT_TITLE)) {
        status = parse_receipt(entry, name, data, len, error);
    } else if (begins_with_line(data, len, VS_OPENING_TITLE)) {
        status = parse_opening(entry, name, data, len, error);
    } else {
        status = vs_fail(error, VS_ERR_FORMAT, "%s: neither a receipt nor the record of an opening", name);
    }
    if (status != VS_OK) {
        vs_entry_clear(entry);
    }
    return status;
}

/* ---- who has signed ---- */

const vs_plan *vs_entry_plan(const vs_entry *entry, const vs_plans *plans) {
    for (size_t i = 0; i < plans->count; i++) {
        if (vs_equal(plans->plans[i]->id, entry->plan_id, VS_HASH_BYTES)) {
            return plans->plans[i];
        }
    }
    return NULL;
}

/* A signature by a party that may open, which must be right; other signatures are not looked at. */
static vs_status check_opener(const vs_entry *entry, const vs_plan *plan, const char *name, const vs_party **who,
                              vs_error *error) {
    for (size_t i = 0; i < entry->note.signature_count; i++) {
        const vs_note_signature *s = &entry->note.signatures[i];
        const vs_party *party = vs_plan_party_of(plan, s->name, s->name_len);
        if (party == NULL || !VS_GUARD(ledger_opener_may, (party->may & VS_MAY_OPEN) != 0)) {
            continue;
        }
        vs_status status = vs_note_check(&entry->note, &party->identity);
        if (status == VS_ERR_NOT_READY) {
            continue;
        }
        if (!VS_GUARD(ledger_note_signature, status == VS_OK)) {
            return vs_fail(error, VS_ERR_AUTH, "%s: the signature of %s is not right; the record is altered", name,
                           party->identity.name);
        }
        *who = party;
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_POLICY, "%s: not signed by a party of the plan that may open totals", name);
    vs_hint(error, "the roster says who may: \"may\": [\"open\"]");
    return VS_ERR_POLICY;
}

vs_status vs_entry_check(const vs_entry *entry, const vs_plans *plans, const char *name, const vs_party **who,
                         vs_error *error) {
    const vs_plan *plan = vs_entry_plan(entry, plans);
    const vs_party *signer = NULL;
    vs_status status;
    if (plan == NULL) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "%s: under a plan that was not given", name);
        vs_hint(error, "name the plans of all entries, each with -p PLAN");
        status = VS_ERR_MISMATCH;
    } else if (entry->is_receipt) {
        status = vs_receipt_check(&entry->receipt, plan, name, NULL, &signer, error);
    } else {
        status = check_opener(entry, plan, name, &signer, error);
    }
    if (who != NULL) {
        *who = status == VS_OK ? signer : NULL;
    }
    return status;
}

void vs_entry_signer(char out[VS_MAX_IDENTITY_NAME + 1], const vs_entry *entry) {
    const vs_note *note = entry->is_receipt ? &entry->receipt.note : &entry->note;
    size_t len = note->signature_count == 0 ? 0 : note->signatures[0].name_len;
    VS_CHECK(len <= VS_MAX_IDENTITY_NAME);
    memcpy(out, len == 0 ? "" : note->signatures[0].name, len);
    out[len] = 0;
}

/* ---- lists ---- */

void vs_entry_list_name(char out[VS_MAX_BLOB_NAME], const void *data, size_t len) {
    uint8_t leaf[VS_HASH_BYTES];
    vs_log_leaf(leaf, data, len);
    memcpy(out, "list/", 5);
    vs_to_hex(out + 5, leaf, sizeof leaf);
}

vs_status vs_entry_read_list(vs_entry *entry, const vs_folder *folder, const void *data, size_t len, vs_error *error) {
    char blob[VS_MAX_BLOB_NAME], name[VS_MAX_BLOB_NAME + 256];
    uint8_t *list = NULL;
    size_t list_len = 0;
    VS_CHECK(entry->is_receipt);
    vs_entry_list_name(blob, data, len);
    (void)snprintf(name, sizeof name, "%s/%s", folder->name, blob);
    vs_status status = vs_folder_read(folder, blob, VS_MAX_RECEIPT_BYTES, &list, &list_len, error);
    if (status == VS_OK) {
        status = vs_receipt_parse_list(&entry->receipt, name, (const char *)list, list_len, error);
    }
    free(list);
    return status;
}
