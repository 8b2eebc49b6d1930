/* An owner's last steps: it masks its cells, agrees on whose count, and gives away what takes the masks off. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_owner.h"
#include "crypto/secret.h"
#include "crypto/sharing/mask.h"
#include "crypto/transparency.h"

/* ---- masking ---- */

/* Its own mask, and one with each neighbour that has dealt. */
static vs_status gather(vs__owner *o, vs_mask *masks, size_t *count, vs_error *error) {
    vs__owner_secrets s;
    vs_status status = VS_OK;
    vs__owner_secrets_make(&s, o);
    masks[0] = (vs_mask){.subtract = false};
    vs__self_key(masks[0].key, &o->rules, o->own.party, s.seed);
    *count = 1;
    for (size_t i = 0; status == VS_OK && i < o->peer_count; i++) {
        const vs__peer *p = &o->peers[i];
        if (p->dealt && p->party != o->own.party) {
            vs_mask *mask = &masks[(*count)++];
            mask->subtract = vs__subtracts(o->own.party, p->party);
            status =
                vs__pair_key(mask->key, &o->rules, o->own.party, p->party, s.mask_secret, o->own.mask_key, p->mask_key);
            if (status != VS_OK) {
                vs_fail(error, status, "%s: has a key for masks that everybody could use",
                        vs__name_of(&o->rules, p->party));
            }
        }
    }
    vs_wipe(&s, sizeof s);
    return status;
}

static vs_status apply(vs__owner *o, uint64_t *words, vs_error *error) {
    size_t count, cap = o->peer_count + 1;
    vs_mask *masks = calloc(cap, sizeof *masks);
    if (masks == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = gather(o, masks, &count, error);
    if (status == VS_OK) {
        status = vs_mask_apply(words, o->encoding.tops, o->encoding.words, masks, count);
        if (status != VS_OK) {
            vs_fail_plain(error, status);
        }
    }
    vs_wipe(masks, cap * sizeof *masks);
    free(masks);
    return status;
}

vs_status vs__owner_mask(vs__owner *o, vs_error *error) {
    size_t len = 8 * o->encoding.words;
    uint64_t *words = malloc(len);
    uint8_t *body = malloc(len);
    vs_status status = words == NULL || body == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        vs_encode(&o->encoding, words, vs__facts(&o->base)->setup.cells);
        status = apply(o, words, error);
        if (status == VS_OK) {
            vs_words_to_bytes(body, words, o->encoding.words);
            vs__masks_leaf(o->leaf, &o->rules, o->own.party, body, len);
            status = vs__session_post(&o->base, VS_MESSAGE_MASKED, o->rules.server, body, len, error);
        }
        vs_wipe(words, len);
    }
    if (status == VS_OK) {
        o->state = VS__OWNER_SURVIVORS;
    }
    free(words);
    free(body);
    return status;
}

/* ---- agreeing ---- */

/* Every survivor takes part, and those who are neighbours have this owner's mask on what they sent, as it has theirs. A
 * server that delivers to some owners what it keeps from others could else split the sum into sums of fewer. */
static bool are_masked_together(const vs__owner *o, const uint8_t *survivors) {
    for (size_t i = 0; i < o->rules.bits; i++) {
        if ((survivors[i] & ~o->set[i]) != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < o->peer_count; i++) {
        if (vs__has(survivors, o->peers[i].party) && !o->peers[i].dealt) {
            return false;
        }
    }
    return true;
}

/* Is what this owner sent under the root, at its place among the survivors? */
static bool is_included(const vs__owner *o, const uint8_t *statement, size_t count, const vs__list *path) {
    vs_tree_proof proof = {.count = path->count};
    const uint8_t *set = vs__survivors(statement);
    uint8_t leaf[VS_HASH_BYTES];
    uint64_t rank = 0;
    if (path->count > VS_MAX_TREE_PROOF || !vs__has(set, o->own.party)) {
        return false;
    }
    memcpy(proof.hashes, path->entries, path->count * VS_HASH_BYTES);
    for (uint32_t i = 0; i < o->own.party; i++) {
        rank += vs__has(set, i);
    }
    vs_merkle_leaf(leaf, o->leaf);
    return vs_tree_path_check(vs_merkle_node, &proof, leaf, rank, count, statement);
}

static vs_status check_statement(const vs__owner *o, const uint8_t *statement, const vs__list *path, vs_error *error) {
    size_t count;
    vs_status status = vs__masks_check_set(&o->rules, vs__survivors(statement), &count, error);
    if (status == VS_OK && !VS_GUARD(masks_together, are_masked_together(o, vs__survivors(statement)))) {
        vs_fail(error, VS_ERR_POLICY, "a list of survivors with somebody whose mask is not on what this owner sent");
        vs_hint(error, "the server kept from this owner what that one dealt; nothing has been given away");
        status = VS_ERR_POLICY;
    }
    if (status == VS_OK && !VS_GUARD(masks_inclusion, is_included(o, statement, count, path))) {
        vs_fail(error, VS_ERR_AUTH, "%s: what this owner sent is not in the sum that it should agree to",
                vs__name_of(&o->rules, o->own.party));
        vs_hint(error, "the server lost or altered it");
        status = VS_ERR_AUTH;
    }
    return status;
}

/* One list for a plan and period, whatever the attempt: two sums that differ by an owner, or by a row of one, give it
 * away. */
static vs_status note_release(const vs__owner *o, const uint8_t *statement, vs_error *error) {
    const vs_session_setup *setup = &vs__facts(&o->base)->setup;
    uint8_t what[VS_HASH_BYTES];
    vs_hash hash;
    if (setup->release == NULL) {
        return VS_OK;
    }
    vs_hash_init(&hash, "veilsum masks release");
    vs_hash_field(&hash, o->rules.sid, VS_HASH_BYTES);
    vs_hash_field(&hash, statement, vs__statement_bytes(&o->rules));
    vs_hash_final(&hash, what);
    vs_status status = setup->release(setup->context, what, error);
    return VS_GUARD(masks_one_list, status == VS_OK) ? VS_OK : status;
}

vs_status vs__owner_survivors(vs__owner *o, const vs_message *message, vs_error *error) {
    size_t len = vs__statement_bytes(&o->rules), at = len;
    vs__list path;
    if (message->body_len < len) {
        return vs__body_ends(message, len, error);
    }
    const uint8_t *statement = message->body;
    if (!vs__has(vs__survivors(statement), o->own.party)) {
        (void)vs__session_fail(&o->base, VS_ERR_POLICY,
                               "%s: the server went on without this owner, whose message it says came too late",
                               vs__name_of(&o->rules, o->own.party));
        return VS_OK;
    }
    vs_status status = vs__list_read(&path, message, &at, VS_HASH_BYTES, error);
    if (status == VS_OK) {
        status = vs__body_ends(message, at, error);
    }
    if (status == VS_OK) {
        status = check_statement(o, statement, &path, error);
    }
    if (status == VS_OK) {
        status = note_release(o, statement, error);
    }
    if (status == VS_OK) {
        status = vs__session_post(&o->base, VS_MESSAGE_AGREE, o->rules.server, statement, len, error);
    }
    if (status == VS_OK) {
        memcpy(o->statement, statement, len);
        o->state = VS__OWNER_AGREED;
    }
    return status;
}

/* ---- unmasking ---- */

/* Of each neighbour whose shares are here the one that the list decides: the mask key of one that is lost, the seed of
 * one that is not. */
static vs_status give_away(vs__owner *o, vs_error *error) {
    uint8_t *body = calloc(1, 4 + o->peer_count * VS__UNMASK_BYTES);
    if (body == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    size_t count = 0;
    for (size_t i = 0; i < o->peer_count; i++) {
        const vs__peer *p = &o->peers[i];
        if (p->held) {
            bool survived = vs__has(vs__survivors(o->statement), p->party);
            uint8_t *entry = body + 4 + count++ * VS__UNMASK_BYTES;
            vs_put_le(entry, p->party, 4);
            vs_put_le(entry + 4, survived ? VS__SELF_SEED : VS__MASK_KEY, 4);
            memcpy(entry + 8, p->shares + (survived ? VS__HALF_BYTES : 0), VS__HALF_BYTES);
        }
    }
    vs_put_le(body, count, 4);
    vs_status status =
        vs__session_post(&o->base, VS_MESSAGE_UNMASK, o->rules.server, body, 4 + count * VS__UNMASK_BYTES, error);
    free(body);
    return status;
}

vs_status vs__owner_agreed(vs__owner *o, const vs_message *message, vs_error *error) {
    size_t len = vs__statement_bytes(&o->rules), at = len;
    vs__list signers;
    if (message->body_len < len) {
        return vs__body_ends(message, len, error);
    }
    vs_status status = vs__list_read(&signers, message, &at, VS__SIGNED_BYTES, error);
    if (status == VS_OK) {
        status = vs__body_ends(message, at, error);
    }
    if (status == VS_OK && !VS_GUARD(masks_agreed_list, memcmp(message->body, o->statement, len) == 0)) {
        vs_fail(error, VS_ERR_AUTH, "others have agreed on another list of survivors than this owner");
        vs_hint(error, "the server shows different owners different lists; nothing has been given away");
        status = VS_ERR_AUTH;
    }
    if (status == VS_OK) {
        status = vs__masks_check_signers(&o->rules, message->body, &signers, error);
    }
    if (status == VS_OK) {
        status = give_away(o, error);
    }
    if (status == VS_OK) {
        o->state = VS__OWNER_SUM;
    }
    return status;
}
