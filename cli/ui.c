#include "cli/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/interrupt.h"

#define LINE_BYTES 1024

const vs_exit_text vs__exit_texts[] = {
    {0, "done and complete (values withheld by the plan included)"},
    {1, "failed: memory, disk, a missing file, an internal error; a closed pipe ends silently"},
    {2, "a command line that makes no sense, or an output that exists"},
    {3, "bad input: not a readable plan, table, key or container of a known version, or a value outside its bounds"},
    {4, "not authentic: altered or cut short, or made for another plan or key"},
    {5, "authentic but not allowed: too few or too many contributors, one of them twice or unlisted, an overlapping "
        "total, a plan that is not signed or not valid now, the copy of a pool"},
    {75, "not ready yet: a pool has too few factors, or a total too few parts"},
    {VS_EXIT_INTERRUPTED, "interrupted"},
    {0, NULL},
};

int vs__exit_status(vs_status status) {
    switch (status) {
    case VS_OK:
        return 0;
    case VS_ERR_MEMORY:
    case VS_ERR_RANDOM:
    case VS_ERR_IO:
    case VS_ERR_FAULT:
    case VS_ERR_CLOSED:
        return 1;
    case VS_ERR_USAGE:
    case VS_ERR_EXISTS:
        return 2;
    case VS_ERR_FORMAT:
    case VS_ERR_VERSION:
    case VS_ERR_RANGE:
    case VS_ERR_LIMIT:
        return 3;
    case VS_ERR_AUTH:
    case VS_ERR_MISMATCH:
        return 4;
    case VS_ERR_POLICY:
        return 5;
    case VS_ERR_NOT_READY:
        return 75;
    case VS_ERR_INTERRUPTED:
        return VS_EXIT_INTERRUPTED;
    }
    return 1;
}

/* The length of the well-formed UTF-8 character at `text`, or 0. Overlong forms and surrogates are not well-formed. */
static size_t utf8_len(const unsigned char *text, unsigned *code) {
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = text[0] < 0x80   ? 1
                 : text[0] < 0xc2 ? 0
                 : text[0] < 0xe0 ? 2
                 : text[0] < 0xf0 ? 3
                 : text[0] < 0xf5 ? 4
                                  : 0;
    if (len < 2) {
        *code = text[0];
        return len;
    }
    unsigned value = text[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xc0u) != 0x80u) {
            return 0;
        }
        value = value << 6 | (text[i] & 0x3fu);
    }
    *code = value;
    return value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0 : len;
}

/* Would this character steer a terminal instead of being shown? */
static bool steers(unsigned code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200e && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void vs__ui_clean(char *out, size_t out_len, const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    size_t used = 0;
    while (*at != 0 && used + 5 <= out_len) {
        unsigned code = 0;
        size_t len = utf8_len(at, &code);
        if (len == 0 || steers(code)) {
            out[used++] = '?';
            at += len == 0 ? 1 : len;
        } else {
            memcpy(out + used, at, len);
            used += len;
            at += len;
        }
    }
    out[used] = 0;
}

/* One line to standard error in one write, so that lines of several programs in a pipe do not mix. */
static void say(const char *kind, const char *text) {
    char clean[LINE_BYTES];
    char line[LINE_BYTES + 32];
    vs__ui_clean(clean, sizeof clean, text);
    int len = snprintf(line, sizeof line, "veilsum: %s: %s\n", kind, clean);
    ssize_t written = write(STDERR_FILENO, line, (size_t)len);
    (void)written; /* there is nobody else to tell */
}

void vs__ui_error(vs_status status, const vs_error *error) {
    if (status == VS_ERR_CLOSED || status == VS_ERR_INTERRUPTED) {
        return;
    }
    say("error", error->message[0] != 0 ? error->message : vs_status_text(status));
    if (error->hint[0] != 0) {
        say("hint", error->hint);
    } else if (status == VS_ERR_MEMORY) {
        say("hint", "raise the limit (ulimit -v), or use fewer --threads; a passphrase alone takes 256 MiB");
    }
}

static void say_formatted(const char *kind, const char *format, va_list arguments) {
    char text[LINE_BYTES];
    (void)vsnprintf(text, sizeof text, format, arguments);
    say(kind, text);
}

void vs__ui_warning(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_formatted("warning", format, arguments);
    va_end(arguments);
}

void vs__ui_note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_formatted("note", format, arguments);
    va_end(arguments);
}

unsigned vs__ui_columns(int fd) {
    struct winsize size;
    return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
