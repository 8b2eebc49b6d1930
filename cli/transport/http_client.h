/* The way to a board by HTTP: messages as a carrier sends and brings them, and small documents.
 *
 * The board is not trusted. What it says of lengths is checked against limits before memory is taken, what it sends as
 * a message against the message's id; redirects are not followed, no other protocol than HTTP is spoken, nothing is
 * decompressed, and a proxy is used only where one is named. Memory is bounded by the largest message and one stretch
 * of the feed.
 *
 * There are two connections, kept open: one for calls, and one on which the board is asked for what is new and may take
 * its time to answer. So a round of a protocol costs one way there and one way back.
 *
 * What may pass (a connection refused, reset or timed out, a busy board, one that restarts) is tried again with growing
 * pauses for as long as `patience_s` says; what will not (a certificate that is not trusted, a message that is refused)
 * is an error at once. Transfers take up again where they stopped.
 */
#ifndef VEILSUM_CLI_HTTP_CLIENT_H
#define VEILSUM_CLI_HTTP_CLIENT_H

#include <stdbool.h>

#include "cli/transport/address.h"
#include "cli/transport/carrier.h"

typedef struct vs_http vs_http;

typedef struct vs_http_client_options {
    vs_address_policy policy;
    unsigned patience_s;        /* how long a board may be out of reach; 0: nothing is tried twice */
    unsigned stall_s;           /* where nothing moves for as long, the connection is given up; 0: 30 s */
    uint64_t max_message_bytes; /* longer messages are neither sent nor fetched; 0: VS_MAX_CARRIED_BYTES */
    void *context;
    /** Say to a person that the board is out of reach, and when it is back; may be NULL. */
    void (*notice)(void *context, const char *text);
} vs_http_client_options;

/** Prepare the way to the board at `url`; nothing is sent yet. `*client` is NULL on error.
 *  Owns: copies of url and options. Threads: one at a time uses a client.
 *  Returns: VS_OK; VS_ERR_USAGE, VS_ERR_POLICY (vs_address_check); VS_ERR_IO (no CA file), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_http_open(vs_http **client, const char *url, const vs_http_client_options *options,
                                     vs_error *error);
void vs_http_close(vs_http *client);
/** The board's address as it is used, without a slash at the end. */
const char *vs_http_name(const vs_http *client);

/** GET of a small document: `path` is "/v1/about" and the like. `*data` is malloc'd, with a zero byte behind `*len`
 * bytes; NULL on error. Returns: VS_OK; VS_ERR_LIMIT (more than max_bytes); VS_ERR_FORMAT (there is no such document);
 * VS_ERR_AUTH (TLS: not the right server), VS_ERR_POLICY (the board refuses), VS_ERR_IO, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_http_get(vs_http *client, const char *path, size_t max_bytes, uint8_t **data, size_t *len,
                                    vs_error *error);

/** The board's messages to party `to` (its place in the roster) and to all, behind sequence number `after`, as a
 * carrier, which borrows the client: close both. One carrier a client. Its send returns VS_ERR_FORMAT, VS_ERR_POLICY or
 * VS_ERR_LIMIT where the board refuses the message. */
vs_carrier vs_http_carrier(vs_http *client, uint32_t to, uint64_t after);
/** The sequence number up to which everything has been taken: where another run may begin. */
uint64_t vs_http_after(const vs_http *client);

/* What the last call showed of the way, for `doctor`. Times are from the beginning of the call. */
typedef struct vs_http_probe {
    char address[64]; /* that was connected to; "" where none was */
    double name_s, connect_s, tls_s, answer_s, total_s;
    double asked_s;                               /* when the question was sent: answer_s − asked_s is a round trip */
    bool connected;                               /* as far as a connection it came, whatever became of TLS */
    bool reused;                                  /* over a connection that was open: no connect, no TLS */
    uint64_t bytes;                               /* of the answer's body */
    char *certificate;                            /* PEM of the server's own; NULL without TLS; owned by the client */
    const char *subject, *issuer, *begins, *ends; /* of it, as libcurl writes them; or NULL */
    long verify_result;                           /* of the chain: X509_V_OK is 0 */
} vs_http_probe;
void vs_http_last(vs_http *client, vs_http_probe *probe);

#endif
