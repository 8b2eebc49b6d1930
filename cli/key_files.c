#include "cli/key_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/ui.h"

static vs_status make_path(char **path, const char *name, const char *suffix, vs_error *error) {
    if (asprintf(path, "%s%s", name, suffix) < 0) {
        *path = NULL;
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return VS_OK;
}

vs_status vs__key_files_open(vs_key_files *files, const vs_arguments *arguments, const char *secret_suffix,
                             const char *public_suffix, vs_error *error) {
    const char *verb = arguments->verb->name, *name = arguments->operands[0];
    files->force = vs__argument_given(arguments, "force");
    const vs_output_options secret = {.force = files->force, .secret = true};
    const vs_output_options public = {.force = files->force};
    size_t len = strlen(name);
    if (len == 0 || name[len - 1] == '/') { /* the files would be hidden: .key and .pub */
        (void)vs_fail(error, VS_ERR_USAGE, "%s: NAME is empty", verb);
        vs_hint(error, "the files are called NAME%s and NAME%s: 'veilsum %s %shub'", secret_suffix, public_suffix, verb,
                name);
        return VS_ERR_USAGE;
    }
    vs_status status = make_path(&files->secret_path, name, secret_suffix, error);
    if (status == VS_OK) {
        status = make_path(&files->public_path, name, public_suffix, error);
    }
    if (status == VS_OK) {
        status = vs__output_open(&files->secret, files->secret_path, &secret, error);
    }
    return status == VS_OK ? vs__output_open(&files->public, files->public_path, &public, error) : status;
}

vs_status vs__key_files_write(vs_key_files *files, const char *secret_text, const char *public_text, vs_error *error) {
    vs_status status = files->secret.sink.write(files->secret.sink.context, secret_text, strlen(secret_text), error);
    if (status == VS_OK) {
        status = files->public.sink.write(files->public.sink.context, public_text, strlen(public_text), error);
    }
    return status;
}

vs_status vs__key_files_commit(vs_key_files *files, vs_error *error) {
    vs_status status = vs__output_sync(&files->secret, error);
    if (status == VS_OK) {
        status = vs__output_sync(&files->public, error);
    }
    if (status != VS_OK) {
        return status;
    }
    vs__interrupt_hold();
    status = vs__output_commit(&files->secret, error);
    if (status == VS_OK) {
        status = vs__output_commit(&files->public, error);
        if (status != VS_OK && !files->force) {
            (void)remove(files->secret_path); /* this very call made it: it is no older key */
        }
    }
    vs__interrupt_resume();
    return status;
}

void vs__key_files_close(vs_key_files *files) {
    vs__output_close(&files->secret);
    vs__output_close(&files->public);
    free(files->secret_path);
    free(files->public_path);
}

vs_status vs__passphrase_for_new(vs_passphrase *passphrase, const vs_arguments *arguments, const char *can,
                                 vs_error *error) {
    const char *file = vs__argument(arguments, "passphrase-file");
    if (!vs__argument_given(arguments, "no-passphrase")) {
        return vs__passphrase_choose(passphrase, file, error);
    }
    if (file != NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: --passphrase-file and --no-passphrase exclude each other",
                      arguments->verb->name);
        vs_hint(error, "the key is sealed with a passphrase, or it is not: choose one");
        return VS_ERR_USAGE;
    }
    vs__ui_warning("the secret key is not sealed: whoever can read the file %s", can);
    return VS_OK;
}
