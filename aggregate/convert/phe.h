/* python-paillier's JSON (its library is called phe): keys, and encrypted numbers with their exponents, for those who
 * move from it or work beside it.
 *
 * A public key is {"kty": "DAJ", "alg": "PAI-GN1", "key_ops": ["encrypt"], "n": N}, with N the big-endian bytes of the
 * modulus in base64url without padding. A secret key is {"kty": "DAJ", "key_ops": ["decrypt"], "p": P, "q": Q, "pub":
 * PUBLIC KEY}. Both may have a comment "kid". A number x is {"v": "DIGITS", "e": E}: the ciphertext in decimal of an
 * integer m, negative ones modulo n, with x = m·16^E.
 *
 * Everything read is bounded before memory is taken for it, and no value is ever rounded unless a precision asks for
 * it. papers/key-types.md and papers/format.md say more.
 */
#ifndef VEILSUM_AGGREGATE_CONVERT_PHE_H
#define VEILSUM_AGGREGATE_CONVERT_PHE_H

#include "aggregate/stream.h"
#include "crypto/paillier/paillier.h"

#define VS_MAX_PHE_KEY_BYTES (64u << 10)
#define VS_MAX_PHE_NUMBER_BYTES (16u << 10) /* of one number's JSON, or one line of decimals */
#define VS_MAX_PHE_EXPONENT 1024            /* of 16, either side of 0: four times what a float64 can have */

/** Can this key's numbers and python-paillier's be the same? VS_OK; VS_ERR_RANGE: the degree is not 1, or the key is of
 *  type VS_KEY_SUBGROUP, which does not decrypt what others encrypt. */
VS_MUST_CHECK vs_status vs_phe_key_check(const vs_public_key *pk, vs_error *error);

/* ---- keys (phe_key.c) ---- */

/** Read a key: `*sk` of a secret one, else `*pk`, the other is NULL. `type` is what a secret key becomes:
 *  VS_KEY_IMPORTED, or VS_KEY_STANDARD where its primes allow it. A public one is always VS_KEY_IMPORTED.
 *
 *  Secret:  the text of a secret key; copies of it are wiped.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_RANGE, VS_ERR_LIMIT, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_phe_key_read(vs_public_key **pk, vs_secret_key **sk, const char *text, size_t len,
                                        vs_key_type type, vs_error *error);

/** The JSON of a key, one line. The secret one's is in the clear; both are in secret memory, freed by vs_secret_free.
 *  Returns: VS_OK; as vs_phe_key_check; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_phe_public_key_write(const vs_public_key *pk, char **text, vs_error *error);
VS_MUST_CHECK vs_status vs_phe_secret_key_write(const vs_secret_key *sk, char **text, vs_error *error);

/* ---- numbers (phe_numbers.c) ---- */

/** Decrypt numbers (one object, one after the other, or a list of them) to exact decimals, one a line, in order.
 *
 *  Returns: VS_OK; as vs_phe_key_check; VS_ERR_FORMAT (not such JSON), VS_ERR_LIMIT, VS_ERR_RANGE (an exponent or a
 *           ciphertext out of its bounds, or a sum that has overflowed); as vs_decrypt; the source's and sink's own. */
VS_MUST_CHECK vs_status vs_phe_decrypt(const vs_secret_key *sk, const vs_source *in, const vs_sink *out,
                                       const vs_progress *progress, vs_error *error);

/** Encrypt decimals, one a line ("-12.5", "1e-3"), to numbers, one object a line. Without `precision` each is exact,
 * with the largest exponent up to 0 that it allows; with one, all are rounded half-even to a multiple of the largest
 * power of 16 up to it, and have that exponent.
 *
 *  Secret:  the decimals; but the exponents, which are in the clear, follow from them where there is no precision.
 *  Returns: VS_OK; as vs_phe_key_check; VS_ERR_FORMAT (not a number; a precision that is not one), VS_ERR_LIMIT,
 *           VS_ERR_RANGE (no finite form in base 16; beyond a third of the modulus); VS_ERR_MEMORY; the source's and
 *           sink's own. */
VS_MUST_CHECK vs_status vs_phe_encrypt(const vs_public_key *pk, const char *precision, const vs_source *in,
                                       const vs_sink *out, const vs_progress *progress, vs_error *error);

#endif
