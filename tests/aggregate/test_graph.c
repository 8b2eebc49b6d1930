#include "aggregate/protocol/graph.h"

#include "tests/support.h"

typedef struct row {
    uint32_t owners;
    unsigned curious_degree, curious_threshold, degree, threshold;
} row;

/* The figures for 5% corrupt and 5% absent that the papers give. */
static const row rows[] = {{100, 12, 6, 16, 11}, {1000, 30, 17, 52, 37}, {10000, 34, 20, 62, 44}};

static void published_figures_come_out(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        const vs_graph_crowd crowd = {r->owners, r->owners / 20, r->owners / 20};
        vs_graph_size size;
        assert_true(vs_graph_sparse_curious(&size, &crowd));
        assert_int_equal(size.degree, r->curious_degree);
        assert_int_equal(size.threshold, r->curious_threshold);
        assert_true(vs_graph_sparse(&size, &crowd));
        assert_int_equal(size.degree, r->degree);
        assert_int_equal(size.threshold, r->threshold);
    }
}

static void few_owners_are_all_neighbours(void **state) {
    (void)state;
    for (uint32_t n = 3; n <= VS_GRAPH_COMPLETE; n++) {
        const vs_graph_crowd crowd = {n, 1, 1};
        vs_graph_size size;
        assert_int_equal(vs_graph_measure(&size, &crowd, NULL), VS_OK);
        assert_true(size.complete);
        assert_int_equal(size.degree, n - 1);
        assert_int_equal(size.threshold, 2 * n / 3 + 1);
    }
}

static void what_cannot_be_tolerated_is_refused(void **state) {
    (void)state;
    vs_graph_size size;
    vs_error error = {.message = ""};
    const vs_graph_crowd crowd = {10000, 3300, 3300};
    assert_int_equal(vs_graph_measure(&size, &crowd, &error), VS_ERR_RANGE);
    assert_non_null(strstr(error.message, "no graph of masks is good enough"));
    assert_non_null(strstr(error.hint, "corrupt"));
}

static void more_owners_or_more_of_them_bad_never_make_it_smaller(void **state) {
    (void)state;
    unsigned degree = 0;
    for (uint32_t percent = 0; percent <= 12; percent++) {
        const vs_graph_crowd crowd = {4000, 40 * percent, 40 * percent};
        vs_graph_size size;
        assert_true(vs_graph_sparse(&size, &crowd));
        assert_true(size.degree >= degree && size.threshold <= size.degree && 2 * size.threshold > size.degree);
        degree = size.degree;
    }
}

/* Tails by exact integers where they fit a double without loss: every subset counted by its size. */
static double choose(unsigned n, unsigned k) {
    double c = 1;
    for (unsigned i = 0; i < k; i++) {
        c = c * (n - i) / (i + 1);
    }
    return k > n ? 0 : c;
}

static double too_many(unsigned all, unsigned marked, unsigned drawn, unsigned least) {
    double p = 0;
    for (unsigned x = least; x <= drawn && x <= marked; x++) {
        p += choose(marked, x) * choose(all - marked, drawn - x) / choose(all, drawn);
    }
    return p;
}

/* All three conditions, with a margin for what doubles round. */
static bool is_good(const vs_graph_crowd *c, unsigned degree, unsigned threshold, double margin) {
    double n = c->owners, gone = c->corrupt + c->absent, cut = n * n / 2;
    for (unsigned i = 0; i < degree; i++) {
        cut *= gone > i ? (gone - i) / (n - i) : 0;
    }
    return n * too_many(c->owners - 1, c->corrupt, degree, 2 * threshold - degree) < margin * 0x1p-40 &&
           n * too_many(c->owners - 1, c->absent, degree, degree - threshold + 1) < margin * 0x1p-20 &&
           cut < margin * 0x1p-40;
}

static void what_comes_out_meets_the_conditions_and_two_less_do_not(void **state) {
    (void)state;
    for (unsigned round = 0; round < 40; round++) {
        uint32_t n = 129 + (uint32_t)test_below(3000);
        const vs_graph_crowd crowd = {n, n * (uint32_t)test_below(10) / 100, n * (uint32_t)test_below(10) / 100};
        vs_graph_size s;
        assert_true(vs_graph_sparse(&s, &crowd));
        assert_true(is_good(&crowd, s.degree, s.threshold, 1.0001));
        for (unsigned k = s.degree - 2, t = k / 2 + 1; t <= k; t++) {
            assert_false(is_good(&crowd, k, t, 0.9999));
        }
    }
}

static void neighbours_are_mutual_and_as_many_as_the_degree(void **state) {
    (void)state;
    for (unsigned round = 0; round < 5; round++) {
        uint8_t coins[VS_HASH_BYTES];
        test_fill(coins, sizeof coins);
        const vs_graph_crowd crowd = {300 + (uint32_t)test_below(300), 10, 10};
        vs_graph g;
        uint32_t holders[255];
        assert_int_equal(vs_graph_make(&g, &crowd, coins, NULL), VS_OK);
        assert_false(g.size.complete);
        for (uint32_t i = 0; i < g.owners; i++) {
            vs_graph_holders(&g, i, holders);
            for (uint32_t h = 0; h < g.size.degree; h++) {
                assert_true(holders[h] != i && (h == 0 || holders[h - 1] < holders[h]));
                assert_int_equal(vs_graph_holder_index(&g, i, holders[h]), h);
                assert_true(vs_graph_holder_index(&g, holders[h], i) != VS_GRAPH_NONE);
            }
            assert_int_equal(vs_graph_holder_index(&g, i, i), VS_GRAPH_NONE);
        }
        vs_graph_clear(&g);
    }
}

static void the_order_follows_from_the_coins(void **state) {
    (void)state;
    const vs_graph_crowd crowd = {1000, 50, 50};
    uint8_t coins[VS_HASH_BYTES] = {1};
    vs_graph a, b, c;
    assert_int_equal(vs_graph_make(&a, &crowd, coins, NULL), VS_OK);
    assert_int_equal(vs_graph_make(&b, &crowd, coins, NULL), VS_OK);
    coins[31] ^= 1;
    assert_int_equal(vs_graph_make(&c, &crowd, coins, NULL), VS_OK);
    assert_memory_equal(a.owner, b.owner, 1000 * sizeof *a.owner);
    assert_memory_not_equal(a.owner, c.owner, 1000 * sizeof *a.owner);
    uint32_t moved = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(a.place[a.owner[i]], i);
        moved += a.owner[i] != i;
    }
    assert_true(moved > 900);
    vs_graph_clear(&a);
    vs_graph_clear(&b);
    vs_graph_clear(&c);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_figures_come_out),
        cmocka_unit_test(few_owners_are_all_neighbours),
        cmocka_unit_test(what_cannot_be_tolerated_is_refused),
        cmocka_unit_test(more_owners_or_more_of_them_bad_never_make_it_smaller),
        cmocka_unit_test(what_comes_out_meets_the_conditions_and_two_less_do_not),
        cmocka_unit_test(neighbours_are_mutual_and_as_many_as_the_degree),
        cmocka_unit_test(the_order_follows_from_the_coins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
