#include "tests/support.h"

#include "crypto/placement.h"

#define MAX_UNITS 1024

typedef struct places {
    vs__processor_set allowed;
    cpu_set_t *of; /* threads sets */
    size_t threads;
} places;

/* `choose` says which of a machine's units are allowed. */
static places place(const char *machine, size_t threads, size_t units, bool (*choose)(size_t unit)) {
    places p = {.allowed = {CPU_ALLOC(MAX_UNITS), CPU_ALLOC_SIZE(MAX_UNITS)}, .threads = threads};
    CPU_ZERO_S(p.allowed.bytes, p.allowed.set);
    for (size_t unit = 0; unit < units; unit++) {
        if (choose(unit)) {
            CPU_SET_S(unit, p.allowed.bytes, p.allowed.set);
        }
    }
    p.of = calloc(threads, p.allowed.bytes);
    assert_non_null(p.of);
    assert_int_equal(vs__place(p.of, threads, &p.allowed, machine), VS_OK);
    return p;
}

static void places_free(places *p) {
    vs__processors_clear(&p->allowed);
    free(p->of);
}

static bool has(const places *p, size_t thread, size_t unit) {
    const uint8_t *at = (const uint8_t *)p->of + thread * p->allowed.bytes;
    return CPU_ISSET_S(unit, p->allowed.bytes, (const cpu_set_t *)at);
}

/* A thread's place is exactly the units of first, first + step, … that are below `end` and allowed. */
static void assert_place(const places *p, size_t thread, size_t first, size_t step, size_t end) {
    size_t found = 0;
    for (size_t unit = 0; unit < MAX_UNITS; unit++) {
        bool expected = unit >= first && unit < end && (unit - first) % step == 0 &&
                        CPU_ISSET_S(unit, p->allowed.bytes, p->allowed.set);
        if (has(p, thread, unit) != expected) {
            fail_msg("thread %zu: unit %zu is%s in its place", thread, unit, expected ? " not" : "");
        }
        found += expected;
    }
    assert_true(found > 0);
}

static bool all(size_t unit) {
    (void)unit;
    return true;
}

/* The usual numbering: units of one core are 0 and 64, 1 and 65, … */
#define TWO_SOCKETS "package:2 numa:1 core:32 pu:2(indexes=2*64:64*1)"
#define TWO_SOCKETS_UNITS 128

static void with_a_thread_a_core_each_gets_its_core(void **state) {
    (void)state;
    places p = place(TWO_SOCKETS, 64, TWO_SOCKETS_UNITS, all);
    for (size_t i = 0; i < 64; i++) {
        assert_place(&p, i, i, 64, TWO_SOCKETS_UNITS);
    }
    places_free(&p);
}

static void second_units_are_used_when_all_cores_are(void **state) {
    (void)state;
    places p = place(TWO_SOCKETS, 128, TWO_SOCKETS_UNITS, all);
    for (size_t i = 0; i < 128; i++) {
        assert_place(&p, i, i / 2, 64, TWO_SOCKETS_UNITS);
    }
    places_free(&p);
    /* Two threads too many: the first core of either socket takes one. */
    p = place(TWO_SOCKETS, 66, TWO_SOCKETS_UNITS, all);
    assert_place(&p, 0, 0, 64, TWO_SOCKETS_UNITS);
    assert_place(&p, 1, 0, 64, TWO_SOCKETS_UNITS);
    assert_place(&p, 2, 1, 64, TWO_SOCKETS_UNITS);
    assert_place(&p, 33, 32, 64, TWO_SOCKETS_UNITS);
    assert_place(&p, 34, 32, 64, TWO_SOCKETS_UNITS);
    assert_place(&p, 65, 63, 64, TWO_SOCKETS_UNITS);
    places_free(&p);
}

static void few_threads_are_spread_over_the_memory_and_bound_no_further(void **state) {
    (void)state;
    for (size_t threads = 2; threads < 64; threads++) {
        places p = place("package:2 numa:1 core:32 pu:2", threads, TWO_SOCKETS_UNITS, all);
        size_t half = (threads + 1) / 2;
        for (size_t i = 0; i < threads; i++) {
            assert_place(&p, i, i < half ? 0 : 64, 1, i < half ? 64 : 128);
        }
        places_free(&p);
    }
}

static void one_node_does_not_narrow_a_few_threads(void **state) {
    (void)state;
    places p = place("package:1 numa:1 core:8 pu:2", 3, 16, all);
    for (size_t i = 0; i < 3; i++) {
        assert_place(&p, i, 0, 1, 16);
    }
    places_free(&p);
}

static void where_all_cores_are_alike_nothing_is_bound(void **state) {
    (void)state;
    for (size_t threads = 1; threads < 20; threads++) {
        places p = place("package:1 numa:1 core:8 pu:1", threads, 8, all);
        for (size_t i = 0; i < threads; i++) {
            assert_place(&p, i, 0, 1, 8);
        }
        places_free(&p);
    }
}

static void one_core_takes_any_number_of_threads(void **state) {
    (void)state;
    for (size_t threads = 1; threads < 5; threads++) {
        places p = place("package:1 numa:1 core:1 pu:1", threads, 1, all);
        for (size_t i = 0; i < threads; i++) {
            assert_place(&p, i, 0, 1, 1);
        }
        places_free(&p);
    }
}

static void more_threads_than_units_begin_again(void **state) {
    (void)state;
    places p = place("package:1 numa:1 core:4 pu:2", 20, 8, all);
    /* 20 = 2 for each of 8 units, and 4 more, one a core. */
    for (size_t i = 0; i < 20; i++) {
        assert_place(&p, i, i / 5 * 2, 1, i / 5 * 2 + 2);
    }
    places_free(&p);
}

/* A whole core, half of one, none of the next; nothing on the second socket but two cores. */
static bool lopsided(size_t unit) {
    return unit < 64 ? unit % 8 < 3 : unit >= 124;
}

static void a_lopsided_mask_is_followed(void **state) {
    (void)state;
    /* The first socket has 16 cores left, of which 8 are halves; the second has 2. */
    places p = place("package:2 numa:1 core:32 pu:2", 18, TWO_SOCKETS_UNITS, lopsided);
    for (size_t i = 0; i < 16; i++) {
        assert_place(&p, i, i / 2 * 8 + i % 2 * 2, 1, i / 2 * 8 + i % 2 * 2 + 2);
    }
    assert_place(&p, 16, 124, 1, 126);
    assert_place(&p, 17, 126, 1, 128);
    places_free(&p);
    /* All 28 units: a half core gets one thread, a whole one two. */
    p = place("package:2 numa:1 core:32 pu:2", 28, TWO_SOCKETS_UNITS, lopsided);
    for (size_t i = 0; i < 24; i++) {
        size_t first = i / 3 * 8 + (i % 3 == 2 ? 2 : 0);
        assert_place(&p, i, first, 1, first + 2);
    }
    places_free(&p);
    /* Six threads: the second socket takes its two, and the first the rest. */
    p = place("package:2 numa:1 core:32 pu:2", 6, TWO_SOCKETS_UNITS, lopsided);
    for (size_t i = 0; i < 6; i++) {
        assert_place(&p, i, i < 4 ? 0 : 64, 1, i < 4 ? 64 : 128);
    }
    places_free(&p);
}

static void a_large_machine_has_room(void **state) {
    (void)state;
    places p = place("package:2 numa:4 core:16 pu:2", 128, 256, all);
    for (size_t i = 0; i < 128; i++) {
        assert_place(&p, i, 2 * i, 1, 2 * i + 2);
    }
    places_free(&p);
    p = place("package:2 numa:4 core:16 pu:2", 16, 256, all);
    for (size_t i = 0; i < 16; i++) {
        assert_place(&p, i, i / 2 * 32, 1, i / 2 * 32 + 32);
    }
    places_free(&p);
}

static bool last_only(size_t unit) {
    return unit == 127;
}

static void a_single_allowed_unit_is_where_all_go(void **state) {
    (void)state;
    places p = place("package:2 numa:1 core:32 pu:2", 5, TWO_SOCKETS_UNITS, last_only);
    for (size_t i = 0; i < 5; i++) {
        assert_place(&p, i, 127, 1, 128);
    }
    places_free(&p);
}

static void this_machine_can_be_read(void **state) {
    (void)state;
    vs__processor_set allowed;
    assert_true(vs__processors_allowed(&allowed));
    size_t threads = (size_t)CPU_COUNT_S(allowed.bytes, allowed.set);
    places p = {.allowed = allowed, .of = calloc(threads, allowed.bytes), .threads = threads};
    assert_non_null(p.of);
    assert_int_equal(vs__place(p.of, threads, &allowed, NULL), VS_OK);
    for (size_t unit = 0; unit < 8 * allowed.bytes; unit++) {
        size_t places_of_unit = 0;
        for (size_t i = 0; i < threads; i++) {
            places_of_unit += has(&p, i, unit);
        }
        assert_int_equal(places_of_unit > 0, CPU_ISSET_S(unit, allowed.bytes, allowed.set) != 0);
    }
    places_free(&p);
}

static bool none_there(size_t unit) {
    return unit >= 4;
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    places p = place("package:1 numa:1 core:4 pu:2", 1, 8, none_there);
    assert_int_equal(vs__place(p.of, 1, &p.allowed, "package:1 numa:1 core:2 pu:2"), VS_ERR_USAGE);
    assert_int_equal(vs__place(p.of, 1, &p.allowed, "a large one, please"), VS_ERR_USAGE);
    places_free(&p);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_a_thread_a_core_each_gets_its_core),
        cmocka_unit_test(second_units_are_used_when_all_cores_are),
        cmocka_unit_test(few_threads_are_spread_over_the_memory_and_bound_no_further),
        cmocka_unit_test(one_node_does_not_narrow_a_few_threads),
        cmocka_unit_test(where_all_cores_are_alike_nothing_is_bound),
        cmocka_unit_test(one_core_takes_any_number_of_threads),
        cmocka_unit_test(more_threads_than_units_begin_again),
        cmocka_unit_test(a_lopsided_mask_is_followed),
        cmocka_unit_test(a_large_machine_has_room),
        cmocka_unit_test(a_single_allowed_unit_is_where_all_go),
        cmocka_unit_test(this_machine_can_be_read),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
