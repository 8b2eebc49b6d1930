/* Products of digits as tiles of 10 × 10 limbs, and the Montgomery reduction made of the same tiles.
 *
 * A digit has L = 10·B limbs of 52 bits. Block I of one factor times block J of the other is a tile; the tiles with
 * I + J = D are diagonal D. Diagonals are worked off from the lowest, with twenty columns of 64 bits in registers: the
 * lower ten are complete when a diagonal ends, the upper ten begin the next. Nothing but finished columns is stored,
 * and a tile's 200 multiply-adds need 20 loads, so that they run at the speed of the multipliers. Four shapes of tile
 * (whole, of the low half, of the high half, of a square) carry products, squares, reduction and products by table
 * entries.
 *
 * Columns are sums of 52-bit halves, taken as signed: at most 2(s + 2)·L halves and a borrow stay below 2^62.
 * Included by backend_ifma.c alone. papers/ring.md, section 2.
 */
#ifndef VEILSUM_CRYPTO_RING_IFMA_TILE_H
#define VEILSUM_CRYPTO_RING_IFMA_TILE_H

#include "crypto/ring/ifma_vector.h"

#define TILE 10

ALWAYS_INLINE void add_tile(vector *c, const vector *a, const vector *b) {
    UNROLL
    for (int k = 0; k < TILE; k++) {
        vector row = a[k];
        UNROLL
        for (int j = 0; j < TILE; j++) {
            c[k + j] = madd_low(c[k + j], row, b[j]);
        }
        UNROLL
        for (int j = 0; j < TILE; j++) {
            c[k + j + 1] = madd_high(c[k + j + 1], row, b[j]);
        }
    }
}

/* The part of a tile with lowest <= column < end: low halves into c, high halves into h. In half a tile some columns
 * are added to most of the time, and one register could not take it all: a multiply-add takes four cycles. */
ALWAYS_INLINE void add_part(vector *c, vector *h, const vector *a, const vector *b, int lowest, int end) {
    UNROLL
    for (int k = 0; k < TILE; k++) {
        vector row = a[k];
        UNROLL
        for (int j = 0; j < TILE; j++) {
            if (k + j >= lowest && k + j < end) {
                c[k + j] = madd_low(c[k + j], row, b[j]);
            }
        }
        UNROLL
        for (int j = 0; j < TILE; j++) {
            if (k + j + 1 >= lowest && k + j + 1 < end) {
                h[k + j + 1] = madd_high(h[k + j + 1], row, b[j]);
            }
        }
    }
}

/* The square of a block, for a square whose other tiles are a·doubled above the middle: each product of different limbs
 * counts twice, so one of them comes from the doubled number. Bit 0 of a doubled limb is the top bit of the limb below,
 * which must not count in a product by that limb itself: it is masked within the block, and taken off at once for the
 * block's last limb, whose successor is in the next tile. */
ALWAYS_INLINE void add_square(vector *c, const vector *a, const vector *doubled) {
    UNROLL
    for (int k = 0; k < TILE; k++) {
        vector row = a[k], next = k + 1 < TILE ? doubled[k + 1] & ~broadcast(1) : row;
        c[2 * k] = madd_low(c[2 * k], row, row);
        UNROLL
        for (int j = 0; j < TILE; j++) {
            if (j > k) {
                c[k + j] = madd_low(c[k + j], row, j == k + 1 ? next : doubled[j]);
            }
        }
        c[2 * k + 1] = madd_high(c[2 * k + 1], row, row);
        UNROLL
        for (int j = 0; j < TILE; j++) {
            if (j > k) {
                c[k + j + 1] = madd_high(c[k + j + 1], row, j == k + 1 ? next : doubled[j]);
            }
        }
    }
    c[2 * TILE - 1] -= a[TILE - 1] & (broadcast(0) - (a[TILE - 1] >> (RADIX - 1)));
}

ALWAYS_INLINE void clear_columns(vector *c) {
    UNROLL
    for (int i = 0; i < 2 * TILE; i++) {
        c[i] = broadcast(0);
    }
}

/* The next diagonal: ten columns further up. */
ALWAYS_INLINE void move_columns(vector *c) {
    UNROLL
    for (int i = 0; i < TILE; i++) {
        c[i] = c[i + TILE];
        c[i + TILE] = broadcast(0);
    }
}

/* z = the ten lowest columns, with a carry coming in and going out; limbs are reduced. */
ALWAYS_INLINE vector put_limbs(vector *z, const vector *c, vector carry) {
    UNROLL
    for (int i = 0; i < TILE; i++) {
        vector sum = c[i] + carry;
        z[i] = sum & MASK;
        carry = carry_of(sum);
    }
    return carry;
}

/* Both factors of a sum of products of digits, and the digit whose square is added to it. */
typedef struct factors {
    const vector *a[VS_MAX_RING_DEGREE + 1], *b[VS_MAX_RING_DEGREE + 1];
    int count;
    const vector *square, *doubled; /* NULL: none; and 2·square, in reduced limbs */
} factors;

/* Diagonal D of a square: tiles off the middle once, with one factor doubled. */
ALWAYS_INLINE void add_square_diagonal(vector *c, const vector *a, const vector *doubled, int D, int blocks) {
    for (int I = D < blocks ? 0 : D - blocks + 1; 2 * I < D; I++) {
        add_tile(c, a + I * TILE, doubled + (D - I) * TILE);
    }
    if (D % 2 == 0) {
        add_square(c, a + D / 2 * TILE, doubled + D / 2 * TILE);
    }
}

/* t = Σ a·b (+ square²): 2L columns. */
ALWAYS_INLINE void multiply_blocks(vector *t, const factors *f, int blocks) {
    vector c[2 * TILE];
    clear_columns(c);
    for (int D = 0; D < 2 * blocks - 1; D++) {
        int first = D < blocks ? 0 : D - blocks + 1, last = D < blocks ? D : blocks - 1;
        for (int k = 0; k < f->count; k++) {
            const vector *a = f->a[k], *b = f->b[k] + D * TILE;
            for (int I = first; I <= last; I++) {
                add_tile(c, a + I * TILE, b - I * TILE);
            }
        }
        if (f->square != NULL) {
            add_square_diagonal(c, f->square, f->doubled, D, blocks);
        }
        UNROLL
        for (int i = 0; i < TILE; i++) {
            t[D * TILE + i] = c[i];
        }
        move_columns(c);
    }
    UNROLL
    for (int i = 0; i < TILE; i++) {
        t[(2 * blocks - 1) * TILE + i] = c[i];
    }
}

/* Digits of two blocks, those of the primes of 2048-bit keys, are so short that the loops over tiles tell in the time:
 * for them the compiler knows how often they go. */
#define SHORT_BLOCKS 2

static void multiply(vector *t, const factors *f, int blocks) {
    if (blocks == SHORT_BLOCKS) {
        multiply_blocks(t, f, SHORT_BLOCKS);
    } else {
        multiply_blocks(t, f, blocks);
    }
}

/* Columns L − 1 and above of a·b into c, as far as the diagonal of L goes; c starts at column L − 10. Column L − 1
 * lacks only what is carried into it. */
ALWAYS_INLINE void add_middle(vector *c, const vector *a, const vector *b, int blocks) {
    vector h[2 * TILE];
    clear_columns(h);
    for (int I = 0; I < blocks - 1; I++) {
        h[TILE - 1] = madd_high(h[TILE - 1], a[(blocks - 1 - I) * TILE - 1], b[I * TILE + TILE - 1]);
    }
    for (int I = 0; I < blocks; I++) {
        add_part(c, h, a + (blocks - 1 - I) * TILE, b + I * TILE, TILE - 1, 2 * TILE);
    }
    UNROLL
    for (int i = TILE - 1; i < 2 * TILE; i++) {
        c[i] += h[i];
    }
}

/* One diagonal above the middle, of a·b. */
ALWAYS_INLINE void add_diagonal_above(vector *c, const vector *a, const vector *b, int D, int blocks) {
    for (int I = D - blocks + 1; I < blocks; I++) {
        add_tile(c, a + (D - I) * TILE, b + I * TILE);
    }
}

/* One diagonal of the low half of a·b; b's highest block is wanted last, as it may just have been made. The last
 * diagonal's upper columns are not wanted, and their registers take the high halves (join_halves). */
ALWAYS_INLINE void add_diagonal_below(vector *c, const vector *a, const vector *b, int D, int blocks) {
    if (D < blocks - 1) {
        for (int J = 0; J <= D; J++) {
            add_tile(c, a + (D - J) * TILE, b + J * TILE);
        }
    } else {
        for (int J = 0; J <= D; J++) {
            add_part(c, c + TILE, a + (D - J) * TILE, b + J * TILE, 0, TILE);
        }
    }
}

ALWAYS_INLINE void join_halves(vector *c, int D, int blocks) {
    if (D == blocks - 1) {
        UNROLL
        for (int i = 0; i < TILE; i++) {
            c[i] += c[i + TILE];
        }
    }
}

/* Montgomery's reduction of t, less a borrow of one digit (NULL: none):
 *     q = (t − borrow)·(−n⁻¹) mod R ,   z = (t − borrow + q·n)/R .
 * q takes the low half of a product, z the high half of another: the low columns of t − borrow + q·n sum up to a
 * multiple of R, so what they carry is known from column L − 1 alone, rounded up. The low half of t is changed. */
ALWAYS_INLINE void reduce_blocks(vector *z, vector *q, vector *t, const vector *borrow, const vector *n,
                                 const vector *inverse, int blocks) {
    vector c[2 * TILE], carry = broadcast(0), rest = broadcast(0);
    clear_columns(c);
    for (int D = 0; D < blocks; D++) {
        vector *low = t + D * TILE;
        if (borrow != NULL) {
            UNROLL
            for (int i = 0; i < TILE; i++) {
                low[i] -= borrow[D * TILE + i];
            }
        }
        rest = put_limbs(low, low, rest);
        add_diagonal_below(c, inverse, t, D, blocks);
        join_halves(c, D, blocks);
        carry = put_limbs(q + D * TILE, c, carry);
        move_columns(c);
    }
    clear_columns(c);
    add_middle(c, n, q, blocks);
    carry = carry_of(c[TILE - 1] + t[blocks * TILE - 1] + MASK) + rest;
    move_columns(c);
    for (int D = blocks; D < 2 * blocks; D++) {
        if (D < 2 * blocks - 1) {
            add_diagonal_above(c, n, q, D, blocks);
        }
        UNROLL
        for (int i = 0; i < TILE; i++) {
            c[i] += t[D * TILE + i];
        }
        carry = put_limbs(z + (D - blocks) * TILE, c, carry);
        move_columns(c);
    }
}

static void reduce(vector *z, vector *q, vector *t, const vector *borrow, const vector *n, const vector *inverse,
                   int blocks) {
    if (blocks == SHORT_BLOCKS) {
        reduce_blocks(z, q, t, borrow, n, inverse, SHORT_BLOCKS);
    } else {
        reduce_blocks(z, q, t, borrow, n, inverse, blocks);
    }
}

/* f = x·y'/R, at most 1 below it once rounded down. */
static void multiply_high(vector *f, const vector *x, const vector *y, int blocks) {
    vector c[2 * TILE];
    clear_columns(c);
    add_middle(c, x, y, blocks);
    vector carry = carry_of(c[TILE - 1]);
    move_columns(c);
    for (int D = blocks; D < 2 * blocks; D++) {
        if (D < 2 * blocks - 1) {
            add_diagonal_above(c, x, y, D, blocks);
        }
        carry = put_limbs(f + (D - blocks) * TILE, c, carry);
        move_columns(c);
    }
}

/* z = a·b + c·d + addend mod R (c NULL: no second product; addend NULL: 0); z is none of the others. */
static void multiply_low(vector *z, const vector *a, const vector *b, const vector *c, const vector *d,
                         const vector *addend, int blocks) {
    vector columns[2 * TILE], carry = broadcast(0);
    clear_columns(columns);
    for (int D = 0; D < blocks; D++) {
        add_diagonal_below(columns, a, b, D, blocks);
        if (c != NULL) {
            add_diagonal_below(columns, c, d, D, blocks);
        }
        join_halves(columns, D, blocks);
        if (addend != NULL) {
            UNROLL
            for (int i = 0; i < TILE; i++) {
                columns[i] += addend[D * TILE + i];
            }
        }
        carry = put_limbs(z + D * TILE, columns, carry);
        move_columns(columns);
    }
}

#endif
