#include "bench/subject.h"

#include <stdlib.h>
#include <string.h>

#include "bench/dataset.h"
#include "bench/factors.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

/* Tables are made for so many ciphertexts to come. */
#define EXPECTED 10000u
#define LEAST_ITEMS 1024u
#define DISTINCT 64u /* ciphertexts */

static vs_status allocate(subject *s) {
    const vs_key_info *info = vs_public_key_info(s->pk);
    const vs_ring *ring = s->pk->ring;
    size_t busy = 2 * SUBJECT_RUN * ring->lanes * vs_parallel_threads();
    s->items = busy > LEAST_ITEMS ? busy : LEAST_ITEMS;
    s->exponent_limbs = (info->exponent_bits + 63) / 64;
    s->m = calloc(s->items, info->plaintext_bytes);
    s->c = calloc(s->items, info->ciphertext_bytes);
    s->spare = calloc(s->items, info->ciphertext_bytes);
    s->exponents = calloc(s->items * s->exponent_limbs, sizeof *s->exponents);
    s->x = aligned_alloc(64, (vs_ring_bundle_words(ring) * sizeof *s->x + 63) / 64 * 64);
    s->canonical = calloc(ring->lanes * vs_ring_element_limbs(ring), sizeof *s->canonical);
    s->scratch = aligned_alloc(64, (vs_ring_pow_words(ring) * sizeof *s->scratch + 63) / 64 * 64);
    s->power = calloc(s->bits / 2 / 64, sizeof *s->power);
    bool all = s->m != NULL && s->c != NULL && s->spare != NULL && s->exponents != NULL && s->x != NULL &&
               s->canonical != NULL && s->scratch != NULL && s->power != NULL;
    return all ? VS_OK : VS_ERR_MEMORY;
}

/* Random plaintexts below n: the top bit of each digit stays 0. */
static void fill_plaintexts(subject *s) {
    const vs_key_info *info = vs_public_key_info(s->pk);
    vs_random(s->m, s->items * info->plaintext_bytes);
    for (size_t at = info->digit_bytes; at <= s->items * info->plaintext_bytes; at += info->digit_bytes) {
        s->m[at - 1] &= 0x7f;
    }
}

/* A few with a small table, over and over: what is timed does not depend on their values. */
static vs_status fill_ciphertexts(subject *s) {
    size_t len = vs_public_key_info(s->pk)->ciphertext_bytes;
    vs_encryptor *small = NULL;
    vs_status status = vs_encryptor_new(&small, s->pk, DISTINCT);
    if (status == VS_OK) {
        status = vs_encrypt(small, s->c, s->m, DISTINCT);
    }
    vs_encryptor_free(small);
    for (size_t i = DISTINCT; i < s->items; i++) {
        memcpy(s->c + i * len, s->c + i % DISTINCT * len, len);
    }
    return status;
}

static vs_status fill(subject *s) {
    fill_plaintexts(s);
    memcpy(s->x, s->pk->ring->square, vs_ring_bundle_words(s->pk->ring) * sizeof *s->x);
    vs_random(s->power, s->bits / 16);
    s->textbook = textbook_new(s->sk->p, s->sk->q, s->bits / 16, s->degree);
    return s->textbook == NULL ? VS_ERR_MEMORY : fill_ciphertexts(s);
}

subject *subject_new(vs_key_type type, unsigned bits, unsigned degree) {
    subject *s = calloc(1, sizeof *s);
    if (s == NULL || vs_keygen(&s->sk, &(vs_key_options){.bits = bits, .degree = degree, .type = type}) != VS_OK) {
        free(s);
        return NULL;
    }
    *s = (subject){.bits = bits, .degree = degree, .sk = s->sk, .pk = vs_secret_key_public(s->sk)};
    if (allocate(s) != VS_OK || fill(s) != VS_OK) {
        subject_free(s);
        return NULL;
    }
    return s;
}

void subject_free(subject *s) {
    if (s != NULL) {
        dataset_free(s->data);
        factors_end(s);
        sharing_end(s->sharing);
        dealt_key_free(s->dealt);
        textbook_free(s->textbook);
        vs_encryptor_free(s->encryptor);
        vs_secret_key_free(s->sk);
        free(s->m);
        free(s->c);
        free(s->spare);
        free(s->exponents);
        free(s->x);
        free(s->canonical);
        free(s->scratch);
        free(s->power);
        free(s);
    }
}

const vs_encryptor *subject_encryptor(subject *s) {
    if (s->encryptor == NULL) {
        VS_CHECK(vs_encryptor_new(&s->encryptor, s->pk, EXPECTED) == VS_OK);
    }
    return s->encryptor;
}

const char *subject_backend(const subject *s) {
    return vs_ring_backend_name(s->pk->ring);
}
