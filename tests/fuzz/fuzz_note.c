/* Signed notes, and signatures under a plan: any bytes as both. */
#include <stdlib.h>

#include "aggregate/note/note.h"
#include "aggregate/plan/plan_signatures.h"
#include "tests/fuzz/fuzz.h"

/* The identity ORANGE of the test vectors: its signature is one of those in the corpus. */
#define ORANGE "ORANGE+93668663+AXQP4aI5rFjh9IuJ9idaw4NX0D0sjs0UxHzzf7a46Iiw"
/* The plan that they signed; the fuzzed plan takes its id, so that signatures are reached. */
#define PLAN_ID "48c2eeef7c96e122c7a95006e8fe5ac0a4019762c62866c02994f9e71a29d7b5"
static vs_plan *kept;

static void check_note(const vs_note *note, const char *data, size_t size) {
    VS_CHECK(note->text == data && note->text_len > 0 && note->text_len < size);
    VS_CHECK(data[note->text_len - 1] == '\n' && data[note->text_len] == '\n');
    for (size_t i = 0; i < note->signature_count; i++) {
        const vs_note_signature *s = &note->signatures[i];
        size_t len;
        const char *line = vs_note_line_of(s, &len);
        VS_CHECK(line > data + note->text_len && line + len <= data + size && line[len - 1] == '\n');
        VS_CHECK(vs_identity_name_is_valid(s->name, s->name_len));
    }
}

/* Each line of the text, as whatever it may be. */
static void read_lines(const vs_note *note) {
    static const char *const keys[] = {"id", "plan", "number", "hash", "time", "total"};
    vs_note_cursor cursor = vs_note_cursor_begin("note", note->text, note->text_len);
    const char *before = NULL;
    while (cursor.at != before) {
        before = cursor.at;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            const char *value;
            size_t len;
            uint64_t number;
            int64_t time;
            char again[VS_TIME_BYTES];
            if (vs_note_field(&cursor, keys[i], &value, &len, NULL) != VS_OK) {
                continue;
            }
            VS_CHECK(memchr(value, '\n', len) == NULL);
            if (vs_note_parse_number(value, len, UINT64_MAX, &number)) {
                VS_CHECK(len <= 20 && (len == 1 || value[0] != '0'));
            }
            if (vs_time_from_text(&time, value, len)) {
                vs_time_to_text(again, time);
                VS_CHECK(memcmp(again, value, len) == 0);
            }
        }
    }
}

static void merge(const vs_plan *plan, const char *text, size_t len) {
    vs_error error = {0};
    char *out = NULL, *again = NULL;
    size_t out_len, again_len, added;
    vs_status status =
        vs_plan_signatures_merge(&out, &out_len, plan, "merged", NULL, 0, "note", text, len, &added, &error);
    fuzz_check_status(status, &error);
    VS_CHECK((out != NULL) == (added > 0));
    if (out != NULL) {
        VS_CHECK(vs_plan_signatures_merge(&again, &again_len, plan, "merged", out, out_len, "note", text, len, &added,
                                          &error) == VS_OK);
        VS_CHECK(added == 0 && again == NULL);
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    const vs_plan *plan = fuzz_plan(
        &kept, "{\"veilsum\": 1, \"vector\": {\"length\": 1, \"scale\": 0, \"min\": 0, \"max\": 9}, \"contributors\": "
               "{\"min\": 1}, \"roster\": [{\"identity\": \"" ORANGE
               "\", \"organisation\": \"o\", \"may\": [\"contribute\"]}], " FUZZ_OPENING "}");
    VS_CHECK(vs_from_hex(kept->id, VS_HASH_BYTES, PLAN_ID, 2 * VS_HASH_BYTES) == VS_OK);
    const char *text = (const char *)data;
    vs_error error = {0};
    vs_note note;
    size_t count = 0;
    vs_status status = vs_note_parse(&note, "note", text, size, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        check_note(&note, text, size);
        read_lines(&note);
    }
    vs_note_clear(&note);
    error = (vs_error){0};
    vs_status signatures = vs_plan_signatures_check(plan, "note", text, size, &count, &error);
    fuzz_check_status(signatures, &error);
    VS_CHECK(status == VS_OK || signatures == status);
    VS_CHECK(signatures != VS_OK || count == 1);
    merge(plan, text, size);
    return 0;
}
