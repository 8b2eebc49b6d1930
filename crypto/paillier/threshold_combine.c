/* Parts of t holders together give the plaintext. With λ_k = Δ·Π i/(i − k) over the other holders i, integers because Δ
 * holds all denominators, Σ λ_k·f(k) = Δ·f(0) = Δ·d, so that
 *
 *     Π part_k^(2·λ_k) = c^(2Δ·2·Δ·d) = (1 + n)^(4Δ²·m) .
 *
 * Source: [DJ01, section 4.1]. Time may depend on the results: they are what is opened. GMP's blocks are wiped.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/guard.h"
#include "crypto/paillier/threshold_internal.h"
#include "crypto/parallel.h"
#include "crypto/secret.h"

typedef struct combination {
    const vs_public_key *pk;
    uint8_t *m;
    const uint8_t *const *parts;
    size_t part_count;
    mpz_t exponent[VS_MAX_HOLDERS]; /* 2·|λ_k| */
    bool negative[VS_MAX_HOLDERS];
    mpz_t n, space, modulus; /* n, n^s, n^(s+1) */
    mpz_t scale;             /* 1/(4Δ²·ℓ(1)) modulo n^s */
} combination;

/* z = (1/n)·log(1 + n·v) modulo n^s: v − n·v²/2 + n²·v³/3 … [one_plus_n.h] */
static void logarithm(const combination *job, mpz_t z, const mpz_t v) {
    mpz_t power, term;
    mpz_inits(power, term, NULL);
    mpz_set(power, v);
    mpz_set(z, v);
    for (unsigned k = 2; k <= job->pk->info.degree; k++) {
        mpz_mul(power, power, v);
        mpz_mul(power, power, job->n);
        mpz_fdiv_r(power, power, job->space);
        mpz_set_ui(term, k);
        VS_CHECK(mpz_invert(term, term, job->space) != 0); /* n has no factor that small */
        mpz_mul(term, term, power);
        (k % 2 == 0 ? mpz_sub : mpz_add)(z, z, term);
    }
    mpz_fdiv_r(z, z, job->space);
    mpz_clears(power, term, NULL);
}

/* The exponents of holders[0 .. part_count − 1]. */
static void interpolate(combination *job, const unsigned *holders, unsigned holder_count) {
    mpz_t denominator;
    mpz_init(denominator);
    for (size_t k = 0; k < job->part_count; k++) {
        vs__threshold_delta(job->exponent[k], holder_count);
        mpz_set_ui(denominator, 1);
        for (size_t i = 0; i < job->part_count; i++) {
            if (i != k) {
                mpz_mul_ui(job->exponent[k], job->exponent[k], holders[i]);
                mpz_mul_si(denominator, denominator, (long)holders[i] - (long)holders[k]);
            }
        }
        mpz_divexact(job->exponent[k], job->exponent[k], denominator);
        job->negative[k] = mpz_sgn(job->exponent[k]) < 0;
        mpz_abs(job->exponent[k], job->exponent[k]);
        mpz_mul_2exp(job->exponent[k], job->exponent[k], 1);
    }
    mpz_clear(denominator);
}

static void prepare(combination *job, const unsigned *holders, unsigned holder_count) {
    for (size_t k = 0; k < job->part_count; k++) {
        mpz_init(job->exponent[k]);
    }
    mpz_inits(job->n, job->space, job->modulus, job->scale, NULL);
    vs__modulus_power(job->pk, job->n, 1);
    vs__modulus_power(job->pk, job->space, job->pk->info.degree);
    vs__modulus_power(job->pk, job->modulus, job->pk->info.degree + 1);
    interpolate(job, holders, holder_count);
    mpz_t one, delta;
    mpz_init_set_ui(one, 1);
    mpz_init(delta);
    logarithm(job, job->scale, one);
    vs__threshold_delta(delta, holder_count);
    mpz_mul(delta, delta, delta);
    mpz_mul_2exp(delta, delta, 2);
    mpz_mul(job->scale, job->scale, delta);
    VS_CHECK(mpz_invert(job->scale, job->scale, job->space) != 0); /* n has no factor that small */
    mpz_clears(one, delta, NULL);
}

static void finish(combination *job) {
    for (size_t k = 0; k < job->part_count; k++) {
        mpz_clear(job->exponent[k]);
    }
    mpz_clears(job->n, job->space, job->modulus, job->scale, NULL);
}

/* z = Π part_k^(±exponent_k) for ciphertext j. */
static void multiply_parts(const combination *job, mpz_t z, size_t j) {
    mpz_t below, power;
    mpz_init_set_ui(below, 1);
    mpz_init(power);
    mpz_set_ui(z, 1);
    for (size_t k = 0; k < job->part_count; k++) {
        mpz_ptr side = job->negative[k] ? below : z;
        vs__element_get(job->pk, power, job->parts[k] + j * job->pk->info.ciphertext_bytes);
        mpz_powm(power, power, job->exponent[k], job->modulus);
        mpz_mul(side, side, power);
        mpz_fdiv_r(side, side, job->modulus);
    }
    VS_CHECK(mpz_invert(below, below, job->modulus) != 0); /* parts are units */
    mpz_mul(z, z, below);
    mpz_fdiv_r(z, z, job->modulus);
    mpz_clears(below, power, NULL);
}

/* m_j in base n, from a power of 1 + n; false where z is none. */
static bool take_plaintext(const combination *job, uint8_t *out, mpz_t z) {
    size_t bytes = job->pk->info.digit_bytes;
    mpz_t m, digit;
    mpz_inits(m, digit, NULL);
    mpz_sub_ui(z, z, 1);
    mpz_fdiv_qr(z, digit, z, job->n);
    bool is_power = VS_GUARD(combined_is_plaintext, mpz_sgn(digit) == 0);
    logarithm(job, m, z);
    mpz_mul(m, m, job->scale);
    mpz_fdiv_r(m, m, job->space);
    for (unsigned k = 0; k < job->pk->info.degree; k++) {
        mpz_fdiv_qr(m, digit, m, job->n);
        mpz_export(out + k * bytes, NULL, -1, 1, 0, 0, digit);
    }
    mpz_clears(m, digit, NULL);
    return is_power;
}

static vs_status combine_run(void *context, size_t first, size_t count) {
    const combination *job = context;
    mpz_t z;
    mpz_init(z);
    vs_status status = VS_OK;
    for (size_t j = first; j < first + count && status == VS_OK; j++) {
        multiply_parts(job, z, j);
        status = take_plaintext(job, job->m + j * job->pk->info.plaintext_bytes, z) ? VS_OK : VS_ERR_AUTH;
    }
    mpz_clear(z);
    return status;
}

/* Holders that exist, each once, and parts that are units. */
static vs_status check_parts(const vs_threshold_key *key, const unsigned *holders, const uint8_t *const *parts,
                             size_t part_count, size_t count) {
    uint64_t seen = 0;
    for (size_t k = 0; k < part_count; k++) {
        if (holders[k] < 1 || holders[k] > key->info.holders) {
            return VS_ERR_RANGE;
        }
        if ((seen >> holders[k] & 1) != 0) { /* would divide by 0 */
            return VS_ERR_RANGE;
        }
        seen |= (uint64_t)1 << holders[k];
    }
    for (size_t k = 0; k < part_count; k++) {
        size_t bad;
        vs_status status = vs_ciphertexts_check(key->pk, parts[k], count, &bad);
        if (status != VS_OK) {
            return status;
        }
    }
    return VS_OK;
}

vs_status vs_threshold_combine(const vs_threshold_key *key, uint8_t *m, const unsigned *holders,
                               const uint8_t *const *parts, size_t part_count, size_t count) {
    size_t used = part_count < key->info.needed ? part_count : key->info.needed;
    size_t len = count * key->pk->info.plaintext_bytes;
    memset(m, 0, len);
    if (!VS_GUARD(combine_enough_parts, part_count >= key->info.needed)) {
        return VS_ERR_POLICY;
    }
    vs_status status = check_parts(key, holders, parts, used, count);
    if (status == VS_OK) {
        combination job = {.pk = key->pk, .m = m, .parts = parts, .part_count = used};
        prepare(&job, holders, key->info.holders);
        status = vs_parallel_for(count, vs_parallel_grain(count, 16), combine_run, &job);
        finish(&job);
    }
    if (status != VS_OK) {
        vs_wipe(m, len);
    }
    return status;
}
