/* veilsum: find the verb, parse its options, run it, say what went wrong. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/memory.h"
#include "crypto/ring/ring.h"
#include "crypto/secret.h"

/* Does `verb`'s name consist of the first words of argv? Their number, or 0. */
static int match_verb(const vs_verb *verb, int argc, char **argv) {
    size_t group = vs__verb_group_len(verb);
    if (group == 0) {
        return argc > 0 && strcmp(argv[0], verb->name) == 0 ? 1 : 0;
    }
    bool same = argc > 1 && vs__verb_in_group(verb, argv[0]) && strcmp(argv[1], verb->name + group + 1) == 0;
    return same ? 2 : 0;
}

static const vs_verb *find_verb(int argc, char **argv, int *words) {
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        *words = match_verb(*verb, argc, argv);
        if (*words > 0) {
            return *verb;
        }
    }
    return NULL;
}

static bool is_group(const char *word) {
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        if (vs__verb_in_group(*verb, word)) {
            return true;
        }
    }
    return false;
}

static bool asks_for_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* ---- help ---- */

typedef struct help_topic {
    const vs_verb *verb; /* or */
    const char *group;   /* or neither: the program */
} help_topic;

/* Help to standard output, whole. */
static vs_status print_help(help_topic topic, vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (topic.verb != NULL) {
        vs__help_verb(out, topic.verb);
    } else if (topic.group != NULL) {
        vs__help_group(out, topic.group);
    } else {
        vs__help_program(out);
    }
    vs_status status = fclose(out) != 0 ? vs_fail_plain(error, VS_ERR_MEMORY) : vs__print(text, len, error);
    free(text);
    return status;
}

/* ---- what is not understood ---- */

/* `word` stands where the name of a verb is expected: of the group's if there is one, else of the program's. */
static vs_status fail_unknown(const char *group, const char *word, vs_error *error) {
    size_t skip = group == NULL ? 0 : strlen(group) + 1;
    vs_nearest nearest = {NULL, 0};
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        if (group == NULL ? vs__verb_group_len(*verb) == 0 : vs__verb_in_group(*verb, group)) {
            vs__nearest_offer(&nearest, word, strlen(word), (*verb)->name + skip);
        }
    }
    if (group == NULL) {
        vs__nearest_offer(&nearest, word, strlen(word), "plan");
        vs__nearest_offer(&nearest, word, strlen(word), "help");
    }
    const char *before = group == NULL ? "" : group;
    const char *space = group == NULL ? "" : " ";
    (void)vs_fail(error, VS_ERR_USAGE, "unknown command '%s%s%s'", before, space, word);
    if (nearest.word != NULL) {
        vs_hint(error, "did you mean '%s%s%s'? 'veilsum help' lists all", before, space, nearest.word);
    } else {
        vs_hint(error, "'veilsum help' lists the commands");
    }
    return VS_ERR_USAGE;
}

/* The words that name a verb or a group, of `help` or of the command line. */
static vs_status find_topic(help_topic *topic, int argc, char **argv, vs_error *error) {
    int words = 0;
    *topic = (help_topic){NULL, NULL};
    if (argc == 0) {
        return VS_OK;
    }
    topic->verb = find_verb(argc, argv, &words);
    if (topic->verb != NULL) {
        return VS_OK;
    }
    if (!is_group(argv[0])) {
        return strcmp(argv[0], "help") == 0 ? VS_OK : fail_unknown(NULL, argv[0], error);
    }
    topic->group = argv[0];
    return argc == 1 || asks_for_help(argv[1]) ? VS_OK : fail_unknown(argv[0], argv[1], error);
}

static vs_status run_help(int argc, char **argv, vs_error *error) {
    help_topic topic;
    if (argc > 0 && asks_for_help(argv[0])) {
        argc = 0;
    }
    vs_status status = find_topic(&topic, argc, argv, error);
    return status == VS_OK ? print_help(topic, error) : status;
}

/* ---- running ---- */

static vs_status run_verb(const vs_verb *verb, int argc, char **argv, vs_error *error) {
    vs_arguments arguments;
    vs_status status = vs__arguments_parse(&arguments, verb, argc, argv, error);
    if (status == VS_OK && arguments.help) {
        status = print_help((help_topic){.verb = verb}, error);
    } else if (status == VS_OK) {
        status = verb->run(&arguments, error);
    }
    vs__arguments_free(&arguments);
    return status;
}

/* A group alone is a question that cannot be answered, but its list helps. */
static vs_status fail_group(const char *group, vs_error *error) {
    (void)vs_fail(error, VS_ERR_USAGE, "'%s' is several commands", group);
    vs_hint(error, "'veilsum help %s' lists them", group);
    return VS_ERR_USAGE;
}

static vs_status run(int argc, char **argv, vs_error *error) {
    static const char version[] = "veilsum " VEILSUM_VERSION "\n";
    int words = 0;
    const vs_verb *verb = find_verb(argc, argv, &words);
    if (verb != NULL) {
        /* The last word of the verb's name takes the program's place in argv, as getopt_long expects. */
        return run_verb(verb, argc - words + 1, argv + words - 1, error);
    }
    if (strcmp(argv[0], "--version") == 0 || strcmp(argv[0], "-V") == 0) {
        return vs__print(version, sizeof version - 1, error);
    }
    if (strcmp(argv[0], "help") == 0) {
        return run_help(argc - 1, argv + 1, error);
    }
    if (asks_for_help(argv[0])) {
        return print_help((help_topic){NULL, NULL}, error);
    }
    if (is_group(argv[0]) && argc == 1) {
        return fail_group(argv[0], error);
    }
    return run_help(argc, argv, error);
}

/* A file that is opened takes the lowest descriptor that is free. Where the caller closed a standard stream, what is
 * said to people would end up inside an output; so /dev/null takes its place, the wrong way round: to use it still
 * fails. */
static vs_status fill_standard_streams(vs_error *error) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            return vs_fail(error, VS_ERR_IO, "cannot open /dev/null: %s", strerror(errno));
        }
    }
    return VS_OK;
}

/* Before any key is loaded, where the reason could not be told. */
static vs_status check_backend(vs_error *error) {
    const char *wanted = NULL;
    vs_status status = vs_ring_backend_check(&wanted);
    if (status != VS_OK) {
        (void)vs_fail(error, status, "VEILSUM_BACKEND names '%s', which this machine does not have", wanted);
        vs_hint(error, "unset it, or say 'gmp', which is always there");
    }
    return status;
}

int main(int argc, char **argv) {
    vs_error error = {{0}, {0}};
    vs_memory_keep();
    vs__interrupt_setup();
    vs_status status = fill_standard_streams(&error);
    if (status == VS_OK) {
        status = vs_secret_setup();
    }
    if (status == VS_OK) {
        status = check_backend(&error);
    }
    if (status == VS_OK && argc < 2) {
        vs__help_short(stderr);
        return vs__exit_status(VS_ERR_USAGE);
    }
    if (status == VS_OK) {
        status = run(argc - 1, argv + 1, &error);
    }
    if (status != VS_OK) {
        vs__ui_error(status, &error);
    }
    return vs__exit_status(status);
}
