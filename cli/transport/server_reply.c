#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/transport/server_internal.h"

/* ---- headers ---- */

/* A browser must take nothing here for anything else, keep nothing, and run nothing but the page's own files. */
static void add_headers(const vs_http_request *request, unsigned code, struct MHD_Response *response) {
    static const char *const fields[][2] = {
        {"X-Content-Type-Options", "nosniff"},           {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"}, {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Content-Security-Policy", VS_PAGE_POLICY},     {"Cache-Control", "no-store"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        (void)MHD_add_response_header(response, fields[i][0], fields[i][1]);
    }
    if (code == MHD_HTTP_TOO_MANY_REQUESTS || code == MHD_HTTP_SERVICE_UNAVAILABLE) {
        (void)MHD_add_response_header(response, "Retry-After", code == MHD_HTTP_TOO_MANY_REQUESTS ? "1" : "5");
    }
    if (request->server->stopping) {
        (void)MHD_add_response_header(response, "Connection", "close");
    }
}

enum MHD_Result vs__reply(vs_http_request *request, unsigned code, struct MHD_Response *response) {
    if (response == NULL) {
        return MHD_NO;
    }
    add_headers(request, code, response);
    enum MHD_Result queued = MHD_queue_response(request->connection, code, response);
    MHD_destroy_response(response);
    request->server->answered[code % VS_HTTP_CODES]++;
    return queued;
}

enum MHD_Result vs__reply_text(vs_http_request *request, unsigned code, const char *type, char *text, size_t len,
                               bool owned) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, text, owned ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY);
    if (response == NULL && owned) {
        free(text);
    }
    if (response != NULL) {
        (void)MHD_add_response_header(response, "Content-Type", type);
        vs_board_count_traffic(request->server->board, 0, len);
    }
    return vs__reply(request, code, response);
}

enum MHD_Result vs__reply_asset(vs_http_request *request, const vs_page_asset *asset) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(asset->len, (void *)asset->data, MHD_RESPMEM_PERSISTENT);
    if (response != NULL) {
        (void)MHD_add_response_header(response, "Content-Type", asset->content_type);
        vs_board_count_traffic(request->server->board, 0, asset->len);
    }
    return vs__reply(request, MHD_HTTP_OK, response);
}

/* ---- errors ---- */

unsigned vs__code_of(vs_status status) {
    switch (status) {
    case VS_OK:
        return MHD_HTTP_OK;
    case VS_ERR_FORMAT:
    case VS_ERR_VERSION:
    case VS_ERR_RANGE:
        return MHD_HTTP_BAD_REQUEST;
    case VS_ERR_AUTH:
    case VS_ERR_MISMATCH:
    case VS_ERR_POLICY:
        return MHD_HTTP_FORBIDDEN;
    case VS_ERR_LIMIT:
        return MHD_HTTP_CONTENT_TOO_LARGE;
    case VS_ERR_NOT_READY:
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    default:
        return MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
}

enum MHD_Result vs__reply_words(vs_http_request *request, unsigned code, const char *message, const char *hint) {
    json_t *document = json_pack("{s:s, s:s}", "error", message, "hint", hint);
    char *text = document == NULL ? NULL : json_dumps(document, JSON_COMPACT);
    json_decref(document);
    return text == NULL ? MHD_NO : vs__reply_text(request, code, "application/json", text, strlen(text), true);
}

enum MHD_Result vs__reply_error(vs_http_request *request, unsigned code, const vs_error *error) {
    return vs__reply_words(request, code, error->message, error->hint);
}
