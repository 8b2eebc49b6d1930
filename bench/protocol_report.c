/* What a simulated session found out, as tables and as JSON. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "bench/protocol.h"
#include "crypto/parallel.h"

static const char *const outcomes[] = {"right", "refused", "wrong"};
static const char *const fault_names[] = {"drop", "repeat", "delay", "reorder", "truncate", "alter", "crash"};

/* What a party was about when it took a message of this kind. */
static const char *phase_name(unsigned phase) {
    const char *name = vs_message_kind_name(phase);
    return phase == 0 || name == NULL ? "start" : name;
}

static double sum_of(const double *values) {
    double sum = 0;
    for (unsigned i = 0; i < PHASES; i++) {
        sum += values[i];
    }
    return sum;
}

/* ---- tables ---- */

static void print_spread(const char *what, const spread *s, double unit, const char *unit_name) {
    printf("%-34s %12.3f %12.3f %12.3f  %s\n", what, s->min / unit, s->median / unit, s->max / unit, unit_name);
}

static void print_phases(const protocol_report *r) {
    printf("\n%-34s %12s %12s\n", "after", "CPU", "time");
    for (unsigned i = 0; i < PHASES; i++) {
        if (r->owner_phase[i] > 0) {
            printf("  owner   %-24s %9.3f ms %12s  median of %zu\n", phase_name(i), 1e3 * r->owner_phase[i], "",
                   r->owner_phase_count[i]);
        }
    }
    for (unsigned i = 0; i < PHASES; i++) {
        if (r->server_cpu[i] > 0) {
            printf("  servers %-24s %9.3f ms %9.3f ms\n", phase_name(i), 1e3 * r->server_cpu[i],
                   1e3 * r->server_wall[i]);
        }
    }
    printf("  servers %-24s %9.3f ms %9.3f ms\n", "all", 1e3 * sum_of(r->server_cpu), 1e3 * sum_of(r->server_wall));
    printf("  opener  %-24s %9.3f ms\n", "all", 1e3 * r->opener_cpu);
}

static void print_faults(const protocol_report *r, const protocol_settings *s) {
    if (s->faults == 0) {
        return;
    }
    printf("\nfaults:");
    for (unsigned i = 0; i < 7; i++) {
        printf(" %s %zu", fault_names[i], r->injected[i]);
    }
    printf("; refused %zu, came back %zu times and sent the same bytes\n", r->refused, r->restarts);
}

static void print_table(const protocol_report *r, const protocol_settings *s) {
    printf("%s: %zu owners, %zu cells of %u bits, %u%% lost, %zu threads", vs_opening_name(s->opening), s->owners,
           s->cells, s->bits, s->lost, vs_parallel_threads());
    if (r->degree > 0) {
        printf(", degree %u, threshold %u", r->degree, r->threshold);
    }
    printf("\n%s: ", outcomes[r->outcome]);
    if (r->outcome == OUTCOME_RIGHT) {
        printf("the sum of %zu contributions, every cell as in the clear\n", r->contributions);
    } else {
        printf("%s\n", r->reason);
    }
    printf("%u rounds, %zu messages sent, %zu delivered, %.3f MB sent in all\n\n", r->rounds, r->messages,
           r->deliveries, r->sent_all / 1e6);
    printf("%-34s %12s %12s %12s\n", "an owner", "least", "median", "most");
    print_spread("sent", &r->sent, 1e3, "kB");
    print_spread("received", &r->received, 1e3, "kB");
    print_spread("CPU, all rounds", &r->owner_cpu, 1e-3, "ms");
    print_phases(r);
    print_faults(r, s);
    printf("\nwhole run in one process %.3f s (CPU %.3f s), making the parties %.3f s before; peak memory %.1f MB\n",
           r->run_wall, r->run_cpu, r->setup_wall, r->peak_bytes / 1e6);
}

/* ---- JSON ---- */

static json_t *spread_object(const spread *s) {
    return json_pack("{s:f, s:f, s:f}", "min", s->min, "median", s->median, "max", s->max);
}

static json_t *phases_object(const double *values) {
    json_t *object = json_object();
    for (unsigned i = 0; i < PHASES; i++) {
        if (values[i] > 0 && json_object_set_new(object, phase_name(i), json_real(values[i])) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *faults_object(const protocol_report *r) {
    json_t *object = json_object();
    for (unsigned i = 0; i < 7; i++) {
        if (json_object_set_new(object, fault_names[i], json_integer((json_int_t)r->injected[i])) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static bool print_json(const protocol_report *r, const protocol_settings *s) {
    json_t *object =
        json_pack("{s:i, s:s, s:I, s:I, s:i, s:i, s:I, s:s, s:s, s:I, s:i, s:i, s:i}", "veilsum_bench_protocol", 1,
                  "opening", vs_opening_name(s->opening), "owners", (json_int_t)s->owners, "cells",
                  (json_int_t)s->cells, "bits", (int)s->bits, "lost_percent", (int)s->lost, "seed", (json_int_t)s->seed,
                  "outcome", outcomes[r->outcome], "reason", r->reason, "contributions", (json_int_t)r->contributions,
                  "rounds", (int)r->rounds, "degree", (int)r->degree, "threshold", (int)r->threshold);
    json_t *more =
        json_pack("{s:I, s:I, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:f, s:f, s:o, s:I, s:I}", "messages",
                  (json_int_t)r->messages, "deliveries", (json_int_t)r->deliveries, "sent_bytes_all", r->sent_all,
                  "owner_sent_bytes", spread_object(&r->sent), "owner_received_bytes", spread_object(&r->received),
                  "owner_cpu_s", spread_object(&r->owner_cpu), "owner_cpu_s_after", phases_object(r->owner_phase),
                  "server_cpu_s_after", phases_object(r->server_cpu), "server_wall_s_after",
                  phases_object(r->server_wall), "opener_cpu_s", r->opener_cpu, "setup_wall_s", r->setup_wall,
                  "run_wall_s", r->run_wall, "run_cpu_s", r->run_cpu, "peak_bytes", r->peak_bytes, "faults",
                  faults_object(r), "refused", (json_int_t)r->refused, "restarts", (json_int_t)r->restarts);
    bool good = object != NULL && more != NULL && json_object_update(object, more) == 0 &&
                json_dumpf(object, stdout, JSON_INDENT(1)) == 0 && putchar('\n') != EOF;
    json_decref(object);
    json_decref(more);
    return good;
}

bool protocol_print(const protocol_report *report, const protocol_settings *settings) {
    bool good = true;
    if (settings->json) {
        good = print_json(report, settings);
    } else {
        print_table(report, settings);
    }
    return good && fflush(stdout) == 0 && ferror(stdout) == 0;
}

/* ---- the program ---- */

int protocol_main(int argc, char **argv) {
    protocol_settings s;
    protocol_report report;
    vs_error error = {.message = ""};
    if (!protocol_parse(&s, argc, argv)) {
        return 2;
    }
    if (s.help) {
        protocol_help();
        return fflush(stdout) == 0 ? 0 : 1;
    }
    vs_parallel_set_threads(s.threads);
    vs_status status = protocol_run(&report, &s, &error);
    if (status != VS_OK) {
        fprintf(stderr, "veilsum-bench: error: %s\n", error.message[0] != 0 ? error.message : vs_status_text(status));
        fprintf(stderr, "veilsum-bench: hint: %s\n", error.hint[0] != 0 ? error.hint : "fewer --owners or --cells");
        return status == VS_ERR_USAGE ? 2 : 1;
    }
    if (!protocol_print(&report, &s)) {
        fputs("veilsum-bench: error: cannot write standard output\n", stderr);
        return 1;
    }
    return report.outcome == OUTCOME_WRONG || (report.outcome == OUTCOME_REFUSED && s.faults == 0);
}
