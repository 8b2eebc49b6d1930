/* Shares: made by the dealer, opened by their holder, and checked both times against what is public.
 *
 *     plain = "VSKS" ‖ version ‖ holder ‖ 0 0 ‖ fingerprint of the threshold key ‖ share      little-endian
 */
#include <stdio.h>
#include <string.h>

#include "crypto/armour.h"
#include "crypto/guard.h"
#include "crypto/paillier/bytes.h"
#include "crypto/paillier/threshold_internal.h"
#include "crypto/secret.h"

#define TITLE "veilsum key share "
#define SEALED_TO "sealed to "
#define MAGIC "VSKS"
#define VERSION 1
#define HEADER (VS_KEY_HEADER_BYTES + VS_HASH_BYTES)
#define MAX_SEALED (HEADER + VS_MAX_ELEMENT_BYTES + VS_SEAL_TO_OVERHEAD)

static vs_status fail(const char **reason, vs_status status, const char *sentence) {
    *reason = sentence;
    return status;
}

unsigned vs_key_share_holder(const vs_key_share *share) {
    return share->holder;
}

void vs_key_share_free(vs_key_share *share) {
    if (share != NULL) {
        vs_secret_free(share->share);
        vs_secret_free(share);
    }
}

/* v^share = v_holder? */
static vs_status check(const vs_key_share *share) {
    const vs_threshold_key *key = share->key;
    size_t limbs = vs__element_limbs(key->pk), element = key->pk->info.ciphertext_bytes;
    uint8_t power[VS_MAX_ELEMENT_BYTES];
    vs_status status = vs__threshold_powers(key->pk, power, key->base, 1, share->share, 64 * limbs - 2);
    if (status == VS_OK) {
        bool right = vs_equal(power, key->verification + (share->holder - 1) * element, element);
        status = VS_GUARD(share_is_committed, right) ? VS_OK : VS_ERR_AUTH;
    }
    vs_wipe(power, sizeof power);
    return status;
}

vs_status vs__key_share_make(vs_key_share **out, const vs_threshold_key *key, unsigned holder, const uint8_t *number) {
    size_t limbs = vs__element_limbs(key->pk);
    *out = NULL;
    vs_key_share *share = vs_secret_alloc(sizeof *share);
    if (share == NULL) {
        return VS_ERR_MEMORY;
    }
    share->key = key;
    share->holder = holder;
    share->share = vs_secret_alloc(limbs * sizeof *share->share);
    vs_status status = VS_ERR_MEMORY;
    if (share->share != NULL) {
        vs__limbs_from_bytes(share->share, number, limbs);
        status = share->share[limbs - 1] >> 62 == 0 ? check(share) : VS_ERR_AUTH;
    }
    if (status != VS_OK) {
        vs_key_share_free(share);
        return status;
    }
    *out = share;
    return VS_OK;
}

/* ---- text ---- */

static size_t plain_len(const vs_threshold_key *key) {
    return HEADER + key->pk->info.ciphertext_bytes;
}

/* The first two lines. */
static size_t write_top(char *out, size_t room, const vs_public_identity *holder) {
    char identity[VS_MAX_IDENTITY_TEXT];
    vs_public_identity_to_text(identity, holder);
    int len = snprintf(out, room, TITLE "1\n" SEALED_TO "%s\n", identity);
    VS_CHECK(len > 0 && (size_t)len < room);
    return (size_t)len;
}

vs_status vs_key_share_to_text(const vs_key_share *share, char **text) {
    const vs_threshold_key *key = share->key;
    const vs_public_identity *holder = vs_threshold_key_holder(key, share->holder);
    size_t len = plain_len(key), sealed_len = len + VS_SEAL_TO_OVERHEAD;
    char top[sizeof TITLE + sizeof SEALED_TO + VS_MAX_IDENTITY_TEXT + 8];
    const uint8_t header[VS_KEY_HEADER_BYTES] = {'V', 'S', 'K', 'S', VERSION, (uint8_t)share->holder, 0, 0};
    *text = NULL;
    uint8_t *plain = vs_secret_alloc(len + sealed_len);
    size_t top_len = write_top(top, sizeof top, holder);
    char *out = vs_secret_alloc(top_len + vs__armour_len(sealed_len));
    vs_status status = VS_ERR_MEMORY;
    if (plain != NULL && out != NULL) {
        memcpy(plain, header, sizeof header);
        memcpy(plain + sizeof header, key->info.fingerprint, VS_HASH_BYTES);
        vs__bytes_from_limbs(plain + HEADER, share->share, vs__element_limbs(key->pk));
        status = vs_seal_to(plain + len, holder, plain, len);
    }
    if (status == VS_OK) {
        memcpy(out, top, top_len);
        (void)vs__armour_write(out + top_len, plain + len, sealed_len);
        *text = out;
        out = NULL;
    }
    vs_secret_free(plain);
    vs_secret_free(out);
    return status;
}

/* The title, and for whom it is. */
static vs_status read_top(vs_armour_reader *reader, vs_public_identity *holder, const char **reason) {
    static const char *const not_for = "the second line does not say for whom the share is";
    vs_armour_line line;
    size_t skip = strlen(SEALED_TO);
    vs_status status = vs__armour_title(reader, TITLE, "not a key share", reason);
    if (status != VS_OK) {
        return status;
    }
    if (!vs__armour_next(reader, &line) || line.len <= skip || memcmp(line.text, SEALED_TO, skip) != 0) {
        return fail(reason, VS_ERR_FORMAT, not_for);
    }
    return vs_public_identity_from_text(holder, line.text + skip, line.len - skip, reason);
}

vs_status vs_key_share_text_holder(vs_public_identity *holder, const char *text, size_t len, const char **reason) {
    vs_armour_reader reader;
    uint8_t sealed[MAX_SEALED];
    size_t sealed_len;
    vs_status status = vs__armour_begin(&reader, text, len, reason);
    if (status == VS_OK) {
        status = read_top(&reader, holder, reason);
    }
    if (status == VS_OK) {
        status = vs__armour_read(&reader, sealed, sizeof sealed, &sealed_len, reason);
    }
    return status;
}

static vs_status decode(vs_key_share **share, const vs_threshold_key *key, unsigned holder, const uint8_t *plain,
                        size_t len, const char **reason) {
    if (len < HEADER || memcmp(plain, MAGIC, 4) != 0 || (plain[6] | plain[7]) != 0) {
        return fail(reason, VS_ERR_FORMAT, "what is sealed is not a key share");
    }
    if (plain[4] != VERSION) {
        return fail(reason, VS_ERR_VERSION, "a key share of a version that is not known");
    }
    bool same = vs_equal(plain + VS_KEY_HEADER_BYTES, key->info.fingerprint, VS_HASH_BYTES);
    if (!VS_GUARD(share_of_this_key, same)) {
        return fail(reason, VS_ERR_MISMATCH, "a share of another threshold key");
    }
    if (len != plain_len(key) || plain[5] != holder) {
        return fail(reason, VS_ERR_FORMAT, "a share that is not this holder's, or not as long as the key says");
    }
    vs_status status = vs__key_share_make(share, key, holder, plain + HEADER);
    return status == VS_ERR_AUTH ? fail(reason, status, "the share is not what the dealer committed to") : status;
}

vs_status vs_key_share_from_text(vs_key_share **share, const vs_threshold_key *key, const vs_identity *identity,
                                 const char *text, size_t len, const char **reason) {
    vs_armour_reader reader;
    vs_public_identity sealed_for;
    size_t sealed_len = 0;
    const vs_public_identity *own = vs_identity_public(identity);
    unsigned holder = vs_threshold_key_find(key, own);
    *share = NULL;
    uint8_t *plain = vs_secret_alloc(2 * MAX_SEALED);
    uint8_t *sealed = plain + MAX_SEALED;
    vs_status status = plain == NULL ? VS_ERR_MEMORY : vs__armour_begin(&reader, text, len, reason);
    if (status == VS_OK) {
        status = read_top(&reader, &sealed_for, reason);
    }
    if (status == VS_OK) {
        status = vs__armour_read(&reader, sealed, MAX_SEALED, &sealed_len, reason);
    }
    if (status == VS_OK && holder == 0) {
        status = fail(reason, VS_ERR_AUTH, "this identity is no holder of the threshold key");
    }
    if (status == VS_OK && !vs_public_identity_equal(&sealed_for, own)) {
        status = fail(reason, VS_ERR_AUTH, "the share is sealed to another identity");
    }
    if (status == VS_OK) {
        status = vs_unseal_with(plain, identity, sealed, sealed_len);
        *reason = status == VS_ERR_AUTH ? "the share is sealed to another identity, or damaged" : NULL;
    }
    if (status == VS_OK) {
        status = decode(share, key, holder, plain, sealed_len - VS_SEAL_TO_OVERHEAD, reason);
    }
    if (status != VS_OK && *reason == NULL) {
        *reason = vs_status_text(status);
    }
    vs_secret_free(plain);
    return status;
}
