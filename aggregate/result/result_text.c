#include <string.h>

#include "aggregate/result/result_internal.h"

typedef struct range {
    uint32_t first, last;
} range;

static bool is_in(uint32_t character, const range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

#define IS_IN(character, ranges) is_in(character, ranges, sizeof(ranges) / sizeof *(ranges))

/* Blocks of East Asian wide characters and pictures, as terminals draw them whatever the locale. */
static const range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},  {0x3400, 0x4DBF},
                             {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},  {0xAC00, 0xD7A3},
                             {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6},
                             {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
/* Combining marks and characters without a width. */
static const range narrow[] = {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D},
                               {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
/* Control characters, and those that turn the direction of what follows. */
static const range unfit[] = {{0x00, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

uint32_t vs__next_character(const char *text, size_t len, size_t *at, unsigned *columns) {
    const unsigned char *byte = (const unsigned char *)text + *at;
    unsigned more = byte[0] < 0x80 ? 0 : byte[0] < 0xE0 ? 1 : byte[0] < 0xF0 ? 2 : 3;
    uint32_t character = more == 0 ? byte[0] : byte[0] & (0x3Fu >> more);
    *at += 1;
    for (; more > 0 && *at < len; more--, *at += 1) {
        character = character << 6 | ((unsigned char)text[*at] & 0x3Fu);
    }
    if (IS_IN(character, unfit)) {
        character = 0xFFFD;
    }
    *columns = IS_IN(character, narrow) ? 0 : IS_IN(character, wide) ? 2 : 1;
    return character;
}

size_t vs__text_columns(const char *text) {
    size_t len = strlen(text), sum = 0;
    for (size_t at = 0; at < len;) {
        unsigned columns;
        vs__next_character(text, len, &at, &columns);
        sum += columns;
    }
    return sum;
}

size_t vs__text_fit(const char *text, size_t columns) {
    size_t len = strlen(text), fitting = 0, used = 0;
    for (size_t at = 0; at < len;) {
        unsigned more;
        vs__next_character(text, len, &at, &more);
        used += more;
        if (used > columns) {
            break;
        }
        fitting = at;
    }
    return fitting;
}

/* The first `len` bytes of a text, what a terminal must not see replaced. */
static void write_visible(vs__writer *writer, const char *text, size_t len) {
    for (size_t at = 0; at < len;) {
        size_t from = at;
        unsigned columns;
        if (vs__next_character(text, len, &at, &columns) == 0xFFFD) {
            vs__write_text(writer, "\xEF\xBF\xBD");
        } else {
            vs__write(writer, text + from, at - from);
        }
    }
}

void vs__write_padded(vs__writer *writer, const char *text, size_t columns, bool right) {
    size_t width = vs__text_columns(text), len = strlen(text);
    bool cut = width > columns;
    if (cut && columns > 0) {
        len = vs__text_fit(text, columns - 1);
        width = 1;
        for (size_t at = 0; at < len;) {
            unsigned more;
            vs__next_character(text, len, &at, &more);
            width += more;
        }
    } else if (cut) {
        return;
    }
    size_t padding = columns - width;
    vs__write_repeated(writer, " ", right ? padding : 0);
    write_visible(writer, text, len);
    vs__write_text(writer, cut ? "…" : "");
    vs__write_repeated(writer, " ", right ? 0 : padding);
}
