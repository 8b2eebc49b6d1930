/* Threshold keys and shares of them from files. */
#include <stdlib.h>

#include "cli/input.h"
#include "cli/load.h"
#include "crypto/secret.h"

static vs_status fail_text(const vs_input *input, vs_status status, const char *reason, const char *hint,
                           vs_error *error) {
    (void)vs_fail(error, status, "%s: %s", input->source.name, reason != NULL ? reason : vs_status_text(status));
    vs_hint(error, "%s", status == VS_ERR_VERSION ? "update veilsum" : hint);
    return status;
}

vs_status vs__load_threshold_key(vs_threshold_key **key, const char *path, vs_error *error) {
    *key = NULL;
    vs_input input;
    uint8_t *data = NULL;
    size_t len = 0;
    const char *reason = NULL;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs_read_all(&input.source, VS_MAX_KEY_FILE_BYTES, &data, &len, error);
    }
    if (status == VS_OK) {
        status = vs_threshold_key_from_text(key, (const char *)data, len, &reason);
        if (status != VS_OK) {
            (void)fail_text(&input, status, reason,
                            "NAME.holders is meant, which 'veilsum keygen --threshold' makes beside the shares", error);
        }
    }
    free(data);
    vs__input_close(&input);
    return status;
}

vs_status vs__load_key_share(vs_key_share **share, const vs_threshold_key *key, const vs_identity *identity,
                             const char *path, vs_error *error) {
    *share = NULL;
    vs_input input;
    char *data = NULL;
    size_t len = 0;
    const char *reason = NULL;
    vs__protect_process();
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs__input_read_secret(&input, VS_MAX_KEY_FILE_BYTES, &data, &len, error);
    }
    if (status == VS_OK) {
        status = vs_key_share_from_text(share, key, identity, data, len, &reason);
        if (status != VS_OK) {
            (void)fail_text(&input, status, reason,
                            "each holder opens its own share with its own identity: --share NAME.X.share -i X.id",
                            error);
        }
    }
    vs_secret_free(data);
    vs__input_close(&input);
    return status;
}
