/* Numbers for keys, made afresh by GMP from fixed starting points, for the suites that check and encode keys. */
#ifndef VEILSUM_TESTS_CRYPTO_KEY_NUMBERS_H
#define VEILSUM_TESTS_CRYPTO_KEY_NUMBERS_H

#include <gmp.h>
#include <stdint.h>
#include <string.h>

/* The first prime of the form modulus·k + rest above 3·2^(bits − 2) + seed·2^(bits / 2): its two top bits are set. */
static inline void find_prime(mpz_t p, unsigned bits, unsigned long seed, unsigned long modulus, unsigned long rest) {
    mpz_set_ui(p, 3);
    mpz_mul_2exp(p, p, bits / 2 - 2);
    mpz_add_ui(p, p, seed);
    mpz_mul_2exp(p, p, bits - bits / 2);
    do {
        mpz_nextprime(p, p);
    } while (mpz_fdiv_ui(p, modulus) != rest);
}

static inline void to_bytes(uint8_t *out, size_t len, const mpz_t x) {
    memset(out, 0, len);
    mpz_export(out, NULL, -1, 1, 0, 0, x);
}

#endif
