/* Simulated sessions: with every fault there is, each ends in the sum of those who were taken, or without a result. */
#include "bench/protocol.h"
#include "crypto/secret.h"
#include "tests/support.h"

#define SEEDS 4u

static protocol_settings settings_of(vs_opening opening) {
    return (protocol_settings){.opening = opening,
                               .owners = 7,
                               .cells = 12,
                               .bits = 40,
                               .lost = 15,
                               .corrupt = 5,
                               .absent = 15,
                               .servers = 3,
                               .faults = FAULTS_ALL,
                               .per_mille = 120,
                               .seed = test_random()};
}

static void play(protocol_report *report, const protocol_settings *s) {
    vs_error error = {.message = ""};
    if (protocol_run(report, s, &error) != VS_OK) {
        print_error("%s\n", error.message);
        fail();
    }
    if (report->outcome == OUTCOME_WRONG) {
        print_error("%s, seed %llu: %s\n", vs_opening_name(s->opening), (unsigned long long)s->seed, report->reason);
        fail();
    }
}

static void with_every_fault_no_number_is_wrong(void **state) {
    static const vs_opening openings[] = {VS_OPENING_MASKS, VS_OPENING_SHARES, VS_OPENING_KEY};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (unsigned seed = 0; seed < SEEDS; seed++) {
            protocol_settings s = settings_of(openings[i]);
            protocol_report report;
            play(&report, &s);
            if (report.outcome == OUTCOME_REFUSED) {
                assert_string_not_equal(report.reason, "");
                assert_int_equal(report.contributions, 0);
            }
        }
    }
}

static void without_faults_all_who_stay_are_in(void **state) {
    static const vs_opening openings[] = {VS_OPENING_MASKS, VS_OPENING_SHARES, VS_OPENING_KEY};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        protocol_settings s = settings_of(openings[i]);
        protocol_report report;
        s.faults = 0;
        play(&report, &s);
        assert_int_equal(report.outcome, OUTCOME_RIGHT);
        assert_int_equal(report.contributions, 6);
        assert_int_equal(report.refused, 0);
        assert_true(report.sent.min > 0 && report.owner_cpu.median > 0 && report.sent_all > 0);
    }
}

static void crashes_change_nothing(void **state) {
    (void)state;
    protocol_settings s = settings_of(VS_OPENING_MASKS);
    protocol_report report;
    s.faults = FAULT_CRASH;
    s.per_mille = 1000;
    play(&report, &s);
    assert_int_equal(report.outcome, OUTCOME_RIGHT);
    assert_true(report.restarts > 20);
}

static void damaged_messages_are_refused_and_come_again(void **state) {
    (void)state;
    protocol_settings s = settings_of(VS_OPENING_SHARES);
    protocol_report report;
    s.faults = FAULT_ALTER | FAULT_TRUNCATE;
    s.per_mille = 1000;
    play(&report, &s);
    assert_int_equal(report.outcome, OUTCOME_RIGHT);
    assert_true(report.refused >= 10);
}

static void owners_who_serve_have_the_sum(void **state) {
    (void)state;
    protocol_settings s = settings_of(VS_OPENING_SHARES);
    protocol_report report;
    s.owners = 3;
    s.owners_serve = true;
    s.lost = s.faults = 0;
    s.bits = 64;
    play(&report, &s);
    assert_int_equal(report.outcome, OUTCOME_RIGHT);
    assert_int_equal(report.contributions, 3);
}

static void the_same_seed_meets_the_same_faults(void **state) {
    (void)state;
    protocol_settings s = settings_of(VS_OPENING_SHARES);
    protocol_report first, second;
    play(&first, &s);
    play(&second, &s);
    assert_memory_equal(first.injected, second.injected, sizeof first.injected);
    assert_int_equal(first.outcome, second.outcome);
    assert_int_equal(first.contributions, second.contributions);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    protocol_settings s = settings_of(VS_OPENING_MASKS);
    protocol_report report;
    vs_error error = {.message = ""};
    s.owners = 200;
    s.bits = 8;
    assert_int_equal(protocol_run(&report, &s, &error), VS_ERR_USAGE);
    assert_non_null(strstr(error.hint, "--bits"));
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_every_fault_no_number_is_wrong),
        cmocka_unit_test(without_faults_all_who_stay_are_in),
        cmocka_unit_test(crashes_change_nothing),
        cmocka_unit_test(damaged_messages_are_refused_and_come_again),
        cmocka_unit_test(owners_who_serve_have_the_sum),
        cmocka_unit_test(the_same_seed_meets_the_same_faults),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
