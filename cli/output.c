#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/interrupt.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

#define BUFFER_BYTES (256u << 10)

static const char *display_name(const vs_output *output) {
    return output->path != NULL ? output->path : "standard output";
}

static vs_status fail_write(const char *name, vs_error *error) {
    if (errno == EPIPE) {
        return vs_fail(error, VS_ERR_CLOSED, "the reader of %s has gone", name);
    }
    int code = errno;
    (void)vs_fail(error, VS_ERR_IO, "cannot write %s: %s", name, strerror(code));
    if (code == ENOSPC || code == EDQUOT) {
        vs_hint(error, "make room, or name an output on another disk");
    }
    return VS_ERR_IO;
}

/* An output that cannot even be begun. */
static vs_status fail_open(const char *path, vs_error *error) {
    int code = errno;
    (void)vs_fail(error, VS_ERR_IO, "cannot write %s: %s", path, strerror(code));
    if (code == ENOENT || code == ENOTDIR) {
        vs_hint(error, "there is no such folder: make it, or name another");
    } else if (code == EACCES || code == EPERM || code == EROFS) {
        vs_hint(error, "name an output in a folder that you may write to");
    } else if (code == ENOSPC || code == EDQUOT) {
        vs_hint(error, "make room, or name an output on another disk");
    }
    return VS_ERR_IO;
}

static vs_status write_all(int fd, const char *name, const void *data, size_t len, vs_error *error) {
    const uint8_t *at = data;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno != EINTR) {
            return fail_write(name, error);
        }
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return VS_OK;
}

/* ---- temporary files ---- */

/* An unnamed file for what is too long to keep in memory before it goes to a pipe. */
static vs_status open_spool(vs_output *output, vs_error *error) {
    const char *directory = getenv("TMPDIR");
    if (directory == NULL || directory[0] == 0) {
        directory = "/tmp";
    }
    output->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (output->fd >= 0) {
        return VS_OK;
    }
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/veilsum-XXXXXX", directory);
    if (len > 0 && (size_t)len < sizeof path) {
        output->fd = mkostemp(path, O_CLOEXEC);
    } else {
        errno = ENAMETOOLONG;
    }
    if (output->fd < 0) {
        (void)vs_fail(error, VS_ERR_IO, "cannot make a temporary file in %s: %s", directory, strerror(errno));
        vs_hint(error, "TMPDIR names the directory for temporary files; -o avoids them");
        return VS_ERR_IO;
    }
    (void)unlink(path);
    return VS_OK;
}

/* The directory part of a path, malloc'd, with its slash; "" for a plain name. */
static char *directory_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return strndup(path, slash == NULL ? 0 : (size_t)(slash - path) + 1);
}

/* A temporary file beside the destination. Its name tells nothing and is nobody else's: 64 random bits and O_EXCL. */
static vs_status open_temporary(vs_output *output, vs_error *error) {
    vs_status status = VS_OK;
    uint8_t random[8];
    char hex[2 * sizeof random + 1];
    char *directory = directory_of(output->path);
    if (directory == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_random(random, sizeof random);
    vs_to_hex(hex, random, sizeof random);
    if (asprintf(&output->temporary, "%s.veilsum-%s.tmp", directory, hex) < 0) {
        output->temporary = NULL;
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    status = vs__interrupt_register(&output->slot, output->temporary, error);
    if (status != VS_OK) {
        goto done;
    }
    output->fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, output->options.secret ? 0600 : 0666);
    if (output->fd < 0) {
        status = fail_open(output->path, error);
        vs__interrupt_release(output->slot);
        output->slot = -1;
    }
done:
    free(directory);
    return status;
}

/* ---- opening ---- */

static vs_status refuse_terminal(vs_error *error) {
    (void)vs_fail(error, VS_ERR_USAGE, "binary data is not written to a terminal");
    vs_hint(error, "name a file with -o, or send it through a pipe");
    return VS_ERR_USAGE;
}

static vs_status fail_exists(const vs_output *output, vs_error *error) {
    (void)vs_fail(error, VS_ERR_EXISTS, "%s exists already", output->path);
    vs_hint(error, "choose another name, or replace it with --force");
    return VS_ERR_EXISTS;
}

/* A destination that is open already, standard output above all. */
static vs_status open_descriptor(vs_output *output, vs_error *error) {
    output->spooled = true;
    return output->options.binary && isatty(output->descriptor) ? refuse_terminal(error) : VS_OK;
}

/* Decide what kind of thing `path` is: a device or a pipe is written to as it stands, a file gets a new content. */
static vs_status open_path(vs_output *output, const char *path, vs_error *error) {
    struct stat status;
    output->path = strdup(path);
    if (output->path == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    output->descriptor = vs__descriptor_of(path);
    if (output->descriptor >= 0) {
        return open_descriptor(output, error);
    }
    if (lstat(path, &status) != 0) {
        return errno == ENOENT ? open_temporary(output, error) : fail_open(path, error);
    }
    bool reachable = stat(path, &status) == 0; /* not so for a link to nowhere */
    if (reachable && S_ISDIR(status.st_mode)) {
        (void)vs_fail(error, VS_ERR_IO, "cannot write %s: it is a directory", path);
        vs_hint(error, "name a file in it");
        return VS_ERR_IO;
    }
    if (reachable && !S_ISREG(status.st_mode)) {
        output->spooled = true;
        return VS_OK;
    }
    if (!output->options.force) {
        return fail_exists(output, error);
    }
    char *real = reachable ? realpath(path, NULL) : NULL; /* a link stays a link, and its target is replaced */
    if (real != NULL) {
        free(output->path);
        output->path = real;
    }
    return open_temporary(output, error);
}

static vs_status output_write(void *context, const void *data, size_t len, vs_error *error);

vs_status vs__output_open(vs_output *output, const char *path, const vs_output_options *options, vs_error *error) {
    *output = (vs_output){.options = *options, .descriptor = -1, .slot = -1, .fd = -1};
    output->buffer = malloc(BUFFER_BYTES);
    if (output->buffer == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = VS_OK;
    if (path == NULL || strcmp(path, "-") == 0) {
        output->descriptor = STDOUT_FILENO;
        status = open_descriptor(output, error);
    } else {
        status = open_path(output, path, error);
    }
    output->sink = (vs_sink){.name = display_name(output), .context = output, .write = output_write};
    return status;
}

/* ---- writing ---- */

static vs_status flush_buffer(vs_output *output, vs_error *error) {
    if (output->fd < 0) {
        vs_status status = open_spool(output, error);
        if (status != VS_OK) {
            return status;
        }
    }
    const char *name = output->spooled ? "a temporary file" : output->path;
    vs_status status = write_all(output->fd, name, output->buffer, output->used, error);
    output->used = 0;
    return status;
}

static vs_status output_write(void *context, const void *data, size_t len, vs_error *error) {
    vs_output *output = context;
    const uint8_t *at = data;
    while (len > 0) {
        size_t room = BUFFER_BYTES - output->used;
        size_t step = len < room ? len : room;
        memcpy(output->buffer + output->used, at, step);
        output->used += step;
        at += step;
        len -= step;
        if (output->used == BUFFER_BYTES) {
            vs_status status = flush_buffer(output, error);
            if (status != VS_OK) {
                return status;
            }
        }
    }
    return VS_OK;
}

/* ---- finishing ---- */

vs_status vs__output_sync(vs_output *output, vs_error *error) {
    if (output->spooled) {
        return VS_OK;
    }
    vs_status status = flush_buffer(output, error);
    if (status != VS_OK) {
        return status;
    }
    /* Some file systems cannot sync and say so with EINVAL; all else is a disk that failed. */
    int failed = fsync(output->fd) != 0 && errno != EINVAL && errno != ENOTSUP;
    if (failed || close(output->fd) != 0) {
        status = fail_write(output->path, error);
    }
    output->fd = -1;
    return status;
}

static vs_status copy_spool(vs_output *output, int to, const char *name, vs_error *error) {
    size_t rest = output->used;
    if (output->fd < 0) {
        return write_all(to, name, output->buffer, rest, error);
    }
    vs_status status = flush_buffer(output, error);
    if (status == VS_OK && lseek(output->fd, 0, SEEK_SET) != 0) {
        status = vs_fail(error, VS_ERR_IO, "cannot read a temporary file again: %s", strerror(errno));
    }
    while (status == VS_OK) {
        ssize_t n = read(output->fd, output->buffer, BUFFER_BYTES);
        if (n == 0) {
            break;
        }
        if (n < 0 && errno != EINTR) {
            return vs_fail(error, VS_ERR_IO, "cannot read a temporary file again: %s", strerror(errno));
        }
        status = n > 0 ? write_all(to, name, output->buffer, (size_t)n, error) : VS_OK;
    }
    return status;
}

static vs_status commit_spool(vs_output *output, vs_error *error) {
    int to = output->descriptor;
    if (to < 0) {
        to = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (to < 0) {
            return vs_fail(error, VS_ERR_IO, "cannot write %s: %s", output->path, strerror(errno));
        }
        if (output->options.binary && isatty(to)) {
            (void)close(to);
            return refuse_terminal(error);
        }
    }
    vs_status status = copy_spool(output, to, display_name(output), error);
    if (status == VS_OK && fsync(to) != 0 && (errno == EIO || errno == ENOSPC || errno == EDQUOT)) {
        status = fail_write(display_name(output), error); /* a redirected file on a disk that failed late */
    }
    if (to != output->descriptor && close(to) != 0 && status == VS_OK) {
        status = fail_write(output->path, error);
    }
    return status;
}

/* The name, only if it is free: renameat2 does it in one step; a hard link does where that is not known. */
static int rename_to_free_name(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    if (link(from, to) == 0) {
        return unlink(from);
    }
    if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS) {
        return -1;
    }
    /* A file system with neither: look, then rename; only a race in that instant would replace a file. */
    struct stat status;
    if (lstat(to, &status) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

/* A name is on the disk once its directory is. A directory that cannot be opened or synced does not undo the rename. */
static void sync_directory(const char *path) {
    char *directory = directory_of(path);
    if (directory != NULL) {
        int fd = open(directory[0] == 0 ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0) {
            (void)fsync(fd);
            (void)close(fd);
        }
    }
    free(directory);
}

vs_status vs__output_commit(vs_output *output, vs_error *error) {
    if (output->spooled) {
        return commit_spool(output, error);
    }
    if (output->fd >= 0) {
        vs_status status = vs__output_sync(output, error);
        if (status != VS_OK) {
            return status;
        }
    }
    int failed = output->options.force ? rename(output->temporary, output->path)
                                       : rename_to_free_name(output->temporary, output->path);
    if (failed != 0) {
        return errno == EEXIST ? fail_exists(output, error) : fail_write(output->path, error);
    }
    vs__interrupt_release(output->slot);
    output->slot = -1;
    sync_directory(output->path);
    return VS_OK;
}

void vs__output_close(vs_output *output) {
    if (output->fd >= 0) {
        (void)close(output->fd);
    }
    if (output->slot >= 0) {
        (void)unlink(output->temporary);
        vs__interrupt_release(output->slot);
    }
    if (output->buffer != NULL) {
        vs_wipe(output->buffer, BUFFER_BYTES);
    }
    free(output->buffer);
    free(output->temporary);
    free(output->path);
    *output = (vs_output){.slot = -1, .fd = -1};
}

vs_status vs__print(const char *text, size_t len, vs_error *error) {
    return write_all(STDOUT_FILENO, "standard output", text, len, error);
}
