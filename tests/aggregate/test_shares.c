#include "shares_cast.h"

#include "crypto/secret.h"
#include "crypto/sharing/addressed.h"

static roster people;

/* Who serves, opens and contributes, in every mixture. */
static const shares_spec mixtures[] = {
    {{"c", "c", "c", "s", "s", "o"}, SHARES_COLUMNS, NULL, 2},
    {{"c", "c", "c", "s", "s", "o"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2},
    {{"cso", "cso", "cso"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2},
    {{"cso", "cs", "cs"}, SHARES_VECTOR, NULL, 2},
    {{"cso", "cs", "co", "s", "c", "o", "c", "s", "s"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2},
    {{"cso", "cs", "co", "s", "c", "o", "c", "s", "s"}, SHARES_VECTOR, NULL, 2},
    {{"so", "s", "c", "c", "c", "c"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2},
};
#define MIXTURES (sizeof mixtures / sizeof *mixtures)

static void the_result_is_the_sum_in_the_clear(void **state) {
    (void)state;
    for (size_t i = 0; i < 20 * MIXTURES; i++) {
        shares_scene s;
        shares_scene_new(&s, &people, &mixtures[i % MIXTURES]);
        s.net.shuffled = i >= MIXTURES;
        network_start_all(&s.net);
        network_run(&s.net);
        shares_assert_result(&s, shares_owners(&s));
        shares_scene_free(&s);
    }
}

static void each_owner_has_a_cell_of_its_own(void **state) {
    (void)state;
    static const shares_spec spec = {{"c", "cs", "c", "s", "o", "c", "c"}, SHARES_VECTOR, NULL, 2};
    shares_scene s;
    shares_scene_new(&s, &people, &spec);
    for (uint32_t i = 0; i < s.plan->party_count; i++) {
        for (uint64_t c = 1; s.cells[i] != NULL && c < s.plan->cell_count; c++) {
            s.cells[i][c] = c == 1 + i;
        }
    }
    s.net.shuffled = true;
    network_start_all(&s.net);
    network_run(&s.net);
    vs_session_view view = network_look(&s.net, 4);
    assert_non_null(view.result);
    for (uint32_t i = 0; i < s.plan->party_count; i++) {
        assert_true(view.result->cells[1 + i] == (s.cells[i] != NULL));
    }
    shares_scene_free(&s);
}

/* ---- who is not there ---- */

static const shares_spec four = {{"c", "s", "c", "s", "c", "o", "c"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2};
static const shares_spec five = {{"cs", "s", "c", "co", "c", "o", "c"}, SHARES_VECTOR, NULL, 2};
static const shares_spec six = {{"c", "s", "c", "s", "c", "so", "c", "c", "c"}, SHARES_COLUMNS, NULL, 3};

static void absent_owners(const shares_spec *spec) {
    shares_scene first;
    shares_scene_new(&first, &people, spec);
    unsigned owners = shares_owners(&first), parties = (unsigned)first.plan->party_count;
    shares_scene_free(&first);
    for (unsigned absent = 0; absent < 1u << parties; absent++) {
        if ((absent & ~owners) != 0) {
            continue;
        }
        shares_scene s;
        shares_scene_new(&s, &people, spec);
        for (uint32_t i = 0; i < parties; i++) {
            bool serves = strchr(spec->parties[i], 's') != NULL;
            if (absent & 1u << i && serves) { /* it serves, but has nothing to contribute */
                s.net.parties[i].setup.roles &= ~(unsigned)VS_ROLE_CONTRIBUTOR;
            }
            if (!(absent & 1u << i) || serves) {
                network_start(&s.net, i);
            }
        }
        network_settle(&s.net);
        unsigned here = owners & ~absent;
        if ((unsigned)__builtin_popcount(here) >= spec->minimum) {
            shares_assert_result(&s, here);
        } else {
            for (uint32_t i = 0; i < parties; i++) {
                vs_session_view view = network_look(&s.net, i);
                assert_null(view.result);
                bool serves = strchr(spec->parties[i], 's') != NULL;
                assert_int_equal(view.failed, serves ? VS_ERR_POLICY : VS_OK);
            }
        }
        shares_scene_free(&s);
    }
}

static void any_owners_may_be_absent(void **state) {
    (void)state;
    absent_owners(&four);
    absent_owners(&five);
    absent_owners(&six);
}

static void without_a_server_nothing_opens_and_the_wait_names_it(void **state) {
    (void)state;
    shares_scene s;
    shares_scene_new(&s, &people, &four);
    for (uint32_t i = 0; i < s.plan->party_count; i++) {
        if (i != 3) {
            network_start(&s.net, i);
        }
    }
    network_settle(&s.net);
    static const uint32_t waiting[] = {1, 5};
    for (size_t i = 0; i < 2; i++) {
        vs_session_view view = network_look(&s.net, waiting[i]);
        assert_false(view.done);
        assert_false(view.may_expire);
        assert_int_equal(network_expire(&s.net, waiting[i]), VS_ERR_NOT_READY);
        assert_string_equal(view.steps[view.step], "accepted");
        assert_int_equal(view.waiting_count, 1);
        assert_int_equal(view.waiting[0], 3);
        assert_null(view.result);
    }
    shares_scene_free(&s);
}

static void a_server_waits_for_owners_by_name(void **state) {
    (void)state;
    shares_scene s;
    shares_scene_new(&s, &people, &four);
    network_start(&s.net, 0);
    network_start(&s.net, 1);
    network_start(&s.net, 6);
    network_run(&s.net);
    vs_session_view view = network_look(&s.net, 1);
    assert_true(view.may_expire);
    assert_string_equal(view.steps[view.step], "share");
    assert_int_equal(view.step_count, 4);
    assert_int_equal(view.waiting_count, 2);
    assert_int_equal(view.waiting[0], 2);
    assert_int_equal(view.waiting[1], 4);
    shares_scene_free(&s);
}

/* ---- what gets lost ---- */

/* Drops the message with this number. */
typedef struct loss {
    size_t at, seen;
    vs_message_kind kind;
    uint32_t from, to;
} loss;

static network_fate lose_one(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    loss *l = net->context;
    vs_message message;
    if (l->seen++ != l->at) {
        return NETWORK_DELIVER;
    }
    assert_int_equal(vs_message_parse(&message, bytes, len, NULL), VS_OK);
    l->kind = message.kind;
    l->from = message.from;
    l->to = to;
    return NETWORK_DROP;
}

/* All that was ever sent, once more: as a board gives it to whoever asks again. */
static void send_all_again(network *net) {
    net->fault = NULL;
    for (size_t i = 0; i < net->plan->party_count; i++) {
        for (size_t j = 0; j < net->parties[i].sent.count; j++) {
            network_put(net, net->parties[i].sent.items[j].bytes, net->parties[i].sent.items[j].len);
        }
    }
    network_settle(net);
}

static void lose_each(const shares_spec *spec) {
    bool more = true;
    for (size_t at = 0; more; at++) {
        shares_scene s;
        loss l = {.at = at};
        shares_scene_new(&s, &people, spec);
        s.net.fault = lose_one;
        s.net.context = &l;
        network_start_all(&s.net);
        network_settle(&s.net);
        more = l.seen > at;
        unsigned owners = shares_owners(&s);
        if (l.kind == VS_MESSAGE_SHARE) {
            owners &= ~(1u << l.from);
        } else if (more) {
            /* Whoever had use for it waits for its sender. */
            bool of_use = s.net.parties[l.to].setup.roles & (VS_ROLE_SERVER | VS_ROLE_OPENER);
            vs_session_view view = network_look(&s.net, l.to);
            assert_int_equal(view.done, !of_use);
            assert_true(!of_use || (view.waiting_count == 1 && view.waiting[0] == l.from));
            send_all_again(&s.net);
        }
        shares_assert_result(&s, owners);
        shares_scene_free(&s);
    }
}

static void any_one_message_may_be_lost(void **state) {
    (void)state;
    lose_each(&four);
    lose_each(&five);
    lose_each(&six);
    for (size_t i = 0; i < MIXTURES; i++) {
        if (mixtures[i].parties[3] != NULL) { /* three owners less one are still enough */
            lose_each(&mixtures[i]);
        }
    }
}

static network_fate trouble(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    (void)net;
    (void)bytes;
    (void)len;
    (void)to;
    uint64_t dice = test_below(10);
    return dice < 2 ? NETWORK_TWICE : dice < 4 ? NETWORK_LATER : dice < 6 ? NETWORK_RESTART : NETWORK_DELIVER;
}

static void repeats_delays_and_crashes_change_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < 20 * MIXTURES; i++) {
        shares_scene s;
        shares_scene_new(&s, &people, &mixtures[i % MIXTURES]);
        s.net.shuffled = true;
        s.net.fault = trouble;
        s.net.restarts_max = 20;
        network_start_all(&s.net);
        network_run(&s.net);
        shares_assert_result(&s, shares_owners(&s));
        for (uint32_t party = 0; party < s.plan->party_count; party++) { /* and once more from the journals alone */
            network_start(&s.net, party);
            assert_int_equal(s.net.parties[party].resent, s.net.parties[party].sent.count);
        }
        shares_assert_result(&s, shares_owners(&s));
        shares_scene_free(&s);
    }
}

/* An owner's message reaches some servers, and the others give up waiting; a server that carries it takes it off. */
static network_fate lose_shares(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    unsigned *lost = net->context;
    vs_message message;
    (void)to;
    assert_int_equal(vs_message_parse(&message, bytes, len, NULL), VS_OK);
    if (message.kind != VS_MESSAGE_SHARE || test_below(6) > 0) {
        return test_below(4) == 0 ? NETWORK_RESTART : NETWORK_DELIVER;
    }
    *lost |= 1u << message.from;
    return NETWORK_DROP;
}

static void whoever_is_not_in_every_list_is_taken_off(void **state) {
    (void)state;
    for (size_t i = 0; i < 20 * MIXTURES; i++) {
        shares_scene s;
        unsigned lost = 0;
        const shares_spec *spec = &mixtures[i % MIXTURES];
        shares_scene_new(&s, &people, spec);
        s.net.shuffled = true;
        s.net.fault = lose_shares;
        s.net.context = &lost;
        s.net.restarts_max = 5;
        network_start_all(&s.net);
        network_settle(&s.net);
        unsigned here = shares_owners(&s) & ~lost;
        if ((unsigned)__builtin_popcount(here) >= spec->minimum) {
            shares_assert_result(&s, here);
        } else {
            for (uint32_t party = 0; party < s.plan->party_count; party++) {
                assert_null(network_look(&s.net, party).result);
            }
        }
        shares_scene_free(&s);
    }
}

static network_fate alter(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    (void)net;
    uint8_t *copy = malloc(len);
    bool taken;
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    size_t at = test_below(len), cut = test_below(8) == 0 ? test_below(len) : len;
    copy[at] ^= (uint8_t)(1 + test_below(255));
    vs_session *session = net->parties[to].session;
    vs_status status = vs_session_receive(session, copy, cut, &taken, NULL);
    assert_false(taken);
    /* all that passes is a message to somebody else */
    assert_true(status != VS_OK || (at >= 44 && at < 48));
    free(copy);
    return NETWORK_DELIVER;
}

static void altered_messages_are_refused_and_change_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < 4 * MIXTURES; i++) {
        shares_scene s;
        shares_scene_new(&s, &people, &mixtures[i % MIXTURES]);
        s.net.fault = alter;
        network_start_all(&s.net);
        network_run(&s.net);
        shares_assert_result(&s, shares_owners(&s));
        shares_scene_free(&s);
    }
}

/* ---- what stays closed ---- */

/* The plain bytes of a sum that was sent to this party. */
static size_t unlock_sum(const shares_scene *s, const network_bytes *message, uint8_t *plain) {
    vs_message m;
    assert_int_equal(vs_message_parse(&m, message->bytes, message->len, NULL), VS_OK);
    const vs_address address = {"veilsum shares box", {message->bytes + 8, m.kind, m.from, m.to}};
    assert_int_equal(vs_addressed_unlock(plain, s->roster->identities[m.to], &address, m.body + VS_HASH_BYTES,
                                         m.body_len - VS_HASH_BYTES),
                     VS_OK);
    return m.body_len - VS_HASH_BYTES - VS_ADDRESSED_EXTRA_BYTES;
}

static size_t allowed_bytes(const vs_encoding *e, const uint8_t *reasons) {
    size_t words = 0, first, count;
    for (uint64_t group = 0; group < e->plan->group_count; group++) {
        for (unsigned k = 1; k < e->plan->class_count; k++) {
            vs_encoding_block(e, group, k, &first, &count);
            words += reasons[group * e->plan->class_count + k] == VS_SHOWN ? count : 0;
        }
    }
    return 8 * words;
}

static void nothing_of_a_withheld_group_leaves_a_server(void **state) {
    (void)state;
    bool some_shown = false, some_withheld = false;
    for (size_t round = 0; round < 30; round++) {
        shares_scene s;
        vs_encoding e;
        vs_opened want;
        shares_scene_new(&s, &people, &mixtures[1]);
        assert_int_equal(vs_encoding_make(&e, s.plan, NULL), VS_OK);
        network_start_all(&s.net);
        network_run(&s.net);
        shares_expect(&s, shares_owners(&s), &want);
        size_t allowed = allowed_bytes(&e, want.reasons), all = 8 * (e.words - e.first_words);
        uint8_t *plain = malloc(8 * e.words);
        for (uint32_t server = 3; server <= 4; server++) {
            const network_list *sent = &s.net.parties[server].sent;
            assert_int_equal(sent->count, 4); /* a list, counts for a server and an opener, values for the opener */
            assert_int_equal(unlock_sum(&s, &sent->items[1], plain), 8 * e.first_words);
            assert_int_equal(unlock_sum(&s, &sent->items[2], plain), 8 * e.first_words);
            assert_int_equal(unlock_sum(&s, &sent->items[3], plain), allowed);
        }
        some_shown |= allowed > 0;
        some_withheld |= allowed < all;
        free(plain);
        vs_opened_clear(&want);
        vs_encoding_clear(&e);
        shares_scene_free(&s);
    }
    assert_true(some_shown && some_withheld);
}

/* ---- what is refused ---- */

static void assert_refuses(shares_scene *s, uint32_t party, network_bytes message, vs_status want, const char *word) {
    vs_status status = network_offer(&s->net, party, message.bytes, message.len);
    if (status != want || strstr(s->net.parties[party].error.message, word) == NULL) {
        print_error("wanted %d and '%s', got %d: %s\n", want, word, status, s->net.parties[party].error.message);
        fail();
    }
    free(message.bytes);
}

static void hostile_messages_are_refused_with_a_reason(void **state) {
    (void)state;
    shares_scene s;
    uint8_t body[8192] = {0};
    shares_scene_new(&s, &people, &mixtures[1]);
    network_start(&s.net, 3);
    network_start(&s.net, 5);
    assert_refuses(&s, 3, shares_forge(&s, VS_MESSAGE_SHARE, 0, 3, body, 10), VS_ERR_FORMAT, "length");
    assert_refuses(&s, 3, shares_forge(&s, VS_MESSAGE_SHARE, 1, 3, body, 160), VS_ERR_AUTH, "does not open");
    assert_refuses(&s, 3, shares_forge(&s, VS_MESSAGE_SHARE, 0, VS_TO_ALL, body, 160), VS_ERR_POLICY, "to all");
    assert_refuses(&s, 3, shares_forge(&s, VS_MESSAGE_SHARE, 5, 3, body, 160), VS_ERR_POLICY, "does not let it send");
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_ACCEPTED, 3, 5, body, 36), VS_ERR_POLICY, "one party alone");
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_ACCEPTED, 3, VS_TO_ALL, body, 35), VS_ERR_FORMAT, "length");
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_ACCEPTED, 3, VS_TO_ALL, body, 4 * 36), VS_ERR_FORMAT, "length");
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_ACCEPTED, 3, VS_TO_ALL, body, 72), VS_ERR_FORMAT, "twice");
    body[0] = 3;
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_ACCEPTED, 3, VS_TO_ALL, body, 36), VS_ERR_FORMAT,
                   "not contribute");
    body[0] = 77;
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_ACCEPTED, 3, VS_TO_ALL, body, 36), VS_ERR_FORMAT,
                   "not contribute");
    shares_scene_free(&s);
}

/* A server's sums that are not what they should be, once the lists are there. */
static network_fate no_sums_of_server_4(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    (void)net;
    (void)len;
    (void)to;
    return bytes[40] == 4 && bytes[5] == VS_MESSAGE_COUNTS ? NETWORK_DROP : NETWORK_DELIVER;
}

static void sums_that_are_not_right_are_refused(void **state) {
    (void)state;
    shares_scene s;
    shares_scene_new(&s, &people, &mixtures[0]);
    s.net.fault = no_sums_of_server_4;
    network_start_all(&s.net);
    network_run(&s.net);
    const network_bytes *right = &s.net.parties[4].sent.items[1];
    uint8_t *body = malloc(right->len);
    size_t len = right->len - VS_MESSAGE_OVERHEAD;
    memcpy(body, right->bytes + VS_MESSAGE_HEADER_BYTES, len);
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_COUNTS, 4, VS_TO_ALL, body, len), VS_ERR_FORMAT, "one party");
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_COUNTS, 4, 5, body, 31), VS_ERR_FORMAT, "one party");
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_COUNTS, 4, 5, body, len - 8), VS_ERR_FORMAT, "as long");
    body[len - 1] ^= 1;
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_COUNTS, 4, 5, body, len), VS_ERR_AUTH, "does not open");
    body[0] ^= 1;
    assert_refuses(&s, 5, shares_forge(&s, VS_MESSAGE_COUNTS, 4, 5, body, len), VS_ERR_POLICY, "other contributors");
    free(body);
    send_all_again(&s.net);
    shares_assert_result(&s, shares_owners(&s));
    shares_scene_free(&s);
}

static void a_late_share_is_refused_and_says_so(void **state) {
    (void)state;
    shares_scene s;
    shares_scene_new(&s, &people, &four);
    for (uint32_t i = 1; i < s.plan->party_count; i++) {
        network_start(&s.net, i);
    }
    network_settle(&s.net);
    network_start(&s.net, 0);
    network_run(&s.net);
    assert_int_equal(s.net.parties[1].why, VS_ERR_POLICY);
    assert_non_null(strstr(s.net.parties[1].error.message, "A: its 'share' came after"));
    shares_assert_result(&s, shares_owners(&s) & ~1u);
    shares_scene_free(&s);
}

/* An owner that was started again without its journal has told one server this and the other that. */
static void an_owner_of_two_contributions_is_left_out_and_named(void **state) {
    (void)state;
    shares_scene s;
    shares_scene_new(&s, &people, &four);
    network_start(&s.net, 0);
    network_offer(&s.net, 1, s.net.parties[0].sent.items[0].bytes, s.net.parties[0].sent.items[0].len);
    network_start(&s.net, 1);
    network_offer(&s.net, 1, s.net.parties[0].sent.items[0].bytes, s.net.parties[0].sent.items[0].len);
    network_list_clear(&s.net.parties[0].sent);
    network_lose(&s.net);
    s.net.parties[0].seed[0] ^= 1;
    for (uint32_t i = 0; i < s.plan->party_count; i++) {
        network_start(&s.net, i);
    }
    network_settle(&s.net);
    assert_true(s.net.parties[1].refused > 0);
    assert_non_null(strstr(s.net.parties[1].error.message, "a second, different 'share'"));
    static const uint32_t watching[] = {1, 3, 5};
    for (size_t i = 0; i < 3; i++) {
        vs_session_view view = network_look(&s.net, watching[i]);
        assert_int_equal(view.differing_count, 1);
        assert_int_equal(view.differing[0], 0);
    }
    shares_assert_result(&s, shares_owners(&s) & ~1u);
    shares_scene_free(&s);
}

/* ---- books ---- */

static void a_server_releases_one_list_for_all_attempts(void **state) {
    (void)state;
    shares_scene s;
    memset(shares_books, 0, sizeof shares_books);
    for (uint64_t attempt = 0; attempt < 2; attempt++) {
        shares_scene_new(&s, &people, &mixtures[0]);
        for (uint32_t i = 0; i < s.plan->party_count; i++) {
            s.net.parties[i].setup.attempt = attempt;
            s.net.parties[i].setup.release = i == 3 || i == 4 ? shares_note : NULL;
        }
        network_start_all(&s.net);
        network_run(&s.net);
        if (attempt == 0) {
            network_start(&s.net, 3); /* asked again after a restart */
            shares_assert_result(&s, shares_owners(&s));
        } else {
            vs_session_view server = network_look(&s.net, 3), opener = network_look(&s.net, 5);
            assert_int_equal(server.failed, VS_ERR_POLICY);
            assert_string_equal(server.reason.message, "released before");
            assert_null(opener.result);
            assert_false(opener.done);
        }
        shares_scene_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_result_is_the_sum_in_the_clear),
        cmocka_unit_test(each_owner_has_a_cell_of_its_own),
        cmocka_unit_test(any_owners_may_be_absent),
        cmocka_unit_test(without_a_server_nothing_opens_and_the_wait_names_it),
        cmocka_unit_test(a_server_waits_for_owners_by_name),
        cmocka_unit_test(any_one_message_may_be_lost),
        cmocka_unit_test(repeats_delays_and_crashes_change_nothing),
        cmocka_unit_test(whoever_is_not_in_every_list_is_taken_off),
        cmocka_unit_test(altered_messages_are_refused_and_change_nothing),
        cmocka_unit_test(nothing_of_a_withheld_group_leaves_a_server),
        cmocka_unit_test(hostile_messages_are_refused_with_a_reason),
        cmocka_unit_test(sums_that_are_not_right_are_refused),
        cmocka_unit_test(a_late_share_is_refused_and_says_so),
        cmocka_unit_test(an_owner_of_two_contributions_is_left_out_and_named),
        cmocka_unit_test(a_server_releases_one_list_for_all_attempts),
    };
    test_seed();
    roster_new(&people);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    roster_free(&people);
    return failed;
}
