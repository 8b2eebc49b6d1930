/* What openings without a key are made of: streams, masks on a vector, Shamir's shares. The measure for the first two
 * is libsodium's ChaCha20 alone, on one thread, for as many bytes. */
#include <stdlib.h>
#include <string.h>

#include "bench/operations.h"
#include "crypto/secret.h"
#include "crypto/sharing/backend.h"
#include "crypto/sharing/mask.h"
#include "crypto/sharing/shamir.h"

#define CELL_BYTES 2u

struct sharing_in_use {
    uint64_t *slots, *tops;
    vs_mask masks[MASK_KEYS];
    uint8_t secret[SHARE_BYTES], coefficients[(SHARE_THRESHOLD - 1) * SHARE_BYTES], shares[SHARE_COUNT * SHARE_BYTES];
    uint8_t stream[STREAM_PIECE];
};

void sharing_end(sharing_in_use *w) {
    if (w != NULL) {
        free(w->slots);
        free(w->tops);
        free(w);
    }
}

static sharing_in_use *make(void) {
    const size_t words = MASK_CELLS * CELL_BYTES / sizeof(uint64_t);
    sharing_in_use *w = calloc(1, sizeof *w);
    VS_CHECK(w != NULL);
    w->slots = calloc(words, sizeof *w->slots);
    w->tops = calloc(words, sizeof *w->tops);
    VS_CHECK(w->slots != NULL && w->tops != NULL);
    for (size_t i = 0; i < words; i++) {
        w->tops[i] = UINT64_C(0x8000800080008000);
    }
    for (size_t i = 0; i < MASK_KEYS; i++) {
        vs_random(w->masks[i].key, sizeof w->masks[i].key);
        w->masks[i].subtract = i % 2 == 1;
    }
    vs_random(w->secret, sizeof w->secret);
    vs_random(w->coefficients, sizeof w->coefficients);
    vs_shamir_split(w->shares, w->secret, SHARE_BYTES, SHARE_THRESHOLD, SHARE_COUNT, w->coefficients);
    return w;
}

void ready_sharing(void *context, size_t count) {
    subject *s = context;
    (void)count;
    if (s->sharing == NULL) {
        s->sharing = make();
    }
}

static sharing_in_use *sharing_of(subject *s) {
    return s->sharing;
}

void run_stream(void *context, size_t count) {
    sharing_in_use *w = sharing_of(context);
    for (size_t done = 0; done < count; done += STREAM_PIECE) {
        vs_stream(w->stream, STREAM_PIECE, w->masks[0].key, done / VS_STREAM_BLOCK_BYTES);
    }
}

void run_masks(void *context, size_t count) {
    sharing_in_use *w = sharing_of(context);
    const size_t words = MASK_CELLS * CELL_BYTES / sizeof(uint64_t);
    for (size_t done = 0; done < count; done += MASK_CELLS * MASK_KEYS) {
        VS_CHECK(vs_mask_apply(w->slots, w->tops, words, w->masks, MASK_KEYS) == VS_OK);
    }
}

void run_split(void *context, size_t count) {
    sharing_in_use *w = sharing_of(context);
    for (size_t i = 0; i < count; i++) {
        vs_shamir_split(w->shares, w->secret, SHARE_BYTES, SHARE_THRESHOLD, SHARE_COUNT, w->coefficients);
    }
}

void run_join(void *context, size_t count) {
    sharing_in_use *w = sharing_of(context);
    uint8_t points[SHARE_THRESHOLD], joined[SHARE_BYTES];
    for (unsigned i = 0; i < SHARE_THRESHOLD; i++) {
        points[i] = (uint8_t)(i + 1);
    }
    for (size_t i = 0; i < count; i++) {
        vs_shamir_join(joined, SHARE_BYTES, points, w->shares, SHARE_THRESHOLD);
        VS_CHECK(memcmp(joined, w->secret, SHARE_BYTES) == 0);
    }
}

/* ---- libsodium's ---- */

static void sodium_bytes(size_t bytes) {
    static uint8_t piece[STREAM_PIECE], key[VS_STREAM_KEY_BYTES];
    const vs_stream_keys keys = {.first = key, .stride = sizeof key, .count = 1};
    for (size_t done = 0; done < bytes; done += STREAM_PIECE) {
        const size_t here = bytes - done < STREAM_PIECE ? bytes - done : STREAM_PIECE;
        vs__stream_libsodium(piece, &keys, 0, (here + VS_STREAM_BLOCK_BYTES - 1) / VS_STREAM_BLOCK_BYTES);
    }
}

void sodium_stream(void *context, size_t count) {
    (void)context;
    sodium_bytes(count);
}

void sodium_masks(void *context, size_t count) {
    (void)context;
    sodium_bytes(count * CELL_BYTES);
}
