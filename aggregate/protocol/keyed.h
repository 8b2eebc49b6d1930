/* Sessions of the openings `key` and `threshold`: the files of the pipeline as messages.
 *
 *     owner    its contribution, a signed container, to all who combine or open
 *     server   combines what has come into a total, with a receipt, to all: once everybody has contributed, or once
 *              the wait is over and contributors.min organisations have
 *     opener   total and receipt as its rules ask for, then
 *              key        opens the total
 *              threshold  a holder makes its part, and one of round 2 where the plan has minimums; whoever has parts
 *                         enough opens the total
 *              and may publish the result, with the signed record of the opening
 *
 * What is encrypted or proved is random by the system's generator, and not by the session's seed: bytes that were made
 * once are kept by who runs the session, and found again at a restart. So a contribution is made before its session
 * begins, and parts go through `keep` and `recall`.
 *
 * What large messages hold is not kept in memory, but read back by the session's `fetch`.
 */
#ifndef VEILSUM_AGGREGATE_KEYED_H
#define VEILSUM_AGGREGATE_KEYED_H

#include "aggregate/combine/threshold.h"
#include "aggregate/opening/rules.h"
#include "aggregate/protocol/session.h"

/* All is borrowed, and must outlive the session. */
typedef struct vs_keyed_setup {
    /* A contributor's: what vs_keyed_contribute made, the same at every restart. */
    const uint8_t *contribution;
    size_t contribution_len;

    /* An opener's. */
    const vs_secret_key *sk;               /* with key */
    const vs_threshold_key *threshold_key; /* with threshold */
    const vs_key_share *share;             /* a holder's; NULL: it puts parts of others together */
    bool plan_signed;                      /* as many as the plan asks for have signed it: vs_plan_signatures_check */
    const char *trusted; /* the party whose receipt is believed; NULL: the contributions are combined once more */
    bool publish;        /* the result goes to all */
    /** Enter the total into the opener's book, which may refuse it, before anything is decrypted (vs_opening_enter).
     * What needs no book has been asked before. `*record` (malloc'd) is the signed record of the opening. Asked again
     * for the same total at a restart, with the same `now`, and then gives the same record. */
    vs_status (*enter)(void *context, const vs_opening_request *request, char **record, size_t *len, vs_error *error);
    void *enter_context;
    /** What was kept under this kind, or `*bytes` = NULL; malloc'd. */
    vs_status (*recall)(void *context, unsigned kind, uint8_t **bytes, size_t *len, vs_error *error);
    /** Durable once it returns VS_OK; at most once for a kind in a session. */
    vs_status (*keep)(void *context, unsigned kind, const uint8_t *bytes, size_t len, vs_error *error);
    void *keep_context;

    const vs_progress *progress; /* of combining and decrypting; may be NULL */
} vs_keyed_setup;

/** An owner's contribution to the session of plan, period and attempt: malloc'd. It is random: who runs the session
 *  makes it durable before anything is sent, and makes no second one.
 *  Returns: VS_OK; as vs_contribute_from. */
VS_MUST_CHECK vs_status vs_keyed_contribute(uint8_t **bytes, size_t *len, const vs_plan *plan, const vs_public_key *pk,
                                            const vs_cells *cells, const vs_contribution_request *request,
                                            const vs_progress *progress, vs_error *error);

#endif
