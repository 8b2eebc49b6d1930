#include "bench/bandwidth.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/clock.h"
#include "crypto/parallel.h"

#define CHUNK (UINT64_C(1) << 22)
#define SMALLEST (UINT64_C(256) << 20)
#define LARGEST_SHARE (UINT64_C(128) << 20) /* for each thread that there may be */
#define PASSES 4

/* Wide enough for whatever the compiler makes of it; four sums, so that no addition waits for another. */
typedef uint64_t line __attribute__((vector_size(64)));

static volatile uint64_t sink; /* so that nothing is left out */

static vs_status fill(void *context, size_t first, size_t count) {
    memset((uint8_t *)context + first * CHUNK, 0x5a, count * CHUNK);
    return VS_OK;
}

static vs_status read_chunks(void *context, size_t first, size_t count) {
    const line *at = (const line *)((const uint8_t *)context + first * CHUNK), *end = at + count * CHUNK / sizeof *at;
    line a = {0}, b = {0}, c = {0}, d = {0};
    for (; at < end; at += 4) {
        a ^= at[0];
        b ^= at[1];
        c ^= at[2];
        d ^= at[3];
    }
    a ^= b ^ c ^ d;
    sink = a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] ^ a[5] ^ a[6] ^ a[7];
    return VS_OK;
}

/* Four times the last cache, as far as that is this process's: a virtual machine is told of the whole socket's. In
 * whole chunks. */
static size_t buffer_size(size_t most_threads) {
    long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    uint64_t size = cache > 0 ? 4 * (uint64_t)cache : SMALLEST, largest = LARGEST_SHARE * most_threads;
    size = size < largest ? size : largest;
    size = size > SMALLEST ? size : SMALLEST;
    return (size_t)(size / CHUNK * CHUNK);
}

double memory_bandwidth(size_t threads) {
    size_t before = vs_parallel_threads(), size = buffer_size(before), chunks = size / CHUNK;
    uint8_t *buffer = aligned_alloc(CHUNK, size);
    double best = 0;
    vs_parallel_set_threads(threads);
    if (buffer != NULL) {
        (void)madvise(buffer, size, MADV_HUGEPAGE); /* where it can be had: less time for making pages */
    }
    if (buffer != NULL && vs_parallel_for(chunks, 1, fill, buffer) == VS_OK) {
        for (int pass = 0; pass < PASSES; pass++) {
            double start = wall_seconds();
            if (vs_parallel_for(chunks, 1, read_chunks, buffer) == VS_OK) {
                double rate = (double)size / (wall_seconds() - start);
                best = rate > best ? rate : best;
            }
        }
    }
    vs_parallel_set_threads(before);
    free(buffer);
    return best;
}
