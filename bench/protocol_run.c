/* The course of a simulated session: who begins when, what is taken in which order, when waits end, and what the result
 * must be. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "aggregate/protocol/graph.h"
#include "bench/clock.h"
#include "bench/protocol_net.h"
#include "bench/statistics.h"
#include "crypto/parallel.h"

#define BATCH 512u       /* owners of key and shares that are here at a time */
#define LISTENERS 16u    /* owners of key that stay for the receipt */
#define MAX_SWEEPS 4096u /* more than any session has */

typedef struct run {
    network net;
    protocol_report *report;
    cast cast;
    size_t first; /* of the batch that is worked on */
} run;

static bool stays(const run *r, uint32_t owner) {
    const protocol_settings *s = r->cast.settings;
    return s->opening == VS_OPENING_MASKS || cast_is_server(&r->cast, owner) ||
           (s->opening == VS_OPENING_KEY && owner < LISTENERS);
}

/* Spread evenly over the owners, and not the first of them, which may be a server. */
static bool is_lost(const protocol_settings *s, size_t owner) {
    size_t behind = s->owners - 1 - owner;
    return (behind + 1) * s->lost / 100 != behind * s->lost / 100;
}

/* ---- beginning ---- */

static vs_status start_some(void *context, size_t first, size_t count) {
    run *r = context;
    vs_status status = VS_OK;
    for (size_t i = r->first + first; status == VS_OK && i < r->first + first + count; i++) {
        party *p = &r->net.parties[i];
        p->lost = is_lost(r->cast.settings, i);
        p->keeps = (r->cast.settings->faults & FAULT_CRASH) != 0 || cast_is_server(&r->cast, (uint32_t)i);
        status = party_start(p, &r->cast, (uint32_t)i, NULL);
    }
    return status;
}

/* ---- taking ---- */

static vs_status take_some(void *context, size_t first, size_t count) {
    run *r = context;
    vs_status status = VS_OK;
    for (size_t i = first; status == VS_OK && i < first + count; i++) {
        party *p = &r->net.parties[i];
        status = cast_is_server(&r->cast, p->index) ? VS_OK : party_take(p);
    }
    return status;
}

/* Everybody takes what has arrived: owners beside each other, then those who stand, one after another. */
static vs_status sweep(run *r) {
    size_t owners = r->cast.settings->owners;
    vs_status status = vs_parallel_for(owners, 1, take_some, r);
    for (size_t i = 0; status == VS_OK && i < owners; i++) {
        status = network_route(&r->net, &r->net.parties[i]);
    }
    for (uint32_t i = 0; status == VS_OK && i < r->cast.parties; i++) {
        if (cast_is_server(&r->cast, i) || !cast_is_owner(&r->cast, i)) {
            status = party_take(&r->net.parties[i]);
            status = status == VS_OK ? network_route(&r->net, &r->net.parties[i]) : status;
        }
    }
    return status;
}

static bool anything_arrived(const run *r) {
    for (size_t i = 0; i < r->cast.parties; i++) {
        if (r->net.parties[i].in.count > 0) {
            return true;
        }
    }
    return false;
}

/* Until nothing is on its way any more but what comes too late. */
static vs_status settle(run *r) {
    vs_status status = VS_OK;
    bool some = anything_arrived(r);
    for (unsigned i = 0; status == VS_OK && some && i < MAX_SWEEPS; i++) {
        status = sweep(r);
        if (status == VS_OK) {
            status = network_release(&r->net, false, &some);
        }
    }
    return status;
}

/* Nobody waits any longer for those who may be left out. */
static vs_status end_waits(run *r, bool *some) {
    vs_status status = VS_OK;
    *some = false;
    for (size_t i = 0; status == VS_OK && i < r->cast.parties; i++) {
        bool ended = party_expire(&r->net.parties[i]);
        *some |= ended;
        status = ended ? network_route(&r->net, &r->net.parties[i]) : VS_OK;
    }
    return status;
}

static vs_status play_out(run *r) {
    bool ended = true, late = true;
    vs_status status = settle(r);
    while (status == VS_OK && (ended || late)) {
        status = end_waits(r, &ended);
        if (status == VS_OK) {
            status = settle(r);
        }
        if (status == VS_OK) {
            status = network_release(&r->net, true, &late);
        }
        if (status == VS_OK) {
            status = settle(r);
        }
    }
    return status;
}

/* ---- owners, all or in batches ---- */

static vs_status play_batch(run *r, size_t count) {
    vs_status status = vs_parallel_for(count, 1, start_some, r);
    for (size_t i = r->first; status == VS_OK && i < r->first + count; i++) {
        status = network_route(&r->net, &r->net.parties[i]);
    }
    if (status == VS_OK && r->cast.settings->opening != VS_OPENING_MASKS) {
        status = settle(r);
    }
    for (size_t i = r->first; i < r->first + count; i++) {
        if (!stays(r, (uint32_t)i)) {
            party_end(&r->net.parties[i]);
        }
    }
    return status;
}

static vs_status start_standing(run *r, vs_error *error) {
    vs_status status = VS_OK;
    for (uint32_t i = (uint32_t)r->cast.settings->owners; status == VS_OK && i < r->cast.parties; i++) {
        party *p = &r->net.parties[i];
        p->keeps = true;
        status = party_start(p, &r->cast, i, error);
        status = status == VS_OK ? network_route(&r->net, p) : status;
    }
    return status;
}

static vs_status play(run *r, vs_error *error) {
    size_t owners = r->cast.settings->owners;
    vs_status status = start_standing(r, error);
    for (r->first = 0; status == VS_OK && r->first < owners;) {
        size_t batch = r->cast.settings->opening == VS_OPENING_MASKS || r->cast.settings->owners_serve ? owners : BATCH;
        size_t count = owners - r->first < batch ? owners - r->first : batch;
        status = play_batch(r, count);
        r->first += count;
    }
    return status == VS_OK ? play_out(r) : status;
}

/* ---- is it right? ---- */

static bool counts(const run *r, size_t owner) {
    for (uint32_t i = 0; i < r->cast.servers; i++) {
        const party *server = &r->net.parties[r->cast.first_server + i];
        bool itself = server->index == owner; /* what it says to itself is in no message */
        if (server->took == NULL || (server->took[owner] == 0 && !itself)) {
            return false;
        }
    }
    return true;
}

typedef struct sum_of {
    const run *run;
    vs_int128 *cells;
    const uint8_t *in;
} sum_of;

static vs_status add_up(void *context, size_t first, size_t count) {
    const sum_of *s = context;
    for (size_t i = 0; i < s->run->cast.settings->owners; i++) {
        for (size_t c = first; s->in[i] != 0 && c < first + count; c++) {
            s->cells[c] += cast_cell(&s->run->cast, (uint32_t)i, c);
        }
    }
    return VS_OK;
}

static void compare(const run *r, const vs_opened *opened, const vs_int128 *sum, size_t contributions) {
    protocol_report *report = r->report;
    const char *wrong = NULL;
    if (opened->contributions != contributions || opened->cells[0] != (vs_int128)contributions) {
        wrong = "the result has another number of contributions than were taken";
    }
    for (size_t c = 0; wrong == NULL && c < r->cast.settings->cells; c++) {
        wrong =
            opened->cells[c + 1] == sum[c] ? NULL : "a number of the result is not the sum of those that were taken";
    }
    report->outcome = wrong == NULL ? OUTCOME_RIGHT : OUTCOME_WRONG;
    snprintf(report->reason, sizeof report->reason, "%s", wrong == NULL ? "" : wrong);
}

static void refused(run *r, const vs_session_view *view) {
    char *out = r->report->reason;
    size_t cap = sizeof r->report->reason;
    r->report->outcome = OUTCOME_REFUSED;
    if (view->failed != VS_OK) {
        snprintf(out, cap, "%.255s", view->reason.message);
        return;
    }
    snprintf(out, cap, "the opener waits for what has not come");
    for (uint32_t i = 0; i < r->cast.servers; i++) {
        vs_session_view of;
        vs_session_look(r->net.parties[r->cast.first_server + i].session, &of);
        if (of.failed != VS_OK) {
            snprintf(out, cap, "%.255s", of.reason.message);
        }
    }
}

static vs_status judge(run *r) {
    const protocol_settings *s = r->cast.settings;
    vs_session_view view;
    uint8_t *in = calloc(s->owners, 1);
    sum_of sum = {.run = r, .cells = calloc(s->cells, sizeof *sum.cells), .in = in};
    vs_status status = in == NULL || sum.cells == NULL ? VS_ERR_MEMORY : VS_OK;
    if (status == VS_OK) {
        for (size_t i = 0; i < s->owners; i++) {
            in[i] = counts(r, i);
            r->report->contributions += in[i];
        }
        vs_session_look(r->net.parties[r->cast.opener].session, &view);
        if (view.result == NULL) {
            r->report->contributions = 0;
            refused(r, &view);
        } else {
            status = vs_parallel_for(s->cells, vs_parallel_grain(s->cells, 4096), add_up, &sum);
            compare(r, view.result, sum.cells, r->report->contributions);
        }
    }
    for (size_t i = 0; i < r->cast.parties; i++) {
        if (r->net.parties[i].wrong != NULL) {
            r->report->outcome = OUTCOME_WRONG;
            snprintf(r->report->reason, sizeof r->report->reason, "%s", r->net.parties[i].wrong);
        }
    }
    free(in);
    free(sum.cells);
    return status;
}

/* ---- figures ---- */

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static spread spread_of(double *values, size_t count) {
    if (count == 0) {
        return (spread){0, 0, 0};
    }
    qsort(values, count, sizeof *values, by_size);
    return (spread){values[0], values[count / 2], values[count - 1]};
}

static double cpu_of(const party *p) {
    double all = 0;
    for (unsigned i = 0; i < PHASES; i++) {
        all += p->cpu[i];
    }
    return all;
}

typedef double (*figure)(const party *p, unsigned phase);

static double figure_sent(const party *p, unsigned phase) {
    (void)phase;
    return (double)p->sent_bytes;
}

static double figure_received(const party *p, unsigned phase) {
    (void)phase;
    return (double)p->received_bytes;
}

static double figure_cpu(const party *p, unsigned phase) {
    (void)phase;
    return cpu_of(p);
}

static double figure_phase(const party *p, unsigned phase) {
    return p->cpu[phase];
}

/* Over the owners that stayed to the end and have the figure. */
static spread over_owners(const run *r, double *room, figure f, unsigned phase, size_t *count) {
    size_t found = 0;
    for (size_t i = 0; i < r->cast.settings->owners; i++) {
        double value = f(&r->net.parties[i], phase);
        if (!r->net.parties[i].lost && value > 0) {
            room[found++] = value;
        }
    }
    if (count != NULL) {
        *count = found;
    }
    return spread_of(room, found);
}

static vs_status summarise_owners(run *r) {
    protocol_report *report = r->report;
    double *room = malloc(r->cast.settings->owners * sizeof *room);
    if (room == NULL) {
        return VS_ERR_MEMORY;
    }
    report->sent = over_owners(r, room, figure_sent, 0, NULL);
    report->received = over_owners(r, room, figure_received, 0, NULL);
    report->owner_cpu = over_owners(r, room, figure_cpu, 0, NULL);
    for (unsigned i = 0; i < PHASES; i++) {
        report->owner_phase[i] = over_owners(r, room, figure_phase, i, &report->owner_phase_count[i]).median;
    }
    free(room);
    return VS_OK;
}

static void summarise_servers(run *r) {
    protocol_report *report = r->report;
    for (uint32_t i = 0; i < r->cast.parties; i++) {
        const party *p = &r->net.parties[i];
        report->deliveries += p->delivered;
        report->refused += p->refused;
        report->restarts += p->restarts;
        for (unsigned phase = 0; cast_is_server(&r->cast, i) && phase < PHASES; phase++) {
            report->server_cpu[phase] += p->cpu[phase];
            report->server_wall[phase] += p->wall[phase];
        }
        if (i == r->cast.opener && !cast_is_server(&r->cast, i)) {
            report->opener_cpu = cpu_of(p);
        }
    }
    report->messages = r->net.messages;
    report->sent_all = r->net.sent_all;
    memcpy(report->injected, r->net.injected, sizeof report->injected);
}

static void note_graph(run *r) {
    const vs_plan *plan = r->cast.plan;
    uint32_t owners = (uint32_t)r->cast.settings->owners;
    vs_graph_size size;
    const vs_graph_crowd crowd = {owners, (owners * plan->corrupt_percent + 99) / 100,
                                  (owners * plan->absent_percent + 99) / 100};
    if (r->cast.settings->opening == VS_OPENING_MASKS && vs_graph_measure(&size, &crowd, NULL) == VS_OK) {
        r->report->degree = size.degree;
        r->report->threshold = size.threshold;
    }
}

static void note_steps(run *r) {
    vs_session_view view;
    vs_session_look(r->net.parties[r->cast.opener].session, &view);
    r->report->rounds = view.step_count;
}

static double peak_memory(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? 1024.0 * (double)usage.ru_maxrss : 0;
}

static void finish(run *r) {
    for (size_t i = 0; r->net.parties != NULL && i < r->cast.parties; i++) {
        party_end(&r->net.parties[i]);
    }
    free(r->net.parties);
    cast_clear(&r->cast);
}

vs_status protocol_run(protocol_report *report, const protocol_settings *settings, vs_error *error) {
    run r = {.report = report};
    double began = wall_seconds(), cpu;
    *report = (protocol_report){.outcome = OUTCOME_REFUSED};
    vs_status status = cast_make(&r.cast, settings, error);
    if (status != VS_OK) {
        return status;
    }
    r.net.cast = &r.cast;
    r.net.parties = calloc(r.cast.parties, sizeof *r.net.parties);
    status = r.net.parties == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    report->setup_wall = wall_seconds() - began;
    began = wall_seconds();
    cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    if (status == VS_OK) {
        status = play(&r, error);
    }
    report->run_wall = wall_seconds() - began;
    report->run_cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    report->peak_bytes = peak_memory();
    if (status == VS_OK) {
        note_steps(&r);
        note_graph(&r);
        summarise_servers(&r);
        status = judge(&r);
    }
    if (status == VS_OK) {
        status = summarise_owners(&r);
    }
    finish(&r);
    return status;
}
