#include "aggregate/ledger/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/guard.h"

typedef struct walk {
    vs_audit *audit;
    const vs_folder *folder;
    uint8_t (*leaves)[VS_HASH_BYTES]; /* of the entries so far */
    uint64_t count, cap;
} walk;

static vs_status remember(walk *w, const uint8_t *data, size_t len, vs_error *error) {
    if (w->count == w->cap) {
        uint64_t cap = w->cap + w->cap / 2 + 256;
        uint8_t(*leaves)[VS_HASH_BYTES] = realloc(w->leaves, (size_t)cap * sizeof *leaves);
        if (leaves == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        w->leaves = leaves;
        w->cap = cap;
    }
    vs_log_leaf(w->leaves[w->count++], data, len);
    return VS_OK;
}

static vs_status check_signer(walk *w, const vs_entry *entry, const char *name, const vs_plan **plan,
                              const vs_party **who, vs_error *error) {
    *plan = vs_entry_plan(entry, w->audit->plans);
    if (*plan == NULL) {
        w->audit->other_plans++;
        return VS_OK;
    }
    return vs_entry_check(entry, w->audit->plans, name, who, error);
}

static vs_status look_at(void *context, uint64_t index, const uint8_t *data, size_t len, vs_error *error) {
    walk *w = context;
    vs_audit *audit = w->audit;
    vs_entry entry;
    char name[512];
    const vs_plan *plan = NULL;
    const vs_party *who = NULL;
    (void)snprintf(name, sizeof name, "%s: entry %llu", w->folder->name, (unsigned long long)index);
    vs_status status = vs_entry_parse(&entry, name, (const char *)data, len, error);
    if (status == VS_OK) {
        status = remember(w, data, len, error);
    }
    if (status == VS_OK && entry.is_receipt && !audit->without_lists) {
        status = vs_entry_read_list(&entry, w->folder, data, len, error);
    }
    if (status == VS_OK) {
        status = check_signer(w, &entry, name, &plan, &who, error);
    }
    if (status == VS_OK && audit->visit != NULL) {
        status = audit->visit(audit->context, index, &entry, plan, who, error);
    }
    audit->receipts += status == VS_OK && entry.is_receipt;
    audit->openings += status == VS_OK && !entry.is_receipt;
    vs_entry_clear(&entry);
    return status;
}

static int compare_leaves(const void *a, const void *b) {
    return memcmp(a, b, VS_HASH_BYTES);
}

/* A keeper that adds a receipt twice would have it counted twice. */
static vs_status check_repeats(walk *w, vs_error *error) {
    if (w->count > 0) {
        qsort(w->leaves, (size_t)w->count, sizeof *w->leaves, compare_leaves);
    }
    for (uint64_t i = 1; i < w->count; i++) {
        if (!VS_GUARD(ledger_entry_repeated, memcmp(w->leaves[i - 1], w->leaves[i], VS_HASH_BYTES) != 0)) {
            return vs_fail(error, VS_ERR_AUTH, "%s: an entry stands in it twice", w->folder->name);
        }
    }
    return VS_OK;
}

vs_status vs_ledger_audit(vs_audit *audit, const vs_ledger *ledger, const vs_folder *folder, vs_error *error) {
    walk w = {.audit = audit, .folder = folder};
    audit->receipts = audit->openings = audit->other_plans = 0;
    vs_status status = vs_ledger_each(ledger, true, look_at, &w, error);
    if (status == VS_OK) {
        status = check_repeats(&w, error);
    }
    free(w.leaves);
    return status;
}
