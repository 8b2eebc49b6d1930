#include <stdlib.h>
#include <string.h>

#include "aggregate/container/container_internal.h"
#include "crypto/bytes.h"

void vs_header_clear(vs_header *header) {
    if (header->pk_owned) {
        vs_public_key_free((vs_public_key *)(uintptr_t)header->pk);
    }
    free(header->contributors);
    *header = (vs_header){0};
}

uint32_t vs_chunk_ciphertexts(size_t ciphertext_bytes) {
    VS_CHECK(ciphertext_bytes > 0 && ciphertext_bytes <= (1u << 17));
    return (uint32_t)((1u << 20) / ciphertext_bytes / 8 * 8);
}

vs_chunks vs__chunks_of(const vs_header *header) {
    size_t bytes = vs_public_key_info(header->pk)->ciphertext_bytes;
    uint32_t chunk = vs_chunk_ciphertexts(bytes);
    return (vs_chunks){.ciphertext_bytes = bytes,
                       .ciphertext_count = header->ciphertext_count,
                       .chunk_count = header->ciphertext_count / chunk + (header->ciphertext_count % chunk != 0),
                       .chunk_ciphertexts = chunk};
}

size_t vs__chunk_size(const vs_chunks *chunks, uint64_t index) {
    uint64_t left = chunks->ciphertext_count - index * chunks->chunk_ciphertexts;
    return left < chunks->chunk_ciphertexts ? (size_t)left : chunks->chunk_ciphertexts;
}

/* ---- hashes ---- */

void vs__header_hash(uint8_t out[VS_HASH_BYTES], const uint8_t *data, size_t len) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum container header");
    vs_hash_field(&hash, data, len);
    vs_hash_final(&hash, out);
}

void vs__chunk_hash(uint8_t out[VS_HASH_BYTES], const uint8_t header_hash[VS_HASH_BYTES], uint64_t index, bool last,
                    const uint8_t *data, size_t len) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum container chunk");
    vs_hash_field(&hash, header_hash, VS_HASH_BYTES);
    vs_hash_u64(&hash, index);
    vs_hash_u64(&hash, last);
    vs_hash_field(&hash, data, len);
    vs_hash_final(&hash, out);
}

void vs__trailer_hash(uint8_t out[VS_HASH_BYTES], const uint8_t header_hash[VS_HASH_BYTES],
                      const uint8_t trailer[VS_TRAILER_HASH]) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum container trailer");
    vs_hash_field(&hash, header_hash, VS_HASH_BYTES);
    vs_hash_field(&hash, trailer, VS_TRAILER_HASH);
    vs_hash_final(&hash, out);
}

void vs__signed_hash(uint8_t out[VS_HASH_BYTES], const uint8_t header_hash[VS_HASH_BYTES],
                     const uint8_t root[VS_HASH_BYTES]) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum container signature");
    vs_hash_field(&hash, header_hash, VS_HASH_BYTES);
    vs_hash_field(&hash, root, VS_HASH_BYTES);
    vs_hash_final(&hash, out);
}

/* ---- to bytes ---- */

static uint64_t header_len(const vs_header *header) {
    uint64_t len = VS_HEADER_FIXED_BYTES + vs_public_key_encoded_len(header->pk) + strlen(header->period);
    for (size_t i = 0; i < header->contributor_count; i++) {
        len += VS_ID_BYTES + 1 + strlen(header->contributors[i].name);
    }
    len += VS_HASH_BYTES;
    return (len + VS_HEADER_ALIGN - 1) / VS_HEADER_ALIGN * VS_HEADER_ALIGN;
}

uint64_t vs_container_len(const vs_header *header) {
    vs_chunks chunks = vs__chunks_of(header);
    return header_len(header) + chunks.ciphertext_count * chunks.ciphertext_bytes + chunks.chunk_count * VS_HASH_BYTES +
           VS_TRAILER_BYTES;
}

static uint8_t *put_number(uint8_t *at, uint64_t value, unsigned bytes) {
    vs_put_le(at, value, bytes);
    return at + bytes;
}

static uint8_t *put_bytes(uint8_t *at, const void *data, size_t len) {
    memcpy(at, data, len);
    return at + len;
}

static uint8_t *put_fixed(uint8_t *at, const vs_header *header, uint64_t len) {
    at = put_bytes(at, VS_CONTAINER_MAGIC, VS_CONTAINER_MAGIC_BYTES);
    at = put_number(at, VS_CONTAINER_VERSION, 2);
    at = put_number(at, header->kind, 1);
    at = put_number(at, VS_CONTAINER_OPENING_KEY, 1);
    at = put_number(at, len, 4);
    at = put_bytes(at, header->plan_id, VS_HASH_BYTES);
    at = put_bytes(at, header->sid, VS_HASH_BYTES);
    at = put_number(at, header->attempt, 8);
    at = put_number(at, header->cell_count, 8);
    at = put_number(at, header->ciphertext_count, 8);
    at = put_number(at, header->contributors_min, 8);
    at = put_number(at, header->contributors_max, 8);
    at = put_number(at, header->bound, 8);
    at = put_number(at, vs__chunks_of(header).chunk_ciphertexts, 4);
    at = put_number(at, header->contributor_count, 4);
    at = put_number(at, vs_public_key_encoded_len(header->pk), 4);
    at = put_number(at, VS_LAYOUT_BLOCKS, 2);
    at = put_number(at, VS_ID_SCHEME_NAMES, 1);
    return put_number(at, strlen(header->period), 1);
}

vs_status vs__header_encode(uint8_t **data, size_t *len, const vs_header *header, vs_error *error) {
    uint64_t total = header_len(header);
    VS_CHECK(total <= VS_MAX_HEADER_BYTES && header->contributor_count <= VS_MAX_CONTRIBUTORS);
    *data = calloc(1, (size_t)total);
    if (*data == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    *len = (size_t)total;
    uint8_t *at = put_fixed(*data, header, total);
    VS_CHECK(at == *data + VS_HEADER_FIXED_BYTES);
    vs_public_key_encode(header->pk, at);
    at += vs_public_key_encoded_len(header->pk);
    at = put_bytes(at, header->period, strlen(header->period));
    for (size_t i = 0; i < header->contributor_count; i++) {
        const vs_contributor *contributor = &header->contributors[i];
        at = put_bytes(at, contributor->id, VS_ID_BYTES);
        at = put_number(at, strlen(contributor->name), 1);
        at = put_bytes(at, contributor->name, strlen(contributor->name));
    }
    size_t hashed = (size_t)total - VS_HASH_BYTES;
    vs__header_hash(*data + hashed, *data, hashed);
    return VS_OK;
}

/* ---- from bytes ---- */

/* Where reading stands. `short_of` is set once more was asked for than there is; zeros are read from then on. */
typedef struct cursor {
    const uint8_t *data;
    size_t len, at;
    bool short_of;
} cursor;

static const uint8_t *take(cursor *c, size_t len) {
    if (len > c->len - c->at) {
        c->short_of = true;
        c->at = c->len;
        return NULL;
    }
    c->at += len;
    return c->data + (c->at - len);
}

static uint64_t take_number(cursor *c, unsigned bytes) {
    const uint8_t *from = take(c, bytes);
    uint64_t value = 0;
    for (unsigned i = 0; from != NULL && i < bytes; i++) {
        value |= (uint64_t)from[i] << (8 * i);
    }
    return value;
}

static void take_bytes(cursor *c, void *out, size_t len) {
    const uint8_t *from = take(c, len);
    if (from != NULL) {
        memcpy(out, from, len);
    }
}

/* Fields that decide how the rest is read. */
typedef struct sizes {
    uint64_t chunk_ciphertexts, contributors, key_len, period_len;
} sizes;

static vs_status unknown(vs_error *error, const char *what) {
    vs_fail(error, VS_ERR_VERSION, "%s that this version of veilsum does not know", what);
    vs_hint(error, "it was made by a later version; update veilsum");
    return VS_ERR_VERSION;
}

static vs_status decode_fixed(cursor *c, vs_header *header, sizes *out, vs_error *error) {
    (void)take(c, VS_CONTAINER_MAGIC_BYTES + 2);
    uint64_t kind = take_number(c, 1), opening = take_number(c, 1);
    (void)take_number(c, 4);
    take_bytes(c, header->plan_id, VS_HASH_BYTES);
    take_bytes(c, header->sid, VS_HASH_BYTES);
    header->attempt = take_number(c, 8);
    header->cell_count = take_number(c, 8);
    header->ciphertext_count = take_number(c, 8);
    header->contributors_min = take_number(c, 8);
    header->contributors_max = take_number(c, 8);
    header->bound = take_number(c, 8);
    out->chunk_ciphertexts = take_number(c, 4);
    out->contributors = take_number(c, 4);
    out->key_len = take_number(c, 4);
    uint64_t layout = take_number(c, 2), scheme = take_number(c, 1);
    out->period_len = take_number(c, 1);
    if (kind != VS_CONTRIBUTION && kind != VS_TOTAL) {
        return unknown(error, "a kind of container");
    }
    if (opening != VS_CONTAINER_OPENING_KEY) {
        return unknown(error, "an opening");
    }
    if (layout != VS_LAYOUT_BLOCKS || scheme != VS_ID_SCHEME_NAMES) {
        return unknown(error, layout != VS_LAYOUT_BLOCKS ? "a layout of slots" : "contributor ids of a kind");
    }
    header->kind = (vs_container_kind)kind;
    return VS_OK;
}

static vs_status lie(vs_error *error, const char *what) {
    vs_fail(error, VS_ERR_RANGE, "its header cannot be true: %s", what);
    vs_hint(error, "it was not made by veilsum; ask whoever sent it for a new one");
    return VS_ERR_RANGE;
}

static vs_status not_canonical(vs_error *error) {
    return vs_fail(error, VS_ERR_FORMAT, "its header is not in canonical form");
}

static vs_status decode_key(cursor *c, vs_header *header, uint64_t key_len, const vs_public_key *known,
                            vs_error *error) {
    const uint8_t *key = take(c, (size_t)key_len);
    if (key == NULL) {
        return not_canonical(error);
    }
    if (known != NULL && key_len == vs_public_key_encoded_len(known)) {
        uint8_t *encoded = malloc((size_t)key_len);
        if (encoded == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        vs_public_key_encode(known, encoded);
        header->pk = vs_equal(encoded, key, (size_t)key_len) ? known : NULL;
        free(encoded);
    }
    if (header->pk == NULL) {
        const char *reason = NULL;
        vs_public_key *pk = NULL;
        vs_status status = vs_public_key_decode(&pk, key, (size_t)key_len, &reason);
        if (status != VS_OK) {
            if (reason == NULL) {
                return vs_fail_plain(error, status);
            }
            vs_fail(error, status, "the public key that it carries: %s", reason);
            vs_hint(error, "it was not made by veilsum; ask whoever sent it for a new one");
            return status;
        }
        header->pk = pk;
        header->pk_owned = true;
    }
    return VS_OK;
}

static vs_status decode_period(cursor *c, vs_header *header, uint64_t len, vs_error *error) {
    if (len > VS_MAX_NAME_BYTES) {
        return lie(error, "its period is too long");
    }
    take_bytes(c, header->period, (size_t)len);
    if (c->short_of) {
        return not_canonical(error);
    }
    if (len > 0 && !vs_name_is_valid(header->period, (size_t)len)) {
        return lie(error, "its period is not a valid label");
    }
    return VS_OK;
}

static vs_status decode_contributor(cursor *c, vs_header *header, vs_contributor *contributor, vs_error *error) {
    uint8_t id[VS_ID_BYTES];
    take_bytes(c, contributor->id, VS_ID_BYTES);
    uint64_t len = take_number(c, 1);
    if (len > VS_MAX_NAME_BYTES) {
        return lie(error, "a contributor's name is too long");
    }
    take_bytes(c, contributor->name, (size_t)len);
    if (c->short_of) {
        return not_canonical(error);
    }
    if (!vs_name_is_valid(contributor->name, (size_t)len)) {
        return lie(error, "a contributor's name is not valid");
    }
    vs_contributor_id(id, header->sid, contributor->name);
    if (!vs_equal(id, contributor->id, VS_ID_BYTES)) {
        return lie(error, "a contributor's id does not belong to its name");
    }
    return VS_OK;
}

static vs_status decode_contributors(cursor *c, vs_header *header, uint64_t count, vs_error *error) {
    /* Memory follows what is really there: an entry has at least VS_ID_BYTES + 1 bytes. */
    if (count == 0 || count > VS_MAX_CONTRIBUTORS || count > (c->len - c->at) / (VS_ID_BYTES + 1)) {
        return lie(error, "the number of its contributors");
    }
    header->contributors = calloc((size_t)count, sizeof *header->contributors);
    if (header->contributors == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < count; i++) {
        vs_contributor *entry = &header->contributors[i];
        status = decode_contributor(c, header, entry, error);
        header->contributor_count = i + 1;
        if (status == VS_OK && i > 0 && memcmp(entry[-1].id, entry->id, VS_ID_BYTES) >= 0) {
            status = lie(error, "its contributors are not in order");
        }
    }
    return status;
}

/* Nothing but zeros up to the hash, and no more of them than alignment asks for. */
static vs_status check_padding(const cursor *c, vs_error *error) {
    uint8_t any = 0;
    for (size_t i = c->at; i < c->len; i++) {
        any |= c->data[i];
    }
    return c->len - c->at >= VS_HEADER_ALIGN || any != 0 ? not_canonical(error) : VS_OK;
}

static vs_status check_counts(const vs_header *header, const sizes *s, vs_error *error) {
    if (header->cell_count == 0 || header->cell_count > VS_MAX_CELLS) {
        return lie(error, "the number of its cells");
    }
    if (header->ciphertext_count == 0 || header->ciphertext_count > header->cell_count) {
        return lie(error, "the number of its ciphertexts");
    }
    if (s->chunk_ciphertexts != vs__chunks_of(header).chunk_ciphertexts) {
        return lie(error, "the size of its chunks");
    }
    if (header->contributors_min == 0 || header->contributors_min > header->contributors_max ||
        header->contributors_max > VS_MAX_CONTRIBUTORS) {
        return lie(error, "the limits of its contributors");
    }
    if (header->contributor_count > header->contributors_max) {
        return lie(error, "more contributors than its plan allows");
    }
    if (header->kind == VS_CONTRIBUTION && header->contributor_count != 1) {
        return lie(error, "a contribution of several contributors");
    }
    if (header->bound != header->contributor_count) {
        return lie(error, "the bound of its slots");
    }
    return VS_OK;
}

vs_status vs__header_decode(vs_header *header, const uint8_t *data, size_t len, const vs_public_key *known,
                            vs_error *error) {
    VS_CHECK(len >= VS_HEADER_FIXED_BYTES + VS_HASH_BYTES && len % VS_HEADER_ALIGN == 0);
    cursor c = {.data = data, .len = len - VS_HASH_BYTES};
    sizes s;
    uint8_t sid[VS_HASH_BYTES];
    *header = (vs_header){0};
    vs_status status = decode_fixed(&c, header, &s, error);
    if (status == VS_OK) {
        status = decode_key(&c, header, s.key_len, known, error);
    }
    if (status == VS_OK) {
        status = decode_period(&c, header, s.period_len, error);
    }
    if (status == VS_OK) {
        vs_session_id(sid, header->plan_id, header->period, header->attempt);
        status = vs_equal(sid, header->sid, VS_HASH_BYTES) ? VS_OK : lie(error, "the id of its session");
    }
    if (status == VS_OK) {
        status = decode_contributors(&c, header, s.contributors, error);
    }
    if (status == VS_OK) {
        status = check_padding(&c, error);
    }
    if (status == VS_OK) {
        status = check_counts(header, &s, error);
    }
    if (status != VS_OK) {
        vs_header_clear(header);
    }
    return status;
}
