/* How durable bytes reach aggregate/, which opens no path: numbered bytes that are read and written in place and made
 * durable on demand. cli/ fills it with a locked file, tests with memory that fails. */
#ifndef VEILSUM_AGGREGATE_STORAGE_H
#define VEILSUM_AGGREGATE_STORAGE_H

#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"

typedef struct vs_storage {
    const char *name; /* for messages: "hub.pool" */
    void *context;
    uint64_t place; /* what a copy of these bytes elsewhere would have different: a file's inode number */
    /** How many bytes there are. */
    vs_status (*length)(void *context, uint64_t *len, vs_error *error);
    /** All `len` bytes at `offset`, or VS_ERR_IO. Several threads may read at a time. */
    vs_status (*read)(void *context, uint64_t offset, void *buf, size_t len, vs_error *error);
    /** All `len` bytes to `offset`, which may be the end. NULL: the bytes may only be read. */
    vs_status (*write)(void *context, uint64_t offset, const void *data, size_t len, vs_error *error);
    /** What has been written is durable once this returns VS_OK. After an error nobody knows what is. */
    vs_status (*sync)(void *context, vs_error *error);
} vs_storage;

#endif
