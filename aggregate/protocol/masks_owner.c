#include "aggregate/protocol/masks_owner.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

/* ---- secrets ---- */

void vs__owner_derive(uint8_t *out, size_t len, const vs__owner *o, const char *label, uint64_t to) {
    const vs__session_facts *facts = vs__facts(&o->base);
    const vs_binding binding = {.sid = facts->sid, .step = VS_MESSAGE_ADVERTISE, .from = facts->self, .to = to};
    vs_derive(out, len, facts->setup.seed, label, &binding);
}

void vs__owner_secrets_make(vs__owner_secrets *s, const vs__owner *o) {
    uint32_t self = vs__facts(&o->base)->self;
    uint8_t seed[32], public_key[VS__KEY_BYTES];
    vs__owner_derive(seed, sizeof seed, o, "veilsum masks mask key", self);
    vs_agreement_keypair(public_key, s->mask_secret, seed);
    vs__owner_derive(seed, sizeof seed, o, "veilsum masks box key", self);
    vs_agreement_keypair(public_key, s->box_secret, seed);
    vs__owner_derive(s->seed, sizeof s->seed, o, VS__SEED_LABEL, self);
    vs__owner_derive(s->coin, sizeof s->coin, o, VS__COIN_LABEL, self);
    vs_wipe(seed, sizeof seed);
}

vs__peer *vs__owner_peer(const vs__owner *o, uint32_t party) {
    size_t low = 0, high = o->peer_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (o->peers[middle].party < party) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < o->peer_count && o->peers[low].party == party ? &o->peers[low] : NULL;
}

/* ---- the machine ---- */

static vs_status owner_start(vs__machine *machine, vs_error *error) {
    return vs__owner_advertise((vs__owner *)machine, error);
}

/* Once the list is signed it is the one that counts. */
static vs_status take_sum(vs__owner *o, const vs_message *message, vs_error *error) {
    vs_status status =
        vs__masks_open_sum(&o->opened, &o->rules, &o->encoding, vs__facts(&o->base), message, o->statement, error);
    if (status == VS_OK) {
        o->state = VS__OWNER_DONE;
    }
    return status;
}

/* What each state takes; `to_all` tells a directory from the neighbours' advertisements. */
typedef struct turn {
    vs_message_kind kind;
    bool to_all;
    vs_status (*take)(vs__owner *owner, const vs_message *message, vs_error *error);
} turn;

static const turn turns[] = {
    [VS__OWNER_DIRECTORY] = {VS_MESSAGE_DIRECTORY, true, vs__owner_directory},
    [VS__OWNER_COINS] = {VS_MESSAGE_COINS, true, vs__owner_coins},
    [VS__OWNER_NEIGHBOURS] = {VS_MESSAGE_DIRECTORY, false, vs__owner_neighbours},
    [VS__OWNER_DELIVERY] = {VS_MESSAGE_DELIVERY, false, vs__owner_delivery},
    [VS__OWNER_SURVIVORS] = {VS_MESSAGE_SURVIVORS, false, vs__owner_survivors},
    [VS__OWNER_AGREED] = {VS_MESSAGE_AGREED, true, vs__owner_agreed},
    [VS__OWNER_SUM] = {VS_MESSAGE_SUM, true, take_sum},
};

static vs_status owner_receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    vs__owner *o = (vs__owner *)machine;
    bool to_all = message->to == VS_TO_ALL;
    for (unsigned state = 0; state < VS__OWNER_DONE; state++) {
        const turn *t = &turns[state];
        if (t->kind != message->kind || t->to_all != to_all) {
            continue;
        }
        vs_status status = vs__masks_from_server(&o->rules, message, error);
        if (status != VS_OK || state < o->state) {
            return status; /* what is past has been taken, or was for others */
        }
        return state > o->state ? VS_ERR_NOT_READY : t->take(o, message, error);
    }
    return VS_OK;
}

static void owner_look(const vs__machine *machine, vs_session_view *view) {
    static const unsigned steps[] = {
        [VS__OWNER_DIRECTORY] = VS__STEP_ADVERTISE, [VS__OWNER_COINS] = VS__STEP_COIN,
        [VS__OWNER_NEIGHBOURS] = VS__STEP_COIN,     [VS__OWNER_DELIVERY] = VS__STEP_SHARE,
        [VS__OWNER_SURVIVORS] = VS__STEP_MASK,      [VS__OWNER_AGREED] = VS__STEP_AGREE,
        [VS__OWNER_SUM] = VS__STEP_UNMASK,          [VS__OWNER_DONE] = VS__STEP_END,
    };
    const vs__owner *o = (const vs__owner *)machine;
    view->step = vs__masks_step(&o->rules, steps[o->state]);
    view->done = o->state == VS__OWNER_DONE;
    view->waiting = o->waiting;
    view->waiting_count = view->done ? 0 : 1;
    view->result = view->done ? &o->opened : NULL;
}

static void owner_free(vs__machine *machine) {
    vs__owner *o = (vs__owner *)machine;
    if (o->peers != NULL) {
        vs_wipe(o->peers, o->peer_count * sizeof *o->peers);
    }
    free(o->peers);
    free(o->ids);
    free(o->set);
    free(o->statement);
    vs_opened_clear(&o->opened);
    vs_encoding_clear(&o->encoding);
    free(o);
}

#define TYPE(names)                                                                                                    \
    {                                                                                                                  \
        .name = "owner", .steps = names, .start = owner_start, .receive = owner_receive, .look = owner_look,           \
        .free = owner_free                                                                                             \
    }
static const vs__machine_type types[2] = {TYPE(vs__masks_steps), TYPE(vs__masks_steps_with_coins)};

vs_status vs__masks_owner_new(vs__machine **machine, vs_session *session, vs_error *error) {
    vs__owner *o = calloc(1, sizeof *o);
    *machine = NULL;
    if (o == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    o->base = (vs__machine){.type = &types[0], .session = session};
    vs__masks_rules_make(&o->rules, vs__facts(&o->base));
    o->base.type = &types[o->rules.coins];
    o->waiting[0] = o->rules.server;
    o->set = calloc(1, o->rules.bits);
    o->statement = calloc(1, vs__statement_bytes(&o->rules));
    vs_status status = o->set == NULL || o->statement == NULL ? vs_fail_plain(error, VS_ERR_MEMORY)
                                                              : vs_encoding_make(&o->encoding, o->rules.plan, error);
    if (status != VS_OK) {
        owner_free(&o->base);
        return status;
    }
    *machine = &o->base;
    return VS_OK;
}
