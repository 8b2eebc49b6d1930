/* ledger show: what a ledger says, entry by entry, or counted. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/ledger/audit.h"
#include "aggregate/ledger/meter.h"
#include "cli/ledger_load.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"

/* What is shown goes to an output that holds it back until the whole ledger has been checked. */
typedef struct showing {
    const vs_sink *sink;
    bool json;
    bool first; /* nothing of the array has been written */
    vs_meter meter;
} showing;

static vs_status put(const showing *s, const char *text, vs_error *error) {
    return s->sink->write(s->sink->context, text, strlen(text), error);
}

/* Append `text` to `line`, cut or filled up to `width` characters, and a gap of two. */
static void put_cell(char *line, size_t cap, const char *text, unsigned width) {
    size_t used = strlen(line);
    unsigned characters = 0;
    for (const char *c = text; *c != 0 && used + 8 < cap; c++) {
        characters += ((unsigned char)*c & 0xc0) != 0x80; /* the first byte of one */
        if (characters > width) {
            break;
        }
        line[used++] = *c;
    }
    for (unsigned gap = characters > width ? 0 : width - characters; gap > 0 && used + 8 < cap; gap--) {
        line[used++] = ' ';
    }
    memcpy(line + used, "  ", 3);
}

static vs_status put_line(const showing *s, char *line, vs_error *error) {
    size_t len = strlen(line);
    while (len > 0 && line[len - 1] == ' ') {
        len--;
    }
    line[len] = '\n';
    line[len + 1] = 0;
    return put(s, line, error);
}

static vs_status put_object(showing *s, json_t *object, vs_error *error) {
    char *text = object == NULL ? NULL : json_dumps(object, 0);
    vs_status status =
        text == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : put(s, s->first ? "\n    " : ",\n    ", error);
    if (status == VS_OK) {
        status = put(s, text, error);
    }
    s->first = false;
    free(text);
    json_decref(object);
    return status;
}

/* ---- entries ---- */

/* The columns of an entry, as texts. */
typedef struct entry_text {
    char number[24], time[VS_TIME_BYTES], plan[2 * VS_HASH_BYTES + 1], who[VS_MAX_IDENTITY_NAME + 1], contributions[24],
        total[2 * VS_HASH_BYTES + 1];
    const char *kind;
    uint64_t count, bytes;
} entry_text;

static void describe(entry_text *t, uint64_t index, const vs_entry *entry, const vs_party *who) {
    const uint8_t *total = entry->is_receipt ? entry->receipt.total_digest : entry->opening.total_digest;
    t->kind = entry->is_receipt ? "receipt" : "opening";
    t->count = entry->is_receipt ? entry->receipt.contribution_count : entry->opening.contributions;
    t->bytes = entry->is_receipt ? entry->receipt.total_bytes : entry->opening.total_bytes;
    (void)snprintf(t->number, sizeof t->number, "%llu", (unsigned long long)index);
    (void)snprintf(t->contributions, sizeof t->contributions, "%llu", (unsigned long long)t->count);
    vs_time_to_text(t->time, entry->time);
    vs_to_hex(t->plan, entry->plan_id, VS_HASH_BYTES);
    vs_to_hex(t->total, total, VS_HASH_BYTES);
    if (who != NULL) {
        memcpy(t->who, who->identity.name, sizeof t->who);
    } else {
        vs_entry_signer(t->who, entry);
    }
}

static vs_status show_entry(void *context, uint64_t index, const vs_entry *entry, const vs_plan *plan,
                            const vs_party *who, vs_error *error) {
    showing *s = context;
    entry_text t;
    (void)plan;
    describe(&t, index, entry, who);
    if (s->json) {
        return put_object(s,
                          json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:I, s:s, s:I}", "entry", (json_int_t)index,
                                    "kind", t.kind, "time", t.time, "plan", t.plan, "period", entry->period, "by",
                                    t.who, "checked", who != NULL, "contributions", (json_int_t)t.count, "total",
                                    t.total, "total_bytes", (json_int_t)t.bytes),
                          error);
    }
    char line[512] = "";
    t.plan[8] = t.total[8] = 0;
    put_cell(line, sizeof line, t.number, 6);
    put_cell(line, sizeof line, t.time, 20);
    put_cell(line, sizeof line, t.kind, 7);
    put_cell(line, sizeof line, t.plan, 8);
    put_cell(line, sizeof line, entry->period, 10);
    put_cell(line, sizeof line, t.who, 14);
    put_cell(line, sizeof line, t.contributions, 6);
    put_cell(line, sizeof line, t.total, 8);
    return put_line(s, line, error);
}

/* ---- counts ---- */

static vs_status count_entry(void *context, uint64_t index, const vs_entry *entry, const vs_plan *plan,
                             const vs_party *who, vs_error *error) {
    showing *s = context;
    (void)index;
    return plan == NULL ? VS_OK : vs_meter_add(&s->meter, entry, plan, who, error);
}

static vs_status show_row(showing *s, const vs_meter_row *row, vs_error *error) {
    if (s->json) {
        return put_object(s,
                          json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", s->meter.by_party ? "party" : "organisation",
                                    row->who, "period", row->period, "contributions", (json_int_t)row->contributions,
                                    "bytes", (json_int_t)row->bytes, "totals", (json_int_t)row->totals, "openings",
                                    (json_int_t)row->openings),
                          error);
    }
    char line[512] = "", who[256], numbers[128];
    vs__ui_clean(who, sizeof who, row->who);
    put_cell(line, sizeof line, who, 30);
    put_cell(line, sizeof line, row->period, 12);
    (void)snprintf(numbers, sizeof numbers, "%13llu %15llu %7llu %9llu", (unsigned long long)row->contributions,
                   (unsigned long long)row->bytes, (unsigned long long)row->totals, (unsigned long long)row->openings);
    put_cell(line, sizeof line, numbers, 50);
    return put_line(s, line, error);
}

static vs_status show_rows(showing *s, vs_error *error) {
    vs_meter_row *rows = NULL;
    size_t count = 0;
    vs_status status = vs_meter_rows(&s->meter, &rows, &count, error);
    for (size_t i = 0; status == VS_OK && i < count; i++) {
        status = show_row(s, &rows[i], error);
    }
    free(rows);
    return status;
}

/* ---- all ---- */

static vs_status put_head(showing *s, const vs_ledger *ledger, const char *by, vs_error *error) {
    const vs_checkpoint *checkpoint = vs_ledger_checkpoint(ledger);
    char line[512], root[2 * VS_HASH_BYTES + 1];
    vs_to_hex(root, checkpoint->root, VS_HASH_BYTES);
    if (s->json) { /* a name needs no escapes but for quotes and backslashes, which jansson knows how to write */
        json_t *name = json_string(checkpoint->origin);
        char *text = name == NULL ? NULL : json_dumps(name, JSON_ENCODE_ANY);
        json_decref(name);
        if (text == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        (void)snprintf(line, sizeof line, "{\n  \"ledger\": %s,\n  \"size\": %llu,\n  \"root\": \"%s\",\n  \"%s\": [",
                       text, (unsigned long long)checkpoint->size, root, by == NULL ? "entries" : "rows");
        free(text);
    } else if (by == NULL) {
        (void)snprintf(line, sizeof line, "%-6s  %-20s  %-7s  %-8s  %-10s  %-14s  %-6s  %s\n", "entry", "time", "kind",
                       "plan", "period", "by", "inputs", "total");
    } else {
        (void)snprintf(line, sizeof line, "%-30s  %-12s  %13s %15s %7s %9s\n", by, "period", "contributions", "bytes",
                       "totals", "openings");
    }
    return put(s, line, error);
}

static void say_what_is_missing(const vs_audit *audit, const char *by) {
    if (audit->other_plans == 0) {
        return;
    }
    if (by != NULL) {
        vs__ui_warning("%llu entries are not counted: name their plans with -p",
                       (unsigned long long)audit->other_plans);
    } else {
        vs__ui_note("who signed %llu of them was not checked: name their plans with -p",
                    (unsigned long long)audit->other_plans);
    }
}

static vs_status show(showing *s, const vs_ledger_view *view, const vs_plans *plans, const char *by, vs_error *error) {
    vs_audit audit = {
        .plans = plans, .visit = by == NULL ? show_entry : count_entry, .context = s, .without_lists = by == NULL};
    vs_status status = put_head(s, view->ledger, by, error);
    if (status == VS_OK) {
        status = vs_ledger_audit(&audit, view->ledger, &view->folder.folder, error);
    }
    if (status == VS_OK && by != NULL) {
        status = show_rows(s, error);
    }
    if (status == VS_OK && s->json) {
        status = put(s, s->first ? "]\n}\n" : "\n  ]\n}\n", error);
    }
    if (status == VS_OK) {
        say_what_is_missing(&audit, by);
    }
    return status;
}

static vs_status run_show(const vs_arguments *arguments, vs_error *error) {
    const vs_output_options options = {.force = false};
    const char *by = vs__argument(arguments, "by");
    vs_plan_list plans = {.owned = NULL};
    vs_ledger_view view = {.ledger = NULL, .folder = {.fd = -1, .lock_fd = -1}};
    vs_output output;
    showing s = {.json = vs__argument_given(arguments, "json"),
                 .first = true,
                 .sink = &output.sink,
                 .meter = vs_meter_begin(by != NULL && strcmp(by, "party") == 0)};
    vs_status status = vs__output_open(&output, NULL, &options, error);
    if (status == VS_OK && by != NULL && !vs__argument_given(arguments, "plan")) {
        status = vs_fail(error, VS_ERR_USAGE, "ledger show: --by needs the plans, which say who belongs to whom");
        vs_hint(error, "name them with -p PLAN");
    }
    if (status == VS_OK) {
        status = vs__plan_list_load(&plans, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__ledger_view_open(&view, arguments->operands[0], arguments, error);
    }
    if (status == VS_OK) {
        status = show(&s, &view, &plans.plans, by, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs_meter_clear(&s.meter);
    vs__ledger_view_close(&view);
    vs__plan_list_free(&plans);
    vs__output_close(&output);
    return status;
}

static const vs_option show_options[] = {
    VS_OPTION_KEEPER,
    {.name = "by",
     .argument = "WHOM",
     .help = "count contributions, their bytes, totals and openings by 'organisation' or 'party', and period",
     .words = "organisation party"},
    VS_OPTION_PLANS("the plan of an entry, whose roster says who may sign it"),
    VS_OPTION_JSON,
    VS_OPTIONS_END,
};

static const char *const show_paragraphs[] = {
    "Prints a ledger's entries, or, with --by, who has contributed how much, and who has made and opened how many "
    "totals. Nothing is printed before all of the ledger has been checked against its keeper's signature.",
    "A contribution counts once, however many receipts list it; a total counts once for each party that has signed "
    "receipts of it; every record of an opening counts. Whoever has the folder and the plans gets the same numbers.",
    NULL,
};

static const vs_example show_examples[] = {
    {"What is on record?", "veilsum ledger show -k keeper.id.pub -p plan.json ledger"},
    {"Who has used how much?", "veilsum ledger show -k keeper.id.pub -p plan.json --by organisation ledger"},
    {NULL, NULL},
};

const vs_verb vs__verb_ledger_show = {
    .name = "ledger show",
    .summary = "Print a ledger, or count what is in it",
    .synopsis = "-k KEEPER.id.pub [-p PLAN]… [--by organisation|party] [--json] FOLDER",
    .paragraphs = show_paragraphs,
    .examples = show_examples,
    .options = show_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_show,
};
