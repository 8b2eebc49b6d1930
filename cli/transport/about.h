/* What a board says of itself (GET /v1/about). */
#ifndef VEILSUM_CLI_ABOUT_H
#define VEILSUM_CLI_ABOUT_H

#include "aggregate/plan/plan.h"
#include "cli/transport/http_client.h"

#define VS_MAX_ABOUT_BYTES (64u << 10)

typedef struct vs_board_about {
    char version[33]; /* of the board's program; cleaned for a terminal */
    uint8_t plan_id[VS_HASH_BYTES], sid[VS_HASH_BYTES];
    char period[VS_MAX_NAME_BYTES + 1];
    uint64_t attempt;
    int64_t time; /* by the board's clock */
    uint64_t max_message_bytes;
    unsigned max_wait_s;
} vs_board_about;

/** Read it; keys that are not known are passed over. Messages begin with `name`. Returns: VS_OK; VS_ERR_FORMAT (no
 * board's), VS_ERR_VERSION, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_board_about_read(vs_board_about *about, const char *name, const void *data, size_t len,
                                            vs_error *error);
/** Ask for it. Returns: as vs_http_get and vs_board_about_read. */
VS_MUST_CHECK vs_status vs_http_about(vs_http *client, vs_board_about *about, vs_error *error);
/** Is it a board for this plan? Returns: VS_OK, VS_ERR_MISMATCH. */
VS_MUST_CHECK vs_status vs_board_about_check(const vs_board_about *about, const vs_plan *plan, const char *name,
                                             vs_error *error);

#endif
