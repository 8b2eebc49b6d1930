#include "tests/support.h"

#include <gmp.h>
#include <sodium.h>

#include "crypto/onetime.h"

/* [RFC8439, appendix A.1, test vector 1] as far as the original ChaCha20, with its 64-bit nonce, agrees: all zeros. */
static void the_stream_is_chacha20(void **state) {
    (void)state;
    static const uint8_t key[VS_ONETIME_KEY_BYTES];
    static const uint8_t expected[32] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a,
                                         0xe5, 0x53, 0x86, 0xbd, 0x28, 0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d,
                                         0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7};
    uint8_t out[32];
    vs_onetime_stream(out, sizeof out, key);
    assert_memory_equal(out, expected, sizeof out);
}

static void a_shorter_stream_is_the_beginning_of_a_longer_one(void **state) {
    (void)state;
    uint8_t key[VS_ONETIME_KEY_BYTES], longer[1000], shorter[1000];
    test_fill(key, sizeof key);
    vs_onetime_stream(longer, sizeof longer, key);
    for (size_t len = 0; len < sizeof shorter; len += 37) {
        vs_onetime_stream(shorter, len, key);
        assert_memory_equal(shorter, longer, len);
    }
}

/* The same sum on GMP's integers. */
static void tag_slowly(uint8_t tag[VS_ONETIME_TAG_BYTES], const uint8_t *data, const uint8_t *key, size_t len,
                       const uint8_t *pad) {
    mpz_t sum, a[2], k;
    mpz_inits(sum, a[0], a[1], k, NULL);
    mpz_import(sum, VS_ONETIME_TAG_BYTES, -1, 1, 0, 0, pad);
    for (size_t i = 0; i < len; i += 16) {
        for (size_t j = 0; j < 2; j++) {
            mpz_import(a[j], 8, -1, 1, 0, 0, data + i + 8 * j);
            mpz_import(k, 8, -1, 1, 0, 0, key + i + 8 * j);
            mpz_add(a[j], a[j], k);
            mpz_fdiv_r_2exp(a[j], a[j], 64);
        }
        mpz_addmul(sum, a[0], a[1]);
    }
    mpz_fdiv_r_2exp(sum, sum, 128);
    memset(tag, 0, VS_ONETIME_TAG_BYTES);
    mpz_export(tag, NULL, -1, 1, 0, 0, sum);
    mpz_clears(sum, a[0], a[1], k, NULL);
}

static void a_tag_is_the_sum_that_integers_give(void **state) {
    (void)state;
    uint8_t data[1536], key[1536], pad[VS_ONETIME_TAG_BYTES], tag[VS_ONETIME_TAG_BYTES], expected[VS_ONETIME_TAG_BYTES];
    for (size_t round = 0; round < 200; round++) {
        size_t len = 16 * (size_t)test_below(sizeof data / 16 + 1);
        test_fill(data, len);
        test_fill(key, len);
        test_fill(pad, sizeof pad);
        vs_onetime_tag(tag, data, key, len, pad);
        tag_slowly(expected, data, key, len, pad);
        assert_memory_equal(tag, expected, sizeof tag);
        assert_int_equal(vs_onetime_tag_is(tag, data, key, len, pad), 1);
        tag[test_below(sizeof tag)] ^= (uint8_t)(1u << test_below(8));
        assert_int_equal(vs_onetime_tag_is(tag, data, key, len, pad), 0);
    }
}

static void a_flipped_bit_changes_the_tag(void **state) {
    (void)state;
    uint8_t data[512], key[512], pad[VS_ONETIME_TAG_BYTES], tag[VS_ONETIME_TAG_BYTES], other[VS_ONETIME_TAG_BYTES];
    test_fill(data, sizeof data);
    randombytes_buf(key, sizeof key);
    randombytes_buf(pad, sizeof pad);
    vs_onetime_tag(tag, data, key, sizeof data, pad);
    for (size_t i = 0; i < 8 * sizeof data; i++) {
        data[i / 8] ^= (uint8_t)(1u << i % 8);
        vs_onetime_tag(other, data, key, sizeof data, pad);
        assert_memory_not_equal(tag, other, sizeof tag);
        data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_chacha20),
        cmocka_unit_test(a_shorter_stream_is_the_beginning_of_a_longer_one),
        cmocka_unit_test(a_tag_is_the_sum_that_integers_give),
        cmocka_unit_test(a_flipped_bit_changes_the_tag),
    };
    test_seed();
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
