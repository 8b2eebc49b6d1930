/* serve: a board for a session, and the server's side of it where its opening has one. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregate/note/note.h"
#include "cli/board/board.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/session/board_carrier.h"
#include "cli/session/board_watch.h"
#include "cli/session/participant.h"
#include "cli/session/wait_line.h"
#include "cli/signed_plan.h"
#include "cli/transport/http_server.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/secret.h"

#define DEFAULT_LISTEN "127.0.0.1:8750"
#define DEFAULT_WAIT_S 3600u
#define GRACE_S 10u
#define MAX_PEM_BYTES (256u << 10)
#define LOOK_MS 500u

typedef struct serving {
    const vs_arguments *arguments;
    vs_plan *plan;
    vs_identity *identity; /* NULL: a board alone */
    char *plan_bytes, *signatures, *certificate, *certificate_key;
    size_t plan_len, signatures_len;
    const char *period;
    uint64_t attempt, linger_s;
    bool lingers; /* forever, where not set */
    char *state;
    vs_board *board;
    vs_http_server *server;
    vs_participant participant;
    vs_board_watch watch;
    vs_wait_line line;
    vs_status failed; /* of the session: why */
    vs_error reason;
} serving;

/* ---- what is asked for ---- */

static const char *plan_path(const vs_arguments *arguments) {
    return arguments->operands[0];
}

/* "plan.json" has its board in "plan.board". malloc'd; NULL where memory ran out. */
static char *state_path(const vs_arguments *arguments) {
    const char *given = vs__argument(arguments, "state"), *plan = plan_path(arguments);
    if (given != NULL) {
        return strdup(given);
    }
    size_t len = strlen(plan);
    len -= len > 5 && strcmp(plan + len - 5, ".json") == 0 ? 5 : 0;
    char *path = malloc(len + sizeof ".board");
    if (path != NULL) {
        memcpy(path, plan, len);
        memcpy(path + len, ".board", sizeof ".board");
    }
    return path;
}

static vs_status read_file(char **text, size_t *len, const char *path, size_t max, vs_error *error) {
    vs_input input;
    uint8_t *data = NULL;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs_read_all(&input.source, max, &data, len, error);
    }
    vs__input_close(&input);
    *text = (char *)data;
    return status;
}

static vs_status read_numbers(serving *s, vs_error *error) {
    const char *attempt = vs__argument(s->arguments, "attempt");
    s->period = vs__argument(s->arguments, "period") == NULL ? "" : vs__argument(s->arguments, "period");
    if (attempt != NULL && !vs_note_parse_number(attempt, strlen(attempt), UINT32_MAX, &s->attempt)) {
        return vs_fail(error, VS_ERR_USAGE, "serve: --attempt is no number");
    }
    if (s->period[0] != 0 && !vs_name_is_valid(s->period, strlen(s->period))) {
        return vs_fail(error, VS_ERR_USAGE, "serve: --period is not a usable label");
    }
    s->lingers = vs__argument_given(s->arguments, "linger");
    return vs_seconds_from_option(&s->linger_s, s->arguments, "linger", 0, error);
}

static vs_status read_certificate(serving *s, vs_error *error) {
    const char *certificate = vs__argument(s->arguments, "certificate"),
               *key = vs__argument(s->arguments, "certificate-key");
    size_t len;
    if ((certificate == NULL) != (key == NULL)) {
        return vs_fail(error, VS_ERR_USAGE, "serve: --certificate and --certificate-key go together");
    }
    if (certificate == NULL) {
        return VS_OK;
    }
    vs_status status = read_file(&s->certificate, &len, certificate, MAX_PEM_BYTES, error);
    if (status == VS_OK) {
        vs__protect_process();
        status = read_file(&s->certificate_key, &len, key, MAX_PEM_BYTES, error);
    }
    return status;
}

static vs_status read_plan(serving *s, vs_error *error) {
    const char *given = vs__argument(s->arguments, "plan-signatures");
    char *beside = vs__signatures_path(plan_path(s->arguments));
    vs_status status = beside == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        status = vs__load_signed_plan_at(&s->plan, plan_path(s->arguments), given, VS_PLAN_VALID_NOW, error);
    }
    if (status == VS_OK && s->plan->party_count == 0) {
        vs_fail(error, VS_ERR_USAGE, "serve: the plan has no roster, so nobody would know who is who");
        vs_hint(error, "veilsum plan new --party writes one; without it, 'encrypt' and 'combine' work with files");
        status = VS_ERR_USAGE;
    }
    if (status == VS_OK) {
        status = read_file(&s->plan_bytes, &s->plan_len, plan_path(s->arguments), VS_MAX_PLAN_BYTES, error);
    }
    if (status == VS_OK) {
        status = vs__load_note(&s->signatures, &s->signatures_len, given != NULL ? given : beside, error);
    }
    free(beside);
    return status;
}

/* With key, threshold and masks somebody runs the server's side; here, where an identity is given. */
static vs_status read_identity(serving *s, vs_error *error) {
    const char *path = vs__argument(s->arguments, "identity");
    if (path == NULL) {
        return VS_OK;
    }
    if (s->plan->opening == VS_OPENING_SHARES) {
        vs_fail(error, VS_ERR_USAGE, "serve: a plan that opens by shares has servers of its own");
        vs_hint(error, "leave --identity away; each server runs 'veilsum join'");
        return VS_ERR_USAGE;
    }
    return vs__load_identity(&s->identity, path, vs__argument(s->arguments, "identity-passphrase-file"), error);
}

/* ---- the board ---- */

static vs_status open_board(serving *s, vs_error *error) {
    s->state = state_path(s->arguments);
    const vs_board_setup setup = {.folder = s->state,
                                  .plan = s->plan,
                                  .plan_bytes = s->plan_bytes,
                                  .plan_len = s->plan_len,
                                  .signatures = s->signatures,
                                  .signatures_len = s->signatures_len,
                                  .period = s->period,
                                  .attempt = s->attempt,
                                  .version = VEILSUM_VERSION};
    return s->state == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : vs_board_open(&s->board, &setup, error);
}

static vs_status start_server(serving *s, vs_error *error) {
    const char *listen = vs__argument(s->arguments, "listen");
    const vs_http_options options = {.listen = listen == NULL ? DEFAULT_LISTEN : listen,
                                     .certificate = s->certificate,
                                     .key = s->certificate_key,
                                     .insecure_transport = vs__argument_given(s->arguments, "insecure-transport"),
                                     .page = vs__page_assets};
    vs_status status = vs_http_server_start(&s->server, s->board, &options, error);
    if (status == VS_OK) {
        vs__ui_note("the board is at %s", vs_http_server_url(s->server));
    }
    return status;
}

/* ---- the session ---- */

static bool asked_to_stop(void *context) {
    (void)context;
    return vs__interrupt_asked();
}

static void look(void *context, vs_session *session, int64_t since, int64_t until) {
    serving *s = context;
    vs_session_view view;
    vs_session_look(session, &view);
    vs_board_watch_session(&s->watch, &view, since, until);
    vs__wait_show(&s->line, &view, since, until);
}

static void refused(void *context, const vs_message *message, vs_status status, const vs_error *error) {
    serving *s = context;
    (void)status;
    vs_board_note_refused(s->board, message == NULL ? VS_NONE : message->from, message == NULL ? 0 : message->kind,
                          error->message);
}

static vs_status run_session(serving *s, vs_error *error) {
    vs_board_carrier state;
    const vs_carrier carrier = vs_board_carrier_open(&state, s->board, vs_session_self(s->participant.session));
    vs_run_options options = {.context = s, .look = look, .refused = refused, .stop = asked_to_stop};
    vs_status status = vs_seconds_from_option(&options.wait_s, s->arguments, "wait", DEFAULT_WAIT_S, error);
    if (status == VS_OK) {
        status = vs_run_session(s->participant.session, s->participant.journal, &carrier, &options, error);
    }
    vs__wait_end(&s->line);
    return status;
}

/* For good, for what was said in it? This computer's own trouble may be gone when it is started again. */
static bool has_failed(const serving *s, vs_status status) {
    vs_session_view view = {.failed = VS_OK};
    bool own = status == VS_ERR_MEMORY || status == VS_ERR_IO || status == VS_ERR_RANDOM || status == VS_ERR_FAULT;
    if (s->participant.session != NULL && !own) {
        vs_session_look(s->participant.session, &view);
    }
    return view.failed != VS_OK;
}

/* The server's side. What it failed for stays on the board for all to see; the board goes on. */
static vs_status serve_session(serving *s, vs_error *error) {
    unsigned roles = VS_ROLE_SERVER | (s->plan->opening == VS_OPENING_MASKS ? VS_ROLE_OPENER : 0u);
    const vs_participant_request request = {.arguments = s->arguments,
                                            .plan = s->plan,
                                            .identity = s->identity,
                                            .period = s->period,
                                            .attempt = s->attempt,
                                            .roles = roles,
                                            .journal_folder = s->state};
    vs_status status = vs_participant_begin(&s->participant, &request, error);
    if (status == VS_OK) {
        status = run_session(s, error);
    }
    if (status != VS_OK && has_failed(s, status)) {
        s->failed = status;
        s->reason = *error;
        vs__ui_warning("the session has failed: %s", error->message);
        vs__ui_note("the board goes on, so that everybody sees why");
        return VS_OK;
    }
    return status;
}

/* ---- until the end ---- */

/* The board alone, or after its own side is done: until somebody stops it, or for as long as it is to linger after
 * everything has been said. */
static vs_status linger(serving *s, vs_error *error) {
    uint64_t idle_ms = 0;
    vs_status status = VS_OK;
    while (status == VS_OK && !vs__interrupt_asked() && !(s->lingers && idle_ms >= s->linger_s * 1000)) {
        bool news = false;
        status = vs_board_watch_look(&s->watch, LOOK_MS, &news, error);
        idle_ms = news || !vs_board_watch_is_done(&s->watch) ? 0 : idle_ms + LOOK_MS;
    }
    return status;
}

static vs_status serve(serving *s, vs_error *error) {
    vs_status status = open_board(s, error);
    if (status == VS_OK) {
        status = vs_board_watch_begin(&s->watch, s->board, s->plan, error);
    }
    if (status == VS_OK) {
        status = start_server(s, error);
    }
    if (status == VS_OK && s->identity != NULL) {
        status = serve_session(s, error);
    }
    if (status == VS_OK) {
        status = linger(s, error);
    }
    vs_http_server_stop(s->server, GRACE_S);
    vs_participant_end(&s->participant);
    vs_board_watch_end(&s->watch);
    if (s->board != NULL) {
        vs_board_close(s->board);
    }
    if (status == VS_OK && s->failed != VS_OK) {
        *error = s->reason;
        status = s->failed;
    }
    return status;
}

static vs_status run_serve(const vs_arguments *arguments, vs_error *error) {
    serving s = {.arguments = arguments};
    vs_status status = vs__apply_threads(arguments, error);
    if (status == VS_OK) {
        status = read_numbers(&s, error);
    }
    if (status == VS_OK) {
        status = read_plan(&s, error);
    }
    if (status == VS_OK) {
        status = read_identity(&s, error);
    }
    if (status == VS_OK) {
        status = read_certificate(&s, error);
    }
    if (status == VS_OK) {
        vs__interrupt_hold();
        vs__wait_begin(&s.line, s.plan);
        status = serve(&s, error);
    }
    vs_identity_free(s.identity);
    vs_plan_free(s.plan);
    if (s.certificate_key != NULL) {
        vs_wipe(s.certificate_key, strlen(s.certificate_key));
    }
    free(s.certificate_key);
    free(s.certificate);
    free(s.signatures);
    free(s.plan_bytes);
    free(s.state);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_IDENTITY("who runs the server's side: combines, or carries masks; a party that may aggregate"),
    VS_OPTION_IDENTITY_PASSPHRASE_FILE,
    VS_OPTION_PLAN_SIGNATURES,
    {.name = "period", .argument = "LABEL", .help = "the period, such as 2026-11 (default: none)"},
    {.name = "attempt", .argument = "N", .help = "which run of plan and period it is (default: 0)"},
    {.letter = 'l',
     .name = "listen",
     .argument = "ADDRESS:PORT",
     .help = "where to be reached; port 0 takes a free one (default: " DEFAULT_LISTEN ")"},
    {.name = "certificate", .argument = "FILE", .help = "TLS: the certificate and its chain, PEM", .takes_file = true},
    {.name = "certificate-key",
     .argument = "FILE",
     .help = "TLS: the certificate's secret key, PEM",
     .takes_file = true},
    {.name = "insecure-transport", .help = "without TLS also to other machines"},
    {.name = "wait",
     .argument = "TIME",
     .help = "how long a step waits for those who are missing: 90s, 15m, 2h, none (default: 1h)"},
    {.name = "linger",
     .argument = "TIME",
     .help = "end so long after everything has been said (default: go on until stopped)"},
    {.name = "state",
     .argument = "FOLDER",
     .help = "where board and journal are kept (default: beside the plan, PLAN.board)",
     .takes_file = true},
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Runs a board for one session of a plan: the place where the parties' messages wait until those that they are for "
    "have fetched them. Parties take part with 'veilsum join'. A browser that opens the board's address sees how far "
    "everything is; 'veilsum status' says the same, and /metrics gives Prometheus' text.",
    "With -i it also runs the server's side of the session: for plans that open with a key or by threshold it combines "
    "the contributions into a total with a receipt; for masks it carries, adds up and unmasks. Nobody has to trust it "
    "with anything but to be there. The servers of a plan that opens by shares are parties of their own.",
    "After --wait a step goes on without those who are missing, if the plan allows it with those who are there.",
    "Everything that is acknowledged is durable in the state folder. Killed at any moment and started again, the board "
    "goes on where it was. SIGTERM and Ctrl-C end it in good order.",
    "Other machines need TLS, with --certificate and --certificate-key, unless --insecure-transport says otherwise.",
    NULL,
};

static const vs_example examples[] = {
    {"On this machine", "veilsum serve -i hub.id plan.json"},
    {"For others", "veilsum serve -i hub.id -l :8443 --certificate b.pem --certificate-key b.key plan.json"},
    {"A board alone, for a plan that opens by shares", "veilsum serve --period 2026-11 plan.json"},
    {NULL, NULL},
};

const vs_verb vs__verb_serve = {
    .name = "serve",
    .summary = "Run a board for a session, and the server's side of it",
    .synopsis = "[-i NAME.id] [--listen ADDRESS:PORT] [OPTIONS] PLAN",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_serve,
};
