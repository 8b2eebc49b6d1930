#include "aggregate/protocol/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/keyed.h"
#include "aggregate/protocol/session_internal.h"
#include "crypto/guard.h"
#include "crypto/keyed.h"
#include "crypto/secret.h"

#define MACHINES 3

/* A message whose bytes are owned, in a list in order. */
typedef struct held {
    struct held *next;
    uint8_t *bytes;
    size_t len;
    unsigned taken; /* by which machines: bits */
} held;

typedef struct queue {
    held *first, **end;
} queue;

/* What a sender said, so that it is heard once and cannot say two things. */
typedef struct heard {
    uint32_t from;
    uint8_t kind; /* 0: an empty place */
    bool to_all;
    uint8_t id[VS_HASH_BYTES];
} heard;

struct vs_session {
    vs__session_facts facts;
    uint8_t *seed; /* secret memory */
    vs__machine *machines[MACHINES];
    size_t machine_count;
    queue out;     /* to be sent */
    queue inner;   /* to this party's own machines */
    queue early;   /* came before their step */
    held *sending; /* what vs_session_send gave last */
    heard *heard;  /* open addressing; a power of two of places, at most half of them taken */
    size_t heard_cap, heard_count;
    vs_status failed;
    vs_error reason;
};

/* ---- queues ---- */

static void queue_put(queue *q, held *h) {
    if (q->first == NULL) {
        q->end = &q->first;
    }
    h->next = NULL;
    *q->end = h;
    q->end = &h->next;
}

static vs_status queue_add(queue *q, uint8_t *bytes, size_t len, vs_error *error) {
    held *h = malloc(sizeof *h);
    if (h == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    *h = (held){.bytes = bytes, .len = len};
    queue_put(q, h);
    return VS_OK;
}

static held *queue_take(queue *q) {
    held *h = q->first;
    if (h != NULL) {
        q->first = h->next;
    }
    return h;
}

static void held_free(held *h) {
    if (h != NULL) {
        free(h->bytes);
        free(h);
    }
}

static void queue_clear(queue *q) {
    for (held *h; (h = queue_take(q)) != NULL;) {
        held_free(h);
    }
}

static held *held_copy(const uint8_t *bytes, size_t len) {
    held *h = calloc(1, sizeof *h);
    uint8_t *copy = malloc(len);
    if (h == NULL || copy == NULL) {
        free(h);
        free(copy);
        return NULL;
    }
    memcpy(copy, bytes, len);
    *h = (held){.bytes = copy, .len = len};
    return h;
}

/* ---- what has been heard ---- */

/* The place of this sender's message of this kind, or an empty one. Senders are few and places many: a multiplication
 * spreads them well enough, and nobody chooses places freely, since a message needs a signature. */
static heard *heard_place(const vs_session *s, uint32_t from, unsigned kind, bool to_all) {
    uint64_t key = ((uint64_t)from << 16 | kind << 1 | to_all) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(key >> 32) & (s->heard_cap - 1);
    while (s->heard[at].kind != 0 &&
           (s->heard[at].from != from || s->heard[at].kind != kind || s->heard[at].to_all != to_all)) {
        at = (at + 1) & (s->heard_cap - 1);
    }
    return &s->heard[at];
}

/* Room for one more. */
static vs_status reserve(vs_session *s, vs_error *error) {
    if (2 * (s->heard_count + 1) <= s->heard_cap) {
        return VS_OK;
    }
    vs_session larger = {.heard_cap = s->heard_cap == 0 ? 64 : 2 * s->heard_cap};
    larger.heard = calloc(larger.heard_cap, sizeof *larger.heard);
    if (larger.heard == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < s->heard_cap; i++) {
        const heard *h = &s->heard[i];
        if (h->kind != 0) {
            *heard_place(&larger, h->from, h->kind, h->to_all) = *h;
        }
    }
    free(s->heard);
    s->heard = larger.heard;
    s->heard_cap = larger.heard_cap;
    return VS_OK;
}

static void remember(vs_session *s, const vs_message *m) {
    heard *place = heard_place(s, m->from, m->kind, m->to == VS_TO_ALL);
    s->heard_count += place->kind == 0;
    *place = (heard){.from = m->from, .kind = (uint8_t)m->kind, .to_all = m->to == VS_TO_ALL};
    memcpy(place->id, m->id, VS_HASH_BYTES);
}

/* ---- making one ---- */

typedef vs_status (*constructor)(vs__machine **machine, vs_session *session, vs_error *error);

static const constructor constructors[][MACHINES] = {
    [VS_OPENING_KEY] = {vs__keyed_owner_new, vs__keyed_server_new, vs__keyed_opener_new},
    [VS_OPENING_THRESHOLD] = {vs__keyed_owner_new, vs__keyed_server_new, vs__keyed_opener_new},
    [VS_OPENING_SHARES] = {vs__shares_owner_new, vs__shares_server_new, vs__shares_opener_new},
    [VS_OPENING_MASKS] = {vs__masks_owner_new, vs__masks_server_new, vs__masks_opener_new},
};

/* Of the roles asked for, those that the plan gives this party. */
static unsigned roles_of(const vs_plan *plan, uint32_t party) {
    unsigned may = plan->parties[party].may;
    bool serves = plan->opening == VS_OPENING_SHARES ? vs_plan_is_server(plan, party) : (may & VS_MAY_AGGREGATE) != 0;
    return (may & VS_MAY_CONTRIBUTE ? VS_ROLE_CONTRIBUTOR : 0u) | (serves ? VS_ROLE_SERVER : 0u) |
           (may & VS_MAY_OPEN || plan->opening == VS_OPENING_MASKS ? VS_ROLE_OPENER : 0u);
}

static const char *role_text(unsigned missing) {
    return missing & VS_ROLE_CONTRIBUTOR ? "contribute" : missing & VS_ROLE_SERVER ? "serve" : "open";
}

static vs_status check_setup(vs__session_facts *facts, vs_error *error) {
    const vs_session_setup *setup = &facts->setup;
    const vs_public_identity *who = vs_identity_public(setup->identity);
    const vs_party *party = vs_plan_party(setup->plan, who->name);
    if (party == NULL || !vs_public_identity_equal(&party->identity, who)) {
        vs_fail(error, VS_ERR_POLICY, "%s: this identity is not on the plan's roster", who->name);
        vs_hint(error, party == NULL ? "veilsum plan show PLAN lists who is"
                                     : "the plan has another key under this name: was the identity made anew?");
        return VS_ERR_POLICY;
    }
    facts->self = (uint32_t)(party - setup->plan->parties);
    unsigned missing = setup->roles & ~roles_of(setup->plan, facts->self);
    if (!VS_GUARD(session_role, missing == 0)) {
        vs_fail(error, VS_ERR_POLICY, "%s: the plan does not list it as one that may %s", who->name,
                role_text(missing));
        vs_hint(error, "veilsum plan show PLAN says who may do what");
        return VS_ERR_POLICY;
    }
    bool keyed = setup->plan->opening == VS_OPENING_KEY || setup->plan->opening == VS_OPENING_THRESHOLD;
    bool has_table = keyed ? setup->keyed != NULL && setup->keyed->contribution != NULL : setup->cells != NULL;
    if (setup->roles & VS_ROLE_CONTRIBUTOR && !has_table) {
        return vs_fail(error, VS_ERR_USAGE, "%s: a contributor needs a table", who->name);
    }
    return VS_OK;
}

static vs_status deliver(vs_session *s, vs_error *error);

static vs_status start_machines(vs_session *s, vs_error *error) {
    const vs_session_setup *setup = &s->facts.setup;
    vs_status status = VS_OK;
    for (unsigned i = 0; status == VS_OK && i < MACHINES; i++) {
        if (setup->roles & 1u << i) {
            status = constructors[setup->plan->opening][i](&s->machines[s->machine_count], s, error);
            s->machine_count += status == VS_OK;
        }
    }
    for (size_t i = 0; status == VS_OK && i < s->machine_count; i++) {
        status = s->machines[i]->type->start == NULL ? VS_OK : s->machines[i]->type->start(s->machines[i], error);
    }
    return status == VS_OK ? deliver(s, error) : status;
}

vs_status vs_session_new(vs_session **session, const vs_session_setup *setup, vs_error *error) {
    vs_session *s = *session = calloc(1, sizeof *s);
    if (s == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    s->facts.setup = *setup;
    vs_session_id(s->facts.sid, setup->plan->id, setup->period, setup->attempt);
    vs_status status = check_setup(&s->facts, error);
    s->seed = vs_secret_alloc(VS_SEED_BYTES);
    if (status == VS_OK && s->seed == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (status == VS_OK) {
        memcpy(s->seed, setup->seed, VS_SEED_BYTES);
        s->facts.setup.seed = s->seed;
        status = start_machines(s, error);
    }
    if (status != VS_OK) {
        vs_session_free(s);
        *session = NULL;
    }
    return status;
}

void vs_session_free(vs_session *s) {
    if (s != NULL) {
        for (size_t i = 0; i < s->machine_count; i++) {
            s->machines[i]->type->free(s->machines[i]);
        }
        queue_clear(&s->out);
        queue_clear(&s->inner);
        queue_clear(&s->early);
        held_free(s->sending);
        free(s->heard);
        vs_secret_free(s->seed);
        free(s);
    }
}

/* ---- for machines ---- */

const vs__session_facts *vs__facts(const vs__machine *machine) {
    return &machine->session->facts;
}

vs_status vs__session_post(vs__machine *machine, vs_message_kind kind, uint32_t to, const uint8_t *body, size_t len,
                           vs_error *error) {
    vs_session *s = machine->session;
    const vs_message_header header = {.kind = kind, .from = s->facts.self, .to = to, .sid = s->facts.sid};
    uint8_t *bytes;
    size_t bytes_len;
    vs_status status = vs_message_write(&bytes, &bytes_len, &header, body, len, s->facts.setup.identity, error);
    if (status == VS_OK && to == VS_TO_ALL) {
        held *own = held_copy(bytes, bytes_len);
        status = own == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
        if (own != NULL) {
            queue_put(&s->inner, own);
        }
    }
    if (status == VS_OK) {
        status = queue_add(to == s->facts.self ? &s->inner : &s->out, bytes, bytes_len, error);
    }
    if (status != VS_OK) {
        free(bytes);
    }
    return status;
}

vs_status vs__session_fail(vs__machine *machine, vs_status status, const char *format, ...) {
    vs_session *s = machine->session;
    if (s->failed == VS_OK) {
        va_list arguments;
        va_start(arguments, format);
        char message[sizeof s->reason.message];
        vsnprintf(message, sizeof message, format, arguments);
        va_end(arguments);
        s->failed = vs_fail(&s->reason, status, "%s", message);
    }
    return status;
}

/* ---- what happens ---- */

/* To each machine that has not taken it yet. VS_ERR_NOT_READY: not all have. */
static vs_status offer(vs_session *s, const vs_message *message, unsigned *taken, vs_error *error) {
    vs_status early = VS_OK;
    for (size_t i = 0; i < s->machine_count; i++) {
        vs_status status = *taken & 1u << i ? VS_OK : s->machines[i]->type->receive(s->machines[i], message, error);
        if (status != VS_OK && status != VS_ERR_NOT_READY) {
            return status;
        }
        early = status != VS_OK ? status : early;
        *taken |= status == VS_OK ? 1u << i : 0;
    }
    return early;
}

/* Offer what is held; it is kept for later, or given up. */
static vs_status offer_held(vs_session *s, held *h, vs_error *error) {
    vs_message message;
    vs_status status = vs_message_parse(&message, h->bytes, h->len, error);
    if (status == VS_OK && message.from == s->facts.self) {
        status = reserve(s, error);
        if (status == VS_OK) {
            remember(s, &message);
        }
    }
    if (status == VS_OK) {
        status = offer(s, &message, &h->taken, error);
    }
    if (status == VS_ERR_NOT_READY) {
        queue_put(&s->early, h);
    } else {
        held_free(h);
    }
    return status;
}

/* Those that came early, each once more. True: some of it was taken. */
static bool offer_early(vs_session *s) {
    queue again = s->early;
    bool taken = false;
    s->early = (queue){.first = NULL};
    for (held *h; (h = queue_take(&again)) != NULL;) {
        unsigned before = h->taken;
        vs_status status = offer_held(s, h, NULL);
        taken |= status != VS_ERR_NOT_READY || h->taken != before;
    }
    return taken;
}

/* What follows from what just happened, inside: a party's messages to itself, and those that waited. */
static vs_status deliver(vs_session *s, vs_error *error) {
    vs_status status = VS_OK;
    bool again = true;
    while (again && status == VS_OK && s->failed == VS_OK) {
        for (held *h; status == VS_OK && (h = queue_take(&s->inner)) != NULL;) {
            status = offer_held(s, h, error);
            status = status == VS_ERR_NOT_READY ? VS_OK : status;
        }
        again = (s->early.first != NULL && offer_early(s)) || s->inner.first != NULL;
    }
    return status;
}

/* Not what the sender said before under the same heading? */
static vs_status check_heard(const vs_session *s, const vs_message *m, bool *known, vs_error *error) {
    const heard *place = s->heard_cap == 0 ? NULL : heard_place(s, m->from, m->kind, m->to == VS_TO_ALL);
    *known = place != NULL && place->kind != 0;
    if (!*known || VS_GUARD(one_message_of_a_kind, memcmp(place->id, m->id, VS_HASH_BYTES) == 0)) {
        return VS_OK;
    }
    const char *name = s->facts.setup.plan->parties[m->from].identity.name;
    vs_fail(error, VS_ERR_POLICY, "%s: a second, different '%s'", name, vs_message_kind_name(m->kind));
    vs_hint(error, m->from == s->facts.self ? "this identity has taken part before, and its journal is not here"
                                            : "it lies, or it lost its journal: the first one counts");
    return VS_ERR_POLICY;
}

/* One's own words come back from a board. In another role the same party may run elsewhere: that is news. */
static bool is_own(const vs_session *s, const vs_message *message) {
    return message->from == s->facts.self && (vs_message_role(message->kind) & s->facts.setup.roles) != 0;
}

/* By the machines, or for later. */
static vs_status take(vs_session *s, const vs_message *message, vs_error *error) {
    unsigned taken = 0;
    vs_status status = reserve(s, error);
    if (status == VS_OK) {
        status = offer(s, message, &taken, error);
    }
    if (status == VS_ERR_NOT_READY) {
        held *h = held_copy(message->bytes, message->len);
        if (h == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        h->taken = taken;
        queue_put(&s->early, h);
        status = VS_OK;
    }
    if (status == VS_OK) {
        remember(s, message);
    }
    return status;
}

/* What is for all, and this party in its roles has a use for it; or for this party. */
static bool is_for_us(const vs_session *s, const vs_message *message) {
    unsigned roles = s->facts.setup.roles;
    unsigned may = (roles & VS_ROLE_CONTRIBUTOR ? VS_MAY_CONTRIBUTE : 0u) |
                   (roles & VS_ROLE_SERVER ? VS_MAY_AGGREGATE : 0u) | (roles & VS_ROLE_OPENER ? VS_MAY_OPEN : 0u);
    return message->to == VS_TO_ALL ? vs_message_is_for(message->kind, may) : message->to == s->facts.self;
}

vs_status vs_session_receive(vs_session *s, const uint8_t *bytes, size_t len, bool *taken, vs_error *error) {
    const vs__session_facts *facts = &s->facts;
    vs_message message;
    bool known = false;
    if (taken != NULL) {
        *taken = false;
    }
    vs_status status = vs_message_read(&message, facts->setup.plan, facts->sid, bytes, len, error);
    if (status != VS_OK || !is_for_us(s, &message) || s->failed != VS_OK) {
        return status;
    }
    status = check_heard(s, &message, &known, error);
    if (status != VS_OK || known || is_own(s, &message)) {
        return status;
    }
    status = take(s, &message, error);
    if (status == VS_OK && taken != NULL) {
        *taken = true;
    }
    return status == VS_OK ? deliver(s, error) : status;
}

static vs_session_view look_at(const vs__machine *m) {
    vs_session_view view = {.steps = m->type->steps};
    while (view.steps[view.step_count] != NULL) {
        view.step_count++;
    }
    m->type->look(m, &view);
    return view;
}

vs_status vs_session_expire(vs_session *s, vs_error *error) {
    vs_status status = VS_ERR_NOT_READY;
    for (size_t i = 0; i < s->machine_count && s->failed == VS_OK; i++) {
        vs__machine *m = s->machines[i];
        vs_session_view view = look_at(m);
        if (view.may_expire && !view.done && m->type->expire != NULL) {
            status = m->type->expire(m, error);
            return status == VS_OK ? deliver(s, error) : status;
        }
    }
    return vs_fail(error, status, "nobody is waited for whom the session could leave out");
}

bool vs_session_send(vs_session *s, const uint8_t **bytes, size_t *len) {
    held_free(s->sending);
    s->sending = queue_take(&s->out);
    if (s->sending == NULL) {
        return false;
    }
    *bytes = s->sending->bytes;
    *len = s->sending->len;
    return true;
}

/* ---- looking ---- */

static bool further(const vs_session_view *a, const vs_session_view *b) {
    return a->done != b->done ? a->done : a->step > b->step;
}

void vs_session_look(vs_session *s, vs_session_view *view) {
    const vs_opened *result = NULL;
    vs_session_view differing = {.differing_count = 0};
    for (size_t i = 0; i < s->machine_count; i++) {
        vs_session_view of = look_at(s->machines[i]);
        result = of.result != NULL ? of.result : result;
        if (of.differing_count > 0) {
            differing = of;
        }
        if (i == 0 || further(view, &of)) {
            *view = of;
        }
    }
    view->result = result;
    view->differing = differing.differing;
    view->differing_count = differing.differing_count;
    view->failed = s->failed;
    if (s->failed != VS_OK) {
        view->done = true;
        view->reason = s->reason;
        view->waiting_count = 0;
    }
}

const uint8_t *vs_session_sid(const vs_session *s) {
    return s->facts.sid;
}

uint32_t vs_session_self(const vs_session *s) {
    return s->facts.self;
}
