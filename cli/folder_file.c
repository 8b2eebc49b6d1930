#include "cli/folder_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/ui.h"

#define LOCK_NAME ".lock"
#define TEMPORARY_NAME ".new" /* one writer at a time, so one name will do */

static vs_status fail_io(const vs_folder_file *file, const char *what, const char *blob, vs_error *error) {
    int code = errno;
    (void)vs_fail(error, VS_ERR_IO, "cannot %s %s%s%s: %s", what, file->folder.name, blob == NULL ? "" : "/",
                  blob == NULL ? "" : blob, strerror(code));
    if (code == ENOSPC || code == EDQUOT) {
        vs_hint(error, "make room, and repeat the command");
    }
    return VS_ERR_IO;
}

/* ---- ways ---- */

/* The directory that `blob` is in, without following a link on the way; made where `make`. −1 with errno. `*last` is
 * the rest of the name. */
static int open_parent(const vs_folder_file *file, const char *blob, bool make, const char **last) {
    char part[VS_MAX_BLOB_NAME];
    VS_CHECK(vs_folder_name_is_valid(blob));
    int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    for (const char *slash = strchr(blob, '/'); fd >= 0 && slash != NULL; slash = strchr(blob, '/')) {
        memcpy(part, blob, (size_t)(slash - blob));
        part[slash - blob] = 0;
        bool made = make && mkdirat(fd, part, file->mode == 0600 ? 0700 : 0755) == 0;
        int below = !made || fsync(fd) == 0 ? openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        int code = errno;
        (void)close(fd);
        errno = code;
        fd = below;
        blob = slash + 1;
    }
    *last = blob;
    return fd;
}

/* ---- reading ---- */

static vs_status read_whole(const vs_folder_file *file, int fd, const char *blob, size_t max, uint8_t **data,
                            size_t *len, vs_error *error) {
    struct stat st;
    size_t got = 0;
    if (fstat(fd, &st) != 0) {
        return fail_io(file, "read", blob, error);
    }
    if (!S_ISREG(st.st_mode)) {
        return vs_fail(error, VS_ERR_FORMAT, "%s/%s is not a file", file->folder.name, blob);
    }
    if ((uint64_t)st.st_size > max) {
        return vs_fail(error, VS_ERR_LIMIT, "%s/%s is larger than it may be", file->folder.name, blob);
    }
    *data = malloc((size_t)st.st_size + 1);
    if (*data == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    while (got < (size_t)st.st_size) {
        ssize_t n = read(fd, *data + got, (size_t)st.st_size - got);
        if (n < 0 && errno != EINTR) {
            return fail_io(file, "read", blob, error);
        }
        if (n == 0) {
            break;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    (*data)[got] = 0;
    *len = got;
    return VS_OK;
}

static vs_status folder_read(void *context, const char *blob, size_t max, uint8_t **data, size_t *len,
                             vs_error *error) {
    const vs_folder_file *file = context;
    const char *last = NULL;
    *data = NULL;
    *len = 0;
    int parent = open_parent(file, blob, false, &last);
    int fd = parent < 0 ? -1 : openat(parent, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    vs_status status = VS_OK;
    if (fd >= 0) {
        status = read_whole(file, fd, blob, max, data, len, error);
    } else if (errno != ENOENT) {
        status = fail_io(file, "read", blob, error);
    }
    if (status != VS_OK) {
        free(*data);
        *data = NULL;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (parent >= 0) {
        (void)close(parent);
    }
    return status;
}

static vs_status folder_exists(void *context, const char *blob, bool *exists, vs_error *error) {
    const vs_folder_file *file = context;
    const char *last = NULL;
    struct stat st;
    int parent = open_parent(file, blob, false, &last);
    *exists = parent >= 0 && fstatat(parent, last, &st, AT_SYMLINK_NOFOLLOW) == 0;
    vs_status status = *exists || errno == ENOENT ? VS_OK : fail_io(file, "read", blob, error);
    if (parent >= 0) {
        (void)close(parent);
    }
    return status;
}

/* ---- writing ---- */

bool vs__write_all(int fd, const uint8_t *data, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return true;
}

static bool write_temporary(const vs_folder_file *file, int parent, const void *data, size_t len) {
    (void)unlinkat(parent, TEMPORARY_NAME, 0);
    int fd = openat(parent, TEMPORARY_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file->mode);
    if (fd < 0) {
        return false;
    }
    bool good = vs__write_all(fd, data, len) && fsync(fd) == 0;
    int code = errno;
    good = close(fd) == 0 && good;
    if (!good) {
        (void)unlinkat(parent, TEMPORARY_NAME, 0);
        errno = code;
    }
    return good;
}

static vs_status folder_write(void *context, const char *blob, const void *data, size_t len, vs_error *error) {
    const vs_folder_file *file = context;
    const char *last = NULL;
    VS_CHECK(file->lock_fd >= 0);
    int parent = open_parent(file, blob, true, &last);
    bool good = parent >= 0 && write_temporary(file, parent, data, len) &&
                renameat(parent, TEMPORARY_NAME, parent, last) == 0 && fsync(parent) == 0;
    vs_status status = good ? VS_OK : fail_io(file, "write", blob, error);
    if (parent >= 0) {
        (void)close(parent);
    }
    return status;
}

static vs_status folder_remove(void *context, const char *blob, vs_error *error) {
    const vs_folder_file *file = context;
    const char *last = NULL;
    int parent = open_parent(file, blob, false, &last);
    bool good = parent >= 0 && unlinkat(parent, last, 0) == 0;
    vs_status status = good || errno == ENOENT ? VS_OK : fail_io(file, "remove", blob, error);
    if (parent >= 0) {
        (void)close(parent);
    }
    return status;
}

/* ---- locks ---- */

static int lock(int fd, int how) {
    int failed;
    do {
        failed = flock(fd, how);
    } while (failed != 0 && errno == EINTR);
    return failed;
}

/* A folder that may only be read may have no file to lock; then nobody writes to it here. */
static vs_status folder_lock(void *context, bool exclusive, vs_error *error) {
    vs_folder_file *file = context;
    VS_CHECK(file->lock_fd < 0);
    int flags = exclusive ? O_RDWR | O_CREAT : O_RDONLY;
    int fd = openat(file->fd, LOCK_NAME, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, file->mode);
    if (fd < 0) {
        return exclusive ? fail_io(file, "lock", NULL, error) : VS_OK;
    }
    int how = exclusive ? LOCK_EX : LOCK_SH, failed = lock(fd, how | LOCK_NB);
    if (failed != 0 && errno == EWOULDBLOCK) {
        vs__ui_note("waiting for %s, which another process uses", file->folder.name);
        failed = lock(fd, how);
    }
    if (failed != 0) {
        vs_status status = fail_io(file, "lock", NULL, error);
        (void)close(fd);
        return status;
    }
    file->lock_fd = fd;
    return VS_OK;
}

static void folder_unlock(void *context) {
    vs_folder_file *file = context;
    if (file->lock_fd >= 0) {
        (void)close(file->lock_fd);
    }
    file->lock_fd = -1;
}

/* ---- opening ---- */

static void set_up(vs_folder_file *file, const char *path, bool writable) {
    file->folder = (vs_folder){.name = path,
                               .context = file,
                               .read = folder_read,
                               .exists = folder_exists,
                               .write = writable ? folder_write : NULL,
                               .remove = writable ? folder_remove : NULL,
                               .lock = folder_lock,
                               .unlock = folder_unlock};
}

/* The directory that a new one is in, made durable with it. */
static vs_status sync_above(const vs_folder_file *file, vs_error *error) {
    int fd = openat(file->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    vs_status status = good ? VS_OK : fail_io(file, "make", NULL, error);
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

vs_status vs__folder_file_open(vs_folder_file *file, const char *path, vs_folder_use use, bool secret,
                               vs_error *error) {
    *file = (vs_folder_file){.fd = -1, .lock_fd = -1, .mode = secret ? 0600 : 0644};
    set_up(file, path, use != VS_FOLDER_READ);
    bool made = false;
    if (use == VS_FOLDER_CREATE) {
        made = mkdir(path, secret ? 0700 : 0755) == 0;
        if (!made && errno != EEXIST) {
            return fail_io(file, "make", NULL, error);
        }
    }
    file->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file->fd < 0 && errno == ENOTDIR) {
        return vs_fail(error, VS_ERR_FORMAT, "%s is not a folder", path);
    }
    if (file->fd < 0) {
        return fail_io(file, "open", NULL, error);
    }
    return made ? sync_above(file, error) : VS_OK;
}

void vs__folder_file_close(vs_folder_file *file) {
    folder_unlock(file);
    if (file->fd >= 0) {
        (void)close(file->fd);
    }
    *file = (vs_folder_file){.fd = -1, .lock_fd = -1};
}
