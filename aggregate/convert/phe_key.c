/* Keys between veilsum and python-paillier: both are the same numbers n, p and q.
 *
 * What they have in common is less than what either has. Theirs know no base h of the randomness, and their primes are
 * any, so they become keys of type VS_KEY_IMPORTED; ours lose h.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/convert/convert_internal.h"
#include "crypto/base64.h"
#include "crypto/guard.h"
#include "crypto/secret.h"

#define MAX_DIGIT_BYTES (VS_MAX_BITS / 8)
#define MAX_URL_TEXT (VS__BASE64_LEN(MAX_DIGIT_BYTES) + 1)
#define MAX_KEY_TEXT (4 * MAX_URL_TEXT) /* n, p and q, the latter half as long, and some words */

vs_status vs_phe_key_check(const vs_public_key *pk, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(pk);
    if (info->degree != 1) {
        (void)vs_fail(error, VS_ERR_RANGE, "a key of degree %u; python-paillier has degree 1 alone", info->degree);
        vs_hint(error, "'veilsum keygen --degree 1' makes keys that both programs use");
        return VS_ERR_RANGE;
    }
    if (info->type == VS_KEY_SUBGROUP) { /* nearly no r^n lies in the subgroup of h */
        (void)vs_fail(error, VS_ERR_RANGE, "a key of type subgroup does not decrypt what python-paillier encrypts");
        vs_hint(error, "keys of type standard do: 'veilsum keygen --type standard'");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

/* ---- base64url of big-endian numbers ---- */

static void reverse(uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len / 2; i++) {
        uint8_t other = bytes[len - 1 - i];
        bytes[len - 1 - i] = bytes[i];
        bytes[i] = other;
    }
}

/* Swap the characters that the two alphabets do not share, without a branch: it may be a prime's. */
static char swap(char c, char from, char to) {
    unsigned char same = (unsigned char)-(unsigned char)(c == from);
    return (char)(c ^ ((from ^ to) & same));
}

static void write_number(char out[MAX_URL_TEXT], const uint8_t *number, size_t len) {
    uint8_t *bytes = vs_secret_alloc(MAX_DIGIT_BYTES);
    VS_CHECK(bytes != NULL && len <= MAX_DIGIT_BYTES);
    memcpy(bytes, number, len);
    reverse(bytes, len);
    vs__base64_encode(out, bytes, len);
    size_t text_len = (4 * len + 2) / 3;
    for (size_t i = 0; i < text_len; i++) {
        out[i] = swap(swap(out[i], '+', '-'), '/', '_');
    }
    out[text_len] = '\0';
    vs_secret_free(bytes);
}

/* The member `key` of `object` as `*len` little-endian bytes, the highest of them not 0. `scratch`: MAX_URL_TEXT + 3.
 */
static vs_status read_number(uint8_t out[MAX_DIGIT_BYTES], size_t *len, const json_t *object, const char *key,
                             char *scratch, vs_error *error) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) {
        return vs_fail(error, VS_ERR_FORMAT, "'%s' is not there, or not a string", key);
    }
    const char *text = json_string_value(value);
    size_t text_len = json_string_length(value);
    if (text_len >= MAX_URL_TEXT) {
        return vs_fail(error, VS_ERR_LIMIT, "'%s' is longer than %u bits", key, VS_MAX_BITS);
    }
    bool right = true;
    for (size_t i = 0; i < text_len; i++) {
        right &= text[i] != '+' && text[i] != '/' && text[i] != '=';
        scratch[i] = swap(swap(text[i], '-', '+'), '_', '/');
    }
    for (; text_len % 4 != 0; text_len++) {
        scratch[text_len] = '=';
    }
    right = right && vs__base64_decode(out, MAX_DIGIT_BYTES, len, scratch, text_len) && *len > 0 && out[0] != 0;
    if (!right) {
        return vs_fail(error, VS_ERR_FORMAT, "'%s' is no number in base64url without padding", key);
    }
    reverse(out, *len);
    return VS_OK;
}

/* ---- reading ---- */

static vs_status expect_text(const json_t *object, const char *key, const char *wanted, vs_error *error) {
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value) && strcmp(json_string_value(value), wanted) == 0) {
        return VS_OK;
    }
    return vs_fail(error, VS_ERR_FORMAT, "'%s' is not \"%s\"", key, wanted);
}

static vs_status expect_operation(const json_t *object, const char *wanted, vs_error *error) {
    const json_t *list = json_object_get(object, "key_ops");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *operation = json_array_get(list, i);
        if (json_is_string(operation) && strcmp(json_string_value(operation), wanted) == 0) {
            return VS_OK;
        }
    }
    return vs_fail(error, VS_ERR_FORMAT, "'key_ops' does not hold \"%s\"", wanted);
}

/* Sizes that python-paillier makes and veilsum does not use are told by their number. */
static vs_status check_size(const uint8_t *n, size_t len, vs_error *error) {
    size_t bits = 8 * len;
    for (uint8_t top = n[len - 1]; top < 0x80; top = (uint8_t)(top << 1)) { /* it is not 0 */
        bits--;
    }
    if (bits == 2048 || bits == 3072 || bits == 4096) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_RANGE, "the modulus has %zu bits; only 2048, 3072 and 4096 are used", bits);
    vs_hint(error, "make a new key of one of those sizes, and encrypt again under it");
    return VS_ERR_RANGE;
}

static vs_status read_modulus(uint8_t n[MAX_DIGIT_BYTES], size_t *len, const json_t *object, char *scratch,
                              vs_error *error) {
    vs_status status = expect_text(object, "kty", "DAJ", error);
    if (status == VS_OK) {
        status = expect_text(object, "alg", "PAI-GN1", error);
    }
    if (status == VS_OK) {
        status = expect_operation(object, "encrypt", error);
    }
    if (status == VS_OK) {
        status = read_number(n, len, object, "n", scratch, error);
    }
    return status == VS_OK ? check_size(n, *len, error) : status;
}

static vs_status read_public(vs_public_key **pk, const json_t *root, char *scratch, vs_error *error) {
    uint8_t n[MAX_DIGIT_BYTES];
    size_t len;
    const char *reason = NULL;
    vs_status status = read_modulus(n, &len, root, scratch, error);
    if (status != VS_OK) {
        return status;
    }
    status = vs_public_key_import(pk, n, len, &reason);
    return status == VS_OK ? VS_OK : vs_fail(error, status, "%s", reason);
}

/* What older versions of python-paillier wrote. */
static vs_status refuse_old(const json_t *root, vs_error *error) {
    if (json_object_get(root, "p") != NULL || json_object_get(root, "lambda") == NULL) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_FORMAT, "a secret key with 'lambda' and 'mu' in the place of its primes");
    vs_hint(error, "an older python-paillier wrote it; 'p' and 'q', as newer ones write them, are needed");
    return VS_ERR_FORMAT;
}

static vs_status read_primes(vs_secret_key **sk, const json_t *root, const uint8_t *n, size_t len, uint8_t *secret,
                             char *scratch, vs_key_type type, vs_error *error) {
    uint8_t *p = secret, *q = secret + MAX_DIGIT_BYTES, *product = q + MAX_DIGIT_BYTES;
    size_t p_len, q_len;
    const char *reason = NULL;
    vs_status status = read_number(p, &p_len, root, "p", scratch, error);
    if (status == VS_OK) {
        status = read_number(q, &q_len, root, "q", scratch, error);
    }
    if (status == VS_OK && (p_len != len / 2 || q_len != len / 2)) {
        status = vs_fail(error, VS_ERR_RANGE, "'p' and 'q' are not half as long as 'n'");
    }
    if (status == VS_OK) {
        status = vs_secret_key_import(sk, p, q, p_len, type, &reason);
        if (status != VS_OK) {
            (void)vs_fail(error, status, "%s", reason);
        }
        if (status == VS_ERR_RANGE && type == VS_KEY_STANDARD) {
            vs_hint(error, "most of python-paillier's keys are of type imported only: leave out '--type standard'");
        }
    }
    if (status == VS_OK) {
        vs_public_key_modulus(vs_secret_key_public(*sk), product);
        if (!VS_GUARD(phe_key_halves, memcmp(product, n, len) == 0)) {
            status = vs_fail(error, VS_ERR_RANGE, "'p' times 'q' is not the 'n' of 'pub'");
            vs_secret_key_free(*sk);
            *sk = NULL;
        }
    }
    return status;
}

static vs_status read_secret(vs_secret_key **sk, const json_t *root, char *scratch, vs_key_type type, vs_error *error) {
    uint8_t n[MAX_DIGIT_BYTES];
    size_t len;
    uint8_t *secret = vs_secret_alloc(3 * MAX_DIGIT_BYTES);
    if (secret == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = expect_text(root, "kty", "DAJ", error);
    if (status == VS_OK) {
        status = expect_operation(root, "decrypt", error);
    }
    if (status == VS_OK) {
        status = refuse_old(root, error);
    }
    if (status == VS_OK) {
        status = read_modulus(n, &len, json_object_get(root, "pub"), scratch, error);
        if (status != VS_OK) {
            vs_error_at(error, "pub");
        }
    }
    if (status == VS_OK) {
        status = read_primes(sk, root, n, len, secret, scratch, type, error);
    }
    vs_secret_free(secret);
    return status;
}

static vs_status read_tree(vs_public_key **pk, vs_secret_key **sk, const json_t *root, char *scratch, vs_key_type type,
                           vs_error *error) {
    if (json_object_get(root, "pub") != NULL || json_object_get(root, "p") != NULL) {
        return read_secret(sk, root, scratch, type, error);
    }
    if (json_object_get(root, "v") != NULL) {
        (void)vs_fail(error, VS_ERR_FORMAT, "an encrypted number, not a key");
        vs_hint(error, "-k NAME.key decrypts it");
        return VS_ERR_FORMAT;
    }
    if (json_object_get(root, "kty") == NULL) {
        (void)vs_fail(error, VS_ERR_FORMAT, "not a key of python-paillier");
        vs_hint(error, "such a key is a JSON object with \"kty\": \"DAJ\", as 'pheutil' writes it");
        return VS_ERR_FORMAT;
    }
    return read_public(pk, root, scratch, error);
}

/* jansson's memory may hold primes. What malloc gave is at least so long, and nothing else writes there. */
static void wiping_free(void *memory) {
    if (memory != NULL) {
        vs_wipe(memory, malloc_usable_size(memory));
        free(memory);
    }
}

vs_status vs_phe_key_read(vs_public_key **pk, vs_secret_key **sk, const char *text, size_t len, vs_key_type type,
                          vs_error *error) {
    *pk = NULL;
    *sk = NULL;
    if (len > VS_MAX_PHE_KEY_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "larger than %u KiB", VS_MAX_PHE_KEY_BYTES >> 10);
    }
    char *scratch = vs_secret_alloc(MAX_URL_TEXT + 3);
    if (scratch == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    json_malloc_t allocate;
    json_free_t release;
    json_t *root;
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(malloc, wiping_free);
    vs_status status = vs__phe_json_load(&root, "a key", text, len, error);
    if (status == VS_OK) {
        status = read_tree(pk, sk, root, scratch, type, error);
    }
    json_decref(root);
    json_set_alloc_funcs(allocate, release);
    vs_secret_free(scratch);
    return status;
}

/* ---- writing ---- */

/* A public key's object, without a line's end; `*at` moves behind it. */
static void put_public(char **at, const vs_public_key *pk) {
    const vs_key_info *info = vs_public_key_info(pk);
    uint8_t bytes[MAX_DIGIT_BYTES];
    char n[MAX_URL_TEXT], print[2 * VS_HASH_BYTES + 1];
    vs_public_key_modulus(pk, bytes);
    write_number(n, bytes, info->digit_bytes);
    vs_to_hex(print, info->fingerprint, VS_HASH_BYTES);
    *at += sprintf(*at,
                   "{\"kty\": \"DAJ\", \"alg\": \"PAI-GN1\", \"key_ops\": [\"encrypt\"], \"n\": \"%s\", "
                   "\"kid\": \"veilsum public key %.16s\"}",
                   n, print);
}

vs_status vs_phe_public_key_write(const vs_public_key *pk, char **text, vs_error *error) {
    *text = NULL;
    vs_status status = vs_phe_key_check(pk, error);
    if (status != VS_OK) {
        return status;
    }
    char *at = vs_secret_alloc(MAX_KEY_TEXT);
    if (at == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    *text = at;
    put_public(&at, pk);
    memcpy(at, "\n", 2);
    return VS_OK;
}

vs_status vs_phe_secret_key_write(const vs_secret_key *sk, char **text, vs_error *error) {
    *text = NULL;
    const vs_public_key *pk = vs_secret_key_public(sk);
    const vs_key_info *info = vs_public_key_info(pk);
    char print[2 * VS_HASH_BYTES + 1];
    vs_status status = vs_phe_key_check(pk, error);
    if (status != VS_OK) {
        return status;
    }
    char *at = vs_secret_alloc(MAX_KEY_TEXT + MAX_URL_TEXT + 2 * MAX_DIGIT_BYTES);
    if (at == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    *text = at;
    char *number = at + MAX_KEY_TEXT; /* behind the text, wiped with it */
    uint8_t *p = (uint8_t *)number + MAX_URL_TEXT, *q = p + MAX_DIGIT_BYTES;
    vs_secret_key_primes(sk, p, q);
    vs_to_hex(print, info->fingerprint, VS_HASH_BYTES);
    at += sprintf(at, "{\"kty\": \"DAJ\", \"key_ops\": [\"decrypt\"], \"p\": \"");
    for (int i = 0; i < 2; i++) { /* not through sprintf, which may keep copies */
        write_number(number, i == 0 ? p : q, info->digit_bytes / 2);
        at = stpcpy(at, number);
        at = stpcpy(at, i == 0 ? "\", \"q\": \"" : "\", \"pub\": ");
    }
    put_public(&at, pk);
    sprintf(at, ", \"kid\": \"veilsum secret key %.16s\"}\n", print);
    vs_wipe(number, MAX_URL_TEXT + 2 * MAX_DIGIT_BYTES);
    return VS_OK;
}
