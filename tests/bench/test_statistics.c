#include "bench/statistics.h"

#include <math.h>

#include "tests/support.h"

static void the_median_is_the_middle_in_whatever_order(void **state) {
    double samples[101];
    (void)state;
    for (size_t i = 0; i < 101; i++) {
        samples[i] = (double)(i * 37 % 101); /* each of 0 .. 100 once */
    }
    summary s = summarise(samples, 101);
    assert_true(s.min == 0 && s.median == 50 && s.p90 == 90);
    /* ranks 40 and 60 bound the median of 101 in 95 of 100 cases: 50.5 − 0.98·√101 */
    assert_true(fabs(s.spread - 10.0 / 50) < 1e-9);
}

static void equal_samples_have_no_spread_and_one_is_enough(void **state) {
    double samples[9] = {3, 3, 3, 3, 3, 3, 3, 3, 3};
    (void)state;
    summary s = summarise(samples, 9);
    assert_true(s.min == 3 && s.median == 3 && s.p90 == 3 && s.spread == 0);
    s = summarise(samples, 1);
    assert_true(s.median == 3 && s.spread == 0);
}

static void an_outlier_does_not_move_what_is_said(void **state) {
    double samples[41], with_outlier[41];
    (void)state;
    for (size_t i = 0; i < 41; i++) {
        samples[i] = with_outlier[i] = 100 + (double)i;
    }
    with_outlier[40] = 1e9;
    summary a = summarise(samples, 41), b = summarise(with_outlier, 41);
    assert_true(a.median == b.median && a.spread == b.spread);
}

static void a_rising_series_correlates_fully_whatever_its_shape(void **state) {
    double x[50], up[50], down[50];
    (void)state;
    for (size_t i = 0; i < 50; i++) {
        x[i] = (double)i;
        up[i] = exp((double)i);
        down[i] = -up[i];
    }
    assert_true(fabs(rank_correlation(x, up, 50) - 1) < 1e-12);
    assert_true(fabs(rank_correlation(x, down, 50) + 1) < 1e-12);
}

static void ties_share_their_rank(void **state) {
    /* Ranks 0.5 0.5 2 3 and 0 1 2.5 2.5: less their means, −1 −1 ½ 1½ and −1½ −½ 1 1. */
    const double x[4] = {1, 1, 2, 3}, y[4] = {5, 6, 7, 7};
    (void)state;
    assert_true(fabs(rank_correlation(x, y, 4) - 4.0 / 4.5) < 1e-12);
}

static void a_constant_and_too_few_correlate_with_nothing(void **state) {
    const double x[4] = {1, 2, 3, 4}, same[4] = {7, 7, 7, 7};
    (void)state;
    assert_true(rank_correlation(x, same, 4) == 0);
    assert_true(rank_correlation(x, x, 2) == 0);
}

static void chance_stays_below_its_bound(void **state) {
    double x[288], y[288];
    unsigned above = 0;
    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        for (size_t i = 0; i < 288; i++) {
            x[i] = (double)test_below(9);
            y[i] = (double)test_random();
        }
        above += fabs(rank_correlation(x, y, 288)) > correlation_by_chance(288);
    }
    assert_in_range(above, 0, 5); /* 0.2 expected: more than five are less likely than 10^−7 */
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_is_the_middle_in_whatever_order),
        cmocka_unit_test(equal_samples_have_no_spread_and_one_is_enough),
        cmocka_unit_test(an_outlier_does_not_move_what_is_said),
        cmocka_unit_test(a_rising_series_correlates_fully_whatever_its_shape),
        cmocka_unit_test(ties_share_their_rank),
        cmocka_unit_test(a_constant_and_too_few_correlate_with_nothing),
        cmocka_unit_test(chance_stays_below_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
