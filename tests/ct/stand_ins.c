/* For the program that MemorySanitizer checks, which holds nothing that is not compiled for it: what the ring wants of
 * GMP, libsodium and the rest of the library, in the plainest way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ring/backend.h"
#include "crypto/ring/power_of_two.h"
#include "crypto/secret.h"
#include "tests/ct/reference.h"
#include "tests/ct/taint.h"

vs_status vs_secret_setup(void) {
    return VS_OK;
}

void *vs_secret_alloc(size_t len) {
    return calloc(1, len);
}

void vs_secret_free(void *secret) {
    free(secret);
}

void vs_wipe(void *memory, size_t len) {
    for (volatile unsigned char *at = memory; len > 0; len--) {
        *at++ = 0;
    }
}

_Noreturn void vs__check_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
    exit(1);
}

const vs_backend *vs__backend_named(const char *name) {
    return strcmp(name, vs__backend_ifma.name) == 0 && vs__backend_ifma.available() ? &vs__backend_ifma : NULL;
}

const vs_backend *vs__backend_default(void) {
    return vs__backend_named(vs__backend_ifma.name);
}

/* 1, doubled over and over. */
void vs__power_of_two(const vs_ring *ring, vs_word *x, unsigned exponent) {
    memset(x, 0, vs_ring_element_limbs(ring) * sizeof *x);
    x[0] = 1;
    for (unsigned i = 0; i < exponent; i++) {
        reference_add(ring, x, x, x);
    }
}

void taint_whole_lanes(void *x);
void taint_whole_lanes(void *x) {
    uint64_t *lane = x;
    for (size_t i = 0; i < vs__backend_ifma.lanes; i++) {
        if (tainted_bytes(&lane[i], sizeof lane[i]) > 0) {
            taint(&lane[i], sizeof lane[i]);
        }
    }
}

/* A report must not look like "skipped" to ctest, which 77, the usual exit code, means there. */
const char *__msan_default_options(void);
const char *__msan_default_options(void) {
    return "exitcode=9";
}
