/* Preloaded into a program: kills it, as `kill -9` does, at the DIE_AT-th point of those before and after each call
 * that makes something durable or visible. What the tests then find is what a crash there leaves. */
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
    points++;
    if (at != NULL && atol(at) == points) {
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
