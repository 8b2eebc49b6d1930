#include "crypto/secret.h"

#include <gmp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool ready;

/* GMP cannot report that memory ran out, its own default aborts as well. */
static void *allocate_for_gmp(size_t len) {
    void *memory = malloc(len);
    VS_CHECK(memory != NULL);
    return memory;
}

/* GMP passes the length that it asked for last, so the tail is wiped when a block shrinks and the rest when it is
 * freed. Blocks come from malloc as GMP's own do: one that GMP took before the set-up may be freed here. */
static void free_for_gmp(void *memory, size_t len) {
    sodium_memzero(memory, len);
    free(memory);
}

static void *reallocate_for_gmp(void *memory, size_t old_len, size_t new_len) {
    if (new_len <= old_len) {
        sodium_memzero((uint8_t *)memory + new_len, old_len - new_len);
        return memory;
    }
    void *larger = allocate_for_gmp(new_len);
    memcpy(larger, memory, old_len);
    free_for_gmp(memory, old_len);
    return larger;
}

vs_status vs_secret_setup(void) {
    if (!ready) {
        if (sodium_init() < 0) {
            return VS_ERR_RANDOM;
        }
        mp_set_memory_functions(allocate_for_gmp, reallocate_for_gmp, free_for_gmp);
        ready = true;
    }
    return VS_OK;
}

/* ---- blocks ----
 *
 * To map, lock and unmap guarded memory takes a dozen system calls and a page fault a page: more than many a batch's
 * arithmetic. So a block that is freed is wiped and kept, within bounds, for the next one that wants just its length,
 * as every run of a batch does. */

#define HEAD 64 /* of a block: its length, and room so that what follows lies on a cache line */
#define KEPT_BLOCKS 256
#define KEPT_BYTES ((size_t)64 << 20)

static pthread_mutex_t keeping = PTHREAD_MUTEX_INITIALIZER;
static void *kept[KEPT_BLOCKS];
static size_t kept_count, kept_bytes;

static size_t *length_of(void *block) {
    return block;
}

/* A kept block of exactly `len` bytes, or NULL; the one that was freed last is the likeliest to be in a cache. */
static void *take_kept(size_t len) {
    void *block = NULL;
    (void)pthread_mutex_lock(&keeping);
    for (size_t i = kept_count; i-- > 0 && block == NULL;) {
        if (*length_of(kept[i]) == len) {
            block = kept[i];
            kept[i] = kept[--kept_count];
            kept_bytes -= len;
        }
    }
    (void)pthread_mutex_unlock(&keeping);
    return block;
}

static bool keep(void *block) {
    size_t len = *length_of(block);
    (void)pthread_mutex_lock(&keeping);
    bool room = kept_count < KEPT_BLOCKS && len <= KEPT_BYTES - kept_bytes;
    if (room) {
        kept[kept_count++] = block;
        kept_bytes += len;
    }
    (void)pthread_mutex_unlock(&keeping);
    return room;
}

void *vs_secret_alloc(size_t len) {
    VS_CHECK(ready); /* vs_secret_setup comes first */
    if (len > SIZE_MAX - HEAD - 63) {
        return NULL;
    }
    /* sodium_malloc puts the end of a block on a page boundary, so a multiple of 64 starts on one of 64. */
    size_t whole = HEAD + (len == 0 ? 64 : (len + 63) / 64 * 64);
    char *block = take_kept(whole);
    if (block == NULL) {
        block = sodium_malloc(whole);
        if (block == NULL) {
            return NULL;
        }
        memset(block, 0, whole);
        *length_of(block) = whole;
    }
    return block + HEAD;
}

void vs_secret_free(void *secret) {
    if (secret == NULL) {
        return;
    }
    char *block = (char *)secret - HEAD;
    sodium_memzero(secret, *length_of(block) - HEAD);
    if (!keep(block)) {
        sodium_free(block);
    }
}

void vs_wipe(void *memory, size_t len) {
    sodium_memzero(memory, len);
}

void vs_random(void *out, size_t len) {
    VS_CHECK(ready);
    randombytes_buf(out, len);
}
