/* What the files of the store share. */
#ifndef VEILSUM_CLI_BOARD_STORE_INTERNAL_H
#define VEILSUM_CLI_BOARD_STORE_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>

#include "cli/board/store.h"
#include "cli/folder_file.h"

/* Statements, prepared when a connection first needs them. Their texts are in store.c. */
typedef enum vs_statement {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_ALL_MESSAGES,
    SQL_ALL_UPLOADS,
    SQL_ALL_REFUSED,
    SQL_HAS_PLACE,
    SQL_ADD_MESSAGE,
    SQL_ADD_PIECE,
    SQL_GET_UPLOAD,
    SQL_SET_UPLOAD,
    SQL_END_UPLOAD,
    SQL_END_PIECES,
    SQL_OLDEST_UPLOAD,
    SQL_SET_REFUSED,
    SQL_END_REFUSED,
    SQL_NEXT_TO,
    SQL_NEXT_ANY,
    SQL_FIND,
    SQL_READ,
    SQL_COUNT
} vs_statement;

typedef struct vs_connection {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
    bool busy;
} vs_connection;

#define VS_STORE_READERS 4

struct vs_store {
    char *path;
    vs_folder_file folder;
    int lock_fd;
    vs_connection writer;
    vs_connection readers[VS_STORE_READERS];
    pthread_mutex_t mutex; /* of readers[].busy */
    pthread_cond_t idle;
};

/* A piece is the row with the key content · 2^22 + start / 4096: pieces are at least 4096 bytes, but for the last. */
#define VS_PIECE_BITS 22
#define VS_PIECE_GRAIN 4096u

/* What one row holds at most; a reader loads a row at a time. */
#define VS_MAX_ROW_BYTES (UINT64_C(128) << 10)

/** The last error of the connection in words. */
vs_status vs__store_fail(const vs_store *store, const vs_connection *connection, vs_error *error);
/** The statement, ready to be bound. NULL with an error. */
sqlite3_stmt *vs__store_prepare(const vs_store *store, vs_connection *connection, vs_statement which, vs_error *error);
/** Run a statement that gives no rows, and make it ready again. */
vs_status vs__store_run(const vs_store *store, vs_connection *connection, sqlite3_stmt *statement, vs_error *error);
/** One step: `*row` says whether there is one. At the end or at an error the statement is made ready again. */
vs_status vs__store_step(const vs_store *store, vs_connection *connection, sqlite3_stmt *statement, bool *row,
                         vs_error *error);
/** The columns of a message's row: FIND, NEXT and ALL_MESSAGES give the same ones. */
void vs__store_message_row(sqlite3_stmt *row, vs_board_message *message);
void vs__store_upload_row(sqlite3_stmt *row, vs_store_upload *upload);

/** A connection to read with; waits for one. NULL with an error. */
vs_connection *vs__store_take_reader(vs_store *store, vs_error *error);
void vs__store_give_reader(vs_store *store, vs_connection *reader);

#endif
