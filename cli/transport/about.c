#include "cli/transport/about.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"
#include "cli/ui.h"
#include "crypto/text.h"

#define VERSION 1
#define MAX_WAIT_S 3600

static vs_status fail_about(const char *name, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "%s: what answers there is not a veilsum board", name);
    vs_hint(error, "the address of a board is what 'veilsum serve' prints");
    return VS_ERR_FORMAT;
}

static bool read_hash(uint8_t hash[VS_HASH_BYTES], const json_t *value) {
    return json_is_string(value) &&
           vs_from_hex(hash, VS_HASH_BYTES, json_string_value(value), json_string_length(value)) == VS_OK;
}

static bool read_count(uint64_t *count, const json_t *value, int64_t max) {
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;
    *count = number < 0 ? 0 : (uint64_t)number;
    return number >= 0 && number <= max;
}

static bool read_period(vs_board_about *about, const json_t *value) {
    const char *period = json_string_value(value);
    size_t len = json_string_length(value);
    if (period == NULL || (len > 0 && !vs_name_is_valid(period, len))) {
        return false;
    }
    memcpy(about->period, period, len + 1); /* a valid name is no longer than there is room for */
    return true;
}

static bool read_time(vs_board_about *about, const json_t *value) {
    return json_is_string(value) &&
           vs_time_from_text(&about->time, json_string_value(value), json_string_length(value));
}

static bool read_fields(vs_board_about *about, const json_t *root) {
    const char *version = json_string_value(json_object_get(root, "version"));
    uint64_t max_wait_s = 0;
    if (version == NULL || !read_hash(about->plan_id, json_object_get(root, "plan")) ||
        !read_hash(about->sid, json_object_get(root, "sid")) || !read_period(about, json_object_get(root, "period")) ||
        !read_count(&about->attempt, json_object_get(root, "attempt"), INT64_MAX) ||
        !read_time(about, json_object_get(root, "time")) ||
        !read_count(&about->max_message_bytes, json_object_get(root, "max_message_bytes"), INT64_MAX) ||
        !read_count(&max_wait_s, json_object_get(root, "max_wait_s"), MAX_WAIT_S)) {
        return false;
    }
    vs__ui_clean(about->version, sizeof about->version, version);
    about->max_wait_s = (unsigned)max_wait_s;
    return true;
}

vs_status vs_board_about_read(vs_board_about *about, const char *name, const void *data, size_t len, vs_error *error) {
    *about = (vs_board_about){.attempt = 0};
    json_t *root = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *version = json_object_get(root, "veilsum_board");
    vs_status status = VS_OK;
    if (!json_is_integer(version)) {
        status = fail_about(name, error);
    } else if (json_integer_value(version) != VERSION) {
        (void)vs_fail(error, VS_ERR_VERSION, "%s: a board of a version that this program does not know", name);
        vs_hint(error, "update veilsum, here or there");
        status = VS_ERR_VERSION;
    } else if (!read_fields(about, root)) {
        status = fail_about(name, error);
    }
    json_decref(root);
    return status;
}

vs_status vs_http_about(vs_http *client, vs_board_about *about, vs_error *error) {
    uint8_t *data = NULL;
    size_t len = 0;
    vs_status status = vs_http_get(client, "/v1/about", VS_MAX_ABOUT_BYTES, &data, &len, error);
    if (status == VS_OK) {
        status = vs_board_about_read(about, vs_http_name(client), data, len, error);
    }
    free(data);
    return status;
}

vs_status vs_board_about_check(const vs_board_about *about, const vs_plan *plan, const char *name, vs_error *error) {
    if (memcmp(about->plan_id, plan->id, VS_HASH_BYTES) == 0) {
        return VS_OK;
    }
    char theirs[2 * VS_HASH_BYTES + 1], ours[2 * VS_HASH_BYTES + 1];
    vs_to_hex(theirs, about->plan_id, VS_HASH_BYTES);
    vs_to_hex(ours, plan->id, VS_HASH_BYTES);
    (void)vs_fail(error, VS_ERR_MISMATCH, "%s: the board is for another plan: %.16s…, not %.16s…", name, theirs, ours);
    vs_hint(error, "is it the right board, and is the plan here the one that was agreed on?");
    return VS_ERR_MISMATCH;
}
