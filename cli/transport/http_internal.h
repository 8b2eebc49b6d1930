/* One HTTP exchange, and the client that makes them: what the files http_*.c share. */
#ifndef VEILSUM_CLI_HTTP_INTERNAL_H
#define VEILSUM_CLI_HTTP_INTERNAL_H

#include <curl/curl.h>
#include <time.h>

#include "cli/transport/http_client.h"

#define VS_HTTP_NO_OFFSET UINT64_MAX

/* What is asked. Everything is borrowed until the exchange is over. */
typedef struct vs_request {
    const char *method; /* "GET", "HEAD", "PUT", "PATCH" */
    const char *path;   /* behind the board's address */
    const uint8_t *up;  /* what is sent */
    size_t up_len;
    uint64_t up_offset; /* for PATCH */
    size_t max;         /* of the answer's body */
    bool resume;        /* what has arrived of the body stays, and the rest is asked for */
    unsigned quiet_s;   /* the board may say nothing for as long */
    unsigned total_s;   /* the whole exchange may take as long; 0: as long as bytes come */
} vs_request;

typedef struct vs_exchange {
    struct vs_http *client;
    CURL *easy;
    struct curl_slist *lines; /* of the request's header */
    vs_request request;
    size_t up_at;
    /* the body, which grows as it arrives */
    uint8_t *body;
    size_t len, cap;
    char text[4096]; /* an answer that is an error */
    size_t text_len, text_seen;
    /* from the answer's header */
    size_t header_bytes;
    uint64_t upload_offset;            /* VS_HTTP_NO_OFFSET: not there */
    uint64_t range_first, range_total; /* of Content-Range; VS_HTTP_NO_OFFSET: not there */
    unsigned retry_after_s;
    /* how it went */
    bool running, done;
    CURLcode result;
    long code;         /* HTTP's */
    vs_status refused; /* why what arrives was not wanted */
    char reason[CURL_ERROR_SIZE];
} vs_exchange;

struct vs_http {
    vs_address address;
    vs_http_client_options options; /* strings are owned */
    uint64_t max_message;
    CURLM *multi;
    vs_exchange call, feed;
    char feed_path[160];
    bool reached; /* has answered before */
    uint32_t to;
    uint64_t after;
    /* out of reach */
    bool out, told;
    unsigned tries;
    int64_t out_since_ms;
};

/* ---- exchanges (http_exchange.c) ---- */

/** Begin; another that runs on the same handle is given up. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__exchange_begin(vs_exchange *exchange, const vs_request *request, vs_error *error);
/** Move all that runs, for at most `wait_ms` or until something is done. Returns: VS_OK, VS_ERR_MEMORY, VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__http_drive(vs_http *client, unsigned wait_ms, vs_error *error);
void vs__exchange_end(vs_exchange *exchange);
void vs__exchange_clear(vs_exchange *exchange);

/* ---- what came of one (http_error.c) ---- */

typedef enum vs_outcome {
    VS_OUTCOME_GOOD,  /* status VS_OK */
    VS_OUTCOME_AGAIN, /* may pass */
    VS_OUTCOME_BAD
} vs_outcome;
/** Judge an exchange that is done; `*status` and the error say what was wrong. */
vs_outcome vs__exchange_judge(const vs_exchange *exchange, vs_status *status, vs_error *error);

/* ---- trying again (http_retry.c) ---- */

int64_t vs__now_ms(void);
/** Something has come through. */
void vs__http_is_back(vs_http *client);
/** The exchange failed in a way that may pass: how long to pause before the next try; false: patience is over, and the
 * error says so, too. */
bool vs__http_pause(vs_http *client, const vs_exchange *exchange, unsigned *pause_ms, vs_error *error);
/** Do nothing but move what runs. */
VS_MUST_CHECK vs_status vs__http_sleep(vs_http *client, unsigned wait_ms, vs_error *error);
/** A whole call: begun, awaited, and tried again while that makes sense. */
VS_MUST_CHECK vs_status vs__http_call(vs_http *client, const vs_request *request, vs_error *error);
/** The same, once: `*again` says whether the failure may pass. */
VS_MUST_CHECK vs_status vs__http_call_once(vs_http *client, const vs_request *request, bool *again, vs_error *error);

/* ---- messages (http_send.c, http_receive.c) ---- */

VS_MUST_CHECK vs_status vs__http_send(void *context, const uint8_t *message, size_t len, vs_error *error);
VS_MUST_CHECK vs_status vs__http_receive(void *context, unsigned wait_ms, vs_take_message take, void *taker,
                                         vs_error *error);

#endif
