#include "crypto/ring/power_of_two.h"

#include <gmp.h>
#include <string.h>

void vs__power_of_two(const vs_ring *ring, vs_word *x, unsigned exponent) {
    mpz_t rest, digit, n;
    mpz_inits(rest, digit, n, NULL);
    mpz_import(n, ring->digit_limbs, -1, sizeof(vs_word), 0, 0, ring->modulus);
    mpz_setbit(rest, exponent);
    memset(x, 0, vs_ring_element_limbs(ring) * sizeof *x);
    for (unsigned i = 0; i <= ring->degree; i++) {
        mpz_fdiv_qr(rest, digit, rest, n);
        mpz_export(x + i * ring->digit_limbs, NULL, -1, sizeof(vs_word), 0, 0, digit);
    }
    mpz_clears(rest, digit, n, NULL);
}
