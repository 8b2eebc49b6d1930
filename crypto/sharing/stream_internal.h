/* The interface behind which streams are computed: whole blocks, of many keys at a time. */
#ifndef VEILSUM_CRYPTO_SHARING_STREAM_INTERNAL_H
#define VEILSUM_CRYPTO_SHARING_STREAM_INTERNAL_H

#include <stdbool.h>

#include "crypto/sharing/stream.h"

/* Keys, each `stride` bytes after the one before. */
typedef struct vs_stream_keys {
    const uint8_t *first;
    size_t stride, count;
} vs_stream_keys;

typedef struct vs_stream_backend {
    const char *name;
    bool (*available)(void);
    /** Blocks block .. block + blocks − 1 of each key's stream, one key after the other. */
    void (*run)(uint8_t *out, const vs_stream_keys *keys, uint64_t block, size_t blocks);
} vs_stream_backend;

extern const vs_stream_backend vs__stream_libsodium;

/** What VEILSUM_BACKEND, this machine and a comparison with libsodium leave. */
const vs_stream_backend *vs__stream_backend(void);

#endif
