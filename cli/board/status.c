#include "cli/board/status.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"

/* ---- steps and kinds: where a session's step is not a kind of message by name ---- */

#define KIND(number) (UINT64_C(1) << (number))

static const struct {
    const char *step;
    uint64_t kinds;
} steps[] = {
    {"contribute", KIND(VS_MESSAGE_CONTRIBUTION)},
    {"combine", KIND(VS_MESSAGE_TOTAL) | KIND(VS_MESSAGE_RECEIPT)},
    {"open", KIND(VS_MESSAGE_RESULT) | KIND(VS_MESSAGE_OPENING)},
    {"advertise", KIND(VS_MESSAGE_ADVERTISE) | KIND(VS_MESSAGE_DIRECTORY)},
    {"coin", KIND(VS_MESSAGE_COIN) | KIND(VS_MESSAGE_COINS)},
    {"share", KIND(VS_MESSAGE_SHARE) | KIND(VS_MESSAGE_DEALING) | KIND(VS_MESSAGE_DELIVERY)},
    {"mask", KIND(VS_MESSAGE_MASKED) | KIND(VS_MESSAGE_SURVIVORS)},
    {"agree", KIND(VS_MESSAGE_AGREE) | KIND(VS_MESSAGE_AGREED)},
    {"unmask", KIND(VS_MESSAGE_UNMASK) | KIND(VS_MESSAGE_SUM)},
};

uint64_t vs__board_step_kinds(const char *step) {
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (strcmp(steps[i].step, step) == 0) {
            return steps[i].kinds;
        }
    }
    for (unsigned kind = 0; kind < VS_BOARD_MAX_KINDS; kind++) {
        const char *name = vs_message_kind_name(kind);
        if (name != NULL && strcmp(name, step) == 0) {
            return UINT64_C(1) << kind;
        }
    }
    return 0;
}

static uint64_t kinds_of_step(const vs_board_view *view, size_t step) {
    return view->kinds != NULL ? view->kinds[step] : vs__board_step_kinds(view->steps[step]);
}

/* The step that a message of this kind belongs to; NULL: none. */
static const char *step_of_kind(const vs_board_view *view, unsigned kind) {
    for (size_t i = 0; i < view->step_count; i++) {
        if (kind != 0 && kinds_of_step(view, i) >> kind & 1) {
            return view->steps[i];
        }
    }
    return kind == 0 ? NULL : vs_message_kind_name(kind);
}

/* ---- pieces of the document; a NULL anywhere is memory that ran out, and jansson passes it on ---- */

static json_t *time_or_null(int64_t at) {
    char text[VS_TIME_BYTES];
    if (at <= 0) {
        return json_null();
    }
    vs_time_to_text(text, at);
    return json_string(text);
}

static json_t *hex(const uint8_t *data, size_t len) {
    char text[2 * VS_HASH_BYTES + 1];
    VS_CHECK(len <= VS_HASH_BYTES);
    vs_to_hex(text, data, len);
    return json_string(text);
}

static json_t *text_or_null(const char *text) {
    return text == NULL ? json_null() : json_string(text);
}

static json_t *number(uint64_t value) {
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *lines_of(const char *text) {
    json_t *lines = json_array();
    while (*text != 0) {
        size_t len = strcspn(text, "\n");
        (void)json_array_append_new(lines, json_stringn(text, len));
        text += len + (text[len] == '\n');
    }
    return lines;
}

static json_t *plan_object(const vs_board *board) {
    const vs_plan *plan = board->setup.plan;
    return json_pack("{s:o, s:o, s:o, s:s, s:o}", "id", hex(plan->id, VS_HASH_BYTES), "title",
                     text_or_null(plan->title), "purpose", text_or_null(plan->purpose), "opening",
                     vs_opening_name(plan->opening), "words", lines_of(board->words));
}

static json_t *step_names(const vs_board_view *view) {
    json_t *names = json_array();
    for (size_t i = 0; i < view->step_count; i++) {
        (void)json_array_append_new(names, json_string(view->steps[i]));
    }
    return names;
}

static json_t *step_object(const vs_board_view *view, const vs_plan *plan) {
    json_t *waiting = json_array();
    for (size_t i = 0; i < view->waiting_count; i++) {
        if (view->waiting_for[i] < plan->party_count) {
            const char *name = plan->parties[view->waiting_for[i]].identity.name;
            (void)json_array_append_new(waiting, json_string(name));
        }
    }
    bool within = view->step < view->step_count;
    return json_pack("{s:o, s:I, s:I, s:o, s:o, s:o}", "name", text_or_null(within ? view->steps[view->step] : NULL),
                     "number", (json_int_t)(within ? view->step + 1 : view->step_count), "of",
                     (json_int_t)view->step_count, "since", time_or_null(view->since), "until",
                     time_or_null(view->until), "waiting_for", waiting);
}

/* ---- parties ---- */

enum { IS_WAITED_FOR = 1, IS_LOST = 2, IS_REFUSED = 4 };

/* What the lists say of each party, so that none is searched for each. */
static uint8_t *mark_parties(const vs_snapshot *snapshot, size_t parties) {
    uint8_t *marks = calloc(parties, 1);
    for (size_t i = 0; marks != NULL && i < snapshot->view.waiting_count; i++) {
        if (snapshot->view.waiting_for[i] < parties) {
            marks[snapshot->view.waiting_for[i]] |= IS_WAITED_FOR;
        }
    }
    for (size_t i = 0; marks != NULL && i < snapshot->view.lost_count; i++) {
        if (snapshot->view.lost[i] < parties) {
            marks[snapshot->view.lost[i]] |= IS_LOST;
        }
    }
    for (size_t i = 0; marks != NULL && i < snapshot->refused_count_kept; i++) {
        if (snapshot->refused[i].from < parties) {
            marks[snapshot->refused[i].from] |= IS_REFUSED;
        }
    }
    return marks;
}

static const vs_board_arrival *arrival(const vs_snapshot *snapshot, size_t parties, size_t party, unsigned kind) {
    size_t row = snapshot->kind_place[kind];
    const vs_board_arrival *there = row == 0 ? NULL : &snapshot->arrivals[(row - 1) * parties + party];
    return there == NULL || there->at == 0 ? NULL : there;
}

/* Everything that the party sent in this step: when the first of it came, and how much. */
static vs_board_arrival in_step(const vs_snapshot *snapshot, size_t parties, size_t party, uint64_t kinds) {
    vs_board_arrival sum = {0};
    for (unsigned kind = 0; kind < VS_BOARD_MAX_KINDS; kind++) {
        const vs_board_arrival *one = kinds >> kind & 1 ? arrival(snapshot, parties, party, kind) : NULL;
        if (one != NULL) {
            sum.at = sum.at == 0 || one->at < sum.at ? one->at : sum.at;
            sum.len += one->len;
        }
    }
    return sum;
}

static const char *state_of(const vs_snapshot *snapshot, unsigned marks, bool sent_any) {
    if (marks & IS_LOST) {
        return "lost";
    }
    if (snapshot->view.done && sent_any) {
        return "done";
    }
    if ((marks & IS_REFUSED) && ((marks & IS_WAITED_FOR) || !sent_any)) {
        return "refused";
    }
    return (marks & IS_WAITED_FOR) || !sent_any ? "waiting" : "here";
}

static json_t *rights(unsigned may) {
    static const char *const names[] = {"contribute", "open", "aggregate", "audit"};
    json_t *list = json_array();
    for (unsigned i = 0; i < 4; i++) {
        if (may >> i & 1) {
            (void)json_array_append_new(list, json_string(names[i]));
        }
    }
    return list;
}

static json_t *party_object(const vs_snapshot *snapshot, const vs_plan *plan, size_t party, unsigned marks) {
    const vs_party *who = &plan->parties[party];
    json_t *taken = json_array();
    for (size_t i = 0; i < snapshot->view.step_count; i++) {
        vs_board_arrival sum = in_step(snapshot, plan->party_count, party, kinds_of_step(&snapshot->view, i));
        (void)json_array_append_new(
            taken,
            sum.at == 0 ? json_null() : json_pack("{s:o, s:o}", "at", time_or_null(sum.at), "bytes", number(sum.len)));
    }
    bool sent_any = in_step(snapshot, plan->party_count, party, UINT64_MAX).at != 0;
    return json_pack("{s:s, s:s, s:o, s:o, s:s}", "name", who->identity.name, "organisation", who->organisation, "may",
                     rights(who->may), "steps", taken, "state", state_of(snapshot, marks, sent_any));
}

static json_t *party_list(const vs_snapshot *snapshot, const vs_plan *plan) {
    json_t *list = json_array();
    uint8_t *marks = mark_parties(snapshot, plan->party_count);
    for (size_t i = 0; marks != NULL && i < plan->party_count; i++) {
        (void)json_array_append_new(list, party_object(snapshot, plan, i, marks[i]));
    }
    free(marks);
    return list;
}

/* ---- the rest ---- */

static json_t *refused_list(const vs_snapshot *snapshot, const vs_plan *plan) {
    json_t *list = json_array();
    for (size_t i = 0; i < snapshot->refused_count_kept; i++) {
        const vs_store_refused *refused = &snapshot->refused[i];
        const char *from = refused->from < plan->party_count ? plan->parties[refused->from].identity.name : NULL;
        (void)json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:s, s:o}", "at", time_or_null(refused->at),
                                                    "from", text_or_null(from), "step",
                                                    text_or_null(step_of_kind(&snapshot->view, refused->kind)),
                                                    "reason", refused->reason, "times", number(refused->times)));
    }
    return list;
}

static json_t *total_list(const vs_snapshot *snapshot) {
    json_t *list = json_array();
    for (size_t i = 0; i < snapshot->total_count; i++) {
        const vs_board_total *total = &snapshot->totals[i];
        (void)json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "at", time_or_null(total->at), "contributors",
                                                    number(total->contributors), "digest",
                                                    hex(total->digest, VS_HASH_BYTES)));
    }
    return list;
}

static json_t *ledger_object(const vs_snapshot *snapshot) {
    return snapshot->ledger_origin == NULL
               ? json_null()
               : json_pack("{s:s, s:o, s:o, s:o}", "origin", snapshot->ledger_origin, "size",
                           number(snapshot->ledger_size), "root", hex(snapshot->ledger_root, 32), "at",
                           time_or_null(snapshot->ledger_at));
}

static json_t *traffic_object(const vs_snapshot *snapshot) {
    const vs_traffic *traffic = &snapshot->traffic;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "messages", number(snapshot->message_count), "bytes_in",
                     number(traffic->in), "bytes_out", number(traffic->out), "bytes_in_per_s",
                     number(snapshot->in_per_s), "bytes_out_per_s", number(snapshot->out_per_s), "connections",
                     (json_int_t)traffic->connections);
}

/* What a party published is its word, not ours: where it is no JSON, none is shown. */
static json_t *result_value(const vs_snapshot *snapshot) {
    json_t *value = snapshot->result == NULL ? NULL : json_loads(snapshot->result, JSON_REJECT_DUPLICATES, NULL);
    return value == NULL ? json_null() : value;
}

static vs_status dump(json_t *document, char **json, size_t *len, vs_error *error) {
    *json = document == NULL ? NULL : json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(document);
    *len = *json == NULL ? 0 : strlen(*json);
    return *json == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

vs_status vs_board_status(vs_board *board, char **json, size_t *len, vs_error *error) {
    const vs_plan *plan = board->setup.plan;
    vs_snapshot *snapshot = calloc(1, sizeof *snapshot);
    *json = NULL;
    *len = 0;
    vs_status status = snapshot == NULL ? VS_ERR_MEMORY : vs__snapshot_take(snapshot, board);
    if (status == VS_OK) {
        const vs_board_view *view = &snapshot->view;
        json_t *document = json_pack(
            "{s:i, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "veilsum_status",
            1, "version", board->setup.version, "now", time_or_null(vs__board_now()), "started",
            time_or_null(board->started), "plan", plan_object(board), "period", board->setup.period, "attempt",
            number(board->setup.attempt), "steps", step_names(view), "step", step_object(view, plan), "parties",
            party_list(snapshot, plan), "refused", refused_list(snapshot, plan), "totals", total_list(snapshot),
            "result", result_value(snapshot), "ledger", ledger_object(snapshot), "traffic", traffic_object(snapshot),
            "done", view->done, "failed", text_or_null(view->failed));
        status = dump(document, json, len, error);
    } else {
        (void)vs_fail_plain(error, status);
    }
    if (snapshot != NULL) {
        vs__snapshot_clear(snapshot);
    }
    free(snapshot);
    return status;
}

vs_status vs_board_about(vs_board *board, unsigned max_wait_s, char **json, size_t *len, vs_error *error) {
    json_t *document =
        json_pack("{s:i, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:i}", "veilsum_board", 1, "version", board->setup.version,
                  "plan", hex(board->setup.plan->id, VS_HASH_BYTES), "sid", hex(board->sid, VS_HASH_BYTES), "period",
                  board->setup.period, "attempt", number(board->setup.attempt), "time", time_or_null(vs__board_now()),
                  "max_message_bytes", number(board->setup.max_message_bytes), "max_wait_s", (int)max_wait_s);
    return dump(document, json, len, error);
}
