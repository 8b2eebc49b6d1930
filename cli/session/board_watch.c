#include "cli/session/board_watch.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/receipt/receipt.h"
#include "aggregate/result/result.h"
#include "cli/load.h"

#define BATCH 64
#define BIT(kind) (UINT64_C(1) << (kind))

/* The steps of each opening, by the messages that take them. */
typedef struct steps {
    const char *names[VS_WATCH_STEPS];
    uint64_t kinds[VS_WATCH_STEPS];
    size_t count;
} steps;

static const steps all_steps[] = {
    [VS_OPENING_KEY] = {{"contribute", "combine", "open"},
                        {BIT(VS_MESSAGE_CONTRIBUTION), BIT(VS_MESSAGE_TOTAL) | BIT(VS_MESSAGE_RECEIPT),
                         BIT(VS_MESSAGE_OPENING) | BIT(VS_MESSAGE_RESULT)},
                        3},
    [VS_OPENING_THRESHOLD] = {{"contribute", "combine", "part", "open"},
                              {BIT(VS_MESSAGE_CONTRIBUTION), BIT(VS_MESSAGE_TOTAL) | BIT(VS_MESSAGE_RECEIPT),
                               BIT(VS_MESSAGE_PART), BIT(VS_MESSAGE_RESULT)},
                              4},
    [VS_OPENING_SHARES] = {{"share", "accept", "count", "open"},
                           {BIT(VS_MESSAGE_SHARE), BIT(VS_MESSAGE_ACCEPTED), BIT(VS_MESSAGE_COUNTS),
                            BIT(VS_MESSAGE_VALUES)},
                           4},
    [VS_OPENING_MASKS] = {{"advertise", "share", "mask", "agree", "unmask", "sum"},
                          {BIT(VS_MESSAGE_ADVERTISE) | BIT(VS_MESSAGE_COIN), BIT(VS_MESSAGE_DEALING),
                           BIT(VS_MESSAGE_MASKED), BIT(VS_MESSAGE_AGREE), BIT(VS_MESSAGE_UNMASK), BIT(VS_MESSAGE_SUM)},
                          6},
};

static const steps threshold_in_two_rounds = {
    {"contribute", "combine", "part", "second part", "open"},
    {BIT(VS_MESSAGE_CONTRIBUTION), BIT(VS_MESSAGE_TOTAL) | BIT(VS_MESSAGE_RECEIPT), BIT(VS_MESSAGE_PART),
     BIT(VS_MESSAGE_PART_ALLOWED), BIT(VS_MESSAGE_RESULT)},
    5};

static const steps *steps_of(const vs_plan *plan) {
    return plan->is_threshold && plan->has_minimums ? &threshold_in_two_rounds : &all_steps[plan->opening];
}

/* Without minimums the servers of `shares` have one round of sums. */
static size_t step_count(const vs_plan *plan) {
    return steps_of(plan)->count - (plan->opening == VS_OPENING_SHARES && !plan->has_minimums);
}

vs_status vs_board_watch_begin(vs_board_watch *w, vs_board *board, const vs_plan *plan, vs_error *error) {
    bool news;
    *w = (vs_board_watch){.board = board, .plan = plan};
    w->sent = calloc(VS_WATCH_STEPS * plan->party_count, sizeof *w->sent);
    w->waiting = calloc(plan->party_count, sizeof *w->waiting);
    if (w->sent == NULL || w->waiting == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = vs__now(&w->since, error);
    return status == VS_OK ? vs_board_watch_look(w, 0, &news, error) : status;
}

void vs_board_watch_end(vs_board_watch *w) {
    free(w->sent);
    free(w->waiting);
    *w = (vs_board_watch){.board = NULL};
}

/* ---- where it stands ---- */

/* Does the step ask this party for something? */
static bool owes(const vs_plan *plan, size_t step, uint32_t party) {
    uint64_t kinds = steps_of(plan)->kinds[step];
    if (kinds == BIT(VS_MESSAGE_RESULT)) {
        return false; /* by threshold who has the parts has the result; to publish it is nobody's duty */
    }
    for (unsigned kind = 1; kind < 64; kind++) {
        if (kinds & BIT(kind) && vs_message_may_send(plan, kind, party)) {
            return true;
        }
    }
    return false;
}

/* Steps that one of several may take for all. */
static bool one_is_enough(const vs_plan *plan, size_t step) {
    uint64_t kinds = steps_of(plan)->kinds[step];
    return kinds & (BIT(VS_MESSAGE_TOTAL) | BIT(VS_MESSAGE_OPENING) | BIT(VS_MESSAGE_SUM));
}

/* Whom the step waits for, into w->waiting. */
static size_t missing(const vs_board_watch *w, size_t step) {
    size_t count = 0;
    bool any = false;
    for (uint32_t i = 0; i < w->plan->party_count; i++) {
        if (owes(w->plan, step, i)) {
            bool sent = w->sent[step * w->plan->party_count + i];
            any |= sent;
            w->waiting[count] = i;
            count += !sent;
        }
    }
    return any && one_is_enough(w->plan, step) ? 0 : count;
}

/* The first step that nobody has gone beyond, and that not all have taken. */
static void find_step(vs_board_watch *w) {
    size_t step = w->first_open;
    while (step < step_count(w->plan) && missing(w, step) == 0) {
        step++;
    }
    if (step != w->step && vs__now(&w->since, NULL) != VS_OK) {
        w->since = 0;
    }
    w->step = step;
}

static void show(vs_board_watch *w, const size_t *waiting, size_t waiting_count, int64_t until, const char *failed) {
    const steps *of = steps_of(w->plan);
    const vs_board_view view = {.steps = of->names,
                                .kinds = of->kinds,
                                .step_count = step_count(w->plan),
                                .step = w->step,
                                .since = w->since,
                                .until = until,
                                .waiting_for = waiting,
                                .waiting_count = waiting_count,
                                .done = vs_board_watch_is_done(w),
                                .failed = failed};
    vs_status noted = vs_board_note_view(w->board, &view);
    (void)noted; /* what cannot be shown now is shown next time */
}

/* ---- what has come ---- */

static void note_receipt(vs_board_watch *w, const vs_board_message *about, const vs_message *message) {
    vs_receipt receipt;
    if (vs_receipt_parse(&receipt, "receipt", (const char *)message->body, message->body_len, NULL) == VS_OK) {
        vs_status noted = vs_board_note_total(w->board, about->at, receipt.contribution_count, receipt.total_digest);
        (void)noted; /* only shown */
    }
    vs_receipt_clear(&receipt);
}

static vs_status note_content(vs_board_watch *w, const vs_board_message *about, vs_error *error) {
    uint8_t *data = NULL;
    vs_message message;
    vs_status status = vs_board_read_all(w->board, about, &data, error);
    if (status == VS_OK && vs_message_parse(&message, data, (size_t)about->len, NULL) == VS_OK) {
        if (about->kind == VS_MESSAGE_RECEIPT) {
            note_receipt(w, about, &message);
        } else if (!w->has_result) {
            w->has_result = vs_board_note_result(w->board, (const char *)message.body, message.body_len) == VS_OK;
        }
    }
    free(data);
    return status;
}

static vs_status note_message(vs_board_watch *w, const vs_board_message *about, vs_error *error) {
    const steps *of = steps_of(w->plan);
    for (size_t step = 0; step < step_count(w->plan); step++) {
        if (of->kinds[step] & BIT(about->kind) && about->from < w->plan->party_count) {
            w->sent[step * w->plan->party_count + about->from] = true;
            w->first_open = step > w->first_open ? step : w->first_open;
        }
    }
    w->after = about->seq;
    bool has_content = about->kind == VS_MESSAGE_RECEIPT || about->kind == VS_MESSAGE_RESULT;
    return has_content ? note_content(w, about, error) : VS_OK;
}

static vs_status catch_up(vs_board_watch *w, bool *news, vs_error *error) {
    vs_board_message messages[BATCH];
    size_t count = BATCH;
    vs_status status = VS_OK;
    *news = false;
    while (status == VS_OK && count == BATCH) {
        status = vs_board_next(w->board, w->after, VS_BOARD_ANY, messages, BATCH, &count, error);
        for (size_t i = 0; status == VS_OK && i < count; i++) {
            status = note_message(w, &messages[i], error);
            *news = true;
        }
    }
    return status;
}

vs_status vs_board_watch_look(vs_board_watch *w, unsigned wait_ms, bool *news, vs_error *error) {
    (void)vs_board_wait(w->board, w->after, VS_BOARD_ANY, wait_ms);
    vs_status status = catch_up(w, news, error);
    if (status == VS_OK && !w->ended) {
        find_step(w);
        show(w, w->waiting, w->step < step_count(w->plan) ? missing(w, w->step) : 0, 0, NULL);
    }
    return status;
}

/* ---- what the server's side says ---- */

/* With masks the server's side learns the sum, as everybody does. */
static void note_sum(vs_board_watch *w, const vs_opened *opened) {
    const vs_result_options json = {.format = VS_RESULT_JSON};
    vs_memory_sink memory = {.data = NULL};
    const vs_sink sink = vs_memory_sink_open(&memory, "result");
    if (vs_result_write(w->plan, opened, &json, &sink, NULL) == VS_OK) {
        w->has_result = vs_board_note_result(w->board, (const char *)memory.data, memory.len) == VS_OK;
    }
    free(memory.data);
}

void vs_board_watch_session(vs_board_watch *w, const vs_session_view *view, int64_t since, int64_t until) {
    bool news;
    if (catch_up(w, &news, NULL) != VS_OK) {
        return;
    }
    find_step(w);
    w->ended = view->failed != VS_OK;
    if (view->result != NULL && !w->has_result) {
        note_sum(w, view->result);
    }
    if (view->done) {
        size_t count = w->step < step_count(w->plan) && !w->ended ? missing(w, w->step) : 0;
        show(w, w->waiting, count, 0, w->ended ? view->reason.message : NULL);
    } else {
        w->since = since;
        show(w, view->waiting, view->waiting_count, until, NULL);
    }
}

bool vs_board_watch_is_done(const vs_board_watch *w) {
    return w->ended || w->step >= step_count(w->plan);
}
