/* Decryption of one bundle, unchecked: what decrypt.c does for every bundle and once more to check them. */
#ifndef VEILSUM_CRYPTO_PAILLIER_DECRYPT_INTERNAL_H
#define VEILSUM_CRYPTO_PAILLIER_DECRYPT_INTERNAL_H

#include "crypto/paillier/key_internal.h"

/* The secret memory of one thread. */
typedef struct vs__decryptor vs__decryptor;

VS_MUST_CHECK vs_status vs__decryptor_new(vs__decryptor **decryptor, const vs_secret_key *sk);
void vs__decryptor_free(vs__decryptor *decryptor); /* wipes */

/** `plain`: lanes × s digits in base n of `ciphertext`: lanes × (s + 1) digits, canonical units.
 *  Returns: VS_OK; VS_ERR_FAULT where an input was no unit, or the machine erred in digit 0 of a power. Other faults of
 * the machine are not noticed here, and a wrong result gives the key away: it must not leave unchecked. */
VS_MUST_CHECK vs_status vs__decryptor_run(vs__decryptor *decryptor, vs_word *plain, const vs_word *ciphertext);

#endif
