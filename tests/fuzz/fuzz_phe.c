/* python-paillier's JSON: the first byte says whether the rest is a key, encrypted numbers or decimals. What is
 * accepted comes back as the same.
 *
 * Keys that reach the prime tests, and numbers that reach encryption, cost their time: few mutations get there.
 */
#include <stdlib.h>

#include "aggregate/convert/phe.h"
#include "tests/fuzz/fuzz.h"

/* The modulus and primes of a key for tests, as the corpus has them. */
static const char key_json[] =
#include "tests/fuzz/phe_key.inc"
    ;

static vs_secret_key *kept;

/* A search for leaks does not look into secret memory, where the key points to its public half from. */
static void free_key(void) {
    vs_secret_key_free(kept);
}

static vs_secret_key *key(void) {
    if (kept == NULL) {
        vs_public_key *none;
        vs_error error = {0};
        VS_CHECK(vs_phe_key_read(&none, &kept, key_json, sizeof key_json - 1, VS_KEY_IMPORTED, &error) == VS_OK);
        VS_CHECK(atexit(free_key) == 0);
    }
    return kept;
}

static void read_key(const char *text, size_t len) {
    vs_public_key *pk = NULL, *again = NULL;
    vs_secret_key *sk = NULL, *none = NULL;
    vs_error error = {0};
    vs_status status = vs_phe_key_read(&pk, &sk, text, len, VS_KEY_IMPORTED, &error);
    fuzz_check_status(status, &error);
    VS_CHECK((status == VS_OK) == (pk != NULL || sk != NULL));
    if (status == VS_OK) {
        char *same;
        const vs_public_key *read = pk != NULL ? pk : vs_secret_key_public(sk);
        VS_CHECK(vs_phe_public_key_write(read, &same, &error) == VS_OK);
        VS_CHECK(vs_phe_key_read(&again, &none, same, strlen(same), VS_KEY_IMPORTED, &error) == VS_OK);
        VS_CHECK(memcmp(vs_public_key_info(read)->fingerprint, vs_public_key_info(again)->fingerprint, VS_HASH_BYTES) ==
                 0);
        vs_secret_free(same);
    }
    vs_public_key_free(pk);
    vs_public_key_free(again);
    vs_secret_key_free(sk);
}

/* Exact decimals may have no more digits than this for each number. */
#define MAX_DECIMAL 6000

static void read_numbers(const char *text, size_t len) {
    vs_memory_source from;
    vs_memory_sink to;
    vs_error error = {0};
    const vs_source in = vs_memory_source_open(&from, "in", text, len);
    const vs_sink out = vs_memory_sink_open(&to, "out");
    vs_status status = vs_phe_decrypt(key(), &in, &out, NULL, &error);
    fuzz_check_status(status, &error);
    size_t lines = 0;
    for (size_t i = 0; i < to.len; i++) {
        lines += to.data[i] == '\n';
    }
    VS_CHECK(to.len <= lines * MAX_DECIMAL && lines <= len / 2);
    free(to.data);
}

/* The first byte of the text chooses a precision. */
static void read_decimals(const char *text, size_t len) {
    static const char *const precisions[] = {NULL, "1", "0.01", "1e3"};
    vs_memory_source from, back;
    vs_memory_sink to, decimals;
    vs_error error = {0};
    if (len == 0 || len > 200) { /* each number is encrypted and decrypted */
        return;
    }
    const vs_source in = vs_memory_source_open(&from, "in", text + 1, len - 1);
    const vs_sink out = vs_memory_sink_open(&to, "out");
    vs_status status = vs_phe_encrypt(vs_secret_key_public(key()), precisions[text[0] & 3], &in, &out, NULL, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        const vs_source numbers = vs_memory_source_open(&back, "back", to.data, to.len);
        const vs_sink end = vs_memory_sink_open(&decimals, "decimals");
        VS_CHECK(vs_phe_decrypt(key(), &numbers, &end, NULL, &error) == VS_OK);
        free(decimals.data);
    }
    free(to.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    if (size == 0) {
        return 0;
    }
    const char *text = (const char *)data + 1;
    switch (data[0]) {
    case 'k':
        read_key(text, size - 1);
        break;
    case 'n':
        read_numbers(text, size - 1);
        break;
    case 'd':
        read_decimals(text, size - 1);
        break;
    default:
        break;
    }
    return 0;
}
