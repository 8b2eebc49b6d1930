/* Every vector of tests/vectors/threshold.txt, which an independent script made, must come out to the last digit; its
 * proofs must be accepted. */
#include "tests/crypto/threshold_support.h"

#define MAX_FIELDS 256

typedef struct vector {
    char *key[MAX_FIELDS], *value[MAX_FIELDS];
    size_t fields;
} vector;

static const char *field(const vector *v, const char *format, unsigned i, unsigned j) {
    char key[32];
    snprintf(key, sizeof key, format, i, j);
    for (size_t k = 0; k < v->fields; k++) {
        if (strcmp(v->key[k], key) == 0) {
            return v->value[k];
        }
    }
    fail_msg("a vector lacks %s", key);
    return NULL;
}

static unsigned decimal(const vector *v, const char *key) {
    return (unsigned)atoi(field(v, key, 0, 0));
}

/* Little-endian bytes of fixed length. */
static void bytes_of(uint8_t *out, size_t len, const char *hex) {
    mpz_t z;
    assert_int_equal(mpz_init_set_str(z, hex, 16), 0);
    assert_true(mpz_sgn(z) == 0 || mpz_sizeinbase(z, 256) <= len);
    memset(out, 0, len);
    mpz_export(out, NULL, -1, 1, 0, 0, z);
    mpz_clear(z);
}

static void element_of(const vs_public_key *pk, uint8_t *out, const char *hex) {
    mpz_t z;
    assert_int_equal(mpz_init_set_str(z, hex, 16), 0);
    vs__element_put(pk, out, z);
    mpz_clear(z);
}

/* A plaintext: digits without the highest. */
static void plaintext_of(const vs_public_key *pk, uint8_t *out, const char *hex) {
    uint8_t element[VS_MAX_ELEMENT_BYTES];
    element_of(pk, element, hex);
    memcpy(out, element, pk->info.plaintext_bytes);
}

static vs_public_key *public_key_of(const vector *v) {
    const vs_key_options options = {.bits = decimal(v, "bits"), .degree = decimal(v, "degree")};
    uint8_t n[VS_MAX_DIGIT_BYTES], h[VS_MAX_DIGIT_BYTES];
    const char *reason;
    vs_public_key *pk;
    bytes_of(n, options.bits / 8, field(v, "n", 0, 0));
    bytes_of(h, options.bits / 8, field(v, "h", 0, 0));
    assert_int_equal(vs__public_key_check(&options, n, h, &reason), VS_OK);
    assert_int_equal(vs__public_key_make(&pk, &options, n, h), VS_OK);
    return pk;
}

static vs_threshold_key *key_of(const vector *v) {
    unsigned needed = decimal(v, "needed"), holders = decimal(v, "holders");
    vs_public_key *pk = public_key_of(v);
    vs_public_identity identity[VS_MAX_HOLDERS];
    uint8_t *commitments = malloc(VS_MAX_HOLDERS * VS_MAX_ELEMENT_BYTES), bytes[VS_HASH_BYTES];
    vs_threshold_key *key;
    const char *reason;
    for (unsigned k = 1; k < needed; k++) {
        element_of(pk, commitments + (k - 1) * pk->info.ciphertext_bytes, field(v, "commitment_%u", k, 0));
    }
    for (unsigned i = 0; i < holders; i++) {
        const char *text = field(v, "holder_%u", i + 1, 0);
        assert_int_equal(vs_public_identity_from_text(&identity[i], text, strlen(text), &reason), VS_OK);
    }
    assert_int_equal(vs__threshold_key_make(&key, pk, needed, holders, identity, commitments), VS_OK);
    assert_int_equal(vs_from_hex(bytes, sizeof bytes, field(v, "key_fingerprint", 0, 0), 64), VS_OK);
    assert_memory_equal(bytes, pk->info.fingerprint, sizeof bytes);
    assert_int_equal(vs_from_hex(bytes, sizeof bytes, field(v, "holders_fingerprint", 0, 0), 64), VS_OK);
    assert_memory_equal(bytes, key->info.fingerprint, sizeof bytes);
    free(commitments);
    return key;
}

static void assert_element(const vs_public_key *pk, const uint8_t *element, const char *hex) {
    uint8_t expected[VS_MAX_ELEMENT_BYTES];
    element_of(pk, expected, hex);
    assert_memory_equal(element, expected, pk->info.ciphertext_bytes);
}

/* Holder i's share, parts and proof; into `parts`. */
static void check_holder(const vector *v, const vs_threshold_key *key, unsigned i, const uint8_t *c, uint8_t *parts,
                         unsigned count) {
    const vs_public_key *pk = key->pk;
    size_t element = pk->info.ciphertext_bytes, proof_len = key->info.proof_bytes;
    uint8_t number[VS_MAX_ELEMENT_BYTES], context[VS_HASH_BYTES], *proof = malloc(proof_len);
    vs_key_share *share;
    assert_element(pk, key->verification + (i - 1) * element, field(v, "v_%u", i, 0));
    bytes_of(number, element, field(v, "share_%u", i, 0));
    assert_int_equal(vs__key_share_make(&share, key, i, number), VS_OK);
    assert_int_equal(vs_threshold_part(share, parts, c, count), VS_OK);
    for (unsigned j = 0; j < count; j++) {
        assert_element(pk, parts + j * element, field(v, "part_%u_%u", i, j));
    }
    assert_int_equal(vs_from_hex(context, sizeof context, field(v, "context", 0, 0), 64), VS_OK);
    assert_int_equal(vs_from_hex(proof, proof_len, field(v, "proof_%u", i, 0), 2 * proof_len), VS_OK);
    assert_int_equal(vs_threshold_check(key, i, proof, c, parts, count, context), VS_OK);
    proof[proof_len - 10] ^= 1;
    assert_int_equal(vs_threshold_check(key, i, proof, c, parts, count, context), VS_ERR_AUTH);
    vs_key_share_free(share);
    free(proof);
}

static void check_vector(const vector *v) {
    vs_threshold_key *key = key_of(v);
    const vs_public_key *pk = key->pk;
    size_t element = pk->info.ciphertext_bytes, plaintext = pk->info.plaintext_bytes;
    unsigned count = decimal(v, "count"), order[VS_MAX_HOLDERS];
    uint8_t *c = malloc(count * element), *parts = malloc(key->info.holders * count * element);
    uint8_t *m = malloc(count * plaintext), expected[VS_MAX_ELEMENT_BYTES];
    const uint8_t *part[VS_MAX_HOLDERS];
    assert_element(pk, key->base, field(v, "base", 0, 0));
    for (unsigned j = 0; j < count; j++) {
        element_of(pk, c + j * element, field(v, "c_%u", j, 0));
    }
    for (unsigned i = 1; i <= key->info.holders; i++) {
        order[i - 1] = i;
        part[i - 1] = parts + (i - 1) * count * element;
        check_holder(v, key, i, c, parts + (i - 1) * count * element, count);
    }
    for (unsigned first = 0; first + key->info.needed <= key->info.holders; first++) {
        assert_int_equal(vs_threshold_combine(key, m, order + first, part + first, key->info.needed, count), VS_OK);
        for (unsigned j = 0; j < count; j++) {
            plaintext_of(pk, expected, field(v, "m_%u", j, 0));
            assert_memory_equal(m + j * plaintext, expected, plaintext);
        }
    }
    free(c);
    free(parts);
    free(m);
    vs_threshold_key_free(key);
}

/* The next vector, parsed in place; false at the end. */
static bool next_vector(char **at, vector *v) {
    v->fields = 0;
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
    return v->fields > 0;
}

static void every_vector_comes_out(void **state) {
    static char text[1 << 20];
    static vector v;
    char *at = text;
    unsigned vectors = 0;
    (void)state;
    FILE *file = fopen(VEILSUM_TESTS_DIR "/vectors/threshold.txt", "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0 && feof(file));
    fclose(file);
    for (; next_vector(&at, &v); vectors++) {
        check_vector(&v);
    }
    assert_int_equal(vectors, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_vector_comes_out)};
    return vs_secret_setup() != VS_OK ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
