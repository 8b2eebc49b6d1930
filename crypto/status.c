#include "crypto/status.h"

#include <stdio.h>
#include <stdlib.h>

const char *vs_status_text(vs_status status) {
    switch (status) {
    case VS_OK:
        return "done";
    case VS_ERR_MEMORY:
        return "out of memory";
    case VS_ERR_RANDOM:
        return "the system gives no randomness";
    case VS_ERR_IO:
        return "input or output failed";
    case VS_ERR_FAULT:
        return "a computation failed its own check";
    case VS_ERR_CLOSED:
        return "the reader of the output has gone";
    case VS_ERR_INTERRUPTED:
        return "interrupted";
    case VS_ERR_USAGE:
        return "wrong usage";
    case VS_ERR_EXISTS:
        return "the output exists already";
    case VS_ERR_FORMAT:
        return "not a file of the kind that is wanted";
    case VS_ERR_VERSION:
        return "of a version that is not known";
    case VS_ERR_RANGE:
        return "a value is out of its bounds";
    case VS_ERR_LIMIT:
        return "larger than what is read";
    case VS_ERR_AUTH:
        return "not authentic: damaged or altered";
    case VS_ERR_MISMATCH:
        return "made for another plan or key";
    case VS_ERR_POLICY:
        return "not allowed by the plan";
    case VS_ERR_NOT_READY:
        return "not ready yet";
    }
    return "unknown status";
}

/* The one place where a library writes: the process ends in the next line, and nobody above is left to say why. */
void vs__check_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "veilsum: internal error: %s:%d: %s\n", file, line, condition);
    abort();
}
