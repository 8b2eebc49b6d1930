/* keygen --public: NAME.pub anew from NAME.key, with its proof. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/load.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/paillier/key_proof.h"

/* What describes a key that is to be made does not go with one that there is. */
static vs_status check_options(const vs_arguments *arguments, vs_error *error) {
    static const char *const others[] = {"bits", "degree", "type", "no-passphrase", "threshold", "holder"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (vs__argument_given(arguments, others[i])) {
            (void)vs_fail(error, VS_ERR_USAGE, "keygen: --public and --%s exclude each other", others[i]);
            vs_hint(error, "--public makes no key: it reads NAME.key and writes NAME.pub");
            return VS_ERR_USAGE;
        }
    }
    return VS_OK;
}

static vs_status write_public(vs_secret_key *sk, vs_output *output, vs_error *error) {
    vs_status status = vs_secret_key_prove(sk);
    char *text = status == VS_OK ? vs_public_key_to_text(vs_secret_key_public(sk)) : NULL;
    if (text == NULL) {
        return vs_fail_plain(error, status == VS_OK ? VS_ERR_MEMORY : status);
    }
    status = output->sink.write(output->sink.context, text, strlen(text), error);
    free(text);
    return status == VS_OK ? vs__output_commit(output, error) : status;
}

static vs_status print_fingerprint(const vs_public_key *pk, vs_error *error) {
    char line[2 * VS_HASH_BYTES + 2];
    vs_to_hex(line, vs_public_key_info(pk)->fingerprint, VS_HASH_BYTES);
    line[2 * VS_HASH_BYTES] = '\n';
    return vs__print(line, sizeof line - 1, error);
}

vs_status vs__keygen_public(const vs_arguments *arguments, vs_error *error) {
    const vs_output_options options = {.force = vs__argument_given(arguments, "force")};
    vs_secret_key *sk = NULL;
    char *key_path = NULL, *pub_path = NULL;
    vs_output output = {.slot = -1, .fd = -1};
    vs_status status = check_options(arguments, error);
    if (status == VS_OK) {
        status = vs__apply_threads(arguments, error);
    }
    if (status == VS_OK && asprintf(&key_path, "%s.key", arguments->operands[0]) < 0) {
        key_path = NULL;
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (status == VS_OK && asprintf(&pub_path, "%s.pub", arguments->operands[0]) < 0) {
        pub_path = NULL;
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (status == VS_OK) {
        status = vs__output_open(&output, pub_path, &options, error);
    }
    if (status == VS_OK) {
        status = vs__load_secret_key(&sk, key_path, vs__argument(arguments, "passphrase-file"), error);
    }
    if (status == VS_OK) {
        status = write_public(sk, &output, error);
    }
    if (status == VS_OK) {
        vs__ui_note("%s is for everybody who encrypts", pub_path);
        status = print_fingerprint(vs_secret_key_public(sk), error);
    }
    vs_secret_key_free(sk);
    vs__output_close(&output);
    free(pub_path);
    free(key_path);
    return status;
}
