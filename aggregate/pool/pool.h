/* A pool: random factors made when the machine was idle, for encryption later (papers/format.md, "Pools").
 *
 * Each factor is used once. Those that are taken are marked as used, durably, before they are handed out; whatever
 * happens afterwards, a crash included, they are never handed out again. And they are destroyed by it: factors lie
 * sealed under keys that form a chain, the mark holds the key where the unused ones begin, and going on to the next key
 * overwrites the one before.
 *
 * Two marks take turns. A mark that was torn by a crash does not match its hash, so the other one counts; its factors
 * have not been handed out by then.
 *
 * Whoever uses a pool has it alone: cli/ locks the file.
 */
#ifndef VEILSUM_AGGREGATE_POOL_H
#define VEILSUM_AGGREGATE_POOL_H

#include "aggregate/storage.h"
#include "aggregate/stream.h"
#include "crypto/paillier/paillier.h"

/* Factors that one pool can hold. */
#define VS_MAX_POOL_COUNT (UINT64_C(1) << 32)

typedef struct vs_pool vs_pool;

typedef struct vs_pool_info {
    uint8_t fingerprint[VS_HASH_BYTES]; /* of the key */
    unsigned bits, degree;
    uint64_t made; /* factors that the pool has ever held */
    uint64_t left; /* of them unused */
} vs_pool_info;

/** Lay out an empty pool for `pk` in storage that holds nothing. Both are borrowed: the storage must outlive the pool.
 *  Returns: VS_OK, VS_ERR_MEMORY; the storage's own. */
VS_MUST_CHECK vs_status vs_pool_create(vs_pool **pool, const vs_storage *storage, const vs_public_key *pk,
                                       vs_error *error);

/** Open a pool; NULL for `pk` accepts any key. Where the storage can be written, what a crash left is cleaned up.
 *
 *  Returns: VS_OK; VS_ERR_FORMAT (no pool), VS_ERR_VERSION, VS_ERR_AUTH (damaged, cut short), VS_ERR_MISMATCH (of
 *           another key), VS_ERR_POLICY (a copy), VS_ERR_MEMORY; the storage's own. Messages begin with its name. */
VS_MUST_CHECK vs_status vs_pool_open(vs_pool **pool, const vs_storage *storage, const vs_public_key *pk,
                                     vs_error *error);

/** Make durable that what was taken is destroyed (that it is marked as used has been durable before), and free the
 * pool; NULL is allowed. Returns: VS_OK; the storage's own. The pool is freed in any case. */
VS_MUST_CHECK vs_status vs_pool_close(vs_pool *pool, vs_error *error);

void vs_pool_describe(const vs_pool *pool, vs_pool_info *info);

/** Append factors from vs_factors_make; they are durable when this returns VS_OK. After an error the pool can only be
 *  closed, and holds them or not.
 *  Returns: VS_OK, VS_ERR_LIMIT (more than VS_MAX_POOL_COUNT), VS_ERR_MEMORY; the storage's own. */
VS_MUST_CHECK vs_status vs_pool_add(vs_pool *pool, const uint8_t *factors, size_t count, vs_error *error);

/** Take `count` factors: checked, marked as used durably, handed out, destroyed.
 *
 *  Shape:   factors has room for `count` ciphertexts, in secret memory: wipe it once they have been used.
 *  Returns: VS_OK; VS_ERR_NOT_READY (fewer are left), VS_ERR_AUTH (one is damaged) and VS_ERR_MEMORY, where none is
 * used up; the storage's own, after which the pool can only be closed and they are used up or not. On error factors is
 * all zero. */
VS_MUST_CHECK vs_status vs_pool_take(vs_pool *pool, uint8_t *factors, size_t count, vs_error *error);

/** Check every unused factor, and take none. Returns: as vs_pool_take. */
VS_MUST_CHECK vs_status vs_pool_verify(const vs_pool *pool, const vs_progress *progress, vs_error *error);

#endif
