/* The textbook's way on GMP, as the measure for everything else: ciphertexts as integers modulo n^(s+1), r^(n^s) by
 * mpz_powm, combining by mpz_mul and mpz_mod, decryption by two CRT halves of mpz_powm. Random numbers are drawn
 * beforehand, GMP has its own memory functions while it is timed, and all runs on one thread. */
#ifndef VEILSUM_BENCH_TEXTBOOK_H
#define VEILSUM_BENCH_TEXTBOOK_H

#include <stddef.h>
#include <stdint.h>

/* The public factor of textbook_scalar, and of ours beside it. */
#define SCALAR_FACTOR 1000003u

typedef struct textbook textbook;

/** For n = p·q, primes of `prime_len` bytes, little-endian; one random ciphertext. NULL where memory ran out. */
textbook *textbook_new(const uint8_t *p, const uint8_t *q, size_t prime_len, unsigned degree);
void textbook_free(textbook *t);

/* Each on `count` items; a bench_fn whose context is a textbook. */
void textbook_keygen(void *t, size_t count);
void textbook_encrypt(void *t, size_t count);
/** A product modulo n^(s+1): what combining is, too. */
void textbook_product(void *t, size_t count);
void textbook_square(void *t, size_t count);
void textbook_scalar(void *t, size_t count);
/** A part of a shared key: a power modulo n^(s+1) to an exponent as long as that; and one as long as n. */
void textbook_part(void *t, size_t count);
void textbook_long_power(void *t, size_t count);
/** Half a decryption: the power p − 1 modulo p^(s+1). */
void textbook_power(void *t, size_t count);
void textbook_decrypt(void *t, size_t count);

#endif
