#include "crypto/ring/backend.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The first that is available, and computes what gmp does, is used; the others only by name. */
static const vs_backend *const backends[] = {
#if defined(VEILSUM_HAVE_IFMA)
    &vs__backend_ifma,
#endif
    &vs__backend_gmp,
    &vs__backend_ifma_portable,
};

const vs_backend *vs__backend_named(const char *name) {
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        if (strcmp(backends[i]->name, name) == 0 && backends[i]->available()) {
            return backends[i];
        }
    }
    return NULL;
}

/* What the check said of each backend: 0 not asked yet, 1 usable, 2 not. Two threads may both ask; they get one answer.
 */
static atomic_int verdicts[sizeof backends / sizeof *backends];

static bool usable(size_t i) {
    if (!backends[i]->available()) {
        return false;
    }
    if (backends[i] == &vs__backend_gmp) {
        return true;
    }
    if (atomic_load(&verdicts[i]) == 0) {
        atomic_store(&verdicts[i], vs__backend_agrees(backends[i]) ? 1 : 2);
    }
    return atomic_load(&verdicts[i]) == 1;
}

const vs_backend *vs__backend_default(void) {
    const char *wanted = getenv("VEILSUM_BACKEND");
    bool any = wanted == NULL || *wanted == '\0';
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        if ((any || strcmp(backends[i]->name, wanted) == 0) && usable(i)) {
            return backends[i];
        }
    }
    return NULL;
}

vs_status vs_ring_backend_check(const char **wanted) {
    *wanted = getenv("VEILSUM_BACKEND");
    return vs__backend_default() == NULL ? VS_ERR_USAGE : VS_OK;
}
