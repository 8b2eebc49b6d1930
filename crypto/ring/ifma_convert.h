/* Elements in 64-bit limbs, one after the other, to and from lanes of 52-bit limbs: eight words of eight elements at a
 * time are transposed in registers, then the bits regrouped. Included by backend_ifma.c alone.
 */
#ifndef VEILSUM_CRYPTO_RING_IFMA_CONVERT_H
#define VEILSUM_CRYPTO_RING_IFMA_CONVERT_H

#include <string.h>

#include "crypto/ring/ifma_vector.h"
#include "crypto/secret.h"

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

/* Eight consecutive words of each of `count` elements, across the lanes; of which `left`, at the end of a digit, are
 * wanted. */
ALWAYS_INLINE void read_words(vector *words, const char *x, size_t left, size_t stride, size_t count) {
    vector row[LANES];
    if (left >= LANES && count == LANES) {
        UNROLL
        for (size_t lane = 0; lane < LANES; lane++) {
            memcpy(&row[lane], x + lane * stride * sizeof(vs_word), sizeof *row);
        }
        transpose(row);
        UNROLL
        for (size_t i = 0; i < LANES; i++) {
            words[i] = row[i];
        }
        return;
    }
    left = left < LANES ? left : LANES;
    memset(row, 0, sizeof row);
    for (size_t lane = 0; lane < count; lane++) {
        memcpy(&row[lane], x + lane * stride * sizeof(vs_word), left * sizeof(vs_word));
    }
    transpose(row);
    memcpy(words, row, left * sizeof *words);
    vs_wipe(row, sizeof row);
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

/* Bits 52·j .. 52·j + 51 of `limbs` words. */
ALWAYS_INLINE vector limb_of(const vector *words, size_t limbs, size_t j) {
    size_t word = RADIX * j / 64, shift = RADIX * j % 64;
    vector limb = word < limbs ? words[word] >> shift : broadcast(0);
    if (shift > 64 - RADIX && word + 1 < limbs) {
        limb |= words[word + 1] << (64 - shift);
    }
    return limb & MASK;
}

/* L limbs of 52 bits out of one digit of `limbs` words. The words are transposed to the end of z and regrouped from
 * there to its beginning: limb j takes bits of words k = ⌊52·j/64⌋ and k + 1, which are not overwritten by then, since
 * 52·L >= 64·limbs means j − k <= L − limbs. Sixteen limbs are thirteen words; their shifts are constants. */
static void read_digit(vector *z, const char *x, size_t limbs, size_t L, size_t stride, size_t count) {
    vector *words = z + L - limbs;
    for (size_t w = 0; w < limbs; w += LANES) {
        read_words(words + w, x + w * sizeof(vs_word), limbs - w, stride, count);
    }
    size_t j = 0;
    for (size_t w = 0; w + 13 < limbs; w += 13, j += 16) {
        UNROLL
        for (size_t i = 0; i < 16; i++) {
            z[j + i] = limb_of(words + w, 14, i);
        }
    }
    for (; j < L; j++) {
        z[j] = limb_of(words, limbs, j);
    }
}

/* Bits 64·w .. 64·w + 63 of L reduced limbs. */
ALWAYS_INLINE vector word_of(const vector *z, size_t L, size_t w) {
    size_t j = 64 * w / RADIX, have = RADIX * (j + 1) - 64 * w; /* bits of limb j from bit 64·w on */
    vector word = z[j] >> (RADIX - have);
    if (j + 1 < L) {
        word |= z[j + 1] << have;
    }
    if (have + RADIX < 64 && j + 2 < L) {
        word |= z[j + 2] << (have + RADIX);
    }
    return word;
}

/* One digit of `limbs` words out of L reduced limbs. */
static void write_digit(char *x, const vector *z, size_t limbs, size_t L, size_t stride, size_t count) {
    vector words[LANES];
    size_t w = 0;
    for (; w + LANES <= limbs && count == LANES; w += LANES) {
        UNROLL
        for (size_t i = 0; i < LANES; i++) {
            words[i] = word_of(z, L, w + i);
        }
        write_words(x + w * sizeof(vs_word), words, LANES, stride, LANES);
    }
    for (; w < limbs; w += LANES) {
        size_t left = limbs - w < LANES ? limbs - w : LANES;
        memset(words, 0, sizeof words);
        for (size_t i = 0; i < left; i++) {
            words[i] = word_of(z, L, w + i);
        }
        write_words(x + w * sizeof(vs_word), words, left, stride, count);
    }
    vs_wipe(words, sizeof words);
}

#endif
