/* Threshold keys and shares as text: back again, and nothing else is read. */
#include "tests/crypto/threshold_support.h"

#include "crypto/armour.h"

#define BYTES_BEGIN "\nVlNUS" /* "VSTK" in base64 */

static dealt d;
static char *key_text, *share_text;

static int set_up(void **state) {
    (void)state;
    deal(&d, 2048, 1, 2, 3);
    key_text = vs_threshold_key_to_text(d.key);
    return key_text == NULL || vs_key_share_to_text(d.share[1], &share_text) != VS_OK;
}

static int tear_down(void **state) {
    (void)state;
    free(key_text);
    vs_secret_free(share_text);
    undeal(&d);
    return 0;
}

static vs_status read_key(const char *text, size_t len) {
    vs_threshold_key *key = NULL;
    const char *reason = NULL;
    vs_status status = vs_threshold_key_from_text(&key, text, len, &reason);
    assert_true((status == VS_OK) == (key != NULL));
    assert_true(status == VS_OK || reason != NULL);
    vs_threshold_key_free(key);
    return status;
}

static vs_status read_share(const vs_threshold_key *key, const vs_identity *identity, const char *text, size_t len) {
    vs_key_share *share = NULL;
    const char *reason = NULL;
    vs_status status = vs_key_share_from_text(&share, key, identity, text, len, &reason);
    assert_true((status == VS_OK) == (share != NULL));
    assert_true(status == VS_OK || reason != NULL);
    vs_key_share_free(share);
    return status;
}

/* ---- keys ---- */

static void a_key_comes_back_from_its_text(void **state) {
    vs_threshold_key *again;
    const char *reason;
    (void)state;
    assert_int_equal(vs_threshold_key_from_text(&again, key_text, strlen(key_text), &reason), VS_OK);
    char *twice = vs_threshold_key_to_text(again);
    assert_string_equal(twice, key_text);
    assert_memory_equal(again->info.fingerprint, d.key->info.fingerprint, VS_HASH_BYTES);
    assert_memory_equal(again->verification, d.key->verification, 3 * d.element);
    assert_int_equal(vs_threshold_key_find(again, &d.holder[2]), 3);
    vs_public_identity stranger = d.holder[2];
    stranger.key[0] ^= 1;
    assert_int_equal(vs_threshold_key_find(again, &stranger), 0);
    free(twice);
    vs_threshold_key_free(again);
}

static void a_key_that_a_mailer_has_touched_is_read(void **state) {
    size_t len = strlen(key_text), at = 0;
    char *dos = malloc(2 * len);
    (void)state;
    for (size_t i = 0; i < len; i++) {
        if (key_text[i] == '\n') {
            dos[at++] = '\r';
        }
        dos[at++] = key_text[i];
    }
    assert_int_equal(read_key(dos, at), VS_OK);
    free(dos);
}

static void every_line_and_length_of_a_key_counts(void **state) {
    size_t len = strlen(key_text);
    char *text = malloc(len + 2);
    (void)state;
    for (size_t cut = 0; cut < len; cut += cut < 600 ? 1 : 31) {
        if (cut != len - 1) { /* the last line end may be missing */
            assert_true(read_key(key_text, cut) != VS_OK);
        }
    }
    for (size_t at = 0; at < len; at += at < 600 ? 1 : 41) {
        memcpy(text, key_text, len);
        text[at] = text[at] == '7' ? '8' : '7';
        vs_threshold_key *key = NULL;
        const char *reason;
        /* Commitments may be any units, n many a product: what is altered there has another fingerprint. */
        if (vs_threshold_key_from_text(&key, text, len, &reason) == VS_OK) {
            assert_true(at >= (size_t)(strstr(key_text, BYTES_BEGIN) - key_text));
            assert_memory_not_equal(key->info.fingerprint, d.key->info.fingerprint, VS_HASH_BYTES);
        }
        vs_threshold_key_free(key);
    }
    memcpy(text, key_text, len);
    text[len] = 'x';
    assert_int_equal(read_key(text, len + 1), VS_ERR_FORMAT);
    free(text);
}

/* A text around these bytes, with the lines of the key that was dealt. */
static vs_status read_bytes(const uint8_t *data, size_t len) {
    const char *begin = strstr(key_text, BYTES_BEGIN);
    assert_non_null(begin);
    size_t top = (size_t)(begin - key_text) + 1;
    char *text = malloc(top + vs__armour_len(len));
    memcpy(text, key_text, top);
    (void)vs__armour_write(text + top, data, len);
    vs_status status = read_key(text, strlen(text));
    free(text);
    return status;
}

/* Byte `at` of the key's binary form becomes `value`. */
static vs_status read_with(size_t at, uint8_t value) {
    size_t len = vs__threshold_key_encoded_len(d.key);
    uint8_t *data = malloc(len);
    vs__threshold_key_encode(d.key, data);
    data[at] = value;
    vs_status status = read_bytes(data, len);
    free(data);
    return status;
}

static void every_field_of_a_key_is_checked(void **state) {
    size_t len = vs__threshold_key_encoded_len(d.key), pk = vs_public_key_encoded_len(d.key->pk);
    size_t commitment = 8 + pk, holder = commitment + d.element, name = strlen("HOLDER-1");
    uint8_t *data = malloc(len + 40);
    (void)state;
    assert_int_equal(read_with(0, 'X'), VS_ERR_FORMAT);
    assert_int_equal(read_with(4, 2), VS_ERR_VERSION);
    assert_int_equal(read_with(7, 1), VS_ERR_FORMAT);
    static const uint8_t needed[] = {0, 1, 3, 4, 255}, holders[] = {0, 1, 2, 4, 33, 255};
    for (size_t i = 0; i < sizeof needed; i++) {
        assert_true(read_with(5, needed[i]) != VS_OK);
    }
    for (size_t i = 0; i < sizeof holders; i++) {
        assert_true(read_with(6, holders[i]) != VS_OK);
    }
    assert_true(read_with(8 + 5, 0x11) != VS_OK);          /* a key of type short */
    assert_true(read_with(8 + 5, 0x02) != VS_OK);          /* of another degree */
    assert_int_equal(read_with(8 + 8, 0), VS_ERR_RANGE);   /* n even */
    assert_int_equal(read_with(holder, 0), VS_ERR_FORMAT); /* a name of no length */
    assert_true(read_with(holder, 200) != VS_OK);          /* or a long one */
    assert_true(read_with(holder + 1, ' ') != VS_OK);      /* not a name */
    assert_true(read_with(holder + 1, 'J') != VS_OK);      /* not the name in the line above */
    assert_true(read_with(holder + 1 + name, 1) != VS_OK); /* nor the key */
    vs__threshold_key_encode(d.key, data);
    memset(data + commitment, 0xff, d.element);
    assert_int_equal(read_bytes(data, len), VS_ERR_RANGE); /* not canonical */
    memset(data + commitment, 0, d.element);
    assert_int_equal(read_bytes(data, len), VS_ERR_RANGE); /* no unit */
    vs__threshold_key_encode(d.key, data);
    memcpy(data + holder + 1 + name + 32, data + holder, 1 + name + 32);
    assert_int_equal(read_bytes(data, len), VS_ERR_RANGE); /* one holder twice */
    vs__threshold_key_encode(d.key, data);
    data[len] = 0;
    assert_int_equal(read_bytes(data, len + 1), VS_ERR_FORMAT);
    assert_int_equal(read_bytes(data, len - 1), VS_ERR_FORMAT);
    assert_int_equal(read_bytes(data, commitment + 5), VS_ERR_FORMAT);
    assert_int_equal(read_bytes(data, 9), VS_ERR_FORMAT);
    assert_int_equal(read_bytes(data, len), VS_OK);
    free(data);
}

static void the_largest_key_has_room(void **state) {
    static uint8_t n[VS_MAX_DIGIT_BYTES], h[VS_MAX_DIGIT_BYTES], commitments[31 * VS_MAX_ELEMENT_BYTES];
    const vs_key_options options = {.bits = VS_MAX_BITS, .degree = VS_MAX_DEGREE};
    vs_public_identity holder[32];
    vs_public_key *pk;
    vs_threshold_key *key;
    (void)state;
    memset(n, 0xff, sizeof n);
    n[0] = 0xfd; /* 3 is no factor */
    h[0] = 2;
    for (unsigned i = 0; i < 31; i++) {
        commitments[i * VS_MAX_ELEMENT_BYTES] = 1;
    }
    for (unsigned i = 0; i < 32; i++) {
        char name[VS_MAX_IDENTITY_NAME + 1];
        const uint8_t bytes[32] = {(uint8_t)i, 1};
        int len = snprintf(name, sizeof name, "%064u", i);
        assert_int_equal(vs_public_identity_make(&holder[i], name, (size_t)len, bytes), VS_OK);
    }
    assert_int_equal(vs__public_key_make(&pk, &options, n, h), VS_OK);
    assert_int_equal(vs__threshold_key_make(&key, pk, 32, 32, holder, commitments), VS_OK);
    char *text = vs_threshold_key_to_text(key);
    assert_true(strlen(text) <= VS_ARMOUR_MAX_TEXT);
    free(text);
    vs_threshold_key_free(key);
}

/* ---- shares ---- */

static void a_share_comes_back_from_its_text(void **state) {
    vs_key_share *again;
    vs_public_identity holder;
    const char *reason;
    (void)state;
    assert_int_equal(vs_key_share_from_text(&again, d.key, d.identity[1], share_text, strlen(share_text), &reason),
                     VS_OK);
    assert_int_equal(vs_key_share_holder(again), 2);
    assert_memory_equal(again->share, d.share[1]->share, d.element);
    vs_key_share_free(again);
    assert_int_equal(vs_key_share_text_holder(&holder, share_text, strlen(share_text), &reason), VS_OK);
    assert_true(vs_public_identity_equal(&holder, &d.holder[1]));
}

static void a_share_opens_to_its_holder_alone(void **state) {
    vs_identity *stranger;
    size_t len = strlen(share_text);
    (void)state;
    assert_int_equal(vs_identity_new(&stranger, "HOLDER-2"), VS_OK); /* of the same name */
    assert_int_equal(read_share(d.key, d.identity[0], share_text, len), VS_ERR_AUTH);
    assert_int_equal(read_share(d.key, stranger, share_text, len), VS_ERR_AUTH);
    vs_identity_free(stranger);
}

static void a_share_of_another_key_is_refused(void **state) {
    dealt other;
    char *text;
    (void)state;
    deal(&other, 2048, 1, 2, 3);
    for (unsigned i = 0; i < 3; i++) { /* another dealing among the same holders */
        other.key->identity[i] = d.holder[i];
    }
    assert_int_equal(vs_key_share_to_text(other.share[1], &text), VS_OK);
    assert_int_equal(read_share(d.key, d.identity[1], text, strlen(text)), VS_ERR_MISMATCH);
    vs_secret_free(text);
    undeal(&other);
}

static void every_character_of_a_share_counts(void **state) {
    size_t len = strlen(share_text);
    char *text = malloc(len);
    (void)state;
    for (size_t at = 0; at < len - 1; at += at < 150 ? 1 : 7) {
        memcpy(text, share_text, len);
        text[at] = text[at] == '7' ? '8' : '7';
        assert_true(read_share(d.key, d.identity[1], text, len) != VS_OK);
        assert_true(read_share(d.key, d.identity[1], share_text, at) != VS_OK);
    }
    free(text);
}

/* What a dishonest dealer may seal. */
static vs_status read_sealed(const uint8_t *plain, size_t len) {
    uint8_t sealed[2048];
    char text[4096], identity[VS_MAX_IDENTITY_TEXT];
    assert_int_equal(vs_seal_to(sealed, &d.holder[1], plain, len), VS_OK);
    vs_public_identity_to_text(identity, &d.holder[1]);
    int top = snprintf(text, sizeof text, "veilsum key share 1\nsealed to %s\n", identity);
    (void)vs__armour_write(text + top, sealed, len + VS_SEAL_TO_OVERHEAD);
    return read_share(d.key, d.identity[1], text, strlen(text));
}

static void every_field_of_a_share_is_checked(void **state) {
    uint8_t plain[8 + 32 + 512 + 8] = {'V', 'S', 'K', 'S', 1, 2, 0, 0};
    const size_t len = 8 + 32 + 512;
    (void)state;
    memcpy(plain + 8, d.key->info.fingerprint, 32);
    memcpy(plain + 40, d.share[1]->share, 512);
    assert_int_equal(read_sealed(plain, len), VS_OK);
    static const struct {
        size_t at;
        vs_status expected;
    } changes[] = {{0, VS_ERR_FORMAT}, {4, VS_ERR_VERSION},   {5, VS_ERR_FORMAT},    {6, VS_ERR_FORMAT},
                   {7, VS_ERR_FORMAT}, {8, VS_ERR_MISMATCH},  {39, VS_ERR_MISMATCH}, {40, VS_ERR_AUTH},
                   {300, VS_ERR_AUTH}, {len - 1, VS_ERR_AUTH}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        plain[changes[i].at] ^= 0x81;
        assert_int_equal(read_sealed(plain, len), changes[i].expected);
        plain[changes[i].at] ^= 0x81;
    }
    assert_int_equal(read_sealed(plain, len - 1), VS_ERR_FORMAT);
    assert_int_equal(read_sealed(plain, len + 1), VS_ERR_FORMAT);
    assert_int_equal(read_sealed(plain, 20), VS_ERR_FORMAT);
    assert_int_equal(read_sealed(plain, 0), VS_ERR_FORMAT);
    memcpy(plain + 40, d.share[0]->share, 512); /* another holder's share */
    assert_int_equal(read_sealed(plain, len), VS_ERR_AUTH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_comes_back_from_its_text),
        cmocka_unit_test(a_key_that_a_mailer_has_touched_is_read),
        cmocka_unit_test(every_line_and_length_of_a_key_counts),
        cmocka_unit_test(every_field_of_a_key_is_checked),
        cmocka_unit_test(the_largest_key_has_room),
        cmocka_unit_test(a_share_comes_back_from_its_text),
        cmocka_unit_test(a_share_opens_to_its_holder_alone),
        cmocka_unit_test(a_share_of_another_key_is_refused),
        cmocka_unit_test(every_character_of_a_share_counts),
        cmocka_unit_test(every_field_of_a_share_is_checked),
    };
    test_seed();
    return vs_secret_setup() != VS_OK ? 1 : cmocka_run_group_tests(tests, set_up, tear_down);
}
