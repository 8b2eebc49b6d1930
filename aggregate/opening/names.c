/* Who contributed to a total, as a sorted list of names. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/opening/record.h"

void vs_names_free(vs_names *names) {
    free(names->names);
    *names = (vs_names){NULL, 0};
}

vs_status vs_names_new(vs_names *names, size_t count, vs_error *error) {
    *names = (vs_names){calloc(count + 1, sizeof *names->names), count};
    if (names->names == NULL) {
        names->count = 0;
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return VS_OK;
}

static int compare(const void *a, const void *b) {
    return strcmp(a, b);
}

void vs_names_sort(vs_names *names) {
    qsort(names->names, names->count, sizeof *names->names, compare);
}

void vs_names_hash(uint8_t hash[VS_HASH_BYTES], const vs_names *names) {
    vs_hash state;
    vs_hash_init(&state, "veilsum contributors");
    for (size_t i = 0; i < names->count; i++) {
        vs_hash_field(&state, names->names[i], strlen(names->names[i]));
    }
    vs_hash_final(&state, hash);
}

bool vs_names_equal(const vs_names *a, const vs_names *b) {
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++) {
        equal = strcmp(a->names[i], b->names[i]) == 0;
    }
    return equal;
}

bool vs_names_overlap(const vs_names *a, const vs_names *b) {
    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        int order = strcmp(a->names[i], b->names[j]);
        if (order == 0) {
            return true;
        }
        i += order < 0;
        j += order > 0;
    }
    return false;
}

bool vs_names_have(const vs_names *names, const char *name) {
    return bsearch(name, names->names, names->count, sizeof *names->names, compare) != NULL;
}

vs_status vs_names_to_text(char **text, size_t *len, const vs_names *names, vs_error *error) {
    char *at = *text = malloc(names->count * (VS_MAX_NAME_BYTES + 1) + 1);
    *len = 0;
    if (at == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < names->count; i++) {
        size_t name_len = strlen(names->names[i]);
        memcpy(at, names->names[i], name_len);
        at[name_len] = '\n';
        at += name_len + 1;
    }
    *len = (size_t)(at - *text);
    return VS_OK;
}

static vs_status bad_list(const char *name, vs_error *error) {
    return vs_fail(error, VS_ERR_FORMAT, "%s: not a list of contributors", name);
}

vs_status vs_names_parse(vs_names *names, const char *name, const char *text, size_t len,
                         const uint8_t hash[VS_HASH_BYTES], vs_error *error) {
    uint8_t found[VS_HASH_BYTES];
    size_t count = 0;
    *names = (vs_names){NULL, 0};
    for (size_t i = 0; i < len; i++) {
        count += text[i] == '\n';
    }
    if (len == 0 || text[len - 1] != '\n' || count > (size_t)VS_MAX_CONTRIBUTORS) {
        return bad_list(name, error);
    }
    vs_status status = vs_names_new(names, count, error);
    for (size_t i = 0; status == VS_OK && i < count; i++) {
        size_t line = (size_t)((const char *)memchr(text, '\n', len) - text);
        if (!vs_name_is_valid(text, line)) {
            status = bad_list(name, error);
        } else {
            memcpy(names->names[i], text, line);
            status = i > 0 && strcmp(names->names[i - 1], names->names[i]) >= 0 ? bad_list(name, error) : VS_OK;
        }
        text += line + 1;
        len -= line + 1;
    }
    if (status == VS_OK) {
        vs_names_hash(found, names);
        if (!vs_equal(found, hash, VS_HASH_BYTES)) {
            status = vs_fail(error, VS_ERR_AUTH, "%s: not the list of contributors that the record means", name);
        }
    }
    if (status != VS_OK) {
        vs_names_free(names);
    }
    return status;
}
