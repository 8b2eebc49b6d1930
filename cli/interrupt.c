#include "cli/interrupt.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 48 /* a dealt key is 34 files at most */

static char paths[SLOTS][PATH_MAX];
static volatile sig_atomic_t used[SLOTS];
static volatile sig_atomic_t held;
static volatile sig_atomic_t pending;
static volatile sig_atomic_t terminal = -1;
static struct termios terminal_settings;

static void remove_files(void) {
    for (int i = 0; i < SLOTS; i++) {
        if (used[i]) {
            (void)unlink(paths[i]);
        }
    }
}

static _Noreturn void clean_up_and_exit(void) {
    remove_files();
    if (terminal >= 0) {
        (void)tcsetattr(terminal, TCSANOW, &terminal_settings);
        static const char newline = '\n';
        ssize_t written = write(terminal, &newline, 1);
        (void)written;
    }
    _exit(VS_EXIT_INTERRUPTED);
}

static void on_signal(int signal_number) {
    (void)signal_number;
    if (held) {
        pending = 1;
        return;
    }
    clean_up_and_exit();
}

void vs__interrupt_setup(void) {
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action;
    (void)atexit(remove_files); /* libraries exit, too: OpenMP's does where it gets no memory or no thread */
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
    (void)sigaction(SIGXFSZ, &action, NULL);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART; /* matters while signals are held only */
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        struct sigaction before;
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            (void)sigaction(ending[i], &action, NULL);
        }
    }
}

vs_status vs__interrupt_register(int *slot, const char *path, vs_error *error) {
    *slot = -1;
    if (strlen(path) >= PATH_MAX) {
        return vs_fail(error, VS_ERR_IO, "a file's path is too long");
    }
    for (int i = 0; i < SLOTS; i++) {
        if (!used[i]) {
            /* The path stands before the flag says so: a signal may come between any two lines. */
            strcpy(paths[i], path);
            used[i] = 1;
            *slot = i;
            return VS_OK;
        }
    }
    return vs_fail(error, VS_ERR_FAULT, "too many outputs at a time");
}

void vs__interrupt_release(int slot) {
    if (slot >= 0) {
        used[slot] = 0;
    }
}

void vs__interrupt_hold(void) {
    held = 1;
}

void vs__interrupt_resume(void) {
    held = 0;
    if (pending) {
        clean_up_and_exit();
    }
}

bool vs__interrupt_asked(void) {
    return pending != 0;
}

void vs__interrupt_terminal(int fd, const struct termios *settings) {
    terminal = -1;
    if (fd >= 0) {
        terminal_settings = *settings;
        terminal = fd;
    }
}
