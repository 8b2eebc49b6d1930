#include <math.h>
#include <string.h>

#include "bench/output.h"

void short_time(char out[16], double seconds) {
    static const char *const units[] = {"s", "ms", "us", "ns"};
    size_t unit = 0;
    while (unit < 3 && seconds < 0.9995) {
        seconds *= 1000;
        unit++;
    }
    snprintf(out, 16, "%.*f%s", seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0, seconds, units[unit]);
}

void short_number(char out[16], double value) {
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t unit = 0;
    while (unit < 4 && value >= 9999.5) {
        value /= 1000;
        unit++;
    }
    snprintf(out, 16, "%.*f%s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[unit]);
}

void table_machine(const machine *m) {
    char peak[16], one[16], all[16];
    short_number(peak, m->peak);
    short_number(one, m->bandwidth_one);
    short_number(all, m->bandwidth_all);
    printf("%s, %zu threads, load %.2f; %s, GMP %s\n", m->processor, m->threads, m->load, m->compiler, m->gmp);
    if (m->peak > 0) {
        printf("peak of one core: %s 512-bit IFMAs/s; ", peak);
    } else {
        printf("no IFMA instructions: no roof; ");
    }
    printf("memory reads: %sB/s with one thread, %sB/s with all\n\n", one, all);
}

void table_head(void) {
    printf("%-12s %4s %1s %-5.5s %3s %6s %7s %7s %7s %6s %8s %5s %6s %3s\n", "operation", "bits", "s", "arith", "thr",
           "count", "min", "median", "p90", "per s", "textbook", "roof", "r", "of");
}

/* A figure into at most 8 characters, or a dash. */
static void optional(char out[16], const char *format, double value) {
    if (isnan(value)) {
        strcpy(out, "-");
    } else {
        snprintf(out, 16, format, value);
    }
}

void table_row(const row *r) {
    char count[16], min[16], median[16], p90[16], rate[16], ratio[16], roof[16], correlation[16], samples[16];
    short_number(count, (double)r->m.count);
    short_time(min, r->m.time.min);
    short_time(median, r->m.time.median);
    short_time(p90, r->m.time.p90);
    short_number(rate, row_per_second(r));
    optional(ratio, row_ratio(r) < 100 ? "%.2fx" : "%.0fx", row_ratio(r));
    optional(roof, "%.3f", row_roof(r));
    optional(correlation, "%+.2f", row_correlation(r));
    optional(samples, "%.0f", r->d.samples == 0 ? NAN : (double)r->d.samples);
    printf("%-12s %4u %1u %-5.5s %3u %6s %7s %7s %7s %6s %8s %5s %6s%s %3s%s\n", r->op->name, r->bits, r->degree,
           r->backend, r->threads, count, min, median, p90, rate, ratio, roof, correlation,
           fabs(r->d.r) > r->d.chance ? "!" : "", samples, r->m.noisy ? " ~" : "");
    if (r->op->other_unit != NULL) {
        short_number(rate, row_others_per_second(r));
        printf("  in %ss%-*s %46s %6s\n", r->op->other_unit, (int)(7 - strlen(r->op->other_unit)), "", "", rate);
    }
    fflush(stdout);
}

/* ---- the end ---- */

static void print_target(const target *t, const results *r, const settings *s) {
    printf("%-44s", t->text);
    for (size_t i = 0; i < TARGET_SIZES; i++) {
        char asked[16], reached[16];
        double value = target_reached(t, r, s, i);
        target_asked_text(asked, sizeof asked, t, i);
        target_reached_text(reached, sizeof reached, t, value);
        const char *verdict = asked[0] == 0 || isnan(value) ? "" : target_met(t, i, value) ? " ok" : " no";
        const char *noisy = target_noisy(t, r, s, i) ? "~" : "";
        bool last = i + 1 == TARGET_SIZES;
        printf("  %9s %12s%*s%*s", asked, asked[0] == 0 ? "" : reached, last ? 0 : 3, verdict, last ? 0 : 1, noisy);
    }
    putchar('\n');
}

static void print_legend(void) {
    puts("\ns: degree; thr: threads; count: items in a sample; textbook: its time on GMP over ours\n"
         "(stream and mask: that of libsodium's ChaCha20 on one thread); roof: fraction of the IFMA peak\n"
         "that the digit arithmetic's products alone would take; r: rank correlation of time with how many\n"
         "bits of the secrets are ones, of so many samples ('!': more than chance gives once in a thousand\n"
         "times); ~: the machine was noisy.");
}

static void print_noise(const results *r) {
    size_t noisy = results_noisy(r);
    if (noisy > 0) {
        printf("\n%zu of %zu rows are marked ~: the machine was noisy, their medians are not known within 2%%\n"
               "or lie far above their minimum. Run it again when the machine is idle.\n",
               noisy, r->count);
    }
}

void table_end(const results *r, const settings *s) {
    print_legend();
    printf("\n%-44s  %22s      %22s\n", "What the project asks of one core", "2048 bits", "3072 bits");
    printf("%-44s  %9s %12s      %9s %12s\n", "", "asked", "reached", "asked", "reached");
    for (size_t i = 0; i < target_count; i++) {
        print_target(&targets[i], r, s);
    }
    print_noise(r);
}
