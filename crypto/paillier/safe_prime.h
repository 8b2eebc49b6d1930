/* Safe primes, for keys whose decryption exponent is to be shared. */
#ifndef VEILSUM_CRYPTO_PAILLIER_SAFE_PRIME_H
#define VEILSUM_CRYPTO_PAILLIER_SAFE_PRIME_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/paillier/threshold.h"

/** Two different primes p = 2p' + 1 and q = 2q' + 1 with p' and q' prime, of 8·len bits each, the two top bits set;
 * 8·len ≥ 64. On all threads.
 *
 *  Secret:  p and q are in secret memory of the caller. Variable-time.
 *  Returns: VS_OK, VS_ERR_INTERRUPTED (`progress`, which may be NULL, said so), VS_ERR_MEMORY; on error both are zero.
 */
VS_MUST_CHECK vs_status vs__safe_primes(uint8_t *p, uint8_t *q, size_t len, vs_dealing_progress progress,
                                        void *progress_context);

#endif
