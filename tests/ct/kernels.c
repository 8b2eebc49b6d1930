/* Every kernel of a backend, on secret operands in a public ring and on public operands in a secret ring: the tool that
 * watches (taint.h) reports each branch and each address that depends on what is secret. A result must come out marked,
 * or the tool would have lost the track and its silence would mean nothing; and it must be right, by additions alone
 * (reference.c).
 *
 *     kernels BACKEND BITS                    degrees 1 to 3
 *     kernels default BACKEND                 is it what the library chooses here?
 *     kernels control branch|index|gather     does on purpose what must be reported
 *
 * Built twice. With clang's MemorySanitizer it holds the ring and backend_ifma.c, compiled with the flags of the real
 * build beside the sanitizer's, and neither GMP nor libsodium nor threads; there it works on the intermediate code of
 * clang, and nobody watches what gcc makes of the same source. With the whole library it runs under Valgrind, over
 * machine code, but without the instructions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ring/backend.h"
#include "crypto/secret.h"
#include "tests/ct/taint.h"
#include "tests/ct/trial.h"

#if defined(TAINT_BY_MSAN)
#include <immintrin.h>
#endif

#define SKIPPED 77

static int run_all(const char *backend, unsigned bits) {
    bool good = setenv("VEILSUM_BACKEND", backend, 1) == 0;
    for (unsigned degree = 1; degree <= 3; degree++) {
        good = trial_of(backend, bits, degree) && good;
    }
    return good ? 0 : 1;
}

static const uint64_t table[8] = {1, 2, 3, 4, 5, 6, 7, 8};

/* Not inlined, so that a report names them. */
#define BY_NAME __attribute__((noinline))

BY_NAME static uint64_t branch(const uint64_t *secret) {
    return secret[0] > 2 ? (uint64_t)puts("more than two") : 0;
}

BY_NAME static uint64_t look_up(const uint64_t *secret) {
    return table[secret[0] & 7];
}

#if defined(TAINT_BY_MSAN)
BY_NAME __attribute__((target("avx512f"))) static uint64_t gather(const uint64_t *secret) {
    uint64_t found[8];
    _mm512_storeu_si512(found, _mm512_i64gather_epi64(_mm512_loadu_si512(secret), table, 8));
    return found[0];
}
#endif

typedef uint64_t leak(const uint64_t *secret);

static leak *leak_named(const char *name) {
    static const struct {
        const char *name;
        leak *leak;
    } leaks[] = {
        {"branch", branch},
        {"index", look_up},
#if defined(TAINT_BY_MSAN)
        {"gather", gather},
#endif
    };
    for (size_t i = 0; i < sizeof leaks / sizeof *leaks; i++) {
        if (strcmp(leaks[i].name, name) == 0) {
            return leaks[i].leak;
        }
    }
    return NULL;
}

static int control(const char *what) {
    uint64_t lanes[8] = {3, 4, 5, 6, 7, 0, 1, 2}, found = 0;
    leak *run = leak_named(what);
    if (run == NULL) {
        return 2;
    }
    taint(lanes, sizeof lanes);
    found = run(lanes);
    clear_taint(&found, sizeof found);
    printf("%llu, and the end: if nothing was reported, nobody watches\n", (unsigned long long)found);
    return 0;
}

static int skip(const char *backend) {
    printf("skipped: this machine does not have the instructions of backend %s\n", backend);
    return SKIPPED;
}

/* Is `backend` what a ring gets when nobody asks for another? */
static int is_default(const char *backend) {
    printf("%s: backend %s\n", taint_tool(), vs__backend_default()->name);
    return vs__backend_default() == vs__backend_named(backend) ? 0 : 1;
}

int main(int argc, char **argv) {
    if (taint_tool() == NULL) {
        fputs("kernels: error: nobody is watching: run it under Valgrind\n", stderr);
        return 3;
    }
    if (argc != 3) {
        return 2;
    }
    if (strcmp(argv[1], "control") == 0) {
        bool runs = strcmp(argv[2], "gather") != 0 || vs__backend_named("ifma") != NULL;
        return runs ? control(argv[2]) : skip("ifma");
    }
    if (strcmp(argv[1], "default") == 0) {
        return is_default(argv[2]);
    }
    VS_CHECK(vs_secret_setup() == VS_OK);
    return vs__backend_named(argv[1]) != NULL ? run_all(argv[1], (unsigned)atoi(argv[2])) : skip(argv[1]);
}
