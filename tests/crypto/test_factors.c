/* Encryption with factors that were made before: against GMP's integers, and by decrypting. */
#include "ring_support.h"

#include "crypto/paillier/key_internal.h"
#include "crypto/secret.h"

#define COUNT 19 /* not a multiple of any number of lanes */

static vs_secret_key *keys[VS_MAX_DEGREE + 1]; /* by degree, 2048 bits */

static int make_keys(void **state) {
    (void)state;
    if (vs_keygen(&keys[1], &(vs_key_options){.bits = 2048, .degree = 1}) != VS_OK) {
        return -1;
    }
    for (unsigned s = 2; s <= VS_MAX_DEGREE; s++) { /* the same primes serve every degree */
        const vs_key_options options = {.bits = 2048, .degree = s};
        const vs_key_factors factors = {.p = keys[1]->p, .q = keys[1]->q};
        vs_public_key *pk = NULL;
        if (vs__public_key_make(&pk, &options, keys[1]->pk->n, keys[1]->pk->h) != VS_OK ||
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

typedef struct texts {
    const vs_public_key *pk;
    uint8_t *m, *factors, *c;
} texts;

/* Messages with digits at random and in the corners: 0, 1, n − 1. */
static void make_messages(texts *t) {
    const vs_key_info *info = &t->pk->info;
    for (size_t i = 0; i < COUNT * info->degree; i++) {
        uint8_t *digit = t->m + i * info->digit_bytes;
        switch (test_below(5)) {
        case 0:
            memset(digit, 0, info->digit_bytes);
            digit[0] = (uint8_t)test_below(2);
            break;
        case 1:
            memcpy(digit, t->pk->n, info->digit_bytes);
            digit[0] -= 1; /* n is odd */
            break;
        default:
            test_fill(digit, info->digit_bytes);
            digit[info->digit_bytes - 1] &= 0x7f; /* n has its top bit set */
        }
    }
}

/* Any elements of the ring: that a factor is a power of h matters to nobody who multiplies. */
static void fill_factors(texts *t) {
    const vs_key_info *info = &t->pk->info;
    test_fill(t->factors, COUNT * info->ciphertext_bytes);
    for (size_t i = 1; i <= COUNT * (info->degree + 1); i++) {
        t->factors[i * info->digit_bytes - 1] &= 0x7f; /* n has its top bit set */
    }
}

static void make_texts(texts *t, unsigned degree) {
    t->pk = keys[degree]->pk;
    t->m = malloc(COUNT * t->pk->info.plaintext_bytes);
    t->factors = malloc(COUNT * t->pk->info.ciphertext_bytes);
    t->c = malloc(COUNT * t->pk->info.ciphertext_bytes);
    make_messages(t);
    fill_factors(t);
}

static void make_real_factors(texts *t) {
    vs_encryptor *encryptor = NULL;
    assert_int_equal(vs_encryptor_new(&encryptor, t->pk, COUNT), VS_OK);
    assert_int_equal(vs_factors_make(encryptor, t->factors, COUNT), VS_OK);
    vs_encryptor_free(encryptor);
}

static void free_texts(texts *t) {
    free(t->m);
    free(t->factors);
    free(t->c);
}

static void it_decrypts(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        texts t;
        make_texts(&t, s);
        make_real_factors(&t);
        size_t bytes = COUNT * t.pk->info.plaintext_bytes;
        uint8_t *m = malloc(bytes);
        assert_int_equal(vs_encrypt_with_factors(t.pk, t.c, t.m, t.factors, COUNT), VS_OK);
        assert_int_equal(vs_decrypt(keys[s], m, t.c, COUNT), VS_OK);
        assert_memory_equal(m, t.m, bytes);
        free(m);
        free_texts(&t);
    }
}

static void digits_to_integer(mpz_t z, const vs_public_key *pk, const uint8_t *digits, unsigned count) {
    mpz_t n, digit;
    mpz_inits(n, digit, NULL);
    mpz_import(n, pk->info.digit_bytes, -1, 1, 0, 0, pk->n);
    mpz_set_ui(z, 0);
    for (unsigned i = count; i-- > 0;) {
        mpz_import(digit, pk->info.digit_bytes, -1, 1, 0, 0, digits + i * pk->info.digit_bytes);
        assert_true(mpz_cmp(digit, n) < 0);
        mpz_mul(z, z, n);
        mpz_add(z, z, digit);
    }
    mpz_clears(n, digit, NULL);
}

/* c = (1 + n)^m · r. */
static void it_is_the_product_that_integers_give(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        texts t;
        make_texts(&t, s);
        mpz_t n, modulus, m, r, c;
        mpz_inits(n, modulus, m, r, c, NULL);
        mpz_import(n, t.pk->info.digit_bytes, -1, 1, 0, 0, t.pk->n);
        mpz_pow_ui(modulus, n, s + 1);
        mpz_add_ui(n, n, 1);
        assert_int_equal(vs_encrypt_with_factors(t.pk, t.c, t.m, t.factors, COUNT), VS_OK);
        for (size_t i = 0; i < COUNT; i++) {
            digits_to_integer(m, t.pk, t.m + i * t.pk->info.plaintext_bytes, s);
            digits_to_integer(r, t.pk, t.factors + i * t.pk->info.ciphertext_bytes, s + 1);
            digits_to_integer(c, t.pk, t.c + i * t.pk->info.ciphertext_bytes, s + 1);
            mpz_powm(m, n, m, modulus);
            mpz_mul(r, r, m);
            mpz_fdiv_r(r, r, modulus);
            assert_true(mpz_cmp(c, r) == 0);
        }
        mpz_clears(n, modulus, m, r, c, NULL);
        free_texts(&t);
    }
}

static void output_may_take_the_place_of_the_factors(void **state) {
    (void)state;
    texts t;
    make_texts(&t, 2);
    assert_int_equal(vs_encrypt_with_factors(t.pk, t.c, t.m, t.factors, COUNT), VS_OK);
    assert_int_equal(vs_encrypt_with_factors(t.pk, t.factors, t.m, t.factors, COUNT), VS_OK);
    assert_memory_equal(t.factors, t.c, COUNT * t.pk->info.ciphertext_bytes);
    free_texts(&t);
}

static void factors_are_fresh_encryptions_of_zero(void **state) {
    (void)state;
    texts t;
    make_texts(&t, 1);
    make_real_factors(&t);
    size_t bytes = COUNT * t.pk->info.plaintext_bytes;
    uint8_t *m = malloc(bytes), *zeros = calloc(1, bytes);
    assert_int_equal(vs_decrypt(keys[1], m, t.factors, COUNT), VS_OK);
    assert_memory_equal(m, zeros, bytes);
    for (size_t i = 1; i < COUNT; i++) {
        size_t len = t.pk->info.ciphertext_bytes;
        assert_memory_not_equal(t.factors, t.factors + i * len, len);
    }
    free(m);
    free(zeros);
    free_texts(&t);
}

/* n itself as a digit, in each digit of a message and of a factor. */
static void digits_out_of_range_are_refused(void **state) {
    (void)state;
    texts t;
    make_texts(&t, 2);
    const vs_key_info *info = &t.pk->info;
    size_t plain = COUNT * info->degree, all = COUNT * (info->degree + 1);
    uint8_t saved[VS_MAX_DIGIT_BYTES], *zeros = calloc(COUNT, info->ciphertext_bytes);
    for (size_t i = 0; i < plain + all; i += 1 + (size_t)test_below(3)) {
        uint8_t *digit = i < plain ? t.m + i * info->digit_bytes : t.factors + (i - plain) * info->digit_bytes;
        memcpy(saved, digit, info->digit_bytes);
        memcpy(digit, t.pk->n, info->digit_bytes);
        memset(t.c, 1, COUNT * info->ciphertext_bytes);
        assert_int_equal(vs_encrypt_with_factors(t.pk, t.c, t.m, t.factors, COUNT), VS_ERR_RANGE);
        assert_memory_equal(t.c, zeros, COUNT * info->ciphertext_bytes);
        memcpy(digit, saved, info->digit_bytes);
    }
    assert_int_equal(vs_encrypt_with_factors(t.pk, t.c, t.m, t.factors, COUNT), VS_OK);
    free(zeros);
    free_texts(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_decrypts),
        cmocka_unit_test(it_is_the_product_that_integers_give),
        cmocka_unit_test(output_may_take_the_place_of_the_factors),
        cmocka_unit_test(factors_are_fresh_encryptions_of_zero),
        cmocka_unit_test(digits_out_of_range_are_refused),
    };
    test_seed();
    if (!ring_backend_is_here()) {
        return 77;
    }
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
