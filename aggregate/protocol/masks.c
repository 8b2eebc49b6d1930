#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_internal.h"

/* ---- what the plan says ---- */

/* Rounded up: a percentage of few owners is at least one of them. */
static size_t percent_of(size_t count, unsigned percent) {
    return (count * percent + 99) / 100;
}

void vs__masks_rules_make(vs__masks_rules *rules, const vs__session_facts *facts) {
    const vs_plan *plan = facts->setup.plan;
    *rules = (vs__masks_rules){.plan = plan, .sid = facts->sid, .owners = plan->contributing_count};
    while (!(plan->parties[rules->server].may & VS_MAY_AGGREGATE)) {
        rules->server++;
    }
    rules->corrupt = percent_of(rules->owners, plan->corrupt_percent);
    rules->quorum = (rules->owners + rules->corrupt) / 2 + 1;
    rules->coins = rules->owners > VS_GRAPH_COMPLETE;
    rules->bits = (plan->party_count + 7) / 8;
}

const char *const vs__masks_steps[] = {"advertise", "share", "mask", "agree", "unmask", NULL};
const char *const vs__masks_steps_with_coins[] = {"advertise", "coin", "share", "mask", "agree", "unmask", NULL};

unsigned vs__masks_step(const vs__masks_rules *rules, unsigned step) {
    return rules->coins || step <= VS__STEP_ADVERTISE ? step : step - 1;
}

vs_graph_crowd vs__masks_crowd(const vs__masks_rules *rules, size_t count) {
    size_t absent = percent_of(count, rules->plan->absent_percent);
    size_t corrupt = rules->corrupt < count ? rules->corrupt : count;
    return (vs_graph_crowd){(uint32_t)count, (uint32_t)corrupt, (uint32_t)absent};
}

void vs__masks_mix(uint8_t out[VS_HASH_BYTES], const vs__masks_rules *rules, const uint8_t *coins, size_t stride,
                   size_t count) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum masks graph");
    vs_hash_field(&hash, rules->sid, VS_HASH_BYTES);
    for (size_t i = 0; i < count; i++) {
        vs_hash_field(&hash, coins + i * stride, VS_HASH_BYTES);
    }
    vs_hash_final(&hash, out);
}

/* ---- sets of parties ---- */

static vs_status count_organisations(const vs__masks_rules *rules, const uint8_t *set, size_t *distinct,
                                     vs_error *error) {
    bool *seen = calloc(rules->plan->organisation_count, sizeof *seen);
    if (seen == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    *distinct = 0;
    for (uint32_t i = 0; i < rules->plan->party_count; i++) {
        bool *mark = &seen[rules->plan->parties[i].organisation_index];
        *distinct += vs__has(set, i) && !*mark;
        *mark |= vs__has(set, i);
    }
    free(seen);
    return VS_OK;
}

static vs_status too_few(const vs__masks_rules *rules, vs_error *error, size_t count) {
    vs_fail(error, VS_ERR_POLICY, "%zu of %zu owners are there; an agreement takes %zu of them", count, rules->owners,
            rules->quorum);
    vs_hint(error, "nothing has been opened: begin another attempt when more of them can take part");
    return VS_ERR_POLICY;
}

vs_status vs__masks_check_set(const vs__masks_rules *rules, const uint8_t *set, size_t *count, vs_error *error) {
    size_t members = 0, organisations = 0;
    for (uint32_t i = 0; i < 8 * rules->bits; i++) {
        if (vs__has(set, i) && !vs__is_owner(rules, i)) {
            return vs_fail(error, VS_ERR_POLICY, "a list with somebody on it whom the plan does not let contribute");
        }
        members += vs__has(set, i);
    }
    if (count != NULL) {
        *count = members;
    }
    if (members > rules->plan->contributors_max) {
        return vs_fail(error, VS_ERR_POLICY, "a list of more contributors than the plan allows");
    }
    if (!VS_GUARD(masks_enough_owners, members >= rules->quorum)) {
        return too_few(rules, error, members);
    }
    vs_status status = count_organisations(rules, set, &organisations, error);
    if (status == VS_OK && !VS_GUARD(masks_minimum, organisations >= rules->plan->contributors_min)) {
        vs_fail(error, VS_ERR_POLICY, "%zu organisations are there; the plan asks for %llu", organisations,
                (unsigned long long)rules->plan->contributors_min);
        vs_hint(error, "nothing has been opened: begin another attempt when more of them can take part");
        status = VS_ERR_POLICY;
    }
    return status;
}

/* ---- bodies ---- */

vs_status vs__list_read(vs__list *list, const vs_message *message, size_t *at, size_t entry_bytes, vs_error *error) {
    size_t left = message->body_len - *at;
    if (left < 4 || vs_get_le(message->body + *at, 4) > (left - 4) / entry_bytes) {
        return vs_fail(error, VS_ERR_FORMAT, "'%s' is shorter than it says", vs_message_kind_name(message->kind));
    }
    list->count = (size_t)vs_get_le(message->body + *at, 4);
    list->entries = message->body + *at + 4;
    *at += 4 + list->count * entry_bytes;
    return VS_OK;
}

vs_status vs__body_ends(const vs_message *message, size_t at, vs_error *error) {
    if (at != message->body_len) {
        return vs_fail(error, VS_ERR_FORMAT, "'%s' has another length than it should",
                       vs_message_kind_name(message->kind));
    }
    return VS_OK;
}

vs_status vs__masks_from_server(const vs__masks_rules *rules, const vs_message *message, vs_error *error) {
    if (message->from == rules->server) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_POLICY, "%s: is not the server of this session", vs__name_of(rules, message->from));
    vs_hint(error, "with masks it is the first party of the roster that may aggregate: %s",
            vs__name_of(rules, rules->server));
    return VS_ERR_POLICY;
}

/* ---- advertisements ---- */

void vs__advert_body(uint8_t out[VS__ADVERT_BYTES], const vs__advert *advert) {
    memcpy(out, advert->mask_key, VS__KEY_BYTES);
    memcpy(out + VS__KEY_BYTES, advert->box_key, VS__KEY_BYTES);
    memcpy(out + 2 * VS__KEY_BYTES, advert->seed_commitment, VS_HASH_BYTES);
    memcpy(out + 2 * VS__KEY_BYTES + VS_HASH_BYTES, advert->coin_commitment, VS_HASH_BYTES);
}

vs_status vs__advert_read(vs__advert *advert, const vs_message *message, vs_error *error) {
    vs_status status = vs__body_ends(message, VS__ADVERT_BYTES, error);
    if (status == VS_OK) {
        const uint8_t *body = message->body;
        advert->party = message->from;
        memcpy(advert->id, message->id, VS_HASH_BYTES);
        memcpy(advert->mask_key, body, VS__KEY_BYTES);
        memcpy(advert->box_key, body + VS__KEY_BYTES, VS__KEY_BYTES);
        memcpy(advert->seed_commitment, body + 2 * VS__KEY_BYTES, VS_HASH_BYTES);
        memcpy(advert->coin_commitment, body + 2 * VS__KEY_BYTES + VS_HASH_BYTES, VS_HASH_BYTES);
    }
    return status;
}

vs_status vs__advert_passed_on(vs__advert *advert, const vs__masks_rules *rules,
                               const uint8_t bytes[VS__ADVERT_MESSAGE_BYTES], vs_error *error) {
    vs_message message;
    vs_status status = vs_message_read(&message, rules->plan, rules->sid, bytes, VS__ADVERT_MESSAGE_BYTES, error);
    if (status == VS_OK && message.kind != VS_MESSAGE_ADVERTISE) {
        status = vs_fail(error, VS_ERR_FORMAT, "something else in place of an advertisement");
    }
    return status == VS_OK ? vs__advert_read(advert, &message, error) : status;
}

void vs__masks_commit(uint8_t out[VS_HASH_BYTES], const char *label, const vs__masks_rules *rules, uint32_t party,
                      const uint8_t secret[32]) {
    vs_hash hash;
    vs_hash_init(&hash, label);
    vs_hash_field(&hash, rules->sid, VS_HASH_BYTES);
    vs_hash_u64(&hash, party);
    vs_hash_field(&hash, secret, 32);
    vs_hash_final(&hash, out);
}

/* ---- shares and masks ---- */

void vs__share_hash(uint8_t out[VS_HASH_BYTES], const vs__masks_rules *rules, const vs__share_place *place,
                    const uint8_t half[VS__HALF_BYTES]) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum masks share");
    vs_hash_field(&hash, rules->sid, VS_HASH_BYTES);
    vs_hash_u64(&hash, place->dealer);
    vs_hash_u64(&hash, place->holder);
    vs_hash_u64(&hash, place->kind);
    vs_hash_field(&hash, half, VS__HALF_BYTES);
    vs_hash_final(&hash, out);
}

vs_status vs__pair_key(uint8_t out[32], const vs__masks_rules *rules, uint32_t own, uint32_t peer,
                       const uint8_t own_secret[VS__KEY_BYTES], const uint8_t own_public[VS__KEY_BYTES],
                       const uint8_t peer_public[VS__KEY_BYTES]) {
    const vs_binding binding = {
        .sid = rules->sid, .step = VS_MESSAGE_MASKED, .from = own < peer ? own : peer, .to = own < peer ? peer : own};
    return vs_agreement_key(out, own_secret, own_public, peer_public, "veilsum masks pair", &binding);
}

void vs__self_key(uint8_t out[32], const vs__masks_rules *rules, uint32_t owner, const uint8_t seed[32]) {
    const vs_binding binding = {.sid = rules->sid, .step = VS_MESSAGE_MASKED, .from = owner, .to = owner};
    vs_derive(out, 32, seed, "veilsum masks self", &binding);
}

/* ---- what is agreed on ---- */

void vs__masks_leaf(uint8_t out[VS_HASH_BYTES], const vs__masks_rules *rules, uint32_t owner, const uint8_t *bytes,
                    size_t len) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum masks vector");
    vs_hash_field(&hash, rules->sid, VS_HASH_BYTES);
    vs_hash_u64(&hash, owner);
    vs_hash_field(&hash, bytes, len);
    vs_hash_final(&hash, out);
}

/* What an owner signs is its message 'agree', which is to the server. */
static bool has_signed(const vs__masks_rules *rules, uint32_t owner, const uint8_t *statement,
                       const uint8_t signature[VS_SIGNATURE_BYTES]) {
    const vs_message_header header = {.kind = VS_MESSAGE_AGREE, .from = owner, .to = rules->server, .sid = rules->sid};
    return vs_message_signed(rules->plan, &header, statement, vs__statement_bytes(rules), signature) == VS_OK;
}

vs_status vs__masks_check_signers(const vs__masks_rules *rules, const uint8_t *statement, const vs__list *signers,
                                  vs_error *error) {
    uint64_t next = 0;
    size_t count = 0;
    for (; count < signers->count && count < rules->quorum; count++) {
        const uint8_t *entry = signers->entries + count * VS__SIGNED_BYTES;
        uint32_t owner = (uint32_t)vs_get_le(entry, 4);
        if (owner < next || !vs__is_owner(rules, owner)) {
            return vs_fail(error, VS_ERR_FORMAT, "a list of signatures that is not in order");
        }
        next = (uint64_t)owner + 1;
        if (!VS_GUARD(masks_agree_signature, has_signed(rules, owner, statement, entry + 4))) {
            return vs_fail(error, VS_ERR_AUTH, "%s: has not signed this list of survivors", vs__name_of(rules, owner));
        }
    }
    if (!VS_GUARD(masks_quorum, count >= rules->quorum)) {
        vs_fail(error, VS_ERR_POLICY, "%zu owners have signed this list of survivors; it takes %zu of all %zu", count,
                rules->quorum, rules->owners);
        vs_hint(error, "the server shows others another list, or they are gone; nothing has been given away");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}
