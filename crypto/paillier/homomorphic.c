/* What anybody can do with ciphertexts: check them, combine them, and compute with public numbers. Nothing here is secret. */
#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/paillier/bytes.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"

/* Bundles in one run of a thread. */
#define RUN 64

static size_t bundle_count(const vs_ring *ring, size_t count) {
    return count / ring->lanes + (count % ring->lanes != 0);
}

static size_t lanes_of(const vs_ring *ring, size_t bundle, size_t count) {
    size_t left = count - bundle * ring->lanes;
    return left < ring->lanes ? left : ring->lanes;
}

/* A bundle from bytes; `*bad` the first ciphertext with a digit that is not below n, if any. */
static vs_status load_bytes(const vs_ring *ring, vs_word *z, const uint8_t *bytes, size_t lanes, vs_word *canonical,
                            size_t *bad) {
    size_t element = vs_ring_element_limbs(ring);
    vs__limbs_from_bytes(canonical, bytes, lanes * element);
    for (size_t i = 0; i < lanes; i++) {
        if (!vs__digits_in_range(canonical + i * element, ring->modulus, ring->digit_limbs, ring->degree + 1)) {
            *bad = i;
            return VS_ERR_RANGE;
        }
    }
    vs_ring_load(ring, z, canonical, element, lanes);
    return VS_OK;
}

/* Is x, canonical, prime to n? */
static bool is_unit(const vs_ring *ring, const vs_word *x) {
    mpz_t value, n;
    mpz_inits(value, n, NULL);
    mpz_import(value, ring->digit_limbs, -1, sizeof(vs_word), 0, 0, x);
    mpz_import(n, ring->digit_limbs, -1, sizeof(vs_word), 0, 0, ring->modulus);
    mpz_gcd(value, value, n);
    bool unit = mpz_cmp_ui(value, 1) == 0;
    mpz_clears(value, n, NULL);
    return unit;
}

/* ---- products of lowest digits: units or not ---- */

/* Each run multiplies the lowest digits of its ciphertexts into a product of its own; powers of R do no harm, they are units. */
typedef struct unit_check {
    const vs_public_key *pk;
    const vs_ring *digits; /* Z/n */
    const uint8_t *bytes;  /* ciphertexts as bytes, or */
    const vs_word *bundles; /* as bundles of pk->ring */
    size_t count;
    vs_word *products; /* one canonical digit a run */
    size_t *bad;       /* one a run: index of a ciphertext with a digit not below n, or SIZE_MAX */
} unit_check;

static vs_status multiply_digits(void *context, size_t first, size_t bundles) {
    const unit_check *check = context;
    const vs_ring *ring = check->pk->ring, *digits = check->digits;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring), limbs = ring->digit_limbs;
    size_t words = bundle + 2 * digits->digit_words + ring->lanes * element + digits->scratch_words;
    vs_word *memory = malloc(words * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = memory, *product = x + bundle, *spare = product + digits->digit_words;
    vs_word *canonical = spare + digits->digit_words, *scratch = canonical + ring->lanes * element;
    vs_status status = VS_OK;
    memcpy(product, digits->unity, digits->digit_words * sizeof *product);
    for (size_t b = first; b < first + bundles && status == VS_OK; b++) {
        size_t lanes = lanes_of(ring, b, check->count);
        if (check->bytes != NULL) {
            const uint8_t *c = check->bytes + b * ring->lanes * check->pk->info.ciphertext_bytes;
            status = load_bytes(ring, x, c, lanes, canonical, &check->bad[first / RUN]);
        } else {
            memcpy(x, check->bundles + b * bundle, digits->digit_words * sizeof *x);
        }
        if (status != VS_OK) {
            check->bad[first / RUN] += b * ring->lanes;
        } else if (lanes == ring->lanes) {
            vs_ring_mul_var(digits, product, product, x, scratch);
        } else { /* the last bundle: 1 in the lanes that hold nothing */
            vs_ring_store(digits, canonical, x, limbs, lanes);
            memset(canonical + lanes * limbs, 0, (ring->lanes - lanes) * limbs * sizeof *canonical);
            for (size_t i = lanes; i < ring->lanes; i++) {
                canonical[i * limbs] = 1;
            }
            vs_ring_load(digits, spare, canonical, limbs, ring->lanes);
            vs_ring_mul_var(digits, product, product, spare, scratch);
        }
    }
    /* Lanes into one. */
    vs_ring_store(digits, canonical, product, limbs, ring->lanes);
    vs_ring_load(digits, product, canonical, limbs, 1);
    for (size_t i = 1; i < ring->lanes; i++) {
        vs_ring_load(digits, spare, canonical + i * limbs, limbs, 1);
        vs_ring_mul_var(digits, product, product, spare, scratch);
    }
    vs_ring_store(digits, check->products + first / RUN * limbs, product, limbs, 1);
    free(memory);
    return status;
}

/* One gcd on the product of all runs' products. */
static vs_status product_is_unit(const unit_check *check, size_t runs) {
    const vs_ring *digits = check->digits;
    size_t limbs = digits->digit_limbs;
    vs_word *memory = malloc((2 * digits->digit_words + digits->scratch_words) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *product = memory, *x = product + digits->digit_words, *scratch = x + digits->digit_words;
    vs_ring_load(digits, product, check->products, limbs, 1);
    for (size_t i = 1; i < runs; i++) {
        vs_ring_load(digits, x, check->products + i * limbs, limbs, 1);
        vs_ring_mul_var(digits, product, product, x, scratch);
    }
    vs_ring_store(digits, check->products, product, limbs, 1);
    free(memory);
    return is_unit(digits, check->products) ? VS_OK : VS_ERR_RANGE;
}

static vs_status check_units(unit_check *check, size_t *bad) {
    const vs_ring *ring = check->pk->ring;
    size_t bundles = bundle_count(ring, check->count), runs = (bundles + RUN - 1) / RUN;
    if (check->count == 0) {
        return VS_OK;
    }
    vs_ring *digits = NULL;
    vs_status status = vs_ring_new_on(&digits, vs_ring_backend_name(ring), ring->modulus, ring->digit_limbs, 0, false);
    check->digits = digits;
    check->products = malloc(runs * ring->digit_limbs * sizeof *check->products);
    check->bad = malloc(runs * sizeof *check->bad);
    if (status == VS_OK && (check->products == NULL || check->bad == NULL)) {
        status = VS_ERR_MEMORY;
    }
    if (status == VS_OK) {
        memset(check->bad, 0xff, runs * sizeof *check->bad);
        status = vs_parallel_for(bundles, RUN, multiply_digits, check);
    }
    if (status == VS_OK) {
        status = product_is_unit(check, runs);
    } else if (status == VS_ERR_RANGE) {
        for (size_t i = runs; i-- > 0;) {
            *bad = check->bad[i] != SIZE_MAX ? check->bad[i] : *bad;
        }
    }
    vs_ring_free(digits);
    free(check->products);
    free(check->bad);
    return status;
}

vs_status vs_ciphertexts_check(const vs_public_key *pk, const uint8_t *c, size_t count, size_t *bad) {
    unit_check check = {.pk = pk, .bytes = c, .count = count};
    *bad = SIZE_MAX;
    return check_units(&check, bad);
}

/* ---- combining ---- */

struct vs_accumulator {
    const vs_public_key *pk;
    size_t count;
    vs_word *product; /* bundles: the product of all inputs, times R^−(folds − 1) */
    size_t *folds;    /* inputs folded into each bundle */
    /* the call under way */
    const uint8_t *const *inputs;
    size_t input_count, first, span, *bad;
};

vs_status vs_accumulator_new(vs_accumulator **out, const vs_public_key *pk, size_t count) {
    *out = NULL;
    vs_accumulator *acc = calloc(1, sizeof *acc);
    size_t bundles = bundle_count(pk->ring, count);
    if (acc != NULL) {
        acc->pk = pk;
        acc->count = count;
        acc->product = calloc(bundles + 1, vs_ring_bundle_words(pk->ring) * sizeof *acc->product);
        acc->folds = calloc(bundles + 1, sizeof *acc->folds);
    }
    if (acc == NULL || acc->product == NULL || acc->folds == NULL) {
        vs_accumulator_free(acc);
        return VS_ERR_MEMORY;
    }
    *out = acc;
    return VS_OK;
}

void vs_accumulator_free(vs_accumulator *acc) {
    if (acc != NULL) {
        free(acc->product);
        free(acc->folds);
        free(acc);
    }
}

/* Multiply every input into bundles first .. first + bundles − 1 of the span. */
static vs_status fold_run(void *context, size_t first, size_t bundles) {
    vs_accumulator *acc = context;
    const vs_ring *ring = acc->pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    vs_word *memory = malloc((bundle + ring->lanes * element + ring->scratch_words) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = memory, *canonical = x + bundle, *scratch = canonical + ring->lanes * element;
    vs_status status = VS_OK;
    for (size_t b = first; b < first + bundles && status == VS_OK; b++) {
        size_t target = acc->first / ring->lanes + b, lanes = lanes_of(ring, b, acc->span), unused;
        vs_word *product = acc->product + target * bundle;
        for (size_t i = 0; i < acc->input_count && status == VS_OK; i++) {
            const uint8_t *c = acc->inputs[i] + b * ring->lanes * acc->pk->info.ciphertext_bytes;
            bool fresh = acc->folds[target] == 0;
            status = load_bytes(ring, fresh ? product : x, c, lanes, canonical, &unused);
            if (status != VS_OK) {
                acc->bad[first / RUN] = i;
            } else if (!fresh) {
                vs_ring_mul_var(ring, product, product, x, scratch);
            }
            acc->folds[target]++;
        }
    }
    free(memory);
    return status;
}

vs_status vs_accumulator_fold(vs_accumulator *acc, size_t first, const uint8_t *const *inputs, size_t input_count,
                              size_t count, size_t *bad) {
    const vs_ring *ring = acc->pk->ring;
    size_t bundles = bundle_count(ring, count), runs = (bundles + RUN - 1) / RUN;
    VS_CHECK(first <= acc->count && count <= acc->count - first);
    VS_CHECK(first % ring->lanes == 0 && (count % ring->lanes == 0 || first + count == acc->count));
    acc->inputs = inputs;
    acc->input_count = input_count;
    acc->first = first;
    acc->span = count;
    acc->bad = malloc((runs + 1) * sizeof *acc->bad);
    if (acc->bad == NULL) {
        return VS_ERR_MEMORY;
    }
    memset(acc->bad, 0xff, (runs + 1) * sizeof *acc->bad);
    vs_status status = vs_parallel_for(bundles, RUN, fold_run, acc);
    *bad = SIZE_MAX;
    for (size_t i = runs; i-- > 0;) {
        *bad = acc->bad[i] != SIZE_MAX ? acc->bad[i] : *bad;
    }
    free(acc->bad);
    acc->bad = NULL;
    return status;
}

vs_status vs_accumulator_check(const vs_accumulator *acc) {
    unit_check check = {.pk = acc->pk, .bundles = acc->product, .count = acc->count};
    size_t unused;
    return check_units(&check, &unused);
}

/* The factor that turns a product of k inputs, short of R^(k − 1), into the product itself: R^k, itself short of one R. */
typedef struct finish_job {
    const vs_accumulator *acc;
    const vs_word *factor;
    uint8_t *out;
} finish_job;

static vs_status finish_run(void *context, size_t first, size_t bundles) {
    const finish_job *job = context;
    const vs_accumulator *acc = job->acc;
    const vs_ring *ring = acc->pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    vs_word *memory = malloc((bundle + ring->lanes * element + ring->scratch_words) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = memory, *canonical = x + bundle, *scratch = canonical + ring->lanes * element;
    for (size_t b = first; b < first + bundles; b++) {
        size_t lanes = lanes_of(ring, b, acc->count);
        vs_ring_mul_var(ring, x, acc->product + b * bundle, job->factor, scratch);
        vs_ring_store(ring, canonical, x, element, lanes);
        uint8_t *out = job->out + b * ring->lanes * acc->pk->info.ciphertext_bytes;
        vs__bytes_from_limbs(out, canonical, lanes * element);
    }
    free(memory);
    return VS_OK;
}

vs_status vs_accumulator_finish(vs_accumulator *acc, uint8_t *out) {
    const vs_ring *ring = acc->pk->ring;
    size_t bundles = bundle_count(ring, acc->count);
    if (acc->count == 0) {
        return VS_OK;
    }
    for (size_t b = 0; b < bundles; b++) {
        VS_CHECK(acc->folds[b] > 0 && acc->folds[b] == acc->folds[0]);
    }
    vs_word *factor = malloc((vs_ring_bundle_words(ring) + vs_ring_pow_words(ring)) * sizeof *factor);
    if (factor == NULL) {
        return VS_ERR_MEMORY;
    }
    /* `square` is R in Montgomery form, so its power k − 1 is R^(k − 1) in Montgomery form: R^k. */
    vs_word exponent = acc->folds[0] - 1;
    vs_ring_pow_var(ring, factor, ring->square, &exponent, 1, factor + vs_ring_bundle_words(ring));
    finish_job job = {.acc = acc, .factor = factor, .out = out};
    vs_status status = vs_parallel_for(bundles, RUN, finish_run, &job);
    free(factor);
    return status;
}

/* ---- public numbers ---- */

typedef struct plain_job {
    const vs_public_key *pk;
    uint8_t *c;
    const uint8_t *m;
    size_t count;
    uint64_t k;
} plain_job;

/* z = x^k; k = 0 gives 1. */
static void power_small(const vs_ring *ring, vs_word *z, const vs_word *x, uint64_t k, vs_word *scratch) {
    vs_ring_mul_var(ring, z, x, ring->square, scratch);
    vs_ring_pow_var(ring, z, z, &k, 1, scratch);
    vs_ring_mul_var(ring, z, z, ring->unity, scratch);
}

/* z = x · (1 + n)^m for the plaintexts m of this bundle. */
static vs_status multiply_message(const plain_job *job, vs_word *z, const vs_word *x, size_t b, vs_word *memory) {
    const vs_ring *ring = job->pk->ring, *exponents = job->pk->group.exponents;
    size_t element = vs_ring_element_limbs(exponents), lanes = lanes_of(ring, b, job->count), bad;
    size_t bundle = vs_ring_bundle_words(ring), digit = ring->digit_words;
    vs_word *canonical = memory, *e = canonical + ring->lanes * element, *power = e + bundle, *scratch = power + bundle;
    const uint8_t *m = job->m + b * ring->lanes * job->pk->info.plaintext_bytes;
    vs_status status = load_bytes(exponents, e, m, lanes, canonical, &bad);
    if (status == VS_OK) {
        vs_one_plus_n_exp(&job->pk->group, power + digit, e, scratch);
        memcpy(power, ring->unity, digit * sizeof *power);
        vs_ring_mul_var(ring, power, power, ring->square, scratch);
        vs_ring_mul_var(ring, z, x, power, scratch);
    }
    return status;
}

static vs_status plain_run(void *context, size_t first, size_t bundles) {
    const plain_job *job = context;
    const vs_ring *ring = job->pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring), bad;
    size_t inner = vs_ring_pow_words(ring) + vs_one_plus_n_words(&job->pk->group) + ring->lanes * element + 2 * bundle;
    vs_word *memory = malloc((2 * bundle + ring->lanes * element + inner) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = memory, *z = x + bundle, *canonical = z + bundle, *scratch = canonical + ring->lanes * element;
    vs_status status = VS_OK;
    for (size_t b = first; b < first + bundles && status == VS_OK; b++) {
        size_t lanes = lanes_of(ring, b, job->count);
        uint8_t *c = job->c + b * ring->lanes * job->pk->info.ciphertext_bytes;
        status = load_bytes(ring, x, c, lanes, canonical, &bad);
        if (status == VS_OK && job->m != NULL) {
            status = multiply_message(job, z, x, b, scratch);
        } else if (status == VS_OK) {
            power_small(ring, z, x, job->k, scratch);
        }
        if (status == VS_OK) {
            vs_ring_store(ring, canonical, z, element, lanes);
            vs__bytes_from_limbs(c, canonical, lanes * element);
        }
    }
    free(memory);
    return status;
}

/* c⁻¹ for each ciphertext, on integers modulo n^(s+1): rare, so simple. */
static void invert_all(const vs_public_key *pk, uint8_t *c, size_t count) {
    size_t bytes = pk->info.digit_bytes;
    mpz_t n, modulus, value, digit;
    mpz_inits(n, modulus, value, digit, NULL);
    mpz_import(n, bytes, -1, 1, 0, 0, pk->n);
    mpz_pow_ui(modulus, n, pk->info.degree + 1);
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = c + i * pk->info.ciphertext_bytes;
        mpz_set_ui(value, 0);
        for (unsigned k = pk->info.degree + 1; k-- > 0;) {
            mpz_import(digit, bytes, -1, 1, 0, 0, at + k * bytes);
            mpz_mul(value, value, n);
            mpz_add(value, value, digit);
        }
        VS_CHECK(mpz_invert(value, value, modulus) != 0); /* found a unit before */
        memset(at, 0, pk->info.ciphertext_bytes);
        for (unsigned k = 0; k <= pk->info.degree; k++) {
            mpz_fdiv_qr(value, digit, value, n);
            mpz_export(at + k * bytes, NULL, -1, 1, 0, 0, digit);
        }
    }
    mpz_clears(n, modulus, value, digit, NULL);
}

vs_status vs_multiply_plain(const vs_public_key *pk, uint8_t *c, size_t count, uint64_t k, int negate) {
    size_t bad;
    vs_status status = vs_ciphertexts_check(pk, c, count, &bad);
    if (status != VS_OK) {
        return status;
    }
    plain_job job = {.pk = pk, .c = c, .count = count, .k = k};
    status = vs_parallel_for(bundle_count(pk->ring, count), RUN, plain_run, &job);
    if (status == VS_OK && negate) {
        invert_all(pk, c, count);
    }
    return status;
}

vs_status vs_add_plain(const vs_public_key *pk, uint8_t *c, const uint8_t *m, size_t count) {
    plain_job job = {.pk = pk, .c = c, .m = m, .count = count};
    return vs_parallel_for(bundle_count(pk->ring, count), RUN, plain_run, &job);
}
