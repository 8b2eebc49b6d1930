/* An owner, under the openings key and threshold: sends its contribution, and sees in the receipt that it counts. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/keyed_internal.h"
#include "crypto/guard.h"

typedef struct owner {
    vs__machine machine;
    uint8_t digest[VS_HASH_BYTES]; /* of its contribution */
    size_t *servers;               /* the receipt is waited for from one of these */
    size_t server_count;
    bool done;
} owner;

static const vs_session_setup *setup_of(const owner *o) {
    return &vs__facts(&o->machine)->setup;
}

static vs_status start(vs__machine *machine, vs_error *error) {
    owner *o = (owner *)machine;
    const vs_keyed_setup *keyed = setup_of(o)->keyed;
    vs_status status = vs__container_digest_of(o->digest, keyed->contribution, keyed->contribution_len, error);
    if (status == VS_OK) {
        status = vs__session_post(machine, VS_MESSAGE_CONTRIBUTION, VS_TO_ALL, keyed->contribution,
                                  keyed->contribution_len, error);
    }
    return status;
}

/* Why is it not in the total? The receipt may say. */
static vs_status fail_left_out(owner *o, const vs_receipt *receipt, const char *server) {
    const char *self = vs_identity_public(setup_of(o)->identity)->name;
    for (uint64_t i = 0; i < receipt->refusal_count; i++) {
        const vs_receipt_refusal *refusal = &receipt->refusals[i];
        if (strcmp(refusal->name, self) == 0 ||
            (refusal->has_digest && vs_equal(refusal->digest, o->digest, VS_HASH_BYTES))) {
            return vs__session_fail(&o->machine, VS_ERR_POLICY, "%s refused the contribution of %s: %s", server, self,
                                    refusal->reason);
        }
    }
    if (vs_receipt_find(receipt, self) != VS_NONE) {
        return vs__session_fail(&o->machine, VS_ERR_AUTH, "%s's total holds another contribution by %s than this one",
                                server, self);
    }
    return vs__session_fail(&o->machine, VS_ERR_POLICY, "%s made the total without the contribution of %s", server,
                            self);
}

static vs_status take_receipt(owner *o, const vs_message *message, vs_error *error) {
    const vs__session_facts *facts = vs__facts(&o->machine);
    const char *self = vs_identity_public(facts->setup.identity)->name;
    vs_receipt receipt = {.note_text = NULL};
    vs_status status = vs__receipt_read(&receipt, facts, message, error);
    if (status == VS_OK && VS_GUARD(keyed_receipt_inclusion, vs_receipt_holds(&receipt, self, o->digest))) {
        o->done = true;
    } else if (status == VS_OK) {
        (void)fail_left_out(o, &receipt, facts->setup.plan->parties[message->from].identity.name);
    }
    vs_receipt_clear(&receipt);
    return status;
}

static vs_status receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    owner *o = (owner *)machine;
    return message->kind == VS_MESSAGE_RECEIPT && !o->done ? take_receipt(o, message, error) : VS_OK;
}

static void look(const vs__machine *machine, vs_session_view *view) {
    const owner *o = (const owner *)machine;
    vs__keyed_look(view, setup_of(o)->plan);
    view->done = o->done;
    view->step = o->done ? view->step_count : VS__COMBINE;
    view->waiting = o->servers;
    view->waiting_count = o->done ? 0 : o->server_count;
}

static void free_owner(vs__machine *machine) {
    owner *o = (owner *)machine;
    free(o->servers);
    free(o);
}

vs_status vs__keyed_owner_new(vs__machine **machine, vs_session *session, vs_error *error) {
    static const vs__machine_type type = {.name = "owner",
                                          .steps = vs__keyed_steps,
                                          .start = start,
                                          .receive = receive,
                                          .look = look,
                                          .free = free_owner};
    owner *o = calloc(1, sizeof *o);
    *machine = NULL;
    if (o == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    o->machine = (vs__machine){.type = &type, .session = session};
    vs_status status = vs__parties_that(&o->servers, &o->server_count, setup_of(o)->plan, VS_MAY_AGGREGATE, error);
    if (status != VS_OK) {
        free_owner(&o->machine);
        return status;
    }
    *machine = &o->machine;
    return VS_OK;
}
