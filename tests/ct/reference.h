/* The ring's arithmetic by additions alone, for comparison: elements are canonical digits in base n, and n itself never
 * divides or multiplies anything. Variable time.
 */
#ifndef VEILSUM_TESTS_CT_REFERENCE_H
#define VEILSUM_TESTS_CT_REFERENCE_H

#include "crypto/ring/ring.h"

/** z = x + y. Arguments may alias. */
void reference_add(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y);
/** z = x·y, where y has its lowest `digits` digits only. z is neither. */
void reference_mul(const vs_ring *ring, vs_word *z, const vs_word *x, const vs_word *y, size_t digits);
/** x = x·R^times. */
void reference_scale(const vs_ring *ring, vs_word *x, unsigned times);

#endif
