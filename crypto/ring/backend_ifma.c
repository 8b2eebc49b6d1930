/* The backend for AVX-512 IFMA: eight elements a bundle, radix 2^52, limb-major: limb j of a digit is one vector, lane
 * k of it belongs to element k.
 *
 * Digits are lazy: 0 <= z_i < 2n between operations, canonical when stored. With R = 2^(52·L) > 4(s + 1)·n a product
 * needs no subtraction of n at all: T_i is at most 4(s + 1)·n² and q_i·n/R below n, so v_i < 2n (papers/ring.md,
 * section 2). Columns are sums of 52-bit halves in 64 bits, taken as signed: at most 2(s + 2)·L of them plus one
 * subtracted quotient digit stay below 2^62 for L <= 80.
 *
 * The file is compiled twice: with the instructions, as `ifma`, and with VEILSUM_IFMA_PORTABLE, as `ifma-portable`,
 * where two small functions stand in for them. The second is slow, and lets every machine run the whole suite over the
 * same arithmetic.
 */
#include <string.h>

#include "crypto/ring/backend.h"

#if !defined(VEILSUM_IFMA_PORTABLE)
#include <immintrin.h>
#endif

#define LANES 8
#define RADIX 52
#define MASK ((UINT64_C(1) << RADIX) - 1)
/* Rows of the multiplier that are kept in registers; the number of limbs is a multiple. 2048, 3072 and 4096 bits need
 * 40, 60 and 79 limbs, their primes 20, 30 and 40. */
#define BLOCK 5

/* Aligned like a word, since that is what callers promise; memory that matters is aligned to cache lines all the same.
 */
typedef uint64_t vector __attribute__((vector_size(LANES * sizeof(uint64_t)), aligned(sizeof(uint64_t))));
typedef int64_t signed_vector __attribute__((vector_size(LANES * sizeof(int64_t)), aligned(sizeof(int64_t))));

#if defined(VEILSUM_IFMA_PORTABLE)

static inline vector madd_low(vector sum, vector a, vector b) {
    for (int i = 0; i < LANES; i++) {
        sum[i] += ((a[i] & MASK) * (b[i] & MASK)) & MASK;
    }
    return sum;
}

static inline vector madd_high(vector sum, vector a, vector b) {
    for (int i = 0; i < LANES; i++) {
        sum[i] += (uint64_t)(((__extension__(unsigned __int128)(a[i] & MASK)) * (b[i] & MASK)) >> RADIX);
    }
    return sum;
}

/* Eight entries, one picked by each lane's index modulo 8. */
static inline vector pick(vector entries, vector index) {
    vector z;
    for (int i = 0; i < LANES; i++) {
        uint64_t value = 0;
        for (int j = 0; j < LANES; j++) {
            value |= entries[j] & ((uint64_t)0 - ((index[i] & 7) == (uint64_t)j));
        }
        z[i] = value;
    }
    return z;
}

static bool available(void) {
    return true;
}

#else

static inline vector madd_low(vector sum, vector a, vector b) {
    return (vector)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

static inline vector madd_high(vector sum, vector a, vector b) {
    return (vector)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

static inline vector pick(vector entries, vector index) {
    return (vector)_mm512_permutexvar_epi64((__m512i)index, (__m512i)entries);
}

static bool available(void) {
    __builtin_cpu_init(); /* asks the processor, and whether the system saves the registers */
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

#endif

static inline vector broadcast(uint64_t x) {
    return (vector){x, x, x, x, x, x, x, x};
}

/* Divided by 2^52, rounded down, as signed numbers. */
static inline vector carry_of(vector x) {
    return (vector)((signed_vector)x >> RADIX);
}

static size_t limbs_of(const vs_ring *ring) {
    return ring->digit_words / LANES;
}

static size_t shape(vs_ring *ring) {
    /* Three bits for 4(s + 1), two more for what lazy digits need. */
    size_t L = (64 * ring->digit_limbs + 5 + RADIX - 1) / RADIX;
    L = (L + BLOCK - 1) / BLOCK * BLOCK;
    ring->lanes = LANES;
    ring->digit_words = LANES * L;
    ring->radix_bits = (unsigned)(RADIX * L);
    /* columns, quotient, result */
    ring->scratch_words = LANES * (2 * L + BLOCK + L + (ring->degree + 1) * L);
    return LANES * (L + 1);
}

/* Bits at .. at + 51 of a number of `limbs` 64-bit limbs. */
static uint64_t bits_at(const vs_word *x, size_t limbs, size_t at) {
    size_t limb = at / 64, shift = at % 64;
    uint64_t value = limb < limbs ? x[limb] >> shift : 0;
    if (shift > 64 - RADIX && limb + 1 < limbs) {
        value |= x[limb + 1] << (64 - shift);
    }
    return value & MASK;
}

/* state: n in every lane, then −n⁻¹ mod 2^52. */
static void setup(vs_ring *ring) {
    size_t L = limbs_of(ring);
    vector *state = (vector *)ring->state;
    uint64_t n = ring->modulus[0], inverse = n;
    for (int i = 0; i < 5; i++) {
        inverse *= 2 - n * inverse;
    }
    for (size_t j = 0; j < L; j++) {
        state[j] = broadcast(bits_at(ring->modulus, ring->digit_limbs, RADIX * j));
    }
    state[L] = broadcast((0 - inverse) & MASK);
}

static const vector *modulus_of(const vs_ring *ring) {
    return (const vector *)ring->state;
}

static void load(const vs_ring *ring, vs_word *out, const vs_word *x, size_t digits, size_t stride, size_t count) {
    size_t L = limbs_of(ring), limbs = ring->digit_limbs;
    for (size_t d = 0; d < digits; d++) {
        for (size_t j = 0; j < L; j++) {
            for (size_t lane = 0; lane < LANES; lane++) {
                const vs_word *digit = x + lane * stride + d * limbs;
                out[(d * L + j) * LANES + lane] = lane < count ? bits_at(digit, limbs, RADIX * j) : 0;
            }
        }
    }
}

/* z = z − m where that is not negative; returns 1 in the lanes where it was done. Limbs of z are reduced; so are they
 * after. */
static vector subtract_if(vector *z, const vector *m, unsigned times, size_t L) {
    vector borrow = broadcast(0), difference[(VS_MAX_RING_BITS + 5) / RADIX + 1 + BLOCK];
    for (size_t j = 0; j < L; j++) {
        vector t = z[j] - m[j] * times + borrow;
        borrow = carry_of(t);
        difference[j] = t & MASK;
    }
    vector keep = borrow; /* all ones where z was smaller */
    for (size_t j = 0; j < L; j++) {
        z[j] = (z[j] & keep) | (difference[j] & ~keep);
    }
    return (~keep & times);
}

/* Reduce limbs; the value must not be negative and must fit L limbs. */
static void propagate(vector *z, size_t L) {
    vector carry = broadcast(0);
    for (size_t j = 0; j < L; j++) {
        vector t = z[j] + carry;
        z[j] = t & MASK;
        carry = carry_of(t);
    }
}

static void store(const vs_ring *ring, vs_word *x, const vs_word *in, size_t digits, size_t stride, size_t count) {
    size_t L = limbs_of(ring), limbs = ring->digit_limbs;
    vector digit[(VS_MAX_RING_BITS + 5) / RADIX + 1 + BLOCK], carry = broadcast(0);
    for (size_t d = 0; d < digits; d++) {
        memcpy(digit, in + d * ring->digit_words, ring->digit_words * sizeof *in);
        digit[0] += carry; /* at most 2: the digit is below 2n + 2 */
        propagate(digit, L);
        carry = subtract_if(digit, modulus_of(ring), 1, L);
        carry += subtract_if(digit, modulus_of(ring), 1, L);
        for (size_t lane = 0; lane < count; lane++) {
            vs_word *out = x + lane * stride + d * limbs;
            memset(out, 0, limbs * sizeof *out);
            for (size_t j = 0; j < L; j++) {
                size_t at = RADIX * j, limb = at / 64, shift = at % 64;
                if (limb < limbs) {
                    out[limb] |= digit[j][lane] << shift;
                }
                if (shift > 64 - RADIX && limb + 1 < limbs) {
                    out[limb + 1] |= digit[j][lane] >> (64 - shift);
                }
            }
        }
    }
}

/* One column of a block of rows: the column's low and high halves are complete once its first row has passed, so the
 * windows move on by one; their places are taken modulo BLOCK, which is constant once the loop over u is unrolled. */
#define ROW(u, k)                                                                                                      \
    low[((u) + (k)) % BLOCK] = madd_low(low[((u) + (k)) % BLOCK], x, row[k]);                                          \
    high[((u) + (k)) % BLOCK] = madd_high(high[((u) + (k)) % BLOCK], x, row[k])
#define STEP(u)                                                                                                        \
    do {                                                                                                               \
        vector x = a[j + (u)];                                                                                         \
        ROW(u, 0);                                                                                                     \
        ROW(u, 1);                                                                                                     \
        ROW(u, 2);                                                                                                     \
        ROW(u, 3);                                                                                                     \
        ROW(u, 4);                                                                                                     \
        columns[j + (u)] = low[(u) % BLOCK] + passed;                                                                  \
        passed = high[(u) % BLOCK];                                                                                    \
        low[(u) % BLOCK] = columns[j + (u) + BLOCK];                                                                   \
        high[(u) % BLOCK] = broadcast(0);                                                                              \
    } while (0)

/* columns[0 .. L + BLOCK] += a · (BLOCK limbs of b). */
static inline void add_block(vector *columns, const vector *a, const vector *b, size_t L) {
    vector row[BLOCK], low[BLOCK], high[BLOCK], passed = broadcast(0);
    for (int k = 0; k < BLOCK; k++) {
        row[k] = b[k];
        low[k] = columns[k];
        high[k] = broadcast(0);
    }
    for (size_t j = 0; j < L; j += BLOCK) {
        STEP(0);
        STEP(1);
        STEP(2);
        STEP(3);
        STEP(4);
    }
    /* The windows stand at column L. */
    for (int k = 0; k < BLOCK; k++) {
        columns[L + (size_t)k] = low[k] + passed;
        passed = high[k];
    }
    columns[L + BLOCK] += passed;
}

/* columns += a·b; 2L + BLOCK columns, of which the last are only touched with zeros. */
static void add_product(vector *columns, const vector *a, const vector *b, size_t L) {
    for (size_t i = 0; i < L; i += BLOCK) {
        add_block(columns + i, a, b + i, L);
    }
}

/* Quotient digits for BLOCK columns, found on a copy: the same carries run through it as through the columns later. */
static inline void find_quotient(vector *q, const vector *columns, const vector *n, vector inverse) {
    vector t[BLOCK + 1];
    for (int k = 0; k < BLOCK; k++) {
        t[k] = columns[k];
    }
    t[BLOCK] = broadcast(0);
    for (int k = 0; k < BLOCK; k++) {
        q[k] = madd_low(broadcast(0), t[k], inverse);
        for (int r = 0; k + r < BLOCK; r++) {
            t[k + r] = madd_low(t[k + r], q[k], n[r]);
            t[k + r + 1] = madd_high(t[k + r + 1], q[k], n[r]);
        }
        t[k + 1] += carry_of(t[k]);
    }
}

/* Montgomery reduction of one digit: z = (columns + q·n)/R, q kept for the digit above. Consumes the columns. */
static void reduce(const vs_ring *ring, vector *z, vector *q, vector *columns) {
    size_t L = limbs_of(ring);
    const vector *n = modulus_of(ring);
    for (size_t i = 0; i < L; i += BLOCK) {
        find_quotient(q + i, columns + i, n, n[L]);
        add_block(columns + i, n, q + i, L);
        vector carry = broadcast(0);
        for (size_t k = 0; k < BLOCK; k++) {
            carry = carry_of(columns[i + k] + carry);
        }
        columns[i + BLOCK] += carry;
    }
    memcpy(z, columns + L, L * sizeof *z);
    propagate(z, L);
}

/* columns, quotient and result within scratch memory. */
typedef struct work {
    vector *columns, *quotient, *result;
} work;

static work split(const vs_ring *ring, vs_word *scratch) {
    size_t L = limbs_of(ring);
    work w = {.columns = (vector *)scratch};
    w.quotient = w.columns + 2 * L + BLOCK;
    w.result = w.quotient + L;
    memset(w.quotient, 0, L * sizeof *w.quotient);
    return w;
}

/* Columns for the next digit: 0, or what the digit below borrows. */
static void start_digit(const vs_ring *ring, work w) {
    size_t L = limbs_of(ring);
    for (size_t j = 0; j < L; j++) {
        w.columns[j] = 0 - w.quotient[j];
    }
    memset(w.columns + L, 0, (L + BLOCK) * sizeof *w.columns);
}

static void finish(const vs_ring *ring, vs_word *z, work w) {
    memcpy(z, w.result, (ring->degree + 1) * ring->digit_words * sizeof *z);
}

static void mul(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    size_t L = limbs_of(ring);
    const vector *a = (const vector *)x, *b = (const vector *)y;
    work w = split(ring, scratch);
    for (unsigned i = 0; i <= ring->degree; i++) {
        start_digit(ring, w);
        for (unsigned k = 0; k <= i; k++) {
            add_product(w.columns, a + k * L, b + (i - k) * L, L);
        }
        reduce(ring, w.result + i * L, w.quotient, w.columns);
    }
    finish(ring, z, w);
}

static void sqr(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word *scratch) {
    size_t L = limbs_of(ring);
    const vector *a = (const vector *)x;
    work w = split(ring, scratch);
    for (unsigned i = 0; i <= ring->degree; i++) {
        memset(w.columns, 0, (2 * L + BLOCK) * sizeof *w.columns);
        for (unsigned k = 0; 2 * k < i; k++) {
            add_product(w.columns, a + k * L, a + (i - k) * L, L);
        }
        for (size_t j = 0; j < 2 * L; j++) {
            w.columns[j] = 2 * w.columns[j] - (j < L ? w.quotient[j] : broadcast(0));
        }
        if (i % 2 == 0) {
            add_product(w.columns, a + i / 2 * L, a + i / 2 * L, L);
        }
        reduce(ring, w.result + i * L, w.quotient, w.columns);
    }
    finish(ring, z, w);
}

static void mul_digit(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    size_t L = limbs_of(ring);
    work w = split(ring, scratch);
    for (unsigned i = 0; i <= ring->degree; i++) {
        start_digit(ring, w);
        add_product(w.columns, (const vector *)x + i * L, (const vector *)y, L);
        reduce(ring, w.result + i * L, w.quotient, w.columns);
    }
    finish(ring, z, w);
}

/* Canonical digits come out. Up to 4n + 3: n comes off four times at most, and each time counts as 1 one digit up. */
static void add(const vs_ring *ring, vs_word *out, const vs_word *x, const vs_word *y) {
    size_t L = limbs_of(ring);
    const vector *n = modulus_of(ring);
    vector carry = broadcast(0);
    for (unsigned i = 0; i <= ring->degree; i++) {
        vector *z = (vector *)out + i * L;
        for (size_t j = 0; j < L; j++) {
            z[j] = ((const vector *)x)[i * L + j] + ((const vector *)y)[i * L + j];
        }
        z[0] += carry;
        propagate(z, L);
        carry = subtract_if(z, n, 2, L);
        carry += subtract_if(z, n, 1, L);
        carry += subtract_if(z, n, 1, L);
    }
}

/* The same with 3n added, so that nothing is negative: at most 5n. */
static void sub(const vs_ring *ring, vs_word *out, const vs_word *x, const vs_word *y) {
    size_t L = limbs_of(ring);
    const vector *n = modulus_of(ring);
    vector carry = broadcast(0);
    for (unsigned i = 0; i <= ring->degree; i++) {
        vector *z = (vector *)out + i * L;
        for (size_t j = 0; j < L; j++) {
            z[j] = ((const vector *)x)[i * L + j] - ((const vector *)y)[i * L + j] + 3 * n[j];
        }
        z[0] += carry;
        propagate(z, L);
        carry = subtract_if(z, n, 2, L);
        carry += subtract_if(z, n, 2, L);
        carry += subtract_if(z, n, 1, L);
        carry -= 3;
    }
}

static void select_entry(vs_word *z, const vs_word *table, size_t words, size_t entries, size_t index) {
    vector *out = (vector *)z;
    size_t vectors = words / LANES;
    memset(z, 0, words * sizeof *z);
    for (size_t e = 0; e < entries; e++) {
        vector mask = broadcast((uint64_t)0 - (uint64_t)(e == index));
        const vector *entry = (const vector *)(table + e * words);
        for (size_t j = 0; j < vectors; j++) {
            out[j] |= entry[j] & mask;
        }
    }
}

/* Rows: for each limb of each digit the entries side by side, eight to a vector. */
static size_t padded(size_t entries) {
    return (entries + LANES - 1) / LANES * LANES;
}

static size_t row_words(const vs_ring *ring, size_t digits, size_t entries) {
    return digits * limbs_of(ring) * padded(entries);
}

static void row_put(const vs_ring *ring, vs_word *row, const vs_word *canonical, size_t digits, size_t entries,
                    size_t entry) {
    size_t L = limbs_of(ring), width = padded(entries);
    for (size_t d = 0; d < digits; d++) {
        for (size_t j = 0; j < L; j++) {
            const vs_word *digit = canonical + d * ring->digit_limbs;
            row[(d * L + j) * width + entry] = bits_at(digit, ring->digit_limbs, RADIX * j);
        }
    }
}

static void row_select(const vs_ring *ring, vs_word *z, const vs_word *row, size_t digits, size_t entries,
                       const uint32_t *index) {
    size_t L = limbs_of(ring), groups = padded(entries) / LANES;
    vector place, *out = (vector *)z;
    for (int lane = 0; lane < LANES; lane++) {
        place[lane] = index[lane];
    }
    vector group = place >> 3;
    for (size_t j = 0; j < digits * L; j++) {
        vector value = broadcast(0);
        for (size_t g = 0; g < groups; g++) {
            vector entry = pick(((const vector *)row)[j * groups + g], place);
            value |= entry & (vector)(group == broadcast(g));
        }
        out[j] = value;
    }
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
    .mul = mul,
    .sqr = sqr,
    .mul_digit = mul_digit,
    .mul_var = mul,
    .add = add,
    .sub = sub,
    .select = select_entry,
    .row_words = row_words,
    .row_put = row_put,
    .row_select = row_select,
};
