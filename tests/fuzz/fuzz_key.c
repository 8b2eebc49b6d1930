/* Keys as text: public and secret. What is accepted encodes to the same key again.
 *
 * An input that reaches the prime tests costs a fifth of a second and more; that is the price of checking keys, and few
 * mutations get there. Sealed bytes are tried by themselves, where their parameters are out of bounds or cheap.
 */
#include <stdlib.h>

#include "crypto/paillier/key_proof.h"
#include "crypto/seal.h"
#include "tests/fuzz/fuzz.h"

static void check_reason(vs_status status, const char *reason) {
    VS_CHECK(status == VS_OK || status == VS_ERR_MEMORY || (reason != NULL && strchr(reason, '\n') == NULL));
}

static void read_public(const char *text, size_t len) {
    vs_public_key *pk = NULL, *again = NULL;
    const char *reason = NULL;
    vs_status status = vs_public_key_from_text(&pk, text, len, &reason);
    check_reason(status, reason);
    VS_CHECK((status == VS_OK) == (pk != NULL));
    if (pk != NULL) {
        vs_status proved = vs_public_key_check_proof(pk, &reason);
        VS_CHECK(vs_public_key_has_proof(pk) ? proved == VS_OK || proved == VS_ERR_AUTH : proved == VS_ERR_POLICY);
        check_reason(proved, reason);
        char *same = vs_public_key_to_text(pk);
        VS_CHECK(same != NULL && vs_public_key_from_text(&again, same, strlen(same), &reason) == VS_OK);
        VS_CHECK(vs_equal(vs_public_key_info(pk)->fingerprint, vs_public_key_info(again)->fingerprint, VS_HASH_BYTES));
        VS_CHECK(vs_public_key_check_proof(again, &reason) == proved);
        free(same);
    }
    vs_public_key_free(again);
    vs_public_key_free(pk);
}

static void read_secret(const char *text, size_t len) {
    vs_secret_key *sk = NULL;
    const char *reason = NULL;
    if (vs_secret_key_text_is_sealed(text, len)) {
        return;
    }
    vs_status status = vs_secret_key_from_text(&sk, text, len, NULL, 0, &reason);
    check_reason(status, reason);
    VS_CHECK((status == VS_OK) == (sk != NULL));
    vs_secret_key_free(sk);
}

static uint32_t u32_at(const uint8_t *data) {
    return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

/* After the magic: passes, then memory in KiB. */
static void read_sealed(const uint8_t *data, size_t size) {
    if (size < VS_SEAL_OVERHEAD) {
        return;
    }
    uint32_t passes = u32_at(data + 8), memory_kib = u32_at(data + 12);
    int refused = passes > VS_SEAL_MAX_PASSES || memory_kib > VS_SEAL_MAX_MEMORY_KIB;
    if (!refused && (passes > 2 || memory_kib > 64)) {
        return;
    }
    size_t plain_len = size - VS_SEAL_OVERHEAD;
    uint8_t *plain = vs_secret_alloc(plain_len + 1);
    VS_CHECK(plain != NULL);
    vs_status status = vs_unseal(plain, data, size, "passphrase", 10);
    VS_CHECK(!refused || status == VS_ERR_LIMIT || status == VS_ERR_FORMAT);
    vs_secret_free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    read_public((const char *)data, size);
    read_secret((const char *)data, size);
    read_sealed(data, size);
    return 0;
}
