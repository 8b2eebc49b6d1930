/* Which texts from outside may be shown, compared and signed as names. */
#ifndef VEILSUM_CRYPTO_TEXT_H
#define VEILSUM_CRYPTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define VS_MAX_NAME_BYTES 64u /* of a contributor's name, an identity's, a period */

/** Are these bytes well-formed UTF-8 (shortest forms, no surrogates, at most U+10FFFF) without a zero byte? */
bool vs__utf8_is_valid(const char *text, size_t len);
/** Valid UTF-8 without control characters (C0, DEL, C1: what a terminal might obey)? */
bool vs__is_clean(const char *text, size_t len);
/** Zero-width and direction marks (U+200B to U+200F, U+202A to U+202E, U+2060 to U+2069, U+FEFF)? Of valid UTF-8. */
bool vs__has_hidden_marks(const char *text, size_t len);
/** A contributor's name or a period: 1 .. VS_MAX_NAME_BYTES bytes of valid UTF-8 without control characters or marks
 * that are not seen, no space at the ends. */
bool vs_name_is_valid(const char *name, size_t len);

#endif
