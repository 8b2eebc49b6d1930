/* What a holder, a dealer, or whoever carries their files may try with a key that is shared. */
#include "tests/attacks/attacks.h"

#include "tests/crypto/threshold_support.h"

#define COUNT 12u

static const uint8_t opening[VS_HASH_BYTES] = "an opening";

/* Holder 2's parts, altered by `alter`, with the proof that it can make of them, as the opener judges them. The last
 * ciphertext is 1, whose part is 1 for everybody. */
static vs_status judge_parts(void (*alter)(const dealt *, uint8_t *parts, uint8_t *proof), bool prove_after) {
    dealt d;
    uint8_t *c, *m;
    deal(&d, 2048, 1, 2, 3);
    encrypt_some(&d, &c, &m, COUNT);
    memset(c + (COUNT - 1) * d.element, 0, d.element);
    c[(COUNT - 1) * d.element] = 1;
    uint8_t *parts = malloc(COUNT * d.element), *proof = malloc(d.key->info.proof_bytes);
    vs_status status = vs_threshold_part(d.share[1], parts, c, COUNT);
    if (status == VS_OK && !prove_after) {
        status = vs_threshold_prove(d.share[1], proof, c, parts, COUNT, opening);
    }
    alter(&d, parts, proof);
    if (status == VS_OK && prove_after) {
        status = vs_threshold_prove(d.share[1], proof, c, parts, COUNT, opening);
    }
    if (status == VS_OK) {
        status = vs_threshold_check(d.key, 2, proof, c, parts, COUNT, opening);
    }
    free(c);
    free(m);
    free(parts);
    free(proof);
    undeal(&d);
    return status;
}

static void make_one(const dealt *d, uint8_t *parts, uint8_t *proof) {
    (void)proof;
    memset(parts, 0, d->element);
    parts[0] = 1;
}

static void make_garbage(const dealt *d, uint8_t *parts, uint8_t *proof) {
    (void)parts;
    memset(proof, 0, d->key->info.proof_bytes);
}

/* The last part is 1. With n for its top digit, which is 0, it is n^2 more: the same element under another hash. */
static void add_modulus(const dealt *d, uint8_t *parts, uint8_t *proof) {
    size_t bytes = d->key->pk->info.digit_bytes;
    (void)proof;
    memcpy(parts + COUNT * d->element - bytes, d->key->pk->n, bytes);
}

static vs_status wrong_part(void) {
    return judge_parts(make_one, true);
}

static vs_status garbage_proof(void) {
    return judge_parts(make_garbage, false);
}

static vs_status part_written_otherwise(void) {
    return judge_parts(add_modulus, true);
}

/* Holders' parts of c, combined without a check. */
static vs_status combine(const dealt *d, const uint8_t *c, size_t part_count, bool swap) {
    static const unsigned holders[2] = {1, 2};
    uint8_t *parts = malloc(2 * d->element), *m = malloc(d->plaintext);
    const uint8_t *const list[2] = {parts, parts + d->element};
    vs_status status = vs_threshold_part(d->share[swap ? 1 : 0], parts, c, 1);
    if (status == VS_OK) {
        status = vs_threshold_part(d->share[swap ? 0 : 1], parts + d->element, c, 1);
    }
    if (status == VS_OK) {
        status = vs_threshold_combine(d->key, m, holders, list, part_count, 1);
    }
    free(parts);
    free(m);
    return status;
}

static vs_status parts_of_others(void) {
    dealt d;
    uint8_t *c, *m;
    deal(&d, 2048, 1, 2, 3);
    encrypt_some(&d, &c, &m, 1);
    vs_status status = combine(&d, c, 2, true);
    free(c);
    free(m);
    undeal(&d);
    return status;
}

/* 1 + n, which has no randomness: one part looks like a power of 1 + n by itself. */
static vs_status one_part(void) {
    dealt d;
    deal(&d, 2048, 1, 2, 3);
    uint8_t *c = calloc(1, d.element);
    c[0] = c[d.element / 2] = 1;
    vs_status status = combine(&d, c, 1, false);
    free(c);
    undeal(&d);
    return status;
}

static vs_status share_altered(void) {
    dealt d;
    vs_key_share *share;
    deal(&d, 2048, 1, 2, 3);
    d.share[1]->share[3] ^= 1;
    vs_status status = vs__key_share_make(&share, d.key, 2, (const uint8_t *)d.share[1]->share);
    vs_key_share_free(share);
    undeal(&d);
    return status;
}

/* The same numbers with another third holder. */
static vs_threshold_key *with_holder(const dealt *d, const vs_public_identity *third) {
    const vs_key_options options = {.bits = 2048, .degree = 1};
    vs_public_identity holder[3] = {d->holder[0], d->holder[1], *third};
    vs_public_key *pk = NULL;
    vs_threshold_key *key = NULL;
    assert_int_equal(vs__public_key_make(&pk, &options, d->key->pk->n, d->key->pk->h), VS_OK);
    assert_int_equal(vs__threshold_key_make(&key, pk, 2, 3, holder, d->key->commitment), VS_OK);
    return key;
}

static vs_status share_of_another_list(void) {
    dealt d;
    vs_key_share *share;
    vs_identity *stranger;
    char *text;
    const char *reason;
    deal(&d, 2048, 1, 2, 3);
    assert_int_equal(vs_identity_new(&stranger, "STRANGER"), VS_OK);
    assert_int_equal(vs_key_share_to_text(d.share[1], &text), VS_OK);
    vs_threshold_key *other = with_holder(&d, vs_identity_public(stranger));
    vs_status status = vs_key_share_from_text(&share, other, d.identity[1], text, strlen(text), &reason);
    vs_key_share_free(share);
    vs_threshold_key_free(other);
    vs_secret_free(text);
    vs_identity_free(stranger);
    undeal(&d);
    return status;
}

static vs_status read_key(const char *text) {
    vs_threshold_key *key;
    const char *reason;
    vs_status status = vs_threshold_key_from_text(&key, text, strlen(text), &reason);
    vs_threshold_key_free(key);
    return status;
}

static vs_status holder_twice(void) {
    dealt d;
    deal(&d, 2048, 1, 2, 3);
    vs_threshold_key *key = with_holder(&d, &d.holder[0]);
    char *text = vs_threshold_key_to_text(key);
    vs_status status = read_key(text);
    free(text);
    vs_threshold_key_free(key);
    undeal(&d);
    return status;
}

static vs_status other_lines(void) {
    dealt d;
    deal(&d, 2048, 1, 2, 3);
    char *text = vs_threshold_key_to_text(d.key);
    *strstr(text, "2 of 3") = '3';
    vs_status status = read_key(text);
    free(text);
    undeal(&d);
    return status;
}

static const attack attacks[] = {
    {"part_proof", "a part that is not the holder's, proven as well as can be", wrong_part},
    {"part_proof", "right parts with a proof of zeros", garbage_proof},
    {"part_is_unit", "a part whose digit is not below n", part_written_otherwise},
    {"combined_is_plaintext", "parts under each other's holders, not checked", parts_of_others},
    {"combine_enough_parts", "one part of a total without randomness", one_part},
    {"share_is_committed", "a dealer's share off the polynomial", share_altered},
    {"share_of_this_key", "a share with a holders' file that lists a stranger", share_of_another_list},
    {"distinct_holders", "one holder who counts twice", holder_twice},
    {"threshold_key_lines", "a holders' file that says another threshold to people", other_lines},
};

ATTACKS_MAIN(attacks)
