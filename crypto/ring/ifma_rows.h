/* Rows of a fixed-base table: multiplication by entries that are known in advance.
 *
 * An entry is a·(1 + n)^e; a row keeps a, a' = floor(a·R/n) and e, limb by limb, the entries of one limb side by side.
 * With f = floor(x·a'/R), a number at most 1 below floor(x·a/n),
 *     x·a − f·n = (x·a mod R) − (f·n mod R) mod R   in [0, 2n):
 * the high half of one product and the low halves of two, where Montgomery's reduction needs two whole ones. f, which
 * the digit lost, is what the digit above gains. No factor R comes or goes. The trick is Shoup's [H14]; papers/ring.md,
 * section 5.
 *
 * Digit d of the result is below 2n plus f of the digit below, which is at most that digit: below 2(d + 1)·n, row after
 * row, where R > 2^16·n.
 * Included by backend_ifma.c alone.
 */
#ifndef VEILSUM_CRYPTO_RING_IFMA_ROWS_H
#define VEILSUM_CRYPTO_RING_IFMA_ROWS_H

#include "crypto/ring/ifma_tile.h"

/* The entries of a limb fill whole pairs of vectors. */
static size_t padded(size_t entries) {
    return (entries + 2 * LANES - 1) / (2 * LANES) * (2 * LANES);
}

/* How eight lanes look into a row: the place within sixteen entries, and a mask for each further bit of the index. */
typedef struct look {
    vector place;
    vector bit[4]; /* indices below 256 */
} look;

static void look_at(look *l, const uint32_t *index) {
    for (int lane = 0; lane < LANES; lane++) {
        l->place[lane] = index[lane];
    }
    for (int i = 0; i < 4; i++) {
        l->bit[i] = broadcast(0) - ((l->place >> (4 + i)) & 1);
    }
}

/* One limb of each lane's entry; every entry is read. `sixteens`, a power of two, is a constant where this is called.
 */
ALWAYS_INLINE vector look_up(const vector *entries, const look *l, int sixteens) {
    vector found[16];
    UNROLL
    for (int i = 0; i < 16; i++) {
        if (i < sixteens) {
            found[i] = pick(entries[2 * i], entries[2 * i + 1], l->place);
        }
    }
    UNROLL
    for (int level = 0; level < 4; level++) {
        UNROLL
        for (int i = 0; i < 8; i++) {
            if (i < sixteens >> (level + 1)) {
                found[i] = blend(l->bit[level], found[2 * i + 1], found[2 * i]);
            }
        }
    }
    return found[0];
}

/* Limbs of a row that all groups look into before the next ones are loaded: a few kilobytes, which stay in the nearest
 * cache. */
#define LOOK_LIMBS 10

/* Of `limbs` limbs of a row, for each of `groups` (at most VS_ROW_GROUPS) groups of lanes: out[g·stride + j] = or, with
 * `add`, += what its lanes look up. */
ALWAYS_INLINE void look_up_all(vector *out, size_t stride, const vector *row, const look *looks, size_t groups,
                               size_t limbs, bool add, int sixteens) {
    for (size_t from = 0; from < limbs; from += LOOK_LIMBS) {
        for (size_t g = 0; g < groups; g++) {
            const look own = looks[g];
            for (size_t j = from; j < from + LOOK_LIMBS; j++) { /* limbs is a multiple of TILE */
                vector found = look_up(row + (size_t)(2 * sixteens) * j, &own, sixteens), *at = out + g * stride + j;
                *at = add ? *at + found : found;
            }
        }
    }
}

static void look_up_limbs(vector *out, size_t stride, const vector *row, const look *looks, size_t groups, size_t limbs,
                          size_t entries, bool add) {
    switch (padded(entries) / (2 * LANES)) {
    case 1:
        look_up_all(out, stride, row, looks, groups, limbs, add, 1);
        break;
    case 2:
        look_up_all(out, stride, row, looks, groups, limbs, add, 2);
        break;
    case 4:
        look_up_all(out, stride, row, looks, groups, limbs, add, 4);
        break;
    case 8:
        look_up_all(out, stride, row, looks, groups, limbs, add, 8);
        break;
    default:
        look_up_all(out, stride, row, looks, groups, limbs, add, 16);
        break;
    }
}

/* z = x·y for y with companion y', digit after digit; f: two spare digits, z: not x. */
static void multiply_by_entry(vector *z, const vector *x, const vector *y, const vector *companion,
                              const vector *negated, vector *f, unsigned digits, int blocks) {
    size_t L = (size_t)blocks * TILE;
    for (unsigned d = 0; d < digits; d++) {
        vector *own = f + d % 2 * L;
        const vector *below = d == 0 ? NULL : f + (d + 1) % 2 * L;
        multiply_high(own, x + d * L, companion, blocks);
        multiply_low(z + d * L, x + d * L, y, own, negated, below, blocks);
    }
}

#endif
