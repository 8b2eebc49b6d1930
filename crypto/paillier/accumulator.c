/* Combining: a running product of ciphertext vectors, kept short of powers of R until the end; papers/ring.md,
 * section 7. Nothing here is secret. */
#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/paillier/batch.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"

/* Bundles in a run of folding, each of which takes a product for every input: few, so that one chunk of a container
 * feeds many threads. */
#define FOLD_RUN 4

struct vs_accumulator {
    const vs_public_key *pk;
    size_t count;
    void *memory; /* of `product`: zero pages until folding touches them, so that they lie where their thread runs */
    vs_word *product; /* bundles, on a cache line: the product of all inputs, times R^−(folds − 1) */
    size_t *folds;    /* inputs folded into each bundle */
};

vs_status vs_accumulator_new(vs_accumulator **out, const vs_public_key *pk, size_t count) {
    *out = NULL;
    vs_accumulator *acc = calloc(1, sizeof *acc);
    size_t bundles = vs__bundle_count(pk->ring, count);
    if (acc != NULL) {
        acc->pk = pk;
        acc->count = count;
        acc->memory =
            calloc(bundles + 1, vs_ring_bundle_words(pk->ring) * sizeof *acc->product); /* one more to align in */
        acc->product = (vs_word *)(((uintptr_t)acc->memory + VS_CACHE_LINE - 1) / VS_CACHE_LINE * VS_CACHE_LINE);
        acc->folds = calloc(bundles + 1, sizeof *acc->folds);
    }
    if (acc == NULL || acc->memory == NULL || acc->folds == NULL) {
        vs_accumulator_free(acc);
        return VS_ERR_MEMORY;
    }
    *out = acc;
    return VS_OK;
}

void vs_accumulator_free(vs_accumulator *acc) {
    if (acc != NULL) {
        free(acc->memory);
        free(acc->folds);
        free(acc);
    }
}

typedef struct fold_job {
    vs_accumulator *acc;
    const uint8_t *const *inputs;
    size_t input_count, first, count; /* positions */
    size_t grain;                     /* bundles in a run */
    size_t *bad;                      /* one a run: the input with a digit not below n, or SIZE_MAX */
} fold_job;

/* Ask for what comes after input i of bundle b, which is elsewhere in memory: the same bundle of the next input, or the
 * next bundle of the first one. */
static void prefetch_next(const fold_job *job, size_t b, size_t i) {
    const vs_public_key *pk = job->acc->pk;
    size_t len = pk->ring->lanes * pk->info.ciphertext_bytes, next = i + 1 < job->input_count ? b : b + 1;
    const uint8_t *at = job->inputs[(i + 1) % job->input_count] + next * len;
    if ((next + 1) * pk->ring->lanes <= job->count) {
        for (size_t line = 0; line < len; line += VS_CACHE_LINE) {
            __builtin_prefetch(at + line);
        }
    }
}

static vs_status fold_run(void *context, size_t first, size_t bundles) {
    const fold_job *job = context;
    const vs_public_key *pk = job->acc->pk;
    const vs_ring *ring = pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring), unused;
    vs_word *memory = vs_lines_alloc((bundle + ring->lanes * element + ring->scratch_words) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = memory, *canonical = x + bundle, *scratch = canonical + ring->lanes * element;
    vs_status status = VS_OK;
    for (size_t b = first; b < first + bundles && status == VS_OK; b++) {
        size_t target = job->first / ring->lanes + b, lanes = vs__lanes_of(ring, b, job->count);
        vs_word *product = job->acc->product + target * bundle;
        for (size_t i = 0; i < job->input_count && status == VS_OK; i++) {
            const uint8_t *c = job->inputs[i] + b * ring->lanes * pk->info.ciphertext_bytes;
            bool fresh = job->acc->folds[target]++ == 0;
            prefetch_next(job, b, i);
            status = vs__load_public(ring, fresh ? product : x, c, lanes, canonical, &unused);
            if (status != VS_OK) {
                job->bad[first / job->grain] = i;
            } else if (!fresh) {
                vs_ring_mul_var(ring, product, product, x, scratch);
            }
        }
    }
    free(memory);
    return status;
}

vs_status vs_accumulator_fold(vs_accumulator *acc, size_t first, const uint8_t *const *inputs, size_t input_count,
                              size_t count, size_t *bad) {
    const vs_ring *ring = acc->pk->ring;
    size_t bundles = vs__bundle_count(ring, count), grain = vs_parallel_grain(bundles, FOLD_RUN);
    size_t runs = bundles / grain + 1;
    VS_CHECK(first <= acc->count && count <= acc->count - first);
    VS_CHECK(first % ring->lanes == 0 && (count % ring->lanes == 0 || first + count == acc->count));
    fold_job job = {.acc = acc, .inputs = inputs, .input_count = input_count, .first = first, .count = count};
    job.grain = grain;
    job.bad = malloc(runs * sizeof *job.bad);
    if (job.bad == NULL) {
        return VS_ERR_MEMORY;
    }
    memset(job.bad, 0xff, runs * sizeof *job.bad);
    vs_status status = vs_parallel_for(bundles, grain, fold_run, &job);
    *bad = SIZE_MAX;
    for (size_t i = runs; i-- > 0;) {
        *bad = job.bad[i] != SIZE_MAX ? job.bad[i] : *bad;
    }
    free(job.bad);
    return status;
}

vs_status vs_accumulator_check(const vs_accumulator *acc) {
    vs__unit_check check = {.pk = acc->pk, .bundles = acc->product, .count = acc->count};
    size_t unused;
    return vs__units_check(&check, &unused);
}

typedef struct finish_job {
    const vs_accumulator *acc;
    const vs_word *factor;
    uint8_t *out;
    size_t first, count; /* positions */
} finish_job;

static vs_status finish_run(void *context, size_t first, size_t bundles) {
    const finish_job *job = context;
    const vs_public_key *pk = job->acc->pk;
    const vs_ring *ring = pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    vs_word *memory = vs_lines_alloc((bundle + ring->lanes * element + ring->scratch_words) * sizeof *memory);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *x = memory, *canonical = x + bundle, *scratch = canonical + ring->lanes * element;
    for (size_t b = first; b < first + bundles; b++) {
        size_t lanes = vs__lanes_of(ring, b, job->count);
        const vs_word *product = job->acc->product + (job->first / ring->lanes + b) * bundle;
        vs_ring_mul_var(ring, x, product, job->factor, scratch);
        size_t bytes = pk->info.ciphertext_bytes;
        vs__store_bytes(ring, job->out + b * ring->lanes * bytes, bytes, x, lanes, canonical);
    }
    free(memory);
    return VS_OK;
}

/* A product of k inputs is short of R^(k − 1); a product by R^k, itself short of one R, repairs it. `square` is R in
 * Montgomery form, so its power k − 1 is R^(k − 1) in Montgomery form: R^k. */
vs_status vs_accumulator_finish(const vs_accumulator *acc, uint8_t *out, size_t first, size_t count) {
    const vs_ring *ring = acc->pk->ring;
    VS_CHECK(first <= acc->count && count <= acc->count - first);
    VS_CHECK(first % ring->lanes == 0 && (count % ring->lanes == 0 || first + count == acc->count));
    for (size_t b = 0; b < vs__bundle_count(ring, acc->count); b++) {
        VS_CHECK(acc->folds[b] > 0 && acc->folds[b] == acc->folds[0]);
    }
    vs_word *factor = vs_lines_alloc((vs_ring_bundle_words(ring) + vs_ring_pow_words(ring)) * sizeof *factor);
    if (factor == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word exponent = acc->folds[0] - 1;
    vs_ring_pow_var(ring, factor, ring->square, &exponent, 1, factor + vs_ring_bundle_words(ring));
    finish_job job = {.acc = acc, .factor = factor, .out = out, .first = first, .count = count};
    size_t bundles = vs__bundle_count(ring, count);
    vs_status status = vs_parallel_for(bundles, vs_parallel_grain(bundles, VS_RUN), finish_run, &job);
    free(factor);
    return status;
}
