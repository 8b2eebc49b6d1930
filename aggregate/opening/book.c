#include "aggregate/opening/book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/ledger/ledger.h"
#include "aggregate/opening/line.h"
#include "crypto/guard.h"

#define MAX_NAMES_BYTES ((size_t)VS_MAX_CONTRIBUTORS * (VS_MAX_NAME_BYTES + 1))
#define NAMES_BLOB_BYTES (6 + 2 * VS_HASH_BYTES + 1)

/* Different totals of the plan that the book holds so far, by digest. */
typedef struct digests {
    uint8_t (*list)[VS_HASH_BYTES];
    size_t count, cap;
} digests;

typedef struct search {
    const vs_folder *folder;
    const vs_public_identity *opener; /* whose book it is */
    const vs_opening_request *request;
    vs_names names; /* of the total that is to be opened */
    digests opened;
} search;

static void names_blob(char out[NAMES_BLOB_BYTES], const uint8_t hash[VS_HASH_BYTES]) {
    memcpy(out, "names/", 6);
    vs_to_hex(out + 6, hash, VS_HASH_BYTES);
}

static bool holds(const digests *d, const uint8_t digest[VS_HASH_BYTES]) {
    for (size_t i = 0; i < d->count; i++) {
        if (memcmp(d->list[i], digest, VS_HASH_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static vs_status remember(digests *d, const uint8_t digest[VS_HASH_BYTES], vs_error *error) {
    if (holds(d, digest)) {
        return VS_OK;
    }
    if (d->count == d->cap) {
        size_t cap = d->cap == 0 ? 16 : 2 * d->cap;
        void *grown = realloc(d->list, cap * sizeof *d->list);
        if (grown == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        d->list = grown;
        d->cap = cap;
    }
    memcpy(d->list[d->count++], digest, VS_HASH_BYTES);
    return VS_OK;
}

/* ---- one entry of the book ---- */

static vs_status read_names(vs_names *names, const search *s, const uint8_t hash[VS_HASH_BYTES], vs_error *error) {
    char blob[NAMES_BLOB_BYTES];
    uint8_t *data = NULL;
    size_t len = 0;
    names_blob(blob, hash);
    vs_status status = vs_folder_read(s->folder, blob, MAX_NAMES_BYTES, &data, &len, error);
    if (status == VS_OK) {
        status = vs_names_parse(names, blob, (const char *)data, len, hash, error);
    }
    free(data);
    return status;
}

static vs_status refuse_overlap(const search *s, const vs_opening_record *record, vs_error *error) {
    char time[VS_TIME_BYTES];
    vs_time_to_text(time, record->time);
    (void)vs_fail(error, VS_ERR_POLICY,
                  "rule one set a period: %s holds contributors that another total of this period held, opened %s",
                  s->request->name, time);
    vs_hint(error,
            "the difference of two such totals would show what few owners hold; only sets that the plan lists may "
            "overlap, and a total that was opened may be opened again");
    return VS_ERR_POLICY;
}

static vs_status compare(search *s, const vs_opening_record *record, vs_error *error) {
    const vs_opening_request *r = s->request;
    vs_names names;
    bool this_plan = memcmp(record->plan_id, r->plan->id, VS_HASH_BYTES) == 0;
    bool same_total = memcmp(record->total_digest, r->digest, VS_HASH_BYTES) == 0;
    bool one_line = this_plan;
    vs_status status = this_plan ? remember(&s->opened, record->total_digest, error) : VS_OK;
    if (status != VS_OK || same_total || strcmp(record->period, r->total->period) != 0) {
        return status;
    }
    if (!this_plan) {
        status = vs_line_shared(&one_line, s->folder, s->opener, r->plan, record->plan_id, error);
    }
    if (status != VS_OK || VS_GUARD(opening_replaced_plan, !one_line)) { /* plans of other lines are not compared */
        return status;
    }
    status = read_names(&names, s, record->names_hash, error);
    if (status != VS_OK) {
        return status;
    }
    if (!VS_GUARD(opening_one_set, vs_opening_sets_go_together(r->plan, &s->names, &names))) {
        status = refuse_overlap(s, record, error);
    }
    vs_names_free(&names);
    return status;
}

static vs_status visit(void *context, uint64_t index, const uint8_t *entry, size_t len, vs_error *error) {
    search *s = context;
    char name[64];
    vs_note note;
    vs_opening_record record;
    snprintf(name, sizeof name, "opening %llu of the book", (unsigned long long)index);
    vs_status status = vs_note_parse(&note, name, (const char *)entry, len, error);
    if (status == VS_OK) {
        status = vs_opening_record_parse(&record, name, note.text, note.text_len, error);
        vs_note_clear(&note);
    }
    return status == VS_OK ? compare(s, &record, error) : status;
}

static vs_status check_uses(const search *s, vs_error *error) {
    const vs_opening_request *r = s->request;
    bool left = r->plan->uses == 0 || holds(&s->opened, r->digest) || s->opened.count < r->plan->uses;
    if (VS_GUARD(opening_uses, left)) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_POLICY,
                  "rule valid.uses: the plan allows %llu different total%s, which have been opened",
                  (unsigned long long)r->plan->uses, r->plan->uses == 1 ? "" : "s");
    vs_hint(error, "agree on a plan that replaces it");
    return VS_ERR_POLICY;
}

/* ---- a new entry ---- */

static vs_status sign_record(char **note, size_t *note_len, const search *s, const vs_identity *opener, bool threshold,
                             vs_error *error) {
    const vs_opening_request *r = s->request;
    char text[VS_MAX_OPENING_TEXT];
    vs_opening_record record = {.attempt = r->total->attempt,
                                .time = r->now,
                                .contributions = s->names.count,
                                .total_bytes = r->bytes,
                                .threshold = threshold};
    memcpy(record.plan_id, r->plan->id, VS_HASH_BYTES);
    memcpy(record.period, r->total->period, sizeof record.period);
    memcpy(record.total_digest, r->digest, VS_HASH_BYTES);
    vs_names_hash(record.names_hash, &s->names);
    size_t len = vs_opening_record_text(text, &record);
    return vs_note_sign(note, note_len, text, len, opener, error);
}

/* The names first: a record never means a list that is not there. */
static vs_status write_names(const search *s, vs_error *error) {
    char blob[NAMES_BLOB_BYTES], *text = NULL;
    uint8_t hash[VS_HASH_BYTES];
    size_t len = 0;
    bool there = false;
    vs_names_hash(hash, &s->names);
    names_blob(blob, hash);
    vs_status status = s->folder->exists(s->folder->context, blob, &there, error);
    if (status == VS_OK && !there) {
        status = vs_names_to_text(&text, &len, &s->names, error);
    }
    if (status == VS_OK && !there) {
        status = s->folder->write(s->folder->context, blob, text, len, error);
    }
    free(text);
    return status;
}

/* The book as it is, or an empty one. */
static vs_status open_book(vs_ledger **book, const vs_folder *folder, const vs_identity *opener, vs_error *error) {
    bool there = false;
    vs_status status = folder->exists(folder->context, VS_LEDGER_CHECKPOINT, &there, error);
    if (status == VS_OK && !there) {
        status = vs_ledger_create(folder, opener, VS_BOOK_LABEL, error);
        status = status == VS_ERR_EXISTS ? VS_OK : status; /* somebody was faster */
    }
    return status == VS_OK ? vs_ledger_open(book, folder, vs_identity_public(opener), VS_BOOK_LABEL, true, error)
                           : status;
}

vs_status vs_opening_enter(char **note, size_t *note_len, const vs_folder *folder, const vs_identity *opener,
                           const vs_opening_request *request, bool threshold, vs_error *error) {
    search s = {.folder = folder, .opener = vs_identity_public(opener), .request = request};
    vs_ledger *book = NULL;
    *note = NULL;
    *note_len = 0;
    vs_status status = vs_opening_names(&s.names, request->total, error);
    if (status == VS_OK) {
        status = open_book(&book, folder, opener, error);
    }
    if (status == VS_OK) {
        status = vs_ledger_each(book, false, visit, &s, error);
    }
    if (status == VS_OK) {
        status = check_uses(&s, error);
    }
    if (status == VS_OK) {
        status = sign_record(note, note_len, &s, opener, threshold, error);
    }
    if (status == VS_OK) {
        status = write_names(&s, error);
    }
    if (status == VS_OK) {
        status = vs_line_keep(folder, opener, request->plan, error);
    }
    if (status == VS_OK) {
        const vs_ledger_entry entry = {*note, *note_len};
        status = vs_ledger_add(book, opener, &entry, 1, NULL, error);
    }
    if (status != VS_OK) {
        free(*note);
        *note = NULL;
        *note_len = 0;
    }
    vs_ledger_close(book);
    vs_names_free(&s.names);
    free(s.opened.list);
    return status;
}
