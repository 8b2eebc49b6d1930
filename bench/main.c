/* veilsum-bench: each operation timed beside the textbook's way on GMP and the machine's peak, in turn, in one
 * process. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/output.h"
#include "bench/protocol.h"
#include "crypto/memory.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

static int fail(const char *what, const char *hint) {
    fprintf(stderr, "veilsum-bench: error: %s\nveilsum-bench: hint: %s\n", what, hint);
    return 1;
}

static bool write_results(const results *r, const settings *s) {
    bool good = true;
    switch (s->format) {
    case OUTPUT_TABLE:
        table_end(r, s);
        break;
    case OUTPUT_JSON:
        good = json_write(stdout, r, s);
        break;
    case OUTPUT_CSV:
        good = csv_write(stdout, r);
        break;
    }
    return good && fflush(stdout) == 0 && ferror(stdout) == 0;
}

static int run(const settings *s) {
    results r = {.machine = machine_look()};
    bool table = s->format == OUTPUT_TABLE;
    int code = 0;
    if (table) {
        table_machine(&r.machine);
        table_head();
    }
    if (!results_take(&r, s, table ? table_row : NULL)) {
        code = fail("out of memory, or no randomness from the system", "try fewer --bits, or fewer --threads");
    } else if (!write_results(&r, s)) {
        code = fail("cannot write standard output", "is there room where it goes?");
    } else if (s->report != NULL && !report_write(s->report, &r, s)) {
        code = fail("cannot write the report", strerror(errno));
    }
    results_clear(&r);
    return code;
}

int main(int argc, char **argv) {
    settings s;
    if (vs_secret_setup() != VS_OK) {
        return fail("no randomness from the system", "is this an old system, or a closed container?");
    }
    vs_memory_keep();
    vs_parallel_pin();
    if (argc > 1 && strcmp(argv[1], "protocol") == 0) {
        return protocol_main(argc - 1, argv + 1);
    }
    if (!settings_parse(&s, argc, argv)) {
        return 2;
    }
    if (s.help) {
        settings_help();
        return fflush(stdout) == 0 ? 0 : fail("cannot write standard output", "is there room where it goes?");
    }
    /* Half an hour's figures are not to be lost for a folder that cannot be written. */
    if (s.report != NULL && !report_folder_make(s.report)) {
        fprintf(stderr, "veilsum-bench: error: cannot write into '%s': %s\n", s.report, strerror(errno));
        fputs("veilsum-bench: hint: name a folder that you may write to, or a new one in such a folder\n", stderr);
        return 1;
    }
    return run(&s);
}
