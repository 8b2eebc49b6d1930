/* A directory as the folder that aggregate/ keeps its durable records in. Blobs appear whole or not at all (a temporary
 * file, fsync, rename, fsync of the directory); no name leads out of the directory, links included. */
#ifndef VEILSUM_CLI_FOLDER_FILE_H
#define VEILSUM_CLI_FOLDER_FILE_H

#include <stdbool.h>

#include "aggregate/folder.h"

typedef struct vs_folder_file {
    vs_folder folder; /* points into this struct, which must stay where it is */
    int fd;           /* of the directory */
    int lock_fd;      /* of the file ".lock" in it; −1: not locked */
    unsigned mode;    /* of new files */
} vs_folder_file;

typedef enum vs_folder_use {
    VS_FOLDER_READ,  /* nothing is written, not even a file to lock */
    VS_FOLDER_WRITE, /* the directory is there */
    VS_FOLDER_CREATE /* it is made where it is not there */
} vs_folder_use;

/** Open a directory; `path` is borrowed. `secret`: new files and directories are for their owner alone. Clears `file`
 *  first, so that vs__folder_file_close is safe after an error. Returns: VS_OK; VS_ERR_IO (missing, no permission);
 *  VS_ERR_FORMAT (no directory). */
VS_MUST_CHECK vs_status vs__folder_file_open(vs_folder_file *file, const char *path, vs_folder_use use, bool secret,
                                             vs_error *error);
void vs__folder_file_close(vs_folder_file *file);

/** All bytes into a descriptor, over signals and short writes. False: errno says why. */
bool vs__write_all(int fd, const uint8_t *data, size_t len);

#endif
