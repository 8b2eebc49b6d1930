/* ledger check: proofs, and whole ledgers, by public files alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aggregate/ledger/audit.h"
#include "aggregate/ledger/proof.h"
#include "cli/ledger_load.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"

static vs_status say(const char *line, vs_error *error) {
    vs_status status = vs__print(line, strlen(line), error);
    return status == VS_OK ? vs__print("\n", 1, error) : status;
}

/* What one proof is checked with. */
typedef struct proof_check {
    const vs_arguments *arguments;
    const char *path;
    const char *data;
    size_t len;
    vs_public_identity keeper;
    const vs_plans *plans;
} proof_check;

/* ---- an entry, a contribution ---- */

static vs_status wants(const proof_check *c, const char *option, const char *what, vs_error *error) {
    if (vs__argument_given(c->arguments, option)) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_USAGE, "ledger check: %s is a proof about %s", c->path, what);
    vs_hint(error, "name it with --%s FILE", option);
    return VS_ERR_USAGE;
}

static vs_status check_entry(const proof_check *c, vs_error *error) {
    vs_entry_proof proof;
    vs_checkpoint checkpoint;
    vs_note_file file = {.data = NULL};
    char line[256];
    const vs_party *who = NULL;
    const char *path = vs__argument(c->arguments, "entry");
    vs_status status = wants(c, "entry", "a receipt or the record of an opening", error);
    if (status == VS_OK) {
        status = vs_entry_proof_parse(&proof, c->path, c->data, c->len, error);
    }
    if (status == VS_OK) {
        status = vs__note_file_load(&file, path, error);
    }
    if (status == VS_OK) {
        status = vs_entry_proof_check(&proof, c->path, file.data, file.note_len, &c->keeper, &checkpoint, error);
    }
    if (status == VS_OK && c->plans->count > 0) {
        status = vs_entry_check(&file.entry, c->plans, path, &who, error);
    }
    if (status == VS_OK) {
        (void)snprintf(line, sizeof line, "ok: entry %llu of %llu in the ledger of %s%s%s",
                       (unsigned long long)proof.index, (unsigned long long)checkpoint.size, checkpoint.origin,
                       who == NULL ? "" : ", signed by ", who == NULL ? "" : who->identity.name);
        status = say(line, error);
    }
    vs__note_file_free(&file);
    return status;
}

/* Who has signed the receipt that a contribution is in. */
static vs_status check_receipt(const proof_check *c, const vs_contribution_proof *proof, const vs_party **who,
                               vs_error *error) {
    vs_entry entry;
    if (c->plans->count == 0) {
        return VS_OK;
    }
    vs_status status = vs_entry_parse(&entry, c->path, proof->receipt.data, proof->receipt.len, error);
    if (status == VS_OK) {
        status = vs_entry_check(&entry, c->plans, c->path, who, error);
    }
    vs_entry_clear(&entry);
    return status;
}

static vs_status say_contribution(const vs_contribution_proof *proof, const vs_receipt *receipt,
                                  const vs_checkpoint *checkpoint, const vs_party *who, vs_error *error) {
    char line[512], total[2 * VS_HASH_BYTES + 1];
    vs_to_hex(total, receipt->total_digest, VS_HASH_BYTES);
    (void)snprintf(line, sizeof line,
                   "ok: contribution of %s, one of %llu in total %.16s…, entry %llu of %llu in the ledger of %s%s%s",
                   proof->contribution.name, (unsigned long long)receipt->contribution_count, total,
                   (unsigned long long)proof->entry.index, (unsigned long long)checkpoint->size, checkpoint->origin,
                   who == NULL ? "" : ", signed by ", who == NULL ? "" : who->identity.name);
    return say(line, error);
}

static vs_status check_contribution(const proof_check *c, vs_error *error) {
    vs_contribution_proof proof;
    vs_checkpoint checkpoint;
    vs_receipt receipt = {.attempt = 0};
    uint8_t digest[VS_HASH_BYTES];
    const vs_party *who = NULL;
    vs_status status = wants(c, "contribution", "a contribution", error);
    if (status == VS_OK) {
        status = vs_contribution_proof_parse(&proof, c->path, c->data, c->len, error);
    }
    if (status == VS_OK) {
        status = vs__contribution_digest(digest, vs__argument(c->arguments, "contribution"), error);
    }
    if (status == VS_OK) {
        status = vs_contribution_proof_check(&proof, c->path, digest, &c->keeper, &receipt, &checkpoint, error);
    }
    if (status == VS_OK) {
        status = check_receipt(c, &proof, &who, error);
    }
    if (status == VS_OK) {
        status = say_contribution(&proof, &receipt, &checkpoint, who, error);
    }
    vs_receipt_clear(&receipt);
    return status;
}

/* ---- growth ---- */

static vs_status load_checkpoint(vs_checkpoint *checkpoint, const char *path, const vs_public_identity *keeper,
                                 vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    vs_status status = vs__load_bytes(&text, &len, path, VS_MAX_CHECKPOINT_BYTES, error);
    if (status == VS_OK) {
        status = vs_checkpoint_parse(checkpoint, path, text, len, keeper, NULL, error);
    }
    free(text);
    return status;
}

static vs_status check_growth(const proof_check *c, vs_error *error) {
    vs_growth_proof proof;
    vs_checkpoint old, now, from;
    char line[256];
    const char *path = vs__argument(c->arguments, "from");
    vs_status status = vs_growth_proof_parse(&proof, c->path, c->data, c->len, error);
    if (status == VS_OK) {
        status = vs_growth_proof_check(&proof, c->path, &c->keeper, &old, &now, error);
    }
    if (status == VS_OK && path != NULL) {
        status = load_checkpoint(&from, path, &c->keeper, error);
        if (status == VS_OK && (from.size != old.size || !vs_equal(from.root, old.root, VS_HASH_BYTES))) {
            status = vs_fail(error, VS_ERR_MISMATCH, "%s: does not begin at the checkpoint in %s", c->path, path);
        }
    }
    if (status == VS_OK) {
        (void)snprintf(line, sizeof line, "ok: the ledger of %s grew from %llu entries to %llu", now.origin,
                       (unsigned long long)old.size, (unsigned long long)now.size);
        status = say(line, error);
    }
    return status;
}

static vs_status check_proof(const vs_arguments *arguments, const vs_plans *plans, vs_error *error) {
    proof_check c = {.arguments = arguments, .path = arguments->operands[0], .plans = plans};
    char *data = NULL;
    vs_proof_kind kind = VS_PROOF_ENTRY;
    vs_status status = vs__load_public_identity(&c.keeper, vs__argument(arguments, "keeper"), error);
    if (status == VS_OK) {
        status = vs__load_bytes(&data, &c.len, c.path, VS_MAX_PROOF_BYTES, error);
    }
    if (status == VS_OK) {
        c.data = data;
        status = vs_proof_kind_of(&kind, c.path, c.data, c.len, error);
    }
    if (status == VS_OK) {
        status = kind == VS_PROOF_ENTRY          ? check_entry(&c, error)
                 : kind == VS_PROOF_CONTRIBUTION ? check_contribution(&c, error)
                                                 : check_growth(&c, error);
    }
    free(data);
    return status;
}

/* ---- a whole ledger ---- */

static vs_status check_from(const vs_ledger_view *view, const char *path, vs_error *error) {
    vs_checkpoint old;
    vs_tree_proof proof;
    if (path == NULL) {
        return VS_OK;
    }
    vs_status status = load_checkpoint(&old, path, &view->keeper, error);
    return status == VS_OK ? vs_ledger_prove_growth(view->ledger, &proof, &old, error) : status;
}

static vs_status check_folder(const vs_arguments *arguments, const vs_plans *plans, vs_error *error) {
    vs_ledger_view view;
    vs_audit audit = {.plans = plans};
    char line[256];
    vs_status status = vs__ledger_view_open(&view, arguments->operands[0], arguments, error);
    if (status == VS_OK) {
        status = check_from(&view, vs__argument(arguments, "from"), error);
    }
    if (status == VS_OK) {
        status = vs_ledger_audit(&audit, view.ledger, &view.folder.folder, error);
    }
    if (status == VS_OK) {
        (void)snprintf(line, sizeof line, "ok: %llu entries in the ledger of %s: receipts %llu, openings %llu",
                       (unsigned long long)vs_ledger_checkpoint(view.ledger)->size,
                       vs_ledger_checkpoint(view.ledger)->origin, (unsigned long long)audit.receipts,
                       (unsigned long long)audit.openings);
        if (audit.other_plans > 0 || (plans->count == 0 && audit.receipts + audit.openings > 0)) {
            vs__ui_note("who signed %llu of them was not checked: name their plans with -p",
                        (unsigned long long)(plans->count == 0 ? audit.receipts + audit.openings : audit.other_plans));
        }
        status = say(line, error);
    }
    vs__ledger_view_close(&view);
    return status;
}

static vs_status run_check(const vs_arguments *arguments, vs_error *error) {
    struct stat st;
    vs_plan_list plans = {.owned = NULL};
    bool is_folder = stat(arguments->operands[0], &st) == 0 && S_ISDIR(st.st_mode);
    vs_status status = vs__plan_list_load(&plans, arguments, error);
    if (status == VS_OK) {
        status = is_folder ? check_folder(arguments, &plans.plans, error) : check_proof(arguments, &plans.plans, error);
    }
    vs__plan_list_free(&plans);
    return status;
}

static const vs_option check_options[] = {
    VS_OPTION_KEEPER,
    {.name = "entry", .argument = "NOTE", .help = "the receipt or opening that a proof is about", .takes_file = true},
    {.name = "contribution", .argument = "FILE", .help = "the contribution that a proof is about", .takes_file = true},
    {.name = "from",
     .argument = "CHECKPOINT",
     .help = "the ledger, or the proof, must begin with what this earlier checkpoint stands for",
     .takes_file = true},
    VS_OPTION_PLANS("the plan of an entry, whose roster says who may sign it"),
    VS_OPTIONS_END,
};

static const char *const check_paragraphs[] = {
    "Checks a proof that 'veilsum ledger prove' made, or a whole ledger: every hash, every entry and every receipt's "
    "list. Nothing is needed but public files: no network, and nobody's word except what the keeper has signed.",
    "Keep a copy of the checkpoint of a ledger that you have checked. With --from it shows that nothing has been taken "
    "out or changed since; a ledger that was rolled back or rewritten is refused. Two parties who compare their "
    "checkpoints find a keeper that tells them different stories.",
    "With -p, once for each plan, it is checked as well that every entry is signed by a party of its plan that may do "
    "so.",
    NULL,
};

static const vs_example check_examples[] = {
    {"Is my contribution in a total on record?",
     "veilsum ledger check -k keeper.id.pub --contribution mine.vs mine.proof"},
    {"All of a ledger, and that it still holds what it held in October",
     "veilsum ledger check -k keeper.id.pub --from october.checkpoint -p plan.json ledger"},
    {NULL, NULL},
};

const vs_verb vs__verb_ledger_check = {
    .name = "ledger check",
    .summary = "Check a proof, or a whole ledger",
    .synopsis = "-k KEEPER.id.pub [-p PLAN]… [--from CHECKPOINT] FOLDER | PROOF",
    .paragraphs = check_paragraphs,
    .examples = check_examples,
    .options = check_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_check,
};
