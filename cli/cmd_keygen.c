/* keygen: a key pair, NAME.key and NAME.pub. */
#include <stdlib.h>
#include <string.h>

#include "cli/key_files.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/paillier/key_proof.h"
#include "crypto/secret.h"

/* Make the pair and write both texts. */
static vs_status generate(vs_key_files *files, const vs_passphrase *passphrase, const vs_key_options *options,
                          char fingerprint[2 * VS_HASH_BYTES + 1], vs_error *error) {
    vs_secret_key *sk = NULL;
    char *secret_text = NULL;
    char *public_text = NULL;
    vs_activity activity;
    vs__activity_begin(&activity, "looking for primes");
    vs_status status = vs_keygen(&sk, options);
    if (status == VS_OK) {
        status = vs_secret_key_prove(sk);
    }
    if (status == VS_OK) {
        status = vs_secret_key_to_text(sk, &secret_text, passphrase->text, passphrase->len);
    }
    vs__activity_end(&activity);
    if (status != VS_OK) {
        status = vs_fail_plain(error, status);
        goto done;
    }
    public_text = vs_public_key_to_text(vs_secret_key_public(sk));
    if (public_text == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    vs_to_hex(fingerprint, vs_public_key_info(vs_secret_key_public(sk))->fingerprint, VS_HASH_BYTES);
    status = vs__key_files_write(files, secret_text, public_text, error);
done:
    free(public_text);
    vs_secret_free(secret_text);
    vs_secret_key_free(sk);
    return status;
}

static vs_status choose_key(vs_key_options *key, const vs_arguments *arguments, vs_error *error) {
    uint64_t bits = 3072;
    uint64_t degree = 1;
    const char *type = vs__argument(arguments, "type");
    *key = (vs_key_options){.type = VS_KEY_STANDARD};
    vs_status status = vs__argument_number(arguments, "bits", VS_MIN_BITS, VS_MAX_BITS, &bits, error);
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "degree", 1, VS_MAX_DEGREE, &degree, error);
    }
    if (type != NULL) {
        VS_CHECK(vs_key_type_from_name(&key->type, type)); /* the option's words are the types */
    }
    key->bits = (unsigned)bits;
    key->degree = (unsigned)degree;
    return status;
}

/* Types that ask for more than the standard one say so before they are used. */
static void note_type(const vs_key_options *key) {
    if (key->type != VS_KEY_STANDARD) {
        vs__ui_note("a key of type %s assumes %s", vs_key_type_name(key->type), vs_key_type_assumption(key->type));
    }
}

static vs_status run_keygen(const vs_arguments *arguments, vs_error *error) {
    if (vs__argument_given(arguments, "public")) {
        return vs__keygen_public(arguments, error);
    }
    if (vs__argument_given(arguments, "threshold") || vs__argument_given(arguments, "holder")) {
        return vs__keygen_threshold(arguments, error);
    }
    vs_key_options key;
    char line[2 * VS_HASH_BYTES + 2];
    vs_passphrase passphrase = {NULL, 0};
    vs_key_files files = VS_KEY_FILES_CLOSED;
    vs_status status = choose_key(&key, arguments, error);
    if (status == VS_OK) {
        status = vs__apply_threads(arguments, error);
    }
    if (status != VS_OK) {
        goto done;
    }
    vs__protect_process();
    status = vs__key_files_open(&files, arguments, ".key", ".pub", error);
    if (status == VS_OK) {
        status = vs__passphrase_for_new(&passphrase, arguments, "can open every total", error);
    }
    if (status == VS_OK) {
        status = generate(&files, &passphrase, &key, line, error);
    }
    if (status == VS_OK) {
        status = vs__key_files_commit(&files, error);
    }
    if (status == VS_OK) {
        note_type(&key);
        vs__ui_note("%s stays with you; %s is for everybody who encrypts", files.secret_path, files.public_path);
        line[2 * VS_HASH_BYTES] = '\n';
        status = vs__print(line, sizeof line - 1, error);
    }
done:
    vs__passphrase_free(&passphrase);
    vs__key_files_close(&files);
    return status;
}

static const vs_option options[] = {
    {.letter = 'b',
     .name = "bits",
     .argument = "BITS",
     .help = "size of the modulus (default: 3072)",
     .words = "2048 3072 4096"},
    {.letter = 'd',
     .name = "degree",
     .argument = "S",
     .help = "degree (default: 1, Paillier; more puts more into each ciphertext)",
     .words = "1 2 3 4"},
    {.name = "type",
     .argument = "TYPE",
     .help = "where the randomness of encryption comes from (default: standard)",
     .words = "standard short subgroup"},
    {.name = "threshold",
     .argument = "T/N",
     .help = "share the secret key among N holders, any T of whom open together"},
    {.name = "holder",
     .argument = "FILE",
     .help = "a holder's public identity, NAME.id.pub; N times",
     .repeated = true,
     .takes_file = true},
    VS_OPTION_PASSPHRASE_FILE("seal the secret key with the first line of FILE; '-' is standard input"),
    VS_OPTION_NO_PASSPHRASE,
    {.name = "public", .help = "make no key: write NAME.pub anew from NAME.key"},
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Makes NAME.key, which opens totals and stays with its holder, and NAME.pub, which everybody needs who encrypts. "
    "Prints the key's fingerprint, the string that plans pin.",
    "The secret key is sealed with a passphrase, which is asked for at the terminal where --passphrase-file does not "
    "name a file. It is written with mode 0600. There is no way back to a lost passphrase.",
    "The type decides how fast the key is and what has to be believed of it. standard: random numbers of half the "
    "modulus's length; nothing more than the scheme itself assumes. short: random numbers of 448, 512 or 608 bits (for "
    "2048, 3072, 4096), so that encryption is two to three times as fast; assumes that discrete logarithms with short "
    "exponents are hard. subgroup: as short, from a subgroup of secret order, so that decryption is several times as "
    "fast too; assumes besides that nobody can tell that subgroup or factor with its help. 'veilsum inspect' says of "
    "every key what it is.",
    "NAME.pub carries a proof that n is prime to phi(n), so that each ciphertext under it has one plaintext only. It "
    "is "
    "checked by whoever encrypts. It does not show that n is hard to factor, nor anything of the base of the "
    "randomness. "
    "--public writes NAME.pub again, proof included, from NAME.key: for keys of older versions, and for lost files.",
    "With --threshold 3/5 nobody gets the secret key: it is dealt to five holders, any three of whom open a total "
    "together, and no two. Written are NAME.pub as ever, NAME.holders, which plans pin and everybody may read, and for "
    "each holder NAME.HOLDER.share, sealed to the identity that --holder names. The machine that deals sees the whole "
    "key while it runs: use one that all holders trust to forget, and give each its file.",
    "Totals that were encrypted under a key open with that key only: --force destroys the old one.",
    NULL,
};

static const vs_example examples[] = {
    {"A key pair, the passphrase asked for twice", "veilsum keygen hub"},
    {"In a script", "veilsum keygen --passphrase-file secret.txt hub"},
    {"hub.pub again, from hub.key", "veilsum keygen --public --force hub"},
    {"A key that two of three holders open with",
     "veilsum keygen --threshold 2/3 --holder a.id.pub --holder b.id.pub --holder c.id.pub hub"},
    {NULL, NULL},
};

const vs_verb vs__verb_keygen = {
    .name = "keygen",
    .summary = "Make a key pair",
    .synopsis = "[--bits BITS] [--degree S] [--type TYPE] [--passphrase-file FILE | --no-passphrase | "
                "--threshold T/N --holder FILE …] [--public] [--force] NAME",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_keygen,
};
