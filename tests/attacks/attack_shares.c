/* Owners and servers of `shares` that lie. */
#include "tests/attacks/attacks.h"

#include "crypto/sharing/addressed.h"
#include "shares_cast.h"

static roster people;

/* A, B, C contribute; D and E serve; F opens. */
#define SERVER_D 3u
#define SERVER_E 4u
#define OPENER_F 5u
static const shares_spec plain = {{"c", "c", "c", "s", "s", "o"}, SHARES_COLUMNS, NULL, 2};
static const shares_spec grouped = {{"c", "c", "c", "s", "s", "o"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2};

static vs_status offer_and_free(shares_scene *s, uint32_t to, network_bytes message) {
    vs_status status = network_offer(&s->net, to, message.bytes, message.len);
    free(message.bytes);
    return status;
}

/* Did the opener come to a result at all? */
static vs_status outcome(shares_scene *s) {
    vs_session_view view = network_look(&s->net, OPENER_F);
    vs_status status = view.result != NULL ? VS_OK : view.failed != VS_OK ? view.failed : VS_ERR_POLICY;
    shares_scene_free(s);
    return status;
}

/* ---- owners ---- */

/* What an owner sent to a server first, with another sender or receiver. */
static vs_status resend_first(uint32_t sender, uint32_t to) {
    shares_scene s;
    shares_scene_new(&s, &people, &plain);
    network_start(&s.net, 0);
    network_start(&s.net, SERVER_D);
    network_start(&s.net, SERVER_E);
    size_t carrier = s.net.parties[0].sent.items[0].len < s.net.parties[0].sent.items[1].len; /* A's */
    const network_bytes *message = &s.net.parties[0].sent.items[sender == 0 ? 0 : 1 - carrier];
    uint32_t server = sender == 0 ? SERVER_D : SERVER_D + (uint32_t)(1 - carrier);
    const uint8_t *body = message->bytes + VS_MESSAGE_HEADER_BYTES;
    size_t len = message->len - VS_MESSAGE_OVERHEAD;
    network_bytes forged = shares_forge(&s, VS_MESSAGE_SHARE, sender, to == VS_TO_ALL ? to : server, body, len);
    vs_status status = offer_and_free(&s, server, forged);
    shares_scene_free(&s);
    return status;
}

static vs_status a_share_to_all(void) {
    return resend_first(0, VS_TO_ALL);
}

/* C signs A's boxes as its own, to be counted twice what A is: both have the same carrier. */
static vs_status a_copied_contribution(void) {
    return resend_first(2, 0);
}

/* One owner tells the two servers different things, so that no sum is right. */
static vs_status two_contributions(void) {
    shares_scene s;
    vs_opened want;
    shares_scene_new(&s, &people, &plain);
    network_start(&s.net, 0);
    network_bytes first = network_copy(s.net.parties[0].sent.items[0].bytes, s.net.parties[0].sent.items[0].len);
    network_lose(&s.net);
    network_list_clear(&s.net.parties[0].sent);
    s.net.parties[0].seed[0] ^= 1;
    network_start(&s.net, SERVER_D);
    assert_int_equal(offer_and_free(&s, SERVER_D, first), VS_OK);
    for (uint32_t i = 0; i < s.plan->party_count; i++) {
        if (i != SERVER_D) {
            network_start(&s.net, i);
        }
    }
    network_settle(&s.net);
    shares_expect(&s, 6, &want);
    vs_session_view view = network_look(&s.net, OPENER_F);
    bool right = view.result != NULL && view.result->contributions == 2 &&
                 memcmp(view.result->cells, want.cells, (size_t)want.cell_count * sizeof *want.cells) == 0;
    vs_opened_clear(&want);
    shares_scene_free(&s);
    return right ? VS_ERR_POLICY : VS_OK; /* the others had their result: the liar was left out */
}

/* ---- lists ---- */

static vs_status offer_list(uint32_t to, const uint8_t *owners, size_t count) {
    shares_scene s;
    uint8_t body[256] = {0};
    shares_scene_new(&s, &people, &plain);
    network_start(&s.net, OPENER_F);
    for (size_t i = 0; i < count; i++) {
        body[i * VS__ACCEPTED_BYTES] = owners[i];
    }
    vs_status status = offer_and_free(
        &s, OPENER_F, shares_forge(&s, VS_MESSAGE_ACCEPTED, SERVER_D, to, body, count * VS__ACCEPTED_BYTES));
    shares_scene_free(&s);
    return status;
}

/* One owner counted for two. */
static vs_status an_owner_twice(void) {
    return offer_list(VS_TO_ALL, (const uint8_t[]){1, 1}, 2);
}

/* A list for the opener's eyes, while the other server reads another. */
static vs_status a_list_in_private(void) {
    return offer_list(OPENER_F, (const uint8_t[]){0, 1}, 2);
}

/* The session ends with one owner's numbers. */
static vs_status one_owner_alone(void) {
    shares_scene s;
    shares_scene_new(&s, &people, &plain);
    network_start(&s.net, SERVER_D);
    network_start(&s.net, 1);
    network_run(&s.net);
    vs_status status = network_expire(&s.net, SERVER_D);
    shares_scene_free(&s);
    return status;
}

/* The same by both servers together, which an honest opener does not want to have opened. */
static vs_status servers_for_one_owner(void) {
    shares_scene s;
    uint8_t body[VS__ACCEPTED_BYTES] = {1};
    shares_scene_new(&s, &people, &plain);
    network_start(&s.net, OPENER_F);
    for (uint32_t server = SERVER_D; server <= SERVER_E; server++) {
        network_bytes list = shares_forge(&s, VS_MESSAGE_ACCEPTED, server, VS_TO_ALL, body, sizeof body);
        assert_int_equal(offer_and_free(&s, OPENER_F, list), VS_OK);
    }
    vs_status status = network_look(&s.net, OPENER_F).failed;
    shares_scene_free(&s);
    return status;
}

/* The same period once more, with one owner less: the difference is that owner's. */
static vs_status the_next_attempt_less_one(void) {
    shares_scene s;
    memset(shares_books, 0, sizeof shares_books);
    for (uint64_t attempt = 0;; attempt++) {
        shares_scene_new(&s, &people, &plain);
        for (uint32_t i = 0; i < s.plan->party_count; i++) {
            s.net.parties[i].setup.attempt = attempt;
            s.net.parties[i].setup.release = shares_note;
            if (i > 0 || attempt == 0) {
                network_start(&s.net, i);
            }
        }
        network_settle(&s.net);
        if (attempt == 1) {
            return outcome(&s);
        }
        shares_assert_result(&s, shares_owners(&s));
        shares_scene_free(&s);
    }
}

/* ---- sums ---- */

static network_fate hold_sum_of_e(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    (void)len;
    if (bytes[40] == SERVER_E && bytes[5] == VS_MESSAGE_COUNTS && to == OPENER_F) {
        *(bool *)net->context = true;
        return NETWORK_DROP;
    }
    return NETWORK_DELIVER;
}

/* Up to the sum of server E for the opener, whose body is returned, malloc'd. */
static uint8_t *until_last_sum(shares_scene *s, size_t *len) {
    bool held = false;
    shares_scene_new(s, &people, &plain);
    s->net.fault = hold_sum_of_e;
    s->net.context = &held;
    network_start_all(&s->net);
    network_run(&s->net);
    assert_true(held);
    const network_bytes *sum = &s->net.parties[SERVER_E].sent.items[1];
    *len = sum->len - VS_MESSAGE_OVERHEAD;
    return network_copy(sum->bytes + VS_MESSAGE_HEADER_BYTES, *len).bytes;
}

static vs_status with_byte_altered(size_t at_end, size_t at) {
    shares_scene s;
    size_t len;
    uint8_t *body = until_last_sum(&s, &len);
    body[at_end > 0 ? len - at_end : at] ^= 1;
    vs_status status = offer_and_free(&s, OPENER_F, shares_forge(&s, VS_MESSAGE_COUNTS, SERVER_E, OPENER_F, body, len));
    free(body);
    shares_scene_free(&s);
    return status;
}

static vs_status a_sum_that_does_not_open(void) {
    return with_byte_altered(1, 0);
}

static vs_status a_sum_over_others(void) {
    return with_byte_altered(0, 0);
}

/* A server takes one contribution off the counter, and whatever it likes off the rest. */
static vs_status a_server_that_counts_less(void) {
    shares_scene s;
    vs_encoding e;
    size_t len;
    uint8_t *body = until_last_sum(&s, &len), seed[32] = {5};
    assert_int_equal(vs_encoding_make(&e, s.plan, NULL), VS_OK);
    uint8_t *bytes = malloc(8 * e.words), *boxed = body + VS_HASH_BYTES;
    uint64_t *slots = calloc(e.words, 8), *one = calloc(e.words, 8);
    const uint8_t *sid = s.net.parties[SERVER_E].sent.items[0].bytes + 8;
    const vs_address address = {"veilsum shares box", {sid, VS_MESSAGE_COUNTS, SERVER_E, OPENER_F}};
    assert_int_equal(vs_addressed_unlock(bytes, people.identities[OPENER_F], &address, boxed, len - VS_HASH_BYTES),
                     VS_OK);
    vs_words_from_bytes(slots, bytes, e.words);
    one[0] = 1;
    vs_slots_sub(slots, one, e.tops, e.words);
    vs_words_to_bytes(bytes, slots, e.words);
    assert_int_equal(
        vs_addressed_lock(boxed, vs_identity_public(people.identities[OPENER_F]), &address, seed, bytes, 8 * e.words),
        VS_OK);
    assert_int_equal(offer_and_free(&s, OPENER_F, shares_forge(&s, VS_MESSAGE_COUNTS, SERVER_E, OPENER_F, body, len)),
                     VS_OK);
    free(body);
    free(bytes);
    free(slots);
    free(one);
    vs_encoding_clear(&e);
    return outcome(&s);
}

/* ---- minimums ---- */

/* A group in which nobody has a row: what is in its values none the less must stay closed. */
static vs_status a_withheld_group(void) {
    shares_scene s;
    vs_status status = VS_ERR_POLICY;
    shares_scene_new(&s, &people, &grouped);
    size_t count = s.plan->component_count;
    for (uint32_t owner = 0; owner < 3; owner++) {
        for (size_t c = 0; c < count; c++) {
            s.cells[owner][1 + c] = s.plan->components[c].block_class > 0 ? s.plan->components[c].high : 0;
        }
    }
    network_start_all(&s.net);
    network_run(&s.net);
    vs_session_view view = network_look(&s.net, OPENER_F);
    assert_non_null(view.result);
    for (size_t c = 0; c < count; c++) {
        if (s.plan->components[c].block_class > 0 && view.result->cells[1 + c] != 0) {
            status = VS_OK;
        }
    }
    shares_scene_free(&s);
    return status;
}

static const attack attacks[] = {
    {"share_to_one", "an owner's second contribution, to all servers at once", a_share_to_all},
    {"share_box", "an owner that signs another's contribution as its own", a_copied_contribution},
    {"same_contribution_everywhere", "an owner that tells servers different things", two_contributions},
    {"accepted_once", "a server that counts an owner twice", an_owner_twice},
    {"accepted_to_all", "a server that shows its lists in private", a_list_in_private},
    {"shares_minimum_at_server", "a session that ends with a single owner", one_owner_alone},
    {"shares_minimum_at_opener", "servers that agree on a single owner", servers_for_one_owner},
    {"shares_release_once", "the same period again with one owner less", the_next_attempt_less_one},
    {"sum_box", "a sum that was altered", a_sum_that_does_not_open},
    {"sum_of_this_list", "a sum over other owners than the lists say", a_sum_over_others},
    {"shares_counter", "a server that takes a contribution off", a_server_that_counts_less},
    {"shares_minimums", "a group below the plan's minimums", a_withheld_group},
};

int main(void) {
    test_seed();
    roster_new(&people);
    int wrong = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    roster_free(&people);
    return wrong == 0 ? 0 : 1;
}
