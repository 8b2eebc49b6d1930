/* The bytes of a pool, shared by the files of this folder. papers/format.md specifies them. */
#ifndef VEILSUM_AGGREGATE_POOL_INTERNAL_H
#define VEILSUM_AGGREGATE_POOL_INTERNAL_H

#include <stdbool.h>

#include "aggregate/pool/pool.h"
#include "crypto/onetime.h"

#define VS_POOL_MAGIC "\xf5vsp\r\n\x1a\n"
#define VS_POOL_VERSION 1u
/* Header and marks have a page each, so that no write touches two of them. */
#define VS_POOL_PAGE 4096u
#define VS_POOL_FACTORS (3u * VS_POOL_PAGE) /* where the factors begin */
#define VS_POOL_HEADER_HASH (VS_POOL_PAGE - VS_HASH_BYTES)
#define VS_POOL_MARK_BYTES 128u /* what is used of a mark's page: within one sector of any disk */
#define VS_POOL_MARK_HASH (VS_POOL_MARK_BYTES - VS_HASH_BYTES)
#define VS_POOL_ID_BYTES 16u
/* Factors under one key of the chain. More make the chain shorter and the walk over a partly used block longer. */
#define VS_POOL_BLOCK 32u

typedef struct vs_pool_header {
    unsigned bits, degree;
    uint8_t fingerprint[VS_HASH_BYTES];
    uint64_t place;
    uint8_t id[VS_POOL_ID_BYTES]; /* random */
} vs_pool_header;

/* How far a pool has been used and filled. Holds the keys of all that is unused: secret. */
typedef struct vs_pool_mark {
    uint64_t sequence;                      /* the higher one of two valid marks counts; 0: none */
    uint64_t next, end;                     /* factors next .. end − 1 are unused */
    uint8_t next_key[VS_ONETIME_KEY_BYTES]; /* of the block that factor `next` is in */
    uint8_t end_key[VS_ONETIME_KEY_BYTES];
} vs_pool_mark;

struct vs_pool { /* in secret memory */
    const vs_storage *storage;
    vs_pool_header header;
    uint8_t header_hash[VS_HASH_BYTES];
    vs_pool_mark mark;
    unsigned slot; /* which of the two places the mark is in */
    bool dirty;    /* something has been wiped that is not yet durable */
    bool failed;   /* a write or sync failed: nobody knows what is durable */
};

/* ---- pool_format.c: header and marks ---- */

/** A page, its hash included; `hash` gets a copy. */
void vs__pool_header_encode(uint8_t page[VS_POOL_PAGE], uint8_t hash[VS_HASH_BYTES], const vs_pool_header *header);
/** Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_AUTH with a message that lacks the storage's name. */
VS_MUST_CHECK vs_status vs__pool_header_decode(vs_pool_header *header, uint8_t hash[VS_HASH_BYTES],
                                               const uint8_t page[VS_POOL_PAGE], vs_error *error);
void vs__pool_mark_encode(uint8_t bytes[VS_POOL_MARK_BYTES], const uint8_t header_hash[VS_HASH_BYTES],
                          const vs_pool_mark *mark);
/** False, and a mark of zeros, where the hash does not match. */
bool vs__pool_mark_decode(vs_pool_mark *mark, const uint8_t header_hash[VS_HASH_BYTES],
                          const uint8_t bytes[VS_POOL_MARK_BYTES]);

/* ---- pool_seal.c: factors under their keys ---- */

/** A factor's length in a pool (digits and tag), and in memory (digits). */
size_t vs__pool_sealed_len(const vs_pool_header *header);
size_t vs__pool_factor_len(const vs_pool_header *header);
uint64_t vs__pool_offset(const vs_pool_header *header, uint64_t index);

/* A range of factors that lies in storage. */
typedef struct vs_pool_range {
    const vs_pool *pool;
    uint64_t first;
    size_t count;
    const uint8_t *plain; /* to seal */
    uint8_t *opened;      /* where to open them to; NULL: only check */
    uint8_t *keys;        /* of the blocks that the range touches, in their order, and of the one that its end is in */
} vs_pool_range;

/** Fill in `keys`, in secret memory, from the key of the block that factor `first` is in. Freed by vs_secret_free. */
VS_MUST_CHECK vs_status vs__pool_walk(vs_pool_range *range, const uint8_t key[VS_ONETIME_KEY_BYTES]);
/** The key of the block that factor first + count is in. */
const uint8_t *vs__pool_end_key(const vs_pool_range *range);

/** Read and open them, on several threads. VS_OK, VS_ERR_AUTH, VS_ERR_MEMORY; the storage's own. */
VS_MUST_CHECK vs_status vs__pool_unseal(const vs_pool_range *range, vs_error *error);
/** Seal and write them. */
VS_MUST_CHECK vs_status vs__pool_seal(const vs_pool_range *range, vs_error *error);

#endif
