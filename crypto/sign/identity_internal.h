/* Identities of parties that nobody is: for simulations, in which one process plays more of them than it may lock
 * memory for. */
#ifndef VEILSUM_CRYPTO_IDENTITY_INTERNAL_H
#define VEILSUM_CRYPTO_IDENTITY_INTERNAL_H

#include "crypto/sign/identity.h"

/** The identity that follows from a name and a seed of 32 bytes, in memory that is neither locked nor wiped; NULL where
 * the name is not valid or memory ran out. Only vs__identity_simulated_free frees it. */
vs_identity *vs__identity_simulated(const char *name, const uint8_t seed[32]);
void vs__identity_simulated_free(vs_identity *identity);

#endif
