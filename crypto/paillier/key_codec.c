/* Keys as bytes. Every key has one encoding only: what is read is the same as what would be written again.
 *
 *     public  = "VSPK" ‖ version ‖ degree + 16·type ‖ bits (u16) ‖ n ‖ h
 *     secret  = "VSSK" ‖ version ‖ 0 0 0 ‖ public ‖ p ‖ q [‖ a ‖ b]      little-endian throughout
 *
 * a and b are there in subgroup keys only; h is 0 in imported ones.
 */
#include <string.h>

#include "crypto/paillier/key_internal.h"

#define PUBLIC_MAGIC "VSPK"
#define SECRET_MAGIC "VSSK"
#define VERSION 1
#define HEADER VS_KEY_HEADER_BYTES

static vs_status fail(const char **reason, vs_status status, const char *sentence) {
    *reason = sentence;
    return status;
}

static size_t public_len(unsigned bits) {
    return HEADER + 2 * (size_t)(bits / 8);
}

static size_t secret_len(unsigned bits, vs_key_type type) {
    size_t orders = type == VS_KEY_SUBGROUP ? 2 * vs__order_bytes(bits) : 0;
    return HEADER + public_len(bits) + bits / 8 + orders;
}

size_t vs__secret_key_encoded_len(const vs_secret_key *sk) {
    return secret_len(sk->pk->info.bits, sk->pk->info.type);
}

size_t vs_public_key_encoded_len(const vs_public_key *pk) {
    return public_len(pk->info.bits);
}

void vs_public_key_encode(const vs_public_key *pk, uint8_t *out) {
    uint8_t kind = (uint8_t)(pk->info.degree | (unsigned)pk->info.type << 4);
    const uint8_t header[HEADER] = {
        'V', 'S', 'P', 'K', VERSION, kind, (uint8_t)pk->info.bits, (uint8_t)(pk->info.bits >> 8)};
    memcpy(out, header, HEADER);
    memcpy(out + HEADER, pk->n, pk->info.digit_bytes);
    memcpy(out + HEADER + pk->info.digit_bytes, pk->h, pk->info.digit_bytes);
}

void vs__secret_key_encode(const vs_secret_key *sk, uint8_t *out) {
    static const uint8_t header[HEADER] = {'V', 'S', 'S', 'K', VERSION, 0, 0, 0};
    size_t half = sk->pk->info.digit_bytes / 2, order = vs__order_bytes(sk->pk->info.bits);
    memcpy(out, header, HEADER);
    vs_public_key_encode(sk->pk, out + HEADER);
    out += HEADER + vs_public_key_encoded_len(sk->pk);
    memcpy(out, sk->p, half);
    memcpy(out + half, sk->q, half);
    if (sk->pk->info.type == VS_KEY_SUBGROUP) {
        memcpy(out + 2 * half, sk->a, order);
        memcpy(out + 2 * half + order, sk->b, order);
    }
}

/* What the head of a public key says it is; whether there is such a key is checked with its numbers. */
static vs_key_options read_options(const uint8_t *head) {
    return (vs_key_options){
        .bits = head[6] | (unsigned)head[7] << 8, .degree = head[5] & 15u, .type = (vs_key_type)(head[5] >> 4)};
}

size_t vs__public_key_stated_len(const uint8_t *data, size_t len) {
    return len < HEADER ? len : public_len(read_options(data).bits);
}

vs_status vs_public_key_decode(vs_public_key **pk, const uint8_t *data, size_t len, const char **reason) {
    *pk = NULL;
    *reason = NULL;
    if (len < HEADER || memcmp(data, PUBLIC_MAGIC, 4) != 0) {
        return fail(reason, VS_ERR_FORMAT, "not a public key");
    }
    if (data[4] != VERSION) {
        return fail(reason, VS_ERR_VERSION, "a public key of a version that is not known");
    }
    const vs_key_options options = read_options(data);
    if (len != public_len(options.bits)) {
        return fail(reason, VS_ERR_FORMAT, "a public key whose length is not that of its size");
    }
    const uint8_t *n = data + HEADER, *h = n + options.bits / 8;
    vs_status status = vs__public_key_check(&options, n, h, reason);
    if (status == VS_OK) {
        status = vs__public_key_make(pk, &options, n, h);
    }
    if (status != VS_OK && *reason == NULL) {
        *reason = vs_status_text(status);
    }
    return status;
}

vs_status vs__secret_key_decode(vs_secret_key **sk, const uint8_t *data, size_t len, const char **reason) {
    if (len < 2 * HEADER || memcmp(data, SECRET_MAGIC, 4) != 0) {
        return fail(reason, VS_ERR_FORMAT, "not a secret key");
    }
    if (data[4] != VERSION) {
        return fail(reason, VS_ERR_VERSION, "a secret key of a version that is not known");
    }
    const vs_key_options options = read_options(data + HEADER);
    unsigned bits = options.bits;
    if ((data[5] | data[6] | data[7]) != 0 || len != secret_len(bits, options.type)) {
        return fail(reason, VS_ERR_FORMAT, "a secret key whose length is not that of its size and type");
    }
    vs_public_key *pk;
    const uint8_t *n = data + 2 * HEADER, *h = n + bits / 8;
    vs_key_factors factors = {.p = h + bits / 8, .q = h + bits / 8 + bits / 16};
    if (options.type == VS_KEY_SUBGROUP) {
        factors.a = factors.q + bits / 16;
        factors.b = factors.a + vs__order_bytes(bits);
    }
    vs_status status = vs_public_key_decode(&pk, data + HEADER, public_len(bits), reason);
    if (status == VS_OK) {
        status = vs__secret_key_check(&options, n, h, &factors, reason);
    }
    if (status == VS_OK) {
        status = vs__secret_key_make(sk, pk, &factors);
    }
    if (status != VS_OK) {
        vs_public_key_free(pk);
    }
    return status;
}
