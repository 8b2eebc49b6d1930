#include <stdlib.h>
#include <string.h>

#include "aggregate/container/container_internal.h"
#include "crypto/parallel.h"

struct vs_container_writer {
    const vs_sink *sink;
    vs_chunks chunks;
    uint8_t header_hash[VS_HASH_BYTES];
    vs_merkle tree;
    uint8_t *chunk; /* what is not yet a full chunk, and room for its hash */
    size_t held;    /* ciphertexts in it */
    uint64_t next;  /* chunk */
    bool signable;  /* a contribution */
    bool finished;
    uint8_t digest[VS_HASH_BYTES];
};

vs_status vs_container_writer_new(vs_container_writer **out, const vs_header *header, const vs_sink *sink,
                                  vs_error *error) {
    uint8_t *encoded = NULL;
    size_t len = 0;
    *out = NULL;
    vs_container_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    writer->sink = sink;
    writer->chunks = vs__chunks_of(header);
    writer->signable = header->kind == VS_CONTRIBUTION;
    vs_merkle_init(&writer->tree);
    writer->chunk = malloc(vs__chunk_size(&writer->chunks, 0) * writer->chunks.ciphertext_bytes + VS_HASH_BYTES);
    vs_status status = writer->chunk == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        status = vs__header_encode(&encoded, &len, header, error);
    }
    if (status == VS_OK) {
        memcpy(writer->header_hash, encoded + len - VS_HASH_BYTES, VS_HASH_BYTES);
        status = sink->write(sink->context, encoded, len, error);
    }
    free(encoded);
    if (status != VS_OK) {
        vs_container_writer_free(writer);
        return status;
    }
    *out = writer;
    return VS_OK;
}

static vs_status flush_chunk(vs_container_writer *writer, vs_error *error) {
    size_t len = writer->held * writer->chunks.ciphertext_bytes;
    bool last = writer->next + 1 == writer->chunks.chunk_count;
    uint8_t *hash = writer->chunk + len;
    vs__chunk_hash(hash, writer->header_hash, writer->next, last, writer->chunk, len);
    vs_merkle_add(&writer->tree, hash);
    writer->next++;
    writer->held = 0;
    return writer->sink->write(writer->sink->context, writer->chunk, len + VS_HASH_BYTES, error);
}

/* ---- several chunks at once, where they lie ---- */

typedef struct hash_job {
    const vs_container_writer *writer;
    const uint8_t *ciphertexts;
    uint8_t *hashes;
} hash_job;

static vs_status hash_chunks(void *context, size_t first, size_t count) {
    const hash_job *job = context;
    const vs_chunks *chunks = &job->writer->chunks;
    size_t len = chunks->chunk_ciphertexts * chunks->ciphertext_bytes;
    for (size_t i = first; i < first + count; i++) {
        uint64_t index = job->writer->next + i;
        vs__chunk_hash(job->hashes + i * VS_HASH_BYTES, job->writer->header_hash, index,
                       index + 1 == chunks->chunk_count, job->ciphertexts + i * len, len);
    }
    return VS_OK;
}

/* Hashing is the longest part of writing; threads share it. */
static vs_status write_chunks(vs_container_writer *writer, const uint8_t *ciphertexts, size_t count, vs_error *error) {
    const vs_sink *sink = writer->sink;
    size_t len = writer->chunks.chunk_ciphertexts * writer->chunks.ciphertext_bytes;
    hash_job job = {writer, ciphertexts, malloc(count * VS_HASH_BYTES)};
    if (job.hashes == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = vs_parallel_for(count, 1, hash_chunks, &job);
    for (size_t i = 0; i < count && status == VS_OK; i++) {
        vs_merkle_add(&writer->tree, job.hashes + i * VS_HASH_BYTES);
        writer->next++;
        status = sink->write(sink->context, ciphertexts + i * len, len, error);
        if (status == VS_OK) {
            status = sink->write(sink->context, job.hashes + i * VS_HASH_BYTES, VS_HASH_BYTES, error);
        }
    }
    free(job.hashes);
    return status;
}

/* How many full chunks, of full size, `count` ciphertexts begin with. */
static size_t chunks_at_hand(const vs_container_writer *writer, uint64_t count) {
    VS_CHECK(count <= writer->chunks.ciphertext_count - writer->next * writer->chunks.chunk_ciphertexts - writer->held);
    return writer->held == 0 ? (size_t)(count / writer->chunks.chunk_ciphertexts) : 0;
}

vs_status vs_container_write(vs_container_writer *writer, const uint8_t *ciphertexts, uint64_t count, vs_error *error) {
    size_t bytes = writer->chunks.ciphertext_bytes;
    while (count > 0) {
        VS_CHECK(writer->next < writer->chunks.chunk_count);
        size_t size = vs__chunk_size(&writer->chunks, writer->next), room = size - writer->held;
        size_t taken = count < room ? (size_t)count : room, whole = chunks_at_hand(writer, count);
        vs_status status = VS_OK;
        if (whole > 0) {
            taken = whole * size;
            status = write_chunks(writer, ciphertexts, whole, error);
        } else {
            memcpy(writer->chunk + writer->held * bytes, ciphertexts, taken * bytes);
            writer->held += taken;
            status = writer->held == size ? flush_chunk(writer, error) : VS_OK;
        }
        if (status != VS_OK) {
            return status;
        }
        ciphertexts += taken * bytes;
        count -= taken;
    }
    return VS_OK;
}

static void sign_trailer(const vs_container_writer *writer, const vs_identity *signer, uint8_t *trailer) {
    uint8_t hash[VS_HASH_BYTES];
    vs__signed_hash(hash, writer->header_hash, trailer + VS_TRAILER_ROOT);
    memcpy(trailer + VS_TRAILER_SIGNER, vs_identity_public(signer)->key, VS_IDENTITY_KEY_BYTES);
    vs_sign(signer, trailer + VS_TRAILER_SIGNATURE, hash, sizeof hash);
}

static vs_status finish(vs_container_writer *writer, const vs_identity *signer, vs_error *error) {
    uint8_t trailer[VS_TRAILER_BYTES] = {0};
    VS_CHECK(writer->next == writer->chunks.chunk_count && !writer->finished);
    memcpy(trailer, VS_CONTAINER_END, VS_CONTAINER_MAGIC_BYTES);
    vs_merkle_root(&writer->tree, trailer + VS_TRAILER_ROOT);
    if (signer != NULL) {
        sign_trailer(writer, signer, trailer);
    }
    vs__trailer_hash(trailer + VS_TRAILER_HASH, writer->header_hash, trailer);
    memcpy(writer->digest, trailer + VS_TRAILER_HASH, VS_HASH_BYTES);
    writer->finished = true;
    return writer->sink->write(writer->sink->context, trailer, sizeof trailer, error);
}

vs_status vs_container_finish(vs_container_writer *writer, vs_error *error) {
    return finish(writer, NULL, error);
}

vs_status vs_container_finish_signed(vs_container_writer *writer, const vs_identity *signer, vs_error *error) {
    VS_CHECK(writer->signable);
    return finish(writer, signer, error);
}

void vs_container_writer_digest(const vs_container_writer *writer, uint8_t digest[VS_HASH_BYTES]) {
    VS_CHECK(writer->finished);
    memcpy(digest, writer->digest, VS_HASH_BYTES);
}

void vs_container_writer_free(vs_container_writer *writer) {
    if (writer != NULL) {
        free(writer->chunk);
        free(writer);
    }
}
