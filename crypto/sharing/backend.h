/* The interface behind which streams are computed and slots are added: a table of functions, chosen once (dispatch.c).
 * A backend is known by the suffix of its files and functions. */
#ifndef VEILSUM_CRYPTO_SHARING_BACKEND_H
#define VEILSUM_CRYPTO_SHARING_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys of 32 bytes, each `stride` bytes after the one before. */
typedef struct vs_stream_keys {
    const uint8_t *first;
    size_t stride, count;
} vs_stream_keys;

/** Blocks block .. block + blocks − 1 of each key's stream, one key after the other. */
typedef void vs_stream_run(uint8_t *out, const vs_stream_keys *keys, uint64_t block, size_t blocks);

/** acc ± x slot by slot, as vs_slots_add and vs_slots_sub do, with a carry into the lowest word (0 or 1); returns the
 * carry out of the highest. For a subtraction it is the borrow. */
typedef unsigned vs_slots_go_on(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words, unsigned carry);

typedef struct vs_sharing_backend {
    const char *name;
    vs_stream_run *stream;
    vs_slots_go_on *add, *sub;
} vs_sharing_backend;

vs_stream_run vs__stream_libsodium;
vs_slots_go_on vs__slots_add_portable, vs__slots_sub_portable;

/* Where the compiler knows the instructions; AVX-512F is all that they use. */
vs_stream_run vs__stream_avx512;
vs_slots_go_on vs__slots_add_avx512, vs__slots_sub_avx512;

/** What VEILSUM_BACKEND, this machine and a comparison leave. */
const vs_sharing_backend *vs__sharing_backend(void);

#endif
