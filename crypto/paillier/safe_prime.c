/* The search for safe primes: p = 2p' + 1, both prime.
 *
 * Of numbers of 1024 bits one in 380,000 is such a p', so nearly all must fall to a sieve. A thread draws a random
 * starting point and sieves WINDOW numbers p' = start + 6k behind it (p' ≡ 5 mod 6, or 3 divided p' or p) with all
 * primes r < SIEVE_LIMIT: p' ≡ 0 strikes p', p' ≡ (r − 1)/2 strikes p. What is left is tested, p' first. One number in
 * some hundreds passes, where without the sieve it was one in five hundred thousand.
 *
 * All threads look for either prime until two are there. A window holds about one, so that within windows primes after
 * a long gap are preferred; that takes a bit or two from the choice among 2^1000 [BD93].
 *
 * Variable-time, as it has to be; rejected candidates say nothing of the accepted one.
 */
#include "crypto/paillier/safe_prime.h"

#include <gmp.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parallel.h"
#include "crypto/secret.h"

#define SIEVE_LIMIT (1u << 20)
#define WINDOW (1u << 16)
#define STEP 6u

/* GMP runs a Baillie-PSW test and then rounds of Miller-Rabin with random bases: 24 asks for the first alone, 40 for
 * both. */
#define FIRST_ROUNDS 24
#define LAST_ROUNDS 40

typedef struct search {
    size_t len;
    uint8_t *prime[2];
    const uint32_t *small; /* the primes from 5 to SIEVE_LIMIT */
    size_t small_count;
    vs_dealing_progress progress;
    void *progress_context;
    double tries_each; /* candidates tested until one is good, on average */
    atomic_uint found;
    atomic_bool stopped;
    _Atomic uint64_t tried;
} search;

/* Odd primes from 5. */
static uint32_t *small_primes(size_t *count) {
    uint8_t *composite = calloc(SIEVE_LIMIT, 1);
    uint32_t *primes = malloc(SIEVE_LIMIT / 8 * sizeof *primes); /* π(2^20) is 82,025 */
    *count = 0;
    for (uint32_t r = 3; composite != NULL && primes != NULL && r < SIEVE_LIMIT; r += 2) {
        if (composite[r] == 0) {
            for (uint64_t k = (uint64_t)r * r; k < SIEVE_LIMIT; k += 2 * r) {
                composite[k] = 1;
            }
            if (r > 3) {
                primes[(*count)++] = r;
            }
        }
    }
    free(composite);
    if (*count == 0) {
        free(primes);
        return NULL;
    }
    return primes;
}

/* 1/6 modulo r: of the four fractions (1 + k·r)/6, k = 1, 5 …, the one that is whole. */
static uint32_t sixth(uint32_t r) {
    return r % STEP == 1 ? (1 + 5 * r) / STEP : (1 + r) / STEP;
}

/* Strike all k for which start + 6k ≡ residue modulo r. */
static void strike(uint8_t *struck, uint32_t r, uint32_t start, uint32_t residue) {
    uint64_t k = (uint64_t)((residue + r - start) % r) * sixth(r) % r;
    for (; k < WINDOW; k += r) {
        struck[k] = 1;
    }
}

static void sieve(const search *s, uint8_t *struck, const mpz_t start) {
    memset(struck, 0, WINDOW);
    for (size_t i = 0; i < s->small_count; i++) {
        uint32_t r = s->small[i], rest = (uint32_t)mpz_fdiv_ui(start, r);
        strike(struck, r, rest, 0);
        strike(struck, r, rest, (r - 1) / 2);
    }
}

/* A random p' ≡ 5 mod 6 of 8·len − 1 bits, the two top ones set. */
static void draw_start(mpz_t start, uint8_t *bytes, size_t len) {
    vs_random(bytes, len);
    bytes[len - 1] |= 0xC0;
    mpz_import(start, len, -1, 1, 0, 0, bytes);
    mpz_fdiv_q_2exp(start, start, 1);
    mpz_sub_ui(start, start, mpz_fdiv_ui(start, STEP));
    mpz_add_ui(start, start, STEP - 1);
}

/* p = 2·half + 1 if both are prime, and p is as long as it shall be. */
static bool is_safe(mpz_t p, const mpz_t half, size_t len) {
    if (mpz_probab_prime_p(half, FIRST_ROUNDS) == 0) {
        return false;
    }
    mpz_mul_2exp(p, half, 1);
    mpz_add_ui(p, p, 1);
    return mpz_sizeinbase(p, 2) == 8 * len && mpz_probab_prime_p(p, LAST_ROUNDS) != 0 &&
           mpz_probab_prime_p(half, LAST_ROUNDS) != 0;
}

/* Is there nothing left to do? */
static bool is_over(search *s) {
    return atomic_load(&s->found) >= 2 || atomic_load(&s->stopped);
}

static void report(search *s) {
    unsigned found = atomic_load(&s->found);
    double left = found < 2 ? (2 - found) * s->tries_each : 0;
    if (s->progress != NULL && !s->progress(s->progress_context, atomic_load(&s->tried), left)) {
        atomic_store(&s->stopped, true);
    }
}

static void keep(search *s, const mpz_t p) {
    unsigned place = atomic_fetch_add(&s->found, 1);
    if (place < 2) {
        memset(s->prime[place], 0, s->len);
        mpz_export(s->prime[place], NULL, -1, 1, 0, 0, p);
    }
}

/* The memory of one thread's search. */
typedef struct window {
    mpz_t start, half, p;
    uint8_t *struck, *bytes;
} window;

/* From one starting point: at most one prime. */
static void search_window(search *s, window *w, bool reports) {
    draw_start(w->start, w->bytes, s->len);
    sieve(s, w->struck, w->start);
    for (uint32_t k = 0; k < WINDOW && !is_over(s); k++) {
        if (w->struck[k] != 0) {
            continue;
        }
        mpz_add_ui(w->half, w->start, STEP * k);
        bool safe = is_safe(w->p, w->half, s->len);
        atomic_fetch_add(&s->tried, 1);
        if (safe) {
            keep(s, w->p);
        }
        if (reports) {
            report(s);
        }
        if (safe) {
            return;
        }
    }
}

/* Every item is a thread that searches until all is over; the first one reports. */
static vs_status search_run(void *context, size_t first, size_t count) {
    (void)count;
    search *s = context;
    window w = {.struck = vs_secret_alloc(WINDOW), .bytes = vs_secret_alloc(s->len)};
    mpz_inits(w.start, w.half, w.p, NULL);
    bool enough = w.struck != NULL && w.bytes != NULL;
    while (enough && !is_over(s)) {
        search_window(s, &w, first == 0);
    }
    mpz_clears(w.start, w.half, w.p, NULL);
    vs_secret_free(w.struck);
    vs_secret_free(w.bytes);
    return enough ? VS_OK : VS_ERR_MEMORY;
}

/* How many of the numbers that a sieve leaves are prime: e^γ·ln(limit)/ln(number), for p' and p each. */
static double expected_tries(size_t len) {
    double each = exp(0.5772156649) * log((double)SIEVE_LIMIT) / (log(2.0) * (double)(8 * len - 1));
    return 1 / (each * each);
}

vs_status vs__safe_primes(uint8_t *p, uint8_t *q, size_t len, vs_dealing_progress progress, void *progress_context) {
    search s = {.len = len,
                .prime = {p, q},
                .progress = progress,
                .progress_context = progress_context,
                .tries_each = expected_tries(len)};
    uint32_t *small = small_primes(&s.small_count);
    if (small == NULL) {
        return VS_ERR_MEMORY;
    }
    s.small = small;
    vs_status status;
    do {
        atomic_store(&s.found, 0);
        status = vs_parallel_for(vs_parallel_threads(), 1, search_run, &s);
    } while (status == VS_OK && !atomic_load(&s.stopped) && memcmp(p, q, len) == 0);
    if (status == VS_OK && atomic_load(&s.stopped)) {
        status = VS_ERR_INTERRUPTED;
    }
    if (status != VS_OK) {
        vs_wipe(p, len);
        vs_wipe(q, len);
    }
    free(small);
    return status;
}
