#include "crypto/text.h"

#include <stdint.h>

/* Length of the well-formed character that starts at `s`, or 0 [Unicode 15, table 3-7]. */
static size_t character_len(const uint8_t *s, size_t len) {
    uint8_t low = 0x80, high = 0xbf; /* of the second byte */
    size_t want = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (s[0] < 0xc2 || s[0] > 0xf4 || len < want) {
        return 0;
    }
    switch (s[0]) {
    case 0xe0:
        low = 0xa0; /* else a shorter form would do */
        break;
    case 0xed:
        high = 0x9f; /* surrogates */
        break;
    case 0xf0:
        low = 0x90;
        break;
    case 0xf4:
        high = 0x8f; /* beyond U+10FFFF */
        break;
    default:
        break;
    }
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < want; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return want;
}

bool vs__utf8_is_valid(const char *text, size_t len) {
    const uint8_t *s = (const uint8_t *)text;
    for (size_t i = 0; i < len;) {
        if (s[i] != 0 && s[i] < 0x80) {
            i++;
            continue;
        }
        size_t step = s[i] == 0 ? 0 : character_len(s + i, len - i);
        if (step == 0) {
            return false;
        }
        i += step;
    }
    return true;
}

bool vs__is_clean(const char *text, size_t len) {
    if (!vs__utf8_is_valid(text, len)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_c1 = c == 0xc2 && (unsigned char)text[i + 1] < 0xa0; /* valid UTF-8: there is a next byte */
        if (c < 0x20 || c == 0x7f || is_c1) {
            return false;
        }
    }
    return true;
}

/* With them two names that look alike would differ, or one would read as something else. */
bool vs__has_hidden_marks(const char *text, size_t len) {
    for (size_t i = 0; i + 2 < len; i++) {
        const unsigned char *c = (const unsigned char *)text + i;
        bool widths =
            c[0] == 0xe2 && c[1] == 0x80 && ((c[2] >= 0x8b && c[2] <= 0x8f) || (c[2] >= 0xaa && c[2] <= 0xae));
        bool joiners = c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa0 && c[2] <= 0xa9;
        bool byte_order = c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf;
        if (widths || joiners || byte_order) {
            return true;
        }
    }
    return false;
}

bool vs_name_is_valid(const char *name, size_t len) {
    return len >= 1 && len <= VS_MAX_NAME_BYTES && name[0] != ' ' && name[len - 1] != ' ' && vs__is_clean(name, len) &&
           !vs__has_hidden_marks(name, len);
}
