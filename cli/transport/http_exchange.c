/* One HTTP exchange over libcurl: the request as it is set up, and the answer as it is let in. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "cli/transport/http_internal.h"

#define CONNECT_MS 15000L
#define STALL_BYTES_PER_S 256L /* slower than this for STALL_S is as good as nothing */
#define STALL_S 30u
#define MAX_HEADER_BYTES (64u << 10)
#define MAX_ERROR_BYTES (64u << 10)
#define FIRST_BYTES (16u << 10)
#define MAX_RETRY_AFTER_S 60u

/* ---- what goes up ---- */

static size_t give_bytes(char *out, size_t size, size_t count, void *context) {
    vs_exchange *x = context;
    size_t rest = x->request.up_len - x->up_at, len = size * count < rest ? size * count : rest;
    memcpy(out, x->request.up + x->up_at, len);
    x->up_at += len;
    return len;
}

/* libcurl sends again from the start where a connection that it kept turned out to be closed. */
static int go_back(void *context, curl_off_t offset, int origin) {
    vs_exchange *x = context;
    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > x->request.up_len) {
        return CURL_SEEKFUNC_FAIL;
    }
    x->up_at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* ---- the answer's header ---- */

static bool read_number(const char *text, const char **end, uint64_t *value) {
    uint64_t number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (number > (UINT64_MAX >> 1) / 10) {
            return false;
        }
        number = number * 10 + (uint64_t)(*at - '0');
    }
    *value = number;
    *end = at;
    return at != text;
}

static void forget_header(vs_exchange *x) {
    x->upload_offset = x->range_first = x->range_total = VS_HTTP_NO_OFFSET;
    x->retry_after_s = 0;
}

/* "bytes 5-9/10" */
static void read_range(vs_exchange *x, const char *value) {
    uint64_t first, last, total;
    const char *at;
    if (strncasecmp(value, "bytes ", 6) == 0 && read_number(value + 6, &at, &first) && *at == '-' &&
        read_number(at + 1, &at, &last) && *at == '/' && read_number(at + 1, &at, &total) && first <= last &&
        last < total) {
        x->range_first = first;
        x->range_total = total;
    }
}

/* A length that is announced is held against the limit before anything is received. */
static void read_length(vs_exchange *x, uint64_t len) {
    long code = 0;
    (void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &code);
    bool has_body = code >= 200 && code < 300 && strcmp(x->request.method, "HEAD") != 0;
    if (has_body && len > x->request.max - (code == 206 ? x->len : 0)) {
        x->refused = VS_ERR_LIMIT;
    }
}

static void read_line(vs_exchange *x, const char *name, const char *value) {
    const char *end;
    uint64_t number;
    if (strcasecmp(name, "Upload-Offset") == 0 && read_number(value, &end, &number) && *end == 0) {
        x->upload_offset = number;
    } else if (strcasecmp(name, "Content-Range") == 0) {
        read_range(x, value);
    } else if (strcasecmp(name, "Content-Length") == 0 && read_number(value, &end, &number) && *end == 0) {
        read_length(x, number);
    } else if (strcasecmp(name, "Retry-After") == 0 && read_number(value, &end, &number) && *end == 0) {
        x->retry_after_s = number < MAX_RETRY_AFTER_S ? (unsigned)number : MAX_RETRY_AFTER_S;
    }
}

static size_t take_header(char *data, size_t size, size_t count, void *context) {
    vs_exchange *x = context;
    char line[256];
    size_t len = size * count;
    x->header_bytes += len;
    if (x->header_bytes > MAX_HEADER_BYTES) {
        x->refused = VS_ERR_LIMIT;
        return 0;
    }
    if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        forget_header(x); /* an interim answer came before */
    }
    const char *colon = memchr(data, ':', len);
    if (colon == NULL || len >= sizeof line) {
        return len;
    }
    memcpy(line, data, len);
    while (len > 0 && strchr(" \t\r\n", data[len - 1]) != NULL) {
        len--;
    }
    line[len] = 0;
    char *value = line + (colon - data);
    *value++ = 0;
    read_line(x, line, value + strspn(value, " \t"));
    return x->refused == VS_OK ? size * count : 0;
}

/* ---- the answer's body ---- */

/* An answer that is an error has a short text; more than a short one is not kept, and much more not listened to. */
static size_t take_text(vs_exchange *x, const char *data, size_t len) {
    size_t room = sizeof x->text - 1 - x->text_len, part = len < room ? len : room;
    memcpy(x->text + x->text_len, data, part);
    x->text_len += part;
    x->text[x->text_len] = 0;
    x->text_seen += len;
    if (x->text_seen > MAX_ERROR_BYTES) {
        x->refused = VS_ERR_LIMIT;
        return 0;
    }
    return len;
}

/* The memory is what has arrived, twice over at most, whatever length was announced. */
static bool make_room(vs_exchange *x, size_t len) {
    if (len > x->request.max || x->len > x->request.max - len) {
        x->refused = VS_ERR_LIMIT;
        return false;
    }
    size_t cap = x->cap == 0 ? FIRST_BYTES : x->cap;
    while (cap < x->len + len + 1) {
        cap *= 2;
    }
    if (cap > x->cap) {
        uint8_t *grown = realloc(x->body, cap);
        if (grown == NULL) {
            x->refused = VS_ERR_MEMORY;
            return false;
        }
        x->body = grown;
        x->cap = cap;
    }
    return true;
}

/* The first bytes of an answer: does it go on where the last one stopped? A board that knows no ranges begins anew. */
static bool join_up(vs_exchange *x) {
    if (x->code != 206) {
        x->len = 0;
        return true;
    }
    if (!x->request.resume || x->range_first != x->len) {
        x->refused = VS_ERR_FORMAT;
        return false;
    }
    return true;
}

static size_t take_body(char *data, size_t size, size_t count, void *context) {
    vs_exchange *x = context;
    size_t len = size * count;
    long code = 0;
    (void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &code);
    bool first = x->code == 0;
    x->code = code;
    if (code < 200 || code > 299) {
        return take_text(x, data, len);
    }
    if ((first && !join_up(x)) || !make_room(x, len)) {
        return 0;
    }
    memcpy(x->body + x->len, data, len);
    x->len += len;
    return len;
}

/* ---- the request ---- */

static bool add_line(vs_exchange *x, const char *line) {
    struct curl_slist *longer = curl_slist_append(x->lines, line);
    if (longer == NULL) {
        return false;
    }
    x->lines = longer;
    return true;
}

static bool make_lines(vs_exchange *x) {
    char line[64];
    bool good = add_line(x, "Expect:"); /* it would cost a round trip */
    if (x->request.up != NULL) {
        good = good && add_line(x, "Content-Type: application/octet-stream");
    }
    if (strcmp(x->request.method, "PATCH") == 0) {
        (void)snprintf(line, sizeof line, "Upload-Offset: %llu", (unsigned long long)x->request.up_offset);
        good = good && add_line(x, line);
    }
    return good;
}

static void set_method(vs_exchange *x) {
    char range[32];
    if (x->request.up != NULL) {
        curl_easy_setopt(x->easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, x->request.method);
        curl_easy_setopt(x->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->request.up_len);
        curl_easy_setopt(x->easy, CURLOPT_READFUNCTION, give_bytes);
        curl_easy_setopt(x->easy, CURLOPT_READDATA, x);
        curl_easy_setopt(x->easy, CURLOPT_SEEKFUNCTION, go_back);
        curl_easy_setopt(x->easy, CURLOPT_SEEKDATA, x);
    } else if (strcmp(x->request.method, "HEAD") == 0) {
        curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(x->easy, CURLOPT_HTTPGET, 1L);
    }
    if (x->request.resume && x->len > 0) {
        (void)snprintf(range, sizeof range, "%zu-", x->len);
        curl_easy_setopt(x->easy, CURLOPT_RANGE, range);
    }
}

/* HTTP alone, no redirects (the default), no compression (the default), no proxy of the environment. */
/* A network that is cut says nothing: a connection on which only an answer is awaited would wait for it to the end. */
static int notice_death(void *context, curl_socket_t socket, curlsocktype purpose) {
    static const struct {
        int level, name, value;
    } settings[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 5}, /* seconds of silence, then a probe every two, of which three may be lost */
        {IPPROTO_TCP, TCP_KEEPINTVL, 2},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, 15000}, /* ms for what was sent to be acknowledged */
    };
    (void)context;
    (void)purpose;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        int failed = setsockopt(socket, settings[i].level, settings[i].name, &settings[i].value, sizeof(int));
        (void)failed; /* then it is noticed later */
    }
    return CURL_SOCKOPT_OK;
}

static void set_habits(vs_exchange *x) {
    const vs_http *client = x->client;
    CURL *easy = x->easy;
    unsigned stall_s = client->options.stall_s != 0 ? client->options.stall_s : STALL_S;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, client->address.tls ? "https" : "http");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROXY, client->options.policy.proxy != NULL ? client->options.policy.proxy : "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "veilsum");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, notice_death);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_S);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)(stall_s + x->request.quiet_s));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)x->request.total_s);
}

/* A certificate of the system's CAs or of the given file's; or any, if its key is the one that is pinned. libcurl
 * compares the pin whether or not it verifies the chain, and sends nothing before; but it has nothing to compare where
 * a server shows no certificate at all, which TLS before 1.3 allows. So with a pin alone, it is 1.3. */
static void set_tls(vs_exchange *x) {
    const vs_address_policy *policy = &x->client->options.policy;
    bool pin_alone = policy->pin != NULL && policy->ca_file == NULL;
    curl_easy_setopt(x->easy, CURLOPT_SSLVERSION,
                     (long)(pin_alone ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYPEER, pin_alone ? 0L : 1L);
    curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYHOST, pin_alone ? 0L : 2L);
    curl_easy_setopt(x->easy, CURLOPT_CERTINFO, 1L);
    if (policy->pin != NULL) {
        curl_easy_setopt(x->easy, CURLOPT_PINNEDPUBLICKEY, policy->pin);
    }
    if (policy->ca_file != NULL) {
        curl_easy_setopt(x->easy, CURLOPT_CAINFO, policy->ca_file);
        curl_easy_setopt(x->easy, CURLOPT_CAPATH, NULL); /* these CAs and no others */
    }
}

static vs_status set_up(vs_exchange *x, vs_error *error) {
    char *url = NULL;
    if (asprintf(&url, "%s%s", x->client->address.base, x->request.path) < 0) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    set_habits(x);
    set_tls(x);
    set_method(x);
    bool good = make_lines(x) && curl_easy_setopt(x->easy, CURLOPT_URL, url) == CURLE_OK;
    free(url);
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->lines);
    curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->reason);
    curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
    return good ? VS_OK : vs_fail_plain(error, VS_ERR_MEMORY);
}

vs_status vs__exchange_begin(vs_exchange *x, const vs_request *request, vs_error *error) {
    vs__exchange_end(x);
    x->request = *request;
    if (!request->resume) {
        x->len = 0;
    }
    x->up_at = x->text_len = x->text_seen = x->header_bytes = 0;
    x->text[0] = x->reason[0] = 0;
    x->code = 0;
    x->done = false;
    x->refused = VS_OK;
    forget_header(x);
    if (x->easy == NULL) {
        x->easy = curl_easy_init();
    }
    if (x->easy == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    curl_easy_reset(x->easy); /* connections stay */
    vs_status status = set_up(x, error);
    if (status == VS_OK && curl_multi_add_handle(x->client->multi, x->easy) != CURLM_OK) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    x->running = status == VS_OK;
    return status;
}

void vs__exchange_end(vs_exchange *x) {
    if (x->running) {
        (void)curl_multi_remove_handle(x->client->multi, x->easy);
    }
    x->running = false;
    if (x->easy != NULL) {
        curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, NULL);
    }
    curl_slist_free_all(x->lines);
    x->lines = NULL;
}

void vs__exchange_clear(vs_exchange *x) {
    vs__exchange_end(x);
    curl_easy_cleanup(x->easy);
    free(x->body);
    *x = (vs_exchange){.client = x->client};
}

/* ---- moving ---- */

static void finish(vs_exchange *x, CURLcode result) {
    x->done = true;
    x->result = result;
    (void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &x->code);
    if (x->body != NULL) {
        x->body[x->len] = 0; /* make_room left a place for it */
    }
    vs__exchange_end(x);
}

vs_status vs__http_drive(vs_http *client, unsigned wait_ms, vs_error *error) {
    int running = 0, left = 0;
    bool finished = false;
    if (curl_multi_perform(client->multi, &running) != CURLM_OK) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left)) != NULL;) {
        vs_exchange *x = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        if (message->msg == CURLMSG_DONE && x != NULL) {
            finish(x, message->data.result);
            finished = true;
        }
    }
    if (!finished && wait_ms > 0 && curl_multi_poll(client->multi, NULL, 0, (int)wait_ms, NULL) != CURLM_OK) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return VS_OK;
}
