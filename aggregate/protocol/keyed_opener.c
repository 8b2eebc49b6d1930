/* An opener, under the openings key and threshold: takes a total only with its receipt, sees that it holds what owners
 * have signed, asks plan and book, and opens it. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/keyed_internal.h"
#include "aggregate/result/result.h"
#include "crypto/guard.h"

typedef struct opener {
    vs__machine machine;
    vs__shelf contributions, totals, receipts; /* the last two by the server that made them */
    vs__contribution_judge judge;
    size_t *servers;
    size_t server_count;
    vs_total *total; /* that is being opened, once it may be */
    vs__parts parts; /* threshold */
    vs_opened opened;
    size_t *missing; /* holders, or contributors, that are waited for */
    size_t missing_count;
    bool done;
} opener;

static const vs_session_setup *setup_of(const opener *o) {
    return &vs__facts(&o->machine)->setup;
}

static const vs_keyed_setup *keyed_of(const opener *o) {
    return setup_of(o)->keyed;
}

static const char *name_of(const opener *o, uint32_t party) {
    return setup_of(o)->plan->parties[party].identity.name;
}

static const vs_public_key *key_of(const opener *o) {
    const vs_keyed_setup *keyed = keyed_of(o);
    return setup_of(o)->plan->is_threshold ? vs_threshold_key_public(keyed->threshold_key)
                                           : vs_secret_key_public(keyed->sk);
}

/* ---- what is said of it ---- */

static vs_status post_result(opener *o, vs_error *error) {
    const vs_result_options json = {.format = VS_RESULT_JSON};
    vs_memory_sink memory = {.data = NULL};
    const vs_sink sink = vs_memory_sink_open(&memory, "the result");
    vs_status status = vs_result_write(setup_of(o)->plan, &o->opened, &json, &sink, error);
    if (status == VS_OK) {
        status = vs__session_post(&o->machine, VS_MESSAGE_RESULT, VS_TO_ALL, memory.data, memory.len, error);
    }
    free(memory.data);
    return status;
}

static vs_status finish(opener *o, vs_error *error) {
    vs_status status = keyed_of(o)->publish ? post_result(o, error) : VS_OK;
    o->done = status == VS_OK;
    return status;
}

/* Whatever goes wrong from here on ends the session: what this party has is as it is. */
static void end_with(opener *o, vs_status status, const vs_error *why) {
    if (status != VS_OK) {
        (void)vs__session_fail(&o->machine, status, "%s", why->message);
    }
}

/* ---- opening ---- */

static vs_status open_with_key(opener *o, vs_error *error) {
    vs_status status = vs_total_open_with_key(&o->opened, o->total, keyed_of(o)->sk, keyed_of(o)->progress, error);
    return status == VS_OK ? finish(o, error) : status;
}

static vs_status try_parts(opener *o, vs_error *error) {
    bool enough = false;
    vs_status status = vs__parts_open(&o->parts, &o->opened, &enough, error);
    return status == VS_OK && enough ? finish(o, error) : status;
}

/* Enter it into the book, and say so. Who has neither key nor share opens nothing by itself, and keeps no book. */
static vs_status enter(opener *o, const vs_opening_request *request, vs_error *error) {
    const vs_keyed_setup *keyed = keyed_of(o);
    char *record = NULL;
    size_t len = 0;
    vs_status status = vs_opening_rules(request, error);
    if (status == VS_OK && request->opener != NULL) {
        status = keyed->enter(keyed->enter_context, request, &record, &len, error);
        if (status == VS_OK) {
            status = vs__session_post(&o->machine, VS_MESSAGE_OPENING, VS_TO_ALL, (const uint8_t *)record, len, error);
        }
    }
    free(record);
    return status;
}

static vs_status permit(opener *o, const char *server, vs_error *error) {
    const vs_session_setup *setup = setup_of(o);
    bool holds_nothing = setup->plan->is_threshold && setup->keyed->share == NULL;
    vs_opening_request request = {.plan = setup->plan,
                                  .name = server,
                                  .total = o->total->header,
                                  .bytes = o->total->bytes,
                                  .now = setup->now,
                                  .opener = holds_nothing ? NULL : vs_identity_public(setup->identity),
                                  .plan_signed = setup->keyed->plan_signed,
                                  .verified = true};
    memcpy(request.digest, o->total->digest, VS_HASH_BYTES);
    return enter(o, &request, error);
}

static vs_status begin_opening(opener *o, const char *server, vs_error *error) {
    vs_status status = permit(o, server, error);
    if (status == VS_OK && !setup_of(o)->plan->is_threshold) {
        return open_with_key(o, error);
    }
    if (status == VS_OK) {
        status = vs__parts_begin(&o->parts, &o->machine, o->total, error);
    }
    return status;
}

/* ---- is it the right total? ---- */

static vs_status take_nothing(void *context, const void *data, size_t len, vs_error *error) {
    (void)context;
    (void)data;
    (void)len;
    (void)error;
    return VS_OK;
}

/* Who is in the receipt, as places in the roster, all of whom it may list; malloc'd. */
static vs_status list_contributors(uint32_t **list, const opener *o, const vs_receipt *receipt, vs_error *error) {
    const vs_plan *plan = setup_of(o)->plan;
    *list = malloc((size_t)(receipt->contribution_count + 1) * sizeof **list);
    if (*list == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (uint64_t i = 0; i < receipt->contribution_count; i++) {
        (*list)[i] = (uint32_t)(vs_plan_party(plan, receipt->contributions[i].name) - plan->parties);
    }
    return VS_OK;
}

/* The contributions combined once more: a total has one form, so its digest is enough to compare. */
static vs_status recompute(const opener *o, const vs_receipt *receipt, const vs_total *total, const char *server,
                           vs_error *error) {
    const vs_session_setup *setup = setup_of(o);
    const vs_sink nowhere = {.name = "nowhere", .write = take_nothing};
    const vs_combine_options options = {.period = setup->period};
    uint32_t *list = NULL;
    vs_combine_report report = {.refused = NULL};
    vs_status status = list_contributors(&list, o, receipt, error);
    if (status == VS_OK) {
        vs__shelf_reading reading = {
            .shelf = &o->contributions, .parties = list, .count = (size_t)receipt->contribution_count};
        const vs_inputs inputs = vs__shelf_inputs(&reading);
        status = vs_combine_checked(setup->plan, &inputs, &options, &report, &nowhere, setup->keyed->progress, error);
    }
    if (status == VS_OK &&
        !VS_GUARD(keyed_total_product, vs_equal(report.receipt.total_digest, total->digest, VS_HASH_BYTES))) {
        vs_fail(error, VS_ERR_AUTH, "%s: its total is not the product of the contributions that it lists", server);
        vs_hint(error, "it erred, or it lies: it combined something else than what the owners sent");
        status = VS_ERR_AUTH;
    }
    vs_combine_report_clear(&report);
    free(list);
    return status;
}

/* Another's word, if this opener trusts it by name; else with its own eyes. */
static vs_status verify(const opener *o, const vs_receipt *receipt, const vs_total *total, const char *server,
                        vs_error *error) {
    const char *trusted = keyed_of(o)->trusted;
    if (trusted == NULL) {
        return recompute(o, receipt, total, server, error);
    }
    if (!VS_GUARD(keyed_trusted_server, strcmp(trusted, server) == 0)) {
        return vs_fail(error, VS_ERR_POLICY, "a receipt by %s, and this opener takes the word of %s alone", server,
                       trusted);
    }
    return VS_OK;
}

/* The body of a server's message as a total of this session that its receipt is about. */
static vs_status read_total(vs_total **total, const opener *o, const vs_message *message, const vs_receipt *receipt,
                            vs_error *error) {
    const vs__session_facts *facts = vs__facts(&o->machine);
    const char *server = name_of(o, message->from);
    vs_memory_source memory;
    const vs_source source = vs_memory_source_open(&memory, server, message->body, message->body_len);
    vs_status status = vs_total_read(total, facts->setup.plan, key_of(o), &source, error);
    if (status == VS_OK && !VS_GUARD(keyed_total_session, vs_equal((*total)->header->sid, facts->sid, VS_HASH_BYTES))) {
        status = vs_fail(error, VS_ERR_MISMATCH, "%s: its total is of another period or attempt", server);
    }
    if (status == VS_OK) {
        status = vs_receipt_check_total(receipt, server, (*total)->header, (*total)->digest, server, error);
    }
    return status;
}

/* ---- when all is there ---- */

/* Are the contributions that the receipt lists here? Those that are not are waited for. */
static bool has_contributions(opener *o, const vs_receipt *receipt) {
    const vs_plan *plan = setup_of(o)->plan;
    bool wanted = keyed_of(o)->trusted == NULL;
    o->missing_count = 0;
    for (uint64_t i = 0; wanted && i < receipt->contribution_count; i++) {
        size_t party = (size_t)(vs_plan_party(plan, receipt->contributions[i].name) - plan->parties);
        if (!o->contributions.of[party].here) {
            o->missing[o->missing_count++] = party;
        }
    }
    return o->missing_count == 0;
}

static vs_status get_receipt(vs_receipt *receipt, const opener *o, uint32_t server, vs_error *error) {
    vs_message message;
    uint8_t *bytes = NULL;
    vs_status status = vs__shelf_get(&message, &bytes, &o->receipts, server, error);
    if (status == VS_OK) {
        status = vs__receipt_read(receipt, vs__facts(&o->machine), &message, error);
    }
    free(bytes);
    return status;
}

/* A server's total with its receipt and all that it lists: judged, and if it is right, opened. */
static vs_status judge_total(opener *o, uint32_t server, const vs_receipt *receipt, vs_error *error) {
    vs_message message;
    vs_error why = {.message = ""};
    uint8_t *bytes = NULL;
    vs_total *total = NULL;
    vs_status status = vs__shelf_get(&message, &bytes, &o->totals, server, error);
    if (status == VS_OK) {
        status = read_total(&total, o, &message, receipt, error);
    }
    if (status == VS_OK) {
        status = verify(o, receipt, total, name_of(o, server), error);
    }
    free(bytes);
    if (status != VS_OK) {
        vs_total_free(total);
        return status;
    }
    o->total = total;
    end_with(o, begin_opening(o, name_of(o, server), &why), &why);
    return VS_OK;
}

static vs_status try_server(opener *o, uint32_t server, vs_error *error) {
    vs_receipt receipt = {.note_text = NULL};
    if (o->total != NULL || !o->totals.of[server].here || !o->receipts.of[server].here) {
        return VS_OK;
    }
    vs_status status = get_receipt(&receipt, o, server, error);
    if (status == VS_OK && has_contributions(o, &receipt)) {
        status = judge_total(o, server, &receipt, error);
    }
    vs_receipt_clear(&receipt);
    return status;
}

/* ---- what happens ---- */

static void set_current(opener *o, const vs_message *message) {
    o->contributions.current = o->totals.current = o->receipts.current = message;
}

/* The last message that a total waited for: any server's may be the one that is whole now. One that is not right is
 * named, and ends the session if it is the only one that could come. */
static vs_status take_contribution(opener *o, const vs_message *message, vs_error *error) {
    if (o->total != NULL || keyed_of(o)->trusted != NULL) {
        return VS_OK;
    }
    vs_status status = vs__judge_contribution(&o->judge, message, error);
    if (status == VS_OK) {
        status = vs__shelf_put(&o->contributions, message, error);
    }
    for (size_t i = 0; status == VS_OK && i < o->server_count; i++) {
        vs_error why = {.message = ""};
        end_with(o, try_server(o, (uint32_t)o->servers[i], &why), &why);
    }
    return status;
}

/* A total, or a receipt. What makes a wrong pair is refused, as if it had not come. */
static vs_status take_from_server(opener *o, vs__shelf *shelf, const vs_message *message, vs_error *error) {
    if (o->total != NULL) {
        return VS_OK;
    }
    vs_status status = vs__shelf_put(shelf, message, error);
    if (status == VS_OK) {
        status = try_server(o, message->from, error);
        if (status != VS_OK) {
            vs__shelf_remove(shelf, message->from);
        }
    }
    return status;
}

static vs_status take_receipt(opener *o, const vs_message *message, vs_error *error) {
    vs_receipt receipt = {.note_text = NULL};
    vs_status status = vs__receipt_read(&receipt, vs__facts(&o->machine), message, error);
    vs_receipt_clear(&receipt);
    return status == VS_OK ? take_from_server(o, &o->receipts, message, error) : status;
}

static vs_status take_part(opener *o, const vs_message *message, vs_error *error) {
    vs_error why = {.message = ""};
    if (o->done) {
        return VS_OK;
    }
    if (o->total == NULL) {
        return VS_ERR_NOT_READY;
    }
    vs_status status = vs__parts_take(&o->parts, message, error);
    if (status == VS_OK) {
        end_with(o, try_parts(o, &why), &why);
    }
    return status;
}

static vs_status receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    opener *o = (opener *)machine;
    vs_status status = VS_OK;
    set_current(o, message);
    switch (message->kind) {
    case VS_MESSAGE_CONTRIBUTION:
        status = take_contribution(o, message, error);
        break;
    case VS_MESSAGE_TOTAL:
        status = take_from_server(o, &o->totals, message, error);
        break;
    case VS_MESSAGE_RECEIPT:
        status = take_receipt(o, message, error);
        break;
    case VS_MESSAGE_PART:
    case VS_MESSAGE_PART_ALLOWED:
        status = take_part(o, message, error);
        break;
    default:
        break;
    }
    set_current(o, NULL);
    return status;
}

/* ---- looking ---- */

/* Holders whose part of the round is not here. */
static void list_holders(opener *o) {
    const vs_plan *plan = setup_of(o)->plan;
    const vs_threshold_key *key = keyed_of(o)->threshold_key;
    o->missing_count = 0;
    for (size_t i = 0; i < plan->party_count; i++) {
        unsigned holder = vs_threshold_key_find(key, &plan->parties[i].identity);
        if (holder != 0 && !vs__parts_has(&o->parts, holder)) {
            o->missing[o->missing_count++] = i;
        }
    }
}

static void look(const vs__machine *machine, vs_session_view *view) {
    opener *o = (opener *)(uintptr_t)machine; /* what is waited for is worked out when somebody asks */
    vs__keyed_look(view, setup_of(o)->plan);
    view->done = o->done;
    view->result = o->done ? &o->opened : NULL;
    if (o->done) {
        view->step = view->step_count;
    } else if (o->total != NULL && o->parts.total != NULL) {
        list_holders(o);
        view->step = VS__PART + vs__parts_round(&o->parts) - 1;
        view->waiting = o->missing;
        view->waiting_count = o->missing_count;
    } else {
        view->step = VS__COMBINE;
        view->waiting = o->missing_count > 0 ? o->missing : o->servers;
        view->waiting_count = o->missing_count > 0 ? o->missing_count : o->server_count;
    }
}

static void free_opener(vs__machine *machine) {
    opener *o = (opener *)machine;
    vs__parts_clear(&o->parts);
    vs_opened_clear(&o->opened);
    vs_total_free(o->total);
    vs__shelf_clear(&o->contributions);
    vs__shelf_clear(&o->totals);
    vs__shelf_clear(&o->receipts);
    vs__contribution_judge_clear(&o->judge);
    free(o->servers);
    free(o->missing);
    free(o);
}

/* ---- making one ---- */

/* What an opener cannot do without, and whether it is the plan's. */
static vs_status check_setup(const vs_session_setup *setup, vs_error *error) {
    const vs_keyed_setup *keyed = setup->keyed;
    bool threshold = setup->plan->is_threshold;
    if (keyed == NULL || (threshold ? keyed->threshold_key == NULL : keyed->sk == NULL) ||
        ((keyed->sk != NULL || keyed->share != NULL) && keyed->enter == NULL) ||
        (keyed->share != NULL && (keyed->keep == NULL || keyed->recall == NULL))) {
        return vs_fail(error, VS_ERR_USAGE, "an opener of this plan needs %s",
                       threshold ? "the holders' file" : "the key");
    }
    if (threshold) {
        return vs_threshold_key_check_plan(keyed->threshold_key, setup->plan, error);
    }
    const uint8_t *fingerprint = vs_public_key_info(vs_secret_key_public(keyed->sk))->fingerprint;
    if (!vs_equal(fingerprint, setup->plan->key_fingerprint, VS_HASH_BYTES)) {
        vs_fail(error, VS_ERR_MISMATCH, "the plan pins another key than this one");
        vs_hint(error, "use the secret key of the plan's opening; 'veilsum inspect' shows a key's fingerprint");
        return VS_ERR_MISMATCH;
    }
    return VS_OK;
}

static vs_status make_shelves(opener *o, vs_error *error) {
    const vs_plan *plan = setup_of(o)->plan;
    vs_status status = vs__shelf_new(&o->contributions, &o->machine, error);
    if (status == VS_OK) {
        status = vs__shelf_new(&o->totals, &o->machine, error);
    }
    if (status == VS_OK) {
        status = vs__shelf_new(&o->receipts, &o->machine, error);
    }
    if (status == VS_OK) {
        status = vs__parties_that(&o->servers, &o->server_count, plan, VS_MAY_AGGREGATE, error);
    }
    o->missing = calloc(plan->party_count + 1, sizeof *o->missing);
    return status == VS_OK && o->missing == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : status;
}

vs_status vs__keyed_opener_new(vs__machine **machine, vs_session *session, vs_error *error) {
    static const vs__machine_type type = {
        .name = "opener", .steps = vs__keyed_steps, .receive = receive, .look = look, .free = free_opener};
    opener *o = calloc(1, sizeof *o);
    *machine = NULL;
    if (o == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    o->machine = (vs__machine){.type = &type, .session = session};
    o->judge.facts = vs__facts(&o->machine);
    vs_status status = check_setup(setup_of(o), error);
    if (status == VS_OK) {
        status = make_shelves(o, error);
    }
    if (status != VS_OK) {
        free_opener(&o->machine);
        return status;
    }
    *machine = &o->machine;
    return VS_OK;
}
