/* veilsum-bench: each operation timed beside the textbook's way on GMP, in turn, in one process.
 *
 * The textbook runs on one thread; a ratio is its time for one item over ours. `--json` prints an array of objects with
 * the same fields. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/operations.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

#define MAX_LIST 16

typedef struct list {
    unsigned value[MAX_LIST];
    size_t count;
} list;

typedef struct settings {
    list bits, degrees, threads;
    const char *only; /* comma-separated names, or NULL: all */
    double seconds;
    int json;
} settings;

static const char usage[] =
    "usage: veilsum-bench [--bits LIST] [--degree LIST] [--threads LIST] [--op LIST] [--seconds S] [--json]\n"
    "\n"
    "Time the operations beside textbook Paillier on GMP, which runs on one thread in the same process.\n"
    "\n"
    "  --bits LIST      key sizes: 2048, 3072, 4096 (default 2048,3072)\n"
    "  --degree LIST    degrees 1 to 4 (default 1)\n"
    "  --threads LIST   numbers of threads (default: 1, and all that the process may use)\n"
    "  --op LIST        keygen, encrypt, combine, scalar, decrypt, product, square (default: all but keygen)\n"
    "  --seconds S      at least so long for each row (default 1)\n"
    "  --json           an array of objects instead of a table\n"
    "\n"
    "Each row: the median of samples taken in turn with the textbook's, and the median of the pairs' ratios.\n";

static int parse_list(list *out, const char *text, unsigned min, unsigned max) {
    out->count = 0;
    while (out->count < MAX_LIST) {
        char *end;
        errno = 0;
        unsigned long value = strtoul(text, &end, 10);
        if (end == text || *text < '0' || *text > '9' || errno != 0 || value < min || value > max) {
            return 0;
        }
        out->value[out->count++] = (unsigned)value;
        if (*end == '\0') {
            return 1;
        }
        if (*end != ',') {
            return 0;
        }
        text = end + 1;
    }
    return 0;
}

static int wanted(const settings *s, const char *name) {
    if (s->only == NULL) {
        return strcmp(name, "keygen") != 0;
    }
    size_t len = strlen(name);
    for (const char *at = s->only; (at = strstr(at, name)) != NULL; at += len) {
        if ((at == s->only || at[-1] == ',') && (at[len] == ',' || at[len] == '\0')) {
            return 1;
        }
    }
    return 0;
}

/* Is every name in the list an operation? */
static int names_known(const char *names) {
    while (*names != '\0') {
        size_t len = strcspn(names, ","), i = 0;
        while (i < operation_count &&
               (strlen(operations[i].name) != len || strncmp(operations[i].name, names, len) != 0)) {
            i++;
        }
        if (i == operation_count) {
            return 0;
        }
        names += len + (names[len] == ',');
    }
    return 1;
}

static void print_row(const settings *s, json_t *rows, const operation *op, const subject *who, unsigned bits,
                      unsigned degree, unsigned threads, const measurement *m) {
    if (s->json) {
        json_array_append_new(rows,
                              json_pack("{s:s, s:i, s:i, s:s, s:i, s:I, s:I, s:f, s:f, s:f, s:f, s:f}", "op", op->name,
                                        "bits", (int)bits, "degree", (int)degree, "backend", subject_backend(who),
                                        "threads", (int)threads, "count", (json_int_t)m->count, "samples",
                                        (json_int_t)m->samples, "min_s", m->min, "median_s", m->median, "p90_s", m->p90,
                                        "per_second", 1 / m->median, "ratio_to_textbook", m->ratio));
        return;
    }
    printf("%-8s %5u %6u %-8s %7u %13.3f %13.1f %9.2f\n", op->name, bits, degree, subject_backend(who), threads,
           1e6 * m->median, 1 / m->median, m->ratio);
    fflush(stdout);
}

static int run_size(const settings *s, json_t *rows, unsigned bits, unsigned degree) {
    subject *mine = subject_new(bits, degree);
    textbook *theirs = textbook_new(bits, degree);
    int ok = mine != NULL && theirs != NULL;
    for (size_t i = 0; ok && i < operation_count; i++) {
        const operation *op = &operations[i];
        if (!wanted(s, op->name)) {
            continue;
        }
        for (size_t t = 0; t < (op->uses_threads ? s->threads.count : 1); t++) {
            unsigned threads = op->uses_threads ? s->threads.value[t] : 1;
            vs_parallel_set_threads(threads);
            measurement m = measure(op->run, mine, op->batch, op->textbook, theirs, s->seconds);
            print_row(s, rows, op, mine, bits, degree, threads, &m);
        }
    }
    subject_free(mine);
    textbook_free(theirs);
    return ok;
}

static int parse_options(settings *s, int argc, char **argv) {
    static const struct option options[] = {
        {"bits", required_argument, NULL, 'b'},    {"degree", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'}, {"op", required_argument, NULL, 'o'},
        {"seconds", required_argument, NULL, 'S'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    int c, good = 1;
    while (good && (c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        char *end;
        switch (c) {
        case 'b':
            good = parse_list(&s->bits, optarg, 2048, 4096);
            break;
        case 's':
            good = parse_list(&s->degrees, optarg, 1, 4);
            break;
        case 't':
            good = parse_list(&s->threads, optarg, 1, 1024);
            break;
        case 'o':
            s->only = optarg;
            good = names_known(optarg);
            break;
        case 'S':
            s->seconds = strtod(optarg, &end);
            good = *end == '\0' && s->seconds >= 0 && s->seconds < 3600;
            break;
        case 'j':
            s->json = 1;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            good = 0;
        }
    }
    for (size_t i = 0; i < s->bits.count; i++) {
        good &= s->bits.value[i] == 2048 || s->bits.value[i] == 3072 || s->bits.value[i] == 4096;
    }
    return good && optind == argc;
}

int main(int argc, char **argv) {
    if (vs_secret_setup() != VS_OK) {
        fputs("veilsum-bench: error: no randomness from the system\n", stderr);
        return 1;
    }
    vs_parallel_pin();
    unsigned all = (unsigned)vs_parallel_threads();
    settings s = {.bits = {{2048, 3072}, 2}, .degrees = {{1}, 1}, .threads = {{1, all}, all > 1 ? 2 : 1}, .seconds = 1};
    if (!parse_options(&s, argc, argv)) {
        fputs("veilsum-bench: error: an option is not understood\n", stderr);
        fputs(usage, stderr);
        return 2;
    }
    json_t *rows = json_array();
    if (!s.json) {
        printf("%-8s %5s %6s %-8s %7s %13s %13s %9s\n", "op", "bits", "degree", "backend", "threads", "us each",
               "per second", "textbook");
    }
    int ok = 1;
    for (size_t b = 0; ok && b < s.bits.count; b++) {
        for (size_t d = 0; ok && d < s.degrees.count; d++) {
            ok = run_size(&s, rows, s.bits.value[b], s.degrees.value[d]);
        }
    }
    if (ok && s.json) {
        ok = json_dumpf(rows, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0 && putchar('\n') != EOF;
    }
    json_decref(rows);
    if (!ok || fflush(stdout) != 0) {
        fputs("veilsum-bench: error: out of memory, or the output cannot be written\n", stderr);
        return 1;
    }
    return 0;
}
