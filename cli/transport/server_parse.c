#include "cli/transport/server_parse.h"

#include <string.h>

/* Digits at `*text`, which is moved behind them. */
static bool digits(const char **text, uint64_t max, uint64_t *number) {
    const char *at = *text;
    uint64_t value = 0;
    while (*at >= '0' && *at <= '9') {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (max - digit) / 10 || digit > max) {
            return false;
        }
        value = value * 10 + digit;
        at++;
    }
    bool good = at != *text && (**text != '0' || at == *text + 1);
    *text = at;
    *number = value;
    return good;
}

bool vs__parse_whole(const char *text, uint64_t max, uint64_t *number) {
    return digits(&text, max, number) && *text == 0;
}

bool vs__parse_id(const char *text, uint8_t id[VS_HASH_BYTES]) {
    return vs_from_hex(id, VS_HASH_BYTES, text, strlen(text)) == VS_OK;
}

/* What is malformed is as if it were not there, as [RFC9110, section 14.2] wants it. */
vs_range vs__parse_range(const char *text, uint64_t len, uint64_t *from, uint64_t *to) {
    uint64_t first = 0, last = UINT64_MAX;
    *from = 0;
    *to = len;
    if (strncmp(text, "bytes=", 6) != 0) {
        return VS_RANGE_NONE;
    }
    text += 6;
    bool is_suffix = *text == '-';
    if (!is_suffix && !digits(&text, UINT64_MAX - 1, &first)) {
        return VS_RANGE_NONE;
    }
    if (*text++ != '-') {
        return VS_RANGE_NONE;
    }
    if ((is_suffix || *text != 0) && !digits(&text, UINT64_MAX - 1, &last)) {
        return VS_RANGE_NONE;
    }
    if (*text != 0 || (!is_suffix && last < first)) {
        return VS_RANGE_NONE;
    }
    if (is_suffix) {
        *from = last < len ? len - last : 0;
        return last == 0 || len == 0 ? VS_RANGE_BEYOND : VS_RANGE_PART;
    }
    if (first >= len) {
        return VS_RANGE_BEYOND;
    }
    *from = first;
    *to = last < len ? last + 1 : len;
    return VS_RANGE_PART;
}

bool vs__parse_listen(const char *text, char host[VS_MAX_HOST_BYTES], uint16_t *port) {
    uint64_t number;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !vs__parse_whole(colon + 1, UINT16_MAX, &number)) {
        return false;
    }
    size_t len = (size_t)(colon - text);
    bool bracketed = len >= 2 && text[0] == '[' && text[len - 1] == ']';
    if (bracketed) {
        text++;
        len -= 2;
    }
    if (len >= VS_MAX_HOST_BYTES || (bracketed != (memchr(text, ':', len) != NULL)) || memchr(text, '[', len) != NULL ||
        memchr(text, ']', len) != NULL) {
        return false;
    }
    memcpy(host, text, len);
    host[len] = 0;
    *port = (uint16_t)number;
    return true;
}
