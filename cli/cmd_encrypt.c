/* encrypt: an owner's table into a contribution. */
#include <string.h>

#include "aggregate/combine/combine.h"
#include "cli/input.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/pool_file.h"
#include "cli/prepare.h"
#include "cli/signed_plan.h"
#include "cli/table_input.h"
#include "cli/table_record.h"
#include "cli/ui.h"
#include "cli/verbs.h"

/* An identity brings its own name. */
static vs_status check_names(const vs_arguments *arguments, vs_error *error) {
    const char *name = vs__argument(arguments, "as"), *period = vs__argument(arguments, "period");
    if (name == NULL && !vs__argument_given(arguments, "identity")) {
        (void)vs_fail(error, VS_ERR_USAGE, "encrypt: it is not said who contributes");
        vs_hint(error, "name yourself with --as NAME, or sign with -i NAME.id");
        return VS_ERR_USAGE;
    }
    if (name != NULL && !vs_name_is_valid(name, strlen(name))) {
        (void)vs_fail(error, VS_ERR_USAGE, "encrypt: --as is not a usable name");
    } else if (period != NULL && period[0] != 0 && !vs_name_is_valid(period, strlen(period))) {
        (void)vs_fail(error, VS_ERR_USAGE, "encrypt: --period is not a usable label");
    } else {
        return VS_OK;
    }
    vs_hint(error, "1 to %u bytes of UTF-8, no control characters, no space at the ends", VS_MAX_NAME_BYTES);
    return VS_ERR_USAGE;
}

static vs_status contribute(const vs_plan *plan, const vs_public_key *pk, const vs_cells *cells,
                            const vs_contribution_request *request, vs_randomness randomness, vs_output *output,
                            vs_error *error) {
    vs_contribution_request complete = *request;
    vs_progress_line line;
    complete.randomness = randomness;
    vs__progress_begin(&line, "encrypting", "ciphertexts");
    vs_status status = vs_contribute_from(plan, pk, cells, &complete, &output->sink, &line.progress, error);
    vs__progress_end(&line);
    return status;
}

/* The pool is open, and nobody else's, while it is needed only. */
static vs_status contribute_from_pool(const vs_plan *plan, const vs_public_key *pk, const vs_cells *cells,
                                      const vs_contribution_request *request, const char *path, vs_output *output,
                                      vs_error *error) {
    vs_pool_file file;
    vs_pool *pool = NULL;
    vs__protect_process();
    vs_status status = vs__pool_file_open(&file, path, error);
    if (status == VS_OK) {
        status = vs_pool_open(&pool, &file.storage, pk, error);
    }
    if (status == VS_OK) {
        status = contribute(plan, pk, cells, request, (vs_randomness){.pool = pool}, output, error);
    }
    vs_status closed = vs_pool_close(pool, status == VS_OK ? error : NULL);
    vs__pool_file_close(&file);
    return status == VS_OK ? closed : status;
}

/* Read the data and encrypt it into the output. Without a pool the table is made meanwhile. */
static vs_status read_and_contribute(const vs_plan *plan, const vs_public_key *pk,
                                     const vs_contribution_request *request, const vs_arguments *arguments,
                                     vs_output *output, vs_error *error) {
    const char *pool = vs__argument(arguments, "pool");
    vs_preparation preparation = {.pk = NULL};
    vs_cells *cells = NULL;
    vs_sketch sketch = {.rows = 0};
    vs_status status = pool != NULL ? VS_OK : vs__prepare_begin(&preparation, plan, pk, error);
    if (status == VS_OK) {
        const char *path = arguments->operand_count > 0 ? arguments->operands[0] : "-";
        status = vs__cells_of_data(&cells, &sketch, path, vs__argument(arguments, "format"), plan, request->signer,
                                   arguments, error);
    }
    if (status == VS_OK && pool != NULL) {
        status = contribute_from_pool(plan, pk, cells, request, pool, output, error);
    } else if (status == VS_OK) {
        status = vs__prepare_wait(&preparation, error);
        if (status == VS_OK) {
            vs_randomness randomness = {.encryptor = preparation.encryptor};
            status = contribute(plan, pk, cells, request, randomness, output, error);
        }
    }
    vs__prepare_end(&preparation);
    vs_cells_free(cells);
    if (status == VS_OK) {
        vs__table_remember(&sketch, vs__argument(arguments, "identity"), plan, request->period);
    }
    vs_sketch_clear(&sketch);
    return status == VS_OK ? vs__output_commit(output, error) : status;
}

/* Who contributes, and may they? Asked before the table is read. */
static vs_status load_signer(vs_identity **signer, vs_contribution_request *request, const vs_plan *plan,
                             const vs_arguments *arguments, vs_error *error) {
    const char *path = vs__argument(arguments, "identity");
    vs_status status = VS_OK;
    if (path != NULL) {
        status = vs__load_identity(signer, path, vs__argument(arguments, "identity-passphrase-file"), error);
    }
    *request = (vs_contribution_request){
        .name = vs__argument(arguments, "as"), .period = vs__argument(arguments, "period"), .signer = *signer};
    return status == VS_OK ? vs_contribution_check(plan, request, error) : status;
}

static vs_status load_key(vs_public_key **pk, const vs_plan *plan, const vs_arguments *arguments, vs_error *error) {
    const char *path = vs__argument(arguments, "recipient");
    vs_status status = vs__load_public_key(pk, path, error);
    if (status == VS_OK) {
        status = vs__check_key_of_plan(plan, vs_public_key_info(*pk)->fingerprint, path, error);
    }
    if (status == VS_OK) {
        status = vs__check_key_proof(*pk, path, vs__argument_given(arguments, "trust-key"), error);
    }
    return status;
}

static vs_status run_encrypt(const vs_arguments *arguments, vs_error *error) {
    const vs_output_options binary = {.force = vs__argument_given(arguments, "force"), .binary = true};
    vs_plan *plan = NULL;
    vs_public_key *pk = NULL;
    vs_identity *signer = NULL;
    vs_contribution_request request;
    vs_output output = {.slot = -1, .fd = -1};
    vs_status status = check_names(arguments, error);
    if (status == VS_OK) {
        status = vs__apply_threads(arguments, error);
    }
    if (status == VS_OK) {
        status = vs__output_open(&output, vs__argument(arguments, "output"), &binary, error);
    }
    if (status == VS_OK) {
        status = vs__load_signed_plan(&plan, arguments, VS_PLAN_VALID_NOW, error);
    }
    if (status == VS_OK) {
        status = load_key(&pk, plan, arguments, error);
    }
    if (status == VS_OK) {
        status = load_signer(&signer, &request, plan, arguments, error);
    }
    if (status == VS_OK) {
        status = read_and_contribute(plan, pk, &request, arguments, &output, error);
    }
    vs_identity_free(signer);
    vs_public_key_free(pk);
    vs_plan_free(plan);
    vs__output_close(&output);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_PLAN,
    {.letter = 'r',
     .name = "recipient",
     .argument = "NAME.pub",
     .help = "the public key that the plan names",
     .required = true,
     .takes_file = true},
    {.name = "as", .argument = "NAME", .help = "who contributes, once in a period (with -i: the identity's name)"},
    VS_OPTION_IDENTITY("who contributes, and signs: needed where the plan has a roster"),
    VS_OPTION_IDENTITY_PASSPHRASE_FILE,
    VS_OPTION_PLAN_SIGNATURES,
    {.name = "period", .argument = "LABEL", .help = "the period, such as 2026-11 (default: none)"},
    VS_OPTION_OUTPUT("the contribution (default: standard output)"),
    VS_OPTION_DATA_FORMAT,
    {.name = "pool",
     .argument = "NAME.pool",
     .help = "use up random factors that 'veilsum pool' made",
     .takes_file = true},
    VS_OPTIONS_READING,
    VS_OPTION_TRUST_KEY,
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Reads a table (CSV with a header line), adds up what the plan's measures need, and encrypts the sums. For a plan "
    "of a vector the data is an array in NumPy's format or one number a line. Rows do not leave this machine, not even "
    "encrypted.",
    "A value outside the plan's bounds or domain is an error that names its row and column; rows that the plan leaves "
    "out are counted in a note. A header without rows makes a contribution of zeros, which nobody can tell from "
    "another.",
    "How the table is written is this owner's own business and no part of the plan: --column, --delimiter, --decimal, "
    "--encoding and --missing.",
    "The public key must carry a proof that each of its ciphertexts has one plaintext only, which is checked first. It "
    "does "
    "not show that the key is hard to break, nor who made it: the plan's fingerprint says which key is meant. Keys "
    "made by "
    "older versions and other tools have none; --trust-key uses them all the same.",
    "With --pool the slow part of encryption has been done before, by 'veilsum pool'. Each factor is used once: it "
    "counts "
    "as used, durably, before its ciphertext leaves, and is destroyed. A pool with too few is left as it is, and "
    "nothing "
    "is encrypted.",
    "With -i the contribution is signed, which a plan with a roster asks for: then nobody else can contribute under "
    "this "
    "name. Before anything is encrypted the plan must be signed by as many of its parties as it needs, be valid today, "
    "and "
    "list the identity as one that may contribute.",
    NULL,
};

static const vs_example examples[] = {
    {"A contribution for November",
     "veilsum encrypt -p plan.json -r hub.pub --as NORTH --period 2026-11 north.csv -o north.vs"},
    {"Signed, under a plan with a roster",
     "veilsum encrypt -p plan.json -r hub.pub -i n.id --period 2026-11 north.csv -o north.vs"},
    {"A table with semicolons and decimal commas, from a pipe",
     "dump | veilsum encrypt -p plan.json -r hub.pub --as N --delimiter ';' --decimal , >n.vs"},
    {"With factors that were made over night",
     "veilsum encrypt -p plan.json -r hub.pub --as NORTH --pool hub.pool north.csv -o north.vs"},
    {NULL, NULL},
};

const vs_verb vs__verb_encrypt = {
    .name = "encrypt",
    .summary = "Encrypt a table's sums into a contribution",
    .synopsis = "-p PLAN -r NAME.pub (--as NAME | -i NAME.id) [--period LABEL] [-o OUT] [OPTIONS] [DATA | -]",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_max = 1,
    .run = run_encrypt,
};
