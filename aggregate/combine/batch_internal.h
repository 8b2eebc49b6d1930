/* How many plaintexts are encrypted or decrypted at a time. */
#ifndef VEILSUM_AGGREGATE_BATCH_INTERNAL_H
#define VEILSUM_AGGREGATE_BATCH_INTERNAL_H

#include "aggregate/container/container.h"
#include "crypto/parallel.h"

#define VS_MIN_BATCH 512u
#define VS_MAX_BATCH 16384u
#define VS_BATCH_A_THREAD 1024u

/** Several full runs for every thread, so that what one thread does alone between batches is little; and little memory:
 * it is the plaintexts' memory, too, which is locked. More than a chunk of the container is several whole ones, which
 * the writer need not copy. */
static inline size_t vs__batch_size(const vs_key_info *info, uint64_t total) {
    size_t chunk = vs_chunk_ciphertexts(info->ciphertext_bytes);
    size_t batch = VS_BATCH_A_THREAD * vs_parallel_threads(); /* of which there are not so many as to overflow */
    batch = batch < VS_MIN_BATCH ? VS_MIN_BATCH : batch < VS_MAX_BATCH ? batch : VS_MAX_BATCH;
    batch = batch > chunk ? batch / chunk * chunk : batch;
    return total < batch ? (size_t)total : batch;
}

#endif
