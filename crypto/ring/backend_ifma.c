/* The backend for AVX-512 IFMA: eight elements a bundle, radix 2^52, limb-major: limb j of a digit is one vector, lane
 * k of it belongs to element k.
 *
 * Digits are lazy: 0 <= z_i < 2n between operations, canonical when stored. With R = 2^(52·L) > 2^16·n a product needs
 * no subtraction of n at all: T_i is at most 4(s + 1)·n² and q_i·n/R below n, so v_i < 2n (papers/ring.md, section 2).
 *
 * The file is compiled twice: with the instructions, as `ifma`, and with VEILSUM_IFMA_PORTABLE, as `ifma-portable`,
 * where loops stand in for them (ifma_vector.h). The second is slow, and lets every machine run the whole suite over
 * the same arithmetic.
 */
#include <string.h>

#include "crypto/ring/backend.h"
#include "crypto/ring/ifma_convert.h"
#include "crypto/ring/ifma_rows.h"
#include "crypto/ring/ifma_tile.h"
#include "crypto/ring/ifma_vector.h"
#include "crypto/secret.h"

/* Bits of R beyond those of n: for lazy digits, for digits that table entries leave below 10n, and for sums of 2^11
 * exponents. 2048, 3072 and 4096 bits need 40, 60 and 80 limbs, their primes 20, 30 and 40. */
#define SPARE_BITS 16
#define MAX_LIMBS ((VS_MAX_RING_BITS + SPARE_BITS) / RADIX / TILE * TILE + TILE)

static int blocks_of(const vs_ring *ring) {
    return (int)(ring->digit_words / (LANES * TILE));
}

static size_t limbs_of(const vs_ring *ring) {
    return ring->digit_words / LANES;
}

static size_t doubles_of(unsigned degree) {
    return degree / 2 + 1;
}

static size_t shape(vs_ring *ring) {
    size_t L = (64 * ring->digit_limbs + SPARE_BITS + RADIX - 1) / RADIX, digits = ring->degree + 1;
    L = (L + TILE - 1) / TILE * TILE;
    ring->lanes = LANES;
    ring->digit_words = LANES * L;
    ring->radix_bits = (unsigned)(RADIX * L);
    /* Of a product: columns of each digit, two quotients, what squares double. Of a table's step: a and a' for each
     * group, two f; of its making: eight a', and four digits more. */
    size_t product = digits * 2 * L + 2 * L + doubles_of(ring->degree) * L, entry = (VS_ROW_PUTS + 4) * L;
    _Static_assert(VS_ROW_PUTS + 4 >= 2 * VS_ROW_GROUPS + 2, "one scratch for both");
    ring->scratch_words = LANES * (product > entry ? product : entry);
    return 3 * LANES * L;
}

/* ---- constants: n, −n⁻¹ mod R, R − n, each in every lane ---- */

static const vector *modulus_of(const vs_ring *ring) {
    return (const vector *)ring->state;
}

static const vector *inverse_of(const vs_ring *ring) {
    return modulus_of(ring) + limbs_of(ring);
}

static const vector *negated_of(const vs_ring *ring) {
    return inverse_of(ring) + limbs_of(ring);
}

/* state[L ..] = −n⁻¹ mod R, limb by limb from the lowest: what the limbs so far leave of 1 + n·x at limb j decides limb
 * j. */
static void find_inverse(vector *inverse, const vector *n, size_t L) {
    uint64_t low = n[0][0], x = low;
    for (int i = 0; i < 5; i++) {
        x *= 2 - low * x;
    }
    uint64_t rest[MAX_LIMBS + 1] = {1};
    for (size_t j = 0; j < L; j++) {
        uint64_t limb = (0 - rest[0] * x) & MASK, carry = 0;
        for (size_t i = 0; i < L; i++) {
            __extension__ unsigned __int128 sum = (unsigned __int128)limb * n[i][0] + rest[i] + carry;
            rest[i] = (uint64_t)sum & MASK;
            carry = (uint64_t)(sum >> RADIX);
        }
        for (size_t i = 0; i + 1 < L; i++) { /* rest[0] is 0 now */
            rest[i] = rest[i + 1];
        }
        rest[L - 1] = carry;
        inverse[j] = broadcast(limb);
    }
    vs_wipe(rest, sizeof rest);
}

static void setup(vs_ring *ring) {
    size_t L = limbs_of(ring);
    vector *n = (vector *)ring->state, *negated = n + 2 * L, carry = broadcast(0);
    read_digit(n, (const char *)ring->modulus, ring->digit_limbs, L, 0, LANES);
    find_inverse(n + L, n, L);
    for (size_t j = 0; j < L; j++) {
        vector limb = carry - n[j];
        negated[j] = limb & MASK;
        carry = carry_of(limb);
    }
}

/* ---- canonical digits, sums ---- */

/* Reduce limbs; the value must not be negative and must fit L limbs. */
static void propagate(vector *z, size_t L) {
    vector carry = broadcast(0);
    for (size_t j = 0; j < L; j++) {
        vector limb = z[j] + carry;
        z[j] = limb & MASK;
        carry = carry_of(limb);
    }
}

/* z −= 2^shift·n where that is not negative; returns 2^shift in the lanes where it was done. Limbs of z are reduced,
 * and stay so. */
static vector subtract_if(vector *z, const vector *n, int shift, size_t L) {
    vector below = broadcast(0), carry = broadcast(0);
    for (size_t j = 0; j < L; j++) {
        below = carry_of(z[j] - (n[j] << shift) + below);
    }
    for (size_t j = 0; j < L; j++) {
        vector limb = z[j] - ((n[j] << shift) & ~below) + carry;
        z[j] = limb & MASK;
        carry = carry_of(limb);
    }
    return ~below & (broadcast(1) << shift);
}

/* A digit below 4n, with what the digit below it gives, made canonical; returns what it gives to the digit above. The
 * comparisons with n, 2n and 3n run side by side, as each waits for its own carries. */
static vector canonical_digit(vector *z, vector carry, const vector *n, size_t L) {
    vector one = broadcast(0), two = one, three = one;
    for (size_t j = 0; j < L; j++) {
        vector limb = z[j] + carry, reduced = limb & MASK, m = n[j];
        carry = carry_of(limb);
        z[j] = reduced;
        one = carry_of(reduced - m + one);
        two = carry_of(reduced - (m << 1) + two);
        three = carry_of(reduced - m - (m << 1) + three);
    }
    /* Now −1 where z is below n, 2n, 3n: 0 to 3 times n come off, as a number of two bits. */
    vector high = ~two, low = (~one & two) | ~three;
    carry = broadcast(0);
    for (size_t j = 0; j < L; j++) {
        vector limb = z[j] - (n[j] & low) - ((n[j] << 1) & high) + carry;
        z[j] = limb & MASK;
        carry = carry_of(limb);
    }
    return broadcast(3) + one + two + three;
}

/* The same below 2^(bits + 2)·n. */
static vector canonical_digit_of(vector *z, vector carry, const vector *n, int bits, size_t L) {
    z[0] += carry;
    propagate(z, L);
    vector given = broadcast(0);
    for (int shift = bits + 1; shift >= 2; shift--) {
        given += subtract_if(z, n, shift, L);
    }
    return given + canonical_digit(z, broadcast(0), n, L);
}

static void load(const vs_ring *ring, vs_word *out, const void *x, size_t digits, size_t stride, size_t count) {
    size_t L = limbs_of(ring), limbs = ring->digit_limbs;
    for (size_t d = 0; d < digits; d++) {
        read_digit((vector *)out + d * L, (const char *)x + d * limbs * sizeof(vs_word), limbs, L, stride, count);
    }
}

/* From the lowest limb up, a limb decides over all below it unless it is equal. */
static unsigned out_of_range(const vs_ring *ring, const vs_word *in, size_t digits) {
    size_t L = limbs_of(ring);
    vector all = ~broadcast(0);
    for (size_t d = 0; d < digits; d++) {
        const vector *z = (const vector *)in + d * L, *n = modulus_of(ring);
        vector below = broadcast(0);
        for (size_t j = 0; j < L; j++) {
            vector smaller = carry_of(z[j] - n[j]), larger = carry_of(n[j] - z[j]);
            below = smaller | (below & ~larger);
        }
        all &= below;
    }
    return negative_lanes(~all);
}

static void canonical(const vs_ring *ring, vs_word *out, const vs_word *in, size_t digits) {
    size_t L = limbs_of(ring);
    vector carry = broadcast(0), *z = (vector *)out;
    memmove(out, in, digits * ring->digit_words * sizeof *out);
    for (size_t d = 0; d < digits; d++) {
        carry = canonical_digit(z + d * L, carry, modulus_of(ring), L);
    }
}

static void store(const vs_ring *ring, void *x, const vs_word *in, size_t digits, size_t stride, size_t count) {
    size_t L = limbs_of(ring), limbs = ring->digit_limbs;
    vector digit[MAX_LIMBS], carry = broadcast(0);
    for (size_t d = 0; d < digits; d++) {
        memcpy(digit, in + d * ring->digit_words, ring->digit_words * sizeof *in);
        carry = canonical_digit(digit, carry, modulus_of(ring), L);
        write_digit((char *)x + d * limbs * sizeof(vs_word), digit, limbs, L, stride, count);
    }
    vs_wipe(digit, L * sizeof *digit);
}

/* Canonical digits come out of both: a sum is at most 4n + 3, a difference with 3n added, so that nothing is negative,
 * at most 5n. */
static void add(const vs_ring *ring, vs_word *out, const vs_word *x, const vs_word *y) {
    size_t L = limbs_of(ring);
    vector carry = broadcast(0);
    for (unsigned i = 0; i <= ring->degree; i++) {
        vector *z = (vector *)out + i * L;
        for (size_t j = 0; j < L; j++) {
            z[j] = ((const vector *)x)[i * L + j] + ((const vector *)y)[i * L + j];
        }
        carry = canonical_digit_of(z, carry, modulus_of(ring), 1, L);
    }
}

static void sub(const vs_ring *ring, vs_word *out, const vs_word *x, const vs_word *y) {
    size_t L = limbs_of(ring);
    const vector *n = modulus_of(ring);
    vector carry = broadcast(0);
    for (unsigned i = 0; i <= ring->degree; i++) {
        vector *z = (vector *)out + i * L;
        for (size_t j = 0; j < L; j++) {
            z[j] = ((const vector *)x)[i * L + j] - ((const vector *)y)[i * L + j] + 3 * n[j];
        }
        carry = canonical_digit_of(z, carry, n, 1, L) - 3;
    }
}

/* ---- products ---- */

/* Scratch memory of a product. */
typedef struct work {
    vector *columns;     /* 2L of each digit: all are made before a digit is written, as outputs may alias inputs */
    vector *quotient[2]; /* of this digit and of the one below */
    vector *doubled;
} work;

static work split(const vs_ring *ring, vs_word *scratch) {
    size_t L = limbs_of(ring);
    work w = {.columns = (vector *)scratch};
    w.quotient[0] = w.columns + (ring->degree + 1) * 2 * L;
    w.quotient[1] = w.quotient[0] + L;
    w.doubled = w.quotient[1] + L;
    return w;
}

static void reduce_all(const vs_ring *ring, vs_word *out, work w) {
    size_t L = limbs_of(ring);
    for (unsigned i = 0; i <= ring->degree; i++) {
        reduce((vector *)out + i * L, w.quotient[i % 2], w.columns + i * 2 * L, i == 0 ? NULL : w.quotient[(i + 1) % 2],
               modulus_of(ring), inverse_of(ring), blocks_of(ring));
    }
}

static void mul(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    size_t L = limbs_of(ring);
    work w = split(ring, scratch);
    for (unsigned i = 0; i <= ring->degree; i++) {
        factors f = {.count = (int)i + 1};
        for (unsigned k = 0; k <= i; k++) {
            f.a[k] = (const vector *)x + k * L;
            f.b[k] = (const vector *)y + (i - k) * L;
        }
        multiply(w.columns + i * 2 * L, &f, blocks_of(ring));
    }
    reduce_all(ring, z, w);
}

/* z = 2x, reduced limbs. */
static void twice(vector *z, const vector *x, size_t L) {
    vector below = broadcast(0);
    for (size_t j = 0; j < L; j++) {
        z[j] = ((x[j] << 1) & MASK) | (below >> (RADIX - 1));
        below = x[j];
    }
}

static void sqr(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word *scratch) {
    size_t L = limbs_of(ring);
    const vector *a = (const vector *)x;
    work w = split(ring, scratch);
    for (size_t k = 0; k < doubles_of(ring->degree); k++) {
        twice(w.doubled + k * L, a + k * L, L);
    }
    for (unsigned i = 0; i <= ring->degree; i++) {
        factors f = {.count = (int)(i + 1) / 2};
        for (unsigned k = 0; 2 * k < i; k++) {
            f.a[k] = w.doubled + k * L;
            f.b[k] = a + (i - k) * L;
        }
        if (i % 2 == 0) {
            f.square = a + i / 2 * L;
            f.doubled = w.doubled + i / 2 * L;
        }
        multiply(w.columns + i * 2 * L, &f, blocks_of(ring));
    }
    reduce_all(ring, z, w);
}

static void mul_digit(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    size_t L = limbs_of(ring);
    work w = split(ring, scratch);
    for (unsigned i = 0; i <= ring->degree; i++) {
        factors f = {.a = {(const vector *)y}, .b = {(const vector *)x + i * L}, .count = 1};
        multiply(w.columns + i * 2 * L, &f, blocks_of(ring));
    }
    reduce_all(ring, z, w);
}

/* ---- look-ups ---- */

/* Ten limbs at a time in registers, over all entries. */
static void select_entry(vs_word *z, const vs_word *table, size_t words, size_t entries, size_t index) {
    for (size_t from = 0; from < words; from += TILE * LANES) {
        vector found[TILE];
        UNROLL
        for (int j = 0; j < TILE; j++) {
            found[j] = broadcast(0);
        }
        for (size_t e = 0; e < entries; e++) {
            uint64_t difference = (uint64_t)(e ^ index);             /* below 2^63 */
            vector wanted = broadcast(((0 - difference) >> 63) - 1); /* all ones where the difference is 0 */
            const vector *entry = (const vector *)(table + e * words + from);
            UNROLL
            for (int j = 0; j < TILE; j++) {
                found[j] |= entry[j] & wanted;
            }
        }
        UNROLL
        for (int j = 0; j < TILE; j++) {
            ((vector *)(z + from))[j] = found[j];
        }
    }
}

static size_t row_words(const vs_ring *ring, size_t entries) {
    return (ring->degree + 2) * limbs_of(ring) * padded(entries);
}

/* a' = −(a·R mod n)·n⁻¹ mod R, since a·R = a'·n + (a·R mod n); the product by R² may leave n too much in the rest, and
 * so 1 too little in a'. */
static void find_companion(const vs_ring *ring, vector *companion, const vs_word *a, vector *scratch) {
    size_t L = limbs_of(ring);
    vector *columns = scratch, *quotient = columns + 2 * L, *rest = quotient + L;
    factors f = {.a = {(const vector *)a}, .b = {(const vector *)ring->square}, .count = 1};
    multiply(columns, &f, blocks_of(ring));
    reduce(rest, quotient, columns, NULL, modulus_of(ring), inverse_of(ring), blocks_of(ring));
    multiply_low(companion, rest, inverse_of(ring), NULL, NULL, NULL, blocks_of(ring));
}

/* One limb of up to eight entries, which lie `stride` vectors apart, into `count` rows: eight words of a row at once.
 */
static void put_limb(vs_word *rows, size_t words, const vector *limb, size_t stride, size_t puts, size_t count) {
    vector square[LANES];
    for (size_t i = 0; i < LANES; i++) {
        square[i] = i < puts ? limb[i * stride] : broadcast(0);
    }
    transpose(square);
    for (size_t lane = 0; lane < count; lane++) {
        memcpy(rows + lane * words, &square[lane], puts * sizeof *rows);
    }
}

static void row_put(const vs_ring *ring, vs_word *rows, const vs_word *a, const vs_word *e, size_t puts, size_t count,
                    size_t entries, size_t first, vs_word *scratch) {
    size_t L = limbs_of(ring), digits = ring->degree + 1, words = row_words(ring, entries), width = padded(entries);
    vector *companions = (vector *)scratch;
    for (size_t i = 0; i < puts; i++) {
        find_companion(ring, companions + i * L, a + i * digits * ring->digit_words, companions + puts * L);
    }
    for (size_t j = 0; j < L; j++) {
        vs_word *at = rows + j * width + first;
        put_limb(at, words, (const vector *)a + j, digits * L, puts, count);
        put_limb(at + L * width, words, companions + j, L, puts, count);
    }
    for (size_t j = 0; j < ring->degree * L; j++) {
        put_limb(rows + (2 * L + j) * width + first, words, (const vector *)e + j, ring->degree * L, puts, count);
    }
}

static void row_step(const vs_ring *ring, vs_word *z, const vs_word *a, vs_word *e, const vs_word *row, size_t entries,
                     const uint32_t *index, size_t bundles, bool first, vs_word *scratch) {
    size_t L = limbs_of(ring), digits = ring->degree + 1, limb = padded(entries) / LANES;
    look looks[VS_ROW_GROUPS];
    vector *y = (vector *)scratch, *lost = y + VS_ROW_GROUPS * 2 * L;
    const vector *from = (const vector *)row;
    for (size_t g = 0; g < bundles; g++) {
        look_at(&looks[g], index + g * LANES);
    }
    look_up_limbs((vector *)e, (digits - 1) * L, from + 2 * L * limb, looks, bundles, (digits - 1) * L, entries,
                  !first);
    if (first) {
        memset(z, 0, bundles * digits * ring->digit_words * sizeof *z);
        look_up_limbs((vector *)z, digits * L, from, looks, bundles, L, entries, false);
    } else {
        look_up_limbs(y, 2 * L, from, looks, bundles, 2 * L, entries, false);
        for (size_t g = 0; g < bundles; g++) {
            multiply_by_entry((vector *)z + g * digits * L, (const vector *)a + g * digits * L, y + g * 2 * L,
                              y + g * 2 * L + L, negated_of(ring), lost, (unsigned)digits, blocks_of(ring));
        }
    }
    vs_wipe(looks, sizeof looks);
}

/* Exponents come as sums of up to 2^11 digits whose limbs are sums as well: below 2^11·n each, which a product takes.
 * The digits of a are below 10n (ifma_rows.h), below 16n with what the digits below give. */
static void row_finish(const vs_ring *ring, const vs_ring *exponents, vs_word *a, vs_word *e, vs_word *scratch) {
    size_t L = limbs_of(ring);
    vector carry = broadcast(0);
    for (unsigned d = 0; d <= ring->degree; d++) {
        carry = canonical_digit_of((vector *)a + d * L, carry, modulus_of(ring), 2, L);
    }
    for (unsigned i = 0; i <= exponents->degree; i++) {
        propagate((vector *)e + i * L, L);
    }
    mul(exponents, e, e, exponents->one, scratch);
}

#if defined(VEILSUM_IFMA_PORTABLE)
const vs_backend vs__backend_ifma_portable = {
    .name = "ifma-portable",
#else
const vs_backend vs__backend_ifma = {
    .name = "ifma",
#endif
    .lanes = LANES,
    .available = available,
    .shape = shape,
    .setup = setup,
    .load = load,
    .store = store,
    .canonical = canonical,
    .out_of_range = out_of_range,
    .mul = mul,
    .sqr = sqr,
    .mul_digit = mul_digit,
    .mul_var = mul,
    .add = add,
    .sub = sub,
    .select = select_entry,
    .rows_in_montgomery_form = false,
    .row_words = row_words,
    .row_put = row_put,
    .row_step = row_step,
    .row_finish = row_finish,
};
