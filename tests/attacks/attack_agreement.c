/* Keys that everybody would know, and boxes that somebody altered on their way. */
#include "tests/attacks/attacks.h"

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "crypto/sharing/agreement.h"
#include "tests/crypto/small_order.h"

static const uint8_t sid[VS_AGREEMENT_SID_BYTES] = {1};
static const vs_binding place = {.sid = sid, .step = 32, .from = 0, .to = 1};

/* What the owner's key would be if the product of both keys were zero: no secret goes in. */
static void guess(uint8_t out[32], const uint8_t *own_public, const uint8_t *peer_public) {
    static const uint8_t zero[32];
    int in_order = memcmp(own_public, peer_public, 32) <= 0;
    vs_hash hash;
    vs_hash_init(&hash, "veilsum agreement");
    vs_hash_field(&hash, "veilsum test", 12);
    vs_hash_field(&hash, sid, sizeof sid);
    vs_hash_u64(&hash, place.step);
    vs_hash_u64(&hash, place.from);
    vs_hash_u64(&hash, place.to);
    vs_hash_field(&hash, in_order ? own_public : peer_public, 32);
    vs_hash_field(&hash, in_order ? peer_public : own_public, 32);
    vs_hash_field(&hash, zero, 32);
    vs_hash_final(&hash, out);
}

/* A server hands an owner each of them as another owner's key; it succeeds when it knows what came of one. */
static vs_status known_key(void) {
    uint8_t seed[32], public_key[32], secret_key[32], hostile[32], key[32], guessed[32];
    vs_random(seed, sizeof seed);
    vs_agreement_keypair(public_key, secret_key, seed);
    for (size_t i = 0; i < SMALL_ORDER_KEYS; i++) {
        vs_status status = vs_from_hex(hostile, 32, small_order_keys[i], 64);
        if (status == VS_OK) {
            status = vs_agreement_key(key, secret_key, public_key, hostile, "veilsum test", &place);
        }
        guess(guessed, public_key, hostile);
        if (status == VS_OK && memcmp(key, guessed, 32) == 0) {
            return VS_OK;
        }
    }
    return VS_ERR_RANGE;
}

static vs_status altered_box(void) {
    uint8_t key[32], plain[64], boxed[64 + VS_BOX_EXTRA_BYTES], out[64];
    vs_random(key, sizeof key);
    vs_random(plain, sizeof plain);
    vs_box_lock(boxed, key, plain, sizeof plain);
    boxed[5] ^= 1;
    vs_status status = vs_box_unlock(out, key, boxed, sizeof boxed);
    return status == VS_OK && memcmp(out, plain, sizeof plain) == 0 ? VS_ERR_AUTH : status;
}

static const attack attacks[] = {
    {"key_of_small_order", "a peer's key with which the common key is no secret", known_key},
    {"box_tag", "a share altered in its box", altered_box},
};

ATTACKS_MAIN(attacks)
