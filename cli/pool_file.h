/* A pool's file as the storage that aggregate/pool works on: locked, so that no two processes use the same factors. */
#ifndef VEILSUM_CLI_POOL_FILE_H
#define VEILSUM_CLI_POOL_FILE_H

#include <stdbool.h>

#include "aggregate/storage.h"

typedef struct vs_pool_file {
    vs_storage storage; /* points into this struct, which must stay where it is */
    int fd;
    bool owned;
} vs_pool_file;

/** Open and lock `path`; where another process has it, says so in a note and waits. Clears `file` first, so that
 *  vs__pool_file_close is safe after an error.
 *  Returns: VS_OK; VS_ERR_IO (missing, no permission, cannot be locked); VS_ERR_FORMAT (no regular file). */
VS_MUST_CHECK vs_status vs__pool_file_open(vs_pool_file *file, const char *path, vs_error *error);

/** A regular file that is open already, borrowed: a new one to be filled, or (`writable` false) one to be looked at,
 *  which locks it against those who use it. `name` is borrowed. Returns: VS_OK, VS_ERR_IO, VS_ERR_FORMAT. */
VS_MUST_CHECK vs_status vs__pool_file_of(vs_pool_file *file, int fd, const char *name, bool writable, vs_error *error);

/** Unlocks, too. */
void vs__pool_file_close(vs_pool_file *file);

#endif
