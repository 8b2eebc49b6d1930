/* plan sign: agree to a plan. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregate/plan/plan_signatures.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"

/* The signatures so far, and where they go. */
typedef struct signing {
    const vs_plan *plan;
    const char *path; /* "-" for standard output */
    char *text;       /* NULL: there are none yet */
    size_t len;
    bool changed;
} signing;

/* What stands in the file already, if there is one. */
static vs_status begin(signing *s, vs_error *error) {
    if (strcmp(s->path, "-") == 0 || (access(s->path, F_OK) != 0 && errno == ENOENT)) {
        return VS_OK;
    }
    vs_status status = vs__load_note(&s->text, &s->len, s->path, error);
    if (status == VS_OK && s->len == 0) { /* as mktemp makes them */
        free(s->text);
        s->text = NULL;
    }
    return status;
}

static void replace(signing *s, char *text, size_t len) {
    if (text != NULL) {
        free(s->text);
        s->text = text;
        s->len = len;
        s->changed = true;
    }
}

/* Mail programs end lines in their own way. What is written has the ends that were signed. */
static void plain_line_ends(char *text, size_t *len) {
    size_t kept = 0;
    for (size_t i = 0; i < *len; i++) {
        if (text[i] != '\r' || i + 1 == *len || text[i + 1] != '\n') {
            text[kept++] = text[i];
        }
    }
    *len = kept;
}

static vs_status add_file(signing *s, const char *path, vs_error *error) {
    char *other = NULL, *text = NULL;
    size_t other_len = 0, len = 0, added = 0;
    vs_status status = vs__load_note(&other, &other_len, path, error);
    if (status == VS_OK) {
        plain_line_ends(other, &other_len);
        status = vs_plan_signatures_merge(&text, &len, s->plan, s->path, s->text, s->len, path, other, other_len,
                                          &added, error);
    }
    if (status == VS_OK) {
        replace(s, text, len);
        vs__ui_note("%s: %zu signature%s that %s not there yet", path, added, added == 1 ? "" : "s",
                    added == 1 ? "was" : "were");
    }
    free(other);
    return status;
}

static vs_status add_own(signing *s, const vs_arguments *arguments, vs_error *error) {
    vs_identity *identity = NULL;
    char *text = NULL;
    size_t len = 0;
    vs_status status = vs__load_identity(&identity, vs__argument(arguments, "identity"),
                                         vs__argument(arguments, "passphrase-file"), error);
    if (status == VS_OK) {
        status = vs_plan_signatures_add(&text, &len, s->plan, s->path, s->text, s->len, identity, error);
    }
    if (status == VS_OK && text == NULL) {
        vs__ui_note("%s has signed already", vs_identity_public(identity)->name);
    }
    if (status == VS_OK) {
        replace(s, text, len);
    }
    vs_identity_free(identity);
    return status;
}

/* The file is replaced whole, so that a crash loses no signature that it had. */
static vs_status write_out(const signing *s, vs_error *error) {
    const vs_output_options replaced = {.force = true};
    vs_output output;
    vs_status status = vs__output_open(&output, s->path, &replaced, error);
    if (status == VS_OK) {
        status = output.sink.write(output.sink.context, s->text, s->len, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs__output_close(&output);
    return status;
}

/* How many have signed by now. */
static vs_status say_count(const signing *s, vs_error *error) {
    size_t count = 0;
    bool *signed_by = calloc(s->plan->party_count + 1, sizeof *signed_by);
    vs_status status = signed_by == NULL
                           ? vs_fail_plain(error, VS_ERR_MEMORY)
                           : vs_plan_signatures_read(s->plan, s->path, s->text, s->len, signed_by, &count, error);
    if (status == VS_OK) {
        vs__ui_note("%s holds %zu of the %zu signatures that the plan needs",
                    strcmp(s->path, "-") == 0 ? "the output" : s->path, count, s->plan->signatures_needed);
    }
    free(signed_by);
    return status;
}

static vs_status check_arguments(const vs_arguments *arguments, vs_error *error) {
    if (!vs__argument_given(arguments, "identity") && !vs__argument_given(arguments, "add")) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan sign: there is nothing to add");
        vs_hint(error, "sign with -i NAME.id, or add the signatures that others sent with --add FILE");
        return VS_ERR_USAGE;
    }
    if (strcmp(arguments->operands[0], "-") == 0 && !vs__argument_given(arguments, "output")) {
        (void)vs_fail(error, VS_ERR_USAGE, "plan sign: a plan from standard input needs -o PLAN.sig");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

static vs_status run_sign(const vs_arguments *arguments, vs_error *error) {
    vs_plan *plan = NULL;
    signing s = {.path = vs__argument(arguments, "output")};
    char *default_path = NULL;
    size_t cursor = 0;
    vs_status status = check_arguments(arguments, error);
    if (status == VS_OK) {
        status = vs__load_plan(&plan, arguments->operands[0], error);
    }
    if (status == VS_OK && s.path == NULL) {
        s.path = default_path = vs__signatures_path(arguments->operands[0]);
        status = s.path == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    }
    s.plan = plan;
    if (status == VS_OK) {
        status = begin(&s, error);
    }
    for (const char *path; status == VS_OK && (path = vs__argument_next(arguments, "add", &cursor)) != NULL;) {
        status = add_file(&s, path, error);
    }
    if (status == VS_OK && vs__argument_given(arguments, "identity")) {
        status = add_own(&s, arguments, error);
    }
    if (status == VS_OK && s.changed) {
        status = write_out(&s, error);
    }
    if (status == VS_OK && s.text != NULL) {
        status = say_count(&s, error);
    }
    free(s.text);
    free(default_path);
    vs_plan_free(plan);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_IDENTITY("sign with this identity, which the plan's roster lists"),
    {.name = "add",
     .argument = "FILE",
     .help = "add the signatures of another file, say one that came by e-mail",
     .repeated = true,
     .takes_file = true},
    VS_OPTION_PASSPHRASE_FILE("open the identity with the first line of FILE"),
    VS_OPTION_OUTPUT("the signatures (default: PLAN with .sig in place of .json); '-' is standard output"),
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Adds a signature by one of the plan's parties to the signatures under it. What is signed is the plan's id, so "
    "that "
    "any change of the plan, but for its layout, asks for new signatures. Read it first: 'veilsum plan show PLAN'.",
    "The file is made where it is not there, and grows otherwise; it is refused where it belongs to another plan, or "
    "holds a signature that is not right. Where everybody signs a copy of its own and sends it, --add puts them "
    "together; the order does not matter.",
    NULL,
};

static const vs_example examples[] = {
    {"Agree to a plan", "veilsum plan sign -i orange.id plan.json"},
    {"Make a signature to send by e-mail", "veilsum plan sign -i orange.id -o orange.sig plan.json"},
    {"Put together what others sent", "veilsum plan sign --add orange.sig --add blue.sig plan.json"},
    {NULL, NULL},
};

const vs_verb vs__verb_plan_sign = {
    .name = "plan sign",
    .summary = "Agree to a plan",
    .synopsis = "[-i NAME.id] [--add FILE]... [-o PLAN.sig] PLAN | -",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_sign,
};
