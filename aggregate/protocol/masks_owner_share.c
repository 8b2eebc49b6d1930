/* An owner's second step: it deals shares of its secrets, in boxes that its neighbours alone can open. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_owner.h"
#include "crypto/secret.h"

/* ---- boxes ---- */

/* What both of a pair have in common; each direction then has a key of its own. */
static vs_status agree(vs__owner *o, const vs__owner_secrets *s, vs_error *error) {
    uint32_t self = vs__facts(&o->base)->self;
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < o->peer_count; i++) {
        vs__peer *p = &o->peers[i];
        const vs_binding binding = {.sid = o->rules.sid,
                                    .step = VS_MESSAGE_DEALING,
                                    .from = self < p->party ? self : p->party,
                                    .to = self < p->party ? p->party : self};
        status =
            vs_agreement_key(p->box_secret, s->box_secret, o->own.box_key, p->box_key, "veilsum masks boxes", &binding);
        if (status != VS_OK) {
            vs_fail(error, status, "%s: has a key for boxes that everybody could use",
                    vs__name_of(&o->rules, p->party));
        }
    }
    return status;
}

static void box_key(uint8_t key[32], const vs__owner *o, const vs__peer *p, uint32_t from, uint32_t to) {
    const vs_binding binding = {.sid = o->rules.sid, .step = VS_MESSAGE_DEALING, .from = from, .to = to};
    vs_derive(key, 32, p->box_secret, "veilsum masks box", &binding);
}

/* ---- dealing ---- */

/* The shares of both secrets, side by side for each point: 32 bytes of the mask key, 32 of the seed. */
static vs_status split(const vs__owner *o, const vs__owner_secrets *s, uint8_t **shares, vs_error *error) {
    uint8_t both[2 * VS__SHARE_BYTES];
    size_t len = (size_t)(o->threshold - 1) * sizeof both;
    uint8_t *coefficients = malloc(len + 1), *out = malloc(o->peer_count * sizeof both);
    if (coefficients == NULL || out == NULL) {
        free(coefficients);
        free(out);
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(both, s->mask_secret, VS__SHARE_BYTES);
    memcpy(both + VS__SHARE_BYTES, s->seed, VS__SHARE_BYTES);
    vs__owner_derive(coefficients, len, o, "veilsum masks coefficients", o->own.party);
    vs_shamir_split(out, both, sizeof both, o->threshold, (unsigned)o->peer_count, coefficients);
    vs_wipe(coefficients, len);
    vs_wipe(both, sizeof both);
    free(coefficients);
    *shares = out;
    return VS_OK;
}

/* Hashes, then the box of both shares, each with its salt. */
static void deal_one(uint8_t out[VS__DEALT_BYTES], const vs__owner *o, const vs__peer *p, const uint8_t *both) {
    uint8_t plain[2 * VS__HALF_BYTES], salts[2 * VS__SALT_BYTES], key[32];
    vs__owner_derive(salts, sizeof salts, o, "veilsum masks salts", p->party);
    for (unsigned i = 0; i < 2; i++) {
        const vs__share_place place = {o->own.party, p->party, i == 0 ? VS__MASK_KEY : VS__SELF_SEED};
        uint8_t *half = plain + i * VS__HALF_BYTES;
        memcpy(half, both + i * VS__SHARE_BYTES, VS__SHARE_BYTES);
        memcpy(half + VS__SHARE_BYTES, salts + i * VS__SALT_BYTES, VS__SALT_BYTES);
        vs__share_hash(out + i * VS_HASH_BYTES, &o->rules, &place, half);
    }
    box_key(key, o, p, o->own.party, p->party);
    vs_box_lock(out + 2 * VS_HASH_BYTES, key, plain, sizeof plain);
    vs_wipe(plain, sizeof plain);
    vs_wipe(salts, sizeof salts);
    vs_wipe(key, sizeof key);
}

static vs_status post_dealing(vs__owner *o, const uint8_t *shares, vs_error *error) {
    size_t len = 4 + o->peer_count * VS__DEALT_BYTES;
    uint8_t *body = malloc(len);
    if (body == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_put_le(body, o->peer_count, 4);
    for (size_t i = 0; i < o->peer_count; i++) {
        deal_one(body + 4 + i * VS__DEALT_BYTES, o, &o->peers[i], shares + i * 2 * VS__SHARE_BYTES);
    }
    vs_status status = vs__session_post(&o->base, VS_MESSAGE_DEALING, o->rules.server, body, len, error);
    free(body);
    return status;
}

vs_status vs__owner_deal(vs__owner *o, vs_error *error) {
    vs__owner_secrets s;
    uint8_t *shares = NULL;
    vs__owner_secrets_make(&s, o);
    vs_status status = agree(o, &s, error);
    if (status == VS_OK) {
        status = split(o, &s, &shares, error);
    }
    if (status == VS_OK) {
        status = post_dealing(o, shares, error);
        vs_wipe(shares, o->peer_count * 2 * VS__SHARE_BYTES);
    }
    if (status == VS_OK) {
        o->state = VS__OWNER_DELIVERY;
    }
    free(shares);
    vs_wipe(&s, sizeof s);
    return status;
}

/* ---- delivery ---- */

/* Are the shares in the box those that the dealer has committed itself to? A box that is not is as good as none. */
static void open_box(vs__owner *o, vs__peer *p, const uint8_t dealt[VS__DEALT_BYTES]) {
    uint8_t key[32], hash[VS_HASH_BYTES];
    box_key(key, o, p, p->party, o->own.party);
    p->held = vs_box_unlock(p->shares, key, dealt + 2 * VS_HASH_BYTES, VS__BOX_BYTES) == VS_OK;
    for (unsigned i = 0; p->held && i < 2; i++) {
        const vs__share_place place = {p->party, o->own.party, i == 0 ? VS__MASK_KEY : VS__SELF_SEED};
        vs__share_hash(hash, &o->rules, &place, p->shares + i * VS__HALF_BYTES);
        p->held = VS_GUARD(masks_dealt_share, memcmp(hash, dealt + i * VS_HASH_BYTES, VS_HASH_BYTES) == 0);
    }
    vs_wipe(key, sizeof key);
}

static vs_status read_delivery(vs__owner *o, const vs__list *list, vs_error *error) {
    uint64_t next = 0;
    for (size_t i = 0; i < list->count; i++) {
        const uint8_t *entry = list->entries + i * VS__DELIVERED_BYTES;
        uint32_t party = (uint32_t)vs_get_le(entry, 4);
        vs__peer *peer = vs__owner_peer(o, party);
        if (party < next || peer == NULL) {
            return vs_fail(error, VS_ERR_FORMAT, "a delivery of shares by others than this owner's neighbours");
        }
        next = (uint64_t)party + 1;
        peer->dealt = true;
        open_box(o, peer, entry + 4);
    }
    return VS_OK;
}

static size_t held_count(const vs__owner *o) {
    size_t count = 0;
    for (size_t i = 0; i < o->peer_count; i++) {
        count += o->peers[i].held;
    }
    return count;
}

vs_status vs__owner_delivery(vs__owner *o, const vs_message *message, vs_error *error) {
    vs__list list;
    size_t at = 0;
    for (size_t i = 0; i < o->peer_count; i++) {
        o->peers[i].dealt = o->peers[i].held = false;
    }
    vs_status status = vs__list_read(&list, message, &at, VS__DELIVERED_BYTES, error);
    if (status == VS_OK) {
        status = vs__body_ends(message, at, error);
    }
    if (status == VS_OK) {
        status = read_delivery(o, &list, error);
    }
    if (status == VS_OK && !VS_GUARD(masks_enough_shares, held_count(o) >= o->threshold)) {
        vs_fail(error, VS_ERR_POLICY, "%zu neighbours have dealt good shares; it takes %u", held_count(o),
                o->threshold);
        vs_hint(error, "masks could not be taken off again: begin another attempt when more owners can take part");
        status = VS_ERR_POLICY;
    }
    return status == VS_OK ? vs__owner_mask(o, error) : status;
}
