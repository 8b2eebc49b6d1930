#include "crypto/sharing/backend.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sharing/stream.h"

static const vs_sharing_backend portable = {
    .name = "portable",
    .stream = vs__stream_libsodium,
    .add = vs__slots_add_portable,
    .sub = vs__slots_sub_portable,
};

#if defined(VEILSUM_HAVE_AVX512)

static const vs_sharing_backend avx512 = {
    .name = "avx512",
    .stream = vs__stream_avx512,
    .add = vs__slots_add_avx512,
    .sub = vs__slots_sub_avx512,
};

/* ---- is what this machine computes right? ---- */

#define KEYS 3u
#define BLOCKS 37u /* of each: with one key and with several in a group of lanes */
#define WORDS (BLOCKS * VS_STREAM_BLOCK_BYTES / sizeof(uint64_t))

typedef struct outcome {
    uint8_t streams[KEYS * BLOCKS * VS_STREAM_BLOCK_BYTES];
    uint64_t sum[WORDS];
    unsigned carries[2];
} outcome;

/* What a backend makes of fixed public keys; the counter passes 2^32, and carries pass whole words. */
static void compute(outcome *out, const vs_sharing_backend *backend) {
    static const uint8_t keys[KEYS][VS_STREAM_KEY_BYTES] = {"veilsum", "checks", "itself"};
    const vs_stream_keys list = {.first = keys[0], .stride = sizeof keys[0], .count = KEYS};
    uint64_t x[WORDS], tops[WORDS];
    memset(out, 0, sizeof *out);
    backend->stream(out->streams, &list, (UINT64_C(1) << 32) - 9, BLOCKS);
    memcpy(out->sum, out->streams, sizeof out->sum);
    memcpy(x, out->streams + sizeof x, sizeof x);
    memcpy(tops, out->streams + 2 * sizeof tops, sizeof tops);
    for (size_t i = 0; i < WORDS; i += 3) {
        tops[i] = 0;
        x[i] = i % 2 == 0 ? ~out->sum[i] : out->sum[i];
    }
    out->carries[0] = backend->add(out->sum, x, tops, WORDS, 1);
    x[WORDS / 2] ^= 1;
    out->carries[1] = backend->sub(out->sum, x, tops, WORDS, 1);
}

static bool agrees(const vs_sharing_backend *backend) {
    outcome *out = malloc(2 * sizeof *out);
    bool same = false;
    if (out != NULL) {
        compute(&out[0], backend);
        compute(&out[1], &portable);
        same = memcmp(&out[0], &out[1], sizeof *out) == 0;
    }
    free(out);
    return same;
}

static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && agrees(&avx512);
}

#else

static bool has_avx512(void) {
    return false;
}

#define avx512 portable

#endif

/* The ring's names are those that VEILSUM_BACKEND knows: whoever asks for anything but its vectors wants none here. */
static bool wants_vectors(void) {
    const char *wanted = getenv("VEILSUM_BACKEND");
    return wanted == NULL || *wanted == '\0' || strcmp(wanted, "ifma") == 0;
}

/* Asked once. Two threads may both ask; they get one answer. */
const vs_sharing_backend *vs__sharing_backend(void) {
    static _Atomic(const vs_sharing_backend *) chosen;
    const vs_sharing_backend *backend = atomic_load(&chosen);
    if (backend == NULL) {
        backend = wants_vectors() && has_avx512() ? &avx512 : &portable;
        atomic_store(&chosen, backend);
    }
    return backend;
}
