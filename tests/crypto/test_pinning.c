#include "tests/support.h"

#include <pthread.h>
#include <stdatomic.h>

#include "crypto/parallel.h"
#include "crypto/placement.h"

#define RUNS 64

/* What the threads of a batch saw. */
typedef struct sight {
    vs__processor_set allowed;
    cpu_set_t *places; /* one a thread, where they are expected */
    size_t threads;
    atomic_int outside, elsewhere, narrower;
} sight;

static bool is_a_place(const sight *s, const vs__processor_set *mine) {
    for (size_t i = 0; i < s->threads; i++) {
        const uint8_t *place = (const uint8_t *)s->places + i * s->allowed.bytes;
        if (CPU_EQUAL_S(mine->bytes, mine->set, (const cpu_set_t *)place)) {
            return true;
        }
    }
    return false;
}

static vs_status look(void *context, size_t first, size_t count) {
    (void)first;
    (void)count;
    sight *s = context;
    vs__processor_set mine;
    if (!vs__processors_allowed(&mine)) {
        return VS_ERR_MEMORY;
    }
    size_t units = (size_t)CPU_COUNT_S(mine.bytes, mine.set);
    CPU_AND_S(mine.bytes, mine.set, mine.set, s->allowed.set);
    s->outside += (size_t)CPU_COUNT_S(mine.bytes, mine.set) != units;
    s->narrower += !CPU_EQUAL_S(mine.bytes, mine.set, s->allowed.set);
    s->elsewhere += s->places != NULL && !is_a_place(s, &mine);
    vs__processors_clear(&mine);
    struct timespec moment = {.tv_nsec = 200000};
    (void)nanosleep(&moment, NULL); /* so that every thread comes to its turn */
    return VS_OK;
}

/* A batch on `threads` threads, which must leave the caller's mask alone. */
static void watch(sight *s, size_t threads) {
    vs__processor_set after;
    memset(s, 0, sizeof *s);
    s->threads = threads;
    assert_true(vs__processors_allowed(&s->allowed));
    s->places = calloc(threads, s->allowed.bytes);
    assert_non_null(s->places);
    assert_int_equal(vs__place(s->places, threads, &s->allowed, NULL), VS_OK);
    vs_parallel_set_threads(threads);
    assert_int_equal(vs_parallel_for(RUNS, 1, look, s), VS_OK);
    assert_true(vs__processors_allowed(&after));
    assert_true(CPU_EQUAL_S(after.bytes, after.set, s->allowed.set));
    vs__processors_clear(&after);
}

static void forget(sight *s) {
    vs__processors_clear(&s->allowed);
    free(s->places);
}

static void unasked_nothing_is_bound(void **state) {
    (void)state;
    sight s;
    watch(&s, 4);
    assert_int_equal(s.narrower, 0);
    forget(&s);
}

static void the_environment_has_the_first_word(void **state) {
    (void)state;
    static const char *const names[] = {"OMP_PROC_BIND", "OMP_PLACES"};
    for (size_t i = 0; i < 2; i++) {
        sight s;
        assert_int_equal(setenv(names[i], "false", 1), 0);
        vs_parallel_pin();
        watch(&s, 2);
        assert_int_equal(s.narrower, 0);
        forget(&s);
        assert_int_equal(unsetenv(names[i]), 0);
    }
}

static void each_thread_is_where_it_belongs(void **state) {
    (void)state;
    vs_parallel_pin();
    for (size_t threads = 2; threads <= 6; threads++) {
        sight s;
        watch(&s, threads);
        assert_int_equal(s.outside, 0);
        assert_int_equal(s.elsewhere, 0);
        forget(&s);
    }
}

static void *watch_from_a_thread(void *context) {
    watch(context, 2);
    return NULL;
}

static void other_leaders_are_not_bound(void **state) {
    (void)state;
    pthread_t other;
    sight s;
    vs_parallel_pin();
    assert_int_equal(pthread_create(&other, NULL, watch_from_a_thread, &s), 0);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_int_equal(s.narrower, 0);
    forget(&s);
}

/* The threads of the batches before are bound to what is no longer allowed. */
static void a_narrower_mask_is_followed(void **state) {
    (void)state;
    sight s;
    vs__processor_set before, one;
    size_t unit = 0;
    assert_true(vs__processors_allowed(&before));
    assert_true(vs__processors_allowed(&one));
    for (size_t i = 0; i < 8 * before.bytes; i++) {
        unit = CPU_ISSET_S(i, before.bytes, before.set) ? i : unit;
    }
    CPU_ZERO_S(one.bytes, one.set);
    CPU_SET_S(unit, one.bytes, one.set);
    assert_int_equal(sched_setaffinity(0, one.bytes, one.set), 0);
    watch(&s, 4);
    assert_int_equal(s.outside, 0);
    assert_int_equal(s.narrower, 0);
    forget(&s);
    assert_int_equal(sched_setaffinity(0, before.bytes, before.set), 0);
    watch(&s, 4);
    assert_int_equal(s.elsewhere, 0);
    forget(&s);
    vs__processors_clear(&before);
    vs__processors_clear(&one);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unasked_nothing_is_bound),        cmocka_unit_test(the_environment_has_the_first_word),
        cmocka_unit_test(each_thread_is_where_it_belongs), cmocka_unit_test(other_leaders_are_not_bound),
        cmocka_unit_test(a_narrower_mask_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
