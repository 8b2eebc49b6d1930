#include "crypto/ring/backend.h"

#include <stdlib.h>
#include <string.h>

/* The first that is available is used, the others only by name. */
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

const vs_backend *vs__backend_default(void) {
    const char *wanted = getenv("VEILSUM_BACKEND");
    if (wanted != NULL && *wanted != '\0') {
        return vs__backend_named(wanted);
    }
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        if (backends[i]->available()) {
            return backends[i];
        }
    }
    return NULL;
}

vs_status vs_ring_backend_check(const char **wanted) {
    *wanted = getenv("VEILSUM_BACKEND");
    return vs__backend_default() == NULL ? VS_ERR_USAGE : VS_OK;
}
