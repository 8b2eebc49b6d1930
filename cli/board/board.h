/* The board: where the messages of one session wait until those that they are for have fetched them.
 *
 * Nobody needs to trust it: messages are signed, and what is private in them is boxed. It checks all the same that a
 * message is authentic and that its sender may send such a one, because what it stores costs space. A party has at most
 * one message of a kind to a receiver; the same bytes again are known, others are a conflict and are refused. What is
 * acknowledged is durable, so that a crash at any point loses nothing and a message counts once.
 *
 * Threads: everything here may be called by any thread at any time, between vs_board_open and vs_board_close. One
 * thread of the board's own writes. It takes whatever is queued into one transaction, so that a thousand small messages
 * at once cost a few waits for the disk and not a thousand.
 */
#ifndef VEILSUM_CLI_BOARD_BOARD_H
#define VEILSUM_CLI_BOARD_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/protocol/message.h"

#define VS_BOARD_ANY (VS_TO_ALL - 1) /* to ask for: messages to whomever */
#define VS_BOARD_MIN_PIECE 4096u     /* of an upload, but for its last one */
#define VS_BOARD_MAX_KINDS 64u       /* kinds of messages are below */
#define VS_BOARD_REFUSED_KEPT 100u   /* the newest */
#define VS_BOARD_MAX_REASON 512u     /* bytes, with the zero */

typedef struct vs_board vs_board;

typedef struct vs_board_setup {
    const char *folder;     /* made where it is not there; one board at a time uses it */
    const vs_plan *plan;    /* borrowed until the board is closed; needs a roster */
    const void *plan_bytes; /* as they are served, copied */
    size_t plan_len;
    const void *signatures; /* plan.sig, copied; NULL: none */
    size_t signatures_len;
    const char *period; /* "" where there is none */
    uint64_t attempt;
    const char *version;        /* of the program, for the status */
    uint64_t max_message_bytes; /* 0: as many as the plan has use for */
    uint64_t
        max_unfinished_bytes;  /* of all uploads that are not finished; 0: the largest message of each contributor */
    uint64_t max_sender_bytes; /* of all messages of one contributor; 0: eight of the largest messages */
} vs_board_setup;

/** Open or make the board in a folder. `*board` is NULL on error.
 *  Returns: VS_OK; VS_ERR_POLICY (a plan without a roster); VS_ERR_MISMATCH (the folder holds another session);
 *  VS_ERR_EXISTS (another process has it open); VS_ERR_FORMAT, VS_ERR_VERSION (no board, or of another version);
 *  VS_ERR_IO, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_board_open(vs_board **board, const vs_board_setup *setup, vs_error *error);
/** What is queued is still written. No other thread may be inside. */
void vs_board_close(vs_board *board);

const vs_plan *vs_board_plan(const vs_board *board);
/** The session's id, VS_HASH_BYTES. */
const uint8_t *vs_board_session(const vs_board *board);
uint64_t vs_board_max_message(const vs_board *board);
/** The plan's bytes, and the signatures'; NULL with length 0 where there are none. */
const void *vs_board_plan_bytes(const vs_board *board, size_t *len);
const void *vs_board_signatures(const vs_board *board, size_t *len);

/* ---- putting ---- */

typedef enum vs_board_outcome {
    VS_BOARD_NEW,      /* it is stored, and durable */
    VS_BOARD_KNOWN,    /* it has been */
    VS_BOARD_STORED,   /* the piece is durable; the message is not whole yet */
    VS_BOARD_CONFLICT, /* another message of this kind by this sender is there; or the upload is elsewhere, see `offset`
                        */
    VS_BOARD_REFUSED,  /* `status` says why: VS_ERR_FORMAT, _AUTH, _MISMATCH, _POLICY, _LIMIT, _NOT_READY (no room now)
                        */
    VS_BOARD_FAILED    /* the machine: VS_ERR_IO, VS_ERR_MEMORY; nothing was stored */
} vs_board_outcome;

/* A message, or a piece of one, on its way into the board. It stays where it is until `done` has been called. */
typedef struct vs_board_job {
    /* the caller's */
    const uint8_t *data; /* borrowed */
    size_t len;
    uint8_t id[VS_HASH_BYTES]; /* what the message should hash to; vs_board_put_begin: only where `has_id` */
    bool has_id;
    bool restart;                /* pieces: forget what came before of this message; `offset` is 0 */
    uint64_t offset;             /* pieces: where this one begins; after: how much of the message is there */
    uint64_t content;            /* pieces: 0, or what an earlier piece's job got: then only that very upload goes on */
    void (*done)(void *context); /* called once where the call returned true; from a thread of the board */
    void *context;
    /* the board's answer */
    vs_board_outcome outcome;
    vs_status status;
    vs_error error;
    /* private */
    struct vs_board_job *next;
    unsigned what, kind;
    uint32_t from, to;
    uint64_t total; /* the message's length */
    uint64_t given_offset, given_content;
} vs_board_job;

/** A whole message. Returns true if `done` will be called once the answer is there; false if it is there already and
 *  `done` will not be called. */
VS_MUST_CHECK bool vs_board_put_begin(vs_board *board, vs_board_job *job);
/** The next piece of a message that comes in pieces; the last one makes it a message, with the outcomes of one. */
VS_MUST_CHECK bool vs_board_piece_begin(vs_board *board, vs_board_job *job);

/** A whole message; waits until it is durable. Returns: VS_OK with an outcome (NEW, KNOWN); VS_ERR_POLICY for CONFLICT;
 *  else the reason. */
VS_MUST_CHECK vs_status vs_board_put(vs_board *board, const uint8_t *message, size_t len, vs_board_outcome *outcome,
                                     vs_error *error);

/* ---- getting ----
 *
 * A party gets what is for it, and what is for all unless it has no use for that kind (vs_message_is_for): owners do
 * not fetch each other's contributions. */

typedef struct vs_board_message {
    uint64_t seq; /* 1, 2, … in the order in which they became durable */
    uint8_t id[VS_HASH_BYTES];
    unsigned kind;
    uint32_t from, to;
    int64_t at;
    uint64_t len;
    uint64_t content; /* private: where its bytes are */
} vs_board_message;

/** At most `max` messages for `to` (a roster index: to it or to all; VS_BOARD_ANY) with numbers above `after`. */
VS_MUST_CHECK vs_status vs_board_next(vs_board *board, uint64_t after, uint32_t to, vs_board_message *out, size_t max,
                                      size_t *count, vs_error *error);
VS_MUST_CHECK vs_status vs_board_find(vs_board *board, const uint8_t id[VS_HASH_BYTES], vs_board_message *out,
                                      bool *found, vs_error *error);
/** How many bytes of an upload are there; 0 where it has not begun. `*known`: it is a message already. */
VS_MUST_CHECK vs_status vs_board_upload_offset(vs_board *board, const uint8_t id[VS_HASH_BYTES], uint64_t *offset,
                                               bool *known, vs_error *error);
/** `len` bytes of a message from `offset` on. */
VS_MUST_CHECK vs_status vs_board_read(vs_board *board, const vs_board_message *message, uint64_t offset, void *buf,
                                      size_t len, vs_error *error);
/** All of it, malloc'd. */
VS_MUST_CHECK vs_status vs_board_read_all(vs_board *board, const vs_board_message *message, uint8_t **data,
                                          vs_error *error);

/** Is there a message for `to` above `after`? Costs nothing. */
bool vs_board_has(vs_board *board, uint64_t after, uint32_t to);
/** The same, after waiting for one as long as `wait_ms`. */
bool vs_board_wait(vs_board *board, uint64_t after, uint32_t to, unsigned wait_ms);
/** `heard` is called after each transaction that brought a message, from the board's thread: it must not block and not
 *  call the board. NULL ends it, and waits for a call that runs. */
void vs_board_listen(vs_board *board, void (*heard)(void *context), void *context);

/* ---- what there is to see (cli/board/status.c) ---- */

/* The session as whoever runs it sees it. */
typedef struct vs_board_view {
    const char *const *steps; /* names; constant */
    const uint64_t *kinds; /* of each step: the kinds of messages (bits) by which a party takes it; NULL: by its name */
    size_t step_count;
    size_t step;               /* the current one; step_count: none */
    int64_t since, until;      /* UTC seconds; until 0: no end */
    const size_t *waiting_for; /* roster indices */
    size_t waiting_count;
    const size_t *lost; /* whom the session goes on without */
    size_t lost_count;
    bool done;
    const char *failed; /* why, or NULL */
} vs_board_view;

/** The latest view, copied. */
VS_MUST_CHECK vs_status vs_board_note_view(vs_board *board, const vs_board_view *view);
/** A total of the session: its digest is VS_HASH_BYTES. Noting the same digest again changes nothing. */
VS_MUST_CHECK vs_status vs_board_note_total(vs_board *board, int64_t at, uint64_t contributors,
                                            const uint8_t digest[VS_HASH_BYTES]);
/** A result that a party published: JSON text, which holds only what the plan opens. */
VS_MUST_CHECK vs_status vs_board_note_result(vs_board *board, const char *json, size_t len);
VS_MUST_CHECK vs_status vs_board_note_ledger(vs_board *board, const char *origin, uint64_t size, const uint8_t root[32],
                                             int64_t at);
/** Something was refused by whoever runs the session. `from`: a roster index, or VS_NONE; `kind` 0: not known. */
void vs_board_note_refused(vs_board *board, size_t from, unsigned kind, const char *reason);

/** Bytes that went over the wire, and how many connections there are. */
void vs_board_count_traffic(vs_board *board, uint64_t bytes_in, uint64_t bytes_out);
void vs_board_count_connections(vs_board *board, int change);

/** The status document, as `veilsum status` and the page read it. malloc'd. */
VS_MUST_CHECK vs_status vs_board_status(vs_board *board, char **json, size_t *len, vs_error *error);
/** {"veilsum_board": 1, …}: whose board this is and what it takes. */
VS_MUST_CHECK vs_status vs_board_about(vs_board *board, unsigned max_wait_s, char **json, size_t *len, vs_error *error);
/** Prometheus' text. */
VS_MUST_CHECK vs_status vs_board_metrics(vs_board *board, char **text, size_t *len, vs_error *error);

#endif
