/* The library's operations on ciphertexts, as they are timed. */
#include <string.h>

#include "bench/operations.h"
#include "crypto/secret.h"

/* Ciphertexts that prepare_decrypt makes for each level. */
#define DENSE_ITEMS 64u

/* Call `part` on at most `most` items at a time; 0: on as many as there are. */
static void in_parts(subject *s, size_t count, size_t most, vs_status (*part)(subject *, size_t)) {
    most = most == 0 ? s->items : most;
    while (count > 0) {
        size_t now = count < most ? count : most;
        VS_CHECK(part(s, now) == VS_OK);
        count -= now;
    }
}

void run_keygen(void *context, size_t count) {
    const subject *s = context;
    for (size_t i = 0; i < count; i++) {
        vs_secret_key *sk = NULL;
        VS_CHECK(vs_keygen(&sk, &(vs_key_options){.bits = s->bits, .degree = s->degree}) == VS_OK);
        vs_secret_key_free(sk);
    }
}

static vs_status encrypt_part(subject *s, size_t count) {
    return vs_encrypt(subject_encryptor(s), s->spare, s->m, count);
}

void run_encrypt(void *s, size_t count) {
    in_parts(s, count, 0, encrypt_part);
}

/* Both secrets of encryption: messages and randomness. */
void prepare_encrypt(void *context, unsigned level) {
    subject *s = context;
    const vs_key_info *info = vs_public_key_info(s->pk);
    density_fill(s->m, s->items * info->plaintext_bytes, level);
    for (size_t at = info->digit_bytes; at <= s->items * info->plaintext_bytes; at += info->digit_bytes) {
        s->m[at - 1] &= 0x7f; /* below n */
    }
    density_fill(s->exponents, s->items * s->exponent_limbs * sizeof *s->exponents, level);
}

static vs_status encrypt_dense_part(subject *s, size_t count) {
    return vs__encrypt_with(subject_encryptor(s), s->spare, s->m, s->exponents, count);
}

void run_encrypt_dense(void *s, size_t count) {
    in_parts(s, count, 0, encrypt_dense_part);
}

/* COMBINE_INPUTS inputs at a time into one total of all positions, as the command line's combine folds them;
 * `count` counts ciphertexts folded in and is a multiple of both. The check of units and the last product are part of
 * it. */
static vs_status combine(subject *s, size_t count) {
    const uint8_t *inputs[COMBINE_INPUTS];
    size_t bad;
    for (size_t i = 0; i < COMBINE_INPUTS; i++) {
        inputs[i] = s->c;
    }
    vs_accumulator *acc = NULL;
    vs_status status = vs_accumulator_new(&acc, s->pk, s->items);
    for (size_t done = 0; done < count && status == VS_OK; done += COMBINE_INPUTS * s->items) {
        status = vs_accumulator_fold(acc, 0, inputs, COMBINE_INPUTS, s->items, &bad);
    }
    if (status == VS_OK) {
        status = vs_accumulator_check(acc);
    }
    if (status == VS_OK) {
        status = vs_accumulator_finish(acc, s->spare, 0, s->items);
    }
    vs_accumulator_free(acc);
    return status;
}

void run_combine(void *s, size_t count) {
    VS_CHECK(combine(s, count) == VS_OK);
}

static vs_status scalar_part(subject *s, size_t count) {
    memcpy(s->spare, s->c, count * vs_public_key_info(s->pk)->ciphertext_bytes);
    return vs_multiply_plain(s->pk, s->spare, count, SCALAR_FACTOR, 0);
}

void run_scalar(void *s, size_t count) {
    in_parts(s, count, 0, scalar_part);
}

static vs_status decrypt_part(subject *s, size_t count) {
    return vs_decrypt(s->sk, s->spare, s->c, count);
}

void run_decrypt(void *s, size_t count) {
    in_parts(s, count, 0, decrypt_part);
}

/* Plaintexts between all zeros and all ones, encrypted. The key's own part is the operation `power`. */
void prepare_decrypt(void *context, unsigned level) {
    subject *s = context;
    prepare_encrypt(s, level);
    vs_random(s->exponents, s->items * s->exponent_limbs * sizeof *s->exponents);
    VS_CHECK(vs__encrypt_with(subject_encryptor(s), s->c, s->m, s->exponents, DENSE_ITEMS) == VS_OK);
}

void run_decrypt_dense(void *s, size_t count) {
    in_parts(s, count, DENSE_ITEMS, decrypt_part);
}
