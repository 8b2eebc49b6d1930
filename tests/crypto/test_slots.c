#include "tests/crypto/slots_support.h"

#include "crypto/sharing/backend.h"
#include "crypto/sharing/slots.h"

#define WORDS 40u

typedef void operation(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words);

static void assert_agrees(const pattern *p, const uint64_t *a, const uint64_t *b) {
    static operation *const operations[] = {vs_slots_add, vs_slots_sub};
    uint64_t fast[WORDS], slow[WORDS];
    for (size_t i = 0; i < 2; i++) {
        memcpy(fast, a, sizeof fast);
        memcpy(slow, a, sizeof slow);
        operations[i](fast, b, p->tops, p->words);
        slots_slowly(p, slow, b, i == 1);
        assert_slots_equal(p, fast, slow);
    }
}

static void slots_are_added_one_by_one(void **state) {
    (void)state;
    uint64_t a[WORDS], b[WORDS];
    for (unsigned round = 0; round < 500; round++) {
        pattern p = pattern_random(1 + (size_t)test_below(WORDS));
        test_fill(a, sizeof a);
        test_fill(b, sizeof b);
        assert_agrees(&p, a, b);
        pattern_clear(&p);
    }
}

static void every_width_has_its_corners(void **state) {
    (void)state;
    static const uint8_t fillings[] = {0x00, 0xff, 0x55, 0xaa};
    uint64_t a[WORDS], b[WORDS];
    for (unsigned width = 1; width <= SLOT_WIDEST; width++) {
        pattern p = pattern_of(&width, 1, WORDS);
        for (size_t i = 0; i < 16; i++) {
            memset(a, fillings[i / 4], sizeof a);
            memset(b, fillings[i % 4], sizeof b);
            assert_agrees(&p, a, b);
        }
        pattern_clear(&p);
    }
}

static void a_vector_may_be_added_to_itself(void **state) {
    (void)state;
    for (unsigned round = 0; round < 100; round++) {
        pattern p = pattern_random(WORDS);
        uint64_t a[WORDS], twice[WORDS];
        test_fill(a, sizeof a);
        memcpy(twice, a, sizeof a);
        slots_slowly(&p, twice, a, false);
        vs_slots_add(a, a, p.tops, WORDS);
        assert_slots_equal(&p, a, twice);
        vs_slots_sub(a, a, p.tops, WORDS);
        for (size_t i = 0; i < WORDS; i++) {
            assert_int_equal(a[i], 0);
        }
        pattern_clear(&p);
    }
}

static void what_is_added_can_be_subtracted_with_every_bit(void **state) {
    (void)state;
    uint64_t a[WORDS], b[WORDS], before[WORDS];
    for (unsigned round = 0; round < 200; round++) {
        pattern p = pattern_random(WORDS);
        test_fill(a, sizeof a);
        test_fill(b, sizeof b);
        memcpy(before, a, sizeof a);
        vs_slots_add(a, b, p.tops, WORDS);
        vs_slots_sub(a, b, p.tops, WORDS);
        assert_memory_equal(a, before, sizeof a);
        pattern_clear(&p);
    }
}

static void pieces_give_what_the_whole_gives(void **state) {
    (void)state;
    uint64_t a[WORDS], b[WORDS], whole[WORDS], pieces[WORDS];
    for (unsigned round = 0; round < 200; round++) {
        pattern p = pattern_random(WORDS);
        size_t at = 1 + (size_t)test_below(WORDS - 1);
        bool subtract = test_below(2) == 0;
        test_fill(a, sizeof a);
        test_fill(b, sizeof b);
        memcpy(whole, a, sizeof a);
        memcpy(pieces, a, sizeof a);
        (subtract ? vs_slots_sub : vs_slots_add)(whole, b, p.tops, WORDS);
        const vs_sharing_backend *backend = vs__sharing_backend();
        vs_slots_go_on *go_on = subtract ? backend->sub : backend->add;
        unsigned carry = go_on(pieces, b, p.tops, at, 0);
        (void)go_on(pieces + at, b + at, p.tops + at, WORDS - at, carry);
        assert_memory_equal(pieces, whole, sizeof whole);
        pattern_clear(&p);
    }
}

/* Tops few and far between, so that a carry has a long way to go; with a carry coming in and one going out. */
static void carries_go_as_far_as_they_must(void **state) {
    (void)state;
    uint64_t a[WORDS], b[WORDS], tops[WORDS], fast[WORDS];
    const vs_sharing_backend *backend = vs__sharing_backend();
    for (unsigned round = 0; round < 2000; round++) {
        size_t words = (size_t)test_below(WORDS + 1);
        unsigned carry = (unsigned)test_below(2);
        test_fill(a, sizeof a);
        for (size_t i = 0; i < WORDS; i++) {
            tops[i] = test_below(8) == 0 ? UINT64_C(1) << test_below(64) : 0;
            b[i] = test_below(8) == 0 ? test_random() : round % 2 == 0 ? ~a[i] : a[i];
        }
        memcpy(fast, a, sizeof fast);
        unsigned out =
            round % 2 == 0 ? backend->add(fast, b, tops, words, carry) : backend->sub(fast, b, tops, words, carry);
        unsigned expected = round % 2 == 0 ? vs__slots_add_portable(a, b, tops, words, carry)
                                           : vs__slots_sub_portable(a, b, tops, words, carry);
        assert_int_equal(out, expected);
        assert_memory_equal(fast, a, sizeof a);
    }
}

static void cuts_are_where_slots_begin(void **state) {
    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        pattern p = pattern_random(WORDS);
        for (size_t at = 0; at <= WORDS; at++) {
            size_t expected = at;
            while (expected > 0 && expected < WORDS && (p.tops[expected - 1] >> 63) == 0) {
                expected++;
            }
            assert_int_equal(vs_slots_cut(p.tops, WORDS, at), expected);
        }
        pattern_clear(&p);
    }
}

static void equal_slots_are_cut_at_common_multiples(void **state) {
    (void)state;
    unsigned width = 48; /* 4 slots to 3 words */
    pattern p = pattern_of(&width, 1, WORDS);
    assert_int_equal(vs_slots_cut(p.tops, WORDS, 0), 0);
    assert_int_equal(vs_slots_cut(p.tops, WORDS, 1), 3);
    assert_int_equal(vs_slots_cut(p.tops, WORDS, 3), 3);
    assert_int_equal(vs_slots_cut(p.tops, WORDS, 4), 6);
    assert_int_equal(vs_slots_cut(p.tops, WORDS, WORDS), WORDS);
    assert_int_equal(vs_slots_cut(p.tops, 0, 0), 0);
    pattern_clear(&p);
    const unsigned odd_one[] = {1, 64, 64, 64, 64, 64};
    p = pattern_of(odd_one, 6, 5);
    assert_int_equal(vs_slots_cut(p.tops, 5, 1), 5);
    pattern_clear(&p);
}

int main(void) {
    test_seed();
    printf("# slots on %s\n", vs__sharing_backend()->name);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_added_one_by_one),
        cmocka_unit_test(every_width_has_its_corners),
        cmocka_unit_test(a_vector_may_be_added_to_itself),
        cmocka_unit_test(what_is_added_can_be_subtracted_with_every_bit),
        cmocka_unit_test(pieces_give_what_the_whole_gives),
        cmocka_unit_test(carries_go_as_far_as_they_must),
        cmocka_unit_test(cuts_are_where_slots_begin),
        cmocka_unit_test(equal_slots_are_cut_at_common_multiples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
