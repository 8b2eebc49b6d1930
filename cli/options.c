#include "cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parallel.h"

#define MAX_OPTIONS 40
#define MAX_THREADS 1024
#define LONG_FIRST 256 /* getopt_long returns LONG_FIRST + index, whether the letter or the name was given */

/* getopt_long's view of a verb's table. */
typedef struct getopt_tables {
    struct option longs[MAX_OPTIONS + 2];
    char letters[3 * MAX_OPTIONS + 4];
} getopt_tables;

static void build_tables(getopt_tables *tables, const vs_option *options) {
    size_t count = 0;
    char *letter = tables->letters;
    *letter++ = ':'; /* a missing value is told from an unknown option */
    *letter++ = 'h';
    for (; options[count].name != NULL; count++) {
        VS_CHECK(count < MAX_OPTIONS);
        const vs_option *option = &options[count];
        tables->longs[count] = (struct option){option->name, option->argument != NULL, NULL, LONG_FIRST + (int)count};
        if (option->letter != 0) {
            *letter++ = option->letter;
            if (option->argument != NULL) {
                *letter++ = ':';
            }
        }
    }
    *letter = 0;
    tables->longs[count] = (struct option){"help", no_argument, NULL, 'h'};
    tables->longs[count + 1] = (struct option){NULL, 0, NULL, 0};
}

/* The table's entry for what getopt_long returned. */
static const vs_option *find_option(const vs_option *options, int code) {
    if (code >= LONG_FIRST) {
        return &options[code - LONG_FIRST];
    }
    for (const vs_option *option = options; code != 0 && option->name != NULL; option++) {
        if (option->letter == code) {
            return option;
        }
    }
    return NULL;
}

static vs_status fail_unknown_long(const vs_verb *verb, const char *text, vs_error *error) {
    size_t len = strcspn(text + 2, "=");
    vs_nearest nearest = {NULL, 0};
    for (const vs_option *option = verb->options; option->name != NULL; option++) {
        vs__nearest_offer(&nearest, text + 2, len, option->name);
    }
    (void)vs_fail(error, VS_ERR_USAGE, "%s: unknown or ambiguous option '%.*s'", verb->name, (int)len + 2, text);
    if (nearest.word != NULL) {
        vs_hint(error, "did you mean '--%s'? 'veilsum help %s' lists all", nearest.word, verb->name);
    } else {
        vs_hint(error, "'veilsum help %s' lists the options", verb->name);
    }
    return VS_ERR_USAGE;
}

/* What getopt_long did not understand, in words. `text` is the argument at which it stands. */
static vs_status fail_getopt(const vs_verb *verb, int code, const char *text, vs_error *error) {
    const vs_option *option = find_option(verb->options, optopt);
    if (code == ':' && option != NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: --%s needs a value", verb->name, option->name);
        vs_hint(error, "--%s %s: %s", option->name, option->argument, option->help);
        return VS_ERR_USAGE;
    }
    if (option != NULL || (optopt == 'h' && strncmp(text, "--", 2) == 0)) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: --%s takes no value", verb->name,
                      option != NULL ? option->name : "help");
        vs_hint(error, "write it without '=' and what follows");
        return VS_ERR_USAGE;
    }
    if (optopt == 0 && strncmp(text, "--", 2) == 0) {
        return fail_unknown_long(verb, text, error);
    }
    (void)vs_fail(error, VS_ERR_USAGE, "%s: unknown option '-%c'", verb->name, optopt);
    vs_hint(error, "'veilsum help %s' lists the options; a name that begins with '-' goes after '--'", verb->name);
    return VS_ERR_USAGE;
}

/* Is `value` one of the words that the option allows? */
static bool word_is_allowed(const vs_option *option, const char *value) {
    size_t len = strlen(value);
    for (const char *word = option->words; *word != 0;) {
        size_t word_len = strcspn(word, " ");
        if (word_len == len && memcmp(word, value, len) == 0) {
            return true;
        }
        word += word_len;
        word += *word == ' ';
    }
    return false;
}

static vs_status take_option(vs_arguments *arguments, const vs_option *option, const char *value, vs_error *error) {
    const char *verb = arguments->verb->name;
    if (!option->repeated && vs__argument_given(arguments, option->name)) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: --%s is given twice", verb, option->name);
        vs_hint(error, "it can have one value only");
        return VS_ERR_USAGE;
    }
    if (option->words != NULL && !word_is_allowed(option, value)) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: --%s does not know '%s'", verb, option->name, value);
        vs_hint(error, "it takes one of: %s", option->words);
        return VS_ERR_USAGE;
    }
    if (option->argument != NULL && value[0] == 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: --%s has an empty value", verb, option->name);
        vs_hint(error, "--%s %s: %s", option->name, option->argument, option->help);
        return VS_ERR_USAGE;
    }
    arguments->given[arguments->given_count++] = (vs_given){option, value};
    return VS_OK;
}

static vs_status check_complete(const vs_arguments *arguments, vs_error *error) {
    const vs_verb *verb = arguments->verb;
    for (const vs_option *option = verb->options; option->name != NULL; option++) {
        if (option->required && !vs__argument_given(arguments, option->name)) {
            if (option->letter != 0) {
                (void)vs_fail(error, VS_ERR_USAGE, "%s needs -%c %s", verb->name, option->letter, option->argument);
            } else {
                (void)vs_fail(error, VS_ERR_USAGE, "%s needs --%s %s", verb->name, option->name, option->argument);
            }
            vs_hint(error, "usage: veilsum %s %s", verb->name, verb->synopsis);
            return VS_ERR_USAGE;
        }
    }
    if (arguments->operand_count < verb->operands_min || arguments->operand_count > verb->operands_max) {
        if (arguments->operand_count > verb->operands_max) {
            (void)vs_fail(error, VS_ERR_USAGE, "%s: unexpected argument '%s'", verb->name,
                          arguments->operands[verb->operands_max]);
        } else {
            (void)vs_fail(error, VS_ERR_USAGE, "%s: an argument is missing", verb->name);
        }
        vs_hint(error, "usage: veilsum %s %s", verb->name, verb->synopsis);
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

vs_status vs__arguments_parse(vs_arguments *arguments, const vs_verb *verb, int argc, char **argv, vs_error *error) {
    *arguments = (vs_arguments){.verb = verb};
    if (verb->passes_through) {
        arguments->operands = argv + 1;
        arguments->operand_count = (size_t)argc - 1;
        return VS_OK;
    }
    arguments->given = calloc((size_t)argc + 1, sizeof *arguments->given);
    if (arguments->given == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    getopt_tables tables;
    build_tables(&tables, verb->options);
    opterr = 0;
    optind = 0; /* start afresh */
    for (;;) {
        int code = getopt_long(argc, argv, tables.letters, tables.longs, NULL);
        if (code == -1) {
            break;
        }
        if (code == 'h') {
            arguments->help = true;
            return VS_OK;
        }
        if (code == '?' || code == ':') {
            return fail_getopt(verb, code, argv[optind - 1], error); /* a long option has been stepped over */
        }
        vs_status status =
            take_option(arguments, find_option(verb->options, code), optarg != NULL ? optarg : "", error);
        if (status != VS_OK) {
            return status;
        }
    }
    arguments->operands = argv + optind;
    arguments->operand_count = (size_t)(argc - optind);
    return check_complete(arguments, error);
}

void vs__arguments_free(vs_arguments *arguments) {
    free(arguments->given);
    *arguments = (vs_arguments){.verb = NULL};
}

const char *vs__argument_next(const vs_arguments *arguments, const char *name, size_t *cursor) {
    while (*cursor < arguments->given_count) {
        const vs_given *given = &arguments->given[(*cursor)++];
        if (strcmp(given->option->name, name) == 0) {
            return given->value;
        }
    }
    return NULL;
}

const char *vs__argument(const vs_arguments *arguments, const char *name) {
    const vs_option *option = arguments->verb->options;
    while (option->name != NULL && strcmp(option->name, name) != 0) {
        option++;
    }
    VS_CHECK(option->name != NULL);
    size_t cursor = 0;
    return vs__argument_next(arguments, name, &cursor);
}

bool vs__argument_given(const vs_arguments *arguments, const char *name) {
    return vs__argument(arguments, name) != NULL;
}

size_t vs__argument_count(const vs_arguments *arguments, const char *name) {
    size_t count = 0;
    size_t cursor = 0;
    while (vs__argument_next(arguments, name, &cursor) != NULL) {
        count++;
    }
    return count;
}

bool vs__parse_number(const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *value) {
    uint64_t sum = 0;
    if (len == 0) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || sum > (UINT64_MAX - 9) / 10) {
            return false;
        }
        sum = sum * 10 + (uint64_t)(text[i] - '0');
    }
    if (sum < min || sum > max) {
        return false;
    }
    *value = sum;
    return true;
}

vs_status vs__argument_number(const vs_arguments *arguments, const char *name, uint64_t min, uint64_t max,
                              uint64_t *value, vs_error *error) {
    const char *text = vs__argument(arguments, name);
    if (text == NULL || vs__parse_number(text, strlen(text), min, max, value)) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_USAGE, "%s: --%s is not a whole number in its range", arguments->verb->name, name);
    vs_hint(error, "--%s takes a number from %llu to %llu", name, (unsigned long long)min, (unsigned long long)max);
    return VS_ERR_USAGE;
}

vs_status vs__apply_threads(const vs_arguments *arguments, vs_error *error) {
    uint64_t threads = 0;
    vs_status status = vs__argument_number(arguments, "threads", 1, MAX_THREADS, &threads, error);
    if (status == VS_OK) {
        vs_parallel_set_threads((size_t)threads);
        vs_parallel_pin();
    }
    return status;
}
