#include <stdlib.h>
#include <string.h>

#include "aggregate/container/container_internal.h"

struct vs_container_writer {
    const vs_sink *sink;
    vs_chunks chunks;
    uint8_t header_hash[VS_HASH_BYTES];
    vs_merkle tree;
    uint8_t *chunk; /* what is not yet a full chunk, and room for its hash */
    size_t held;    /* ciphertexts in it */
    uint64_t next;  /* chunk */
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

vs_status vs_container_write(vs_container_writer *writer, const uint8_t *ciphertexts, uint64_t count, vs_error *error) {
    size_t bytes = writer->chunks.ciphertext_bytes;
    while (count > 0) {
        VS_CHECK(writer->next < writer->chunks.chunk_count);
        size_t size = vs__chunk_size(&writer->chunks, writer->next), room = size - writer->held;
        size_t taken = count < room ? (size_t)count : room;
        memcpy(writer->chunk + writer->held * bytes, ciphertexts, taken * bytes);
        writer->held += taken;
        ciphertexts += taken * bytes;
        count -= taken;
        if (writer->held == size) {
            vs_status status = flush_chunk(writer, error);
            if (status != VS_OK) {
                return status;
            }
        }
    }
    return VS_OK;
}

vs_status vs_container_finish(vs_container_writer *writer, vs_error *error) {
    uint8_t trailer[VS_TRAILER_BYTES] = {0};
    VS_CHECK(writer->next == writer->chunks.chunk_count);
    memcpy(trailer, VS_CONTAINER_END, VS_CONTAINER_MAGIC_BYTES);
    vs_merkle_root(&writer->tree, trailer + VS_TRAILER_ROOT);
    vs__trailer_hash(trailer + VS_TRAILER_HASH, writer->header_hash, trailer);
    return writer->sink->write(writer->sink->context, trailer, sizeof trailer, error);
}

void vs_container_writer_free(vs_container_writer *writer) {
    if (writer != NULL) {
        free(writer->chunk);
        free(writer);
    }
}
