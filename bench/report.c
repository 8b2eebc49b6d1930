/* The report: a page in Markdown beside the figures as JSON and CSV. Its pictures are drawn from the CSV by
 * bench/plots/draw.sh. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/output.h"

static void write_machine(FILE *out, const machine *m) {
    char one[16], all[16], peak[16];
    short_number(one, m->bandwidth_one);
    short_number(all, m->bandwidth_all);
    short_number(peak, m->peak);
    fprintf(out, "# veilsum: how fast on this machine\n\n| | |\n| --- | --- |\n");
    fprintf(out, "| processor | %s, %zu threads |\n| compiler, GMP | %s, %s |\n", m->processor, m->threads, m->compiler,
            m->gmp);
    fprintf(out, "| peak of one core | %s%s |\n", m->peak > 0 ? peak : "none", m->peak > 0 ? " 512-bit IFMAs/s" : "");
    fprintf(out, "| memory reads, one thread; all | %sB/s; %sB/s |\n", one, all);
    fprintf(out, "| load at the start | %.2f |\n\n", m->load);
}

static void write_target(FILE *out, const target *t, const results *r, const settings *s) {
    fprintf(out, "| %s |", t->text);
    for (size_t i = 0; i < TARGET_SIZES; i++) {
        char asked[16], reached[16];
        double value = target_reached(t, r, s, i);
        target_asked_text(asked, sizeof asked, t, i);
        target_reached_text(reached, sizeof reached, t, value);
        bool met = asked[0] != 0 && !isnan(value) && target_met(t, i, value);
        fprintf(out, " %s | %s%s%s%s |", asked, met ? "**" : "", asked[0] == 0 ? "" : reached, met ? "**" : "",
                asked[0] != 0 && target_noisy(t, r, s, i) ? " (noisy)" : "");
    }
    fputc('\n', out);
}

static void write_targets(FILE *out, const results *r, const settings *s) {
    fputs("## What the project asks of one core\n\nWhat was met is bold.\n\n"
          "| | 2048 bits, asked | reached | 3072 bits, asked | reached |\n| --- | --- | --- | --- | --- |\n",
          out);
    for (size_t i = 0; i < target_count; i++) {
        write_target(out, &targets[i], r, s);
    }
    fputs("\nOf degrees 2 and 3: time for a byte of payload, against degree 1. The last line: the time that the same\n"
          "plaintexts take in the library's encryption alone, over that of the whole program.\n\n",
          out);
}

static void write_pictures(FILE *out) {
    fputs("## Pictures\n\n"
          "![Against the textbook on GMP](baseline.svg)\n\n![Roofline](roofline.svg)\n\n"
          "![Scaling with threads](scaling.svg)\n\n",
          out);
}

static void optional(FILE *out, const char *format, double value) {
    fputs(" ", out);
    if (!isnan(value)) {
        fprintf(out, format, value);
    }
    fputs(" |", out);
}

static void write_row(FILE *out, const row *r) {
    char median[16], min[16], p90[16], rate[16], other[16];
    short_time(median, r->m.time.median);
    short_time(min, r->m.time.min);
    short_time(p90, r->m.time.p90);
    short_number(rate, row_per_second(r));
    fprintf(out, "| %s | %u | %u | %s | %u | %s | %s | %s | %s %s", r->op->name, r->bits, r->degree, r->backend,
            r->threads, min, median, p90, rate, r->op->unit);
    if (r->op->other_unit != NULL) {
        short_number(other, row_others_per_second(r));
        fprintf(out, ", %s %s", other, r->op->other_unit);
    }
    fputs(" |", out);
    optional(out, "%.1f", row_ratio(r));
    optional(out, "%.3f", row_roof(r));
    optional(out, "%+.2f", row_correlation(r));
    fprintf(out, " %s |\n", r->m.noisy ? "noisy" : "");
}

static void write_rows(FILE *out, const results *r) {
    fputs("## Every row\n\n"
          "| operation | bits | degree | backend | threads | min | median | p90 | a second | times textbook | of the "
          "roof | r | |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
          out);
    for (size_t i = 0; i < r->count; i++) {
        write_row(out, &r->rows[i]);
    }
    fprintf(out,
            "\nThe roof counts nothing but the products that the digit arithmetic takes (bench/roof.h defines it). r:\n"
            "rank correlation of time with the number of ones in the secrets. %zu of %zu rows were noisy.\n",
            results_noisy(r), r->count);
}

static bool write_page(FILE *out, const results *r, const settings *s) {
    write_machine(out, &r->machine);
    write_targets(out, r, s);
    write_pictures(out);
    write_rows(out, r);
    return ferror(out) == 0;
}

typedef bool (*writer)(FILE *out, const results *r, const settings *s);

static bool write_csv(FILE *out, const results *r, const settings *s) {
    (void)s;
    return csv_write(out, r);
}

/* Whole or not at all: an older report stays until this file can take its place. */
static bool write_file(const char *folder, const char *name, writer write, const results *r, const settings *s) {
    char path[PATH_MAX], temporary[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path ||
        (size_t)snprintf(temporary, sizeof temporary, "%s/.%s.tmp", folder, name) >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }
    FILE *out = fopen(temporary, "w");
    if (out == NULL) {
        return false;
    }
    bool good = write(out, r, s);
    good = fclose(out) == 0 && good && rename(temporary, path) == 0;
    if (!good) {
        int code = errno;
        (void)unlink(temporary);
        errno = code;
    }
    return good;
}

bool report_folder_make(const char *folder) {
    return (mkdir(folder, 0777) == 0 || errno == EEXIST) && access(folder, W_OK | X_OK) == 0;
}

bool report_write(const char *folder, const results *r, const settings *s) {
    return write_file(folder, "bench.json", json_write, r, s) && write_file(folder, "bench.csv", write_csv, r, s) &&
           write_file(folder, "report.md", write_page, r, s);
}
