/* The canonical form of a plan, over which its id is computed: compact UTF-8, keys sorted bytewise at every level,
 * escapes only where JSON demands them and in their shortest form. What an editor may change without changing the
 * meaning of JSON (white space, line ends, the order of keys, \u escapes) changes nothing here; anything else does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"

typedef struct writer {
    char *data;
    size_t len, cap;
} writer;

static void put(writer *out, const char *bytes, size_t len) {
    VS_CHECK(len <= out->cap - out->len);
    memcpy(out->data + out->len, bytes, len);
    out->len += len;
}

static void put_string(writer *out, const char *text, size_t len) {
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    put(out, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        const char *special = memchr(from, text[i], sizeof from - 1);
        if (special != NULL) {
            put(out, "\\", 1);
            put(out, &to[special - from], 1);
        } else if ((unsigned char)text[i] < 0x20) {
            char escape[8];
            put(out, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)text[i]));
        } else {
            put(out, &text[i], 1);
        }
    }
    put(out, "\"", 1);
}

static int compare_keys(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static vs_status put_value(writer *out, const json_t *value);

static vs_status put_object(writer *out, const json_t *object) {
    size_t count = json_object_size(object), i = 0;
    const char **keys = malloc((count + 1) * sizeof *keys);
    if (keys == NULL) {
        return VS_ERR_MEMORY;
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        keys[i++] = key;
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    vs_status status = VS_OK;
    put(out, "{", 1);
    for (i = 0; status == VS_OK && i < count; i++) {
        put(out, ",", i > 0);
        put_string(out, keys[i], strlen(keys[i]));
        put(out, ":", 1);
        status = put_value(out, json_object_get(object, keys[i]));
    }
    put(out, "}", 1);
    free(keys);
    return status;
}

/* Recursion is bounded: the tree's depth is (plan_json.c). */
static vs_status put_value(writer *out, const json_t *value) {
    char number[24];
    vs_status status = VS_OK;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return put_object(out, value);
    case JSON_ARRAY:
        put(out, "[", 1);
        for (size_t i = 0; status == VS_OK && i < json_array_size(value); i++) {
            put(out, ",", i > 0);
            status = put_value(out, json_array_get(value, i));
        }
        put(out, "]", 1);
        break;
    case JSON_STRING:
        put_string(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        put(out, number, (size_t)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value)));
        break;
    case JSON_TRUE:
        put(out, "true", 4);
        break;
    case JSON_FALSE:
        put(out, "false", 5);
        break;
    case JSON_NULL:
        put(out, "null", 4);
        break;
    default: /* reals were refused when the tree was read */
        VS_CHECK(false);
    }
    return status;
}

vs_status vs__plan_canonical(const json_t *root, size_t cap, char **out, size_t *len) {
    writer w = {.data = malloc(cap + 1), .cap = cap};
    if (w.data == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_status status = put_value(&w, root);
    if (status != VS_OK) {
        free(w.data);
        return status;
    }
    *out = w.data;
    *len = w.len;
    return VS_OK;
}
