/* status: what a board says of its session. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/board_status.h"
#include "cli/output.h"
#include "cli/transport/options.h"
#include "cli/ui.h"
#include "cli/verbs.h"

#define WATCH_PATIENCE_S 600u

static void note(void *context, const char *text) {
    (void)context;
    vs__ui_note("%s", text);
}

static vs_status get_status(vs_http *client, json_t **root, vs_error *error) {
    uint8_t *data = NULL;
    size_t len = 0;
    *root = NULL;
    vs_status status = vs_http_get(client, "/v1/status", VS_MAX_STATUS_BYTES, &data, &len, error);
    if (status == VS_OK) {
        status = vs__board_status_read(root, vs_http_name(client), data, len, error);
    }
    free(data);
    return status;
}

/* What `put` writes, malloc'd. */
static vs_status to_text(char **text, size_t *len, void (*put)(FILE *, const json_t *), const json_t *root,
                         vs_error *error) {
    *text = NULL;
    FILE *out = open_memstream(text, len);
    if (out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    put(out, root);
    return fclose(out) != 0 ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

/* What was read, written anew: with everything that a terminal might obey escaped. */
static void put_json(FILE *out, const json_t *root) {
    char *text = json_dumps(root, JSON_ENSURE_ASCII | JSON_COMPACT);
    fprintf(out, "%s\n", text == NULL ? "" : text);
    free(text);
}

static vs_status print(void (*put)(FILE *, const json_t *), const json_t *root, vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    vs_status status = to_text(&text, &len, put, root, error);
    if (status == VS_OK) {
        status = vs__print(text, len, error);
    }
    free(text);
    return status;
}

/* ---- again and again ---- */

typedef struct watching {
    vs_http *client;
    bool json;
    unsigned shown;  /* lines on the terminal, to be written over */
    char line[1024]; /* of the last change */
} watching;

/* The lines of the terminal that `text` takes, cut to those that fit: what has scrolled away cannot be written over. */
static unsigned fit(char *text, size_t *len) {
    struct winsize size = {.ws_row = 0};
    unsigned lines = 0, columns = 100, rows = 50;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 && size.ws_col > 0) {
        columns = size.ws_col;
        rows = size.ws_row - 1u;
    }
    for (char *at = text; *at != 0;) {
        size_t width = strcspn(at, "\n"); /* in bytes: never fewer than columns */
        unsigned more = width <= columns ? 1 : (unsigned)((width + columns - 1) / columns);
        if (lines + more > rows) {
            *at = 0;
            *len = (size_t)(at - text);
            break;
        }
        lines += more;
        at += width + (at[width] == '\n');
    }
    return lines;
}

/* A terminal has one picture, which is drawn over itself. */
static vs_status redraw(watching *w, const json_t *root, vs_error *error) {
    char *text = NULL, back[32];
    size_t len = 0;
    vs_status status = to_text(&text, &len, vs__board_status_text, root, error);
    int back_len = snprintf(back, sizeof back, "\033[%uA\r\033[J", w->shown);
    if (status == VS_OK && w->shown > 0) {
        status = vs__print(back, (size_t)back_len, error);
    }
    if (status == VS_OK) {
        w->shown = fit(text, &len);
        status = vs__print(text, len, error);
    }
    free(text);
    return status;
}

/* A pipe or a file gets a line where something has changed. */
static vs_status append_line(watching *w, const json_t *root, vs_error *error) {
    char *text = NULL, line[1200];
    size_t len = 0;
    vs_status status = to_text(&text, &len, vs__board_status_line, root, error);
    if (status == VS_OK && strncmp(w->line, text, sizeof w->line - 1) != 0) {
        (void)snprintf(w->line, sizeof w->line, "%s", text);
        int line_len = snprintf(line, sizeof line, "%s %s\n", json_string_value(json_object_get(root, "now")), w->line);
        status = vs__print(line, (size_t)line_len, error);
    }
    free(text);
    return status;
}

static vs_status watch(watching *w, vs_error *error) {
    static const struct timespec second = {.tv_sec = 1};
    bool terminal = isatty(STDOUT_FILENO);
    for (;;) {
        json_t *root = NULL;
        vs_status status = get_status(w->client, &root, error);
        if (status == VS_OK && w->json) {
            status = print(put_json, root, error);
        } else if (status == VS_OK) {
            status = terminal ? redraw(w, root, error) : append_line(w, root, error);
        }
        bool over = root == NULL || vs__board_status_is_over(root);
        json_decref(root);
        if (status != VS_OK || over) {
            return status;
        }
        (void)nanosleep(&second, NULL);
    }
}

static vs_status show_once(vs_http *client, bool json, vs_error *error) {
    json_t *root = NULL;
    vs_status status = get_status(client, &root, error);
    if (status == VS_OK) {
        status = print(json ? put_json : vs__board_status_text, root, error);
    }
    json_decref(root);
    return status;
}

static vs_status run_status(const vs_arguments *arguments, vs_error *error) {
    bool json = vs__argument_given(arguments, "json"), again = vs__argument_given(arguments, "watch");
    vs_http *client = NULL;
    const vs_http_client_options options = {
        .policy = vs__transport_policy(arguments), .patience_s = again ? WATCH_PATIENCE_S : 0, .notice = note};
    vs_status status = vs_http_open(&client, arguments->operands[0], &options, error);
    if (status == VS_OK && again) {
        watching w = {.client = client, .json = json};
        status = watch(&w, error);
    } else if (status == VS_OK) {
        status = show_once(client, json, error);
    }
    vs_http_close(client);
    return status;
}

static const vs_option options[] = {
    {.letter = 'w', .name = "watch", .help = "again every second, until the session is over"},
    VS_OPTIONS_TRANSPORT,
    VS_OPTION_JSON,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Shows what a board says of its session: the plan, the step that it is at, for whom it waits since when and how "
    "long "
    "still, who has sent what and when, which messages were refused and why. Of more than forty parties it says how "
    "many "
    "have done what, and names those that are waited for, lost or refused. Times are UTC, by the board's clock.",
    "With --watch a terminal shows it anew each second; a pipe or a file gets a line where something has changed. It "
    "ends "
    "when the session does.",
    "What a board says is not proved: messages are signed, the status is not.",
    NULL,
};

static const vs_example examples[] = {
    {"Once", "veilsum status https://board.example:8443"},
    {"While a session runs", "veilsum status --watch https://board.example:8443"},
    {"For a program", "veilsum status --json https://board.example:8443 | jq .step"},
    {NULL, NULL},
};

const vs_verb vs__verb_status = {
    .name = "status",
    .summary = "Show what a board is waiting for",
    .synopsis = "[OPTIONS] URL",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_status,
};
