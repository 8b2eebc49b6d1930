/* The randomness of encryption under an imported key: r^n mod n² for a fresh r of Z/n, as the scheme was first
 * published [P99]. There is no h, so no table: each r costs a whole power, eight of them at a time where the ring has
 * as many lanes.
 *
 * The exponent is public and r is not, so this is the power of a secret exponent with its look-ups that touch every
 * entry: products of public values may take the time their digits take.
 *
 * An r that is no unit turns up with probability 2^-1000 or less, and whoever could tell would have factored n.
 */
#include <string.h>

#include "crypto/paillier/batch.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"
#include "crypto/reveal.h"
#include "crypto/secret.h"

typedef struct batch {
    const vs_public_key *pk;
    uint8_t *out;
    const vs_word *r; /* NULL: fresh ones */
    size_t count;
    bool multiply; /* into the ciphertexts that stand in `out` */
} batch;

/* The secret memory of a run. */
typedef struct run {
    vs_word *z, *c;     /* bundles */
    vs_word *canonical; /* lanes elements */
    vs_word *scratch;
} run;

static vs_word *run_alloc(const vs_ring *ring, run *r) {
    size_t bundle = vs_ring_bundle_words(ring), element = ring->lanes * vs_ring_element_limbs(ring);
    vs_word *memory = vs_secret_alloc((2 * bundle + element + vs_ring_pow_words(ring)) * sizeof *memory);
    if (memory != NULL) {
        r->z = memory;
        r->c = r->z + bundle;
        r->scratch = r->c + bundle;
        r->canonical = r->scratch + vs_ring_pow_words(ring);
    }
    return memory;
}

/* r->z = uniform numbers below n. Where one is not below n it is drawn again, which says nothing of the one that is
 * kept. */
static void draw_numbers(const vs_ring *ring, run *r) {
    size_t element = vs_ring_element_limbs(ring);
    memset(r->canonical, 0, ring->lanes * element * sizeof *r->canonical);
    for (size_t lane = 0; lane < ring->lanes; lane++) {
        do {
            vs_random(r->canonical + lane * element, ring->digit_limbs * sizeof *r->canonical);
            vs_ring_load(ring, r->z, r->canonical + lane * element, element, 1);
        } while (vs_reveal(vs_ring_out_of_range(ring, r->z) != 0));
    }
    vs_ring_load(ring, r->z, r->canonical, element, ring->lanes);
}

/* r->z = the numbers of bundle b that were given. */
static void take_numbers(const batch *job, run *r, size_t b) {
    const vs_ring *ring = job->pk->ring;
    size_t element = vs_ring_element_limbs(ring), limbs = ring->digit_limbs;
    memset(r->canonical, 0, ring->lanes * element * sizeof *r->canonical);
    for (size_t lane = 0; lane < vs__lanes_of(ring, b, job->count); lane++) {
        const vs_word *from = job->r + (b * ring->lanes + lane) * limbs;
        memcpy(r->canonical + lane * element, from, limbs * sizeof *from);
    }
    vs_ring_load(ring, r->z, r->canonical, element, ring->lanes);
}

static vs_status run_bundles(void *context, size_t first, size_t bundles) {
    const batch *job = context;
    const vs_ring *ring = job->pk->ring;
    size_t bytes = job->pk->info.ciphertext_bytes;
    run r;
    vs_word *memory = run_alloc(ring, &r);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    for (size_t b = first; b < first + bundles; b++) {
        size_t lanes = vs__lanes_of(ring, b, job->count);
        uint8_t *out = job->out + b * ring->lanes * bytes;
        if (job->r == NULL) {
            draw_numbers(ring, &r);
        } else {
            take_numbers(job, &r, b);
        }
        vs_ring_mul(ring, r.z, r.z, ring->square, r.scratch);
        vs_ring_pow(ring, r.z, r.z, ring->modulus, job->pk->info.bits, r.scratch);
        if (job->multiply) {
            vs__load_bytes(ring, r.c, out, bytes, lanes, r.canonical);
        }
        vs_ring_mul(ring, r.z, r.z, job->multiply ? r.c : ring->unity, r.scratch); /* leaves Montgomery form */
        vs__store_bytes(ring, out, bytes, r.z, lanes, r.canonical);
    }
    vs_secret_free(memory);
    return VS_OK;
}

static vs_status run_batch(batch *job) {
    size_t bundles = vs__bundle_count(job->pk->ring, job->count);
    vs_status status = vs_parallel_for(bundles, vs_parallel_grain(bundles, VS_RUN), run_bundles, job);
    if (status != VS_OK) {
        memset(job->out, 0, job->count * job->pk->info.ciphertext_bytes);
    }
    return status;
}

vs_status vs__imported_factors(const vs_public_key *pk, uint8_t *out, const vs_word *r, size_t count) {
    batch job = {.pk = pk, .out = out, .r = r, .count = count};
    return run_batch(&job);
}

vs_status vs__imported_rerandomise(const vs_public_key *pk, uint8_t *c, size_t count) {
    batch job = {.pk = pk, .out = c, .count = count, .multiply = true};
    return run_batch(&job);
}
