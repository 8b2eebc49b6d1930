/* Requests: which is which, and what is answered at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/transport/server_internal.h"
#include "cli/transport/server_parse.h"

#define MESSAGES "/v1/messages/"
#define UPLOADS "/v1/uploads/"

/* ---- what is answered at once ---- */

static enum MHD_Result reply_made(vs_http_request *request, vs_status status, const char *type, char *text, size_t len,
                                  const vs_error *error) {
    return status == VS_OK ? vs__reply_text(request, MHD_HTTP_OK, type, text, len, true)
                           : vs__reply_error(request, vs__code_of(status), error);
}

static enum MHD_Result get_status(vs_http_request *request) {
    vs_error error = {0};
    char *json;
    size_t len;
    vs_status status = vs_board_status(request->server->board, &json, &len, &error);
    return reply_made(request, status, "application/json", json, len, &error);
}

static enum MHD_Result get_about(vs_http_request *request) {
    vs_error error = {0};
    char *json;
    size_t len;
    vs_status status = vs_board_about(request->server->board, VS_HTTP_MAX_WAIT_S, &json, &len, &error);
    return reply_made(request, status, "application/json", json, len, &error);
}

/* The board's, then how many requests were answered with what. */
static enum MHD_Result get_metrics(vs_http_request *request) {
    vs_error error = {0};
    char *board = NULL, *text = NULL;
    size_t len;
    vs_status status = vs_board_metrics(request->server->board, &board, &len, &error);
    FILE *out = status == VS_OK ? open_memstream(&text, &len) : NULL;
    if (out != NULL) {
        (void)fprintf(
            out, "%s# HELP veilsum_requests_total Requests answered.\n# TYPE veilsum_requests_total counter\n", board);
        for (unsigned code = 0; code < VS_HTTP_CODES; code++) {
            uint64_t count = request->server->answered[code];
            if (count > 0) {
                (void)fprintf(out, "veilsum_requests_total{code=\"%u\"} %llu\n", code, (unsigned long long)count);
            }
        }
        (void)fclose(out);
    }
    free(board);
    if (text == NULL && status == VS_OK) {
        status = vs_fail_plain(&error, VS_ERR_MEMORY);
    }
    return reply_made(request, status, "text/plain; version=0.0.4", text, len, &error);
}

static enum MHD_Result get_health(vs_http_request *request) {
    static char ok[] = "ok\n";
    return vs__reply_text(request, MHD_HTTP_OK, "text/plain", ok, 3, false);
}

static enum MHD_Result get_plan(vs_http_request *request) {
    size_t len;
    const char *plan = vs_board_plan_bytes(request->server->board, &len);
    return vs__reply_text(request, MHD_HTTP_OK, "application/json", (char *)plan, len, false);
}

static enum MHD_Result get_signatures(vs_http_request *request) {
    size_t len;
    const char *text = vs_board_signatures(request->server->board, &len);
    if (text == NULL) {
        return vs__reply_words(request, MHD_HTTP_NOT_FOUND, "the board has no signatures of its plan", "");
    }
    return vs__reply_text(request, MHD_HTTP_OK, "text/plain; charset=utf-8", (char *)text, len, false);
}

/* ---- messages ---- */

static enum MHD_Result get_message(vs_http_request *request) {
    return vs__reply_message(request, MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Range"));
}

static enum MHD_Result head_upload(vs_http_request *request) {
    vs_error error = {0};
    uint64_t offset;
    bool known;
    char text[32];
    vs_status status = vs_board_upload_offset(request->server->board, request->id, &offset, &known, &error);
    if (status != VS_OK) {
        return vs__reply_error(request, vs__code_of(status), &error);
    }
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)offset);
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response != NULL) {
        (void)MHD_add_response_header(response, "Upload-Offset", text);
    }
    return vs__reply(request, MHD_HTTP_OK, response);
}

static enum MHD_Result put_message(vs_http_request *request) {
    request->what = VS_TAKES_MESSAGE;
    return vs__upload_begin(request);
}

static enum MHD_Result patch_upload(vs_http_request *request) {
    request->what = VS_TAKES_PIECE;
    return vs__upload_begin(request);
}

/* ---- the feed ---- */

/* A number of the query; absent: as it is. */
static bool argument(const vs_http_request *request, const char *name, uint64_t max, uint64_t *number) {
    const char *text = MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
    return text == NULL || vs__parse_whole(text, max, number);
}

static enum MHD_Result get_feed(vs_http_request *request) {
    uint64_t after = 0, to = VS_BOARD_ANY, wait = 0, max = VS_HTTP_MAX_FEED_BYTES;
    size_t parties = vs_board_plan(request->server->board)->party_count;
    if (!argument(request, "after", INT64_MAX, &after) || !argument(request, "to", VS_TO_ALL, &to) ||
        !argument(request, "wait", UINT32_MAX, &wait) || !argument(request, "max", UINT64_MAX, &max) ||
        (to >= parties && to < VS_BOARD_ANY)) {
        return vs__reply_words(request, MHD_HTTP_BAD_REQUEST, "after, to, wait and max are numbers",
                               "to is a place in the plan's roster");
    }
    request->what = VS_WAITS_FOR_NEWS;
    request->after = after;
    request->to = (uint32_t)to;
    request->max = max < VS_HTTP_MAX_FEED_BYTES ? max : VS_HTTP_MAX_FEED_BYTES;
    wait = wait < VS_HTTP_MAX_WAIT_S ? wait : VS_HTTP_MAX_WAIT_S;
    request->until_ms = vs__server_now_ms() + (int64_t)wait * 1000;
    if (wait == 0 || vs_board_has(request->server->board, request->after, request->to)) {
        return vs__reply_feed(request);
    }
    return vs__server_await_news(request) ? MHD_YES : MHD_NO;
}

/* ---- routes ---- */

typedef struct route {
    const char *method, *path; /* a path that ends with '/' is followed by an id; HEAD goes where GET does */
    enum MHD_Result (*run)(vs_http_request *request);
} route;

static const route routes[] = {
    {"GET", "/v1/feed", get_feed},   {"PUT", MESSAGES, put_message},   {"GET", MESSAGES, get_message},
    {"HEAD", UPLOADS, head_upload},  {"PATCH", UPLOADS, patch_upload}, {"GET", "/v1/status", get_status},
    {"GET", "/v1/about", get_about}, {"GET", "/v1/plan", get_plan},    {"GET", "/v1/plan.sig", get_signatures},
    {"GET", "/healthz", get_health}, {"GET", "/metrics", get_metrics},
};

static bool path_fits(const route *r, const char *url, bool *bad_id, uint8_t id[VS_HASH_BYTES]) {
    size_t len = strlen(r->path);
    if (r->path[len - 1] != '/') {
        return strcmp(url, r->path) == 0;
    }
    bool fits = strncmp(url, r->path, len) == 0;
    *bad_id = fits && !vs__parse_id(url + len, id);
    return fits;
}

static bool method_fits(const char *wanted, const char *method) {
    return strcmp(wanted, method) == 0 || (strcmp(wanted, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static const vs_page_asset *find_asset(const vs_http_server *server, const char *url) {
    for (const vs_page_asset *asset = server->options.page; asset != NULL && asset->path != NULL; asset++) {
        if (strcmp(asset->path, url) == 0) {
            return asset;
        }
    }
    return NULL;
}

static enum MHD_Result reply_not_allowed(vs_http_request *request) {
    static char text[] = "{\"error\":\"this is not done here\",\"hint\":\"\"}";
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
    if (response != NULL) {
        (void)MHD_add_response_header(response, "Content-Type", "application/json");
        (void)MHD_add_response_header(response, "Allow", "GET, HEAD, PUT, PATCH");
    }
    return vs__reply(request, MHD_HTTP_METHOD_NOT_ALLOWED, response);
}

static enum MHD_Result dispatch(vs_http_request *request, const char *url, const char *method) {
    bool path_is_there = false;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        bool bad_id = false, fits = path_fits(&routes[i], url, &bad_id, request->id);
        path_is_there = path_is_there || fits;
        if (fits && bad_id) {
            return vs__reply_words(request, MHD_HTTP_BAD_REQUEST, "an id is 64 hexadecimal digits", "");
        }
        if (fits && method_fits(routes[i].method, method)) {
            return routes[i].run(request);
        }
    }
    const vs_page_asset *asset = find_asset(request->server, url);
    if (asset != NULL && method_fits("GET", method)) {
        return vs__reply_asset(request, asset);
    }
    if (path_is_there || asset != NULL) {
        return reply_not_allowed(request);
    }
    return vs__reply_words(request, MHD_HTTP_NOT_FOUND, "there is nothing here", "");
}

/* ---- libmicrohttpd's calls ---- */

static vs_http_request *request_new(vs_http_server *server, struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    vs_http_request *request = info == NULL || info->socket_context == NULL ? NULL : calloc(1, sizeof *request);
    if (request != NULL) {
        request->server = server;
        request->connection = connection;
        request->peer = info->socket_context;
        vs__peer_begin(request->peer, VS_PEER_BODY);
        (void)pthread_mutex_lock(&server->mutex);
        server->active++;
        (void)pthread_mutex_unlock(&server->mutex);
    }
    return request;
}

static enum MHD_Result begin(vs_http_request *request, const char *url, const char *method) {
    vs_http_server *server = request->server;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (server->stopping) {
        return vs__reply_words(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the board is being stopped",
                               "nothing that it has acknowledged is lost; try again later");
    }
    if (info == NULL || !vs__rate_take(&server->rate, info->client_addr, vs__server_now_ms())) {
        return vs__reply_words(request, MHD_HTTP_TOO_MANY_REQUESTS, "too many requests from this address", "slow down");
    }
    return dispatch(request, url, method);
}

/* An answer to the head alone ends the connection, so one without a body is answered in the second call, which says
 * that it has none; what comes with a body that is not wanted ends. */
enum MHD_Result vs__server_handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_len, void **state) {
    (void)version;
    vs_http_request *request = *state;
    bool is_first = request == NULL;
    if (is_first) {
        request = *state = request_new(context, connection);
        if (request == NULL) {
            return MHD_NO;
        }
    }
    if (!request->has_begun && is_first && method_fits("GET", method)) {
        return MHD_YES;
    }
    if (!request->has_begun && *data_len > 0) {
        return MHD_NO; /* the body of a GET */
    }
    if (!request->has_begun) {
        request->has_begun = true;
        return begin(request, url, method);
    }
    switch (request->what) {
    case VS_TAKES_MESSAGE:
    case VS_TAKES_PIECE:
        return vs__upload_go_on(request, data, data_len);
    case VS_WAITS_FOR_NEWS:
        return vs__reply_feed(request);
    default:
        *data_len = 0;
        return MHD_YES;
    }
}

void vs__server_completed(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode code) {
    (void)connection;
    (void)code;
    vs_http_server *server = context;
    vs_http_request *request = *state;
    if (request == NULL) {
        return;
    }
    vs__upload_clear(request);
    vs__peer_begin(request->peer, VS_PEER_HEAD);
    free(request);
    *state = NULL;
    (void)pthread_mutex_lock(&server->mutex);
    server->active--;
    (void)pthread_cond_signal(&server->idle);
    (void)pthread_mutex_unlock(&server->mutex);
}
