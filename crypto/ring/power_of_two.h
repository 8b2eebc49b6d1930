/* The one part of making a ring that takes a long division. It is apart from ring.c so that only the backend and this
 * need GMP, and tests/ct can do without. */
#ifndef VEILSUM_CRYPTO_RING_POWER_OF_TWO_H
#define VEILSUM_CRYPTO_RING_POWER_OF_TWO_H

#include "crypto/ring/ring.h"

/** x = 2^exponent in Z/n^(s+1), canonical. Reads n and the shape of the ring only. Variable-time in n: once per key. */
void vs__power_of_two(const vs_ring *ring, vs_word *x, unsigned exponent);

#endif
