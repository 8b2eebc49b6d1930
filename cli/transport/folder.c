#include "cli/transport/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "aggregate/protocol/message.h"
#include "cli/folder_file.h"
#include "cli/transport/folder_names.h"
#include "cli/ui.h"
#include "crypto/secret.h"

#define SUFFIX ".vsm"
#define NAME_BYTES (VS_MESSAGE_ID_HEX + sizeof SUFFIX) /* with a zero byte */
#define LOOK_MS 1000                                   /* a file system of a network may notify nobody */
#define MAX_WARNINGS 20u

typedef struct folder {
    char *path;
    int fd;     /* of the directory */
    int notify; /* inotify; −1: only looking helps */
    uint64_t max_message;
    vs_known_names names;
    unsigned warnings;
} folder;

/* A message's file as it was listed. */
typedef struct listed {
    struct timespec changed;
    char name[NAME_BYTES];
} listed;

static vs_status fail_io(const folder *f, const char *what, const char *name, vs_error *error) {
    int code = errno;
    (void)vs_fail(error, VS_ERR_IO, "cannot %s %s%s%s: %s", what, f->path, name == NULL ? "" : "/",
                  name == NULL ? "" : name, strerror(code));
    if (code == ENOSPC || code == EDQUOT) {
        vs_hint(error, "make room, and repeat the command");
    } else if (code == EACCES || code == EPERM || code == EROFS) {
        vs_hint(error, "a carrier's folder has to be readable and writable for all who take part");
    }
    return VS_ERR_IO;
}

/* ---- names ---- */

static void name_of(char out[NAME_BYTES], const uint8_t id[VS_HASH_BYTES]) {
    vs_to_hex(out, id, VS_HASH_BYTES);
    strcpy(out + VS_MESSAGE_ID_HEX, SUFFIX);
}

static bool is_message_name(const char *name) {
    uint8_t id[VS_HASH_BYTES];
    return strlen(name) == NAME_BYTES - 1 && strcmp(name + VS_MESSAGE_ID_HEX, SUFFIX) == 0 &&
           vs_from_hex(id, sizeof id, name, VS_MESSAGE_ID_HEX) == VS_OK;
}

/* Passed over, and said so once: not again before the file has changed. */
static vs_status pass_over(folder *f, const char *name, const struct stat *file, const char *why, vs_error *error) {
    if (f->warnings < MAX_WARNINGS) {
        vs__ui_warning("%s/%s %s: it is passed over", f->path, name, why);
    } else if (f->warnings == MAX_WARNINGS) {
        vs__ui_warning("%s: there are more files that are passed over", f->path);
    }
    f->warnings++;
    return vs__name_remember(&f->names, name, file, false, error);
}

/* ---- reading ---- */

/* The whole file, as long as it was when it was opened: whoever makes it longer or shorter meanwhile gets it read again
 * when it has come to rest. */
static vs_status read_file(const folder *f, int fd, const char *name, size_t len, uint8_t **data, size_t *got,
                           vs_error *error) {
    *got = 0;
    *data = malloc(len + 1);
    if (*data == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    while (*got < len) {
        ssize_t n = read(fd, *data + *got, len - *got);
        if (n < 0 && errno != EINTR) {
            return fail_io(f, "read", name, error);
        }
        if (n == 0) {
            break;
        }
        *got += n > 0 ? (size_t)n : 0;
    }
    return VS_OK;
}

/* What of a file has been seen. */
typedef struct look {
    struct stat file;
    uint8_t *data; /* NULL where there is nothing to see */
    size_t len;
    const char *why; /* it is no message; or NULL */
} look;

/* Open by name without following a link or waiting for a pipe's other end. A file that has gone is nothing to see. */
static vs_status look_at(const folder *f, look *l, const char *name, vs_error *error) {
    *l = (look){.data = NULL};
    int fd = openat(f->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    vs_status status = VS_OK;
    if (fd < 0 && (errno == ELOOP || errno == ENXIO)) {
        l->why = "is not a file";
        (void)fstatat(f->fd, name, &l->file, AT_SYMLINK_NOFOLLOW);
    } else if (fd < 0 && errno == EACCES) {
        l->why = "cannot be read";
        (void)fstatat(f->fd, name, &l->file, AT_SYMLINK_NOFOLLOW);
    } else if (fd < 0) {
        status = errno == ENOENT ? VS_OK : fail_io(f, "read", name, error);
    } else if (fstat(fd, &l->file) != 0) {
        status = fail_io(f, "read", name, error);
    } else if (!S_ISREG(l->file.st_mode)) {
        l->why = "is not a file";
    } else if ((uint64_t)l->file.st_size > f->max_message) {
        l->why = "is longer than a message may be";
    } else {
        status = read_file(f, fd, name, (size_t)l->file.st_size, &l->data, &l->len, error);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

static void look_clear(look *l) {
    free(l->data);
    l->data = NULL;
}

/* Bring what `name` holds, if it is what the name says. */
static vs_status bring(folder *f, const char *name, vs_take_message take, void *taker, size_t *taken, vs_error *error) {
    uint8_t id[VS_HASH_BYTES];
    look l;
    vs_status status = vs_from_hex(id, sizeof id, name, VS_MESSAGE_ID_HEX);
    VS_CHECK(status == VS_OK); /* is_message_name */
    status = look_at(f, &l, name, error);
    if (status == VS_OK && l.why != NULL) {
        status = pass_over(f, name, &l.file, l.why, error);
    } else if (status == VS_OK && l.data != NULL && vs_carrier_check(f->path, id, l.data, l.len, error) != VS_OK) {
        status = pass_over(f, name, &l.file, "is not whole, or was altered", error);
    } else if (status == VS_OK && l.data != NULL) {
        status = take(taker, l.data, l.len, error);
        if (status == VS_OK) {
            ++*taken;
            status = vs__name_remember(&f->names, name, &l.file, true, error);
        }
    }
    look_clear(&l);
    return status;
}

/* ---- listing ---- */

static int by_time(const void *a, const void *b) {
    const listed *x = a, *y = b;
    if (x->changed.tv_sec != y->changed.tv_sec) {
        return x->changed.tv_sec < y->changed.tv_sec ? -1 : 1;
    }
    if (x->changed.tv_nsec != y->changed.tv_nsec) {
        return x->changed.tv_nsec < y->changed.tv_nsec ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

static vs_status append(listed **list, size_t *count, const char *name, const struct stat *file, vs_error *error) {
    if ((*count & (*count - 1)) == 0) { /* 0 or a power of two: full */
        listed *longer = realloc(*list, (*count == 0 ? 1 : 2 * *count) * sizeof **list);
        if (longer == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        *list = longer;
    }
    listed *entry = &(*list)[(*count)++];
    entry->changed = file->st_mtim;
    strcpy(entry->name, name);
    return VS_OK;
}

/* What begins with a point is a file that somebody is writing, or none of ours. */
static vs_status list_one(folder *f, const char *name, listed **list, size_t *count, vs_error *error) {
    struct stat file;
    if (name[0] == '.' || fstatat(f->fd, name, &file, AT_SYMLINK_NOFOLLOW) != 0 ||
        vs__name_is_known(&f->names, name, &file)) {
        return VS_OK;
    }
    return is_message_name(name) ? append(list, count, name, &file, error)
                                 : pass_over(f, name, &file, "is not named like a message", error);
}

static vs_status list_new(folder *f, listed **list, size_t *count, vs_error *error) {
    int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (directory == NULL) {
        vs_status status = fail_io(f, "read", NULL, error);
        if (fd >= 0) {
            (void)close(fd);
        }
        return status;
    }
    vs_status status = VS_OK;
    for (const struct dirent *entry; status == VS_OK && (errno = 0, entry = readdir(directory)) != NULL;) {
        status = list_one(f, entry->d_name, list, count, error);
    }
    if (status == VS_OK && errno != 0) {
        status = fail_io(f, "read", NULL, error);
    }
    (void)closedir(directory);
    if (*count > 0) {
        qsort(*list, *count, sizeof **list, by_time);
    }
    return status;
}

/* ---- receiving ---- */

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until something moves in the folder, or `wait_ms` have passed. */
static void wait_for_change(const folder *f, int wait_ms) {
    char events[4096];
    struct pollfd wanted = {.fd = f->notify, .events = POLLIN};
    if (poll(&wanted, 1, wait_ms) > 0) { /* with a descriptor of −1 it only sleeps */
        ssize_t got = read(f->notify, events, sizeof events);
        (void)got; /* what has moved is seen by looking */
    }
}

static vs_status receive_now(folder *f, vs_take_message take, void *taker, size_t *taken, vs_error *error) {
    listed *list = NULL;
    size_t count = 0;
    vs_status status = list_new(f, &list, &count, error);
    for (size_t i = 0; status == VS_OK && i < count; i++) {
        status = bring(f, list[i].name, take, taker, taken, error);
    }
    free(list);
    return status;
}

static vs_status folder_receive(void *context, unsigned wait_ms, vs_take_message take, void *taker, vs_error *error) {
    folder *f = context;
    size_t taken = 0;
    int64_t until = now_ms() + wait_ms;
    for (;;) {
        vs_status status = receive_now(f, take, taker, &taken, error);
        int64_t left = until - now_ms();
        if (status != VS_OK || taken > 0 || left <= 0) {
            return status;
        }
        wait_for_change(f, left < LOOK_MS ? (int)left : LOOK_MS);
    }
}

/* ---- sending ---- */

/* A name is on the disk once its directory is. Some file systems cannot sync one, and say so with EINVAL. */
static bool sync_names(const folder *f) {
    return fsync(f->fd) == 0 || errno == EINVAL || errno == ENOTSUP;
}

/* A temporary file of a name that is nobody else's, then the rename, which replaces what is there and follows no link.
 */
static vs_status put_file(const folder *f, const char *name, const uint8_t *message, size_t len, vs_error *error) {
    uint8_t random[8];
    char hex[2 * sizeof random + 1], temporary[64];
    vs_random(random, sizeof random);
    vs_to_hex(hex, random, sizeof random);
    (void)snprintf(temporary, sizeof temporary, ".veilsum-%s.tmp", hex);
    int fd = openat(f->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) {
        return fail_io(f, "write to", NULL, error);
    }
    bool good = vs__write_all(fd, message, len) && fsync(fd) == 0;
    int code = errno;
    if (close(fd) != 0 && good) {
        good = false;
        code = errno;
    }
    if (good && (renameat(f->fd, temporary, f->fd, name) != 0 || !sync_names(f))) {
        good = false;
        code = errno;
    }
    if (!good) {
        (void)unlinkat(f->fd, temporary, 0);
        errno = code;
        return fail_io(f, "write", name, error);
    }
    return VS_OK;
}

/* Is the very message there already? */
static vs_status is_there(const folder *f, const char *name, const uint8_t *message, size_t len, bool *there,
                          vs_error *error) {
    look l;
    vs_status status = look_at(f, &l, name, error);
    *there = status == VS_OK && l.data != NULL && l.len == len && memcmp(l.data, message, len) == 0;
    look_clear(&l);
    return status;
}

static vs_status folder_send(void *context, const uint8_t *message, size_t len, vs_error *error) {
    folder *f = context;
    uint8_t id[VS_HASH_BYTES];
    char name[NAME_BYTES];
    bool there = false;
    if (len > f->max_message) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: a message of %zu bytes is longer than one may be", f->path, len);
    }
    vs_message_id(id, message, len);
    name_of(name, id);
    vs_status status = is_there(f, name, message, len, &there, error);
    if (status == VS_OK && there && !sync_names(f)) {
        status = fail_io(f, "write", name, error); /* it was renamed before a crash, maybe, and not yet durable */
    }
    return status == VS_OK && !there ? put_file(f, name, message, len, error) : status;
}

/* ---- opening ---- */

static void folder_close(void *context) {
    folder *f = context;
    if (f->notify >= 0) {
        (void)close(f->notify);
    }
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
    vs__names_clear(&f->names);
    free(f->path);
    free(f);
}

static vs_status open_directory(folder *f, vs_error *error) {
    if (mkdir(f->path, 0777) != 0 && errno != EEXIST) {
        return fail_io(f, "make", NULL, error);
    }
    f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->fd < 0 && errno == ENOTDIR) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s is not a folder", f->path);
        vs_hint(error, "name a folder, or the address of a board: https://…");
        return VS_ERR_FORMAT;
    }
    return f->fd < 0 ? fail_io(f, "open", NULL, error) : VS_OK;
}

static void open_notify(folder *f) {
    f->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (f->notify >= 0 &&
        inotify_add_watch(f->notify, f->path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_ONLYDIR) < 0) {
        (void)close(f->notify);
        f->notify = -1;
    }
}

vs_status vs_folder_carrier_open(vs_carrier *carrier, const char *path, uint64_t max_message_bytes, vs_error *error) {
    *carrier = (vs_carrier){.context = NULL};
    folder *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    f->fd = f->notify = -1;
    f->max_message =
        max_message_bytes == 0 || max_message_bytes > VS_MAX_CARRIED_BYTES ? VS_MAX_CARRIED_BYTES : max_message_bytes;
    f->path = strdup(path);
    vs_status status = f->path == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : open_directory(f, error);
    if (status != VS_OK) {
        folder_close(f);
        return status;
    }
    open_notify(f);
    *carrier = (vs_carrier){
        .context = f, .name = f->path, .send = folder_send, .receive = folder_receive, .close = folder_close};
    return VS_OK;
}
