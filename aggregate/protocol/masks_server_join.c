/* The server's first step: who takes part, and beyond VS_GRAPH_COMPLETE owners in which order on the circle. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_server.h"
#include "crypto/secret.h"

/* A key of small order gives everybody the same outcome, whatever the other one: owners would refuse it, so it is
 * refused before it gets to them. */
static bool is_usable(const vs__masks_rules *rules, const uint8_t key[VS__KEY_BYTES]) {
    static const uint8_t seed[32] = {1};
    uint8_t own_public[VS__KEY_BYTES], own_secret[VS__KEY_BYTES], out[32];
    const vs_binding binding = {.sid = rules->sid};
    vs_agreement_keypair(own_public, own_secret, seed);
    return vs_agreement_key(out, own_secret, own_public, key, "veilsum masks usable", &binding) == VS_OK;
}

vs_status vs__server_advertise(vs__server *s, vs__member *from, const vs_message *message, vs_error *error) {
    vs_status status = vs__advert_read(&from->advert, message, error);
    if (status == VS_OK &&
        !(is_usable(&s->rules, from->advert.mask_key) && is_usable(&s->rules, from->advert.box_key))) {
        status = vs_fail(error, VS_ERR_RANGE, "%s: has advertised a key that everybody could use",
                         vs__name_of(&s->rules, message->from));
    }
    if (status == VS_OK) {
        memcpy(from->advert_message, message->bytes, VS__ADVERT_MESSAGE_BYTES);
    }
    return status;
}

static void close_list(vs__server *s) {
    s->count = 0;
    for (uint32_t i = 0; i < s->rules.plan->party_count; i++) {
        if (s->members[i].deeds & VS__ADVERTISED) {
            s->members[i].rank = (uint32_t)s->count;
            s->order[s->count++] = i;
        }
    }
}

/* Advertisements of those named, each a whole message; those of all where `ranks` is NULL. */
static vs_status post_adverts(vs__server *s, const uint32_t *ranks, size_t count, uint32_t to, vs_error *error) {
    size_t len = 4 + count * VS__ADVERT_MESSAGE_BYTES;
    uint8_t *body = malloc(len);
    if (body == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_put_le(body, count, 4);
    for (size_t i = 0; i < count; i++) {
        memcpy(body + 4 + i * VS__ADVERT_MESSAGE_BYTES, vs__ranked(s, ranks == NULL ? i : ranks[i])->advert_message,
               VS__ADVERT_MESSAGE_BYTES);
    }
    vs_status status = vs__session_post(&s->base, VS_MESSAGE_DIRECTORY, to, body, len, error);
    free(body);
    return status;
}

/* Places, ids of advertisements, and commitments to coins or the coins themselves. */
static vs_status post_list(vs__server *s, vs_message_kind kind, vs_error *error) {
    size_t len = 4 + s->count * VS__LISTED_BYTES;
    uint8_t *body = malloc(len);
    if (body == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_put_le(body, s->count, 4);
    for (size_t i = 0; i < s->count; i++) {
        uint8_t *entry = body + 4 + i * VS__LISTED_BYTES;
        const vs__member *m = vs__ranked(s, i);
        vs_put_le(entry, s->order[i], 4);
        memcpy(entry + 4, m->advert.id, VS_HASH_BYTES);
        memcpy(entry + 4 + VS_HASH_BYTES, kind == VS_MESSAGE_COINS ? m->coin : m->advert.coin_commitment,
               VS_HASH_BYTES);
    }
    vs_status status = vs__session_post(&s->base, kind, VS_TO_ALL, body, len, error);
    free(body);
    return status;
}

vs_status vs__server_direct(vs__server *s, vs_error *error) {
    vs_status status = vs__server_check(s, VS__ADVERTISED, error);
    if (status != VS_OK) {
        return status;
    }
    close_list(s);
    if (s->rules.coins) {
        s->state = VS__SERVER_COIN;
        return post_list(s, VS_MESSAGE_DIRECTORY, error);
    }
    const vs_graph_crowd crowd = vs__masks_crowd(&s->rules, s->count);
    status = vs_graph_make(&s->graph, &crowd, NULL, error);
    s->state = VS__SERVER_DEALING;
    return status == VS_OK ? post_adverts(s, NULL, s->count, VS_TO_ALL, error) : status;
}

/* ---- coins ---- */

vs_status vs__server_coin(vs__server *s, vs__member *from, const vs_message *message, vs_error *error) {
    uint8_t commitment[VS_HASH_BYTES];
    vs_status status = vs__body_ends(message, VS_HASH_BYTES, error);
    if (status == VS_OK) {
        vs__masks_commit(commitment, VS__COIN_LABEL, &s->rules, message->from, message->body);
        if (memcmp(commitment, from->advert.coin_commitment, VS_HASH_BYTES) != 0) {
            return vs_fail(error, VS_ERR_AUTH, "%s: reveals another coin than the one it has committed itself to",
                           vs__name_of(&s->rules, message->from));
        }
        memcpy(from->coin, message->body, VS_HASH_BYTES);
    }
    return status;
}

static vs_status make_graph(vs__server *s, vs_error *error) {
    uint8_t coins[VS_HASH_BYTES], *all = malloc(s->count * VS_HASH_BYTES);
    const vs_graph_crowd crowd = vs__masks_crowd(&s->rules, s->count);
    if (all == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < s->count; i++) {
        memcpy(all + i * VS_HASH_BYTES, vs__ranked(s, i)->coin, VS_HASH_BYTES);
    }
    vs__masks_mix(coins, &s->rules, all, VS_HASH_BYTES, s->count);
    free(all);
    return vs_graph_make(&s->graph, &crowd, coins, error);
}

/* One coin that is not revealed would let its owner choose between two graphs, so nobody may be left out here. */
vs_status vs__server_toss(vs__server *s, vs_error *error) {
    for (size_t i = 0; i < s->count; i++) {
        if (!(vs__ranked(s, i)->deeds & VS__REVEALED)) {
            const char *name = vs__name_of(&s->rules, s->order[i]);
            (void)vs__session_fail(&s->base, VS_ERR_POLICY, "%s: has not revealed its coin", name);
            vs_fail(error, VS_ERR_POLICY, "%s: has not revealed its coin", name);
            vs_hint(error, "nothing has been sent of anybody's values: begin the next attempt");
            return VS_ERR_POLICY;
        }
    }
    vs_status status = make_graph(s, error);
    s->state = VS__SERVER_DEALING;
    if (status == VS_OK) {
        status = post_list(s, VS_MESSAGE_COINS, error);
    }
    for (uint32_t i = 0; status == VS_OK && i < s->count; i++) {
        uint32_t holders[256];
        vs_graph_holders(&s->graph, i, holders);
        status = post_adverts(s, holders, vs_graph_holder_count(&s->graph), s->order[i], error);
    }
    return status;
}
