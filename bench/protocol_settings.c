/* The command line of `veilsum-bench protocol`. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/protocol.h"
#include "bench/settings.h"
#include "crypto/parallel.h"

#define MAX_OWNERS 131000u
#define MAX_MASKED_OWNERS 14000u /* each one's session keeps its seed in locked memory of its own */
#define MAX_CELLS (1u << 24)

static const char help_text[] =
    "Usage: veilsum-bench protocol --opening masks|shares|key [OPTIONS]\n"
    "\n"
    "Plays a whole session in one process: owners, servers and an opener on the program's own state\n"
    "machines, messages in memory. The result is held against the sum in the clear of those whose\n"
    "contributions were taken; any other number is a failure (exit status 1). With faults a session may\n"
    "end without a result, which is not.\n"
    "\n"
    "Options:\n"
    "  --opening NAME     masks, shares or key\n"
    "  --owners N         how many (default: 100)\n"
    "  --cells M          numbers of each (default: 1000)\n"
    "  --bits B           of a cell's slot (default: masks 16, shares 64, key 40)\n"
    "  --lost PERCENT     owners that go away after they have promised to take part (default: 0)\n"
    "  --corrupt PERCENT  masks: owners that the plan tolerates to work against the others (default: 5)\n"
    "  --absent PERCENT   masks: owners that the plan tolerates to go away (default: 5, or --lost)\n"
    "  --servers K        shares: 2 to 5 (default: 3)\n"
    "  --owners-serve     shares: the first owners are the servers, and the first of all opens\n"
    "  --faults LIST      out of drop, repeat, delay, reorder, truncate, alter, crash; or all\n"
    "  --rate PER_MILLE   how many messages meet a fault (default: 20)\n"
    "  --seed NUMBER      identities, cells and faults follow from it (default: 1)\n"
    "  --threads N        (default: all that it may use)\n"
    "  --json             one JSON object instead of tables\n"
    "  --help             this text\n"
    "\n"
    "Owners of `key` and `shares` are made, heard and freed in batches, so that 100,000 of them fit; of\n"
    "`key` the first few stay for the receipt.\n";

void protocol_help(void) {
    fputs(help_text, stdout);
}

typedef struct number_option {
    const char *name;
    uint64_t min, max, value;
    bool given;
} number_option;

static bool parse_number(number_option *option, const char *text) {
    char hint[96], *end;
    unsigned long long value = strtoull(text, &end, 10);
    option->value = value;
    option->given = true;
    snprintf(hint, sizeof hint, "a number from %llu to %llu", (unsigned long long)option->min,
             (unsigned long long)option->max);
    bool good = text[0] >= '0' && text[0] <= '9' && *end == 0 && value >= option->min && value <= option->max;
    return good || settings_refuse(hint, "--%s: '%s' is not among what it may be", option->name, text);
}

static bool parse_opening(protocol_settings *s, const char *text) {
    static const vs_opening openings[] = {VS_OPENING_KEY, VS_OPENING_SHARES, VS_OPENING_MASKS};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (strcmp(text, vs_opening_name(openings[i])) == 0) {
            s->opening = openings[i];
            return true;
        }
    }
    return settings_refuse("masks, shares or key", "--opening: '%s' is not one of those that are played here", text);
}

static bool parse_faults(protocol_settings *s, const char *text) {
    static const char *const names[] = {"drop", "repeat", "delay", "reorder", "truncate", "alter", "crash"};
    s->faults = 0;
    for (const char *at = text; *at != 0;) {
        size_t len = strcspn(at, ","), i = 0;
        while (i < 7 && (strlen(names[i]) != len || memcmp(names[i], at, len) != 0)) {
            i++;
        }
        if (i == 7 && (len != 3 || memcmp(at, "all", 3) != 0)) {
            return settings_refuse(
                "drop, repeat, delay, reorder, truncate, alter, crash, or all; several with commas between",
                "--faults: '%.*s' is not one", (int)len, at);
        }
        s->faults |= i == 7 ? FAULTS_ALL : 1u << i;
        at += len + (at[len] == ',');
    }
    return true;
}

enum { OWNERS, CELLS, BITS, LOST, CORRUPT, ABSENT, SERVERS, RATE, SEED, THREADS, NUMBERS };

/* What is not given, and what does not go together. */
static bool complete(protocol_settings *s, const number_option *n, bool opening_given) {
    unsigned default_bits = s->opening == VS_OPENING_MASKS ? 16 : s->opening == VS_OPENING_SHARES ? 64 : 40;
    s->owners = n[OWNERS].value;
    s->cells = n[CELLS].value;
    s->bits = n[BITS].given ? (unsigned)n[BITS].value : default_bits;
    s->lost = (unsigned)n[LOST].value;
    s->corrupt = (unsigned)n[CORRUPT].value;
    s->absent = n[ABSENT].given ? (unsigned)n[ABSENT].value : s->lost > 5 ? s->lost : 5;
    s->servers = n[SERVERS].value;
    s->per_mille = (unsigned)n[RATE].value;
    s->seed = n[SEED].value;
    s->threads = n[THREADS].value;
    if (!opening_given) {
        return settings_refuse("masks, shares or key", "--opening is missing");
    }
    if (s->opening == VS_OPENING_MASKS && s->owners > MAX_MASKED_OWNERS) {
        return settings_refuse(
            "masks are played with 14,000 owners at most: papers/scaling.md says how more are reached",
            "--owners: %zu owners with masks", s->owners);
    }
    if (s->owners_serve && (s->opening != VS_OPENING_SHARES || s->owners < s->servers)) {
        return settings_refuse("with --opening shares, and at least as many owners as servers",
                               "--owners-serve: not here");
    }
    s->absent = s->absent > VS_MAX_TOLERATED_PERCENT ? VS_MAX_TOLERATED_PERCENT : s->absent;
    return true;
}

static bool parse_one(protocol_settings *s, number_option *numbers, int c, const char *value, bool *opening_given) {
    switch (c) {
    case 'o':
        *opening_given = true;
        return parse_opening(s, value);
    case 'f':
        return parse_faults(s, value);
    case 'j':
        s->json = true;
        return true;
    case 'S':
        s->owners_serve = true;
        return true;
    case 'h':
        s->help = true;
        return true;
    default:
        return parse_number(&numbers[c - 256], value);
    }
}

bool protocol_parse(protocol_settings *s, int argc, char **argv) {
    number_option numbers[NUMBERS] = {
        [OWNERS] = {"owners", 3, MAX_OWNERS, 100, false},
        [CELLS] = {"cells", 1, MAX_CELLS, 1000, false},
        [BITS] = {"bits", 8, 64, 16, false},
        [LOST] = {"lost", 0, 50, 0, false},
        [CORRUPT] = {"corrupt", 0, VS_MAX_TOLERATED_PERCENT, 5, false},
        [ABSENT] = {"absent", 0, VS_MAX_TOLERATED_PERCENT, 5, false},
        [SERVERS] = {"servers", VS_MIN_SERVERS, VS_MAX_SERVERS, 3, false},
        [RATE] = {"rate", 0, 1000, 20, false},
        [SEED] = {"seed", 0, UINT64_MAX, 1, false},
        [THREADS] = {"threads", 0, 1024, 0, false},
    };
    struct option options[NUMBERS + 6] = {
        {"opening", required_argument, NULL, 'o'}, {"faults", required_argument, NULL, 'f'},
        {"json", no_argument, NULL, 'j'},          {"owners-serve", no_argument, NULL, 'S'},
        {"help", no_argument, NULL, 'h'},
    };
    bool opening_given = false;
    int c;
    for (int i = 0; i < NUMBERS; i++) {
        options[5 + i] = (struct option){numbers[i].name, required_argument, NULL, 256 + i};
    }
    *s = (protocol_settings){.owners = 0};
    optind = 0; /* from the beginning, also at a second call */
    opterr = 0;
    while ((c = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
        if (c == '?' || c == ':') {
            return settings_refuse("'veilsum-bench protocol --help' lists the options",
                                   c == ':' ? "%s needs a value" : "'%s' is not understood", argv[optind - 1]);
        }
        if (!parse_one(s, numbers, c, optarg, &opening_given)) {
            return false;
        }
    }
    if (optind < argc) {
        return settings_refuse("'veilsum-bench protocol --help' lists the options", "unexpected argument '%s'",
                               argv[optind]);
    }
    return s->help || complete(s, numbers, opening_given);
}
