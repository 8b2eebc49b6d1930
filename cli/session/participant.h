/* A party's side of a session, from the files and options of a command line: what `join` runs, and `serve` beside its
 * board. */
#ifndef VEILSUM_CLI_PARTICIPANT_H
#define VEILSUM_CLI_PARTICIPANT_H

#include "aggregate/protocol/session.h"
#include "aggregate/table/sketch.h"
#include "cli/options.h"
#include "cli/session/journal.h"
#include "cli/session/keyed_files.h"
#include "cli/session/runner.h"

typedef struct vs_participant_request {
    const vs_arguments *arguments;
    const vs_plan *plan; /* with a roster, and signed: vs__load_signed_plan */
    const vs_identity *identity;
    const char *period;
    uint64_t attempt;
    unsigned roles;
    const char *data;           /* a contributor's, or NULL */
    const char *journal_folder; /* or NULL: beside the identity */
} vs_participant_request;

typedef struct vs_participant {
    vs_participant_request request;
    vs_journal *journal;
    vs_session *session;
    vs_cells *cells;
    vs_sketch sketch;
    vs_keyed_files *keyed; /* of the openings key and threshold */
    bool over;             /* the session ended in an earlier run: there is nothing to do */
} vs_participant;

/** Open or take up the journal, read the data, begin the session and tell it what has been. The owner's record of
 * tables gets this one, and warns, before anything has been sent. All of the request is borrowed. `*participant` is the
 * caller's to end, after an error, too. Returns: VS_OK, with participant->over where there is nothing to run;
 * VS_ERR_MISMATCH (the data is not what the session began with); those of journal, session, data and keys. */
VS_MUST_CHECK vs_status vs_participant_begin(vs_participant *participant, const vs_participant_request *request,
                                             vs_error *error);
void vs_participant_end(vs_participant *participant);

/** After a session that is done, an opener of `shares` with --publish sends the result to all; else nothing happens.
 * The same result makes the same message, so that it may be sent again. Returns: VS_OK; those of the carrier. */
VS_MUST_CHECK vs_status vs_participant_publish(vs_participant *participant, const vs_carrier *carrier, vs_error *error);
/** After a session that is done: close the journal for good. */
VS_MUST_CHECK vs_status vs_participant_finish(vs_participant *participant, vs_error *error);

/** Seconds from "90", "90s", "15m", "2h" or "1d"; 0 from "none". Returns: VS_OK, VS_ERR_USAGE. */
VS_MUST_CHECK vs_status vs_seconds_from_option(uint64_t *seconds, const vs_arguments *arguments, const char *name,
                                               uint64_t otherwise, vs_error *error);

#endif
