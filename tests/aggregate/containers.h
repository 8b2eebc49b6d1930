/* For suites that need real keys and containers: the fixture keys, containers as bytes, and a forge that makes altered
 * containers hash again, so that what a header says can be a lie with all hashes right. */
#ifndef VEILSUM_TESTS_CONTAINERS_H
#define VEILSUM_TESTS_CONTAINERS_H

#include "aggregate/container/container_internal.h"
#include "crypto/secret.h"
#include "tests/support.h"

typedef struct blob {
    uint8_t *data;
    size_t len;
} blob;

static inline blob blob_copy(const blob *from) {
    blob copy = {malloc(from->len + 1), from->len};
    memcpy(copy.data, from->data, from->len);
    return copy;
}

static inline blob blob_join(const blob *a, const blob *b) {
    blob joined = {malloc(a->len + b->len), a->len + b->len};
    if (a->len > 0) {
        memcpy(joined.data, a->data, a->len);
    }
    memcpy(joined.data + a->len, b->data, b->len);
    return joined;
}

static inline vs_secret_key *fixture_key(const char *name) {
    char path[512], text[8192], *reason = NULL;
    vs_secret_key *sk = NULL;
    snprintf(path, sizeof path, "%s/fixtures/%s.key", VEILSUM_TESTS_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_int_equal(vs_secret_key_from_text(&sk, text, len, NULL, 0, (const char **)&reason), VS_OK);
    return sk;
}

static inline uint64_t get_number(const uint8_t *at, unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

static inline void set_number(uint8_t *at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

/* Make all hashes of a container right again: of `count` ciphertexts of `bytes` bytes behind the header that its length
 * says. */
static inline void rehash(const blob *b, uint64_t count, size_t bytes) {
    size_t header = (size_t)get_number(b->data + 12, 4), chunk = (1u << 20) / bytes / 8 * 8;
    uint8_t *hash = b->data + header - VS_HASH_BYTES, *at = b->data + header;
    vs_merkle tree;
    vs_merkle_init(&tree);
    vs__header_hash(hash, b->data, header - VS_HASH_BYTES);
    for (uint64_t index = 0; count > 0; index++) {
        size_t here = count < chunk ? (size_t)count : chunk;
        count -= here;
        vs__chunk_hash(at + here * bytes, hash, index, count == 0, at, here * bytes);
        vs_merkle_add(&tree, at + here * bytes);
        at += here * bytes + VS_HASH_BYTES;
    }
    vs_merkle_root(&tree, at + VS_TRAILER_ROOT);
    vs__trailer_hash(at + VS_TRAILER_HASH, hash, at);
    assert_int_equal(at + VS_TRAILER_BYTES - b->data, b->len);
}

#endif
