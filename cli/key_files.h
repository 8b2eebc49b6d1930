/* A secret file and its public half, made together: both appear, or neither. For the verbs that make keys, whose
 * options include --force, --passphrase-file and --no-passphrase. */
#ifndef VEILSUM_CLI_KEY_FILES_H
#define VEILSUM_CLI_KEY_FILES_H

#include "cli/options.h"
#include "cli/output.h"
#include "cli/passphrase.h"

typedef struct vs_key_files {
    char *secret_path, *public_path;
    vs_output secret, public;
    bool force;
} vs_key_files;

#define VS_KEY_FILES_CLOSED                                                                                            \
    {                                                                                                                  \
        .secret = {.slot = -1, .fd = -1}, .public = {.slot = -1, .fd = -1 }                                            \
    }

/** Open NAME ‖ secret_suffix and NAME ‖ public_suffix, NAME being the first operand. vs__key_files_close also after an
 * error. Returns: as vs__output_open; VS_ERR_USAGE (an empty NAME). */
VS_MUST_CHECK vs_status vs__key_files_open(vs_key_files *files, const vs_arguments *arguments,
                                           const char *secret_suffix, const char *public_suffix, vs_error *error);

VS_MUST_CHECK vs_status vs__key_files_write(vs_key_files *files, const char *secret_text, const char *public_text,
                                            vs_error *error);

/** Both contents are on the disk before either gets its name, and no signal comes between the two names. */
VS_MUST_CHECK vs_status vs__key_files_commit(vs_key_files *files, vs_error *error);

void vs__key_files_close(vs_key_files *files);

/** The passphrase that seals a new secret, or none with --no-passphrase, which draws the warning that whoever reads the
 * file `can` do something. */
VS_MUST_CHECK vs_status vs__passphrase_for_new(vs_passphrase *passphrase, const vs_arguments *arguments,
                                               const char *can, vs_error *error);

#endif
