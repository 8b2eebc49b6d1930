/* Keys and numbers of python-paillier that say something else than they hold. */
#include "tests/attacks/attacks.h"

#include <jansson.h>

#include "aggregate/convert/phe.h"
#include "crypto/secret.h"

static json_t *vectors(void) {
    json_t *root = json_load_file(VEILSUM_TESTS_DIR "/vectors/phe.json", 0, NULL);
    VS_CHECK(root != NULL);
    return root;
}

static vs_status read_key(vs_secret_key **sk, const json_t *object) {
    vs_public_key *none;
    char *text = json_dumps(object, 0);
    VS_CHECK(text != NULL);
    vs_status status = vs_phe_key_read(&none, sk, text, strlen(text), VS_KEY_IMPORTED, NULL);
    free(text);
    return status;
}

/* The public half that the holder would hand out is a key of the liar's. */
static vs_status another_public_half(void) {
    json_t *root = vectors(), *secret = json_object_get(root, "secret");
    vs_secret_key *sk;
    json_object_set(secret, "pub", json_object_get(json_object_get(root, "standard"), "pub"));
    vs_status status = read_key(&sk, secret);
    vs_secret_key_free(sk);
    json_decref(root);
    return status;
}

/* A sum that has grown past a third of the modulus reads as a number that nobody added up. */
static vs_status an_overflow(void) {
    json_t *root = vectors();
    vs_secret_key *sk;
    VS_CHECK(read_key(&sk, json_object_get(root, "secret")) == VS_OK);
    char *number = json_dumps(json_array_get(json_object_get(root, "overflows"), 2), 0);
    VS_CHECK(number != NULL);
    vs_memory_source from;
    vs_memory_sink to;
    const vs_source in = vs_memory_source_open(&from, "in", number, strlen(number));
    const vs_sink out = vs_memory_sink_open(&to, "out");
    vs_status status = vs_phe_decrypt(sk, &in, &out, NULL, NULL);
    free(to.data);
    free(number);
    vs_secret_key_free(sk);
    json_decref(root);
    return status;
}

/* Another number in the place where an imported key has none gives the same key a fingerprint of the liar's choice. */
static vs_status another_fingerprint(void) {
    json_t *root = vectors();
    vs_secret_key *sk;
    vs_public_key *other;
    const char *reason;
    VS_CHECK(read_key(&sk, json_object_get(root, "secret")) == VS_OK);
    const vs_public_key *pk = vs_secret_key_public(sk);
    size_t len = vs_public_key_encoded_len(pk);
    uint8_t *bytes = malloc(len);
    VS_CHECK(bytes != NULL);
    vs_public_key_encode(pk, bytes);
    bytes[len - 1] = 1;
    vs_status status = vs_public_key_decode(&other, bytes, len, &reason);
    vs_public_key_free(other);
    free(bytes);
    vs_secret_key_free(sk);
    json_decref(root);
    return status;
}

static const attack attacks[] = {
    {"phe_key_halves", "a secret key with the public half of another", another_public_half},
    {"phe_overflow", "a sum beyond a third of the modulus", an_overflow},
    {"imported_key_base", "an imported key with a number in the place of h", another_fingerprint},
};

ATTACKS_MAIN(attacks)
