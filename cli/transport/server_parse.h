/* The texts of a request that the server reads itself: numbers, ids, ranges, and the address to listen on. */
#ifndef VEILSUM_CLI_TRANSPORT_SERVER_PARSE_H
#define VEILSUM_CLI_TRANSPORT_SERVER_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"

/** Decimal digits without sign and leading zeros, at most `max`? */
bool vs__parse_whole(const char *text, uint64_t max, uint64_t *number);
/** 64 lower-case hexadecimal digits and nothing else? */
bool vs__parse_id(const char *text, uint8_t id[VS_HASH_BYTES]);

typedef enum vs_range {
    VS_RANGE_NONE,  /* none that we honour: send everything */
    VS_RANGE_PART,  /* [from, to) of the bytes */
    VS_RANGE_BEYOND /* a range that lies outside */
} vs_range;
/** The value of a Range header for `len` bytes: "bytes=A-B", "bytes=A-", "bytes=-N"; one range. */
vs_range vs__parse_range(const char *text, uint64_t len, uint64_t *from, uint64_t *to);

#define VS_MAX_HOST_BYTES 256u
/** "HOST:PORT", "[IPV6]:PORT", ":PORT"; `host` is without brackets, and empty for all addresses. */
bool vs__parse_listen(const char *text, char host[VS_MAX_HOST_BYTES], uint16_t *port);

#endif
