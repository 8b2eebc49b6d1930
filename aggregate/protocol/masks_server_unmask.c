/* The server's last step: from shares it rebuilds what takes the masks off, and publishes the sum. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_server.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"
#include "crypto/sharing/mask.h"

/* ---- shares ---- */

static vs__secret_kind kind_for(const vs__member *dealer) {
    return dealer->deeds & VS__MASKED ? VS__SELF_SEED : VS__MASK_KEY;
}

/* One share: of a neighbour, of the kind that the list decides, and what that neighbour has committed itself to. */
static vs_status check_share(const vs__server *s, uint32_t holder, const uint8_t *entry, vs_error *error) {
    uint32_t party = (uint32_t)vs_get_le(entry, 4), index = VS_GRAPH_NONE;
    uint8_t hash[VS_HASH_BYTES];
    const vs__member *dealer = party < s->rules.plan->party_count ? &s->members[party] : NULL;
    if (dealer != NULL && dealer->deeds & VS__DEALT) {
        index = vs_graph_holder_index(&s->graph, dealer->rank, s->members[holder].rank);
    }
    if (index == VS_GRAPH_NONE || vs_get_le(entry + 4, 4) != kind_for(dealer)) {
        return vs_fail(error, VS_ERR_POLICY, "%s: gives away a share that nobody asks it for",
                       vs__name_of(&s->rules, holder));
    }
    const vs__share_place place = {party, holder, kind_for(dealer)};
    const uint8_t *committed =
        dealer->dealt + index * 2 * VS_HASH_BYTES + (place.kind == VS__SELF_SEED ? VS_HASH_BYTES : 0);
    vs__share_hash(hash, &s->rules, &place, entry + 8);
    if (!VS_GUARD(masks_revealed_share, memcmp(hash, committed, VS_HASH_BYTES) == 0)) {
        vs_fail(error, VS_ERR_AUTH, "%s: its share of what %s has dealt is not the one that was dealt",
                vs__name_of(&s->rules, holder), vs__name_of(&s->rules, party));
        vs_hint(error, "one of both lies, most likely %s; the sum goes on without its shares",
                vs__name_of(&s->rules, holder));
        return VS_ERR_AUTH;
    }
    return VS_OK;
}

static vs_status keep_share(vs__server *s, vs__member *dealer, uint32_t holder_rank, const uint8_t *share,
                            vs_error *error) {
    unsigned threshold = s->graph.size.threshold;
    if (dealer->points == NULL) {
        dealer->points = malloc(threshold);
        dealer->shares = malloc((size_t)threshold * VS__SHARE_BYTES);
        if (dealer->points == NULL || dealer->shares == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
    }
    if (dealer->share_count < threshold) {
        dealer->points[dealer->share_count] =
            (uint8_t)(vs_graph_holder_index(&s->graph, dealer->rank, holder_rank) + 1);
        memcpy(dealer->shares + (size_t)dealer->share_count * VS__SHARE_BYTES, share, VS__SHARE_BYTES);
        dealer->share_count++;
        s->lacking -= dealer->needed && dealer->share_count == threshold;
    }
    return VS_OK;
}

/* All is looked at before any of it is kept. */
vs_status vs__server_unmask(vs__server *s, vs__member *from, const vs_message *message, vs_error *error) {
    vs__list list;
    size_t at = 0;
    uint64_t next = 0;
    vs_status status = vs__list_read(&list, message, &at, VS__UNMASK_BYTES, error);
    if (status == VS_OK) {
        status = vs__body_ends(message, at, error);
    }
    for (size_t i = 0; status == VS_OK && i < list.count; i++) {
        const uint8_t *entry = list.entries + i * VS__UNMASK_BYTES;
        if (vs_get_le(entry, 4) < next) {
            return vs_fail(error, VS_ERR_FORMAT, "%s: a list of shares that is not in order",
                           vs__name_of(&s->rules, message->from));
        }
        next = vs_get_le(entry, 4) + 1;
        status = check_share(s, message->from, entry, error);
    }
    for (size_t i = 0; status == VS_OK && i < list.count; i++) {
        const uint8_t *entry = list.entries + i * VS__UNMASK_BYTES;
        status = keep_share(s, &s->members[vs_get_le(entry, 4)], from->rank, entry + 8, error);
    }
    return status;
}

/* ---- rebuilding ---- */

/* Masks to take off: one for each survivor's seed, and for each lost owner one a neighbour that survived. */
typedef struct rebuilding {
    vs__server *server;
    vs_mask *masks;
    size_t *first; /* of each rank */
} rebuilding;

static size_t masks_of(const vs__server *s, uint32_t rank) {
    uint32_t peers[256];
    const vs__member *m = vs__ranked(s, rank);
    size_t count = 0, all = vs_graph_holder_count(&s->graph);
    if (!m->needed || m->deeds & VS__MASKED) {
        return m->needed ? 1 : 0;
    }
    vs_graph_holders(&s->graph, rank, peers);
    for (size_t i = 0; i < all; i++) {
        count += (vs__ranked(s, peers[i])->deeds & VS__MASKED) != 0;
    }
    return count;
}

/* The secret is what its owner has advertised, or it has dealt something else. */
static bool is_advertised(const vs__server *s, const vs__member *m, const uint8_t secret[32]) {
    uint8_t check[32];
    if (m->deeds & VS__MASKED) {
        vs__masks_commit(check, VS__SEED_LABEL, &s->rules, m->advert.party, secret);
        return memcmp(check, m->advert.seed_commitment, sizeof check) == 0;
    }
    vs_agreement_public(check, secret);
    return memcmp(check, m->advert.mask_key, sizeof check) == 0;
}

static vs_status pair_masks(const vs__server *s, uint32_t rank, const uint8_t secret[32], vs_mask *masks) {
    uint32_t peers[256];
    const vs__member *lost = vs__ranked(s, rank);
    size_t all = vs_graph_holder_count(&s->graph);
    vs_status status = VS_OK;
    vs_graph_holders(&s->graph, rank, peers);
    for (size_t i = 0; status == VS_OK && i < all; i++) {
        const vs__member *peer = vs__ranked(s, peers[i]);
        if (peer->deeds & VS__MASKED) {
            masks->subtract = !vs__subtracts(peer->advert.party, lost->advert.party);
            status = vs__pair_key(masks->key, &s->rules, lost->advert.party, peer->advert.party, secret,
                                  lost->advert.mask_key, peer->advert.mask_key);
            masks++;
        }
    }
    return status;
}

static vs_status rebuild_one(const rebuilding *r, uint32_t rank) {
    const vs__server *s = r->server;
    const vs__member *m = vs__ranked(s, rank);
    vs_mask *masks = r->masks + r->first[rank];
    uint8_t secret[32];
    if (!m->needed) {
        return VS_OK;
    }
    vs_shamir_join(secret, sizeof secret, m->points, m->shares, m->share_count);
    vs_status status = VS_GUARD(masks_rebuilt, is_advertised(s, m, secret)) ? VS_OK : VS_ERR_AUTH;
    if (status == VS_OK && m->deeds & VS__MASKED) {
        masks->subtract = true;
        vs__self_key(masks->key, &s->rules, m->advert.party, secret);
    } else if (status == VS_OK) {
        status = pair_masks(s, rank, secret, masks);
    }
    vs_wipe(secret, sizeof secret);
    return status;
}

static vs_status rebuild_some(void *context, size_t first, size_t count) {
    const rebuilding *r = context;
    vs_status status = VS_OK;
    for (size_t i = first; status == VS_OK && i < first + count; i++) {
        status = rebuild_one(r, (uint32_t)i);
    }
    return status;
}

/* Whose fault it is: the first whose secret is not what it advertised. */
static vs_status blame(vs__server *s, const rebuilding *r, vs_error *error) {
    uint32_t rank = 0;
    while (rank + 1 < s->count && rebuild_one(r, rank) == VS_OK) {
        rank++;
    }
    const char *name = vs__name_of(&s->rules, s->order[rank]);
    (void)vs__session_fail(&s->base, VS_ERR_AUTH,
                           "%s: has dealt shares that do not give what it advertised, so the sum cannot be opened",
                           name);
    return vs_fail(error, VS_ERR_AUTH, "%s: has dealt shares that do not give what it advertised", name);
}

static vs_status take_off(vs__server *s, vs_error *error) {
    rebuilding r = {.server = s, .first = calloc(s->count + 1, sizeof *r.first)};
    size_t count = 0;
    for (uint32_t i = 0; r.first != NULL && i < s->count; i++) {
        r.first[i] = count;
        count += masks_of(s, i);
    }
    r.masks = r.first == NULL ? NULL : calloc(count + 1, sizeof *r.masks);
    vs_status status = r.masks == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        status = vs_parallel_for(s->count, vs_parallel_grain(s->count, 8), rebuild_some, &r);
        if (status == VS_ERR_AUTH || status == VS_ERR_RANGE) {
            status = blame(s, &r, error);
        }
    }
    if (status == VS_OK) {
        status = vs_mask_apply(s->sum, s->encoding.tops, s->encoding.words, r.masks, count);
        if (status != VS_OK) {
            vs_fail_plain(error, status);
        }
    }
    if (r.masks != NULL) {
        vs_wipe(r.masks, count * sizeof *r.masks);
    }
    free(r.masks);
    free(r.first);
    return status;
}

static vs_status post_sum(vs__server *s, vs_error *error) {
    size_t head = vs__server_signed_bytes(s), len = head + 8 * s->encoding.words;
    uint8_t *body = malloc(len);
    if (body == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs__server_put_signed(s, body);
    vs_words_to_bytes(body + head, s->sum, s->encoding.words);
    vs_status status = vs__session_post(&s->base, VS_MESSAGE_SUM, VS_TO_ALL, body, len, error);
    free(body);
    return status;
}

/* Of whom a secret is needed, and has too few shares. */
static vs_status too_few_shares(vs__server *s, vs_error *error) {
    for (uint32_t i = 0; i < s->count; i++) {
        const vs__member *m = vs__ranked(s, i);
        if (m->needed && m->share_count < s->graph.size.threshold) {
            const char *name = vs__name_of(&s->rules, s->order[i]);
            (void)vs__session_fail(&s->base, VS_ERR_POLICY, "%s: %u shares of its secret are there; it takes %u", name,
                                   m->share_count, s->graph.size.threshold);
            return vs_fail(error, VS_ERR_POLICY, "%s: %u shares of its secret are there; it takes %u", name,
                           m->share_count, s->graph.size.threshold);
        }
    }
    return VS_OK;
}

vs_status vs__server_finish(vs__server *s, vs_error *error) {
    vs_status status = s->lacking > 0 ? too_few_shares(s, error) : VS_OK;
    if (status == VS_OK) {
        status = take_off(s, error);
    }
    if (status == VS_OK) {
        status = post_sum(s, error);
    }
    if (status == VS_OK) {
        s->state = VS__SERVER_DONE;
    }
    return status;
}
