#include "cli/session/participant.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/result/result.h"
#include "cli/table_input.h"
#include "cli/table_record.h"
#include "crypto/secret.h"

/* ---- hooks ---- */

static vs_status fetch(void *context, const uint8_t id[VS_HASH_BYTES], uint8_t **bytes, size_t *len, vs_error *error) {
    return vs_journal_fetch(((vs_participant *)context)->journal, id, bytes, len, error);
}

static vs_status release(void *context, const uint8_t what[VS_HASH_BYTES], vs_error *error) {
    vs_participant *p = context;
    return vs_journal_release(p->journal, p->request.plan->id, p->request.period, what, error);
}

/* ---- the data ---- */

/* A hash that tells nothing of the cells to whoever has not the seed. */
static void cells_hash(uint8_t hash[VS_HASH_BYTES], const vs_participant *p) {
    vs_hash state;
    vs_hash_init(&state, "veilsum session cells");
    vs_hash_field(&state, vs_journal_seed(p->journal), VS_SEED_BYTES);
    vs_hash_field(&state, vs_cells_values(p->cells), (size_t)p->request.plan->cell_count * sizeof(vs_int128));
    vs_hash_final(&state, hash);
    vs_wipe(&state, sizeof state);
}

/* A session has one table: what has been sent of it cannot be taken back. */
static vs_status check_same_data(const vs_participant *p, vs_error *error) {
    uint8_t hash[VS_HASH_BYTES], *kept = NULL;
    size_t len = 0;
    bool is_new;
    cells_hash(hash, p);
    vs_status status = vs_journal_keep(p->journal, "cells", hash, sizeof hash, &kept, &len, &is_new, error);
    if (status == VS_OK && (len != sizeof hash || memcmp(kept, hash, sizeof hash) != 0)) {
        vs_fail(error, VS_ERR_MISMATCH, "%s: gives other sums than when this session began", p->request.data);
        vs_hint(error, "a session has one table: go on with the first one, or take part in another attempt or period");
        status = VS_ERR_MISMATCH;
    }
    free(kept);
    return status;
}

static vs_status read_data(vs_participant *p, vs_error *error) {
    const vs_participant_request *r = &p->request;
    vs_status status = vs__cells_of_data(&p->cells, &p->sketch, r->data, vs__argument(r->arguments, "data-format"),
                                         r->plan, r->identity, r->arguments, error);
    return status == VS_OK ? check_same_data(p, error) : status;
}

/* ---- the session ---- */

static vs_status open_journal(vs_participant *p, vs_error *error) {
    const vs_participant_request *r = &p->request;
    uint8_t sid[VS_HASH_BYTES];
    char *beside = r->journal_folder == NULL ? vs__journal_folder(vs__argument(r->arguments, "identity")) : NULL;
    const char *folder = r->journal_folder != NULL ? r->journal_folder : beside;
    vs_session_id(sid, r->plan->id, r->period, r->attempt);
    vs_status status = folder == NULL ? vs_fail_plain(error, VS_ERR_MEMORY)
                                      : vs_journal_open(&p->journal, folder, sid, r->identity, error);
    free(beside);
    p->over = status == VS_OK && vs_journal_is_over(p->journal);
    return status;
}

static vs_status begin_session(vs_participant *p, vs_error *error) {
    const vs_participant_request *r = &p->request;
    const vs_session_setup setup = {.plan = r->plan,
                                    .identity = r->identity,
                                    .period = r->period,
                                    .attempt = r->attempt,
                                    .roles = r->roles,
                                    .seed = vs_journal_seed(p->journal),
                                    .cells = p->cells == NULL ? NULL : vs_cells_values(p->cells),
                                    .now = vs_journal_began(p->journal),
                                    .keyed = vs_keyed_files_setup(p->keyed),
                                    .fetch = fetch,
                                    .release = release,
                                    .context = p};
    vs_status status = vs_session_new(&p->session, &setup, error);
    return status == VS_OK ? vs_session_resume(p->session, p->journal, error) : status;
}

vs_status vs_participant_begin(vs_participant *p, const vs_participant_request *request, vs_error *error) {
    *p = (vs_participant){.request = *request};
    vs_status status = open_journal(p, error);
    if (status != VS_OK || p->over) {
        return status;
    }
    if (request->roles & VS_ROLE_CONTRIBUTOR) {
        status = read_data(p, error);
    }
    if (status == VS_OK &&
        (request->plan->opening == VS_OPENING_KEY || request->plan->opening == VS_OPENING_THRESHOLD)) {
        status = vs_keyed_files_load(&p->keyed, request, p->journal, p->cells, error);
    }
    if (status == VS_OK) {
        status = begin_session(p, error);
    }
    if (status == VS_OK && request->roles & VS_ROLE_CONTRIBUTOR) {
        /* Before anything of it leaves, so that a warning is in time, and a crash does not keep it from the record. */
        vs__table_remember(&p->sketch, vs__argument(request->arguments, "identity"), request->plan, request->period);
    }
    return status;
}

void vs_participant_end(vs_participant *p) {
    vs_session_free(p->session);
    vs_keyed_files_free(p->keyed);
    vs_cells_free(p->cells);
    vs_sketch_clear(&p->sketch);
    vs_journal_close(p->journal);
    *p = (vs_participant){.over = false};
}

vs_status vs_participant_publish(vs_participant *p, const vs_carrier *carrier, vs_error *error) {
    const vs_participant_request *r = &p->request;
    const vs_result_options json = {.format = VS_RESULT_JSON};
    const vs_message_header header = {.kind = VS_MESSAGE_RESULT,
                                      .from = vs_session_self(p->session),
                                      .to = VS_TO_ALL,
                                      .sid = vs_session_sid(p->session)};
    vs_session_view view;
    vs_memory_sink memory = {.data = NULL};
    const vs_sink sink = vs_memory_sink_open(&memory, "the result");
    uint8_t *message = NULL;
    size_t len = 0;
    vs_session_look(p->session, &view);
    if (r->plan->opening != VS_OPENING_SHARES || view.result == NULL || !vs__argument_given(r->arguments, "publish")) {
        return VS_OK; /* with a key and by threshold the session itself publishes */
    }
    vs_status status = vs_result_write(r->plan, view.result, &json, &sink, error);
    if (status == VS_OK) {
        status = vs_message_write(&message, &len, &header, memory.data, memory.len, r->identity, error);
    }
    if (status == VS_OK) {
        status = carrier->send(carrier->context, message, len, error);
    }
    free(message);
    free(memory.data);
    return status;
}

vs_status vs_participant_finish(vs_participant *p, vs_error *error) {
    return vs_journal_end(p->journal, error);
}

/* ---- options ---- */

static uint64_t unit_of(const char *text) {
    static const struct {
        const char *text;
        uint64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].text, text) == 0) {
            return units[i].seconds;
        }
    }
    return 0;
}

vs_status vs_seconds_from_option(uint64_t *seconds, const vs_arguments *arguments, const char *name, uint64_t otherwise,
                                 vs_error *error) {
    const char *text = vs__argument(arguments, name);
    *seconds = text == NULL ? otherwise : 0;
    if (text == NULL || strcmp(text, "none") == 0) {
        return VS_OK;
    }
    size_t digits = strspn(text, "0123456789");
    uint64_t unit = unit_of(text + digits);
    if (digits == 0 || digits > 9 || unit == 0) {
        vs_fail(error, VS_ERR_USAGE, "%s: --%s is no time", arguments->verb->name, name);
        vs_hint(error, "a number of seconds, or with a unit: 90s, 15m, 2h, 1d; or 'none'");
        return VS_ERR_USAGE;
    }
    *seconds = strtoull(text, NULL, 10) * unit;
    return VS_OK;
}
