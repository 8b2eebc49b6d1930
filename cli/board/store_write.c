/* The writing half of the store: everything here belongs to the one thread that writes. */
#include "cli/board/store_internal.h"

static sqlite3_stmt *prepare(vs_store *store, vs_statement which, vs_error *error) {
    return vs__store_prepare(store, &store->writer, which, error);
}

static vs_status run(vs_store *store, sqlite3_stmt *statement, vs_error *error) {
    return vs__store_run(store, &store->writer, statement, error);
}

static vs_status run_plain(vs_store *store, vs_statement which, vs_error *error) {
    sqlite3_stmt *statement = prepare(store, which, error);
    return statement == NULL ? VS_ERR_IO : run(store, statement, error);
}

vs_status vs_store_begin(vs_store *store, vs_error *error) {
    return run_plain(store, SQL_BEGIN, error);
}

vs_status vs_store_commit(vs_store *store, vs_error *error) {
    vs_status status = run_plain(store, SQL_COMMIT, error);
    if (status != VS_OK) {
        vs_store_rollback(store);
    }
    return status;
}

/* A failed statement may have rolled back already; then there is nothing to do. */
void vs_store_rollback(vs_store *store) {
    if (sqlite3_get_autocommit(store->writer.db) == 0) {
        (void)run_plain(store, SQL_ROLLBACK, NULL);
    }
}

/* One row at most: was there one? `upload` takes it where it is not NULL. */
static vs_status look(vs_store *store, sqlite3_stmt *statement, bool *found, vs_store_upload *upload, vs_error *error) {
    vs_status status = vs__store_step(store, &store->writer, statement, found, error);
    if (status == VS_OK && *found) {
        if (upload != NULL) {
            vs__store_upload_row(statement, upload);
        }
        (void)sqlite3_reset(statement);
        (void)sqlite3_clear_bindings(statement);
    }
    return status;
}

vs_status vs_store_has_id(vs_store *store, const uint8_t id[VS_HASH_BYTES], bool *has, vs_error *error) {
    sqlite3_stmt *statement = prepare(store, SQL_FIND, error);
    *has = false;
    if (statement == NULL) {
        return VS_ERR_IO;
    }
    (void)sqlite3_bind_blob(statement, 1, id, VS_HASH_BYTES, SQLITE_STATIC);
    return look(store, statement, has, NULL, error);
}

vs_status vs_store_has_place(vs_store *store, unsigned kind, uint32_t from, uint32_t to, bool *has, vs_error *error) {
    sqlite3_stmt *statement = prepare(store, SQL_HAS_PLACE, error);
    *has = false;
    if (statement == NULL) {
        return VS_ERR_IO;
    }
    (void)sqlite3_bind_int64(statement, 1, kind);
    (void)sqlite3_bind_int64(statement, 2, from);
    (void)sqlite3_bind_int64(statement, 3, to);
    return look(store, statement, has, NULL, error);
}

vs_status vs_store_add_message(vs_store *store, const vs_board_message *message, vs_error *error) {
    sqlite3_stmt *statement = prepare(store, SQL_ADD_MESSAGE, error);
    if (statement == NULL) {
        return VS_ERR_IO;
    }
    (void)sqlite3_bind_int64(statement, 1, (int64_t)message->seq);
    (void)sqlite3_bind_blob(statement, 2, message->id, VS_HASH_BYTES, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 3, message->kind);
    (void)sqlite3_bind_int64(statement, 4, message->from);
    (void)sqlite3_bind_int64(statement, 5, message->to);
    (void)sqlite3_bind_int64(statement, 6, message->at);
    (void)sqlite3_bind_int64(statement, 7, (int64_t)message->len);
    (void)sqlite3_bind_int64(statement, 8, (int64_t)message->content);
    return run(store, statement, error);
}

static vs_status add_row(vs_store *store, uint64_t content, uint64_t start, const uint8_t *data, size_t len,
                         vs_error *error) {
    sqlite3_stmt *statement = prepare(store, SQL_ADD_PIECE, error);
    if (statement == NULL) {
        return VS_ERR_IO;
    }
    (void)sqlite3_bind_int64(statement, 1, (int64_t)(content << VS_PIECE_BITS | start / VS_PIECE_GRAIN));
    (void)sqlite3_bind_int64(statement, 2, (int64_t)start);
    (void)sqlite3_bind_blob64(statement, 3, data, len, SQLITE_STATIC);
    return run(store, statement, error);
}

vs_status vs_store_add_piece(vs_store *store, uint64_t content, uint64_t start, const void *data, size_t len,
                             vs_error *error) {
    const uint8_t *bytes = data;
    vs_status status = VS_OK;
    VS_CHECK(start + len <= VS_MAX_STORED_LEN);
    while (len > 0 && status == VS_OK) {
        /* The rest of two rows' worth stays together, so that no row but the last is short. */
        size_t n = len < 2 * VS_MAX_ROW_BYTES ? len : (size_t)VS_MAX_ROW_BYTES;
        status = add_row(store, content, start, bytes, n, error);
        start += n;
        bytes += n;
        len -= n;
    }
    return status;
}

vs_status vs_store_get_upload(vs_store *store, const uint8_t id[VS_HASH_BYTES], vs_store_upload *upload, bool *found,
                              vs_error *error) {
    sqlite3_stmt *statement = prepare(store, SQL_GET_UPLOAD, error);
    *found = false;
    if (statement == NULL) {
        return VS_ERR_IO;
    }
    (void)sqlite3_bind_blob(statement, 1, id, VS_HASH_BYTES, SQLITE_STATIC);
    return look(store, statement, found, upload, error);
}

vs_status vs_store_oldest_upload(vs_store *store, vs_store_upload *upload, bool *found, vs_error *error) {
    sqlite3_stmt *statement = prepare(store, SQL_OLDEST_UPLOAD, error);
    *found = false;
    return statement == NULL ? VS_ERR_IO : look(store, statement, found, upload, error);
}

vs_status vs_store_set_upload(vs_store *store, const vs_store_upload *upload, vs_error *error) {
    sqlite3_stmt *statement = prepare(store, SQL_SET_UPLOAD, error);
    if (statement == NULL) {
        return VS_ERR_IO;
    }
    (void)sqlite3_bind_int64(statement, 1, (int64_t)upload->content);
    (void)sqlite3_bind_blob(statement, 2, upload->id, VS_HASH_BYTES, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 3, (int64_t)upload->len);
    (void)sqlite3_bind_int64(statement, 4, (int64_t)upload->total);
    (void)sqlite3_bind_int64(statement, 5, upload->at);
    return run(store, statement, error);
}

vs_status vs_store_end_upload(vs_store *store, uint64_t content, bool keep_pieces, vs_error *error) {
    sqlite3_stmt *upload = prepare(store, SQL_END_UPLOAD, error);
    sqlite3_stmt *pieces = prepare(store, SQL_END_PIECES, error);
    if (upload == NULL || pieces == NULL) {
        return VS_ERR_IO;
    }
    (void)sqlite3_bind_int64(upload, 1, (int64_t)content);
    vs_status status = run(store, upload, error);
    if (status == VS_OK && !keep_pieces) {
        (void)sqlite3_bind_int64(pieces, 1, (int64_t)(content << VS_PIECE_BITS));
        (void)sqlite3_bind_int64(pieces, 2, (int64_t)((content + 1) << VS_PIECE_BITS) - 1);
        status = run(store, pieces, error);
    }
    return status;
}

vs_status vs_store_set_refused(vs_store *store, const vs_store_refused *refused, vs_error *error) {
    sqlite3_stmt *set = prepare(store, SQL_SET_REFUSED, error);
    sqlite3_stmt *end = prepare(store, SQL_END_REFUSED, error);
    if (set == NULL || end == NULL) {
        return VS_ERR_IO;
    }
    (void)sqlite3_bind_int64(set, 1, (int64_t)refused->number);
    (void)sqlite3_bind_int64(set, 2, refused->at);
    if (refused->from != VS_NONE) {
        (void)sqlite3_bind_int64(set, 3, (int64_t)refused->from);
    }
    (void)sqlite3_bind_int64(set, 4, refused->kind);
    (void)sqlite3_bind_int64(set, 5, (int64_t)refused->times);
    (void)sqlite3_bind_text(set, 6, refused->reason, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(end, 1, (int64_t)refused->number - VS_BOARD_REFUSED_KEPT);
    vs_status status = run(store, set, error);
    return status == VS_OK ? run(store, end, error) : status;
}
