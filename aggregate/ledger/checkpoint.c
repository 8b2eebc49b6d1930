#include "aggregate/ledger/checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "crypto/base64.h"
#include "crypto/guard.h"

#define ROOT_TEXT VS__BASE64_LEN(VS_HASH_BYTES)

void vs_checkpoint_origin(char out[VS_MAX_ORIGIN + 1], const char *name, const char *label) {
    int len = snprintf(out, VS_MAX_ORIGIN + 1, label == NULL ? "%s" : "%s/%s", name, label);
    VS_CHECK(len > 0 && (size_t)len <= VS_MAX_ORIGIN);
}

vs_status vs_checkpoint_sign(char **out, size_t *len, const vs_checkpoint *checkpoint, const vs_identity *keeper,
                             vs_error *error) {
    char text[VS_MAX_ORIGIN + 20 + ROOT_TEXT + 4], root[ROOT_TEXT + 1];
    vs__base64_encode(root, checkpoint->root, VS_HASH_BYTES);
    int n =
        snprintf(text, sizeof text, "%s\n%llu\n%s\n", checkpoint->origin, (unsigned long long)checkpoint->size, root);
    return vs_note_sign(out, len, text, (size_t)n, keeper, error);
}

/* The next line of the text, which ends with a line end; its length, or 0 where there is none. */
static size_t next_line(const char **line, const char **at, const char *end) {
    const char *stop = *at == end ? NULL : memchr(*at, '\n', (size_t)(end - *at));
    if (stop == NULL) {
        return 0;
    }
    *line = *at;
    *at = stop + 1;
    return (size_t)(stop - *line);
}

static bool parse_text(vs_checkpoint *checkpoint, const char *text, size_t text_len) {
    const char *at = text, *end = text + text_len, *line = NULL;
    size_t got = 0, len = next_line(&line, &at, end);
    if (len == 0 || len > VS_MAX_ORIGIN) {
        return false;
    }
    memcpy(checkpoint->origin, line, len);
    checkpoint->origin[len] = 0;
    len = next_line(&line, &at, end);
    if (!vs_note_parse_number(line, len, VS_MAX_TREE_SIZE, &checkpoint->size)) {
        return false;
    }
    len = next_line(&line, &at, end);
    return len == ROOT_TEXT && vs__base64_decode(checkpoint->root, VS_HASH_BYTES, &got, line, len) &&
           got == VS_HASH_BYTES && at == end;
}

static vs_status check_keeper(const vs_note *note, const vs_checkpoint *checkpoint, const char *name,
                              const vs_public_identity *keeper, const char *label, vs_error *error) {
    char origin[VS_MAX_ORIGIN + 1];
    vs_checkpoint_origin(origin, keeper->name, label);
    if (!VS_GUARD(ledger_checkpoint_origin, strcmp(origin, checkpoint->origin) == 0)) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "%s: the checkpoint of another ledger", name);
        vs_hint(error, "name the identity of the one who keeps this ledger");
        return VS_ERR_MISMATCH;
    }
    vs_status status = vs_note_check(note, keeper);
    if (!VS_GUARD(ledger_checkpoint_signature, status == VS_OK)) {
        bool absent = status == VS_ERR_NOT_READY;
        return vs_fail(error, absent ? VS_ERR_MISMATCH : VS_ERR_AUTH,
                       absent ? "%s: the checkpoint is not signed with this keeper's key"
                              : "%s: the checkpoint's signature is not right",
                       name);
    }
    return VS_OK;
}

vs_status vs_checkpoint_parse(vs_checkpoint *checkpoint, const char *name, const char *data, size_t len,
                              const vs_public_identity *keeper, const char *label, vs_error *error) {
    vs_note note;
    *checkpoint = (vs_checkpoint){.size = 0};
    if (len > VS_MAX_CHECKPOINT_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: larger than a checkpoint may be", name);
    }
    vs_status status = vs_note_parse(&note, name, data, len, error);
    if (status != VS_OK) {
        return status;
    }
    if (!parse_text(checkpoint, note.text, note.text_len)) {
        status = vs_fail(error, VS_ERR_FORMAT, "%s: not the checkpoint of a ledger", name);
    }
    if (status == VS_OK && keeper != NULL) {
        status = check_keeper(&note, checkpoint, name, keeper, label, error);
    }
    vs_note_clear(&note);
    return status;
}
