#include <stdlib.h>
#include <string.h>

#include "aggregate/container/container_internal.h"
#include "crypto/guard.h"

struct vs_container_reader {
    const vs_source *source;
    vs_header header;
    vs_chunks chunks;
    uint8_t header_hash[VS_HASH_BYTES];
    vs_merkle tree;
    uint8_t *chunk; /* one chunk with its hash */
    uint64_t next;  /* chunk */
    enum { READING, FINISHED, FAILED } state;
    bool is_signed;
    uint8_t signer[VS_IDENTITY_KEY_BYTES], digest[VS_HASH_BYTES]; /* once it is finished */
};

static vs_status not_a_container(const vs_source *source, const uint8_t *start, vs_error *error) {
    vs_fail(error, VS_ERR_FORMAT, "%s: not a contribution or a total", source->name);
    if (memcmp(start, VS_CONTAINER_MAGIC, 4) == 0) {
        vs_hint(error, "it looks cut off, or sent as text; send it again as binary data");
    } else {
        vs_hint(error, "contributions are made by 'veilsum encrypt', totals by 'veilsum combine'");
    }
    return VS_ERR_FORMAT;
}

static vs_status damaged(const vs_source *source, const char *what, vs_error *error) {
    vs_fail(error, VS_ERR_AUTH, "%s: %s; the file is damaged or altered", source->name, what);
    vs_hint(error, "get it again from where it was made");
    return VS_ERR_AUTH;
}

/* Magic, version and length; `*at_end` where there is nothing at all. */
static vs_status read_start(const vs_source *source, uint8_t start[VS_HEADER_START_BYTES], size_t *len, int *at_end,
                            vs_error *error) {
    size_t first = VS_CONTAINER_MAGIC_BYTES + 2, got = 0;
    memset(start, 0, VS_HEADER_START_BYTES);
    vs_status status = vs_read_up_to(source, start, first, &got, error);
    if (status != VS_OK) {
        return status;
    }
    *at_end = got == 0;
    if (got == 0) {
        return VS_OK;
    }
    if (got < first || memcmp(start, VS_CONTAINER_MAGIC, VS_CONTAINER_MAGIC_BYTES) != 0) {
        return not_a_container(source, start, error);
    }
    unsigned version = start[8] + 256u * start[9];
    if (version != VS_CONTAINER_VERSION) {
        vs_fail(error, VS_ERR_VERSION, "%s: a container of version %u; this veilsum reads version %u", source->name,
                version, VS_CONTAINER_VERSION);
        vs_hint(error, "update veilsum, or get the file again if it was damaged");
        return VS_ERR_VERSION;
    }
    status = vs_read_exactly(source, start + first, VS_HEADER_START_BYTES - first, error);
    if (status != VS_OK) {
        return status;
    }
    *len = start[12] | (size_t)start[13] << 8 | (size_t)start[14] << 16 | (size_t)start[15] << 24;
    /* The length is not yet covered by a hash that was checked, but no writer makes any of these. */
    if (*len < VS_HEADER_FIXED_BYTES + VS_HASH_BYTES || *len > VS_MAX_HEADER_BYTES || *len % VS_HEADER_ALIGN != 0) {
        return damaged(source, "the length of its header cannot be right", error);
    }
    return VS_OK;
}

/* The whole header, `len` bytes that begin with `start`. Grows with what arrives: a length alone costs no memory. */
static vs_status read_header(const vs_source *source, const uint8_t start[VS_HEADER_START_BYTES], uint8_t **data,
                             size_t len, vs_error *error) {
    size_t have = 0, cap = 4096;
    uint8_t *bytes = NULL;
    vs_status status = VS_OK;
    while (have < len && status == VS_OK) {
        size_t room = len < cap ? len : cap;
        uint8_t *larger = realloc(bytes, room);
        if (larger == NULL) {
            status = vs_fail_plain(error, VS_ERR_MEMORY);
            break;
        }
        bytes = larger;
        if (have == 0) {
            memcpy(bytes, start, VS_HEADER_START_BYTES);
            have = VS_HEADER_START_BYTES;
        }
        status = vs_read_exactly(source, bytes + have, room - have, error);
        have = room;
        cap *= 2;
    }
    if (status != VS_OK) {
        free(bytes);
        return status;
    }
    *data = bytes;
    return VS_OK;
}

static vs_status check_header(vs_container_reader *reader, const uint8_t *data, size_t len, const vs_public_key *known,
                              vs_error *error) {
    size_t hashed = len - VS_HASH_BYTES;
    vs__header_hash(reader->header_hash, data, hashed);
    if (!vs_equal(reader->header_hash, data + hashed, VS_HASH_BYTES)) {
        return damaged(reader->source, "the hash of its header does not match", error);
    }
    vs_status status = vs__header_decode(&reader->header, data, len, known, error);
    if (status != VS_OK) {
        vs_error_at(error, "%s", reader->source->name);
    }
    return status;
}

static vs_status reader_make(vs_container_reader **out, const vs_source *source, const uint8_t *data, size_t len,
                             const vs_public_key *known, vs_error *error) {
    vs_container_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    reader->source = source;
    vs_status status = check_header(reader, data, len, known, error);
    if (status == VS_OK) {
        reader->chunks = vs__chunks_of(&reader->header);
        vs_merkle_init(&reader->tree);
        reader->chunk = malloc(vs__chunk_size(&reader->chunks, 0) * reader->chunks.ciphertext_bytes + VS_HASH_BYTES);
        if (reader->chunk == NULL) {
            status = vs_fail_plain(error, VS_ERR_MEMORY);
        }
    }
    if (status != VS_OK) {
        vs_container_reader_free(reader);
        return status;
    }
    *out = reader;
    return VS_OK;
}

vs_status vs_container_reader_new_known(vs_container_reader **out, const vs_source *source, const vs_public_key *known,
                                        int *at_end, vs_error *error) {
    uint8_t start[VS_HEADER_START_BYTES], *data = NULL;
    size_t len = 0;
    *out = NULL;
    *at_end = 0;
    vs_status status = read_start(source, start, &len, at_end, error);
    if (status != VS_OK || *at_end) {
        return status;
    }
    status = read_header(source, start, &data, len, error);
    if (status == VS_OK) {
        status = reader_make(out, source, data, len, known, error);
    }
    free(data);
    return status;
}

vs_status vs_container_reader_new(vs_container_reader **out, const vs_source *source, int *at_end, vs_error *error) {
    return vs_container_reader_new_known(out, source, NULL, at_end, error);
}

const vs_header *vs_container_header(const vs_container_reader *reader) {
    return &reader->header;
}

vs_public_key *vs__container_take_key(vs_container_reader *reader) {
    VS_CHECK(reader->header.pk_owned);
    reader->header.pk_owned = false;
    return (vs_public_key *)(uintptr_t)reader->header.pk;
}

static vs_status read_chunk(vs_container_reader *reader, size_t count, vs_error *error) {
    size_t len = count * reader->chunks.ciphertext_bytes;
    bool last = reader->next + 1 == reader->chunks.chunk_count;
    uint8_t hash[VS_HASH_BYTES];
    vs_status status = vs_read_exactly(reader->source, reader->chunk, len + VS_HASH_BYTES, error);
    if (status != VS_OK) {
        return status;
    }
    vs__chunk_hash(hash, reader->header_hash, reader->next, last, reader->chunk, len);
    if (!vs_equal(hash, reader->chunk + len, VS_HASH_BYTES)) {
        return damaged(reader->source, "the hash of a chunk does not match", error);
    }
    vs_merkle_add(&reader->tree, hash);
    reader->next++;
    return VS_OK;
}

/* The hashes of a trailer say that nothing was damaged; who altered the container on purpose has made them anew. */
static vs_status check_trailer(const vs_container_reader *reader, const uint8_t *trailer, vs_error *error) {
    uint8_t hash[VS_HASH_BYTES], root[VS_HASH_BYTES];
    vs__trailer_hash(hash, reader->header_hash, trailer);
    vs_merkle_root(&reader->tree, root);
    if (memcmp(trailer, VS_CONTAINER_END, VS_CONTAINER_MAGIC_BYTES) != 0 ||
        !vs_equal(hash, trailer + VS_TRAILER_HASH, VS_HASH_BYTES)) {
        return damaged(reader->source, "its end mark does not match", error);
    }
    if (!vs_equal(root, trailer + VS_TRAILER_ROOT, VS_HASH_BYTES)) {
        return damaged(reader->source, "the root over its chunks does not match", error);
    }
    return VS_OK;
}

/* Unsigned is all zeros; anything else must be a signature by the key that it names. */
static vs_status check_signature(vs_container_reader *reader, const uint8_t *trailer, vs_error *error) {
    static const uint8_t unsigned_fields[VS_TRAILER_HASH - VS_TRAILER_SIGNER];
    uint8_t hash[VS_HASH_BYTES];
    if (memcmp(trailer + VS_TRAILER_SIGNER, unsigned_fields, sizeof unsigned_fields) == 0) {
        return VS_OK;
    }
    if (reader->header.kind == VS_TOTAL) {
        vs_fail(error, VS_ERR_FORMAT, "%s: a total that is signed, and totals are not", reader->source->name);
        vs_hint(error, "who combined it signs a receipt instead ('veilsum combine --receipt')");
        return VS_ERR_FORMAT;
    }
    vs__signed_hash(hash, reader->header_hash, trailer + VS_TRAILER_ROOT);
    if (!VS_GUARD(container_signature, vs_signature_check(trailer + VS_TRAILER_SIGNER, trailer + VS_TRAILER_SIGNATURE,
                                                          hash, sizeof hash) == VS_OK)) {
        return damaged(reader->source, "its signature is not right", error);
    }
    reader->is_signed = true;
    memcpy(reader->signer, trailer + VS_TRAILER_SIGNER, VS_IDENTITY_KEY_BYTES);
    return VS_OK;
}

static vs_status read_trailer(vs_container_reader *reader, vs_error *error) {
    uint8_t trailer[VS_TRAILER_BYTES] = {0};
    vs_status status = vs_read_exactly(reader->source, trailer, sizeof trailer, error);
    if (status == VS_OK) {
        status = check_trailer(reader, trailer, error);
    }
    if (status == VS_OK) {
        status = check_signature(reader, trailer, error);
    }
    memcpy(reader->digest, trailer + VS_TRAILER_HASH, VS_HASH_BYTES);
    return status;
}

vs_status vs_container_read(vs_container_reader *reader, const uint8_t **ciphertexts, size_t *count, vs_error *error) {
    *ciphertexts = NULL;
    *count = 0;
    VS_CHECK(reader->state != FAILED);
    if (reader->state == FINISHED) {
        return VS_OK;
    }
    bool end = reader->next == reader->chunks.chunk_count;
    size_t size = end ? 0 : vs__chunk_size(&reader->chunks, reader->next);
    vs_status status = end ? read_trailer(reader, error) : read_chunk(reader, size, error);
    if (status != VS_OK) {
        reader->state = FAILED;
        return status;
    }
    if (end) {
        reader->state = FINISHED;
        return VS_OK;
    }
    *ciphertexts = reader->chunk;
    *count = size;
    return VS_OK;
}

vs_status vs_container_read_to_end(vs_container_reader *reader, const char *what, vs_error *error) {
    uint8_t rest[1];
    size_t got = 0;
    vs_status status = VS_OK;
    for (size_t count = 1; status == VS_OK && count > 0;) {
        const uint8_t *ciphertexts;
        status = vs_container_read(reader, &ciphertexts, &count, error);
    }
    if (status == VS_OK) {
        status = vs_read_up_to(reader->source, rest, 1, &got, error);
    }
    return status == VS_OK && got > 0
               ? vs_fail(error, VS_ERR_AUTH, "%s: something follows %s", reader->source->name, what)
               : status;
}

const uint8_t *vs_container_signer(const vs_container_reader *reader) {
    VS_CHECK(reader->state == FINISHED);
    return reader->is_signed ? reader->signer : NULL;
}

void vs_container_digest(const vs_container_reader *reader, uint8_t digest[VS_HASH_BYTES]) {
    VS_CHECK(reader->state == FINISHED);
    memcpy(digest, reader->digest, VS_HASH_BYTES);
}

void vs_container_reader_free(vs_container_reader *reader) {
    if (reader != NULL) {
        vs_header_clear(&reader->header);
        free(reader->chunk);
        free(reader);
    }
}
