/* The textbook's way on GMP, as the measure for everything else: ciphertexts as integers modulo n^(s+1), r^(n^s) by
 * mpz_powm, combining by mpz_mul and mpz_mod, decryption by two CRT halves of mpz_powm. Random numbers are drawn
 * beforehand. */
#ifndef VEILSUM_BENCH_TEXTBOOK_H
#define VEILSUM_BENCH_TEXTBOOK_H

#include <stddef.h>

typedef struct textbook textbook;

/** Numbers of the right size: n = p·q with random primes, one random ciphertext. */
textbook *textbook_new(unsigned bits, unsigned degree);
void textbook_free(textbook *t);

/* Each on `count` items; a bench_fn whose context is a textbook. */
void textbook_keygen(void *t, size_t count);
void textbook_encrypt(void *t, size_t count);
void textbook_combine(void *t, size_t count);
void textbook_scalar(void *t, size_t count);
void textbook_decrypt(void *t, size_t count);
/** Multiply, and square, modulo n^(s+1). */
void textbook_product(void *t, size_t count);
void textbook_square(void *t, size_t count);

#endif
