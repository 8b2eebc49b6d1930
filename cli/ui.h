/* How the program speaks to a person: errors, warnings and notes on standard error, progress on a terminal, exit
 * statuses. */
#ifndef VEILSUM_CLI_UI_H
#define VEILSUM_CLI_UI_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "aggregate/error.h"
#include "aggregate/stream.h"

/** The exit status that stands for `status`: vs__exit_texts says it for people. */
int vs__exit_status(vs_status status);

/* The same table for help and man pages; ends with a NULL text. */
typedef struct vs_exit_text {
    int status;
    const char *text;
} vs_exit_text;
extern const vs_exit_text vs__exit_texts[];

/** "veilsum: error: …" and, where there is one, "veilsum: hint: …". Silent for VS_ERR_CLOSED: whoever read has gone. */
void vs__ui_error(vs_status status, const vs_error *error);
void vs__ui_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vs__ui_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Copy `text` to `out` with everything that could steer a terminal (control characters, reversed writing, bytes that
 * are not UTF-8) replaced by '?'. The result has at most out_len − 1 bytes. */
void vs__ui_clean(char *out, size_t out_len, const char *text);

/** The width of the terminal on `fd`, or 0 where it has none. */
unsigned vs__ui_columns(int fd);

/* One line of progress on standard error: only if that is a terminal, only after a second of work, six times a second.
 */
typedef struct vs_progress_line {
    const char *what; /* "encrypting" */
    const char *unit; /* of what is done where the total is not known; "MB" counts in millions */
    struct timespec started, shown;
    bool terminal, visible;
    vs_progress progress; /* for aggregate/; its context is this struct, which must therefore stay where it is */
} vs_progress_line;
void vs__progress_begin(vs_progress_line *line, const char *what, const char *unit);
/** Take the line away. */
void vs__progress_end(vs_progress_line *line);

/* Work of unknown length that calls nothing back, such as the search for primes: a thread of its own counts the
 * seconds. */
typedef struct vs_activity {
    const char *what;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool running, stop;
} vs_activity;
void vs__activity_begin(vs_activity *activity, const char *what);
void vs__activity_end(vs_activity *activity);

#endif
