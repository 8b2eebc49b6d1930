/* What must be put right when a signal or exit() ends the program: temporary files are removed, and a terminal whose
 * echo was off gets it back. Everything here that the handler touches is prepared beforehand, so that the handler
 * itself only calls what a signal handler may call.
 */
#ifndef VEILSUM_CLI_INTERRUPT_H
#define VEILSUM_CLI_INTERRUPT_H

#include <stdbool.h>
#include <termios.h>

#include "aggregate/error.h"

#define VS_EXIT_INTERRUPTED 130

/** Ignore SIGPIPE and SIGXFSZ (a closed pipe and a file's limit are write errors); let SIGINT, SIGTERM, SIGHUP and
 * SIGQUIT clean up and end with status 130. Signals that the caller has switched off (nohup, a background job) stay so.
 */
void vs__interrupt_setup(void);

/** Remember a file to remove; call it before the file is made. `*slot` names the entry.
 *  Returns: VS_OK, VS_ERR_FAULT (too many), VS_ERR_IO (path too long). */
VS_MUST_CHECK vs_status vs__interrupt_register(int *slot, const char *path, vs_error *error);
/** The file is gone or has its final name. A negative slot is none. */
void vs__interrupt_release(int slot);

/** Between these two a signal waits: for steps that belong together, such as naming two outputs. */
void vs__interrupt_hold(void);
void vs__interrupt_resume(void);
/** Has a signal come that waits? For those who end in good order by themselves. */
bool vs__interrupt_asked(void);

/** Give the terminal `fd` these settings back if a signal comes; -1 for none any more. */
void vs__interrupt_terminal(int fd, const struct termios *settings);

#endif
