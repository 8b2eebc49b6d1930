/* Key shares: their text, and what may be sealed in it. The corpus's key has one holder whose identity is known; an
 * input is tried as a text, and as sealed bytes, so that mutations get behind the seal. */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/armour.h"
#include "crypto/paillier/threshold_internal.h"
#include "tests/fuzz/fuzz.h"

#define MAX_PLAIN 4096u

/* A key with numbers of no meaning, among holders whose identities are made here: what its shares are checked against.
 */
static vs_threshold_key *key;
static vs_identity *identity;

static void make_key(void) {
    const vs_key_options options = {.bits = 2048, .degree = 1};
    uint8_t n[VS_MAX_DIGIT_BYTES], h[VS_MAX_DIGIT_BYTES] = {4}, commitment[VS_MAX_ELEMENT_BYTES] = {9};
    vs_public_identity holders[2];
    vs_identity *other = NULL;
    vs_public_key *pk = NULL;
    memset(n, 0xff, sizeof n);
    n[0] = 0xfd; /* 2^2048 − 3 */
    VS_CHECK(vs_identity_new(&identity, "A") == VS_OK && vs_identity_new(&other, "B") == VS_OK);
    holders[0] = *vs_identity_public(identity);
    holders[1] = *vs_identity_public(other);
    VS_CHECK(vs__public_key_make(&pk, &options, n, h) == VS_OK);
    VS_CHECK(vs__threshold_key_make(&key, pk, 2, 2, holders, commitment) == VS_OK);
    vs_identity_free(other);
}

static void read_text(const char *text, size_t len) {
    vs_key_share *share = NULL;
    vs_public_identity holder;
    const char *reason = NULL;
    vs_status status = vs_key_share_text_holder(&holder, text, len, &reason);
    VS_CHECK(status == VS_OK || reason != NULL);
    status = vs_key_share_from_text(&share, key, identity, text, len, &reason);
    VS_CHECK((status == VS_OK) == (share != NULL));
    VS_CHECK(status == VS_OK || (reason != NULL && strchr(reason, '\n') == NULL));
    vs_key_share_free(share);
}

/* The input as what a dealer sealed, with the key's fingerprint in its place where it is long enough. */
static void read_sealed(const uint8_t *data, size_t size) {
    uint8_t plain[MAX_PLAIN], sealed[MAX_PLAIN + VS_SEAL_TO_OVERHEAD];
    char text[2 * MAX_PLAIN + 512], line[VS_MAX_IDENTITY_TEXT];
    if (size > MAX_PLAIN) {
        return;
    }
    memcpy(plain, data, size);
    if (size >= 8 + VS_HASH_BYTES) {
        memcpy(plain + 8, vs_threshold_key_info(key)->fingerprint, VS_HASH_BYTES);
    }
    VS_CHECK(vs_seal_to(sealed, vs_identity_public(identity), plain, size) == VS_OK);
    vs_public_identity_to_text(line, vs_identity_public(identity));
    int top = snprintf(text, sizeof text, "veilsum key share 1\nsealed to %s\n", line);
    (void)vs__armour_write(text + top, sealed, size + VS_SEAL_TO_OVERHEAD);
    read_text(text, strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    if (key == NULL) {
        make_key();
    }
    read_text((const char *)data, size);
    read_sealed(data, size);
    return 0;
}
