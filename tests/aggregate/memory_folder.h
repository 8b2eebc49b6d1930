/* A folder in memory that can be told to crash at any write: the write that crashes is lost or done, and nothing is
 * written afterwards. Removals that no write follows may come back. */
#ifndef VEILSUM_TESTS_MEMORY_FOLDER_H
#define VEILSUM_TESTS_MEMORY_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/folder.h"

#define MEMORY_FOLDER_MAX 8192u

typedef struct memory_blob {
    char name[VS_MAX_BLOB_NAME];
    uint8_t *data;
    size_t len;
    bool removed; /* and it is not known whether durably */
} memory_blob;

typedef struct memory_folder {
    vs_folder folder;
    memory_blob *blobs;
    size_t count;
    long steps;    /* writes so far */
    long crash_at; /* the write that crashes; −1: none */
    bool crashed;
    bool keeps;       /* the write that crashes has happened all the same */
    bool brings_back; /* after the crash, removed blobs are there again */
    int locks;
    size_t bytes_read, bytes_written;
} memory_folder;

static inline memory_blob *memory_folder_find(memory_folder *m, const char *name) {
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->blobs[i].name, name) == 0) {
            return &m->blobs[i];
        }
    }
    return NULL;
}

static inline vs_status memory_folder_read(void *context, const char *name, size_t max, uint8_t **data, size_t *len,
                                           vs_error *error) {
    memory_folder *m = context;
    VS_CHECK(vs_folder_name_is_valid(name));
    const memory_blob *b = memory_folder_find(m, name);
    *data = NULL;
    *len = 0;
    if (b == NULL || b->removed) {
        return VS_OK;
    }
    if (b->len > max) {
        return vs_fail(error, VS_ERR_LIMIT, "memory: %s is larger than it may be", name);
    }
    *data = malloc(b->len + 1);
    VS_CHECK(*data != NULL);
    memcpy(*data, b->data, b->len);
    (*data)[b->len] = 0;
    *len = b->len;
    m->bytes_read += b->len;
    return VS_OK;
}

/* Put without counting: how tests alter a folder. */
static inline void memory_folder_put(memory_folder *m, const char *name, const void *data, size_t len) {
    memory_blob *b = memory_folder_find(m, name);
    if (b == NULL) {
        VS_CHECK(m->count < MEMORY_FOLDER_MAX);
        b = &m->blobs[m->count++];
        *b = (memory_blob){.data = NULL};
        memcpy(b->name, name, strlen(name) + 1);
    }
    uint8_t *copy = malloc(len + 1);
    VS_CHECK(copy != NULL);
    memcpy(copy, data, len);
    free(b->data);
    b->data = copy;
    b->len = len;
    b->removed = false;
}

static inline void memory_folder_settle(memory_folder *m) {
    for (size_t i = 0; i < m->count;) {
        if (m->blobs[i].removed) {
            free(m->blobs[i].data);
            m->blobs[i] = m->blobs[--m->count];
        } else {
            i++;
        }
    }
}

static inline vs_status memory_folder_write(void *context, const char *name, const void *data, size_t len,
                                            vs_error *error) {
    memory_folder *m = context;
    VS_CHECK(vs_folder_name_is_valid(name));
    if (m->crashed) {
        return vs_fail(error, VS_ERR_IO, "memory: crashed");
    }
    bool crash = m->steps++ == m->crash_at;
    if (!crash || m->keeps) {
        memory_folder_put(m, name, data, len);
        memory_folder_settle(m);
        m->bytes_written += len;
    }
    m->crashed = crash;
    return crash ? vs_fail(error, VS_ERR_IO, "memory: crashed") : VS_OK;
}

static inline vs_status memory_folder_remove(void *context, const char *name, vs_error *error) {
    memory_folder *m = context;
    memory_blob *b = memory_folder_find(m, name);
    if (m->crashed) {
        return vs_fail(error, VS_ERR_IO, "memory: crashed");
    }
    if (b != NULL) {
        b->removed = true;
    }
    return VS_OK;
}

static inline vs_status memory_folder_exists(void *context, const char *name, bool *exists, vs_error *error) {
    (void)error;
    const memory_blob *b = memory_folder_find(context, name);
    *exists = b != NULL && !b->removed;
    return VS_OK;
}

static inline vs_status memory_folder_lock(void *context, bool exclusive, vs_error *error) {
    (void)exclusive;
    (void)error;
    memory_folder *m = context;
    VS_CHECK(m->locks == 0);
    m->locks++;
    return VS_OK;
}

static inline void memory_folder_unlock(void *context) {
    memory_folder *m = context;
    VS_CHECK(m->locks == 1);
    m->locks--;
}

static inline memory_folder *memory_folder_new(void) {
    memory_folder *m = calloc(1, sizeof *m);
    VS_CHECK(m != NULL);
    m->blobs = calloc(MEMORY_FOLDER_MAX, sizeof *m->blobs);
    VS_CHECK(m->blobs != NULL);
    m->folder = (vs_folder){.name = "memory",
                            .context = m,
                            .read = memory_folder_read,
                            .write = memory_folder_write,
                            .remove = memory_folder_remove,
                            .exists = memory_folder_exists,
                            .lock = memory_folder_lock,
                            .unlock = memory_folder_unlock};
    m->crash_at = -1;
    return m;
}

static inline void memory_folder_free(memory_folder *m) {
    for (size_t i = 0; i < m->count; i++) {
        free(m->blobs[i].data);
    }
    free(m->blobs);
    free(m);
}

/* What is found after the power comes back. */
static inline void memory_folder_restart(memory_folder *m) {
    for (size_t i = 0; i < m->count; i++) {
        m->blobs[i].removed = m->blobs[i].removed && !m->brings_back;
    }
    memory_folder_settle(m);
    m->crashed = false;
    m->crash_at = -1;
    m->steps = 0;
}

#endif
