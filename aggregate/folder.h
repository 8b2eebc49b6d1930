/* How named blobs reach aggregate/, which opens no path: small files of a folder that are read whole, and that appear
 * whole or not at all. cli/ fills it with a directory, tests with memory that crashes.
 *
 * Names are relative paths: parts of letters, digits, '.', '_' and '-' with '/' between them, no part beginning with a
 * point (vs_folder_name_is_valid). All that is read is hostile.
 */
#ifndef VEILSUM_AGGREGATE_FOLDER_H
#define VEILSUM_AGGREGATE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"

#define VS_MAX_BLOB_NAME 128u /* with a zero byte */

typedef struct vs_folder {
    const char *name; /* for messages: "ledger" */
    void *context;
    /** The whole blob, malloc'd, with a zero byte behind it that `*len` does not count; `*data` = NULL where there is
     * no blob of this name. Returns: VS_OK; VS_ERR_LIMIT (more than `max` bytes), VS_ERR_IO, VS_ERR_MEMORY. */
    vs_status (*read)(void *context, const char *blob, size_t max, uint8_t **data, size_t *len, vs_error *error);
    /** Make or replace the blob: after a crash at any moment it is the old one or the new one, and it is the new one
     * once this returns VS_OK. NULL: the folder may only be read. */
    vs_status (*write)(void *context, const char *blob, const void *data, size_t len, vs_error *error);
    /** Take the blob away where it is there; not durable before the next write. */
    vs_status (*remove)(void *context, const char *blob, vs_error *error);
    vs_status (*exists)(void *context, const char *blob, bool *exists, vs_error *error);
    /** Keep other processes out until unlock: all of them, or those that want to write. */
    vs_status (*lock)(void *context, bool exclusive, vs_error *error);
    void (*unlock)(void *context);
} vs_folder;

bool vs_folder_name_is_valid(const char *name);
/** Read a blob that has to be there. Returns: as read; VS_ERR_AUTH where it is missing. Messages begin with folder and
 * blob. */
VS_MUST_CHECK vs_status vs_folder_read(const vs_folder *folder, const char *blob, size_t max, uint8_t **data,
                                       size_t *len, vs_error *error);

#endif
