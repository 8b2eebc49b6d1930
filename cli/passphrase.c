#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/ui.h"
#include "crypto/hash.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

#define MAX_FILE_BYTES (2 * VS_SEAL_MAX_PASSPHRASE)

void vs__passphrase_free(vs_passphrase *passphrase) {
    vs_secret_free(passphrase->text);
    *passphrase = (vs_passphrase){NULL, 0};
}

/* ---- from a file ---- */

/* The first line: up to a newline, and the carriage return before it belongs to the line's end as well. */
static vs_status first_line(vs_passphrase *passphrase, const char *name, vs_error *error) {
    char *end = memchr(passphrase->text, '\n', passphrase->len);
    size_t len = end == NULL ? passphrase->len : (size_t)(end - passphrase->text);
    if (len > 0 && passphrase->text[len - 1] == '\r') {
        len--;
    }
    if (len == 0) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s: the first line holds no passphrase", name);
        vs_hint(error, "write the passphrase on its first line");
        return VS_ERR_FORMAT;
    }
    if (len > VS_SEAL_MAX_PASSPHRASE) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: the passphrase is longer than %u bytes", name, VS_SEAL_MAX_PASSPHRASE);
    }
    passphrase->text[len] = 0;
    passphrase->len = len;
    return VS_OK;
}

static vs_status read_file(vs_passphrase *passphrase, const char *path, vs_error *error) {
    vs_input input;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs__input_read_secret(&input, MAX_FILE_BYTES, &passphrase->text, &passphrase->len, error);
    }
    if (status == VS_OK && input.regular && (input.mode & 077u) != 0) {
        vs__ui_warning("%s can be read by others; chmod 600 keeps it to you", path);
    }
    if (status == VS_OK) {
        status = first_line(passphrase, input.source.name, error);
    }
    vs__input_close(&input);
    return status;
}

/* ---- from a person ---- */

static vs_status open_terminal(int *fd, vs_error *error) {
    *fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "a passphrase is needed, and there is no terminal to ask at");
        vs_hint(error, "name a file that holds it: --passphrase-file FILE");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

static void put(int fd, const char *text) {
    ssize_t written = write(fd, text, strlen(text));
    (void)written;
}

/* Bytes up to a newline. The terminal edits the line; no stdio, whose buffers would keep a copy. */
static vs_status read_line(int fd, vs_passphrase *passphrase, vs_error *error) {
    size_t len = 0;
    for (;;) {
        char byte = 0;
        ssize_t n = read(fd, &byte, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return vs_fail(error, VS_ERR_IO, "cannot read the terminal: %s", strerror(errno));
        }
        if (n == 0 || byte == '\n' || byte == '\r') {
            break;
        }
        if (len == VS_SEAL_MAX_PASSPHRASE) {
            return vs_fail(error, VS_ERR_USAGE, "the passphrase is longer than %u bytes", VS_SEAL_MAX_PASSPHRASE);
        }
        passphrase->text[len++] = byte;
    }
    if (len == 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "the passphrase is empty");
        vs_hint(error, "nothing was read or opened; try again");
        return VS_ERR_USAGE;
    }
    passphrase->text[len] = 0;
    passphrase->len = len;
    return VS_OK;
}

static vs_status ask(int fd, vs_passphrase *passphrase, const char *prompt, vs_error *error) {
    struct termios before;
    passphrase->text = vs_secret_alloc(VS_SEAL_MAX_PASSPHRASE + 1);
    if (passphrase->text == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (tcgetattr(fd, &before) != 0) {
        return vs_fail(error, VS_ERR_IO, "cannot read the terminal: %s", strerror(errno));
    }
    struct termios silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    silent.c_lflag |= ICANON;
    silent.c_cc[VSUSP] = _POSIX_VDISABLE; /* suspended here, the shell would come back without an echo */
    vs__interrupt_terminal(fd, &before);
    (void)tcsetattr(fd, TCSAFLUSH, &silent);
    put(fd, prompt);
    vs_status status = read_line(fd, passphrase, error);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    vs__interrupt_terminal(-1, NULL);
    put(fd, "\n");
    return status;
}

vs_status vs__passphrase_get(vs_passphrase *passphrase, const char *path, const char *what, vs_error *error) {
    *passphrase = (vs_passphrase){NULL, 0};
    int fd = -1;
    char clean[256];
    char prompt[320];
    if (path != NULL) {
        return read_file(passphrase, path, error);
    }
    vs_status status = open_terminal(&fd, error);
    if (status != VS_OK) {
        return status;
    }
    vs__ui_clean(clean, sizeof clean, what);
    (void)snprintf(prompt, sizeof prompt, "Passphrase for %s: ", clean);
    status = ask(fd, passphrase, prompt, error);
    (void)close(fd);
    return status;
}

vs_status vs__passphrase_choose(vs_passphrase *passphrase, const char *path, vs_error *error) {
    *passphrase = (vs_passphrase){NULL, 0};
    vs_passphrase again = {NULL, 0};
    int fd = -1;
    if (path != NULL) {
        return read_file(passphrase, path, error);
    }
    vs_status status = open_terminal(&fd, error);
    if (status != VS_OK) {
        vs_hint(error, "--passphrase-file FILE names a file that holds it; --no-passphrase leaves the key unsealed");
        return status;
    }
    status = ask(fd, passphrase, "New passphrase: ", error);
    if (status == VS_OK) {
        status = ask(fd, &again, "The same again: ", error);
    }
    if (status == VS_OK && (again.len != passphrase->len || !vs_equal(again.text, passphrase->text, again.len))) {
        (void)vs_fail(error, VS_ERR_USAGE, "the two passphrases differ");
        vs_hint(error, "nothing was written; try again");
        status = VS_ERR_USAGE;
    }
    vs__passphrase_free(&again);
    (void)close(fd);
    return status;
}
