/* The reading half of the store: what has been committed, for any thread. */
#include <stdio.h>
#include <string.h>

#include "cli/board/store_internal.h"

/* A reader with a statement of its own. */
typedef struct reading {
    vs_store *store;
    vs_connection *reader;
    sqlite3_stmt *statement;
} reading;

static vs_status begin(reading *r, vs_store *store, vs_statement which, vs_error *error) {
    r->store = store;
    r->statement = NULL;
    r->reader = vs__store_take_reader(store, error);
    if (r->reader == NULL) {
        return VS_ERR_IO;
    }
    r->statement = vs__store_prepare(store, r->reader, which, error);
    return r->statement == NULL ? VS_ERR_IO : VS_OK;
}

static vs_status step(reading *r, bool *row, vs_error *error) {
    return vs__store_step(r->store, r->reader, r->statement, row, error);
}

/* A reader that stays in the middle of its rows would hold on to the journal. */
static void end(reading *r) {
    if (r->statement != NULL) {
        (void)sqlite3_reset(r->statement);
        (void)sqlite3_clear_bindings(r->statement);
    }
    if (r->reader != NULL) {
        vs__store_give_reader(r->store, r->reader);
    }
}

/* ---- all, for the start ---- */

static void refused_row(sqlite3_stmt *row, vs_store_refused *refused) {
    *refused = (vs_store_refused){.number = (uint64_t)sqlite3_column_int64(row, 0),
                                  .at = sqlite3_column_int64(row, 1),
                                  .from = VS_NONE,
                                  .kind = (unsigned)sqlite3_column_int64(row, 3),
                                  .times = (uint64_t)sqlite3_column_int64(row, 4)};
    if (sqlite3_column_type(row, 2) != SQLITE_NULL) {
        refused->from = (size_t)sqlite3_column_int64(row, 2);
    }
    const unsigned char *reason = sqlite3_column_text(row, 5);
    (void)snprintf(refused->reason, sizeof refused->reason, "%s", reason == NULL ? "" : (const char *)reason);
}

typedef struct visitors {
    void *context;
    void (*message)(void *context, const vs_board_message *message);
    void (*upload)(void *context, const vs_store_upload *upload);
    void (*refused)(void *context, const vs_store_refused *refused);
} visitors;

static void visit(const visitors *v, vs_statement which, sqlite3_stmt *row) {
    vs_board_message message;
    vs_store_upload upload;
    vs_store_refused refused;
    if (which == SQL_ALL_MESSAGES) {
        vs__store_message_row(row, &message);
        v->message(v->context, &message);
    } else if (which == SQL_ALL_UPLOADS) {
        vs__store_upload_row(row, &upload);
        v->upload(v->context, &upload);
    } else {
        refused_row(row, &refused);
        v->refused(v->context, &refused);
    }
}

static vs_status each(vs_store *store, vs_statement which, const visitors *v, vs_error *error) {
    reading r;
    bool row = true;
    vs_status status = begin(&r, store, which, error);
    while (status == VS_OK && row) {
        status = step(&r, &row, error);
        if (status == VS_OK && row) {
            visit(v, which, r.statement);
        }
    }
    end(&r);
    return status;
}

vs_status vs_store_each(vs_store *store, void *context, void (*message)(void *context, const vs_board_message *message),
                        void (*upload)(void *context, const vs_store_upload *upload),
                        void (*refused)(void *context, const vs_store_refused *refused), vs_error *error) {
    const visitors v = {context, message, upload, refused};
    vs_status status = each(store, SQL_ALL_MESSAGES, &v, error);
    status = status == VS_OK ? each(store, SQL_ALL_UPLOADS, &v, error) : status;
    return status == VS_OK ? each(store, SQL_ALL_REFUSED, &v, error) : status;
}

/* ---- messages ---- */

vs_status vs_store_next(vs_store *store, uint64_t after, uint32_t to, uint64_t kinds, vs_board_message *out, size_t max,
                        size_t *count, vs_error *error) {
    reading r;
    bool row = true;
    *count = 0;
    vs_status status = begin(&r, store, to == VS_BOARD_ANY ? SQL_NEXT_ANY : SQL_NEXT_TO, error);
    if (status == VS_OK) {
        (void)sqlite3_bind_int64(r.statement, 1, after > INT64_MAX ? INT64_MAX : (int64_t)after);
        (void)sqlite3_bind_int64(r.statement, 2, to);
        (void)sqlite3_bind_int64(r.statement, 3, (int64_t)max);
        (void)sqlite3_bind_int64(r.statement, 4, (int64_t)kinds);
    }
    while (status == VS_OK && row && *count < max) {
        status = step(&r, &row, error);
        if (status == VS_OK && row) {
            vs__store_message_row(r.statement, &out[(*count)++]);
        }
    }
    end(&r);
    return status;
}

/* One row by id. */
static vs_status find(reading *r, vs_store *store, vs_statement which, const uint8_t id[VS_HASH_BYTES], bool *found,
                      vs_error *error) {
    *found = false;
    vs_status status = begin(r, store, which, error);
    if (status == VS_OK) {
        (void)sqlite3_bind_blob(r->statement, 1, id, VS_HASH_BYTES, SQLITE_STATIC);
        status = step(r, found, error);
    }
    return status;
}

vs_status vs_store_find(vs_store *store, const uint8_t id[VS_HASH_BYTES], vs_board_message *out, bool *found,
                        vs_error *error) {
    reading r;
    vs_status status = find(&r, store, SQL_FIND, id, found, error);
    if (status == VS_OK && *found) {
        vs__store_message_row(r.statement, out);
    }
    end(&r);
    return status;
}

vs_status vs_store_find_upload(vs_store *store, const uint8_t id[VS_HASH_BYTES], vs_store_upload *upload, bool *found,
                               vs_error *error) {
    reading r;
    vs_status status = find(&r, store, SQL_GET_UPLOAD, id, found, error);
    if (status == VS_OK && *found) {
        vs__store_upload_row(r.statement, upload);
    }
    end(&r);
    return status;
}

/* Copy what one piece has of the bytes from `offset` on; false where the piece does not go on from there. */
static bool copy_piece(sqlite3_stmt *row, uint64_t offset, uint8_t *buf, size_t len, size_t *copied) {
    int64_t start = sqlite3_column_int64(row, 0);
    const uint8_t *data = sqlite3_column_blob(row, 1);
    int bytes = sqlite3_column_bytes(row, 1);
    if (data == NULL || start < 0 || bytes <= 0 || (uint64_t)start > offset ||
        offset - (uint64_t)start >= (uint64_t)bytes) {
        return false;
    }
    size_t from = (size_t)(offset - (uint64_t)start), there = (size_t)bytes - from;
    *copied = there < len ? there : len;
    memcpy(buf, data + from, *copied);
    return true;
}

vs_status vs_store_read(vs_store *store, uint64_t content, uint64_t offset, void *buf, size_t len, vs_error *error) {
    reading r;
    uint8_t *out = buf;
    vs_status status = begin(&r, store, SQL_READ, error);
    if (status == VS_OK) {
        int64_t first = (int64_t)(content << VS_PIECE_BITS);
        (void)sqlite3_bind_int64(r.statement, 1, first);
        (void)sqlite3_bind_int64(r.statement, 2, first | (int64_t)(offset / VS_PIECE_GRAIN));
        (void)sqlite3_bind_int64(r.statement, 3, (int64_t)offset);
        (void)sqlite3_bind_int64(r.statement, 4, first | ((1 << VS_PIECE_BITS) - 1));
    }
    while (status == VS_OK && len > 0) {
        bool row = false;
        size_t copied = 0;
        status = step(&r, &row, error);
        if (status == VS_OK && (!row || !copy_piece(r.statement, offset, out, len, &copied))) {
            status = vs_fail(error, VS_ERR_FORMAT, "%s: a message is not whole", store->path);
        }
        out += copied;
        offset += copied;
        len -= copied;
    }
    end(&r);
    return status;
}
