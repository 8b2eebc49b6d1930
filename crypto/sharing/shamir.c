#include "crypto/sharing/shamir.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/secret.h"
#include "crypto/status.h"

/* Bytes that are worked on together: eight in a word, and so many words that they stay in registers. */
#define CHUNK_WORDS 8u
#define CHUNK_BYTES (8u * CHUNK_WORDS)

typedef struct chunk {
    uint64_t words[CHUNK_WORDS];
} chunk;

/* ---- eight field elements in a word ---- */

/* Times x: shift, and where the top bit was set take x^8 = x^4 + x^3 + x + 1 off again. */
static inline uint64_t times_x(uint64_t a) {
    const uint64_t tops = UINT64_C(0x8080808080808080), reduced = UINT64_C(0x1b1b1b1b1b1b1b1b);
    uint64_t carried = (a & tops) >> 7, whole = (carried << 8) - carried; /* a byte of ones for each of them */
    return ((a & ~tops) << 1) ^ (whole & reduced);
}

/* sum ← sum + a·factor; the factor is public, and a comes out spoilt. */
static void add_product(chunk *sum, chunk *a, unsigned factor) {
    for (; factor != 0; factor >>= 1) {
        const uint64_t wanted = 0 - (uint64_t)(factor & 1);
        for (size_t i = 0; i < CHUNK_WORDS; i++) {
            sum->words[i] ^= a->words[i] & wanted;
            a->words[i] = times_x(a->words[i]);
        }
    }
}

static void load(chunk *a, const uint8_t *bytes, size_t len) {
    if (len < sizeof *a) {
        memset(a, 0, sizeof *a);
    }
    memcpy(a, bytes, len);
}

/* ---- sharing ---- */

/* The polynomial's value at `point`, by Horner's rule from the highest coefficient down. */
static void evaluate(chunk *value, const chunk *coefficients, unsigned count, unsigned point) {
    chunk higher;
    *value = coefficients[count - 1];
    for (unsigned i = count - 1; i-- > 0;) {
        higher = *value;
        *value = coefficients[i];
        add_product(value, &higher, point);
    }
    vs_wipe(&higher, sizeof higher);
}

/* Shares of `len` bytes at `at`, at most CHUNK_BYTES, of a secret of `whole` bytes. */
static void split_chunk(uint8_t *shares, const chunk *coefficients, size_t at, size_t len, size_t whole,
                        unsigned threshold, unsigned count) {
    chunk value;
    for (unsigned point = 1; point <= count; point++) {
        evaluate(&value, coefficients, threshold, point);
        memcpy(shares + (point - 1) * whole + at, &value, len);
    }
    vs_wipe(&value, sizeof value);
}

void vs_shamir_split(uint8_t *shares, const uint8_t *secret, size_t len, unsigned threshold, unsigned count,
                     const uint8_t *coefficients) {
    VS_CHECK(threshold >= 1 && threshold <= count && count <= VS_SHAMIR_MAX_SHARES);
    chunk polynomial[VS_SHAMIR_MAX_SHARES];
    for (size_t at = 0; at < len; at += CHUNK_BYTES) {
        size_t here = len - at < CHUNK_BYTES ? len - at : CHUNK_BYTES;
        load(&polynomial[0], secret + at, here);
        for (unsigned i = 1; i < threshold; i++) {
            load(&polynomial[i], coefficients + (i - 1) * len + at, here);
        }
        split_chunk(shares, polynomial, at, here, len, threshold, count);
    }
    vs_wipe(polynomial, threshold * sizeof *polynomial);
}

/* ---- joining ---- */

/* Single elements, public: points and what follows from them. */
static unsigned product(unsigned a, unsigned b) {
    unsigned sum = 0;
    for (; b != 0; b >>= 1) {
        sum ^= (b & 1) != 0 ? a : 0;
        a = (a << 1) ^ ((a & 0x80) != 0 ? 0x11bu : 0);
    }
    return sum;
}

/* a^254 is 1/a. */
static unsigned inverse(unsigned a) {
    unsigned power = 1;
    for (unsigned i = 0; i < 7; i++) {
        a = product(a, a);
        power = product(power, a);
    }
    return power;
}

static bool are_distinct(const uint8_t *points, unsigned count) {
    bool seen[256] = {true}; /* 0 is where the secret is */
    bool distinct = true;
    for (unsigned i = 0; i < count; i++) {
        distinct = distinct && !seen[points[i]];
        seen[points[i]] = true;
    }
    return distinct;
}

/* Lagrange's factor of share i for the value at 0: the product of x_j / (x_j − x_i) over all others. */
static unsigned lagrange(const uint8_t *points, unsigned count, unsigned i) {
    unsigned above = 1, below = 1;
    for (unsigned j = 0; j < count; j++) {
        if (j != i) {
            above = product(above, points[j]);
            below = product(below, points[j] ^ points[i]);
        }
    }
    return product(above, inverse(below));
}

void vs_shamir_join(uint8_t *secret, size_t len, const uint8_t *points, const uint8_t *shares, unsigned count) {
    VS_CHECK(count >= 1 && count <= VS_SHAMIR_MAX_SHARES && are_distinct(points, count));
    uint8_t factors[VS_SHAMIR_MAX_SHARES];
    chunk sum, share;
    for (unsigned i = 0; i < count; i++) {
        factors[i] = (uint8_t)lagrange(points, count, i);
    }
    for (size_t at = 0; at < len; at += CHUNK_BYTES) {
        size_t here = len - at < CHUNK_BYTES ? len - at : CHUNK_BYTES;
        memset(&sum, 0, sizeof sum);
        for (unsigned i = 0; i < count; i++) {
            load(&share, shares + i * len + at, here);
            add_product(&sum, &share, factors[i]);
        }
        memcpy(secret + at, &sum, here);
    }
    vs_wipe(&sum, sizeof sum);
    vs_wipe(&share, sizeof share);
}
