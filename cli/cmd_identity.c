/* identity: a key that signs, NAME.id and NAME.id.pub. */
#include <stdlib.h>
#include <string.h>

#include "cli/key_files.h"
#include "cli/load.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/secret.h"

/* What the identity is called: --as, or the last component of NAME. */
static vs_status choose_name(const char **name, const vs_arguments *arguments, vs_error *error) {
    const char *path = arguments->operands[0], *slash = strrchr(path, '/');
    const char *given = vs__argument(arguments, "as");
    *name = given != NULL ? given : slash != NULL ? slash + 1 : path;
    if (vs_identity_name_is_valid(*name, strlen(*name))) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_USAGE, "identity: %s is no name for an identity",
                  given != NULL ? "what --as says" : "the last part of NAME");
    vs_hint(error, "1 to %u bytes without spaces and '+': 'veilsum identity --as ORANGE keys/orange'",
            VS_MAX_IDENTITY_NAME);
    return VS_ERR_USAGE;
}

static vs_status generate(vs_key_files *files, const char *name, const vs_passphrase *passphrase,
                          char line[VS_MAX_IDENTITY_TEXT + 1], vs_error *error) {
    vs_identity *identity = NULL;
    char *text = NULL;
    size_t len;
    vs_status status = vs_identity_new(&identity, name);
    if (status == VS_OK) {
        status = vs_identity_to_text(identity, &text, passphrase->text, passphrase->len);
    }
    if (status != VS_OK) {
        status = vs_fail_plain(error, status);
        goto done;
    }
    vs_public_identity_to_text(line, vs_identity_public(identity));
    len = strlen(line);
    line[len] = '\n';
    line[len + 1] = 0;
    status = vs__key_files_write(files, text, line, error);
done:
    vs_secret_free(text);
    vs_identity_free(identity);
    return status;
}

static vs_status run_identity(const vs_arguments *arguments, vs_error *error) {
    const char *name = NULL;
    char line[VS_MAX_IDENTITY_TEXT + 1];
    vs_passphrase passphrase = {NULL, 0};
    vs_key_files files = VS_KEY_FILES_CLOSED;
    vs__protect_process();
    vs_status status = vs__key_files_open(&files, arguments, ".id", ".id.pub", error);
    if (status == VS_OK) {
        status = choose_name(&name, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__passphrase_for_new(&passphrase, arguments, "can sign in your name", error);
    }
    if (status == VS_OK) {
        status = generate(&files, name, &passphrase, line, error);
    }
    if (status == VS_OK) {
        status = vs__key_files_commit(&files, error);
    }
    if (status == VS_OK) {
        vs__ui_note("%s stays with you; %s is for whoever writes the plan", files.secret_path, files.public_path);
        status = vs__print(line, strlen(line), error);
    }
    vs__passphrase_free(&passphrase);
    vs__key_files_close(&files);
    return status;
}

static const vs_option options[] = {
    {.name = "as", .argument = "NAME", .help = "the identity's name (default: the last part of the files' name)"},
    VS_OPTION_PASSPHRASE_FILE("seal the secret key with the first line of FILE; '-' is standard input"),
    VS_OPTION_NO_PASSPHRASE,
    VS_OPTION_FORCE,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Makes NAME.id, with which its holder signs contributions, plans and records, and NAME.id.pub, one line by which "
    "everybody else checks them. Prints that line: it goes into the plan's roster, and is best compared by telephone.",
    "The secret key is sealed with a passphrase, which is asked for at the terminal where --passphrase-file does not "
    "name a file. It is written with mode 0600. There is no way back to a lost passphrase.",
    "A name and a key belong together: the line holds digits that are made of both. A new key for an old name is "
    "another identity, and plans list it anew: --force destroys the old one.",
    NULL,
};

static const vs_example examples[] = {
    {"An identity called ORANGE, the passphrase asked for twice", "veilsum identity --as ORANGE orange"},
    {"In a script", "veilsum identity --passphrase-file secret.txt orange"},
    {NULL, NULL},
};

const vs_verb vs__verb_identity = {
    .name = "identity",
    .summary = "Make a key that signs",
    .synopsis = "[--as NAME] [--passphrase-file FILE | --no-passphrase] [--force] NAME",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_identity,
};
