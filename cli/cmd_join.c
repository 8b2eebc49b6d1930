/* join: a party takes part in a session, whichever its opening and its roles are. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"
#include "aggregate/result/result.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/result_options.h"
#include "cli/session/participant.h"
#include "cli/session/wait_line.h"
#include "cli/signed_plan.h"
#include "cli/table_input.h"
#include "cli/transport/folder.h"
#include "cli/transport/http_client.h"
#include "cli/transport/options.h"
#include "cli/ui.h"
#include "cli/verbs.h"

#define MAX_ABOUT_BYTES (64u << 10)
#define DEFAULT_WAIT_S 3600u
#define PATIENCE_S 600u /* a board may be restarted, and a network come back */

/* What a run of the verb holds. */
typedef struct joining {
    const vs_arguments *arguments;
    vs_plan *plan;
    vs_identity *identity;
    vs_http *http;
    vs_carrier carrier; /* close NULL: not open */
    char period[VS_MAX_NAME_BYTES + 1];
    uint64_t attempt;
    unsigned roles;
    uint32_t self;
    vs_participant participant;
    vs_output output;
    vs_result_options result;
    vs_wait_line line;
} joining;

/* ---- who we are ---- */

static const char *data_of(const vs_arguments *arguments) {
    return arguments->operand_count > 1 ? arguments->operands[1] : NULL;
}

/* What this party can do here: what the plan lets it do, with what it has brought. */
static unsigned roles_of(const vs_arguments *arguments, const vs_plan *plan, uint32_t self) {
    unsigned may = plan->parties[self].may, roles = data_of(arguments) != NULL ? VS_ROLE_CONTRIBUTOR : 0;
    bool opens = (may & VS_MAY_OPEN) != 0;
    switch (plan->opening) {
    case VS_OPENING_SHARES:
        return roles | (vs_plan_is_server(plan, self) ? VS_ROLE_SERVER : 0u) | (opens ? VS_ROLE_OPENER : 0u);
    case VS_OPENING_MASKS:
        roles |= roles == 0 && may & VS_MAY_AGGREGATE ? VS_ROLE_SERVER : 0u;
        return roles | (roles != 0 || opens ? VS_ROLE_OPENER : 0u);
    default:
        opens = opens && (vs__argument_given(arguments, "key") || vs__argument_given(arguments, "holders"));
        roles |= opens ? VS_ROLE_OPENER : 0u;
        return roles == 0 && may & VS_MAY_AGGREGATE ? VS_ROLE_SERVER : roles;
    }
}

static vs_status choose_roles(joining *j, vs_error *error) {
    const char *name = vs_identity_public(j->identity)->name;
    const vs_party *party = vs_plan_party(j->plan, name);
    if (party == NULL) {
        vs_fail(error, VS_ERR_POLICY, "%s: this identity is not on the plan's roster", name);
        vs_hint(error, "veilsum plan show PLAN lists who is");
        return VS_ERR_POLICY;
    }
    j->self = (uint32_t)(party - j->plan->parties);
    j->roles = roles_of(j->arguments, j->plan, j->self);
    if (vs__argument_given(j->arguments, "publish") &&
        (!(j->roles & VS_ROLE_OPENER) || j->plan->opening == VS_OPENING_MASKS)) {
        vs_fail(error, VS_ERR_USAGE, "join: --publish is for who opens a total");
        vs_hint(error, "with masks the sum goes to all who take part");
        return VS_ERR_USAGE;
    }
    if (j->roles == 0) {
        vs_fail(error, VS_ERR_USAGE, "join: %s has nothing to do here", name);
        vs_hint(error, party->may & VS_MAY_CONTRIBUTE ? "it contributes: name its DATA"
                                                      : "it opens: give its key with --key, or --holders and --share");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

/* ---- which session ---- */

static vs_status set_period(joining *j, const char *period, vs_error *error) {
    if (period[0] != 0 && !vs_name_is_valid(period, strlen(period))) {
        return vs_fail(error, VS_ERR_USAGE, "join: --period is not a usable label");
    }
    strcpy(j->period, period); /* a valid name fits */
    return VS_OK;
}

static vs_status read_attempt(joining *j, vs_error *error) {
    const char *text = vs__argument(j->arguments, "attempt");
    if (text != NULL && !vs_note_parse_number(text, strlen(text), UINT32_MAX, &j->attempt)) {
        return vs_fail(error, VS_ERR_USAGE, "join: --attempt is no number");
    }
    return VS_OK;
}

/* Is it a board for this plan, and for the period and attempt that were asked for, if they were? */
static vs_status match_about(joining *j, const char *board, const json_t *about, vs_error *error) {
    const char *plan = json_string_value(json_object_get(about, "plan"));
    const char *period = json_string_value(json_object_get(about, "period"));
    const json_t *attempt = json_object_get(about, "attempt");
    const char *wanted = vs__argument(j->arguments, "period");
    char id[2 * VS_HASH_BYTES + 1];
    vs_to_hex(id, j->plan->id, VS_HASH_BYTES);
    if (plan == NULL || period == NULL || !json_is_integer(attempt) || json_integer_value(attempt) < 0) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: does not answer like a board", board);
    }
    if (strcmp(plan, id) != 0) {
        vs_fail(error, VS_ERR_MISMATCH, "%s: a board for another plan", board);
        vs_hint(error, "its plan is at %s/v1/plan: read it with 'veilsum plan show' before you agree to it", board);
        return VS_ERR_MISMATCH;
    }
    if (wanted != NULL && strcmp(wanted, period) != 0) {
        vs_fail(error, VS_ERR_MISMATCH, "%s: a board for another period than --period says", board);
        return VS_ERR_MISMATCH;
    }
    if (vs__argument_given(j->arguments, "attempt") && (uint64_t)json_integer_value(attempt) != j->attempt) {
        return vs_fail(error, VS_ERR_MISMATCH, "%s: a board for another attempt than --attempt says", board);
    }
    j->attempt = (uint64_t)json_integer_value(attempt);
    return set_period(j, strlen(period) <= VS_MAX_NAME_BYTES ? period : "\n", error);
}

static vs_status ask_board(joining *j, vs_error *error) {
    uint8_t *data = NULL;
    size_t len = 0;
    vs_status status = vs_http_get(j->http, "/v1/about", MAX_ABOUT_BYTES, &data, &len, error);
    if (status == VS_OK) {
        json_t *about = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);
        status = match_about(j, vs_http_name(j->http), about, error);
        json_decref(about);
    }
    free(data);
    return status;
}

static void notice(void *context, const char *text) {
    vs__wait_end(context);
    vs__ui_note("%s", text);
}

/* A board by its address, or a folder. */
static vs_status open_carrier(joining *j, vs_error *error) {
    const char *where = j->arguments->operands[0];
    if (!vs_is_http_address(where)) {
        const char *period = vs__argument(j->arguments, "period");
        vs_status status = set_period(j, period == NULL ? "" : period, error);
        return status == VS_OK ? vs_folder_carrier_open(&j->carrier, where, 0, error) : status;
    }
    const vs_http_client_options options = {
        .policy = vs__transport_policy(j->arguments), .patience_s = PATIENCE_S, .context = &j->line, .notice = notice};
    vs_status status = vs_http_open(&j->http, where, &options, error);
    if (status == VS_OK) {
        status = ask_board(j, error);
    }
    if (status == VS_OK) {
        j->carrier = vs_http_carrier(j->http, j->self, 0);
    }
    return status;
}

/* ---- taking part ---- */

static void look(void *context, vs_session *session, int64_t since, int64_t until) {
    vs_session_view view;
    vs_session_look(session, &view);
    vs__wait_show(context, &view, since, until);
}

static void refused(void *context, const vs_message *message, vs_status status, const vs_error *error) {
    (void)message;
    (void)status;
    vs__wait_end(context);
    vs__ui_warning("refused: %s", error->message);
}

static vs_status run(joining *j, vs_error *error) {
    vs_run_options options = {.context = &j->line, .look = look, .refused = refused};
    vs_status status = vs_seconds_from_option(&options.wait_s, j->arguments, "wait", DEFAULT_WAIT_S, error);
    if (status == VS_OK) {
        status = vs_run_session(j->participant.session, j->participant.journal, &j->carrier, &options, error);
    }
    vs__wait_end(&j->line);
    return status;
}

/* What has been reached, for those who learn no result. */
static void say_done(const joining *j) {
    const char *name = vs_identity_public(j->identity)->name;
    bool shares = j->plan->opening == VS_OPENING_SHARES;
    if (j->roles & VS_ROLE_SERVER) {
        vs__ui_note(shares ? "done: %s has sent its sums to those who open"
                           : "done: %s has made the total, and its receipt",
                    name);
    } else {
        vs__ui_note(shares ? "done: %s has sent its shares; the servers need nothing else of it"
                           : "done: the total holds the contribution of %s, as its receipt says",
                    name);
    }
}

static vs_status write_result(joining *j, vs_error *error) {
    vs_session_view view;
    vs_session_look(j->participant.session, &view);
    if (view.result == NULL) {
        say_done(j);
        return VS_OK;
    }
    vs_status status = vs_result_write(j->plan, view.result, &j->result, &j->output.sink, error);
    return status == VS_OK ? vs__output_commit(&j->output, error) : status;
}

static vs_status take_part(joining *j, vs_error *error) {
    const vs_participant_request request = {.arguments = j->arguments,
                                            .plan = j->plan,
                                            .identity = j->identity,
                                            .period = j->period,
                                            .attempt = j->attempt,
                                            .roles = j->roles,
                                            .data = data_of(j->arguments),
                                            .journal_folder = vs__argument(j->arguments, "journal")};
    vs_status status = vs_participant_begin(&j->participant, &request, error);
    if (status == VS_OK && j->participant.over) {
        vs__ui_note("this session is over for %s: it took part, and its journal is closed",
                    vs_identity_public(j->identity)->name);
        return VS_OK;
    }
    if (status == VS_OK) {
        status = run(j, error);
    }
    if (status == VS_OK) {
        status = vs_participant_publish(&j->participant, &j->carrier, error);
    }
    if (status == VS_OK) {
        status = write_result(j, error);
    }
    return status == VS_OK ? vs_participant_finish(&j->participant, error) : status;
}

static vs_status prepare(joining *j, vs_error *error) {
    vs_status status = vs__apply_threads(j->arguments, error);
    if (status == VS_OK) {
        status = vs__result_choose(&j->result, j->arguments, error);
    }
    if (status == VS_OK) {
        status = read_attempt(j, error);
    }
    if (status == VS_OK) {
        const vs_output_options written = {.force = vs__argument_given(j->arguments, "force"),
                                           .binary = j->result.format == VS_RESULT_NPY};
        status = vs__output_open(&j->output, vs__argument(j->arguments, "output"), &written, error);
    }
    if (status == VS_OK) {
        status = vs__load_signed_plan(&j->plan, j->arguments, VS_PLAN_VALID_NOW, error);
    }
    if (status == VS_OK && j->plan->party_count == 0) {
        vs_fail(error, VS_ERR_USAGE, "join: the plan has no roster, so nobody would know who is who");
        vs_hint(error, "veilsum plan new --party writes one; without it, 'encrypt' and 'combine' work with files");
        status = VS_ERR_USAGE;
    }
    if (status == VS_OK) {
        status = vs__result_check(&j->result, j->plan, error);
    }
    return status;
}

static vs_status run_join(const vs_arguments *arguments, vs_error *error) {
    joining j = {.arguments = arguments, .output = {.slot = -1, .fd = -1}};
    vs_status status = prepare(&j, error);
    if (status == VS_OK) {
        vs__wait_begin(&j.line, j.plan);
        status = vs__load_identity(&j.identity, vs__argument(arguments, "identity"),
                                   vs__argument(arguments, "identity-passphrase-file"), error);
    }
    if (status == VS_OK) {
        status = choose_roles(&j, error);
    }
    if (status == VS_OK) {
        status = open_carrier(&j, error);
    }
    if (status == VS_OK) {
        status = take_part(&j, error);
    }
    vs_participant_end(&j.participant);
    if (j.carrier.close != NULL) {
        j.carrier.close(j.carrier.context);
    }
    vs_http_close(j.http);
    vs_identity_free(j.identity);
    vs_plan_free(j.plan);
    vs__output_close(&j.output);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_PLAN,
    {.letter = 'i',
     .name = "identity",
     .argument = "NAME.id",
     .help = "who takes part: the identity that the plan lists",
     .required = true,
     .takes_file = true},
    VS_OPTION_IDENTITY_PASSPHRASE_FILE,
    VS_OPTION_PLAN_SIGNATURES,
    {.name = "period",
     .argument = "LABEL",
     .help = "the period, such as 2026-11 (default: the board's; for a folder none)"},
    {.name = "attempt",
     .argument = "N",
     .help = "which run of plan and period it is (default: the board's; for a folder 0)"},
    {.letter = 'r',
     .name = "recipient",
     .argument = "NAME.pub",
     .help = "a contributor under a plan that opens with a key or by threshold: the plan's public key",
     .takes_file = true},
    VS_OPTION_TRUST_KEY,
    {.letter = 'k',
     .name = "key",
     .argument = "NAME.key",
     .help = "an opener with a key: the secret key that the plan names",
     .takes_file = true},
    {.name = "holders",
     .argument = "NAME.holders",
     .help = "an opener by threshold: the plan's key",
     .takes_file = true},
    {.name = "share",
     .argument = "NAME.X.share",
     .help = "a holder of the threshold key: its share",
     .takes_file = true},
    {.name = "openings",
     .argument = "FOLDER",
     .help = "the opener's book (default: beside the key or share, NAME.openings)",
     .takes_file = true},
    {.name = "trust", .argument = "NAME", .help = "an opener: the party of the plan whose receipt is believed"},
    {.name = "publish", .help = "an opener: the result goes to the board, for all to see"},
    VS_OPTION_PASSPHRASE_FILE("open the secret key with the first line of FILE"),
    {.name = "wait",
     .argument = "TIME",
     .help = "a server: how long to wait for those who are missing: 90s, 15m, 2h, none (default: 1h)"},
    {.name = "journal",
     .argument = "FOLDER",
     .help = "where the session's journal is kept (default: beside the identity, NAME.sessions)",
     .takes_file = true},
    VS_OPTIONS_TRANSPORT,
    VS_OPTION_OUTPUT("the result, for those who learn it (default: standard output)"),
    VS_OPTION_RESULT_FORMAT,
    VS_OPTION_FOR_SPREADSHEET,
    {.name = "data-format",
     .argument = "KIND",
     .help = "the data's format (default: as its name or content says)",
     .words = "csv npy"},
    VS_OPTIONS_READING,
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Takes part in a session of a plan: the one command for an owner, a server of 'shares', and whoever opens, "
    "whichever way the plan opens. What this party does follows from the plan, its identity and what it brings: DATA "
    "to contribute, a key or a share of one to open.",
    "WHERE is the address of a board that 'veilsum serve' runs, or a folder that all parties see, or whose files are "
    "carried from one to the other: the messages are the same. A board for another plan is refused. The board need "
    "not be trusted: messages are signed by the identities of the plan, and what is private in them is boxed.",
    "An address must be https, with a certificate that this machine trusts, or that --ca or --pin names. Without TLS "
    "only this machine's own addresses are taken, unless --insecure-transport says otherwise.",
    "A session that was interrupted, by a signal, a crash or a lost connection, goes on where it was when the same "
    "command is run again: its journal has what was said, and nothing is said differently. When the session is over "
    "the journal forgets what was secret.",
    "It says whom it waits for. Those who learn the result get it on standard output or in OUT: with masks all who "
    "take part, else those whom the plan lets open.",
    NULL,
};

static const vs_example examples[] = {
    {"An owner", "veilsum join -p plan.json https://board.example:8443 -i north.id north.csv"},
    {"The same where the plan opens with a key",
     "veilsum join -p plan.json https://board.example:8443 -i north.id -r hub.pub north.csv"},
    {"Who opens with a key", "veilsum join -p plan.json https://board.example:8443 -i hub.id -k hub.key"},
    {"A server of 'shares'", "veilsum join -p plan.json https://board.example:8443 -i s1.id --wait 15m"},
    {"Without a network", "veilsum join -p plan.json /mnt/stick/messages -i north.id north.csv"},
    {NULL, NULL},
};

const vs_verb vs__verb_join = {
    .name = "join",
    .summary = "Take part in a session, over a network or a folder",
    .synopsis = "-p PLAN -i NAME.id [OPTIONS] WHERE [DATA]",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
    .run = run_join,
};
