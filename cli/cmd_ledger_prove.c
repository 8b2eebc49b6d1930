/* ledger prove: proofs that others check offline. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/ledger/proof.h"
#include "cli/input.h"
#include "cli/ledger_load.h"
#include "cli/output.h"
#include "cli/verbs.h"

/* ---- an entry ---- */

static vs_status make_entry_proof(const vs_ledger *ledger, uint64_t index, vs_entry_proof *proof, vs_error *error) {
    proof->index = index;
    proof->checkpoint.data = vs_ledger_checkpoint_note(ledger, &proof->checkpoint.len);
    return vs_ledger_prove(ledger, &proof->path, index, error);
}

static vs_status prove_index(const vs_ledger *ledger, uint64_t index, const vs_sink *sink, vs_error *error) {
    vs_entry_proof proof;
    if (index >= vs_ledger_checkpoint(ledger)->size) {
        (void)vs_fail(error, VS_ERR_RANGE, "the ledger has no entry of this number");
        vs_hint(error, "it holds %llu, numbered from 0", (unsigned long long)vs_ledger_checkpoint(ledger)->size);
        return VS_ERR_RANGE;
    }
    vs_status status = make_entry_proof(ledger, index, &proof, error);
    return status == VS_OK ? vs_entry_proof_write(&proof, sink, error) : status;
}

static vs_status not_there(const char *path, const char *what, vs_error *error) {
    (void)vs_fail(error, VS_ERR_MISMATCH, "%s: %s", path, what);
    vs_hint(error, "ask the keeper whether it will be added, and compare the copies of the ledger");
    return VS_ERR_MISMATCH;
}

static vs_status prove_note(const vs_ledger *ledger, const char *path, const vs_sink *sink, vs_error *error) {
    vs_note_file file;
    bool found = false;
    uint64_t index = 0;
    vs_status status = vs__note_file_load(&file, path, error);
    if (status == VS_OK) {
        status = vs_ledger_find(ledger, file.data, file.note_len, &found, &index, error);
    }
    if (status == VS_OK) {
        status = found ? prove_index(ledger, index, sink, error) : not_there(path, "not in this ledger", error);
    }
    vs__note_file_free(&file);
    return status;
}

/* ---- a contribution ---- */

/* The first receipt that lists it. */
typedef struct search {
    const vs_folder *folder;
    const uint8_t *digest;
    bool found;
    uint64_t index;
    size_t missing; /* receipts whose lists could not be read */
    vs_contribution_proof proof;
    char *note; /* what proof.receipt borrows */
} search;

static size_t position_of(const vs_receipt *receipt, const uint8_t *digest) {
    size_t i = 0;
    while (i < receipt->contribution_count && !vs_equal(receipt->contributions[i].digest, digest, VS_HASH_BYTES)) {
        i++;
    }
    return i;
}

static vs_status take_receipt(search *s, const vs_receipt *receipt, uint64_t index, const uint8_t *data, size_t len,
                              vs_error *error) {
    size_t position = position_of(receipt, s->digest);
    if (position == receipt->contribution_count) {
        return VS_OK;
    }
    s->note = malloc(len);
    if (s->note == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(s->note, data, len);
    s->found = true;
    s->index = index;
    s->proof.receipt = (vs_text){s->note, len};
    s->proof.contribution = receipt->contributions[position];
    s->proof.position = position;
    return vs_contribution_path(&s->proof.path, receipt, position);
}

static vs_status look_at(void *context, uint64_t index, const uint8_t *data, size_t len, vs_error *error) {
    search *s = context;
    vs_entry entry;
    if (s->found) {
        return VS_OK;
    }
    vs_status status = vs_entry_parse(&entry, s->folder->name, (const char *)data, len, error);
    if (status == VS_OK && entry.is_receipt) {
        status = vs_entry_read_list(&entry, s->folder, data, len, error);
        bool unreadable = status != VS_OK && status != VS_ERR_MEMORY;
        s->missing += unreadable;
        status = unreadable        ? VS_OK
                 : status == VS_OK ? take_receipt(s, &entry.receipt, index, data, len, error)
                                   : status;
    }
    vs_entry_clear(&entry);
    return status;
}

static vs_status prove_contribution(const vs_ledger_view *view, const char *path, const vs_sink *sink,
                                    vs_error *error) {
    uint8_t digest[VS_HASH_BYTES];
    search s = {.folder = &view->folder.folder, .digest = digest};
    vs_status status = vs__contribution_digest(digest, path, error);
    if (status == VS_OK) {
        status = vs_ledger_each(view->ledger, false, look_at, &s, error);
    }
    if (status == VS_OK && !s.found) {
        status = not_there(path,
                           s.missing == 0 ? "no receipt in this ledger lists it"
                                          : "no receipt lists it, as far as their lists can be read",
                           error);
    }
    if (status == VS_OK) {
        status = make_entry_proof(view->ledger, s.index, &s.proof.entry, error);
    }
    if (status == VS_OK) {
        status = vs_contribution_proof_write(&s.proof, sink, error);
    }
    free(s.note);
    return status;
}

/* ---- growth ---- */

static vs_status prove_growth(const vs_ledger_view *view, const char *path, const vs_sink *sink, vs_error *error) {
    vs_growth_proof proof = {.path = {.count = 0}};
    vs_checkpoint old;
    char *text = NULL;
    vs_status status = vs__load_bytes(&text, &proof.old.len, path, VS_MAX_CHECKPOINT_BYTES, error);
    if (status == VS_OK) {
        proof.old.data = text;
        status = vs_checkpoint_parse(&old, path, text, proof.old.len, &view->keeper, NULL, error);
    }
    if (status == VS_OK) {
        status = vs_ledger_prove_growth(view->ledger, &proof.path, &old, error);
    }
    if (status == VS_OK) {
        proof.now.data = vs_ledger_checkpoint_note(view->ledger, &proof.now.len);
        status = vs_growth_proof_write(&proof, sink, error);
    }
    free(text);
    return status;
}

/* ---- the verb ---- */

/* A number, a contribution, or a note. */
static vs_status prove_operand(const vs_ledger_view *view, const char *operand, const vs_sink *sink, vs_error *error) {
    uint64_t index = 0;
    if (vs__parse_number(operand, strlen(operand), 0, VS_MAX_TREE_SIZE, &index)) {
        return prove_index(view->ledger, index, sink, error);
    }
    vs_input input;
    const uint8_t *head = NULL;
    size_t head_len = 0;
    vs_status status = vs__input_open(&input, operand, error);
    if (status == VS_OK) {
        status = vs__input_peek(&input, &head, &head_len, error);
    }
    bool is_container = status == VS_OK && vs__content_of(head, head_len) == VS_CONTENT_CONTAINER;
    vs__input_close(&input);
    if (status != VS_OK) {
        return status;
    }
    return is_container ? prove_contribution(view, operand, sink, error)
                        : prove_note(view->ledger, operand, sink, error);
}

static vs_status check_arguments(const vs_arguments *arguments, vs_error *error) {
    bool since = vs__argument_given(arguments, "since");
    if (since == (arguments->operand_count == 2)) {
        (void)vs_fail(error, VS_ERR_USAGE, "ledger prove: name what is to be proved: an entry, or --since");
        vs_hint(error, "a receipt, a contribution or an entry's number after FOLDER; or --since CHECKPOINT");
        return VS_ERR_USAGE;
    }
    if (!since && strcmp(arguments->operands[1], "-") == 0) {
        return vs_fail(error, VS_ERR_USAGE, "ledger prove: what is to be proved is read twice: name a file");
    }
    return VS_OK;
}

static vs_status run_prove(const vs_arguments *arguments, vs_error *error) {
    const char *since = vs__argument(arguments, "since");
    const vs_output_options options = {.force = vs__argument_given(arguments, "force")};
    vs_ledger_view view = {.ledger = NULL};
    vs_output output;
    vs_status status = vs__output_open(&output, vs__argument(arguments, "output"), &options, error);
    view.folder = (vs_folder_file){.fd = -1, .lock_fd = -1};
    if (status == VS_OK) {
        status = check_arguments(arguments, error);
    }
    if (status == VS_OK) {
        status = vs__ledger_view_open(&view, arguments->operands[0], arguments, error);
    }
    if (status == VS_OK) {
        status = since != NULL ? prove_growth(&view, since, &output.sink, error)
                               : prove_operand(&view, arguments->operands[1], &output.sink, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs__ledger_view_close(&view);
    vs__output_close(&output);
    return status;
}

static const vs_option prove_options[] = {
    VS_OPTION_KEEPER,
    {.name = "since",
     .argument = "CHECKPOINT",
     .help = "prove that the ledger has only grown since this checkpoint of it",
     .takes_file = true},
    VS_OPTION_OUTPUT("where the proof goes (default: standard output)"),
    VS_OPTION_FORCE,
    VS_OPTIONS_END,
};

static const char *const prove_paragraphs[] = {
    "Writes a proof, a small text, that 'veilsum ledger check' accepts without the ledger: that a receipt or the "
    "record "
    "of an opening is in it (in the form of C2SP's tlog-proof); that a contribution is in a receipt that is in it; or, "
    "with --since, that the ledger only grew since an earlier checkpoint, which is the file FOLDER/checkpoint as it "
    "was then.",
    "A contribution is named by its file, the very one that was combined. Other contributions are not shown by its "
    "proof.",
    NULL,
};

static const vs_example prove_examples[] = {
    {"Is my contribution in a total on record?", "veilsum ledger prove -k keeper.id.pub ledger mine.vs -o mine.proof"},
    {"Has the ledger been rewritten since October?",
     "veilsum ledger prove -k keeper.id.pub --since october.checkpoint ledger -o growth.proof"},
    {NULL, NULL},
};

const vs_verb vs__verb_ledger_prove = {
    .name = "ledger prove",
    .summary = "Prove that something is in a ledger, or that it only grew",
    .synopsis = "-k KEEPER.id.pub FOLDER RECEIPT | CONTRIBUTION | NUMBER | --since CHECKPOINT [-o PROOF]",
    .paragraphs = prove_paragraphs,
    .examples = prove_examples,
    .options = prove_options,
    .operands_min = 1,
    .operands_max = 2,
    .run = run_prove,
};
