#include <string.h>

#include "cli/docgen/docgen.h"

/* A shell word in single quotes, with `escaped` characters behind a backslash. */
static void quote(FILE *out, const char *text, const char *escaped) {
    for (; *text != 0; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
        } else {
            fprintf(out, "%s%c", strchr(escaped, *text) != NULL ? "\\" : "", *text);
        }
    }
}

/* Every first word of a command line: verbs and, once each, groups. */
static void put_first_words(FILE *out, const char *format) {
    const char *last = "";
    size_t last_len = 0;
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        size_t len = vs__verb_group_len(*verb);
        if (len > 0 && len == last_len && memcmp(last, (*verb)->name, len) == 0) {
            continue;
        }
        char word[64];
        (void)snprintf(word, sizeof word, "%.*s", (int)(len > 0 ? len : strlen((*verb)->name)), (*verb)->name);
        fprintf(out, format, word, len > 0 ? "Plans: write, explain, check" : (*verb)->summary);
        last = (*verb)->name;
        last_len = len;
    }
    fprintf(out, format, "help", "Explain a command");
}

/* ---- bash ---- */

static void bash_option_values(FILE *out, const vs_verb *verb) {
    for (const vs_option *option = verb->options; option->name != NULL; option++) {
        if (option->argument == NULL) {
            continue;
        }
        fprintf(out, "    '%s:--%s'", verb->name, option->name);
        if (option->letter != 0) {
            fprintf(out, " | '%s:-%c'", verb->name, option->letter);
        }
        if (option->words != NULL) {
            fprintf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")) && return ;;\n", option->words);
        } else if (option->takes_file) {
            fprintf(out, ") _veilsum_files \"$cur\" && return ;;\n");
        } else {
            fprintf(out, ") return ;;\n");
        }
    }
}

static void bash_options(FILE *out, const vs_verb *verb) {
    fprintf(out, "    '%s') options='", verb->name);
    for (const vs_option *option = verb->options; option->name != NULL; option++) {
        fprintf(out, "--%s ", option->name);
    }
    fprintf(out, "--help' ;;\n");
}

void vs__complete_bash(FILE *out) {
    fprintf(out, "# bash completion for veilsum\n"
                 "_veilsum_files() {\n"
                 "    local IFS=$'\\n'\n"
                 "    compopt -o filenames 2>/dev/null\n"
                 "    COMPREPLY=($(compgen -f -- \"$1\"))\n"
                 "}\n\n"
                 "_veilsum() {\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                 "    local verb=${COMP_WORDS[1]} options=\n"
                 "    COMPREPLY=()\n"
                 "    if ((COMP_CWORD == 1)); then\n"
                 "        COMPREPLY=($(compgen -W '");
    put_first_words(out, "%s ");
    fprintf(out, "--help --version' -- \"$cur\"))\n        return\n    fi\n    case $verb in\n");
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        size_t len = vs__verb_group_len(*verb);
        bool first = len > 0 && (verb == vs__verbs || strncmp(verb[-1]->name, (*verb)->name, len + 1) != 0);
        if (!first) {
            continue;
        }
        fprintf(out, "    %.*s)\n        if ((COMP_CWORD == 2)); then\n            COMPREPLY=($(compgen -W '", (int)len,
                (*verb)->name);
        for (const vs_verb *const *other = verb; *other != NULL; other++) {
            if (strncmp((*other)->name, (*verb)->name, len + 1) == 0) {
                fprintf(out, "%s ", (*other)->name + len + 1);
            }
        }
        fprintf(out, "' -- \"$cur\"))\n            return\n        fi\n        verb=\"$verb ${COMP_WORDS[2]}\"\n"
                     "        ;;\n");
    }
    fprintf(out, "    esac\n    case \"$verb:$prev\" in\n");
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        bash_option_values(out, *verb);
    }
    fprintf(out, "    esac\n    case \"$verb\" in\n");
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        bash_options(out, *verb);
    }
    fprintf(out, "    help) options='");
    put_first_words(out, "%s ");
    fprintf(out, "' ;;\n    esac\n"
                 "    if [[ $cur == -* || $verb == help ]]; then\n"
                 "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                 "    else\n"
                 "        _veilsum_files \"$cur\"\n"
                 "    fi\n"
                 "}\n"
                 "complete -F _veilsum veilsum\n");
}

/* ---- zsh ---- */

static void zsh_option(FILE *out, const vs_option *option) {
    fprintf(out, " \\\n            ");
    if (option->letter != 0 && !option->repeated) {
        fprintf(out, "'(-%c --%s)'{-%c,--%s}'[", option->letter, option->name, option->letter, option->name);
    } else {
        fprintf(out, "'%s--%s[", option->repeated ? "*" : "", option->name);
    }
    quote(out, option->help, "[]\\");
    fprintf(out, "]");
    if (option->argument != NULL) {
        fprintf(out, ":");
        quote(out, option->argument, ":\\[]");
        fprintf(out, ":");
        if (option->words != NULL) {
            fprintf(out, "(%s)", option->words);
        } else if (option->takes_file) {
            fprintf(out, "_files");
        }
    }
    fprintf(out, "'");
}

void vs__complete_zsh(FILE *out) {
    fprintf(out, "#compdef veilsum\n\n"
                 "local verb=$words[2]\n"
                 "if (( CURRENT == 2 )); then\n"
                 "    local -a verbs=(\n");
    put_first_words(out, "        '%s:%s'\n");
    fprintf(out, "    )\n    _describe 'command' verbs\n    return\nfi\n");
    fprintf(out, "local skip=2\n");
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        size_t len = vs__verb_group_len(*verb);
        if (len > 0) {
            fprintf(out,
                    "if [[ $verb == %.*s ]] && (( CURRENT == 3 )); then compadd %s; fi\n"
                    "if [[ $verb == %.*s && $words[3] == %s ]]; then verb='%s'; skip=3; fi\n",
                    (int)len, (*verb)->name, (*verb)->name + len + 1, (int)len, (*verb)->name, (*verb)->name + len + 1,
                    (*verb)->name);
        }
    }
    fprintf(out, "(( CURRENT <= skip )) && return\n"
                 "words=(\"${(@)words[skip,-1]}\")\n"
                 "(( CURRENT -= skip - 1 ))\n"
                 "case $verb in\n");
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        fprintf(out, "    '%s')\n        _arguments -s -S", (*verb)->name);
        for (const vs_option *option = (*verb)->options; option->name != NULL; option++) {
            zsh_option(out, option);
        }
        fprintf(out, " \\\n            '(-h --help)'{-h,--help}'[print help and stop]' '*:file:_files'\n        ;;\n");
    }
    fprintf(out, "esac\n");
}

/* ---- fish ---- */

static void fish_condition(FILE *out, const vs_verb *verb) {
    size_t len = vs__verb_group_len(verb);
    fprintf(out, "complete -c veilsum -n '");
    if (len > 0) {
        fprintf(out, "__fish_seen_subcommand_from %.*s; and ", (int)len, verb->name);
    }
    fprintf(out, "__fish_seen_subcommand_from %s'", verb->name + (len > 0 ? len + 1 : 0));
}

static void fish_option(FILE *out, const vs_verb *verb, const vs_option *option) {
    fish_condition(out, verb);
    if (option->letter != 0) {
        fprintf(out, " -s %c", option->letter);
    }
    fprintf(out, " -l %s", option->name);
    if (option->words != NULL) {
        fprintf(out, " -x -a '%s'", option->words);
    } else if (option->argument != NULL) {
        fprintf(out, option->takes_file ? " -r -F" : " -x");
    }
    fprintf(out, " -d '");
    for (const char *c = option->help; *c != 0; c++) { /* fish knows \' and \\ inside single quotes */
        fprintf(out, "%s%c", *c == '\'' || *c == '\\' ? "\\" : "", *c);
    }
    fprintf(out, "'\n");
}

void vs__complete_fish(FILE *out) {
    fprintf(out, "# fish completion for veilsum\n");
    put_first_words(out, "complete -c veilsum -f -n __fish_use_subcommand -a %s -d \"%s\"\n");
    fprintf(out, "complete -c veilsum -n __fish_use_subcommand -l version -d 'print the version'\n"
                 "complete -c veilsum -s h -l help -d 'print help and stop'\n");
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        size_t len = vs__verb_group_len(*verb);
        if (len > 0) {
            fprintf(out, "complete -c veilsum -f -n '__fish_seen_subcommand_from %.*s' -a %s -d '%s'\n", (int)len,
                    (*verb)->name, (*verb)->name + len + 1, (*verb)->summary);
        }
    }
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        for (const vs_option *option = (*verb)->options; option->name != NULL; option++) {
            fish_option(out, *verb, option);
        }
    }
}
