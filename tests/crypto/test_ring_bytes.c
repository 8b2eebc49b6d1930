/* Between bytes and bundles, for every size of a digit: what goes in comes out, lane by lane, at any address and
 * stride, and nothing beyond is touched; a digit that is not below n is seen, and no other. */
#include "tests/crypto/ring_support.h"

#include "crypto/secret.h"

#define GUARD 0xa5

typedef struct setting {
    vs_ring *ring;
    mpz_t n;
    vs_word *bundle;
} setting;

static void setting_open(setting *t, size_t limbs, unsigned degree) {
    vs_word n[64];
    ring_modulus(n, limbs);
    mpz_init(t->n);
    ring_import(t->n, n, limbs);
    assert_int_equal(vs_ring_new(&t->ring, n, limbs, degree, test_random() % 2), VS_OK);
    t->bundle = malloc(vs_ring_bundle_words(t->ring) * sizeof *t->bundle);
    assert_non_null(t->bundle);
}

static void setting_close(setting *t) {
    vs_ring_free(t->ring);
    mpz_clear(t->n);
    free(t->bundle);
}

/* A canonical digit: one in four is n − 1. */
static void draw_digit(const setting *t, vs_word *digit) {
    size_t limbs = t->ring->digit_limbs;
    mpz_t value;
    mpz_init(value);
    test_fill(digit, limbs * 8);
    ring_import(value, digit, limbs);
    if (test_below(4) == 0) {
        mpz_sub_ui(value, t->n, 1);
    }
    mpz_fdiv_r(value, value, t->n);
    memset(digit, 0, limbs * 8);
    mpz_export(digit, NULL, -1, 8, 0, 0, value);
    mpz_clear(value);
}

static void draw_element(const setting *t, vs_word *element) {
    for (unsigned d = 0; d <= t->ring->degree; d++) {
        draw_digit(t, element + d * t->ring->digit_limbs);
    }
}

/* `count` elements `stride` words apart, the first one at an odd address. */
static void try_round_trip(setting *t, size_t stride, size_t count) {
    size_t element = vs_ring_element_limbs(t->ring), len = (t->ring->lanes * stride + 2) * 8;
    uint8_t *in = malloc(len), *out = malloc(len), *expected = malloc(len);
    vs_word words[5 * 64];
    memset(in, 0x5a, len);
    memset(out, GUARD, len);
    memset(expected, GUARD, len);
    for (size_t i = 0; i < count; i++) {
        draw_element(t, words);
        memcpy(in + 1 + i * stride * 8, words, element * 8);
        memcpy(expected + 3 + i * stride * 8, words, element * 8);
    }
    vs_ring_load(t->ring, t->bundle, in + 1, stride, count);
    assert_int_equal(vs_ring_out_of_range(t->ring, t->bundle), 0);
    vs_ring_store(t->ring, out + 3, t->bundle, stride, count);
    assert_memory_equal(out, expected, len);
    free(in);
    free(out);
    free(expected);
}

static void elements_come_out_as_they_went_in(void **state) {
    (void)state;
    for (size_t limbs = 1; limbs <= 64; limbs++) {
        for (unsigned degree = 0; degree <= 2; degree++) {
            setting t;
            setting_open(&t, limbs, degree);
            size_t element = vs_ring_element_limbs(t.ring);
            for (size_t count = 0; count <= t.ring->lanes; count++) {
                try_round_trip(&t, element + (count % 2) * 3, count);
            }
            setting_close(&t);
        }
    }
}

static void lanes_without_an_element_hold_zero(void **state) {
    (void)state;
    for (size_t limbs = 1; limbs <= 64; limbs += 3) {
        setting t;
        setting_open(&t, limbs, 1);
        size_t element = vs_ring_element_limbs(t.ring), lanes = t.ring->lanes;
        vs_word *x = malloc(lanes * element * 8), *out = malloc(lanes * element * 8);
        memset(x, 0xff, lanes * element * 8);
        for (size_t count = 0; count < lanes; count++) {
            memset(t.bundle, 0xff, vs_ring_bundle_words(t.ring) * 8);
            vs_ring_load(t.ring, t.bundle, x, element, count);
            vs_ring_store(t.ring, out, t.bundle, element, lanes);
            for (size_t i = count * element; i < lanes * element; i++) {
                assert_int_equal(out[i], 0);
            }
        }
        free(x);
        free(out);
        setting_close(&t);
    }
}

/* The neighbours of n, n with a limb changed, the largest number that fits. */
static int draw_neighbour(const setting *t, vs_word *digit) {
    size_t limbs = t->ring->digit_limbs;
    mpz_t value;
    mpz_init(value);
    memcpy(digit, t->ring->modulus, limbs * 8);
    switch (test_below(7)) {
    case 0: /* n itself */
        break;
    case 1:
        digit[0] ^= 1; /* n − 1: n is odd */
        break;
    case 2:
        digit[test_below(limbs)] ^= (vs_word)1 << test_below(64);
        break;
    case 3:
        digit[test_below(limbs)] = 0;
        break;
    case 4:
        digit[test_below(limbs)] = ~(vs_word)0;
        break;
    case 5:
        memset(digit, 0xff, limbs * 8);
        break;
    default:
        test_fill(digit, limbs * 8);
        break;
    }
    ring_import(value, digit, limbs);
    int out = mpz_cmp(value, t->n) >= 0;
    mpz_clear(value);
    return out;
}

static void digits_from_n_on_are_seen(void **state) {
    (void)state;
    for (size_t limbs = 1; limbs <= 64; limbs++) {
        setting t;
        setting_open(&t, limbs, limbs % 5);
        size_t element = vs_ring_element_limbs(t.ring), lanes = t.ring->lanes;
        vs_word *x = malloc(lanes * element * 8);
        for (int round = 0; round < 24; round++) {
            unsigned expected = 0;
            for (size_t lane = 0; lane < lanes; lane++) {
                unsigned digit = (unsigned)test_below(t.ring->degree + 1);
                draw_element(&t, x + lane * element);
                if (draw_neighbour(&t, x + lane * element + digit * limbs)) {
                    expected |= 1u << lane;
                }
            }
            vs_ring_load(t.ring, t.bundle, x, element, lanes);
            assert_int_equal(vs_ring_out_of_range(t.ring, t.bundle), expected);
        }
        free(x);
        setting_close(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_come_out_as_they_went_in),
        cmocka_unit_test(lanes_without_an_element_hold_zero),
        cmocka_unit_test(digits_from_n_on_are_seen),
    };
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    if (!ring_backend_is_here()) {
        return 77; /* skipped */
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
