#include "aggregate/protocol/masks_server.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

/* ---- who is where ---- */

/* What a state waits for, and whom: those who have done `before`. */
typedef struct turn {
    unsigned wanted, before;
    vs_message_kind kind;
    unsigned step;
    vs_status (*take)(vs__server *server, vs__member *from, const vs_message *message, vs_error *error);
    vs_status (*end)(vs__server *server, vs_error *error);
} turn;

static const turn turns[] = {
    [VS__SERVER_ADVERTISE] = {VS__ADVERTISED, 0, VS_MESSAGE_ADVERTISE, VS__STEP_ADVERTISE, vs__server_advertise,
                              vs__server_direct},
    [VS__SERVER_COIN] = {VS__REVEALED, VS__ADVERTISED, VS_MESSAGE_COIN, VS__STEP_COIN, vs__server_coin,
                         vs__server_toss},
    [VS__SERVER_DEALING] = {VS__DEALT, VS__ADVERTISED, VS_MESSAGE_DEALING, VS__STEP_SHARE, vs__server_dealing,
                            vs__server_deliver},
    [VS__SERVER_MASKED] = {VS__MASKED, VS__DEALT, VS_MESSAGE_MASKED, VS__STEP_MASK, vs__server_masked,
                           vs__server_survive},
    [VS__SERVER_AGREE] = {VS__AGREED, VS__MASKED, VS_MESSAGE_AGREE, VS__STEP_AGREE, vs__server_agree,
                          vs__server_agreed},
    [VS__SERVER_UNMASK] = {VS__UNMASKED, VS__AGREED, VS_MESSAGE_UNMASK, VS__STEP_UNMASK, vs__server_unmask,
                           vs__server_finish},
};

size_t vs__server_count(const vs__server *s, unsigned deed, uint8_t *set) {
    size_t count = 0;
    for (uint32_t i = 0; i < s->rules.plan->party_count; i++) {
        bool done = (s->members[i].deeds & deed) != 0;
        count += done;
        if (done && set != NULL) {
            vs__include(set, i);
        }
    }
    return count;
}

vs_status vs__server_check(vs__server *s, unsigned deed, vs_error *error) {
    uint8_t *set = calloc(1, s->rules.bits);
    vs_error why = {.message = ""};
    if (set == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    (void)vs__server_count(s, deed, set);
    vs_status status = vs__masks_check_set(&s->rules, set, NULL, &why);
    free(set);
    if (status == VS_ERR_POLICY) {
        (void)vs__session_fail(&s->base, status, "%s", why.message);
        vs_fail(error, status, "%s", why.message);
        vs_hint(error, "%s", why.hint);
    }
    return status;
}

/* Whom the state waits for. */
static size_t list_waiting(const vs__server *s, size_t *out) {
    const turn *t = &turns[s->state];
    size_t count = 0;
    for (uint32_t i = 0; i < s->rules.plan->party_count; i++) {
        unsigned deeds = s->members[i].deeds;
        if (vs__is_owner(&s->rules, i) && (deeds & t->before) == t->before && !(deeds & t->wanted)) {
            out[count++] = i;
        }
    }
    return count;
}

/* ---- the machine ---- */

static vs_status too_late(const vs__server *s, const vs_message *message, vs_error *error) {
    vs_fail(error, VS_ERR_POLICY, "%s: its '%s' came after the list of those who take part was closed",
            vs__name_of(&s->rules, message->from), vs_message_kind_name(message->kind));
    vs_hint(error, "the session goes on without it");
    return VS_ERR_POLICY;
}

/* Everything that is expected is there. */
static bool is_complete(const vs__server *s) {
    if (s->state == VS__SERVER_UNMASK && s->lacking == 0) {
        return true;
    }
    if (s->state == VS__SERVER_ADVERTISE && s->count == s->rules.plan->contributors_max) {
        return true;
    }
    return list_waiting(s, s->waiting) == 0;
}

static vs_status take(vs__server *s, const turn *t, const vs_message *message, vs_error *error) {
    vs__member *from = &s->members[message->from];
    if ((from->deeds & t->before) != t->before || from->deeds & t->wanted) {
        return too_late(s, message, error);
    }
    if (message->to != s->rules.server) {
        return vs_fail(error, VS_ERR_POLICY, "%s: its '%s' is not for the server alone",
                       vs__name_of(&s->rules, message->from), vs_message_kind_name(message->kind));
    }
    vs_status status = t->take(s, from, message, error);
    if (status != VS_OK) {
        return status;
    }
    from->deeds |= t->wanted;
    s->count += s->state == VS__SERVER_ADVERTISE;
    if (is_complete(s)) {
        status = t->end(s, error);
        /* It has failed for everybody, and this message is a part of why. */
        status = status == VS_ERR_POLICY || status == VS_ERR_AUTH ? VS_OK : status;
    }
    return status;
}

static vs_status server_receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    vs__server *s = (vs__server *)machine;
    for (unsigned state = 0; state < VS__SERVER_DONE; state++) {
        /* Shares are asked of all, and as many as are needed make the sum: the rest come after it. */
        if (turns[state].kind == message->kind) {
            if (s->state == VS__SERVER_DONE && state == VS__SERVER_UNMASK) {
                return VS_OK;
            }
            return state == s->state ? take(s, &turns[state], message, error) : too_late(s, message, error);
        }
    }
    return VS_OK;
}

static vs_status server_expire(vs__machine *machine, vs_error *error) {
    vs__server *s = (vs__server *)machine;
    return turns[s->state].end(s, error);
}

static void server_look(const vs__machine *machine, vs_session_view *view) {
    const vs__server *s = (const vs__server *)machine;
    view->done = s->state == VS__SERVER_DONE;
    view->step = vs__masks_step(&s->rules, view->done ? VS__STEP_END : turns[s->state].step);
    view->waiting = s->waiting;
    view->waiting_count = view->done ? 0 : list_waiting(s, s->waiting);
    view->may_expire = !view->done;
}

static void server_free(vs__machine *machine) {
    vs__server *s = (vs__server *)machine;
    for (size_t i = 0; s->members != NULL && i < s->rules.plan->party_count; i++) {
        free(s->members[i].dealt);
        free(s->members[i].points);
        free(s->members[i].shares);
    }
    free(s->members);
    free(s->order);
    free(s->sum);
    free(s->statement);
    free(s->waiting);
    vs_graph_clear(&s->graph);
    vs_encoding_clear(&s->encoding);
    free(s);
}

#define TYPE(names)                                                                                                    \
    {                                                                                                                  \
        .name = "server", .steps = names, .receive = server_receive, .expire = server_expire, .look = server_look,     \
        .free = server_free                                                                                            \
    }
static const vs__machine_type types[2] = {TYPE(vs__masks_steps), TYPE(vs__masks_steps_with_coins)};

static vs_status allocate(vs__server *s, vs_error *error) {
    size_t parties = s->rules.plan->party_count;
    vs_status status = vs_encoding_make(&s->encoding, s->rules.plan, error);
    if (status == VS_OK) {
        s->members = calloc(parties, sizeof *s->members);
        s->order = calloc(parties, sizeof *s->order);
        s->waiting = calloc(parties, sizeof *s->waiting);
        s->statement = calloc(1, vs__statement_bytes(&s->rules));
        s->sum = calloc(s->encoding.words, sizeof *s->sum);
        if (s->members == NULL || s->order == NULL || s->waiting == NULL || s->statement == NULL || s->sum == NULL) {
            status = vs_fail_plain(error, VS_ERR_MEMORY);
        }
    }
    return status;
}

vs_status vs__masks_server_new(vs__machine **machine, vs_session *session, vs_error *error) {
    vs__server *s = calloc(1, sizeof *s);
    *machine = NULL;
    if (s == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    s->base = (vs__machine){.type = &types[0], .session = session};
    const vs__session_facts *facts = vs__facts(&s->base);
    vs__masks_rules_make(&s->rules, facts);
    s->base.type = &types[s->rules.coins];
    vs_status status = allocate(s, error);
    if (status == VS_OK && facts->self != s->rules.server) {
        vs_fail(error, VS_ERR_POLICY, "%s: is not the server of this plan", vs__name_of(&s->rules, facts->self));
        vs_hint(error, "with masks it is the first party of the roster that may aggregate: %s",
                vs__name_of(&s->rules, s->rules.server));
        status = VS_ERR_POLICY;
    }
    if (status != VS_OK) {
        server_free(&s->base);
        return status;
    }
    *machine = &s->base;
    return VS_OK;
}
