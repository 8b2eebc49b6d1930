/* Whoever learns the sum without being an owner: waits for it, and checks it by the owners' signatures. An owner's own
 * machine has done so already. */
#include <stdlib.h>

#include "aggregate/protocol/masks_internal.h"

typedef struct opener {
    vs__machine base;
    vs__masks_rules rules;
    vs_encoding encoding;
    bool done;
    vs_opened opened;
    size_t waiting[1];
} opener;

static vs_status opener_receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    opener *o = (opener *)machine;
    if (message->kind != VS_MESSAGE_SUM || o->done) {
        return VS_OK;
    }
    vs_status status =
        vs__masks_open_sum(&o->opened, &o->rules, &o->encoding, vs__facts(machine), message, NULL, error);
    o->done = status == VS_OK;
    return status;
}

static void opener_look(const vs__machine *machine, vs_session_view *view) {
    const opener *o = (const opener *)machine;
    view->step = vs__masks_step(&o->rules, o->done ? VS__STEP_END : VS__STEP_UNMASK);
    view->done = o->done;
    view->waiting = o->waiting;
    view->waiting_count = o->done ? 0 : 1;
    view->result = o->opened.cells != NULL ? &o->opened : NULL;
}

static void opener_free(vs__machine *machine) {
    opener *o = (opener *)machine;
    vs_opened_clear(&o->opened);
    vs_encoding_clear(&o->encoding);
    free(o);
}

#define TYPE(names)                                                                                                    \
    { .name = "opener", .steps = names, .receive = opener_receive, .look = opener_look, .free = opener_free }
static const vs__machine_type types[2] = {TYPE(vs__masks_steps), TYPE(vs__masks_steps_with_coins)};

vs_status vs__masks_opener_new(vs__machine **machine, vs_session *session, vs_error *error) {
    opener *o = calloc(1, sizeof *o);
    *machine = NULL;
    if (o == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    o->base = (vs__machine){.type = &types[0], .session = session};
    const vs__session_facts *facts = vs__facts(&o->base);
    vs__masks_rules_make(&o->rules, facts);
    o->base.type = &types[o->rules.coins];
    o->waiting[0] = o->rules.server;
    o->done = (facts->setup.roles & VS_ROLE_CONTRIBUTOR) != 0;
    vs_status status = vs_encoding_make(&o->encoding, facts->setup.plan, error);
    if (status != VS_OK) {
        free(o);
        return status;
    }
    *machine = &o->base;
    return VS_OK;
}
