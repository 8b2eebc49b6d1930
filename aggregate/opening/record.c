#include "aggregate/opening/record.h"

#include <stdio.h>
#include <string.h>

size_t vs_opening_record_text(char out[VS_MAX_OPENING_TEXT], const vs_opening_record *record) {
    char plan[2 * VS_HASH_BYTES + 1], names[2 * VS_HASH_BYTES + 1], total[2 * VS_HASH_BYTES + 1], time[VS_TIME_BYTES];
    vs_to_hex(plan, record->plan_id, VS_HASH_BYTES);
    vs_to_hex(names, record->names_hash, VS_HASH_BYTES);
    vs_to_hex(total, record->total_digest, VS_HASH_BYTES);
    vs_time_to_text(time, record->time);
    int len = snprintf(out, VS_MAX_OPENING_TEXT,
                       VS_OPENING_TITLE "\nplan %s\nperiod %s\nattempt %llu\ntime %s\ncontributions %llu %s\n"
                                        "total %s %llu\nby %s\n",
                       plan, record->period, (unsigned long long)record->attempt, time,
                       (unsigned long long)record->contributions, names, total, (unsigned long long)record->total_bytes,
                       record->threshold ? "threshold" : "key");
    VS_CHECK(len > 0 && (size_t)len < VS_MAX_OPENING_TEXT);
    return (size_t)len;
}

/* What is read is what would be written, so the strict reading of the values is enough. */
vs_status vs_opening_record_parse(vs_opening_record *record, const char *name, const char *text, size_t len,
                                  vs_error *error) {
    char time[VS_TIME_BYTES], by[16];
    vs_note_cursor cursor = vs_note_cursor_begin(name, text, len);
    *record = (vs_opening_record){.attempt = 0};
    vs_status status = vs_note_line(&cursor, VS_OPENING_TITLE, error);
    if (status == VS_OK) {
        status = vs_note_hash(&cursor, "plan", record->plan_id, error);
    }
    if (status == VS_OK) {
        status = vs_note_text(&cursor, "period", record->period, sizeof record->period, error);
    }
    if (status == VS_OK) {
        status = vs_note_number(&cursor, "attempt", UINT64_MAX, &record->attempt, error);
    }
    if (status == VS_OK) {
        status = vs_note_text(&cursor, "time", time, sizeof time, error);
    }
    if (status == VS_OK) {
        status = vs_note_counted_hash(&cursor, "contributions", &record->contributions, record->names_hash, error);
    }
    if (status == VS_OK) {
        status = vs_note_hash_and_length(&cursor, "total", record->total_digest, &record->total_bytes, error);
    }
    if (status == VS_OK) {
        status = vs_note_text(&cursor, "by", by, sizeof by, error);
    }
    if (status == VS_OK) {
        status = vs_note_end(&cursor, error);
    }
    if (status != VS_OK) {
        return status;
    }
    record->threshold = strcmp(by, "threshold") == 0;
    bool valid = vs_time_from_text(&record->time, time, strlen(time)) &&
                 (record->threshold || strcmp(by, "key") == 0) &&
                 (record->period[0] == 0 || vs_name_is_valid(record->period, strlen(record->period)));
    return valid ? VS_OK : vs_fail(error, VS_ERR_FORMAT, "%s: not the record of an opening", name);
}
