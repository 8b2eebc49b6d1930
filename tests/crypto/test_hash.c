/* The constants are printed by tests/vectors/make_hash_vectors.py. */
#include "tests/support.h"

#include "crypto/hash.h"
#include "crypto/status.h"

static void assert_hash(vs_hash *hash, const char *expected) {
    uint8_t out[VS_HASH_BYTES];
    char text[2 * VS_HASH_BYTES + 1];
    vs_hash_final(hash, out);
    vs_to_hex(text, out, sizeof out);
    assert_string_equal(text, expected);
}

static void hashes_are_those_of_another_program(void **state) {
    (void)state;
    vs_hash hash;
    vs_hash_init(&hash, "veilsum test");
    assert_hash(&hash, "231c2d05e8f5aa64cf32c98ca541cda1c6f53b68104c6a9c2749dcfac8aac754");
    vs_hash_init(&hash, "veilsum test");
    vs_hash_field(&hash, "abc", 3);
    vs_hash_field(&hash, NULL, 0);
    assert_hash(&hash, "6e912543a113eeef3d3839c7c1ae69588accaa9ab71e2b00c7f101b90529bd2e");
    vs_hash_init(&hash, "veilsum test");
    vs_hash_u64(&hash, UINT64_C(0x0123456789abcdef));
    assert_hash(&hash, "80f0ce6df51a26b66518f99479a607fe10ef9e04ef1ea0f1b458a3f61ceb14cc");
}

static void hash_two(uint8_t *out, const char *label, const char *first, const char *second) {
    vs_hash hash;
    vs_hash_init(&hash, label);
    vs_hash_field(&hash, first, strlen(first));
    vs_hash_field(&hash, second, strlen(second));
    vs_hash_final(&hash, out);
}

static void where_a_field_ends_matters(void **state) {
    (void)state;
    static const char *const lists[][3] = {{"l", "ab", "c"}, {"l", "a", "bc"}, {"l", "abc", ""},
                                           {"l", "", "abc"}, {"la", "b", "c"}, {"m", "ab", "c"}};
    uint8_t out[6][VS_HASH_BYTES];
    for (size_t i = 0; i < 6; i++) {
        hash_two(out[i], lists[i][0], lists[i][1], lists[i][2]);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(out[i], out[j], VS_HASH_BYTES);
        }
    }
}

static void pieces_hash_like_the_whole(void **state) {
    (void)state;
    uint8_t data[1000], whole[VS_HASH_BYTES], pieces[VS_HASH_BYTES];
    test_fill(data, sizeof data);
    for (unsigned round = 0; round < 100; round++) {
        vs_hash a, b;
        vs_hash_init(&a, "pieces");
        vs_hash_init(&b, "pieces");
        vs_hash_u64(&a, sizeof data);
        vs_hash_u64(&b, sizeof data);
        vs_hash_bytes(&a, data, sizeof data);
        for (size_t at = 0; at < sizeof data;) {
            size_t take = (size_t)test_below(300);
            take = take < sizeof data - at ? take : sizeof data - at;
            vs_hash_bytes(&b, data + at, take);
            at += take;
        }
        vs_hash_final(&a, whole);
        vs_hash_final(&b, pieces);
        assert_memory_equal(whole, pieces, sizeof whole);
    }
}

static void every_difference_is_seen(void **state) {
    (void)state;
    uint8_t a[40], b[40];
    test_fill(a, sizeof a);
    memcpy(b, a, sizeof a);
    assert_true(vs_equal(a, b, sizeof a));
    assert_true(vs_equal(a, b, 0));
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(vs_equal(a, b, sizeof a));
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void hexadecimal_comes_back(void **state) {
    (void)state;
    uint8_t data[VS_HASH_BYTES], back[VS_HASH_BYTES];
    char text[2 * VS_HASH_BYTES + 1];
    for (unsigned round = 0; round < 100; round++) {
        size_t len = (size_t)test_below(sizeof data + 1);
        test_fill(data, len);
        vs_to_hex(text, data, len);
        assert_int_equal(strlen(text), 2 * len);
        assert_int_equal(vs_from_hex(back, len, text, 2 * len), VS_OK);
        assert_memory_equal(back, data, len);
    }
}

static void only_lower_case_hexadecimal_of_the_right_length_is_read(void **state) {
    (void)state;
    uint8_t out[4];
    for (size_t len = 0; len <= 10; len++) {
        assert_int_equal(vs_from_hex(out, 4, "0123456789", len), len == 8 ? VS_OK : VS_ERR_FORMAT);
    }
    assert_int_equal(vs_from_hex(out, SIZE_MAX / 2 + 1, "", 0), VS_ERR_FORMAT);
    for (int c = 0; c < 256; c++) {
        char text[] = "00000000";
        text[5] = (char)c;
        int good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        assert_int_equal(vs_from_hex(out, 4, text, 8), good ? VS_OK : VS_ERR_FORMAT);
    }
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_another_program),
        cmocka_unit_test(where_a_field_ends_matters),
        cmocka_unit_test(pieces_hash_like_the_whole),
        cmocka_unit_test(every_difference_is_seen),
        cmocka_unit_test(hexadecimal_comes_back),
        cmocka_unit_test(only_lower_case_hexadecimal_of_the_right_length_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
