/* plan show, plan check: a plan read by a person, and by a script. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_signatures.h"
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

/* Who has signed, where that was asked. */
typedef struct signatures {
    bool *by; /* NULL: it was not asked */
    size_t count;
} signatures;

static vs_status read_signatures(signatures *found, const vs_plan *plan, const char *path, vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    found->by = calloc(plan->party_count + 1, sizeof *found->by);
    vs_status status =
        found->by == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : vs__load_note(&text, &len, path, error);
    if (status == VS_OK) {
        status = vs_plan_signatures_check(plan, path, text, len, NULL, error);
    }
    if (status == VS_OK) {
        status = vs_plan_signatures_read(plan, path, text, len, found->by, &found->count, error);
    }
    free(text);
    return status;
}

/* Names of the parties that have signed, or have not. */
static json_t *list_parties(const vs_plan *plan, const signatures *found, bool signed_it) {
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < plan->party_count; i++) {
        if (found->by[i] == signed_it &&
            json_array_append_new(list, json_string(plan->parties[i].identity.name)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static vs_status print_json(const char *id, const json_t *warnings, const vs_plan *plan, const signatures *found,
                            vs_error *error) {
    json_t *object = json_pack("{s:s, s:b, s:O}", "plan", id, "ok", 1, "warnings", warnings);
    bool failed = object == NULL;
    if (!failed && found->by != NULL) { /* a NULL list makes a setter fail */
        failed |= json_object_set_new(object, "signed", list_parties(plan, found, true)) != 0;
        failed |= json_object_set_new(object, "not_signed", list_parties(plan, found, false)) != 0;
        failed |= json_object_set_new(object, "needed", json_integer((json_int_t)plan->signatures_needed)) != 0;
    }
    char *text = failed ? NULL : json_dumps(object, 0);
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

/* The plan's id, and a line for each party. */
static vs_status print_text(const char *id, const vs_plan *plan, const signatures *found, vs_error *error) {
    char *text = NULL, name[256];
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    fprintf(out, "%s  ok\n", id);
    if (found->by != NULL) {
        fprintf(out, "%zu signatures, %zu needed\n", found->count, plan->signatures_needed);
    }
    for (size_t i = 0; found->by != NULL && i < plan->party_count; i++) {
        vs__ui_clean(name, sizeof name, plan->parties[i].identity.name);
        fprintf(out, "  %-10s  %s, ", found->by[i] ? "signed" : "not signed", name);
        vs__ui_clean(name, sizeof name, plan->parties[i].organisation);
        fprintf(out, "%s\n", name);
    }
    bool failed = fclose(out) != 0;
    vs_status status = failed ? vs_fail_plain(error, VS_ERR_MEMORY) : vs__print(text, len, error);
    free(text);
    return status;
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

/* A plan that is not valid today is still a plan. */
static vs_status warn_of_days(json_t *list, const vs_plan *plan, vs_error *error) {
    int64_t now = 0;
    vs_error reason = {0};
    vs_status status = plan->valid_from == 0 && plan->valid_until == 0 ? VS_OK : vs__now(&now, error);
    if (status == VS_OK && vs_plan_valid_at(plan, now, &reason) != VS_OK &&
        json_array_append_new(list, json_string(reason.message)) != 0) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return status;
}

static vs_status run_check(const vs_arguments *arguments, vs_error *error) {
    char id[2 * VS_HASH_BYTES + 1];
    const char *signed_path = vs__argument(arguments, "signed");
    signatures found = {NULL, 0};
    vs_plan *plan = NULL;
    json_t *warnings = json_array();
    vs_status status = warnings == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        status = vs__load_plan(&plan, arguments->operands[0], error);
    }
    if (status == VS_OK && signed_path != NULL) {
        status = read_signatures(&found, plan, signed_path, error);
    }
    if (status == VS_OK) {
        status = list_warnings(warnings, plan, error);
    }
    if (status == VS_OK) {
        status = warn_of_days(warnings, plan, error);
    }
    if (status == VS_OK) {
        vs_to_hex(id, plan->id, VS_HASH_BYTES);
        size_t index;
        json_t *warning;
        json_array_foreach(warnings, index, warning) {
            vs__ui_warning("%s", json_string_value(warning));
        }
        status = vs__argument_given(arguments, "json") ? print_json(id, warnings, plan, &found, error)
                                                       : print_text(id, plan, &found, error);
    }
    free(found.by);
    json_decref(warnings);
    vs_plan_free(plan);
    return status;
}

static const vs_option check_options[] = {
    {.letter = 's',
     .name = "signed",
     .argument = "PLAN.sig",
     .help = "also check that as many of the plan's parties have signed as it needs",
     .takes_file = true},
    VS_OPTION_JSON,
    VS_OPTIONS_END,
};

static const char *const check_paragraphs[] = {
    "Checks every rule of a plan and prints its id, which is the same for everybody who has the same plan, however the "
    "file is laid out. Doubtful choices draw a warning: few contributors, small minimums, values that a spreadsheet "
    "would run.",
    "With --signed it also says who of the roster has signed, and exits with status 5 where that is not enough: then "
    "the plan is not agreed on yet. A plan needs the signature of every party, or of as many as its key signatures "
    "says.",
    NULL,
};

static const vs_example check_examples[] = {
    {"The id, to compare with others by telephone", "veilsum plan check plan.json"},
    {"Has everybody signed?", "veilsum plan check --signed plan.sig plan.json"},
    {NULL, NULL},
};

const vs_verb vs__verb_plan_check = {
    .name = "plan check",
    .summary = "Check a plan and the signatures under it, and print its id",
    .synopsis = "[--json] [--signed PLAN.sig] PLAN | -",
    .paragraphs = check_paragraphs,
    .examples = check_examples,
    .options = check_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_check,
};
