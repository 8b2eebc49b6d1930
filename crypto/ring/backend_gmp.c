/* The portable backend: one element at a time on GMP's mpn layer, digits in whole limbs, R = 2^(64·limbs).
 *
 * Secrets pass through mpn_sec_* and through mpn's plain carry loops (add_n, sub_n, lshift, addmul_1, cnd_*), which
 * have neither branches nor addresses that depend on the numbers. Public products use mpn_mul_n.
 *
 * Digits are canonical throughout: at 2048 and 3072 bits n fills its limbs, which leaves no room for lazy digits. With
 *     T_i = Σ_{a+b=i} x_a·y_b − q_{i−1} + k_{i−1}·R        (q_{−1} = k_{−1} = 0)
 *     q_i = −T_i·n⁻¹ mod R,   v_i = (T_i + q_i·n)/R,   z_i = v_i − k_i·n in [0, n)
 * the sum of z_i·n^i is x·y·R⁻¹ modulo n^(s+1): multiply the second line by n^i, add up, and the q and k telescope. v_i
 * is never negative, since T_i > −R and v_i is an integer; and v_i < (i + 1)(n − 1) + n + k_{i−1} <= (i + 2)·n, so that
 * i + 1 masked subtractions bring it below n (one where each T_i holds a single product).
 */
#include "crypto/ring/backend.h"

#include <gmp.h>
#include <string.h>

_Static_assert(sizeof(mp_limb_t) == sizeof(vs_word) && GMP_NUMB_BITS == 64, "GMP with 64-bit limbs");

/* mp_limb_t is unsigned long, vs_word is uint64_t: the same here. */
typedef mp_limb_t limb;

static bool available(void) {
    return true;
}

/* Scratch: T (2L + 1), one product (2L), q extended (2L + 1), the result's digits, and what mpn_sec_* want. */
typedef struct work {
    limb *sum, *product, *quotient, *result, *sec;
} work;

static work split(const vs_ring *ring, vs_word *scratch) {
    size_t L = ring->digit_limbs;
    work w;
    w.sum = (limb *)scratch;
    w.product = w.sum + 2 * L + 1;
    w.quotient = w.product + 2 * L;
    w.result = w.quotient + 2 * L + 1;
    w.sec = w.result + (ring->degree + 1) * L;
    return w;
}

static size_t shape(vs_ring *ring) {
    mp_size_t L = (mp_size_t)ring->digit_limbs;
    mp_size_t mul = mpn_sec_mul_itch(L, L);
    mp_size_t sqr = mpn_sec_sqr_itch(L);
    ring->lanes = 1;
    ring->digit_words = ring->digit_limbs;
    ring->radix_bits = 64u * (unsigned)L;
    /* a product's, and a table's entry before it */
    ring->scratch_words = (size_t)(6 * L + 2 + 2 * (mp_size_t)(ring->degree + 1) * L + (mul > sqr ? mul : sqr));
    return 1;
}

/* state[0] = −n⁻¹ mod 2^64, by Newton: n·n = 1 mod 8 for odd n, and each step doubles the bits. */
static void setup(vs_ring *ring) {
    vs_word n = ring->modulus[0], inverse = n;
    for (int i = 0; i < 5; i++) {
        inverse *= 2 - n * inverse;
    }
    ring->state[0] = (vs_word)0 - inverse;
}

static void load(const vs_ring *ring, vs_word *z, const void *x, size_t digits, size_t stride, size_t count) {
    (void)stride;
    size_t words = digits * ring->digit_words;
    if (count > 0) {
        memmove(z, x, words * sizeof *z);
    } else {
        memset(z, 0, words * sizeof *z);
    }
}

static void store(const vs_ring *ring, void *x, const vs_word *z, size_t digits, size_t stride, size_t count) {
    (void)stride;
    if (count > 0) {
        memmove(x, z, digits * ring->digit_limbs * sizeof *z);
    }
}

static void canonical(const vs_ring *ring, vs_word *z, const vs_word *x, size_t digits) {
    memmove(z, x, digits * ring->digit_words * sizeof *z);
}

static unsigned out_of_range(const vs_ring *ring, const vs_word *z, size_t digits) {
    vs_word all = 1;
    for (size_t i = 0; i < digits; i++) {
        vs_word borrow = 0;
        for (size_t j = 0; j < ring->digit_limbs; j++) {
            vs_word a = z[i * ring->digit_limbs + j], b = ring->modulus[j], d = a - b;
            borrow = (vs_word)(a < b) | (vs_word)(d < borrow);
        }
        all &= borrow;
    }
    return (unsigned)(1 - all);
}

/* One digit: reduce w.sum, which holds the products of this digit, into z. In: the quotient and carry of the digit
 * below, as the two's complement number q − k·R in w.quotient (2L + 1 limbs). Out: those of this digit. `excess`: how
 * often n may have to be taken off at the end. */
static void reduce(const vs_ring *ring, work w, limb *z, unsigned excess) {
    mp_size_t L = (mp_size_t)ring->digit_limbs;
    const limb *n = (const limb *)ring->modulus;
    limb inverse = ring->state[0];
    limb *t = w.sum;
    mpn_sub_n(t, t, w.quotient, 2 * L + 1);
    for (mp_size_t j = 0; j < L; j++) {
        limb q = t[j] * inverse;
        w.quotient[j] = q;
        /* t[j] is 0 now; it keeps the carry for limb j + L, which no later quotient digit depends on. */
        t[j] = mpn_addmul_1(t + j, n, L, q);
    }
    limb high = t[2 * L] + mpn_add_n(z, t + L, t, L);
    limb carry = 0;
    for (unsigned i = 0; i < excess; i++) {
        high -= mpn_sub_n(z, z, n, L);
        limb negative = high >> 63;
        high += mpn_cnd_add_n(negative, z, z, n, L);
        carry += 1 - negative;
    }
    w.quotient[L] = (limb)0 - carry;
    limb sign = (limb)0 - ((w.quotient[L] >> 63) & 1);
    for (mp_size_t j = L + 1; j <= 2 * L; j++) {
        w.quotient[j] = sign;
    }
}

static void start(const vs_ring *ring, work w) {
    memset(w.quotient, 0, (2 * ring->digit_limbs + 1) * sizeof(limb));
}

static void finish(const vs_ring *ring, vs_word *z, work w) {
    memcpy(z, w.result, (ring->degree + 1) * ring->digit_limbs * sizeof(limb));
}

static void multiply(work w, limb *product, const limb *a, const limb *b, mp_size_t L, bool is_public) {
    if (is_public) {
        mpn_mul_n(product, a, b, L);
    } else {
        mpn_sec_mul(product, a, L, b, L, w.sec);
    }
}

static void mul_any(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch,
                    bool is_public) {
    mp_size_t L = (mp_size_t)ring->digit_limbs;
    work w = split(ring, scratch);
    const limb *a = (const limb *)x, *b = (const limb *)y;
    start(ring, w);
    for (unsigned i = 0; i <= ring->degree; i++) {
        multiply(w, w.sum, a, b + i * L, L, is_public);
        w.sum[2 * L] = 0;
        for (unsigned k = 1; k <= i; k++) {
            multiply(w, w.product, a + k * L, b + (i - k) * L, L, is_public);
            w.sum[2 * L] += mpn_add_n(w.sum, w.sum, w.product, 2 * L);
        }
        reduce(ring, w, w.result + i * L, i + 1);
    }
    finish(ring, z, w);
}

static void mul(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    mul_any(ring, z, x, y, scratch, false);
}

static void mul_var(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    mul_any(ring, z, x, y, scratch, true);
}

static void sqr(const vs_ring *ring, vs_word *z, const vs_word *x, vs_word *scratch) {
    mp_size_t L = (mp_size_t)ring->digit_limbs;
    work w = split(ring, scratch);
    const limb *a = (const limb *)x;
    start(ring, w);
    for (unsigned i = 0; i <= ring->degree; i++) {
        limb *t = w.sum;
        memset(t, 0, (size_t)(2 * L + 1) * sizeof *t);
        for (unsigned k = 0; 2 * k < i; k++) {
            limb *product = k == 0 ? t : w.product;
            mpn_sec_mul(product, a + k * L, L, a + (i - k) * L, L, w.sec);
            if (k > 0) {
                t[2 * L] += mpn_add_n(t, t, product, 2 * L);
            }
        }
        if (i > 0) {
            mpn_lshift(t, t, 2 * L + 1, 1);
        }
        if (i % 2 == 0) {
            limb *product = i == 0 ? t : w.product;
            mpn_sec_sqr(product, a + (i / 2) * L, L, w.sec);
            if (i > 0) {
                t[2 * L] += mpn_add_n(t, t, product, 2 * L);
            }
        }
        reduce(ring, w, w.result + i * L, i + 1);
    }
    finish(ring, z, w);
}

static void mul_digit(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, vs_word *scratch) {
    mp_size_t L = (mp_size_t)ring->digit_limbs;
    work w = split(ring, scratch);
    start(ring, w);
    for (unsigned i = 0; i <= ring->degree; i++) {
        mpn_sec_mul(w.sum, (const limb *)x + i * L, L, (const limb *)y, L, w.sec);
        w.sum[2 * L] = 0;
        reduce(ring, w, w.result + i * L, 1);
    }
    finish(ring, z, w);
}

/* Digit sums are below 2n with a carry of at most 1 from below, digit differences above −n − 1: one masked step each.
 */
static void add_digits(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, unsigned digits) {
    mp_size_t L = (mp_size_t)ring->digit_limbs;
    limb carry = 0;
    for (unsigned i = 0; i < digits; i++) {
        limb *d = (limb *)z + i * L;
        limb high = mpn_add_n(d, (const limb *)x + i * L, (const limb *)y + i * L, L);
        for (mp_size_t j = 0; j < L; j++) {
            d[j] += carry;
            carry = d[j] < carry;
        }
        high += carry;
        high -= mpn_sub_n(d, d, (const limb *)ring->modulus, L);
        limb negative = high >> 63;
        mpn_cnd_add_n(negative, d, d, (const limb *)ring->modulus, L);
        carry = 1 - negative;
    }
}

static void add(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y) {
    add_digits(ring, z, x, y, ring->degree + 1);
}

static void sub(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y) {
    mp_size_t L = (mp_size_t)ring->digit_limbs;
    limb borrow = 0;
    for (unsigned i = 0; i <= ring->degree; i++) {
        limb *d = (limb *)z + i * L;
        limb negative = mpn_sub_n(d, (const limb *)x + i * L, (const limb *)y + i * L, L);
        for (mp_size_t j = 0; j < L; j++) {
            limb before = d[j];
            d[j] -= borrow;
            borrow = before < borrow;
        }
        negative |= borrow;
        mpn_cnd_add_n(negative, d, d, (const limb *)ring->modulus, L);
        borrow = negative;
    }
}

static void select_entry(vs_word *z, const vs_word *table, size_t words, size_t entries, size_t index) {
    mpn_sec_tabselect((limb *)z, (const limb *)table, (mp_size_t)words, (mp_size_t)entries, (mp_size_t)index);
}

/* Rows: entry after entry, each a and e. */
static size_t row_words(const vs_ring *ring, size_t entries) {
    return (ring->degree + 1) * ring->digit_words * entries;
}

static void row_put(const vs_ring *ring, vs_word *rows, const vs_word *a, const vs_word *e, size_t puts, size_t count,
                    size_t entries, size_t first, vs_word *scratch) {
    size_t digit = ring->digit_words, words = (ring->degree + 1) * digit;
    (void)entries;
    (void)scratch;
    for (size_t i = 0; i < puts && count > 0; i++) {
        vs_word *at = rows + (first + i) * words;
        memcpy(at, a + i * words, digit * sizeof *at);
        memcpy(at + digit, e + i * (words - digit), (words - digit) * sizeof *at);
    }
}

static void row_step(const vs_ring *ring, vs_word *z, const vs_word *a, vs_word *e, const vs_word *row, size_t entries,
                     const uint32_t *index, size_t bundles, bool first, vs_word *scratch) {
    size_t digit = ring->digit_words, words = (ring->degree + 1) * digit;
    vs_word *entry = scratch, *rest = entry + words;
    for (size_t g = 0; g < bundles; g++) {
        vs_word *eg = e + g * (words - digit), *zg = z + g * words;
        select_entry(entry, row, words, entries, index[g]);
        if (first) {
            memset(zg, 0, words * sizeof *zg);
            memcpy(zg, entry, digit * sizeof *zg);
            memcpy(eg, entry + digit, (words - digit) * sizeof *eg);
        } else {
            mul_digit(ring, zg, a + g * words, entry, rest);
            add_digits(ring, eg, eg, entry + digit, ring->degree);
        }
    }
}

static void row_finish(const vs_ring *ring, const vs_ring *exponents, vs_word *a, vs_word *e, vs_word *scratch) {
    (void)ring;
    (void)exponents;
    (void)a;
    (void)e;
    (void)scratch;
}

const vs_backend vs__backend_gmp = {
    .name = "gmp",
    .lanes = 1,
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
    .mul_var = mul_var,
    .add = add,
    .sub = sub,
    .select = select_entry,
    .rows_in_montgomery_form = true,
    .row_words = row_words,
    .row_put = row_put,
    .row_step = row_step,
    .row_finish = row_finish,
};
