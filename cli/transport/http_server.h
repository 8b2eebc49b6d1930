/* The board over HTTP. A library around libmicrohttpd; sockets stay in this folder.
 *
 * A few threads serve all connections: nothing in them waits. A request that waits for the disk or for a message is
 * suspended and costs its connection's few kilobytes. A body goes to the board in pieces, so that memory is bounded by
 * connections × VS_HTTP_BUFFER_BYTES whatever the messages' size.
 */
#ifndef VEILSUM_CLI_TRANSPORT_HTTP_SERVER_H
#define VEILSUM_CLI_TRANSPORT_HTTP_SERVER_H

#include "cli/board/board.h"
#include "cli/page/page.h"

#define VS_HTTP_MAX_WAIT_S 60u
#define VS_HTTP_INLINE_BYTES 65536u /* messages up to here stand in the feed itself */

typedef struct vs_http_server vs_http_server;

typedef struct vs_http_options {
    const char *listen;            /* "127.0.0.1:8080", "[::1]:0", ":8443" (all addresses); port 0: any free one */
    const char *certificate, *key; /* PEM texts; both or neither */
    bool insecure_transport;       /* plain HTTP on an address that is not loopback */
    const vs_page_asset *page;     /* ends with a NULL path; NULL: no page */
    unsigned threads;              /* 0: one a processor, at most 8 */
    unsigned max_connections;      /* 0: 4096 */
    unsigned max_connections_each; /* of one address; 0: 1024 */
    unsigned requests_per_s;       /* of one address; 0: 200; bursts of five seconds' worth */
    unsigned idle_s;               /* a connection that sends nothing, or not a whole request head, is cut; 0: 30 */
} vs_http_options;

/** Serve `board`, which must outlive the server. `*server` is NULL on error.
 *  Returns: VS_OK; VS_ERR_USAGE (the address); VS_ERR_POLICY (not loopback, no TLS); VS_ERR_FORMAT (certificate or
 * key); VS_ERR_IO (the port is taken), VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_http_server_start(vs_http_server **server, vs_board *board, const vs_http_options *options,
                                             vs_error *error);
/** "https://127.0.0.1:8443", with the port that it got. */
const char *vs_http_server_url(const vs_http_server *server);
/** Take no more connections, answer new requests with 503, give running ones `grace_s` seconds, end. NULL is allowed.
 */
void vs_http_server_stop(vs_http_server *server, unsigned grace_s);

#endif
