#include "cli/verbs.h"

#include <string.h>

#include "cli/ui.h"

const vs_verb *const vs__verbs[] = {
    &vs__verb_keygen,       &vs__verb_identity,     &vs__verb_plan_new,   &vs__verb_plan_show,
    &vs__verb_plan_check,   &vs__verb_plan_sign,    &vs__verb_pool,       &vs__verb_encrypt,
    &vs__verb_combine,      &vs__verb_verify,       &vs__verb_decrypt,    &vs__verb_serve,
    &vs__verb_join,         &vs__verb_status,       &vs__verb_doctor,     &vs__verb_inspect,
    &vs__verb_convert,      &vs__verb_ledger_init,  &vs__verb_ledger_add, &vs__verb_ledger_show,
    &vs__verb_ledger_prove, &vs__verb_ledger_check, &vs__verb_bench,      NULL,
};

const char *const vs__about[] = {
    "veilsum adds up numbers that nobody may see. Several owners each hold a table; somebody wants the totals, means, "
    "variances and histograms over all of them. Every owner encrypts its own sums into a contribution; anybody "
    "multiplies contributions into a total; the holder of the secret key opens the total, and with it nothing but "
    "what the plan allows.",
    "The plan is public and agreed on by everybody: which measures, for which groups, in which units and bounds, from "
    "how many contributors, and with which key a total opens. A contribution made for one plan is never combined with "
    "one made for another.",
    "'-' stands for standard input or output. An output appears whole or not at all, and an existing file is replaced "
    "with --force only.",
    NULL,
};

const vs_example vs__session[] = {
    {"The key holder makes a key pair: hub.key and hub.pub", "veilsum keygen hub"},
    {"Somebody writes a plan from a sample, and everybody reads it",
     "veilsum plan new -r hub.pub --by State --count --mean Cost sample.csv -o plan.json"},
    {"Each owner encrypts its own table", "veilsum encrypt -p plan.json -r hub.pub --as NORTH north.csv -o north.vs"},
    {"Somebody combines the contributions", "veilsum combine -p plan.json north.vs south.vs east.vs -o total.vs"},
    {"The key holder opens the total", "veilsum decrypt -p plan.json -k hub.key total.vs"},
    {NULL, NULL},
};

size_t vs__verb_group_len(const vs_verb *verb) {
    const char *space = strchr(verb->name, ' ');
    return space == NULL ? 0 : (size_t)(space - verb->name);
}

bool vs__verb_in_group(const vs_verb *verb, const char *group) {
    size_t len = vs__verb_group_len(verb);
    return len > 0 && len == strlen(group) && memcmp(verb->name, group, len) == 0;
}

static void list_verbs(FILE *out, const char *group) {
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        if (group == NULL || vs__verb_in_group(*verb, group)) {
            fprintf(out, "  veilsum %-12s  %s\n", (*verb)->name, (*verb)->summary);
        }
    }
}

void vs__help_short(FILE *out) {
    fprintf(out, "Usage: veilsum COMMAND [OPTIONS] [FILES]\n\n");
    list_verbs(out, NULL);
    fprintf(out, "\n'veilsum help' says more; 'veilsum help COMMAND' explains a command.\n");
}

void vs__help_group(FILE *out, const char *group) {
    fprintf(out, "Usage: veilsum %s COMMAND [OPTIONS] [FILES]\n\n", group);
    list_verbs(out, group);
    fprintf(out, "\n'veilsum help %s COMMAND' explains a command.\n", group);
}

void vs__help_program(FILE *out) {
    fprintf(out, "Usage: veilsum COMMAND [OPTIONS] [FILES]\n       veilsum help [COMMAND]\n       veilsum --version\n");
    for (const char *const *paragraph = vs__about; *paragraph != NULL; paragraph++) {
        fputc('\n', out);
        vs__wrap(out, *paragraph, 0, 0, 100);
    }
    fprintf(out, "\nCommands:\n");
    list_verbs(out, NULL);
    fprintf(out, "\nA session:\n");
    for (const vs_example *step = vs__session; step->command != NULL; step++) {
        fprintf(out, "  # %s\n  %s\n", step->text, step->command);
    }
    fprintf(out, "\nExit status:\n");
    for (const vs_exit_text *exit_text = vs__exit_texts; exit_text->text != NULL; exit_text++) {
        fprintf(out, "  %3d  ", exit_text->status);
        vs__wrap(out, exit_text->text, 7, 7, 100);
    }
}
