/* Running a session: between its state machine, its journal and a carrier, with a clock.
 *
 * What is taken from the carrier goes into the journal before anything that follows from it is sent; a wait that has
 * lasted long enough ends, and that goes into the journal, too. After a restart the journal's events come first, and
 * everything is sent again, which changes nothing on the other side.
 */
#ifndef VEILSUM_CLI_RUNNER_H
#define VEILSUM_CLI_RUNNER_H

#include "aggregate/protocol/session.h"
#include "cli/session/journal.h"
#include "cli/transport/carrier.h"

typedef struct vs_run_options {
    uint64_t wait_s; /* how long a step waits for those whom it could do without; 0: as long as it takes */
    void *context;
    /** Called after whatever changed the view, and about every second of waiting: `since` and `until` are UTC seconds,
     * `until` 0 where the wait has no end. May be NULL. */
    void (*look)(void *context, vs_session *session, int64_t since, int64_t until);
    /** A message was refused. May be NULL. */
    void (*refused)(void *context, const vs_message *message, vs_status status, const vs_error *error);
    /** Is there anything else to stop for? May be NULL. */
    bool (*stop)(void *context);
} vs_run_options;

/** Tell a new session what its journal knows. Returns: VS_OK; VS_ERR_FORMAT: the journal is of another course of
 * things; those of the journal. */
VS_MUST_CHECK vs_status vs_session_resume(vs_session *session, vs_journal *journal, vs_error *error);

/** Run a session until it is done and everything is sent; also where it has failed: then what is to be sent is sent,
 * and its reason is returned.
 *  Returns: VS_OK: done, or `stop` said so; the session's reason; those of carrier and journal. */
VS_MUST_CHECK vs_status vs_run_session(vs_session *session, vs_journal *journal, const vs_carrier *carrier,
                                       const vs_run_options *options, vs_error *error);

#endif
