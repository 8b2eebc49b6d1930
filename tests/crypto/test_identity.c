/* Identities: names, the one line of text, sealing, signatures. */
#include "crypto/sign/identity.h"

#include <sodium.h>

#include "crypto/hash.h"
#include "tests/identities.h"

#define GO_SUM "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

static vs_identity *make(const char *name) {
    vs_identity *identity;
    assert_int_equal(vs_identity_new(&identity, name), VS_OK);
    return identity;
}

/* ---- names ---- */

static void names_are_checked(void **state) {
    (void)state;
    static const char *const right[] = {"a",     "ORANGE", "sum.golang.org", "log.example/2026",
                                        "Größe", "日本",   "a-b_c@d"};
    static const char *const wrong[] = {"",
                                        " ",
                                        "a b",
                                        " a",
                                        "a+b",
                                        "+",
                                        "a\n",
                                        "a\t",
                                        "a\x7f",
                                        "\xff",
                                        "a\xc2\xa0"
                                        "b",
                                        "a\xe2\x80\x83z",
                                        "a\xe3\x80\x80z",
                                        "a\xe2\x80\x8bz",
                                        "\xe2\x80\xae"
                                        "a",
                                        "a\xc2\x85",
                                        "\xef\xbb\xbf"
                                        "a"};
    char longest[VS_MAX_IDENTITY_NAME + 2];
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_true(vs_identity_name_is_valid(right[i], strlen(right[i])));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        vs_identity *identity = (vs_identity *)1;
        assert_false(vs_identity_name_is_valid(wrong[i], strlen(wrong[i])));
        assert_int_equal(vs_identity_new(&identity, wrong[i]), VS_ERR_USAGE);
        assert_null(identity);
    }
    memset(longest, 'x', sizeof longest);
    assert_true(vs_identity_name_is_valid(longest, VS_MAX_IDENTITY_NAME));
    assert_false(vs_identity_name_is_valid(longest, VS_MAX_IDENTITY_NAME + 1));
    assert_false(vs_identity_name_is_valid("a\0b", 3));
}

/* ---- text ---- */

static void a_known_key_of_another_project_is_read(void **state) {
    (void)state;
    vs_public_identity identity;
    const char *reason;
    char line[VS_MAX_IDENTITY_TEXT];
    assert_int_equal(vs_public_identity_from_text(&identity, GO_SUM, strlen(GO_SUM), &reason), VS_OK);
    assert_string_equal(identity.name, "sum.golang.org");
    static const uint8_t id[] = {0x03, 0x3d, 0xe0, 0xae};
    assert_memory_equal(identity.id, id, 4);
    vs_public_identity_to_text(line, &identity);
    assert_string_equal(line, GO_SUM);
    assert_int_equal(vs_public_identity_from_text(&identity, GO_SUM "\n", strlen(GO_SUM) + 1, &reason), VS_OK);
    assert_int_equal(vs_public_identity_from_text(&identity, GO_SUM "\r\n", strlen(GO_SUM) + 2, &reason), VS_OK);
}

static void one_identity_has_one_text(void **state) {
    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        char name[VS_MAX_IDENTITY_NAME + 1] = {0}, line[VS_MAX_IDENTITY_TEXT];
        memset(name, 'a' + (int)(i % 26), 1 + i % VS_MAX_IDENTITY_NAME);
        vs_identity *identity = make(name);
        vs_public_identity read;
        const char *reason;
        vs_public_identity_to_text(line, vs_identity_public(identity));
        assert_int_equal(vs_public_identity_from_text(&read, line, strlen(line), &reason), VS_OK);
        assert_true(vs_public_identity_equal(&read, vs_identity_public(identity)));
        vs_identity_free(identity);
    }
}

/* No other byte anywhere makes another identity of this line. */
static void every_change_of_the_line_is_refused(void **state) {
    (void)state;
    vs_public_identity identity;
    const char *reason;
    char line[sizeof GO_SUM];
    for (size_t i = 0; i < sizeof GO_SUM - 1; i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            memcpy(line, GO_SUM, sizeof line);
            if ((uint8_t)line[i] == byte) {
                continue;
            }
            line[i] = (char)byte;
            reason = NULL;
            assert_int_not_equal(vs_public_identity_from_text(&identity, line, sizeof line - 1, &reason), VS_OK);
            assert_non_null(reason);
            assert_int_equal(identity.name[0], 0);
        }
    }
    for (size_t len = 0; len < sizeof GO_SUM - 1; len++) {
        assert_int_not_equal(vs_public_identity_from_text(&identity, GO_SUM, len, &reason), VS_OK);
    }
}

static void wrong_lines_are_refused_with_a_reason(void **state) {
    (void)state;
    static const struct {
        const char *text;
        vs_status status;
    } list[] = {
        {"", VS_ERR_FORMAT},
        {"\n", VS_ERR_FORMAT},
        {GO_SUM "\n\n", VS_ERR_FORMAT},
        {GO_SUM " ", VS_ERR_FORMAT},
        {" " GO_SUM, VS_ERR_FORMAT},
        {"sum.golang.org+033DE0AE+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", VS_ERR_FORMAT},
        {"sum.golang.org+033de0ae+Ac4zctda0e5eza-HJyk9SxEdh_s3Ux18htTTAD8OuAn8", VS_ERR_FORMAT},
        {"sum.golang.com+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", VS_ERR_AUTH},
        {"sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", VS_ERR_AUTH},
        {"sum.golang.org+033de0ae+Bc4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", VS_ERR_VERSION},
        {"sum golang org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", VS_ERR_FORMAT},
        {"+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", VS_ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        vs_public_identity identity;
        const char *reason = NULL;
        assert_int_equal(vs_public_identity_from_text(&identity, list[i].text, strlen(list[i].text), &reason),
                         list[i].status);
        assert_non_null(reason);
    }
}

/* ---- sealing ---- */

static void a_sealed_identity_comes_back_with_its_passphrase_only(void **state) {
    (void)state;
    vs_identity *identity = make("ORANGE"), *again = NULL;
    char *text, *plain;
    const char *reason;
    assert_int_equal(vs_identity_to_text(identity, &text, "correct horse", 13), VS_OK);
    assert_int_equal(vs_identity_text_is_sealed(text, strlen(text)), 1);
    assert_int_equal(vs_identity_from_text(&again, text, strlen(text), "correct horse", 13, &reason), VS_OK);
    assert_true(vs_public_identity_equal(vs_identity_public(identity), vs_identity_public(again)));
    vs_identity_free(again);
    assert_int_equal(vs_identity_from_text(&again, text, strlen(text), "correct house", 13, &reason), VS_ERR_AUTH);
    assert_null(again);
    assert_int_equal(vs_identity_from_text(&again, text, strlen(text), NULL, 0, &reason), VS_ERR_AUTH);
    assert_null(strstr(text, "ORANGE"));
    assert_int_equal(vs_identity_to_text(identity, &plain, NULL, 0), VS_OK);
    assert_int_equal(vs_identity_text_is_sealed(plain, strlen(plain)), 0);
    assert_int_equal(vs_identity_from_text(&again, plain, strlen(plain), NULL, 0, &reason), VS_OK);
    vs_identity_free(again);
    for (size_t len = 0; len < strlen(plain) - 1; len++) {
        assert_int_not_equal(vs_identity_from_text(&again, plain, len, NULL, 0, &reason), VS_OK);
        assert_null(again);
    }
    vs_secret_free(text);
    vs_secret_free(plain);
    vs_identity_free(identity);
}

static void wrong_secret_texts_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        vs_status status;
    } list[] = {
        {"VSID\1", 5, VS_ERR_FORMAT},
        {"VSID\1"
         "0123456789abcdef0123456789abcdef",
         37, VS_ERR_FORMAT},
        {"VSID\1"
         "0123456789abcdef0123456789abcdef"
         "a b",
         40, VS_ERR_FORMAT},
        {"VSID\2"
         "0123456789abcdef0123456789abcdef"
         "a",
         38, VS_ERR_VERSION},
        {"VSIE\1"
         "0123456789abcdef0123456789abcdef"
         "a",
         38, VS_ERR_FORMAT},
    };
    vs_identity *identity;
    const char *reason;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        char *text;
        assert_int_equal(
            vs__armour_seal(&text, "veilsum identity ", (const uint8_t *)list[i].bytes, list[i].len, NULL, 0), VS_OK);
        assert_int_equal(vs_identity_from_text(&identity, text, strlen(text), NULL, 0, &reason), list[i].status);
        assert_null(identity);
        vs_secret_free(text);
    }
    assert_int_equal(vs_identity_from_text(&identity, GO_SUM, strlen(GO_SUM), NULL, 0, &reason), VS_ERR_FORMAT);
}

/* ---- signatures ---- */

/* [RFC8032, section 7.1], tests 1 to 3. */
static void the_vectors_of_the_rfc(void **state) {
    (void)state;
    static const struct {
        const char *seed, *key, *message, *signature;
    } list[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bb"
         "e24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302"
         "aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "\xaf\x82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed"
         "28dc027beceea1ec40a"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        uint8_t seed[32], key[32], expected[64], made[64];
        assert_int_equal(vs_from_hex(seed, 32, list[i].seed, 64), VS_OK);
        vs_identity *identity = test_identity_of_seed(seed, "rfc8032");
        assert_int_equal(vs_from_hex(key, 32, list[i].key, 64), VS_OK);
        assert_int_equal(vs_from_hex(expected, 64, list[i].signature, 128), VS_OK);
        assert_memory_equal(vs_identity_public(identity)->key, key, 32);
        vs_sign(identity, made, list[i].message, strlen(list[i].message));
        assert_memory_equal(made, expected, 64);
        assert_int_equal(vs_signature_check(key, made, list[i].message, strlen(list[i].message)), VS_OK);
        vs_identity_free(identity);
    }
}

static void every_change_of_a_signature_is_refused(void **state) {
    (void)state;
    uint8_t signature[64], key[32];
    char message[] = "this total holds exactly these contributions";
    vs_identity *identity = make("a"), *other = make("a");
    memcpy(key, vs_identity_public(identity)->key, 32);
    vs_sign(identity, signature, message, sizeof message);
    for (size_t i = 0; i < 64 * 8; i++) {
        signature[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(vs_signature_check(key, signature, message, sizeof message), VS_ERR_AUTH);
        signature[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t i = 0; i < 32 * 8; i++) {
        key[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(vs_signature_check(key, signature, message, sizeof message), VS_ERR_AUTH);
        key[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t i = 0; i < sizeof message * 8; i++) {
        message[i / 8] = (char)(message[i / 8] ^ (1 << i % 8));
        assert_int_equal(vs_signature_check(key, signature, message, sizeof message), VS_ERR_AUTH);
        message[i / 8] = (char)(message[i / 8] ^ (1 << i % 8));
    }
    assert_int_equal(vs_signature_check(key, signature, message, sizeof message - 1), VS_ERR_AUTH);
    assert_int_equal(vs_signature_check(vs_identity_public(other)->key, signature, message, sizeof message),
                     VS_ERR_AUTH);
    assert_int_equal(vs_signature_check(key, signature, message, sizeof message), VS_OK);
    vs_identity_free(identity);
    vs_identity_free(other);
}

/* Under a key of small order some signature is right for every message; and s + L is as right as s where nobody looks.
 */
static void weak_keys_and_second_encodings_are_refused(void **state) {
    (void)state;
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    uint8_t neutral[32] = {1}, signature[64] = {1};
    assert_int_equal(vs_signature_check(neutral, signature, "x", 1), VS_ERR_AUTH);
    vs_identity *identity = make("a");
    vs_sign(identity, signature, "x", 1);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += signature[32 + i] + (unsigned)order[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(vs_signature_check(vs_identity_public(identity)->key, signature, "x", 1), VS_ERR_AUTH);
    vs_public_identity weak = {.name = "weak"};
    uint8_t out[1 + VS_SEAL_TO_OVERHEAD];
    memcpy(weak.key, neutral, 32);
    assert_int_equal(vs_seal_to(out, &weak, (const uint8_t *)"x", 1), VS_ERR_RANGE);
    vs_identity_free(identity);
}

static void what_is_sealed_to_an_identity_only_it_opens(void **state) {
    (void)state;
    static const uint8_t plain[] = "a share of a key";
    uint8_t sealed[sizeof plain + VS_SEAL_TO_OVERHEAD], out[sizeof plain];
    vs_identity *to = make("a"), *other = make("a");
    assert_int_equal(vs_seal_to(sealed, vs_identity_public(to), plain, sizeof plain), VS_OK);
    assert_int_equal(vs_unseal_with(out, to, sealed, sizeof sealed), VS_OK);
    assert_memory_equal(out, plain, sizeof plain);
    assert_int_equal(vs_unseal_with(out, other, sealed, sizeof sealed), VS_ERR_AUTH);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        assert_int_equal(vs_unseal_with(out, to, sealed, sizeof sealed), VS_ERR_AUTH);
        sealed[i] ^= 1;
    }
    for (size_t len = 0; len < sizeof sealed; len++) {
        assert_int_equal(vs_unseal_with(out, to, sealed, len), VS_ERR_AUTH);
    }
    vs_identity_free(to);
    vs_identity_free(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(a_known_key_of_another_project_is_read),
        cmocka_unit_test(one_identity_has_one_text),
        cmocka_unit_test(every_change_of_the_line_is_refused),
        cmocka_unit_test(wrong_lines_are_refused_with_a_reason),
        cmocka_unit_test(a_sealed_identity_comes_back_with_its_passphrase_only),
        cmocka_unit_test(wrong_secret_texts_are_refused),
        cmocka_unit_test(the_vectors_of_the_rfc),
        cmocka_unit_test(every_change_of_a_signature_is_refused),
        cmocka_unit_test(weak_keys_and_second_encodings_are_refused),
        cmocka_unit_test(what_is_sealed_to_an_identity_only_it_opens),
    };
    return vs_secret_setup() != VS_OK || cmocka_run_group_tests(tests, NULL, NULL);
}
