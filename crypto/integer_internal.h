/* What a vs_integer is, shared by integer.c and integer_text.c. */
#ifndef VEILSUM_CRYPTO_INTEGER_INTERNAL_H
#define VEILSUM_CRYPTO_INTEGER_INTERNAL_H

#include <gmp.h>

#include "crypto/integer.h"

struct vs_integer {
    mpz_t value;
};

/** x / y rounded half-even, for x >= 0 and y > 0; x is overwritten. (integer.c) */
void vs__divide_half_even(mpz_t quotient, mpz_t x, const mpz_t y);

#endif
