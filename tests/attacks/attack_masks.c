/* A server that lies to the owners of `masks`, and owners that lie to the server. The victim is owner 0, the server has
 * the key that signs for it, and whoever it is in league with signs what it likes. */
#include "tests/attacks/attacks.h"

#include "crypto/sharing/slots.h"
#include "masked.h"

#define VICTIM 0u

static vs__masks_rules rules_of(const masked *m) {
    const vs__session_facts facts = {.setup = m->net.parties[VICTIM].setup};
    vs__masks_rules rules;
    vs__masks_rules_make(&rules, &facts);
    rules.sid = vs_session_sid(m->net.parties[VICTIM].session);
    return rules;
}

/* Offer the body to the victim in the name of the server, and clear up. */
static vs_status tell(masked *m, vs_message_kind kind, bool to_all, network_bytes body) {
    vs_status status = masked_offer(m, kind, m->server, VICTIM, to_all, body.bytes, body.len);
    free(body.bytes);
    masked_free(m);
    return status;
}

/* ---- directories ---- */

static network_bytes directory_of(masked *m, size_t owners, const char *more) {
    masked_new(m, owners, MASKED_VECTOR, more);
    return masked_until(m, VS_MESSAGE_DIRECTORY, m->server, VICTIM, true);
}

static void cut_directory(network_bytes *body, size_t count) {
    vs_put_le(body->bytes, count, 4);
    body->len = 4 + count * VS__ADVERT_MESSAGE_BYTES;
}

static vs_status a_directory_of_friends(void) {
    masked m;
    network_bytes body = directory_of(&m, 5, MASKED_OPENING);
    cut_directory(&body, 3);
    return tell(&m, VS_MESSAGE_DIRECTORY, true, body);
}

static vs_status fewer_than_the_minimum(void) {
    masked m;
    network_bytes body = directory_of(&m, 5, ",\"contributors\":{\"min\":5}" MASKED_OPENING);
    cut_directory(&body, 4);
    return tell(&m, VS_MESSAGE_DIRECTORY, true, body);
}

static vs_status a_swapped_key(void) {
    masked m;
    network_bytes body = directory_of(&m, 4, MASKED_OPENING);
    uint8_t *theirs = body.bytes + 4 + VS__ADVERT_MESSAGE_BYTES, secret[32], seed[32] = {7};
    vs_agreement_keypair(theirs + VS_MESSAGE_HEADER_BYTES, secret, seed);
    return tell(&m, VS_MESSAGE_DIRECTORY, true, body);
}

/* A neighbour's advertisement of an earlier attempt, of which the server has the secrets by now. */
static vs_status a_replayed_key(void) {
    masked m;
    network_bytes body = directory_of(&m, 4, MASKED_OPENING);
    uint8_t *theirs = body.bytes + 4 + VS__ADVERT_MESSAGE_BYTES, *again, sid[VS_HASH_BYTES];
    size_t len;
    vs_session_id(sid, m.plan->id, "2026-11", 1);
    const vs_message_header header = {.kind = VS_MESSAGE_ADVERTISE, .from = 1, .to = m.server, .sid = sid};
    assert_int_equal(vs_message_write(&again, &len, &header, theirs + VS_MESSAGE_HEADER_BYTES, VS__ADVERT_BYTES,
                                      m.identities[1], NULL),
                     VS_OK);
    memcpy(theirs, again, len);
    free(again);
    return tell(&m, VS_MESSAGE_DIRECTORY, true, body);
}

/* ---- a graph that the server would choose ---- */

#define MANY 129u

static vs_status coins_of_its_choice(void) {
    masked m;
    masked_new(&m, MANY, MASKED_VECTOR, MASKED_OPENING);
    network_bytes body = masked_until(&m, VS_MESSAGE_COINS, m.server, VICTIM, true);
    body.bytes[body.len - 1] ^= 1;
    return tell(&m, VS_MESSAGE_COINS, true, body);
}

/* In place of the last neighbour its own friend, the highest owner of all who is none. */
static vs_status neighbours_of_its_choice(void) {
    masked m;
    masked_new(&m, MANY, MASKED_VECTOR, MASKED_OPENING);
    network_bytes body = masked_until(&m, VS_MESSAGE_DIRECTORY, m.server, VICTIM, false);
    size_t count = vs_get_le(body.bytes, 4);
    uint8_t *last = body.bytes + 4 + (count - 1) * VS__ADVERT_MESSAGE_BYTES;
    uint32_t known = (uint32_t)vs_get_le(last + 40, 4), friend = known == MANY - 1 ? MANY - 2 : MANY - 1;
    if (known == MANY - 1) { /* the last but one is then another's place */
        last -= VS__ADVERT_MESSAGE_BYTES;
        for (friend = MANY - 2; friend == vs_get_le(last + 40, 4);) {
            last -= VS__ADVERT_MESSAGE_BYTES;
            friend --;
        }
    }
    const network_list *sent = &m.net.parties[friend].sent;
    memcpy(last, sent->items[0].bytes, VS__ADVERT_MESSAGE_BYTES);
    return tell(&m, VS_MESSAGE_DIRECTORY, false, body);
}

/* ---- shares ---- */

static network_bytes delivery_of(masked *m) {
    masked_new(m, 4, MASKED_VECTOR, MASKED_OPENING);
    return masked_until(m, VS_MESSAGE_DELIVERY, m->server, VICTIM, false);
}

/* Of four dealers two, where three shares bring a secret back: masks that nobody could take off. */
static vs_status too_few_shares(void) {
    masked m;
    network_bytes body = delivery_of(&m);
    vs_put_le(body.bytes, 2, 4);
    body.len = 4 + 2 * VS__DELIVERED_BYTES;
    return tell(&m, VS_MESSAGE_DELIVERY, false, body);
}

/* Two dealers committed themselves to other shares than they dealt. */
static vs_status shares_of_nothing(void) {
    masked m;
    network_bytes body = delivery_of(&m);
    body.bytes[4 + 1 * VS__DELIVERED_BYTES + 4] ^= 1;
    body.bytes[4 + 2 * VS__DELIVERED_BYTES + 4] ^= 1;
    return tell(&m, VS_MESSAGE_DELIVERY, false, body);
}

/* An owner gives the server another share than it was dealt. */
static vs_status a_false_share(void) {
    masked m;
    masked_new(&m, 4, MASKED_VECTOR, MASKED_OPENING);
    network_bytes body = masked_until(&m, VS_MESSAGE_UNMASK, 2, m.server, false);
    body.bytes[4 + 8] ^= 1;
    vs_status status = masked_offer(&m, VS_MESSAGE_UNMASK, 2, m.server, false, body.bytes, body.len);
    free(body.bytes);
    masked_free(&m);
    return status;
}

/* An owner advertises another seed than the one of which it deals shares. */
static vs_status a_false_dealer(void) {
    masked m;
    masked_new(&m, 4, MASKED_VECTOR, MASKED_OPENING);
    network_bytes body = masked_until(&m, VS_MESSAGE_ADVERTISE, 2, m.server, false);
    for (uint32_t i = 0; i < 4; i++) {
        network_bytes *sent = &m.net.parties[i].sent.items[0];
        if (i != 2) {
            assert_int_equal(network_offer(&m.net, m.server, sent->bytes, sent->len), VS_OK);
        }
    }
    body.bytes[2 * VS__KEY_BYTES] ^= 1;
    assert_int_equal(masked_offer(&m, VS_MESSAGE_ADVERTISE, 2, m.server, false, body.bytes, body.len), VS_OK);
    network_run(&m.net);
    vs_session_view view = network_look(&m.net, m.server);
    vs_status status = view.failed != VS_OK ? view.failed : view.result == NULL ? VS_ERR_NOT_READY : VS_OK;
    free(body.bytes);
    masked_free(&m);
    return status;
}

/* ---- lists of survivors ---- */

/* What the victim sent is not under the root: somebody else's is at its place. */
static vs_status a_sum_without_the_victim(void) {
    masked m;
    masked_new(&m, 4, MASKED_VECTOR, MASKED_OPENING);
    network_bytes body = masked_until(&m, VS_MESSAGE_SURVIVORS, m.server, VICTIM, false);
    body.bytes[0] ^= 1;
    return tell(&m, VS_MESSAGE_SURVIVORS, false, body);
}

/* The victim does not hear that the last owner has dealt, and masks with the others alone: who hears all is then summed
 * apart from who does not. */
static vs_status a_sum_in_two(void) {
    masked m;
    masked_new(&m, 5, MASKED_VECTOR, MASKED_OPENING);
    network_bytes body = masked_until(&m, VS_MESSAGE_DELIVERY, m.server, VICTIM, false);
    vs_put_le(body.bytes, 4, 4);
    body.len -= VS__DELIVERED_BYTES;
    const network_list *sent = &m.net.parties[m.server].sent;
    for (size_t i = 0; i < sent->count; i++) {
        vs_message message;
        assert_int_equal(vs_message_parse(&message, sent->items[i].bytes, sent->items[i].len, NULL), VS_OK);
        if (message.kind == VS_MESSAGE_DELIVERY && message.to != VICTIM) {
            assert_int_equal(network_offer(&m.net, message.to, message.bytes, message.len), VS_OK);
        }
    }
    assert_int_equal(masked_offer(&m, VS_MESSAGE_DELIVERY, m.server, VICTIM, false, body.bytes, body.len), VS_OK);
    network_run(&m.net);
    /* It succeeds if the victim has given its shares away, though that sum then is of no use to the victim. */
    const network_party *victim = &m.net.parties[VICTIM];
    bool gave = victim->sent.items[victim->sent.count - 1].bytes[5] == VS_MESSAGE_UNMASK;
    vs_status status = gave ? VS_OK : victim->why;
    free(body.bytes);
    masked_free(&m);
    return status;
}

static vs_status another_was_released(void *context, const uint8_t what[VS_HASH_BYTES], vs_error *error) {
    (void)context;
    (void)what;
    return vs_fail(error, VS_ERR_POLICY, "another list has been agreed on for this plan and period");
}

/* In a second attempt the server leaves somebody out: the difference is that owner's. */
static vs_status a_second_list(void) {
    masked m;
    masked_new(&m, 4, MASKED_VECTOR, MASKED_OPENING);
    m.net.parties[VICTIM].setup.release = another_was_released;
    network_bytes body = masked_until(&m, VS_MESSAGE_SURVIVORS, m.server, VICTIM, false);
    return tell(&m, VS_MESSAGE_SURVIVORS, false, body);
}

/* A statement, and under it the signatures of the owners 0 .. count − 1. */
static network_bytes agreed_body(const masked *m, const uint8_t *statement, size_t count) {
    const vs__masks_rules rules = rules_of(m);
    size_t len = vs__statement_bytes(&rules);
    network_bytes body = {calloc(1, len + 4 + count * VS__SIGNED_BYTES), len + 4 + count * VS__SIGNED_BYTES};
    assert_non_null(body.bytes);
    memcpy(body.bytes, statement, len);
    vs_put_le(body.bytes + len, count, 4);
    for (uint32_t i = 0; i < count; i++) {
        network_bytes agree = masked_forge(m, VS_MESSAGE_AGREE, i, m->server, statement, len);
        uint8_t *entry = body.bytes + len + 4 + i * VS__SIGNED_BYTES;
        vs_put_le(entry, i, 4);
        memcpy(entry + 4, agree.bytes + agree.len - VS_SIGNATURE_BYTES, VS_SIGNATURE_BYTES);
        free(agree.bytes);
    }
    return body;
}

static network_bytes agreement_of(masked *m, size_t owners) {
    masked_new(m, owners, MASKED_VECTOR, MASKED_OPENING);
    return masked_until(m, VS_MESSAGE_AGREED, m->server, VICTIM, true);
}

/* To the victim owner 1 is there, to the others it is lost: both its secrets would come together. */
static vs_status two_lists(void) {
    masked m;
    network_bytes body = agreement_of(&m, 5);
    body.bytes[VS_HASH_BYTES] &= (uint8_t)~2u;
    network_bytes other = agreed_body(&m, body.bytes, 5);
    free(body.bytes);
    return tell(&m, VS_MESSAGE_AGREED, true, other);
}

static vs_status a_list_that_few_have_signed(void) {
    masked m;
    network_bytes body = agreement_of(&m, 5), few = agreed_body(&m, body.bytes, 3);
    free(body.bytes);
    return tell(&m, VS_MESSAGE_AGREED, true, few);
}

static vs_status a_forged_signature(void) {
    masked m;
    network_bytes body = agreement_of(&m, 5);
    const vs__masks_rules rules = rules_of(&m);
    body.bytes[vs__statement_bytes(&rules) + 4 + 4] ^= 1;
    return tell(&m, VS_MESSAGE_AGREED, true, body);
}

/* ---- sums ---- */

/* The sum of the cells of `in`, in place of the one that the server has sent. */
static void put_sum(const masked *m, network_bytes *body, const bool *in) {
    vs_encoding encoding;
    assert_int_equal(vs_encoding_make(&encoding, m->plan, NULL), VS_OK);
    uint64_t *words = calloc(encoding.words, 8), *sum = calloc(encoding.words, 8);
    for (size_t i = 0; i < m->owners; i++) {
        if (in[i]) {
            vs_encode(&encoding, words, m->cells[i]);
            vs_slots_add(sum, words, encoding.tops, encoding.words);
        }
    }
    vs_words_to_bytes(body->bytes + body->len - 8 * encoding.words, sum, encoding.words);
    free(words);
    free(sum);
    vs_encoding_clear(&encoding);
}

static network_bytes sum_of(masked *m) {
    masked_new(m, 5, MASKED_VECTOR, MASKED_OPENING);
    return masked_until(m, VS_MESSAGE_SUM, m->server, VICTIM, true);
}

static vs_status a_sum_over_others(void) {
    masked m;
    const bool in[5] = {true, true, true, true, false};
    network_bytes body = sum_of(&m);
    body.bytes[VS_HASH_BYTES] &= (uint8_t)~16u;
    put_sum(&m, &body, in);
    return tell(&m, VS_MESSAGE_SUM, true, body);
}

static vs_status a_sum_that_lacks_one(void) {
    masked m;
    const bool in[5] = {true, true, true, true, false};
    network_bytes body = sum_of(&m);
    put_sum(&m, &body, in);
    return tell(&m, VS_MESSAGE_SUM, true, body);
}

static const attack attacks[] = {
    {"masks_enough_owners", "a directory of friends and one victim", a_directory_of_friends},
    {"masks_minimum", "a directory of fewer than the plan's minimum", fewer_than_the_minimum},
    {"message_signature", "a neighbour's key swapped", a_swapped_key},
    {"message_session", "a neighbour's key of another attempt", a_replayed_key},
    {"masks_coins", "coins of the server's choice", coins_of_its_choice},
    {"masks_directory_id", "neighbours of the server's choice", neighbours_of_its_choice},
    {"masks_enough_shares", "too few shares of the others", too_few_shares},
    {"masks_dealt_share", "shares that are not what was committed to", shares_of_nothing},
    {"masks_revealed_share", "a false share given to the server", a_false_share},
    {"masks_rebuilt", "a dealer of shares of something else", a_false_dealer},
    {"masks_inclusion", "a list over something else than was sent", a_sum_without_the_victim},
    {"masks_together", "a sum split by what is delivered to whom", a_sum_in_two},
    {"masks_one_list", "a second list in another attempt", a_second_list},
    {"masks_agreed_list", "one list to the victim, another to the rest", two_lists},
    {"masks_quorum", "a list that too few have signed", a_list_that_few_have_signed},
    {"masks_agree_signature", "a forged signature under a list", a_forged_signature},
    {"masks_sum_list", "a sum over others than were agreed on", a_sum_over_others},
    {"masks_counter", "a sum that lacks a contribution", a_sum_that_lacks_one},
};

ATTACKS_MAIN(attacks)
