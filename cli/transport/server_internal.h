/* What the files of the server share. */
#ifndef VEILSUM_CLI_TRANSPORT_SERVER_INTERNAL_H
#define VEILSUM_CLI_TRANSPORT_SERVER_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "cli/transport/http_server.h"
#include "cli/transport/server_limits.h"

#define VS_HTTP_BUFFER_BYTES (UINT64_C(64) << 10)      /* of a body, before it goes to the board */
#define VS_HTTP_LARGE_BUFFER_BYTES (UINT64_C(1) << 20) /* the same while few bodies are on their way */
#define VS_HTTP_LARGE_BUFFERS 48u                      /* so many at once */
#define VS_HTTP_MAX_FEED_BYTES (UINT64_C(4) << 20)
#define VS_HTTP_FEED_FRAMES 256u
#define VS_HTTP_MIN_BYTES_PER_S 256u /* of a body, once it has lasted idle_s */

/* What a connection is doing: for how long it may, differs. */
typedef enum vs_peer_phase {
    VS_PEER_HEAD,   /* nothing, or sending the head of a request, or shaking hands */
    VS_PEER_BODY,   /* a body is on its way, in or out */
    VS_PEER_WAITING /* we make it wait */
} vs_peer_phase;

typedef struct vs_peer {
    struct vs_peer *next, *previous; /* under the server's mutex */
    int fd;
    _Atomic int phase;
    _Atomic int64_t since_ms;   /* of the phase; without the time that we made it wait */
    _Atomic int64_t waiting_ms; /* when it began to wait */
    _Atomic uint64_t bytes;     /* of the body */
} vs_peer;

typedef struct vs_http_request {
    vs_http_server *server;
    struct MHD_Connection *connection;
    vs_peer *peer;
    bool has_begun; /* it has been dispatched */
    enum { VS_TAKES_NOTHING, VS_TAKES_MESSAGE, VS_TAKES_PIECE, VS_WAITS_FOR_NEWS } what;
    uint8_t id[VS_HASH_BYTES];
    /* a body */
    uint8_t *buffer;
    size_t buffered, capacity, limit;
    bool has_large_buffer;
    uint64_t received;
    vs_board_job job;
    bool has_job;       /* something went to the board */
    bool is_with_board; /* and has not been looked at since */
    bool has_answer;    /* outcome is what to say; the rest of the body is thrown away */
    /* the feed */
    uint64_t after, max;
    uint32_t to;
    int64_t until_ms;
    struct vs_http_request *next_waiter, *previous_waiter; /* under the server's mutex */
} vs_http_request;

#define VS_HTTP_CODES 600
struct vs_http_server {
    vs_board *board;
    vs_http_options options;
    struct MHD_Daemon *daemon;
    char *url;
    char log[256]; /* what libmicrohttpd said last while it started */
    _Atomic bool started;
    vs_rate_limit rate;
    _Atomic uint64_t answered[VS_HTTP_CODES];
    _Atomic unsigned large_buffers;
    _Atomic bool stopping;

    pthread_mutex_t mutex;  /* of what follows */
    pthread_cond_t changed; /* for the thread that watches */
    pthread_cond_t idle;    /* for who stops the server */
    vs_peer peers;          /* heads of rings */
    vs_http_request waiters;
    size_t active;    /* requests that have not been completed */
    size_t suspended; /* of them */
    bool cut;         /* no request waits any more */
    bool news, end;
    pthread_t timer;
    bool has_timer;
};

int64_t vs__server_now_ms(void);

/* ---- waiting (server_wait.c) ---- */

/** Suspend the request's connection until vs__server_resume; false: the server ends, and the connection with it. */
bool vs__server_suspend(vs_http_request *request);
void vs__server_resume(vs_http_request *request);
/** Suspend until there is news for the request, or its time is over. */
bool vs__server_await_news(vs_http_request *request);
void vs__server_hear(void *server);
/** The thread that ends waits and cuts connections that are too slow. */
void *vs__server_watch(void *server);
void vs__peer_begin(vs_peer *peer, vs_peer_phase phase);

/* ---- answers (server_reply.c) ---- */

enum MHD_Result vs__reply(vs_http_request *request, unsigned code, struct MHD_Response *response);
/** Text that is copied (`owned` false) or freed. */
enum MHD_Result vs__reply_text(vs_http_request *request, unsigned code, const char *type, char *text, size_t len,
                               bool owned);
/** {"error": …, "hint": …}. */
enum MHD_Result vs__reply_error(vs_http_request *request, unsigned code, const vs_error *error);
enum MHD_Result vs__reply_words(vs_http_request *request, unsigned code, const char *message, const char *hint);
enum MHD_Result vs__reply_asset(vs_http_request *request, const vs_page_asset *asset);
/** A status of the board or the machine as an HTTP code. */
unsigned vs__code_of(vs_status status);

/* ---- what is large (server_stream.c) ---- */

enum MHD_Result vs__reply_message(vs_http_request *request, const char *range);
enum MHD_Result vs__reply_feed(vs_http_request *request);

/* ---- bodies (server_upload.c) ---- */

/** The head of a PUT or PATCH is there. */
enum MHD_Result vs__upload_begin(vs_http_request *request);
/** More of its body, or with 0 its end; also after each wait. */
enum MHD_Result vs__upload_go_on(vs_http_request *request, const char *data, size_t *len);
void vs__upload_clear(vs_http_request *request);

/* ---- requests (server_request.c) ---- */

enum MHD_Result vs__server_handle(void *server, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_len, void **state);
void vs__server_completed(void *server, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode code);

#endif
