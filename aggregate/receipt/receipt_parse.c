#include <stdlib.h>
#include <string.h>

#include "aggregate/receipt/receipt_internal.h"
#include "crypto/guard.h"

/* ---- the note ---- */

static vs_status read_text(vs_receipt *r, const char *name, vs_error *error) {
    char time[VS_TIME_BYTES];
    vs_note_cursor cursor = vs_note_cursor_begin(name, r->note.text, r->note.text_len);
    vs_status status = vs_note_line(&cursor, VS_RECEIPT_TITLE, error);
    if (status == VS_OK) {
        status = vs_note_hash(&cursor, "plan", r->plan_id, error);
    }
    if (status == VS_OK) {
        status = vs_note_text(&cursor, "period", r->period, sizeof r->period, error);
    }
    if (status == VS_OK) {
        status = vs_note_number(&cursor, "attempt", UINT64_MAX, &r->attempt, error);
    }
    if (status == VS_OK) {
        status = vs_note_text(&cursor, "time", time, sizeof time, error);
    }
    if (status == VS_OK) {
        status = vs_note_counted_hash(&cursor, "contributions", &r->contribution_count, r->root, error);
    }
    if (status == VS_OK) {
        status = vs_note_counted_hash(&cursor, "refused", &r->refusal_count, r->refused_hash, error);
    }
    if (status == VS_OK) {
        status = vs_note_hash_and_length(&cursor, "total", r->total_digest, &r->total_bytes, error);
    }
    if (status == VS_OK) {
        status = vs_note_end(&cursor, error);
    }
    if (status != VS_OK) {
        return status;
    }
    bool valid = vs_time_from_text(&r->time, time, strlen(time)) &&
                 (r->period[0] == 0 || vs_name_is_valid(r->period, strlen(r->period))) && r->contribution_count > 0 &&
                 r->contribution_count <= (uint64_t)VS_MAX_CONTRIBUTORS;
    return valid ? VS_OK
                 : vs_fail(error, VS_ERR_FORMAT, "%s: not a receipt: a time, period or count is not valid", name);
}

vs_status vs_receipt_parse_note(vs_receipt *receipt, const char *name, const char *data, size_t len, vs_error *error) {
    *receipt = (vs_receipt){.note_text = malloc(len + 1), .note_len = len};
    if (receipt->note_text == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(receipt->note_text, data, len);
    receipt->note_text[len] = 0;
    vs_status status = vs_note_parse(&receipt->note, name, receipt->note_text, len, error);
    if (status == VS_OK) {
        status = read_text(receipt, name, error);
    }
    if (status != VS_OK) {
        vs_receipt_clear(receipt);
    }
    return status;
}

/* ---- the list ---- */

static vs_status bad_line(const char *name, size_t line, vs_error *error) {
    return vs_fail(error, VS_ERR_FORMAT, "%s: line %zu of the receipt's list is not valid", name, line + 1);
}

/* The next word of [*at, end), which a space follows. */
static bool next_word(const char **at, const char *end, const char **word, size_t *len) {
    const char *space = memchr(*at, ' ', (size_t)(end - *at));
    if (space == NULL) {
        return false;
    }
    *word = *at;
    *len = (size_t)(space - *at);
    *at = space + 1;
    return true;
}

static bool read_key(const char **at, const char *end, const char *key) {
    const char *word;
    size_t len;
    return next_word(at, end, &word, &len) && len == strlen(key) && memcmp(word, key, len) == 0;
}

static bool read_contribution(vs_receipt_contribution *c, const char *at, const char *end) {
    const char *digest, *bytes;
    size_t digest_len, bytes_len;
    if (!read_key(&at, end, "contribution") || !next_word(&at, end, &digest, &digest_len) ||
        vs_from_hex(c->digest, VS_HASH_BYTES, digest, digest_len) != VS_OK ||
        !next_word(&at, end, &bytes, &bytes_len) || !vs_note_parse_number(bytes, bytes_len, UINT64_MAX, &c->bytes) ||
        !vs_name_is_valid(at, (size_t)(end - at))) {
        return false;
    }
    memcpy(c->name, at, (size_t)(end - at));
    return true;
}

static bool is_dash(const char *word, size_t len) {
    return len == 1 && word[0] == '-';
}

static bool read_refusal(vs_receipt_refusal *r, const char *at, const char *end) {
    const char *digest, *who;
    size_t digest_len, who_len;
    if (!read_key(&at, end, "refused") || !next_word(&at, end, &digest, &digest_len) ||
        !next_word(&at, end, &who, &who_len)) {
        return false;
    }
    r->has_digest = !is_dash(digest, digest_len);
    if (r->has_digest && vs_from_hex(r->digest, VS_HASH_BYTES, digest, digest_len) != VS_OK) {
        return false;
    }
    if (!is_dash(who, who_len)) {
        if (!vs_identity_name_is_valid(who, who_len)) {
            return false;
        }
        memcpy(r->name, who, who_len);
    }
    size_t len = (size_t)(end - at);
    if (len == 0 || len > VS_MAX_REASON_BYTES || at[0] == ' ' || end[-1] == ' ' || !vs__is_clean(at, len)) {
        return false;
    }
    memcpy(r->reason, at, len);
    return true;
}

static vs_status read_lines(vs_receipt *r, const char *name, const char *at, const char *end, vs_error *error) {
    uint64_t lines = r->contribution_count + r->refusal_count;
    for (uint64_t i = 0; i < lines; i++) {
        const char *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (stop == NULL ||
            !(i < r->contribution_count ? read_contribution(&r->contributions[i], at, stop)
                                        : read_refusal(&r->refusals[i - r->contribution_count], at, stop))) {
            return bad_line(name, (size_t)i, error);
        }
        at = stop + 1;
    }
    return at == end ? VS_OK : vs_fail(error, VS_ERR_FORMAT, "%s: something follows the receipt's list", name);
}

/* Contributors in the order of their ids, each once: one content has one list. */
static vs_status check_order(const vs_receipt *r, const char *name, vs_error *error) {
    uint8_t sid[VS_HASH_BYTES], before[VS_ID_BYTES] = {0}, id[VS_ID_BYTES];
    vs_session_id(sid, r->plan_id, r->period, r->attempt);
    for (uint64_t i = 0; i < r->contribution_count; i++) {
        vs_contributor_id(id, sid, r->contributions[i].name);
        if (i > 0 && !VS_GUARD(receipt_contributor_once, memcmp(before, id, VS_ID_BYTES) < 0)) {
            return vs_fail(error, VS_ERR_FORMAT, "%s: the receipt's list is not in order, or names somebody twice",
                           name);
        }
        memcpy(before, id, VS_ID_BYTES);
    }
    return VS_OK;
}

static vs_status check_hashes(const vs_receipt *r, const char *name, vs_error *error) {
    uint8_t root[VS_HASH_BYTES], refused[VS_HASH_BYTES];
    vs__receipt_root(root, r->contributions, r->contribution_count);
    vs__refused_hash(refused, r->refusals, r->refusal_count);
    if (!VS_GUARD(receipt_list, vs_equal(root, r->root, VS_HASH_BYTES)) ||
        !VS_GUARD(receipt_refused_list, vs_equal(refused, r->refused_hash, VS_HASH_BYTES))) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s: the receipt's list is not the one that was signed", name);
        vs_hint(error, "get it again from who made it");
        return VS_ERR_AUTH;
    }
    return VS_OK;
}

/* Memory follows the lines that are there, not the counts that are claimed. */
static vs_status make_room(vs_receipt *r, const char *name, const char *data, size_t len, vs_error *error) {
    uint64_t lines = 0;
    for (size_t i = 0; i < len; i++) {
        lines += data[i] == '\n';
    }
    if (r->contribution_count > lines || r->refusal_count != lines - r->contribution_count) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: the receipt's list has another length than is signed", name);
    }
    r->contributions = calloc((size_t)r->contribution_count + 1, sizeof *r->contributions);
    r->refusals = calloc((size_t)r->refusal_count + 1, sizeof *r->refusals);
    return r->contributions == NULL || r->refusals == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

vs_status vs_receipt_parse_list(vs_receipt *receipt, const char *name, const char *data, size_t len, vs_error *error) {
    VS_CHECK(receipt->contributions == NULL);
    vs_status status = make_room(receipt, name, data, len, error);
    if (status == VS_OK) {
        status = read_lines(receipt, name, data, data + len, error);
    }
    if (status == VS_OK) {
        status = check_order(receipt, name, error);
    }
    if (status == VS_OK) {
        status = check_hashes(receipt, name, error);
    }
    if (status != VS_OK) {
        free(receipt->contributions);
        free(receipt->refusals);
        receipt->contributions = NULL;
        receipt->refusals = NULL;
    }
    return status;
}

/* ---- the whole ---- */

vs_status vs_receipt_split(size_t *note_len, const char *name, const char *data, size_t len, vs_error *error) {
    const char *text_end = len == 0 ? NULL : memmem(data, len, "\n\n", 2);
    const char *signatures = text_end == NULL ? NULL : text_end + 2;
    const char *end = signatures == NULL ? NULL : memmem(signatures, (size_t)(data + len - signatures), "\n\n", 2);
    if (end == NULL) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s: not a receipt with its list", name);
        vs_hint(error, "receipts are made by 'veilsum combine --receipt' and 'veilsum verify --receipt'");
        return VS_ERR_FORMAT;
    }
    *note_len = (size_t)(end + 1 - data);
    return VS_OK;
}

vs_status vs_receipt_parse(vs_receipt *receipt, const char *name, const char *data, size_t len, vs_error *error) {
    size_t note_len = 0;
    *receipt = (vs_receipt){.attempt = 0};
    if (len > VS_MAX_RECEIPT_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: larger than a receipt may be", name);
    }
    vs_status status = vs_receipt_split(&note_len, name, data, len, error);
    if (status == VS_OK) {
        status = vs_receipt_parse_note(receipt, name, data, note_len, error);
    }
    if (status == VS_OK) {
        status = vs_receipt_parse_list(receipt, name, data + note_len + 1, len - note_len - 1, error);
    }
    if (status != VS_OK) {
        vs_receipt_clear(receipt);
    }
    return status;
}
