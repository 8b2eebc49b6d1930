/* What the container's reader and writer share: the bytes of a header, and the hashes. */
#ifndef VEILSUM_AGGREGATE_CONTAINER_INTERNAL_H
#define VEILSUM_AGGREGATE_CONTAINER_INTERNAL_H

#include "aggregate/container/container.h"

/* The first byte is in no UTF-8 text; CR LF, end-of-file and LF are what transfers as text alter. */
#define VS_CONTAINER_MAGIC "\xf5vsm\r\n\x1a\n"
#define VS_CONTAINER_END                                                                                               \
    "\xf5"                                                                                                             \
    "end\r\n\x1a\n"
#define VS_CONTAINER_MAGIC_BYTES 8u
#define VS_CONTAINER_VERSION 1u
#define VS_CONTAINER_OPENING_KEY 1u
#define VS_LAYOUT_BLOCKS 1u
#define VS_ID_SCHEME_NAMES 1u

#define VS_HEADER_START_BYTES 16u  /* magic, version, kind, opening, length */
#define VS_HEADER_FIXED_BYTES 144u /* all fields of fixed width */
#define VS_HEADER_ALIGN 64u
#define VS_MAX_HEADER_BYTES (128u << 20)

/* end mark ‖ Merkle root ‖ signer ‖ signature ‖ hash */
#define VS_TRAILER_ROOT 8u
#define VS_TRAILER_SIGNER 40u
#define VS_TRAILER_SIGNATURE 72u
#define VS_TRAILER_HASH 136u
#define VS_TRAILER_BYTES 168u

/* How a container's ciphertexts are cut. */
typedef struct vs_chunks {
    size_t ciphertext_bytes;
    uint64_t ciphertext_count, chunk_count;
    uint32_t chunk_ciphertexts;
} vs_chunks;
vs_chunks vs__chunks_of(const vs_header *header);
/** Ciphertexts of chunk `index`. */
size_t vs__chunk_size(const vs_chunks *chunks, uint64_t index);

/** A header's bytes, its hash included; malloc'd. (container_header.c) */
VS_MUST_CHECK vs_status vs__header_encode(uint8_t **data, size_t *len, const vs_header *header, vs_error *error);

/** Read and check a header whose length and hash have been checked. On error the header is clear. */
VS_MUST_CHECK vs_status vs__header_decode(vs_header *header, const uint8_t *data, size_t len,
                                          const vs_public_key *known, vs_error *error);

/** Take over the key that a reader's header owns; the header keeps borrowing it. (container_read.c) */
vs_public_key *vs__container_take_key(vs_container_reader *reader);

/** The hash of a header's bytes before its hash. */
void vs__header_hash(uint8_t out[VS_HASH_BYTES], const uint8_t *data, size_t len);
void vs__chunk_hash(uint8_t out[VS_HASH_BYTES], const uint8_t header_hash[VS_HASH_BYTES], uint64_t index, bool last,
                    const uint8_t *data, size_t len);
void vs__trailer_hash(uint8_t out[VS_HASH_BYTES], const uint8_t header_hash[VS_HASH_BYTES],
                      const uint8_t trailer[VS_TRAILER_HASH]);
/** What a signature is made over: the hashes of everything before the trailer. */
void vs__signed_hash(uint8_t out[VS_HASH_BYTES], const uint8_t header_hash[VS_HASH_BYTES],
                     const uint8_t root[VS_HASH_BYTES]);

#endif
