/* A folder as a carrier: each message is a file ID.vsm, which appears whole or not at all. The folder may be shared by
 * a network, carried on a stick, or filled from letters: what counts is the content, which must have the id that its
 * name says.
 *
 * Whoever else may write to the folder is a stranger: links are not followed, what is no plain file is left alone,
 * sizes are bounded. What is not a message, or not yet a whole one, is passed over with one warning, and looked at
 * again when it has changed.
 */
#ifndef VEILSUM_CLI_FOLDER_H
#define VEILSUM_CLI_FOLDER_H

#include "cli/transport/carrier.h"

/** Open the folder at `path`, which is made where it is not there. Messages of more than `max_message_bytes` (0:
 * VS_MAX_CARRIED_BYTES) are passed over. On error `carrier` is cleared, and its close may be NULL.
 *  Returns: VS_OK, VS_ERR_IO, VS_ERR_FORMAT (no folder), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_folder_carrier_open(vs_carrier *carrier, const char *path, uint64_t max_message_bytes,
                                               vs_error *error);

#endif
