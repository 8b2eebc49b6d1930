/* The frames of a board's feed (GET /v1/feed): one message each, which is inside or is fetched by its id.
 *
 *     sequence number (8) | length of the message (8) | id (32) | 1: the message follows, 0: it does not | the message
 *
 * Numbers are little-endian; sequence numbers only grow.
 */
#ifndef VEILSUM_CLI_FEED_H
#define VEILSUM_CLI_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"
#include "crypto/hash.h"

#define VS_FEED_FRAME_BYTES 49u
#define VS_FEED_INLINE_BYTES (64u << 10) /* longer messages are fetched */

typedef struct vs_feed_frame {
    uint64_t sequence, len;
    const uint8_t *id;      /* borrowed from the feed */
    const uint8_t *message; /* the same; NULL: to be fetched */
} vs_feed_frame;

typedef struct vs_feed {
    const char *name; /* for messages */
    const uint8_t *at, *end;
    uint64_t after;       /* the last sequence number */
    uint64_t max_message; /* a longer message is refused by its declared length */
} vs_feed;

/** The next frame; `*more` is false at the end. Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_LIMIT, VS_ERR_AUTH (a message
 * that has another id). */
VS_MUST_CHECK vs_status vs_feed_next(vs_feed *feed, vs_feed_frame *frame, bool *more, vs_error *error);

#endif
