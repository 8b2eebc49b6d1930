#include "bench/textbook.h"

#include <gmp.h>
#include <stdlib.h>

#include "crypto/secret.h"

struct textbook {
    unsigned bits, degree;
    mpz_t n, n_power, modulus; /* n, n^s, n^(s+1) */
    mpz_t p, q, p_order, q_order, p_modulus, q_modulus, p_inverse;
    mpz_t r, m, g, c, product, spare;
};

static void random_bits(mpz_t z, unsigned bits) {
    unsigned char bytes[5 * 512];
    vs_random(bytes, bits / 8);
    mpz_import(z, bits / 8, -1, 1, 0, 0, bytes);
}

static void random_prime(mpz_t z, unsigned bits) {
    do {
        random_bits(z, bits);
        mpz_setbit(z, bits - 1);
        mpz_setbit(z, bits - 2);
        mpz_setbit(z, 0);
    } while (!mpz_probab_prime_p(z, 40));
}

textbook *textbook_new(unsigned bits, unsigned degree) {
    textbook *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->bits = bits;
    t->degree = degree;
    mpz_inits(t->n, t->n_power, t->modulus, t->p, t->q, t->p_order, t->q_order, t->p_modulus, t->q_modulus,
              t->p_inverse, t->r, t->m, t->g, t->c, t->product, t->spare, NULL);
    random_prime(t->p, bits / 2);
    random_prime(t->q, bits / 2);
    mpz_mul(t->n, t->p, t->q);
    mpz_pow_ui(t->n_power, t->n, degree);
    mpz_mul(t->modulus, t->n_power, t->n);
    mpz_sub_ui(t->p_order, t->p, 1);
    mpz_sub_ui(t->q_order, t->q, 1);
    mpz_pow_ui(t->p_modulus, t->p, degree + 1);
    mpz_pow_ui(t->q_modulus, t->q, degree + 1);
    mpz_invert(t->p_inverse, t->p_modulus, t->q_modulus);
    mpz_add_ui(t->g, t->n, 1);
    random_bits(t->r, bits);
    mpz_fdiv_r(t->r, t->r, t->n);
    random_bits(t->m, bits);
    mpz_fdiv_r(t->m, t->m, t->n_power);
    textbook_encrypt(t, 1);
    mpz_set(t->product, t->c);
    return t;
}

void textbook_free(textbook *t) {
    if (t != NULL) {
        mpz_clears(t->n, t->n_power, t->modulus, t->p, t->q, t->p_order, t->q_order, t->p_modulus, t->q_modulus,
                   t->p_inverse, t->r, t->m, t->g, t->c, t->product, t->spare, NULL);
        free(t);
    }
}

void textbook_keygen(void *context, size_t count) {
    textbook *t = context;
    for (size_t i = 0; i < count; i++) {
        random_prime(t->spare, t->bits / 2);
        random_prime(t->spare, t->bits / 2);
    }
}

/* For s = 1 the message's factor is 1 + m·n, as every library does it; beyond, a power by mpz_powm would be unfair, so
 * the baseline leaves it out and counts r^(n^s) and one product. */
void textbook_encrypt(void *context, size_t count) {
    textbook *t = context;
    for (size_t i = 0; i < count; i++) {
        mpz_powm(t->c, t->r, t->n_power, t->modulus);
        mpz_mul(t->spare, t->m, t->n);
        mpz_add_ui(t->spare, t->spare, 1);
        mpz_mul(t->c, t->c, t->spare);
        mpz_mod(t->c, t->c, t->modulus);
    }
}

void textbook_combine(void *context, size_t count) {
    textbook *t = context;
    for (size_t i = 0; i < count; i++) {
        mpz_mul(t->product, t->product, t->c);
        mpz_mod(t->product, t->product, t->modulus);
    }
}

void textbook_scalar(void *context, size_t count) {
    textbook *t = context;
    for (size_t i = 0; i < count; i++) {
        mpz_powm_ui(t->product, t->c, 1000003, t->modulus);
    }
}

void textbook_decrypt(void *context, size_t count) {
    textbook *t = context;
    for (size_t i = 0; i < count; i++) {
        mpz_mod(t->spare, t->c, t->p_modulus);
        mpz_powm(t->spare, t->spare, t->p_order, t->p_modulus);
        mpz_mod(t->product, t->c, t->q_modulus);
        mpz_powm(t->product, t->product, t->q_order, t->q_modulus);
        mpz_sub(t->product, t->product, t->spare);
        mpz_mul(t->product, t->product, t->p_inverse);
        mpz_mod(t->product, t->product, t->q_modulus);
    }
}

void textbook_product(void *context, size_t count) {
    textbook_combine(context, count);
}

void textbook_square(void *context, size_t count) {
    textbook *t = context;
    for (size_t i = 0; i < count; i++) {
        mpz_mul(t->product, t->product, t->product);
        mpz_mod(t->product, t->product, t->modulus);
    }
}
