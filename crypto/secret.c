#include "crypto/secret.h"

#include <gmp.h>
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

void *vs_secret_alloc(size_t len) {
    VS_CHECK(ready); /* vs_secret_setup comes first */
    if (len > SIZE_MAX - 63) {
        return NULL;
    }
    /* sodium_malloc puts the end of a block on a page boundary, so a multiple of 64 starts on one of 64. */
    size_t whole = len == 0 ? 64 : (len + 63) / 64 * 64;
    void *secret = sodium_malloc(whole);
    if (secret != NULL) {
        memset(secret, 0, whole);
    }
    return secret;
}

void vs_secret_free(void *secret) {
    sodium_free(secret);
}

void vs_wipe(void *memory, size_t len) {
    sodium_memzero(memory, len);
}

void vs_random(void *out, size_t len) {
    VS_CHECK(ready);
    randombytes_buf(out, len);
}
