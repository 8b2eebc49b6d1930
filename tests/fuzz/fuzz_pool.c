/* Pools: header, marks, factors. What opens can be looked at, checked, used and filled up, and none of it reaches
 * beyond the storage or hands out more than there is. */
#include <stdlib.h>

#include "aggregate/pool/pool_internal.h"
#include "tests/aggregate/memory_storage.h"
#include "tests/fuzz/fuzz.h"

#define MAX_TAKEN 3

static void use(vs_pool *pool, memory_storage *m) {
    vs_pool_info info, after;
    vs_error error = {0};
    vs_pool_describe(pool, &info);
    VS_CHECK(info.left <= info.made && info.degree >= 1 && info.degree <= VS_MAX_DEGREE);
    VS_CHECK(m->now_len >= vs__pool_offset(&pool->header, info.made));
    vs_status status = vs_pool_verify(pool, NULL, &error);
    fuzz_check_status(status, &error);
    size_t count = info.left < MAX_TAKEN ? (size_t)info.left : MAX_TAKEN;
    uint8_t *factors = malloc((count + 1) * vs__pool_factor_len(&pool->header));
    VS_CHECK(factors != NULL);
    vs_status taken = vs_pool_take(pool, factors, count, &error);
    fuzz_check_status(taken, &error);
    VS_CHECK(taken == VS_OK || taken == VS_ERR_AUTH);
    VS_CHECK(status != VS_OK || taken == VS_OK);
    vs_pool_describe(pool, &after);
    VS_CHECK(after.left == info.left - (taken == VS_OK ? count : 0));
    free(factors);
}

static void try(const uint8_t *data, size_t size, bool mend) {
    memory_storage *m = memory_storage_new();
    vs_pool *pool = NULL;
    vs_error error = {0};
    memcpy(m->now, data, size);
    m->now_len = size;
    if (mend && size >= VS_POOL_FACTORS) { /* the hashes that its maker would have given it, who may be the attacker */
        vs_hash hash;
        vs_hash_init(&hash, "veilsum pool header");
        vs_hash_field(&hash, m->now, VS_POOL_HEADER_HASH);
        vs_hash_final(&hash, m->now + VS_POOL_HEADER_HASH);
        for (size_t at = VS_POOL_PAGE; at <= 2 * VS_POOL_PAGE; at += VS_POOL_PAGE) {
            vs_hash_init(&hash, "veilsum pool mark");
            vs_hash_field(&hash, m->now + VS_POOL_HEADER_HASH, VS_HASH_BYTES);
            vs_hash_field(&hash, m->now + at, VS_POOL_MARK_HASH);
            vs_hash_final(&hash, m->now + at + VS_POOL_MARK_HASH);
        }
    }
    memcpy(&m->storage.place, m->now + 48, sizeof m->storage.place);
    vs_status status = vs_pool_open(&pool, &m->storage, NULL, &error);
    fuzz_check_status(status, &error);
    VS_CHECK((status == VS_OK) == (pool != NULL));
    if (pool != NULL) {
        use(pool, m);
    }
    VS_CHECK(vs_pool_close(pool, &error) == VS_OK);
    free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    if (size <= MEMORY_STORAGE_MAX) {
        try(data, size, false);
        try(data, size, true);
    }
    return 0;
}
