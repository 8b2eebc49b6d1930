#include "bench/protocol_book.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/opening/book.h"

#define MAX_BLOBS 64u

typedef struct blob {
    char name[VS_MAX_BLOB_NAME];
    uint8_t *data;
    size_t len;
} blob;

typedef struct book {
    const vs_identity *opener;
    vs_folder folder;
    blob blobs[MAX_BLOBS];
    size_t count;
} book;

static blob *find(book *b, const char *name) {
    for (size_t i = 0; i < b->count; i++) {
        if (strcmp(b->blobs[i].name, name) == 0) {
            return &b->blobs[i];
        }
    }
    return NULL;
}

static vs_status copy(uint8_t **out, const void *data, size_t len, vs_error *error) {
    *out = malloc(len + 1);
    if (*out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(*out, data, len);
    (*out)[len] = 0;
    return VS_OK;
}

static vs_status read_blob(void *context, const char *name, size_t max, uint8_t **data, size_t *len, vs_error *error) {
    const blob *found = find(context, name);
    *data = NULL;
    *len = found == NULL ? 0 : found->len;
    if (*len > max) {
        return vs_fail(error, VS_ERR_LIMIT, "%s is larger than it may be", name);
    }
    return found == NULL ? VS_OK : copy(data, found->data, found->len, error);
}

static vs_status write_blob(void *context, const char *name, const void *data, size_t len, vs_error *error) {
    book *b = context;
    blob *found = find(b, name);
    uint8_t *bytes;
    if (found == NULL && b->count == MAX_BLOBS) {
        return vs_fail(error, VS_ERR_LIMIT, "the book of one session is full");
    }
    vs_status status = copy(&bytes, data, len, error);
    if (status != VS_OK) {
        return status;
    }
    if (found == NULL) {
        found = &b->blobs[b->count++];
        memcpy(found->name, name, strlen(name) + 1);
    }
    free(found->data);
    found->data = bytes;
    found->len = len;
    return VS_OK;
}

static vs_status remove_blob(void *context, const char *name, vs_error *error) {
    book *b = context;
    blob *found = find(b, name);
    (void)error;
    if (found != NULL) {
        free(found->data);
        *found = b->blobs[--b->count];
        b->blobs[b->count] = (blob){.data = NULL};
    }
    return VS_OK;
}

static vs_status exists(void *context, const char *name, bool *is, vs_error *error) {
    (void)error;
    *is = find(context, name) != NULL;
    return VS_OK;
}

static vs_status lock(void *context, bool exclusive, vs_error *error) {
    (void)context;
    (void)exclusive;
    (void)error;
    return VS_OK;
}

static void unlock(void *context) {
    (void)context;
}

static vs_status enter(void *context, const vs_opening_request *request, char **record, size_t *len, vs_error *error) {
    book *b = context;
    return vs_opening_enter(record, len, &b->folder, b->opener, request, false, error);
}

vs_status book_open(vs_keyed_setup *setup, const vs_identity *opener, vs_error *error) {
    book *b = calloc(1, sizeof *b);
    if (b == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    b->opener = opener;
    b->folder = (vs_folder){.name = "book",
                            .context = b,
                            .read = read_blob,
                            .write = write_blob,
                            .remove = remove_blob,
                            .exists = exists,
                            .lock = lock,
                            .unlock = unlock};
    setup->enter = enter;
    setup->enter_context = b;
    return VS_OK;
}

void book_close(vs_keyed_setup *setup) {
    book *b = setup->enter_context;
    if (b != NULL) {
        for (size_t i = 0; i < b->count; i++) {
            free(b->blobs[i].data);
        }
        free(b);
        setup->enter_context = NULL;
    }
}
