/* Keys of every type: against their definitions in GMP's integers, through the whole scheme, and what only a subgroup
 * key has: units that do not decrypt. */
#include "tests/support.h"

#include <gmp.h>

#include "crypto/paillier/key_internal.h"
#include "crypto/secret.h"

#define COUNT 21 /* not a multiple of any number of lanes */

static vs_secret_key *keys[VS_KEY_MADE_TYPES][VS_MAX_DEGREE + 1]; /* 2048 bits */

static vs_secret_key *with_degree(const vs_secret_key *sk, unsigned degree) {
    const vs_key_info *info = &sk->pk->info;
    const vs_key_options options = {.bits = info->bits, .degree = degree, .type = info->type};
    bool subgroup = info->type == VS_KEY_SUBGROUP;
    const vs_key_factors factors = {.p = sk->p, .q = sk->q, .a = subgroup ? sk->a : NULL, .b = subgroup ? sk->b : NULL};
    vs_public_key *pk;
    vs_secret_key *made;
    assert_int_equal(vs__public_key_make(&pk, &options, sk->pk->n, sk->pk->h), VS_OK);
    assert_int_equal(vs__secret_key_make(&made, pk, &factors), VS_OK);
    return made;
}

static int make_keys(void **state) {
    (void)state;
    for (unsigned type = 0; type < VS_KEY_MADE_TYPES; type++) {
        const vs_key_options options = {.bits = 2048, .degree = 1, .type = (vs_key_type)type};
        assert_int_equal(vs_keygen(&keys[type][1], &options), VS_OK);
        for (unsigned s = 2; s <= VS_MAX_DEGREE; s++) {
            keys[type][s] = with_degree(keys[type][1], s);
        }
    }
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    for (unsigned type = 0; type < VS_KEY_MADE_TYPES; type++) {
        for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
            vs_secret_key_free(keys[type][s]);
        }
    }
    return 0;
}

static void import(mpz_t x, const uint8_t *bytes, size_t len) {
    mpz_import(x, len, -1, 1, 0, 0, bytes);
}

/* ---- what they are ---- */

static void types_have_names_and_assumptions(void **state) {
    (void)state;
    static const char *const names[VS_KEY_TYPES] = {"standard", "short", "subgroup", "imported"};
    for (unsigned i = 0; i < VS_KEY_TYPES; i++) {
        vs_key_type type;
        assert_string_equal(vs_key_type_name((vs_key_type)i), names[i]);
        assert_int_equal(vs_key_type_from_name(&type, names[i]), 1);
        assert_int_equal(type, i);
        assert_non_null(strstr(vs_key_type_assumption((vs_key_type)i), "composite residuosity"));
        assert_string_not_equal(vs_key_type_assumption((vs_key_type)i),
                                vs_key_type_assumption((vs_key_type)((i + 1) % VS_KEY_TYPES)));
    }
    vs_key_type type = VS_KEY_SHORT;
    assert_int_equal(vs_key_type_from_name(&type, "Short"), 0);
    assert_int_equal(vs_key_type_from_name(&type, ""), 0);
    assert_int_equal(type, VS_KEY_SHORT);
}

static void exponents_have_the_length_of_the_type(void **state) {
    (void)state;
    static const struct {
        unsigned bits, standard, other;
    } lengths[] = {{2048, 1024, 448}, {3072, 1536, 512}, {4096, 2048, 608}};
    for (size_t i = 0; i < 3; i++) {
        for (unsigned type = 0; type < VS_KEY_MADE_TYPES; type++) {
            const vs_key_options options = {.bits = lengths[i].bits, .degree = 1, .type = (vs_key_type)type};
            unsigned expected = type == VS_KEY_STANDARD ? lengths[i].standard : lengths[i].other;
            assert_int_equal(vs__exponent_bits(&options), expected);
        }
        assert_int_equal(16 * vs__order_bytes(lengths[i].bits), lengths[i].other);
    }
    assert_int_equal(keys[VS_KEY_SHORT][2]->pk->info.exponent_bits, 448);
    assert_int_equal(keys[VS_KEY_SHORT][2]->pk->info.type, VS_KEY_SHORT);
}

/* One prime of a subgroup key: p = 2au + 1 with u odd and prime to a, h of order 2a modulo p. */
static void assert_defined(const vs_secret_key *sk, const uint8_t *p_bytes, const uint8_t *a_bytes) {
    unsigned bits = sk->pk->info.bits;
    size_t order_bytes = vs__order_bytes(bits);
    mpz_t p, a, u, h;
    mpz_inits(p, a, u, h, NULL);
    import(p, p_bytes, bits / 16);
    import(a, a_bytes, order_bytes);
    import(h, sk->pk->h, bits / 8);
    assert_int_equal(mpz_sizeinbase(p, 2), bits / 2);
    assert_true(mpz_tstbit(p, bits / 2 - 2));
    assert_int_equal(mpz_sizeinbase(a, 2), 8 * order_bytes);
    assert_int_not_equal(mpz_probab_prime_p(p, 40), 0);
    assert_int_not_equal(mpz_probab_prime_p(a, 40), 0);
    mpz_sub_ui(u, p, 1);
    assert_true(mpz_divisible_p(u, a));
    mpz_divexact(u, u, a);
    assert_int_equal(mpz_fdiv_ui(u, 4), 2);
    assert_false(mpz_divisible_p(u, a));
    mpz_powm(u, h, a, p); /* the order of h divides 2a, but it is none of 1, 2 and a */
    mpz_add_ui(u, u, 1);
    assert_int_equal(mpz_cmp(u, p), 0);
    mpz_add_ui(u, h, 1);
    assert_false(mpz_divisible_p(u, p));
    mpz_clears(p, a, u, h, NULL);
}

static void subgroup_keys_are_as_defined(void **state) {
    (void)state;
    static const unsigned sizes[] = {2048, 3072, 4096};
    for (size_t i = 0; i < 3; i++) {
        const vs_key_options options = {.bits = sizes[i], .degree = 2, .type = VS_KEY_SUBGROUP};
        const char *reason = NULL;
        vs_secret_key *sk;
        assert_int_equal(vs_keygen(&sk, &options), VS_OK);
        assert_defined(sk, sk->p, sk->a);
        assert_defined(sk, sk->q, sk->b);
        assert_int_equal(sk->half[0].order_bits, 8 * vs__order_bytes(sizes[i]) + 1);
        const vs_key_factors factors = {.p = sk->p, .q = sk->q, .a = sk->a, .b = sk->b};
        assert_int_equal(vs__public_key_check(&options, sk->pk->n, sk->pk->h, &reason), VS_OK);
        assert_int_equal(vs__secret_key_check(&options, sk->pk->n, sk->pk->h, &factors, &reason), VS_OK);
        vs_secret_key_free(sk);
    }
}

/* ---- the scheme ---- */

typedef struct texts {
    uint8_t *m, *c, *back;
    size_t m_len, c_len;
} texts;

/* Messages whose digits leave room for sums, encrypted. */
static texts encrypt_some(const vs_public_key *pk) {
    const vs_key_info *info = &pk->info;
    texts t = {.m_len = COUNT * info->plaintext_bytes, .c_len = COUNT * info->ciphertext_bytes};
    vs_encryptor *encryptor;
    t.m = malloc(t.m_len);
    t.c = malloc(t.c_len);
    t.back = malloc(t.m_len);
    test_fill(t.m, t.m_len);
    for (size_t digit = 1; digit <= COUNT * info->degree; digit++) {
        t.m[digit * info->digit_bytes - 1] = 0;
    }
    assert_int_equal(vs_encryptor_new(&encryptor, pk, COUNT), VS_OK);
    assert_int_equal(vs_encrypt(encryptor, t.c, t.m, COUNT), VS_OK);
    vs_encryptor_free(encryptor);
    return t;
}

static void texts_clear(texts *t) {
    free(t->m);
    free(t->c);
    free(t->back);
}

/* `sum` += m, digit by digit as numbers. */
static void add_digits(uint8_t *sum, const uint8_t *m, size_t len, size_t digit_bytes) {
    for (size_t at = 0; at < len; at += digit_bytes) {
        unsigned carry = 0;
        for (size_t i = at; i < at + digit_bytes; i++) {
            carry += (unsigned)sum[i] + m[i];
            sum[i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
}

static void every_type_and_degree_encrypts_and_combines(void **state) {
    (void)state;
    for (unsigned i = 0; i < VS_KEY_MADE_TYPES * VS_MAX_DEGREE; i++) {
        const vs_secret_key *sk = keys[i / VS_MAX_DEGREE][1 + i % VS_MAX_DEGREE];
        texts t = encrypt_some(sk->pk), u = encrypt_some(sk->pk);
        const uint8_t *inputs[] = {t.c, u.c};
        vs_accumulator *acc;
        size_t bad;
        assert_int_equal(vs_decrypt(sk, t.back, t.c, COUNT), VS_OK);
        assert_memory_equal(t.back, t.m, t.m_len);
        assert_int_equal(vs_accumulator_new(&acc, sk->pk, COUNT), VS_OK);
        assert_int_equal(vs_accumulator_fold(acc, 0, inputs, 2, COUNT, &bad), VS_OK);
        assert_int_equal(vs_accumulator_check(acc), VS_OK);
        assert_int_equal(vs_accumulator_finish(acc, t.c, 0, COUNT), VS_OK);
        vs_accumulator_free(acc);
        add_digits(t.m, u.m, t.m_len, sk->pk->info.digit_bytes);
        assert_int_equal(vs_decrypt(sk, t.back, t.c, COUNT), VS_OK);
        assert_memory_equal(t.back, t.m, t.m_len);
        texts_clear(&t);
        texts_clear(&u);
    }
}

static void computing_with_ciphertexts_stays_in_the_subgroup(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        const vs_secret_key *sk = keys[VS_KEY_SUBGROUP][s];
        texts t = encrypt_some(sk->pk);
        vs_encryptor *encryptor;
        assert_int_equal(vs_encryptor_new(&encryptor, sk->pk, COUNT), VS_OK);
        assert_int_equal(vs_rerandomise(encryptor, t.c, COUNT), VS_OK);
        vs_encryptor_free(encryptor);
        assert_int_equal(vs_multiply_plain(sk->pk, t.c, COUNT, 3, 0), VS_OK);
        assert_int_equal(vs_add_plain(sk->pk, t.c, t.m, COUNT), VS_OK);
        memcpy(t.back, t.m, t.m_len);
        for (int i = 0; i < 3; i++) {
            add_digits(t.m, t.back, t.m_len, sk->pk->info.digit_bytes);
        }
        assert_int_equal(vs_decrypt(sk, t.back, t.c, COUNT), VS_OK);
        assert_memory_equal(t.back, t.m, t.m_len);
        texts_clear(&t);
    }
}

/* ---- units that do not decrypt ---- */

/* Ciphertext `c`'s lowest digit, changed to 2 modulo the primes that are said: what was a power of h is one no more. */
static void leave_subgroup(const vs_secret_key *sk, uint8_t *c, bool modulo_p, bool modulo_q) {
    size_t bytes = sk->pk->info.digit_bytes;
    mpz_t p, q, digit, t;
    mpz_inits(p, q, digit, t, NULL);
    import(p, sk->p, bytes / 2);
    import(q, sk->q, bytes / 2);
    import(digit, c, bytes);
    mpz_set_ui(t, 0);
    for (int i = 0; i < 2; i++) { /* digit += (2 − digit)·q·(1/q mod p), and the same with p and q exchanged */
        if (i == 0 ? modulo_p : modulo_q) {
            mpz_t part;
            mpz_init(part);
            mpz_invert(part, i == 0 ? q : p, i == 0 ? p : q);
            mpz_mul(part, part, i == 0 ? q : p);
            mpz_ui_sub(t, 2, digit);
            mpz_mul(part, part, t);
            mpz_add(digit, digit, part);
            mpz_clear(part);
        }
    }
    mpz_mul(t, p, q);
    mpz_fdiv_r(digit, digit, t);
    memset(c, 0, bytes);
    mpz_export(c, NULL, -1, 1, 0, 0, digit);
    mpz_clears(p, q, digit, t, NULL);
}

static void assert_all_zero(const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(bytes[i], 0);
    }
}

static void a_unit_that_was_not_made_with_the_key_refuses_the_batch(void **state) {
    (void)state;
    static const size_t places[] = {0, 1, 8, COUNT - 1};
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s++) {
        const vs_secret_key *sk = keys[VS_KEY_SUBGROUP][s];
        size_t len = sk->pk->info.ciphertext_bytes, bad;
        texts t = encrypt_some(sk->pk);
        uint8_t *kept = malloc(len);
        for (unsigned i = 0; i < 12; i++) {
            uint8_t *c = t.c + places[i / 3] * len;
            memcpy(kept, c, len);
            leave_subgroup(sk, c, i % 3 != 1, i % 3 != 2); /* modulo both, q, p */
            assert_int_equal(vs_ciphertexts_check(sk->pk, t.c, COUNT, &bad), VS_OK);
            memset(t.back, 1, t.m_len);
            assert_int_equal(vs_decrypt(sk, t.back, t.c, COUNT), VS_ERR_RANGE);
            assert_all_zero(t.back, t.m_len);
            memcpy(c, kept, len);
        }
        assert_int_equal(vs_decrypt(sk, t.back, t.c, COUNT), VS_OK);
        assert_memory_equal(t.back, t.m, t.m_len);
        free(kept);
        texts_clear(&t);
    }
}

static void every_unit_decrypts_under_the_other_types(void **state) {
    (void)state;
    for (unsigned type = VS_KEY_STANDARD; type <= VS_KEY_SHORT; type++) {
        const vs_secret_key *sk = keys[type][2];
        texts t = encrypt_some(sk->pk);
        for (size_t i = 0; i < COUNT; i++) {
            leave_subgroup(sk, t.c + i * sk->pk->info.ciphertext_bytes, i % 3 != 1, i % 3 != 2);
        }
        assert_int_equal(vs_decrypt(sk, t.back, t.c, COUNT), VS_OK);
        texts_clear(&t);
    }
}

/* ---- a machine that errs ---- */

static void assert_noticed(const vs_secret_key *sk, const texts *t, vs_word *word, vs_word bit, vs_status expected) {
    *word ^= bit;
    memset(t->back, 1, t->m_len);
    assert_int_equal(vs_decrypt(sk, t->back, t->c, COUNT), expected);
    assert_all_zero(t->back, t->m_len);
    *word ^= bit;
}

static void a_fault_under_a_subgroup_key_is_noticed(void **state) {
    (void)state;
    for (unsigned s = 1; s <= VS_MAX_DEGREE; s += 2) {
        vs_secret_key *sk = keys[VS_KEY_SUBGROUP][s];
        texts t = encrypt_some(sk->pk);
        for (int h = 0; h < 2; h++) {
            vs_key_half *half = &sk->half[h];
            size_t digit = half->ring->digit_words;
            /* what touches digit 0 cannot be told from a bad ciphertext */
            assert_noticed(sk, &t, &half->order[2], 0x100, VS_ERR_RANGE);
            assert_noticed(sk, &t, &half->upper[1], 1, VS_ERR_RANGE);
            assert_noticed(sk, &t, &half->modulus[digit + 2], 4, VS_ERR_FAULT);
            assert_noticed(sk, &t, &half->ring->square[digit + 1], 2, VS_ERR_FAULT);
            assert_noticed(sk, &t, &half->log_scale[2], 1, VS_ERR_FAULT);
        }
        assert_noticed(sk, &t, &sk->garner.inverse[1], 2, VS_ERR_FAULT);
        assert_int_equal(vs_decrypt(sk, t.back, t.c, COUNT), VS_OK);
        assert_memory_equal(t.back, t.m, t.m_len);
        texts_clear(&t);
    }
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_have_names_and_assumptions),
        cmocka_unit_test(exponents_have_the_length_of_the_type),
        cmocka_unit_test(subgroup_keys_are_as_defined),
        cmocka_unit_test(every_type_and_degree_encrypts_and_combines),
        cmocka_unit_test(computing_with_ciphertexts_stays_in_the_subgroup),
        cmocka_unit_test(a_unit_that_was_not_made_with_the_key_refuses_the_batch),
        cmocka_unit_test(every_unit_decrypts_under_the_other_types),
        cmocka_unit_test(a_fault_under_a_subgroup_key_is_noticed),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
