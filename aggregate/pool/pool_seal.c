/* Factors under their keys. The stream of a block's key is
 *
 *     key of the next block ‖ the block's key for tags ‖ VS_POOL_BLOCK pads of tags ‖ VS_POOL_BLOCK pads
 *
 * and a sealed factor is its digit 0, which the ciphertext will show to everybody, its further digits, which are what
 * hides the message, under a pad, and a tag over both.
 */
#include <stdlib.h>
#include <string.h>

#include "aggregate/pool/pool_internal.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

/* Blocks in one run of a thread, at least: its secret memory costs as much as several blocks. */
#define RUN 16

static size_t digit_len(const vs_pool_header *header) {
    return header->bits / 8;
}

static size_t pad_len(const vs_pool_header *header) {
    return header->degree * digit_len(header);
}

size_t vs__pool_factor_len(const vs_pool_header *header) {
    return digit_len(header) + pad_len(header);
}

static size_t stream_len(const vs_pool_header *header) {
    return VS_ONETIME_KEY_BYTES + vs__pool_factor_len(header) +
           VS_POOL_BLOCK * (VS_ONETIME_TAG_BYTES + pad_len(header));
}

size_t vs__pool_sealed_len(const vs_pool_header *header) {
    return vs__pool_factor_len(header) + VS_ONETIME_TAG_BYTES;
}

uint64_t vs__pool_offset(const vs_pool_header *header, uint64_t index) {
    return VS_POOL_FACTORS + index * vs__pool_sealed_len(header);
}

/* ---- the chain ---- */

static uint64_t first_block(const vs_pool_range *range) {
    return range->first / VS_POOL_BLOCK;
}

/* Blocks that the range touches. */
static size_t block_count(const vs_pool_range *range) {
    uint64_t end = range->first + range->count;
    return (size_t)((end + VS_POOL_BLOCK - 1) / VS_POOL_BLOCK - first_block(range));
}

vs_status vs__pool_walk(vs_pool_range *range, const uint8_t key[VS_ONETIME_KEY_BYTES]) {
    size_t blocks = block_count(range);
    range->keys = vs_secret_alloc((blocks + 1) * VS_ONETIME_KEY_BYTES);
    if (range->keys == NULL) {
        return VS_ERR_MEMORY;
    }
    memcpy(range->keys, key, VS_ONETIME_KEY_BYTES);
    for (size_t i = 0; i < blocks; i++) {
        uint8_t *at = range->keys + i * VS_ONETIME_KEY_BYTES;
        vs_onetime_stream(at + VS_ONETIME_KEY_BYTES, VS_ONETIME_KEY_BYTES, at);
    }
    return VS_OK;
}

const uint8_t *vs__pool_end_key(const vs_pool_range *range) {
    uint64_t end = range->first + range->count;
    return range->keys + (end / VS_POOL_BLOCK - first_block(range)) * VS_ONETIME_KEY_BYTES;
}

/* ---- one block ---- */

/* The part of a block that belongs to a range. */
typedef struct part {
    uint64_t first; /* factor */
    size_t count;
    const uint8_t *tag_key;
    const uint8_t *tag_pad, *pad; /* of that factor; those of the following ones follow */
} part;

/* Block `i` of the range, its stream in `stream`. */
static part part_of(const vs_pool_range *range, size_t i, uint8_t *stream) {
    const vs_pool_header *header = &range->pool->header;
    uint64_t begin = (first_block(range) + i) * VS_POOL_BLOCK, end = range->first + range->count;
    part p = {.first = begin < range->first ? range->first : begin};
    size_t skipped = (size_t)(p.first - begin);
    size_t room = VS_POOL_BLOCK - skipped;
    p.count = end - p.first < room ? (size_t)(end - p.first) : room;
    vs_onetime_stream(stream, stream_len(header), range->keys + i * VS_ONETIME_KEY_BYTES);
    p.tag_key = stream + VS_ONETIME_KEY_BYTES;
    p.tag_pad = p.tag_key + vs__pool_factor_len(header) + skipped * VS_ONETIME_TAG_BYTES;
    p.pad = p.tag_pad + (VS_POOL_BLOCK - skipped) * VS_ONETIME_TAG_BYTES + skipped * pad_len(header);
    return p;
}

/* A word at a time; `len` is a multiple of 8. */
static void apply_pad(uint8_t *out, const uint8_t *in, const uint8_t *pad, size_t len) {
    for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
        uint64_t a, b;
        memcpy(&a, in + i, sizeof a);
        memcpy(&b, pad + i, sizeof b);
        a ^= b;
        memcpy(out + i, &a, sizeof a);
    }
}

/* False where a tag does not match. */
static bool unseal_part(const vs_pool_range *range, const part *p, const uint8_t *sealed) {
    const vs_pool_header *header = &range->pool->header;
    size_t factor = vs__pool_factor_len(header), digit = digit_len(header), pad = pad_len(header);
    bool good = true;
    for (size_t i = 0; i < p->count && good; i++) {
        const uint8_t *in = sealed + i * vs__pool_sealed_len(header);
        good = vs_onetime_tag_is(in + factor, in, p->tag_key, factor, p->tag_pad + i * VS_ONETIME_TAG_BYTES) != 0;
        if (range->opened != NULL) {
            uint8_t *out = range->opened + (p->first - range->first + i) * factor;
            memcpy(out, in, digit);
            apply_pad(out + digit, in + digit, p->pad + i * pad, pad);
        }
    }
    return good;
}

static void seal_part(const vs_pool_range *range, const part *p, uint8_t *sealed) {
    const vs_pool_header *header = &range->pool->header;
    size_t factor = vs__pool_factor_len(header), digit = digit_len(header), pad = pad_len(header);
    for (size_t i = 0; i < p->count; i++) {
        const uint8_t *in = range->plain + (p->first - range->first + i) * factor;
        uint8_t *out = sealed + i * vs__pool_sealed_len(header);
        memcpy(out, in, digit);
        apply_pad(out + digit, in + digit, p->pad + i * pad, pad);
        vs_onetime_tag(out + factor, out, p->tag_key, factor, p->tag_pad + i * VS_ONETIME_TAG_BYTES);
    }
}

/* ---- ranges ---- */

typedef struct job {
    const vs_pool_range *range;
    vs_error *error; /* NULL on several threads */
    bool seal;
} job;

static vs_status do_block(const job *j, size_t i, uint8_t *stream, uint8_t *sealed) {
    const vs_pool *pool = j->range->pool;
    const vs_storage *storage = pool->storage;
    part p = part_of(j->range, i, stream);
    uint64_t offset = vs__pool_offset(&pool->header, p.first);
    size_t len = p.count * vs__pool_sealed_len(&pool->header);
    if (j->seal) {
        seal_part(j->range, &p, sealed);
        return storage->write(storage->context, offset, sealed, len, j->error);
    }
    vs_status status = storage->read(storage->context, offset, sealed, len, j->error);
    if (status == VS_OK && !unseal_part(j->range, &p, sealed)) {
        status = vs_fail(j->error, VS_ERR_AUTH, "%s: a factor between %llu and %llu is damaged", storage->name,
                         (unsigned long long)p.first, (unsigned long long)(p.first + p.count - 1));
        vs_hint(j->error, "make a new pool; nothing but computing time is lost");
    }
    return status;
}

static vs_status do_blocks(void *context, size_t first, size_t blocks) {
    const job *j = context;
    const vs_pool_header *header = &j->range->pool->header;
    size_t stream = (stream_len(header) + 63) / 64 * 64;
    uint8_t *memory = vs_secret_alloc(stream + VS_POOL_BLOCK * vs__pool_sealed_len(header));
    if (memory == NULL) {
        return vs_fail_plain(j->error, VS_ERR_MEMORY);
    }
    vs_status status = VS_OK;
    for (size_t i = first; i < first + blocks && status == VS_OK; i++) {
        status = do_block(j, i, memory, memory + stream);
    }
    vs_secret_free(memory);
    return status;
}

vs_status vs__pool_unseal(const vs_pool_range *range, vs_error *error) {
    size_t blocks = block_count(range), share = blocks / vs_parallel_threads() + 1;
    job j = {.range = range};
    vs_status status = vs_parallel_for(blocks, share < RUN ? RUN : share, do_blocks, &j);
    if (status != VS_OK) {
        j.error = error; /* once more, alone, to say what is wrong */
        status = do_blocks(&j, 0, blocks);
    }
    return status;
}

vs_status vs__pool_seal(const vs_pool_range *range, vs_error *error) {
    job j = {.range = range, .error = error, .seal = true};
    return do_blocks(&j, 0, block_count(range));
}
