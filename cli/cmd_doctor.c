/* doctor: is the way to a board in order, and if not, what is wrong? */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/transport/options.h"
#include "cli/ui.h"
#include "cli/verbs.h"

#define WIDTH 100u
#define TEXT_COLUMN 20u

static const char *const state_words[] = {[VS_FINDING_OK] = "ok",
                                          [VS_FINDING_WARNING] = "warning",
                                          [VS_FINDING_FAILED] = "FAILED",
                                          [VS_FINDING_SKIPPED] = "-"};
static const char *const state_names[] = {[VS_FINDING_OK] = "ok",
                                          [VS_FINDING_WARNING] = "warning",
                                          [VS_FINDING_FAILED] = "failed",
                                          [VS_FINDING_SKIPPED] = "skipped"};

/* ---- for people ---- */

static void put_wrapped(FILE *out, const char *text) {
    char clean[1024];
    vs__ui_clean(clean, sizeof clean, text);
    vs__wrap(out, clean, TEXT_COLUMN, TEXT_COLUMN, WIDTH);
}

static void put_text(FILE *out, const vs_doctor *d) {
    fprintf(out, "%s\n", d->address.base);
    for (size_t i = 0; i < d->count; i++) {
        const vs_finding *f = &d->findings[i];
        fprintf(out, "%-7s %-11s ", state_words[f->state], f->check);
        put_wrapped(out, f->words.message);
        if (f->words.hint[0] != 0) {
            fprintf(out, "%*s", (int)TEXT_COLUMN, "");
            put_wrapped(out, f->words.hint);
        }
    }
}

/* ---- for programs ---- */

static json_t *figure(double value) {
    return value < 0 ? json_null() : json_real(value);
}

static json_t *finding_object(const vs_finding *f) {
    json_t *hint = f->words.hint[0] == 0 ? json_null() : json_string(f->words.hint);
    return json_pack("{s:s, s:s, s:s, s:o}", "check", f->check, "state", state_names[f->state], "text",
                     f->words.message, "hint", hint);
}

static json_t *doctor_object(const vs_doctor *d) {
    json_t *list = json_array();
    bool sampled = d->round_trip_min_ms >= 0;
    for (size_t i = 0; i < d->count; i++) {
        (void)json_array_append_new(list, finding_object(&d->findings[i]));
    }
    return json_pack("{s:i, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "veilsum_doctor", 1, "url", d->address.base, "ok",
                     d->worst == VS_OK, "checks", list, "round_trip_min_ms", figure(d->round_trip_min_ms),
                     "round_trip_median_ms", figure(d->round_trip_median_ms), "clock_ahead_s",
                     sampled ? json_real(d->clock_off_s) : json_null(), "download_bytes_per_s",
                     figure(d->download_bytes_per_s));
}

static void put_json(FILE *out, const vs_doctor *d) {
    json_t *object = doctor_object(d);
    char *text = json_dumps(object, JSON_ENSURE_ASCII);
    fprintf(out, "%s\n", text == NULL ? "" : text);
    free(text);
    json_decref(object);
}

static vs_status report(const vs_doctor *d, bool json, vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (json) {
        put_json(out, d);
    } else {
        put_text(out, d);
    }
    vs_status status = fclose(out) != 0 ? vs_fail_plain(error, VS_ERR_MEMORY) : vs__print(text, len, error);
    free(text);
    return status;
}

/* The first check that failed is the error of the command. */
static vs_status conclude(const vs_doctor *d, vs_error *error) {
    for (size_t i = 0; i < d->count && d->worst != VS_OK; i++) {
        if (d->findings[i].state == VS_FINDING_FAILED) {
            *error = d->findings[i].words;
            vs_error_at(error, "%s: %s", d->address.base, d->findings[i].check);
            return d->worst;
        }
    }
    return d->worst;
}

static vs_status run_doctor(const vs_arguments *arguments, vs_error *error) {
    vs_doctor d = {.policy = vs__transport_policy(arguments)};
    vs_plan *plan = NULL;
    const char *path = vs__argument(arguments, "plan"), *url = arguments->operands[0];
    const vs_http_client_options options = {.policy = d.policy};
    vs_status status = path == NULL ? VS_OK : vs__load_plan(&plan, path, error);
    if (status == VS_OK) {
        status = vs_address_read(&d.address, url, error);
    }
    if (status == VS_OK) {
        status = vs_http_open(&d.client, url, &options, error);
    }
    if (status == VS_OK) {
        d.plan = plan;
        vs__doctor_run(&d);
        status = report(&d, vs__argument_given(arguments, "json"), error);
    }
    if (status == VS_OK) {
        status = conclude(&d, error);
    }
    vs_http_close(d.client);
    vs_address_clear(&d.address);
    vs_plan_free(plan);
    return status;
}

static const vs_option options[] = {
    {.letter = 'p',
     .name = "plan",
     .argument = "PLAN",
     .help = "the plan that the board should be for",
     .takes_file = true},
    VS_OPTIONS_TRANSPORT,
    VS_OPTION_JSON,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Checks the way to a board, one thing after the other, and says in words what is wrong: is its name known, does it "
    "answer, is its certificate trusted (or its key the pinned one), is it a veilsum board of a version that this "
    "program "
    "knows, is it for the plan, does it take messages as long as the plan needs, do the clocks agree, how long is a "
    "round "
    "trip. Nothing is sent that the board would keep.",
    "Clocks that are more than 30 seconds apart draw a warning, and more than five minutes fail. The exit status is 0 "
    "where nothing failed; else it is that of the first check that did.",
    NULL,
};

static const vs_example examples[] = {
    {"Before a session", "veilsum doctor -p plan.json https://board.example:8443"},
    {"A board with a certificate of its own",
     "veilsum doctor --pin sha256//R9d0cIz5tJ2bJ6nQ0wq7v0yX3bJvZk8y1m5Q4r2a7dE= https://board"},
    {NULL, NULL},
};

const vs_verb vs__verb_doctor = {
    .name = "doctor",
    .summary = "Say what is wrong with the way to a board",
    .synopsis = "[OPTIONS] URL",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_doctor,
};
