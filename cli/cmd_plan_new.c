/* plan new: a plan, ready to edit, from a sample. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_text.h"
#include "cli/input.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/parties.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/paillier/key_proof.h"

#define DEFAULT_TOLERATED 5           /* percent, as in a plan that does not say */
#define MAX_COUNT (UINT64_C(1) << 53) /* plans write larger numbers as text */

static const char *const measure_options[] = {"count",     "sum",        "mean",       "variance",
                                              "histogram", "covariance", "regression", NULL};

static bool is_measure(const char *name) {
    for (const char *const *option = measure_options; *option != NULL; option++) {
        if (strcmp(name, *option) == 0) {
            return true;
        }
    }
    return false;
}

/* MIN-MAX of --contributors. */
static vs_status choose_contributors(vs_plan_request *request, const vs_arguments *arguments, vs_error *error) {
    const char *text = vs__argument(arguments, "contributors");
    if (text == NULL) {
        return VS_OK;
    }
    size_t len = strcspn(text, "-");
    if (text[len] == '-' && vs__parse_number(text, len, 1, MAX_COUNT, &request->contributors_min) &&
        vs__parse_number(text + len + 1, strlen(text + len + 1), request->contributors_min, MAX_COUNT,
                         &request->contributors_max)) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_USAGE, "plan new: --contributors is not MIN-MAX");
    vs_hint(error, "two whole numbers, the smaller first: --contributors 3-1000");
    return VS_ERR_USAGE;
}

static vs_status choose_limits(vs_plan_request *request, const vs_arguments *arguments, vs_error *error) {
    vs_status status = choose_contributors(request, arguments, error);
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "rows-max", 1, MAX_COUNT, &request->rows_max, error);
    }
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "min-rows", 1, MAX_COUNT, &request->min_rows, error);
    }
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "min-contributors", 1, MAX_COUNT, &request->min_contributors, error);
    }
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "uses", 1, MAX_COUNT, &request->uses, error);
    }
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "signatures", 1, MAX_COUNT, &request->signatures, error);
    }
    return status;
}

static vs_status choose_vector(vs_plan_request *request, const vs_arguments *arguments, vs_error *error) {
    uint64_t scale = 0;
    vs_status status = vs__argument_number(arguments, "vector", 1, VS_MAX_CELLS, &request->vector_length, error);
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "scale", 0, VS_MAX_SCALE, &scale, error);
    }
    request->vector_scale = (unsigned)scale;
    request->vector_min = vs__argument(arguments, "min");
    request->vector_max = vs__argument(arguments, "max");
    if (status == VS_OK && (request->vector_min == NULL || request->vector_max == NULL)) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan new: --vector needs --min and --max");
        vs_hint(error, "the least and the largest value that an element may have: --min -1 --max 1");
        status = VS_ERR_USAGE;
    }
    if (status == VS_OK && (request->by_count > 0 || request->wish_count > 0 || arguments->operand_count > 0)) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan new: a vector has no columns, measures or sample");
        vs_hint(error, "leave --vector away for a table, or all of those for a vector");
        status = VS_ERR_USAGE;
    }
    return status;
}

static vs_status check_table(const vs_plan_request *request, const vs_arguments *arguments, vs_error *error) {
    if (vs__argument_given(arguments, "scale") || vs__argument_given(arguments, "min") ||
        vs__argument_given(arguments, "max")) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan new: --scale, --min and --max belong to --vector");
        vs_hint(error, "a table's columns get theirs from the sample; edit them in the plan");
        return VS_ERR_USAGE;
    }
    if (request->wish_count == 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan new: there is nothing to measure");
        vs_hint(error, "name measures: --count, --sum COL, --mean COL, --variance COL, --histogram COL ...");
        return VS_ERR_USAGE;
    }
    if (arguments->operand_count == 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan new: a sample of the data is missing");
        vs_hint(error, "name a CSV file whose values and bounds may become public, or '-' for standard input");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

/* The columns to group by and the measures, in the order of the command line. `by` and `wishes` have room for all. */
static void collect(vs_plan_request *request, const char **by, vs_plan_wish *wishes, const vs_arguments *arguments) {
    for (size_t i = 0; i < arguments->given_count; i++) {
        const vs_given *given = &arguments->given[i];
        if (strcmp(given->option->name, "by") == 0) {
            by[request->by_count++] = given->value;
        } else if (is_measure(given->option->name)) {
            wishes[request->wish_count++] = (vs_plan_wish){.verb = given->option->name, .argument = given->value};
        }
    }
    request->by = by;
    request->wishes = wishes;
}

static vs_status write_plan(const vs_plan_request *request, const vs_arguments *arguments, vs_output *output,
                            vs_error *error) {
    vs_input input = {.fd = -1};
    vs_reading_choice choice;
    char *note = NULL;
    vs_status status = vs__reading_choose(&choice, arguments, NULL, error);
    if (status == VS_OK && request->vector_length == 0) {
        status = vs__input_open(&input, arguments->operands[0], error);
    }
    if (status == VS_OK) {
        status = vs_plan_new(request, &choice.reading, request->vector_length == 0 ? &input.source : NULL,
                             &output->sink, &note, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(output, error);
    }
    if (status == VS_OK && note != NULL && note[0] != 0) {
        vs__ui_note("%s", note);
    }
    free(note);
    vs__input_close(&input);
    vs__reading_free(&choice);
    return status;
}

/* ---- the plan after another ---- */

/* What goes with --from: the rest stands in the old plan. */
static vs_status check_succession(const vs_arguments *arguments, vs_error *error) {
    static const char *const allowed[] = {"from", "party", "add-contributor", "organisation", "output", "force", NULL};
    for (size_t i = 0; i < arguments->given_count; i++) {
        const char *const *name = allowed;
        while (*name != NULL && strcmp(*name, arguments->given[i].option->name) != 0) {
            name++;
        }
        if (*name == NULL) {
            (void)vs_fail(error, VS_ERR_USAGE, "plan new: --%s does not go with --from",
                          arguments->given[i].option->name);
            vs_hint(error, "the new plan takes everything but its new parties from the old one; edit it for more");
            return VS_ERR_USAGE;
        }
    }
    if (arguments->operand_count > 0) {
        return vs_fail(error, VS_ERR_USAGE, "plan new: no sample is read with --from");
    }
    return VS_OK;
}

static vs_status write_successor(const vs_parties *parties, const vs_arguments *arguments, vs_output *output,
                                 vs_error *error) {
    vs_input input;
    uint8_t *json = NULL;
    size_t len = 0;
    vs_status status = vs__input_open(&input, vs__argument(arguments, "from"), error);
    if (status == VS_OK) {
        status = vs_read_all(&input.source, VS_MAX_PLAN_BYTES, &json, &len, error);
    }
    if (status == VS_OK) {
        status = vs_plan_succeed(input.source.name, json, len, parties->list, parties->count, &output->sink, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(output, error);
    }
    if (status == VS_OK) {
        vs__ui_note(
            "the new plan names the one that it replaces, and has an id of its own: everybody signs it anew, and "
            "contributions are made for it; what was closed under the old one stands");
    }
    free(json);
    vs__input_close(&input);
    return status;
}

static vs_status run_succession(const vs_arguments *arguments, const vs_output_options *options, vs_error *error) {
    vs_parties parties = {0};
    vs_output output = {.slot = -1, .fd = -1};
    vs_status status = check_succession(arguments, error);
    if (status == VS_OK) {
        status = vs__parties_choose(&parties, arguments, error);
    }
    if (status == VS_OK && parties.count == 0) {
        status = vs_fail(error, VS_ERR_USAGE, "plan new: --from adds nobody");
        vs_hint(error, "name who comes late: --add-contributor NAME.id.pub --organisation TEXT, or --party");
    }
    if (status == VS_OK) {
        status = vs__output_open(&output, vs__argument(arguments, "output"), options, error);
    }
    if (status == VS_OK) {
        status = write_successor(&parties, arguments, &output, error);
    }
    vs__output_close(&output);
    vs__parties_free(&parties);
    return status;
}

/* ---- a plan from a sample ---- */

/* Which way totals open. */
static vs_status choose_opening(vs_plan_request *request, const char **servers, const vs_arguments *arguments,
                                vs_error *error) {
    bool key = vs__argument_given(arguments, "recipient"), masks = vs__argument_given(arguments, "masks");
    bool holders = vs__argument_given(arguments, "holders");
    bool tolerates = vs__argument_given(arguments, "corrupt") || vs__argument_given(arguments, "absent");
    for (size_t i = 0; i < arguments->given_count; i++) {
        if (strcmp(arguments->given[i].option->name, "server") == 0) {
            servers[request->server_count++] = arguments->given[i].value;
        }
    }
    request->servers = servers;
    if (key + masks + (request->server_count > 0) != 1) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan new: it is not said how totals open, or said twice");
        vs_hint(error,
                "-r NAME.pub (a key; with --holders by threshold), --server NAME for each of 2 to 5, or --masks");
        return VS_ERR_USAGE;
    }
    if ((holders && !key) || (tolerates && !masks)) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan new: --%s",
                      holders && !key ? "holders goes with -r NAME.pub" : "corrupt and --absent go with --masks");
        return VS_ERR_USAGE;
    }
    request->opening = masks     ? VS_OPENING_MASKS
                       : !key    ? VS_OPENING_SHARES
                       : holders ? VS_OPENING_THRESHOLD
                                 : VS_OPENING_KEY;
    request->corrupt_percent = request->absent_percent = DEFAULT_TOLERATED;
    vs_status status =
        vs__argument_number(arguments, "corrupt", 0, VS_MAX_TOLERATED_PERCENT, &request->corrupt_percent, error);
    return status == VS_OK
               ? vs__argument_number(arguments, "absent", 0, VS_MAX_TOLERATED_PERCENT, &request->absent_percent, error)
               : status;
}

static vs_status choose_all(vs_plan_request *request, vs_parties *parties, const char **servers,
                            const vs_arguments *arguments, vs_error *error) {
    vs_status status = choose_limits(request, arguments, error);
    if (status == VS_OK) {
        status = choose_opening(request, servers, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__argument_given(arguments, "vector") ? choose_vector(request, arguments, error)
                                                         : check_table(request, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__parties_choose(parties, arguments, error);
    }
    request->purpose = vs__argument(arguments, "purpose");
    request->valid_from = vs__argument(arguments, "from-day");
    request->valid_until = vs__argument(arguments, "until");
    request->parties = parties->list;
    request->party_count = parties->count;
    return status;
}

/* Who contributes will be asked for --trust-key where the key has no proof. */
static vs_status load_key(vs_public_key **pk, const char *path, vs_error *error) {
    vs_status status = vs__load_public_key(pk, path, error);
    if (status == VS_OK && !vs_public_key_has_proof(*pk)) {
        vs__ui_warning(
            "%s has no proof that its ciphertexts have one plaintext only: 'veilsum encrypt' refuses it unless "
            "--trust-key is given",
            path);
    } else if (status == VS_OK) {
        status = vs__check_key_proof(*pk, path, false, error);
    }
    return status;
}

/* Holders who are not listed could make parts, and would be refused when they do. */
static void check_holders(const vs_threshold_key *key, const vs_parties *parties) {
    for (unsigned i = 1; parties->count > 0 && i <= vs_threshold_key_info(key)->holders; i++) {
        const vs_public_identity *holder = vs_threshold_key_holder(key, i);
        bool listed = false;
        for (size_t j = 0; j < parties->count; j++) {
            listed |= (parties->list[j].may & VS_MAY_OPEN) != 0 &&
                      vs_public_identity_equal(&parties->list[j].identity, holder);
        }
        if (!listed) {
            vs__ui_warning("%s holds a share of the key, and no --party lets it open", holder->name);
        }
    }
}

/* NAME.holders, where --holders names it: of the key of -r. */
static vs_status load_holders(vs_threshold_key **key, const vs_arguments *arguments, const vs_public_key *pk,
                              const vs_parties *parties, vs_error *error) {
    const char *path = vs__argument(arguments, "holders");
    vs_status status = path == NULL ? VS_OK : vs__load_threshold_key(key, path, error);
    if (status != VS_OK || path == NULL) {
        return status;
    }
    const vs_key_info *own = vs_public_key_info(pk), *shared = vs_public_key_info(vs_threshold_key_public(*key));
    if (memcmp(own->fingerprint, shared->fingerprint, VS_HASH_BYTES) != 0) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "%s: the holders of another key than %s", path,
                      vs__argument(arguments, "recipient"));
        vs_hint(error, "'veilsum keygen --threshold' makes NAME.pub and NAME.holders together");
        return VS_ERR_MISMATCH;
    }
    check_holders(*key, parties);
    return VS_OK;
}

static vs_status load_keys(vs_plan_request *request, vs_public_key **pk, vs_threshold_key **holders,
                           const vs_arguments *arguments, const vs_parties *parties, vs_error *error) {
    vs_status status = load_key(pk, vs__argument(arguments, "recipient"), error);
    if (status == VS_OK) {
        status = load_holders(holders, arguments, *pk, parties, error);
    }
    if (status == VS_OK) {
        request->key_fingerprint = vs_public_key_info(*pk)->fingerprint;
        request->holders_fingerprint = *holders == NULL ? NULL : vs_threshold_key_info(*holders)->fingerprint;
    }
    return status;
}

static vs_status run_new(const vs_arguments *arguments, vs_error *error) {
    const vs_output_options text = {.force = vs__argument_given(arguments, "force")};
    if (vs__argument_given(arguments, "from")) {
        return run_succession(arguments, &text, error);
    }
    const char **by = calloc(arguments->given_count + 1, sizeof *by);
    const char **servers = calloc(arguments->given_count + 1, sizeof *servers);
    vs_plan_wish *wishes = calloc(arguments->given_count + 1, sizeof *wishes);
    vs_plan_request request = {.title = vs__argument(arguments, "title")};
    vs_parties parties = {0};
    vs_public_key *pk = NULL;
    vs_threshold_key *holders = NULL;
    vs_output output = {.slot = -1, .fd = -1};
    vs_status status = by == NULL || wishes == NULL || servers == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status != VS_OK) {
        goto done;
    }
    collect(&request, by, wishes, arguments);
    status = choose_all(&request, &parties, servers, arguments, error);
    if (status == VS_OK) {
        status = vs__output_open(&output, vs__argument(arguments, "output"), &text, error);
    }
    if (status == VS_OK && vs__argument_given(arguments, "recipient")) {
        status = load_keys(&request, &pk, &holders, arguments, &parties, error);
    }
    if (status == VS_OK) {
        status = write_plan(&request, arguments, &output, error);
    }
done:
    vs_threshold_key_free(holders);
    vs_public_key_free(pk);
    vs__output_close(&output);
    vs__parties_free(&parties);
    free(wishes);
    free(servers);
    free(by);
    return status;
}

#define MEASURE(option_name, option_argument, text)                                                                    \
    { .name = option_name, .argument = option_argument, .help = text, .repeated = true }

static const vs_option options[] = {
    {.letter = 'r',
     .name = "recipient",
     .argument = "NAME.pub",
     .help = "the key that totals will open with",
     .takes_file = true},
    {.name = "holders",
     .argument = "NAME.holders",
     .help = "who shares that key, so that as many as it takes open together",
     .takes_file = true},
    {.name = "server",
     .argument = "NAME",
     .help = "instead of a key: a party that holds shares; 2 to 5 of them open together",
     .repeated = true},
    {.name = "masks", .help = "instead of a key: the contributors' masks cancel in the sum of all, and there only"},
    {.name = "corrupt", .argument = "PERCENT", .help = "of masks: contributors that may work together (default: 5)"},
    {.name = "absent",
     .argument = "PERCENT",
     .help = "of masks: contributors that may drop out on the way (default: 5)"},
    {.name = "by", .argument = "COL", .help = "group by this column", .repeated = true},
    {.name = "count", .help = "count the rows"},
    MEASURE("sum", "COL", "the sum of a column"),
    MEASURE("mean", "COL[;weight=W]", "the mean of a column, perhaps weighted by another"),
    MEASURE("variance", "COL", "the sample variance of a column"),
    MEASURE("histogram", "COL[=EDGES]", "how many rows have each value, or lie between edges such as 0,20,50,null"),
    MEASURE("covariance", "X,Y", "the sample covariance of two columns"),
    MEASURE("regression", "Y~X", "the line that predicts Y from X"),
    {.name = "title", .argument = "TEXT", .help = "what the plan is about, for people"},
    {.name = "purpose", .argument = "TEXT", .help = "what the results are for"},
    {.name = "from-day", .argument = "DAY", .help = "the first day on which the plan is valid, as in 2026-11-24 (UTC)"},
    {.name = "until", .argument = "DAY", .help = "the last such day"},
    {.name = "uses", .argument = "N", .help = "how many different totals may be opened"},
    VS_OPTIONS_PARTIES,
    {.name = "signatures", .argument = "M", .help = "how many parties must sign (default: all)"},
    {.name = "from",
     .argument = "OLD.json",
     .help = "the plan that follows on OLD, with parties added; no sample and no measures",
     .takes_file = true},
    {.name = "min-rows", .argument = "N", .help = "withhold values of fewer rows"},
    {.name = "min-contributors", .argument = "N", .help = "withhold groups of fewer contributors"},
    {.name = "contributors", .argument = "MIN-MAX", .help = "how many may contribute (default: 3-1000)"},
    {.name = "rows-max", .argument = "N", .help = "rows of one contribution at most (default: 1048576)"},
    {.name = "vector", .argument = "LENGTH", .help = "a plan for arrays of LENGTH numbers instead of tables"},
    {.name = "scale", .argument = "S", .help = "of a vector: decimals kept (default: 0)"},
    {.name = "min", .argument = "A", .help = "of a vector: the least value"},
    {.name = "max", .argument = "B", .help = "of a vector: the largest value"},
    VS_OPTIONS_READING,
    VS_OPTION_OUTPUT("the plan (default: standard output)"),
    VS_OPTION_FORCE,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Writes a plan with the domain of each column, its decimals and its bounds taken from a sample; bounds are widened "
    "to 1, 2 or 5 times a power of ten, at least twice the sample's. The plan is meant to be read and edited before "
    "anybody agrees to it.",
    "Whatever stands in a plan is public: a note says what of the sample that is. Use data that may be seen, or edit "
    "the plan.",
    "With --party the plan lists who takes part, by the public identity that each made with 'veilsum identity' and by "
    "organisation, and what each may do. It then has to be signed ('veilsum plan sign'), counts contributions only "
    "with "
    "their party's signature, and needs a minimum of organisations rather than of contributors. Sets of contributors "
    "whose totals may overlap (districts of a province) are added to the file by hand, under the key sets.",
    "Somebody comes late: --from OLD.json --add-contributor NAME.id.pub writes the old plan with the party added and "
    "the "
    "old plan's id under replaces. It is another plan, which everybody signs anew.",
    "How totals open is chosen once. With a key (-r) its holder opens them, alone; contributions are files, no owner "
    "has "
    "to wait for another, and 100 cells of 40 bits cost an owner some 2 kB and 15 ms, a million 10 MB and a second. By "
    "threshold (-r, --holders) several holders open together, one of whom may be absent. By shares (--server, 2 to 5) "
    "independent servers open together, and owners send once: 1.6 kB and 1 ms, or 5 MB and 0.1 s; all servers together "
    "could read everything. With --masks there is no key and nobody to be trusted, but owners stay for five rounds, a "
    "part of them may drop out, and minimums are not possible: 6 kB and 4 ms, or 5 MB and 0.2 s among twenty owners. "
    "None protects from an owner who lies within the bounds; all rest on mathematics that a quantum computer would "
    "undo.",
    "The measures have the order of the command line. Rounding, rows outside the domain and the like are edited in "
    "the file.",
    NULL,
};

static const vs_example examples[] = {
    {"By state: rows and the mean of the cost, no group of fewer than 5 rows",
     "veilsum plan new -r hub.pub --by State --count --mean Cost --min-rows 5 sample.csv"},
    {"The same with a roster, one --party for each",
     "veilsum plan new -r hub.pub --party 'contribute:Orange Air:orange.id.pub' --count a.csv"},
    {"Without a key: two servers that open together, each a --party, too",
     "veilsum plan new --server S1 --server S2 --party audit:Court:s1.id.pub --count a.csv"},
    {"Somebody comes late", "veilsum plan new --from plan.json --add-contributor green.id.pub -o plan-2.json"},
    {"Arrays of a million numbers between -1 and 1 with six decimals",
     "veilsum plan new -r hub.pub --vector 1000000 --scale 6 --min -1 --max 1 -o plan.json"},
    {NULL, NULL},
};

const vs_verb vs__verb_plan_new = {
    .name = "plan new",
    .summary = "Write a plan, ready to edit, from a sample",
    .synopsis = "-r NAME.pub | --server NAME... | --masks [--by COL]... MEASURE... [--party PARTY]... [-o PLAN] "
                "[OPTIONS] SAMPLE.csv | --from OLD.json "
                "--add-contributor NAME.id.pub [-o PLAN]",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_max = 1,
    .run = run_new,
};
