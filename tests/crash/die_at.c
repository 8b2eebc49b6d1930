/* Preloaded into a program: kills it, as `kill -9` does, at the DIE_AT-th point of those before and after each call
 * that makes something durable or visible. What the tests then find is what a crash there leaves. With DIE_AT_WRITES
 * set the writes of a database count, too. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static long points;

static void point(void) {
    const char *at = getenv("DIE_AT");
    long now = __atomic_add_fetch(&points, 1, __ATOMIC_SEQ_CST);
    if (at != NULL && atol(at) == now) {
        (void)kill(getpid(), SIGKILL);
    }
}

#define WRAP(name, parameters, arguments)                                                                              \
    int name parameters {                                                                                              \
        int(*real) parameters = (int(*) parameters)dlsym(RTLD_NEXT, #name);                                            \
        point();                                                                                                       \
        int result = real arguments;                                                                                   \
        point();                                                                                                       \
        return result;                                                                                                 \
    }

WRAP(fsync, (int fd), (fd))
WRAP(fdatasync, (int fd), (fd))
WRAP(rename, (const char *from, const char *to), (from, to))
WRAP(renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
WRAP(renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags))
WRAP(link, (const char *from, const char *to), (from, to))
WRAP(linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags))
WRAP(unlink, (const char *path), (path))
WRAP(unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
WRAP(mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(ftruncate, (int fd, off_t len), (fd, len))

#define WRAP_WRITE(name, offset)                                                                                       \
    ssize_t name(int fd, const void *data, size_t len, offset at) {                                                    \
        ssize_t (*real)(int, const void *, size_t, offset) =                                                           \
            (ssize_t(*)(int, const void *, size_t, offset))dlsym(RTLD_NEXT, #name);                                    \
        if (getenv("DIE_AT_WRITES") != NULL) {                                                                         \
            point();                                                                                                   \
        }                                                                                                              \
        return real(fd, data, len, at);                                                                                \
    }

WRAP_WRITE(pwrite, off_t)
WRAP_WRITE(pwrite64, off64_t)
