#include "crypto/sharing/addressed.h"

#include "crypto/secret.h"
#include "tests/support.h"

typedef struct pair {
    vs_identity *a, *b;
} pair;

static pair pair_new(void) {
    pair p;
    assert_int_equal(vs_identity_new(&p.a, "A"), VS_OK);
    assert_int_equal(vs_identity_new(&p.b, "B"), VS_OK);
    return p;
}

static void pair_free(pair *p) {
    vs_identity_free(p->a);
    vs_identity_free(p->b);
}

static const uint8_t sid[VS_AGREEMENT_SID_BYTES] = {1}, other_sid[VS_AGREEMENT_SID_BYTES] = {2};
static const vs_address place = {"test", {sid, 16, 3, 4}};

static void what_is_locked_unlocks_and_is_the_same_each_time(void **state) {
    (void)state;
    pair p = pair_new();
    for (size_t len = 0; len < 300; len += 37) {
        uint8_t plain[300], seed[32], boxed[348], again[348], out[300];
        test_fill(plain, sizeof plain);
        test_fill(seed, sizeof seed);
        size_t boxed_len = len + VS_ADDRESSED_EXTRA_BYTES;
        assert_int_equal(vs_addressed_lock(boxed, vs_identity_public(p.b), &place, seed, plain, len), VS_OK);
        assert_int_equal(vs_addressed_lock(again, vs_identity_public(p.b), &place, seed, plain, len), VS_OK);
        assert_memory_equal(boxed, again, boxed_len);
        assert_int_equal(vs_addressed_unlock(out, p.b, &place, boxed, boxed_len), VS_OK);
        assert_memory_equal(out, plain, len);
        assert_int_equal(vs_addressed_unlock(out, p.a, &place, boxed, boxed_len), VS_ERR_AUTH);
    }
    pair_free(&p);
}

static void another_place_does_not_open_it(void **state) {
    (void)state;
    static const vs_address others[] = {
        {"tes", {sid, 16, 3, 4}},  {"test", {other_sid, 16, 3, 4}}, {"test", {sid, 17, 3, 4}},
        {"test", {sid, 16, 5, 4}}, {"test", {sid, 16, 3, 5}},       {"test", {sid, 16, 4, 3}},
    };
    pair p = pair_new();
    uint8_t plain[40] = {9}, seed[32] = {7}, boxed[40 + VS_ADDRESSED_EXTRA_BYTES], out[40], zero[40] = {0};
    assert_int_equal(vs_addressed_lock(boxed, vs_identity_public(p.b), &place, seed, plain, 40), VS_OK);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        memset(out, 1, sizeof out);
        assert_int_equal(vs_addressed_unlock(out, p.b, &others[i], boxed, sizeof boxed), VS_ERR_AUTH);
        assert_memory_equal(out, zero, sizeof out);
    }
    pair_free(&p);
}

static void every_altered_byte_is_refused(void **state) {
    (void)state;
    pair p = pair_new();
    uint8_t plain[8] = {9}, seed[32] = {7}, boxed[8 + VS_ADDRESSED_EXTRA_BYTES], out[8];
    assert_int_equal(vs_addressed_lock(boxed, vs_identity_public(p.b), &place, seed, plain, 8), VS_OK);
    for (size_t i = 0; i < sizeof boxed; i++) {
        boxed[i] ^= 0x10;
        assert_int_equal(vs_addressed_unlock(out, p.b, &place, boxed, sizeof boxed), VS_ERR_AUTH);
        boxed[i] ^= 0x10;
    }
    memset(boxed, 0, VS_AGREEMENT_KEY_BYTES); /* a key of small order */
    assert_int_equal(vs_addressed_unlock(out, p.b, &place, boxed, sizeof boxed), VS_ERR_AUTH);
    assert_int_equal(vs_addressed_unlock(out, p.b, &place, boxed, VS_ADDRESSED_EXTRA_BYTES - 1), VS_ERR_FORMAT);
    pair_free(&p);
}

static void a_receiver_of_small_order_is_refused(void **state) {
    (void)state;
    vs_public_identity nobody = {.name = "N", .key = {1}};
    uint8_t plain[8] = {9}, seed[32] = {7}, boxed[8 + VS_ADDRESSED_EXTRA_BYTES],
            zero[8 + VS_ADDRESSED_EXTRA_BYTES] = {0};
    assert_int_equal(vs_addressed_lock(boxed, &nobody, &place, seed, plain, 8), VS_ERR_RANGE);
    assert_memory_equal(boxed, zero, sizeof boxed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_locked_unlocks_and_is_the_same_each_time),
        cmocka_unit_test(another_place_does_not_open_it),
        cmocka_unit_test(every_altered_byte_is_refused),
        cmocka_unit_test(a_receiver_of_small_order_is_refused),
    };
    test_seed();
    return vs_secret_setup() == VS_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
