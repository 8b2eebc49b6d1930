/* The board's durable half: one SQLite file in WAL mode with synchronous=FULL. One connection writes, a few read.
 *
 * A message is a row, and its bytes are pieces that follow each other under one content number. An upload that is not
 * whole yet is a row too, with pieces in the same place: to make it a message is to write one row, without copying.
 */
#ifndef VEILSUM_CLI_BOARD_STORE_H
#define VEILSUM_CLI_BOARD_STORE_H

#include "cli/board/board.h"

typedef struct vs_store vs_store;

/* What one message may have at most: pieces are numbered by 22 bits, and begin at least 4096 bytes apart. */
#define VS_MAX_STORED_LEN (UINT64_C(1) << 34)

typedef struct vs_store_upload {
    uint64_t content, len, total;
    int64_t at; /* of the newest piece */
    uint8_t id[VS_HASH_BYTES];
} vs_store_upload;

typedef struct vs_store_refused {
    uint64_t number; /* 1, 2, …: the same number again replaces */
    int64_t at;
    size_t from; /* VS_NONE: not known */
    unsigned kind;
    uint64_t times;
    char reason[VS_BOARD_MAX_REASON];
} vs_store_refused;

/** Open or make FOLDER/board.sqlite for the session `sid`. `*store` is NULL on error. Returns: as vs_board_open. */
VS_MUST_CHECK vs_status vs_store_open(vs_store **store, const char *folder, const uint8_t sid[VS_HASH_BYTES],
                                      vs_error *error);
void vs_store_close(vs_store *store);

/** Every message, upload and refusal that is there, in order; for the start. */
VS_MUST_CHECK vs_status vs_store_each(vs_store *store, void *context,
                                      void (*message)(void *context, const vs_board_message *message),
                                      void (*upload)(void *context, const vs_store_upload *upload),
                                      void (*refused)(void *context, const vs_store_refused *refused), vs_error *error);

/* ---- writing: one thread, between begin and commit ---- */

VS_MUST_CHECK vs_status vs_store_begin(vs_store *store, vs_error *error);
/** Durable once this returns VS_OK. After an error nothing of the transaction is there. */
VS_MUST_CHECK vs_status vs_store_commit(vs_store *store, vs_error *error);
void vs_store_rollback(vs_store *store);

/** Is there a message of this id, or (kind, from, to)? As the transaction sees it. */
VS_MUST_CHECK vs_status vs_store_has_id(vs_store *store, const uint8_t id[VS_HASH_BYTES], bool *has, vs_error *error);
VS_MUST_CHECK vs_status vs_store_has_place(vs_store *store, unsigned kind, uint32_t from, uint32_t to, bool *has,
                                           vs_error *error);
VS_MUST_CHECK vs_status vs_store_add_message(vs_store *store, const vs_board_message *message, vs_error *error);
VS_MUST_CHECK vs_status vs_store_add_piece(vs_store *store, uint64_t content, uint64_t start, const void *data,
                                           size_t len, vs_error *error);
/** `*found` false: none of this id. */
VS_MUST_CHECK vs_status vs_store_get_upload(vs_store *store, const uint8_t id[VS_HASH_BYTES], vs_store_upload *upload,
                                            bool *found, vs_error *error);
VS_MUST_CHECK vs_status vs_store_set_upload(vs_store *store, const vs_store_upload *upload, vs_error *error);
/** The upload's row goes; its pieces, too, unless they became a message's. */
VS_MUST_CHECK vs_status vs_store_end_upload(vs_store *store, uint64_t content, bool keep_pieces, vs_error *error);
/** The upload that has waited longest for its next piece. */
VS_MUST_CHECK vs_status vs_store_oldest_upload(vs_store *store, vs_store_upload *upload, bool *found, vs_error *error);
VS_MUST_CHECK vs_status vs_store_set_refused(vs_store *store, const vs_store_refused *refused, vs_error *error);

/* ---- reading: any thread; what has been committed ---- */

/** `kinds`: bit k is set where those to all of kind k are wanted, too. */
VS_MUST_CHECK vs_status vs_store_next(vs_store *store, uint64_t after, uint32_t to, uint64_t kinds,
                                      vs_board_message *out, size_t max, size_t *count, vs_error *error);
VS_MUST_CHECK vs_status vs_store_find(vs_store *store, const uint8_t id[VS_HASH_BYTES], vs_board_message *out,
                                      bool *found, vs_error *error);
VS_MUST_CHECK vs_status vs_store_find_upload(vs_store *store, const uint8_t id[VS_HASH_BYTES], vs_store_upload *upload,
                                             bool *found, vs_error *error);
VS_MUST_CHECK vs_status vs_store_read(vs_store *store, uint64_t content, uint64_t offset, void *buf, size_t len,
                                      vs_error *error);

#endif
