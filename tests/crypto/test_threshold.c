/* Threshold decryption: every set of enough holders opens what the dealer's key opens, and no smaller one. */
#include <gmp.h>

#include "tests/crypto/threshold_support.h"

#include "crypto/paillier/safe_prime.h"

static const uint8_t context[VS_HASH_BYTES] = "what this opening is about";

/* Parts by every holder, checked. */
static void make_parts(const dealt *d, uint8_t **parts, const uint8_t *c, size_t count) {
    uint8_t *proof = malloc(d->key->info.proof_bytes);
    assert_non_null(proof);
    for (unsigned i = 0; i < d->key->info.holders; i++) {
        parts[i] = malloc(count * d->element);
        assert_non_null(parts[i]);
        assert_int_equal(vs_threshold_part(d->share[i], parts[i], c, count), VS_OK);
        assert_int_equal(vs_threshold_prove(d->share[i], proof, c, parts[i], count, context), VS_OK);
        assert_int_equal(vs_threshold_check(d->key, i + 1, proof, c, parts[i], count, context), VS_OK);
    }
    free(proof);
}

/* Combine the holders of this set, in descending order if `backwards`. */
static vs_status combine_set(const dealt *d, uint8_t *m, uint8_t **parts, unsigned set, bool backwards, size_t count) {
    unsigned holders[VS_MAX_HOLDERS];
    const uint8_t *chosen[VS_MAX_HOLDERS];
    size_t taken = 0;
    for (unsigned k = 0; k < d->key->info.holders; k++) {
        unsigned i = backwards ? d->key->info.holders - 1 - k : k;
        if (set >> i & 1) {
            holders[taken] = i + 1;
            chosen[taken++] = parts[i];
        }
    }
    return vs_threshold_combine(d->key, m, holders, chosen, taken, count);
}

static bool all_zero(const uint8_t *data, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (data[i] != 0) {
            return false;
        }
    }
    return true;
}

static void try_key(unsigned bits, unsigned degree, unsigned needed, unsigned holders, size_t count) {
    dealt d;
    uint8_t *c, *m, *parts[VS_MAX_HOLDERS] = {NULL};
    deal(&d, bits, degree, needed, holders);
    encrypt_some(&d, &c, &m, count);
    uint8_t *got = malloc(count * d.plaintext);
    assert_non_null(got);
    assert_int_equal(vs_decrypt(d.sk, got, c, count), VS_OK);
    assert_memory_equal(got, m, count * d.plaintext);
    make_parts(&d, parts, c, count);
    for (unsigned set = 0; set < 1u << holders; set++) {
        bool enough = (unsigned)__builtin_popcount(set) >= needed;
        memset(got, 0xff, count * d.plaintext);
        assert_int_equal(combine_set(&d, got, parts, set, set % 2, count), enough ? VS_OK : VS_ERR_POLICY);
        if (enough) {
            assert_memory_equal(got, m, count * d.plaintext);
        } else {
            assert_true(all_zero(got, count * d.plaintext));
        }
    }
    for (unsigned i = 0; i < holders; i++) {
        free(parts[i]);
    }
    free(got);
    free(c);
    free(m);
    undeal(&d);
}

static void every_set_of_enough_holders_opens(void **state) {
    (void)state;
    try_key(2048, 1, 2, 2, 3);
    try_key(2048, 1, 2, 3, 9);
    try_key(2048, 1, 3, 5, 17);
    try_key(2048, 1, 5, 5, 2);
}

static void every_degree_opens(void **state) {
    (void)state;
    try_key(2048, 2, 3, 5, 3);
    try_key(2048, 3, 2, 3, 9);
    try_key(2048, 4, 2, 2, 1);
    try_key(3072, 1, 2, 3, 1);
}

static void runs_of_rows_that_are_not_full_open(void **state) {
    (void)state;
    try_key(2048, 1, 2, 2, 8 * 16 + 1); /* a second run of one row of one column */
}

static void an_opening_of_nothing_works(void **state) {
    dealt d;
    uint8_t *proof, none[1] = {0};
    (void)state;
    deal(&d, 2048, 1, 2, 2);
    proof = malloc(d.key->info.proof_bytes);
    assert_int_equal(vs_threshold_part(d.share[0], none, none, 0), VS_OK);
    assert_int_equal(vs_threshold_prove(d.share[0], proof, none, none, 0, context), VS_OK);
    assert_int_equal(vs_threshold_check(d.key, 1, proof, none, none, 0, context), VS_OK);
    assert_int_equal(vs_threshold_check(d.key, 2, proof, none, none, 0, context), VS_ERR_AUTH);
    free(proof);
    undeal(&d);
}

/* 32 holders: Δ = 32! and coefficients of Lagrange at their largest. */
static void thirty_two_holders_open(void **state) {
    dealt d;
    uint8_t *c, *m, *parts[VS_MAX_HOLDERS];
    (void)state;
    deal(&d, 2048, 1, 17, 32);
    encrypt_some(&d, &c, &m, 2);
    uint8_t *got = malloc(2 * d.plaintext);
    for (unsigned i = 0; i < 32; i++) {
        parts[i] = malloc(2 * d.element);
        assert_int_equal(vs_threshold_part(d.share[i], parts[i], c, 2), VS_OK);
    }
    static const unsigned sets[] = {0x1ffff, 0xffff8000, 0xaaaaaaab, 0x5555555d};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        assert_int_equal(combine_set(&d, got, parts, sets[i], i % 2, 2), VS_OK);
        assert_memory_equal(got, m, 2 * d.plaintext);
    }
    assert_int_equal(combine_set(&d, got, parts, 0xffff, false, 2), VS_ERR_POLICY);
    for (unsigned i = 0; i < 32; i++) {
        free(parts[i]);
    }
    free(got);
    free(c);
    free(m);
    undeal(&d);
}

/* The shares are a polynomial's values, and its value at 0 decrypts: v^d = (1 + n)^2. Any t shares give it. */
static void shares_are_of_the_exponent_that_decrypts(void **state) {
    dealt d;
    mpz_t share[3], z, modulus, n;
    (void)state;
    deal(&d, 2048, 1, 3, 5);
    mpz_inits(share[0], share[1], share[2], z, modulus, n, NULL);
    for (int k = 0; k < 3; k++) {
        mpz_import(share[k], d.element / 8, -1, 8, 0, 0, d.share[k]->share);
    }
    vs__element_get(d.key->pk, z, d.key->base);
    vs__modulus_power(d.key->pk, modulus, 2);
    vs__modulus_power(d.key->pk, n, 1);
    mpz_mul_ui(share[0], share[0], 3); /* f(0) = 3·f(1) − 3·f(2) + f(3), up to the order */
    mpz_submul_ui(share[0], share[1], 3);
    mpz_add(share[0], share[0], share[2]);
    mpz_powm(z, z, share[0], modulus);
    mpz_add_ui(n, n, 1);
    mpz_mul(n, n, n);
    mpz_fdiv_r(n, n, modulus);
    assert_int_equal(mpz_cmp(z, n), 0);
    mpz_clears(share[0], share[1], share[2], z, modulus, n, NULL);
    undeal(&d);
}

static void thresholds_that_protect_nothing_are_refused(void **state) {
    static const vs_threshold_options bad[] = {{2048, 1, 1, 1},  {2048, 1, 1, 3}, {2048, 1, 0, 3}, {2048, 1, 4, 3},
                                               {2048, 1, 2, 33}, {2047, 1, 2, 3}, {2048, 5, 2, 3}, {2048, 0, 2, 3}};
    vs_public_identity holder[40];
    vs_threshold_key *key;
    vs_key_share *shares[40];
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        const uint8_t bytes[32] = {(uint8_t)i, 1};
        char name[16];
        int len = snprintf(name, sizeof name, "H%u", i);
        assert_int_equal(vs_public_identity_make(&holder[i], name, (size_t)len, bytes), VS_OK);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(vs_threshold_deal(&key, shares, &bad[i], holder, NULL, NULL), VS_ERR_USAGE);
        assert_null(key);
    }
    const vs_threshold_options good = {2048, 1, 2, 3};
    vs_public_identity other = holder[2];
    strcpy(holder[2].name, "H0");
    assert_int_equal(vs_threshold_deal(&key, shares, &good, holder, NULL, NULL), VS_ERR_USAGE);
    holder[2] = other;
    memcpy(holder[2].key, holder[0].key, sizeof other.key);
    assert_int_equal(vs_threshold_deal(&key, shares, &good, holder, NULL, NULL), VS_ERR_USAGE);
}

typedef struct watch {
    uint64_t calls, last, stop_after;
    double left;
} watch;

static bool watch_step(void *context_, uint64_t tried, double left) {
    watch *w = context_;
    assert_true(tried >= w->last && left >= 0);
    w->last = tried;
    w->left = left;
    return ++w->calls != w->stop_after;
}

static void safe_primes_are_safe(void **state) {
    uint8_t p[32], q[32];
    uint64_t reported = 0;
    mpz_t x;
    (void)state;
    mpz_init(x);
    for (int i = 0; i < 20; i++) {
        watch w = {.calls = 0};
        assert_int_equal(vs__safe_primes(p, q, 32, watch_step, &w), VS_OK);
        reported += w.last;
        assert_memory_not_equal(p, q, 32);
        for (int k = 0; k < 2; k++) {
            mpz_import(x, 32, -1, 1, 0, 0, k == 0 ? p : q);
            assert_true(mpz_tstbit(x, 255) && mpz_tstbit(x, 254) && mpz_sizeinbase(x, 2) == 256);
            assert_true(mpz_probab_prime_p(x, 40) != 0);
            mpz_fdiv_q_2exp(x, x, 1);
            assert_true(mpz_probab_prime_p(x, 40) != 0);
        }
    }
    assert_true(reported > 0); /* a short search may end before anything is reported; not twenty */
    mpz_clear(x);
}

static void a_search_stops_when_it_is_told_to(void **state) {
    uint8_t p[256] = {1}, q[256] = {1};
    watch w = {.stop_after = 3};
    (void)state;
    assert_int_equal(vs__safe_primes(p, q, 256, watch_step, &w), VS_ERR_INTERRUPTED);
    assert_int_equal(w.calls, 3);
    assert_true(w.left > 1000);
    assert_true(all_zero(p, 256) && all_zero(q, 256));
}

static void dealing_from_scratch_works(void **state) {
    const vs_threshold_options options = {2048, 1, 2, 2};
    vs_identity *identity[2];
    vs_public_identity holder[2];
    vs_threshold_key *key;
    vs_key_share *shares[2];
    watch w = {.calls = 0};
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vs_identity_new(&identity[i], i == 0 ? "A" : "B"), VS_OK);
        holder[i] = *vs_identity_public(identity[i]);
    }
    assert_int_equal(vs_threshold_deal(&key, shares, &options, holder, watch_step, &w), VS_OK);
    assert_int_equal(key->pk->info.bits, 2048);
    assert_true(key->pk->n[255] >= 0x80);
    vs_key_share_free(shares[0]);
    vs_key_share_free(shares[1]);
    vs_threshold_key_free(key);
    vs_identity_free(identity[0]);
    vs_identity_free(identity[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_of_enough_holders_opens),
        cmocka_unit_test(every_degree_opens),
        cmocka_unit_test(runs_of_rows_that_are_not_full_open),
        cmocka_unit_test(an_opening_of_nothing_works),
        cmocka_unit_test(thirty_two_holders_open),
        cmocka_unit_test(shares_are_of_the_exponent_that_decrypts),
        cmocka_unit_test(thresholds_that_protect_nothing_are_refused),
        cmocka_unit_test(safe_primes_are_safe),
        cmocka_unit_test(a_search_stops_when_it_is_told_to),
        cmocka_unit_test(dealing_from_scratch_works),
    };
    test_seed();
    return vs_secret_setup() != VS_OK ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
