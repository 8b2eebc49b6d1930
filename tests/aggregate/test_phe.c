/* python-paillier's JSON against vectors of an independent script (tests/vectors/make_phe_vectors.py), and every
 * refusal. */
#include "tests/support.h"

#include <stdbool.h>

#include "aggregate/convert/convert_internal.h"
#include "crypto/secret.h"

static json_t *vectors;
static char *secret_text; /* the vectors' key, whose p is 1 (mod 4) */
static vs_secret_key *sk;
static const vs_public_key *pk;
static vs_error error;

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static vs_status read_key(vs_public_key **public, vs_secret_key **secret, const char *text, vs_key_type type) {
    memset(&error, 0, sizeof error);
    vs_status status = vs_phe_key_read(public, secret, text, strlen(text), type, &error);
    assert_true((status == VS_OK) == (*public != NULL || *secret != NULL));
    assert_true(*public == NULL || *secret == NULL);
    return status;
}

static int open_vectors(void **state) {
    (void)state;
    vs_public_key *none;
    vectors = json_load_file(VEILSUM_TESTS_DIR "/vectors/phe.json", 0, NULL);
    assert_non_null(vectors);
    secret_text = json_dumps(json_object_get(vectors, "secret"), 0);
    assert_int_equal(read_key(&none, &sk, secret_text, VS_KEY_IMPORTED), VS_OK);
    pk = vs_secret_key_public(sk);
    return 0;
}

static int close_vectors(void **state) {
    (void)state;
    free(secret_text);
    vs_secret_key_free(sk);
    json_decref(vectors);
    return 0;
}

/* ---- keys ---- */

static void a_secret_key_and_its_public_half_are_one_key(void **state) {
    (void)state;
    vs_public_key *alone;
    vs_secret_key *none;
    char *text = json_dumps(json_object_get(json_object_get(vectors, "secret"), "pub"), 0);
    assert_int_equal(read_key(&alone, &none, text, VS_KEY_IMPORTED), VS_OK);
    assert_memory_equal(vs_public_key_info(alone)->fingerprint, vs_public_key_info(pk)->fingerprint, VS_HASH_BYTES);
    vs_public_key_free(alone);
    free(text);
}

static void keys_are_written_as_they_were_read(void **state) {
    (void)state;
    static const char *const same[] = {"kty", "key_ops", "p", "q"}, *const same_public[] = {"kty", "alg", "key_ops",
                                                                                            "n"};
    const json_t *wanted = json_object_get(vectors, "secret");
    char *text;
    assert_int_equal(vs_phe_secret_key_write(sk, &text, &error), VS_OK);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    for (size_t i = 0; i < 4; i++) {
        assert_true(json_equal(json_object_get(root, same[i]), json_object_get(wanted, same[i])));
        assert_true(json_equal(json_object_get(json_object_get(root, "pub"), same_public[i]),
                               json_object_get(json_object_get(wanted, "pub"), same_public[i])));
    }
    assert_int_equal(json_object_size(root), 6);
    vs_secret_free(text);
    assert_int_equal(vs_phe_public_key_write(pk, &text, &error), VS_OK);
    json_t *public = json_loads(text, 0, NULL);
    assert_true(json_equal(public, json_object_get(root, "pub")));
    vs_secret_free(text);
    json_decref(public);
    json_decref(root);
}

static void a_standard_key_needs_primes_that_allow_it(void **state) {
    (void)state;
    vs_public_key *none;
    vs_secret_key *made;
    char *text = json_dumps(json_object_get(vectors, "standard"), 0);
    assert_int_equal(read_key(&none, &made, text, VS_KEY_STANDARD), VS_OK);
    assert_int_equal(vs_public_key_info(vs_secret_key_public(made))->type, VS_KEY_STANDARD);
    vs_secret_key_free(made);
    free(text);
    assert_int_equal(read_key(&none, &made, secret_text, VS_KEY_STANDARD), VS_ERR_RANGE);
    assert_non_null(strstr(error.message, "4k + 3"));
    assert_non_null(strstr(error.hint, "leave out"));
}

static vs_secret_key *fixture(const char *name) {
    char path[300], text[8192];
    vs_secret_key *made;
    const char *reason;
    snprintf(path, sizeof path, "%s/fixtures/%s", VEILSUM_TESTS_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_int_equal(vs_secret_key_from_text(&made, text, len, NULL, 0, &reason), VS_OK);
    return made;
}

static void only_keys_that_both_programs_can_use_are_written(void **state) {
    (void)state;
    static const struct {
        const char *name, *refused;
    } keys[] = {{"k2048.key", NULL},
                {"k2048-short.key", NULL},
                {"k2048-degree2.key", "degree"},
                {"k2048-subgroup.key", "subgroup"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        vs_secret_key *key = fixture(keys[i].name);
        if (vs_public_key_info(vs_secret_key_public(key))->degree == 2 && keys[i].refused == NULL) {
            vs_secret_key_free(key); /* a short one of degree 2 */
            continue;
        }
        char *public, *secret;
        vs_status wanted = keys[i].refused == NULL ? VS_OK : VS_ERR_RANGE;
        assert_int_equal(vs_phe_public_key_write(vs_secret_key_public(key), &public, &error), wanted);
        assert_int_equal(vs_phe_secret_key_write(key, &secret, &error), wanted);
        assert_true((public != NULL) == (wanted == VS_OK) && (secret != NULL) == (wanted == VS_OK));
        vs_memory_source nothing;
        const vs_source in = vs_memory_source_open(&nothing, "in", "1\n", 2);
        vs_memory_sink all;
        const vs_sink out = vs_memory_sink_open(&all, "out");
        if (wanted != VS_OK) {
            assert_int_equal(vs_phe_encrypt(vs_secret_key_public(key), NULL, &in, &out, NULL, &error), wanted);
            assert_int_equal(vs_phe_decrypt(key, &in, &out, NULL, &error), wanted);
        }
        free(all.data);
        vs_secret_free(public);
        vs_secret_free(secret);
        vs_secret_key_free(key);
    }
}

static void assert_key_refused(const char *text, vs_status wanted, const char *part) {
    vs_public_key *public;
    vs_secret_key *secret;
    vs_status status = read_key(&public, &secret, text, VS_KEY_IMPORTED);
    if (status != wanted || strstr(error.message, part) == NULL) {
        fail_msg("status %d, '%s' should say '%s'", status, error.message, part);
    }
}

/* The vectors' key with one member replaced (NULL: taken out), in its public half where the path begins with "pub.". */
static char *changed(const char *path, const char *value) {
    json_t *root = json_deep_copy(json_object_get(vectors, "secret")), *at = root;
    if (strncmp(path, "pub.", 4) == 0) {
        at = json_object_get(root, "pub");
        path += 4;
    }
    if (value == NULL) {
        json_object_del(at, path);
    } else {
        json_t *made = json_loads(value, JSON_DECODE_ANY, NULL);
        assert_non_null(made);
        json_object_set_new(at, path, made);
    }
    char *text = json_dumps(root, 0);
    json_decref(root);
    return text;
}

static void keys_that_are_not_what_they_should_be_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *path, *value;
        vs_status status;
        const char *part;
    } bad[] = {
        {"kty", "\"RSA\"", VS_ERR_FORMAT, "'kty'"},
        {"kty", NULL, VS_ERR_FORMAT, "'kty'"},
        {"key_ops", "[\"encrypt\"]", VS_ERR_FORMAT, "'key_ops'"},
        {"key_ops", "\"decrypt\"", VS_ERR_FORMAT, "'key_ops'"},
        {"key_ops", NULL, VS_ERR_FORMAT, "'key_ops'"},
        {"p", NULL, VS_ERR_FORMAT, "'p'"},
        {"p", "17", VS_ERR_FORMAT, "'p'"},
        {"q", "\"\"", VS_ERR_FORMAT, "'q'"},
        {"q", "\"AQ==\"", VS_ERR_FORMAT, "'q'"},
        {"q", "\"+/+/\"", VS_ERR_FORMAT, "'q'"},
        {"q", "\"AAEC\"", VS_ERR_FORMAT, "'q'"},
        {"q", "\"AQF\"", VS_ERR_FORMAT, "'q'"},
        {"q", "\"A\"", VS_ERR_FORMAT, "'q'"},
        {"q", "\"AQAB\"", VS_ERR_RANGE, "half as long"},
        {"pub", NULL, VS_ERR_FORMAT, "pub: "},
        {"pub", "[]", VS_ERR_FORMAT, "pub: "},
        {"pub", "null", VS_ERR_FORMAT, "pub: "},
        {"pub.kty", "\"EC\"", VS_ERR_FORMAT, "pub: 'kty'"},
        {"pub.alg", "\"PAI-GN2\"", VS_ERR_FORMAT, "pub: 'alg'"},
        {"pub.alg", NULL, VS_ERR_FORMAT, "pub: 'alg'"},
        {"pub.key_ops", "[\"decrypt\"]", VS_ERR_FORMAT, "pub: 'key_ops'"},
        {"pub.n", NULL, VS_ERR_FORMAT, "pub: 'n'"},
        {"pub.n", "\"AQAB\"", VS_ERR_RANGE, "17 bits"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *text = changed(bad[i].path, bad[i].value);
        assert_key_refused(text, bad[i].status, bad[i].part);
        free(text);
    }
}

static void primes_of_another_modulus_are_refused(void **state) {
    (void)state;
    char n[800];
    snprintf(n, sizeof n, "\"%s\"", text_of(json_object_get(json_object_get(vectors, "standard"), "pub"), "n"));
    char *text = changed("pub.n", n);
    assert_key_refused(text, VS_ERR_RANGE, "is not the 'n'");
    free(text);
    snprintf(n, sizeof n, "\"%s\"", text_of(json_object_get(vectors, "secret"), "q"));
    text = changed("p", n);
    assert_key_refused(text, VS_ERR_RANGE, "power"); /* p = q */
    free(text);
}

static void other_json_is_refused_as_a_key(void **state) {
    (void)state;
    assert_key_refused("", VS_ERR_FORMAT, "not JSON");
    assert_key_refused("{", VS_ERR_FORMAT, "ends early");
    assert_key_refused("{} x", VS_ERR_FORMAT, "follows");
    assert_key_refused("{}", VS_ERR_FORMAT, "not a key");
    assert_key_refused("[1]", VS_ERR_FORMAT, "not a key");
    assert_key_refused("{\"v\": \"12\", \"e\": 0}", VS_ERR_FORMAT, "encrypted number");
    assert_key_refused("{\"kty\": \"DAJ\", \"kty\": \"DAJ\"}", VS_ERR_FORMAT, "same key twice");
    assert_key_refused("{\"kty\": \"\xff\"}", VS_ERR_FORMAT, "UTF-8");
    char *text = changed("p", NULL), *old;
    assert_true(asprintf(&old, "{\"lambda\": \"AQAB\", \"mu\": \"AQAB\", %s", text + 1) > 0);
    assert_key_refused(old, VS_ERR_FORMAT, "'lambda'");
    free(text);
    free(old);
    text = calloc(1, VS_MAX_PHE_KEY_BYTES + 2);
    memset(text, ' ', VS_MAX_PHE_KEY_BYTES + 1);
    assert_key_refused(text, VS_ERR_LIMIT, "KiB");
    memset(text, '[', VS_MAX_PHE_KEY_BYTES);
    text[VS_MAX_PHE_KEY_BYTES] = '\0';
    assert_key_refused(text, VS_ERR_FORMAT, "nested");
    free(text);
}

/* ---- numbers ---- */

static vs_status decrypt(char **decimals, const char *text, size_t len) {
    vs_memory_source from;
    vs_memory_sink to;
    const vs_source in = vs_memory_source_open(&from, "in", text, len);
    const vs_sink out = vs_memory_sink_open(&to, "out");
    memset(&error, 0, sizeof error);
    vs_status status = vs_phe_decrypt(sk, &in, &out, NULL, &error);
    assert_int_equal(out.write(out.context, "", 1, NULL), VS_OK);
    *decimals = (char *)to.data;
    return status;
}

static vs_status encrypt(char **numbers, const char *precision, const char *text) {
    vs_memory_source from;
    vs_memory_sink to;
    const vs_source in = vs_memory_source_open(&from, "in", text, strlen(text));
    const vs_sink out = vs_memory_sink_open(&to, "out");
    memset(&error, 0, sizeof error);
    vs_status status = vs_phe_encrypt(pk, precision, &in, &out, NULL, &error);
    assert_int_equal(out.write(out.context, "", 1, NULL), VS_OK);
    *numbers = (char *)to.data;
    return status;
}

/* All numbers of the vectors, with these texts around them; and what they decrypt to. */
static char *join(const char *open, const char *between, const char *close, char **decimals) {
    const json_t *list = json_object_get(vectors, "numbers");
    size_t count = json_array_size(list), room = count * 8192;
    char *text = calloc(1, room), *at = stpcpy(text, open), *decimal = *decimals = calloc(1, room);
    for (size_t i = 0; i < count; i++) {
        char *number = json_dumps(json_object_get(json_array_get(list, i), "number"), i % 2 == 0 ? 0 : JSON_INDENT(2));
        at = stpcpy(stpcpy(at, i > 0 ? between : ""), number);
        decimal = stpcpy(stpcpy(decimal, text_of(json_array_get(list, i), "decimal")), "\n");
        free(number);
    }
    strcpy(at, close);
    return text;
}

static void numbers_decrypt_to_their_last_digit(void **state) {
    (void)state;
    static const struct {
        const char *open, *between, *close;
    } forms[] = {{"[", ", ", "]"}, {"", "\n", "\n"}, {"\xef\xbb\xbf \n[ ", " ,\r\n", " ]\n\n"}, {"", "", ""}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char *wanted, *found, *text = join(forms[i].open, forms[i].between, forms[i].close, &wanted);
        assert_int_equal(decrypt(&found, text, strlen(text)), VS_OK);
        assert_string_equal(found, wanted);
        free(text);
        free(wanted);
        free(found);
    }
}

static void a_sum_that_has_overflowed_is_refused(void **state) {
    (void)state;
    const json_t *list = json_object_get(vectors, "overflows"), *good = json_object_get(vectors, "numbers");
    for (size_t i = 0; i < json_array_size(list); i++) {
        char *number = json_dumps(json_array_get(list, i), 0), *text, *found;
        char *first = json_dumps(json_object_get(json_array_get(good, i), "number"), 0);
        assert_true(asprintf(&text, "%s%s", first, number) > 0);
        assert_int_equal(decrypt(&found, text, strlen(text)), VS_ERR_RANGE);
        assert_non_null(strstr(error.message, "in: number 2: has overflowed"));
        free(first);
        free(number);
        free(text);
        free(found);
    }
}

static void assert_numbers_refused(const char *text, vs_status wanted, const char *part) {
    char *found;
    vs_status status = decrypt(&found, text, strlen(text));
    if (status != wanted || strstr(error.message, part) == NULL) {
        fail_msg("of '%.60s': status %d, '%s' should say '%s'", text, status, error.message, part);
    }
    free(found);
}

static void hostile_numbers_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        vs_status status;
        const char *part;
    } bad[] = {
        {"", VS_ERR_FORMAT, "no numbers"},
        {" \n", VS_ERR_FORMAT, "no numbers"},
        {"12", VS_ERR_FORMAT, "no JSON"},
        {"{", VS_ERR_FORMAT, "no JSON"},
        {"[", VS_ERR_FORMAT, "no JSON"},
        {"[]]", VS_ERR_FORMAT, "no JSON"},
        {"[[]]", VS_ERR_FORMAT, "no JSON"},
        {"{}", VS_ERR_FORMAT, "number 1: 'e'"},
        {"{x}", VS_ERR_FORMAT, "number 1: not JSON"},
        {"{\"v\": \"2\"}", VS_ERR_FORMAT, "'e'"},
        {"{\"e\": 0}", VS_ERR_FORMAT, "'v'"},
        {"{\"v\": 2, \"e\": 0}", VS_ERR_FORMAT, "'v'"},
        {"{\"v\": \"\", \"e\": 0}", VS_ERR_FORMAT, "'v'"},
        {"{\"v\": \"-2\", \"e\": 0}", VS_ERR_FORMAT, "'v'"},
        {"{\"v\": \"02\", \"e\": 0}", VS_ERR_FORMAT, "'v'"},
        {"{\"v\": \"0\", \"e\": 0}", VS_ERR_FORMAT, "'v'"},
        {"{\"v\": \"1_0\", \"e\": 0}", VS_ERR_FORMAT, "'v'"},
        {"{\"v\": \"2 \", \"e\": 0}", VS_ERR_FORMAT, "'v'"},
        {"{\"v\": \"2\", \"e\": \"0\"}", VS_ERR_FORMAT, "'e'"},
        {"{\"v\": \"2\", \"e\": -32.0}", VS_ERR_FORMAT, "'e'"},
        {"{\"v\": \"2\", \"e\": null}", VS_ERR_FORMAT, "'e'"},
        {"{\"v\": \"2\", \"e\": 1025}", VS_ERR_RANGE, "'e'"},
        {"{\"v\": \"2\", \"e\": -1025}", VS_ERR_RANGE, "'e'"},
        {"{\"v\": \"2\", \"e\": -100000000}", VS_ERR_RANGE, "'e'"},
        {"{\"v\": \"2\", \"e\": 100000000}", VS_ERR_RANGE, "'e'"},
        {"{\"v\": \"2\", \"e\": 9223372036854775807}", VS_ERR_RANGE, "'e'"},
        {"{\"v\": \"2\", \"e\": 9223372036854775808}", VS_ERR_FORMAT, "out of bounds"},
        {"{\"v\": \"2\", \"e\": 0, \"e\": 0}", VS_ERR_FORMAT, "twice"},
        {"{\"v\": \"2\", \"e\": 0, \"x\": 0}", VS_ERR_FORMAT, "alone"},
        {"{\"kty\": \"DAJ\", \"e\": 0}", VS_ERR_FORMAT, "alone"},
        {"[{\"v\": \"1\", \"e\": 0} {\"v\": \"1\", \"e\": 0}]", VS_ERR_FORMAT, "no JSON"},
        {"[{\"v\": \"1\", \"e\": 0}", VS_ERR_FORMAT, "no JSON"},
        {"[{\"v\": \"1\", \"e\": 0}] 1", VS_ERR_FORMAT, "no JSON"},
        {"{\"v\": \"1\", \"e\": 0},", VS_ERR_FORMAT, "no JSON"},
        {"{\"v\": \"1\", \"e\": 0}{\"v\": \"}\\\"\", \"e\": 0}", VS_ERR_FORMAT, "number 2: 'v'"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_numbers_refused(bad[i].text, bad[i].status, bad[i].part);
    }
    char *none;
    assert_int_equal(decrypt(&none, "[]", 2), VS_OK); /* a list of none is a list */
    assert_string_equal(none, "");
    free(none);
    assert_int_equal(decrypt(&none, "{\"v\": \"1\\u0000\", \"e\": 0}", 24), VS_ERR_FORMAT);
    free(none);
}

/* v = n² − 1 is a ciphertext, n² is not, nor is n, which is no unit. */
static void ciphertexts_are_units_below_the_square(void **state) {
    (void)state;
    char digits[3000], text[4000], *found;
    vs__phe_numbers numbers = {.pk = NULL};
    assert_int_equal(vs__phe_numbers_open(&numbers, pk, &error), VS_OK);
    assert_int_equal(vs_integer_to_decimal(digits, sizeof digits, numbers.square, 0), VS_OK);
    snprintf(text, sizeof text, "{\"v\": \"%s\", \"e\": 0}", digits);
    assert_numbers_refused(text, VS_ERR_RANGE, "number 1: 'v' is not below");
    snprintf(text, sizeof text, "{\"v\": \"%s0\", \"e\": 0}", digits);
    assert_numbers_refused(text, VS_ERR_RANGE, "number 1: 'v' is not below");
    vs_integer_set(numbers.a, 1);
    vs_integer_sub(numbers.a, numbers.square, numbers.a);
    assert_int_equal(vs_integer_to_decimal(digits, sizeof digits, numbers.a, 0), VS_OK);
    snprintf(text, sizeof text, "{\"v\": \"%s\", \"e\": 0}", digits);
    assert_int_equal(decrypt(&found, text, strlen(text)), VS_OK); /* −1 = (−1)^n: an encryption of 0 */
    assert_string_equal(found, "0\n");
    free(found);
    assert_int_equal(vs_integer_to_decimal(digits, sizeof digits, numbers.n, 0), VS_OK);
    snprintf(text, sizeof text, "{\"v\": \"1\", \"e\": 0} {\"v\": \"%s\", \"e\": 0} {\"v\": \"1\", \"e\": 0}", digits);
    assert_numbers_refused(text, VS_ERR_RANGE, "number 2: 'v' is no ciphertext");
    vs__phe_numbers_close(&numbers);
}

static void a_number_longer_than_any_is_refused(void **state) {
    (void)state;
    size_t len = VS_MAX_PHE_NUMBER_BYTES + 100;
    char *text = malloc(len + 1);
    memset(text, '9', len);
    memcpy(text, "{\"v\": \"", 7);
    text[len] = '\0';
    assert_numbers_refused(text, VS_ERR_LIMIT, "number 1 is longer");
    char *numbers;
    memset(text, '9', 10);
    assert_int_equal(encrypt(&numbers, NULL, text), VS_ERR_LIMIT);
    assert_non_null(strstr(error.message, "in: line 1 is longer"));
    free(numbers);
    free(text);
}

/* ---- decimals ---- */

static void encode_vector(const json_t *vector) {
    vs__phe_numbers numbers = {.pk = NULL};
    uint8_t m[VS_MAX_BITS / 8], wanted[VS_MAX_BITS / 8];
    int exponent = 77;
    const char *text = text_of(vector, "decimal"), *precision = json_string_value(json_object_get(vector, "precision"));
    const char *digits = json_string_value(json_object_get(vector, "m"));
    assert_int_equal(vs__phe_numbers_open(&numbers, pk, &error), VS_OK);
    if (precision != NULL) {
        assert_int_equal(vs__phe_set_precision(&numbers, precision, &error), VS_OK);
    }
    vs_status status = vs__phe_encode(&numbers, m, &exponent, text, strlen(text), &error);
    if (digits == NULL) {
        assert_int_equal(status, VS_ERR_RANGE);
        assert_non_null(strstr(error.message, "no finite form in base 16"));
        assert_non_null(strstr(error.hint, "--precision"));
    } else {
        assert_int_equal(status, VS_OK);
        assert_int_equal(exponent, json_integer_value(json_object_get(vector, "e")));
        assert_int_equal(vs_integer_from_digits(numbers.a, digits, strlen(digits)), VS_OK);
        vs_integer_to_bytes(wanted, numbers.digit_bytes, numbers.a);
        if (memcmp(m, wanted, numbers.digit_bytes) != 0) {
            fail_msg("'%s' at precision %s is not %.40s", text, precision, digits);
        }
    }
    vs__phe_numbers_close(&numbers);
}

static void decimals_encode_as_the_script_says(void **state) {
    (void)state;
    const json_t *list = json_object_get(vectors, "encodings");
    assert_true(json_array_size(list) > 100);
    for (size_t i = 0; i < json_array_size(list); i++) {
        encode_vector(json_array_get(list, i));
    }
}

static void decimals_come_back(void **state) {
    (void)state;
    char *numbers, *back;
    assert_int_equal(encrypt(&numbers, NULL,
                             "\xef\xbb\xbf"
                             "1\r\n-0.5\n9007199254740993\n+12.750\n0\n-1e3"),
                     VS_OK);
    assert_int_equal(decrypt(&back, numbers, strlen(numbers)), VS_OK);
    assert_string_equal(back, "1\n-0.5\n9007199254740993\n12.75\n0\n-1000\n");
    free(numbers);
    free(back);
    assert_int_equal(encrypt(&numbers, "0.01", "0.1\n-0.1\n3.14\n"), VS_OK);
    for (const char *at = numbers; (at = strstr(at, "\"e\": ")) != NULL; at++) {
        assert_memory_equal(at, "\"e\": -2}\n", 9);
    }
    assert_int_equal(decrypt(&back, numbers, strlen(numbers)), VS_OK);
    assert_string_equal(back, "0.1015625\n-0.1015625\n3.140625\n");
    free(numbers);
    free(back);
}

static void batches_are_seamless(void **state) {
    (void)state;
    size_t count = VS__PHE_BATCH + 3, len = 0;
    char *text = calloc(count, 8), *numbers, *back;
    for (size_t i = 0; i < count; i++) {
        len += (size_t)sprintf(text + len, "%zu\n", i);
    }
    assert_int_equal(encrypt(&numbers, NULL, text), VS_OK);
    assert_int_equal(decrypt(&back, numbers, strlen(numbers)), VS_OK);
    assert_string_equal(back, text);
    strcpy(text + len, "x\n");
    free(numbers);
    free(back);
    assert_int_equal(encrypt(&numbers, NULL, text), VS_ERR_FORMAT);
    assert_non_null(strstr(error.message, "in: line 1028: not a number"));
    free(numbers);
    free(text);
}

static void assert_decimal_refused(const char *precision, const char *text, vs_status wanted, const char *part) {
    char *numbers;
    vs_status status = encrypt(&numbers, precision, text);
    if (status != wanted || strstr(error.message, part) == NULL) {
        fail_msg("of '%.60s': status %d, '%s' should say '%s'", text, status, error.message, part);
    }
    assert_string_equal(numbers, "");
    free(numbers);
}

static void lines_that_are_no_numbers_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"x",
                                      "1,5",
                                      "1 2",
                                      " 1",
                                      "",
                                      "-",
                                      ".",
                                      "1e",
                                      "1e+",
                                      "e5",
                                      "0x10",
                                      "1_0",
                                      "NaN",
                                      "inf",
                                      "12%",
                                      "1.2.3",
                                      "--1",
                                      "\"1\"",
                                      "1;2",
                                      "\342\210\2221"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[40];
        snprintf(text, sizeof text, "1\n%s\n", bad[i]);
        assert_decimal_refused(NULL, text, VS_ERR_FORMAT, "in: line 2: not a number");
    }
    assert_decimal_refused(NULL, "", VS_ERR_FORMAT, "in: holds no numbers");
    assert_decimal_refused(NULL, "1e999999999999999999999", VS_ERR_LIMIT, "power of ten");
    assert_decimal_refused(NULL, "1e-999999999999999999999", VS_ERR_LIMIT, "power of ten");
    assert_decimal_refused(NULL, "1e1101", VS_ERR_LIMIT, "power of ten");
    assert_decimal_refused(NULL, "1e1000", VS_ERR_RANGE, "third of the modulus");
    assert_decimal_refused("1e-300", "1e500", VS_ERR_RANGE, "third of the modulus");
}

static void numbers_beyond_a_third_of_the_modulus_are_refused(void **state) {
    (void)state;
    const json_t *list = json_object_get(vectors, "too_large");
    for (size_t i = 0; i < 2; i++) {
        assert_decimal_refused(NULL, json_string_value(json_array_get(list, i)), VS_ERR_RANGE, "third of the modulus");
    }
}

static void precisions_out_of_bounds_are_refused(void **state) {
    (void)state;
    assert_decimal_refused("0", "1\n", VS_ERR_RANGE, "the precision: ");
    assert_decimal_refused("-1", "1\n", VS_ERR_RANGE, "the precision: ");
    assert_decimal_refused("x", "1\n", VS_ERR_FORMAT, "the precision: ");
    assert_decimal_refused("", "1\n", VS_ERR_FORMAT, "the precision: ");
    assert_decimal_refused("1e-99999", "1\n", VS_ERR_LIMIT, "the precision: ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_key_and_its_public_half_are_one_key),
        cmocka_unit_test(keys_are_written_as_they_were_read),
        cmocka_unit_test(a_standard_key_needs_primes_that_allow_it),
        cmocka_unit_test(only_keys_that_both_programs_can_use_are_written),
        cmocka_unit_test(keys_that_are_not_what_they_should_be_are_refused),
        cmocka_unit_test(primes_of_another_modulus_are_refused),
        cmocka_unit_test(other_json_is_refused_as_a_key),
        cmocka_unit_test(numbers_decrypt_to_their_last_digit),
        cmocka_unit_test(a_sum_that_has_overflowed_is_refused),
        cmocka_unit_test(hostile_numbers_are_refused),
        cmocka_unit_test(ciphertexts_are_units_below_the_square),
        cmocka_unit_test(a_number_longer_than_any_is_refused),
        cmocka_unit_test(decimals_encode_as_the_script_says),
        cmocka_unit_test(decimals_come_back),
        cmocka_unit_test(batches_are_seamless),
        cmocka_unit_test(lines_that_are_no_numbers_are_refused),
        cmocka_unit_test(numbers_beyond_a_third_of_the_modulus_are_refused),
        cmocka_unit_test(precisions_out_of_bounds_are_refused),
    };
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, open_vectors, close_vectors);
}
