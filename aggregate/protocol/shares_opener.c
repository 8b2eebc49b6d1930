/* An opener of `shares`: adds up the servers' sums, once they all speak of the same contributors. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/shares_internal.h"
#include "crypto/guard.h"
#include "crypto/secret.h"

typedef struct opener {
    vs__machine machine;
    vs_encoding encoding;
    unsigned step;
    vs__lists lists;
    vs__sums counts, values;
    uint64_t *value_tops; /* of the allowed blocks */
    vs_opened opened;
    size_t waiting[VS_MAX_SERVERS];
} opener;

/* ---- lists ---- */

static vs_status check_minimum(opener *o, vs_error *error) {
    const vs_plan *plan = o->encoding.plan;
    uint64_t organisations;
    vs_status status = vs__list_organisations(&organisations, plan, o->lists.owners, o->lists.owner_count, error);
    if (status == VS_OK && !VS_GUARD(shares_minimum_at_opener, organisations >= plan->contributors_min)) {
        status = vs__session_fail(&o->machine, VS_ERR_POLICY,
                                  "the servers' lists have contributions of %llu organisations; the plan asks for %llu",
                                  (unsigned long long)organisations, (unsigned long long)plan->contributors_min);
    }
    return status;
}

static vs_status take_list(opener *o, const vs_message *message, vs_error *error) {
    const vs__session_facts *facts = vs__facts(&o->machine);
    vs_status status = vs__lists_take(&o->lists, facts->setup.plan, facts->sid, message, error);
    if (status != VS_OK || !o->lists.complete || o->step != VS__STEP_ACCEPTED) {
        return status;
    }
    status = check_minimum(o, error);
    if (status == VS_OK) {
        status = vs__sums_begin(&o->counts, facts->setup.plan, o->encoding.tops, o->encoding.first_words, error);
    }
    o->step += status == VS_OK;
    return status == VS_ERR_MEMORY ? status : VS_OK; /* it has failed, but the list was right */
}

/* ---- counts ---- */

static vs_status expect_values(opener *o, vs_error *error) {
    const vs_encoding *e = &o->encoding;
    size_t words = vs__allowed_words(e, o->opened.reasons);
    o->value_tops = malloc((words + 1) * sizeof *o->value_tops);
    if (o->value_tops == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs__allowed_gather(o->value_tops, e, o->opened.reasons, e->tops);
    return vs__sums_begin(&o->values, e->plan, o->value_tops, words, error);
}

/* All sums are here. What is wrong now is no single message's fault. */
static void open_counts(opener *o) {
    const vs_encoding *e = &o->encoding;
    vs_error error = {.message = ""};
    vs_status status = vs__sums_open_first(&o->opened, e, vs__facts(&o->machine)->setup.period, o->counts.slots,
                                           o->lists.owner_count, &error);
    if (status == VS_OK && e->plan->has_minimums) {
        status = expect_values(o, &error);
    }
    vs__sums_clear(&o->counts);
    if (status != VS_OK) {
        vs_opened_clear(&o->opened);
        (void)vs__session_fail(&o->machine, status, "%s", error.message);
    }
    o->step++;
}

static vs_status take_counts(opener *o, const vs_message *message, vs_error *error) {
    if (o->step != VS__STEP_COUNTS) {
        return o->step < VS__STEP_COUNTS ? VS_ERR_NOT_READY : VS_OK;
    }
    vs_status status = vs__sums_take(&o->counts, vs__facts(&o->machine), o->lists.id, message, error);
    if (status == VS_OK && o->counts.missing == 0) {
        open_counts(o);
    }
    return status;
}

/* ---- values ---- */

static void open_values(opener *o) {
    const vs_encoding *e = &o->encoding;
    vs_error error = {.message = ""};
    vs_status status = VS_OK;
    size_t first, count, at = 0;
    for (vs__allowed a = {e, o->opened.reasons, 0, 0}; status == VS_OK && vs__allowed_next(&a, &first, &count);) {
        status =
            vs_decode(e, o->opened.cells, o->values.slots + at, a.group, a.block_class, o->lists.owner_count, &error);
        at += count;
    }
    vs__sums_clear(&o->values);
    if (status != VS_OK) {
        vs_opened_clear(&o->opened);
        (void)vs__session_fail(&o->machine, status, "%s", error.message);
    }
    o->step++;
}

static vs_status take_values(opener *o, const vs_message *message, vs_error *error) {
    if (o->step != VS__STEP_VALUES || !o->encoding.plan->has_minimums) {
        return o->step < VS__STEP_VALUES ? VS_ERR_NOT_READY : VS_OK;
    }
    vs_status status = vs__sums_take(&o->values, vs__facts(&o->machine), o->lists.id, message, error);
    if (status == VS_OK && o->values.missing == 0) {
        open_values(o);
    }
    return status;
}

/* ---- the machine ---- */

static vs_status receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    opener *o = (opener *)machine;
    switch (message->kind) {
    case VS_MESSAGE_ACCEPTED:
        return take_list(o, message, error);
    case VS_MESSAGE_COUNTS:
        return take_counts(o, message, error);
    case VS_MESSAGE_VALUES:
        return take_values(o, message, error);
    default:
        return VS_OK;
    }
}

static void look(const vs__machine *machine, vs_session_view *view) {
    const opener *o = (const opener *)machine;
    const vs_plan *plan = o->encoding.plan;
    size_t *waiting = ((opener *)machine)->waiting; /* a place to answer from, no state */
    view->step = o->step;
    view->done = o->step == vs__shares_step_count(plan);
    view->result = view->done && o->opened.cells != NULL ? &o->opened : NULL;
    view->waiting = waiting;
    view->differing = o->lists.differing;
    view->differing_count = o->lists.differing_count;
    view->waiting_count = view->done                     ? 0
                          : o->step == VS__STEP_ACCEPTED ? vs__lists_missing(waiting, &o->lists, plan)
                          : o->step == VS__STEP_COUNTS   ? vs__sums_missing(waiting, &o->counts, plan)
                                                         : vs__sums_missing(waiting, &o->values, plan);
}

static void opener_free(vs__machine *machine) {
    opener *o = (opener *)machine;
    vs__sums_clear(&o->counts);
    vs__sums_clear(&o->values);
    free(o->value_tops);
    vs_opened_clear(&o->opened);
    vs__lists_clear(&o->lists);
    vs_encoding_clear(&o->encoding);
    free(o);
}

#define OPENER(names)                                                                                                  \
    { .name = "opener", .steps = names, .receive = receive, .look = look, .free = opener_free }
static const vs__machine_type types[] = {OPENER(vs__shares_steps_without_minimums), OPENER(vs__shares_steps)};

vs_status vs__shares_opener_new(vs__machine **machine, vs_session *session, vs_error *error) {
    opener *o = calloc(1, sizeof *o);
    *machine = NULL;
    if (o == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    o->machine.session = session;
    o->step = VS__STEP_ACCEPTED;
    const vs_plan *plan = vs__facts(&o->machine)->setup.plan;
    o->machine.type = &types[plan->has_minimums];
    vs_status status = vs_encoding_make(&o->encoding, plan, error);
    if (status != VS_OK) {
        free(o);
        return status;
    }
    *machine = &o->machine;
    return VS_OK;
}
