#include "bench/operations.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/paillier/key_internal.h"
#include "crypto/paillier/paillier.h"
#include "crypto/status.h"

/* Ciphertexts at hand; operations on more go round. */
#define ITEMS 1024

struct subject {
    unsigned bits, degree;
    vs_secret_key *sk;
    const vs_public_key *pk;
    vs_encryptor *encryptor;
    uint8_t *m, *c, *spare;
    vs_word *x, *scratch; /* a bundle of the ring, and kernels' scratch */
};

subject *subject_new(unsigned bits, unsigned degree) {
    subject *s = calloc(1, sizeof *s);
    if (s == NULL || vs_keygen(&s->sk, &(vs_key_options){.bits = bits, .degree = degree}) != VS_OK) {
        free(s);
        return NULL;
    }
    s->bits = bits;
    s->degree = degree;
    s->pk = vs_secret_key_public(s->sk);
    const vs_key_info *info = vs_public_key_info(s->pk);
    const vs_ring *ring = s->pk->ring;
    s->m = calloc(ITEMS, info->plaintext_bytes);
    s->c = calloc(ITEMS, info->ciphertext_bytes);
    s->spare = calloc(ITEMS, info->ciphertext_bytes);
    s->x = calloc(vs_ring_bundle_words(ring), sizeof *s->x);
    s->scratch = calloc(ring->scratch_words, sizeof *s->scratch);
    if (s->m == NULL || s->c == NULL || s->spare == NULL || s->x == NULL || s->scratch == NULL ||
        vs_encryptor_new(&s->encryptor, s->pk, 10 * ITEMS) != VS_OK ||
        vs_encrypt(s->encryptor, s->c, s->m, ITEMS) != VS_OK) {
        subject_free(s);
        return NULL;
    }
    memcpy(s->x, ring->square, vs_ring_bundle_words(ring) * sizeof *s->x);
    return s;
}

void subject_free(subject *s) {
    if (s != NULL) {
        vs_encryptor_free(s->encryptor);
        vs_secret_key_free(s->sk);
        free(s->m);
        free(s->c);
        free(s->spare);
        free(s->x);
        free(s->scratch);
        free(s);
    }
}

const char *subject_backend(const subject *s) {
    return vs_ring_backend_name(s->pk->ring);
}

/* Call `part` on at most ITEMS items at a time. */
static void in_parts(subject *s, size_t count, vs_status (*part)(subject *, size_t)) {
    while (count > 0) {
        size_t now = count < ITEMS ? count : ITEMS;
        VS_CHECK(part(s, now) == VS_OK);
        count -= now;
    }
}

static vs_status keygen_part(subject *s, size_t count) {
    for (size_t i = 0; i < count; i++) {
        vs_secret_key *sk = NULL;
        vs_status status = vs_keygen(&sk, &(vs_key_options){.bits = s->bits, .degree = s->degree});
        vs_secret_key_free(sk);
        if (status != VS_OK) {
            return status;
        }
    }
    return VS_OK;
}

static vs_status encrypt_part(subject *s, size_t count) {
    return vs_encrypt(s->encryptor, s->spare, s->m, count);
}

/* Sixteen inputs at a time into one total of ITEMS positions, as the command line's combine folds them; `count` counts
 * ciphertexts folded in and is a multiple of both. The check of units and the last product are part of it. */
#define INPUTS 16
static vs_status combine_part(subject *s, size_t count) {
    const uint8_t *inputs[INPUTS];
    size_t bad;
    for (size_t i = 0; i < INPUTS; i++) {
        inputs[i] = s->c;
    }
    vs_accumulator *acc = NULL;
    vs_status status = vs_accumulator_new(&acc, s->pk, ITEMS);
    for (size_t done = 0; done < count && status == VS_OK; done += INPUTS * ITEMS) {
        status = vs_accumulator_fold(acc, 0, inputs, INPUTS, ITEMS, &bad);
    }
    if (status == VS_OK) {
        status = vs_accumulator_check(acc);
    }
    if (status == VS_OK) {
        status = vs_accumulator_finish(acc, s->spare, 0, ITEMS);
    }
    vs_accumulator_free(acc);
    return status;
}

static vs_status scalar_part(subject *s, size_t count) {
    memcpy(s->spare, s->c, count * vs_public_key_info(s->pk)->ciphertext_bytes);
    return vs_multiply_plain(s->pk, s->spare, count, 1000003, 0);
}

static vs_status decrypt_part(subject *s, size_t count) {
    return vs_decrypt(s->sk, s->spare, s->c, count);
}

static void run_keygen(void *s, size_t count) {
    in_parts(s, count, keygen_part);
}

static void run_encrypt(void *s, size_t count) {
    in_parts(s, count, encrypt_part);
}

static void run_combine(void *s, size_t count) {
    VS_CHECK(combine_part(s, count) == VS_OK);
}

static void run_scalar(void *s, size_t count) {
    in_parts(s, count, scalar_part);
}

static void run_decrypt(void *s, size_t count) {
    in_parts(s, count, decrypt_part);
}

static void run_product(void *context, size_t count) {
    subject *s = context;
    for (size_t i = 0; i < count; i += s->pk->ring->lanes) {
        vs_ring_mul(s->pk->ring, s->x, s->x, s->pk->ring->square, s->scratch);
    }
}

static void run_square(void *context, size_t count) {
    subject *s = context;
    for (size_t i = 0; i < count; i += s->pk->ring->lanes) {
        vs_ring_sqr(s->pk->ring, s->x, s->x, s->scratch);
    }
}

const operation operations[] = {
    {"keygen", 1, run_keygen, textbook_keygen, 1},
    {"encrypt", 64, run_encrypt, textbook_encrypt, 1},
    {"combine", INPUTS *ITEMS, run_combine, textbook_combine, 1},
    {"scalar", 64, run_scalar, textbook_scalar, 1},
    {"decrypt", 64, run_decrypt, textbook_decrypt, 1},
    {"product", 64, run_product, textbook_product, 0},
    {"square", 64, run_square, textbook_square, 0},
};
const size_t operation_count = sizeof operations / sizeof *operations;
