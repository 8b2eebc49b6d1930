/* Every vector of tests/vectors/paillier.txt, which an independent script made, must come out to the last digit. */
#include "tests/support.h"

#include <gmp.h>

#include "crypto/paillier/key_internal.h"
#include "crypto/ring/one_plus_n.h"
#include "crypto/secret.h"

#define MAX_FIELDS 24

typedef struct vector {
    char *key[MAX_FIELDS], *value[MAX_FIELDS];
    size_t fields;
    unsigned bits, degree;
} vector;

static const char *field(const vector *v, const char *key) {
    for (size_t i = 0; i < v->fields; i++) {
        if (strcmp(v->key[i], key) == 0) {
            return v->value[i];
        }
    }
    fail_msg("a vector lacks %s", key);
    return NULL;
}

static void number(mpz_t z, const vector *v, const char *key) {
    assert_int_equal(mpz_set_str(z, field(v, key), 16), 0);
}

/* Little-endian bytes of fixed length. */
static void bytes_of(uint8_t *out, size_t len, const vector *v, const char *key) {
    mpz_t z;
    mpz_init(z);
    number(z, v, key);
    assert_true(mpz_sizeinbase(z, 256) <= len);
    memset(out, 0, len);
    mpz_export(out, NULL, -1, 1, 0, 0, z);
    mpz_clear(z);
}

/* The digits in base n of a field. */
static void digits_of(uint8_t *out, size_t bytes, unsigned count, const vector *v, const char *key) {
    mpz_t z, n, digit;
    mpz_inits(z, n, digit, NULL);
    number(z, v, key);
    number(n, v, "n");
    memset(out, 0, bytes * count);
    for (unsigned i = 0; i < count; i++) {
        mpz_fdiv_qr(z, digit, z, n);
        mpz_export(out + i * bytes, NULL, -1, 1, 0, 0, digit);
    }
    assert_true(mpz_sgn(z) == 0);
    mpz_clears(z, n, digit, NULL);
}

typedef struct fixture {
    vs_secret_key *sk;
    const vs_public_key *pk;
    size_t bytes, m_len, c_len;
    uint8_t m[VS_MAX_DEGREE * VS_MAX_DIGIT_BYTES], c[5 * VS_MAX_DIGIT_BYTES], out[5 * VS_MAX_DIGIT_BYTES];
} fixture;

static void fixture_open(fixture *f, const vector *v) {
    uint8_t n[VS_MAX_DIGIT_BYTES], h[VS_MAX_DIGIT_BYTES] = {4}, p[VS_MAX_DIGIT_BYTES / 2], q[VS_MAX_DIGIT_BYTES / 2];
    uint8_t a[VS_MAX_ORDER_BYTES], b[VS_MAX_ORDER_BYTES];
    vs_key_options options = {.bits = v->bits, .degree = v->degree};
    vs_key_factors factors = {.p = p, .q = q};
    (void)vs_key_type_from_name(&options.type, field(v, "kind"));
    vs_public_key *pk = NULL;
    f->bytes = v->bits / 8;
    f->m_len = v->degree * f->bytes;
    f->c_len = f->m_len + f->bytes;
    bytes_of(n, f->bytes, v, "n");
    bytes_of(p, f->bytes / 2, v, "p");
    bytes_of(q, f->bytes / 2, v, "q");
    if (options.type == VS_KEY_IMPORTED) {
        memset(h, 0, sizeof h);
    } else if (strcmp(field(v, "kind"), "textbook") != 0) {
        bytes_of(h, f->bytes, v, "h");
    }
    if (options.type == VS_KEY_SUBGROUP) {
        bytes_of(a, vs__order_bytes(v->bits), v, "a");
        bytes_of(b, vs__order_bytes(v->bits), v, "b");
        factors.a = a;
        factors.b = b;
    }
    if (options.type != VS_KEY_STANDARD) { /* good keys, then: by the checks too */
        const char *reason = NULL;
        assert_int_equal(vs__public_key_check(&options, n, h, &reason), VS_OK);
        assert_int_equal(vs__secret_key_check(&options, n, h, &factors, &reason), VS_OK);
    }
    assert_int_equal(vs__public_key_make(&pk, &options, n, h), VS_OK);
    assert_int_equal(vs__secret_key_make(&f->sk, pk, &factors), VS_OK);
    f->pk = pk;
}

static void assert_decrypts(const fixture *f, const uint8_t *c, const vector *v, const char *message) {
    uint8_t expected[VS_MAX_DEGREE * VS_MAX_DIGIT_BYTES], m[VS_MAX_DEGREE * VS_MAX_DIGIT_BYTES];
    digits_of(expected, f->bytes, v->degree, v, message);
    assert_int_equal(vs_decrypt(f->sk, m, c, 1), VS_OK);
    assert_memory_equal(m, expected, f->m_len);
}

/* c = (1 + n)^m · r^(n^s), with r^(n^s) by the ring's power and the message added; n of any size. */
static void textbook_in_the_ring(const vector *v) {
    mpz_t n;
    mpz_init(n);
    number(n, v, "n");
    size_t limbs = (mpz_sizeinbase(n, 2) + 63) / 64, element = limbs * (v->degree + 1);
    vs_word modulus[64] = {0}, canonical[5 * 64] = {0};
    mpz_export(modulus, NULL, -1, 8, 0, 0, n);
    vs_ring *ring = NULL;
    vs_one_plus_n group;
    assert_int_equal(vs_ring_new(&ring, modulus, limbs, v->degree, false), VS_OK);
    assert_int_equal(vs_one_plus_n_init(&group, modulus, limbs, v->degree, false), VS_OK);
    size_t bundle = vs_ring_bundle_words(ring);
    vs_word *z = calloc(2 * bundle + vs_ring_pow_words(ring) + vs_one_plus_n_words(&group), sizeof *z);
    vs_word *e = z + bundle, *scratch = e + bundle;
    digits_of((uint8_t *)canonical, limbs * 8, v->degree + 1, v, "r");
    vs_ring_broadcast(ring, z, canonical);
    vs_ring_mul(ring, z, z, ring->square, scratch);
    for (unsigned i = 0; i < v->degree; i++) {
        vs_ring_pow(ring, z, z, ring->modulus, 64 * limbs, scratch);
    }
    digits_of((uint8_t *)canonical, limbs * 8, v->degree, v, "m");
    vs_ring_broadcast(group.exponents, e + ring->digit_words, canonical);
    vs_one_plus_n_exp(&group, e + ring->digit_words, e + ring->digit_words, scratch);
    memcpy(e, ring->unity, ring->digit_words * sizeof *e);
    vs_ring_mul(ring, z, z, e, scratch);
    vs_ring_store(ring, canonical, z, element, 1);
    uint8_t expected[5 * 64 * 8];
    digits_of(expected, limbs * 8, v->degree + 1, v, "c");
    assert_memory_equal(canonical, expected, element * 8);
    free(z);
    vs_one_plus_n_clear(&group);
    vs_ring_free(ring);
    mpz_clear(n);
}

static void check_textbook(const vector *v) {
    textbook_in_the_ring(v);
    if (v->bits % 128 == 0) {
        fixture f;
        fixture_open(&f, v);
        digits_of(f.c, f.bytes, v->degree + 1, v, "c");
        assert_decrypts(&f, f.c, v, "m");
        vs_secret_key_free(f.sk);
    }
}

static void check_fixed_base(const vector *v) {
    fixture f;
    vs_word x[VS_MAX_RING_BITS / 128];
    vs_encryptor *encryptor = NULL;
    fixture_open(&f, v);
    digits_of(f.m, f.bytes, v->degree, v, "m");
    digits_of(f.c, f.bytes, v->degree + 1, v, "c");
    bytes_of((uint8_t *)x, (f.pk->info.exponent_bits + 63) / 64 * 8, v, "x");
    for (size_t expected = 1; expected <= 100; expected += 99) { /* a narrow and a wider table */
        assert_int_equal(vs_encryptor_new(&encryptor, f.pk, expected), VS_OK);
        assert_int_equal(vs__encrypt_with(encryptor, f.out, f.m, x, 1), VS_OK);
        assert_memory_equal(f.out, f.c, f.c_len);
        vs_encryptor_free(encryptor);
    }
    assert_decrypts(&f, f.c, v, "m");
    vs_secret_key_free(f.sk);
}

static void check_imported(const vector *v) {
    fixture f;
    vs_word r[VS_MAX_RING_BITS / 64];
    vs_encryptor *encryptor = NULL;
    fixture_open(&f, v);
    digits_of(f.m, f.bytes, 1, v, "m");
    digits_of(f.c, f.bytes, 2, v, "c");
    bytes_of((uint8_t *)r, f.bytes, v, "r");
    assert_int_equal(vs_encryptor_new(&encryptor, f.pk, 1), VS_OK);
    assert_int_equal(vs__encrypt_with(encryptor, f.out, f.m, r, 1), VS_OK);
    assert_memory_equal(f.out, f.c, f.c_len);
    vs_encryptor_free(encryptor);
    assert_decrypts(&f, f.c, v, "m");
    vs_secret_key_free(f.sk);
}

static void check_homomorphic(const vector *v) {
    fixture f;
    uint8_t c2[5 * VS_MAX_DIGIT_BYTES], expected[5 * VS_MAX_DIGIT_BYTES];
    const uint8_t *inputs[2] = {f.c, c2};
    size_t bad;
    unsigned digits = v->degree + 1;
    fixture_open(&f, v);
    digits_of(f.c, f.bytes, digits, v, "c1");
    digits_of(c2, f.bytes, digits, v, "c2");

    vs_accumulator *acc = NULL;
    assert_int_equal(vs_accumulator_new(&acc, f.pk, 1), VS_OK);
    assert_int_equal(vs_accumulator_fold(acc, 0, inputs, 2, 1, &bad), VS_OK);
    assert_int_equal(vs_accumulator_finish(acc, f.out, 0, 1), VS_OK);
    vs_accumulator_free(acc);
    digits_of(expected, f.bytes, digits, v, "c_sum");
    assert_memory_equal(f.out, expected, f.c_len);
    assert_decrypts(&f, f.out, v, "m_sum");

    mpz_t k;
    mpz_init(k);
    number(k, v, "k");
    assert_true(mpz_fits_ulong_p(k));
    memcpy(f.out, f.c, f.c_len);
    assert_int_equal(vs_multiply_plain(f.pk, f.out, 1, mpz_get_ui(k), 0), VS_OK);
    digits_of(expected, f.bytes, digits, v, "c_times");
    assert_memory_equal(f.out, expected, f.c_len);
    assert_decrypts(&f, f.out, v, "m_times");
    mpz_clear(k);

    digits_of(f.m, f.bytes, v->degree, v, "a");
    memcpy(f.out, f.c, f.c_len);
    assert_int_equal(vs_add_plain(f.pk, f.out, f.m, 1), VS_OK);
    digits_of(expected, f.bytes, digits, v, "c_plus");
    assert_memory_equal(f.out, expected, f.c_len);
    assert_decrypts(&f, f.out, v, "m_plus");
    vs_secret_key_free(f.sk);
}

/* The next vector, parsed in place; 0 at the end. */
static int next_vector(char **at, vector *v) {
    memset(v, 0, sizeof *v);
    for (char *line; (line = strsep(at, "\n")) != NULL;) {
        if (*line == '#' || (*line == '\0' && v->fields == 0)) {
            continue;
        }
        if (*line == '\0') {
            break;
        }
        char *equals = strstr(line, " = ");
        assert_non_null(equals);
        assert_true(v->fields < MAX_FIELDS);
        *equals = '\0';
        v->key[v->fields] = line;
        v->value[v->fields++] = equals + 3;
    }
    if (v->fields > 0) {
        v->bits = (unsigned)atoi(field(v, "bits"));
        v->degree = (unsigned)atoi(field(v, "degree"));
    }
    return v->fields > 0;
}

static char *vectors_text(void) {
    FILE *file = fopen(VEILSUM_TESTS_DIR "/vectors/paillier.txt", "r");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    size_t len = fread(text, 1, (1 << 20) - 1, file);
    assert_true(len > 0 && feof(file));
    fclose(file);
    return text;
}

static void check_all(const char *kind, void (*check)(const vector *), size_t at_least) {
    char *text = vectors_text(), *at = text;
    vector v;
    size_t count = 0;
    while (next_vector(&at, &v)) {
        if (strcmp(field(&v, "kind"), kind) == 0) {
            check(&v);
            count++;
        }
    }
    assert_true(count >= at_least);
    free(text);
}

static void textbook_vectors_match(void **state) {
    (void)state;
    check_all("textbook", check_textbook, 8);
}

static void fixed_base_vectors_match(void **state) {
    (void)state;
    check_all("fixed-base", check_fixed_base, 20);
}

static void vectors_of_short_keys_match(void **state) {
    (void)state;
    check_all("short", check_fixed_base, 14);
}

static void vectors_of_subgroup_keys_match(void **state) {
    (void)state;
    check_all("subgroup", check_fixed_base, 14);
}

static void vectors_of_imported_keys_match(void **state) {
    (void)state;
    check_all("imported", check_imported, 12);
}

static void homomorphic_vectors_match(void **state) {
    (void)state;
    check_all("homomorphic", check_homomorphic, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(textbook_vectors_match),         cmocka_unit_test(fixed_base_vectors_match),
        cmocka_unit_test(vectors_of_short_keys_match),    cmocka_unit_test(vectors_of_subgroup_keys_match),
        cmocka_unit_test(vectors_of_imported_keys_match), cmocka_unit_test(homomorphic_vectors_match),
    };
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
