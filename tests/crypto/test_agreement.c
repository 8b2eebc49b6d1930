/* The constants are printed by tests/vectors/make_agreement_vectors.py. */
#include "tests/support.h"

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "crypto/sharing/agreement.h"
#include "tests/crypto/small_order.h"

static uint8_t sid[VS_AGREEMENT_SID_BYTES];
static vs_binding place = {.sid = sid, .step = 34, .from = 3, .to = 17};
static const char label[] = "test label";

static void assert_hex(const uint8_t *bytes, size_t len, const char *expected) {
    char hex[257];
    vs_to_hex(hex, bytes, len);
    assert_string_equal(hex, expected);
}

typedef struct pair {
    uint8_t public_key[32], secret_key[32];
} pair;

static pair pair_of(char fill) {
    pair p;
    uint8_t seed[32];
    memset(seed, fill, sizeof seed);
    vs_agreement_keypair(p.public_key, p.secret_key, seed);
    return p;
}

static void agree(uint8_t out[32], const pair *own, const pair *peer, const char *with_label, const vs_binding *with) {
    assert_int_equal(vs_agreement_key(out, own->secret_key, own->public_key, peer->public_key, with_label, with),
                     VS_OK);
}

static void keys_are_those_of_another_program(void **state) {
    (void)state;
    uint8_t key[32], derived[100], seed[32];
    pair a = pair_of('a'), b = pair_of('b');
    assert_hex(a.public_key, 32, "5b0600421cebbd37b7bc1ec6763bbd6e3b83765ef487ca47e338fec763b74b23");
    assert_hex(b.public_key, 32, "f2285e733d938c84e63874854474fdb70b456c6b9bbdf719188b8f0364012549");
    agree(key, &a, &b, label, &place);
    assert_hex(key, 32, "adcc70fb48ac8457885768dbe3ac35f75ba8d0b9920e9312f5eedd746f36357c");
    memset(seed, 's', sizeof seed);
    vs_derive(derived, sizeof derived, seed, label, &place);
    assert_hex(derived, sizeof derived,
               "582a765d44d897fb901fda04adb3310a9e562b86674428e87f4adcd0a45a74cd3758ac73616ac6bfd30d9133360cca1e4c24f0"
               "8363151495103762ccacdb04fb3aaf8ad549f71bde46a64c458cf09701a5c27b0abfa78895cdbeed89ce554eecf80fa7ef");
}

static void both_sides_get_the_same(void **state) {
    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        uint8_t seeds[2][32], one[32], other[32];
        pair p[2];
        for (size_t i = 0; i < 2; i++) {
            test_fill(seeds[i], 32);
            vs_agreement_keypair(p[i].public_key, p[i].secret_key, seeds[i]);
        }
        agree(one, &p[0], &p[1], label, &place);
        agree(other, &p[1], &p[0], label, &place);
        assert_memory_equal(one, other, 32);
    }
}

static void a_secret_key_gives_its_public_one_again(void **state) {
    (void)state;
    uint8_t again[32];
    pair a = pair_of('a');
    vs_agreement_public(again, a.secret_key);
    assert_memory_equal(again, a.public_key, 32);
    a.secret_key[7] ^= 1;
    vs_agreement_public(again, a.secret_key);
    assert_memory_not_equal(again, a.public_key, 32);
}

/* ---- binding ---- */

/* Each in one place unlike `place`. */
static vs_binding elsewhere(unsigned where, uint8_t *other_sid) {
    vs_binding b = place;
    memcpy(other_sid, sid, sizeof sid);
    other_sid[where % sizeof sid] ^= where < 4 ? 1 : 0;
    b.sid = other_sid;
    b.step += where == 4;
    b.from += where == 5;
    b.to += where == 6;
    if (where == 7) {
        b.from = place.to;
        b.to = place.from;
    }
    return b;
}

static void every_place_and_label_has_keys_of_its_own(void **state) {
    (void)state;
    uint8_t keys[11][32], seed[32] = {1}, derived[11][32], other_sid[32];
    pair a = pair_of('a'), b = pair_of('b'), c = pair_of('c');
    for (unsigned i = 0; i < 8; i++) {
        vs_binding there = elsewhere(i, other_sid);
        agree(keys[i], &a, &b, label, &there);
        vs_derive(derived[i], 32, seed, label, &there);
    }
    agree(keys[8], &a, &b, label, &place);
    agree(keys[9], &a, &b, "test labe", &place);
    agree(keys[10], &a, &c, label, &place);
    vs_derive(derived[8], 32, seed, label, &place);
    vs_derive(derived[9], 32, seed, "test labe", &place);
    seed[31] = 1;
    vs_derive(derived[10], 32, seed, label, &place);
    for (unsigned i = 0; i < 11; i++) {
        for (unsigned j = 0; j < i; j++) {
            assert_memory_not_equal(keys[i], keys[j], 32);
            assert_memory_not_equal(derived[i], derived[j], 32);
        }
    }
}

static void a_shorter_derivation_begins_a_longer_one(void **state) {
    (void)state;
    uint8_t seed[32], longer[3000], shorter[3000];
    test_fill(seed, sizeof seed);
    vs_derive(longer, sizeof longer, seed, label, &place);
    for (size_t len = 0; len < sizeof shorter; len += 331) {
        vs_derive(shorter, len, seed, label, &place);
        assert_memory_equal(shorter, longer, len);
    }
}

/* ---- hostile keys ---- */

static void keys_of_small_order_are_refused(void **state) {
    (void)state;
    static const uint8_t zero[32];
    pair a = pair_of('a');
    for (size_t i = 0; i < 2 * SMALL_ORDER_KEYS; i++) {
        uint8_t hostile[32], key[32];
        assert_int_equal(vs_from_hex(hostile, 32, small_order_keys[i / 2], 64), VS_OK);
        hostile[31] |= i % 2 == 0 ? 0 : 0x80; /* a bit that X25519 ignores */
        memset(key, 0xa5, sizeof key);
        assert_int_equal(vs_agreement_key(key, a.secret_key, a.public_key, hostile, label, &place), VS_ERR_RANGE);
        assert_memory_equal(key, zero, 32);
    }
}

/* ---- boxes ---- */

static void boxes_open_again(void **state) {
    (void)state;
    uint8_t key[32], plain[300], boxed[300 + VS_BOX_EXTRA_BYTES], out[300];
    for (size_t len = 0; len <= sizeof plain; len += 1 + len / 3) {
        test_fill(key, sizeof key);
        test_fill(plain, len);
        vs_box_lock(boxed, key, plain, len);
        assert_int_equal(vs_box_unlock(out, key, boxed, len + VS_BOX_EXTRA_BYTES), VS_OK);
        assert_memory_equal(out, plain, len);
    }
}

/* [RFC8439]'s construction on zeros, as libsodium is not asked: the cipher text is block 1 of the stream. */
static void a_box_holds_the_stream(void **state) {
    (void)state;
    static const uint8_t key[32], plain[8];
    static const uint8_t second_block[8] = {0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a};
    uint8_t boxed[8 + VS_BOX_EXTRA_BYTES];
    vs_box_lock(boxed, key, plain, 8);
    assert_memory_equal(boxed, second_block, 8);
}

static void assert_refused(const uint8_t *key, const uint8_t *boxed, size_t len, vs_status why) {
    uint8_t out[64];
    static const uint8_t zero[64];
    memset(out, 0, sizeof out);
    assert_int_equal(vs_box_unlock(out, key, boxed, len), why);
    assert_memory_equal(out, zero, sizeof zero);
}

static void an_altered_box_is_refused(void **state) {
    (void)state;
    enum { LEN = 40, BOXED = LEN + VS_BOX_EXTRA_BYTES };
    uint8_t key[32], plain[LEN], boxed[BOXED + 1] = {0};
    test_fill(key, sizeof key);
    test_fill(plain, sizeof plain);
    vs_box_lock(boxed, key, plain, LEN);
    for (unsigned bit = 0; bit < 8 * BOXED; bit++) {
        boxed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_refused(key, boxed, BOXED, VS_ERR_AUTH);
        boxed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (unsigned bit = 0; bit < 8 * sizeof key; bit++) {
        key[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_refused(key, boxed, BOXED, VS_ERR_AUTH);
        key[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_refused(key, boxed, BOXED + 1, VS_ERR_AUTH);
    for (size_t len = 0; len < BOXED; len++) {
        assert_refused(key, boxed, len, len < VS_BOX_EXTRA_BYTES ? VS_ERR_FORMAT : VS_ERR_AUTH);
    }
}

int main(void) {
    test_seed();
    assert_int_equal(vs_secret_setup(), VS_OK);
    for (size_t i = 0; i < sizeof sid; i++) {
        sid[i] = (uint8_t)i;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_of_another_program),
        cmocka_unit_test(both_sides_get_the_same),
        cmocka_unit_test(a_secret_key_gives_its_public_one_again),
        cmocka_unit_test(every_place_and_label_has_keys_of_its_own),
        cmocka_unit_test(a_shorter_derivation_begins_a_longer_one),
        cmocka_unit_test(keys_of_small_order_are_refused),
        cmocka_unit_test(boxes_open_again),
        cmocka_unit_test(a_box_holds_the_stream),
        cmocka_unit_test(an_altered_box_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
