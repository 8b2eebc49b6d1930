#include "tests/support.h"

#include <gmp.h>

#include "crypto/secret.h"

static void setup_can_be_called_again(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    assert_int_equal(vs_secret_setup(), VS_OK);
}

static void secrets_are_zero_and_aligned(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 63, 64, 65, 4095, 4096, 4097, 1000000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t *secret = vs_secret_alloc(lengths[i]);
        assert_non_null(secret);
        assert_int_equal((uintptr_t)secret % 64, 0);
        for (size_t j = 0; j < lengths[i]; j++) {
            assert_int_equal(secret[j], 0);
        }
        memset(secret, 0xa5, lengths[i]);
        vs_secret_free(secret);
    }
    vs_secret_free(NULL);
}

/* Freed blocks are kept for the next ones of their length: nothing of what they held may be left. */
static void what_was_freed_comes_back_wiped(void **state) {
    (void)state;
    enum { BLOCKS = 3, LEN = 10000 };
    uint8_t *blocks[BLOCKS], *again[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = vs_secret_alloc(LEN);
        assert_non_null(blocks[i]);
        memset(blocks[i], 0xa5, LEN);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        vs_secret_free(blocks[i]);
    }
    size_t reused = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        again[i] = vs_secret_alloc(LEN);
        assert_non_null(again[i]);
        for (size_t j = 0; j < LEN; j++) {
            assert_int_equal(again[i][j], 0);
        }
        for (size_t k = 0; k < BLOCKS; k++) {
            reused += again[i] == blocks[k];
            assert_true(k >= i || again[k] != again[i]); /* each to one owner */
        }
    }
    assert_int_equal(reused, BLOCKS); /* or the test would say nothing */
    for (size_t i = 0; i < BLOCKS; i++) {
        vs_secret_free(again[i]);
    }
}

static void an_impossible_length_is_refused(void **state) {
    (void)state;
    assert_null(vs_secret_alloc(SIZE_MAX));
    assert_null(vs_secret_alloc(SIZE_MAX - 63));
    assert_null(vs_secret_alloc(SIZE_MAX / 2));
}

static void wiped_memory_is_zero(void **state) {
    (void)state;
    uint8_t memory[100];
    test_fill(memory, sizeof memory);
    memory[0] = memory[1] = memory[98] = memory[99] = 7;
    vs_wipe(memory + 1, sizeof memory - 2);
    for (size_t i = 1; i < sizeof memory - 1; i++) {
        assert_int_equal(memory[i], 0);
    }
    assert_int_equal(memory[0], 7);
    assert_int_equal(memory[99], 7);
}

static void random_bytes_differ_and_stay_in_place(void **state) {
    (void)state;
    uint8_t a[34] = {0}, b[34] = {0};
    vs_random(a + 1, 32);
    vs_random(b + 1, 32);
    assert_memory_not_equal(a, b, 34);
    assert_int_equal(a[0] | a[33] | b[0] | b[33], 0);
}

static void gmp_wipes_what_a_block_gives_up_and_keeps_the_rest(void **state) {
    (void)state;
    void *(*allocate)(size_t);
    void *(*reallocate)(void *, size_t, size_t);
    void (*release)(void *, size_t);
    mp_get_memory_functions(&allocate, &reallocate, &release);
    uint8_t *block = allocate(256);
    memset(block, 0x5a, 256);
    uint8_t *smaller = reallocate(block, 256, 100);
    assert_ptr_equal(smaller, block); /* so that its tail may be looked at */
    for (size_t i = 0; i < 256; i++) {
        assert_int_equal(smaller[i], i < 100 ? 0x5a : 0);
    }
    uint8_t *larger = reallocate(smaller, 100, 5000);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(larger[i], 0x5a);
    }
    release(larger, 5000);
}

static mpz_t early; /* made before the set-up */

static void numbers_from_before_the_setup_stay_usable(void **state) {
    (void)state;
    mpz_mul_2exp(early, early, 5000);
    mpz_tdiv_q_2exp(early, early, 5000);
    assert_int_equal(mpz_cmp_ui(early, 12345), 0);
    mpz_clear(early);
}

int main(void) {
    test_seed();
    mpz_init_set_ui(early, 12345);
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setup_can_be_called_again),
        cmocka_unit_test(secrets_are_zero_and_aligned),
        cmocka_unit_test(what_was_freed_comes_back_wiped),
        cmocka_unit_test(an_impossible_length_is_refused),
        cmocka_unit_test(wiped_memory_is_zero),
        cmocka_unit_test(random_bytes_differ_and_stay_in_place),
        cmocka_unit_test(gmp_wipes_what_a_block_gives_up_and_keeps_the_rest),
        cmocka_unit_test(numbers_from_before_the_setup_stay_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
