/* Included before backend_ifma.c where MemorySanitizer checks it: the operations of ifma_vector.h, just as they are,
 * and after each of them what MemorySanitizer leaves out of its account.
 *
 * It keeps a mark for every bit and knows neither how a sum carries marks upwards nor what a multiplier or a
 * permutation does: it takes the bitwise "or" of its operands' marks. Limbs are masked to 52 bits, so a carry, a
 * comparison, and all that is masked by one would come out unmarked, and a branch on it unseen. Here a lane with any
 * marked bit leaves these operations with all bits marked. Marks are only ever added, and only to lanes that have some.
 */
#ifndef VEILSUM_TESTS_CT_TAINTED_VECTOR_H
#define VEILSUM_TESTS_CT_TAINTED_VECTOR_H

#define carry_of plain_carry_of
#define madd_low plain_madd_low
#define madd_high plain_madd_high
#define pick plain_pick
#define blend plain_blend
#include "crypto/ring/ifma_vector.h"
#undef carry_of
#undef madd_low
#undef madd_high
#undef pick
#undef blend

/* Lanes with a marked bit are marked whole (stand_ins.c). */
void taint_whole_lanes(void *x);

ALWAYS_INLINE vector whole_lanes(vector x) {
    taint_whole_lanes(&x);
    return x;
}

ALWAYS_INLINE vector carry_of(vector x) {
    return plain_carry_of(whole_lanes(x));
}

ALWAYS_INLINE vector madd_low(vector sum, vector a, vector b) {
    return whole_lanes(plain_madd_low(sum, a, b));
}

ALWAYS_INLINE vector madd_high(vector sum, vector a, vector b) {
    return whole_lanes(plain_madd_high(sum, a, b));
}

ALWAYS_INLINE vector pick(vector low, vector high, vector index) {
    return whole_lanes(plain_pick(low, high, index));
}

ALWAYS_INLINE vector blend(vector mask, vector a, vector b) {
    return plain_blend(whole_lanes(mask), a, b);
}

#endif
