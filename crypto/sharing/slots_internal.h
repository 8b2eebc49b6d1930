/* Slots in pieces: addition that goes on where another one ended. */
#ifndef VEILSUM_CRYPTO_SHARING_SLOTS_INTERNAL_H
#define VEILSUM_CRYPTO_SHARING_SLOTS_INTERNAL_H

#include "crypto/sharing/slots.h"

/** As vs_slots_add and vs_slots_sub, with a carry into the lowest word (0 or 1); returns the carry out of the highest,
 * which for a subtraction is the borrow. */
unsigned vs__slots_add_on(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words, unsigned carry);
unsigned vs__slots_sub_on(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words, unsigned borrow);

#endif
