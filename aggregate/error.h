/* What went wrong, where, and what to do, as two sentences for a person.
 *
 * Functions of aggregate/ and cli/ take a `vs_error *` as their last argument (NULL is allowed) and fill it when they
 * return anything but VS_OK. A message says where (file, row, column) and why, never a data value. The deepest function
 * that knows the reason writes; those above may put a place in front (vs_error_at).
 */
#ifndef VEILSUM_AGGREGATE_ERROR_H
#define VEILSUM_AGGREGATE_ERROR_H

#include "crypto/status.h"

typedef struct vs_error {
    char message[768]; /* one line, no full stop: "data.csv: row 12, column Salary: above the plan's maximum" */
    char hint[512];    /* one line, or empty */
} vs_error;

/** Set the message, clear the hint, return `status`. */
vs_status vs_fail(vs_error *error, vs_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** Set the hint. */
void vs_hint(vs_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Put a place and ": " in front of the message. */
void vs_error_at(vs_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** For a status without a reason of its own: message = its text. Returns `status`. */
vs_status vs_fail_plain(vs_error *error, vs_status status);

#endif
