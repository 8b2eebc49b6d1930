/* Sessions: one party's side of one run of a plan, for whichever opening. Bytes in, bytes out: no clock, no socket, no
 * thread.
 *
 * A session is deterministic: all that is random in it comes from a seed of 32 bytes. So a journal of the seed and of
 * what happened since, in order (messages taken, waits ended), brings back the same state and the same outgoing bytes.
 * Whoever runs a session
 *
 *     makes the seed durable before anything is sent, once for plan, period, attempt and party,
 *     makes each event durable before sending what follows from it, and
 *     after a restart tells a new session of the same seed the same events, and sends everything again,
 *
 * and then a crash at any moment loses nothing, and nobody ever sees two different messages for one.
 *
 * A party may have several roles: an owner may be a server, too. What a party sends to itself does not leave.
 */
#ifndef VEILSUM_AGGREGATE_SESSION_H
#define VEILSUM_AGGREGATE_SESSION_H

#include "aggregate/combine/combine.h"
#include "aggregate/protocol/message.h"

#define VS_SEED_BYTES 32

struct vs_keyed_setup;

/* All is borrowed, and must outlive the session but for the seed. */
typedef struct vs_session_setup {
    const vs_plan *plan; /* with a roster */
    const vs_identity *identity;
    const char *period; /* "" for none */
    uint64_t attempt;
    unsigned roles;         /* of vs_role; at least one, each allowed to the identity by the plan */
    const uint8_t *seed;    /* VS_SEED_BYTES, secret */
    const vs_int128 *cells; /* a contributor's, plan->cell_count; secret. Needed until its own contribution is made */
    int64_t now;            /* UTC seconds, for what is dated; the same at every restart */
    const struct vs_keyed_setup *keyed; /* keys, for the openings key and threshold; else NULL */
    /** A message that the session has taken before, by its id: malloc'd. What is large is not kept in memory. */
    vs_status (*fetch)(void *context, const uint8_t id[VS_HASH_BYTES], uint8_t **bytes, size_t *len, vs_error *error);
    /** Note durably that this party lets `what`, one set of contributors, be opened under the plan and period, whatever
     * the attempt; before anything of it leaves. VS_OK also where it is what was noted before; VS_ERR_POLICY where
     * something else was. NULL: nobody keeps such a book. */
    vs_status (*release)(void *context, const uint8_t what[VS_HASH_BYTES], vs_error *error);
    void *context; /* of fetch and release */
} vs_session_setup;

typedef struct vs_session vs_session;

/** Begin. What it has to send at once is there for vs_session_send.
 *  Returns: VS_OK; VS_ERR_POLICY (the plan does not list the identity for a role), VS_ERR_USAGE (cells or keys missing
 *           for a role), VS_ERR_MEMORY; those of the opening. */
VS_MUST_CHECK vs_status vs_session_new(vs_session **session, const vs_session_setup *setup, vs_error *error);
void vs_session_free(vs_session *session); /* wipes */

/** A message that arrived; from anybody, in any order, as often as it may be. What is not for this party is ignored.
 *  Returns: VS_OK: taken, or known, or kept for later; else it is refused, and as if it had not come: those of
 *           vs_message_read; VS_ERR_POLICY (not what this sender may say here, or not what it said before);
 *           VS_ERR_AUTH, VS_ERR_FORMAT, VS_ERR_RANGE (its content). VS_ERR_MEMORY, VS_ERR_IO: offer it again.
 *  `*taken`, where it is not NULL, tells whether this is an event for the journal. */
VS_MUST_CHECK vs_status vs_session_receive(vs_session *session, const uint8_t *bytes, size_t len, bool *taken,
                                           vs_error *error);
/** The wait of the current step is over: go on with those who are there. An event for the journal where it returns
 *  VS_OK. Returns: VS_OK; VS_ERR_NOT_READY: nothing is waited for that may be left out; VS_ERR_POLICY: those who are
 *  there are too few: the session has failed. */
VS_MUST_CHECK vs_status vs_session_expire(vs_session *session, vs_error *error);
/** The next message to send, in the order in which they were made; borrowed until the next call. False: none. */
bool vs_session_send(vs_session *session, const uint8_t **bytes, size_t *len);

/* How far a session is. */
typedef struct vs_session_view {
    const char *const *steps;  /* all names: "advertise", "share", …; constant */
    unsigned step_count, step; /* the current one's index; step_count when done */
    const size_t *waiting;     /* roster indices, ascending; borrowed until the next call */
    size_t waiting_count;
    bool may_expire;  /* vs_session_expire would go on, or fail; else it is refused */
    bool done;        /* nothing is left to do, also after a failure; what is to be sent is still there */
    vs_status failed; /* VS_OK, or why it has failed: reason */
    vs_error reason;
    /* shares: roster indices of owners of whom the servers have different contributions: they are left out */
    const size_t *differing;
    size_t differing_count;
    const vs_opened *result; /* for those who learn it; else NULL */
} vs_session_view;

/** What the party still does: where it has several roles, that of them which is least far. */
void vs_session_look(vs_session *session, vs_session_view *view);
/** The session's id and this party's place in the roster. */
const uint8_t *vs_session_sid(const vs_session *session);
uint32_t vs_session_self(const vs_session *session);

#endif
