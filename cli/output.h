/* Outputs that appear whole or not at all.
 *
 * A file is written beside its destination under a temporary name, synced, and given its name at the end; a signal
 * removes it. What goes to standard output (or to a device or pipe that -o names) is kept back in memory, or in an
 * unnamed temporary file when it is long, and copied at the end: a failure half-way leaves nothing behind that looks
 * like a result.
 */
#ifndef VEILSUM_CLI_OUTPUT_H
#define VEILSUM_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/stream.h"

typedef struct vs_output_options {
    bool force;  /* an existing file is replaced */
    bool secret; /* mode 0600; buffers are wiped in any case */
    bool binary; /* not for a terminal */
} vs_output_options;

typedef struct vs_output {
    vs_sink sink; /* points into this struct, which must stay where it is */
    vs_output_options options;
    char *path;     /* the destination, links followed; NULL for standard output */
    int descriptor; /* the destination, where it is open already; else -1 */
    char *temporary;
    int slot;     /* in the list of files that a signal removes */
    int fd;       /* of the temporary file; -1 while all is in the buffer */
    bool spooled; /* copied at the end instead of renamed */
    uint8_t *buffer;
    size_t used;
} vs_output;

/** Open `path`; NULL or "-" is standard output. Clears `output` first, so that vs__output_close is safe after an error.
 *  Returns: VS_OK; VS_ERR_EXISTS (there already, and no force); VS_ERR_USAGE (binary to a terminal); VS_ERR_IO;
 * VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__output_open(vs_output *output, const char *path, const vs_output_options *options,
                                        vs_error *error);

/** Write out and sync everything, without giving it its name yet: what can fail has failed by then. */
VS_MUST_CHECK vs_status vs__output_sync(vs_output *output, vs_error *error);

/** Give it its name, or copy it to where it belongs.
 *  Returns: VS_OK; VS_ERR_IO, VS_ERR_EXISTS (somebody was faster), VS_ERR_CLOSED (the reader of the pipe has gone). */
VS_MUST_CHECK vs_status vs__output_commit(vs_output *output, vs_error *error);

/** Free everything; what has not been committed disappears. */
void vs__output_close(vs_output *output);

/** Text to standard output at once, for help and versions. */
VS_MUST_CHECK vs_status vs__print(const char *text, size_t len, vs_error *error);

#endif
