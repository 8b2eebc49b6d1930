/* An owner of `shares`: one message to each server, and it is done. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/shares_internal.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

typedef struct owner {
    vs__machine machine;
    bool done;
} owner;

/* What an owner is made of while it makes its messages. */
typedef struct making {
    const vs__session_facts *facts;
    vs_encoding encoding;
    uint64_t *slots; /* secret until masked; secret memory */
    vs_mask masks[VS_MAX_SERVERS];
    uint8_t root[32]; /* of all that is random */
    uint8_t *body;    /* boxes, then the masked vector */
    size_t boxes_len;
} making;

/* From seed and cells together: see shares_internal.h. */
static void derive_root(making *m) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum shares owner");
    vs_hash_field(&hash, m->facts->setup.seed, VS_SEED_BYTES);
    vs_hash_field(&hash, m->facts->sid, VS_HASH_BYTES);
    vs_hash_field(&hash, m->slots, m->encoding.words * sizeof *m->slots);
    vs_hash_final(&hash, m->root);
    vs_wipe(&hash, sizeof hash);
}

/* A server's secret, and the box in which it gets it. */
static vs_status make_box(making *m, size_t server, vs_error *error) {
    const vs_plan *plan = m->facts->setup.plan;
    uint32_t to = (uint32_t)plan->servers[server];
    const vs_public_identity *receiver = &plan->parties[to].identity;
    vs_address address = vs__share_address(m->facts, VS_MESSAGE_SHARE, m->facts->self, to);
    uint8_t seed[32];
    vs_derive(m->masks[server].key, VS_STREAM_KEY_BYTES, m->root, "veilsum shares mask", &address.binding);
    vs_derive(seed, sizeof seed, m->root, "veilsum shares ephemeral", &address.binding);
    m->masks[server].subtract = true;
    vs_status status = vs_addressed_lock(m->body + server * VS__SHARE_BOX_BYTES, receiver, &address, seed,
                                         m->masks[server].key, VS_STREAM_KEY_BYTES);
    vs_wipe(seed, sizeof seed);
    if (status != VS_OK) {
        return vs_fail(error, status, "%s: its key in the plan is not one that anything can be locked for",
                       receiver->name);
    }
    return VS_OK;
}

static vs_status prepare(making *m, const vs__session_facts *facts, vs_error *error) {
    const vs_plan *plan = facts->setup.plan;
    *m = (making){.facts = facts, .boxes_len = plan->server_count * VS__SHARE_BOX_BYTES};
    vs_status status = vs_encoding_make(&m->encoding, plan, error);
    if (status != VS_OK) {
        return status;
    }
    m->slots = vs_secret_alloc(m->encoding.words * sizeof *m->slots);
    m->body = malloc(m->boxes_len + 8 * m->encoding.words);
    return m->slots == NULL || m->body == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

static void dispose(making *m) {
    vs_encoding_clear(&m->encoding);
    vs_secret_free(m->slots);
    free(m->body);
    vs_wipe(m, sizeof *m);
}

static vs_status make(making *m, vs_error *error) {
    size_t servers = m->facts->setup.plan->server_count;
    vs_status status = VS_OK;
    vs_encode(&m->encoding, m->slots, m->facts->setup.cells);
    derive_root(m);
    for (size_t i = 0; status == VS_OK && i < servers; i++) {
        status = make_box(m, i, error);
    }
    if (status == VS_OK) {
        status = vs_mask_apply(m->slots, m->encoding.tops, m->encoding.words, m->masks, servers);
        vs_words_to_bytes(m->body + m->boxes_len, m->slots, m->encoding.words);
    }
    return status == VS_ERR_MEMORY ? vs_fail_plain(error, status) : status;
}

static vs_status start(vs__machine *machine, vs_error *error) {
    const vs__session_facts *facts = vs__facts(machine);
    const vs_plan *plan = facts->setup.plan;
    size_t carrier = vs__share_carrier(plan, facts->self);
    making m;
    vs_status status = prepare(&m, facts, error);
    if (status == VS_OK) {
        status = make(&m, error);
    }
    for (size_t i = 0; status == VS_OK && i < plan->server_count; i++) {
        size_t len = m.boxes_len + (i == carrier ? 8 * m.encoding.words : 0);
        status = vs__session_post(machine, VS_MESSAGE_SHARE, (uint32_t)plan->servers[i], m.body, len, error);
    }
    dispose(&m);
    ((owner *)machine)->done = status == VS_OK;
    return status;
}

static vs_status receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    (void)machine;
    (void)message;
    (void)error;
    return VS_OK;
}

static void look(const vs__machine *machine, vs_session_view *view) {
    view->done = ((const owner *)machine)->done;
    view->step = view->done ? vs__shares_step_count(vs__facts(machine)->setup.plan) : VS__STEP_SHARE;
}

static void owner_free(vs__machine *machine) {
    free(machine);
}

#define OWNER(names)                                                                                                   \
    { .name = "owner", .steps = names, .start = start, .receive = receive, .look = look, .free = owner_free }
static const vs__machine_type types[] = {OWNER(vs__shares_steps_without_minimums), OWNER(vs__shares_steps)};

vs_status vs__shares_owner_new(vs__machine **machine, vs_session *session, vs_error *error) {
    owner *o = calloc(1, sizeof *o);
    *machine = NULL;
    if (o == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    *machine = &o->machine;
    o->machine.session = session;
    o->machine.type = &types[vs__facts(&o->machine)->setup.plan->has_minimums];
    return VS_OK;
}
