/* Powers of one public base with many secret exponents: the randomness of encryption.
 *
 * The table has a row for each window of the exponent and an entry for each value of a window. An entry y is not kept
 * as s + 1 digits but split as
 *
 *     y = a·(1 + n)^e ,   a = y mod n  (one digit),   e in Z/n^s
 *
 * so that multiplying by it is a product with a one-digit number and an addition of exponents: 2(s + 1) digit products
 * instead of (s + 1)(s + 4)/2, and 1.5(s + 1) where the backend keeps a quotient beside a. The exponents of 1 + n meet
 * the message's at the very end, where encryption multiplies by a power of 1 + n anyway. This works because the table
 * is made once and its logarithms with it. papers/ring.md, section 5.
 */
#ifndef VEILSUM_CRYPTO_RING_FIXED_BASE_H
#define VEILSUM_CRYPTO_RING_FIXED_BASE_H

#include "crypto/ring/one_plus_n.h"
#include "crypto/ring/ring.h"

typedef struct vs_fixed_base vs_fixed_base;

/** Make a table for `base` (canonical, a unit) and exponents of `exponent_bits` bits, 1 .. 2048, wide enough to pay for
 * about `expected` powers. `ring` and `group` share the modulus and outlive the table. Returns: VS_OK, VS_ERR_RANGE
 * (the base is no unit, or the exponents' length), VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_fixed_base_new(vs_fixed_base **table, const vs_ring *ring, const vs_one_plus_n *group,
                                          const vs_word *base, size_t exponent_bits, size_t expected);
void vs_fixed_base_free(vs_fixed_base *table);
size_t vs_fixed_base_exponent_limbs(const vs_fixed_base *table);

/** Scratch words of vs_fixed_base_pow on so many bundles. */
size_t vs_fixed_base_words(const vs_fixed_base *table, size_t bundles);

/** a_i·(1 + n)^(e_i) = base^(x_i) for `bundles` bundles of exponents.
 *
 *  Shape:   a is bundles × a ring's bundle, e is bundles × an exponents' bundle; x is one exponent of
 *           vs_fixed_base_exponent_limbs limbs for each lane of each bundle. Several bundles at a time share the loads
 * of a row. Secret:  x, a, e: every entry of every row is read.
 */
void vs_fixed_base_pow(const vs_fixed_base *table, vs_word *a, vs_word *e, const vs_word *x, size_t bundles,
                       vs_word *scratch);

#endif
