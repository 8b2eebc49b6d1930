/* Keys as text: their bytes (key_codec.c), and a public key's proof behind them (key_proof.c), in armour. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/armour.h"
#include "crypto/paillier/key_proof_internal.h"
#include "crypto/secret.h"

#define MAX_SIZES 64
#define PUBLIC_TITLE "veilsum public key "
#define SECRET_TITLE "veilsum secret key "

/* The second line of a public key. Standard keys do not say their type: theirs is the oldest. Nor do keys without a
 * proof say that they have none. */
static void write_sizes(char out[MAX_SIZES], const vs_public_key *pk) {
    const vs_key_info *info = &pk->info;
    bool standard = info->type == VS_KEY_STANDARD;
    int len = snprintf(out, MAX_SIZES, "bits %u degree %u%s%s%s", info->bits, info->degree, standard ? "" : " type ",
                       standard ? "" : vs_key_type_name(info->type), pk->proof == NULL ? "" : " proof gcd");
    VS_CHECK(len > 0 && len < MAX_SIZES);
}

char *vs_public_key_to_text(const vs_public_key *pk) {
    char sizes[MAX_SIZES], top[sizeof PUBLIC_TITLE + MAX_SIZES + 8];
    uint8_t data[VS_MAX_PUBLIC_KEY_BYTES + VS_MAX_KEY_PROOF_BYTES];
    size_t key_len = vs_public_key_encoded_len(pk), len = key_len + vs__key_proof_len(pk);
    write_sizes(sizes, pk);
    int top_len = snprintf(top, sizeof top, PUBLIC_TITLE "1\n%s\n", sizes);
    VS_CHECK(top_len > 0 && (size_t)top_len < sizeof top);
    char *text = malloc((size_t)top_len + vs__armour_len(len));
    if (text == NULL) {
        return NULL;
    }
    vs_public_key_encode(pk, data);
    if (len > key_len) {
        vs__key_proof_encode(pk, data + key_len);
    }
    memcpy(text, top, (size_t)top_len);
    (void)vs__armour_write(text + top_len, data, len);
    return text;
}

/* A key, and a proof where one follows. */
static vs_status decode_with_proof(vs_public_key **pk, const uint8_t *data, size_t len, const char **reason) {
    size_t key_len = vs__public_key_stated_len(data, len);
    bool proof = key_len < len && vs__key_proof_begins(data + key_len, len - key_len);
    vs_status status = vs_public_key_decode(pk, data, proof ? key_len : len, reason);
    if (status == VS_OK && proof) {
        status = vs__key_proof_decode(*pk, data + key_len, len - key_len, reason);
    }
    return status;
}

static vs_status check_sizes(const vs_public_key *pk, const vs_armour_line *sizes, const char **reason) {
    char expected[MAX_SIZES];
    write_sizes(expected, pk);
    if (!vs__armour_line_is(sizes, expected)) {
        *reason = "the second line does not say what the key is";
        return VS_ERR_FORMAT;
    }
    return VS_OK;
}

vs_status vs_public_key_from_text(vs_public_key **pk, const char *text, size_t len, const char **reason) {
    *pk = NULL;
    vs_armour_reader r;
    vs_armour_line sizes = {NULL, 0};
    uint8_t data[VS_MAX_PUBLIC_KEY_BYTES + VS_MAX_KEY_PROOF_BYTES];
    size_t data_len;
    vs_status status = vs__armour_begin(&r, text, len, reason);
    if (status == VS_OK) {
        status = vs__armour_title(&r, PUBLIC_TITLE, "not a public key", reason);
    }
    if (status == VS_OK && !vs__armour_next(&r, &sizes)) {
        *reason = "the key ends early";
        status = VS_ERR_FORMAT;
    }
    if (status == VS_OK) {
        status = vs__armour_read(&r, data, sizeof data, &data_len, reason);
    }
    if (status == VS_OK) {
        status = decode_with_proof(pk, data, data_len, reason);
    }
    if (status == VS_OK) {
        status = check_sizes(*pk, &sizes, reason);
    }
    if (status != VS_OK) {
        vs_public_key_free(*pk);
        *pk = NULL;
    }
    return status;
}

vs_status vs_secret_key_to_text(const vs_secret_key *sk, char **text, const char *passphrase, size_t passphrase_len) {
    *text = NULL;
    size_t len = vs__secret_key_encoded_len(sk);
    uint8_t *plain = vs_secret_alloc(len);
    if (plain == NULL) {
        return VS_ERR_MEMORY;
    }
    vs__secret_key_encode(sk, plain);
    vs_status status = vs__armour_seal(text, SECRET_TITLE, plain, len, passphrase, passphrase_len);
    vs_secret_free(plain);
    return status;
}

int vs_secret_key_text_is_sealed(const char *text, size_t len) {
    return vs__armour_is_sealed(text, len, SECRET_TITLE);
}

vs_status vs_secret_key_from_text(vs_secret_key **sk, const char *text, size_t len, const char *passphrase,
                                  size_t passphrase_len, const char **reason) {
    *sk = NULL;
    uint8_t *plain = NULL;
    size_t plain_len = 0;
    vs_status status = vs__armour_unseal(&plain, &plain_len, VS_MAX_SECRET_KEY_BYTES, text, len, SECRET_TITLE,
                                         "not a secret key", passphrase, passphrase_len, reason);
    if (status == VS_OK) {
        status = vs__secret_key_decode(sk, plain, plain_len, reason);
        if (status != VS_OK && *reason == NULL) {
            *reason = vs_status_text(status);
        }
    }
    vs_secret_free(plain);
    return status;
}
