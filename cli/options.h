/* What a command understands, as data: one table of verbs, and one of options for each verb. From these tables come the
 * parser (getopt_long), `--help`, the man pages and the completions of bash, zsh and fish, so that they cannot
 * disagree.
 */
#ifndef VEILSUM_CLI_OPTIONS_H
#define VEILSUM_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "aggregate/error.h"

/* One option. A table of them ends with a NULL name; --help is understood everywhere and stands in no table. */
typedef struct vs_option {
    char letter;          /* 'o' of -o, or 0 */
    const char *name;     /* "output" of --output */
    const char *argument; /* what its value is called in the help; NULL: the option takes none */
    const char *help;
    const char *words; /* the values that it may have, with spaces between them; NULL: any */
    bool repeated;     /* may be given again */
    bool required;
    bool takes_file; /* for completion */
} vs_option;

/* Options that several verbs share. */
#define VS_OPTION_PLAN                                                                                                 \
    {                                                                                                                  \
        .letter = 'p', .name = "plan", .argument = "PLAN", .help = "the plan, a JSON file", .required = true,          \
        .takes_file = true                                                                                             \
    }
#define VS_OPTION_OUTPUT(text)                                                                                         \
    { .letter = 'o', .name = "output", .argument = "OUT", .help = text, .takes_file = true }
#define VS_OPTION_FORCE                                                                                                \
    { .letter = 'f', .name = "force", .help = "replace an output that exists" }
#define VS_OPTION_JSON                                                                                                 \
    { .name = "json", .help = "print JSON, for programs" }
#define VS_OPTION_THREADS                                                                                              \
    {                                                                                                                  \
        .letter = 't', .name = "threads", .argument = "N",                                                             \
        .help = "threads to use (default: all that the process may use)"                                               \
    }
#define VS_OPTION_TRUST_KEY                                                                                            \
    { .name = "trust-key", .help = "use a public key whose proof is missing or wrong" }
#define VS_OPTION_PASSPHRASE_FILE(text)                                                                                \
    { .name = "passphrase-file", .argument = "FILE", .help = text, .takes_file = true }
#define VS_OPTION_NO_PASSPHRASE                                                                                        \
    { .name = "no-passphrase", .help = "leave the secret key unsealed: whoever reads the file can use it" }
/* Who signs. A verb with no other secret has VS_OPTION_PASSPHRASE_FILE beside it; one with two has
 * VS_OPTION_IDENTITY_PASSPHRASE_FILE, too. */
#define VS_OPTION_IDENTITY(text)                                                                                       \
    { .letter = 'i', .name = "identity", .argument = "NAME.id", .help = text, .takes_file = true }
#define VS_OPTION_IDENTITY_PASSPHRASE_FILE                                                                             \
    {                                                                                                                  \
        .name = "identity-passphrase-file", .argument = "FILE",                                                        \
        .help = "open the identity with the first line of FILE", .takes_file = true                                    \
    }

/* How a table is read: the same for `encrypt` and `plan new`. */
#define VS_OPTIONS_READING                                                                                             \
    {.name = "column",                                                                                                 \
     .argument = "PLAN=TABLE",                                                                                         \
     .help = "the plan's column PLAN is called TABLE in the table's header",                                           \
     .repeated = true},                                                                                                \
        {.name = "delimiter",                                                                                          \
         .argument = "CHAR",                                                                                           \
         .help = "what stands between fields; 'tab' or '\\t' for a tab (default: a comma)"},                           \
        {.name = "decimal", .argument = "CHAR", .help = "the decimal point, '.' or ',' (default: '.')"},               \
        {.name = "encoding", .argument = "NAME", .help = "the table's encoding, as iconv names it (default: UTF-8)"},  \
    {                                                                                                                  \
        .name = "missing", .argument = "TEXT", .help = "a field that reads TEXT is missing, as an empty one is",       \
        .repeated = true                                                                                               \
    }

/* The end of a table of options. */
#define VS_OPTIONS_END                                                                                                 \
    { .name = NULL }

/* An option as it was given. */
typedef struct vs_given {
    const vs_option *option;
    const char *value; /* "" for an option without a value */
} vs_given;

struct vs_verb;

/* A parsed command line, in the order in which it was given. Strings are borrowed from argv. */
typedef struct vs_arguments {
    const struct vs_verb *verb;
    vs_given *given;
    size_t given_count;
    char **operands;
    size_t operand_count;
    bool help; /* --help was among them: nothing else has been checked */
} vs_arguments;

typedef struct vs_example {
    const char *text;
    const char *command;
} vs_example;

/* One command. */
typedef struct vs_verb {
    const char *name;              /* "keygen"; "plan new" for a verb of a group */
    const char *summary;           /* one line, no full stop */
    const char *synopsis;          /* what follows the name in the usage line */
    const char *const *paragraphs; /* ends with NULL */
    const vs_example *examples;    /* ends with a NULL command */
    const vs_option *options;
    size_t operands_min, operands_max;
    bool passes_through; /* everything after the name goes to another program unread */
    vs_status (*run)(const vs_arguments *arguments, vs_error *error);
} vs_verb;

/** Parse argv[1 ..] for `verb`; argv[0] is the verb's name. vs__arguments_free also after an error.
 *  Returns: VS_OK, VS_ERR_USAGE, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__arguments_parse(vs_arguments *arguments, const vs_verb *verb, int argc, char **argv,
                                            vs_error *error);
void vs__arguments_free(vs_arguments *arguments);

/** The value of option `name`, or NULL where it was not given. The name must be in the verb's table. */
const char *vs__argument(const vs_arguments *arguments, const char *name);
bool vs__argument_given(const vs_arguments *arguments, const char *name);
/** The next value of a repeated option, or NULL; `*cursor` starts at 0. */
const char *vs__argument_next(const vs_arguments *arguments, const char *name, size_t *cursor);
size_t vs__argument_count(const vs_arguments *arguments, const char *name);
/** An option's value as a whole number in [min, max]; `*value` stays as it is where the option was not given. */
VS_MUST_CHECK vs_status vs__argument_number(const vs_arguments *arguments, const char *name, uint64_t min, uint64_t max,
                                            uint64_t *value, vs_error *error);
/** The digits of `text` and nothing else, as a whole number in [min, max]? */
bool vs__parse_number(const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *value);

/** Apply --threads; the program's threads go where they belong. */
VS_MUST_CHECK vs_status vs__apply_threads(const vs_arguments *arguments, vs_error *error);

/* A word among words, for hints: the edit distance that a typing mistake has (a swap of neighbours counts as one). */
typedef struct vs_nearest {
    const char *word;
    size_t distance;
} vs_nearest;
/** Offer `candidate` for `wanted`; the closest that is near enough stays in `nearest`. */
void vs__nearest_offer(vs_nearest *nearest, const char *wanted, size_t wanted_len, const char *candidate);

/** Text wrapped to `width` columns after an indent; the first line is taken to be at column `at` already. */
void vs__wrap(FILE *out, const char *text, unsigned indent, unsigned at, unsigned width);

/** What --help prints, at most 100 columns wide. */
void vs__help_verb(FILE *out, const vs_verb *verb);

#endif
