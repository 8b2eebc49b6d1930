/* Encryption from a pool as the command line does it: the pool in a file, batches of ten thousand, one fsync a batch.
 * The file is in TMPDIR, so what an fsync costs is what that folder's disk says. */
#include "bench/factors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregate/pool/pool.h"
#include "bench/operations.h"
#include "cli/pool_file.h"
#include "crypto/secret.h"

struct pool_in_use {
    int fd;
    vs_pool_file file;
    vs_pool *pool;
    uint8_t *m, *c; /* POOL_BATCH plaintexts and ciphertexts, in secret memory as long as they are factors */
};

static int open_nameless(void) {
    const char *base = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/veilsum-bench-XXXXXX", base == NULL || *base == 0 ? "/tmp" : base);
    int fd = mkstemp(path);
    VS_CHECK(fd >= 0 && unlink(path) == 0);
    return fd;
}

static void close_pool(pool_in_use *p) {
    vs_error error = {0};
    if (p->pool != NULL) {
        VS_CHECK(vs_pool_close(p->pool, &error) == VS_OK);
        vs__pool_file_close(&p->file);
        VS_CHECK(close(p->fd) == 0);
        p->pool = NULL;
    }
}

static pool_in_use *pool_of(subject *s) {
    const vs_key_info *info = vs_public_key_info(s->pk);
    if (s->pool == NULL) {
        pool_in_use *p = calloc(1, sizeof *p);
        VS_CHECK(p != NULL);
        p->m = vs_secret_alloc(POOL_BATCH * info->plaintext_bytes);
        p->c = vs_secret_alloc(POOL_BATCH * info->ciphertext_bytes);
        VS_CHECK(p->m != NULL && p->c != NULL);
        for (size_t i = 0; i < POOL_BATCH; i++) {
            memcpy(p->m + i * info->plaintext_bytes, s->m + i % s->items * info->plaintext_bytes,
                   info->plaintext_bytes);
        }
        s->pool = p;
    }
    return s->pool;
}

/* A new pool with `count` factors, a multiple of POOL_BATCH. What the factors are does not matter for the time. */
void fill_pool(void *context, size_t count) {
    subject *s = context;
    const vs_key_info *info = vs_public_key_info(s->pk);
    pool_in_use *p = pool_of(s);
    vs_error error = {0};
    close_pool(p);
    p->fd = open_nameless();
    VS_CHECK(vs__pool_file_of(&p->file, p->fd, "pool", true, &error) == VS_OK);
    VS_CHECK(vs_pool_create(&p->pool, &p->file.storage, s->pk, &error) == VS_OK);
    for (size_t i = 0; i < POOL_BATCH; i++) {
        memcpy(p->c + i * info->ciphertext_bytes, s->c + i % s->items * info->ciphertext_bytes, info->ciphertext_bytes);
    }
    for (size_t done = 0; done < count; done += POOL_BATCH) {
        VS_CHECK(vs_pool_add(p->pool, p->c, POOL_BATCH, &error) == VS_OK);
    }
}

void run_encrypt_pool(void *context, size_t count) {
    subject *s = context;
    pool_in_use *p = pool_of(s);
    vs_error error = {0};
    for (size_t done = 0; done < count; done += POOL_BATCH) {
        VS_CHECK(vs_pool_take(p->pool, p->c, POOL_BATCH, &error) == VS_OK);
        VS_CHECK(vs_encrypt_with_factors(s->pk, p->c, p->m, p->c, POOL_BATCH) == VS_OK);
    }
}

void factors_end(subject *s) {
    if (s->pool != NULL) {
        close_pool(s->pool);
        vs_secret_free(s->pool->m);
        vs_secret_free(s->pool->c);
        free(s->pool);
    }
}
