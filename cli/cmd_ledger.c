/* ledger init, ledger add: a keeper's side. */
#include <stdlib.h>
#include <string.h>

#include "cli/ledger_load.h"
#include "cli/load.h"
#include "cli/ui.h"
#include "cli/verbs.h"

#define OPTION_IDENTITY                                                                                                \
    {.letter = 'i',                                                                                                    \
     .name = "identity",                                                                                               \
     .argument = "NAME.id",                                                                                            \
     .help = "the keeper's identity, which signs checkpoints",                                                         \
     .required = true,                                                                                                 \
     .takes_file = true},                                                                                              \
        VS_OPTION_PASSPHRASE_FILE("open the identity with the first line of FILE")

static vs_status load_keeper(vs_identity **keeper, const vs_arguments *arguments, vs_error *error) {
    return vs__load_identity(keeper, vs__argument(arguments, "identity"), vs__argument(arguments, "passphrase-file"),
                             error);
}

/* ---- ledger init ---- */

static vs_status run_init(const vs_arguments *arguments, vs_error *error) {
    vs_identity *keeper = NULL;
    vs_folder_file folder = {.fd = -1, .lock_fd = -1};
    vs_status status = load_keeper(&keeper, arguments, error);
    if (status == VS_OK) {
        status = vs__folder_file_open(&folder, arguments->operands[0], VS_FOLDER_CREATE, false, error);
    }
    if (status == VS_OK) {
        status = vs_ledger_create(&folder.folder, keeper, NULL, error);
    }
    if (status == VS_OK) {
        vs__ui_note("%s is an empty ledger, kept by %s", arguments->operands[0], vs_identity_public(keeper)->name);
    }
    vs__folder_file_close(&folder);
    vs_identity_free(keeper);
    return status;
}

static const vs_option init_options[] = {
    OPTION_IDENTITY,
    VS_OPTIONS_END,
};

static const char *const init_paragraphs[] = {
    "Makes FOLDER, and in it an empty ledger: an append-only record of receipts and openings, whose checkpoint its "
    "keeper signs. Whoever gets a copy of the folder can check all of it with the keeper's public identity alone.",
    "The folder has the form of C2SP's tlog-tiles: files that any web server can publish.",
    "An identity keeps one ledger. Two with the same name look like one that tells different stories.",
    NULL,
};

static const vs_example init_examples[] = {
    {"Begin a ledger", "veilsum ledger init ledger -i keeper.id"},
    {NULL, NULL},
};

const vs_verb vs__verb_ledger_init = {
    .name = "ledger init",
    .summary = "Begin a ledger",
    .synopsis = "-i KEEPER.id FOLDER",
    .paragraphs = init_paragraphs,
    .examples = init_examples,
    .options = init_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_init,
};

/* ---- ledger add ---- */

/* The notes of a command line, their lists left in the files. */
typedef struct notes {
    vs_ledger_entry *entries;
    size_t count;
} notes;

static void free_notes(notes *n) {
    for (size_t i = 0; i < n->count; i++) {
        free((void *)(uintptr_t)n->entries[i].data);
    }
    free(n->entries);
    *n = (notes){.count = 0};
}

static vs_status check_note(const vs_note_file *file, const char *path, const vs_plans *plans, vs_error *error) {
    if (file->entry.is_receipt && file->note_len == file->len) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s: a receipt without its list", path);
        vs_hint(error, "the list says what the receipt's root stands for: add the file that 'combine --receipt' wrote");
        return VS_ERR_FORMAT;
    }
    return plans->count == 0 ? VS_OK : vs_entry_check(&file->entry, plans, path, NULL, error);
}

/* A list is durable before the checkpoint that covers its receipt. */
static vs_status write_list(const vs_note_file *file, const vs_folder *folder, vs_error *error) {
    char blob[VS_MAX_BLOB_NAME];
    if (file->note_len == file->len) {
        return VS_OK;
    }
    vs_entry_list_name(blob, file->data, file->note_len);
    return folder->write(folder->context, blob, file->data + file->note_len + 1, file->len - file->note_len - 1, error);
}

static vs_status take_note(notes *n, const vs_folder *folder, const char *path, const vs_plans *plans,
                           vs_error *error) {
    vs_note_file file;
    vs_status status = vs__note_file_load(&file, path, error);
    if (status == VS_OK) {
        status = check_note(&file, path, plans, error);
    }
    if (status == VS_OK) {
        status = write_list(&file, folder, error);
    }
    if (status == VS_OK) {
        char *copy = malloc(file.note_len);
        if (copy == NULL) {
            status = vs_fail_plain(error, VS_ERR_MEMORY);
        } else {
            memcpy(copy, file.data, file.note_len);
            n->entries[n->count++] = (vs_ledger_entry){copy, file.note_len};
        }
    }
    vs__note_file_free(&file);
    return status;
}

static vs_status add_all(const vs_arguments *arguments, vs_ledger *ledger, const vs_folder *folder,
                         const vs_identity *keeper, const vs_plans *plans, vs_error *error) {
    size_t added = 0;
    notes n = {.entries = calloc(arguments->operand_count, sizeof *n.entries)};
    vs_status status = n.entries == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    for (size_t i = 1; status == VS_OK && i < arguments->operand_count; i++) {
        status = take_note(&n, folder, arguments->operands[i], plans, error);
    }
    if (status == VS_OK) {
        status = vs_ledger_add(ledger, keeper, n.entries, n.count, &added, error);
    }
    if (status == VS_OK) {
        vs__ui_note("%zu of %zu added; the ledger holds %llu", added, n.count,
                    (unsigned long long)vs_ledger_checkpoint(ledger)->size);
        if (plans->count == 0) {
            vs__ui_note("who signed the notes was not checked: name their plans with -p");
        }
    }
    free_notes(&n);
    return status;
}

/* All notes are read and checked before anything is written. */
static vs_status check_all(const vs_arguments *arguments, const vs_plans *plans, vs_error *error) {
    vs_status status = VS_OK;
    for (size_t i = 1; status == VS_OK && i < arguments->operand_count; i++) {
        vs_note_file file;
        status = vs__note_file_load(&file, arguments->operands[i], error);
        if (status == VS_OK) {
            status = check_note(&file, arguments->operands[i], plans, error);
        }
        vs__note_file_free(&file);
    }
    return status;
}

static vs_status run_add(const vs_arguments *arguments, vs_error *error) {
    vs_identity *keeper = NULL;
    vs_ledger *ledger = NULL;
    vs_plan_list plans = {.owned = NULL};
    vs_folder_file folder = {.fd = -1, .lock_fd = -1};
    vs_status status = vs__plan_list_load(&plans, arguments, error);
    if (status == VS_OK) {
        status = check_all(arguments, &plans.plans, error);
    }
    if (status == VS_OK) {
        status = load_keeper(&keeper, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__folder_file_open(&folder, arguments->operands[0], VS_FOLDER_WRITE, false, error);
    }
    if (status == VS_OK) {
        status = vs_ledger_open(&ledger, &folder.folder, vs_identity_public(keeper), NULL, true, error);
    }
    if (status == VS_OK) {
        status = add_all(arguments, ledger, &folder.folder, keeper, &plans.plans, error);
    }
    vs_ledger_close(ledger);
    vs__folder_file_close(&folder);
    vs_identity_free(keeper);
    vs__plan_list_free(&plans);
    return status;
}

static const vs_option add_options[] = {
    OPTION_IDENTITY,
    VS_OPTION_PLANS("the plan of a note, whose roster says who may sign it"),
    VS_OPTIONS_END,
};

static const char *const add_paragraphs[] = {
    "Adds receipts and records of openings to a ledger: all of them or, after an error, none. What is in the ledger "
    "already is not added again.",
    "With -p, once for each plan that the notes are under, a note is refused unless a party of its plan that may do so "
    "has signed it. The signatures stand in the ledger, so that others can check them later, too.",
    NULL,
};

static const vs_example add_examples[] = {
    {"Record what combine said and what the key holder opened",
     "veilsum ledger add ledger -i keeper.id -p plan.json november.receipt november.opening"},
    {NULL, NULL},
};

const vs_verb vs__verb_ledger_add = {
    .name = "ledger add",
    .summary = "Add receipts and openings to a ledger",
    .synopsis = "-i KEEPER.id [-p PLAN]… FOLDER NOTE…",
    .paragraphs = add_paragraphs,
    .examples = add_examples,
    .options = add_options,
    .operands_min = 2,
    .operands_max = SIZE_MAX,
    .run = run_add,
};
