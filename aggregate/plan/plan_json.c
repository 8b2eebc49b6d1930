/* Strict reading of a plan's JSON: from bytes to a tree that costs bounded memory, and from the tree to typed values
 * with a place for every complaint. Plans are public, so messages may quote keys; nothing else of the text is quoted.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"
#include "aggregate/table/decimal.h"

#define MAX_DEPTH 8 /* the format itself needs 4 */

/* ---- places and messages ---- */

const char *vs__printable(char out[80], const char *text) {
    size_t used = 0;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool starts = (c & 0xc0) != 0x80;
        if (starts && used >= 70) {
            memcpy(out + used, "…", sizeof "…");
            return out;
        }
        bool is_c1 = c == 0xc2 && (unsigned char)text[1] < 0xa0;
        out[used++] = c < 0x20 || c == 0x7f || is_c1 ? '?' : *text;
        text += is_c1;
    }
    out[used] = '\0';
    return out;
}

/* Keys that would blur a dotted path are quoted. */
static bool is_plain_key(const char *key) {
    return key[0] != '\0' && strpbrk(key, ".[]\": ") == NULL;
}

static void place_append(char *out, size_t cap, const vs__place *place) {
    if (place->up != NULL) {
        place_append(out, cap, place->up);
    }
    size_t used = strlen(out);
    char key[80];
    if (place->key == NULL && place->up != NULL) {
        snprintf(out + used, cap - used, "[%zu]", place->index);
    } else if (place->key != NULL) {
        const char *quote = is_plain_key(place->key) ? "" : "\"";
        snprintf(out + used, cap - used, "%s%s%s%s", used > 0 ? "." : "", quote, vs__printable(key, place->key), quote);
    }
}

vs_status vs__plan_fail(const vs__place *place, vs_error *error, vs_status status, const char *format, ...) {
    char reason[400], where[300] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    place_append(where, sizeof where, place);
    return vs_fail(error, status, "%s: %s", where[0] != '\0' ? where : "plan", reason);
}

/* ---- bytes to a tree ---- */

/* What jansson builds is many times larger than its text in the worst case ("[],[],…"). So count, outside of strings,
 * what makes it build before it does. Text that is not JSON may be miscounted: jansson refuses it anyway. */
static vs_status bound_items(const char *text, size_t len, vs_error *error) {
    size_t items = 0, depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            items++;
            if (++depth > MAX_DEPTH) {
                return vs_fail(error, VS_ERR_LIMIT, "plan: brackets nested deeper than %d", MAX_DEPTH);
            }
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
        } else {
            items += c == ',';
        }
    }
    if (items > VS_MAX_PLAN_ITEMS) {
        return vs_fail(error, VS_ERR_LIMIT, "plan: more than %u entries", VS_MAX_PLAN_ITEMS);
    }
    return VS_OK;
}

/* jansson's own texts quote the input, which may hold what a terminal obeys; so they are said anew. */
static vs_status not_json(const json_error_t *where, vs_error *error) {
    const char *reason;
    switch (json_error_code(where)) {
    case json_error_out_of_memory:
        return vs_fail_plain(error, VS_ERR_MEMORY);
    case json_error_duplicate_key:
        reason = "the same key twice in one object";
        break;
    case json_error_invalid_utf8:
        reason = "not valid UTF-8";
        break;
    case json_error_premature_end_of_input:
        reason = "not JSON: it ends early";
        break;
    case json_error_end_of_input_expected:
        reason = "not JSON: something follows the end of the plan";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        reason = "a NUL character in a string";
        break;
    case json_error_numeric_overflow:
        reason = "a number beyond ±2^53";
        break;
    default:
        reason = "not JSON";
        break;
    }
    (void)vs_fail(error, VS_ERR_FORMAT, "plan: %s (line %d, column %d)", reason, where->line, where->column);
    if (json_error_code(where) == json_error_numeric_overflow) {
        vs_hint(error, "write larger numbers as decimal strings, such as \"100000000000000000\"");
    } else {
        vs_hint(error, "a plan is JSON in UTF-8, as veilsum plan new writes it");
    }
    return VS_ERR_FORMAT;
}

/* Numbers are what two readers of JSON disagree on: only integers that a float64 holds exactly are let in. */
static vs_status check_numbers(const vs__node *node, vs_error *error) {
    if (json_is_real(node->value)) {
        (void)vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "a number with a point or an exponent");
        vs_hint(error, "write it as a decimal string, such as \"0.5\"");
        return VS_ERR_FORMAT;
    }
    if (json_is_integer(node->value)) {
        json_int_t value = json_integer_value(node->value);
        if (value > VS__JSON_INTEGER_MAX || value < -VS__JSON_INTEGER_MAX) {
            (void)vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "a number beyond ±2^53");
            vs_hint(error, "write it as a decimal string, such as \"100000000000000000\"");
            return VS_ERR_FORMAT;
        }
        return VS_OK;
    }
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < json_array_size(node->value); i++) {
        vs__node entry = vs__entry(node, i);
        status = check_numbers(&entry, error);
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)node->value, key, value) {
        vs__node member = {.value = value, .place = {.up = &node->place, .key = key}};
        if (status == VS_OK) {
            status = check_numbers(&member, error);
        }
    }
    return status;
}

vs_status vs__plan_json_load(json_t **root, const void *text, size_t len, vs_error *error) {
    const char *bytes = text;
    *root = NULL;
    if (len > VS_MAX_PLAN_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "plan: larger than %u MiB", VS_MAX_PLAN_BYTES >> 20);
    }
    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    vs_status status = bound_items(bytes, len, error);
    if (status != VS_OK) {
        return status;
    }
    json_error_t where;
    *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &where);
    if (*root == NULL) {
        return not_json(&where, error);
    }
    vs__node top = {.value = *root};
    status = check_numbers(&top, error);
    if (status != VS_OK) {
        json_decref(*root);
        *root = NULL;
    }
    return status;
}

/* ---- typed values ---- */

vs__node vs__member(const vs__node *object, const char *key) {
    return (vs__node){.value = json_object_get(object->value, key), .place = {.up = &object->place, .key = key}};
}

vs__node vs__entry(const vs__node *array, size_t index) {
    return (vs__node){.value = json_array_get(array->value, index), .place = {.up = &array->place, .index = index}};
}

static vs_status missing(const vs__node *node, vs_error *error) {
    return vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "is missing");
}

vs_status vs__expect_object(const vs__node *node, const char *const *keys, vs_error *error) {
    if (node->value == NULL) {
        return missing(node, error);
    }
    if (!json_is_object(node->value)) {
        return vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "must be an object, {…}");
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)node->value, key, value) {
        size_t i = 0;
        while (keys[i] != NULL && strcmp(keys[i], key) != 0) {
            i++;
        }
        if (keys[i] == NULL) {
            vs__place place = {.up = &node->place, .key = key};
            (void)vs__plan_fail(&place, error, VS_ERR_FORMAT, "unknown key");
            char list[300] = "";
            for (i = 0; keys[i] != NULL; i++) {
                size_t used = strlen(list);
                snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", keys[i]);
            }
            vs_hint(error, "known here: %s", list);
            return VS_ERR_FORMAT;
        }
    }
    return VS_OK;
}

vs_status vs__expect_array(const vs__node *node, size_t min, size_t max, vs_error *error) {
    if (node->value == NULL) {
        return missing(node, error);
    }
    if (!json_is_array(node->value)) {
        return vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "must be a list, […]");
    }
    if (json_array_size(node->value) < min) {
        return vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "needs at least %zu %s", min,
                             min == 1 ? "entry" : "entries");
    }
    if (json_array_size(node->value) > max) {
        return vs__plan_fail(&node->place, error, VS_ERR_LIMIT, "has more than %zu entries", max);
    }
    return VS_OK;
}

vs_status vs__read_integer(const vs__node *node, int64_t min, int64_t max, uint64_t *value, vs_error *error) {
    if (node->value == NULL) {
        return VS_OK;
    }
    if (!json_is_integer(node->value)) {
        return vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "must be an integer");
    }
    json_int_t read = json_integer_value(node->value);
    if (read < min || read > max) {
        return vs__plan_fail(&node->place, error, VS_ERR_RANGE, "must be between %" PRId64 " and %" PRId64, min, max);
    }
    *value = (uint64_t)read;
    return VS_OK;
}

vs_status vs__read_text(const vs__node *node, const char **text, vs_error *error) {
    if (node->value == NULL) {
        return missing(node, error);
    }
    if (!json_is_string(node->value)) {
        return vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "must be a string, \"…\"");
    }
    *text = json_string_value(node->value);
    return VS_OK;
}

vs_status vs__read_label(const vs__node *node, size_t max, const char **text, vs_error *error) {
    vs_status status = vs__read_text(node, text, error);
    if (status != VS_OK) {
        return status;
    }
    if ((*text)[0] == '\0') {
        return vs__plan_fail(&node->place, error, VS_ERR_RANGE, "must not be empty");
    }
    if (strlen(*text) > max) {
        return vs__plan_fail(&node->place, error, VS_ERR_LIMIT, "is longer than %zu bytes", max);
    }
    if (!vs__is_clean(*text, strlen(*text))) {
        return vs__plan_fail(&node->place, error, VS_ERR_RANGE, "holds a control character");
    }
    return VS_OK;
}

vs_status vs__read_hash(const vs__node *node, uint8_t hash[VS_HASH_BYTES], const char *hint, vs_error *error) {
    const char *hex;
    vs_status status = vs__read_text(node, &hex, error);
    if (status == VS_OK && vs_from_hex(hash, VS_HASH_BYTES, hex, strlen(hex)) != VS_OK) {
        (void)vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "must be %s: 64 hexadecimal digits, lower case",
                            node->place.key == NULL ? "a plan's id" : "a fingerprint");
        vs_hint(error, "%s", hint);
        return VS_ERR_FORMAT;
    }
    return status;
}

/* -digits.digits and nothing else: one way to write a number leaves no room for surprises. */
static bool is_decimal(const char *text) {
    text += *text == '-';
    size_t digits = strspn(text, "0123456789");
    text += digits;
    if (digits > 0 && *text == '.') {
        digits = strspn(++text, "0123456789");
        text += digits;
    }
    return digits > 0 && *text == '\0';
}

vs_status vs__read_number(const vs__node *node, unsigned scale, int64_t *value, vs_error *error) {
    char integer[24];
    const char *text = integer;
    if (node->value == NULL) {
        return missing(node, error);
    }
    if (json_is_integer(node->value)) {
        snprintf(integer, sizeof integer, "%" JSON_INTEGER_FORMAT, json_integer_value(node->value));
    } else if (json_is_string(node->value)) {
        text = json_string_value(node->value);
    }
    if (!(json_is_integer(node->value) || json_is_string(node->value)) || !is_decimal(text)) {
        (void)vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "must be a number");
        vs_hint(error, "an integer, or a decimal string such as \"-0.5\"");
        return VS_ERR_FORMAT;
    }
    switch (vs_decimal_parse(value, text, strlen(text), scale, '.', false)) {
    case VS_DECIMAL_OK:
        return VS_OK;
    case VS_DECIMAL_TOO_PRECISE:
        return vs__plan_fail(&node->place, error, VS_ERR_RANGE, "has more decimals than the scale of %u", scale);
    case VS_DECIMAL_TOO_LARGE:
        (void)vs__plan_fail(&node->place, error, VS_ERR_RANGE, "is too large at a scale of %u", scale);
        vs_hint(error, "a number times 10^scale must stay within ±(2^62 − 1)");
        return VS_ERR_RANGE;
    default:
        return vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "must be a number");
    }
}
