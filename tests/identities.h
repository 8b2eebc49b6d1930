/* Identities of known seeds, for suites with vectors. */
#ifndef VEILSUM_TESTS_IDENTITIES_H
#define VEILSUM_TESTS_IDENTITIES_H

#include "crypto/armour.h"
#include "crypto/secret.h"
#include "crypto/sign/identity.h"
#include "tests/support.h"

/* What NAME.id holds in the clear is "VSID" ‖ 1 ‖ seed ‖ name. */
static inline vs_identity *test_identity_of_seed(const uint8_t seed[32], const char *name) {
    uint8_t plain[5 + 32 + VS_MAX_IDENTITY_NAME] = "VSID\1";
    vs_identity *identity = NULL;
    char *text = NULL;
    const char *reason;
    size_t name_len = strlen(name);
    memcpy(plain + 5, seed, 32);
    memcpy(plain + 5 + 32, name, name_len);
    assert_int_equal(vs__armour_seal(&text, "veilsum identity ", plain, 5 + 32 + name_len, NULL, 0), VS_OK);
    assert_int_equal(vs_identity_from_text(&identity, text, strlen(text), NULL, 0, &reason), VS_OK);
    vs_secret_free(text);
    return identity;
}

#endif
