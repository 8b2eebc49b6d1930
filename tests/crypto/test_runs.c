#include "tests/support.h"

#include "crypto/runs.h"

static void alone_a_thread_gets_its_part_in_order_then_its_neighbours(void **state) {
    (void)state;
    vs__runs *dealt = vs__runs_new(10, 3); /* 0-2, 3-5, 6-9 */
    static const size_t expected[] = {3, 4, 5, 6, 7, 8, 9, 0, 1, 2};
    size_t run;
    assert_non_null(dealt);
    for (size_t i = 0; i < 10; i++) {
        assert_true(vs__runs_take(dealt, 1, &run));
        assert_int_equal(run, expected[i]);
    }
    assert_false(vs__runs_take(dealt, 1, &run));
    assert_false(vs__runs_take(dealt, 0, &run));
    vs__runs_free(dealt);
}

static void even_threads_keep_to_their_parts(void **state) {
    (void)state;
    vs__runs *dealt = vs__runs_new(12, 4);
    size_t run;
    assert_non_null(dealt);
    for (size_t i = 0; i < 12; i++) {
        assert_true(vs__runs_take(dealt, i % 4, &run));
        assert_int_equal(run, i % 4 * 3 + i / 4);
    }
    vs__runs_free(dealt);
}

static void every_run_is_handed_out_once(void **state) {
    (void)state;
    for (unsigned round = 0; round < 500; round++) {
        size_t runs = (size_t)test_below(100), team = 1 + (size_t)test_below(20), run, taken = 0;
        unsigned char seen[100] = {0};
        vs__runs *dealt = vs__runs_new(runs, team);
        assert_non_null(dealt);
        while (vs__runs_take(dealt, (size_t)test_below(team), &run)) {
            assert_in_range(run, 0, runs - 1);
            assert_int_equal(seen[run]++, 0);
            taken++;
        }
        assert_int_equal(taken, runs);
        vs__runs_free(dealt);
    }
}

static void parts_differ_by_one_run_at_most(void **state) {
    (void)state;
    static const size_t sizes[][2] = {{1, 8}, {7, 8}, {9, 8}, {SIZE_MAX, 4096}, {SIZE_MAX - 1, 3}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t runs = sizes[i][0], team = sizes[i][1], before = 0, run;
        for (size_t thread = 1; thread < team; thread++) {
            vs__runs *dealt = vs__runs_new(runs, team);
            assert_non_null(dealt);
            /* Where a thread has a part of its own, that begins where the one before ends. */
            if (runs >= team) {
                assert_true(vs__runs_take(dealt, thread, &run));
                assert_in_range(run - before, runs / team, runs / team + 1);
                before = run;
            }
            vs__runs_free(dealt);
        }
    }
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_a_thread_gets_its_part_in_order_then_its_neighbours),
        cmocka_unit_test(even_threads_keep_to_their_parts),
        cmocka_unit_test(every_run_is_handed_out_once),
        cmocka_unit_test(parts_differ_by_one_run_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
