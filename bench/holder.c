/* A holder's share of an opening, 3 of 5, as it is timed; and what it is measured in: powers modulo n^(s+1) to
 * exponents as long as n, on the same backend. */
#include <stdlib.h>
#include <string.h>

#include "bench/operations.h"
#include "crypto/paillier/threshold_internal.h"

#define NEEDED 3u
#define HOLDERS 5u

struct dealt_key {
    vs_threshold_key *key;
    vs_key_share *share[HOLDERS];
    uint8_t *proof;
};

/* Dealt from the subject's own primes, which are not safe ones: the time is the same. */
static dealt_key *deal(const subject *s) {
    const vs_threshold_options options = {s->bits, s->degree, NEEDED, HOLDERS};
    const vs_dealt_primes primes = {s->sk->p, s->sk->q};
    vs_public_identity holder[HOLDERS];
    dealt_key *dealt = calloc(1, sizeof *dealt);
    VS_CHECK(dealt != NULL);
    for (unsigned i = 0; i < HOLDERS; i++) {
        const char name[2] = {(char)('A' + i), 0};
        const uint8_t key[VS_IDENTITY_KEY_BYTES] = {(uint8_t)(i + 1)};
        VS_CHECK(vs_public_identity_make(&holder[i], name, 1, key) == VS_OK);
    }
    VS_CHECK(vs__threshold_deal_from(&dealt->key, dealt->share, &options, holder, &primes) == VS_OK);
    dealt->proof = malloc(vs_threshold_key_info(dealt->key)->proof_bytes);
    VS_CHECK(dealt->proof != NULL);
    return dealt;
}

void dealt_key_free(dealt_key *dealt) {
    if (dealt != NULL) {
        for (unsigned i = 0; i < HOLDERS; i++) {
            vs_key_share_free(dealt->share[i]);
        }
        vs_threshold_key_free(dealt->key);
        free(dealt->proof);
        free(dealt);
    }
}

void deal_key(void *context, size_t count) {
    subject *s = context;
    (void)count;
    if (s->dealt == NULL) {
        s->dealt = deal(s);
    }
}

void run_part(void *context, size_t count) {
    subject *s = context;
    const uint8_t opening[VS_HASH_BYTES] = {1};
    const vs_key_share *share = s->dealt->share[0];
    while (count > 0) {
        size_t now = count < s->items ? count : s->items;
        VS_CHECK(vs_threshold_part(share, s->spare, s->c, now) == VS_OK);
        VS_CHECK(vs_threshold_prove(share, s->dealt->proof, s->c, s->spare, now, opening) == VS_OK);
        count -= now;
    }
}

void run_long_power(void *context, size_t count) {
    subject *s = context;
    while (count > 0) {
        size_t now = count < s->items ? count : s->items;
        VS_CHECK(vs__threshold_powers(s->pk, s->spare, s->c, now, s->pk->ring->modulus, s->bits) == VS_OK);
        count -= now;
    }
}
