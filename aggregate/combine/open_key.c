/* Opening with the secret key. */
#include <stdlib.h>

#include "aggregate/combine/open_internal.h"
#include "crypto/guard.h"

typedef struct key_opening {
    const vs_secret_key *sk;
    bool foreign; /* a batch held something that was not made with this key */
} key_opening;

/* All ciphertexts are units by now, so VS_ERR_RANGE says that one was not made with this (subgroup) key. That is kept
 * until the round is over, so that the time does not tell which one it was. Its batch's plaintexts are 0, which unpack.
 */
static vs_status decrypt_batch(void *context, uint8_t *plaintexts, const uint8_t *ciphertexts, size_t count,
                               vs_error *error) {
    key_opening *key = context;
    vs_status status = vs_decrypt(key->sk, plaintexts, ciphertexts, count);
    key->foreign |= status == VS_ERR_RANGE;
    return status == VS_OK || status == VS_ERR_RANGE ? VS_OK : vs_fail_plain(error, status);
}

static vs_status refuse_foreign(void *context, vs_error *error) {
    const key_opening *key = context;
    if (!key->foreign) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_RANGE, "the total holds a ciphertext that was not made with this key");
    vs_hint(error,
            "if it is refused again, a contribution was not made by veilsum: have them all made and combined again");
    return VS_ERR_RANGE;
}

vs_status vs_total_open_with_key(vs_opened *opened, const vs_total *total, const vs_secret_key *sk,
                                 const vs_progress *progress, vs_error *error) {
    key_opening key = {.sk = sk};
    const vs__decryptor decryptor = {.context = &key, .decrypt = decrypt_batch, .finish = refuse_foreign};
    vs__opener *opener = NULL;
    *opened = (vs_opened){0};
    if (!VS_GUARD(no_key_for_threshold, !total->plan->is_threshold)) {
        vs_fail(error, VS_ERR_MISMATCH, "the plan opens by threshold: no key opens its totals alone");
        vs_hint(error, "each holder makes a part: veilsum decrypt --part");
        return VS_ERR_MISMATCH;
    }
    vs_status status = vs__opener_new(&opener, opened, total, &decryptor, progress, error);
    if (status == VS_OK) {
        status = vs__open_first(opener, error);
    }
    if (status == VS_OK) {
        status = vs__open_allowed(opener, error);
    }
    vs__opener_free(opener);
    if (status != VS_OK) {
        vs_opened_clear(opened);
    }
    return status;
}

vs_status vs_open_with_key(vs_opened *opened, const vs_plan *plan, const vs_secret_key *sk, const vs_source *source,
                           const vs_progress *progress, vs_error *error) {
    vs_total *total;
    *opened = (vs_opened){0};
    vs_status status = vs_total_read(&total, plan, vs_secret_key_public(sk), source, error);
    if (status == VS_OK) {
        status = vs_total_open_with_key(opened, total, sk, progress, error);
    }
    vs_total_free(total);
    return status;
}
