#include "cli/board/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/board/store_internal.h"

#define FORMAT 1 /* of the tables; PRAGMA user_version */
#define LOCK_NAME "board.lock"
#define FILE_NAME "board.sqlite"

static const char schema[] =
    "CREATE TABLE session(sid BLOB NOT NULL);"
    "CREATE TABLE messages(seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL,"
    " sender INTEGER NOT NULL, receiver INTEGER NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " content INTEGER NOT NULL, UNIQUE(kind, sender, receiver));"
    "CREATE INDEX messages_to ON messages(receiver, seq);"
    "CREATE TABLE pieces(key INTEGER PRIMARY KEY, start INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE uploads(content INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, bytes INTEGER NOT NULL,"
    " total INTEGER NOT NULL, at INTEGER NOT NULL);"
    "CREATE TABLE refused(number INTEGER PRIMARY KEY, at INTEGER NOT NULL, sender INTEGER, kind INTEGER NOT NULL,"
    " times INTEGER NOT NULL, reason TEXT NOT NULL);";

#define MESSAGE_COLUMNS "seq, id, kind, sender, receiver, at, bytes, content"
#define UPLOAD_COLUMNS "content, bytes, total, at, id"

static const char *const texts[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_ALL_MESSAGES] = "SELECT " MESSAGE_COLUMNS " FROM messages ORDER BY seq",
    [SQL_ALL_UPLOADS] = "SELECT " UPLOAD_COLUMNS " FROM uploads",
    [SQL_ALL_REFUSED] = "SELECT number, at, sender, kind, times, reason FROM refused ORDER BY number",
    [SQL_HAS_PLACE] = "SELECT 1 FROM messages WHERE kind = ?1 AND sender = ?2 AND receiver = ?3",
    [SQL_ADD_MESSAGE] = "INSERT INTO messages(" MESSAGE_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_ADD_PIECE] = "INSERT INTO pieces(key, start, data) VALUES(?1, ?2, ?3)",
    [SQL_GET_UPLOAD] = "SELECT " UPLOAD_COLUMNS " FROM uploads WHERE id = ?1",
    [SQL_SET_UPLOAD] = "INSERT OR REPLACE INTO uploads(content, id, bytes, total, at) VALUES(?1, ?2, ?3, ?4, ?5)",
    [SQL_END_UPLOAD] = "DELETE FROM uploads WHERE content = ?1",
    [SQL_END_PIECES] = "DELETE FROM pieces WHERE key BETWEEN ?1 AND ?2",
    [SQL_OLDEST_UPLOAD] = "SELECT " UPLOAD_COLUMNS " FROM uploads ORDER BY at LIMIT 1",
    [SQL_SET_REFUSED] = "INSERT OR REPLACE INTO refused(number, at, sender, kind, times, reason)"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_END_REFUSED] = "DELETE FROM refused WHERE number <= ?1",
    /* Two ranges of one index, merged. */
    [SQL_NEXT_TO] = "SELECT * FROM (SELECT " MESSAGE_COLUMNS " FROM messages WHERE receiver = ?2 AND seq > ?1"
                    " UNION ALL SELECT " MESSAGE_COLUMNS " FROM messages WHERE receiver = 4294967295 AND seq > ?1"
                    " AND (?4 >> kind) & 1)"
                    " ORDER BY seq LIMIT ?3",
    [SQL_NEXT_ANY] = "SELECT " MESSAGE_COLUMNS " FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?3",
    [SQL_FIND] = "SELECT " MESSAGE_COLUMNS " FROM messages WHERE id = ?1",
    /* From the last piece that begins at or before byte ?3. */
    [SQL_READ] = "SELECT start, data FROM pieces WHERE key <= ?4 AND key >= (SELECT key FROM pieces"
                 " WHERE key BETWEEN ?1 AND ?2 AND start <= ?3 ORDER BY key DESC LIMIT 1) ORDER BY key",
};

/* ---- statements ---- */

vs_status vs__store_fail(const vs_store *store, const vs_connection *connection, vs_error *error) {
    int code = sqlite3_errcode(connection->db) & 0xff;
    vs_status status = code == SQLITE_NOMEM                              ? VS_ERR_MEMORY
                       : code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? VS_ERR_FORMAT
                                                                         : VS_ERR_IO;
    (void)vs_fail(error, status, "%s: %s", store->path, sqlite3_errmsg(connection->db));
    if (code == SQLITE_FULL) {
        vs_hint(error, "make room on its disk; what is there is whole");
    }
    return status;
}

sqlite3_stmt *vs__store_prepare(const vs_store *store, vs_connection *connection, vs_statement which, vs_error *error) {
    sqlite3_stmt **statement = &connection->statements[which];
    if (*statement == NULL &&
        sqlite3_prepare_v3(connection->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK) {
        (void)vs__store_fail(store, connection, error);
    }
    return *statement;
}

vs_status vs__store_step(const vs_store *store, vs_connection *connection, sqlite3_stmt *statement, bool *row,
                         vs_error *error) {
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    vs_status status = *row || code == SQLITE_DONE ? VS_OK : vs__store_fail(store, connection, error);
    if (!*row) {
        (void)sqlite3_reset(statement);
        (void)sqlite3_clear_bindings(statement);
    }
    return status;
}

vs_status vs__store_run(const vs_store *store, vs_connection *connection, sqlite3_stmt *statement, vs_error *error) {
    bool row;
    vs_status status = vs__store_step(store, connection, statement, &row, error);
    VS_CHECK(!row);
    return status;
}

/* An id that is not 32 bytes long is left as zeros: such a row was not written by this program. */
static void copy_id(uint8_t id[VS_HASH_BYTES], sqlite3_stmt *row, int column) {
    const void *there = sqlite3_column_blob(row, column);
    if (there != NULL && sqlite3_column_bytes(row, column) == VS_HASH_BYTES) {
        memcpy(id, there, VS_HASH_BYTES);
    }
}

void vs__store_message_row(sqlite3_stmt *row, vs_board_message *message) {
    *message = (vs_board_message){.seq = (uint64_t)sqlite3_column_int64(row, 0),
                                  .kind = (unsigned)sqlite3_column_int64(row, 2) % VS_BOARD_MAX_KINDS,
                                  .from = (uint32_t)sqlite3_column_int64(row, 3),
                                  .to = (uint32_t)sqlite3_column_int64(row, 4),
                                  .at = sqlite3_column_int64(row, 5),
                                  .len = (uint64_t)sqlite3_column_int64(row, 6),
                                  .content = (uint64_t)sqlite3_column_int64(row, 7)};
    copy_id(message->id, row, 1);
}

void vs__store_upload_row(sqlite3_stmt *row, vs_store_upload *upload) {
    *upload = (vs_store_upload){.content = (uint64_t)sqlite3_column_int64(row, 0),
                                .len = (uint64_t)sqlite3_column_int64(row, 1),
                                .total = (uint64_t)sqlite3_column_int64(row, 2),
                                .at = sqlite3_column_int64(row, 3)};
    copy_id(upload->id, row, 4);
}

/* ---- connections ---- */

static void disconnect(vs_connection *connection) {
    for (unsigned i = 0; i < SQL_COUNT; i++) {
        (void)sqlite3_finalize(connection->statements[i]);
        connection->statements[i] = NULL;
    }
    (void)sqlite3_close(connection->db);
    connection->db = NULL;
}

static vs_status execute(const vs_store *store, const vs_connection *connection, const char *sql, vs_error *error) {
    return sqlite3_exec(connection->db, sql, NULL, NULL, NULL) == SQLITE_OK ? VS_OK
                                                                            : vs__store_fail(store, connection, error);
}

static vs_status connect_to(const vs_store *store, vs_connection *connection, bool writes, vs_error *error) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_READWRITE | (writes ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(store->path, &connection->db, flags, NULL) != SQLITE_OK) {
        return connection->db == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : vs__store_fail(store, connection, error);
    }
    (void)sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(connection->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_busy_timeout(connection->db, 10000);
    /* The page size counts where the file is new. What the cache holds is in memory once for each connection. */
    vs_status status = execute(store, connection, "PRAGMA page_size=8192; PRAGMA cache_size=-4096;", error);
    if (status == VS_OK && writes) {
        status = execute(store, connection,
                         "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=134217728; "
                         "PRAGMA wal_autocheckpoint=8192;",
                         error);
    }
    if (status == VS_OK && !writes) {
        status = execute(store, connection, "PRAGMA query_only=1;", error);
    }
    return status;
}

vs_connection *vs__store_take_reader(vs_store *store, vs_error *error) {
    vs_connection *reader = NULL;
    (void)pthread_mutex_lock(&store->mutex);
    while (reader == NULL) {
        for (unsigned i = 0; i < VS_STORE_READERS && reader == NULL; i++) {
            reader = store->readers[i].busy ? NULL : &store->readers[i];
        }
        if (reader == NULL) {
            (void)pthread_cond_wait(&store->idle, &store->mutex);
        }
    }
    reader->busy = true;
    (void)pthread_mutex_unlock(&store->mutex);
    if (reader->db == NULL && connect_to(store, reader, false, error) != VS_OK) {
        disconnect(reader);
        vs__store_give_reader(store, reader);
        return NULL;
    }
    return reader;
}

void vs__store_give_reader(vs_store *store, vs_connection *reader) {
    (void)pthread_mutex_lock(&store->mutex);
    reader->busy = false;
    (void)pthread_cond_signal(&store->idle);
    (void)pthread_mutex_unlock(&store->mutex);
}

/* ---- opening ---- */

static vs_status lock_folder(vs_store *store, const char *folder, vs_error *error) {
    store->lock_fd = openat(store->folder.fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (store->lock_fd < 0) {
        return vs_fail(error, VS_ERR_IO, "cannot lock %s: %s", folder, strerror(errno));
    }
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        (void)vs_fail(error, VS_ERR_EXISTS, "another process serves the board in %s", folder);
        vs_hint(error, "stop it first, or give this one a folder of its own");
        return VS_ERR_EXISTS;
    }
    return VS_OK;
}

/* One number or blob that the file says of itself. */
static vs_status ask(const vs_store *store, const char *sql, int64_t *number, uint8_t sid[VS_HASH_BYTES],
                     vs_error *error) {
    sqlite3_stmt *statement = NULL;
    const vs_connection *writer = &store->writer;
    vs_status status = VS_OK;
    if (sqlite3_prepare_v2(writer->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        status = vs__store_fail(store, writer, error);
    } else if (number != NULL) {
        *number = sqlite3_column_int64(statement, 0);
    } else if (sqlite3_column_bytes(statement, 0) == VS_HASH_BYTES) {
        memcpy(sid, sqlite3_column_blob(statement, 0), VS_HASH_BYTES);
    } else {
        status = vs_fail(error, VS_ERR_FORMAT, "%s is not a board's", store->path);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static vs_status make_tables(const vs_store *store, const uint8_t sid[VS_HASH_BYTES], vs_error *error) {
    char hex[2 * VS_HASH_BYTES + 1], last[160];
    vs_to_hex(hex, sid, VS_HASH_BYTES);
    (void)snprintf(last, sizeof last, "INSERT INTO session VALUES(x'%s'); PRAGMA user_version=%d; COMMIT;", hex,
                   FORMAT);
    vs_status status = execute(store, &store->writer, "BEGIN IMMEDIATE;", error);
    status = status == VS_OK ? execute(store, &store->writer, schema, error) : status;
    return status == VS_OK ? execute(store, &store->writer, last, error) : status;
}

static vs_status check_tables(const vs_store *store, const char *folder, const uint8_t sid[VS_HASH_BYTES],
                              vs_error *error) {
    int64_t format = 0;
    uint8_t there[VS_HASH_BYTES];
    vs_status status = ask(store, "PRAGMA user_version", &format, NULL, error);
    if (status == VS_OK && format == 0) {
        return make_tables(store, sid, error);
    }
    if (status == VS_OK && format != FORMAT) {
        return vs_fail(error, VS_ERR_VERSION, "%s was made by another version of veilsum", store->path);
    }
    status = status == VS_OK ? ask(store, "SELECT sid FROM session", NULL, there, error) : status;
    if (status == VS_OK && memcmp(there, sid, VS_HASH_BYTES) != 0) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "the board in %s is another session's", folder);
        vs_hint(error, "plan, period and attempt make a session; give each a folder of its own");
        return VS_ERR_MISMATCH;
    }
    return status;
}

vs_status vs_store_open(vs_store **out, const char *folder, const uint8_t sid[VS_HASH_BYTES], vs_error *error) {
    vs_store *store = calloc(1, sizeof *store);
    *out = NULL;
    if (store == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    store->lock_fd = -1;
    (void)pthread_mutex_init(&store->mutex, NULL);
    (void)pthread_cond_init(&store->idle, NULL);
    vs_status status = vs__folder_file_open(&store->folder, folder, VS_FOLDER_CREATE, true, error);
    if (status == VS_OK) {
        status = lock_folder(store, folder, error);
    }
    if (status == VS_OK && asprintf(&store->path, "%s/" FILE_NAME, folder) < 0) {
        store->path = NULL;
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    status = status == VS_OK ? connect_to(store, &store->writer, true, error) : status;
    status = status == VS_OK ? check_tables(store, folder, sid, error) : status;
    if (status != VS_OK) {
        vs_store_close(store);
        return status;
    }
    *out = store;
    return VS_OK;
}

void vs_store_close(vs_store *store) {
    if (store == NULL) {
        return;
    }
    for (unsigned i = 0; i < VS_STORE_READERS; i++) {
        disconnect(&store->readers[i]);
    }
    disconnect(&store->writer);
    if (store->lock_fd >= 0) {
        (void)close(store->lock_fd);
    }
    vs__folder_file_close(&store->folder);
    (void)pthread_cond_destroy(&store->idle);
    (void)pthread_mutex_destroy(&store->mutex);
    free(store->path);
    free(store);
}
