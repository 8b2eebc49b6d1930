#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options.h"
#include "crypto/secret.h"

/* Standard input can be read once: a second "-" would find nothing. */
static bool standard_input_taken;

static vs_status read_some(int fd, const char *name, void *buf, size_t cap, size_t *got, vs_error *error) {
    for (;;) {
        ssize_t n = read(fd, buf, cap);
        if (n >= 0) {
            *got = (size_t)n;
            return VS_OK;
        }
        if (errno != EINTR) {
            return vs_fail(error, VS_ERR_IO, "cannot read %s: %s", name, strerror(errno));
        }
    }
}

static vs_status input_read(void *context, void *buf, size_t cap, size_t *got, vs_error *error) {
    vs_input *input = context;
    size_t waiting = input->peeked_len - input->peeked_at;
    if (waiting > 0) {
        *got = waiting < cap ? waiting : cap;
        memcpy(buf, input->peeked + input->peeked_at, *got);
        input->peeked_at += *got;
        return VS_OK;
    }
    return read_some(input->fd, input->source.name, buf, cap, got, error);
}

static vs_status open_standard_input(vs_input *input, vs_error *error) {
    if (standard_input_taken) {
        (void)vs_fail(error, VS_ERR_USAGE, "standard input is named twice");
        vs_hint(error, "'-' can stand for one input only; name a file for the other");
        return VS_ERR_USAGE;
    }
    if (isatty(STDIN_FILENO)) {
        (void)vs_fail(error, VS_ERR_USAGE, "standard input is a terminal");
        vs_hint(error, "name a file, or send its content in through a pipe");
        return VS_ERR_USAGE;
    }
    standard_input_taken = true;
    input->fd = STDIN_FILENO;
    input->source.name = "standard input";
    return VS_OK;
}

int vs__descriptor_of(const char *path) {
    static const char *const streams[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(path, streams[i]) == 0) {
            return i;
        }
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t len = strlen(folders[i]);
        uint64_t number = 0;
        if (strncmp(path, folders[i], len) == 0 &&
            vs__parse_number(path + len, strlen(path + len), 0, INT32_MAX, &number)) {
            return (int)number;
        }
    }
    return -1;
}

static int open_for_reading(const char *path) {
    int descriptor = vs__descriptor_of(path);
    return descriptor >= 0 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

vs_status vs__input_open(vs_input *input, const char *path, vs_error *error) {
    memset(input, 0, sizeof *input);
    input->fd = -1;
    input->source = (vs_source){.name = path, .context = input, .read = input_read};
    if (strcmp(path, "-") == 0) {
        return open_standard_input(input, error);
    }
    input->fd = open_for_reading(path);
    if (input->fd < 0) {
        int code = errno;
        (void)vs_fail(error, VS_ERR_IO, "cannot open %s: %s", path, strerror(code));
        if (code == EMFILE || code == ENFILE) {
            vs_hint(error, "raise the limit of open files (ulimit -n)");
        } else if (code == ENOENT) {
            vs_hint(error, "is the name right, and is this the folder that it is relative to?");
        } else if (code == EACCES) {
            vs_hint(error, "ask its owner, or whoever runs this machine, for permission to read it");
        }
        return VS_ERR_IO;
    }
    input->owned = true;
    struct stat status;
    if (fstat(input->fd, &status) != 0) {
        return vs_fail(error, VS_ERR_IO, "cannot read %s: %s", path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return vs_fail(error, VS_ERR_IO, "cannot read %s: it is a directory", path);
    }
    input->regular = S_ISREG(status.st_mode);
    input->mode = status.st_mode & 07777u;
    (void)posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice: a pipe has no use for it */
    return VS_OK;
}

void vs__input_close(vs_input *input) {
    if (input->owned) {
        (void)close(input->fd);
    }
    vs_wipe(input->peeked, sizeof input->peeked);
    input->owned = false;
    input->fd = -1;
}

vs_status vs__input_peek(vs_input *input, const uint8_t **data, size_t *len, vs_error *error) {
    while (input->peeked_len < sizeof input->peeked) {
        size_t got = 0;
        vs_status status = read_some(input->fd, input->source.name, input->peeked + input->peeked_len,
                                     sizeof input->peeked - input->peeked_len, &got, error);
        if (status != VS_OK) {
            return status;
        }
        if (got == 0) {
            break;
        }
        input->peeked_len += got;
    }
    *data = input->peeked;
    *len = input->peeked_len;
    return VS_OK;
}

vs_status vs__input_read_secret(vs_input *input, size_t max, char **data, size_t *len, vs_error *error) {
    *data = NULL;
    *len = 0;
    char *buffer = vs_secret_alloc(max + 2); /* one byte to notice too much, one for the zero */
    if (buffer == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    size_t used = 0;
    vs_status status = VS_OK;
    while (used <= max) {
        size_t got = 0;
        status = input_read(input, buffer + used, max + 1 - used, &got, error);
        if (status != VS_OK || got == 0) {
            break;
        }
        used += got;
    }
    if (status == VS_OK && used > max) {
        status = vs_fail(error, VS_ERR_LIMIT, "%s is too long", input->source.name);
    }
    if (status != VS_OK) {
        vs_secret_free(buffer);
        return status;
    }
    buffer[used] = 0;
    *data = buffer;
    *len = used;
    return VS_OK;
}
