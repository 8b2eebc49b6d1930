#include "crypto/sharing/slots.h"

#include "crypto/sharing/backend.h"

/* One step of a chain: a + b + carry. Compilers make instructions that set or take a carry of the comparisons, and no
 * branch. */
static inline uint64_t add_step(uint64_t a, uint64_t b, unsigned *carry) {
    uint64_t partial = a + b, sum = partial + *carry;
    *carry = (unsigned)(partial < a) | (unsigned)(sum < partial);
    return sum;
}

static inline uint64_t sub_step(uint64_t a, uint64_t b, unsigned *borrow) {
    uint64_t partial = a - b, difference = partial - *borrow;
    *borrow = (unsigned)(a < b) | (unsigned)(partial < difference);
    return difference;
}

/* A slot's top bit of the sum is a ⊕ b ⊕ carry from below, and the carry is what the addition leaves in the cleared
 * top. */
unsigned vs__slots_add_portable(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words, unsigned carry) {
    for (size_t i = 0; i < words; i++) {
        uint64_t a = acc[i], b = x[i], top = tops[i];
        acc[i] = add_step(a & ~top, b & ~top, &carry) ^ ((a ^ b) & top);
    }
    return carry;
}

/* With the minuend's top set nothing is borrowed from above, and what is left of it is 1 ⊕ borrow from below. */
unsigned vs__slots_sub_portable(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words, unsigned borrow) {
    for (size_t i = 0; i < words; i++) {
        uint64_t a = acc[i], b = x[i], top = tops[i];
        acc[i] = sub_step(a | top, b & ~top, &borrow) ^ ((a ^ ~b) & top);
    }
    return borrow;
}

void vs_slots_add(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words) {
    (void)vs__sharing_backend()->add(acc, x, tops, words, 0);
}

void vs_slots_sub(uint64_t *acc, const uint64_t *x, const uint64_t *tops, size_t words) {
    (void)vs__sharing_backend()->sub(acc, x, tops, words, 0);
}

size_t vs_slots_cut(const uint64_t *tops, size_t words, size_t at) {
    while (at > 0 && at < words && tops[at - 1] >> 63 == 0) {
        at++;
    }
    return at < words ? at : words;
}
