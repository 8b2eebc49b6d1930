#include "bench/measure.h"

#include "bench/peak.h"
#include "tests/support.h"

/* Work whose amount is known: rounds of a generator. */
typedef struct work {
    unsigned rounds; /* an item */
    size_t items;    /* done so far */
    uint64_t state;
} work;

static void run(void *context, size_t count) {
    work *w = context;
    for (size_t i = 0; i < count * w->rounds; i++) {
        w->state = w->state * 6364136223846793005u + 1442695040888963407u;
    }
    w->items += count;
}

static void samples_are_whole_batches_and_at_least_five(void **state) {
    work mine = {.rounds = 100}, theirs = {.rounds = 1000};
    (void)state;
    const timing t = {.run = run,
                      .context = &mine,
                      .batch = 7,
                      .baseline = run,
                      .baseline_context = &theirs,
                      .baseline_batch = 1,
                      .threads = 1};
    measurement m = measure(&t, 0);
    assert_int_equal(m.samples, 5);
    assert_int_equal(m.count % 7, 0);
    assert_int_equal(mine.items, 7 + m.samples * m.count); /* the first batch is the warm-up */
    assert_true(m.time.min > 0 && m.time.min <= m.time.median && m.time.median <= m.time.p90);
    assert_true(m.ratio > 0 && m.baseline > 0);
}

static void without_baseline_and_roof_there_is_neither(void **state) {
    work mine = {.rounds = 100};
    (void)state;
    const timing t = {.run = run, .context = &mine, .batch = 1, .threads = 1};
    measurement m = measure(&t, 0);
    assert_true(m.ratio == 0 && m.baseline == 0 && m.roof == 0);
    assert_int_equal(m.peak > 0, peak_available());
}

static void what_takes_random_time_is_not_called_noise(void **state) {
    work mine = {.rounds = 10};
    (void)state;
    const timing t = {.run = run, .context = &mine, .batch = 1, .threads = 1, .random_time = true};
    assert_false(measure(&t, 0).noisy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_whole_batches_and_at_least_five),
        cmocka_unit_test(without_baseline_and_roof_there_is_neither),
        cmocka_unit_test(what_takes_random_time_is_not_called_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
