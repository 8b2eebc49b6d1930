#include <stdlib.h>
#include <string.h>

#include "aggregate/table/npy_header.h"

/* vs_read_exactly for a file without an end mark: a short one is no array, rather than not authentic. */
static vs_status read_whole(const vs_source *source, void *buf, size_t len, vs_error *error) {
    size_t got = 0;
    vs_status status = vs_read_up_to(source, buf, len, &got, error);
    if (status == VS_OK && got < len) {
        (void)vs_fail(error, VS_ERR_FORMAT, "the array's header ends early");
        vs_hint(error, "the file is cut short: save the array again");
        status = VS_ERR_FORMAT;
    }
    return status;
}

/* ---- the dictionary ---- */

typedef struct cursor {
    const char *at, *end;
} cursor;

static void skip_spaces(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n')) {
        c->at++;
    }
}

static bool take(cursor *c, char what) {
    skip_spaces(c);
    if (c->at == c->end || *c->at != what) {
        return false;
    }
    c->at++;
    return true;
}

static bool take_word(cursor *c, const char *word) {
    size_t len = strlen(word);
    skip_spaces(c);
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0) {
        return false;
    }
    c->at += len;
    return true;
}

/* 'text' or "text" without escapes, at most 31 bytes: names and types have none. */
static bool take_string(cursor *c, char out[32]) {
    skip_spaces(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) {
        return false;
    }
    char quote = *c->at++;
    const char *end = memchr(c->at, quote, (size_t)(c->end - c->at));
    size_t len = end != NULL ? (size_t)(end - c->at) : 0;
    if (end == NULL || len > 31 || memchr(c->at, '\\', len) != NULL || memchr(c->at, 0, len) != NULL) {
        return false;
    }
    memcpy(out, c->at, len);
    out[len] = 0;
    c->at = end + 1;
    return true;
}

static bool take_dimension(cursor *c, uint64_t *value) {
    skip_spaces(c);
    const char *start = c->at;
    for (*value = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (__builtin_mul_overflow(*value, 10u, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*c->at - '0'), value)) {
            return false;
        }
    }
    return c->at > start;
}

/* (), (3,), (3, 4), (3, 4,); "(3)" is no tuple. */
static bool take_shape(cursor *c, vs__npy_header *header) {
    bool comma = true;
    header->dimension_count = 0;
    if (!take(c, '(')) {
        return false;
    }
    while (!take(c, ')')) {
        if (!comma || header->dimension_count == VS__NPY_MAX_DIMENSIONS ||
            !take_dimension(c, &header->shape[header->dimension_count])) {
            return false;
        }
        header->dimension_count++;
        comma = take(c, ',');
    }
    return header->dimension_count != 1 || comma;
}

static vs_status fail_dictionary(vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "the array's header does not say descr, fortran_order and shape as it should");
    vs_hint(error, "save the array with numpy.save");
    return VS_ERR_FORMAT;
}

static vs_status read_type(vs__npy_header *header, const char *type, vs_error *error) {
    bool known = strlen(type) == 3 && (type[0] == '<' || type[0] == '>') && (type[1] == 'f' || type[1] == 'i') &&
                 (type[2] == '4' || type[2] == '8');
    if (!known) {
        (void)vs_fail(error, VS_ERR_FORMAT, "the array's elements are not float32, float64, int32 or int64");
        vs_hint(error, "convert it before saving: numpy.save(name, a.astype('float64'))");
        return VS_ERR_FORMAT;
    }
    header->big_endian = type[0] == '>';
    header->is_float = type[1] == 'f';
    header->element_bytes = (size_t)(type[2] - '0');
    return VS_OK;
}

enum { SEEN_TYPE = 1, SEEN_ORDER = 2, SEEN_SHAPE = 4, SEEN_ALL = 7 };

/* One "key: value" of the dictionary; 0 where it is none that belongs there. */
static unsigned take_entry(cursor *c, vs__npy_header *header, char type[32]) {
    char key[32];
    if (!take_string(c, key) || !take(c, ':')) {
        return 0;
    }
    if (strcmp(key, "descr") == 0) {
        skip_spaces(c);
        if (c->at < c->end && *c->at == '[') {
            type[0] = 0; /* records with fields: refused as a type, which says more than "not as it should" */
            c->at = c->end;
            return SEEN_ALL;
        }
        return take_string(c, type) ? SEEN_TYPE : 0;
    }
    if (strcmp(key, "fortran_order") == 0) {
        header->fortran_order = take_word(c, "True");
        return header->fortran_order || take_word(c, "False") ? SEEN_ORDER : 0;
    }
    return strcmp(key, "shape") == 0 && take_shape(c, header) ? SEEN_SHAPE : 0;
}

static vs_status parse_dictionary(vs__npy_header *header, const char *text, size_t len, vs_error *error) {
    cursor c = {.at = text, .end = text + len};
    char type[32] = "";
    unsigned seen = 0;
    bool comma = true;
    if (!take(&c, '{')) {
        return fail_dictionary(error);
    }
    while (!take(&c, '}')) {
        unsigned entry = comma ? take_entry(&c, header, type) : 0;
        if (entry == SEEN_ALL) {
            return read_type(header, type, error);
        }
        if (entry == 0 || (seen & entry) != 0) {
            return fail_dictionary(error);
        }
        seen |= entry;
        comma = take(&c, ',');
    }
    skip_spaces(&c);
    if (seen != SEEN_ALL || c.at != c.end) {
        return fail_dictionary(error);
    }
    return read_type(header, type, error);
}

/* ---- the file's start ---- */

static vs_status count_elements(vs__npy_header *header, vs_error *error) {
    header->element_count = 1;
    for (unsigned i = 0; i < header->dimension_count; i++) {
        if (__builtin_mul_overflow(header->element_count, header->shape[i], &header->element_count)) {
            return vs_fail(error, VS_ERR_LIMIT, "the array's shape has more elements than a machine can count");
        }
    }
    return VS_OK;
}

static vs_status fail_version(vs_error *error) {
    (void)vs_fail(error, VS_ERR_VERSION, "an .npy file of a version that is not known");
    vs_hint(error, "versions 1.0, 2.0 and 3.0 are read");
    return VS_ERR_VERSION;
}

vs_status vs__npy_read_header(vs__npy_header *header, const vs_source *source, vs_error *error) {
    uint8_t start[8], length[4] = {0};
    char *text = NULL;
    *header = (vs__npy_header){.dimension_count = 0};
    vs_status status = read_whole(source, start, sizeof start, error);
    if (status == VS_OK && memcmp(start, "\x93NUMPY", 6) != 0) {
        (void)vs_fail(error, VS_ERR_FORMAT, "not an .npy file");
        vs_hint(error, "save the array with numpy.save");
        return VS_ERR_FORMAT;
    }
    if (status == VS_OK && (start[6] < 1 || start[6] > 3 || start[7] != 0)) {
        return fail_version(error);
    }
    if (status == VS_OK) {
        status = read_whole(source, length, start[6] == 1 ? 2 : 4, error);
    }
    if (status != VS_OK) {
        return status;
    }
    uint32_t len = length[0] | (uint32_t)length[1] << 8 | (uint32_t)length[2] << 16 | (uint32_t)length[3] << 24;
    if (len > VS__NPY_MAX_HEADER) {
        return vs_fail(error, VS_ERR_LIMIT, "the array's header is longer than 64 KiB");
    }
    text = malloc(len + 1);
    if (text == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    status = read_whole(source, text, len, error);
    if (status == VS_OK) {
        status = parse_dictionary(header, text, len, error);
    }
    if (status == VS_OK) {
        status = count_elements(header, error);
    }
    free(text);
    return status;
}
