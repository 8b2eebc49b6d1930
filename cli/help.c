#include <string.h>

#include "cli/options.h"

#define WIDTH 100u
#define OPTION_COLUMN 30u

void vs__wrap(FILE *out, const char *text, unsigned indent, unsigned at, unsigned width) {
    unsigned column = at;
    bool first = true;
    while (*text != 0) {
        size_t len = strcspn(text, " ");
        /* Characters, not bytes: continuation bytes of UTF-8 take no column. */
        unsigned columns = 0;
        for (size_t i = 0; i < len; i++) {
            columns += ((unsigned char)text[i] & 0xc0u) != 0x80u;
        }
        if (!first && column + 1 + columns > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        fprintf(out, "%s%.*s", first ? "" : " ", (int)len, text);
        column += columns + (first ? 0 : 1);
        first = false;
        text += len;
        text += *text == ' ';
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const vs_option *option) {
    int at = option->letter != 0 ? fprintf(out, "  -%c, ", option->letter) : fprintf(out, "      ");
    at += fprintf(out, "--%s", option->name);
    if (option->argument != NULL) {
        at += fprintf(out, " %s", option->argument);
    }
    if (at + 2 > (int)OPTION_COLUMN) {
        fputc('\n', out);
        at = 0;
    }
    fprintf(out, "%*s", (int)OPTION_COLUMN - at, "");
    char text[512];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", option->help);
    if (option->words != NULL && used < sizeof text) {
        used += (size_t)snprintf(text + used, sizeof text - used, ", one of: %s", option->words);
    }
    if (option->repeated && used < sizeof text) {
        (void)snprintf(text + used, sizeof text - used, "; may be repeated");
    }
    vs__wrap(out, text, OPTION_COLUMN, OPTION_COLUMN, WIDTH);
}

void vs__help_verb(FILE *out, const vs_verb *verb) {
    static const vs_option help = {.letter = 'h', .name = "help", .help = "print this and stop"};
    unsigned at = (unsigned)fprintf(out, "Usage: veilsum %s ", verb->name);
    vs__wrap(out, verb->synopsis, at, at, WIDTH);
    fprintf(out, "\n%s.\n", verb->summary);
    for (const char *const *paragraph = verb->paragraphs; *paragraph != NULL; paragraph++) {
        fputc('\n', out);
        vs__wrap(out, *paragraph, 0, 0, WIDTH);
    }
    if (!verb->passes_through) {
        fprintf(out, "\nOptions:\n");
        for (const vs_option *option = verb->options; option->name != NULL; option++) {
            print_option(out, option);
        }
        print_option(out, &help);
    }
    fprintf(out, "\nExamples:\n");
    for (const vs_example *example = verb->examples; example->command != NULL; example++) {
        fprintf(out, "  # ");
        vs__wrap(out, example->text, 4, 4, WIDTH);
        fprintf(out, "  %s\n", example->command);
    }
}
