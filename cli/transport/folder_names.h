/* Which files of a folder have been dealt with: a set of names with what the file looked like then. */
#ifndef VEILSUM_CLI_FOLDER_NAMES_H
#define VEILSUM_CLI_FOLDER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "aggregate/error.h"

typedef struct vs_known_name {
    uint64_t key; /* of the name; 0: a free place */
    bool taken;   /* for good; else passed over as it was then */
    int64_t size, changed_ns;
} vs_known_name;

typedef struct vs_known_names {
    vs_known_name *places; /* a power of two of them, at most half of them taken */
    size_t place_count, count;
} vs_known_names;

/** Need this file not be looked at: it was taken, or passed over and has not changed since? */
bool vs__name_is_known(const vs_known_names *names, const char *name, const struct stat *file);
/** Remember it. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__name_remember(vs_known_names *names, const char *name, const struct stat *file, bool taken,
                                          vs_error *error);
void vs__names_clear(vs_known_names *names);

#endif
