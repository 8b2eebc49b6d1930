/* The product that stands for a whole batch: Π c_j^(e_j), e_j = row(j / 8)·column(j mod 8).
 *
 * Rows and columns have hashed coefficients of 128 bits each. If some c_j of a batch is not what it should be, so is
 * its column's product but for one row coefficient in 2^128, as no element of the squares but 1 has an order below
 * 2^128; and then the product of columns but for one column coefficient in 2^128. Eight columns because kernels work on
 * eight elements, or on one: all of a row share an exponent, and all rows of a run share their squarings.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/paillier/batch.h"
#include "crypto/paillier/threshold_internal.h"
#include "crypto/parallel.h"

#define COLUMNS 8u
#define RUN 16u /* rows that share squarings */
#define COEFFICIENT_LIMBS 2u

typedef struct product {
    const vs_public_key *pk;
    const uint8_t *c;
    size_t count;
    const uint8_t *seed;
    uint8_t *partial; /* a row of elements for each run */
} product;

static void coefficient(vs_word out[COEFFICIENT_LIMBS], const char *label, const uint8_t *seed, size_t index) {
    uint8_t bytes[VS_HASH_BYTES];
    vs_hash hash;
    vs_hash_init(&hash, label);
    vs_hash_field(&hash, seed, VS_HASH_BYTES);
    vs_hash_u64(&hash, index);
    vs_hash_final(&hash, bytes);
    vs__limbs_from_bytes(out, bytes, COEFFICIENT_LIMBS);
}

/* One bundle of a run's columns. */
typedef struct lanes {
    vs_word *power; /* RUN bundles: the rows, in Montgomery form */
    vs_word *z;
    vs_word *canonical;
    vs_word *scratch;
    vs_word row[RUN][COEFFICIENT_LIMBS];
} lanes;

/* Row `row`'s elements from column `column` on; lanes without one get 1. */
static void load_row(const product *job, lanes *l, vs_word *z, size_t row, size_t column) {
    const vs_ring *ring = job->pk->ring;
    size_t stride = job->pk->info.ciphertext_bytes, at = row * COLUMNS + column, limbs = vs_ring_element_limbs(ring);
    size_t there = at >= job->count ? 0 : job->count - at < ring->lanes ? job->count - at : ring->lanes;
    memset(l->canonical, 0, ring->lanes * limbs * sizeof *l->canonical);
    for (size_t lane = 0; lane < ring->lanes; lane++) {
        l->canonical[lane * limbs] = 1;
    }
    vs__limbs_from_bytes(l->canonical, job->c + (there > 0 ? at * stride : 0), there * limbs);
    vs_ring_load(ring, z, l->canonical, limbs, ring->lanes);
    vs_ring_mul_var(ring, z, z, ring->square, l->scratch);
}

static void multiply_rows(const vs_ring *ring, lanes *l, size_t rows) {
    size_t bundle = vs_ring_bundle_words(ring);
    memcpy(l->z, ring->one, bundle * sizeof *l->z);
    for (size_t bit = 64 * COEFFICIENT_LIMBS; bit-- > 0;) {
        vs_ring_sqr(ring, l->z, l->z, l->scratch);
        for (size_t i = 0; i < rows; i++) {
            if (l->row[i][bit / 64] >> (bit % 64) & 1) {
                vs_ring_mul_var(ring, l->z, l->z, l->power + i * bundle, l->scratch);
            }
        }
    }
    vs_ring_mul_var(ring, l->z, l->z, ring->unity, l->scratch);
}

/* Items are runs of rows. */
static vs_status product_run(void *context, size_t first, size_t count) {
    const product *job = context;
    const vs_ring *ring = job->pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), limbs = vs_ring_element_limbs(ring);
    size_t stride = job->pk->info.ciphertext_bytes, rows_in_all = (job->count + COLUMNS - 1) / COLUMNS;
    VS_CHECK(COLUMNS % ring->lanes == 0);
    lanes l;
    vs_word *memory = vs_lines_alloc(((RUN + 1) * bundle + ring->lanes * limbs + ring->scratch_words) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    l.power = memory;
    l.z = l.power + RUN * bundle;
    l.canonical = l.z + bundle;
    l.scratch = l.canonical + ring->lanes * limbs;
    for (size_t run = first; run < first + count; run++) {
        size_t left = rows_in_all - run * RUN, rows = left < RUN ? left : RUN;
        for (size_t i = 0; i < rows; i++) {
            coefficient(l.row[i], "veilsum threshold row", job->seed, run * RUN + i);
        }
        for (size_t column = 0; column < COLUMNS; column += ring->lanes) {
            for (size_t i = 0; i < rows; i++) {
                load_row(job, &l, l.power + i * bundle, run * RUN + i, column);
            }
            multiply_rows(ring, &l, rows);
            vs__store_bytes(ring, job->partial + (run * COLUMNS + column) * stride, stride, l.z, ring->lanes,
                            l.canonical);
        }
    }
    free(memory);
    return VS_OK;
}

/* Columns of all runs together, and each to the power of its coefficient. */
static void multiply_columns(const product *job, uint8_t *out, size_t runs) {
    mpz_t modulus, z, column, factor, exponent;
    mpz_inits(modulus, z, column, factor, exponent, NULL);
    vs__modulus_power(job->pk, modulus, job->pk->info.degree + 1);
    mpz_set_ui(z, 1);
    for (size_t k = 0; k < COLUMNS && k < job->count; k++) {
        vs_word limbs[COEFFICIENT_LIMBS];
        mpz_set_ui(column, 1);
        for (size_t run = 0; run < runs; run++) {
            vs__element_get(job->pk, factor, job->partial + (run * COLUMNS + k) * job->pk->info.ciphertext_bytes);
            mpz_mul(column, column, factor);
            mpz_fdiv_r(column, column, modulus);
        }
        coefficient(limbs, "veilsum threshold column", job->seed, k);
        mpz_import(exponent, COEFFICIENT_LIMBS, -1, sizeof *limbs, 0, 0, limbs);
        mpz_powm(column, column, exponent, modulus);
        mpz_mul(z, z, column);
        mpz_fdiv_r(z, z, modulus);
    }
    vs__element_put(job->pk, out, z);
    mpz_clears(modulus, z, column, factor, exponent, NULL);
}

vs_status vs__threshold_product(const vs_public_key *pk, uint8_t *out, const uint8_t *c, size_t count,
                                const uint8_t seed[VS_HASH_BYTES]) {
    product job = {.pk = pk, .c = c, .count = count, .seed = seed};
    size_t rows = (count + COLUMNS - 1) / COLUMNS, runs = (rows + RUN - 1) / RUN;
    job.partial = malloc((runs > 0 ? runs : 1) * COLUMNS * pk->info.ciphertext_bytes);
    if (job.partial == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_status status = vs_parallel_for(runs, 1, product_run, &job);
    if (status == VS_OK) {
        multiply_columns(&job, out, runs);
    }
    free(job.partial);
    return status;
}
