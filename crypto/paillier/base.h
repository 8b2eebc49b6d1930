/* Drawing the base of encryption's randomness. Apart from key_internal.h, since it speaks of GMP's numbers. */
#ifndef VEILSUM_CRYPTO_PAILLIER_BASE_H
#define VEILSUM_CRYPTO_PAILLIER_BASE_H

#include <gmp.h>
#include <stdint.h>

/** h = −y^(2·cofactor) mod n for a random unit y, also as `len` little-endian bytes. (keygen.c) */
void vs__draw_base(mpz_t h, uint8_t *bytes, size_t len, const mpz_t n, const mpz_t cofactor);

#endif
