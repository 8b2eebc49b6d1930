/* What the messages of `shares` hold, and what can be said of them alone. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/shares_internal.h"
#include "crypto/bytes.h"
#include "crypto/guard.h"
#include "crypto/hash.h"

const char *const vs__shares_steps[] = {"share", "accepted", "counts", "values", NULL};
const char *const vs__shares_steps_without_minimums[] = {"share", "accepted", "counts", NULL};

unsigned vs__shares_step_count(const vs_plan *plan) {
    return plan->has_minimums ? VS__STEP_VALUES + 1 : VS__STEP_COUNTS + 1;
}

size_t vs__share_server(const vs_plan *plan, uint32_t party) {
    for (size_t i = 0; i < plan->server_count; i++) {
        if (plan->servers[i] == party) {
            return i;
        }
    }
    return VS_NONE;
}

size_t vs__share_carrier(const vs_plan *plan, uint32_t owner) {
    size_t itself = vs__share_server(plan, owner);
    return itself != VS_NONE ? itself : owner % plan->server_count;
}

vs_address vs__share_address(const vs__session_facts *facts, vs_message_kind kind, uint32_t from, uint32_t to) {
    return (vs_address){"veilsum shares box", {.sid = facts->sid, .step = kind, .from = from, .to = to}};
}

static const char *sender_name(const vs_plan *plan, const vs_message *message) {
    return plan->parties[message->from].identity.name;
}

/* ---- SHARE ---- */

void vs__share_id(uint8_t id[VS_HASH_BYTES], const vs_plan *plan, const uint8_t sid[VS_HASH_BYTES], uint32_t owner,
                  const uint8_t *boxes) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum shares contribution");
    vs_hash_field(&hash, sid, VS_HASH_BYTES);
    vs_hash_u64(&hash, owner);
    vs_hash_field(&hash, boxes, plan->server_count * VS__SHARE_BOX_BYTES);
    vs_hash_final(&hash, id);
}

vs_status vs__share_read(vs__share *share, const vs_encoding *encoding, size_t server, const uint8_t sid[VS_HASH_BYTES],
                         const vs_message *message, vs_error *error) {
    const vs_plan *plan = encoding->plan;
    bool carries = vs__share_carrier(plan, message->from) == server;
    size_t boxes = plan->server_count * VS__SHARE_BOX_BYTES, vector = carries ? 8 * encoding->words : 0;
    const char *name = sender_name(plan, message);
    if (!VS_GUARD(share_to_one, message->to != VS_TO_ALL)) {
        return vs_fail(error, VS_ERR_POLICY, "%s: its 'share' is to all, not to this server", name);
    }
    if (message->body_len != boxes + vector) {
        vs_fail(error, VS_ERR_FORMAT, "%s: its 'share' is not of the plan's length", name);
        vs_hint(error, "it was made by another program, or by a newer version of this one");
        return VS_ERR_FORMAT;
    }
    share->box = message->body + server * VS__SHARE_BOX_BYTES;
    share->vector = carries ? message->body + boxes : NULL;
    vs__share_id(share->id, plan, sid, message->from, message->body);
    return VS_OK;
}

/* ---- ACCEPTED ---- */

static vs_status read_entries(vs__accepted *list, size_t count, const vs_plan *plan, const vs_message *message,
                              vs_error *error) {
    const char *name = sender_name(plan, message);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = message->body + i * VS__ACCEPTED_BYTES;
        list[i].owner = (uint32_t)vs_get_le(at, 4);
        memcpy(list[i].id, at + 4, VS_HASH_BYTES);
        if (list[i].owner >= plan->party_count || !(plan->parties[list[i].owner].may & VS_MAY_CONTRIBUTE)) {
            return vs_fail(error, VS_ERR_FORMAT, "%s: its list has somebody who may not contribute", name);
        }
        if (!VS_GUARD(accepted_once, i == 0 || list[i - 1].owner < list[i].owner)) {
            return vs_fail(error, VS_ERR_FORMAT, "%s: its list has an owner twice, or is not in order", name);
        }
    }
    return VS_OK;
}

vs_status vs__accepted_read(vs__accepted **list, size_t *count, const vs_plan *plan, const vs_message *message,
                            vs_error *error) {
    const char *name = sender_name(plan, message);
    *list = NULL;
    *count = message->body_len / VS__ACCEPTED_BYTES;
    if (!VS_GUARD(accepted_to_all, message->to == VS_TO_ALL)) {
        vs_fail(error, VS_ERR_POLICY, "%s: its list is to one party alone", name);
        vs_hint(error, "a server tells all the same; this one may be telling different things");
        return VS_ERR_POLICY;
    }
    if (message->body_len % VS__ACCEPTED_BYTES != 0 || *count > plan->contributors_max) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: its list is not of a length that the plan knows", name);
    }
    *list = malloc((*count + 1) * sizeof **list);
    if (*list == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = read_entries(*list, *count, plan, message, error);
    if (status != VS_OK) {
        free(*list);
        *list = NULL;
    }
    return status;
}

vs_status vs__accepted_write(uint8_t **body, size_t *len, const vs__accepted *list, size_t count, vs_error *error) {
    *len = count * VS__ACCEPTED_BYTES;
    *body = malloc(*len + 1);
    if (*body == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        vs_put_le(*body + i * VS__ACCEPTED_BYTES, list[i].owner, 4);
        memcpy(*body + i * VS__ACCEPTED_BYTES + 4, list[i].id, VS_HASH_BYTES);
    }
    return VS_OK;
}
