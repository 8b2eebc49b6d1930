#include "aggregate/plan/plan_page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_COLUMNS 100

static void put(vs__page *to, const char *text, size_t len) {
    if (to->status == VS_OK && len > 0) {
        to->status = to->sink->write(to->sink->context, text, len, to->error);
    }
}

/* Is there a mark at `text` that turns the direction of writing or breaks a line? Three bytes: U+200E, U+200F, U+2028
 * to U+202E, U+2066 to U+2069. A plan that shows otherwise than it reads could be agreed to by mistake. */
static bool is_mark(const char *text, size_t len) {
    const unsigned char *c = (const unsigned char *)text;
    return len >= 3 && c[0] == 0xe2 &&
           ((c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae))) ||
            (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/* A word of whole characters, with '?' for each mark. */
static void put_word(vs__page *to, const char *text, size_t len) {
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_mark(text + i, len - i)) {
            put(to, text + from, i - from);
            put(to, "?", 1);
            i += 2;
            from = i + 1;
        }
    }
    put(to, text + from, len - from);
}

/* Bytes of the word at `text`, at most `columns` wide, and its width. Widths are counted in code points. */
static size_t word_len(const char *text, size_t columns, size_t *width) {
    size_t len = 0;
    *width = 0;
    while (text[len] != '\0' && text[len] != ' ') {
        bool starts = ((unsigned char)text[len] & 0xc0) != 0x80;
        if (starts && *width == columns) {
            break;
        }
        *width += starts;
        len++;
    }
    return len;
}

/* One paragraph behind `lead`, broken at spaces; further lines are indented as far as the lead is wide (it is ASCII).
 */
static void wrap(vs__page *to, const char *lead, const char *text) {
    size_t indent = strlen(lead), column = indent;
    bool at_start = true;
    put(to, lead, indent);
    while (*text != '\0') {
        size_t width, len = word_len(text, LINE_COLUMNS - indent, &width);
        if (!at_start && column + 1 + width > LINE_COLUMNS) {
            char line[LINE_COLUMNS + 2];
            put(to, line, (size_t)snprintf(line, sizeof line, "\n%*s", (int)indent, ""));
            column = indent;
            at_start = true;
        }
        put(to, " ", at_start ? 0 : 1);
        put_word(to, text, len);
        column += width + (at_start ? 0 : 1);
        at_start = false;
        text += len;
        text += *text == ' ';
    }
    put(to, "\n", 1);
}

/* malloc'd; NULL, and the failure kept, where memory ran out. */
static char *format_text(vs__page *to, const char *format, va_list arguments) {
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0) {
        to->status = to->status == VS_OK ? vs_fail_plain(to->error, VS_ERR_MEMORY) : to->status;
        return NULL;
    }
    return text;
}

void vs__say(vs__page *to, const char *lead, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = format_text(to, format, arguments);
    va_end(arguments);
    if (text != NULL) {
        wrap(to, lead, text);
    }
    free(text);
}

void vs__heading(vs__page *to, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = format_text(to, format, arguments);
    va_end(arguments);
    put(to, "\n", 1);
    if (text != NULL) {
        wrap(to, "", text);
    }
    free(text);
}
