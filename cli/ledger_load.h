/* What the verbs of the group `ledger` share. */
#ifndef VEILSUM_CLI_LEDGER_LOAD_H
#define VEILSUM_CLI_LEDGER_LOAD_H

#include "aggregate/ledger/entry.h"
#include "aggregate/ledger/ledger.h"
#include "cli/folder_file.h"
#include "cli/options.h"

#define VS_OPTION_KEEPER                                                                                               \
    {                                                                                                                  \
        .letter = 'k', .name = "keeper", .argument = "NAME.id.pub",                                                    \
        .help = "who keeps the ledger: its public identity", .required = true, .takes_file = true                      \
    }
#define VS_OPTION_PLANS(text)                                                                                          \
    { .letter = 'p', .name = "plan", .argument = "PLAN", .help = text, .repeated = true, .takes_file = true }

/* The plans of a command line. */
typedef struct vs_plan_list {
    vs_plan **owned;
    vs_plans plans; /* borrows them */
} vs_plan_list;
VS_MUST_CHECK vs_status vs__plan_list_load(vs_plan_list *list, const vs_arguments *arguments, vs_error *error);
void vs__plan_list_free(vs_plan_list *list);

/* A ledger opened to be read, whose keeper is the option's. It points into itself. */
typedef struct vs_ledger_view {
    vs_folder_file folder;
    vs_public_identity keeper;
    vs_ledger *ledger;
} vs_ledger_view;
VS_MUST_CHECK vs_status vs__ledger_view_open(vs_ledger_view *view, const char *path, const vs_arguments *arguments,
                                             vs_error *error);
void vs__ledger_view_close(vs_ledger_view *view);

/** A whole file of at most `max` bytes: malloc'd, zero byte behind it. Returns: as vs_read_all, and vs__input_open. */
VS_MUST_CHECK vs_status vs__load_bytes(char **data, size_t *len, const char *path, size_t max, vs_error *error);

/* A note in a file: what of it is an entry of the ledger, and the list behind it. */
typedef struct vs_note_file {
    char *data;
    size_t len;
    size_t note_len;
    vs_entry entry; /* the list of a receipt has been read where the file has it */
} vs_note_file;
/** Returns: as vs_entry_parse, vs_receipt_parse_list. */
VS_MUST_CHECK vs_status vs__note_file_load(vs_note_file *file, const char *path, vs_error *error);
void vs__note_file_free(vs_note_file *file);

/** The digest of a contribution's file, which is read whole and checked. Returns: as vs_container_read; VS_ERR_FORMAT
 * (no container). */
VS_MUST_CHECK vs_status vs__contribution_digest(uint8_t digest[VS_HASH_BYTES], const char *path, vs_error *error);

#endif
