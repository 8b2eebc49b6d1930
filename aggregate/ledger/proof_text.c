/* Proofs as texts. */
#include <stdio.h>
#include <string.h>

#include "aggregate/ledger/proof.h"
#include "crypto/base64.h"
#include "crypto/text.h"

#define HASH_TEXT VS__BASE64_LEN(VS_HASH_BYTES)

/* ---- writing ---- */

static vs_status put(const vs_sink *sink, const void *data, size_t len, vs_error *error) {
    return sink->write(sink->context, data, len, error);
}

static vs_status put_line(const vs_sink *sink, const char *text, vs_error *error) {
    vs_status status = put(sink, text, strlen(text), error);
    return status == VS_OK ? put(sink, "\n", 1, error) : status;
}

static vs_status put_hashes(const vs_sink *sink, const char *before, const vs_tree_proof *path, vs_error *error) {
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < path->count; i++) {
        char line[HASH_TEXT + 8], hash[HASH_TEXT + 1];
        vs__base64_encode(hash, path->hashes[i], VS_HASH_BYTES);
        (void)snprintf(line, sizeof line, "%s%s", before, hash);
        status = put_line(sink, line, error);
    }
    return status;
}

/* An empty line, and a note. */
static vs_status put_note(const vs_sink *sink, const vs_text *note, vs_error *error) {
    vs_status status = put(sink, "\n", 1, error);
    return status == VS_OK ? put(sink, note->data, note->len, error) : status;
}

vs_status vs_entry_proof_write(const vs_entry_proof *proof, const vs_sink *sink, vs_error *error) {
    char lines[64];
    (void)snprintf(lines, sizeof lines, VS_ENTRY_PROOF_TITLE "\nindex %llu", (unsigned long long)proof->index);
    vs_status status = put_line(sink, lines, error);
    if (status == VS_OK) {
        status = put_hashes(sink, "", &proof->path, error);
    }
    return status == VS_OK ? put_note(sink, &proof->checkpoint, error) : status;
}

vs_status vs_contribution_proof_write(const vs_contribution_proof *proof, const vs_sink *sink, vs_error *error) {
    char lines[256], digest[2 * VS_HASH_BYTES + 1];
    vs_to_hex(digest, proof->contribution.digest, VS_HASH_BYTES);
    (void)snprintf(lines, sizeof lines, VS_CONTRIBUTION_PROOF_TITLE "\ncontribution %s %llu %s\nposition %llu", digest,
                   (unsigned long long)proof->contribution.bytes, proof->contribution.name,
                   (unsigned long long)proof->position);
    vs_status status = put_line(sink, lines, error);
    if (status == VS_OK) {
        status = put_hashes(sink, "path ", &proof->path, error);
    }
    if (status == VS_OK) {
        status = put_note(sink, &proof->receipt, error);
    }
    if (status == VS_OK) {
        status = put(sink, "\n", 1, error);
    }
    return status == VS_OK ? vs_entry_proof_write(&proof->entry, sink, error) : status;
}

vs_status vs_growth_proof_write(const vs_growth_proof *proof, const vs_sink *sink, vs_error *error) {
    vs_status status = put_line(sink, VS_GROWTH_PROOF_TITLE, error);
    if (status == VS_OK) {
        status = put_hashes(sink, "", &proof->path, error);
    }
    if (status == VS_OK) {
        status = put_note(sink, &proof->old, error);
    }
    return status == VS_OK ? put_note(sink, &proof->now, error) : status;
}

/* ---- reading ---- */

static vs_status bad_proof(const char *name, const char *reason, vs_error *error) {
    return vs_fail(error, VS_ERR_FORMAT, "%s: not a proof: %s", name, reason);
}

/* The lines before the next empty line, their last line end included; the cursor goes behind the empty line. */
static bool next_section(vs_text *section, const char **at, const char *end) {
    const char *border = *at == end ? NULL : memmem(*at, (size_t)(end - *at), "\n\n", 2);
    if (border == NULL) {
        return false;
    }
    *section = (vs_text){*at, (size_t)(border + 1 - *at)};
    *at = border + 2;
    return true;
}

/* A note has one empty line inside, between text and signatures; its end is the next one, or the end of all. */
static bool next_note(vs_text *note, const char **at, const char *end, bool is_last) {
    const char *begin = *at;
    vs_text section;
    if (!next_section(&section, at, end)) {
        return false;
    }
    if (!is_last && !next_section(&section, at, end)) {
        return false;
    }
    *note = (vs_text){begin, (size_t)((is_last ? end : *at - 1) - begin)};
    if (is_last) {
        *at = end;
    }
    return true;
}

/* The rest of a section: hashes, each a line behind `before`. */
static bool read_hashes(vs_tree_proof *path, const char *at, const char *end, const char *before) {
    const size_t skip = strlen(before);
    path->count = 0;
    while (at < end) {
        size_t got = 0;
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL || path->count == VS_MAX_TREE_PROOF || (size_t)(stop - at) != skip + HASH_TEXT ||
            memcmp(at, before, skip) != 0 ||
            !vs__base64_decode(path->hashes[path->count++], VS_HASH_BYTES, &got, at + skip, HASH_TEXT) ||
            got != VS_HASH_BYTES) {
            return false;
        }
        at = stop + 1;
    }
    return true;
}

static bool begins_with(const char *data, size_t len, const char *title) {
    size_t n = strlen(title);
    return len > n && memcmp(data, title, n) == 0 && data[n] == '\n';
}

vs_status vs_proof_kind_of(vs_proof_kind *kind, const char *name, const char *data, size_t len, vs_error *error) {
    if (len > VS_MAX_PROOF_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: larger than a proof may be", name);
    }
    if (begins_with(data, len, VS_ENTRY_PROOF_TITLE)) {
        *kind = VS_PROOF_ENTRY;
    } else if (begins_with(data, len, VS_CONTRIBUTION_PROOF_TITLE)) {
        *kind = VS_PROOF_CONTRIBUTION;
    } else if (begins_with(data, len, VS_GROWTH_PROOF_TITLE)) {
        *kind = VS_PROOF_GROWTH;
    } else {
        (void)bad_proof(name, "its first line is that of none", error);
        vs_hint(error, "'veilsum ledger prove' makes proofs");
        return VS_ERR_FORMAT;
    }
    return VS_OK;
}

vs_status vs_entry_proof_parse(vs_entry_proof *proof, const char *name, const char *data, size_t len, vs_error *error) {
    const char *at = data;
    vs_text head;
    if (len > VS_MAX_PROOF_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: larger than a proof may be", name);
    }
    if (!next_section(&head, &at, data + len)) {
        return bad_proof(name, "it is cut off", error);
    }
    vs_note_cursor cursor = vs_note_cursor_begin(name, head.data, head.len);
    vs_status status = vs_note_line(&cursor, VS_ENTRY_PROOF_TITLE, error);
    if (status == VS_OK) {
        status = vs_note_number(&cursor, "index", VS_MAX_TREE_SIZE, &proof->index, error);
    }
    if (status == VS_OK && !read_hashes(&proof->path, cursor.at, cursor.end, "")) {
        status = bad_proof(name, "a hash is damaged, or there are too many", error);
    }
    proof->checkpoint = (vs_text){at, (size_t)(data + len - at)};
    return status;
}

/* "contribution HEX BYTES NAME" */
static vs_status read_contribution(vs_receipt_contribution *c, vs_note_cursor *cursor, vs_error *error) {
    const size_t hex = 2 * VS_HASH_BYTES;
    const char *value = NULL;
    size_t len = 0;
    vs_status status = vs_note_field(cursor, "contribution", &value, &len, error);
    if (status != VS_OK) {
        return status;
    }
    const char *end = value + len, *number = value + hex + 1;
    const char *space = len <= hex + 1 ? NULL : memchr(number, ' ', (size_t)(end - number));
    size_t name_len = space == NULL ? 0 : (size_t)(end - space - 1);
    if (space == NULL || value[hex] != ' ' || vs_from_hex(c->digest, VS_HASH_BYTES, value, hex) != VS_OK ||
        !vs_note_parse_number(number, (size_t)(space - number), UINT64_MAX, &c->bytes) ||
        !vs_name_is_valid(space + 1, name_len)) {
        return bad_proof(cursor->name, "the line about the contribution is not valid", error);
    }
    memcpy(c->name, space + 1, name_len);
    c->name[name_len] = 0;
    return VS_OK;
}

vs_status vs_contribution_proof_parse(vs_contribution_proof *proof, const char *name, const char *data, size_t len,
                                      vs_error *error) {
    const char *at = data, *end = data + len;
    vs_text head;
    if (len > VS_MAX_PROOF_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: larger than a proof may be", name);
    }
    if (!next_section(&head, &at, end) || !next_note(&proof->receipt, &at, end, false)) {
        return bad_proof(name, "it is cut off", error);
    }
    vs_note_cursor cursor = vs_note_cursor_begin(name, head.data, head.len);
    vs_status status = vs_note_line(&cursor, VS_CONTRIBUTION_PROOF_TITLE, error);
    if (status == VS_OK) {
        status = read_contribution(&proof->contribution, &cursor, error);
    }
    if (status == VS_OK) {
        status = vs_note_number(&cursor, "position", VS_MAX_TREE_SIZE, &proof->position, error);
    }
    if (status == VS_OK && !read_hashes(&proof->path, cursor.at, cursor.end, "path ")) {
        status = bad_proof(name, "a hash is damaged, or there are too many", error);
    }
    return status == VS_OK ? vs_entry_proof_parse(&proof->entry, name, at, (size_t)(end - at), error) : status;
}

vs_status vs_growth_proof_parse(vs_growth_proof *proof, const char *name, const char *data, size_t len,
                                vs_error *error) {
    const char *at = data, *end = data + len;
    vs_text head;
    if (len > VS_MAX_PROOF_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: larger than a proof may be", name);
    }
    if (!next_section(&head, &at, end) || !next_note(&proof->old, &at, end, false) ||
        !next_note(&proof->now, &at, end, true)) {
        return bad_proof(name, "it is cut off", error);
    }
    vs_note_cursor cursor = vs_note_cursor_begin(name, head.data, head.len);
    vs_status status = vs_note_line(&cursor, VS_GROWTH_PROOF_TITLE, error);
    if (status == VS_OK && !read_hashes(&proof->path, cursor.at, cursor.end, "")) {
        status = bad_proof(name, "a hash is damaged, or there are too many", error);
    }
    return status;
}
