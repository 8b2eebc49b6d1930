/* A passphrase, from a file or from the person at the terminal; in locked memory, wiped when freed. */
#ifndef VEILSUM_CLI_PASSPHRASE_H
#define VEILSUM_CLI_PASSPHRASE_H

#include <stddef.h>

#include "aggregate/error.h"

typedef struct vs_passphrase {
    char *text; /* secret memory */
    size_t len;
} vs_passphrase;
void vs__passphrase_free(vs_passphrase *passphrase);

/** The passphrase that opens `what`: the first line of `path`, or asked for where `path` is NULL.
 *  Returns: VS_OK; VS_ERR_USAGE (no terminal to ask at, an empty one); VS_ERR_FORMAT (an empty file); VS_ERR_LIMIT;
 * VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__passphrase_get(vs_passphrase *passphrase, const char *path, const char *what,
                                           vs_error *error);

/** The same for a new key: asked for twice. */
VS_MUST_CHECK vs_status vs__passphrase_choose(vs_passphrase *passphrase, const char *path, vs_error *error);

#endif
