#include "bench/settings.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ring/ring.h"

#define DEFAULT_SECONDS 2.0
#define QUICK_SECONDS 0.3

/* What rings can run on; the first that the machine has is the one that matters. */
static const char *const backend_names[] = {"ifma", "gmp", "ifma-portable"};
#define DEFAULT_BACKENDS 2u

static const char help_start[] =
    "Usage: veilsum-bench [OPTIONS]\n"
    "       veilsum-bench protocol [OPTIONS]   whole sessions in one process: see protocol --help\n"
    "\n"
    "Times the operations of veilsum beside textbook Paillier on GMP, which runs on one thread in the\n"
    "same process, and beside the machine's peak of IFMA instructions. Each row: the median of samples\n"
    "that are taken in turn with the textbook's and the peak's, until it is known within 1%.\n"
    "\n"
    "Options:\n"
    "  --quick          a selection in less than a minute\n"
    "  --bits LIST      key sizes out of 2048, 3072, 4096 (default: 2048,3072)\n"
    "  --degree LIST    degrees out of 1 to 4 (default: 1; 2 and 3 where degrees are compared)\n"
    "  --backend LIST   arithmetic out of ifma, gmp, ifma-portable (default: those that the machine has;\n"
    "                   everything on the first, on the others what depends on it, with one thread)\n"
    "  --threads LIST   numbers of threads (default: 1, and doubled up to all that it may use)\n"
    "  --op LIST        operations, see below (default: all)\n"
    "  --seconds S      at most for each row (default: 2; 0: five samples)\n"
    "  --json           one JSON object instead of tables\n"
    "  --csv            the rows as CSV instead of tables\n"
    "  --report FOLDER  write bench.json, bench.csv and report.md there as well\n"
    "  --help           this text\n"
    "\n"
    "Operations:\n";

void settings_help(void) {
    fputs(help_start, stdout);
    for (size_t i = 0; i < operation_count; i++) {
        printf("  %-15s  %s\n", operations[i].name, operations[i].text);
    }
}

bool settings_refuse(const char *hint, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("veilsum-bench: error: ", stderr);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nveilsum-bench: hint: %s\n", hint);
    va_end(arguments);
    return false;
}

/* The next of a list's items, separated by commas: its length, and `*text` moves on. 0 at the end and where it is
 * empty. */
static size_t next_item(const char **text, const char **item) {
    *item = *text;
    size_t len = strcspn(*text, ",");
    *text += len + ((*text)[len] == ',' && (*text)[len + 1] != 0);
    return len;
}

static bool parse_number(const char *text, size_t len, unsigned min, unsigned max, unsigned *value) {
    unsigned long number = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || number > max) {
            return false;
        }
        number = 10 * number + (unsigned long)(text[i] - '0');
    }
    *value = (unsigned)number;
    return len > 0 && number >= min && number <= max;
}

static bool parse_numbers(number_list *out, const char *option, const char *text, unsigned min, unsigned max,
                          const char *hint) {
    out->count = 0;
    do {
        const char *item;
        size_t len = next_item(&text, &item);
        if (out->count == MAX_LIST) {
            return settings_refuse(hint, "%s: more than %u values", option, MAX_LIST);
        }
        if (!parse_number(item, len, min, max, &out->value[out->count])) {
            return settings_refuse(hint, "%s: '%.*s' is not among what it may be", option, (int)len, item);
        }
        out->count++;
    } while (*text != 0);
    return true;
}

static bool parse_bits(settings *s, const char *text) {
    static const char hint[] = "key sizes are 2048, 3072, 4096; several with commas between them";
    if (!parse_numbers(&s->bits, "--bits", text, 2048, 4096, hint)) {
        return false;
    }
    for (size_t i = 0; i < s->bits.count; i++) {
        if (s->bits.value[i] % 1024 != 0) {
            return settings_refuse(hint, "--bits: '%u' is not among what it may be", s->bits.value[i]);
        }
    }
    return true;
}

static bool parse_operations(settings *s, const char *text) {
    s->only_count = 0;
    do {
        const char *item;
        size_t len = next_item(&text, &item);
        const operation *op = operation_named(item, len);
        if (op == NULL || s->only_count == MAX_OPERATIONS) {
            return settings_refuse("'veilsum-bench --help' lists the operations; several with commas between them",
                                   "--op: '%.*s' is not an operation", (int)len, item);
        }
        s->only[s->only_count++] = op;
    } while (*text != 0);
    return true;
}

static bool backend_available(const char *name) {
    const char *wanted;
    return setenv("VEILSUM_BACKEND", name, 1) == 0 && vs_ring_backend_check(&wanted) == VS_OK;
}

static bool parse_backends(settings *s, const char *option, const char *text) {
    s->backend_count = 0;
    s->backends_given = true;
    do {
        const char *item;
        size_t len = next_item(&text, &item), i = 0;
        while (i < sizeof backend_names / sizeof *backend_names &&
               (strlen(backend_names[i]) != len || memcmp(backend_names[i], item, len) != 0)) {
            i++;
        }
        if (i == sizeof backend_names / sizeof *backend_names || s->backend_count == MAX_LIST) {
            return settings_refuse("backends are ifma, gmp, ifma-portable; several with commas between them",
                                   "%s: '%.*s' is not a backend", option, (int)len, item);
        }
        if (!backend_available(backend_names[i])) {
            return settings_refuse("leave it away to use what the machine has",
                                   "%s: this machine or this build lacks '%s'", option, backend_names[i]);
        }
        s->backends[s->backend_count++] = backend_names[i];
    } while (*text != 0);
    return true;
}

static bool parse_seconds(settings *s, const char *text) {
    char *end;
    s->seconds = strtod(text, &end);
    bool good = end != text && *end == 0 && s->seconds >= 0 && s->seconds <= 3600;
    return good || settings_refuse("a number from 0 to 3600", "--seconds: '%s' is not a time in seconds", text);
}

static bool parse_format(settings *s, output_format format) {
    if (s->format != OUTPUT_TABLE && s->format != format) {
        return settings_refuse("--report FOLDER writes both", "--json and --csv do not go together");
    }
    s->format = format;
    return true;
}

static bool parse_option(settings *s, int c, const char *value) {
    switch (c) {
    case 'b':
        return parse_bits(s, value);
    case 'd':
        return parse_numbers(&s->degrees, "--degree", value, 1, VS_MAX_DEGREE,
                             "degrees are 1 to 4; several with commas between them");
    case 't':
        return parse_numbers(&s->threads, "--threads", value, 1, 1024,
                             "numbers from 1 to 1024; several with commas between them");
    case 'B':
        return parse_backends(s, "--backend", value);
    case 'o':
        return parse_operations(s, value);
    case 's':
        return parse_seconds(s, value);
    case 'r':
        s->report = value;
        return *value != 0 || settings_refuse("name a folder", "--report has an empty value");
    case 'j':
        return parse_format(s, OUTPUT_JSON);
    case 'c':
        return parse_format(s, OUTPUT_CSV);
    case 'q':
        s->quick = true;
        return true;
    default:
        s->help = true;
        return true;
    }
}

/* `from_environment`: a copy of VEILSUM_BACKEND, which counts where there is no --backend. */
static bool fill_defaults(settings *s, const char *from_environment) {
    if (!s->backends_given && from_environment[0] != 0 && !parse_backends(s, "VEILSUM_BACKEND", from_environment)) {
        return false;
    }
    if (s->bits.count == 0) {
        s->bits = (number_list){{2048, 3072}, 2};
    }
    if (s->seconds < 0) {
        s->seconds = s->quick ? QUICK_SECONDS : DEFAULT_SECONDS;
    }
    for (size_t i = 0; !s->backends_given && i < DEFAULT_BACKENDS; i++) {
        if (backend_available(backend_names[i])) {
            s->backends[s->backend_count++] = backend_names[i];
        }
    }
    return true;
}

bool settings_parse(settings *s, int argc, char **argv) {
    static const struct option options[] = {
        {"bits", required_argument, NULL, 'b'},    {"degree", required_argument, NULL, 'd'},
        {"threads", required_argument, NULL, 't'}, {"backend", required_argument, NULL, 'B'},
        {"op", required_argument, NULL, 'o'},      {"seconds", required_argument, NULL, 's'},
        {"report", required_argument, NULL, 'r'},  {"json", no_argument, NULL, 'j'},
        {"csv", no_argument, NULL, 'c'},           {"quick", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    const char *wanted = getenv("VEILSUM_BACKEND");
    char from_environment[64];
    int c;
    snprintf(from_environment, sizeof from_environment, "%s", wanted == NULL ? "" : wanted);
    *s = (settings){.seconds = -1};
    optind = 0; /* from the beginning, also at a second call */
    opterr = 0;
    while ((c = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
        if (c == '?' || c == ':') {
            return settings_refuse("'veilsum-bench --help' lists the options",
                                   c == ':' ? "%s needs a value" : "'%s' is not understood", argv[optind - 1]);
        }
        if (!parse_option(s, c, optarg)) {
            return false;
        }
    }
    if (optind < argc) {
        return settings_refuse("'veilsum-bench --help' lists the options", "unexpected argument '%s'", argv[optind]);
    }
    return s->help || fill_defaults(s, from_environment);
}
