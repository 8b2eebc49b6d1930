/* The status of a board (GET /v1/status), as `veilsum status` reads and shows it. */
#ifndef VEILSUM_CLI_BOARD_STATUS_H
#define VEILSUM_CLI_BOARD_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "aggregate/error.h"

#define VS_MAX_STATUS_BYTES (64u << 20)

/** Read and check it: every field that is shown has its type and its bounds, so that whoever shows it need not look
 * again; keys that are not known are passed over. `*root` is the JSON, NULL on error. Messages begin with `name`.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_LIMIT, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__board_status_read(json_t **root, const char *name, const void *data, size_t len,
                                              vs_error *error);

/** For a person, at most 100 columns wide; more than a few dozen parties are counted, and those that are waited for or
 * lost are named. */
void vs__board_status_text(FILE *out, const json_t *root);
/** What matters in one line, without a line end: the step, whom it waits for. */
void vs__board_status_line(FILE *out, const json_t *root);
/** Has the session come to an end, one way or the other? */
bool vs__board_status_is_over(const json_t *root);

#endif
