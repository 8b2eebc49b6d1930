/* Base64 with padding [RFC4648, section 4], one encoding for one content. */
#ifndef VEILSUM_CRYPTO_BASE64_H
#define VEILSUM_CRYPTO_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Characters that `len` bytes become, without a zero byte. */
#define VS__BASE64_LEN(len) (((len) + 2) / 3 * 4)

/** Writes VS__BASE64_LEN(len) characters and a zero byte; constant-time in the data. */
void vs__base64_encode(char *out, const uint8_t *data, size_t len);
/** Strict inverse: what would be written again, and nothing else. False: not so, or more than `cap` bytes. */
bool vs__base64_decode(uint8_t *out, size_t cap, size_t *got, const char *text, size_t len);
/** Is this the base64 of something, of whatever length? */
bool vs__base64_is_canonical(const char *text, size_t len);

#endif
