/* The container: the one binary format of contributions and totals. papers/format.md specifies it.
 *
 * header ‖ chunk ‖ … ‖ chunk ‖ trailer. The writer and the reader stream with one chunk of memory; a header is fully
 * checked before anything that it says is believed, and every chunk before it is handed out.
 */
#ifndef VEILSUM_AGGREGATE_CONTAINER_H
#define VEILSUM_AGGREGATE_CONTAINER_H

#include "aggregate/plan/plan.h"
#include "aggregate/stream.h"
#include "crypto/paillier/paillier.h"
#include "crypto/sign/identity.h"

typedef enum vs_container_kind { VS_CONTRIBUTION = 1, VS_TOTAL = 2 } vs_container_kind;

typedef struct vs_contributor {
    uint8_t id[VS_ID_BYTES];
    char name[VS_MAX_NAME_BYTES + 1];
} vs_contributor;

typedef struct vs_header {
    vs_container_kind kind;
    uint8_t plan_id[VS_HASH_BYTES], sid[VS_HASH_BYTES];
    uint64_t attempt;
    char period[VS_MAX_NAME_BYTES + 1];
    const vs_public_key *pk; /* carried whole */
    bool pk_owned;           /* freed by vs_header_clear */
    uint64_t cell_count, ciphertext_count;
    uint64_t contributors_min, contributors_max; /* as the plan says, for inspect */
    uint64_t bound;                              /* slots hold at most this many contributions' maxima */
    vs_contributor *contributors;                /* sorted by id, distinct; owned */
    size_t contributor_count;                    /* 1 for a contribution */
} vs_header;
void vs_header_clear(vs_header *header);

/** How long a container with this header is, in bytes. */
uint64_t vs_container_len(const vs_header *header);

/** Ciphertexts in every chunk but the last: what fits 1 MiB, a multiple of 8 so that a chunk fills vectors of eight. */
uint32_t vs_chunk_ciphertexts(size_t ciphertext_bytes);

typedef struct vs_container_writer vs_container_writer;
/** Write a header and prepare for its ciphertexts. The header is read here only; the sink is borrowed. */
VS_MUST_CHECK vs_status vs_container_writer_new(vs_container_writer **writer, const vs_header *header,
                                                const vs_sink *sink, vs_error *error);
/** Append ciphertexts (any number at a time, all together as many as the header says). */
VS_MUST_CHECK vs_status vs_container_write(vs_container_writer *writer, const uint8_t *ciphertexts, uint64_t count,
                                           vs_error *error);
/** The trailer; all ciphertexts of the header must have been written. */
VS_MUST_CHECK vs_status vs_container_finish(vs_container_writer *writer, vs_error *error);
/** The same with a signature, for contributions only: a total's bytes depend on its contributions alone. */
VS_MUST_CHECK vs_status vs_container_finish_signed(vs_container_writer *writer, const vs_identity *signer,
                                                   vs_error *error);
/** After finishing: the digest that vs_container_digest gives who reads it. */
void vs_container_writer_digest(const vs_container_writer *writer, uint8_t digest[VS_HASH_BYTES]);
void vs_container_writer_free(vs_container_writer *writer);

typedef struct vs_container_reader vs_container_reader;
/** Read and check a header. `*at_end` = 1 and `*reader` = NULL where the source is at its end (several containers may
 * stand in a row). The source is borrowed. VS_ERR_FORMAT (no container), VS_ERR_VERSION, VS_ERR_AUTH (hash),
 * VS_ERR_RANGE or VS_ERR_FORMAT (hashes, and lies), VS_ERR_MEMORY. Messages begin with the source's name. */
VS_MUST_CHECK vs_status vs_container_reader_new(vs_container_reader **reader, const vs_source *source, int *at_end,
                                                vs_error *error);
/** The same where a key has been checked before: a header that carries `known` borrows it, which saves the checks.
 * `known` must outlive the reader, and may be NULL. */
VS_MUST_CHECK vs_status vs_container_reader_new_known(vs_container_reader **reader, const vs_source *source,
                                                      const vs_public_key *known, int *at_end, vs_error *error);
const vs_header *vs_container_header(const vs_container_reader *reader);
/** The next chunk, checked: `*ciphertexts` is borrowed until the next call; `*count` = 0 after the last one, by then
 * the trailer has been checked too, with its signature if there is one. Its digits may still be out of range: whoever
 * computes with them checks that.
 *  After an error the reader can only be freed. */
VS_MUST_CHECK vs_status vs_container_read(vs_container_reader *reader, const uint8_t **ciphertexts, size_t *count,
                                          vs_error *error);
/** All the rest, checked and dropped; nothing may follow it in its source. `what` names it in the message: "the total".
 *  Returns: as vs_container_read; VS_ERR_AUTH (something follows). */
VS_MUST_CHECK vs_status vs_container_read_to_end(vs_container_reader *reader, const char *what, vs_error *error);
/** The next chunk of each of several readers, on several threads: `ciphertexts` has `reader_count` places, `*count`
 * holds for each. Their containers have the same number of ciphertexts of the same key and are at the same chunk.
 * Several sources are read at once, each by one thread. On an error, that of the first reader that has one. */
VS_MUST_CHECK vs_status vs_container_read_each(vs_container_reader *const *readers, size_t reader_count,
                                               const uint8_t **ciphertexts, size_t *count, vs_error *error);
/** Once `*count` was 0: the key that has signed the container, of VS_IDENTITY_KEY_BYTES, borrowed; NULL: unsigned.
 * Whose key it is, and whether that somebody may contribute, the plan's roster says. */
const uint8_t *vs_container_signer(const vs_container_reader *reader);
/** Once `*count` was 0: the hash of its trailer, which stands for all of the container's bytes. */
void vs_container_digest(const vs_container_reader *reader, uint8_t digest[VS_HASH_BYTES]);
void vs_container_reader_free(vs_container_reader *reader);

#endif
