/* What a session is made of: a machine for each role, which share what is known and what is sent.
 *
 * A machine is one function for each thing that can happen. It never sees a message twice, nor two of a kind from one
 * sender to one receiver; a message that comes before its step is answered by VS_ERR_NOT_READY and comes again after
 * whatever happens next. What it returns else refuses the message.
 */
#ifndef VEILSUM_AGGREGATE_SESSION_INTERNAL_H
#define VEILSUM_AGGREGATE_SESSION_INTERNAL_H

#include "aggregate/protocol/encoding.h"
#include "aggregate/protocol/session.h"

typedef struct vs__machine vs__machine;

typedef struct vs__machine_type {
    const char *name;         /* for messages: "owner", "server" */
    const char *const *steps; /* all names, ended by NULL */
    vs_status (*start)(vs__machine *machine, vs_error *error);
    /** One that is for this party or for all, signed, and of a kind that the plan's opening knows. VS_OK also for what
     * this role has no use for. */
    vs_status (*receive)(vs__machine *machine, const vs_message *message, vs_error *error);
    /** NULL: never waits for anybody that it could go on without. */
    vs_status (*expire)(vs__machine *machine, vs_error *error);
    /** step, waiting (by vs__session_waits), may_expire, done, result. A failure is the session's business. */
    void (*look)(const vs__machine *machine, vs_session_view *view);
    void (*free)(vs__machine *machine); /* wipes; the machine's memory, too */
} vs__machine_type;

/* The first member of each machine. */
struct vs__machine {
    const vs__machine_type *type;
    vs_session *session;
};

/* What machines read. */
typedef struct vs__session_facts {
    vs_session_setup setup; /* seed: the session's own copy */
    uint8_t sid[VS_HASH_BYTES];
    uint32_t self; /* place in the roster */
} vs__session_facts;
const vs__session_facts *vs__facts(const vs__machine *machine);

/** Queue a message: to `to`, or VS_TO_ALL. One to this party itself is handed to its own machines instead, after what
 * is going on now; one to all goes both ways. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__session_post(vs__machine *machine, vs_message_kind kind, uint32_t to, const uint8_t *body,
                                         size_t len, vs_error *error);
/** The session cannot go on: everybody sees why. Returns `status`. */
vs_status vs__session_fail(vs__machine *machine, vs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Constructors, one for each opening and role; `*machine` is NULL on error. */
VS_MUST_CHECK vs_status vs__shares_owner_new(vs__machine **machine, vs_session *session, vs_error *error);
VS_MUST_CHECK vs_status vs__shares_server_new(vs__machine **machine, vs_session *session, vs_error *error);
VS_MUST_CHECK vs_status vs__shares_opener_new(vs__machine **machine, vs_session *session, vs_error *error);
VS_MUST_CHECK vs_status vs__masks_owner_new(vs__machine **machine, vs_session *session, vs_error *error);
VS_MUST_CHECK vs_status vs__masks_server_new(vs__machine **machine, vs_session *session, vs_error *error);
VS_MUST_CHECK vs_status vs__masks_opener_new(vs__machine **machine, vs_session *session, vs_error *error);
VS_MUST_CHECK vs_status vs__keyed_owner_new(vs__machine **machine, vs_session *session, vs_error *error);
VS_MUST_CHECK vs_status vs__keyed_server_new(vs__machine **machine, vs_session *session, vs_error *error);
VS_MUST_CHECK vs_status vs__keyed_opener_new(vs__machine **machine, vs_session *session, vs_error *error);

#endif
