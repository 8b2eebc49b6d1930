#include "aggregate/opening/owner_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"

#define TITLE "veilsum owner record"
#define HASH_DIGITS 16u
#define MAX_LINE (VS_TIME_BYTES + 2 * VS_HASH_BYTES + VS_SKETCH_SIZE * (HASH_DIGITS + 1) + VS_MAX_NAME_BYTES + 64)

/* ---- a line, read ---- */

typedef struct entry {
    int64_t time;
    uint8_t plan_id[VS_HASH_BYTES];
    const char *period;
    size_t period_len;
    vs_sketch sketch; /* rows and hashes only */
} entry;

/* The next word of a value, and the rest behind its space. */
static bool next_word(const char **value, size_t *len, const char **word, size_t *word_len) {
    const char *space = memchr(*value, ' ', *len);
    if (space == NULL) {
        return false;
    }
    *word = *value;
    *word_len = (size_t)(space - *value);
    *value = space + 1;
    *len -= *word_len + 1;
    return true;
}

static bool read_hashes(vs_sketch *sketch, const char *text, size_t len) {
    const size_t step = HASH_DIGITS + 1;
    if ((len + 1) % step != 0 || (len + 1) / step > VS_SKETCH_SIZE) {
        return len == 0;
    }
    sketch->count = (len + 1) / step;
    for (size_t i = 0; i < sketch->count; i++) {
        uint8_t bytes[8];
        uint64_t hash = 0;
        if (vs_from_hex(bytes, sizeof bytes, text + i * step, HASH_DIGITS) != VS_OK ||
            (i + 1 < sketch->count && text[i * step + HASH_DIGITS] != ',')) {
            return false;
        }
        for (unsigned j = 0; j < 8; j++) {
            hash = hash << 8 | bytes[j];
        }
        if (i > 0 && hash <= sketch->hashes[i - 1]) {
            return false;
        }
        sketch->hashes[i] = hash;
    }
    return true;
}

static bool read_entry(entry *e, const char *value, size_t len) {
    const char *time, *plan, *rows, *hashes;
    size_t time_len, plan_len, rows_len, hashes_len;
    *e = (entry){.time = 0};
    if (!next_word(&value, &len, &time, &time_len) || !next_word(&value, &len, &plan, &plan_len) ||
        !next_word(&value, &len, &rows, &rows_len) || !next_word(&value, &len, &hashes, &hashes_len)) {
        return false;
    }
    e->period = value;
    e->period_len = len;
    return len <= VS_MAX_NAME_BYTES && vs_time_from_text(&e->time, time, time_len) &&
           vs_from_hex(e->plan_id, VS_HASH_BYTES, plan, plan_len) == VS_OK &&
           vs_note_parse_number(rows, rows_len, UINT64_MAX, &e->sketch.rows) &&
           read_hashes(&e->sketch, hashes, hashes_len);
}

/* ---- searching ---- */

static void consider(vs_owner_overlap *overlap, const entry *e, const vs_owner_line *line) {
    bool other_plan = memcmp(e->plan_id, line->plan_id, VS_HASH_BYTES) != 0;
    bool other_period = e->period_len != strlen(line->period) || memcmp(e->period, line->period, e->period_len) != 0;
    unsigned percent = other_plan || other_period ? vs_sketch_shared(&e->sketch, line->sketch) : 0;
    if (percent == 0) {
        return;
    }
    overlap->count++;
    /* Another plan weighs more than another period of this one. */
    bool worse = other_plan != overlap->other_plan ? other_plan : percent >= overlap->percent;
    if (worse || overlap->count == 1) {
        overlap->percent = percent;
        overlap->time = e->time;
        overlap->other_plan = other_plan;
        memcpy(overlap->period, e->period, e->period_len);
        overlap->period[e->period_len] = 0;
        memcpy(overlap->plan_id, e->plan_id, VS_HASH_BYTES);
    }
}

vs_status vs_owner_record_search(vs_owner_overlap *overlap, const char *name, const char *text, size_t len,
                                 const vs_owner_line *line, vs_error *error) {
    vs_note_cursor cursor = vs_note_cursor_begin(name, text, len);
    *overlap = (vs_owner_overlap){.count = 0};
    vs_status status = len == 0 ? VS_OK : vs_note_line(&cursor, TITLE, error);
    while (status == VS_OK && cursor.at < cursor.end) {
        const char *value = NULL;
        size_t value_len = 0;
        entry e;
        status = vs_note_field(&cursor, "table", &value, &value_len, error);
        if (status == VS_OK && !read_entry(&e, value, value_len)) {
            status = vs_fail(error, VS_ERR_FORMAT, "%s: a line of the record is damaged", name);
        }
        if (status == VS_OK) {
            consider(overlap, &e, line);
        }
    }
    if (status == VS_ERR_FORMAT) {
        vs_hint(error, "the record only serves warnings: move the file away to begin a new one");
    }
    return status;
}

/* ---- adding ---- */

static size_t write_line(char out[MAX_LINE], const vs_owner_line *line) {
    char time[VS_TIME_BYTES], plan[2 * VS_HASH_BYTES + 1];
    vs_time_to_text(time, line->time);
    vs_to_hex(plan, line->plan_id, VS_HASH_BYTES);
    size_t len =
        (size_t)snprintf(out, MAX_LINE, "table %s %s %llu ", time, plan, (unsigned long long)line->sketch->rows);
    for (size_t i = 0; i < line->sketch->count; i++) {
        len += (size_t)snprintf(out + len, MAX_LINE - len, "%s%016llx", i == 0 ? "" : ",",
                                (unsigned long long)line->sketch->hashes[i]);
    }
    return len + (size_t)snprintf(out + len, MAX_LINE - len, " %s\n", line->period);
}

/* Behind its time a line says all that matters: is one there that says the same? */
static bool is_there(const char *text, size_t len, const char *line, size_t line_len) {
    const size_t top = strlen("table ") + VS_TIME_BYTES - 1;
    for (const char *at = text, *end = text + len; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t found = stop == NULL ? (size_t)(end - at) : (size_t)(stop - at) + 1;
        if (found == line_len && memcmp(at + top, line + top, line_len - top) == 0) {
            return true;
        }
        at += found;
    }
    return false;
}

vs_status vs_owner_record_add(char **out, size_t *out_len, const char *text, size_t len, const vs_owner_line *line,
                              vs_error *error) {
    char added[MAX_LINE];
    size_t added_len = write_line(added, line);
    *out = NULL;
    *out_len = 0;
    if (len == 0) {
        text = TITLE "\n";
        len = strlen(text);
    }
    if (len + added_len > VS_MAX_OWNER_RECORD_BYTES) {
        (void)vs_fail(error, VS_ERR_LIMIT, "the record of contributions is full");
        vs_hint(error, "move the file away to begin a new one");
        return VS_ERR_LIMIT;
    }
    char *grown = malloc(len + added_len + 1);
    if (grown == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(grown, text, len);
    if (!is_there(text, len, added, added_len)) {
        memcpy(grown + len, added, added_len);
        len += added_len;
    }
    grown[len] = 0;
    *out = grown;
    *out_len = len;
    return VS_OK;
}
