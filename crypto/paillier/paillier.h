/* The Damgård–Jurik cryptosystem: plaintexts modulo n^s, ciphertexts modulo n^(s+1); degree s = 1 is Paillier.
 *
 * Everything outside speaks in digits in base n: a plaintext is s digits, a ciphertext s + 1 digits, each digit
 * `digit_bytes` bytes (vs_key_info), little-endian, canonical (below n), lowest digit first. Counts are numbers of
 * plaintexts or ciphertexts. Batches are spread over threads.
 *
 * Randomness is h_s^x with h_s = h^(n^s). What h and x are, and so what secrecy rests on, is the key's type
 * (papers/key-types.md).
 */
#ifndef VEILSUM_CRYPTO_PAILLIER_PAILLIER_H
#define VEILSUM_CRYPTO_PAILLIER_PAILLIER_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "crypto/status.h"

#define VS_MIN_BITS 2048u
#define VS_MAX_BITS 4096u
#define VS_MAX_DEGREE 4u

typedef struct vs_public_key vs_public_key;
typedef struct vs_secret_key vs_secret_key;

/* Where encryption's randomness comes from; λ is 112, 128, 152 for 2048, 3072, 4096 bits. The values are part of a
 * public key's binary form. */
typedef enum vs_key_type {
    VS_KEY_STANDARD = 0, /* h = −y², x of |n|/2 bits [DJN10, section 4.2] */
    VS_KEY_SHORT = 1,    /* the same h, x of 4λ bits */
    VS_KEY_SUBGROUP = 2, /* h of a secret order 2ab, a | p − 1 and b | q − 1 primes of 2λ bits; x of 4λ bits [MHL21] */
    VS_KEY_IMPORTED = 3 /* of another program: any primes, no h, randomness r^n with r of Z/n [P99]; degree 1 */
} vs_key_type;

#define VS_KEY_TYPES 4u
#define VS_KEY_MADE_TYPES 3u /* the first so many are what vs_keygen makes */

/** "standard", "short", "subgroup", "imported". */
const char *vs_key_type_name(vs_key_type type);
/** The type of that name; 1, or 0 where there is none. */
int vs_key_type_from_name(vs_key_type *type, const char *name);
/** What secrecy rests on, in a sentence without its full stop. */
const char *vs_key_type_assumption(vs_key_type type);

/* What key is to be made. */
typedef struct vs_key_options {
    unsigned bits;   /* of n: 2048, 3072 or 4096 */
    unsigned degree; /* s, 1 .. VS_MAX_DEGREE */
    vs_key_type type;
} vs_key_options;

/* What a key is, readable by everybody. */
typedef struct vs_key_info {
    unsigned bits;   /* of n: 2048, 3072 or 4096 */
    unsigned degree; /* s, 1 .. VS_MAX_DEGREE */
    vs_key_type type;
    unsigned exponent_bits; /* of encryption's secret x: |n|/2 or 4λ; of an imported key's r: |n| */
    size_t digit_bytes;
    size_t plaintext_bytes;  /* degree * digit_bytes */
    size_t ciphertext_bytes; /* (degree + 1) * digit_bytes */
    uint8_t fingerprint[VS_HASH_BYTES];
} vs_key_info;

const vs_key_info *vs_public_key_info(const vs_public_key *pk);
void vs_public_key_free(vs_public_key *pk);
void vs_secret_key_free(vs_secret_key *sk);
/** The public half, owned by `sk`. */
const vs_public_key *vs_secret_key_public(const vs_secret_key *sk);

/** Make a key pair: p ≡ q ≡ 3 (mod 4), gcd(p − 1, q − 1) = 2, n of exactly `bits` bits.
 *
 *  Range:   bits 2048, 3072 or 4096; degree 1 .. VS_MAX_DEGREE; one of the first VS_KEY_MADE_TYPES types; else
 *           VS_ERR_USAGE.
 *  Returns: VS_OK, VS_ERR_USAGE, VS_ERR_MEMORY, VS_ERR_RANDOM.
 *  Source:  [DJN10, section 4.2]; for VS_KEY_SUBGROUP [MHL21].
 */
VS_MUST_CHECK vs_status vs_keygen(vs_secret_key **sk, const vs_key_options *options);

/* ---- keys of other programs (import.c) ---- */

/** A public key of type VS_KEY_IMPORTED out of its modulus: `bytes` little-endian bytes, the highest not 0.
 *
 *  Returns: as vs_public_key_decode.
 */
VS_MUST_CHECK vs_status vs_public_key_import(vs_public_key **pk, const uint8_t *n, size_t bytes, const char **reason);

/** A secret key of degree 1 out of its primes, `bytes` little-endian bytes each. VS_KEY_IMPORTED takes any two that
 * make a key; VS_KEY_STANDARD draws a fresh h, and takes p ≡ q ≡ 3 (mod 4) with gcd(p − 1, q − 1) = 2 only.
 *
 *  Secret:  p and q (checked and prepared in variable time, as every key at load).
 *  Returns: as vs_public_key_decode.
 */
VS_MUST_CHECK vs_status vs_secret_key_import(vs_secret_key **sk, const uint8_t *p, const uint8_t *q, size_t bytes,
                                             vs_key_type type, const char **reason);

/** n, digit_bytes little-endian bytes; and the primes, half as many each. */
void vs_public_key_modulus(const vs_public_key *pk, uint8_t *n);
void vs_secret_key_primes(const vs_secret_key *sk, uint8_t *p, uint8_t *q);

/* ---- encodings (key_codec.c, key_text.c) ---- */

/** Length of the binary form of a public key: 8 + 2 * digit_bytes. It is what containers carry and what is
 * fingerprinted. */
size_t vs_public_key_encoded_len(const vs_public_key *pk);
void vs_public_key_encode(const vs_public_key *pk, uint8_t *out);

/** Read and check a public key from its binary form: canonical encoding, size, degree; n odd, not prime, no factor
 * below 2^16, not a perfect power; h in (1, n − 1), a unit, of Jacobi symbol 1, not ±1 modulo a factor of n; or 0 of an
 * imported key.
 *
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_RANGE with `*reason` a constant sentence; VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_public_key_decode(vs_public_key **pk, const uint8_t *data, size_t len, const char **reason);

/** The text of NAME.pub, with the proof that the key carries, if it does (key_proof.h); its second line says size,
 * degree, a type that is not standard, and whether there is a proof. The caller frees it with free(). NULL where memory
 * ran out. */
char *vs_public_key_to_text(const vs_public_key *pk);
/** Read and check a public key from its text. The proof that may be in it is kept, and not checked: see key_proof.h. */
VS_MUST_CHECK vs_status vs_public_key_from_text(vs_public_key **pk, const char *text, size_t len, const char **reason);

/** The text of NAME.key, sealed with a passphrase, or in the clear where `passphrase` is NULL. In locked memory: the
 * caller frees it with vs_secret_free. */
VS_MUST_CHECK vs_status vs_secret_key_to_text(const vs_secret_key *sk, char **text, const char *passphrase,
                                              size_t passphrase_len);
/** Does this text hold a sealed key? 1 yes, 0 no (or not a secret key at all). */
int vs_secret_key_text_is_sealed(const char *text, size_t len);
/** Read and check a secret key: p, q prime, p ≠ q, p ∤ q − 1 and q ∤ p − 1, n = p·q, the public half as above and
 * consistent, h no square modulo p or q; of a subgroup key also a and b, and h of order 2a and 2b. Returns: as
 * vs_public_key_decode, and VS_ERR_AUTH for a wrong passphrase or an altered file. */
VS_MUST_CHECK vs_status vs_secret_key_from_text(vs_secret_key **sk, const char *text, size_t len,
                                                const char *passphrase, size_t passphrase_len, const char **reason);

/* ---- the scheme ---- */

/* The fixed-base table that encryption uses: made for a number of ciphertexts to come, then shared by threads. An
 * imported key has none. */
typedef struct vs_encryptor vs_encryptor;

/** Prepare to encrypt about `expected` plaintexts (the table's size follows from it; any number may be encrypted). */
VS_MUST_CHECK vs_status vs_encryptor_new(vs_encryptor **encryptor, const vs_public_key *pk, size_t expected);
void vs_encryptor_free(vs_encryptor *encryptor);

/** c_i = (1 + n)^(m_i) · h_s^(x_i), x_i fresh and secret; under an imported key (1 + n)^(m_i) · r_i^n.
 *
 *  Range:   each digit of m in [0, n), else VS_ERR_RANGE.
 *  Secret:  m and the randomness; time depends on count and the key's size only.
 *  Returns: VS_OK, VS_ERR_RANGE, VS_ERR_MEMORY; on error out is all zero.
 *  Source:  [DJ01, section 3], [DJN10, section 4.2].
 */
VS_MUST_CHECK vs_status vs_encrypt(const vs_encryptor *encryptor, uint8_t *out, const uint8_t *m, size_t count);

/** Random factors for later: h_s^(x_i), x_i fresh and secret; encryptions of 0. Each serves one ciphertext: two
 * messages under one factor show their difference to everybody.
 *
 *  Shape:   out is count ciphertexts. Secret: all digits above the lowest; the lowest is that of the ciphertext to
 * come. Returns: VS_OK, VS_ERR_MEMORY; on error out is all zero.
 */
VS_MUST_CHECK vs_status vs_factors_make(const vs_encryptor *encryptor, uint8_t *out, size_t count);

/** c_i = (1 + n)^(m_i) · factor_i: encryption for one digit product (factors.c). Wipe the factors after use.
 *
 *  Range:   each digit of m and of the factors in [0, n), else VS_ERR_RANGE.
 *  Secret:  m and the factors; time depends on count and the key's size only.
 *  Owns:    nothing; out may be factors, and alias nothing else.
 *  Returns: VS_OK, VS_ERR_RANGE, VS_ERR_MEMORY; on error out is all zero.
 *  Source:  [DJ01, section 3].
 */
VS_MUST_CHECK vs_status vs_encrypt_with_factors(const vs_public_key *pk, uint8_t *out, const uint8_t *m,
                                                const uint8_t *factors, size_t count);

/** The same ciphertexts' plaintexts under fresh randomness, in place: c_i · h_s^(x_i). For totals that leave their
 *  aggregator.
 *
 *  Returns: VS_OK, VS_ERR_RANGE (not canonical, or not a unit), VS_ERR_MEMORY; on error c is unchanged or all zero.
 */
VS_MUST_CHECK vs_status vs_rerandomise(const vs_encryptor *encryptor, uint8_t *c, size_t count);

/** Are all ciphertexts canonical (digits below n) and units? One gcd for all.
 *  Returns: VS_OK, VS_ERR_RANGE (`*bad` the first index with a digit not below n, or SIZE_MAX), VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_ciphertexts_check(const vs_public_key *pk, const uint8_t *c, size_t count, size_t *bad);

/** c_i^k for a public k: multiplies plaintexts by k. In place. k may be 0. A negative factor: negate = 1.
 *  Returns: VS_OK, VS_ERR_RANGE (not canonical, or not a unit), VS_ERR_MEMORY; on error c is unchanged or all zero. */
VS_MUST_CHECK vs_status vs_multiply_plain(const vs_public_key *pk, uint8_t *c, size_t count, uint64_t k, int negate);

/** c_i · (1 + n)^(m_i) for public m_i: adds m to the plaintexts. In place.
 *  Returns: VS_OK, VS_ERR_RANGE (a digit of c or m not below n), VS_ERR_MEMORY; on error c is all zero. */
VS_MUST_CHECK vs_status vs_add_plain(const vs_public_key *pk, uint8_t *c, const uint8_t *m, size_t count);

/** Decrypt ciphertexts: m_i, s digits each.
 *
 *  Range:   canonical units only, else VS_ERR_RANGE. Under a key of type VS_KEY_SUBGROUP not every unit decrypts: one
 *           that was not made with the key gives VS_ERR_RANGE for the whole batch, and neither the status nor the time
 *           until it says which one it was.
 *  Secret:  the key and m; time depends on count and the key's size and type only.
 *  Returns: VS_OK, VS_ERR_RANGE, VS_ERR_FAULT (the machine erred: a result that fails its check never leaves),
 *           VS_ERR_MEMORY; on error m is all zero.
 */
VS_MUST_CHECK vs_status vs_decrypt(const vs_secret_key *sk, uint8_t *m, const uint8_t *c, size_t count);

/* ---- combining ---- */

/* A running product of ciphertext vectors of one length. */
typedef struct vs_accumulator vs_accumulator;

VS_MUST_CHECK vs_status vs_accumulator_new(vs_accumulator **acc, const vs_public_key *pk, size_t count);
void vs_accumulator_free(vs_accumulator *acc);

/** Multiply `inputs[0..input_count-1]`, each `count` ciphertexts, into positions first .. first + count − 1.
 *  Every position must have received the same number of ciphertexts before vs_accumulator_finish. After an error the
 *  accumulator can only be freed.
 *  Returns: VS_OK; VS_ERR_RANGE: inputs[*bad] has a digit that is not below n; VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_accumulator_fold(vs_accumulator *acc, size_t first, const uint8_t *const *inputs,
                                            size_t input_count, size_t count, size_t *bad);

/** Is every ciphertext folded in so far a unit? One gcd. VS_OK, VS_ERR_RANGE (at least one is not), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_accumulator_check(const vs_accumulator *acc);

/** The products at positions first .. first + count − 1, canonical; `out` has room for them. At least one input must
 * have been folded in; first and count as in vs_accumulator_fold. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_accumulator_finish(const vs_accumulator *acc, uint8_t *out, size_t first, size_t count);

#endif
