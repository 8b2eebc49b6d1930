#include <string.h>

#include "cli/docgen/docgen.h"
#include "cli/ui.h"

/* scdoc reads these as markup. */
static void put(FILE *out, const char *text) {
    for (; *text != 0; text++) {
        if (strchr("\\*_~+", *text) != NULL) {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
}

static void put_page_name(FILE *out, const vs_verb *verb) {
    fprintf(out, "veilsum-");
    for (const char *c = verb->name; *c != 0; c++) {
        fputc(*c == ' ' ? '-' : *c, out);
    }
}

static void put_paragraphs(FILE *out, const char *const *paragraphs) {
    for (; *paragraphs != NULL; paragraphs++) {
        put(out, *paragraphs);
        fprintf(out, "\n\n");
    }
}

static void put_examples(FILE *out, const vs_example *examples) {
    for (; examples->command != NULL; examples++) {
        put(out, examples->text);
        fprintf(out, ":\n\n```\n%s\n```\n\n", examples->command);
    }
}

static void put_exit_statuses(FILE *out) {
    fprintf(out, "# EXIT STATUS\n\n");
    for (const vs_exit_text *line = vs__exit_texts; line->text != NULL; line++) {
        fprintf(out, "*%d*\n\t", line->status);
        put(out, line->text);
        fprintf(out, "\n\n");
    }
}

static void put_option(FILE *out, const vs_option *option) {
    if (option->letter != 0) {
        fprintf(out, "*-%c*, ", option->letter);
    }
    fprintf(out, "*--%s*", option->name);
    if (option->argument != NULL) {
        fputc(' ', out);
        put(out, option->argument);
    }
    fprintf(out, "\n\t");
    put(out, option->help);
    if (option->words != NULL) {
        fprintf(out, ", one of: %s", option->words);
    }
    if (option->repeated) {
        fprintf(out, "; may be repeated");
    }
    fprintf(out, "\n\n");
}

void vs__man_verb(FILE *out, const vs_verb *verb) {
    static const vs_option help = {.letter = 'h', .name = "help", .help = "print help and stop"};
    put_page_name(out, verb);
    fprintf(out, "(1) \"\" \"veilsum\"\n\n# NAME\n\n");
    put_page_name(out, verb);
    fprintf(out, " - ");
    put(out, verb->summary);
    fprintf(out, "\n\n# SYNOPSIS\n\n*veilsum %s* ", verb->name);
    put(out, verb->synopsis);
    fprintf(out, "\n\n# DESCRIPTION\n\n");
    put_paragraphs(out, verb->paragraphs);
    if (!verb->passes_through) {
        fprintf(out, "# OPTIONS\n\n");
        for (const vs_option *option = verb->options; option->name != NULL; option++) {
            put_option(out, option);
        }
        put_option(out, &help);
    }
    fprintf(out, "# EXAMPLES\n\n");
    put_examples(out, verb->examples);
    put_exit_statuses(out);
    fprintf(out, "# SEE ALSO\n\n*veilsum*(1)\n");
}

void vs__man_program(FILE *out) {
    fprintf(out, "veilsum(1) \"\" \"veilsum\"\n\n# NAME\n\nveilsum - exact totals over data that nobody may see\n\n");
    fprintf(out, "# SYNOPSIS\n\n*veilsum* COMMAND [OPTIONS] [FILES]\n\n*veilsum help* [COMMAND]\n\n");
    fprintf(out, "# DESCRIPTION\n\n");
    put_paragraphs(out, vs__about);
    fprintf(out, "# COMMANDS\n\n");
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        fprintf(out, "*");
        put_page_name(out, *verb);
        fprintf(out, "*(1)\n\t");
        put(out, (*verb)->summary);
        fprintf(out, "\n\n");
    }
    fprintf(out, "# A SESSION\n\n");
    put_examples(out, vs__session);
    put_exit_statuses(out);
    fprintf(out,
            "# ENVIRONMENT\n\n*TMPDIR*\n\tthe directory for what is kept back before it goes to a pipe "
            "(default: /tmp)\n\n*VEILSUM_BACKEND*\n\tthe arithmetic to use: *ifma* (processors with AVX-512 IFMA), "
            "*gmp* (all) or *ifma-portable* (all, and slow: for tests). Results are the same. Default: the first of "
            "these two that the processor has\n\n");
}
