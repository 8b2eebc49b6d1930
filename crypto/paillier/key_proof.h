/* A proof that a public key's modulus n is prime to φ(n), without its factors: what makes a ciphertext have one
 * plaintext only. Whoever made the key makes it once; whoever encrypts checks it once. papers/key-proof.md has the
 * argument, the bound, and what the proof does not show.
 *
 * Eight numbers ρ_i follow from the key's fingerprint, as if at random below n; the proof is their n-th roots σ_i.
 * Where gcd(n, φ(n)) = 1 all units have one; where not, and n has no prime factor below 2^16, one unit in 65537 at
 * most. That n has none is checked when a key is read (key_check.c).
 *
 * A public key that was read from text or made from a secret one carries its proof, if it has one, beside its numbers:
 * the binary form, which containers hold and fingerprints are made of, is without it.
 *
 * Source: [GRSB19, section 3.2].
 */
#ifndef VEILSUM_CRYPTO_PAILLIER_KEY_PROOF_H
#define VEILSUM_CRYPTO_PAILLIER_KEY_PROOF_H

#include <stdbool.h>

#include "crypto/paillier/paillier.h"

/** Make the proof; the public half of `sk` carries it from then on, and writes it into its text.
 *
 *  Secret:  p and q; time depends on the key's size only.
 *  Returns: VS_OK, VS_ERR_MEMORY, VS_ERR_FAULT (what was made does not pass its own check).
 */
VS_MUST_CHECK vs_status vs_secret_key_prove(vs_secret_key *sk);

/** Does the key carry a proof, right or wrong? */
bool vs_public_key_has_proof(const vs_public_key *pk);

/** Check the proof that the key carries.
 *
 *  Threads: a batch of its own (crypto/parallel.h).
 *  Returns: VS_OK; VS_ERR_POLICY (it carries none), VS_ERR_AUTH (it is not one of this key's), with `*reason` a
 * constant sentence; VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_public_key_check_proof(const vs_public_key *pk, const char **reason);

#endif
