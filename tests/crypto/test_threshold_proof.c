/* Proofs of parts: what is not the holder's work, on these ciphertexts, for this opening, is refused. */
#include "tests/crypto/threshold_support.h"

#define COUNT 11u /* a full row, and one that is not */

static const uint8_t context[VS_HASH_BYTES] = "what this opening is about";

/* One key for all: dealing, parts and a proof by holder 2. */
static dealt d;
static uint8_t *c, *m, *parts, *proof;

static int set_up(void **state) {
    (void)state;
    deal(&d, 2048, 1, 3, 5);
    encrypt_some(&d, &c, &m, COUNT);
    parts = malloc(COUNT * d.element);
    proof = malloc(d.key->info.proof_bytes);
    return vs_threshold_part(d.share[1], parts, c, COUNT) != VS_OK ||
           vs_threshold_prove(d.share[1], proof, c, parts, COUNT, context) != VS_OK;
}

static int tear_down(void **state) {
    (void)state;
    free(c);
    free(m);
    free(parts);
    free(proof);
    undeal(&d);
    return 0;
}

static vs_status check_all(unsigned holder) {
    return vs_threshold_check(d.key, holder, proof, c, parts, COUNT, context);
}

static void proofs_are_of_one_length_and_differ(void **state) {
    uint8_t *again = malloc(d.key->info.proof_bytes);
    (void)state;
    assert_int_equal(d.key->info.proof_bytes, 32 + 512 + 56);
    assert_int_equal(vs_threshold_prove(d.share[1], again, c, parts, COUNT, context), VS_OK);
    assert_memory_not_equal(again, proof, d.key->info.proof_bytes);
    assert_int_equal(vs_threshold_check(d.key, 2, again, c, parts, COUNT, context), VS_OK);
    assert_int_equal(check_all(2), VS_OK);
    free(again);
}

static void a_proof_is_of_its_holder(void **state) {
    static const unsigned others[] = {1, 3, 4, 5};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(check_all(others[i]), VS_ERR_AUTH);
    }
    assert_int_equal(check_all(0), VS_ERR_RANGE);
    assert_int_equal(check_all(6), VS_ERR_RANGE);
    assert_int_equal(check_all(0xffffffffu), VS_ERR_RANGE);
}

static void a_proof_is_for_its_context(void **state) {
    uint8_t other[VS_HASH_BYTES];
    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof other; bit += 37) {
        memcpy(other, context, sizeof other);
        other[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(vs_threshold_check(d.key, 2, proof, c, parts, COUNT, other), VS_ERR_AUTH);
    }
}

static void a_proof_is_under_its_key(void **state) {
    dealt other; /* of the same primes, so that all numbers have the same length */
    (void)state;
    deal(&other, 2048, 1, 3, 5);
    vs_status status = vs_threshold_check(other.key, 2, proof, c, parts, COUNT, context);
    assert_true(status == VS_ERR_AUTH);
    undeal(&other);
}

static void every_byte_of_a_proof_counts(void **state) {
    (void)state;
    for (size_t at = 0; at < d.key->info.proof_bytes; at += at < 40 || at + 16 > d.key->info.proof_bytes ? 1 : 29) {
        for (unsigned bit = 0; bit < 8; bit += 7) {
            proof[at] ^= (uint8_t)(1u << bit);
            assert_int_equal(check_all(2), VS_ERR_AUTH);
            proof[at] ^= (uint8_t)(1u << bit);
        }
    }
    assert_int_equal(check_all(2), VS_OK);
}

static void every_ciphertext_and_part_counts(void **state) {
    uint8_t *const list[] = {c, parts};
    (void)state;
    for (int which = 0; which < 2; which++) {
        for (size_t j = 0; j < COUNT; j++) {
            uint8_t *at = list[which] + j * d.element + (j % 2) * d.element / 2 + 3 * j;
            *at ^= 1;
            assert_int_equal(check_all(2), VS_ERR_AUTH);
            *at ^= 1;
        }
    }
    assert_int_equal(check_all(2), VS_OK);
}

/* The order counts, and so does how many there are. */
static void parts_may_not_change_places(void **state) {
    uint8_t *moved = malloc(COUNT * d.element);
    (void)state;
    memcpy(moved, parts, COUNT * d.element);
    memcpy(moved, parts + 8 * d.element, d.element); /* of one column */
    memcpy(moved + 8 * d.element, parts, d.element);
    assert_int_equal(vs_threshold_check(d.key, 2, proof, c, moved, COUNT, context), VS_ERR_AUTH);
    assert_int_equal(vs_threshold_check(d.key, 2, proof, c, parts, COUNT - 1, context), VS_ERR_AUTH);
    free(moved);
}

/* A part that is off, proven as well as its maker can: honestly on the wrong parts. */
static void prove_wrong(vs_status expected) {
    uint8_t *forged = malloc(d.key->info.proof_bytes);
    assert_int_equal(vs_threshold_prove(d.share[1], forged, c, parts, COUNT, context), VS_OK);
    assert_int_equal(vs_threshold_check(d.key, 2, forged, c, parts, COUNT, context), expected);
    free(forged);
}

static void a_wrong_part_is_found(void **state) {
    uint8_t *right = malloc(COUNT * d.element), *other = malloc(COUNT * d.element);
    (void)state;
    memcpy(right, parts, COUNT * d.element);
    assert_int_equal(vs_threshold_part(d.share[2], other, c, COUNT), VS_OK);
    for (size_t j = 0; j < COUNT; j += 5) {
        memcpy(parts + j * d.element, other + j * d.element, d.element); /* another holder's */
        prove_wrong(VS_ERR_AUTH);
        memcpy(parts + j * d.element, c + j * d.element, d.element);
        prove_wrong(VS_ERR_AUTH);
        memset(parts + j * d.element, 0, d.element);
        parts[j * d.element] = 1;
        prove_wrong(VS_ERR_AUTH);
        memcpy(parts + j * d.element, right + j * d.element, d.element);
    }
    /* two errors that cancel each other out in a product without coefficients */
    memcpy(parts, right + d.element, d.element);
    memcpy(parts + d.element, right, d.element);
    prove_wrong(VS_ERR_AUTH);
    memcpy(parts, right, COUNT * d.element);
    prove_wrong(VS_OK);
    free(right);
    free(other);
}

static void parts_that_are_no_units_are_refused(void **state) {
    uint8_t *right = malloc(d.element);
    size_t digit = d.element / 2;
    (void)state;
    memcpy(right, parts + 9 * d.element, d.element);
    memset(parts + 9 * d.element, 0, d.element);
    assert_int_equal(check_all(2), VS_ERR_RANGE);
    memset(parts + 9 * d.element, 0xff, d.element); /* not below n */
    assert_int_equal(check_all(2), VS_ERR_RANGE);
    memcpy(parts + 9 * d.element, right, d.element);
    memcpy(parts + 9 * d.element + digit, d.key->pk->n, digit);
    assert_int_equal(check_all(2), VS_ERR_RANGE);
    memset(parts + 9 * d.element, 0, digit);
    memcpy(parts + 9 * d.element, d.sk->p, digit / 2); /* p */
    memset(parts + 9 * d.element + digit, 0, digit);
    assert_int_equal(check_all(2), VS_ERR_RANGE);
    memcpy(parts + 9 * d.element, right, d.element);
    assert_int_equal(check_all(2), VS_OK);
    free(right);
}

static void ciphertexts_that_are_no_units_get_no_part(void **state) {
    uint8_t *bad = calloc(COUNT, d.element), *out = malloc(COUNT * d.element), *zero = calloc(COUNT, d.element);
    (void)state;
    memset(out, 1, COUNT * d.element);
    assert_int_equal(vs_threshold_part(d.share[0], out, bad, COUNT), VS_ERR_RANGE);
    assert_memory_equal(out, zero, COUNT * d.element);
    memset(out, 1, d.key->info.proof_bytes);
    assert_int_equal(vs_threshold_prove(d.share[0], out, bad, parts, COUNT, context), VS_ERR_RANGE);
    assert_memory_equal(out, zero, d.key->info.proof_bytes);
    assert_int_equal(vs_threshold_check(d.key, 2, proof, bad, parts, COUNT, context), VS_ERR_RANGE);
    free(bad);
    free(out);
    free(zero);
}

/* The nearest C library accepts proofs that anybody can write down. */
static void forged_proofs_are_refused(void **state) {
    size_t len = d.key->info.proof_bytes;
    uint8_t *forged = calloc(1, len), *ones = malloc(COUNT * d.element);
    (void)state;
    assert_int_equal(vs_threshold_check(d.key, 2, forged, c, parts, COUNT, context), VS_ERR_AUTH); /* e = z = 0 */
    assert_int_equal(vs_threshold_check(d.key, 2, forged, c, c, COUNT, context), VS_ERR_AUTH);
    for (size_t j = 0; j < COUNT; j++) { /* the part of a share that is 0 */
        memset(ones + j * d.element, 0, d.element);
        ones[j * d.element] = 1;
    }
    assert_int_equal(vs_threshold_check(d.key, 2, forged, c, ones, COUNT, context), VS_ERR_AUTH);
    for (int i = 0; i < 8; i++) { /* a transcript from its end: e and z first, the commitments follow */
        test_fill(forged, len - 8);
        assert_int_equal(vs_threshold_check(d.key, 2, forged, c, parts, COUNT, context), VS_ERR_AUTH);
        assert_int_equal(vs_threshold_check(d.key, 2, forged, c, ones, COUNT, context), VS_ERR_AUTH);
    }
    memset(forged, 0xff, len);
    assert_int_equal(vs_threshold_check(d.key, 2, forged, c, parts, COUNT, context), VS_ERR_AUTH);
    free(forged);
    free(ones);
}

/* The same library combines every strict subset wrongly: test_threshold.c tries them all. Here: sets that are none. */
static void combining_refuses_what_is_no_set_of_holders(void **state) {
    uint8_t *part[5], *got = malloc(COUNT * d.plaintext), *zero = calloc(COUNT, d.plaintext);
    static const unsigned bad[][3] = {{1, 2, 2}, {1, 1, 1}, {0, 1, 2}, {1, 2, 6}, {1, 2, 0x80000001u}, {1, 2, 65}};
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        part[i] = malloc(COUNT * d.element);
        assert_int_equal(vs_threshold_part(d.share[i], part[i], c, COUNT), VS_OK);
    }
    const uint8_t *const first[5] = {part[0], part[1], part[2], part[3], part[4]};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(got, 1, COUNT * d.plaintext);
        assert_int_equal(vs_threshold_combine(d.key, got, bad[i], first, 3, COUNT), VS_ERR_RANGE);
        assert_memory_equal(got, zero, COUNT * d.plaintext);
    }
    const unsigned wrong[3] = {1, 2, 4}; /* parts that are another holder's do not combine unseen */
    assert_int_equal(vs_threshold_combine(d.key, got, wrong, first, 3, COUNT), VS_ERR_AUTH);
    assert_memory_equal(got, zero, COUNT * d.plaintext);
    const unsigned right[5] = {1, 2, 3, 4, 5};
    assert_int_equal(vs_threshold_combine(d.key, got, right, first, 2, COUNT), VS_ERR_POLICY);
    assert_int_equal(vs_threshold_combine(d.key, got, right, first, 0, COUNT), VS_ERR_POLICY);
    assert_int_equal(vs_threshold_combine(d.key, got, right, first, 5, COUNT), VS_OK);
    assert_memory_equal(got, m, COUNT * d.plaintext);
    memset(part[2] + d.element, 0, d.element);
    assert_int_equal(vs_threshold_combine(d.key, got, right, first, 3, COUNT), VS_ERR_RANGE);
    for (unsigned i = 0; i < 5; i++) {
        free(part[i]);
    }
    free(got);
    free(zero);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_are_of_one_length_and_differ),
        cmocka_unit_test(a_proof_is_of_its_holder),
        cmocka_unit_test(a_proof_is_for_its_context),
        cmocka_unit_test(a_proof_is_under_its_key),
        cmocka_unit_test(every_byte_of_a_proof_counts),
        cmocka_unit_test(every_ciphertext_and_part_counts),
        cmocka_unit_test(parts_may_not_change_places),
        cmocka_unit_test(a_wrong_part_is_found),
        cmocka_unit_test(parts_that_are_no_units_are_refused),
        cmocka_unit_test(ciphertexts_that_are_no_units_get_no_part),
        cmocka_unit_test(forged_proofs_are_refused),
        cmocka_unit_test(combining_refuses_what_is_no_set_of_holders),
    };
    test_seed();
    return vs_secret_setup() != VS_OK ? 1 : cmocka_run_group_tests(tests, set_up, tear_down);
}
