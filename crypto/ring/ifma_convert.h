/* Elements in 64-bit limbs, one after the other, to and from lanes of 52-bit limbs: eight words of eight elements at a
 * time are transposed in registers, then the bits regrouped. Included by backend_ifma.c alone.
 */
#ifndef VEILSUM_CRYPTO_RING_IFMA_CONVERT_H
#define VEILSUM_CRYPTO_RING_IFMA_CONVERT_H

#include <string.h>

#include "crypto/ring/ifma_vector.h"

/* Rows and columns of an 8 × 8 square of words exchanged. */
ALWAYS_INLINE void transpose(vector *r) {
    vector a[LANES], b[LANES];
    UNROLL
    for (int i = 0; i < LANES; i += 2) {
        a[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        a[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    UNROLL
    for (int i = 0; i < LANES; i++) {
        int low = i & ~2;
        b[i] = i & 2 ? __builtin_shufflevector(a[low], a[low + 2], 2, 3, 10, 11, 6, 7, 14, 15)
                     : __builtin_shufflevector(a[low], a[low + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    }
    UNROLL
    for (int i = 0; i < LANES; i++) {
        int low = i & ~4;
        r[i] = i & 4 ? __builtin_shufflevector(b[low], b[low + 4], 4, 5, 6, 7, 12, 13, 14, 15)
                     : __builtin_shufflevector(b[low], b[low + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    }
}

/* Eight consecutive words (fewer at the end of a digit: zeros) of each of `count` elements. */
ALWAYS_INLINE void read_words(vector *words, const char *x, size_t left, size_t stride, size_t count) {
    if (left >= LANES && count == LANES) {
        UNROLL
        for (size_t lane = 0; lane < LANES; lane++) {
            memcpy(&words[lane], x + lane * stride * sizeof(vs_word), sizeof *words);
        }
    } else {
        for (size_t lane = 0; lane < LANES; lane++) {
            vs_word row[LANES] = {0};
            if (lane < count) {
                memcpy(row, x + lane * stride * sizeof(vs_word), (left < LANES ? left : LANES) * sizeof *row);
            }
            memcpy(&words[lane], row, sizeof *words);
        }
    }
    transpose(words);
}

ALWAYS_INLINE void write_words(char *x, vector *words, size_t left, size_t stride, size_t count) {
    transpose(words);
    if (left >= LANES && count == LANES) {
        UNROLL
        for (size_t lane = 0; lane < LANES; lane++) {
            memcpy(x + lane * stride * sizeof(vs_word), &words[lane], sizeof *words);
        }
    } else {
        for (size_t lane = 0; lane < count; lane++) {
            memcpy(x + lane * stride * sizeof(vs_word), &words[lane], (left < LANES ? left : LANES) * sizeof(vs_word));
        }
    }
}

/* L limbs of 52 bits out of one digit of `limbs` words. */
static void read_digit(vector *z, const char *x, size_t limbs, size_t L, size_t stride, size_t count) {
    vector words[LANES], word = broadcast(0);
    size_t next = 0; /* the word after `word` */
    for (size_t j = 0; j < L; j++) {
        size_t at = RADIX * j, shift = at % 64;
        vector low = broadcast(0);
        if (shift != 0) {
            low = word >> shift;
        }
        if (shift == 0 || shift > 64 - RADIX) { /* the limb wants bits of the next word */
            word = broadcast(0);
            if (next < limbs) {
                if (next % LANES == 0) {
                    read_words(words, x + next * sizeof(vs_word), limbs - next, stride, count);
                }
                word = words[next % LANES];
            }
            next++;
            low |= shift == 0 ? word : word << (64 - shift);
        }
        z[j] = low & MASK;
    }
}

/* One digit of `limbs` words out of reduced limbs. */
static void write_digit(char *x, const vector *z, size_t limbs, size_t L, size_t stride, size_t count) {
    vector words[LANES];
    for (size_t w = 0; w < limbs; w++) {
        size_t j = 64 * w / RADIX, have = RADIX * (j + 1) - 64 * w; /* bits of limb j from bit 64·w on */
        vector word = z[j] >> (RADIX - have);
        if (j + 1 < L) {
            word |= z[j + 1] << have;
        }
        if (have + RADIX < 64 && j + 2 < L) {
            word |= z[j + 2] << (have + RADIX);
        }
        words[w % LANES] = word;
        if (w % LANES == LANES - 1 || w + 1 == limbs) {
            for (size_t i = w % LANES + 1; i < LANES; i++) {
                words[i] = broadcast(0);
            }
            write_words(x + w / LANES * LANES * sizeof(vs_word), words, limbs - w / LANES * LANES, stride, count);
        }
    }
}

#endif
