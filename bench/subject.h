/* What the operations work on: a key, ciphertexts, elements of its rings, a table and what becomes of it. */
#ifndef VEILSUM_BENCH_SUBJECT_H
#define VEILSUM_BENCH_SUBJECT_H

#include "bench/textbook.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/paillier/paillier.h"

/* Bundles for each thread at a time: a multiple of what the library's batches hand out (VS_RUN). */
#define SUBJECT_RUN 32u

/* A table on its way through the pipeline (dataset.h); a pool in a file (factors.c). */
typedef struct dataset dataset;
typedef struct pool_in_use pool_in_use;

/* Vectors, masks and shares (sharing.c). */
typedef struct sharing_in_use sharing_in_use;
void sharing_end(sharing_in_use *sharing);

/* A key that is dealt to holders (holder.c). */
typedef struct dealt_key dealt_key;
void dealt_key_free(dealt_key *dealt);

typedef struct subject {
    unsigned bits, degree;
    vs_secret_key *sk;
    const vs_public_key *pk;
    vs_encryptor *encryptor; /* NULL until subject_encryptor is asked for it */
    textbook *textbook;
    size_t items;           /* ciphertexts at hand, work for all threads; operations on more go round */
    uint8_t *m, *c, *spare; /* so many plaintexts, ciphertexts, ciphertexts */
    vs_word *exponents;     /* of encryption's randomness, so many */
    size_t exponent_limbs;
    vs_word *x, *canonical, *scratch; /* a bundle, canonical elements for it, scratch of kernels, all for pk->ring */
    vs_word *power;                   /* an exponent of as many bits as a prime has */
    dataset *data;                    /* NULL until dataset_of is asked for it */
    dealt_key *dealt;                 /* NULL until deal_key is called */
    pool_in_use *pool;                /* NULL until factors are asked for */
    sharing_in_use *sharing;          /* NULL until it is asked for */
} subject;

/** Make a key on the backend that VEILSUM_BACKEND names, and fill everything. NULL where memory or randomness is
 * wanting. */
subject *subject_new(vs_key_type type, unsigned bits, unsigned degree);
void subject_free(subject *s);
/** With a table for ten thousand ciphertexts, made at the first call. Aborts where memory runs out. */
const vs_encryptor *subject_encryptor(subject *s);
const char *subject_backend(const subject *s);

#endif
