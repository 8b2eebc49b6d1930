/* What openings without a key are made of, with keys, secrets and slots marked, under Valgrind (constant_time.c says
 * how). It is the portable code that runs there; sharing_kernels.c has the vectors.
 *
 *     sharing slots|mask|shamir|agreement|box|derive
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parallel.h"
#include "crypto/reveal.h"
#include "crypto/secret.h"
#include "crypto/sharing/agreement.h"
#include "crypto/sharing/mask.h"
#include "crypto/sharing/shamir.h"
#include "tests/ct/taint.h"

#define WORDS 1100u /* more than a piece of vs_mask_apply */
#define KEYS 3u
#define LEN 40u
#define SHARES 5u

/* Stands in for the library's: what is revealed on purpose is no secret any more. */
bool vs_reveal(bool verdict) {
    clear_taint(&verdict, sizeof verdict);
    return verdict;
}

/* What came of secrets must be marked, or the tool has lost their track. */
static void publish(void *result, size_t len) {
    VS_CHECK(taint_tool() == NULL || tainted_bytes(result, len) == len);
    clear_taint(result, len);
}

/* Slots of 48 bits: a piece begins inside one. */
static void fill_tops(uint64_t *tops) {
    memset(tops, 0, WORDS * sizeof *tops);
    for (size_t bit = 47; bit < 64 * WORDS; bit += 48) {
        tops[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

static void try_slots(void) {
    static uint64_t acc[WORDS], x[WORDS], tops[WORDS];
    fill_tops(tops);
    vs_random(acc, sizeof acc);
    vs_random(x, sizeof x);
    taint(acc, sizeof acc);
    taint(x, sizeof x);
    vs_slots_add(acc, x, tops, WORDS);
    publish(acc, sizeof acc);
    vs_slots_sub(acc, x, tops, WORDS);
    publish(acc, sizeof acc);
}

static void try_mask(void) {
    static uint64_t slots[WORDS], tops[WORDS];
    vs_mask masks[KEYS];
    fill_tops(tops);
    taint(slots, sizeof slots);
    for (size_t i = 0; i < KEYS; i++) {
        vs_random(masks[i].key, sizeof masks[i].key);
        taint(masks[i].key, sizeof masks[i].key);
        masks[i].subtract = i == 1;
    }
    VS_CHECK(vs_mask_apply(slots, tops, WORDS, masks, KEYS) == VS_OK);
    publish(slots, sizeof slots);
}

static void try_shamir(void) {
    uint8_t polynomial[3 * LEN], shares[SHARES * LEN], joined[LEN];
    const uint8_t points[3] = {5, 1, 3};
    vs_random(polynomial, sizeof polynomial);
    taint(polynomial, sizeof polynomial);
    vs_shamir_split(shares, polynomial, LEN, 3, SHARES, polynomial + LEN);
    publish(shares, sizeof shares);
    memcpy(shares + LEN, shares, LEN); /* any bytes are shares */
    taint(shares, sizeof shares);
    vs_shamir_join(joined, LEN, points, shares, 3);
    publish(joined, sizeof joined);
}

static const uint8_t sid[VS_AGREEMENT_SID_BYTES] = {1};
static const vs_binding place = {.sid = sid, .step = 1, .from = 0, .to = 1};

static void try_agreement(void) {
    uint8_t seed[2][32], public_key[2][32], secret_key[2][32], key[32];
    for (size_t i = 0; i < 2; i++) {
        vs_random(seed[i], sizeof seed[i]);
        taint(seed[i], sizeof seed[i]);
        vs_agreement_keypair(public_key[i], secret_key[i], seed[i]);
        publish(public_key[i], sizeof public_key[i]);
    }
    VS_CHECK(vs_agreement_key(key, secret_key[0], public_key[0], public_key[1], "test", &place) == VS_OK);
    publish(key, sizeof key);
}

/* Whether a box is authentic is public, and libsodium branches on it: so only the making of one is watched. */
static void try_box(void) {
    uint8_t key[32], plain[LEN], boxed[LEN + VS_BOX_EXTRA_BYTES], again[LEN];
    vs_random(key, sizeof key);
    vs_random(plain, sizeof plain);
    taint(key, sizeof key);
    taint(plain, sizeof plain);
    vs_box_lock(boxed, key, plain, sizeof plain);
    publish(boxed, sizeof boxed);
    clear_taint(key, sizeof key);
    clear_taint(plain, sizeof plain);
    VS_CHECK(vs_box_unlock(again, key, boxed, sizeof boxed) == VS_OK && memcmp(again, plain, sizeof plain) == 0);
}

static void try_derive(void) {
    uint8_t seed[32], out[300];
    vs_random(seed, sizeof seed);
    taint(seed, sizeof seed);
    vs_derive(out, sizeof out, seed, "test", &place);
    publish(out, sizeof out);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } trials[] = {{"slots", try_slots},         {"mask", try_mask}, {"shamir", try_shamir},
                  {"agreement", try_agreement}, {"box", try_box},   {"derive", try_derive}};
    VS_CHECK(vs_secret_setup() == VS_OK);
    vs_parallel_set_threads(1);
    printf("streams and slots: %s\n", vs_stream_backend_name());
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        if (argc > 1 && strcmp(argv[1], trials[i].name) == 0) {
            trials[i].run();
            return taint_tool() != NULL ? 0 : 3;
        }
    }
    return 2;
}
