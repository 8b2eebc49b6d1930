/* An owner's first step: it advertises its keys, and learns who takes part and who its neighbours are. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_owner.h"
#include "crypto/secret.h"

/* Whoever does not reveal its coin chooses between two graphs. So few restarts leave it few choices. */
#define MAX_ATTEMPTS_WITH_COINS 16u

vs_status vs__owner_advertise(vs__owner *o, vs_error *error) {
    const vs__session_facts *facts = vs__facts(&o->base);
    uint8_t body[VS__ADVERT_BYTES];
    vs__owner_secrets s;
    if (o->rules.coins && facts->setup.attempt >= MAX_ATTEMPTS_WITH_COINS) {
        vs_fail(error, VS_ERR_POLICY, "attempt %llu: each one lets those who stop it choose among graphs",
                (unsigned long long)facts->setup.attempt);
        vs_hint(error, "no more than %u attempts are made with so many owners: who does not reveal its coin?",
                MAX_ATTEMPTS_WITH_COINS);
        return VS_ERR_POLICY;
    }
    vs__owner_secrets_make(&s, o);
    o->own.party = facts->self;
    vs_agreement_public(o->own.mask_key, s.mask_secret);
    vs_agreement_public(o->own.box_key, s.box_secret);
    vs__masks_commit(o->own.seed_commitment, VS__SEED_LABEL, &o->rules, facts->self, s.seed);
    vs__masks_commit(o->own.coin_commitment, VS__COIN_LABEL, &o->rules, facts->self, s.coin);
    vs_wipe(&s, sizeof s);
    vs__advert_body(body, &o->own);
    return vs__session_post(&o->base, VS_MESSAGE_ADVERTISE, o->rules.server, body, sizeof body, error);
}

/* ---- who takes part ---- */

/* The set is complete: may this owner go on with it? Being left out is the server's right, and ends the session. */
static vs_status check_set(vs__owner *o, const uint8_t *set, size_t *count, vs_error *error) {
    uint32_t self = vs__facts(&o->base)->self;
    vs_status status = vs__masks_check_set(&o->rules, set, count, error);
    if (status == VS_OK && !vs__has(set, self)) {
        (void)vs__session_fail(&o->base, VS_ERR_POLICY,
                               "%s: the server went on without this owner, whose message it says came too late",
                               vs__name_of(&o->rules, self));
    }
    return status;
}

static vs_status out_of_order(vs_error *error) {
    return vs_fail(error, VS_ERR_FORMAT, "a directory that is not in the order of the roster");
}

static vs_status make_peers(vs__owner *o, size_t count, vs_error *error) {
    free(o->peers);
    o->peers = calloc(count, sizeof *o->peers);
    o->peer_count = o->peers == NULL ? 0 : count;
    return o->peers == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

static void peer_from(vs__peer *peer, const vs__advert *advert) {
    *peer = (vs__peer){.party = advert->party};
    memcpy(peer->mask_key, advert->mask_key, VS__KEY_BYTES);
    memcpy(peer->box_key, advert->box_key, VS__KEY_BYTES);
}

/* One that is passed on: the next in order, the one that the directory lists, and one's own where it is one's own. */
static vs_status check_advert(const vs__owner *o, const vs__advert *advert, size_t at, vs_error *error) {
    if (at > 0 && advert->party <= o->peers[at - 1].party) {
        return out_of_order(error);
    }
    if (o->ids != NULL && !VS_GUARD(masks_directory_id, memcmp(advert->id, o->ids[at], VS_HASH_BYTES) == 0)) {
        return vs_fail(error, VS_ERR_AUTH, "%s: another advertisement than the one in the directory",
                       vs__name_of(&o->rules, advert->party));
    }
    if (advert->party == o->own.party && memcmp(advert->mask_key, o->own.mask_key, VS__KEY_BYTES) != 0) {
        vs_fail(error, VS_ERR_POLICY, "%s: the directory has other keys for this owner",
                vs__name_of(&o->rules, advert->party));
        vs_hint(error, "this identity has taken part before, and its journal is not here");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}

/* Advertisements, each a whole message, in order, into peers. */
static vs_status read_adverts(vs__owner *o, const vs__list *list, vs_error *error) {
    vs_status status = make_peers(o, list->count, error);
    for (size_t i = 0; status == VS_OK && i < list->count; i++) {
        vs__advert advert;
        status = vs__advert_passed_on(&advert, &o->rules, list->entries + i * VS__ADVERT_MESSAGE_BYTES, error);
        if (status == VS_OK) {
            status = check_advert(o, &advert, i, error);
        }
        if (status == VS_OK) {
            peer_from(&o->peers[i], &advert);
        }
    }
    return status;
}

/* Up to VS_GRAPH_COMPLETE owners the directory is everybody's advertisement, and everybody is a neighbour. */
static vs_status take_everybody(vs__owner *o, const vs__list *list, vs_error *error) {
    vs_graph_size size = {.degree = 0};
    vs_status status = read_adverts(o, list, error);
    memset(o->set, 0, o->rules.bits);
    for (size_t i = 0; status == VS_OK && i < o->peer_count; i++) {
        vs__include(o->set, o->peers[i].party);
    }
    if (status == VS_OK) {
        status = check_set(o, o->set, &o->set_count, error);
    }
    if (status == VS_OK) {
        const vs_graph_crowd crowd = vs__masks_crowd(&o->rules, o->set_count);
        status = vs_graph_measure(&size, &crowd, error);
        o->threshold = size.threshold;
    }
    if (status == VS_OK && vs__has(o->set, vs__facts(&o->base)->self)) {
        status = vs__owner_deal(o, error);
    }
    return status;
}

/* ---- beyond that: coins ---- */

/* H over what a directory lists: places, advertisements, commitments. */
static void listed(vs_hash *hash, const vs__masks_rules *rules) {
    vs_hash_init(hash, "veilsum masks directory");
    vs_hash_field(hash, rules->sid, VS_HASH_BYTES);
}

static void list_one(vs_hash *hash, uint32_t party, const uint8_t *id, const uint8_t *commitment) {
    vs_hash_u64(hash, party);
    vs_hash_field(hash, id, VS_HASH_BYTES);
    vs_hash_field(hash, commitment, VS_HASH_BYTES);
}

static vs_status reveal(vs__owner *o, vs_error *error) {
    vs__owner_secrets s;
    vs__owner_secrets_make(&s, o);
    vs_status status = vs__session_post(&o->base, VS_MESSAGE_COIN, o->rules.server, s.coin, sizeof s.coin, error);
    vs_wipe(&s, sizeof s);
    if (status == VS_OK) {
        o->state = VS__OWNER_COINS;
    }
    return status;
}

/* Only its hash is kept: whoever lists the coins lists the rest once more. */
static vs_status take_list(vs__owner *o, const vs__list *list, vs_error *error) {
    vs_hash hash;
    uint64_t next = 0;
    listed(&hash, &o->rules);
    memset(o->set, 0, o->rules.bits);
    for (size_t i = 0; i < list->count; i++) {
        const uint8_t *entry = list->entries + i * VS__LISTED_BYTES;
        uint32_t party = (uint32_t)vs_get_le(entry, 4);
        if (party < next || party >= o->rules.plan->party_count) {
            return out_of_order(error);
        }
        next = (uint64_t)party + 1;
        vs__include(o->set, party);
        list_one(&hash, party, entry + 4, entry + 4 + VS_HASH_BYTES);
    }
    vs_hash_final(&hash, o->directory);
    vs_status status = check_set(o, o->set, &o->set_count, error);
    return status == VS_OK && vs__has(o->set, vs__facts(&o->base)->self) ? reveal(o, error) : status;
}

vs_status vs__owner_directory(vs__owner *o, const vs_message *message, vs_error *error) {
    vs__list list;
    size_t at = 0, entry = o->rules.coins ? VS__LISTED_BYTES : VS__ADVERT_MESSAGE_BYTES;
    vs_status status = vs__list_read(&list, message, &at, entry, error);
    if (status == VS_OK) {
        status = vs__body_ends(message, at, error);
    }
    if (status != VS_OK) {
        return status;
    }
    return o->rules.coins ? take_list(o, &list, error) : take_everybody(o, &list, error);
}

/* The coins are those that the directory's commitments are to. */
static vs_status check_coins(const vs__owner *o, const vs__list *list, vs_error *error) {
    vs_hash hash;
    uint8_t commitment[VS_HASH_BYTES];
    listed(&hash, &o->rules);
    for (size_t i = 0; i < list->count; i++) {
        const uint8_t *entry = list->entries + i * VS__LISTED_BYTES;
        uint32_t party = (uint32_t)vs_get_le(entry, 4);
        vs__masks_commit(commitment, VS__COIN_LABEL, &o->rules, party, entry + 4 + VS_HASH_BYTES);
        list_one(&hash, party, entry + 4, commitment);
    }
    vs_hash_final(&hash, commitment);
    if (!VS_GUARD(masks_coins, memcmp(commitment, o->directory, VS_HASH_BYTES) == 0)) {
        vs_fail(error, VS_ERR_AUTH, "the coins are not those that the owners committed themselves to");
        vs_hint(error, "the server would choose who masks with whom");
        return VS_ERR_AUTH;
    }
    return VS_OK;
}

/* Who the neighbours are follows from the coins; their advertisements come next. */
static vs_status find_neighbours(vs__owner *o, const vs__list *list, vs_error *error) {
    uint8_t coins[VS_HASH_BYTES];
    uint32_t holders[256], rank = 0, self = vs__facts(&o->base)->self;
    const vs_graph_crowd crowd = vs__masks_crowd(&o->rules, list->count);
    vs_graph graph;
    vs__masks_mix(coins, &o->rules, list->entries + 4 + VS_HASH_BYTES, VS__LISTED_BYTES, list->count);
    vs_status status = vs_graph_make(&graph, &crowd, coins, error);
    if (status != VS_OK) {
        return status;
    }
    o->threshold = graph.size.threshold;
    size_t count = vs_graph_holder_count(&graph);
    free(o->ids);
    o->ids = calloc(count, sizeof *o->ids);
    status = o->ids == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : make_peers(o, count, error);
    while (rank < list->count && vs_get_le(list->entries + rank * VS__LISTED_BYTES, 4) != self) {
        rank++;
    }
    if (status == VS_OK && rank < list->count) {
        vs_graph_holders(&graph, rank, holders);
        for (size_t i = 0; i < count; i++) {
            const uint8_t *entry = list->entries + holders[i] * VS__LISTED_BYTES;
            o->peers[i].party = (uint32_t)vs_get_le(entry, 4);
            memcpy(o->ids[i], entry + 4, VS_HASH_BYTES);
        }
    }
    vs_graph_clear(&graph);
    return status;
}

vs_status vs__owner_coins(vs__owner *o, const vs_message *message, vs_error *error) {
    vs__list list;
    size_t at = 0;
    vs_status status = vs__list_read(&list, message, &at, VS__LISTED_BYTES, error);
    if (status == VS_OK) {
        status = vs__body_ends(message, at, error);
    }
    if (status == VS_OK && list.count != o->set_count) {
        status = vs_fail(error, VS_ERR_FORMAT, "not as many coins as there are owners in the directory");
    }
    if (status == VS_OK) {
        status = check_coins(o, &list, error);
    }
    if (status == VS_OK) {
        status = find_neighbours(o, &list, error);
    }
    if (status == VS_OK) {
        o->state = VS__OWNER_NEIGHBOURS;
    }
    return status;
}

/* By their ids they are the neighbours' and no others. */
vs_status vs__owner_neighbours(vs__owner *o, const vs_message *message, vs_error *error) {
    vs__list list;
    size_t at = 0;
    vs_status status = vs__list_read(&list, message, &at, VS__ADVERT_MESSAGE_BYTES, error);
    if (status == VS_OK) {
        status = vs__body_ends(message, at, error);
    }
    if (status == VS_OK && list.count != o->peer_count) {
        status = vs_fail(error, VS_ERR_FORMAT, "not as many neighbours as the graph has");
    }
    if (status == VS_OK) {
        status = read_adverts(o, &list, error);
    }
    return status == VS_OK ? vs__owner_deal(o, error) : status;
}
