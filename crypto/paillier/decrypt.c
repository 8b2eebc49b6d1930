/* Decryption of batches, and the check without which no result leaves.
 *
 * A fault in one prime's half of a decryption (a flipped bit in a constant of the key, in memory, in a multiplier)
 * gives a result that is right modulo one prime and wrong modulo the other, and so gives the key away [BDL97]. So every
 * run of results m_i is checked as a whole: with fresh random weights e_i,
 *
 *     C = (1 + n)·Π c_i^(e_i)   must decrypt to   M = 1 + Σ e_i·m_i  mod n^s .
 *
 * C and M are made without the primes. Results that are wrong in ways of their own pass with probability 2^-32 (a
 * weight's length). A fault that stays, as in a constant of the key, and acts on all decryptions alike is seen too:
 * what is off by a factor does not fit the 1; what is no homomorphism does not fit the products.
 *
 * Under a subgroup key a ciphertext may also be a unit that does not decrypt. Then the whole batch is decrypted all the
 * same, and refused at its end: which ciphertext it was shows neither in the status nor in the time.
 */
#include <stdatomic.h>
#include <string.h>

#include "crypto/paillier/batch.h"
#include "crypto/paillier/decrypt_internal.h"
#include "crypto/parallel.h"
#include "crypto/reveal.h"
#include "crypto/secret.h"

/* Bundles that share one check, at most. */
#define RUN 32

typedef struct batch {
    const vs_secret_key *sk;
    uint8_t *m;
    const uint8_t *c;
    size_t count;
    atomic_bool foreign; /* something was not made with this (subgroup) key */
} batch;

/* One run's secret memory. */
typedef struct run {
    vs__decryptor *decryptor;
    vs_word *powers;          /* RUN bundles of Z/n^(s+1): the ciphertexts, in Montgomery form */
    vs_word *product;         /* a bundle of Z/n^(s+1) */
    vs_word *sum, *term;      /* bundles of Z/n^s */
    vs_word *weight;          /* a bundle of Z/n^s */
    vs_word *ciphertext;      /* lanes canonical ciphertexts */
    vs_word *plain, *checked; /* lanes canonical plaintexts */
    vs_word *scratch;
    uint32_t weights[RUN];
} run;

static vs_word *run_alloc(const vs_public_key *pk, run *r) {
    size_t bundle = vs_ring_bundle_words(pk->ring), message = vs_ring_bundle_words(pk->group.exponents);
    size_t c = pk->ring->lanes * vs_ring_element_limbs(pk->ring), m = c - pk->ring->lanes * pk->ring->digit_limbs;
    vs_word **const parts[] = {&r->powers,     &r->product, &r->sum,     &r->term,   &r->weight,
                               &r->ciphertext, &r->plain,   &r->checked, &r->scratch};
    const size_t sizes[] = {RUN * bundle, bundle, message, message, message, c, m, m, pk->ring->scratch_words};
    size_t total = 0, at = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        total += (sizes[i] + 7) / 8 * 8;
    }
    vs_word *memory = vs_secret_alloc(total * sizeof *memory);
    for (size_t i = 0; memory != NULL && i < sizeof sizes / sizeof *sizes; i++) {
        *parts[i] = memory + at;
        at += (sizes[i] + 7) / 8 * 8;
    }
    return memory;
}

/* Bundle b's ciphertexts; lanes that have none get 1, which decrypts to 0. */
static size_t take_ciphertexts(const batch *job, run *r, size_t b) {
    const vs_ring *ring = job->sk->pk->ring;
    size_t element = vs_ring_element_limbs(ring), lanes = vs__lanes_of(ring, b, job->count);
    const uint8_t *from = job->c + b * ring->lanes * job->sk->pk->info.ciphertext_bytes;
    vs__limbs_from_bytes(r->ciphertext, from, lanes * element);
    memset(r->ciphertext + lanes * element, 0, (ring->lanes - lanes) * element * sizeof *r->ciphertext);
    for (size_t lane = lanes; lane < ring->lanes; lane++) {
        r->ciphertext[lane * element] = 1;
    }
    return lanes;
}

/* Put bundle `i` of the run, its ciphertexts and plaintexts, into what will be checked. */
static void remember(const vs_public_key *pk, run *r, size_t i) {
    const vs_ring *ring = pk->ring, *messages = pk->group.exponents;
    vs_word *power = r->powers + i * vs_ring_bundle_words(ring);
    vs_ring_load(ring, power, r->ciphertext, vs_ring_element_limbs(ring), ring->lanes);
    vs_ring_mul_var(ring, power, power, ring->square, r->scratch);

    vs_word weight[VS_MAX_DEGREE * VS_MAX_RING_BITS / 64] = {r->weights[i]};
    vs_ring_broadcast(messages, r->weight, weight);
    vs_ring_mul(messages, r->weight, r->weight, messages->square, r->scratch);
    vs_ring_load(messages, r->term, r->plain, vs_ring_element_limbs(messages), messages->lanes);
    vs_ring_mul(messages, r->term, r->term, r->weight, r->scratch);
    vs_ring_add(messages, r->sum, r->sum, r->term);
}

/* r->ciphertext = (1 + n)·Π c_i^(e_i), canonical: all powers share their squarings. Public. */
static void combine(const vs_public_key *pk, run *r, size_t bundles) {
    const vs_ring *ring = pk->ring;
    size_t bundle = vs_ring_bundle_words(ring);
    memcpy(r->product, ring->one, bundle * sizeof *r->product);
    for (int bit = 32; bit-- > 0;) {
        vs_ring_sqr(ring, r->product, r->product, r->scratch);
        for (size_t i = 0; i < bundles; i++) {
            if (r->weights[i] >> bit & 1) {
                vs_ring_mul_var(ring, r->product, r->product, r->powers + i * bundle, r->scratch);
            }
        }
    }
    vs_ring_shift(ring, r->powers, r->product);
    vs_ring_add(ring, r->product, r->product, r->powers);
    vs_ring_mul_var(ring, r->product, r->product, ring->unity, r->scratch);
    vs_ring_store(ring, r->ciphertext, r->product, vs_ring_element_limbs(ring), ring->lanes);
}

static vs_status check(const vs_public_key *pk, run *r, size_t bundles) {
    const vs_ring *messages = pk->group.exponents;
    size_t element = vs_ring_element_limbs(messages), len = messages->lanes * element * sizeof *r->plain;
    combine(pk, r, bundles);
    vs__decryptor_run(r->decryptor, r->plain, r->ciphertext);
    vs_ring_store(messages, r->checked, r->sum, element, messages->lanes);
    /* C is a product of what decrypted: it decrypts, or the machine erred. */
    bool right = vs__decryptor_verdict(r->decryptor) == VS_OK && vs_reveal(vs_equal(r->plain, r->checked, len));
    return right ? VS_OK : VS_ERR_FAULT;
}

static vs_status decrypt_run(void *context, size_t first, size_t bundles) {
    batch *job = context;
    const vs_public_key *pk = job->sk->pk;
    run r = {.decryptor = NULL};
    vs_word *memory = run_alloc(pk, &r);
    vs_status status = memory == NULL ? VS_ERR_MEMORY : vs__decryptor_new(&r.decryptor, job->sk);
    if (status == VS_OK) {
        memcpy(r.sum, pk->group.exponents->unity, vs_ring_bundle_words(pk->group.exponents) * sizeof *r.sum);
        vs_random(r.weights, sizeof r.weights);
    }
    for (size_t i = 0; i < bundles && status == VS_OK; i++) {
        size_t lanes = take_ciphertexts(job, &r, first + i);
        vs__decryptor_run(r.decryptor, r.plain, r.ciphertext);
        remember(pk, &r, i);
        uint8_t *m = job->m + (first + i) * pk->ring->lanes * pk->info.plaintext_bytes;
        vs__bytes_from_limbs(m, r.plain, lanes * vs_ring_element_limbs(pk->group.exponents));
    }
    if (status == VS_OK) {
        vs_status verdict = vs__decryptor_verdict(r.decryptor), checked = check(pk, &r, bundles);
        bool foreign = verdict == VS_ERR_RANGE; /* is kept until all runs are done; the check had to fail with it */
        status = foreign ? VS_OK : verdict != VS_OK ? verdict : checked;
        if (foreign) {
            atomic_store(&job->foreign, true);
        }
    }
    vs__decryptor_free(r.decryptor);
    vs_secret_free(memory);
    return status;
}

vs_status vs_decrypt(const vs_secret_key *sk, uint8_t *m, const uint8_t *c, size_t count) {
    size_t bad, bundles = vs__bundle_count(sk->pk->ring, count);
    vs_status status = vs_ciphertexts_check(sk->pk, c, count, &bad);
    if (status == VS_OK) {
        batch job = {.sk = sk, .m = m, .c = c, .count = count};
        status = vs_parallel_for(bundles, vs_parallel_grain(bundles, RUN), decrypt_run, &job);
        if (status == VS_OK && atomic_load(&job.foreign)) {
            status = VS_ERR_RANGE;
        }
    }
    if (status != VS_OK) {
        vs_wipe(m, count * sk->pk->info.plaintext_bytes);
    }
    return status;
}
