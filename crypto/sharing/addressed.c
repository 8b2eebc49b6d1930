#include "crypto/sharing/addressed.h"

#include <string.h>

#include "crypto/secret.h"

vs_status vs_addressed_lock(uint8_t *out, const vs_public_identity *to, const vs_address *address,
                            const uint8_t seed[32], const uint8_t *plain, size_t len) {
    uint8_t peer[VS_AGREEMENT_KEY_BYTES], secret[VS_AGREEMENT_KEY_BYTES], key[32];
    vs_agreement_keypair(out, secret, seed);
    vs_status status = vs_public_identity_agreement(peer, to);
    if (status == VS_OK) {
        status = vs_agreement_key(key, secret, out, peer, address->label, &address->binding);
    }
    if (status == VS_OK) {
        vs_box_lock(out + VS_AGREEMENT_KEY_BYTES, key, plain, len);
    } else {
        memset(out, 0, len + VS_ADDRESSED_EXTRA_BYTES);
    }
    vs_wipe(secret, sizeof secret);
    vs_wipe(key, sizeof key);
    return status;
}

vs_status vs_addressed_unlock(uint8_t *out, const vs_identity *identity, const vs_address *address,
                              const uint8_t *addressed, size_t len) {
    uint8_t own[VS_AGREEMENT_KEY_BYTES], secret[VS_AGREEMENT_KEY_BYTES], key[32];
    if (len < VS_ADDRESSED_EXTRA_BYTES) {
        return VS_ERR_FORMAT;
    }
    vs_identity_agreement(identity, secret);
    vs_agreement_public(own, secret);
    vs_status status = vs_agreement_key(key, secret, own, addressed, address->label, &address->binding);
    if (status == VS_OK) {
        status = vs_box_unlock(out, key, addressed + VS_AGREEMENT_KEY_BYTES, len - VS_AGREEMENT_KEY_BYTES);
    }
    if (status != VS_OK) {
        memset(out, 0, len - VS_ADDRESSED_EXTRA_BYTES);
        status = VS_ERR_AUTH;
    }
    vs_wipe(secret, sizeof secret);
    vs_wipe(key, sizeof key);
    return status;
}
