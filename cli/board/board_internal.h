/* What the files of the board share. */
#ifndef VEILSUM_CLI_BOARD_BOARD_INTERNAL_H
#define VEILSUM_CLI_BOARD_BOARD_INTERNAL_H

#include <pthread.h>

#include "cli/board/board.h"
#include "cli/board/judge.h"
#include "cli/board/store.h"

/* What is done with a job next. */
enum {
    JOB_MESSAGE, /* writer: store a whole message that has been judged */
    JOB_PIECE,   /* writer: store a piece */
    JOB_JUDGE,   /* judge: all pieces are there */
    JOB_ADOPT,   /* writer: the upload becomes a message */
    JOB_DROP     /* writer: it goes */
};

typedef struct vs_job_queue {
    vs_board_job *first, *last;
} vs_job_queue;

/* When a party sent a message of a kind, and how large; at 0: it has not. */
typedef struct vs_board_arrival {
    int64_t at;
    uint64_t len;
} vs_board_arrival;

/* Bytes in and out of each of the last seconds. */
#define VS_TRAFFIC_SECONDS 10
typedef struct vs_traffic {
    uint64_t in, out;
    int64_t connections;
    struct {
        int64_t second;
        uint64_t in, out;
    } recent[VS_TRAFFIC_SECONDS];
} vs_traffic;

typedef struct vs_board_total {
    int64_t at;
    uint64_t contributors;
    uint8_t digest[VS_HASH_BYTES];
} vs_board_total;

/* What the session's runner has told. */
typedef struct vs_board_told {
    vs_board_view view; /* waiting_for, lost and failed are the board's own copies */
    vs_board_total *totals;
    size_t total_count;
    char *result;
    char *ledger_origin;
    uint64_t ledger_size;
    uint8_t ledger_root[32];
    int64_t ledger_at;
} vs_board_told;

struct vs_board {
    vs_board_setup setup; /* its bytes and texts are the board's own copies */
    uint8_t sid[VS_HASH_BYTES];
    vs_store *store;
    int64_t started;
    char *words; /* the plan in words, for the status */

    pthread_mutex_t mutex; /* of everything below */
    pthread_cond_t work;   /* the writer and the judge have something to do */
    pthread_cond_t news;   /* a message came, or a job was finished */
    pthread_t writer, judge;
    bool has_writer, has_judge, stop;
    vs_job_queue to_write, to_judge;
    size_t pending; /* jobs that have not been answered */

    uint64_t seq, content; /* the latest that were given */
    uint64_t unfinished;   /* bytes of uploads */
    uint64_t message_count, message_bytes;
    uint64_t commits, refused_count;
    uint64_t latest;
    uint64_t latest_to_all[VS_BOARD_MAX_KINDS]; /* of each kind */
    uint64_t *latest_to;                        /* of each party */
    uint64_t *sent_bytes;                       /* by each party */
    vs_board_arrival *arrivals; /* party · VS_BOARD_MAX_KINDS + kind; the array grows with the kinds that came */
    uint8_t kind_place[VS_BOARD_MAX_KINDS]; /* 1 + a kind's place among those that came; 0: none came */
    unsigned kind_count;
    uint64_t kind_messages[VS_BOARD_MAX_KINDS];

    vs_store_refused refused[VS_BOARD_REFUSED_KEPT]; /* ring by number */
    bool refused_is_new[VS_BOARD_REFUSED_KEPT];
    uint64_t refused_number;
    bool refused_dirty;

    void (*heard)(void *context);
    void *heard_context;
    bool hearing;
    vs_traffic traffic;
    vs_board_told told;
};

/** Seconds since 1970, and milliseconds of a clock that only goes forward. */
int64_t vs__board_now(void);
int64_t vs__board_monotonic_ms(void);

void vs__queue_push(vs_job_queue *queue, vs_board_job *job);

/** Set a job's answer; false for put_begin and piece_begin to return. */
bool vs__job_answer(vs_board_job *job, vs_board_outcome outcome, vs_status status);
/** Queue a job for the writer (JOB_JUDGE: the judge). */
void vs__board_enqueue(vs_board *board, vs_board_job *job, unsigned what);

/* The threads. */
void *vs__board_write_jobs(void *board);
void *vs__board_judge_jobs(void *board);

/** A message became durable: with the mutex held. False: memory ran out, and only the status lacks it. */
bool vs__board_tally(vs_board *board, const vs_board_message *message);
/** When `party` sent a message of the kind; NULL: it has not. With the mutex held. */
const vs_board_arrival *vs__board_arrival(const vs_board *board, size_t party, unsigned kind);

/** Refusals that are to be written: copies, with the mutex held; at most VS_BOARD_REFUSED_KEPT. */
size_t vs__board_take_refused(vs_board *board, vs_store_refused *out);

#endif
