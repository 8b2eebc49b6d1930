/* More owners than a complete graph takes: coins, neighbours, losses. */
#include "tests/aggregate/masked.h"

#define MANY 140u

/* Of the owners those whose place ends in `digit` lose everything from this kind on. */
typedef struct losses {
    unsigned kind, digit;
} losses;

static network_fate lose(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    const losses *l = net->context;
    vs_message message;
    (void)to;
    assert_int_equal(vs_message_parse(&message, bytes, len, NULL), VS_OK);
    bool lost = message.from < MANY && message.from % 20 == l->digit && message.kind >= l->kind;
    return lost ? NETWORK_DROP : NETWORK_DELIVER;
}

static void run(masked *m, losses *l) {
    masked_new(m, MANY, "\"vector\":{\"length\":5,\"scale\":0,\"min\":-9,\"max\":9}", MASKED_OPENING);
    m->net.fault = lose;
    m->net.context = l;
    network_start_all(&m->net);
    network_settle(&m->net);
}

static void the_sum_is_that_of_the_survivors(void **state) {
    (void)state;
    static const unsigned kinds[] = {VS_MESSAGE_ADVERTISE, VS_MESSAGE_DEALING, VS_MESSAGE_MASKED, VS_MESSAGE_AGREE,
                                     VS_MESSAGE_UNMASK};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        masked m;
        bool in[MANY];
        losses l = {.kind = kinds[k], .digit = (unsigned)test_below(20)};
        run(&m, &l);
        for (size_t i = 0; i < MANY; i++) {
            in[i] = i % 20 != l.digit || l.kind > VS_MESSAGE_MASKED;
        }
        for (uint32_t i = 0; i < MANY + 2; i++) {
            if (i >= MANY || i % 20 != l.digit) {
                masked_check(&m, masked_result(&m, i), in);
            }
        }
        vs_session_view view = network_look(&m.net, m.opener);
        assert_int_equal(view.step_count, 6);
        assert_string_equal(view.steps[1], "coin");
        masked_free(&m);
    }
}

static void a_coin_that_is_not_revealed_ends_the_attempt(void **state) {
    (void)state;
    masked m;
    losses l = {.kind = VS_MESSAGE_COIN, .digit = 7};
    run(&m, &l);
    vs_session_view view = network_look(&m.net, m.server);
    assert_int_equal(view.failed, VS_ERR_POLICY);
    assert_string_equal(view.reason.message, "P7: has not revealed its coin");
    assert_null(masked_result(&m, 0));
    for (uint32_t i = 0; i < MANY; i++) { /* nothing of anybody's values has left */
        for (size_t j = 0; j < m.net.parties[i].sent.count; j++) {
            assert_true(m.net.parties[i].sent.items[j].bytes[5] <= VS_MESSAGE_COIN);
        }
    }
    masked_free(&m);
}

static void few_attempts_are_made(void **state) {
    (void)state;
    masked m;
    vs_error error = {.message = ""};
    masked_new(&m, MANY, MASKED_VECTOR, MASKED_OPENING);
    m.net.parties[0].setup.attempt = 16;
    assert_int_equal(vs_session_new(&m.net.parties[0].session, &m.net.parties[0].setup, &error), VS_ERR_POLICY);
    assert_non_null(strstr(error.message, "choose among graphs"));
    masked_free(&m);
}

/* An owner works with its neighbours and their coins alone, however many others there are. */
static void an_owner_sends_little(void **state) {
    (void)state;
    masked m;
    losses l = {.kind = UINT32_MAX};
    run(&m, &l);
    vs_graph_size size;
    const vs_graph_crowd crowd = {MANY, MANY / 20, MANY / 20};
    assert_true(vs_graph_sparse(&size, &crowd));
    for (size_t j = 0; j < m.net.parties[3].sent.count; j++) {
        const network_bytes *sent = &m.net.parties[3].sent.items[j];
        if (sent->bytes[5] == VS_MESSAGE_DEALING) {
            assert_int_equal(sent->len, VS_MESSAGE_OVERHEAD + 4 + size.degree * VS__DEALT_BYTES);
        }
    }
    masked_free(&m);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_is_that_of_the_survivors),
        cmocka_unit_test(a_coin_that_is_not_revealed_ends_the_attempt),
        cmocka_unit_test(few_attempts_are_made),
        cmocka_unit_test(an_owner_sends_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
