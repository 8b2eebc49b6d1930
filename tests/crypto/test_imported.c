/* Keys of other programs: what is taken over and what is refused; encryption with r^n through the whole scheme. */
#include "tests/support.h"

#include <gmp.h>

#include "crypto/paillier/key_internal.h"
#include "crypto/secret.h"

#define COUNT 21 /* not a multiple of any number of lanes */
#define BITS 2048
#define BYTES (BITS / 8)
#define HALF (BYTES / 2)

/* p = 1, q = 3 (mod 4); and a pair = 3 (mod 4) that a standard key can have. */
static uint8_t p_bytes[HALF], q_bytes[HALF], p_standard[HALF], q_standard[HALF], n_bytes[BYTES];
static vs_secret_key *sk;
static const vs_public_key *pk;

static void draw_prime(uint8_t out[HALF], unsigned residue) {
    mpz_t x;
    mpz_init(x);
    do {
        vs_random(out, HALF);
        out[HALF - 1] |= 0xc0;
        out[0] = (uint8_t)((out[0] & ~3u) | residue);
        mpz_import(x, HALF, -1, 1, 0, 0, out);
    } while (mpz_probab_prime_p(x, 30) == 0);
    mpz_clear(x);
}

static void multiply(uint8_t out[BYTES], const uint8_t *a, const uint8_t *b) {
    mpz_t x, y;
    mpz_inits(x, y, NULL);
    mpz_import(x, HALF, -1, 1, 0, 0, a);
    mpz_import(y, HALF, -1, 1, 0, 0, b);
    mpz_mul(x, x, y);
    memset(out, 0, BYTES);
    mpz_export(out, NULL, -1, 1, 0, 0, x);
    mpz_clears(x, y, NULL);
}

static int make_keys(void **state) {
    (void)state;
    const char *reason;
    vs_secret_key *made;
    draw_prime(p_bytes, 1);
    draw_prime(q_bytes, 3);
    multiply(n_bytes, p_bytes, q_bytes);
    assert_int_equal(vs_keygen(&made, &(vs_key_options){BITS, 1, VS_KEY_STANDARD}), VS_OK);
    vs_secret_key_primes(made, p_standard, q_standard);
    vs_secret_key_free(made);
    assert_int_equal(vs_secret_key_import(&sk, p_bytes, q_bytes, HALF, VS_KEY_IMPORTED, &reason), VS_OK);
    pk = vs_secret_key_public(sk);
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    vs_secret_key_free(sk);
    return 0;
}

/* ---- keys ---- */

static void a_public_and_a_secret_key_of_one_modulus_are_the_same(void **state) {
    (void)state;
    vs_public_key *alone;
    const char *reason;
    uint8_t n[BYTES], p[HALF], q[HALF];
    assert_int_equal(vs_public_key_import(&alone, n_bytes, BYTES, &reason), VS_OK);
    assert_memory_equal(vs_public_key_info(alone)->fingerprint, pk->info.fingerprint, VS_HASH_BYTES);
    assert_int_equal(pk->info.type, VS_KEY_IMPORTED);
    assert_int_equal(pk->info.degree, 1);
    assert_int_equal(pk->info.exponent_bits, BITS);
    vs_public_key_modulus(alone, n);
    vs_secret_key_primes(sk, p, q);
    assert_memory_equal(n, n_bytes, BYTES);
    assert_memory_equal(p, p_bytes, HALF);
    assert_memory_equal(q, q_bytes, HALF);
    vs_public_key_free(alone);
}

static void a_standard_key_needs_primes_that_go_with_it(void **state) {
    (void)state;
    vs_secret_key *made;
    const char *reason;
    assert_int_equal(vs_secret_key_import(&made, p_standard, q_standard, HALF, VS_KEY_STANDARD, &reason), VS_OK);
    assert_int_equal(vs_public_key_info(vs_secret_key_public(made))->type, VS_KEY_STANDARD);
    vs_secret_key_free(made);
    assert_int_equal(vs_secret_key_import(&made, p_bytes, q_bytes, HALF, VS_KEY_STANDARD, &reason), VS_ERR_RANGE);
    assert_non_null(strstr(reason, "4k + 3"));
    assert_null(made);
}

static void assert_secret_refused(const uint8_t *p, const uint8_t *q, size_t bytes, const char *part) {
    vs_secret_key *made = sk;
    const char *reason = NULL;
    assert_int_equal(vs_secret_key_import(&made, p, q, bytes, VS_KEY_IMPORTED, &reason), VS_ERR_RANGE);
    if (strstr(reason, part) == NULL) {
        fail_msg("'%s' should say '%s'", reason, part);
    }
    assert_null(made);
}

static void bad_primes_are_refused(void **state) {
    (void)state;
    uint8_t other[HALF + 8] = {0};
    assert_secret_refused(p_bytes, p_bytes, HALF, "power");
    assert_secret_refused(p_bytes, q_bytes, HALF - 8, "size");
    assert_secret_refused(other, q_bytes, HALF, "twice as long");
    assert_secret_refused(p_bytes, q_bytes, HALF + 8, "size");
    assert_secret_refused(p_bytes, q_bytes, 1000, "longer");
    multiply(n_bytes, p_bytes, q_bytes);
    mpz_t x, y;
    mpz_inits(x, y, NULL); /* a composite without small factors */
    mpz_import(x, HALF, -1, 1, 0, 0, p_bytes);
    mpz_tdiv_q_2exp(x, x, 512);
    mpz_nextprime(x, x);
    mpz_setbit(y, 512);
    mpz_sub_ui(y, y, 1000000);
    mpz_nextprime(y, y);
    mpz_mul(x, x, y);
    assert_int_equal(mpz_sizeinbase(x, 2), 1024);
    mpz_export(other, NULL, -1, 1, 0, 0, x);
    assert_secret_refused(other, q_bytes, HALF, "not a prime");
    assert_secret_refused(q_bytes, other, HALF, "not a prime");
    mpz_clears(x, y, NULL);
    memcpy(other, p_bytes, HALF);
    other[0] &= 0xfe;
    assert_secret_refused(other, q_bytes, HALF, "small prime factor");
}

static void assert_public_refused(const uint8_t *n, size_t bytes, const char *part) {
    vs_public_key *made = (vs_public_key *)(uintptr_t)pk;
    const char *reason = NULL;
    assert_int_equal(vs_public_key_import(&made, n, bytes, &reason), VS_ERR_RANGE);
    if (strstr(reason, part) == NULL) {
        fail_msg("'%s' should say '%s'", reason, part);
    }
    assert_null(made);
}

static void bad_moduli_are_refused(void **state) {
    (void)state;
    uint8_t n[BYTES + 1];
    multiply(n, p_bytes, p_bytes);
    assert_public_refused(n, BYTES, "power");
    memcpy(n, n_bytes, BYTES);
    n[0] ^= 1;
    assert_public_refused(n, BYTES, "small prime factor");
    memcpy(n, n_bytes, BYTES);
    n[BYTES - 1] &= 0x7f;
    assert_public_refused(n, BYTES, "length");
    assert_public_refused(n_bytes, BYTES - 1, "size");
    assert_public_refused(n_bytes, 0, "size");
    assert_public_refused(n_bytes, 513, "longer");
}

/* "VSPK", version, degree + 16·3, bits, n, zeros: and nothing else in the place of h. */
static void an_imported_key_has_one_encoding(void **state) {
    (void)state;
    uint8_t bytes[8 + 2 * BYTES], same[sizeof bytes];
    vs_public_key *back;
    const char *reason;
    memcpy(bytes, "VSPK\x01\x31\x00\x08", 8);
    memcpy(bytes + 8, n_bytes, BYTES);
    memset(bytes + 8 + BYTES, 0, BYTES);
    assert_int_equal(vs_public_key_encoded_len(pk), sizeof bytes);
    vs_public_key_encode(pk, same);
    assert_memory_equal(same, bytes, sizeof bytes);
    assert_int_equal(vs_public_key_decode(&back, bytes, sizeof bytes, &reason), VS_OK);
    vs_public_key_free(back);
    for (size_t i = 0; i < BYTES; i += 51) {
        bytes[8 + BYTES + i] = 1;
        assert_int_equal(vs_public_key_decode(&back, bytes, sizeof bytes, &reason), VS_ERR_RANGE);
        assert_non_null(strstr(reason, "with a base"));
        bytes[8 + BYTES + i] = 0;
    }
    for (uint8_t kind = 0x30; kind < 0x40; kind++) {
        bytes[5] = kind;
        if (kind != 0x31) {
            assert_int_equal(vs_public_key_decode(&back, bytes, sizeof bytes, &reason), VS_ERR_RANGE);
            assert_non_null(strstr(reason, "degree"));
        }
    }
    bytes[5] = 0x01; /* a standard key without h */
    assert_int_equal(vs_public_key_decode(&back, bytes, sizeof bytes, &reason), VS_ERR_RANGE);
}

static void an_imported_key_comes_back_from_its_text(void **state) {
    (void)state;
    vs_secret_key *back;
    const char *reason;
    char *text, *again;
    assert_int_equal(vs_secret_key_to_text(sk, &text, NULL, 0), VS_OK);
    assert_int_equal(vs_secret_key_from_text(&back, text, strlen(text), NULL, 0, &reason), VS_OK);
    assert_int_equal(vs_secret_key_to_text(back, &again, NULL, 0), VS_OK);
    assert_string_equal(text, again);
    vs_secret_free(text);
    vs_secret_free(again);
    text = vs_public_key_to_text(pk);
    assert_non_null(strstr(text, "bits 2048 degree 1 type imported\n"));
    free(text);
    vs_secret_key_free(back);
}

static void nobody_makes_a_new_one(void **state) {
    (void)state;
    vs_secret_key *made;
    assert_int_equal(vs_keygen(&made, &(vs_key_options){BITS, 1, VS_KEY_IMPORTED}), VS_ERR_USAGE);
    assert_null(made);
}

/* ---- the scheme ---- */

static void fill_messages(uint8_t *m) {
    test_fill(m, COUNT * BYTES);
    for (size_t i = 0; i < COUNT; i++) {
        m[i * BYTES + BYTES - 1] &= 0x7f; /* below n */
    }
    memset(m, 0, BYTES);
    memcpy(m + BYTES, n_bytes, BYTES); /* n − 1: n is odd */
    m[BYTES]--;
}

static void what_is_encrypted_decrypts(void **state) {
    (void)state;
    static uint8_t m[COUNT * BYTES], back[COUNT * BYTES], c[COUNT * 2 * BYTES], again[COUNT * 2 * BYTES];
    vs_encryptor *encryptor;
    fill_messages(m);
    assert_int_equal(vs_encryptor_new(&encryptor, pk, 1000), VS_OK);
    assert_int_equal(vs_encrypt(encryptor, c, m, COUNT), VS_OK);
    assert_int_equal(vs_decrypt(sk, back, c, COUNT), VS_OK);
    assert_memory_equal(back, m, sizeof m);
    /* randomness is fresh each time, and in each lane */
    assert_int_equal(vs_encrypt(encryptor, again, m, COUNT), VS_OK);
    for (size_t i = 0; i < COUNT; i++) {
        assert_memory_not_equal(c + i * 2 * BYTES, again + i * 2 * BYTES, BYTES);
        assert_true(i == 0 || memcmp(c + i * 2 * BYTES, c + (i - 1) * 2 * BYTES, BYTES) != 0);
    }
    memcpy(again, c, sizeof c);
    assert_int_equal(vs_rerandomise(encryptor, c, COUNT), VS_OK);
    for (size_t i = 0; i < COUNT; i++) {
        assert_memory_not_equal(c + i * 2 * BYTES, again + i * 2 * BYTES, BYTES);
    }
    assert_int_equal(vs_decrypt(sk, back, c, COUNT), VS_OK);
    assert_memory_equal(back, m, sizeof m);
    vs_encryptor_free(encryptor);
}

static void factors_serve_encryption(void **state) {
    (void)state;
    static uint8_t m[COUNT * BYTES], back[COUNT * BYTES], c[COUNT * 2 * BYTES];
    vs_encryptor *encryptor;
    fill_messages(m);
    assert_int_equal(vs_encryptor_new(&encryptor, pk, 1), VS_OK);
    assert_int_equal(vs_factors_make(encryptor, c, COUNT), VS_OK);
    assert_int_equal(vs_encrypt_with_factors(pk, c, m, c, COUNT), VS_OK);
    assert_int_equal(vs_decrypt(sk, back, c, COUNT), VS_OK);
    assert_memory_equal(back, m, sizeof m);
    vs_encryptor_free(encryptor);
}

static void a_message_not_below_n_is_refused(void **state) {
    (void)state;
    uint8_t c[2 * BYTES], zeros[2 * BYTES] = {0};
    vs_encryptor *encryptor;
    assert_int_equal(vs_encryptor_new(&encryptor, pk, 1), VS_OK);
    assert_int_equal(vs_encrypt(encryptor, c, n_bytes, 1), VS_ERR_RANGE);
    assert_memory_equal(c, zeros, sizeof c);
    memcpy(c, n_bytes, BYTES);
    assert_int_equal(vs_rerandomise(encryptor, c, 1), VS_ERR_RANGE);
    vs_encryptor_free(encryptor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_public_and_a_secret_key_of_one_modulus_are_the_same),
        cmocka_unit_test(a_standard_key_needs_primes_that_go_with_it),
        cmocka_unit_test(bad_primes_are_refused),
        cmocka_unit_test(bad_moduli_are_refused),
        cmocka_unit_test(an_imported_key_has_one_encoding),
        cmocka_unit_test(an_imported_key_comes_back_from_its_text),
        cmocka_unit_test(nobody_makes_a_new_one),
        cmocka_unit_test(what_is_encrypted_decrypts),
        cmocka_unit_test(factors_serve_encryption),
        cmocka_unit_test(a_message_not_below_n_is_refused),
    };
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    test_seed();
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
