/* Storage in memory that behaves as a disk does in a crash: what was written and not synced survives in part, sector by
 * sector, in any order. It can be told to crash at any write or sync. */
#ifndef VEILSUM_TESTS_MEMORY_STORAGE_H
#define VEILSUM_TESTS_MEMORY_STORAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/storage.h"

#define MEMORY_STORAGE_MAX (256u << 10)
#define MEMORY_STORAGE_SECTOR 512u
#define MEMORY_STORAGE_SECTORS (MEMORY_STORAGE_MAX / MEMORY_STORAGE_SECTOR)

typedef struct memory_storage {
    vs_storage storage;
    uint8_t now[MEMORY_STORAGE_MAX];     /* what reads see */
    uint8_t durable[MEMORY_STORAGE_MAX]; /* what a crash leaves */
    size_t now_len, durable_len;
    long steps;    /* writes and syncs so far */
    long crash_at; /* the step that crashes; −1: none */
    bool crashed;
    uint64_t (*random)(void); /* NULL: nothing that was not synced survives */
} memory_storage;

static inline vs_status memory_storage_length(void *context, uint64_t *len, vs_error *error) {
    (void)error;
    *len = ((memory_storage *)context)->now_len;
    return VS_OK;
}

static inline vs_status memory_storage_read(void *context, uint64_t offset, void *buf, size_t len, vs_error *error) {
    const memory_storage *m = context;
    if (offset > m->now_len || len > m->now_len - offset) {
        return vs_fail(error, VS_ERR_IO, "memory: nothing there");
    }
    memcpy(buf, m->now + offset, len);
    return VS_OK;
}

/* The power is cut: each sector is old or new. */
static inline vs_status memory_storage_crash(memory_storage *m, vs_error *error) {
    for (size_t i = 0; i < MEMORY_STORAGE_SECTORS && !m->crashed; i++) {
        size_t at = i * MEMORY_STORAGE_SECTOR;
        if (m->random != NULL && m->random() % 2 == 0) {
            memcpy(m->durable + at, m->now + at, MEMORY_STORAGE_SECTOR);
        }
    }
    if (m->random != NULL && !m->crashed && m->random() % 2 == 0) {
        m->durable_len = m->now_len;
    }
    m->crashed = true;
    return vs_fail(error, VS_ERR_IO, "memory: crashed");
}

static inline vs_status memory_storage_write(void *context, uint64_t offset, const void *data, size_t len,
                                             vs_error *error) {
    memory_storage *m = context;
    VS_CHECK(offset <= MEMORY_STORAGE_MAX && len <= MEMORY_STORAGE_MAX - offset);
    bool crash = m->crashed || m->steps++ == m->crash_at;
    if (!m->crashed) {
        memcpy(m->now + offset, data, len);
        m->now_len = offset + len > m->now_len ? (size_t)offset + len : m->now_len;
    }
    return crash ? memory_storage_crash(m, error) : VS_OK;
}

static inline vs_status memory_storage_sync(void *context, vs_error *error) {
    memory_storage *m = context;
    if (m->crashed || m->steps++ == m->crash_at) {
        return memory_storage_crash(m, error);
    }
    memcpy(m->durable, m->now, sizeof m->now);
    m->durable_len = m->now_len;
    return VS_OK;
}

/* Empty storage; it is large, so it is on the heap. */
static inline memory_storage *memory_storage_new(void) {
    memory_storage *m = calloc(1, sizeof *m);
    VS_CHECK(m != NULL);
    m->storage = (vs_storage){.name = "memory.pool",
                              .context = m,
                              .place = 7,
                              .length = memory_storage_length,
                              .read = memory_storage_read,
                              .write = memory_storage_write,
                              .sync = memory_storage_sync};
    m->crash_at = -1;
    return m;
}

/* What is found after the power comes back. */
static inline void memory_storage_restart(memory_storage *m) {
    memcpy(m->now, m->durable, sizeof m->now);
    m->now_len = m->durable_len;
    m->crashed = false;
    m->crash_at = -1;
    m->steps = 0;
}

#endif
