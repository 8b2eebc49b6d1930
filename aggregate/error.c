#include "aggregate/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char cut_mark[] = "…";

/* Names of files and columns come from outside. Without control characters (C0, DEL, and C1 as UTF-8 has them) they can
 * neither break the line nor speak to a terminal. */
static void make_one_line(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
        if (*c < 0x20 || *c == 0x7f) {
            *c = '?';
        } else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) {
            c[0] = c[1] = '?';
        }
    }
}

/* Cut between two characters, so that the end is valid UTF-8 where the text is, and say so. */
static void cut(char *text, size_t cap) {
    size_t at = cap - sizeof cut_mark;
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80) {
        at--;
    }
    memcpy(text + at, cut_mark, sizeof cut_mark);
}

static void write_text(char *out, size_t cap, const char *format, va_list arguments) {
    int len = vsnprintf(out, cap, format, arguments);
    if (len < 0) {
        out[0] = '\0';
    } else if ((size_t)len >= cap) {
        cut(out, cap);
    }
    make_one_line(out);
}

/* Everywhere below, arguments may lie in the error itself: text is made beside it first. */

vs_status vs_fail(vs_error *error, vs_status status, const char *format, ...) {
    if (error != NULL) {
        char text[sizeof error->message];
        va_list arguments;
        va_start(arguments, format);
        write_text(text, sizeof text, format, arguments);
        va_end(arguments);
        memcpy(error->message, text, sizeof text);
        error->hint[0] = '\0';
    }
    return status;
}

void vs_hint(vs_error *error, const char *format, ...) {
    if (error != NULL) {
        char text[sizeof error->hint];
        va_list arguments;
        va_start(arguments, format);
        write_text(text, sizeof text, format, arguments);
        va_end(arguments);
        memcpy(error->hint, text, sizeof text);
    }
}

void vs_error_at(vs_error *error, const char *format, ...) {
    if (error != NULL) {
        char place[sizeof error->message], text[2 * sizeof error->message];
        va_list arguments;
        va_start(arguments, format);
        write_text(place, sizeof place, format, arguments);
        va_end(arguments);
        int len = snprintf(text, sizeof text, "%s: %s", place, error->message);
        if (len >= (int)sizeof error->message) {
            cut(text, sizeof error->message);
        }
        memcpy(error->message, text, sizeof error->message);
    }
}

vs_status vs_fail_plain(vs_error *error, vs_status status) {
    return vs_fail(error, status, "%s", vs_status_text(status));
}
