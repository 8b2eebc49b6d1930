#include <stdlib.h>
#include <string.h>

#include "aggregate/part/part_internal.h"
#include "crypto/bytes.h"

#define MAX_CIPHERTEXT_BYTES ((VS_MAX_DEGREE + 1) * VS_MAX_BITS / 8)

/* ---- hashes ---- */

static void hash_bytes(uint8_t hash[VS_HASH_BYTES], const char *label, const uint8_t *data, size_t len) {
    vs_hash state;
    vs_hash_init(&state, label);
    vs_hash_field(&state, data, len);
    vs_hash_final(&state, hash);
}

void vs__part_hash(uint8_t hash[VS_HASH_BYTES], const uint8_t *data, size_t len) {
    hash_bytes(hash, "veilsum part", data, len);
}

void vs_part_blocks_begin(vs_hash *hash) {
    vs_hash_init(hash, "veilsum part blocks");
}

static size_t header_len(const vs_part_header *header) {
    return VS_PART_PERIOD + strlen(header->period);
}

void vs_part_context(uint8_t context[VS_HASH_BYTES], const vs_part *part) {
    hash_bytes(context, "veilsum part context", part->bytes, header_len(&part->header));
}

/* What is signed: all that stands before the signature. */
static void signed_hash(uint8_t hash[VS_HASH_BYTES], const vs_part *part) {
    hash_bytes(hash, "veilsum part signature", part->bytes, part->len - VS_PART_END_BYTES);
}

/* ---- to bytes ---- */

static void put_header(uint8_t *at, const vs_part_header *header) {
    memcpy(at, VS_PART_MAGIC, VS_PART_MAGIC_BYTES);
    vs_put_le(at + VS_PART_MAGIC_BYTES, VS_PART_VERSION, 2);
    vs_put_le(at + VS_PART_ROUND, header->round, 1);
    vs_put_le(at + VS_PART_HOLDER, header->holder, 1);
    vs_put_le(at + VS_PART_CIPHERTEXT_BYTES, header->ciphertext_bytes, 2);
    vs_put_le(at + VS_PART_PROOF_BYTES, header->proof_bytes, 2);
    memcpy(at + VS_PART_PLAN, header->plan_id, VS_HASH_BYTES);
    memcpy(at + VS_PART_SID, header->sid, VS_HASH_BYTES);
    vs_put_le(at + VS_PART_ATTEMPT, header->attempt, 8);
    vs_put_le(at + VS_PART_COUNT, header->count, 8);
    memcpy(at + VS_PART_TOTAL, header->total_digest, VS_HASH_BYTES);
    memcpy(at + VS_PART_THRESHOLD_KEY, header->threshold_key, VS_HASH_BYTES);
    memcpy(at + VS_PART_BLOCKS, header->blocks, VS_HASH_BYTES);
    vs_put_le(at + VS_PART_PERIOD_LEN, strlen(header->period), 1);
    memcpy(at + VS_PART_PERIOD, header->period, strlen(header->period));
}

size_t vs_part_len_max(uint64_t ciphertexts, size_t ciphertext_bytes, size_t proof_bytes) {
    VS_CHECK(ciphertexts <= VS_MAX_CELLS && ciphertext_bytes <= MAX_CIPHERTEXT_BYTES && proof_bytes <= UINT16_MAX);
    return VS_PART_PERIOD + VS_MAX_NAME_BYTES + (size_t)ciphertexts * ciphertext_bytes + proof_bytes +
           VS_PART_END_BYTES;
}

/* Where things are in `bytes`, all of whose `len` are there. */
static void set_places(vs_part *part) {
    part->parts = part->bytes + header_len(&part->header);
    part->proof = part->parts + part->header.count * part->header.ciphertext_bytes;
    part->signature = part->proof + part->header.proof_bytes;
    part->hash = part->signature + VS_SIGNATURE_BYTES;
}

static vs_part *part_alloc(size_t len) {
    vs_part *part = calloc(1, sizeof *part);
    if (part != NULL) {
        part->bytes = calloc(1, len);
        part->len = len;
    }
    if (part != NULL && part->bytes == NULL) {
        free(part);
        part = NULL;
    }
    return part;
}

vs_status vs_part_new(vs_part **out, const vs_part_header *header, vs_error *error) {
    VS_CHECK(header->count <= VS_MAX_CELLS && header->ciphertext_bytes <= MAX_CIPHERTEXT_BYTES);
    VS_CHECK(header->proof_bytes <= UINT16_MAX && (header->proof_bytes == 0) == (header->count == 0));
    vs_part *part = part_alloc(header_len(header) + (size_t)header->count * header->ciphertext_bytes +
                               header->proof_bytes + VS_PART_END_BYTES);
    *out = part;
    if (part == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    part->header = *header;
    put_header(part->bytes, header);
    set_places(part);
    return VS_OK;
}

void vs_part_sign(vs_part *part, const vs_identity *holder) {
    uint8_t hash[VS_HASH_BYTES];
    signed_hash(hash, part);
    vs_sign(holder, part->signature, hash, sizeof hash);
    vs__part_hash(part->hash, part->bytes, part->len - VS_HASH_BYTES);
}

void vs_part_free(vs_part *part) {
    if (part != NULL) {
        free(part->bytes);
        free(part);
    }
}

vs_status vs_part_check_signature(const vs_part *part, const uint8_t key[VS_IDENTITY_KEY_BYTES]) {
    uint8_t hash[VS_HASH_BYTES];
    signed_hash(hash, part);
    return vs_signature_check(key, part->signature, hash, sizeof hash);
}

/* ---- from bytes ---- */

static vs_status check_start(const uint8_t *data, size_t len, const char *name, vs_error *error) {
    if (len < VS_PART_MAGIC_BYTES + 2 || memcmp(data, VS_PART_MAGIC, VS_PART_MAGIC_BYTES) != 0) {
        vs_fail(error, VS_ERR_FORMAT, "%s: not a part of an opening", name);
        vs_hint(error, "parts are made by 'veilsum decrypt --part', and are binary data");
        return VS_ERR_FORMAT;
    }
    unsigned version = (unsigned)vs_get_le(data + VS_PART_MAGIC_BYTES, 2);
    if (version != VS_PART_VERSION) {
        vs_fail(error, VS_ERR_VERSION, "%s: a part of version %u; this veilsum reads version %u", name, version,
                VS_PART_VERSION);
        vs_hint(error, "update veilsum, or get the file again if it was damaged");
        return VS_ERR_VERSION;
    }
    uint8_t hash[VS_HASH_BYTES] = {0};
    size_t hashed = len < VS_HASH_BYTES ? 0 : len - VS_HASH_BYTES;
    vs__part_hash(hash, data, hashed);
    if (len < VS_PART_PERIOD + VS_PART_END_BYTES || !vs_equal(hash, data + hashed, VS_HASH_BYTES)) {
        vs_fail(error, VS_ERR_AUTH, "%s: its hash does not match; the file is damaged or altered", name);
        vs_hint(error, "get it again from its holder");
        return VS_ERR_AUTH;
    }
    return VS_OK;
}

static vs_status lie(const char *name, const char *what, vs_error *error) {
    return vs_fail(error, VS_ERR_RANGE, "%s: its header cannot be true: %s", name, what);
}

static vs_status take_period(vs_part_header *header, const uint8_t *data, size_t len, const char *name,
                             vs_error *error) {
    size_t period_len = data[VS_PART_PERIOD_LEN];
    uint8_t sid[VS_HASH_BYTES];
    if (period_len > VS_MAX_NAME_BYTES || period_len > len - VS_PART_PERIOD - VS_PART_END_BYTES) {
        return lie(name, "its period is too long", error);
    }
    memcpy(header->period, data + VS_PART_PERIOD, period_len);
    if (period_len > 0 && !vs_name_is_valid(header->period, period_len)) {
        return lie(name, "its period is not a valid label", error);
    }
    vs_session_id(sid, header->plan_id, header->period, header->attempt);
    return vs_equal(sid, header->sid, VS_HASH_BYTES)
               ? VS_OK
               : lie(name, "its session is not that of its plan and period", error);
}

static vs_status take_header(vs_part_header *header, const uint8_t *data, size_t len, const char *name,
                             vs_error *error) {
    header->round = data[VS_PART_ROUND];
    header->holder = data[VS_PART_HOLDER];
    header->ciphertext_bytes = (uint32_t)vs_get_le(data + VS_PART_CIPHERTEXT_BYTES, 2);
    header->proof_bytes = (uint32_t)vs_get_le(data + VS_PART_PROOF_BYTES, 2);
    memcpy(header->plan_id, data + VS_PART_PLAN, VS_HASH_BYTES);
    memcpy(header->sid, data + VS_PART_SID, VS_HASH_BYTES);
    header->attempt = vs_get_le(data + VS_PART_ATTEMPT, 8);
    header->count = vs_get_le(data + VS_PART_COUNT, 8);
    memcpy(header->total_digest, data + VS_PART_TOTAL, VS_HASH_BYTES);
    memcpy(header->threshold_key, data + VS_PART_THRESHOLD_KEY, VS_HASH_BYTES);
    memcpy(header->blocks, data + VS_PART_BLOCKS, VS_HASH_BYTES);
    if (header->round < 1 || header->round > 2) {
        return lie(name, "there is no such round", error);
    }
    if (header->holder < 1 || header->holder > VS_MAX_HOLDERS) {
        return lie(name, "there is no such holder", error);
    }
    if (header->count > VS_MAX_CELLS || header->ciphertext_bytes == 0 ||
        header->ciphertext_bytes > MAX_CIPHERTEXT_BYTES || (header->proof_bytes == 0) != (header->count == 0)) {
        return lie(name, "its counts are out of their bounds", error);
    }
    return take_period(header, data, len, name, error);
}

vs_status vs_part_parse(vs_part **out, const char *name, const uint8_t *data, size_t len, vs_error *error) {
    *out = NULL;
    vs_part_header header = {.round = 0};
    vs_status status = check_start(data, len, name, error);
    if (status == VS_OK) {
        status = take_header(&header, data, len, name, error);
    }
    if (status != VS_OK) {
        return status;
    }
    /* No overflow: at most 2^26 ciphertexts of 2560 bytes. */
    if (len != header_len(&header) + header.count * header.ciphertext_bytes + header.proof_bytes + VS_PART_END_BYTES) {
        return lie(name, "its length is not what it says", error);
    }
    vs_part *part = part_alloc(len);
    if (part == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    part->header = header;
    memcpy(part->bytes, data, len);
    set_places(part);
    *out = part;
    return VS_OK;
}
