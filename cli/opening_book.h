/* The opener's book as a folder: what decrypt and join ask before they decrypt anything. */
#ifndef VEILSUM_CLI_OPENING_BOOK_H
#define VEILSUM_CLI_OPENING_BOOK_H

#include "aggregate/opening/rules.h"

/* Whose book, and where. All is borrowed. */
typedef struct vs_opening_book {
    const char *folder;        /* NULL: beside the key or share, "hub.key" has "hub.openings" */
    const char *secret_path;   /* of the key or share */
    const vs_identity *opener; /* signs */
    bool threshold;            /* it makes parts */
} vs_opening_book;

/** Enter a total, as vs_opening_enter; the folder is made where it is not there, which draws a note. `*record` is the
 * signed record, malloc'd. Returns: as vs_opening_enter, and VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__opening_book_enter(char **record, size_t *len, const vs_opening_book *book,
                                               const vs_opening_request *request, vs_error *error);

#endif
