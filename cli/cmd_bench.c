/* bench: veilsum-bench, found beside this program or in PATH. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/verbs.h"

#define PROGRAM "veilsum-bench"

/* The path of veilsum-bench in the directory of the running program; empty where that is not known. */
static void path_beside(char *path, size_t path_len) {
    ssize_t len = readlink("/proc/self/exe", path, path_len - 1);
    path[len > 0 ? len : 0] = 0;
    char *slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash - path) + sizeof "/" PROGRAM > path_len) {
        path[0] = 0;
        return;
    }
    strcpy(slash, "/" PROGRAM);
}

static vs_status run_bench(const vs_arguments *arguments, vs_error *error) {
    char path[PATH_MAX];
    char **argv = calloc(arguments->operand_count + 2, sizeof *argv);
    char name[] = PROGRAM;
    if (argv == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    argv[0] = name;
    for (size_t i = 0; i < arguments->operand_count; i++) {
        argv[i + 1] = arguments->operands[i];
    }
    path_beside(path, sizeof path);
    if (path[0] != 0) {
        (void)execv(path, argv);
    }
    (void)execvp(PROGRAM, argv);
    int code = errno;
    free(argv);
    (void)vs_fail(error, VS_ERR_IO, "cannot run " PROGRAM ": %s", strerror(code));
    vs_hint(error, "it is looked for beside veilsum, then in PATH; './run build' builds both");
    return VS_ERR_IO;
}

static const vs_option options[] = {VS_OPTIONS_END};

static const char *const paragraphs[] = {
    "Times the operations of this program on this machine, beside the textbook's way to do the same and the machine's "
    "peak: keys, encryption, combining, decryption, the arithmetic below them, tables and containers, and the whole "
    "way "
    "of the data. What the project asks of itself stands at the end, beside what was reached.",
    "'veilsum bench protocol' plays whole sessions of masks, shares or key in one process, with a network that loses, "
    "repeats, delays and damages messages and parties that crash; it holds the result against the sum in the clear, "
    "and "
    "says what each owner and server has sent and computed. 'veilsum bench protocol --help' lists its options.",
    "Everything that follows goes to veilsum-bench: 'veilsum bench --help' is its help.",
    NULL,
};

static const vs_example examples[] = {
    {"A table of everything, in a few minutes", "veilsum bench"},
    {"A selection in less than one", "veilsum bench --quick"},
    {"Encryption by key size and threads, for a program", "veilsum bench --op encrypt --threads 1,2,4 --json"},
    {"A session of 100 owners with masks, of whom ten go away",
     "veilsum bench protocol --opening masks --owners 100 --cells 100000 --lost 10"},
    {NULL, NULL},
};

const vs_verb vs__verb_bench = {
    .name = "bench",
    .summary = "Time the operations on this machine",
    .synopsis = "[OPTIONS]",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_max = SIZE_MAX,
    .passes_through = true,
    .run = run_bench,
};
