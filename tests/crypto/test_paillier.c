/* The scheme: against GMP's integers with the key's own numbers, and against itself: what is encrypted, combined and
 * computed with decrypts to the sums that integers give. tests/crypto/test_vectors.c compares with independently made
 * vectors. */
#include "tests/support.h"

#include <gmp.h>

#include "crypto/paillier/key_internal.h"
#include "crypto/secret.h"

static vs_secret_key *keys[VS_MAX_DEGREE + 1]; /* by degree, 2048 bits */

static int make_keys(void **state) {
    (void)state;
    vs_secret_key *first = NULL;
    if (vs_keygen(&first, &(vs_key_options){.bits = 2048, .degree = 1}) != VS_OK) {
        return -1;
    }
    keys[1] = first;
    for (unsigned s = 2; s <= VS_MAX_DEGREE; s++) { /* the same primes serve every degree */
        vs_public_key *pk = NULL;
        const vs_key_options options = {.bits = 2048, .degree = s};
        const vs_key_factors factors = {.p = first->p, .q = first->q};
        if (vs__public_key_make(&pk, &options, first->pk->n, first->pk->h) != VS_OK ||
            vs__secret_key_make(&keys[s], pk, &factors) != VS_OK) {
            return -1;
        }
    }
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        vs_secret_key_free(keys[s]);
    }
    return 0;
}

static void to_integer(mpz_t z, const vs_public_key *pk, const uint8_t *digits, unsigned count) {
    size_t bytes = pk->info.digit_bytes;
    mpz_t n, digit;
    mpz_inits(n, digit, NULL);
    mpz_import(n, bytes, -1, 1, 0, 0, pk->n);
    mpz_set_ui(z, 0);
    for (unsigned i = count; i-- > 0;) {
        mpz_import(digit, bytes, -1, 1, 0, 0, digits + i * bytes);
        assert_true(mpz_cmp(digit, n) < 0);
        mpz_mul(z, z, n);
        mpz_add(z, z, digit);
    }
    mpz_clears(n, digit, NULL);
}

static void to_digits(uint8_t *digits, const vs_public_key *pk, const mpz_t value, unsigned count) {
    size_t bytes = pk->info.digit_bytes;
    mpz_t n, rest, digit;
    mpz_inits(n, digit, NULL);
    mpz_init_set(rest, value);
    mpz_import(n, bytes, -1, 1, 0, 0, pk->n);
    memset(digits, 0, count * bytes);
    for (unsigned i = 0; i < count; i++) {
        mpz_fdiv_qr(rest, digit, rest, n);
        mpz_export(digits + i * bytes, NULL, -1, 1, 0, 0, digit);
    }
    mpz_clears(n, rest, digit, NULL);
}

/* A message below n^s: one of the corners 0 to 4, or random. */
static void message(mpz_t m, const vs_public_key *pk, uint64_t corner) {
    uint8_t bytes[VS_MAX_DEGREE * VS_MAX_DIGIT_BYTES];
    mpz_t n, bound;
    mpz_inits(n, bound, NULL);
    mpz_import(n, pk->info.digit_bytes, -1, 1, 0, 0, pk->n);
    mpz_pow_ui(bound, n, pk->info.degree);
    test_fill(bytes, pk->info.plaintext_bytes);
    mpz_import(m, pk->info.plaintext_bytes, -1, 1, 0, 0, bytes);
    switch (corner) {
    case 0:
        mpz_set_ui(m, 0);
        break;
    case 1:
        mpz_set_ui(m, 1);
        break;
    case 2:
        mpz_sub_ui(m, bound, 1);
        break;
    case 3:
        mpz_set(m, n);
        break;
    case 4:
        mpz_sub_ui(m, n, 1);
        break;
    default:
        break;
    }
    mpz_fdiv_r(m, m, bound);
    mpz_clears(n, bound, NULL);
}

#define COUNT 37 /* not a multiple of any number of lanes or groups */

typedef struct texts {
    uint8_t *m, *c;
    mpz_t value[COUNT];
} texts;

static void encrypt_some(texts *t, const vs_public_key *pk) {
    t->m = malloc(COUNT * pk->info.plaintext_bytes);
    t->c = malloc(COUNT * pk->info.ciphertext_bytes);
    for (size_t i = 0; i < COUNT; i++) {
        mpz_init(t->value[i]);
        /* The first of every lane are random: a fault in the constants that join both halves shows only in messages
         * that differ modulo p and q, which 0 and 1 do not. */
        message(t->value[i], pk, i < 8 ? 8 : test_below(8));
        to_digits(t->m + i * pk->info.plaintext_bytes, pk, t->value[i], pk->info.degree);
    }
    vs_encryptor *encryptor = NULL;
    assert_int_equal(vs_encryptor_new(&encryptor, pk, COUNT), VS_OK);
    assert_int_equal(vs_encrypt(encryptor, t->c, t->m, COUNT), VS_OK);
    vs_encryptor_free(encryptor);
}

static void texts_clear(texts *t) {
    for (size_t i = 0; i < COUNT; i++) {
        mpz_clear(t->value[i]);
    }
    free(t->m);
    free(t->c);
}

/* Decrypt and compare with t->value modulo n^s. */
static void assert_decrypts(const vs_secret_key *sk, const uint8_t *c, texts *t) {
    const vs_public_key *pk = sk->pk;
    uint8_t *m = malloc(COUNT * pk->info.plaintext_bytes);
    mpz_t bound, n, value;
    mpz_inits(bound, n, value, NULL);
    mpz_import(n, pk->info.digit_bytes, -1, 1, 0, 0, pk->n);
    mpz_pow_ui(bound, n, pk->info.degree);
    assert_int_equal(vs_decrypt(sk, m, c, COUNT), VS_OK);
    for (size_t i = 0; i < COUNT; i++) {
        to_integer(value, pk, m + i * pk->info.plaintext_bytes, pk->info.degree);
        mpz_fdiv_r(t->value[i], t->value[i], bound);
        assert_true(mpz_cmp(value, t->value[i]) == 0);
    }
    mpz_clears(bound, n, value, NULL);
    free(m);
}

static void what_is_encrypted_decrypts(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        texts t;
        encrypt_some(&t, keys[s]->pk);
        assert_decrypts(keys[s], t.c, &t);
        texts_clear(&t);
    }
}

static void ciphertexts_are_of_the_textbook_form(void **state) {
    (void)state;
    /* c·(1 + n)^(−m) has order dividing (p − 1)(q − 1), as a power to n^s has; c itself decrypts by the textbook's
     * formula. */
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        const vs_public_key *pk = keys[s]->pk;
        texts t;
        encrypt_some(&t, pk);
        mpz_t n, modulus, order, c, g, p;
        mpz_inits(n, modulus, order, c, g, p, NULL);
        mpz_import(n, pk->info.digit_bytes, -1, 1, 0, 0, pk->n);
        mpz_import(p, pk->info.digit_bytes / 2, -1, 1, 0, 0, keys[s]->p);
        mpz_import(g, pk->info.digit_bytes / 2, -1, 1, 0, 0, keys[s]->q);
        mpz_sub_ui(p, p, 1);
        mpz_sub_ui(g, g, 1);
        mpz_mul(order, p, g);
        mpz_pow_ui(modulus, n, s + 1);
        for (size_t i = 0; i < 4; i++) {
            to_integer(c, pk, t.c + i * pk->info.ciphertext_bytes, s + 1);
            mpz_add_ui(g, n, 1);
            mpz_powm(g, g, t.value[i], modulus);
            assert_true(mpz_invert(g, g, modulus));
            mpz_mul(c, c, g);
            mpz_powm(c, c, order, modulus);
            assert_true(mpz_cmp_ui(c, 1) == 0);
        }
        mpz_clears(n, modulus, order, c, g, p, NULL);
        texts_clear(&t);
    }
}

static void encrypting_twice_gives_different_ciphertexts(void **state) {
    (void)state;
    const vs_public_key *pk = keys[1]->pk;
    uint8_t m[2 * VS_MAX_DIGIT_BYTES] = {0}, c[4 * VS_MAX_DIGIT_BYTES];
    vs_encryptor *encryptor = NULL;
    assert_int_equal(vs_encryptor_new(&encryptor, pk, 2), VS_OK);
    assert_int_equal(vs_encrypt(encryptor, c, m, 2), VS_OK);
    assert_memory_not_equal(c, c + pk->info.ciphertext_bytes, pk->info.ciphertext_bytes);
    vs_encryptor_free(encryptor);
}

static void every_size_of_table_encrypts(void **state) {
    (void)state;
    const vs_public_key *pk = keys[2]->pk;
    for (size_t expected = 0; expected <= 100000; expected = expected * 10 + 1) {
        vs_encryptor *encryptor = NULL;
        uint8_t m[2 * VS_MAX_DIGIT_BYTES] = {7}, c[3 * VS_MAX_DIGIT_BYTES], back[2 * VS_MAX_DIGIT_BYTES];
        assert_int_equal(vs_encryptor_new(&encryptor, pk, expected), VS_OK);
        assert_int_equal(vs_encrypt(encryptor, c, m, 1), VS_OK);
        assert_int_equal(vs_decrypt(keys[2], back, c, 1), VS_OK);
        assert_memory_equal(m, back, pk->info.plaintext_bytes);
        vs_encryptor_free(encryptor);
    }
}

static void combining_adds(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        const vs_public_key *pk = keys[s]->pk;
        texts t, u, v;
        encrypt_some(&t, pk);
        encrypt_some(&u, pk);
        encrypt_some(&v, pk);
        const uint8_t *inputs[3] = {t.c, u.c, v.c};
        uint8_t *at_once = malloc(COUNT * pk->info.ciphertext_bytes),
                *stepwise = malloc(COUNT * pk->info.ciphertext_bytes);
        vs_accumulator *acc = NULL;
        size_t bad;
        assert_int_equal(vs_accumulator_new(&acc, pk, COUNT), VS_OK);
        assert_int_equal(vs_accumulator_fold(acc, 0, inputs, 3, COUNT, &bad), VS_OK);
        assert_int_equal(vs_accumulator_check(acc), VS_OK);
        assert_int_equal(vs_accumulator_finish(acc, at_once, 0, COUNT), VS_OK);
        vs_accumulator_free(acc);
        /* one at a time, in two pieces, in another order */
        assert_int_equal(vs_accumulator_new(&acc, pk, COUNT), VS_OK);
        for (int i = 2; i >= 0; i--) {
            const uint8_t *head = inputs[i], *tail = inputs[i] + 16 * pk->info.ciphertext_bytes;
            assert_int_equal(vs_accumulator_fold(acc, 0, &head, 1, 16, &bad), VS_OK);
            assert_int_equal(vs_accumulator_fold(acc, 16, &tail, 1, COUNT - 16, &bad), VS_OK);
        }
        assert_int_equal(vs_accumulator_finish(acc, stepwise, 0, 8), VS_OK);
        assert_int_equal(vs_accumulator_finish(acc, stepwise + 8 * pk->info.ciphertext_bytes, 8, COUNT - 8), VS_OK);
        vs_accumulator_free(acc);
        assert_memory_equal(at_once, stepwise, COUNT * pk->info.ciphertext_bytes);
        for (size_t i = 0; i < COUNT; i++) {
            mpz_add(t.value[i], t.value[i], u.value[i]);
            mpz_add(t.value[i], t.value[i], v.value[i]);
        }
        assert_decrypts(keys[s], at_once, &t);
        free(at_once);
        free(stepwise);
        texts_clear(&t);
        texts_clear(&u);
        texts_clear(&v);
    }
}

static void public_numbers_multiply_and_add(void **state) {
    (void)state;
    static const uint64_t factors[] = {0, 1, 2, 3, 1000, UINT64_C(0x8000000000000001), UINT64_MAX};
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        const vs_public_key *pk = keys[s]->pk;
        for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
            texts t;
            encrypt_some(&t, pk);
            int negate = (int)(i % 2);
            assert_int_equal(vs_multiply_plain(pk, t.c, COUNT, factors[i], negate), VS_OK);
            assert_int_equal(vs_add_plain(pk, t.c, t.m, COUNT), VS_OK);
            for (size_t j = 0; j < COUNT; j++) {
                mpz_t m;
                mpz_init_set(m, t.value[j]);
                mpz_mul_ui(t.value[j], t.value[j], factors[i]);
                if (negate) {
                    mpz_neg(t.value[j], t.value[j]);
                }
                mpz_add(t.value[j], t.value[j], m);
                mpz_clear(m);
            }
            assert_decrypts(keys[s], t.c, &t);
            texts_clear(&t);
        }
    }
}

static void rerandomising_keeps_the_message(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        const vs_public_key *pk = keys[s]->pk;
        texts t;
        encrypt_some(&t, pk);
        uint8_t *before = malloc(COUNT * pk->info.ciphertext_bytes);
        memcpy(before, t.c, COUNT * pk->info.ciphertext_bytes);
        vs_encryptor *encryptor = NULL;
        assert_int_equal(vs_encryptor_new(&encryptor, pk, COUNT), VS_OK);
        assert_int_equal(vs_rerandomise(encryptor, t.c, COUNT), VS_OK);
        for (size_t i = 0; i < COUNT; i++) {
            size_t at = i * pk->info.ciphertext_bytes;
            assert_memory_not_equal(before + at, t.c + at, pk->info.digit_bytes);
        }
        assert_decrypts(keys[s], t.c, &t);
        memset(t.c + 5 * pk->info.ciphertext_bytes, 0xff, pk->info.ciphertext_bytes);
        assert_int_equal(vs_rerandomise(encryptor, t.c, COUNT), VS_ERR_RANGE);
        vs_encryptor_free(encryptor);
        free(before);
        texts_clear(&t);
    }
}

/* Overwrite ciphertext `i` and see every function refuse. */
static void assert_refused(const vs_secret_key *sk, texts *t, size_t i, const uint8_t *bad, int out_of_range) {
    const vs_public_key *pk = sk->pk;
    size_t len = pk->info.ciphertext_bytes, where;
    uint8_t *keep = malloc(len), *m = malloc(COUNT * pk->info.plaintext_bytes);
    memcpy(keep, t->c + i * len, len);
    memcpy(t->c + i * len, bad, len);
    assert_int_equal(vs_ciphertexts_check(pk, t->c, COUNT, &where), VS_ERR_RANGE);
    assert_true(where == (out_of_range ? i : SIZE_MAX));
    memset(m, 1, COUNT * pk->info.plaintext_bytes);
    assert_int_equal(vs_decrypt(sk, m, t->c, COUNT), VS_ERR_RANGE);
    for (size_t j = 0; j < COUNT * pk->info.plaintext_bytes; j++) {
        assert_int_equal(m[j], 0);
    }
    vs_accumulator *acc = NULL;
    const uint8_t *inputs[3] = {keep, t->c + i * len, keep};
    assert_int_equal(vs_accumulator_new(&acc, pk, 1), VS_OK);
    vs_status folded = vs_accumulator_fold(acc, 0, inputs, 3, 1, &where);
    assert_int_equal(folded, out_of_range ? VS_ERR_RANGE : VS_OK);
    if (out_of_range) {
        assert_int_equal(where, 1);
    } else {
        assert_int_equal(vs_accumulator_check(acc), VS_ERR_RANGE);
    }
    vs_accumulator_free(acc);
    assert_int_equal(vs_multiply_plain(pk, t->c, COUNT, 3, 0), VS_ERR_RANGE);
    memcpy(t->c + i * len, keep, len);
    free(keep);
    free(m);
}

static void what_is_no_ciphertext_is_refused(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        const vs_public_key *pk = keys[s]->pk;
        size_t bytes = pk->info.digit_bytes, len = pk->info.ciphertext_bytes;
        uint8_t *bad = calloc(1, len);
        texts t;
        encrypt_some(&t, pk);
        for (size_t i = 0; i < COUNT; i += 12) {
            memset(bad, 0, len); /* 0 */
            assert_refused(keys[s], &t, i, bad, 0);
            bad[bytes] = 1; /* n */
            assert_refused(keys[s], &t, i, bad, 0);
            memset(bad, 0, len);
            memcpy(bad, keys[s]->p, bytes / 2); /* p, and then q·anything */
            assert_refused(keys[s], &t, i, bad, 0);
            memcpy(bad, keys[s]->q, bytes / 2);
            memset(bad + bytes, 5, bytes / 2);
            assert_refused(keys[s], &t, i, bad, 0);
            for (unsigned digit = 0; digit <= s; digit++) {
                memcpy(bad, t.c + i * len, len);
                memcpy(bad + digit * bytes, pk->n, bytes); /* a digit of n, and above */
                assert_refused(keys[s], &t, i, bad, 1);
                memset(bad + digit * bytes, 0xff, bytes);
                assert_refused(keys[s], &t, i, bad, 1);
            }
        }
        free(bad);
        texts_clear(&t);
    }
}

static void messages_out_of_range_are_refused(void **state) {
    (void)state;
    const vs_public_key *pk = keys[2]->pk;
    uint8_t *m = calloc(COUNT, pk->info.plaintext_bytes), *c = malloc(COUNT * pk->info.ciphertext_bytes);
    vs_encryptor *encryptor = NULL;
    assert_int_equal(vs_encryptor_new(&encryptor, pk, COUNT), VS_OK);
    for (size_t digit = 0; digit < 2; digit++) {
        uint8_t *at = m + 20 * pk->info.plaintext_bytes + digit * pk->info.digit_bytes;
        memcpy(at, pk->n, pk->info.digit_bytes);
        memset(c, 1, COUNT * pk->info.ciphertext_bytes);
        assert_int_equal(vs_encrypt(encryptor, c, m, COUNT), VS_ERR_RANGE);
        for (size_t i = 0; i < COUNT * pk->info.ciphertext_bytes; i++) {
            assert_int_equal(c[i], 0);
        }
        at[0] -= 1; /* n is odd: n − 1 is in range */
        assert_int_equal(vs_encrypt(encryptor, c, m, COUNT), VS_OK);
        memset(at, 0, pk->info.digit_bytes);
    }
    vs_encryptor_free(encryptor);
    free(m);
    free(c);
}

static void adding_what_is_out_of_range_leaves_zeros(void **state) {
    (void)state;
    const vs_public_key *pk = keys[1]->pk;
    size_t len = COUNT * pk->info.ciphertext_bytes;
    texts t;
    encrypt_some(&t, pk);
    memcpy(t.m + (COUNT - 1) * pk->info.plaintext_bytes, pk->n,
           pk->info.digit_bytes); /* after others have been added */
    assert_int_equal(vs_add_plain(pk, t.c, t.m, COUNT), VS_ERR_RANGE);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(t.c[i], 0);
    }
    texts_clear(&t);
}

/* Flip a bit, see that nothing leaves, flip it back. */
static void assert_noticed(const vs_secret_key *sk, const texts *t, vs_word *word, vs_word bit) {
    size_t len = COUNT * sk->pk->info.plaintext_bytes;
    uint8_t *m = malloc(len);
    *word ^= bit;
    memset(m, 1, len);
    assert_int_equal(vs_decrypt(sk, m, t->c, COUNT), VS_ERR_FAULT);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(m[i], 0);
    }
    *word ^= bit;
    free(m);
}

static void a_fault_in_one_half_is_noticed(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s += 2) {
        vs_secret_key *sk = keys[s];
        texts t;
        encrypt_some(&t, sk->pk);
        for (int h = 0; h < 2; h++) {
            vs_key_half *half = &sk->half[h];
            size_t digit = half->ring->digit_words;
            assert_noticed(sk, &t, &half->order[3], 0x100);
            assert_noticed(sk, &t, &half->modulus[digit + 2], 4);
            assert_noticed(sk, &t, &half->upper[1], 1);
            assert_noticed(sk, &t, &half->ring->square[digit + 1], 2);
            assert_noticed(sk, &t, &half->ring->one[digit], 8);
            assert_noticed(sk, &t, &half->log_scale[2], 1);
        }
        assert_noticed(sk, &t, &sk->garner.inverse[1], 2);
        assert_noticed(sk, &t, &sk->garner.power[0], 2);
        assert_decrypts(sk, t.c, &t);
        texts_clear(&t);
    }
}

static void unusual_keys_are_not_made(void **state) {
    (void)state;
    vs_secret_key *sk = NULL;
    static const vs_key_options none[] = {{1024, 1, VS_KEY_STANDARD},
                                          {2049, 1, VS_KEY_SHORT},
                                          {2048, 0, VS_KEY_STANDARD},
                                          {2048, 5, VS_KEY_SUBGROUP},
                                          {2048, 1, (vs_key_type)VS_KEY_TYPES}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(vs_keygen(&sk, &none[i]), VS_ERR_USAGE);
        assert_null(sk);
    }
}

static void larger_keys_work_too(void **state) {
    (void)state;
    static const unsigned bits[] = {3072, 4096};
    for (size_t i = 0; i < 2; i++) {
        vs_secret_key *sk = NULL;
        assert_int_equal(vs_keygen(&sk, &(vs_key_options){.bits = bits[i], .degree = 1}), VS_OK);
        assert_int_equal(sk->pk->info.bits, bits[i]);
        assert_true(sk->pk->n[bits[i] / 8 - 1] & 0x80);
        texts t;
        encrypt_some(&t, sk->pk);
        assert_decrypts(sk, t.c, &t);
        texts_clear(&t);
        vs_secret_key_free(sk);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encrypted_decrypts),
        cmocka_unit_test(ciphertexts_are_of_the_textbook_form),
        cmocka_unit_test(encrypting_twice_gives_different_ciphertexts),
        cmocka_unit_test(every_size_of_table_encrypts),
        cmocka_unit_test(combining_adds),
        cmocka_unit_test(public_numbers_multiply_and_add),
        cmocka_unit_test(rerandomising_keeps_the_message),
        cmocka_unit_test(what_is_no_ciphertext_is_refused),
        cmocka_unit_test(messages_out_of_range_are_refused),
        cmocka_unit_test(adding_what_is_out_of_range_leaves_zeros),
        cmocka_unit_test(a_fault_in_one_half_is_noticed),
        cmocka_unit_test(unusual_keys_are_not_made),
        cmocka_unit_test(larger_keys_work_too),
    };
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
