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

/* The secret memory of one run: `items` canonical elements of Z/n^(s+1), bundles of Z/n^s, scratch. */
typedef struct run {
    vs_word *canonical;
    vs_word *v, *lower, *upper; /* (1 + n)^m = 1 + n·v; digits 0 .. s − 1 and 1 .. s of r */
    vs_word *scratch;
} run;

static vs_word *run_alloc(const vs_public_key *pk, run *r) {
    size_t element = pk->ring->lanes * vs_ring_element_limbs(pk->ring);
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

/* Digits below n nearly always show it by their top limb: messages leave their top bit free, and a digit of a factor
 * shares n's top limb once in 2^63. So it may be known whether all do; only where one does not, all limbs are compared.
 */
static bool in_range(const vs_word *x, const vs_ring *ring, size_t digits) {
    size_t limbs = ring->digit_limbs;
    vs_word top = ring->modulus[limbs - 1], below = 1;
    for (size_t i = 0; i < digits; i++) {
        below &= (vs_word)(x[(i + 1) * limbs - 1] < top);
    }
    return vs_reveal(below != 0) || vs__digits_in_range(x, ring->modulus, limbs, digits);
}

/* r->v of bundle b's messages, in Montgomery form; false where a digit is not below n. */
static bool load_messages(const batch *job, run *r, size_t b, size_t lanes) {
    const vs_one_plus_n *group = &job->pk->group;
    const vs_ring *ring = group->exponents;
    size_t element = vs_ring_element_limbs(ring);
    const uint8_t *m = job->m + b * ring->lanes * job->pk->info.plaintext_bytes;
    vs__limbs_from_bytes(r->canonical, m, lanes * element);
    vs_ring_load(ring, r->v, r->canonical, element, lanes);
    vs_one_plus_n_exp(group, r->v, r->v, r->scratch);
    vs_ring_mul(ring, r->v, r->v, ring->square, r->scratch);
    return in_range(r->canonical, ring, lanes * (ring->degree + 1));
}

/* r->lower and r->upper of bundle b's factors; r->canonical holds them afterwards. */
static bool load_factors(const batch *job, run *r, size_t b, size_t lanes) {
    const vs_ring *ring = job->pk->group.exponents;
    size_t element = vs_ring_element_limbs(job->pk->ring);
    const uint8_t *factors = job->factors + b * ring->lanes * job->pk->info.ciphertext_bytes;
    vs__limbs_from_bytes(r->canonical, factors, lanes * element);
    vs_ring_load(ring, r->lower, r->canonical, element, lanes);
    vs_ring_load(ring, r->upper, r->canonical + ring->digit_limbs, element, lanes);
    return in_range(r->canonical, ring, lanes * (job->pk->ring->degree + 1));
}

/* The ciphertexts of bundle b: digit 0 is there already. */
static void put(const batch *job, run *r, size_t b, size_t lanes) {
    const vs_ring *ring = job->pk->group.exponents;
    size_t element = vs_ring_element_limbs(job->pk->ring);
    vs_ring_store(ring, r->canonical + ring->digit_limbs, r->upper, element, lanes);
    uint8_t *out = job->out + b * ring->lanes * job->pk->info.ciphertext_bytes;
    vs__bytes_from_limbs(out, r->canonical, lanes * element);
}

static vs_status run_bundles(void *context, size_t first, size_t bundles) {
    const batch *job = context;
    const vs_ring *ring = job->pk->group.exponents;
    run r;
    vs_word *memory = run_alloc(job->pk, &r);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    bool good = true;
    for (size_t b = first; b < first + bundles; b++) {
        size_t lanes = vs__lanes_of(ring, b, job->count);
        good &= load_messages(job, &r, b, lanes);
        good &= load_factors(job, &r, b, lanes);
        vs_ring_mul(ring, r.lower, r.lower, r.v, r.scratch);
        vs_ring_add(ring, r.upper, r.upper, r.lower);
        put(job, &r, b, lanes);
    }
    vs_secret_free(memory);
    return vs_reveal(good) ? VS_OK : VS_ERR_RANGE;
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
