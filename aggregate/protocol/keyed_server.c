/* The server of the openings key and threshold: combines what the owners send into a total with a receipt. It holds no
 * key, and can leave out nobody without a word: the receipt says whose contributions the total has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/keyed_internal.h"
#include "crypto/guard.h"

/* Owners that a message names before it only counts them. */
#define MAX_NAMED 6u

typedef struct server {
    vs__machine machine;
    vs__shelf contributions;
    vs__contribution_judge judge;
    size_t *waiting; /* owners without a contribution, ascending */
    size_t waiting_count;
    bool done;
} server;

static const vs_plan *plan_of(const server *s) {
    return vs__facts(&s->machine)->setup.plan;
}

/* ---- who is there ---- */

static void name_missing(char *out, size_t cap, const server *s) {
    size_t at = 0, named = s->waiting_count < MAX_NAMED ? s->waiting_count : MAX_NAMED;
    out[0] = 0;
    for (size_t i = 0; i < named; i++) {
        at += (size_t)snprintf(out + at, cap - at, "%s%s", i == 0 ? "" : ", ",
                               plan_of(s)->parties[s->waiting[i]].identity.name);
    }
    if (named < s->waiting_count) {
        snprintf(out + at, cap - at, " and %zu more", s->waiting_count - named);
    }
}

/* "without" those who did not come, or whose contributions were refused. */
static vs_status fail_too_few(const server *s, uint64_t organisations, const char *without, vs_error *error) {
    vs_fail(error, VS_ERR_POLICY,
            "rule contributors.min: there are contributions of %llu organisation%s, and the plan asks for %llu: none "
            "by %s",
            (unsigned long long)organisations, organisations == 1 ? "" : "s",
            (unsigned long long)plan_of(s)->contributors_min, without);
    vs_hint(error, "wait longer for them, in another attempt");
    return VS_ERR_POLICY;
}

static vs_status fail_missing(const server *s, uint64_t organisations, vs_error *error) {
    char missing[MAX_NAMED * (VS_MAX_IDENTITY_NAME + 2) + 32];
    name_missing(missing, sizeof missing, s);
    return fail_too_few(s, organisations, missing, error);
}

/* Those whose contribution is here, ascending; malloc'd. */
static vs_status list_here(uint32_t **list, size_t *count, const server *s, vs_error *error) {
    *count = 0;
    *list = malloc((s->contributions.count + 1) * sizeof **list);
    if (*list == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < plan_of(s)->party_count; i++) {
        if (s->contributions.of[i].here) {
            (*list)[(*count)++] = (uint32_t)i;
        }
    }
    return VS_OK;
}

/* Those that the total has after all, in place of those that came. */
static vs_status count_combined(uint64_t *organisations, const server *s, const vs_receipt *receipt, uint32_t *list,
                                vs_error *error) {
    const vs_plan *plan = plan_of(s);
    for (uint64_t i = 0; i < receipt->contribution_count; i++) {
        list[i] = (uint32_t)(vs_plan_party(plan, receipt->contributions[i].name) - plan->parties);
    }
    return vs__keyed_organisations(organisations, plan, list, (size_t)receipt->contribution_count, error);
}

/* ---- combining ---- */

static vs_status send_receipt(server *s, vs_receipt *receipt, vs_error *error) {
    const vs_session_setup *setup = &vs__facts(&s->machine)->setup;
    char *text = NULL;
    size_t len = 0;
    receipt->time = setup->now;
    vs_status status = vs_receipt_write(&text, &len, receipt, setup->identity, error);
    if (status == VS_OK) {
        status = vs__session_post(&s->machine, VS_MESSAGE_RECEIPT, VS_TO_ALL, (const uint8_t *)text, len, error);
    }
    free(text);
    return status;
}

/* Send the total, if it has enough of what came. */
static vs_status send_total(server *s, vs_combine_report *report, const vs_memory_sink *total, uint32_t *list,
                            vs_error *error) {
    uint64_t organisations = 0;
    vs_status status = count_combined(&organisations, s, &report->receipt, list, error);
    if (status == VS_OK && !VS_GUARD(keyed_minimum, organisations >= plan_of(s)->contributors_min)) {
        const char *refused = report->refused_count > 0 ? report->refused[0] : "others";
        return fail_too_few(s, organisations, refused, error);
    }
    if (status == VS_OK) {
        status = vs__session_post(&s->machine, VS_MESSAGE_TOTAL, VS_TO_ALL, total->data, total->len, error);
    }
    if (status == VS_OK) {
        status = send_receipt(s, &report->receipt, error);
    }
    s->done = status == VS_OK;
    return status;
}

/* From these owners. What does not hold when it is combined is left out, and the receipt says so. */
static vs_status combine(server *s, uint32_t *list, size_t count, vs_error *error) {
    const vs_session_setup *setup = &vs__facts(&s->machine)->setup;
    vs__shelf_reading reading = {.shelf = &s->contributions, .parties = list, .count = count};
    const vs_inputs inputs = vs__shelf_inputs(&reading);
    const vs_combine_options options = {.period = setup->period, .leave_out_refused = true};
    vs_combine_report report = {.refused = NULL};
    vs_memory_sink total = {.data = NULL};
    const vs_sink sink = vs_memory_sink_open(&total, "the total");
    vs_status status = vs_combine_checked(setup->plan, &inputs, &options, &report, &sink,
                                          setup->keyed == NULL ? NULL : setup->keyed->progress, error);
    if (status == VS_OK) {
        status = send_total(s, &report, &total, list, error);
    }
    vs_combine_report_clear(&report);
    free(total.data);
    return status;
}

/* Combine what is here. Whatever goes wrong ends the session: a new one has the same contributions. */
static vs_status finish(server *s, vs_error *error) {
    uint64_t organisations = 0;
    uint32_t *list = NULL;
    size_t count = 0;
    vs_status status = list_here(&list, &count, s, error);
    if (status == VS_OK) {
        status = vs__keyed_organisations(&organisations, plan_of(s), list, count, error);
    }
    if (status == VS_OK && organisations < plan_of(s)->contributors_min) {
        status = fail_missing(s, organisations, error);
    } else if (status == VS_OK) {
        status = combine(s, list, count, error);
    }
    free(list);
    return status == VS_OK ? VS_OK : vs__session_fail(&s->machine, status, "%s", error->message);
}

/* ---- what happens ---- */

static vs_status refuse_late(const server *s, const vs_message *message, vs_error *error) {
    vs_fail(error, VS_ERR_POLICY, "%s: its contribution came after the total was made",
            plan_of(s)->parties[message->from].identity.name);
    vs_hint(error, "it can take part in the next period, or in another attempt at this one");
    return VS_ERR_POLICY;
}

static void no_longer_waited_for(server *s, uint32_t party) {
    size_t at = 0;
    while (s->waiting[at] != party) {
        at++;
    }
    memmove(s->waiting + at, s->waiting + at + 1, (--s->waiting_count - at) * sizeof *s->waiting);
}

static vs_status take_contribution(server *s, const vs_message *message, vs_error *error) {
    if (!VS_GUARD(keyed_contribution_in_time, !s->done)) {
        return refuse_late(s, message, error);
    }
    vs_status status = vs__judge_contribution(&s->judge, message, error);
    if (status == VS_OK) {
        status = vs__shelf_put(&s->contributions, message, error);
    }
    if (status != VS_OK) {
        return status;
    }
    vs_error why = {.message = ""};
    no_longer_waited_for(s, message->from);
    if (s->waiting_count == 0 || s->contributions.count == plan_of(s)->contributors_max) {
        s->contributions.current = message;
        (void)finish(s, &why); /* the message is taken; what went wrong is the session's */
        s->contributions.current = NULL;
    }
    return VS_OK;
}

static vs_status receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    return message->kind == VS_MESSAGE_CONTRIBUTION ? take_contribution((server *)machine, message, error) : VS_OK;
}

static vs_status expire(vs__machine *machine, vs_error *error) {
    vs_error why = {.message = ""};
    vs_status status = finish((server *)machine, &why);
    if (status != VS_OK && error != NULL) {
        *error = why;
    }
    return status;
}

static void look(const vs__machine *machine, vs_session_view *view) {
    const server *s = (const server *)machine;
    vs__keyed_look(view, plan_of(s));
    view->done = s->done;
    view->may_expire = !s->done;
    view->step = s->done ? view->step_count : VS__CONTRIBUTE;
    view->waiting = s->waiting;
    view->waiting_count = s->done ? 0 : s->waiting_count;
}

static void free_server(vs__machine *machine) {
    server *s = (server *)machine;
    vs__shelf_clear(&s->contributions);
    vs__contribution_judge_clear(&s->judge);
    free(s->waiting);
    free(s);
}

vs_status vs__keyed_server_new(vs__machine **machine, vs_session *session, vs_error *error) {
    static const vs__machine_type type = {.name = "server",
                                          .steps = vs__keyed_steps,
                                          .receive = receive,
                                          .expire = expire,
                                          .look = look,
                                          .free = free_server};
    server *s = calloc(1, sizeof *s);
    *machine = NULL;
    if (s == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    s->machine = (vs__machine){.type = &type, .session = session};
    s->judge.facts = vs__facts(&s->machine);
    vs_status status = vs__shelf_new(&s->contributions, &s->machine, error);
    if (status == VS_OK) {
        status = vs__parties_that(&s->waiting, &s->waiting_count, plan_of(s), VS_MAY_CONTRIBUTE, error);
    }
    if (status != VS_OK) {
        free_server(&s->machine);
        return status;
    }
    *machine = &s->machine;
    return VS_OK;
}
