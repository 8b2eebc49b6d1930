/* The board in Prometheus' text format, version 0.0.4. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/board/status.h"

static void metric(FILE *out, const char *name, const char *type, const char *help, uint64_t value) {
    (void)fprintf(out, "# HELP veilsum_%s %s\n# TYPE veilsum_%s %s\nveilsum_%s %llu\n", name, help, name, type, name,
                  (unsigned long long)value);
}

static void kinds(FILE *out, const vs_snapshot *snapshot) {
    (void)fprintf(out, "# HELP veilsum_messages_total Messages that are stored.\n# TYPE veilsum_messages_total "
                       "counter\n");
    for (unsigned kind = 0; kind < VS_BOARD_MAX_KINDS; kind++) {
        if (snapshot->kind_messages[kind] > 0) {
            (void)fprintf(out, "veilsum_messages_total{kind=\"%s\"} %llu\n", vs_message_kind_name(kind),
                          (unsigned long long)snapshot->kind_messages[kind]);
        }
    }
}

vs_status vs_board_metrics(vs_board *board, char **text, size_t *len, vs_error *error) {
    vs_snapshot *snapshot = calloc(1, sizeof *snapshot);
    *text = NULL;
    vs_status status = snapshot == NULL ? VS_ERR_MEMORY : vs__snapshot_take(snapshot, board);
    FILE *out = status == VS_OK ? open_memstream(text, len) : NULL;
    if (out == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    } else {
        const vs_board_view *view = &snapshot->view;
        kinds(out, snapshot);
        metric(out, "stored_bytes", "gauge", "Bytes of all messages.", snapshot->message_bytes);
        metric(out, "unfinished_bytes", "gauge", "Bytes of uploads that are not whole yet.", snapshot->unfinished);
        metric(out, "refused_total", "counter", "Messages refused since the start.", snapshot->refused_count);
        metric(out, "commits_total", "counter", "Transactions since the start.", snapshot->commits);
        metric(out, "bytes_in_total", "counter", "Bytes received in bodies.", snapshot->traffic.in);
        metric(out, "bytes_out_total", "counter", "Bytes sent in bodies.", snapshot->traffic.out);
        metric(out, "connections", "gauge", "Open connections.",
               snapshot->traffic.connections > 0 ? (uint64_t)snapshot->traffic.connections : 0);
        metric(out, "parties", "gauge", "Parties on the plan's list.", board->setup.plan->party_count);
        metric(out, "step", "gauge", "The session's current step; above veilsum_steps when it is over.",
               view->step + (view->step_count > 0));
        metric(out, "steps", "gauge", "The session's steps.", view->step_count);
        metric(out, "waiting_for", "gauge", "Parties that the current step waits for.", view->waiting_count);
        metric(out, "lost", "gauge", "Parties that the session goes on without.", view->lost_count);
        metric(out, "totals", "gauge", "Totals made.", snapshot->total_count);
        metric(out, "done", "gauge", "1: the session is over.", view->done);
        metric(out, "failed", "gauge", "1: the session has failed.", view->failed != NULL);
        metric(out, "start_time_seconds", "gauge", "When the board started.", (uint64_t)board->started);
        status = fclose(out) == 0 ? VS_OK : vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (snapshot != NULL) {
        vs__snapshot_clear(snapshot);
    }
    free(snapshot);
    return status;
}
