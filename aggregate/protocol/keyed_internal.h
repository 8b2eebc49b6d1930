/* What the machines of the openings key and threshold share. */
#ifndef VEILSUM_AGGREGATE_KEYED_INTERNAL_H
#define VEILSUM_AGGREGATE_KEYED_INTERNAL_H

#include "aggregate/protocol/keyed.h"
#include "aggregate/protocol/session_internal.h"

/* Steps, the same for all machines of an opening, so that the one that is least far can be told. */
enum { VS__CONTRIBUTE, VS__COMBINE, VS__PART };
extern const char *const vs__keyed_steps[];
/** For a view that has those of `key`: those of the plan. */
void vs__keyed_look(vs_session_view *view, const vs_plan *plan);

/** Places in the roster of those who may one of `may`, ascending: malloc'd. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__parties_that(size_t **list, size_t *count, const vs_plan *plan, unsigned may,
                                         vs_error *error);
/** How many organisations these parties are of. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__keyed_organisations(uint64_t *count, const vs_plan *plan, const uint32_t *parties,
                                                size_t party_count, vs_error *error);

/* ---- shelves: messages of one kind, at most one of each party, of which the ids are kept (keyed_shelf.c) ---- */

typedef struct vs__shelved {
    bool here;
    uint8_t id[VS_HASH_BYTES];
    uint8_t *own; /* one of this party itself, which no journal has: its bytes */
    size_t own_len;
} vs__shelved;

typedef struct vs__shelf {
    const vs__machine *machine; /* borrowed */
    vs__shelved *of;            /* of each party of the roster */
    size_t count;               /* that are here */
    const vs_message *current;  /* what is being received: no journal has it yet. Borrowed, else NULL */
} vs__shelf;

VS_MUST_CHECK vs_status vs__shelf_new(vs__shelf *shelf, const vs__machine *machine, vs_error *error);
void vs__shelf_clear(vs__shelf *shelf);
/** Keep a message of its sender, who has none here yet. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__shelf_put(vs__shelf *shelf, const vs_message *message, vs_error *error);
void vs__shelf_remove(vs__shelf *shelf, uint32_t party);
/** A party's message, which is here; `*bytes` is malloc'd, and `message` borrows it. Returns: VS_OK; VS_ERR_AUTH (it is
 *  not what was taken); those of `fetch`; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__shelf_get(vs_message *message, uint8_t **bytes, const vs__shelf *shelf, uint32_t party,
                                      vs_error *error);

/* The bodies of some parties' messages as the inputs of a combine. */
typedef struct vs__shelf_reading {
    const vs__shelf *shelf;
    const uint32_t *parties; /* in this order; each has one here */
    size_t count;
} vs__shelf_reading;
vs_inputs vs__shelf_inputs(vs__shelf_reading *reading);

/* ---- contributions (keyed_contribution.c) ---- */

/* What a contribution to a session is held against. The key is that of the first one that was right. */
typedef struct vs__contribution_judge {
    const vs__session_facts *facts; /* borrowed */
    vs_public_key *pk;
    vs_layout layout; /* once there is a key */
} vs__contribution_judge;
void vs__contribution_judge_clear(vs__contribution_judge *judge);
/** Is it one that may be combined: of this session, by its sender, and whole? That its numbers are ciphertexts is seen
 *  when they are combined.
 *  Returns: VS_OK; VS_ERR_MISMATCH, VS_ERR_POLICY, VS_ERR_AUTH, VS_ERR_RANGE, VS_ERR_FORMAT; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__judge_contribution(vs__contribution_judge *judge, const vs_message *message,
                                               vs_error *error);
/** The digest of a contribution that has been judged, or is one's own. Returns: VS_OK; those of the reader. */
VS_MUST_CHECK vs_status vs__container_digest_of(uint8_t digest[VS_HASH_BYTES], const uint8_t *bytes, size_t len,
                                                vs_error *error);

/* ---- receipts (keyed_receipt.c) ---- */

/** Read the receipt in a message and see that it is of this session, and signed by who sent it. `receipt` is the
 *  caller's to clear. Returns: VS_OK; VS_ERR_MISMATCH (another session); those of vs_receipt_parse and
 *  vs_receipt_check. */
VS_MUST_CHECK vs_status vs__receipt_read(vs_receipt *receipt, const vs__session_facts *facts, const vs_message *message,
                                         vs_error *error);

/* ---- parts (keyed_parts.c) ---- */

/* What an opener by threshold has of the total's opening. */
typedef struct vs__parts {
    vs__machine *machine; /* borrowed, as what follows */
    const vs_keyed_setup *keyed;
    const vs_total *total;
    vs_given_part given[2 * VS_MAX_HOLDERS]; /* right ones, in the order in which they came; parts owned */
    size_t count, of_round[3];               /* of_round[1], of_round[2] */
    vs_opened counts;                        /* what round 1 has opened, with minimums */
    bool counted;
    uint64_t round_two; /* ciphertexts that round 2 has then */
} vs__parts;
/** Begin: a holder makes and sends its part. */
VS_MUST_CHECK vs_status vs__parts_begin(vs__parts *parts, vs__machine *machine, const vs_total *total, vs_error *error);
void vs__parts_clear(vs__parts *parts);
/** A part that came: VS_ERR_NOT_READY where it comes before what it can be judged by. */
VS_MUST_CHECK vs_status vs__parts_take(vs__parts *parts, const vs_message *message, vs_error *error);
/** Open with those that are there; `*done` if they are enough. */
VS_MUST_CHECK vs_status vs__parts_open(vs__parts *parts, vs_opened *opened, bool *done, vs_error *error);
/** Is the part of this holder (1 …) and of the round that is waited for here? */
bool vs__parts_has(const vs__parts *parts, unsigned holder);
/** The round that parts are waited for: 1 or 2. */
unsigned vs__parts_round(const vs__parts *parts);

#endif
