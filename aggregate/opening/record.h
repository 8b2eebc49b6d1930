/* The record of an opening: a note by which an opener says which total it has opened, or made a part of, and when.
 *
 *     veilsum opening
 *     plan HEX
 *     period 2026-11                  nothing behind the space where there is none
 *     attempt 0
 *     time 2026-11-24T17:00:00Z
 *     contributions 5 HEX             how many, and vs_names_hash of the contributors' names
 *     total HEX 12345                 digest and length of the total
 *     by key                          or threshold: then the opener made a part
 *
 * The names themselves stand beside it, a line each in ascending bytewise order: they are what overlaps are found by.
 */
#ifndef VEILSUM_AGGREGATE_OPENING_RECORD_H
#define VEILSUM_AGGREGATE_OPENING_RECORD_H

#include "aggregate/note/note.h"
#include "aggregate/plan/plan.h"

#define VS_OPENING_TITLE "veilsum opening"

typedef struct vs_opening_record {
    uint8_t plan_id[VS_HASH_BYTES];
    char period[VS_MAX_NAME_BYTES + 1];
    uint64_t attempt;
    int64_t time;
    uint64_t contributions;
    uint8_t names_hash[VS_HASH_BYTES];
    uint8_t total_digest[VS_HASH_BYTES];
    uint64_t total_bytes;
    bool threshold;
} vs_opening_record;

#define VS_MAX_OPENING_TEXT 1024u

/** The text that is signed. Returns its length. */
size_t vs_opening_record_text(char out[VS_MAX_OPENING_TEXT], const vs_opening_record *record);
/** Strict inverse; messages begin with `name`. Returns: VS_OK, VS_ERR_FORMAT. */
VS_MUST_CHECK vs_status vs_opening_record_parse(vs_opening_record *record, const char *name, const char *text,
                                                size_t len, vs_error *error);

/* ---- who contributed ---- */

/* Contributors' names, ascending bytewise and distinct. */
typedef struct vs_names {
    char (*names)[VS_MAX_NAME_BYTES + 1];
    size_t count;
} vs_names;
void vs_names_free(vs_names *names);
/** Room for `count` names, all empty. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_names_new(vs_names *names, size_t count, vs_error *error);
void vs_names_sort(vs_names *names);
/** H("veilsum contributors"; name, name, …). */
void vs_names_hash(uint8_t hash[VS_HASH_BYTES], const vs_names *names);
bool vs_names_equal(const vs_names *a, const vs_names *b);
/** Is there one that both hold? */
bool vs_names_overlap(const vs_names *a, const vs_names *b);
bool vs_names_have(const vs_names *names, const char *name);
/** A line each: malloc'd. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_names_to_text(char **text, size_t *len, const vs_names *names, vs_error *error);
/** Strict inverse, for a list whose hash is known. Returns: VS_OK; VS_ERR_FORMAT (not such a list), VS_ERR_AUTH
 * (another one), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_names_parse(vs_names *names, const char *name, const char *text, size_t len,
                                       const uint8_t hash[VS_HASH_BYTES], vs_error *error);

#endif
