/* convert: keys and numbers of python-paillier, from and to.
 *
 * The direction follows from what is given: a key is turned into the other program's, -k makes decimals of encrypted
 * numbers, -r encrypted numbers of decimals.
 */
#include <stdlib.h>
#include <string.h>

#include "aggregate/convert/phe.h"
#include "cli/input.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/paillier/key_proof.h"
#include "crypto/secret.h"

/* ---- keys ---- */

/* A key that was read, from either program: one of the two. */
typedef struct key_read {
    vs_public_key *pk;
    vs_secret_key *sk;
    bool was_json;
} key_read;

static const vs_public_key *public_half(const key_read *key) {
    return key->sk != NULL ? vs_secret_key_public(key->sk) : key->pk;
}

static vs_status refuse_content(const char *name, vs_content content, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "%s: neither a key of veilsum nor one of python-paillier", name);
    vs_hint(error, "-k NAME.key makes decimals of encrypted numbers, -r NAME.pub encrypted numbers of decimals");
    vs__content_hint(error, content, VS_CONTENT_UNKNOWN);
    return VS_ERR_FORMAT;
}

static vs_status read_own_secret(key_read *key, const char *text, size_t len, const char *name,
                                 const vs_arguments *arguments, vs_error *error) {
    vs_passphrase passphrase = {NULL, 0};
    const char *reason = NULL;
    vs_status status = VS_OK;
    if (vs_secret_key_text_is_sealed(text, len)) {
        status = vs__passphrase_get(&passphrase, vs__argument(arguments, "passphrase-file"), name, error);
    }
    if (status == VS_OK) {
        status = vs_secret_key_from_text(&key->sk, text, len, passphrase.text, passphrase.len, &reason);
        if (status != VS_OK) {
            (void)vs_fail(error, status, "%s: %s", name, reason != NULL ? reason : vs_status_text(status));
            vs_hint(error, "check the passphrase; a damaged key is restored from its backup");
        }
    }
    vs__passphrase_free(&passphrase);
    return status;
}

static vs_status read_key_text(key_read *key, const char *text, size_t len, const char *name,
                               const vs_arguments *arguments, vs_error *error) {
    vs_content content = vs__content_of((const uint8_t *)text, len < VS_PEEK_BYTES ? len : VS_PEEK_BYTES);
    vs_key_type type = VS_KEY_IMPORTED;
    const char *wanted = vs__argument(arguments, "type"), *reason = NULL;
    vs_status status;
    switch (content) {
    case VS_CONTENT_SECRET_KEY:
        return read_own_secret(key, text, len, name, arguments, error);
    case VS_CONTENT_PUBLIC_KEY:
        status = vs_public_key_from_text(&key->pk, text, len, &reason);
        return status == VS_OK ? status : vs_fail(error, status, "%s: %s", name, reason);
    case VS_CONTENT_JSON:
        key->was_json = true;
        VS_CHECK(wanted == NULL || vs_key_type_from_name(&type, wanted));
        status = vs_phe_key_read(&key->pk, &key->sk, text, len, type, error);
        if (status != VS_OK) {
            vs_error_at(error, "%s", name);
        }
        return status;
    default:
        return refuse_content(name, content, error);
    }
}

static vs_status read_key(key_read *key, const char *path, const vs_arguments *arguments, vs_error *error) {
    vs_input input;
    char *text = NULL;
    size_t len = 0;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) { /* secret memory: it may be a secret key */
        status = vs__input_read_secret(&input, VS_MAX_PHE_KEY_BYTES, &text, &len, error);
    }
    if (status == VS_OK) {
        status = read_key_text(key, text, len, input.source.name, arguments, error);
    }
    vs_secret_free(text);
    vs__input_close(&input);
    return status;
}

/* The passphrase of the key that is about to be written; none for JSON, which is in the clear. */
static vs_status choose_passphrase(vs_passphrase *passphrase, const key_read *key, const vs_arguments *arguments,
                                   vs_error *error) {
    const char *file = vs__argument(arguments, "passphrase-file");
    if (key->was_json && !vs__argument_given(arguments, "no-passphrase")) {
        return vs__passphrase_choose(passphrase, file, error);
    }
    if (key->was_json && file != NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "convert: --passphrase-file and --no-passphrase exclude each other");
        vs_hint(error, "the key is sealed with a passphrase, or it is not: choose one");
        return VS_ERR_USAGE;
    }
    vs__ui_warning("the secret key that is written is not sealed: whoever can read it can open everything");
    return VS_OK;
}

/* The public half's own text, in secret memory; with a proof where its maker, who has the primes, asks. */
static vs_status make_public_text(char **text, const key_read *key, vs_error *error) {
    vs_status status = key->sk != NULL ? vs_secret_key_prove(key->sk) : VS_OK;
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    char *plain = vs_public_key_to_text(public_half(key));
    *text = plain == NULL ? NULL : vs_secret_alloc(strlen(plain) + 1);
    if (*text != NULL) {
        memcpy(*text, plain, strlen(plain) + 1);
    }
    free(plain);
    return *text == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

/* The text of what was asked for, in secret memory. */
static vs_status make_text(char **text, const key_read *key, bool public, const vs_arguments *arguments,
                           vs_error *error) {
    vs_passphrase passphrase = {NULL, 0};
    vs_status status = VS_OK;
    if (!key->was_json) {
        status = public ? vs_phe_public_key_write(public_half(key), text, error)
                        : vs_phe_secret_key_write(key->sk, text, error);
    } else if (public) {
        status = make_public_text(text, key, error);
    }
    if (status == VS_OK && !public) {
        status = choose_passphrase(&passphrase, key, arguments, error);
    }
    if (status == VS_OK && key->was_json && !public) {
        status = vs_secret_key_to_text(key->sk, text, passphrase.text, passphrase.len);
        status = status == VS_OK ? status : vs_fail_plain(error, status);
    }
    vs__passphrase_free(&passphrase);
    return status;
}

static void note_key(const key_read *key) {
    const vs_key_info *info = vs_public_key_info(public_half(key));
    if (key->was_json) {
        vs__ui_note("a key of type %s assumes %s", vs_key_type_name(info->type), vs_key_type_assumption(info->type));
    }
    if (key->was_json && key->sk == NULL) {
        vs__ui_note("it carries no proof of its form: '--public' of the secret key, at its holder's, makes one");
    }
}

static vs_status check_key_arguments(const vs_arguments *arguments, const key_read *key, bool public, vs_error *error) {
    if (!public && vs__argument(arguments, "output") == NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "convert: where to? a secret key is not printed");
        vs_hint(error, "-o NAME names the file; --public writes its public half alone");
        return VS_ERR_USAGE;
    }
    if (vs__argument_given(arguments, "type") && (!key->was_json || key->sk == NULL)) {
        (void)vs_fail(error, VS_ERR_USAGE, "convert: --type is for python-paillier's secret keys");
        vs_hint(error, "a public key becomes one of type imported; a key of veilsum keeps its numbers");
        return VS_ERR_USAGE;
    }
    if (vs__argument(arguments, "precision") != NULL || vs__argument_given(arguments, "trust-key")) {
        (void)vs_fail(error, VS_ERR_USAGE, "convert: --precision and --trust-key go with -r");
        vs_hint(error, "without -k and -r, FILE is a key");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

static vs_status convert_key(const char *path, const vs_arguments *arguments, vs_error *error) {
    key_read key = {NULL, NULL, false};
    char *text = NULL;
    vs_output output = {.slot = -1, .fd = -1};
    vs_output_options options = {.force = vs__argument_given(arguments, "force")};
    vs_status status = read_key(&key, path, arguments, error);
    bool public = key.sk == NULL || vs__argument_given(arguments, "public");
    options.secret = !public;
    if (status == VS_OK) {
        status = check_key_arguments(arguments, &key, public, error);
    }
    if (status == VS_OK) {
        status = vs__output_open(&output, vs__argument(arguments, "output"), &options, error);
    }
    if (status == VS_OK) {
        status = make_text(&text, &key, public, arguments, error);
    }
    if (status == VS_OK) {
        status = output.sink.write(output.sink.context, text, strlen(text), error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    if (status == VS_OK) {
        note_key(&key);
    }
    vs_secret_free(text);
    vs_public_key_free(key.pk);
    vs_secret_key_free(key.sk);
    vs__output_close(&output);
    return status;
}

/* ---- numbers ---- */

static vs_status load_keys(vs_public_key **pk, vs_secret_key **sk, const vs_arguments *arguments, vs_error *error) {
    const char *key = vs__argument(arguments, "key"), *recipient = vs__argument(arguments, "recipient");
    if (key != NULL && recipient != NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "convert: -k and -r exclude each other");
        vs_hint(error, "-k makes decimals of encrypted numbers, -r encrypted numbers of decimals");
        return VS_ERR_USAGE;
    }
    if (key != NULL && vs__argument_given(arguments, "trust-key")) {
        (void)vs_fail(error, VS_ERR_USAGE, "convert: --trust-key goes with -r");
        vs_hint(error, "-k is the key itself");
        return VS_ERR_USAGE;
    }
    if (key != NULL && vs__argument(arguments, "precision") != NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "convert: --precision goes with -r; decimals are printed exactly");
        return VS_ERR_USAGE;
    }
    if (key != NULL) {
        return vs__load_secret_key(sk, key, vs__argument(arguments, "passphrase-file"), error);
    }
    vs_status status = vs__load_public_key(pk, recipient, error);
    if (status == VS_OK) {
        status = vs__check_key_proof(*pk, recipient, vs__argument_given(arguments, "trust-key"), error);
    }
    return status;
}

static vs_status convert_numbers(const char *path, const vs_arguments *arguments, vs_error *error) {
    vs_public_key *pk = NULL;
    vs_secret_key *sk = NULL;
    vs_input input;
    vs_progress_line line;
    vs_output output = {.slot = -1, .fd = -1};
    const vs_output_options options = {.force = vs__argument_given(arguments, "force"),
                                       .secret = vs__argument(arguments, "key") != NULL};
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = load_keys(&pk, &sk, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__output_open(&output, vs__argument(arguments, "output"), &options, error);
    }
    vs__progress_begin(&line, sk != NULL ? "decrypting" : "encrypting", "numbers");
    if (status == VS_OK) {
        const char *precision = vs__argument(arguments, "precision");
        status = sk != NULL ? vs_phe_decrypt(sk, &input.source, &output.sink, &line.progress, error)
                            : vs_phe_encrypt(pk, precision, &input.source, &output.sink, &line.progress, error);
    }
    vs__progress_end(&line);
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs_public_key_free(pk);
    vs_secret_key_free(sk);
    vs__output_close(&output);
    vs__input_close(&input);
    return status;
}

static vs_status check_number_arguments(const vs_arguments *arguments, vs_error *error) {
    static const char *const others[] = {"public", "type", "no-passphrase"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (vs__argument_given(arguments, others[i])) {
            (void)vs_fail(error, VS_ERR_USAGE, "convert: --%s is for keys", others[i]);
            vs_hint(error, "without -k and -r, FILE is a key");
            return VS_ERR_USAGE;
        }
    }
    return VS_OK;
}

static vs_status run_convert(const vs_arguments *arguments, vs_error *error) {
    bool numbers = vs__argument(arguments, "key") != NULL || vs__argument(arguments, "recipient") != NULL;
    vs_status status = vs__apply_threads(arguments, error);
    if (status == VS_OK && numbers) {
        status = check_number_arguments(arguments, error);
    }
    if (status != VS_OK) {
        return status;
    }
    vs__protect_process();
    const char *path = arguments->operands[0];
    return numbers ? convert_numbers(path, arguments, error) : convert_key(path, arguments, error);
}

static const vs_option options[] = {
    {.letter = 'k',
     .name = "key",
     .argument = "NAME.key",
     .help = "FILE holds encrypted numbers: decrypt them to decimals",
     .takes_file = true},
    {.letter = 'r',
     .name = "recipient",
     .argument = "NAME.pub",
     .help = "FILE holds decimals, one a line: encrypt them to numbers",
     .takes_file = true},
    {.name = "precision",
     .argument = "P",
     .help = "with -r: round to the largest power of 16 up to P, such as 0.01, and give all numbers that exponent"},
    VS_OPTION_TRUST_KEY,
    VS_OPTION_OUTPUT("where the result goes (default: standard output, but for secret keys)"),
    {.name = "public", .help = "of a secret key, write the public half"},
    {.name = "type",
     .argument = "TYPE",
     .help = "what a secret key of python-paillier becomes (default: imported)",
     .words = "imported standard"},
    VS_OPTION_PASSPHRASE_FILE("the passphrase of NAME.key, read or to be made, is the first line of FILE"),
    {.name = "no-passphrase", .help = "leave a secret key that is made unsealed: whoever reads the file can use it"},
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Converts keys and encrypted numbers between veilsum and python-paillier (phe 1.5). What FILE is shows from its "
    "content: a key of veilsum becomes python-paillier's JSON, and a key in that JSON one of veilsum's.",
    "With -k, FILE holds encrypted numbers, such as {\"v\": \"123...\", \"e\": -32}, one after the other or in a list; "
    "the "
    "result is their decimals, one a line. With -r, it is the other way round, and the public key must carry a proof "
    "of "
    "its form, as for 'veilsum encrypt'; --trust-key does without.",
    "Keys of 2048, 3072 and 4096 bits are converted. python-paillier's become keys of type imported: any primes, and "
    "random numbers that each cost a whole power, so encryption is slower than with a key that 'veilsum keygen' makes. "
    "--type standard makes a faster key where the primes allow it; its fingerprint is then another one, and whoever "
    "encrypts needs its public half from the holder. Keys of degree 1 can be written, but not those of type subgroup. "
    "python-paillier's JSON has no passphrase: what is written there can be used by whoever reads it.",
    "Decimals are exact. A number is m times 16^e with whole m and e, so every encrypted number has a finite decimal, "
    "which is printed to its last digit; but few decimals with a fraction have such a form: 0.5 has, 0.1 has not. The "
    "others are refused, or rounded half-even with --precision. The exponent of an encrypted number can be read by "
    "everybody: without --precision it tells how many places a number has.",
    "Exponents are at most 1024 either side of 0. A sum that has overflowed is refused.",
    NULL,
};

static const vs_example examples[] = {
    {"A key from python-paillier", "veilsum convert key.json -o hub.key"},
    {"Its public half", "veilsum convert --public key.json -o hub.pub"},
    {"A public key for python-paillier", "veilsum convert hub.pub -o hub.json"},
    {"Numbers for it", "veilsum convert -r hub.pub --precision 0.01 costs.txt -o costs.json"},
    {"What came back", "veilsum convert -k hub.key sums.json"},
    {NULL, NULL},
};

const vs_verb vs__verb_convert = {
    .name = "convert",
    .summary = "Convert keys and numbers from and to python-paillier",
    .synopsis = "[-k NAME.key | -r NAME.pub [--precision P]] [-o OUT] [OPTIONS] FILE",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_convert,
};
