#include "crypto/base64.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"

void vs__base64_encode(char *out, const uint8_t *data, size_t len) {
    sodium_bin2base64(out, VS__BASE64_LEN(len) + 1, data, len, sodium_base64_VARIANT_ORIGINAL);
}

/* Four characters or less at a time. libsodium's decoder takes some bytes above 127 for letters: so they are made again
 * and compared. */
static bool decode_quad(uint8_t *out, size_t *got, const char *text) {
    char again[5];
    bool right = sodium_base642bin(out, 3, text, 4, NULL, got, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
    if (right) {
        sodium_bin2base64(again, sizeof again, out, *got, sodium_base64_VARIANT_ORIGINAL);
        right = sodium_memcmp(again, text, 4) == 0;
        vs_wipe(again, sizeof again);
    }
    return right && *got > 0;
}

bool vs__base64_decode(uint8_t *out, size_t cap, size_t *got, const char *text, size_t len) {
    uint8_t bytes[3];
    bool right = len % 4 == 0;
    *got = 0;
    for (size_t at = 0; right && at < len; at += 4) {
        size_t part = 0;
        right = decode_quad(bytes, &part, text + at) && (part == 3 || at + 4 == len) && cap - *got >= part;
        if (right) {
            memcpy(out + *got, bytes, part);
            *got += part;
        }
    }
    vs_wipe(bytes, sizeof bytes);
    return right;
}

bool vs__base64_is_canonical(const char *text, size_t len) {
    uint8_t bytes[3];
    bool right = len % 4 == 0;
    for (size_t at = 0; right && at < len; at += 4) {
        size_t part = 0;
        right = decode_quad(bytes, &part, text + at) && (part == 3 || at + 4 == len);
    }
    return right;
}
