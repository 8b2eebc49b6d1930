#include "cli/opening_book.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/ledger/ledger.h"
#include "aggregate/opening/book.h"
#include "cli/folder_file.h"
#include "cli/ui.h"

/* "hub.key" has its book in "hub.openings". malloc'd; NULL where memory ran out. */
static char *book_path(const char *secret_path) {
    static const char *const ends[] = {".key", ".share"};
    size_t len = strlen(secret_path);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (len > end && strcmp(secret_path + len - end, ends[i]) == 0) {
            len -= end;
            break;
        }
    }
    char *path = malloc(len + sizeof ".openings");
    if (path != NULL) {
        memcpy(path, secret_path, len);
        memcpy(path + len, ".openings", sizeof ".openings");
    }
    return path;
}

/* A book that begins anew knows nothing of what was opened before: whoever did not expect that should hear of it. */
static vs_status note_new_book(const vs_folder *folder, const char *path, vs_error *error) {
    bool there = false;
    vs_status status = folder->exists(folder->context, VS_LEDGER_CHECKPOINT, &there, error);
    if (status == VS_OK && !there) {
        vs__ui_note("%s begins a book of openings; what was opened before with this key or share is not in it", path);
    }
    return status;
}

vs_status vs__opening_book_enter(char **record, size_t *len, const vs_opening_book *book,
                                 const vs_opening_request *request, vs_error *error) {
    char *beside = book->folder == NULL ? book_path(book->secret_path) : NULL;
    const char *path = book->folder != NULL ? book->folder : beside;
    vs_folder_file folder = {.fd = -1, .lock_fd = -1};
    *record = NULL;
    vs_status status = path == NULL ? vs_fail_plain(error, VS_ERR_MEMORY)
                                    : vs__folder_file_open(&folder, path, VS_FOLDER_CREATE, true, error);
    if (status == VS_OK) {
        status = note_new_book(&folder.folder, path, error);
    }
    if (status == VS_OK) {
        status = vs_opening_enter(record, len, &folder.folder, book->opener, request, book->threshold, error);
    }
    vs__folder_file_close(&folder);
    free(beside);
    return status;
}
