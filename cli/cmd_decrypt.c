/* decrypt: a total into a result for people or programs, or, for a holder of a threshold key, into its part of that. */
#include <string.h>

#include "aggregate/result/result.h"
#include "cli/decrypt_internal.h"
#include "cli/input_list.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/result_options.h"
#include "cli/signed_plan.h"
#include "cli/ui.h"
#include "cli/verbs.h"

/* ---- which way ---- */

typedef enum way { WITH_KEY, MAKE_PART, OPEN_PARTS } way;

/* What each way needs, and what does not go with it; end with NULL. */
static const struct {
    const char *needs[4], *refuses[13];
} ways[] = {
    [WITH_KEY] = {{"key", NULL}, {"holders", "share", NULL}},
    [MAKE_PART] = {{"holders", "share", "identity", NULL},
                   {"key", "passphrase-file", "format", "for-spreadsheet", NULL}},
    [OPEN_PARTS] = {{"holders", NULL},
                    {"key", "passphrase-file", "share", "identity", "identity-passphrase-file", "with", "files-from",
                     "receipt", "trust", "openings", "record", NULL}},
};

static const char *way_name(way w) {
    return w == WITH_KEY ? "without --part and --parts" : w == MAKE_PART ? "--part" : "--parts";
}

/* What would be left undone in silence. */
static vs_status check_book(const vs_arguments *arguments, vs_error *error) {
    const char *what = vs__argument_given(arguments, "record")     ? "record"
                       : vs__argument_given(arguments, "openings") ? "openings"
                                                                   : NULL;
    if (what == NULL || vs__argument_given(arguments, "identity")) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_USAGE, "decrypt: --%s needs --identity", what);
    vs_hint(error, "-i NAME.id: who opens signs the record of the opening");
    return VS_ERR_USAGE;
}

static vs_status choose_way(way *chosen, const vs_arguments *arguments, vs_error *error) {
    bool part = vs__argument_given(arguments, "part"), parts = vs__argument_given(arguments, "parts");
    way w = part ? MAKE_PART : parts ? OPEN_PARTS : WITH_KEY;
    *chosen = w;
    if (!parts && !vs__argument_given(arguments, "with") && arguments->operand_count > 1) {
        (void)vs_fail(error, VS_ERR_USAGE, "decrypt: unexpected argument '%s'", arguments->operands[1]);
        vs_hint(error,
                "one total is opened at a time; the parts of it go with --parts, the contributions in it with --with");
        return VS_ERR_USAGE;
    }
    for (const char *const *name = ways[w].needs; *name != NULL; name++) {
        if (!vs__argument_given(arguments, *name)) {
            (void)vs_fail(error, VS_ERR_USAGE, "decrypt: %s needs --%s", way_name(w), *name);
            vs_hint(error, w == WITH_KEY ? "a plan that opens by threshold takes --holders, and --part or --parts"
                                         : "see 'veilsum help decrypt'");
            return VS_ERR_USAGE;
        }
    }
    for (const char *const *name = ways[w].refuses; *name != NULL; name++) {
        if (vs__argument_given(arguments, *name)) {
            (void)vs_fail(error, VS_ERR_USAGE, "decrypt: --%s does not go with %s", *name,
                          w == WITH_KEY ? "a key" : way_name(w));
            vs_hint(error, "see 'veilsum help decrypt'");
            return VS_ERR_USAGE;
        }
    }
    return check_book(arguments, error);
}

/* Said before a passphrase is asked for; those who open say it again. */
static vs_status check_way(way w, const vs_plan *plan, vs_error *error) {
    vs_status status = vs__check_plan_has_key(plan, error);
    if (status != VS_OK || plan->is_threshold == (w != WITH_KEY)) {
        return status;
    }
    if (plan->is_threshold) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "the plan opens by threshold: no key opens its totals alone");
        vs_hint(error, "each holder makes a part with --part, and enough of them open the total with --parts");
    } else {
        (void)vs_fail(error, VS_ERR_MISMATCH, "the plan opens with a key, not by threshold");
        vs_hint(error, "its holder opens the total: veilsum decrypt -p PLAN -k NAME.key TOTAL");
    }
    return VS_ERR_MISMATCH;
}

/* ---- with a key ---- */

static vs_status open_with_key(vs_opened *opened, const vs_arguments *arguments, const vs_plan *plan,
                               const vs_secret_key *sk, const vs_identity *opener, vs_error *error) {
    vs__decrypt_inputs inputs;
    vs_total *total = NULL;
    vs_progress_line line;
    vs_status status = vs__decrypt_inputs_open(&inputs, arguments, error);
    if (status == VS_OK) {
        status = vs__decrypt_read_total(&total, &inputs, plan, vs_secret_key_public(sk), error);
    }
    if (status == VS_OK) {
        const vs__permit_request request = {.arguments = arguments,
                                            .total = total,
                                            .name = inputs.inputs[0].source.name,
                                            .opener = opener,
                                            .secret_path = vs__argument(arguments, "key")};
        status = vs__decrypt_permit(&request, error);
    }
    if (status == VS_OK) {
        vs__progress_begin(&line, "decrypting", "ciphertexts");
        status = vs_total_open_with_key(opened, total, sk, &line.progress, error);
        vs__progress_end(&line);
    }
    vs_total_free(total);
    vs__decrypt_inputs_close(&inputs);
    return status;
}

static vs_status load_and_open(vs_opened *opened, const vs_arguments *arguments, const vs_plan *plan, vs_error *error) {
    const char *key_path = vs__argument(arguments, "key");
    const char *identity_path = vs__argument(arguments, "identity");
    vs_secret_key *sk = NULL;
    vs_identity *opener = NULL;
    if (plan->party_count > 0 && identity_path == NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "decrypt: the plan has a roster: say with --identity who opens");
        vs_hint(error, "-i NAME.id, the identity that the plan lists for this; it signs the record of the opening");
        return VS_ERR_USAGE;
    }
    vs_status status = vs__load_secret_key(&sk, key_path, vs__argument(arguments, "passphrase-file"), error);
    if (status == VS_OK) {
        status =
            vs__check_key_of_plan(plan, vs_public_key_info(vs_secret_key_public(sk))->fingerprint, key_path, error);
    }
    if (status == VS_OK) {
        status = identity_path == NULL ? VS_OK
                                       : vs__load_identity(&opener, identity_path,
                                                           vs__argument(arguments, "identity-passphrase-file"), error);
    }
    if (status == VS_OK) {
        status = open_with_key(opened, arguments, plan, sk, opener, error);
    }
    vs_identity_free(opener);
    vs_secret_key_free(sk);
    return status;
}

/* ---- the verb ---- */

/* What is refused before anybody is asked for a passphrase. */
static vs_status prepare(way *w, vs_plan **plan, vs_output *output, vs_result_options *result,
                         const vs_arguments *arguments, vs_error *error) {
    vs_status status = vs__apply_threads(arguments, error);
    if (status == VS_OK) {
        status = choose_way(w, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__result_choose(result, arguments, error);
    }
    if (status == VS_OK) {
        const vs_output_options written = {.force = vs__argument_given(arguments, "force"),
                                           .binary = *w == MAKE_PART || result->format == VS_RESULT_NPY};
        status = vs__output_open(output, vs__argument(arguments, "output"), &written, error);
    }
    if (status == VS_OK) {
        status = vs__load_signed_plan(plan, arguments, VS_PLAN_VALID_NOW, error);
    }
    if (status == VS_OK && *w != MAKE_PART) {
        status = vs__result_check(result, *plan, error);
    }
    return status == VS_OK ? check_way(*w, *plan, error) : status;
}

static vs_status run_decrypt(const vs_arguments *arguments, vs_error *error) {
    way w;
    vs_plan *plan = NULL;
    vs_opened opened = {.cells = NULL};
    vs_result_options result;
    vs_output output = {.slot = -1, .fd = -1};
    vs_status status = prepare(&w, &plan, &output, &result, arguments, error);
    if (status == VS_OK && w == MAKE_PART) {
        status = vs__decrypt_make_part(arguments, plan, &output.sink, error);
    } else if (status == VS_OK) {
        status = w == OPEN_PARTS ? vs__decrypt_open_parts(&opened, arguments, plan, error)
                                 : load_and_open(&opened, arguments, plan, error);
        if (status == VS_OK) {
            status = vs_result_write(plan, &opened, &result, &output.sink, error);
        }
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs_opened_clear(&opened);
    vs_plan_free(plan);
    vs__output_close(&output);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_PLAN,
    {.letter = 'k',
     .name = "key",
     .argument = "NAME.key",
     .help = "the secret key that the plan names",
     .takes_file = true},
    {.name = "holders",
     .argument = "NAME.holders",
     .help = "the threshold key that the plan names, of which several holders have shares",
     .takes_file = true},
    {.name = "part", .help = "make the part of one holder: of the total, or with --parts of what those parts allow"},
    {.name = "share",
     .argument = "NAME.X.share",
     .help = "with --part: the holder's share, sealed to its identity",
     .takes_file = true},
    VS_OPTION_IDENTITY("who opens: signs the record of the opening, and with --part the part"),
    VS_OPTION_IDENTITY_PASSPHRASE_FILE,
    {.name = "parts", .help = "the files behind the total are parts of it, in any order"},
    VS_OPTION_PLAN_SIGNATURES,
    {.name = "with",
     .argument = "FILE",
     .help = "a contribution that the total holds; without --parts the files behind the total are some, too",
     .repeated = true,
     .takes_file = true},
    VS_OPTION_FILES_FROM,
    {.name = "receipt",
     .argument = "FILE",
     .help = "a receipt of the total, instead of the contributions",
     .takes_file = true},
    {.name = "trust", .argument = "NAME", .help = "the party of the plan whose receipt is believed"},
    {.name = "openings",
     .argument = "FOLDER",
     .help = "the opener's book (default: beside the key or share, NAME.openings)",
     .takes_file = true},
    {.name = "record",
     .argument = "OUT",
     .help = "write the signed record of this opening, for the common ledger",
     .takes_file = true},
    VS_OPTION_OUTPUT("the result (default: standard output)"),
    VS_OPTION_RESULT_FORMAT,
    VS_OPTION_FOR_SPREADSHEET,
    VS_OPTION_PASSPHRASE_FILE("the passphrase is the first line of FILE (default: it is asked for)"),
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Opens a total. The columns are those that the plan groups by, then its measures in the plan's order: sums are "
    "exact, means and the like are computed from exact integers and printed with 15 significant digits.",
    "A total of fewer contributions than the plan's contributors.min is refused, and nothing is printed. A value below "
    "the plan's minimums is printed as '*' and never opened, and so is what would give it away by subtraction; what "
    "is not defined, such as the mean of nothing, is left empty.",
    "The total of a vector plan is written as CSV, or with --format npy or an OUT that ends in .npy as an array in "
    "NumPy's format.",
    "A plan that opens by threshold takes several holders. Each makes a part of the total with --part; as many as the "
    "threshold asks for open it with --parts. Every part is signed by its holder and proves that it was made with the "
    "holder's share: a part that is not right is named and left out.",
    "If such a plan has minimums, there are two rounds. The parts of round 1 are of the counts alone. With enough of "
    "them behind the total, --part --parts makes a part of round 2: the holder's own program opens the counts and "
    "leaves out what the minimums withhold. Both rounds' parts together open the total.",
    "Under a plan with a roster, an opener is one whom the plan lists for it, and asks first what the plan says: "
    "signatures, days, who contributed, contributors.min (organisations), uses, and that no other set of contributors "
    "of the period that overlaps with this one was opened. It opens only what it has seen to hold the signed "
    "contributions: given --with them it combines them once more, or it believes the --receipt of a party whom it "
    "names with --trust. What it opens stands in its book before anything is decrypted; a total that was opened may be "
    "opened again.",
    NULL,
};

static const vs_example examples[] = {
    {"A table on the terminal", "veilsum decrypt -p plan.json -k hub.key total.vs"},
    {"CSV from a pipe", "veilsum combine -p plan.json *.vs | veilsum decrypt -p plan.json -k hub.key -o result.csv"},
    {"A holder's part of a total",
     "veilsum decrypt -p p.json --holders k.holders --share k.A.share -i A.id --part t.vs >A.p"},
    {"Parts of enough holders open it", "veilsum decrypt -p p.json --holders k.holders t.vs --parts A.p B.p C.p"},
    {"Under a roster: what is opened is combined once more first",
     "veilsum decrypt -p plan.json -k hub.key -i hub.id total.vs --with *.vs"},
    {NULL, NULL},
};

const vs_verb vs__verb_decrypt = {
    .name = "decrypt",
    .summary = "Open a total with its secret key, or with parts of its holders",
    .synopsis = "-p PLAN {-k NAME.key | --holders NAME.holders {--part | --parts}} [OPTIONS] [IN | -] [FILE...]",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_max = SIZE_MAX,
    .run = run_decrypt,
};
