#include "cli/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "aggregate/note/note.h"
#include "cli/input.h"
#include "cli/passphrase.h"
#include "cli/ui.h"
#include "crypto/hash.h"
#include "crypto/paillier/key_proof.h"
#include "crypto/secret.h"

/* AddressSanitizer's search for leaks attaches to this very process, as a debugger would. */
#if defined(__SANITIZE_ADDRESS__)
#define VS_LEAK_SEARCH 1
#elif defined(__has_feature)
#define VS_LEAK_SEARCH __has_feature(address_sanitizer)
#else
#define VS_LEAK_SEARCH 0
#endif

vs_status vs__load_plan(vs_plan **plan, const char *path, vs_error *error) {
    *plan = NULL;
    vs_input input;
    uint8_t *data = NULL;
    const uint8_t *head = NULL;
    size_t len = 0;
    size_t head_len = 0;
    vs_content content = VS_CONTENT_UNKNOWN;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs__input_peek(&input, &head, &head_len, error);
    }
    if (status == VS_OK) {
        content = vs__content_of(head, head_len);
        status = vs_read_all(&input.source, VS_MAX_PLAN_BYTES, &data, &len, error);
    }
    if (status != VS_OK) {
        goto done;
    }
    status = vs_plan_parse(plan, data, len, error);
    if (status != VS_OK) {
        vs_error_at(error, "%s", input.source.name);
        if (content != VS_CONTENT_JSON) {
            vs__content_hint(error, content, VS_CONTENT_JSON);
        }
    }
done:
    free(data);
    vs__input_close(&input);
    return status;
}

/* What to do about a key that was refused. */
static void hint_key(vs_error *error, vs_status status, vs_content found, vs_content wanted) {
    bool identity = wanted == VS_CONTENT_IDENTITY || wanted == VS_CONTENT_PUBLIC_IDENTITY;
    if (found == VS_CONTENT_UNKNOWN && identity) {
        vs_hint(error, "'veilsum identity' makes them: NAME.id for who signs, NAME.id.pub for everybody else");
    } else if (found == VS_CONTENT_UNKNOWN) {
        vs_hint(error, "'veilsum keygen' makes keys: NAME.pub for those who encrypt, NAME.key for the holder");
    } else if (found != wanted) {
        vs__content_hint(error, found, wanted);
    } else if (status == VS_ERR_VERSION) {
        vs_hint(error, "update veilsum");
    } else if (status == VS_ERR_AUTH && wanted != VS_CONTENT_PUBLIC_IDENTITY) {
        vs_hint(error, "check the passphrase; a damaged file is restored from its backup");
    } else if (status != VS_ERR_MEMORY && (wanted == VS_CONTENT_PUBLIC_KEY || wanted == VS_CONTENT_PUBLIC_IDENTITY)) {
        vs_hint(error, "get it again from its holder");
    } else if (status != VS_ERR_MEMORY) {
        vs_hint(error, "a damaged key is restored from its backup");
    }
}

/* What a codec refused: its reason, in the file where it stands. */
static vs_status fail_key(const vs_input *input, vs_status status, const char *reason, const char *data, size_t len,
                          vs_content wanted, vs_error *error) {
    (void)vs_fail(error, status, "%s: %s", input->source.name, reason != NULL ? reason : vs_status_text(status));
    size_t head = len < VS_PEEK_BYTES ? len : VS_PEEK_BYTES;
    hint_key(error, status, vs__content_of((const uint8_t *)data, head), wanted);
    return status;
}

/* A public key's text, to the end of the file: in secret memory, for somebody may have named the secret one. The caller
 * closes and frees also after an error. */
static vs_status read_key_text(vs_input *input, const char *path, char **data, size_t *len, vs_error *error) {
    *data = NULL;
    vs_status status = vs__input_open(input, path, error);
    return status == VS_OK ? vs__input_read_secret(input, VS_MAX_KEY_FILE_BYTES, data, len, error) : status;
}

vs_status vs__load_public_key(vs_public_key **pk, const char *path, vs_error *error) {
    *pk = NULL;
    vs_input input;
    char *data = NULL;
    size_t len = 0;
    const char *reason = NULL;
    vs_status status = read_key_text(&input, path, &data, &len, error);
    if (status == VS_OK) {
        status = vs_public_key_from_text(pk, data, len, &reason);
        if (status != VS_OK) {
            (void)fail_key(&input, status, reason, data, len, VS_CONTENT_PUBLIC_KEY, error);
        }
    }
    vs_secret_free(data);
    vs__input_close(&input);
    return status;
}

vs_status vs__load_public_identity(vs_public_identity *identity, const char *path, vs_error *error) {
    vs_input input;
    char *data = NULL;
    size_t len = 0;
    const char *reason = NULL;
    vs_status status = read_key_text(&input, path, &data, &len, error);
    if (status == VS_OK) {
        status = vs_public_identity_from_text(identity, data, len, &reason);
        if (status != VS_OK) {
            (void)fail_key(&input, status, reason, data, len, VS_CONTENT_PUBLIC_IDENTITY, error);
        }
    }
    vs_secret_free(data);
    vs__input_close(&input);
    return status;
}

vs_status vs__check_key_proof(const vs_public_key *pk, const char *path, bool trusted, vs_error *error) {
    const char *reason = NULL;
    vs_status status = vs_public_key_check_proof(pk, &reason);
    if (status == VS_OK || status == VS_ERR_MEMORY) {
        return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
    }
    if (trusted) {
        vs__ui_warning("%s: %s; used all the same, as --trust-key says", path, reason);
        return VS_OK;
    }
    (void)vs_fail(error, status, "%s: %s", path, reason);
    if (status == VS_ERR_POLICY) {
        vs_hint(error, "its holder adds one with 'veilsum keygen --public'; --trust-key does without");
    } else {
        vs_hint(error, "get it again from the holder of the key");
    }
    return status;
}

void vs__protect_process(void) {
    static const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#if !VS_LEAK_SEARCH
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* A secret text of the kind `wanted`, and the passphrase that opens it. The caller closes and frees also after an
 * error.
 */
static vs_status read_secret_text(vs_input *input, const char *path, vs_content wanted,
                                  int (*is_sealed)(const char *text, size_t len), const char *passphrase_file,
                                  vs_passphrase *passphrase, char **data, size_t *len, vs_error *error) {
    vs__protect_process();
    vs_status status = read_key_text(input, path, data, len, error);
    if (status != VS_OK) {
        return status;
    }
    if (input->regular && (input->mode & 077u) != 0 && vs__content_of((uint8_t *)*data, *len) == wanted) {
        vs__ui_warning("%s can be read by others; chmod 600 keeps it to you", path);
    }
    return is_sealed(*data, *len) ? vs__passphrase_get(passphrase, passphrase_file, path, error) : VS_OK;
}

vs_status vs__load_secret_key(vs_secret_key **sk, const char *path, const char *passphrase_file, vs_error *error) {
    *sk = NULL;
    vs_input input;
    vs_passphrase passphrase = {NULL, 0};
    char *data = NULL;
    size_t len = 0;
    const char *reason = NULL;
    vs_status status = read_secret_text(&input, path, VS_CONTENT_SECRET_KEY, vs_secret_key_text_is_sealed,
                                        passphrase_file, &passphrase, &data, &len, error);
    if (status == VS_OK) {
        status = vs_secret_key_from_text(sk, data, len, passphrase.text, passphrase.len, &reason);
        if (status != VS_OK) {
            (void)fail_key(&input, status, reason, data, len, VS_CONTENT_SECRET_KEY, error);
        }
    }
    vs__passphrase_free(&passphrase);
    vs_secret_free(data);
    vs__input_close(&input);
    return status;
}

vs_status vs__load_identity(vs_identity **identity, const char *path, const char *passphrase_file, vs_error *error) {
    *identity = NULL;
    vs_input input;
    vs_passphrase passphrase = {NULL, 0};
    char *data = NULL;
    size_t len = 0;
    const char *reason = NULL;
    vs_status status = read_secret_text(&input, path, VS_CONTENT_IDENTITY, vs_identity_text_is_sealed, passphrase_file,
                                        &passphrase, &data, &len, error);
    if (status == VS_OK) {
        status = vs_identity_from_text(identity, data, len, passphrase.text, passphrase.len, &reason);
        if (status != VS_OK) {
            (void)fail_key(&input, status, reason, data, len, VS_CONTENT_IDENTITY, error);
        }
    }
    vs__passphrase_free(&passphrase);
    vs_secret_free(data);
    vs__input_close(&input);
    return status;
}

char *vs__signatures_path(const char *plan_path) {
    static const char suffix[] = ".json";
    size_t len = strlen(plan_path), tail = sizeof suffix - 1;
    len -= len > tail && plan_path[len - tail - 1] != '/' && strcmp(plan_path + len - tail, suffix) == 0 ? tail : 0;
    char *path = NULL;
    return asprintf(&path, "%.*s.sig", (int)len, plan_path) < 0 ? NULL : path;
}

vs_status vs__load_note(char **text, size_t *len, const char *path, vs_error *error) {
    vs_input input;
    uint8_t *data = NULL;
    *text = NULL;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs_read_all(&input.source, VS_MAX_NOTE_BYTES, &data, len, error);
    }
    if (status == VS_OK) {
        *text = (char *)data;
    }
    vs__input_close(&input);
    return status;
}

vs_status vs__now(int64_t *now, vs_error *error) {
    int64_t end = 0;
    (void)vs_day_from_text(&end, "9999-01-01", 10);
    *now = (int64_t)time(NULL);
    if (*now < 0 || *now >= end) {
        (void)vs_fail(error, VS_ERR_IO, "this machine's clock is not right");
        vs_hint(error, "what is signed says when: set the clock");
        return VS_ERR_IO;
    }
    return VS_OK;
}

vs_status vs__check_plan_has_key(const vs_plan *plan, vs_error *error) {
    if (plan->opening == VS_OPENING_KEY || plan->opening == VS_OPENING_THRESHOLD) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_MISMATCH,
                  "the plan opens by %s: there is no key, and there are no contributions or "
                  "totals as files",
                  vs_opening_name(plan->opening));
    vs_hint(error, "each party takes part with 'veilsum join', through a folder where there is no network");
    return VS_ERR_MISMATCH;
}

vs_status vs__check_key_of_plan(const vs_plan *plan, const uint8_t fingerprint[VS_HASH_BYTES], const char *key_path,
                                vs_error *error) {
    vs_status status = vs__check_plan_has_key(plan, error);
    if (status != VS_OK || memcmp(plan->key_fingerprint, fingerprint, VS_HASH_BYTES) == 0) {
        return status;
    }
    char own[2 * VS_HASH_BYTES + 1];
    char plans[2 * VS_HASH_BYTES + 1];
    vs_to_hex(own, fingerprint, VS_HASH_BYTES);
    vs_to_hex(plans, plan->key_fingerprint, VS_HASH_BYTES);
    (void)vs_fail(error, VS_ERR_MISMATCH, "%s is not the key that the plan names", key_path);
    vs_hint(error, "its fingerprint begins with %.16s, that of the plan's key with %.16s", own, plans);
    return VS_ERR_MISMATCH;
}
