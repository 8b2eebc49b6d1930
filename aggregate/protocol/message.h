/* Messages: what the parties of a session send each other, the same bytes by HTTP, through a folder or by post.
 *
 *     0   "VSMG"
 *     4   version 1
 *     5   kind
 *     6   0 (2)
 *     8   sid (32): plan, period and attempt
 *     40  from: the sender's place in the plan's roster (4)
 *     44  to: the receiver's, or 0xffffffff for all (4)
 *     48  length of the body (8)
 *     56  body
 *         Ed25519 by the sender over BLAKE2b-256("veilsum message"; the 56 bytes, BLAKE2b-256("veilsum message body";
 * body))
 *
 * Numbers are little-endian. The sid pins the plan and so the roster: a place in it says which key. A party sends at
 * most one message of a kind to one receiver in a session: the kind is the step. What is secret in a body is boxed by
 * those who write it.
 */
#ifndef VEILSUM_AGGREGATE_MESSAGE_H
#define VEILSUM_AGGREGATE_MESSAGE_H

#include "aggregate/plan/plan.h"

#define VS_MESSAGE_HEADER_BYTES 56u
#define VS_MESSAGE_OVERHEAD (VS_MESSAGE_HEADER_BYTES + VS_SIGNATURE_BYTES)
#define VS_TO_ALL UINT32_MAX

typedef enum vs_message_kind {
    /* key and threshold */
    VS_MESSAGE_CONTRIBUTION = 1, /* a container */
    VS_MESSAGE_TOTAL = 2,        /* a container */
    VS_MESSAGE_RECEIPT = 3,      /* a receipt, with its list */
    VS_MESSAGE_PART = 4,         /* a holder's part of round 1 */
    VS_MESSAGE_PART_ALLOWED = 5, /* and of round 2 */
    /* any */
    VS_MESSAGE_RESULT = 6,  /* a published result, JSON as `decrypt --format json` writes it */
    VS_MESSAGE_OPENING = 7, /* the signed record of an opening */
    /* shares */
    VS_MESSAGE_SHARE = 16,
    VS_MESSAGE_ACCEPTED = 17,
    VS_MESSAGE_COUNTS = 18, /* a server's aggregate share of the first block */
    VS_MESSAGE_VALUES = 19, /* and of the blocks that the minimums allow */
    /* masks */
    VS_MESSAGE_ADVERTISE = 32,
    VS_MESSAGE_DIRECTORY = 33,
    VS_MESSAGE_COIN = 34,
    VS_MESSAGE_COINS = 35,
    VS_MESSAGE_DEALING = 36,
    VS_MESSAGE_DELIVERY = 37,
    VS_MESSAGE_MASKED = 38,
    VS_MESSAGE_SURVIVORS = 39,
    VS_MESSAGE_AGREE = 40,
    VS_MESSAGE_AGREED = 41,
    VS_MESSAGE_UNMASK = 42,
    VS_MESSAGE_SUM = 43
} vs_message_kind;

/* A message as read: borrowed from its bytes. */
typedef struct vs_message {
    vs_message_kind kind;
    uint32_t from, to;
    const uint8_t *body;
    size_t body_len;
    uint8_t id[VS_HASH_BYTES]; /* BLAKE2b-256("veilsum message id"; all bytes) */
    const uint8_t *bytes;
    size_t len;
} vs_message;

/** "contribution", "advertise", …; NULL for a kind that is not known. */
const char *vs_message_kind_name(unsigned kind);

/** Does this opening know the kind, and may `party` send it? What the roster says of it: owners contribute, those who
 * aggregate serve, the servers of `shares` are those that the opening names, and so on. */
bool vs_message_may_send(const vs_plan *plan, unsigned kind, uint32_t party);

typedef enum vs_role {
    VS_ROLE_CONTRIBUTOR = 1, /* has cells */
    VS_ROLE_SERVER = 2,      /* key, threshold: combines; shares: one of the servers; masks: the server */
    VS_ROLE_OPENER = 4       /* learns the result; with masks everybody does */
} vs_role;
/** In which role a party sends messages of this kind; 0 for a kind that is not known. */
unsigned vs_message_role(unsigned kind);
/** Has one who may do this (of vs_may) any use for such a message to all? Contributions, totals and parts are large,
 * and for those who combine or open them alone: a board need not show them to others. */
bool vs_message_is_for(unsigned kind, unsigned may);
/** As many bytes as a message of this kind may have under the plan, at most; 0 for a kind that the plan's opening does
 * not know. */
uint64_t vs_message_limit(const vs_plan *plan, unsigned kind);

/** Read the form alone, without its signature: what a relay looks at first. Returns: VS_OK; VS_ERR_FORMAT,
 * VS_ERR_VERSION. */
VS_MUST_CHECK vs_status vs_message_parse(vs_message *message, const uint8_t *bytes, size_t len, vs_error *error);
/** Parse, then all that can be said of a message alone: it is for this session, of a kind that its sender may send, to
 * somebody who exists, no longer than its kind may be, and signed by its sender.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION; VS_ERR_MISMATCH (another session); VS_ERR_POLICY (not allowed to
 *           send this); VS_ERR_LIMIT; VS_ERR_AUTH (the signature). */
VS_MUST_CHECK vs_status vs_message_read(vs_message *message, const vs_plan *plan, const uint8_t sid[VS_HASH_BYTES],
                                        const uint8_t *bytes, size_t len, vs_error *error);
void vs_message_id(uint8_t id[VS_HASH_BYTES], const uint8_t *bytes, size_t len);

/* Where and what a message is, to write one. */
typedef struct vs_message_header {
    vs_message_kind kind;
    uint32_t from, to;
    const uint8_t *sid;
} vs_message_header;
/** A signed message, malloc'd: its body is `body_len` bytes. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_message_write(uint8_t **bytes, size_t *len, const vs_message_header *header,
                                         const uint8_t *body, size_t body_len, const vs_identity *signer,
                                         vs_error *error);
/** Has the sender signed the message of this header and body? For whoever has a signature without its message: that
 * many have said the same. `header->from` is on the roster. Returns: VS_OK; VS_ERR_AUTH. */
VS_MUST_CHECK vs_status vs_message_signed(const vs_plan *plan, const vs_message_header *header, const uint8_t *body,
                                          size_t body_len, const uint8_t signature[VS_SIGNATURE_BYTES]);

#endif
