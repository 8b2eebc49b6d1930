/* Threshold keys as bytes and as text. Each has one encoding only: what is read is what would be written again.
 *
 *     binary = "VSTK" ‖ version ‖ t ‖ n ‖ 0 ‖ public key ‖ V_1 … V_(t−1) ‖ n × (length of name ‖ name ‖ key)
 *
 * The text says t, n and the holders in lines of its own above the binary form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/armour.h"
#include "crypto/guard.h"
#include "crypto/paillier/threshold_internal.h"

#define TITLE "veilsum threshold key "
#define HOLDER "holder "
#define MAGIC "VSTK"
#define VERSION 1
#define HEADER VS_KEY_HEADER_BYTES
#define MAX_HOLDER_BYTES (1 + VS_MAX_IDENTITY_NAME + VS_IDENTITY_KEY_BYTES)
#define MAX_KEY_BYTES                                                                                                  \
    (HEADER + VS_MAX_PUBLIC_KEY_BYTES + (VS_MAX_HOLDERS - 1) * VS_MAX_ELEMENT_BYTES +                                  \
     VS_MAX_HOLDERS * (size_t)MAX_HOLDER_BYTES)
#define MAX_LINE (sizeof HOLDER + VS_MAX_IDENTITY_TEXT)

static vs_status fail(const char **reason, vs_status status, const char *sentence) {
    *reason = sentence;
    return status;
}

/* ---- bytes ---- */

size_t vs__threshold_key_encoded_len(const vs_threshold_key *key) {
    size_t len = HEADER + vs_public_key_encoded_len(key->pk);
    len += (key->info.needed - 1) * key->pk->info.ciphertext_bytes;
    for (unsigned i = 0; i < key->info.holders; i++) {
        len += 1 + strlen(key->identity[i].name) + VS_IDENTITY_KEY_BYTES;
    }
    return len;
}

void vs__threshold_key_encode(const vs_threshold_key *key, uint8_t *out) {
    const uint8_t header[HEADER] = {'V', 'S', 'T', 'K', VERSION, (uint8_t)key->info.needed, (uint8_t)key->info.holders,
                                    0};
    size_t commitments = (key->info.needed - 1) * key->pk->info.ciphertext_bytes;
    memcpy(out, header, HEADER);
    vs_public_key_encode(key->pk, out + HEADER);
    out += HEADER + vs_public_key_encoded_len(key->pk);
    memcpy(out, key->commitment, commitments);
    out += commitments;
    for (unsigned i = 0; i < key->info.holders; i++) {
        size_t len = strlen(key->identity[i].name);
        *out++ = (uint8_t)len;
        memcpy(out, key->identity[i].name, len);
        memcpy(out + len, key->identity[i].key, VS_IDENTITY_KEY_BYTES);
        out += len + VS_IDENTITY_KEY_BYTES;
    }
}

/* What is left to read. */
typedef struct cursor {
    const uint8_t *at;
    size_t left;
} cursor;

/* The next `len` bytes, or NULL. */
static const uint8_t *take(cursor *c, size_t len) {
    if (c->left < len) {
        return NULL;
    }
    const uint8_t *at = c->at;
    c->at += len;
    c->left -= len;
    return at;
}

static bool take_holder(cursor *c, vs_public_identity *identity) {
    const uint8_t *len = take(c, 1), *name = len == NULL ? NULL : take(c, *len);
    const uint8_t *key = name == NULL ? NULL : take(c, VS_IDENTITY_KEY_BYTES);
    *identity = (vs_public_identity){.name = ""};
    return key != NULL && vs_public_identity_make(identity, (const char *)name, *len, key) == VS_OK;
}

static vs_status take_holders(cursor *c, vs_public_identity *identities, unsigned needed, unsigned holders,
                              const char **reason) {
    if (holders > VS_MAX_HOLDERS) {
        return fail(reason, VS_ERR_RANGE, "a threshold that is not 2 or more of at most 32 holders");
    }
    for (unsigned i = 0; i < holders; i++) {
        if (!take_holder(c, &identities[i])) {
            return fail(reason, VS_ERR_FORMAT, "a holder that is no valid identity");
        }
    }
    if (c->left != 0) {
        return fail(reason, VS_ERR_FORMAT, "something follows the last holder");
    }
    return VS_GUARD(distinct_holders, vs__threshold_holders_are_valid(needed, holders, identities, reason))
               ? VS_OK
               : VS_ERR_RANGE;
}

static vs_status take_public_key(cursor *c, vs_public_key **pk, const char **reason) {
    if (c->left < HEADER) {
        return fail(reason, VS_ERR_FORMAT, "the threshold key ends early");
    }
    size_t len = HEADER + 2 * (size_t)((c->at[6] | (unsigned)c->at[7] << 8) / 8);
    const uint8_t *data = take(c, len);
    if (data == NULL) {
        return fail(reason, VS_ERR_FORMAT, "the threshold key ends early");
    }
    vs_status status = vs_public_key_decode(pk, data, len, reason);
    if (status == VS_OK && (*pk)->info.type != VS_KEY_STANDARD) {
        status = fail(reason, VS_ERR_RANGE, "a threshold key whose public key is not of type standard");
    }
    return status;
}

static vs_status take_commitments(cursor *c, const vs_public_key *pk, const uint8_t **commitments, unsigned needed,
                                  const char **reason) {
    size_t bad, count = needed - 1;
    *commitments = take(c, count * pk->info.ciphertext_bytes);
    if (*commitments == NULL) {
        return fail(reason, VS_ERR_FORMAT, "the threshold key ends early");
    }
    vs_status status = vs_ciphertexts_check(pk, *commitments, count, &bad);
    return status == VS_ERR_RANGE ? fail(reason, status, "a commitment that is not canonical, or no unit") : status;
}

static vs_status decode(vs_threshold_key **key, const uint8_t *data, size_t len, const char **reason) {
    if (len < HEADER || memcmp(data, MAGIC, 4) != 0 || data[7] != 0) {
        return fail(reason, VS_ERR_FORMAT, "not a threshold key");
    }
    if (data[4] != VERSION) {
        return fail(reason, VS_ERR_VERSION, "a threshold key of a version that is not known");
    }
    unsigned needed = data[5], holders = data[6];
    cursor c = {data + HEADER, len - HEADER};
    vs_public_identity identities[VS_MAX_HOLDERS];
    vs_public_key *pk = NULL;
    const uint8_t *commitments = NULL;
    if (needed < 1) { /* there is one commitment less than this */
        return fail(reason, VS_ERR_RANGE, "a threshold that is not 2 or more of at most 32 holders");
    }
    vs_status status = take_public_key(&c, &pk, reason);
    if (status == VS_OK) {
        status = take_commitments(&c, pk, &commitments, needed, reason);
    }
    if (status == VS_OK) {
        status = take_holders(&c, identities, needed, holders, reason);
    }
    if (status == VS_OK) {
        status = vs__threshold_key_make(key, pk, needed, holders, identities, commitments);
    }
    if (status != VS_OK) {
        vs_public_key_free(pk);
    }
    return status;
}

/* ---- text ---- */

static size_t write_sizes(char out[MAX_LINE], const vs_threshold_key *key) {
    int len = snprintf(out, MAX_LINE, "%u of %u bits %u degree %u\n", key->info.needed, key->info.holders,
                       key->pk->info.bits, key->pk->info.degree);
    VS_CHECK(len > 0 && (size_t)len < MAX_LINE);
    return (size_t)len;
}

static size_t write_holder(char out[MAX_LINE], const vs_public_identity *identity) {
    memcpy(out, HOLDER, strlen(HOLDER));
    vs_public_identity_to_text(out + strlen(HOLDER), identity);
    size_t len = strlen(out);
    out[len] = '\n';
    return len + 1;
}

char *vs_threshold_key_to_text(const vs_threshold_key *key) {
    size_t len = vs__threshold_key_encoded_len(key), title = strlen(TITLE "1\n");
    uint8_t *data = malloc(len);
    char *text = malloc(title + (1 + key->info.holders) * MAX_LINE + vs__armour_len(len));
    if (data != NULL && text != NULL) {
        char *at = text + title;
        memcpy(text, TITLE "1\n", title);
        at += write_sizes(at, key);
        for (unsigned i = 0; i < key->info.holders; i++) {
            at += write_holder(at, &key->identity[i]);
        }
        vs__threshold_key_encode(key, data);
        (void)vs__armour_write(at, data, len);
    } else {
        free(text);
        text = NULL;
    }
    free(data);
    return text;
}

/* Lines that people read, above the bytes: they are looked at once the bytes have said what they must be. */
static vs_status skip_lines(vs_armour_reader *reader, const char **reason) {
    vs_armour_line line;
    if (!vs__armour_next(reader, &line)) {
        return fail(reason, VS_ERR_FORMAT, "the threshold key ends early");
    }
    for (unsigned i = 0; i <= VS_MAX_HOLDERS; i++) {
        vs_armour_reader before = *reader;
        if (!vs__armour_next(reader, &line) || line.len < strlen(HOLDER) ||
            memcmp(line.text, HOLDER, strlen(HOLDER)) != 0) {
            *reader = before;
            return VS_OK;
        }
    }
    return fail(reason, VS_ERR_LIMIT, "more than 32 holders");
}

static bool line_is(vs_armour_reader *reader, const char *expected, size_t len) {
    vs_armour_line line;
    return vs__armour_next(reader, &line) && line.len == len - 1 && memcmp(line.text, expected, len - 1) == 0;
}

/* Do the lines from the second on say what the bytes say, and only that? */
static bool lines_agree(vs_armour_reader reader, const vs_threshold_key *key, const char *bytes_begin) {
    char line[MAX_LINE + 1];
    bool agree = line_is(&reader, line, write_sizes(line, key));
    for (unsigned i = 0; i < key->info.holders && agree; i++) {
        agree = line_is(&reader, line, write_holder(line, &key->identity[i]));
    }
    return agree && reader.at == bytes_begin;
}

vs_status vs_threshold_key_from_text(vs_threshold_key **key, const char *text, size_t len, const char **reason) {
    vs_armour_reader reader, lines = {NULL, NULL};
    const char *bytes_begin = NULL;
    size_t data_len = 0;
    *key = NULL;
    uint8_t *data = malloc(MAX_KEY_BYTES);
    vs_status status = vs__armour_begin(&reader, text, len, reason);
    if (status == VS_OK && data == NULL) {
        status = VS_ERR_MEMORY;
    }
    if (status == VS_OK) {
        status = vs__armour_title(&reader, TITLE, "not a threshold key", reason);
        lines = reader;
    }
    if (status == VS_OK) {
        status = skip_lines(&reader, reason);
        bytes_begin = reader.at;
    }
    if (status == VS_OK) {
        status = vs__armour_read(&reader, data, MAX_KEY_BYTES, &data_len, reason);
    }
    if (status == VS_OK) {
        status = decode(key, data, data_len, reason);
    }
    if (status == VS_OK && !VS_GUARD(threshold_key_lines, lines_agree(lines, *key, bytes_begin))) {
        vs_threshold_key_free(*key);
        *key = NULL;
        status = fail(reason, VS_ERR_FORMAT, "the lines above the key do not say what the key is");
    }
    if (status != VS_OK && *reason == NULL) {
        *reason = vs_status_text(status);
    }
    free(data);
    return status;
}
