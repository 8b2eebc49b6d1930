#include "tests/support.h"

#include <sodium.h>
#include <sys/resource.h>

#include "crypto/seal_internal.h"
#include "crypto/secret.h"

#define PASSPHRASE "correct horse"
#define PLAIN "nobody may read this"
#define PLAIN_LEN (sizeof PLAIN - 1)
#define SEALED_LEN (PLAIN_LEN + VS_SEAL_OVERHEAD)

static uint8_t sealed[SEALED_LEN];

static int make_seal(void **state) {
    (void)state;
    return vs__seal_with(1, 8, sealed, (const uint8_t *)PLAIN, PLAIN_LEN, PASSPHRASE, strlen(PASSPHRASE));
}

static vs_status open_seal(uint8_t *out, const uint8_t *bytes, size_t len) {
    return vs_unseal(out, bytes, len, PASSPHRASE, strlen(PASSPHRASE));
}

static void assert_zero(const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(bytes[i], 0);
    }
}

static void what_is_sealed_comes_back(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 16, 63, 64, 65, 1552, 100000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t len = lengths[i];
        uint8_t *plain = malloc(len + 1), *box = malloc(len + VS_SEAL_OVERHEAD), *out = malloc(len + 1);
        assert_true(plain != NULL && box != NULL && out != NULL);
        test_fill(plain, len);
        assert_int_equal(vs__seal_with(1, 8 + (uint32_t)i, box, plain, len, "\0\xff", i % 3), VS_OK);
        assert_int_equal(vs_unseal(out, box, len + VS_SEAL_OVERHEAD, "\0\xff", i % 3), VS_OK);
        assert_memory_equal(out, plain, len);
        free(plain);
        free(box);
        free(out);
    }
}

static void keys_get_the_full_cost(void **state) {
    (void)state;
    uint8_t box[SEALED_LEN], out[PLAIN_LEN];
    static const uint8_t header[16] = {'v', 's', '-', 's', 'e', 'a', 'l', '1', 3, 0, 0, 0, 0, 0, 4, 0};
    assert_int_equal(vs_seal(box, (const uint8_t *)PLAIN, PLAIN_LEN, PASSPHRASE, strlen(PASSPHRASE)), VS_OK);
    assert_memory_equal(box, header, sizeof header);
    assert_int_equal(open_seal(out, box, sizeof box), VS_OK);
    assert_memory_equal(out, PLAIN, PLAIN_LEN);
}

static void two_seals_of_the_same_share_nothing_but_the_costs(void **state) {
    (void)state;
    uint8_t other[SEALED_LEN];
    assert_int_equal(vs__seal_with(1, 8, other, (const uint8_t *)PLAIN, PLAIN_LEN, PASSPHRASE, strlen(PASSPHRASE)),
                     VS_OK);
    assert_memory_equal(other, sealed, 16);
    assert_memory_not_equal(other + 16, sealed + 16, 16);
    assert_memory_not_equal(other + 32, sealed + 32, 24);
    assert_memory_not_equal(other + 56, sealed + 56, PLAIN_LEN);
}

static void another_passphrase_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"", "correct hors", "correct horse ", "Correct horse"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t out[PLAIN_LEN];
        memset(out, 1, sizeof out);
        assert_int_equal(vs_unseal(out, sealed, sizeof sealed, wrong[i], strlen(wrong[i])), VS_ERR_AUTH);
        assert_zero(out, sizeof out);
    }
}

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    for (size_t bit = 0; bit < 8 * SEALED_LEN; bit++) {
        uint8_t bent[SEALED_LEN], out[PLAIN_LEN];
        /* costs that are flipped within their bounds are only slow: bits 3 up in the passes, 12 up in the memory */
        if ((bit >= 64 && bit < 128) && bit != 64 && bit != 65 && bit != 96 + 4 && bit != 96 + 31) {
            continue;
        }
        memcpy(bent, sealed, sizeof bent);
        bent[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memset(out, 1, sizeof out);
        vs_status status = open_seal(out, bent, sizeof bent);
        vs_status expected = bit < 64 ? VS_ERR_FORMAT : bit == 64 || bit == 127 ? VS_ERR_LIMIT : VS_ERR_AUTH;
        assert_int_equal(status, expected);
        assert_zero(out, sizeof out);
    }
}

static void every_prefix_is_refused(void **state) {
    (void)state;
    for (size_t len = 0; len < SEALED_LEN; len++) {
        uint8_t out[PLAIN_LEN];
        memset(out, 1, sizeof out);
        assert_int_equal(open_seal(out, sealed, len), len < VS_SEAL_OVERHEAD ? VS_ERR_FORMAT : VS_ERR_AUTH);
        assert_zero(out, len < VS_SEAL_OVERHEAD ? 0 : len - VS_SEAL_OVERHEAD);
    }
}

static void costs_out_of_bounds_are_refused_before_they_are_paid(void **state) {
    (void)state;
    static const uint32_t costs[][2] = {
        {0, 8}, {VS_SEAL_MAX_PASSES + 1, 8},     {UINT32_MAX, 8}, {1, 0},
        {1, 7}, {1, VS_SEAL_MAX_MEMORY_KIB + 1}, {1, UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        uint8_t bent[SEALED_LEN], out[PLAIN_LEN];
        memcpy(bent, sealed, sizeof bent);
        for (unsigned k = 0; k < 4; k++) {
            bent[8 + k] = (uint8_t)(costs[i][0] >> (8 * k));
            bent[12 + k] = (uint8_t)(costs[i][1] >> (8 * k));
        }
        assert_int_equal(open_seal(out, bent, sizeof bent), VS_ERR_LIMIT);
        assert_zero(out, sizeof out);
    }
}

static void a_passphrase_that_is_too_long_is_refused(void **state) {
    (void)state;
    static char passphrase[VS_SEAL_MAX_PASSPHRASE + 1];
    uint8_t box[SEALED_LEN], out[PLAIN_LEN];
    memset(passphrase, 'x', sizeof passphrase);
    assert_int_equal(vs__seal_with(1, 8, box, (const uint8_t *)PLAIN, PLAIN_LEN, passphrase, sizeof passphrase),
                     VS_ERR_LIMIT);
    assert_int_equal(vs_unseal(out, sealed, sizeof sealed, passphrase, sizeof passphrase), VS_ERR_LIMIT);
    assert_int_equal(vs__seal_with(1, 8, box, (const uint8_t *)PLAIN, PLAIN_LEN, passphrase, sizeof passphrase - 1),
                     VS_OK);
    assert_int_equal(vs_unseal(out, box, sizeof box, passphrase, sizeof passphrase - 1), VS_OK);
}

/* Made with libsodium alone, after the description in the header: with the end mark it opens, without it does not. */
static void a_message_without_the_end_mark_is_refused(void **state) {
    (void)state;
    for (unsigned final = 0; final < 2; final++) {
        uint8_t key[32], box[SEALED_LEN] = {'v', 's', '-', 's', 'e', 'a', 'l', '1', 1, 0, 0, 0, 8}, out[PLAIN_LEN];
        crypto_secretstream_xchacha20poly1305_state stream;
        memset(box + 16, 42, 16);
        assert_int_equal(crypto_pwhash(key, sizeof key, PASSPHRASE, strlen(PASSPHRASE), box + 16, 1, 8192,
                                       crypto_pwhash_ALG_ARGON2ID13),
                         0);
        crypto_secretstream_xchacha20poly1305_init_push(&stream, box + 32, key);
        crypto_secretstream_xchacha20poly1305_push(&stream, box + 56, NULL, (const uint8_t *)PLAIN, PLAIN_LEN, box, 32,
                                                   final ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                                         : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
        assert_int_equal(open_seal(out, box, sizeof box), final ? VS_OK : VS_ERR_AUTH);
        if (final) {
            assert_memory_equal(out, PLAIN, PLAIN_LEN);
        } else {
            assert_zero(out, sizeof out);
        }
    }
}

#if defined(__SANITIZE_ADDRESS__)
#define LIMITED_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LIMITED_MEMORY 0
#else
#define LIMITED_MEMORY 1
#endif
#else
#define LIMITED_MEMORY 1
#endif

#if LIMITED_MEMORY
static void too_little_memory_for_the_cost_is_said(void **state) {
    (void)state;
    uint8_t bent[SEALED_LEN], out[PLAIN_LEN];
    struct rlimit before, small;
    memcpy(bent, sealed, sizeof bent);
    bent[12] = 0;
    bent[14] = 16; /* 1 GiB */
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    small = before;
    small.rlim_cur = 512u << 20;
    assert_int_equal(setrlimit(RLIMIT_AS, &small), 0);
    vs_status status = open_seal(out, bent, sizeof bent);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(status, VS_ERR_MEMORY);
    assert_zero(out, sizeof out);
}
#endif

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_comes_back),
        cmocka_unit_test(keys_get_the_full_cost),
        cmocka_unit_test(two_seals_of_the_same_share_nothing_but_the_costs),
        cmocka_unit_test(another_passphrase_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(costs_out_of_bounds_are_refused_before_they_are_paid),
        cmocka_unit_test(a_passphrase_that_is_too_long_is_refused),
        cmocka_unit_test(a_message_without_the_end_mark_is_refused),
#if LIMITED_MEMORY
        cmocka_unit_test(too_little_memory_for_the_cost_is_said),
#endif
    };
    return cmocka_run_group_tests(tests, make_seal, NULL);
}
