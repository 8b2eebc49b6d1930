/* ChaCha20, sixteen blocks at a time: register r holds word r of each block's state, so that a step of the cipher is
 * one instruction for all of them. Two such groups go side by side, since one alone would wait for its own results half
 * of the time; their states fill the 32 registers. At the end a group is transposed, and each register is a block.
 *
 * A lane may be any block of any key, so short streams of many keys fill the lanes as a long one does.
 */
#include <immintrin.h>
#include <string.h>

#include "crypto/secret.h"
#include "crypto/sharing/backend.h"
#include "crypto/sharing/stream.h"

#define LANES 16u
#define ROWS 16u
#define BLOCK ((size_t)VS_STREAM_BLOCK_BYTES)
#define UNROLL _Pragma("GCC unroll 16")
#define ALWAYS_INLINE static inline __attribute__((always_inline))

typedef __m512i vector;
typedef uint32_t numbers __attribute__((vector_size(64)));

/* ---- the cipher ---- */

/* Compilers have an instruction for it. */
ALWAYS_INLINE vector rotate(vector x, int bits) {
    return (vector)((numbers)x << bits | (numbers)x >> (32 - bits));
}

/* Of four quarter rounds at a time: a += b, then d = (d ⊕ a) rotated. The three are rows of four, each turned. */
ALWAYS_INLINE void step(vector *a, unsigned turn_a, const vector *b, unsigned turn_b, vector *d, unsigned turn_d,
                        int bits) {
    UNROLL for (unsigned i = 0; i < 4; i++) {
        a[(i + turn_a) % 4] = _mm512_add_epi32(a[(i + turn_a) % 4], b[(i + turn_b) % 4]);
    }
    UNROLL for (unsigned i = 0; i < 4; i++) {
        d[(i + turn_d) % 4] = rotate(_mm512_xor_si512(d[(i + turn_d) % 4], a[(i + turn_a) % 4]), bits);
    }
}

/* With two states in 32 registers gcc looks too far ahead and spills half of them: here it has to have a state in
 * registers. That is worth a seventh of the time; clang needs no telling. */
ALWAYS_INLINE void keep_in_registers(vector *x) {
#if !defined(__clang__)
    UNROLL for (unsigned i = 0; i < ROWS; i++) {
        __asm__ volatile("" : "+v"(x[i]));
    }
#else
    (void)x;
#endif
}

/* A round: on columns with turn 0, on diagonals with turn 1. */
ALWAYS_INLINE void cipher_round(vector *x, unsigned turn) {
    vector *a = x, *b = x + 4, *c = x + 8, *d = x + 12;
    step(a, 0, b, turn, d, 3 * turn, 16);
    step(c, 2 * turn, d, 3 * turn, b, turn, 12);
    step(a, 0, b, turn, d, 3 * turn, 8);
    step(c, 2 * turn, d, 3 * turn, b, turn, 7);
    keep_in_registers(x);
}

/* Four registers' words a, b, c, d of each quarter become a quarter each. */
ALWAYS_INLINE void transpose_quarters(vector *z, const vector *x) {
    vector low_ab = _mm512_unpacklo_epi32(x[0], x[1]), high_ab = _mm512_unpackhi_epi32(x[0], x[1]);
    vector low_cd = _mm512_unpacklo_epi32(x[2], x[3]), high_cd = _mm512_unpackhi_epi32(x[2], x[3]);
    z[0] = _mm512_unpacklo_epi64(low_ab, low_cd);
    z[1] = _mm512_unpackhi_epi64(low_ab, low_cd);
    z[2] = _mm512_unpacklo_epi64(high_ab, high_cd);
    z[3] = _mm512_unpackhi_epi64(high_ab, high_cd);
}

/* Word j of register i ↔ word i of register j. */
ALWAYS_INLINE void transpose(vector *x) {
    vector z[ROWS];
    UNROLL for (unsigned i = 0; i < ROWS; i += 4) {
        transpose_quarters(z + i, x + i);
    }
    UNROLL for (unsigned i = 0; i < 4; i++) { /* even and odd quarters of the upper and of the lower half */
        vector a = _mm512_shuffle_i32x4(z[i], z[i + 4], 0x88), b = _mm512_shuffle_i32x4(z[i], z[i + 4], 0xdd);
        vector c = _mm512_shuffle_i32x4(z[i + 8], z[i + 12], 0x88), d = _mm512_shuffle_i32x4(z[i + 8], z[i + 12], 0xdd);
        x[i] = _mm512_shuffle_i32x4(a, c, 0x88);
        x[i + 4] = _mm512_shuffle_i32x4(b, d, 0x88);
        x[i + 8] = _mm512_shuffle_i32x4(a, c, 0xdd);
        x[i + 12] = _mm512_shuffle_i32x4(b, d, 0xdd);
    }
}

ALWAYS_INLINE void load(vector *x, const vector *from) {
    UNROLL for (unsigned i = 0; i < ROWS; i++) {
        x[i] = from[i];
    }
}

ALWAYS_INLINE void finish(uint8_t *out, vector *x, const vector *start) {
    UNROLL for (unsigned i = 0; i < ROWS; i++) {
        x[i] = _mm512_add_epi32(x[i], start[i]);
    }
    transpose(x);
    UNROLL for (unsigned i = 0; i < LANES; i++) {
        _mm512_storeu_si512(out + i * BLOCK, x[i]);
    }
}

static void one_group(uint8_t *out, const vector *start) {
    vector x[ROWS];
    load(x, start);
    for (unsigned i = 0; i < 10; i++) {
        cipher_round(x, 0);
        cipher_round(x, 1);
    }
    finish(out, x, start);
}

static void two_groups(uint8_t *out, const vector *start) {
    vector x[ROWS], y[ROWS];
    load(x, start);
    load(y, start + ROWS);
    for (unsigned i = 0; i < 10; i++) {
        cipher_round(x, 0);
        cipher_round(y, 0);
        cipher_round(x, 1);
        cipher_round(y, 1);
    }
    finish(out, x, start);
    finish(out + LANES * BLOCK, y, start + ROWS);
}

/* ---- which block of which key a lane is ---- */

typedef struct cursor {
    const vs_stream_keys *keys;
    size_t key, offset;
    uint64_t block; /* where offset 0 is */
    size_t blocks;  /* of each key */
} cursor;

/* "expand 32-byte k" */
static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

static const uint8_t *key_at(const cursor *at) {
    return at->keys->first + at->key * at->keys->stride;
}

/* At the end it stays with the last key: lanes that are left over are any blocks. */
static void advance(cursor *at, size_t lanes) {
    at->offset += lanes;
    if (at->offset == at->blocks) {
        at->offset = 0;
        at->key += at->key + 1 < at->keys->count;
    }
}

static void start_with_one_key(vector *start, const cursor *at) {
    const vector lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const uint64_t block = at->block + at->offset;
    uint32_t word;
    for (unsigned i = 0; i < 4; i++) {
        start[i] = _mm512_set1_epi32((int)constants[i]);
    }
    for (unsigned i = 0; i < 8; i++) {
        memcpy(&word, key_at(at) + i * sizeof word, sizeof word);
        start[4 + i] = _mm512_set1_epi32((int)word);
    }
    const vector low = _mm512_add_epi32(_mm512_set1_epi32((int)(uint32_t)block), lane);
    const vector high = _mm512_set1_epi32((int)(uint32_t)(block >> 32));
    start[12] = low;
    start[13] = _mm512_mask_add_epi32(high, _mm512_cmplt_epu32_mask(low, lane), high, _mm512_set1_epi32(1));
    start[14] = start[15] = _mm512_setzero_si512();
}

/* A lane's state as it stands in memory. */
static void put_state(uint32_t *state, const cursor *at) {
    const uint64_t block = at->block + at->offset;
    memcpy(state, constants, sizeof constants);
    memcpy(state + 4, key_at(at), VS_STREAM_KEY_BYTES);
    state[12] = (uint32_t)block;
    state[13] = (uint32_t)(block >> 32);
    state[14] = state[15] = 0;
}

static void start_group(vector *start, cursor *at) {
    if (at->blocks - at->offset >= LANES) {
        start_with_one_key(start, at);
        advance(at, LANES);
        return;
    }
    for (unsigned lane = 0; lane < LANES; lane++) {
        put_state((uint32_t *)(start + lane), at);
        advance(at, 1);
    }
    transpose(start);
}

void vs__stream_avx512(uint8_t *out, const vs_stream_keys *keys, uint64_t block, size_t blocks) {
    cursor at = {.keys = keys, .block = block, .blocks = blocks};
    vector start[2 * ROWS];
    uint8_t last[2 * LANES * BLOCK];
    for (size_t left = keys->count * blocks; left > 0;) {
        const size_t groups = left > LANES ? 2 : 1, lanes = groups * LANES, here = left < lanes ? left : lanes;
        for (size_t i = 0; i < groups; i++) {
            start_group(start + i * ROWS, &at);
        }
        (groups == 2 ? two_groups : one_group)(here < lanes ? last : out, start);
        if (here < lanes) {
            memcpy(out, last, here * BLOCK);
            vs_wipe(last, lanes * BLOCK);
        }
        out += here * BLOCK;
        left -= here;
    }
    vs_wipe(start, sizeof start);
}
