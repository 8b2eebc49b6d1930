#include "cli/session/runner.h"

#include <string.h>
#include <time.h>

#include "cli/load.h"

/* The longest time without looking at the clock, and at whoever wants to stop. */
#define LOOK_MS 1000u

typedef struct run {
    vs_session *session;
    vs_journal *journal;
    const vs_carrier *carrier;
    const vs_run_options *options;
    unsigned step; /* the one that is waited in */
    bool expirable;
    int64_t began_ms, since; /* of the wait, by the monotonic clock; and in UTC seconds for people */
} run;

static int64_t now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what has been ---- */

static vs_status replay_event(void *context, const uint8_t *bytes, size_t len, vs_error *error) {
    vs_session *session = context;
    bool taken = true;
    vs_status status =
        bytes == NULL ? vs_session_expire(session, error) : vs_session_receive(session, bytes, len, &taken, error);
    vs_session_view view;
    vs_session_look(session, &view);
    if (status != VS_OK && view.failed != VS_OK) {
        return VS_OK; /* so it ended then, too */
    }
    return status == VS_OK && !taken ? vs_fail(error, VS_ERR_FORMAT, "a message in the journal is known twice")
                                     : status;
}

vs_status vs_session_resume(vs_session *session, vs_journal *journal, vs_error *error) {
    vs_status status = vs_journal_replay(journal, replay_event, session, error);
    if (status != VS_OK) {
        vs_error_at(error, "the journal does not fit");
    }
    return status;
}

/* ---- what comes ---- */

/* A message of the carrier's: into the session, and into the journal if it counts. */
static vs_status take(void *taker, const uint8_t *bytes, size_t len, vs_error *error) {
    run *r = taker;
    vs_message message;
    vs_error reason = {.message = ""};
    bool taken = false;
    vs_status status = vs_session_receive(r->session, bytes, len, &taken, &reason);
    if (taken) {
        /* Whatever follows from it has not been sent yet: a crash before it is durable leaves it untaken. */
        vs_status kept = vs_journal_add(r->journal, bytes, len, error);
        if (kept != VS_OK) {
            return kept;
        }
    }
    if (status == VS_ERR_MEMORY || status == VS_ERR_IO || status == VS_ERR_RANDOM || status == VS_ERR_FAULT) {
        *error = reason;
        return status;
    }
    if (status != VS_OK && r->options->refused != NULL) {
        vs_status parsed = vs_message_parse(&message, bytes, len, NULL);
        r->options->refused(r->options->context, parsed == VS_OK ? &message : NULL, status, &reason);
    }
    return VS_OK;
}

static vs_status send_all(run *r, vs_error *error) {
    const uint8_t *bytes;
    size_t len;
    vs_status status = vs_journal_commit(r->journal, error);
    while (status == VS_OK && vs_session_send(r->session, &bytes, &len)) {
        status = r->carrier->send(r->carrier->context, bytes, len, error);
    }
    return status;
}

/* ---- waiting ---- */

/* A wait begins where the step changes, or becomes one that may end. */
static void watch_wait(run *r, const vs_session_view *view) {
    if (view->step != r->step || view->may_expire != r->expirable || r->since == 0) {
        r->step = view->step;
        r->expirable = view->may_expire;
        r->began_ms = now_ms();
        if (vs__now(&r->since, NULL) != VS_OK) {
            r->since = 0;
        }
    }
}

static bool ends(const run *r) {
    return r->expirable && r->options->wait_s > 0;
}

static int64_t left_ms(const run *r) {
    return ends(r) ? r->began_ms + (int64_t)r->options->wait_s * 1000 - now_ms() : LOOK_MS;
}

static void show(run *r) {
    if (r->options->look != NULL) {
        int64_t until = ends(r) ? r->since + (int64_t)r->options->wait_s : 0;
        r->options->look(r->options->context, r->session, r->since, until);
    }
}

static vs_status end_wait(run *r, vs_error *error) {
    vs_session_view view;
    vs_status status = vs_session_expire(r->session, error);
    vs_session_look(r->session, &view);
    if (status == VS_OK || view.failed != VS_OK) {
        status = vs_journal_add(r->journal, NULL, 0, error);
    }
    return status;
}

static vs_status turn(run *r, bool *over, vs_error *error) {
    vs_session_view view;
    vs_status status = send_all(r, error);
    vs_session_look(r->session, &view);
    watch_wait(r, &view);
    show(r);
    *over = status != VS_OK || view.done || (r->options->stop != NULL && r->options->stop(r->options->context));
    if (*over) {
        if (status == VS_OK && view.failed != VS_OK) {
            *error = view.reason;
            status = view.failed;
        }
        return status;
    }
    int64_t left = left_ms(r);
    if (left <= 0) {
        return end_wait(r, error);
    }
    unsigned wait = left < LOOK_MS ? (unsigned)left : LOOK_MS;
    return r->carrier->receive(r->carrier->context, wait, take, r, error);
}

vs_status vs_run_session(vs_session *session, vs_journal *journal, const vs_carrier *carrier,
                         const vs_run_options *options, vs_error *error) {
    run r = {.session = session, .journal = journal, .carrier = carrier, .options = options};
    vs_error reason = {.message = ""};
    vs_status status = VS_OK;
    for (bool over = false; !over && status == VS_OK;) {
        status = turn(&r, &over, &reason);
    }
    if (status != VS_OK && error != NULL) {
        *error = reason;
    }
    return status;
}
