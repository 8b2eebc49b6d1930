/* Encryption: c = (1 + n)^m · h_s^x with h_s = h^(n^s) mod n^(s+1) and a fresh secret x, as long as the key's type
 * says. Under an imported key the randomness is r^n, and imported.c has it.
 *
 * The fixed-base table gives h_s^x = a·(1 + n)^e with a kept as ring element and e in Z/n^s; m is added to e, and one
 * product with (1 + n)^(e + m) ends it.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/paillier/batch.h"
#include "crypto/paillier/key_internal.h"
#include "crypto/parallel.h"
#include "crypto/reveal.h"
#include "crypto/ring/fixed_base.h"
#include "crypto/secret.h"

struct vs_encryptor {
    const vs_public_key *pk;
    vs_fixed_base *table; /* NULL: of an imported key */
};

/* h_s, canonical: s powers to n, one after the other. */
static vs_status find_base(const vs_public_key *pk, vs_word *base) {
    const vs_ring *ring = pk->ring;
    size_t bundle = vs_ring_bundle_words(ring), element = vs_ring_element_limbs(ring);
    vs_word *z = vs_lines_alloc((bundle + vs_ring_pow_words(ring)) * sizeof *z);
    if (z == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_word *scratch = z + bundle;
    memset(base, 0, element * sizeof *base);
    vs__limbs_from_bytes(base, pk->h, ring->digit_limbs);
    vs_ring_broadcast(ring, z, base);
    vs_ring_mul(ring, z, z, ring->square, scratch);
    for (unsigned i = 0; i < ring->degree; i++) {
        vs_ring_pow_var(ring, z, z, ring->modulus, ring->digit_limbs, scratch);
    }
    vs_ring_mul(ring, z, z, ring->unity, scratch);
    vs_ring_store(ring, base, z, element, 1);
    free(z);
    return VS_OK;
}

static vs_status make_table(vs_encryptor *encryptor, size_t expected) {
    const vs_public_key *pk = encryptor->pk;
    vs_word *base = malloc(vs_ring_element_limbs(pk->ring) * sizeof *base);
    vs_status status = base == NULL ? VS_ERR_MEMORY : find_base(pk, base);
    if (status == VS_OK) {
        status = vs_fixed_base_new(&encryptor->table, pk->ring, &pk->group, base, pk->info.exponent_bits, expected);
    }
    free(base);
    return status;
}

vs_status vs_encryptor_new(vs_encryptor **out, const vs_public_key *pk, size_t expected) {
    *out = NULL;
    vs_encryptor *encryptor = calloc(1, sizeof *encryptor);
    if (encryptor == NULL) {
        return VS_ERR_MEMORY;
    }
    encryptor->pk = pk;
    vs_status status = pk->info.type == VS_KEY_IMPORTED ? VS_OK : make_table(encryptor, expected);
    if (status != VS_OK) {
        vs_encryptor_free(encryptor);
        return status;
    }
    *out = encryptor;
    return VS_OK;
}

void vs_encryptor_free(vs_encryptor *encryptor) {
    if (encryptor != NULL) {
        vs_fixed_base_free(encryptor->table);
        free(encryptor);
    }
}

/* Bundles in one run of a thread, at most: they share a pass over the table, and stay in a core's own cache. */
#define RUN 32

/* The secret memory of a run. */
typedef struct run {
    vs_word *factor;    /* bundles of the ring, one for each of the run */
    vs_word *exponent;  /* bundles of exponents, likewise */
    vs_word *x;         /* exponents of the fixed base, one for each lane of each bundle */
    vs_word *canonical; /* lanes elements */
    vs_word *element;   /* a bundle */
    vs_word *scratch;
} run;

static vs_word *run_alloc(const vs_encryptor *encryptor, run *r, size_t bundles) {
    const vs_ring *ring = encryptor->pk->ring;
    const vs_one_plus_n *group = &encryptor->pk->group;
    size_t bundle = vs_ring_bundle_words(ring), exponent = vs_ring_bundle_words(group->exponents);
    size_t x = ring->lanes * vs_fixed_base_exponent_limbs(encryptor->table);
    size_t element = ring->lanes * vs_ring_element_limbs(ring);
    size_t scratch = vs_fixed_base_words(encryptor->table, bundles) + bundle + vs_one_plus_n_words(group);
    vs_word *memory =
        vs_secret_alloc((bundles * (bundle + exponent + x) + element + bundle + scratch) * sizeof *memory);
    if (memory != NULL) {
        r->factor = memory;
        r->exponent = r->factor + bundles * bundle;
        r->x = r->exponent + bundles * exponent;
        r->canonical = r->x + bundles * x;
        r->element = r->canonical + element;
        r->scratch = r->element + bundle;
    }
    return memory;
}

/* r->element = factor i · (1 + n)^(exponent i) = h_s^x · (1 + n)^m, m having been added to the exponent. */
static void join(const vs_encryptor *encryptor, run *r, size_t i) {
    const vs_one_plus_n *group = &encryptor->pk->group;
    vs_word *e = r->exponent + i * vs_ring_bundle_words(group->exponents);
    vs_one_plus_n_multiply(group, encryptor->pk->ring, r->element,
                           r->factor + i * vs_ring_bundle_words(encryptor->pk->ring), e, r->scratch);
}

typedef struct batch {
    const vs_encryptor *encryptor;
    uint8_t *out;
    const uint8_t *m; /* NULL: rerandomise what stands in `out` */
    const vs_word *x; /* NULL: fresh exponents */
    size_t count;
} batch;

/* Fresh exponents of exactly the key's length, which need not be whole limbs. */
static void draw_exponents(vs_word *x, size_t count, size_t limbs, unsigned bits) {
    vs_random(x, count * limbs * sizeof *x);
    for (size_t i = 0; i < count && bits % 64 != 0; i++) {
        x[i * limbs + limbs - 1] &= (UINT64_C(1) << bits % 64) - 1;
    }
}

/* h_s^x for bundles first .. first + bundles − 1, as factor and exponent; x is fresh, or the batch's. */
static void draw(const batch *job, run *r, size_t first, size_t bundles) {
    const vs_fixed_base *table = job->encryptor->table;
    size_t limbs = vs_fixed_base_exponent_limbs(table), lanes = job->encryptor->pk->ring->lanes;
    draw_exponents(r->x, bundles * lanes, limbs, job->encryptor->pk->info.exponent_bits);
    if (job->x != NULL) {
        size_t left = job->count - first * lanes, items = left < bundles * lanes ? left : bundles * lanes;
        memcpy(r->x, job->x + first * lanes * limbs, items * limbs * sizeof *r->x);
    }
    vs_fixed_base_pow(table, r->factor, r->exponent, r->x, bundles, r->scratch);
}

/* r->element = elements of `ring` for bundle b, out of bytes; false where a digit is not below n. */
static bool load_items(const batch *job, run *r, const vs_ring *ring, const uint8_t *bytes, size_t b) {
    size_t len = vs_ring_element_limbs(ring) * sizeof(vs_word), lanes = vs__lanes_of(ring, b, job->count);
    vs__load_bytes(ring, r->element, bytes + b * ring->lanes * len, len, lanes, r->canonical);
    return vs_ring_out_of_range(ring, r->element) == 0;
}

/* exponent i += messages of bundle b. VS_ERR_RANGE where a digit is not below n. */
static vs_status add_messages(const batch *job, run *r, size_t i, size_t b) {
    const vs_ring *exponents = job->encryptor->pk->group.exponents;
    vs_word *e = r->exponent + i * vs_ring_bundle_words(exponents);
    bool good = load_items(job, r, exponents, job->m, b);
    vs_ring_add(exponents, e, e, r->element);
    return vs_reveal(good) ? VS_OK : VS_ERR_RANGE;
}

static void put(const batch *job, run *r, size_t b) {
    const vs_public_key *pk = job->encryptor->pk;
    size_t bytes = pk->info.ciphertext_bytes, lanes = vs__lanes_of(pk->ring, b, job->count);
    vs__store_bytes(pk->ring, job->out + b * pk->ring->lanes * bytes, bytes, r->element, lanes, r->canonical);
}

/* r->element = r->element (h_s^x) times the ciphertexts of bundle b; factor 0, which has been used by then, is
 * overwritten. */
static vs_status multiply_ciphertexts(const batch *job, run *r, size_t b) {
    const vs_ring *ring = job->encryptor->pk->ring;
    vs_ring_mul(ring, r->factor, r->element, ring->square, r->scratch);
    bool good = load_items(job, r, ring, job->out, b);
    vs_ring_mul(ring, r->element, r->element, r->factor, r->scratch);
    return good ? VS_OK : VS_ERR_RANGE;
}

/* Encrypt, or, where the batch has no messages, multiply fresh encryptions of 0 into the ciphertexts that are there. */
static vs_status run_bundles(void *context, size_t first, size_t bundles) {
    const batch *job = context;
    run r;
    vs_word *memory = run_alloc(job->encryptor, &r, bundles);
    if (memory == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_status status = VS_OK;
    draw(job, &r, first, bundles);
    for (size_t i = 0; i < bundles && status == VS_OK; i++) {
        if (job->m != NULL) {
            status = add_messages(job, &r, i, first + i);
        }
        join(job->encryptor, &r, i);
        if (job->m == NULL) {
            status = multiply_ciphertexts(job, &r, first + i);
        }
        put(job, &r, first + i);
    }
    vs_secret_free(memory);
    return status;
}

/* After an error nothing of the output is of use. */
static vs_status run_batch(batch *job) {
    const vs_public_key *pk = job->encryptor->pk;
    size_t bundles = vs__bundle_count(pk->ring, job->count);
    vs_status status = vs_parallel_for(bundles, vs_parallel_grain(bundles, RUN), run_bundles, job);
    if (status != VS_OK) {
        memset(job->out, 0, job->count * pk->info.ciphertext_bytes);
    }
    return status;
}

vs_status vs_encrypt(const vs_encryptor *encryptor, uint8_t *out, const uint8_t *m, size_t count) {
    return vs__encrypt_with(encryptor, out, m, NULL, count);
}

vs_status vs__encrypt_with(const vs_encryptor *encryptor, uint8_t *out, const uint8_t *m, const vs_word *x,
                           size_t count) {
    const vs_public_key *pk = encryptor->pk;
    if (pk->info.type == VS_KEY_IMPORTED) {
        vs_status status = vs__imported_factors(pk, out, x, count);
        return status == VS_OK ? vs_encrypt_with_factors(pk, out, m, out, count) : status;
    }
    batch job = {.encryptor = encryptor, .out = out, .m = m, .x = x, .count = count};
    return run_batch(&job);
}

vs_status vs_factors_make(const vs_encryptor *encryptor, uint8_t *out, size_t count) {
    uint8_t *zeros = calloc(count > 0 ? count : 1, encryptor->pk->info.plaintext_bytes);
    vs_status status = zeros == NULL ? VS_ERR_MEMORY : vs_encrypt(encryptor, out, zeros, count);
    if (status != VS_OK) {
        memset(out, 0, count * encryptor->pk->info.ciphertext_bytes);
    }
    free(zeros);
    return status;
}

vs_status vs_rerandomise(const vs_encryptor *encryptor, uint8_t *c, size_t count) {
    size_t bad;
    vs_status status = vs_ciphertexts_check(encryptor->pk, c, count, &bad);
    if (status != VS_OK) {
        return status;
    }
    if (encryptor->pk->info.type == VS_KEY_IMPORTED) {
        return vs__imported_rerandomise(encryptor->pk, c, count);
    }
    batch job = {.encryptor = encryptor, .out = c, .count = count};
    return run_batch(&job);
}
