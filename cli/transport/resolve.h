/* The addresses of a machine's name, for `doctor`. */
#ifndef VEILSUM_CLI_RESOLVE_H
#define VEILSUM_CLI_RESOLVE_H

#include <stddef.h>

#include "aggregate/error.h"

/** The first addresses of `host`, with commas. Returns: VS_OK, VS_ERR_IO (there are none). */
VS_MUST_CHECK vs_status vs__resolve(const char *host, char *out, size_t out_len, vs_error *error);

#endif
