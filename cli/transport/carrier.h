/* How message bytes travel. A carrier takes messages to where others find them and brings those of others; it knows
 * nothing of what they say. What it brings has the id that it goes by, and no more is promised: a carrier is not
 * trusted, and whoever takes a message checks who signed it.
 */
#ifndef VEILSUM_CLI_CARRIER_H
#define VEILSUM_CLI_CARRIER_H

#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"
#include "crypto/hash.h"

#define VS_MESSAGE_ID_HEX (2 * VS_HASH_BYTES)
/* No message is longer; the plan's own limits are mostly far below. */
#define VS_MAX_CARRIED_BYTES ((size_t)4 << 30)

/** What becomes of a message that has arrived; it is borrowed for the call. VS_OK: it was dealt with, be it taken or
 * refused, and need not be brought again. Anything else ends the receiving and is returned by it; the message is
 * brought again next time. */
typedef vs_status (*vs_take_message)(void *taker, const uint8_t *message, size_t len, vs_error *error);

typedef struct vs_carrier {
    void *context;
    const char *name; /* for messages: the board's address, the folder's path */
    /** Take a message there. It may be there already: to send it again does nothing. What may pass is tried again for a
     * while. On VS_OK the message is durable on the other side. */
    vs_status (*send)(void *context, const uint8_t *message, size_t len, vs_error *error);
    /** Bring all that is new, in the order in which it came to be there; wait at most `wait_ms` for the first. Own
     * messages may be among them, and after a restart those that were brought before. VS_OK with nothing brought:
     * nothing is new. */
    vs_status (*receive)(void *context, unsigned wait_ms, vs_take_message take, void *taker, vs_error *error);
    void (*close)(void *context);
} vs_carrier;

/** Do these bytes have the id that they came by? Messages begin with `name`. Returns: VS_OK, VS_ERR_AUTH. */
VS_MUST_CHECK vs_status vs_carrier_check(const char *name, const uint8_t id[VS_HASH_BYTES], const uint8_t *message,
                                         size_t len, vs_error *error);

#endif
