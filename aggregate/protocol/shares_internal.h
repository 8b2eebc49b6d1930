/* The opening `shares`: k servers that hold additive shares of everything, and learn nothing unless all of them work
 * together.
 *
 * An owner makes a secret of 32 bytes for each server, and with it a mask (crypto/sharing/mask.h) of the length of its
 * encoding. Its masked vector is its encoding with all k masks taken off; that tells nothing to whoever lacks but one
 * of the secrets, so it needs no other encryption. Each server gets its secret in a box, and one of them, the owner's
 * carrier, the masked vector, too. A server's sum is that of its masks, and of the masked vectors that it carries; all
 * k sums together are the sum of the encodings. An owner that is a server carries its own vector; others are spread
 * over the servers by their places in the roster, so that the servers' work is even.
 *
 *     SHARE      owner to each server     k boxes, one for each server in the plan's order; the carrier: masked vector
 *     ACCEPTED   server to all            for each owner heard, by place: place u32, contribution id (32)
 *     COUNTS     server to each opener,   list id (32), box of its sum of block 0
 *                and with minimums to each other server
 *     VALUES     server to each opener,   list id (32), box of its sum of the blocks that the counts allow
 *                with minimums only
 *
 * The contribution id is the hash of session, owner and all k boxes, which are the same in all of an owner's messages:
 * so whoever tells servers different things has two ids. What all k lists say alike is the list of the session: it is
 * fixed once, and no sum leaves a server before. An owner that is missing in one list, or has several ids, is not in
 * it. Each server counts organisations on its own, and decides on its own what the minimums allow.
 *
 * An owner's randomness follows from its session's seed and its cells, a server's from its seed and all that its sum is
 * made of: were a seed ever used with other cells, no mask would hide two vectors, and no key lock two boxes.
 */
#ifndef VEILSUM_AGGREGATE_SHARES_INTERNAL_H
#define VEILSUM_AGGREGATE_SHARES_INTERNAL_H

#include "aggregate/protocol/session_internal.h"
#include "crypto/sharing/addressed.h"
#include "crypto/sharing/mask.h"

#define VS__SHARE_BOX_BYTES (VS_STREAM_KEY_BYTES + VS_ADDRESSED_EXTRA_BYTES)
#define VS__ACCEPTED_BYTES (4 + VS_HASH_BYTES)

/* "share", "accepted", "counts", and with minimums "values". */
enum { VS__STEP_SHARE, VS__STEP_ACCEPTED, VS__STEP_COUNTS, VS__STEP_VALUES };
extern const char *const vs__shares_steps[];
extern const char *const vs__shares_steps_without_minimums[];
/** How many there are. */
unsigned vs__shares_step_count(const vs_plan *plan);

/** The server's place among the plan's servers; VS_NONE for others. */
size_t vs__share_server(const vs_plan *plan, uint32_t party);
/** Among the servers, the one that gets this owner's masked vector. */
size_t vs__share_carrier(const vs_plan *plan, uint32_t owner);
/** The address of a box in a message of this session. */
vs_address vs__share_address(const vs__session_facts *facts, vs_message_kind kind, uint32_t from, uint32_t to);

/* ---- bodies (shares_body.c) ---- */

/* Of SHARE, as read: borrowed. */
typedef struct vs__share {
    const uint8_t *box;    /* the reader's */
    const uint8_t *vector; /* 8 · words bytes where the reader carries it, else NULL */
    uint8_t id[VS_HASH_BYTES];
} vs__share;
/** What server `server` got. Returns: VS_OK; VS_ERR_FORMAT (length), VS_ERR_POLICY (to all). */
VS_MUST_CHECK vs_status vs__share_read(vs__share *share, const vs_encoding *encoding, size_t server,
                                       const uint8_t sid[VS_HASH_BYTES], const vs_message *message, vs_error *error);
void vs__share_id(uint8_t id[VS_HASH_BYTES], const vs_plan *plan, const uint8_t sid[VS_HASH_BYTES], uint32_t owner,
                  const uint8_t *boxes);

/* An entry of ACCEPTED. */
typedef struct vs__accepted {
    uint32_t owner;
    uint8_t id[VS_HASH_BYTES];
} vs__accepted;
/** A list, malloc'd: owners ascend, each may contribute, and there are at most contributors.max of them. Returns:
 * VS_OK; VS_ERR_FORMAT, VS_ERR_POLICY (to one alone), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__accepted_read(vs__accepted **list, size_t *count, const vs_plan *plan,
                                          const vs_message *message, vs_error *error);
/** The body, malloc'd. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__accepted_write(uint8_t **body, size_t *len, const vs__accepted *list, size_t count,
                                           vs_error *error);

/* ---- which owners (shares_lists.c) ---- */

typedef struct vs__lists {
    vs__accepted *of[VS_MAX_SERVERS]; /* each server's; NULL: not here */
    size_t counts[VS_MAX_SERVERS];
    size_t here;
    bool complete;        /* all are here; then: */
    vs__accepted *owners; /* in the session's list */
    size_t owner_count;
    size_t *differing; /* owners for whom the lists have different contributions */
    size_t differing_count;
    uint8_t id[VS_HASH_BYTES];
} vs__lists;
/** One server's list; with the last of them the lists are complete. Returns: VS_OK; those of vs__accepted_read. */
VS_MUST_CHECK vs_status vs__lists_take(vs__lists *lists, const vs_plan *plan, const uint8_t sid[VS_HASH_BYTES],
                                       const vs_message *message, vs_error *error);
void vs__lists_clear(vs__lists *lists);
/** Places in the roster of the servers whose lists are not here; returns how many. */
size_t vs__lists_missing(size_t *missing, const vs__lists *lists, const vs_plan *plan);
/** Distinct organisations among `count` owners. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__list_organisations(uint64_t *organisations, const vs_plan *plan, const vs__accepted *owners,
                                               size_t count, vs_error *error);

/* ---- sums (shares_sums.c) ---- */

/* A sum of all servers' sums in the making. */
typedef struct vs__sums {
    uint64_t *slots;
    const uint64_t *tops; /* borrowed */
    size_t words;
    bool here[VS_MAX_SERVERS];
    size_t missing;
} vs__sums;
/** Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__sums_begin(vs__sums *sums, const vs_plan *plan, const uint64_t *tops, size_t words,
                                       vs_error *error);
/** One's own, at hand: `slots` has as many words. */
void vs__sums_add(vs__sums *sums, size_t server, const uint64_t *slots);
/** Open the box of another server's, and add it. `list`: the session's. Returns: VS_OK; VS_ERR_POLICY (to all, for
 * another list), VS_ERR_FORMAT, VS_ERR_AUTH, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__sums_take(vs__sums *sums, const vs__session_facts *facts, const uint8_t list[VS_HASH_BYTES],
                                      const vs_message *message, vs_error *error);
void vs__sums_clear(vs__sums *sums); /* wipes */
/** Places in the roster of the servers whose sums are not here; returns how many. */
size_t vs__sums_missing(size_t *missing, const vs__sums *sums, const vs_plan *plan);

/** Block 0's sum into cells: `*opened` is made, its counter is checked against `contributions`, and with minimums its
 * reasons are decided. The caller clears it, after an error, too. Returns: VS_OK; VS_ERR_RANGE, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__sums_open_first(vs_opened *opened, const vs_encoding *encoding, const char *period,
                                            const uint64_t *slots, uint64_t contributions, vs_error *error);

/* Blocks of classes > 0 that the minimums allow, group by group. */
typedef struct vs__allowed {
    const vs_encoding *encoding;
    const uint8_t *reasons;
    uint64_t group;
    unsigned block_class;
} vs__allowed;
/** The next one, and where its words lie; false behind the last. */
bool vs__allowed_next(vs__allowed *allowed, size_t *first, size_t *count);
size_t vs__allowed_words(const vs_encoding *encoding, const uint8_t *reasons);
/** These blocks' words of an encoding, or of its tops, one block after another. */
void vs__allowed_gather(uint64_t *out, const vs_encoding *encoding, const uint8_t *reasons, const uint64_t *from);

/* A sum that is to be sent. */
typedef struct vs__sum {
    vs_message_kind kind;
    bool to_servers; /* to the other servers, and not to openers alone */
    const uint8_t *list;
    const uint8_t *made_of; /* VS_HASH_BYTES: a hash of all that decides it, so that another sum gets other keys */
    const uint64_t *slots;
    size_t words;
} vs__sum;
/** Post it to everybody who is to have it. Returns: VS_OK, VS_ERR_MEMORY, VS_ERR_RANGE (a receiver's key). */
VS_MUST_CHECK vs_status vs__sums_post(vs__machine *machine, const vs__sum *sum, vs_error *error);

#endif
