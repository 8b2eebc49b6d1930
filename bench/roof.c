#include "bench/roof.h"

#define LANES 8.0
#define RADIX 52u
#define ENCRYPT_WINDOW 6u
#define POWER_WINDOW 5.0

/* Of one element: a digit product or a reduction. */
static double digit_product(unsigned bits) {
    double limbs = (bits + 5 + RADIX - 1) / RADIX;
    return 2 * limbs * limbs / LANES;
}

static double product(unsigned s) {
    return (s + 1) * (s + 2) / 2.0 + (s + 1);
}

/* Digit i of a square: pairs of different digits once, and where i is even the square of digit i/2. */
static double square(unsigned s) {
    double digits = s + 1;
    for (unsigned i = 0; i <= s; i++) {
        digits += (i + 1) / 2 + (i % 2 == 0 ? 0.5 : 0);
    }
    return digits;
}

static double power(unsigned s, double bits) {
    return bits * square(s) + bits / POWER_WINDOW * product(s);
}

static double scalar(unsigned s, uint64_t factor) {
    double digits = 0;
    for (; factor > 1; factor >>= 1) {
        digits += square(s) + ((factor & 1) != 0 ? product(s) : 0);
    }
    return digits;
}

double roof_ifmas(roof_kind kind, const roof_size *size) {
    unsigned s = size->degree, prime_bits = size->bits / 2;
    double whole = digit_product(size->bits), half = digit_product(prime_bits);
    switch (kind) {
    case ROOF_PRODUCT:
        return product(s) * whole;
    case ROOF_SQUARE:
        return square(s) * whole;
    case ROOF_POOL:
        return 2 * s * whole;
    case ROOF_POWER:
        return power(s, prime_bits) * half;
    case ROOF_ENCRYPT:
        return (size->exponent_bits + ENCRYPT_WINDOW - 1) / ENCRYPT_WINDOW * 2 * (s + 1) * whole;
    case ROOF_SCALAR:
        return scalar(s, size->factor) * whole;
    case ROOF_DECRYPT:
        return 2 * power(s, prime_bits) * half;
    case ROOF_NONE:
        break;
    }
    return 0;
}
