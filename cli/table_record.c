#include "cli/table_record.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"
#include "aggregate/opening/owner_record.h"
#include "cli/folder_file.h"
#include "cli/load.h"
#include "cli/ui.h"
#include "crypto/secret.h"

#define BLOB "record"

void vs__table_watch(vs_sketch *sketch, vs_cells *cells, const vs_identity *owner) {
    uint8_t key[32];
    vs_identity_derive(owner, key, "veilsum owner record");
    vs_sketch_init(sketch, key);
    vs_wipe(key, sizeof key);
    vs_cells_watch(cells, sketch);
}

/* "me.id" has its record in "me.tables". malloc'd; NULL where memory ran out. */
static char *record_path(const char *identity_path) {
    size_t len = strlen(identity_path);
    len -= len > 3 && strcmp(identity_path + len - 3, ".id") == 0 ? 3 : 0;
    char *path = malloc(len + sizeof ".tables");
    if (path != NULL) {
        memcpy(path, identity_path, len);
        memcpy(path + len, ".tables", sizeof ".tables");
    }
    return path;
}

static void warn(const vs_owner_overlap *overlap) {
    char plan[2 * VS_HASH_BYTES + 1], period[4 * VS_MAX_NAME_BYTES], time[VS_TIME_BYTES];
    if (overlap->count == 0) {
        return;
    }
    vs_to_hex(plan, overlap->plan_id, VS_HASH_BYTES);
    vs_time_to_text(time, overlap->time);
    vs__ui_clean(period, sizeof period, overlap->period);
    if (overlap->other_plan) {
        vs__ui_warning(
            "about %u%% of these rows went into another plan before (%.16s…, period '%s', %.10s): two results "
            "over the same rows can tell more than either",
            overlap->percent, plan, period, time);
    } else {
        vs__ui_warning("about %u%% of these rows went into period '%s' of this plan before (%.10s)", overlap->percent,
                       period, time);
    }
}

static vs_status remember(const vs_folder *folder, const vs_owner_line *line, vs_error *error) {
    uint8_t *data = NULL;
    char *grown = NULL;
    size_t len = 0, grown_len = 0;
    vs_owner_overlap overlap;
    vs_status status = folder->read(folder->context, BLOB, VS_MAX_OWNER_RECORD_BYTES, &data, &len, error);
    if (status == VS_OK) {
        status = vs_owner_record_search(&overlap, folder->name, (const char *)data, len, line, error);
    }
    if (status == VS_OK) {
        warn(&overlap);
        status = vs_owner_record_add(&grown, &grown_len, (const char *)data, len, line, error);
    }
    if (status == VS_OK && grown_len > len) {
        status = folder->write(folder->context, BLOB, grown, grown_len, error);
    }
    free(grown);
    free(data);
    return status;
}

void vs__table_remember(const vs_sketch *sketch, const char *identity_path, const vs_plan *plan, const char *period) {
    vs_owner_line line = {.sketch = sketch};
    vs_folder_file folder = {.fd = -1, .lock_fd = -1};
    vs_error error = {.message = ""};
    char *path = NULL;
    if (sketch->rows == 0) {
        return;
    }
    memcpy(line.plan_id, plan->id, VS_HASH_BYTES);
    memcpy(line.period, period == NULL ? "" : period, period == NULL ? 0 : strlen(period));
    path = record_path(identity_path);
    vs_status status = path == NULL ? vs_fail_plain(&error, VS_ERR_MEMORY) : vs__now(&line.time, &error);
    if (status == VS_OK) {
        status = vs__folder_file_open(&folder, path, VS_FOLDER_CREATE, true, &error);
    }
    if (status == VS_OK) {
        status = folder.folder.lock(folder.folder.context, true, &error);
    }
    if (status == VS_OK) {
        status = remember(&folder.folder, &line, &error);
        folder.folder.unlock(folder.folder.context);
    }
    if (status != VS_OK) {
        vs__ui_warning("the record of encrypted tables: %s", error.message);
    }
    vs__folder_file_close(&folder);
    free(path);
}
