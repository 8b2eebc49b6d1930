#include "cli/pool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/ui.h"

static vs_status fail_io(const vs_pool_file *file, const char *what, vs_error *error) {
    int code = errno;
    (void)vs_fail(error, VS_ERR_IO, "cannot %s %s: %s", what, file->storage.name, strerror(code));
    if (code == ENOSPC || code == EDQUOT) {
        vs_hint(error, "make room, or name a pool on another disk");
    }
    return VS_ERR_IO;
}

static vs_status file_length(void *context, uint64_t *len, vs_error *error) {
    const vs_pool_file *file = context;
    struct stat status;
    if (fstat(file->fd, &status) != 0) {
        return fail_io(file, "read", error);
    }
    *len = (uint64_t)status.st_size;
    return VS_OK;
}

static vs_status file_read(void *context, uint64_t offset, void *buf, size_t len, vs_error *error) {
    const vs_pool_file *file = context;
    uint8_t *at = buf;
    while (len > 0) {
        ssize_t n = pread(file->fd, at, len, (off_t)offset);
        if (n < 0 && errno != EINTR) {
            return fail_io(file, "read", error);
        }
        if (n == 0) {
            return vs_fail(error, VS_ERR_IO, "%s became shorter while it was read", file->storage.name);
        }
        if (n > 0) {
            at += n;
            offset += (uint64_t)n;
            len -= (size_t)n;
        }
    }
    return VS_OK;
}

static vs_status file_write(void *context, uint64_t offset, const void *data, size_t len, vs_error *error) {
    const vs_pool_file *file = context;
    const uint8_t *at = data;
    while (len > 0) {
        ssize_t n = pwrite(file->fd, at, len, (off_t)offset);
        if (n < 0 && errno != EINTR) {
            return fail_io(file, "write", error);
        }
        if (n > 0) {
            at += n;
            offset += (uint64_t)n;
            len -= (size_t)n;
        }
    }
    return VS_OK;
}

/* A file system that cannot sync cannot hold a pool: unlike an output, which is only lost, a factor would be used
 * twice. A file that has grown has its new length synced, too. */
static vs_status file_sync(void *context, vs_error *error) {
    const vs_pool_file *file = context;
    return fdatasync(file->fd) != 0 ? fail_io(file, "sync", error) : VS_OK;
}

static vs_status set_up(vs_pool_file *file, int fd, const char *name, bool writable, vs_error *error) {
    struct stat status;
    file->fd = fd;
    file->storage = (vs_storage){.name = name,
                                 .context = file,
                                 .length = file_length,
                                 .read = file_read,
                                 .write = writable ? file_write : NULL,
                                 .sync = writable ? file_sync : NULL};
    if (fstat(fd, &status) != 0) {
        return fail_io(file, "read", error);
    }
    if (!S_ISREG(status.st_mode)) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s is not a file", name);
        vs_hint(error, "a pool is a file on a disk, which is read and written in place");
        return VS_ERR_FORMAT;
    }
    file->storage.place = status.st_ino;
    return VS_OK;
}

static int lock(int fd, int how) {
    int failed;
    do {
        failed = flock(fd, how);
    } while (failed != 0 && errno == EINTR);
    return failed;
}

static vs_status lock_or_wait(const vs_pool_file *file, int how, vs_error *error) {
    if (lock(file->fd, how | LOCK_NB) == 0) {
        return VS_OK;
    }
    if (errno != EWOULDBLOCK) {
        return fail_io(file, "lock", error);
    }
    vs__ui_note("waiting for %s, which another process uses", file->storage.name);
    return lock(file->fd, how) == 0 ? VS_OK : fail_io(file, "lock", error);
}

vs_status vs__pool_file_open(vs_pool_file *file, const char *path, vs_error *error) {
    *file = (vs_pool_file){.fd = -1};
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        (void)vs_fail(error, VS_ERR_IO, "cannot open %s: %s", path, strerror(errno));
        vs_hint(error, "'veilsum pool' makes one; using it needs the permission to write");
        return VS_ERR_IO;
    }
    file->owned = true;
    vs_status status = set_up(file, fd, path, true, error);
    return status == VS_OK ? lock_or_wait(file, LOCK_EX, error) : status;
}

vs_status vs__pool_file_of(vs_pool_file *file, int fd, const char *name, bool writable, vs_error *error) {
    *file = (vs_pool_file){.fd = -1};
    vs_status status = set_up(file, fd, name, writable, error);
    return status == VS_OK ? lock_or_wait(file, writable ? LOCK_EX : LOCK_SH, error) : status;
}

void vs__pool_file_close(vs_pool_file *file) {
    if (file->fd >= 0) {
        if (file->owned) {
            (void)close(file->fd);
        } else {
            (void)flock(file->fd, LOCK_UN);
        }
    }
    *file = (vs_pool_file){.fd = -1};
}
