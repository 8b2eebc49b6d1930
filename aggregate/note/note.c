#include "aggregate/note/note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base64.h"
#include "crypto/text.h"

#define DASH "\xe2\x80\x94 "     /* an em dash and a space begin a signature line */
#define SIGNATURE_TEXT_BYTES 92u /* base64 of id ‖ signature */
#define MAX_SIGNATURES (1u << 16)

void vs_note_clear(vs_note *note) {
    free(note->signatures);
    *note = (vs_note){0};
}

static vs_status bad_note(const char *name, const char *reason, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "%s: not a signed note: %s", name, reason);
    return VS_ERR_FORMAT;
}

/* Clean line by line; text and signatures are apart by the only empty line. */
static vs_status split(vs_note *note, const char *name, const char *data, size_t len, vs_error *error) {
    if (len > VS_MAX_NOTE_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: larger than a signed note may be", name);
    }
    if (len == 0 || data[len - 1] != '\n') {
        return bad_note(name, "its last line is cut off", error);
    }
    for (const char *at = data, *end = data + len; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!vs__is_clean(at, (size_t)(stop - at))) {
            return bad_note(name, "it holds control characters, or is not UTF-8", error);
        }
        at = stop + 1;
    }
    const char *border = memmem(data, len, "\n\n", 2);
    if (border == NULL) {
        return bad_note(name, "no empty line stands between text and signatures", error);
    }
    note->text = data;
    note->text_len = (size_t)(border + 1 - data);
    return VS_OK;
}

/* "— NAME base64". `*known` = 0 where the signature is of another kind than ours. */
static bool read_signature(vs_note_signature *signature, const char *line, size_t len, bool *known) {
    uint8_t bytes[VS_IDENTITY_ID_BYTES + VS_SIGNATURE_BYTES];
    const size_t dash = strlen(DASH);
    if (len < dash || memcmp(line, DASH, dash) != 0) {
        return false;
    }
    const char *name = line + dash, *space = memchr(name, ' ', len - dash);
    if (space == NULL || !vs_identity_name_is_valid(name, (size_t)(space - name))) {
        return false;
    }
    const char *text = space + 1;
    size_t text_len = (size_t)(line + len - text), got = 0;
    *known = text_len == SIGNATURE_TEXT_BYTES && vs__base64_decode(bytes, sizeof bytes, &got, text, text_len) &&
             got == sizeof bytes;
    if (!*known) { /* a longer or shorter signature of a key that is not Ed25519, if it is base64 at all */
        return text_len > 0 && vs__base64_is_canonical(text, text_len);
    }
    *signature = (vs_note_signature){.name = name, .name_len = (size_t)(space - name)};
    memcpy(signature->id, bytes, VS_IDENTITY_ID_BYTES);
    memcpy(signature->signature, bytes + VS_IDENTITY_ID_BYTES, VS_SIGNATURE_BYTES);
    return true;
}

static vs_status read_signatures(vs_note *note, const char *name, const char *at, const char *end, vs_error *error) {
    size_t lines = 0;
    for (const char *c = at; c < end; c++) {
        lines += *c == '\n';
    }
    if (lines == 0) {
        return bad_note(name, "nobody has signed it", error);
    }
    if (lines > MAX_SIGNATURES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: more signatures than are read", name);
    }
    note->signatures = calloc(lines, sizeof *note->signatures);
    if (note->signatures == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        bool known = false;
        if (!read_signature(&note->signatures[note->signature_count], at, (size_t)(stop - at), &known)) {
            return bad_note(name, "a signature line is damaged", error);
        }
        note->signature_count += known;
        at = stop + 1;
    }
    return VS_OK;
}

vs_status vs_note_parse(vs_note *note, const char *name, const char *data, size_t len, vs_error *error) {
    *note = (vs_note){0};
    vs_status status = split(note, name, data, len, error);
    if (status == VS_OK) {
        status = read_signatures(note, name, data + note->text_len + 1, data + len, error);
    }
    if (status != VS_OK) {
        vs_note_clear(note);
    }
    return status;
}

vs_status vs_note_check(const vs_note *note, const vs_public_identity *who) {
    vs_status status = VS_ERR_NOT_READY;
    for (size_t i = 0; i < note->signature_count; i++) {
        const vs_note_signature *s = &note->signatures[i];
        if (s->name_len == strlen(who->name) && memcmp(s->name, who->name, s->name_len) == 0 &&
            memcmp(s->id, who->id, sizeof s->id) == 0) {
            status = vs_signature_check(who->key, s->signature, note->text, note->text_len);
            if (status != VS_OK) {
                return status;
            }
        }
    }
    return status;
}

const char *vs_note_line_of(const vs_note_signature *signature, size_t *len) {
    *len = strlen(DASH) + signature->name_len + 1 + SIGNATURE_TEXT_BYTES + 1;
    return signature->name - strlen(DASH);
}

/* ---- signing ---- */

/* Writes the line and a zero byte; returns its length. */
static size_t write_line(char *out, const char *text, size_t text_len, const vs_identity *identity) {
    const vs_public_identity *who = vs_identity_public(identity);
    uint8_t bytes[VS_IDENTITY_ID_BYTES + VS_SIGNATURE_BYTES];
    memcpy(bytes, who->id, VS_IDENTITY_ID_BYTES);
    vs_sign(identity, bytes + VS_IDENTITY_ID_BYTES, text, text_len);
    size_t len = (size_t)sprintf(out, DASH "%s ", who->name);
    vs__base64_encode(out + len, bytes, sizeof bytes);
    len += SIGNATURE_TEXT_BYTES;
    out[len++] = '\n';
    out[len] = 0;
    return len;
}

#define MAX_LINE (sizeof DASH + VS_MAX_IDENTITY_NAME + 1 + SIGNATURE_TEXT_BYTES + 2)

vs_status vs_note_signature_line(char **out, const char *text, size_t text_len, const vs_identity *identity,
                                 vs_error *error) {
    *out = malloc(MAX_LINE);
    if (*out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    (void)write_line(*out, text, text_len, identity);
    return VS_OK;
}

vs_status vs_note_sign(char **out, size_t *len, const char *text, size_t text_len, const vs_identity *identity,
                       vs_error *error) {
    VS_CHECK(text_len > 0 && text[text_len - 1] == '\n');
    *out = malloc(text_len + 1 + MAX_LINE);
    *len = 0;
    if (*out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(*out, text, text_len);
    (*out)[text_len] = '\n';
    *len = text_len + 1 + write_line(*out + text_len + 1, text, text_len, identity);
    return VS_OK;
}

/* ---- the lines of a text ---- */

vs_note_cursor vs_note_cursor_begin(const char *name, const char *text, size_t len) {
    return (vs_note_cursor){.at = text, .end = text + len, .name = name};
}

/* The next line of a cursor, which stays where it is; false at the end. */
static bool peek(const vs_note_cursor *cursor, const char **line, size_t *len) {
    if (cursor->at == cursor->end) {
        return false;
    }
    const char *stop = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));
    *line = cursor->at;
    *len = (size_t)((stop == NULL ? cursor->end : stop) - cursor->at);
    return stop != NULL;
}

vs_status vs_note_line(vs_note_cursor *cursor, const char *line, vs_error *error) {
    const char *found;
    size_t len;
    if (!peek(cursor, &found, &len) || len != strlen(line) || memcmp(found, line, len) != 0) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: a line \"%s\" was expected", cursor->name, line);
    }
    cursor->at += len + 1;
    return VS_OK;
}

bool vs_note_has_field(const vs_note_cursor *cursor, const char *key) {
    const char *line = NULL;
    size_t len = 0, key_len = strlen(key);
    return peek(cursor, &line, &len) && len > key_len && memcmp(line, key, key_len) == 0 && line[key_len] == ' ';
}

vs_status vs_note_field(vs_note_cursor *cursor, const char *key, const char **value, size_t *len, vs_error *error) {
    const char *line = NULL;
    size_t line_len = 0, key_len = strlen(key);
    if (!vs_note_has_field(cursor, key)) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: a line \"%s …\" was expected", cursor->name, key);
    }
    (void)peek(cursor, &line, &line_len);
    *value = line + key_len + 1;
    *len = line_len - key_len - 1;
    cursor->at += line_len + 1;
    return VS_OK;
}

static vs_status bad_value(const vs_note_cursor *cursor, const char *key, vs_error *error) {
    return vs_fail(error, VS_ERR_FORMAT, "%s: the value of the line \"%s …\" is not valid", cursor->name, key);
}

vs_status vs_note_hash(vs_note_cursor *cursor, const char *key, uint8_t hash[VS_HASH_BYTES], vs_error *error) {
    const char *value;
    size_t len;
    vs_status status = vs_note_field(cursor, key, &value, &len, error);
    if (status == VS_OK && vs_from_hex(hash, VS_HASH_BYTES, value, len) != VS_OK) {
        status = bad_value(cursor, key, error);
    }
    return status;
}

bool vs_note_parse_number(const char *text, size_t len, uint64_t max, uint64_t *number) {
    uint64_t value = 0;
    if (len == 0 || len > 20 || (len > 1 && text[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = 10 * value + digit;
    }
    *number = value;
    return value <= max;
}

vs_status vs_note_number(vs_note_cursor *cursor, const char *key, uint64_t max, uint64_t *number, vs_error *error) {
    const char *value;
    size_t len;
    vs_status status = vs_note_field(cursor, key, &value, &len, error);
    if (status == VS_OK && !vs_note_parse_number(value, len, max, number)) {
        status = bad_value(cursor, key, error);
    }
    return status;
}

vs_status vs_note_text(vs_note_cursor *cursor, const char *key, char *out, size_t cap, vs_error *error) {
    const char *value;
    size_t len;
    vs_status status = vs_note_field(cursor, key, &value, &len, error);
    if (status == VS_OK && len >= cap) {
        status = bad_value(cursor, key, error);
    }
    if (status == VS_OK) {
        memcpy(out, value, len);
        out[len] = 0;
    }
    return status;
}

vs_status vs_note_counted_hash(vs_note_cursor *cursor, const char *key, uint64_t *number, uint8_t hash[VS_HASH_BYTES],
                               vs_error *error) {
    const size_t hex = 2 * VS_HASH_BYTES;
    const char *value;
    size_t len;
    vs_status status = vs_note_field(cursor, key, &value, &len, error);
    if (status == VS_OK && (len < hex + 2 || value[len - hex - 1] != ' ' ||
                            !vs_note_parse_number(value, len - hex - 1, UINT64_MAX, number) ||
                            vs_from_hex(hash, VS_HASH_BYTES, value + len - hex, hex) != VS_OK)) {
        status = bad_value(cursor, key, error);
    }
    return status;
}

vs_status vs_note_hash_and_length(vs_note_cursor *cursor, const char *key, uint8_t hash[VS_HASH_BYTES],
                                  uint64_t *number, vs_error *error) {
    const size_t hex = 2 * VS_HASH_BYTES;
    const char *value;
    size_t len;
    vs_status status = vs_note_field(cursor, key, &value, &len, error);
    if (status == VS_OK && (len < hex + 2 || value[hex] != ' ' ||
                            !vs_note_parse_number(value + hex + 1, len - hex - 1, UINT64_MAX, number) ||
                            vs_from_hex(hash, VS_HASH_BYTES, value, hex) != VS_OK)) {
        status = bad_value(cursor, key, error);
    }
    return status;
}

vs_status vs_note_end(const vs_note_cursor *cursor, vs_error *error) {
    if (cursor->at != cursor->end) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: something follows its last line", cursor->name);
    }
    return VS_OK;
}
