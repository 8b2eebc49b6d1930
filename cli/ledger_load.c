#include "cli/ledger_load.h"

#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "cli/load.h"

vs_status vs__plan_list_load(vs_plan_list *list, const vs_arguments *arguments, vs_error *error) {
    size_t cursor = 0, count = vs__argument_count(arguments, "plan");
    vs_status status = VS_OK;
    *list = (vs_plan_list){.owned = calloc(count + 1, sizeof *list->owned)};
    if (list->owned == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    list->plans.plans = (const vs_plan *const *)list->owned;
    for (size_t i = 0; status == VS_OK && i < count; i++) {
        status = vs__load_plan(&list->owned[i], vs__argument_next(arguments, "plan", &cursor), error);
        list->plans.count += status == VS_OK;
    }
    return status;
}

void vs__plan_list_free(vs_plan_list *list) {
    for (size_t i = 0; i < list->plans.count; i++) {
        vs_plan_free(list->owned[i]);
    }
    free(list->owned);
    *list = (vs_plan_list){.owned = NULL};
}

vs_status vs__ledger_view_open(vs_ledger_view *view, const char *path, const vs_arguments *arguments, vs_error *error) {
    view->folder = (vs_folder_file){.fd = -1, .lock_fd = -1};
    view->ledger = NULL;
    vs_status status = vs__load_public_identity(&view->keeper, vs__argument(arguments, "keeper"), error);
    if (status == VS_OK) {
        status = vs__folder_file_open(&view->folder, path, VS_FOLDER_READ, false, error);
    }
    if (status == VS_OK) {
        status = vs_ledger_open(&view->ledger, &view->folder.folder, &view->keeper, NULL, false, error);
    }
    return status;
}

void vs__ledger_view_close(vs_ledger_view *view) {
    vs_ledger_close(view->ledger);
    view->ledger = NULL;
    vs__folder_file_close(&view->folder);
}

vs_status vs__load_bytes(char **data, size_t *len, const char *path, size_t max, vs_error *error) {
    vs_input input;
    uint8_t *bytes = NULL;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs_read_all(&input.source, max, &bytes, len, error);
    }
    *data = (char *)bytes;
    vs__input_close(&input);
    return status;
}

/* ---- notes ---- */

/* A note ends with the file, or where an empty line follows its signatures. */
static size_t note_length(const char *data, size_t len) {
    const char *border = memmem(data, len, "\n\n", 2);
    const char *end = border == NULL ? NULL : memmem(border + 2, (size_t)(data + len - border - 2), "\n\n", 2);
    return end == NULL ? len : (size_t)(end + 1 - data);
}

/* Behind a receipt stands its list, which is part of it; behind the record of an opening may stand names. */
static vs_status read_list(vs_note_file *file, const char *path, vs_error *error) {
    vs_names names = {.count = 0};
    const char *list = file->data + file->note_len + 1;
    size_t list_len = file->len - file->note_len - 1;
    if (file->entry.is_receipt) {
        return vs_receipt_parse_list(&file->entry.receipt, path, list, list_len, error);
    }
    vs_status status = vs_names_parse(&names, path, list, list_len, file->entry.opening.names_hash, error);
    vs_names_free(&names);
    return status;
}

vs_status vs__note_file_load(vs_note_file *file, const char *path, vs_error *error) {
    *file = (vs_note_file){.data = NULL};
    vs_status status = vs__load_bytes(&file->data, &file->len, path, VS_MAX_RECEIPT_BYTES, error);
    if (status != VS_OK) {
        return status;
    }
    file->note_len = note_length(file->data, file->len);
    status = vs_entry_parse(&file->entry, path, file->data, file->note_len, error);
    if (status == VS_ERR_FORMAT) {
        size_t head = file->len < VS_PEEK_BYTES ? file->len : VS_PEEK_BYTES;
        vs__content_hint(error, vs__content_of((const uint8_t *)file->data, head), VS_CONTENT_UNKNOWN);
    }
    if (status == VS_OK && file->note_len < file->len) {
        status = read_list(file, path, error);
    }
    return status;
}

void vs__note_file_free(vs_note_file *file) {
    vs_entry_clear(&file->entry);
    free(file->data);
    *file = (vs_note_file){.data = NULL};
}

/* ---- contributions ---- */

static vs_status read_to_end(const vs_source *source, uint8_t digest[VS_HASH_BYTES], vs_error *error) {
    vs_container_reader *reader = NULL;
    const uint8_t *ciphertexts = NULL;
    size_t count = 1;
    int at_end = 0;
    vs_status status = vs_container_reader_new(&reader, source, &at_end, error);
    if (status == VS_OK && at_end) {
        status = vs_fail(error, VS_ERR_FORMAT, "%s: an empty file", source->name);
    }
    while (status == VS_OK && count > 0) {
        status = vs_container_read(reader, &ciphertexts, &count, error);
    }
    if (status == VS_OK) {
        vs_container_digest(reader, digest);
    }
    vs_container_reader_free(reader);
    return status;
}

vs_status vs__contribution_digest(uint8_t digest[VS_HASH_BYTES], const char *path, vs_error *error) {
    vs_input input;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = read_to_end(&input.source, digest, error);
    }
    vs__input_close(&input);
    return status;
}
