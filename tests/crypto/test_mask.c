#include "tests/crypto/slots_support.h"

#include <endian.h>
#include <sodium.h>

#include "crypto/parallel.h"
#include "crypto/secret.h"
#include "crypto/sharing/mask.h"

static void random_masks(vs_mask *masks, size_t count) {
    for (size_t i = 0; i < count; i++) {
        test_fill(masks[i].key, sizeof masks[i].key);
        masks[i].subtract = test_below(2) == 0;
    }
}

/* The whole stream of each key, on libsodium, slot by slot. */
static void apply_slowly(const pattern *p, uint64_t *slots, const vs_mask *masks, size_t count) {
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    uint64_t *mask = slots_memory(p->words, sizeof *mask);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(crypto_stream_chacha20((uint8_t *)mask, p->words * 8, nonce, masks[i].key), 0);
        for (size_t j = 0; j < p->words; j++) {
            mask[j] = le64toh(mask[j]);
        }
        slots_slowly(p, slots, mask, masks[i].subtract);
    }
    free(mask);
}

static void assert_applied(const pattern *p, const vs_mask *masks, size_t count) {
    uint64_t *before = slots_memory(p->words, sizeof *before), *fast = slots_memory(p->words, sizeof *fast);
    test_fill(before, p->words * sizeof *before);
    memcpy(fast, before, p->words * sizeof *before);
    fast[p->words] = 0xa5;
    assert_int_equal(vs_mask_apply(fast, p->tops, p->words, masks, count), VS_OK);
    assert_int_equal(fast[p->words], 0xa5);
    apply_slowly(p, before, masks, count);
    assert_slots_equal(p, fast, before);
    free(before);
    free(fast);
}

static void masks_are_the_streams_slot_by_slot(void **state) {
    (void)state;
    vs_mask masks[20];
    for (unsigned round = 0; round < 60; round++) {
        size_t count = (size_t)test_below(20) + 1;
        random_masks(masks, count);
        pattern p = pattern_random(1 + (size_t)test_below(round % 10 == 0 ? 4000 : 100));
        vs_parallel_set_threads(1 + (size_t)test_below(4));
        assert_applied(&p, masks, count);
        pattern_clear(&p);
    }
}

/* Patterns that never, or seldom, have a slot begin with a word: carries pass from piece to piece. */
static void slots_across_the_pieces_are_whole(void **state) {
    (void)state;
    static unsigned never[2000], one[1];
    never[0] = 1;
    for (size_t i = 1; i < 2000; i++) {
        never[i] = i % 2 == 0 ? 128 - 64 : 64;
    }
    vs_mask masks[9];
    random_masks(masks, 9);
    pattern p = pattern_of(never, 2000, 1999);
    assert_applied(&p, masks, 9);
    pattern_clear(&p);
    for (unsigned width = 61; width <= SLOT_WIDEST; width += 13) {
        one[0] = width;
        p = pattern_of(one, 1, 2500);
        assert_applied(&p, masks, 9);
        pattern_clear(&p);
    }
}

/* All ones plus one: the carry runs as far as a slot goes. */
static void carries_run_through_whole_slots(void **state) {
    (void)state;
    for (unsigned width = 63; width <= SLOT_WIDEST; width += 7) {
        pattern p = pattern_of(&width, 1, 3000);
        uint64_t *ones = slots_memory(p.words, 8), *mask = slots_memory(p.words, 8);
        const vs_mask add = {.key = {1}}, subtract = {.key = {1}, .subtract = true};
        assert_int_equal(vs_mask_apply(mask, p.tops, p.words, &add, 1), VS_OK);
        memset(ones, 0xff, p.words * 8);
        vs_slots_sub(ones, mask, p.tops, p.words);
        assert_int_equal(vs_mask_apply(ones, p.tops, p.words, &add, 1), VS_OK);
        for (size_t i = 0; i < p.words; i++) {
            assert_int_equal(ones[i], UINT64_MAX);
        }
        vs_slots_add(ones, mask, p.tops, p.words);
        assert_int_equal(vs_mask_apply(ones, p.tops, p.words, &subtract, 1), VS_OK);
        for (size_t i = 0; i < p.words; i++) {
            assert_int_equal(ones[i], UINT64_MAX);
        }
        free(ones);
        free(mask);
        pattern_clear(&p);
    }
}

/* Few words and many keys are dealt out by keys, many words by pieces; nobody sees which. */
static void threads_do_not_show(void **state) {
    (void)state;
    static const size_t shapes[][2] = {{1, 5000}, {9, 3000}, {100, 1000}, {1025, 300}, {2100, 200}, {40000, 3}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t words = shapes[i][0], count = shapes[i][1];
        pattern p = pattern_random(words);
        vs_mask *masks = slots_memory(count, sizeof *masks);
        uint64_t *before = slots_memory(words, 8), *one = slots_memory(words, 8), *more = slots_memory(words, 8);
        random_masks(masks, count);
        test_fill(before, 8 * words);
        memcpy(one, before, 8 * words);
        vs_parallel_set_threads(1);
        assert_int_equal(vs_mask_apply(one, p.tops, words, masks, count), VS_OK);
        for (size_t threads = 2; threads <= 9; threads++) {
            memcpy(more, before, 8 * words);
            vs_parallel_set_threads(threads);
            assert_int_equal(vs_mask_apply(more, p.tops, words, masks, count), VS_OK);
            assert_memory_equal(more, one, 8 * words);
        }
        free(masks);
        free(before);
        free(one);
        free(more);
        pattern_clear(&p);
    }
}

/* Pairwise masks: what one adds the other subtracts, padding included. */
static void pairwise_masks_cancel(void **state) {
    (void)state;
    enum { PARTIES = 5, WORDS = 1500 };
    static uint64_t sum[WORDS], plain[WORDS], x[WORDS];
    vs_mask masks[PARTIES][PARTIES], own[PARTIES];
    unsigned width = 37;
    pattern p = pattern_of(&width, 1, WORDS);
    for (size_t i = 0; i < PARTIES; i++) {
        for (size_t j = 0; j < i; j++) {
            random_masks(&masks[i][j], 1);
            masks[i][j].subtract = false;
            masks[j][i] = masks[i][j];
            masks[j][i].subtract = true;
        }
    }
    for (size_t i = 0; i < PARTIES; i++) {
        size_t count = 0;
        for (size_t j = 0; j < PARTIES; j++) {
            if (j != i) {
                own[count++] = masks[i][j];
            }
        }
        memset(x, 0, sizeof x);
        for (size_t slot = 0; slot < p.slots; slot++) {
            slot_set(&p, x, slot, test_random());
        }
        vs_slots_add(plain, x, p.tops, WORDS);
        assert_int_equal(vs_mask_apply(x, p.tops, WORDS, own, count), VS_OK);
        vs_slots_add(sum, x, p.tops, WORDS);
    }
    assert_memory_equal(sum, plain, sizeof sum);
    pattern_clear(&p);
}

static void nothing_to_do_is_done(void **state) {
    (void)state;
    const vs_mask mask = {.key = {1}};
    uint64_t slot = 7, top = UINT64_C(1) << 63;
    assert_int_equal(vs_mask_apply(&slot, &top, 1, &mask, 0), VS_OK);
    assert_int_equal(slot, 7);
    assert_int_equal(vs_mask_apply(&slot, &top, 0, &mask, 1), VS_OK);
    assert_int_equal(slot, 7);
}

int main(void) {
    test_seed();
    assert_int_equal(vs_secret_setup(), VS_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_the_streams_slot_by_slot),
        cmocka_unit_test(slots_across_the_pieces_are_whole),
        cmocka_unit_test(carries_run_through_whole_slots),
        cmocka_unit_test(threads_do_not_show),
        cmocka_unit_test(pairwise_masks_cancel),
        cmocka_unit_test(nothing_to_do_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
