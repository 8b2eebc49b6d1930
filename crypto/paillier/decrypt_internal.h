/* Decryption of one bundle, unchecked: what decrypt.c does for every bundle and once more to check them. */
#ifndef VEILSUM_CRYPTO_PAILLIER_DECRYPT_INTERNAL_H
#define VEILSUM_CRYPTO_PAILLIER_DECRYPT_INTERNAL_H

#include "crypto/paillier/key_internal.h"

/* The secret memory of one thread. */
typedef struct vs__decryptor vs__decryptor;

VS_MUST_CHECK vs_status vs__decryptor_new(vs__decryptor **decryptor, const vs_secret_key *sk);
void vs__decryptor_free(vs__decryptor *decryptor); /* wipes */

/** `plain`: lanes × s digits in base n of `ciphertext`: lanes × (s + 1) digits, canonical units. What is wrong with
 * them is kept for vs__decryptor_verdict, and takes no other time. */
void vs__decryptor_run(vs__decryptor *decryptor, vs_word *plain, const vs_word *ciphertext);

/** Was digit 0 of every power 1, in all runs so far? Revealed once for all of them; the results are of no use if not.
 *  Returns: VS_OK; VS_ERR_RANGE: a ciphertext was not made with this key, of type VS_KEY_SUBGROUP; VS_ERR_FAULT: the
 * machine erred, as every unit decrypts under the other types. Other faults of the machine are not noticed here, and a
 * wrong result gives the key away: it must not leave unchecked. */
VS_MUST_CHECK vs_status vs__decryptor_verdict(const vs__decryptor *decryptor);

#endif
