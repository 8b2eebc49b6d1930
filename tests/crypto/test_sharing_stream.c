/* Every byte beside libsodium's, on whatever computes streams here. */
#include "tests/support.h"

#include <sodium.h>

#include "crypto/secret.h"
#include "crypto/sharing/backend.h"
#include "crypto/sharing/stream.h"

#define BYTES 6000u

static void expect(uint8_t *out, size_t len, const uint8_t *key, uint64_t block) {
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    memset(out, 0, len);
    assert_int_equal(crypto_stream_chacha20_xor_ic(out, out, len, nonce, block, key), 0);
}

static void assert_stream(const uint8_t *key, uint64_t block, size_t len) {
    uint8_t fast[BYTES + 1], expected[BYTES];
    fast[len] = 0xa5;
    vs_stream(fast, len, key, block);
    expect(expected, len, key, block);
    assert_memory_equal(fast, expected, len);
    assert_int_equal(fast[len], 0xa5);
}

static void the_stream_is_libsodiums(void **state) {
    (void)state;
    uint8_t key[VS_STREAM_KEY_BYTES];
    for (unsigned round = 0; round < 2000; round++) {
        test_fill(key, sizeof key);
        assert_stream(key, test_random() >> test_below(64) >> 1, (size_t)test_below(BYTES + 1));
    }
}

static void every_length_ends_where_it_should(void **state) {
    (void)state;
    uint8_t key[VS_STREAM_KEY_BYTES];
    test_fill(key, sizeof key);
    for (size_t len = 0; len <= 2200; len++) {
        assert_stream(key, 7, len);
    }
}

static void the_counter_has_64_bits(void **state) {
    (void)state;
    uint8_t key[VS_STREAM_KEY_BYTES];
    test_fill(key, sizeof key);
    for (uint64_t before = 0; before <= 40; before++) {
        assert_stream(key, (UINT64_C(1) << 32) - before, 40 * 64 + 5);
        assert_stream(key, (UINT64_C(5) << 32) - before, 40 * 64 + 5);
        assert_stream(key, (UINT64_C(1) << 63) - before, 40 * 64 + 5);
    }
    assert_stream(key, UINT64_MAX - 39, 40 * 64);
}

/* [B08]'s cipher on a key of zeros, as [RFC8439, appendix A.1, test vectors 1 and 2] print it. */
static void it_begins_as_published(void **state) {
    (void)state;
    static const uint8_t key[VS_STREAM_KEY_BYTES];
    static const uint8_t first[16] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90,
                                      0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28};
    static const uint8_t second[16] = {0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a,
                                       0x98, 0xba, 0x97, 0x7c, 0x73, 0x2d, 0x08, 0x0d};
    uint8_t out[16];
    vs_stream(out, sizeof out, key, 0);
    assert_memory_equal(out, first, sizeof out);
    vs_stream(out, sizeof out, key, 1);
    assert_memory_equal(out, second, sizeof out);
}

/* Keys that lie apart, few blocks of each: what masks of short vectors are made of. */
static void many_keys_give_what_each_gives(void **state) {
    (void)state;
    static uint8_t keys[50 * 40], out[50 * 40 * VS_STREAM_BLOCK_BYTES], expected[40 * VS_STREAM_BLOCK_BYTES];
    for (unsigned round = 0; round < 200; round++) {
        const size_t stride = 32 + (size_t)test_below(9), count = 1 + (size_t)test_below(50);
        const size_t blocks = 1 + (size_t)test_below(40);
        uint64_t block = test_below(2) == 0 ? test_below(100) : (UINT64_C(1) << 32) - test_below(50);
        test_fill(keys, sizeof keys);
        const vs_stream_keys list = {.first = keys, .stride = stride, .count = count};
        vs__sharing_backend()->stream(out, &list, block, blocks);
        for (size_t i = 0; i < count; i++) {
            expect(expected, blocks * VS_STREAM_BLOCK_BYTES, keys + i * stride, block);
            assert_memory_equal(out + i * blocks * VS_STREAM_BLOCK_BYTES, expected, blocks * VS_STREAM_BLOCK_BYTES);
        }
    }
}

int main(void) {
    test_seed();
    assert_int_equal(vs_secret_setup(), VS_OK);
    printf("# streams on %s\n", vs_stream_backend_name());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_libsodiums),       cmocka_unit_test(every_length_ends_where_it_should),
        cmocka_unit_test(the_counter_has_64_bits),        cmocka_unit_test(it_begins_as_published),
        cmocka_unit_test(many_keys_give_what_each_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
