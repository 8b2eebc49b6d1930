#include "cli/transport/http_server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/transport/server_internal.h"
#include "cli/transport/server_parse.h"
#include "crypto/guard.h"
#include "crypto/secret.h"

/* TLS 1.2 and 1.3, forward secrecy, authenticated ciphers. */
#define PRIORITIES                                                                                                     \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM"
#define HEAD_BYTES (32u << 10) /* of memory for a request's head, and for reading its body */
#define BACKLOG 1024

/* ---- the socket ---- */

static vs_status fail_listen(const char *listen_at, const char *why, vs_error *error) {
    return vs_fail(error, VS_ERR_IO, "cannot listen on %s: %s", listen_at, why);
}

/* All addresses: IPv6 with IPv4 mapped into it where there is IPv6. */
static int open_socket(const struct addrinfo *at, vs_error *error, const char *listen_at) {
    int one = 1, zero = 0;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (at->ai_family == AF_INET6) {
            (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
        }
    }
    if (fd < 0 || bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        (void)fail_listen(listen_at, strerror(errno), error);
        if (fd >= 0) {
            (void)close(fd);
        }
        return -1;
    }
    return fd;
}

static vs_status resolve(const char *listen_at, char host[VS_MAX_HOST_BYTES], struct addrinfo **found,
                         vs_error *error) {
    uint16_t port;
    char service[8];
    if (!vs__parse_listen(listen_at, host, &port)) {
        (void)vs_fail(error, VS_ERR_USAGE, "'%s' is no address to listen on", listen_at);
        vs_hint(error, "write HOST:PORT, [IPV6]:PORT, or :PORT for all addresses");
        return VS_ERR_USAGE;
    }
    (void)snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = {.ai_family = host[0] == 0 ? AF_INET6 : AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    int code = getaddrinfo(host[0] == 0 ? "::" : host, service, &hints, found);
    return code == 0 ? VS_OK : fail_listen(listen_at, gai_strerror(code), error);
}

static vs_status check_transport(const vs_http_options *options, const struct sockaddr *address, vs_error *error) {
    bool is_private = options->certificate != NULL || options->insecure_transport || vs__is_loopback(address);
    if (!VS_GUARD(board_plain_http_on_loopback_only, is_private)) {
        (void)vs_fail(error, VS_ERR_POLICY, "%s can be reached from other machines, and there is no certificate",
                      options->listen);
        vs_hint(error, "give a certificate and its key, or --insecure-transport behind something that does TLS");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}

static vs_status make_url(vs_http_server *server, int fd, const char *host, vs_error *error) {
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    char service[16];
    bool is_six = strchr(host, ':') != NULL;
    if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0 ||
        getnameinfo((struct sockaddr *)&bound, len, NULL, 0, service, sizeof service, NI_NUMERICSERV) != 0) {
        return fail_listen(server->options.listen, strerror(errno), error);
    }
    if (asprintf(&server->url, "%s://%s%s%s:%s", server->options.certificate == NULL ? "http" : "https",
                 is_six ? "[" : "", host[0] == 0 ? "localhost" : host, is_six ? "]" : "", service) < 0) {
        server->url = NULL;
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return VS_OK;
}

static vs_status open_listener(vs_http_server *server, int *fd, vs_error *error) {
    char host[VS_MAX_HOST_BYTES];
    struct addrinfo *found = NULL;
    *fd = -1;
    vs_status status = resolve(server->options.listen, host, &found, error);
    if (status == VS_OK) {
        status = check_transport(&server->options, found->ai_addr, error);
    }
    if (status == VS_OK) {
        *fd = open_socket(found, error, server->options.listen);
        status = *fd < 0 ? VS_ERR_IO : make_url(server, *fd, host, error);
    }
    if (found != NULL) {
        freeaddrinfo(found);
    }
    return status;
}

/* ---- connections ---- */

static void connection_changed(void *context, struct MHD_Connection *connection, void **state,
                               enum MHD_ConnectionNotificationCode code) {
    vs_http_server *server = context;
    vs_peer *peer = *state;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    (void)pthread_mutex_lock(&server->mutex);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        peer = *state = info == NULL ? NULL : calloc(1, sizeof *peer);
        if (peer != NULL) {
            peer->fd = info->connect_fd;
            vs__peer_begin(peer, VS_PEER_HEAD);
            peer->next = &server->peers;
            peer->previous = server->peers.previous;
            peer->previous->next = server->peers.previous = peer;
        }
    } else if (peer != NULL) {
        peer->previous->next = peer->next;
        peer->next->previous = peer->previous;
        free(peer);
        *state = NULL;
    }
    (void)pthread_mutex_unlock(&server->mutex);
    vs_board_count_connections(server->board, code == MHD_CONNECTION_NOTIFY_STARTED ? 1 : -1);
}

/* No path and no number here needs an escape: a text with one is left as it is, and fits nothing. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

/* What libmicrohttpd says while it starts is the reason where it fails; later it tells of strangers' mistakes. */
static void take_log(void *context, const char *format, va_list arguments) {
    vs_http_server *server = context;
    if (!server->started) {
        (void)vsnprintf(server->log, sizeof server->log, format, arguments);
    }
}

/* ---- starting ---- */

static void set_defaults(vs_http_options *options) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = processors < 2 ? 2 : processors > 8 ? 8 : (unsigned)processors;
    options->threads = options->threads == 0 ? threads : options->threads;
    options->max_connections = options->max_connections == 0 ? 4096 : options->max_connections;
    options->max_connections_each = options->max_connections_each == 0 ? 1024 : options->max_connections_each;
    options->requests_per_s = options->requests_per_s == 0 ? 200 : options->requests_per_s;
    options->idle_s = options->idle_s == 0 ? 30 : options->idle_s;
}

/* Each connection is a file. The limit that most systems give at first is 1024. */
static void raise_file_limit(unsigned connections) {
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + 256;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static vs_status start_daemon(vs_http_server *server, int fd, vs_error *error) {
    const vs_http_options *o = &server->options;
    bool tls = o->certificate != NULL;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem secure[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)o->certificate},
                                      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)o->key},
                                      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)PRIORITIES},
                                      {MHD_OPTION_END, 0, NULL}};
    server->daemon = MHD_start_daemon(
        flags | (tls ? MHD_USE_TLS : 0), 0, NULL, NULL, vs__server_handle, server, MHD_OPTION_EXTERNAL_LOGGER, take_log,
        server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, o->threads, MHD_OPTION_CONNECTION_LIMIT,
        o->max_connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->max_connections_each,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, o->idle_s,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, vs__server_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, server,
        MHD_OPTION_ARRAY, tls ? secure : secure + 3, MHD_OPTION_END);
    server->started = true;
    if (server->daemon != NULL) {
        return VS_OK;
    }
    server->log[strcspn(server->log, "\n")] = 0;
    (void)vs_fail(error, tls ? VS_ERR_FORMAT : VS_ERR_IO, "cannot serve on %s: %s", o->listen,
                  server->log[0] == 0 ? "libmicrohttpd does not start" : server->log);
    if (tls) {
        vs_hint(error, "are certificate and key PEM texts, without a passphrase, and of each other?");
    }
    return tls ? VS_ERR_FORMAT : VS_ERR_IO;
}

static bool prepare(vs_http_server *server) {
    pthread_condattr_t monotonic;
    uint64_t key;
    vs_random(&key, sizeof key);
    vs__rate_init(&server->rate, server->options.requests_per_s, key);
    server->peers.next = server->peers.previous = &server->peers;
    server->waiters.next_waiter = server->waiters.previous_waiter = &server->waiters;
    return pthread_mutex_init(&server->mutex, NULL) == 0 && pthread_condattr_init(&monotonic) == 0 &&
           pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(&server->changed, &monotonic) == 0 && pthread_cond_init(&server->idle, &monotonic) == 0;
}

static void server_free(vs_http_server *server) {
    (void)pthread_cond_destroy(&server->changed);
    (void)pthread_cond_destroy(&server->idle);
    (void)pthread_mutex_destroy(&server->mutex);
    vs__rate_clear(&server->rate);
    free(server->url);
    free(server);
}

static void end_timer(vs_http_server *server) {
    (void)pthread_mutex_lock(&server->mutex);
    server->end = true;
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->mutex);
    if (server->has_timer) {
        (void)pthread_join(server->timer, NULL);
    }
}

vs_status vs_http_server_start(vs_http_server **out, vs_board *board, const vs_http_options *options, vs_error *error) {
    int fd = -1;
    *out = NULL;
    VS_CHECK((options->certificate == NULL) == (options->key == NULL));
    vs_http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    server->board = board;
    server->options = *options;
    set_defaults(&server->options);
    if (!prepare(server)) {
        free(server);
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = open_listener(server, &fd, error);
    if (status == VS_OK) {
        raise_file_limit(server->options.max_connections);
        server->has_timer = pthread_create(&server->timer, NULL, vs__server_watch, server) == 0;
        status = server->has_timer ? start_daemon(server, fd, error)
                                   : vs_fail(error, VS_ERR_MEMORY, "cannot start a thread for the board");
    }
    if (status != VS_OK) {
        end_timer(server);
        if (fd >= 0) {
            (void)close(fd);
        }
        server_free(server);
        return status;
    }
    vs_board_listen(board, vs__server_hear, server);
    *out = server;
    return VS_OK;
}

const char *vs_http_server_url(const vs_http_server *server) {
    return server->url;
}

/* ---- stopping ---- */

/* With the mutex held: wait until no request runs, or the time is over. */
static void await_idle(vs_http_server *server, int64_t until) {
    struct timespec at = {.tv_sec = until / 1000, .tv_nsec = (until % 1000) * 1000000};
    int over = 0;
    while (server->active > 0 && over == 0) {
        over = pthread_cond_timedwait(&server->idle, &server->mutex, &at);
    }
    server->cut = true;
    while (server->suspended > 0) {
        (void)pthread_cond_wait(&server->idle, &server->mutex);
    }
}

void vs_http_server_stop(vs_http_server *server, unsigned grace_s) {
    if (server == NULL) {
        return;
    }
    int64_t until = vs__server_now_ms() + (int64_t)grace_s * 1000;
    server->stopping = true;
    int fd = MHD_quiesce_daemon(server->daemon);
    vs_board_listen(server->board, NULL, NULL);
    vs__server_hear(server);
    (void)pthread_mutex_lock(&server->mutex);
    await_idle(server, until);
    (void)pthread_mutex_unlock(&server->mutex);
    end_timer(server);
    MHD_stop_daemon(server->daemon);
    if (fd != MHD_INVALID_SOCKET) {
        (void)close(fd);
    }
    server_free(server);
}
