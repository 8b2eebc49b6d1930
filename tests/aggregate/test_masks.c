#include "aggregate/result/result.h"
#include "tests/aggregate/masked.h"
#include "tests/aggregate/pipeline.h"

static void everybody_learns_the_sum(void **state) {
    (void)state;
    for (size_t owners = 3; owners <= 12; owners++) {
        masked m;
        bool in[12];
        masked_new(&m, owners, MASKED_VECTOR, MASKED_OPENING);
        m.net.shuffled = owners % 2 == 0;
        network_start_all(&m.net);
        network_run(&m.net);
        memset(in, true, sizeof in);
        for (uint32_t i = 0; i < owners + 2; i++) {
            vs_session_view view = network_look(&m.net, i);
            assert_true(view.done);
            assert_int_equal(view.failed, VS_OK);
            assert_int_equal(m.net.parties[i].refused, 0);
            masked_check(&m, view.result, in);
        }
        masked_free(&m);
    }
}

/* An owner may be the server, too, and open: what it says to itself does not leave. */
static void a_party_may_have_every_role(void **state) {
    (void)state;
    vs_identity **people;
    vs_int128 cells[4][3];
    network net;
    char json[4096], text[VS_MAX_IDENTITY_TEXT], *at = json;
    masked_identities(&people, 4);
    at += sprintf(at, "{\"veilsum\":1,\"vector\":{\"length\":2,\"scale\":0,\"min\":-9,\"max\":9},\"roster\":[");
    for (size_t i = 0; i < 4; i++) {
        vs_public_identity_to_text(text, vs_identity_public(people[i]));
        at += sprintf(at, "%s{\"identity\":\"%s\",\"organisation\":\"%zu\",\"may\":[\"contribute\",\"aggregate\"]}",
                      i > 0 ? "," : "", text, i);
    }
    sprintf(at, "]" MASKED_OPENING "}");
    vs_plan *plan = NULL;
    assert_int_equal(vs_plan_parse(&plan, json, strlen(json), NULL), VS_OK);
    network_new(&net, plan);
    for (uint32_t i = 0; i < 4; i++) {
        unsigned roles = VS_ROLE_CONTRIBUTOR | VS_ROLE_OPENER | (i == 0 ? VS_ROLE_SERVER : 0);
        cells[i][0] = 1;
        cells[i][1] = (vs_int128)i - 3;
        cells[i][2] = 2 * (vs_int128)i;
        (void)network_join(&net, i, people[i], roles, cells[i]);
    }
    network_start_all(&net);
    network_run(&net);
    for (uint32_t i = 0; i < 4; i++) {
        vs_session_view view = network_look(&net, i);
        assert_true(view.done && view.failed == VS_OK);
        assert_true(view.result->cells[0] == 4 && view.result->cells[1] == -6 && view.result->cells[2] == 12);
    }
    network_free(&net);
    vs_plan_free(plan);
    for (size_t i = 0; i < 4; i++) {
        vs_identity_free(people[i]);
    }
    free(people);
}

/* ---- losses ---- */

/* The message of an owner from which on nothing of it arrives, by owner; 0: everything does. */
static const unsigned char messages[] = {VS_MESSAGE_ADVERTISE, VS_MESSAGE_DEALING, VS_MESSAGE_MASKED, VS_MESSAGE_AGREE,
                                         VS_MESSAGE_UNMASK};
#define STEPS (sizeof messages)

static network_fate lose(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    const unsigned char *lost_from = net->context;
    vs_message message;
    (void)to;
    assert_int_equal(vs_message_parse(&message, bytes, len, NULL), VS_OK);
    unsigned from = lost_from[message.from];
    return from != 0 && message.kind >= from ? NETWORK_DROP : NETWORK_DELIVER;
}

/* Nobody has a result, or everybody who is there has the right one. Returns: is there one? */
static bool right_or_none(masked *m, const unsigned char *lost_from) {
    bool in[16];
    const vs_opened *first = masked_result(m, m->opener);
    for (size_t i = 0; i < m->owners; i++) {
        in[i] = lost_from[i] == 0 || lost_from[i] > VS_MESSAGE_MASKED;
    }
    for (uint32_t i = 0; i < m->owners + 2; i++) {
        vs_session_view view = network_look(&m->net, i);
        if (view.result != NULL) {
            assert_non_null(first);
            masked_check(m, view.result, in);
        } else if (first != NULL) { /* it was left out, and says so; or it is the one that is lost */
            assert_true(i < m->owners && lost_from[i] != 0);
        }
    }
    assert_true(first != NULL || network_look(&m->net, m->server).failed == VS_ERR_POLICY);
    return first != NULL;
}

static bool run_with_losses(size_t owners, const unsigned char *lost_from) {
    masked m;
    masked_new(&m, owners, MASKED_VECTOR, MASKED_OPENING);
    m.net.fault = lose;
    m.net.context = (void *)(uintptr_t)lost_from;
    network_start_all(&m.net);
    network_settle(&m.net);
    bool opened = right_or_none(&m, lost_from);
    masked_free(&m);
    return opened;
}

static void one_owner_lost_anywhere_changes_nothing_but_the_sum(void **state) {
    (void)state;
    for (size_t owners = 4; owners <= 6; owners++) {
        for (size_t i = 0; i < owners * STEPS; i++) {
            unsigned char lost_from[16] = {0};
            lost_from[i / STEPS] = messages[i % STEPS];
            assert_true(run_with_losses(owners, lost_from));
        }
    }
}

static void two_owners_lost_anywhere_never_give_a_wrong_sum(void **state) {
    /* Two are too many to lose, unless one of them never came, for which the threshold is lower: then of five the other
     * one may miss the last step, and of six any. */
    static const size_t can_be_opened[] = {[4] = 0, [5] = 2 * 10, [6] = (2 * STEPS - 1) * 15};
    (void)state;
    for (size_t owners = 4; owners <= 6; owners++) {
        size_t opened = 0;
        for (size_t i = 0; i < owners * STEPS; i++) {
            for (size_t j = (i / STEPS + 1) * STEPS; j < owners * STEPS; j++) {
                unsigned char lost_from[16] = {0};
                lost_from[i / STEPS] = messages[i % STEPS];
                lost_from[j / STEPS] = messages[j % STEPS];
                opened += run_with_losses(owners, lost_from);
            }
        }
        assert_int_equal(opened, can_be_opened[owners]);
    }
}

/* ---- crashes ---- */

typedef struct crash_at {
    uint32_t party;
    size_t message, seen;
} crash_at;

static network_fate crash(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    crash_at *at = net->context;
    (void)bytes;
    (void)len;
    return to == at->party && at->seen++ == at->message ? NETWORK_RESTART : NETWORK_DELIVER;
}

static void a_crash_after_any_message_sends_the_same_bytes_again(void **state) {
    (void)state;
    for (uint32_t party = 0; party < 6; party++) {
        for (size_t message = 0; message < 20; message++) {
            masked m;
            bool in[4] = {true, true, true, true};
            masked_new(&m, 4, MASKED_VECTOR, MASKED_OPENING);
            crash_at at = {.party = party, .message = message};
            m.net.fault = crash;
            m.net.context = &at;
            m.net.restarts_max = 1;
            network_start_all(&m.net);
            network_run(&m.net);
            for (uint32_t i = 0; i < 6; i++) {
                masked_check(&m, masked_result(&m, i), in);
            }
            masked_free(&m);
        }
    }
}

/* ---- everything else that may happen to messages ---- */

static void disorder_changes_nothing(void **state) {
    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        masked m;
        bool in[6] = {true, true, true, true, true, true};
        masked_new(&m, 6, MASKED_VECTOR, MASKED_OPENING);
        m.net.fault = network_tumble;
        m.net.shuffled = true;
        m.net.restarts_max = 30;
        network_start_all(&m.net);
        network_run(&m.net);
        for (uint32_t i = 0; i < 8; i++) {
            masked_check(&m, masked_result(&m, i), in);
        }
        masked_free(&m);
    }
}

/* A cell for each owner, which holds 1 in its vector: a 2 in the sum would be a repetition, a 0 a loss. */
static void everybody_counts_once_or_not_at_all(void **state) {
    (void)state;
    for (unsigned round = 0; round < 30; round++) {
        masked m;
        unsigned char lost_from[16] = {0};
        masked_new(&m, 9, "\"vector\":{\"length\":9,\"scale\":0,\"min\":0,\"max\":1}", MASKED_OPENING);
        for (uint32_t i = 0; i < 9; i++) {
            memset(m.cells[i], 0, 10 * sizeof **m.cells);
            m.cells[i][0] = m.cells[i][1 + i] = 1;
        }
        lost_from[test_below(9)] = messages[test_below(STEPS)];
        lost_from[test_below(9)] = messages[test_below(STEPS)];
        m.net.fault = lose;
        m.net.context = lost_from;
        m.net.shuffled = true;
        network_start_all(&m.net);
        network_settle(&m.net);
        const vs_opened *opened = masked_result(&m, m.opener);
        for (uint32_t i = 0; opened != NULL && i < 9; i++) {
            assert_true(opened->cells[1 + i] == (lost_from[i] == 0 || lost_from[i] > VS_MESSAGE_MASKED ? 1 : 0));
        }
        (void)right_or_none(&m, lost_from);
        masked_free(&m);
    }
}

/* ---- the same as with a key ---- */

static blob csv_of(const vs_plan *plan, const vs_opened *opened) {
    const vs_result_options options = {.format = VS_RESULT_CSV};
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    assert_int_equal(vs_result_write(plan, opened, &options, &sink, NULL), VS_OK);
    return (blob){memory.data, memory.len};
}

static void the_csv_is_that_of_a_key(void **state) {
    (void)state;
    vs_secret_key *sk = fixture_key("k2048");
    const vs_public_key *pk = vs_secret_key_public(sk);
    vs_plan *plan = table_plan(pk, "\"contributors\":{\"min\":3,\"max\":4}");
    masked m;
    test_inputs inputs = {.count = 0};
    masked_new(&m, 4, PLAN_COLUMNS, MASKED_OPENING);
    for (uint32_t i = 0; i < 4; i++) {
        char table[4096], name[2] = {(char)('a' + i), 0};
        random_table(table, 60, 3);
        vs_cells *cells = read_table(m.plan, table);
        memcpy(m.cells[i], vs_cells_values(cells), (size_t)m.plan->cell_count * sizeof **m.cells);
        vs_cells_free(cells);
        add_input(&inputs, name, contribute(plan, pk, table, name, "2026-11", NULL), false);
    }
    blob total;
    vs_opened opened;
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    assert_int_equal(open_total(&opened, plan, sk, &total, NULL), VS_OK);
    network_start_all(&m.net);
    network_run(&m.net);
    blob with_key = csv_of(plan, &opened), with_masks = csv_of(m.plan, masked_result(&m, 2));
    assert_int_equal(with_key.len, with_masks.len);
    assert_memory_equal(with_key.data, with_masks.data, with_key.len);
    for (uint32_t i = 0; i < 4; i++) {
        free(inputs.list[i].data.data);
    }
    free(total.data);
    free(with_key.data);
    free(with_masks.data);
    vs_opened_clear(&opened);
    vs_plan_free(plan);
    vs_secret_key_free(sk);
    masked_free(&m);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_learns_the_sum),
        cmocka_unit_test(a_party_may_have_every_role),
        cmocka_unit_test(one_owner_lost_anywhere_changes_nothing_but_the_sum),
        cmocka_unit_test(two_owners_lost_anywhere_never_give_a_wrong_sum),
        cmocka_unit_test(a_crash_after_any_message_sends_the_same_bytes_again),
        cmocka_unit_test(disorder_changes_nothing),
        cmocka_unit_test(everybody_counts_once_or_not_at_all),
        cmocka_unit_test(the_csv_is_that_of_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
