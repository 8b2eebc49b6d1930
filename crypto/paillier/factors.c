/* Encryption with random factors that were made before: c = (1 + n)^m · r with r = h_s^x, a fresh encryption of 0.
 *
 * With (1 + n)^m = 1 + n·v, v in Z/n^s,
 *
 *     c = r + n·(v·r mod n^s)
 *
 * so that digit 0 of c is that of r, and the digits above are those of r plus v times the lower s digits of r, modulo
 * n^s: everything happens in Z/n^s. For s = 1 v is m, and that is one digit product (and one that takes m to Montgomery
 * form first).
 */
#include <string.h>

#include "crypto/paillier/batch.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"
#include "crypto/reveal.h"
#include "crypto/secret.h"

/* Bundles in one run of a thread, at least: its secret memory costs system calls, and a bundle is little work. */
#define RUN 32

typedef struct batch {
    const vs_public_key *pk;
    uint8_t *out;
    const uint8_t *m, *factors;
    size_t count;
} batch;

/* The secret memory of one run: bundles of Z/n^s, scratch. */
typedef struct run {
    vs_word *v, *lower, *upper; /* (1 + n)^m = 1 + n·v; digits 0 .. s − 1 and 1 .. s of r */
    vs_word *canonical;         /* lanes elements of Z/n^(s+1), for machines of the other byte order */
    vs_word *scratch;
} run;

static vs_word *run_alloc(const vs_public_key *pk, run *r) {
    size_t element = VS_LITTLE_ENDIAN ? 0 : pk->ring->lanes * vs_ring_element_limbs(pk->ring);
    size_t bundle = vs_ring_bundle_words(pk->group.exponents);
    vs_word *memory = vs_secret_alloc((element + 3 * bundle + vs_one_plus_n_words(&pk->group)) * sizeof *memory);
    if (memory != NULL) {
        r->v = memory;
        r->lower = r->v + bundle;
        r->upper = r->lower + bundle;
        r->scratch = r->upper + bundle;
        r->canonical = r->scratch + vs_one_plus_n_words(&pk->group);
    }
    return memory;
}

/* r->v of bundle b's messages, in Montgomery form; not 0 where a digit is not below n. */
static unsigned load_messages(const batch *job, run *r, size_t b, size_t lanes) {
    const vs_one_plus_n *group = &job->pk->group;
    const vs_ring *ring = group->exponents;
    const uint8_t *m = job->m + b * ring->lanes * job->pk->info.plaintext_bytes;
    vs__load_bytes(ring, r->v, m, job->pk->info.plaintext_bytes, lanes, r->canonical);
    unsigned out = vs_ring_out_of_range(ring, r->v);
    vs_one_plus_n_exp(group, r->v, r->v, r->scratch);
    vs_ring_mul(ring, r->v, r->v, ring->square, r->scratch);
    return out;
}

/* r->lower and r->upper of bundle b's factors. */
static unsigned load_factors(const batch *job, run *r, size_t b, size_t lanes) {
    const vs_ring *ring = job->pk->group.exponents;
    size_t bytes = job->pk->info.ciphertext_bytes;
    const uint8_t *factors = job->factors + b * ring->lanes * bytes;
    vs__load_bytes(ring, r->lower, factors, bytes, lanes, r->canonical);
    vs__load_bytes(ring, r->upper, factors + job->pk->info.digit_bytes, bytes, lanes, r->canonical);
    return vs_ring_out_of_range(ring, r->lower) | vs_ring_out_of_range(ring, r->upper);
}

/* The ciphertexts of bundle b: digit 0 is the factors', the others are r->upper. */
static void put(const batch *job, run *r, size_t b, size_t lanes) {
    const vs_ring *ring = job->pk->group.exponents;
    size_t bytes = job->pk->info.ciphertext_bytes, digit = job->pk->info.digit_bytes;
    uint8_t *out = job->out + b * ring->lanes * bytes;
    for (size_t lane = 0; lane < lanes && job->out != job->factors; lane++) {
        memcpy(out + lane * bytes, job->factors + (b * ring->lanes + lane) * bytes, digit);
    }
    vs__store_bytes(ring, out + digit, bytes, r->upper, lanes, r->canonical);
}

static vs_status run_bundles(void *context, size_t first, size_t bundles) {
    const batch *job = context;
    const vs_ring *ring = job->pk->group.exponents;
    run r;
    vs_word *memory = run_alloc(job->pk, &r);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    unsigned out = 0;
    for (size_t b = first; b < first + bundles; b++) {
        size_t lanes = vs__lanes_of(ring, b, job->count);
        out |= load_messages(job, &r, b, lanes);
        out |= load_factors(job, &r, b, lanes);
        vs_ring_mul(ring, r.lower, r.lower, r.v, r.scratch);
        vs_ring_add(ring, r.upper, r.upper, r.lower);
        put(job, &r, b, lanes);
    }
    vs_secret_free(memory);
    return vs_reveal(out == 0) ? VS_OK : VS_ERR_RANGE;
}

vs_status vs_encrypt_with_factors(const vs_public_key *pk, uint8_t *out, const uint8_t *m, const uint8_t *factors,
                                  size_t count) {
    batch job = {.pk = pk, .out = out, .m = m, .factors = factors, .count = count};
    size_t bundles = vs__bundle_count(pk->group.exponents, count), share = bundles / vs_parallel_threads() + 1;
    vs_status status = vs_parallel_for(bundles, share < RUN ? RUN : share, run_bundles, &job);
    if (status != VS_OK) {
        memset(out, 0, count * pk->info.ciphertext_bytes);
    }
    return status;
}
