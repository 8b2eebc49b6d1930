/* Signed notes: short texts with signatures under them, as C2SP's signed-note specifies and transparency logs use.
 *
 *     veilsum receipt           the text: lines, the first of which says what it is
 *     plan 5f3a…
 *     …
 *                               an empty line
 *     — NAME base64             one line a signature: base64 of key id (4) ‖ Ed25519 over the text, its last line end
 *                               included
 *
 * Plan signatures, receipts, openings and checkpoints are notes, so that a person can read and a stranger's program can
 * check them. A text's lines are `name value`, in one order, which vs_note_field reads strictly: one content has one
 * text.
 *
 * Source: [C2SP-note].
 */
#ifndef VEILSUM_AGGREGATE_NOTE_H
#define VEILSUM_AGGREGATE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"
#include "crypto/hash.h"
#include "crypto/sign/identity.h"

#define VS_MAX_NOTE_BYTES (8u << 20)

typedef struct vs_note_signature {
    const char *name; /* of name_len bytes; borrowed from the note's bytes */
    size_t name_len;
    uint8_t id[VS_IDENTITY_ID_BYTES];
    uint8_t signature[VS_SIGNATURE_BYTES];
} vs_note_signature;

typedef struct vs_note {
    const char *text; /* borrowed from what was parsed; text_len bytes, the last of them a line end */
    size_t text_len;
    vs_note_signature *signatures; /* owned */
    size_t signature_count;
} vs_note;
void vs_note_clear(vs_note *note);

/** Read a whole note: valid UTF-8 without control characters other than line ends, no empty line in the text (so that
 * there is one way to read it), at least one signature line, nothing behind the last. Signatures by keys of another
 * kind than Ed25519 are kept out. `data` must outlive the note. Messages begin with `name`.
 *  Returns: VS_OK, VS_ERR_FORMAT, VS_ERR_LIMIT, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_note_parse(vs_note *note, const char *name, const char *data, size_t len, vs_error *error);

/** Did `who` sign this? Signatures are looked up by name and key id.
 *  Returns: VS_OK; VS_ERR_NOT_READY (there is none by `who`); VS_ERR_AUTH (there is one, and it is not right). No
 * message.
 */
VS_MUST_CHECK vs_status vs_note_check(const vs_note *note, const vs_public_identity *who);

/** The text with a signature by `identity` under it: `*out` is malloc'd, a zero byte after `*len`. The text ends with a
 * line end. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_note_sign(char **out, size_t *len, const char *text, size_t text_len,
                                     const vs_identity *identity, vs_error *error);
/** The signature line alone, with its line end, as another signature of a note: malloc'd. */
VS_MUST_CHECK vs_status vs_note_signature_line(char **out, const char *text, size_t text_len,
                                               const vs_identity *identity, vs_error *error);

/** The line that a signature was read from, with its line end: borrowed from the note's bytes. */
const char *vs_note_line_of(const vs_note_signature *signature, size_t *len);

/* ---- the lines of a text ---- */

typedef struct vs_note_cursor {
    const char *at, *end;
    const char *name; /* for messages */
} vs_note_cursor;
vs_note_cursor vs_note_cursor_begin(const char *name, const char *text, size_t len);

/** The next line must be exactly `line`. VS_OK, VS_ERR_FORMAT. */
VS_MUST_CHECK vs_status vs_note_line(vs_note_cursor *cursor, const char *line, vs_error *error);
/** The next line must be `key` ‖ " " ‖ value: borrowed, not ended by a zero byte; may be empty. */
VS_MUST_CHECK vs_status vs_note_field(vs_note_cursor *cursor, const char *key, const char **value, size_t *len,
                                      vs_error *error);
/** Is the next line one that begins with `key` and a space? */
bool vs_note_has_field(const vs_note_cursor *cursor, const char *key);
/** The same with a value of one kind: 64 lower-case hexadecimal digits; a decimal number in [0, max] without leading
 * zeros; a text of at most cap − 1 bytes, copied and ended. */
VS_MUST_CHECK vs_status vs_note_hash(vs_note_cursor *cursor, const char *key, uint8_t hash[VS_HASH_BYTES],
                                     vs_error *error);
VS_MUST_CHECK vs_status vs_note_number(vs_note_cursor *cursor, const char *key, uint64_t max, uint64_t *number,
                                       vs_error *error);
VS_MUST_CHECK vs_status vs_note_text(vs_note_cursor *cursor, const char *key, char *out, size_t cap, vs_error *error);
/** `key` number hash; and `key` hash number. */
VS_MUST_CHECK vs_status vs_note_counted_hash(vs_note_cursor *cursor, const char *key, uint64_t *number,
                                             uint8_t hash[VS_HASH_BYTES], vs_error *error);
VS_MUST_CHECK vs_status vs_note_hash_and_length(vs_note_cursor *cursor, const char *key, uint8_t hash[VS_HASH_BYTES],
                                                uint64_t *number, vs_error *error);
/** Nothing may be left. */
VS_MUST_CHECK vs_status vs_note_end(const vs_note_cursor *cursor, vs_error *error);

/** A decimal number in [0, max] without sign and leading zeros? For parts of a line's value. */
bool vs_note_parse_number(const char *text, size_t len, uint64_t max, uint64_t *number);

/* ---- times: UTC, to the second ---- */

#define VS_TIME_BYTES 21 /* "2026-11-24T17:00:00Z" and a zero byte */
/** Seconds since 1970-01-01T00:00:00Z, from year 1970 to 9999, as text. */
void vs_time_to_text(char out[VS_TIME_BYTES], int64_t time);
/** Strict inverse. */
bool vs_time_from_text(int64_t *time, const char *text, size_t len);
/** A day "2026-11-24": the time at which it begins. */
bool vs_day_from_text(int64_t *time, const char *text, size_t len);

#endif
