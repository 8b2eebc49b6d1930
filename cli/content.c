#include <string.h>

#include "cli/input.h"
#include "crypto/hash.h"
#include "crypto/sign/identity.h"

static bool begins(const uint8_t *data, size_t len, const char *with, size_t with_len) {
    return len >= with_len && memcmp(data, with, with_len) == 0;
}

static bool holds(const uint8_t *data, size_t len, const char *what) {
    return memmem(data, len, what, strlen(what)) != NULL;
}

/* One line, NAME+8 digits+base64: short, so that all of it is at hand. */
static bool is_public_identity(const char *text, size_t len) {
    const char *first = memchr(text, '+', len < VS_MAX_IDENTITY_NAME + 1 ? len : VS_MAX_IDENTITY_NAME + 1);
    if (first == NULL || len - (size_t)(first - text) < 10 || len > VS_MAX_IDENTITY_TEXT + 2 || first[9] != '+') {
        return false;
    }
    uint8_t id[VS_IDENTITY_ID_BYTES];
    return vs_from_hex(id, sizeof id, first + 1, 2 * sizeof id) == VS_OK;
}

vs_content vs__content_of(const uint8_t *data, size_t len) {
    if (len == 0) {
        return VS_CONTENT_EMPTY;
    }
    if (begins(data, len, "\x93NUMPY", 6)) {
        return VS_CONTENT_NPY;
    }
    if (begins(data, len, "\xf5vsp", 4)) {
        return VS_CONTENT_POOL;
    }
    if (begins(data, len, "\xf5vsd", 4)) {
        return VS_CONTENT_PART;
    }
    /* The four bytes that betray damage by text modes stand in the container's magic and in no text. */
    if (holds(data, len < 16 ? len : 16, "\r\n\x1a\n")) {
        return VS_CONTENT_CONTAINER;
    }
    if (begins(data, len, "veilsum public key", 18)) {
        return VS_CONTENT_PUBLIC_KEY;
    }
    if (begins(data, len, "veilsum secret key", 18)) {
        return VS_CONTENT_SECRET_KEY;
    }
    if (begins(data, len, "veilsum threshold key", 21)) {
        return VS_CONTENT_THRESHOLD_KEY;
    }
    if (begins(data, len, "veilsum key share", 17)) {
        return VS_CONTENT_KEY_SHARE;
    }
    if (begins(data, len, "veilsum identity", 16)) {
        return VS_CONTENT_IDENTITY;
    }
    if (begins(data, len, "veilsum plan\n", 13)) {
        return VS_CONTENT_PLAN_SIGNATURES;
    }
    if (is_public_identity((const char *)data, len)) {
        return VS_CONTENT_PUBLIC_IDENTITY;
    }
    size_t at = begins(data, len, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < len && strchr(" \t\r\n", data[at]) != NULL && data[at] != 0) {
        at++;
    }
    return at < len && data[at] == '{' ? VS_CONTENT_JSON : VS_CONTENT_UNKNOWN;
}

const char *vs__content_name(vs_content content) {
    switch (content) {
    case VS_CONTENT_UNKNOWN:
        return NULL;
    case VS_CONTENT_EMPTY:
        return "an empty file";
    case VS_CONTENT_JSON:
        return "a JSON file, such as a plan";
    case VS_CONTENT_PUBLIC_KEY:
        return "a public key";
    case VS_CONTENT_SECRET_KEY:
        return "a secret key";
    case VS_CONTENT_THRESHOLD_KEY:
        return "the holders' file of a threshold key";
    case VS_CONTENT_KEY_SHARE:
        return "a holder's key share";
    case VS_CONTENT_IDENTITY:
        return "a secret identity";
    case VS_CONTENT_PUBLIC_IDENTITY:
        return "a public identity";
    case VS_CONTENT_PLAN_SIGNATURES:
        return "signatures under a plan";
    case VS_CONTENT_CONTAINER:
        return "a contribution or a total";
    case VS_CONTENT_POOL:
        return "a pool of random factors";
    case VS_CONTENT_PART:
        return "a holder's part of an opening";
    case VS_CONTENT_NPY:
        return "an array in NumPy's format";
    }
    return NULL;
}

void vs__content_hint(vs_error *error, vs_content found, vs_content wanted) {
    const char *name = vs__content_name(found);
    if (name != NULL && found != wanted) {
        vs_hint(error, "this looks like %s: are the arguments in the right places?", name);
    }
}
