#include "bench/textbook.h"

#include <gmp.h>
#include <stdlib.h>

#include "crypto/secret.h"

#define PRIME_ROUNDS 40

struct textbook {
    unsigned bits, degree;
    mpz_t n, n_power, modulus; /* n, n^s, n^(s+1) */
    mpz_t p, q, p_order, q_order, p_modulus, q_modulus, p_inverse;
    mpz_t r, m, c, product, spare;
};

/* The library makes GMP wipe what it frees, which the textbook does not. Memory comes from malloc either way. */
typedef struct memory_functions {
    void *(*allocate)(size_t);
    void *(*reallocate)(void *, size_t, size_t);
    void (*release)(void *, size_t);
} memory_functions;

static memory_functions begin_plain(void) {
    memory_functions ours;
    mp_get_memory_functions(&ours.allocate, &ours.reallocate, &ours.release);
    mp_set_memory_functions(NULL, NULL, NULL);
    return ours;
}

static void end_plain(memory_functions ours) {
    mp_set_memory_functions(ours.allocate, ours.reallocate, ours.release);
}

static void random_below(mpz_t z, const mpz_t bound) {
    size_t len = mpz_sizeinbase(bound, 2) / 8 + 8;
    unsigned char *bytes = malloc(len);
    VS_CHECK(bytes != NULL);
    vs_random(bytes, len);
    mpz_import(z, len, -1, 1, 0, 0, bytes);
    mpz_fdiv_r(z, z, bound);
    free(bytes);
}

static void derive(textbook *t) {
    mpz_mul(t->n, t->p, t->q);
    mpz_pow_ui(t->n_power, t->n, t->degree);
    mpz_mul(t->modulus, t->n_power, t->n);
    mpz_sub_ui(t->p_order, t->p, 1);
    mpz_sub_ui(t->q_order, t->q, 1);
    mpz_pow_ui(t->p_modulus, t->p, t->degree + 1);
    mpz_pow_ui(t->q_modulus, t->q, t->degree + 1);
    mpz_invert(t->p_inverse, t->p_modulus, t->q_modulus);
    random_below(t->r, t->n);
    random_below(t->m, t->n_power);
}

textbook *textbook_new(const uint8_t *p, const uint8_t *q, size_t prime_len, unsigned degree) {
    textbook *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->bits = (unsigned)(16 * prime_len);
    t->degree = degree;
    mpz_inits(t->n, t->n_power, t->modulus, t->p, t->q, t->p_order, t->q_order, t->p_modulus, t->q_modulus,
              t->p_inverse, t->r, t->m, t->c, t->product, t->spare, NULL);
    mpz_import(t->p, prime_len, -1, 1, 0, 0, p);
    mpz_import(t->q, prime_len, -1, 1, 0, 0, q);
    derive(t);
    textbook_encrypt(t, 1);
    mpz_set(t->product, t->c);
    return t;
}

void textbook_free(textbook *t) {
    if (t != NULL) {
        mpz_clears(t->n, t->n_power, t->modulus, t->p, t->q, t->p_order, t->q_order, t->p_modulus, t->q_modulus,
                   t->p_inverse, t->r, t->m, t->c, t->product, t->spare, NULL);
        free(t);
    }
}

/* A prime of exactly `bits` bits, below `limit` = 2^bits. */
static void find_prime(mpz_t z, const mpz_t limit, unsigned bits) {
    do {
        random_below(z, limit);
        mpz_setbit(z, bits - 1);
        mpz_setbit(z, bits - 2);
        mpz_setbit(z, 0);
    } while (!mpz_probab_prime_p(z, PRIME_ROUNDS));
}

void textbook_keygen(void *context, size_t count) {
    textbook *t = context;
    memory_functions ours = begin_plain();
    mpz_set_ui(t->product, 0);
    mpz_setbit(t->product, t->bits / 2);
    for (size_t i = 0; i < 2 * count; i++) {
        find_prime(t->spare, t->product, t->bits / 2);
    }
    mpz_set(t->product, t->c);
    end_plain(ours);
}

/* For s = 1 the message's factor is 1 + m·n, as every library does it; beyond, a power by mpz_powm would be unfair, so
 * the baseline leaves it out and counts r^(n^s) and one product. */
void textbook_encrypt(void *context, size_t count) {
    textbook *t = context;
    memory_functions ours = begin_plain();
    for (size_t i = 0; i < count; i++) {
        mpz_powm(t->c, t->r, t->n_power, t->modulus);
        mpz_mul(t->spare, t->m, t->n);
        mpz_add_ui(t->spare, t->spare, 1);
        mpz_mul(t->spare, t->spare, t->c);
        mpz_mod(t->c, t->spare, t->modulus);
    }
    end_plain(ours);
}

void textbook_product(void *context, size_t count) {
    textbook *t = context;
    memory_functions ours = begin_plain();
    for (size_t i = 0; i < count; i++) {
        mpz_mul(t->spare, t->product, t->c);
        mpz_mod(t->product, t->spare, t->modulus);
    }
    end_plain(ours);
}

void textbook_square(void *context, size_t count) {
    textbook *t = context;
    memory_functions ours = begin_plain();
    for (size_t i = 0; i < count; i++) {
        mpz_mul(t->spare, t->product, t->product);
        mpz_mod(t->product, t->spare, t->modulus);
    }
    end_plain(ours);
}

void textbook_scalar(void *context, size_t count) {
    textbook *t = context;
    memory_functions ours = begin_plain();
    for (size_t i = 0; i < count; i++) {
        mpz_powm_ui(t->product, t->c, SCALAR_FACTOR, t->modulus);
    }
    end_plain(ours);
}

static void power_of_c(textbook *t, const mpz_t exponent, size_t count) {
    memory_functions ours = begin_plain();
    for (size_t i = 0; i < count; i++) {
        mpz_powm(t->product, t->c, exponent, t->modulus);
    }
    end_plain(ours);
}

void textbook_part(void *context, size_t count) {
    textbook *t = context;
    power_of_c(t, t->modulus, count);
}

void textbook_long_power(void *context, size_t count) {
    textbook *t = context;
    power_of_c(t, t->n, count);
}

void textbook_power(void *context, size_t count) {
    textbook *t = context;
    memory_functions ours = begin_plain();
    mpz_mod(t->spare, t->c, t->p_modulus);
    for (size_t i = 0; i < count; i++) {
        mpz_powm(t->product, t->spare, t->p_order, t->p_modulus);
    }
    end_plain(ours);
}

void textbook_decrypt(void *context, size_t count) {
    textbook *t = context;
    memory_functions ours = begin_plain();
    for (size_t i = 0; i < count; i++) {
        mpz_mod(t->spare, t->c, t->p_modulus);
        mpz_powm(t->spare, t->spare, t->p_order, t->p_modulus);
        mpz_mod(t->product, t->c, t->q_modulus);
        mpz_powm(t->product, t->product, t->q_order, t->q_modulus);
        mpz_sub(t->product, t->product, t->spare);
        mpz_mul(t->product, t->product, t->p_inverse);
        mpz_mod(t->product, t->product, t->q_modulus);
    }
    end_plain(ours);
}
