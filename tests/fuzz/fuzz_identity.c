/* Identities as text, public and secret. What is accepted encodes to the same text again. */
#include "crypto/sign/identity.h"
#include "tests/fuzz/fuzz.h"

static void read_public(const char *text, size_t len) {
    vs_public_identity identity;
    char again[VS_MAX_IDENTITY_TEXT];
    const char *reason = NULL;
    vs_status status = vs_public_identity_from_text(&identity, text, len, &reason);
    VS_CHECK((status == VS_OK) == (reason == NULL));
    VS_CHECK((status == VS_OK) == (identity.name[0] != 0));
    if (status == VS_OK) {
        vs_public_identity_to_text(again, &identity);
        size_t same = strlen(again);
        VS_CHECK(same <= len && len <= same + 2 && memcmp(again, text, same) == 0);
        VS_CHECK(vs_identity_name_is_valid(identity.name, strlen(identity.name)));
    }
}

/* Opening a seal costs a second: those are fuzz_key's. */
static void read_secret(const char *text, size_t len) {
    vs_identity *identity = NULL, *same = NULL;
    char *again = NULL;
    const char *reason = NULL;
    if (vs_identity_text_is_sealed(text, len)) {
        VS_CHECK(vs_identity_from_text(&identity, text, len, NULL, 0, &reason) != VS_OK);
        VS_CHECK(identity == NULL && reason != NULL);
        return;
    }
    vs_status status = vs_identity_from_text(&identity, text, len, NULL, 0, &reason);
    VS_CHECK((status == VS_OK) == (identity != NULL));
    VS_CHECK(status == VS_OK || reason != NULL);
    if (identity != NULL) {
        VS_CHECK(vs_identity_to_text(identity, &again, NULL, 0) == VS_OK);
        VS_CHECK(vs_identity_from_text(&same, again, strlen(again), NULL, 0, &reason) == VS_OK);
        VS_CHECK(vs_public_identity_equal(vs_identity_public(identity), vs_identity_public(same)));
    }
    vs_secret_free(again);
    vs_identity_free(same);
    vs_identity_free(identity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    read_public((const char *)data, size);
    read_secret((const char *)data, size);
    return 0;
}
