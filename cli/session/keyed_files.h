/* The keys that a party has in a session of the openings `key` and `threshold`, from the files of a command line. */
#ifndef VEILSUM_CLI_KEYED_FILES_H
#define VEILSUM_CLI_KEYED_FILES_H

#include "aggregate/protocol/keyed.h"
#include "cli/session/journal.h"

struct vs_participant_request;

typedef struct vs_keyed_files vs_keyed_files;

/** Load what the roles need: a contributor the public key (--recipient), and its contribution is made, or taken from
 * the journal; an opener its secret key (--key), or holders' file and share (--holders, --share).
 *  Returns: VS_OK; VS_ERR_USAGE (an option is missing); VS_ERR_MISMATCH (not the plan's key); those of cli/load.h. */
VS_MUST_CHECK vs_status vs_keyed_files_load(vs_keyed_files **files, const struct vs_participant_request *request,
                                            vs_journal *journal, const vs_cells *cells, vs_error *error);
/** As vs_session_setup wants it; NULL for NULL. */
const vs_keyed_setup *vs_keyed_files_setup(const vs_keyed_files *files);
void vs_keyed_files_free(vs_keyed_files *files);

#endif
