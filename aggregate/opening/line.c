#include "aggregate/opening/line.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/guard.h"

#define TITLE "veilsum line of plans"
#define BLOB_PREFIX "lines/"
#define BLOB_BYTES (sizeof BLOB_PREFIX + 2 * VS_HASH_BYTES)
#define REPLACES "replaces "
#define REPLACES_BYTES (sizeof REPLACES - 1 + 2 * VS_HASH_BYTES + 1) /* of a line */
#define MAX_LINE_BYTES 65536u

static void line_blob(char out[BLOB_BYTES], const uint8_t plan_id[VS_HASH_BYTES]) {
    memcpy(out, BLOB_PREFIX, sizeof BLOB_PREFIX);
    vs_to_hex(out + sizeof BLOB_PREFIX - 1, plan_id, VS_HASH_BYTES);
}

static char *put_hash(char *at, const char *key, const uint8_t hash[VS_HASH_BYTES]) {
    size_t len = strlen(key);
    memcpy(at, key, len);
    vs_to_hex(at + len, hash, VS_HASH_BYTES);
    at[len + 2 * VS_HASH_BYTES] = '\n';
    return at + len + 2 * VS_HASH_BYTES + 1;
}

static vs_status write_line(const vs_folder *folder, const char *blob, const vs_identity *opener, const vs_plan *plan,
                            vs_error *error) {
    char *text = malloc(sizeof TITLE + (plan->replaces_count + 1) * REPLACES_BYTES), *note = NULL;
    size_t len = 0;
    if (text == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(text, TITLE "\n", sizeof TITLE);
    char *at = put_hash(text + sizeof TITLE, "plan ", plan->id);
    for (size_t i = 0; i < plan->replaces_count; i++) {
        at = put_hash(at, REPLACES, plan->replaces[i]);
    }
    vs_status status = vs_note_sign(&note, &len, text, (size_t)(at - text), opener, error);
    if (status == VS_OK) {
        status = folder->write(folder->context, blob, note, len, error);
    }
    free(note);
    free(text);
    return status;
}

vs_status vs_line_keep(const vs_folder *folder, const vs_identity *opener, const vs_plan *plan, vs_error *error) {
    char blob[BLOB_BYTES];
    bool there = false;
    if (plan->replaces_count == 0) {
        return VS_OK;
    }
    line_blob(blob, plan->id);
    vs_status status = folder->exists(folder->context, blob, &there, error);
    return status == VS_OK && !there ? write_line(folder, blob, opener, plan, error) : status;
}

/* ---- reading ---- */

static vs_status search(bool *shared, const vs_note *note, const char *name, const vs_plan *plan,
                        const uint8_t other[VS_HASH_BYTES], vs_error *error) {
    uint8_t id[VS_HASH_BYTES];
    vs_note_cursor cursor = vs_note_cursor_begin(name, note->text, note->text_len);
    vs_status status = vs_note_line(&cursor, TITLE, error);
    if (status == VS_OK) {
        status = vs_note_hash(&cursor, "plan", id, error);
    }
    if (status == VS_OK && memcmp(id, other, VS_HASH_BYTES) != 0) {
        status = vs_fail(error, VS_ERR_AUTH, "%s: the line of another plan", name);
    }
    while (status == VS_OK && vs_note_has_field(&cursor, "replaces")) {
        status = vs_note_hash(&cursor, "replaces", id, error);
        bool met = status == VS_OK && (memcmp(id, plan->id, VS_HASH_BYTES) == 0 || vs_plan_replaces(plan, id));
        *shared = *shared || met;
    }
    return status == VS_OK ? vs_note_end(&cursor, error) : status;
}

static vs_status read_line(bool *shared, const char *blob, const uint8_t *data, size_t len,
                           const vs_public_identity *opener, const vs_plan *plan, const uint8_t other[VS_HASH_BYTES],
                           vs_error *error) {
    vs_note note;
    vs_status status = vs_note_parse(&note, blob, (const char *)data, len, error);
    if (status != VS_OK) {
        return status;
    }
    if (!VS_GUARD(opening_line_signature, vs_note_check(&note, opener) == VS_OK)) {
        status = vs_fail(error, VS_ERR_AUTH, "%s: not what the book's opener has signed", blob);
        vs_hint(error, "restore the book from a backup");
    } else {
        status = search(shared, &note, blob, plan, other, error);
    }
    vs_note_clear(&note);
    return status;
}

vs_status vs_line_shared(bool *shared, const vs_folder *folder, const vs_public_identity *opener, const vs_plan *plan,
                         const uint8_t other[VS_HASH_BYTES], vs_error *error) {
    char blob[BLOB_BYTES];
    uint8_t *data = NULL;
    size_t len = 0;
    *shared = memcmp(other, plan->id, VS_HASH_BYTES) == 0 || vs_plan_replaces(plan, other);
    if (*shared) {
        return VS_OK;
    }
    line_blob(blob, other);
    vs_status status = folder->read(folder->context, blob, MAX_LINE_BYTES, &data, &len, error);
    if (status == VS_OK && data != NULL) {
        status = read_line(shared, blob, data, len, opener, plan, other, error);
    }
    free(data);
    return status;
}
