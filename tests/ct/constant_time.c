/* Secrets marked, then used: run under Valgrind, which reports every branch and every address that depends on them.
 * It hides vector instructions beyond AVX2 from the program, so this is the test of the portable backend; it prints
 * which one ran.
 *
 *     constant_time encrypt|decrypt DEGREE [TYPE]
 *     constant_time refuse DEGREE         a unit that was not made with a subgroup key
 *     constant_time prove DEGREE          the proof that a public key carries
 *     constant_time pack DEGREE
 *     constant_time factors DEGREE        encryption with factors from a pool
 *     constant_time part DEGREE           a holder's parts of ciphertexts, and its proof of them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/container/pack.h"
#include "crypto/paillier/key_proof.h"
#include "crypto/paillier/key_proof_internal.h"
#include "crypto/paillier/threshold_internal.h"
#include "crypto/parallel.h"
#include "crypto/reveal.h"
#include "crypto/secret.h"
#include "tests/ct/taint.h"

#define COUNT 3

/* Stands in for the library's: what is revealed on purpose is no secret any more. */
bool vs_reveal(bool verdict) {
    clear_taint(&verdict, sizeof verdict);
    return verdict;
}

/* What came of secrets must be marked, or the tool has lost their track: then what it does not say means nothing. */
static void publish(void *result, size_t len) {
    VS_CHECK(taint_tool() == NULL || tainted_bytes(result, len) == len);
    clear_taint(result, len);
}

/* The same primes, as if another program had made them. */
static void import_key(vs_secret_key **sk) {
    vs_secret_key *made = *sk;
    const char *reason;
    VS_CHECK(vs_secret_key_import(sk, made->p, made->q, made->pk->info.digit_bytes / 2, VS_KEY_IMPORTED, &reason) ==
             VS_OK);
    vs_secret_key_free(made);
}

static vs_secret_key *make_key(unsigned degree, vs_key_type type) {
    vs_secret_key *sk = NULL;
    bool imported = type == VS_KEY_IMPORTED;
    const vs_key_options options = {.bits = 2048, .degree = degree, .type = imported ? VS_KEY_STANDARD : type};
    VS_CHECK(vs_keygen(&sk, &options) == VS_OK);
    if (imported) {
        import_key(&sk);
    }
    printf("backend %s, degree %u, %s key\n", vs_ring_backend_name(sk->pk->ring), degree, vs_key_type_name(type));
    fflush(stdout);
    return sk;
}

/* Ciphertexts of fixed messages; with `secretly`, messages and exponents are marked while they are made. */
static uint8_t *encrypt(const vs_public_key *pk, bool secretly) {
    const vs_key_info *info = vs_public_key_info(pk);
    size_t limbs = (info->exponent_bits + 63) / 64;
    vs_encryptor *encryptor = NULL;
    vs_word *x = calloc(COUNT * limbs, sizeof *x);
    uint8_t *m = calloc(COUNT, info->plaintext_bytes), *c = calloc(COUNT, info->ciphertext_bytes);
    VS_CHECK(x != NULL && m != NULL && c != NULL && vs_encryptor_new(&encryptor, pk, COUNT) == VS_OK);
    vs_random(x, COUNT * limbs * sizeof *x);
    for (size_t i = 0; i < COUNT; i++) {
        m[i * info->plaintext_bytes] = (uint8_t)(i + 1);
    }
    if (secretly) {
        taint(x, COUNT * limbs * sizeof *x);
        taint(m, COUNT * info->plaintext_bytes);
    }
    VS_CHECK(vs__encrypt_with(encryptor, c, m, x, COUNT) == VS_OK);
    if (secretly) {
        publish(c, COUNT * info->ciphertext_bytes);
    }
    vs_encryptor_free(encryptor);
    free(x);
    free(m);
    return c;
}

static void taint_bundle(const vs_ring *ring, vs_word *bundle) {
    taint(bundle, vs_ring_bundle_words(ring) * sizeof *bundle);
}

static void taint_ring(vs_ring *ring) {
    taint(ring->modulus, ring->digit_limbs * sizeof *ring->modulus);
    taint(ring->state, (size_t)(ring->modulus - ring->state) * sizeof *ring->state);
    taint_bundle(ring, ring->one);
    taint_bundle(ring, ring->square);
}

static void taint_half(vs_key_half *half) {
    const vs_ring *messages = half->group.exponents;
    taint_ring(half->ring);
    taint_ring(half->group.exponents);
    taint(half->group.inverse, (messages->degree + 1) * vs_ring_bundle_words(messages) * sizeof(vs_word));
    taint(half->prime, half->ring->digit_limbs * sizeof *half->prime);
    taint(half->order, half->ring->digit_limbs * sizeof *half->order);
    taint_bundle(half->ring, half->modulus);
    taint_bundle(half->ring, half->upper);
    taint_bundle(messages, half->log_scale);
}

/* Encryption from a pool: messages and factors marked. */
static void try_factors(unsigned degree) {
    vs_secret_key *sk = make_key(degree, VS_KEY_STANDARD);
    const vs_public_key *pk = vs_secret_key_public(sk);
    const vs_key_info *info = vs_public_key_info(pk);
    uint8_t *m = calloc(COUNT, info->plaintext_bytes), *factors = encrypt(pk, false);
    VS_CHECK(m != NULL);
    taint(m, COUNT * info->plaintext_bytes);
    taint(factors, COUNT * info->ciphertext_bytes);
    VS_CHECK(vs_encrypt_with_factors(pk, factors, m, factors, COUNT) == VS_OK);
    publish(factors, COUNT * info->ciphertext_bytes);
    free(m);
    free(factors);
    vs_secret_key_free(sk);
}

static void taint_key(vs_secret_key *sk) {
    const vs_ring *other = sk->half[1].group.exponents;
    taint_half(&sk->half[0]);
    taint_half(&sk->half[1]);
    taint_bundle(other, sk->garner.prime);
    taint_bundle(other, sk->garner.inverse);
    taint(sk->garner.power, sk->pk->info.degree * other->digit_limbs * sizeof *sk->garner.power);
}

static void try_encrypt(unsigned degree, vs_key_type type) {
    vs_secret_key *sk = make_key(degree, type);
    free(encrypt(vs_secret_key_public(sk), true));
    vs_secret_key_free(sk);
}

static void try_decrypt(unsigned degree, vs_key_type type) {
    vs_secret_key *sk = make_key(degree, type);
    const vs_key_info *info = vs_public_key_info(sk->pk);
    uint8_t *c = encrypt(sk->pk, false), *m = calloc(COUNT, info->plaintext_bytes);
    taint_key(sk);
    VS_CHECK(m != NULL && vs_decrypt(sk, m, c, COUNT) == VS_OK);
    publish(m, COUNT * info->plaintext_bytes);
    for (size_t i = 0; i < COUNT; i++) {
        VS_CHECK(m[i * info->plaintext_bytes] == i + 1);
    }
    free(c);
    free(m);
    vs_secret_key_free(sk);
}

/* 2 is a unit, and no power of h. */
static void try_refuse(unsigned degree) {
    vs_secret_key *sk = make_key(degree, VS_KEY_SUBGROUP);
    const vs_key_info *info = vs_public_key_info(sk->pk);
    uint8_t *c = encrypt(sk->pk, false), *m = calloc(COUNT, info->plaintext_bytes);
    memset(c + info->ciphertext_bytes, 0, info->ciphertext_bytes);
    c[info->ciphertext_bytes] = 2;
    taint_key(sk);
    VS_CHECK(m != NULL && vs_decrypt(sk, m, c, COUNT) == VS_ERR_RANGE);
    free(c);
    free(m);
    vs_secret_key_free(sk);
}

static void try_prove(unsigned degree) {
    vs_secret_key *sk = make_key(degree, VS_KEY_STANDARD);
    size_t bytes = sk->pk->info.digit_bytes;
    uint8_t *roots = calloc(VS_KEY_PROOF_VALUES, bytes);
    const char *reason;
    VS_CHECK(roots != NULL);
    taint(sk->p, bytes / 2);
    taint(sk->q, bytes / 2);
    VS_CHECK(vs__key_proof_roots(sk, roots) == VS_OK);
    publish(roots, VS_KEY_PROOF_VALUES * bytes);
    sk->pk->proof = roots;
    VS_CHECK(vs_public_key_check_proof(sk->pk, &reason) == VS_OK);
    vs_secret_key_free(sk);
}

/* Cells of a plan with minimums, so that there are several blocks. */
static void try_pack(unsigned degree) {
    static const char json[] =
        "{\"veilsum\": 1, \"columns\": {\"G\": {\"values\": [\"a\", \"b\", \"c\"]}, \"X\": {\"scale\": 2, \"min\": "
        "-50, "
        "\"max\": 70}}, \"by\": [\"G\"], \"measures\": [{\"variance\": \"X\"}], \"groups\": {\"min_rows\": 5}, "
        "\"opening\": {\"key\": \"0000000000000000000000000000000000000000000000000000000000000000\"}}";
    vs_plan *plan = NULL;
    vs_layout layout;
    vs_pack_cursor cursor = {0};
    VS_CHECK(vs_plan_parse(&plan, json, sizeof json - 1, NULL) == VS_OK);
    VS_CHECK(vs_layout_make(&layout, plan, 2048, degree, NULL) == VS_OK);
    vs_int128 *cells = calloc(plan->cell_count, sizeof *cells);
    uint8_t *plaintexts = malloc(layout.plaintext_count * degree * layout.digit_bytes);
    VS_CHECK(cells != NULL && plaintexts != NULL);
    taint(cells, plan->cell_count * sizeof *cells);
    vs_pack(&layout, &cursor, plaintexts, cells, layout.plaintext_count);
    free(cells);
    free(plaintexts);
    vs_layout_free(&layout);
    vs_plan_free(plan);
}

/* A threshold key around the numbers of an ordinary one: any number may be a share. */
static vs_threshold_key *make_threshold_key(const vs_secret_key *sk) {
    const vs_key_options options = {.bits = sk->pk->info.bits, .degree = sk->pk->info.degree};
    vs_public_identity holder[3];
    vs_public_key *pk = NULL;
    vs_threshold_key *key = NULL;
    uint8_t *commitment = calloc(1, sk->pk->info.ciphertext_bytes);
    VS_CHECK(commitment != NULL && vs__public_key_make(&pk, &options, sk->pk->n, sk->pk->h) == VS_OK);
    for (unsigned i = 0; i < 3; i++) {
        const char name[2] = {(char)('A' + i), 0};
        const uint8_t bytes[VS_IDENTITY_KEY_BYTES] = {(uint8_t)(i + 1)};
        VS_CHECK(vs_public_identity_make(&holder[i], name, 1, bytes) == VS_OK);
    }
    commitment[0] = 4;
    VS_CHECK(vs__threshold_key_make(&key, pk, 2, 3, holder, commitment) == VS_OK);
    free(commitment);
    return key;
}

/* The share is marked for all of it: parts, the powers and the response of a proof. */
static void try_part(unsigned degree) {
    vs_secret_key *sk = make_key(degree, VS_KEY_STANDARD);
    vs_threshold_key *key = make_threshold_key(sk);
    size_t element = sk->pk->info.ciphertext_bytes, limbs = element / sizeof(vs_word);
    vs_word *number = vs_secret_alloc(element);
    uint8_t *c = encrypt(sk->pk, false), *parts = calloc(COUNT, element), *proof = calloc(1, key->info.proof_bytes);
    const uint8_t context[VS_HASH_BYTES] = {1};
    VS_CHECK(number != NULL && parts != NULL && proof != NULL);
    vs_random(number, element);
    number[limbs - 1] >>= 2;
    vs_key_share share = {.key = key, .holder = 2, .share = number};
    taint(number, element);
    VS_CHECK(vs_threshold_part(&share, parts, c, COUNT) == VS_OK);
    publish(parts, COUNT * element);
    VS_CHECK(vs_threshold_prove(&share, proof, c, parts, COUNT, context) == VS_OK);
    publish(proof, VS_HASH_BYTES + element + VS_HASH_BYTES); /* above e·share there are carries alone */
    free(c);
    free(parts);
    free(proof);
    vs_secret_free(number);
    vs_threshold_key_free(key);
    vs_secret_key_free(sk);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    unsigned degree = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
    vs_key_type type = VS_KEY_STANDARD;
    if (argc > 3 && !vs_key_type_from_name(&type, argv[3])) {
        return 2;
    }
    VS_CHECK(vs_secret_setup() == VS_OK);
    vs_parallel_set_threads(1);
    if (strcmp(what, "encrypt") == 0) {
        try_encrypt(degree, type);
    } else if (strcmp(what, "factors") == 0) {
        try_factors(degree);
    } else if (strcmp(what, "decrypt") == 0) {
        try_decrypt(degree, type);
    } else if (strcmp(what, "refuse") == 0) {
        try_refuse(degree);
    } else if (strcmp(what, "prove") == 0) {
        try_prove(degree);
    } else if (strcmp(what, "pack") == 0) {
        try_pack(degree);
    } else if (strcmp(what, "part") == 0) {
        try_part(degree);
    } else {
        return 2;
    }
    return taint_tool() != NULL ? 0 : 3;
}
