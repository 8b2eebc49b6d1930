/* The places where something computed from secrets may become known: whether an input was in range, whether a
 * computation came out consistent. Everything else that depends on a secret must not steer a branch or an address.
 *
 * The constant-time test (tests/ct) replaces this function by one that tells Valgrind so; any other branch on a
 * marked secret fails there.
 */
#ifndef VEILSUM_CRYPTO_REVEAL_H
#define VEILSUM_CRYPTO_REVEAL_H

#include <stdbool.h>

/** Returns `verdict`, which everybody may know from here on. */
bool vs_reveal(bool verdict);

#endif
