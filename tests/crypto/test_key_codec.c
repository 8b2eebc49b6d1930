/* The second way here is the format by hand: bytes and lines put together from GMP's numbers and libsodium's base64. */
#include "tests/support.h"

#include <sodium.h>

#include "crypto/armour.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/seal_internal.h"
#include "crypto/secret.h"
#include "tests/crypto/key_numbers.h"

#define BITS 2048
#define BYTES (BITS / 8)
#define PUBLIC_LEN (8 + 2 * BYTES)
#define SECRET_LEN (8 + PUBLIC_LEN + BYTES)
#define PASSPHRASE "correct horse"

static uint8_t public_bytes[PUBLIC_LEN], secret_bytes[SECRET_LEN];
static char public_text[2048], secret_text[4096], sealed_text[4096];
static size_t public_len, secret_len, sealed_len;

/* `first` two lines, base64 of 76 columns, "end". */
static size_t write_text(char *out, const char *first, const uint8_t *data, size_t len, const char *line_end) {
    char base64[4096];
    size_t at = (size_t)sprintf(out, "%s", first);
    sodium_bin2base64(base64, sizeof base64, data, len, sodium_base64_VARIANT_ORIGINAL);
    for (size_t i = 0; i < strlen(base64); i += 76) {
        at += (size_t)sprintf(out + at, "%.76s%s", base64 + i, line_end);
    }
    return at + (size_t)sprintf(out + at, "end%s", line_end);
}

static int make_texts(void **state) {
    (void)state;
    static uint8_t box[SECRET_LEN + VS_SEAL_OVERHEAD];
    mpz_t p, q, n, h;
    mpz_inits(p, q, n, h, NULL);
    find_prime(p, BITS / 2, 11, 12, 11);
    find_prime(q, BITS / 2, 12, 12, 11);
    mpz_mul(n, p, q);
    mpz_sub_ui(h, n, 9);
    memcpy(public_bytes, "VSPK\x01\x02\x00\x08", 8); /* degree 2, 2048 bits */
    to_bytes(public_bytes + 8, BYTES, n);
    to_bytes(public_bytes + 8 + BYTES, BYTES, h);
    memcpy(secret_bytes, "VSSK\x01\x00\x00\x00", 8);
    memcpy(secret_bytes + 8, public_bytes, PUBLIC_LEN);
    to_bytes(secret_bytes + 8 + PUBLIC_LEN, BYTES / 2, p);
    to_bytes(secret_bytes + 8 + PUBLIC_LEN + BYTES / 2, BYTES / 2, q);
    mpz_clears(p, q, n, h, NULL);
    if (vs__seal_with(1, 8, box, secret_bytes, SECRET_LEN, PASSPHRASE, strlen(PASSPHRASE)) != VS_OK) {
        return -1;
    }
    public_len = write_text(public_text, "veilsum public key 1\nbits 2048 degree 2\n", public_bytes, PUBLIC_LEN, "\n");
    secret_len = write_text(secret_text, "veilsum secret key 1\nnot sealed\n", secret_bytes, SECRET_LEN, "\n");
    sealed_len = write_text(sealed_text, "veilsum secret key 1\nsealed with a passphrase\n", box, sizeof box, "\n");
    return 0;
}

static vs_status read_public(const char *text, size_t len) {
    vs_public_key *pk = (void *)public_text;
    const char *reason = NULL;
    vs_status status = vs_public_key_from_text(&pk, text, len, &reason);
    assert_true((status == VS_OK) == (pk != NULL));
    assert_true(status == VS_OK || reason != NULL);
    vs_public_key_free(pk);
    return status;
}

static vs_status read_secret(const char *text, size_t len, const char *passphrase) {
    vs_secret_key *sk = (void *)secret_text;
    const char *reason = NULL;
    size_t passphrase_len = passphrase == NULL ? 0 : strlen(passphrase);
    vs_status status = vs_secret_key_from_text(&sk, text, len, passphrase, passphrase_len, &reason);
    assert_true((status == VS_OK) == (sk != NULL));
    assert_true(status == VS_OK || reason != NULL);
    vs_secret_key_free(sk);
    return status;
}

static void a_public_key_is_written_as_the_format_says(void **state) {
    (void)state;
    vs_public_key *pk;
    const char *reason;
    uint8_t bytes[PUBLIC_LEN], fingerprint[VS_HASH_BYTES];
    assert_int_equal(vs_public_key_from_text(&pk, public_text, public_len, &reason), VS_OK);
    const vs_key_info *info = vs_public_key_info(pk);
    assert_int_equal(info->bits, BITS);
    assert_int_equal(info->degree, 2);
    assert_int_equal(vs_public_key_encoded_len(pk), PUBLIC_LEN);
    vs_public_key_encode(pk, bytes);
    assert_memory_equal(bytes, public_bytes, PUBLIC_LEN);
    char *text = vs_public_key_to_text(pk);
    assert_non_null(text);
    assert_string_equal(text, public_text);
    vs_hash hash;
    vs_hash_init(&hash, "veilsum public key");
    vs_hash_field(&hash, public_bytes, PUBLIC_LEN);
    vs_hash_final(&hash, fingerprint);
    assert_memory_equal(info->fingerprint, fingerprint, sizeof fingerprint);
    free(text);
    vs_public_key_free(pk);
}

static void a_secret_key_is_written_as_the_format_says(void **state) {
    (void)state;
    vs_secret_key *sk;
    const char *reason;
    char *text;
    assert_int_equal(vs_secret_key_from_text(&sk, secret_text, secret_len, NULL, 0, &reason), VS_OK);
    assert_int_equal(vs_secret_key_to_text(sk, &text, NULL, 0), VS_OK);
    assert_string_equal(text, secret_text);
    assert_false(vs_secret_key_text_is_sealed(text, strlen(text)));
    vs_secret_free(text);
    uint8_t bytes[PUBLIC_LEN];
    vs_public_key_encode(vs_secret_key_public(sk), bytes);
    assert_memory_equal(bytes, public_bytes, PUBLIC_LEN);
    vs_secret_key_free(sk);
}

static void a_short_key_is_written_as_the_format_says(void **state) {
    (void)state;
    char text[2048], secret[4096];
    vs_public_key *pk;
    vs_secret_key *sk;
    const char *reason;
    uint8_t bytes[SECRET_LEN], fingerprint[VS_HASH_BYTES];
    memcpy(bytes, public_bytes, PUBLIC_LEN);
    bytes[5] = 0x12; /* type 1, degree 2 */
    size_t len = write_text(text, "veilsum public key 1\nbits 2048 degree 2 type short\n", bytes, PUBLIC_LEN, "\n");
    assert_int_equal(vs_public_key_from_text(&pk, text, len, &reason), VS_OK);
    assert_int_equal(vs_public_key_info(pk)->type, VS_KEY_SHORT);
    assert_int_equal(vs_public_key_info(pk)->degree, 2);
    assert_int_equal(vs_public_key_info(pk)->exponent_bits, 448);
    char *again = vs_public_key_to_text(pk);
    assert_string_equal(again, text);
    vs_hash hash;
    vs_hash_init(&hash, "veilsum public key");
    vs_hash_field(&hash, bytes, PUBLIC_LEN);
    vs_hash_final(&hash, fingerprint);
    assert_memory_equal(vs_public_key_info(pk)->fingerprint, fingerprint, VS_HASH_BYTES);
    free(again);
    vs_public_key_free(pk);
    len = write_text(text, "veilsum public key 1\nbits 2048 degree 2\n", bytes, PUBLIC_LEN, "\n");
    assert_int_equal(read_public(text, len), VS_ERR_FORMAT);
    memcpy(bytes, secret_bytes, SECRET_LEN);
    bytes[13] = 0x12;
    len = write_text(secret, "veilsum secret key 1\nnot sealed\n", bytes, SECRET_LEN, "\n");
    assert_int_equal(vs_secret_key_from_text(&sk, secret, len, NULL, 0, &reason), VS_OK);
    assert_int_equal(vs_secret_key_to_text(sk, &again, NULL, 0), VS_OK);
    assert_string_equal(again, secret);
    vs_secret_free(again);
    vs_secret_key_free(sk);
}

/* p ≡ 1 modulo its order, both in little-endian bytes. */
static void assert_one_modulo(const uint8_t *p_bytes, const uint8_t *order_bytes, size_t order_len) {
    mpz_t p, order;
    mpz_inits(p, order, NULL);
    mpz_import(p, BYTES / 2, -1, 1, 0, 0, p_bytes);
    mpz_import(order, order_len, -1, 1, 0, 0, order_bytes);
    assert_int_equal(mpz_sizeinbase(order, 2), 8 * order_len);
    mpz_fdiv_r(p, p, order);
    assert_int_equal(mpz_cmp_ui(p, 1), 0);
    mpz_clears(p, order, NULL);
}

static void a_subgroup_key_is_written_as_the_format_says(void **state) {
    (void)state;
    enum { order_len = 28, len = SECRET_LEN + 2 * order_len };
    const vs_key_options options = {BITS, 3, VS_KEY_SUBGROUP};
    vs_secret_key *sk;
    char *text, expected[4096];
    uint8_t bytes[len], public[PUBLIC_LEN];
    size_t got;
    assert_int_equal(vs_keygen(&sk, &options), VS_OK);
    assert_int_equal(vs_secret_key_to_text(sk, &text, NULL, 0), VS_OK);
    const char *base64 = text + strlen("veilsum secret key 1\nnot sealed\n");
    assert_int_equal(sodium_base642bin(bytes, len, base64, strlen(base64) - strlen("end\n"), "\n", &got, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(got, len);
    vs_public_key_encode(vs_secret_key_public(sk), public);
    assert_memory_equal(public, "VSPK\x01\x23\x00\x08", 8); /* type 2, degree 3 */
    assert_memory_equal(bytes, secret_bytes, 8);
    assert_memory_equal(bytes + 8, public, PUBLIC_LEN);
    assert_one_modulo(bytes + 8 + PUBLIC_LEN, bytes + SECRET_LEN, order_len);
    assert_one_modulo(bytes + 8 + PUBLIC_LEN + BYTES / 2, bytes + SECRET_LEN + order_len, order_len);
    write_text(expected, "veilsum secret key 1\nnot sealed\n", bytes, len, "\n");
    assert_string_equal(text, expected);
    vs_secret_free(text);
    text = vs_public_key_to_text(vs_secret_key_public(sk));
    write_text(expected, "veilsum public key 1\nbits 2048 degree 3 type subgroup\n", public, PUBLIC_LEN, "\n");
    assert_string_equal(text, expected);
    free(text);
    /* without its orders it has another length; with wrong ones it is refused as they are */
    size_t text_len = write_text(expected, "veilsum secret key 1\nnot sealed\n", bytes, SECRET_LEN, "\n");
    assert_int_equal(read_secret(expected, text_len, NULL), VS_ERR_FORMAT);
    bytes[SECRET_LEN] ^= 2;
    text_len = write_text(expected, "veilsum secret key 1\nnot sealed\n", bytes, len, "\n");
    assert_int_equal(read_secret(expected, text_len, NULL), VS_ERR_RANGE);
    vs_secret_key_free(sk);
}

static void a_sealed_key_comes_back_with_its_passphrase_only(void **state) {
    (void)state;
    vs_secret_key *sk, *back;
    const char *reason;
    char *text, *plain;
    assert_int_equal(vs_secret_key_from_text(&sk, sealed_text, sealed_len, PASSPHRASE, strlen(PASSPHRASE), &reason),
                     VS_OK);
    assert_int_equal(vs_secret_key_to_text(sk, &text, "another", 7), VS_OK);
    assert_true(vs_secret_key_text_is_sealed(text, strlen(text)));
    assert_int_equal(vs_secret_key_from_text(&back, text, strlen(text), "another", 7, &reason), VS_OK);
    assert_int_equal(vs_secret_key_to_text(back, &plain, NULL, 0), VS_OK);
    assert_string_equal(plain, secret_text);
    vs_secret_free(plain);
    vs_secret_free(text);
    vs_secret_key_free(back);
    vs_secret_key_free(sk);
    assert_int_equal(read_secret(sealed_text, sealed_len, "incorrect horse"), VS_ERR_AUTH);
    assert_int_equal(read_secret(sealed_text, sealed_len, ""), VS_ERR_AUTH);
    assert_int_equal(read_secret(sealed_text, sealed_len, NULL), VS_ERR_AUTH);
}

static void a_sealed_text_has_no_byte_of_the_plain_one(void **state) {
    (void)state;
    assert_null(strstr(sealed_text, "VSSK"));
    for (size_t at = 60; at + 40 < secret_len; at += 77) { /* a piece of every line */
        char piece[21];
        memcpy(piece, secret_text + at, 20);
        piece[20] = '\0';
        assert_null(strstr(sealed_text, piece));
    }
}

static void line_ends_may_be_those_of_mail(void **state) {
    (void)state;
    char text[4096];
    size_t len = write_text(text, "veilsum public key 1\r\nbits 2048 degree 2\r\n", public_bytes, PUBLIC_LEN, "\r\n");
    assert_int_equal(read_public(text, len), VS_OK);
    assert_int_equal(read_public(public_text, public_len - 1), VS_OK);
    len = write_text(text, "veilsum secret key 1\r\nnot sealed\r\n", secret_bytes, SECRET_LEN, "\r\n");
    assert_int_equal(read_secret(text, len, NULL), VS_OK);
    assert_int_equal(read_secret(secret_text, secret_len - 1, NULL), VS_OK);
}

static void every_prefix_of_a_text_is_refused(void **state) {
    (void)state;
    for (size_t len = 0; len + 1 < public_len; len++) {
        assert_int_not_equal(read_public(public_text, len), VS_OK);
    }
    for (size_t len = 0; len + 1 < secret_len; len++) {
        assert_int_not_equal(read_secret(secret_text, len, NULL), VS_OK);
    }
    for (size_t len = 0; len + 1 < sealed_len; len++) {
        assert_int_not_equal(read_secret(sealed_text, len, PASSPHRASE), VS_OK);
    }
}

static void every_flipped_bit_of_a_sealed_text_is_refused(void **state) {
    (void)state;
    /* the costs' characters are left alone: within their bounds a change of them is only slow */
    size_t costs = strlen("veilsum secret key 1\nsealed with a passphrase\n") + 10;
    for (size_t bit = 0; bit < 8 * (sealed_len - 1); bit += 1 + (size_t)test_below(3)) {
        if (bit / 8 >= costs && bit / 8 < costs + 12) {
            continue;
        }
        sealed_text[bit / 8] ^= (char)(1u << bit % 8);
        vs_status status = read_secret(sealed_text, sealed_len, PASSPHRASE);
        sealed_text[bit / 8] ^= (char)(1u << bit % 8);
        if (status != VS_ERR_FORMAT && status != VS_ERR_VERSION && status != VS_ERR_AUTH) {
            fail_msg("bit %zu: %d", bit, (int)status);
        }
    }
}

static void a_flipped_bit_of_a_public_key_is_refused_or_makes_another_key(void **state) {
    (void)state;
    vs_public_key *good, *pk;
    const char *reason;
    assert_int_equal(vs_public_key_decode(&good, public_bytes, PUBLIC_LEN, &reason), VS_OK);
    unsigned refused = 0, tried = 0;
    for (size_t bit = 0; bit < 8 * PUBLIC_LEN; bit += bit < 64 ? 1 : 1 + (size_t)test_below(20)) {
        public_bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        vs_status status = vs_public_key_decode(&pk, public_bytes, PUBLIC_LEN, &reason);
        public_bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        refused += status != VS_OK;
        tried++;
        if (status == VS_OK) {
            assert_memory_not_equal(vs_public_key_info(pk)->fingerprint, vs_public_key_info(good)->fingerprint,
                                    VS_HASH_BYTES);
            vs_public_key_free(pk);
        } else {
            assert_null(pk);
            assert_non_null(reason);
        }
    }
    assert_true(refused > tried / 3);
    vs_public_key_free(good);
}

typedef struct bad_bytes {
    size_t at, len;
    const char *bytes;
    vs_status status;
} bad_bytes;

static void heads_of_public_keys_are_checked(void **state) {
    (void)state;
    static const bad_bytes cases[] = {
        {0, 4, "VSSK", VS_ERR_FORMAT},     {0, 4, "vspk", VS_ERR_FORMAT},  {4, 1, "\0", VS_ERR_VERSION},
        {4, 1, "\2", VS_ERR_VERSION},      {5, 1, "\0", VS_ERR_RANGE},     {5, 1, "\5", VS_ERR_RANGE},
        {5, 1, "\x20", VS_ERR_RANGE},      {5, 1, "\x32", VS_ERR_RANGE},   {5, 1, "\xf1", VS_ERR_RANGE},
        {6, 2, "\0\x0c", VS_ERR_FORMAT},   {6, 2, "\1\x08", VS_ERR_RANGE}, {6, 2, "\0\0", VS_ERR_FORMAT},
        {6, 2, "\xff\xff", VS_ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[PUBLIC_LEN];
        vs_public_key *pk;
        const char *reason = NULL;
        memcpy(bytes, public_bytes, PUBLIC_LEN);
        memcpy(bytes + cases[i].at, cases[i].bytes, cases[i].len);
        assert_int_equal(vs_public_key_decode(&pk, bytes, PUBLIC_LEN, &reason), cases[i].status);
        assert_null(pk);
        assert_non_null(reason);
    }
    for (size_t len = 0; len <= PUBLIC_LEN + 1; len++) {
        uint8_t bytes[PUBLIC_LEN + 1] = {0};
        vs_public_key *pk;
        const char *reason = NULL;
        memcpy(bytes, public_bytes, PUBLIC_LEN);
        assert_int_equal(vs_public_key_decode(&pk, bytes, len, &reason), len == PUBLIC_LEN ? VS_OK : VS_ERR_FORMAT);
        vs_public_key_free(pk);
    }
}

static vs_status read_secret_bytes(const uint8_t *bytes, size_t len) {
    char text[4096];
    size_t text_len = write_text(text, "veilsum secret key 1\nnot sealed\n", bytes, len, "\n");
    return read_secret(text, text_len, NULL);
}

static void heads_of_secret_keys_are_checked(void **state) {
    (void)state;
    static const bad_bytes cases[] = {
        {0, 4, "VSPK", VS_ERR_FORMAT}, {4, 1, "\2", VS_ERR_VERSION},     {5, 1, "\1", VS_ERR_FORMAT},
        {7, 1, "\x80", VS_ERR_FORMAT}, {8, 4, "VSSK", VS_ERR_FORMAT},    {12, 1, "\2", VS_ERR_VERSION},
        {13, 1, "\5", VS_ERR_RANGE},   {14, 2, "\0\x0c", VS_ERR_FORMAT}, {13, 1, "\x22", VS_ERR_FORMAT},
        {13, 1, "\x32", VS_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[SECRET_LEN];
        memcpy(bytes, secret_bytes, SECRET_LEN);
        memcpy(bytes + cases[i].at, cases[i].bytes, cases[i].len);
        assert_int_equal(read_secret_bytes(bytes, SECRET_LEN), cases[i].status);
    }
    uint8_t longer[SECRET_LEN + 1] = {0};
    memcpy(longer, secret_bytes, SECRET_LEN);
    assert_int_equal(read_secret_bytes(longer, SECRET_LEN + 1), VS_ERR_FORMAT);
    for (size_t len = 0; len < SECRET_LEN; len += 1 + len / 20) {
        assert_int_equal(read_secret_bytes(longer, len), VS_ERR_FORMAT);
    }
}

static void both_halves_of_a_secret_key_are_checked(void **state) {
    (void)state;
    uint8_t bytes[SECRET_LEN];
    memcpy(bytes, secret_bytes, SECRET_LEN);
    bytes[8 + 8 + BYTES - 1] = 0; /* the modulus is too short */
    assert_int_equal(read_secret_bytes(bytes, SECRET_LEN), VS_ERR_RANGE);
    memcpy(bytes, secret_bytes, SECRET_LEN);
    bytes[8 + PUBLIC_LEN] ^= 4; /* p is another number */
    assert_int_equal(read_secret_bytes(bytes, SECRET_LEN), VS_ERR_RANGE);
    memcpy(bytes, secret_bytes, SECRET_LEN);
    memcpy(bytes + 8 + PUBLIC_LEN, bytes + 8 + PUBLIC_LEN + BYTES / 2, BYTES / 2); /* p = q */
    assert_int_equal(read_secret_bytes(bytes, SECRET_LEN), VS_ERR_RANGE);
}

/* The text with `from` replaced by `to` once. */
static size_t replace(char *out, const char *text, const char *from, const char *to) {
    const char *at = strstr(text, from);
    assert_non_null(at);
    return (size_t)sprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void texts_that_are_not_canonical_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
        vs_status status;
    } cases[] = {
        {"veilsum public key 1", "veilsum public key 2", VS_ERR_VERSION},
        {"veilsum public key 1", "veilsum public key 1 ", VS_ERR_VERSION},
        {"veilsum public key 1", "veilsum public key ", VS_ERR_FORMAT},
        {"veilsum public key 1", "veilsum secret key 1", VS_ERR_FORMAT},
        {"veilsum public key 1", " veilsum public key 1", VS_ERR_FORMAT},
        {"veilsum public key 1",
         "\xef\xbb\xbf"
         "veilsum public key 1",
         VS_ERR_FORMAT},
        {"bits 2048 degree 2", "bits 2048 degree 1", VS_ERR_FORMAT},
        {"bits 2048 degree 2", "bits 3072 degree 2", VS_ERR_FORMAT},
        {"bits 2048 degree 2", "bits 2048 degree 2 ", VS_ERR_FORMAT},
        {"bits 2048 degree 2", "bits 02048 degree 2", VS_ERR_FORMAT},
        {"bits 2048 degree 2", "bits 2048 degree 2 type standard", VS_ERR_FORMAT},
        {"bits 2048 degree 2", "bits 2048 degree 2 type short", VS_ERR_FORMAT},
        {"bits 2048 degree 2\n", "", VS_ERR_FORMAT},
        {"bits 2048 degree 2\n", "bits 2048 degree 2\n\n", VS_ERR_FORMAT},
        {"bits 2048 degree 2\n", "bits 2048 degree 2\r\r\n", VS_ERR_FORMAT},
        {"VlNQ", "VlNQ ", VS_ERR_FORMAT},
        {"VlNQ", "VlNQ\n", VS_ERR_FORMAT},
        {"VlNQ", "VlNR", VS_ERR_FORMAT},
        {"VlNQ", "Vl-Q", VS_ERR_FORMAT},
        {"\nend\n", "end\n", VS_ERR_FORMAT},
        {"\nend\n", "\nEND\n", VS_ERR_FORMAT},
        {"\nend\n", "\nend \n", VS_ERR_FORMAT},
        {"\nend\n", "\n\nend\n", VS_ERR_FORMAT},
        {"\nend\n", "\nend\n\n", VS_ERR_FORMAT},
        {"\nend\n", "\nend\nend\n", VS_ERR_FORMAT},
        {"\nend\n", "\nAAAA\nend\n", VS_ERR_FORMAT},
        {"\nend\n", "\nend\r", VS_ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4096];
        size_t len = replace(text, public_text, cases[i].from, cases[i].to);
        vs_status status = read_public(text, len);
        if (status != cases[i].status) {
            fail_msg("'%s' for '%s' gives %d", cases[i].to, cases[i].from, (int)status);
        }
    }
}

static void padding_bits_that_are_not_zero_are_refused(void **state) {
    (void)state;
    char text[4096];
    memcpy(text, public_text, public_len + 1);
    char *last = text + public_len - strlen("==\nend\n"); /* 520 bytes end in one byte and two = */
    assert_int_equal(*last, '=');
    assert_int_not_equal(last[-1], '=');
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t value = (size_t)(strchr(alphabet, last[-1]) - alphabet);
    assert_int_equal(value % 16, 0);
    last[-1] = alphabet[value + 1];
    assert_int_equal(read_public(text, public_len), VS_ERR_FORMAT);
}

static void whether_a_key_is_sealed_is_said_by_its_second_line(void **state) {
    (void)state;
    char text[4096];
    size_t len = replace(text, secret_text, "not sealed", "sealed with a passphrase");
    assert_true(vs_secret_key_text_is_sealed(text, len));
    assert_int_equal(read_secret(text, len, PASSPHRASE), VS_ERR_FORMAT);
    len = replace(text, sealed_text, "sealed with a passphrase", "not sealed");
    assert_false(vs_secret_key_text_is_sealed(text, len));
    assert_int_equal(read_secret(text, len, PASSPHRASE), VS_ERR_FORMAT);
    len = replace(text, sealed_text, "sealed with a passphrase", "sealed");
    assert_false(vs_secret_key_text_is_sealed(text, len));
    assert_int_equal(read_secret(text, len, PASSPHRASE), VS_ERR_FORMAT);
    assert_false(vs_secret_key_text_is_sealed("", 0));
    assert_false(vs_secret_key_text_is_sealed(public_text, public_len));
    assert_int_equal(read_secret(public_text, public_len, NULL), VS_ERR_FORMAT);
    assert_int_equal(read_public(secret_text, secret_len), VS_ERR_FORMAT);
}

static void seals_that_cost_too_much_are_refused(void **state) {
    (void)state;
    uint8_t box[SECRET_LEN + VS_SEAL_OVERHEAD];
    char text[4096];
    assert_int_equal(vs__seal_with(1, 8, box, secret_bytes, SECRET_LEN, PASSPHRASE, strlen(PASSPHRASE)), VS_OK);
    box[15] = 0x40; /* a terabyte */
    size_t len = write_text(text, "veilsum secret key 1\nsealed with a passphrase\n", box, sizeof box, "\n");
    assert_int_equal(read_secret(text, len, PASSPHRASE), VS_ERR_LIMIT);
}

static void a_text_that_is_too_long_is_refused(void **state) {
    (void)state;
    static char text[VS_ARMOUR_MAX_TEXT + 1];
    memset(text, 'A', sizeof text);
    memcpy(text, public_text, public_len);
    assert_int_equal(read_public(text, VS_ARMOUR_MAX_TEXT), VS_ERR_FORMAT);
    assert_int_equal(read_public(text, VS_ARMOUR_MAX_TEXT + 1), VS_ERR_LIMIT);
    memcpy(text, secret_text, secret_len);
    assert_int_equal(read_secret(text, VS_ARMOUR_MAX_TEXT, NULL), VS_ERR_FORMAT);
    assert_int_equal(read_secret(text, VS_ARMOUR_MAX_TEXT + 1, NULL), VS_ERR_LIMIT);
    /* full lines without end, more than the largest key has */
    size_t at = (size_t)sprintf(text, "veilsum public key 1\nbits 4096 degree 1\n");
    for (; at < 30000; at++) {
        text[at] = at % 77 == 76 ? '\n' : 'A';
    }
    assert_int_equal(read_public(text, at), VS_ERR_FORMAT);
}

static void keys_of_every_size_degree_and_type_come_back(void **state) {
    (void)state;
    static const unsigned sizes[] = {2048, 3072, 4096};
    for (unsigned i = 0; i < 9; i++) {
        vs_secret_key *sk, *back;
        const char *reason;
        char *text, *again;
        const vs_key_options options = {sizes[i % 3], i % 4 + 1, (vs_key_type)(i / 3)};
        assert_int_equal(vs_keygen(&sk, &options), VS_OK);
        assert_int_equal(vs_secret_key_to_text(sk, &text, NULL, 0), VS_OK);
        assert_int_equal(vs_secret_key_from_text(&back, text, strlen(text), NULL, 0, &reason), VS_OK);
        assert_int_equal(vs_public_key_info(vs_secret_key_public(back))->degree, options.degree);
        assert_int_equal(vs_public_key_info(vs_secret_key_public(back))->type, options.type);
        assert_int_equal(vs_secret_key_to_text(back, &again, NULL, 0), VS_OK);
        assert_string_equal(text, again);
        vs_secret_free(text);
        vs_secret_free(again);
        char *shown = vs_public_key_to_text(vs_secret_key_public(sk));
        assert_non_null(shown);
        assert_int_equal(read_public(shown, strlen(shown)), VS_OK);
        free(shown);
        vs_secret_key_free(back);
        vs_secret_key_free(sk);
    }
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_public_key_is_written_as_the_format_says),
        cmocka_unit_test(a_secret_key_is_written_as_the_format_says),
        cmocka_unit_test(a_short_key_is_written_as_the_format_says),
        cmocka_unit_test(a_subgroup_key_is_written_as_the_format_says),
        cmocka_unit_test(a_sealed_key_comes_back_with_its_passphrase_only),
        cmocka_unit_test(a_sealed_text_has_no_byte_of_the_plain_one),
        cmocka_unit_test(line_ends_may_be_those_of_mail),
        cmocka_unit_test(every_prefix_of_a_text_is_refused),
        cmocka_unit_test(every_flipped_bit_of_a_sealed_text_is_refused),
        cmocka_unit_test(a_flipped_bit_of_a_public_key_is_refused_or_makes_another_key),
        cmocka_unit_test(heads_of_public_keys_are_checked),
        cmocka_unit_test(heads_of_secret_keys_are_checked),
        cmocka_unit_test(both_halves_of_a_secret_key_are_checked),
        cmocka_unit_test(texts_that_are_not_canonical_are_refused),
        cmocka_unit_test(padding_bits_that_are_not_zero_are_refused),
        cmocka_unit_test(whether_a_key_is_sealed_is_said_by_its_second_line),
        cmocka_unit_test(seals_that_cost_too_much_are_refused),
        cmocka_unit_test(a_text_that_is_too_long_is_refused),
        cmocka_unit_test(keys_of_every_size_degree_and_type_come_back),
    };
    return cmocka_run_group_tests(tests, make_texts, NULL);
}
