/* plan show, plan check: a plan read by a person, and by a script. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_text.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"

/* ---- plan show ---- */

static vs_status run_show(const vs_arguments *arguments, vs_error *error) {
    const char *key_path = vs__argument(arguments, "recipient");
    const vs_output_options text = {.force = false};
    unsigned bits = 3072;
    unsigned degree = 1;
    vs_plan *plan = NULL;
    vs_public_key *pk = NULL;
    vs_output output;
    vs_status status = vs__output_open(&output, NULL, &text, error);
    if (status == VS_OK) {
        status = vs__load_plan(&plan, arguments->operands[0], error);
    }
    if (status == VS_OK && key_path != NULL) {
        status = vs__load_public_key(&pk, key_path, error);
        if (status == VS_OK) {
            const vs_key_info *info = vs_public_key_info(pk);
            bits = info->bits;
            degree = info->degree;
            status = vs__check_key_of_plan(plan, info->fingerprint, key_path, error);
        }
    }
    if (status == VS_OK) {
        status = vs_plan_show(plan, bits, degree, &output.sink, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs_public_key_free(pk);
    vs_plan_free(plan);
    vs__output_close(&output);
    return status;
}

static const vs_option show_options[] = {
    {.letter = 'r',
     .name = "recipient",
     .argument = "NAME.pub",
     .help = "the key that the plan names, for the size of contributions (default: 3072 bits, degree 1)",
     .takes_file = true},
    VS_OPTIONS_END,
};

static const char *const show_paragraphs[] = {
    "Says in words what the key holder will learn and what not, from how many contributors, how wide the slots are, "
    "how large a contribution will be, and what the minimums of groups cost. For everybody who is asked to contribute.",
    NULL,
};

static const vs_example show_examples[] = {
    {"What am I asked to agree to?", "veilsum plan show -r hub.pub plan.json"},
    {NULL, NULL},
};

const vs_verb vs__verb_plan_show = {
    .name = "plan show",
    .summary = "Say in words what a plan reveals",
    .synopsis = "[-r NAME.pub] PLAN | -",
    .paragraphs = show_paragraphs,
    .examples = show_examples,
    .options = show_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_show,
};

/* ---- plan check ---- */

static vs_status print_json(const char *id, const json_t *warnings, vs_error *error) {
    json_t *object = json_pack("{s:s, s:b, s:O}", "plan", id, "ok", 1, "warnings", warnings);
    char *text = object == NULL ? NULL : json_dumps(object, 0);
    vs_status status = VS_OK;
    if (text == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    } else {
        status = vs__print(text, strlen(text), error);
    }
    if (status == VS_OK) {
        status = vs__print("\n", 1, error);
    }
    free(text);
    json_decref(object);
    return status;
}

static vs_status print_id(const char *id, vs_error *error) {
    char line[2 * VS_HASH_BYTES + 8];
    int len = snprintf(line, sizeof line, "%s  ok\n", id);
    return vs__print(line, (size_t)len, error);
}

/* The warnings of a plan, one a line, as an array of texts. */
static vs_status list_warnings(json_t *list, const vs_plan *plan, vs_error *error) {
    vs_memory_sink memory;
    const vs_sink sink = vs_memory_sink_open(&memory, "warnings");
    size_t count = 0;
    vs_status status = vs_plan_warnings(plan, &sink, &count, error);
    for (size_t at = 0; status == VS_OK && at < memory.len;) {
        const char *line = (const char *)memory.data + at;
        const char *end = memchr(line, '\n', memory.len - at);
        size_t len = end == NULL ? memory.len - at : (size_t)(end - line);
        if (len > 0 && json_array_append_new(list, json_stringn(line, len)) != 0) {
            status = vs_fail_plain(error, VS_ERR_MEMORY);
        }
        at += len + 1;
    }
    free(memory.data);
    return status;
}

static vs_status run_check(const vs_arguments *arguments, vs_error *error) {
    char id[2 * VS_HASH_BYTES + 1];
    vs_plan *plan = NULL;
    json_t *warnings = json_array();
    vs_status status = warnings == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        status = vs__load_plan(&plan, arguments->operands[0], error);
    }
    if (status == VS_OK) {
        status = list_warnings(warnings, plan, error);
    }
    if (status == VS_OK) {
        vs_to_hex(id, plan->id, VS_HASH_BYTES);
        size_t index;
        json_t *warning;
        json_array_foreach(warnings, index, warning) {
            vs__ui_warning("%s", json_string_value(warning));
        }
        status = vs__argument_given(arguments, "json") ? print_json(id, warnings, error) : print_id(id, error);
    }
    json_decref(warnings);
    vs_plan_free(plan);
    return status;
}

static const vs_option check_options[] = {
    VS_OPTION_JSON,
    VS_OPTIONS_END,
};

static const char *const check_paragraphs[] = {
    "Checks every rule of a plan and prints its id, which is the same for everybody who has the same plan, however the "
    "file is laid out. Doubtful choices draw a warning: few contributors, small minimums, values that a spreadsheet "
    "would run.",
    NULL,
};

static const vs_example check_examples[] = {
    {"The id, to compare with others by telephone", "veilsum plan check plan.json"},
    {NULL, NULL},
};

const vs_verb vs__verb_plan_check = {
    .name = "plan check",
    .summary = "Check a plan and print its id",
    .synopsis = "[--json] PLAN | -",
    .paragraphs = check_paragraphs,
    .examples = check_examples,
    .options = check_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_check,
};
