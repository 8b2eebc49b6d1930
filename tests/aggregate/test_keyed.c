/* Sessions of the openings key and threshold: what the file pipeline gives, with owners that are absent, late, twofold
 * or false, servers that lie, holders whose parts are bad, and crashes. */
#include "keyed_world.h"

#include "aggregate/result/result.h"

/* ---- what the files give ---- */

static blob csv_of(const vs_plan *plan, const vs_opened *opened) {
    const vs_result_options options = {.format = VS_RESULT_CSV};
    vs_memory_sink memory = {0};
    const vs_sink sink = vs_memory_sink_open(&memory, "memory");
    assert_int_equal(vs_result_write(plan, opened, &options, &sink, NULL), VS_OK);
    return (blob){memory.data, memory.len};
}

/* The total of some owners' contributions, by files. */
static blob total_by_files(const keyed_world *w, uint32_t first, uint32_t count) {
    test_inputs inputs = {.count = 0};
    blob total;
    for (uint32_t i = first; i < first + count; i++) {
        add_input(&inputs, "file", w->parties[i].contribution, false);
    }
    assert_int_equal(combine(w->plan, &inputs, &total, NULL), VS_OK);
    return total;
}

/* The result of the first owners, by files, under the same plan opened with the dealer's key. */
static blob csv_by_files(const keyed_world *w, uint32_t count) {
    vs_plan *plan = keyed_plan(false, w->rest);
    test_inputs inputs = {.count = 0};
    blob total;
    vs_opened opened;
    for (uint32_t i = 0; i < count; i++) {
        add_input(&inputs, "file", keyed_contribution(plan, keyed_tables[i], keyed_identity(i), KEYED_PERIOD, 0),
                  false);
    }
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    assert_int_equal(open_total(&opened, plan, keyed_dealt.sk, &total, NULL), VS_OK);
    blob csv = csv_of(plan, &opened);
    vs_opened_clear(&opened);
    free(total.data);
    for (uint32_t i = 0; i < count; i++) {
        free(inputs.list[i].data.data);
    }
    vs_plan_free(plan);
    return csv;
}

static void assert_opened_as_files(keyed_world *w, uint32_t party, uint32_t owners) {
    vs_session_view view = network_look(&w->net, party);
    if (view.failed != VS_OK) {
        print_error("%s\n", view.reason.message);
    }
    assert_int_equal(view.failed, VS_OK);
    assert_true(view.done);
    assert_int_equal(view.step, view.step_count);
    assert_non_null(view.result);
    blob here = csv_of(w->plan, view.result), files = csv_by_files(w, owners);
    assert_int_equal(here.len, files.len);
    assert_memory_equal(here.data, files.data, here.len);
    free(here.data);
    free(files.data);
}

static void assert_failed(keyed_world *w, uint32_t party, vs_status status, const char *words) {
    vs_session_view view = network_look(&w->net, party);
    assert_int_equal(view.failed, status);
    assert_true(view.done);
    if (strstr(view.reason.message, words) == NULL) {
        fail_msg("'%s' is not in: %s", words, view.reason.message);
    }
}

static void assert_last_refusal(keyed_world *w, uint32_t party, vs_status status, const char *words) {
    const network_party *p = &w->net.parties[party];
    assert_int_equal(p->why, status);
    if (strstr(p->error.message, words) == NULL) {
        fail_msg("'%s' is not in: %s", words, p->error.message);
    }
}

/* What a party sent of a kind; the body is borrowed. */
static blob sent_by(const keyed_world *w, uint32_t party, vs_message_kind kind) {
    const network_list *sent = &w->net.parties[party].sent;
    vs_message message;
    for (size_t i = 0; i < sent->count; i++) {
        assert_int_equal(vs_message_parse(&message, sent->items[i].bytes, sent->items[i].len, NULL), VS_OK);
        if (message.kind == kind) {
            return (blob){(uint8_t *)(uintptr_t)message.body, message.body_len};
        }
    }
    return (blob){NULL, 0};
}

/* ---- with a key ---- */

static void everybody_is_done_and_the_result_is_that_of_the_files(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    network_start_all(&w->net);
    network_run(&w->net);
    for (uint32_t i = 0; i <= KEYED_OPENER; i++) {
        assert_true(network_look(&w->net, i).done);
        assert_int_equal(network_look(&w->net, i).failed, VS_OK);
    }
    assert_opened_as_files(w, KEYED_OPENER, KEYED_OWNERS);
    blob total = sent_by(w, KEYED_SERVER, VS_MESSAGE_TOTAL), files = total_by_files(w, 0, KEYED_OWNERS);
    assert_int_equal(total.len, files.len);
    assert_memory_equal(total.data, files.data, total.len);
    assert_non_null(sent_by(w, KEYED_OPENER, VS_MESSAGE_RESULT).data);
    assert_non_null(sent_by(w, KEYED_OPENER, VS_MESSAGE_OPENING).data);
    free(files.data);
    keyed_free(w);
}

static void a_result_that_is_not_to_be_published_is_not(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    w->parties[KEYED_OPENER].keyed.publish = false;
    network_start_all(&w->net);
    network_run(&w->net);
    assert_opened_as_files(w, KEYED_OPENER, KEYED_OWNERS);
    assert_null(sent_by(w, KEYED_OPENER, VS_MESSAGE_RESULT).data);
    keyed_free(w);
}

static void order_repetition_and_crashes_change_nothing(void **state) {
    (void)state;
    for (int threshold = 0; threshold < 2; threshold++) {
        for (int i = 0; i < 2; i++) {
            keyed_world *w =
                keyed_all(threshold == 1, i % 2 == 0 ? "" : ",\"groups\":{\"min_rows\":3,\"min_contributors\":2}");
            w->net.shuffled = true;
            w->net.fault = network_tumble;
            w->net.restarts_max = 8;
            network_start_all(&w->net);
            network_run(&w->net);
            assert_opened_as_files(w, threshold == 1 ? KEYED_HOLDER : KEYED_OPENER, KEYED_OWNERS);
            for (uint32_t j = 0; j <= KEYED_SERVER; j++) {
                assert_true(network_look(&w->net, j).done);
            }
            keyed_free(w);
        }
    }
}

/* At every event of every party. */
static void a_crash_anywhere_loses_nothing(void **state) {
    (void)state;
    keyed_world *w = keyed_all(true, ",\"groups\":{\"min_rows\":3,\"min_contributors\":2}");
    network_start_all(&w->net);
    while (w->net.letter_count > 0) {
        network_letter letter = w->net.letters[0];
        memmove(w->net.letters, w->net.letters + 1, --w->net.letter_count * sizeof letter);
        network_deliver(&w->net, letter);
        for (uint32_t i = 0; i < KEYED_PARTIES; i++) {
            if (w->net.parties[i].session != NULL && test_below(8) == 0) {
                network_start(&w->net, i);
            }
        }
    }
    for (uint32_t i = KEYED_HOLDER; i < KEYED_PARTIES; i++) {
        network_start(&w->net, i);
        assert_opened_as_files(w, i, KEYED_OWNERS);
    }
    keyed_free(w);
}

/* ---- absent owners ---- */

static void the_wait_for_an_owner_ends_with_the_total_of_the_others(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    w->net.parties[3].setup.plan = NULL; /* never comes */
    network_start_all(&w->net);
    network_run(&w->net);
    vs_session_view view = network_look(&w->net, KEYED_SERVER);
    assert_true(!view.done && view.may_expire);
    assert_int_equal(view.waiting_count, 1);
    assert_int_equal(view.waiting[0], 3);
    assert_string_equal(view.steps[view.step], "contribute");
    assert_string_equal(network_look(&w->net, 0).steps[network_look(&w->net, 0).step], "combine");
    assert_int_equal(network_look(&w->net, 0).waiting[0], KEYED_SERVER);
    assert_int_equal(network_look(&w->net, KEYED_OPENER).waiting[0], KEYED_SERVER);
    network_settle(&w->net);
    assert_opened_as_files(w, KEYED_OPENER, 3);
    /* Now it comes after all. */
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 3, VS_MESSAGE_CONTRIBUTION, &w->parties[3].contribution),
                     VS_ERR_POLICY);
    assert_last_refusal(w, KEYED_SERVER, VS_ERR_POLICY, "D: its contribution came after the total");
    keyed_free(w);
}

static void too_few_organisations_end_the_session_and_name_who_is_missing(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    w->net.parties[1].setup.plan = w->net.parties[3].setup.plan = NULL;
    network_start_all(&w->net);
    network_settle(&w->net);
    assert_failed(w, KEYED_SERVER, VS_ERR_POLICY,
                  "contributions of 2 organisations, and the plan asks for 3: none by B, D");
    assert_null(sent_by(w, KEYED_SERVER, VS_MESSAGE_TOTAL).data);
    assert_false(network_look(&w->net, 0).done);
    keyed_free(w);
}

static void an_owner_that_was_left_out_hears_of_it(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    w->net.parties[3].setup.plan = NULL;
    network_start_all(&w->net);
    network_settle(&w->net);
    w->net.parties[3].setup.plan = w->plan; /* late: the receipt is there when it comes */
    network_start(&w->net, 3);
    blob receipt = sent_by(w, KEYED_SERVER, VS_MESSAGE_RECEIPT);
    assert_int_equal(keyed_offer(w, 3, KEYED_SERVER, VS_MESSAGE_RECEIPT, &receipt), VS_OK);
    assert_failed(w, 3, VS_ERR_POLICY, "H made the total without the contribution of D");
    keyed_free(w);
}

/* ---- false contributions ---- */

static void a_second_contribution_is_refused_and_the_first_one_counts(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    network_start_all(&w->net);
    blob other = keyed_contribution(w->plan, keyed_tables[1], keyed_identity(0), KEYED_PERIOD, 0);
    const network_letter first = w->net.letters[0];
    (void)network_offer(&w->net, KEYED_SERVER, first.message.bytes, first.message.len);
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &other), VS_ERR_POLICY);
    assert_last_refusal(w, KEYED_SERVER, VS_ERR_POLICY, "A: a second, different 'contribution'");
    network_run(&w->net);
    assert_opened_as_files(w, KEYED_OPENER, KEYED_OWNERS);
    free(other.data);
    keyed_free(w);
}

static void contributions_of_others_or_for_others_are_refused(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    network_start(&w->net, KEYED_SERVER);
    blob of_b = w->parties[1].contribution;
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &of_b), VS_ERR_POLICY);
    assert_last_refusal(w, KEYED_SERVER, VS_ERR_POLICY, "A: sent a contribution in the name of B");
    blob other_period = keyed_contribution(w->plan, keyed_tables[0], keyed_identity(0), "2026-12", 0);
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &other_period), VS_ERR_MISMATCH);
    blob other_attempt = keyed_contribution(w->plan, keyed_tables[0], keyed_identity(0), KEYED_PERIOD, 1);
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &other_attempt), VS_ERR_MISMATCH);
    assert_last_refusal(w, KEYED_SERVER, VS_ERR_MISMATCH, "another period or attempt");
    blob longer = blob_join(&w->parties[0].contribution, &of_b);
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &longer), VS_ERR_AUTH);
    blob empty = {NULL, 0};
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &empty), VS_ERR_FORMAT);
    blob total = total_by_files(w, 0, 4);
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &total), VS_ERR_FORMAT);
    for (int i = 0; i < 50; i++) { /* altered anywhere: never taken */
        blob altered = blob_copy(&w->parties[0].contribution);
        altered.data[test_below(altered.len)] ^= (uint8_t)(1 + test_below(255));
        assert_int_not_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &altered), VS_OK);
        free(altered.data);
    }
    assert_int_equal(network_look(&w->net, KEYED_SERVER).waiting_count, KEYED_OWNERS);
    /* None of that stands in the way of the right one. */
    assert_int_equal(keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &w->parties[0].contribution), VS_OK);
    free(other_period.data);
    free(other_attempt.data);
    free(longer.data);
    free(total.data);
    keyed_free(w);
}

static void an_outsider_is_not_heard(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    network_start_all(&w->net);
    const vs_identity *stranger = keyed_people.identities['P' - 'A'];
    blob message = keyed_message(w, 0, stranger, VS_MESSAGE_CONTRIBUTION, &w->parties[0].contribution);
    assert_int_equal(network_offer(&w->net, KEYED_SERVER, message.data, message.len), VS_ERR_AUTH);
    blob owner_serves = w->parties[0].contribution;
    assert_int_equal(keyed_offer(w, KEYED_OPENER, 0, VS_MESSAGE_TOTAL, &owner_serves), VS_ERR_POLICY);
    network_run(&w->net);
    assert_opened_as_files(w, KEYED_OPENER, KEYED_OWNERS);
    free(message.data);
    keyed_free(w);
}

static void what_is_no_ciphertext_is_left_out_and_its_owner_hears_of_it(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    keyed_party *liar = &w->parties[3];
    blob bad = keyed_no_unit(&liar->contribution, keyed_identity(3));
    liar->keyed.contribution = bad.data;
    liar->keyed.contribution_len = bad.len;
    network_start_all(&w->net);
    network_run(&w->net);
    assert_opened_as_files(w, KEYED_OPENER, 3);
    assert_failed(w, 3, VS_ERR_POLICY, "H refused the contribution of D: ");
    assert_int_equal(network_look(&w->net, 0).failed, VS_OK);
    free(bad.data);
    keyed_free(w);
}

/* ---- servers that lie ---- */

/* Openers and owners hear the owners; the server says what it likes. */
static keyed_world *without_server(bool threshold) {
    keyed_world *w = keyed_all(threshold, "");
    w->net.parties[KEYED_SERVER].setup.plan = NULL;
    network_start_all(&w->net);
    network_run(&w->net);
    return w;
}

static void a_total_of_other_contributions_is_not_opened(void **state) {
    (void)state;
    keyed_world *w = without_server(false);
    keyed_lie l = keyed_lie_about(w, 4, KEYED_PERIOD, 0, 0); /* the same owners, and not what they sent */
    assert_int_equal(keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_RECEIPT, &l.receipt), VS_OK);
    assert_int_equal(keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_TOTAL, &l.total), VS_ERR_AUTH);
    assert_last_refusal(w, KEYED_OPENER, VS_ERR_AUTH, "H: its total is not the product of the contributions");
    assert_false(network_look(&w->net, KEYED_OPENER).done);
    /* The owner sees it, too: it is not its contribution that is in there. */
    assert_int_equal(keyed_offer(w, 0, KEYED_SERVER, VS_MESSAGE_RECEIPT, &l.receipt), VS_OK);
    assert_failed(w, 0, VS_ERR_AUTH, "H's total holds another contribution by A");
    keyed_lie_free(&l);
    keyed_free(w);
}

static void a_receipt_for_another_total_is_refused(void **state) {
    (void)state;
    keyed_world *w = without_server(false);
    keyed_lie l = keyed_lie_about(w, 4, KEYED_PERIOD, 0, 0);
    blob right = total_by_files(w, 0, 4);
    assert_int_equal(keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_TOTAL, &right), VS_OK);
    assert_int_equal(keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_RECEIPT, &l.receipt), VS_ERR_MISMATCH);
    keyed_lie_free(&l);
    free(right.data);
    keyed_free(w);
}

static void receipts_and_totals_of_another_period_are_refused(void **state) {
    (void)state;
    keyed_world *w = without_server(false);
    keyed_lie l = keyed_lie_about(w, 4, "2026-12", 0, 0);
    assert_int_equal(keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_RECEIPT, &l.receipt), VS_ERR_MISMATCH);
    assert_last_refusal(w, KEYED_OPENER, VS_ERR_MISMATCH, "H: its receipt is for another period");
    assert_int_equal(keyed_offer(w, 0, KEYED_SERVER, VS_MESSAGE_RECEIPT, &l.receipt), VS_ERR_MISMATCH);
    keyed_lie_free(&l);
    keyed_free(w);
}

static void a_total_of_too_few_is_not_opened(void **state) {
    (void)state;
    keyed_world *w = without_server(false);
    keyed_lie l = keyed_lie_about(w, 2, KEYED_PERIOD, 0, 0);
    assert_int_equal(keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_RECEIPT, &l.receipt), VS_OK);
    assert_int_equal(keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_TOTAL, &l.total), VS_ERR_POLICY);
    assert_last_refusal(w, KEYED_OPENER, VS_ERR_POLICY, "contributors.min");
    keyed_lie_free(&l);
    keyed_free(w);
}

static void a_trusted_receipt_takes_the_place_of_the_contributions(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    w->parties[KEYED_OPENER].keyed.trusted = "H";
    network_start_all(&w->net);
    network_run(&w->net);
    assert_opened_as_files(w, KEYED_OPENER, KEYED_OWNERS);
    keyed_free(w);
    w = keyed_all(false, "");
    w->parties[KEYED_OPENER].keyed.trusted = "G";
    network_start_all(&w->net);
    network_run(&w->net);
    assert_false(network_look(&w->net, KEYED_OPENER).done);
    assert_last_refusal(w, KEYED_OPENER, VS_ERR_POLICY, "this opener takes the word of G alone");
    keyed_free(w);
}

static void an_opener_waits_for_contributions_that_are_listed_and_not_here(void **state) {
    (void)state;
    keyed_world *w = without_server(false);
    vs_session_free(w->net.parties[KEYED_OPENER].session);
    w->net.parties[KEYED_OPENER].session = NULL;
    network_list_clear(&w->net.parties[KEYED_OPENER].journal);
    network_start(&w->net, KEYED_OPENER);
    w->net.parties[KEYED_SERVER].setup.plan = w->plan;
    network_start(&w->net, KEYED_SERVER);
    for (uint32_t i = 0; i < KEYED_OWNERS; i++) {
        (void)keyed_offer(w, KEYED_SERVER, i, VS_MESSAGE_CONTRIBUTION, &w->parties[i].contribution);
        if (i != 2) {
            (void)keyed_offer(w, KEYED_OPENER, i, VS_MESSAGE_CONTRIBUTION, &w->parties[i].contribution);
        }
    }
    network_run(&w->net);
    vs_session_view view = network_look(&w->net, KEYED_OPENER);
    assert_false(view.done);
    assert_int_equal(view.waiting_count, 1);
    assert_int_equal(view.waiting[0], 2);
    (void)keyed_offer(w, KEYED_OPENER, 2, VS_MESSAGE_CONTRIBUTION, &w->parties[2].contribution);
    assert_opened_as_files(w, KEYED_OPENER, KEYED_OWNERS);
    keyed_free(w);
}

static void what_plan_or_book_forbid_is_not_opened(void **state) {
    (void)state;
    keyed_world *w = keyed_all(false, "");
    w->parties[KEYED_OPENER].keyed.plan_signed = false;
    network_start_all(&w->net);
    network_run(&w->net);
    assert_failed(w, KEYED_OPENER, VS_ERR_POLICY, "rule signatures");
    assert_null(sent_by(w, KEYED_OPENER, VS_MESSAGE_OPENING).data);
    keyed_free(w);
    /* The book has the total of three of the four. */
    w = keyed_all(false, "");
    w->net.parties[3].setup.plan = NULL;
    network_start_all(&w->net);
    network_settle(&w->net);
    assert_opened_as_files(w, KEYED_OPENER, 3);
    vs_session_free(w->net.parties[KEYED_OPENER].session);
    w->net.parties[KEYED_OPENER].session = NULL;
    network_list_clear(&w->net.parties[KEYED_OPENER].journal);
    network_list_clear(&w->net.parties[KEYED_OPENER].sent);
    network_start(&w->net, KEYED_OPENER);
    w->parties[KEYED_OPENER].keyed.trusted = "H";
    keyed_lie four = keyed_lie_about(w, 4, KEYED_PERIOD, 0, 0);
    (void)keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_RECEIPT, &four.receipt);
    assert_int_equal(keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_TOTAL, &four.total), VS_OK);
    assert_failed(w, KEYED_OPENER, VS_ERR_POLICY, "rule one set a period");
    keyed_lie_free(&four);
    keyed_free(w);
}

/* ---- by threshold ---- */

static void holders_open_together(void **state) {
    (void)state;
    static const char *const rests[] = {"", ",\"groups\":{\"min_rows\":3,\"min_contributors\":2}",
                                        ",\"groups\":{\"min_rows\":900,\"min_contributors\":2}"};
    for (size_t i = 0; i < 3; i++) {
        keyed_world *w = keyed_all(true, rests[i]);
        keyed_join(w, KEYED_OPENER); /* who holds no share puts parts together, too */
        network_start_all(&w->net);
        network_run(&w->net);
        for (uint32_t j = KEYED_OPENER; j < KEYED_PARTIES; j++) {
            assert_opened_as_files(w, j, KEYED_OWNERS);
        }
        assert_null(sent_by(w, KEYED_OPENER, VS_MESSAGE_OPENING).data);
        assert_non_null(sent_by(w, KEYED_HOLDER, VS_MESSAGE_OPENING).data);
        assert_true((sent_by(w, KEYED_HOLDER, VS_MESSAGE_PART_ALLOWED).data != NULL) == (i > 0));
        keyed_free(w);
    }
}

static void one_holder_of_two_that_are_needed_waits_for_the_others(void **state) {
    (void)state;
    keyed_world *w = keyed_all(true, "");
    w->net.parties[KEYED_HOLDER].setup.plan = w->net.parties[KEYED_HOLDER + 1].setup.plan = NULL;
    network_start_all(&w->net);
    network_settle(&w->net);
    vs_session_view view = network_look(&w->net, KEYED_HOLDER + 2);
    assert_false(view.done || view.may_expire);
    assert_string_equal(view.steps[view.step], "part");
    assert_int_equal(view.waiting_count, 2);
    assert_int_equal(view.waiting[0], KEYED_HOLDER);
    w->net.parties[KEYED_HOLDER].setup.plan = w->plan;
    network_start(&w->net, KEYED_HOLDER);
    for (size_t i = 0; i < w->net.parties[KEYED_HOLDER + 2].journal.count; i++) { /* it catches up */
        const network_bytes *m = &w->net.parties[KEYED_HOLDER + 2].journal.items[i];
        (void)network_offer(&w->net, KEYED_HOLDER, m->bytes, m->len);
    }
    network_run(&w->net);
    assert_opened_as_files(w, KEYED_HOLDER + 2, KEYED_OWNERS);
    keyed_free(w);
}

/* The first part of holder 1 is altered, and signed as if nothing had happened. */
static network_fate alter_part(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    (void)net;
    (void)len;
    (void)to;
    vs_message message;
    assert_int_equal(vs_message_parse(&message, bytes, len, NULL), VS_OK);
    return message.kind == VS_MESSAGE_PART && message.from == KEYED_HOLDER ? NETWORK_DROP : NETWORK_DELIVER;
}

static void a_bad_part_is_named_and_others_open(void **state) {
    (void)state;
    keyed_world *w = keyed_all(true, "");
    w->net.fault = alter_part;
    network_start_all(&w->net);
    w->net.parties[KEYED_HOLDER + 1].setup.plan = NULL;
    vs_session_free(w->net.parties[KEYED_HOLDER + 1].session);
    w->net.parties[KEYED_HOLDER + 1].session = NULL;
    network_run(&w->net);
    uint32_t opener = KEYED_HOLDER + 2;
    assert_false(network_look(&w->net, opener).done);
    blob part = sent_by(w, KEYED_HOLDER, VS_MESSAGE_PART), bad = blob_copy(&part);
    bad.data[bad.len / 2] ^= 1;
    mend_part(&bad, keyed_identity(KEYED_HOLDER));
    assert_int_equal(keyed_offer(w, opener, KEYED_HOLDER, VS_MESSAGE_PART, &bad), VS_ERR_AUTH);
    assert_last_refusal(w, opener, VS_ERR_AUTH, "HOLDER-1: its proof does not hold");
    assert_int_equal(keyed_offer(w, opener, KEYED_HOLDER + 1, VS_MESSAGE_PART, &part), VS_ERR_POLICY);
    assert_last_refusal(w, opener, VS_ERR_POLICY, "HOLDER-2: sent a part that is not its own");
    assert_int_equal(keyed_offer(w, opener, KEYED_HOLDER, VS_MESSAGE_PART_ALLOWED, &part), VS_ERR_POLICY);
    assert_int_equal(keyed_offer(w, opener, KEYED_OPENER, VS_MESSAGE_PART, &part), VS_ERR_POLICY);
    assert_false(network_look(&w->net, opener).done);
    assert_int_equal(keyed_offer(w, opener, KEYED_HOLDER, VS_MESSAGE_PART, &part), VS_OK);
    assert_opened_as_files(w, opener, KEYED_OWNERS);
    free(bad.data);
    keyed_free(w);
}

/* ---- setups ---- */

static void setups_that_lack_something_are_refused(void **state) {
    (void)state;
    static const uint32_t parties[] = {0, KEYED_OPENER};
    keyed_world *w = keyed_all(false, "");
    vs_session *session = NULL;
    vs_error error;
    for (size_t i = 0; i < 2; i++) {
        vs_session_setup setup = w->net.parties[parties[i]].setup;
        setup.keyed = NULL;
        assert_int_equal(vs_session_new(&session, &setup, &error), VS_ERR_USAGE);
        assert_null(session);
    }
    vs_session_setup setup = w->net.parties[KEYED_OPENER].setup;
    vs_keyed_setup keyed = *setup.keyed;
    setup.keyed = &keyed;
    keyed.sk = NULL;
    assert_int_equal(vs_session_new(&session, &setup, &error), VS_ERR_USAGE);
    keyed = w->parties[KEYED_OPENER].keyed;
    keyed.enter = NULL;
    assert_int_equal(vs_session_new(&session, &setup, &error), VS_ERR_USAGE);
    vs_secret_key *other = fixture_key("k2048");
    keyed = w->parties[KEYED_OPENER].keyed;
    keyed.sk = other;
    assert_int_equal(vs_session_new(&session, &setup, &error), VS_ERR_MISMATCH);
    vs_secret_key_free(other);
    keyed_free(w);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_done_and_the_result_is_that_of_the_files),
        cmocka_unit_test(a_result_that_is_not_to_be_published_is_not),
        cmocka_unit_test(order_repetition_and_crashes_change_nothing),
        cmocka_unit_test(a_crash_anywhere_loses_nothing),
        cmocka_unit_test(the_wait_for_an_owner_ends_with_the_total_of_the_others),
        cmocka_unit_test(too_few_organisations_end_the_session_and_name_who_is_missing),
        cmocka_unit_test(an_owner_that_was_left_out_hears_of_it),
        cmocka_unit_test(a_second_contribution_is_refused_and_the_first_one_counts),
        cmocka_unit_test(contributions_of_others_or_for_others_are_refused),
        cmocka_unit_test(an_outsider_is_not_heard),
        cmocka_unit_test(what_is_no_ciphertext_is_left_out_and_its_owner_hears_of_it),
        cmocka_unit_test(a_total_of_other_contributions_is_not_opened),
        cmocka_unit_test(a_receipt_for_another_total_is_refused),
        cmocka_unit_test(receipts_and_totals_of_another_period_are_refused),
        cmocka_unit_test(a_total_of_too_few_is_not_opened),
        cmocka_unit_test(a_trusted_receipt_takes_the_place_of_the_contributions),
        cmocka_unit_test(an_opener_waits_for_contributions_that_are_listed_and_not_here),
        cmocka_unit_test(what_plan_or_book_forbid_is_not_opened),
        cmocka_unit_test(holders_open_together),
        cmocka_unit_test(one_holder_of_two_that_are_needed_waits_for_the_others),
        cmocka_unit_test(a_bad_part_is_named_and_others_open),
        cmocka_unit_test(setups_that_lack_something_are_refused),
    };
    return cmocka_run_group_tests(tests, keyed_world_new, keyed_world_free);
}
