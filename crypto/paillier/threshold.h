/* Threshold decryption: a dealer splits a key's decryption exponent among n holders, any t of whom decrypt together.
 *
 * The public key is a standard one (paillier.h), so that encrypting and combining know nothing of it. Beside it stands
 * the threshold key, NAME.holders: t, n, the holders' identities and the commitments that every holder's work is
 * checked against. A holder makes parts of ciphertexts, and one proof for all of them; whoever has t parts that were
 * checked combines them.
 *
 *     part_j = c_j^(2Δ·s_i) mod n^(s+1) ,  Δ = n!        s_i the share of holder i, 1 .. n
 *     m_j    = log of Π part_j^(2·λ_i), divided by 4Δ²    λ_i = Δ·Π k/(k − i) over the other holders k: an integer
 *
 * papers/threshold.md says why, and what the dealer could do. Who may open what is not decided here but by the caller.
 * Source: [DJ01, section 4], [Shoup00].
 */
#ifndef VEILSUM_CRYPTO_PAILLIER_THRESHOLD_H
#define VEILSUM_CRYPTO_PAILLIER_THRESHOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/paillier/paillier.h"
#include "crypto/sign/identity.h"

#define VS_MAX_HOLDERS 32u

typedef struct vs_threshold_key vs_threshold_key; /* public: NAME.holders */
typedef struct vs_key_share vs_key_share;         /* secret: NAME.HOLDER.share */

typedef struct vs_threshold_options {
    unsigned bits;    /* of n: 2048, 3072 or 4096 */
    unsigned degree;  /* s, 1 .. VS_MAX_DEGREE */
    unsigned needed;  /* t, 2 .. holders */
    unsigned holders; /* n, at most VS_MAX_HOLDERS */
} vs_threshold_options;

/* What a threshold key is, readable by everybody. */
typedef struct vs_threshold_info {
    unsigned needed;
    unsigned holders;
    size_t proof_bytes;                 /* of a holder's proof, whatever it is about */
    uint8_t fingerprint[VS_HASH_BYTES]; /* of the whole threshold key; the public key has its own */
} vs_threshold_info;

const vs_threshold_info *vs_threshold_key_info(const vs_threshold_key *key);
/** The public key, owned by `key`. */
const vs_public_key *vs_threshold_key_public(const vs_threshold_key *key);
/** Who holder 1 .. holders is; owned by `key`. */
const vs_public_identity *vs_threshold_key_holder(const vs_threshold_key *key, unsigned holder);
/** Which holder has this identity, name and key; 0 where none has. */
unsigned vs_threshold_key_find(const vs_threshold_key *key, const vs_public_identity *identity);
void vs_threshold_key_free(vs_threshold_key *key);

/** Which holder's share it is: 1 .. holders. */
unsigned vs_key_share_holder(const vs_key_share *share);
/** Wipes it; NULL is allowed. */
void vs_key_share_free(vs_key_share *share);

/* ---- dealing (threshold_deal.c) ---- */

/** How the search for the two safe primes goes: candidates drawn so far, and how many more it will take on average (it
 * has no memory: the average falls only when a prime is found). Called by one thread, for every
 * candidate that it tests. False stops the search. */
typedef bool (*vs_dealing_progress)(void *context, uint64_t tried, double expected_left);

/** Make a threshold key and its shares, shares[0 .. holders − 1], which borrow the key. The primes and the polynomial
 *  are wiped before it returns.
 *
 *  Range:   options as above, one identity for each holder, no two with the same name or key; else VS_ERR_USAGE.
 *  Secret:  the search for primes is variable-time, as it has to be.
 *  Returns: VS_OK, VS_ERR_USAGE, VS_ERR_INTERRUPTED (`progress` said so), VS_ERR_FAULT (the shares do not open the test
 *           ciphertext: the machine erred), VS_ERR_MEMORY; on error the key is NULL, and but for VS_ERR_USAGE so are
 *           the shares.
 *  Source:  [DJ01, section 4.1].
 */
VS_MUST_CHECK vs_status vs_threshold_deal(vs_threshold_key **key, vs_key_share **shares,
                                          const vs_threshold_options *options, const vs_public_identity *holders,
                                          vs_dealing_progress progress, void *progress_context);

/* ---- encodings (threshold_codec.c) ---- */

/** The text of NAME.holders; the caller frees it with free(). NULL where memory ran out. */
char *vs_threshold_key_to_text(const vs_threshold_key *key);
/** Read and check a threshold key: canonical; the public key as vs_public_key_decode checks it, and standard; 2 ≤ t ≤ n
 *  ≤ VS_MAX_HOLDERS; valid identities, names and keys distinct; commitments canonical units. That the shares'
 * polynomial has the decryption exponent as its value at 0 holds by construction: the commitment to that value is (1 +
 * n)^2 for every key, which is what the test ciphertext v, of plaintext 2, opens to (papers/threshold.md). So parts
 * that pass vs_threshold_check open a test ciphertext with every opening, and nobody needs to make parts of it.
 *
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_RANGE, VS_ERR_LIMIT with `*reason` a constant sentence;
 *           VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_threshold_key_from_text(vs_threshold_key **key, const char *text, size_t len,
                                                   const char **reason);

/** The text of NAME.HOLDER.share, sealed to the holder's identity: what stands in the clear is its kind and for whom it
 * is. The caller frees it with free(). Returns: VS_OK, VS_ERR_RANGE (the holder's identity is a key of small order),
 * VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_key_share_to_text(const vs_key_share *share, char **text);
/** Open a share with the holder's identity and check it against the threshold key, which it borrows from then on.
 *
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_LIMIT; VS_ERR_AUTH (sealed to another identity, altered, or
 *           not the share that the commitments stand for); VS_ERR_MISMATCH (of another threshold key); VS_ERR_MEMORY;
 *           with `*reason` a constant sentence.
 */
VS_MUST_CHECK vs_status vs_key_share_from_text(vs_key_share **share, const vs_threshold_key *key,
                                               const vs_identity *identity, const char *text, size_t len,
                                               const char **reason);

/** For whom a share is, as its text says: nobody but the holder can look further. Returns: VS_OK; VS_ERR_FORMAT,
 * VS_ERR_VERSION, VS_ERR_LIMIT, VS_ERR_AUTH (the identity's name and key do not belong together), with a reason. */
VS_MUST_CHECK vs_status vs_key_share_text_holder(vs_public_identity *holder, const char *text, size_t len,
                                                 const char **reason);

/* ---- opening (threshold_part.c, threshold_proof.c, threshold_combine.c) ---- */

/** The holder's parts of `count` ciphertexts: part_j = c_j^(2Δ·s_i).
 *
 *  Shape:   parts and c are count ciphertexts; parts may not alias c.
 *  Range:   canonical units only, else VS_ERR_RANGE.
 *  Secret:  the share; time depends on count, the key's size, its holders' number only.
 *  Returns: VS_OK, VS_ERR_RANGE, VS_ERR_MEMORY; on error parts is all zero.
 */
VS_MUST_CHECK vs_status vs_threshold_part(const vs_key_share *share, uint8_t *parts, const uint8_t *c, size_t count);

/** One proof, info.proof_bytes long, that these are the holder's parts of these ciphertexts, in this order. It holds
 * for `context` only: the hash of all else that an opening is about (the plan, the total).
 *
 *  Secret:  the share and the nonce; time as vs_threshold_part.
 *  Returns: VS_OK, VS_ERR_RANGE (c not canonical units), VS_ERR_MEMORY; on error proof is all zero. Parts that
 *           are not the holder's give a proof that vs_threshold_check refuses.
 */
VS_MUST_CHECK vs_status vs_threshold_prove(const vs_key_share *share, uint8_t *proof, const uint8_t *c,
                                           const uint8_t *parts, size_t count, const uint8_t context[VS_HASH_BYTES]);

/** Are these parts of these ciphertexts by holder 1 .. holders, for this context? All inputs are hostile, `holder` too.
 *
 *  Returns: VS_OK; VS_ERR_RANGE (no such holder; c or parts not canonical units); VS_ERR_AUTH (no proof of it);
 *           VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_threshold_check(const vs_threshold_key *key, unsigned holder, const uint8_t *proof,
                                           const uint8_t *c, const uint8_t *parts, size_t count,
                                           const uint8_t context[VS_HASH_BYTES]);

/** Combine parts that were all checked (vs_threshold_check): m_j, s digits each, as vs_decrypt gives. Every set of at
 *  least t holders gives the same; of more than t the first t in the list are used.
 *
 *  Shape:   parts[k] is `count` parts by holders[k], k < part_count; m is count plaintexts.
 *  Returns: VS_OK; VS_ERR_POLICY (part_count < t); VS_ERR_RANGE (no such holder, one twice, or parts that are not
 *           canonical units); VS_ERR_AUTH (what comes out is no plaintext: parts that were not checked);
 *           VS_ERR_MEMORY; on error m is all zero.
 *  Source:  [DJ01, section 4.1].
 */
VS_MUST_CHECK vs_status vs_threshold_combine(const vs_threshold_key *key, uint8_t *m, const unsigned *holders,
                                             const uint8_t *const *parts, size_t part_count, size_t count);

#endif
