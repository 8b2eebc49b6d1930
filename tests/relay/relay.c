/* A relay that puts a distance between programs on one machine: every byte leaves `delay` later than it came, either
 * way.
 *
 *     relay [--delay MS] [--ports N] HOST:PORT
 *
 * It listens on N ports of 127.0.0.1, one for each party, so that each party's bytes are counted; it prints them as
 * "port N", one a line, and then obeys lines on its standard input, each answered with "ok" when it is done:
 *
 *     delay MS        from now on
 *     count           before "ok", a line a port: "bytes TO-HOST FROM-HOST CONNECTIONS PIECES PUNCTUAL", the last two
 * being the pieces that went out, and those that were less than 0.2 ms late cut             break all connections down,
 * up        break them and refuse new ones; accept again freeze, thaw    nothing passes, as when a cable is out; goes
 * on
 *
 * It ends with its standard input. A connection's handshake takes a round trip at a distance; here it takes none, so
 * the first bytes of a connection wait for one round trip more. */
#include "tests/relay/lane.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_PORTS 64
#define MOST_LINKS 2048
#define AWAKE_NS 200000

typedef struct connection {
    lane up, down; /* to the host, from it */
    unsigned port;
    bool broken;
} connection;

typedef struct port {
    int listener;
    uint64_t up, down, connections, pieces, punctual;
} port;

static struct relay {
    struct sockaddr_storage target;
    socklen_t target_len;
    port ports[MOST_PORTS];
    unsigned port_count;
    connection *links[MOST_LINKS];
    unsigned link_count;
    int64_t delay_ns;
    bool is_down, frozen, over;
    char line[256];
    size_t line_len;
} relay;

static void fail(const char *what) {
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void prepare_socket(int fd) {
    int one = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void close_hard(int fd) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    (void)close(fd);
}

static void accept_link(unsigned number) {
    int client = accept(relay.ports[number].listener, NULL, NULL);
    if (client < 0) {
        return;
    }
    int host = socket(relay.target.ss_family, SOCK_STREAM, 0);
    connection *l = calloc(1, sizeof *l);
    if (host < 0 || l == NULL || relay.is_down || relay.link_count == MOST_LINKS ||
        connect(host, (struct sockaddr *)&relay.target, relay.target_len) != 0) {
        close_hard(client);
        if (host >= 0) {
            (void)close(host);
        }
        free(l);
        return;
    }
    prepare_socket(client);
    prepare_socket(host);
    int64_t now_ns = monotonic_ns();
    lane_begin(&l->up, client, host, now_ns + 3 * relay.delay_ns);
    lane_begin(&l->down, host, client, now_ns + 2 * relay.delay_ns);
    l->port = number;
    relay.ports[number].connections++;
    relay.links[relay.link_count++] = l;
}

static void add(port *sum, const connection *l) {
    sum->up += l->up.total;
    sum->down += l->down.total;
    sum->pieces += l->up.pieces + l->down.pieces;
    sum->punctual += l->up.punctual + l->down.punctual;
}

static void end_link(unsigned at) {
    connection *l = relay.links[at];
    add(&relay.ports[l->port], l);
    if (l->broken) {
        close_hard(l->up.from);
        close_hard(l->up.to);
    } else {
        (void)close(l->up.from);
        (void)close(l->up.to);
    }
    lane_drop(&l->up);
    lane_drop(&l->down);
    free(l);
    relay.links[at] = relay.links[--relay.link_count];
}

static void end_links(void) {
    for (unsigned i = relay.link_count; i-- > 0;) {
        if (relay.links[i]->broken || (relay.links[i]->up.ended && relay.links[i]->down.ended)) {
            end_link(i);
        }
    }
}

static void cut(void) {
    for (unsigned i = 0; i < relay.link_count; i++) {
        relay.links[i]->broken = true;
    }
    end_links();
}

/* With what is still under way. */
static void count(void) {
    for (unsigned i = 0; i < relay.port_count; i++) {
        port sum = relay.ports[i];
        for (unsigned j = 0; j < relay.link_count; j++) {
            const connection *l = relay.links[j];
            if (l->port == i) {
                add(&sum, l);
            }
        }
        printf("bytes %llu %llu %llu %llu %llu\n", (unsigned long long)sum.up, (unsigned long long)sum.down,
               (unsigned long long)sum.connections, (unsigned long long)sum.pieces, (unsigned long long)sum.punctual);
    }
}

static bool set_delay(const char *text) {
    char *end;
    double ms = strtod(text, &end);
    if (end == text || *end != '\0' || !(ms >= 0 && ms <= 10000)) {
        return false;
    }
    relay.delay_ns = (int64_t)(ms * 1e6);
    return true;
}

static bool obey(const char *line) {
    if (strncmp(line, "delay ", 6) == 0) {
        return set_delay(line + 6);
    }
    if (strcmp(line, "count") == 0) {
        count();
    } else if (strcmp(line, "cut") == 0) {
        cut();
    } else if (strcmp(line, "down") == 0 || strcmp(line, "up") == 0) {
        relay.is_down = line[0] == 'd';
        if (relay.is_down) {
            cut();
        }
    } else if (strcmp(line, "freeze") == 0 || strcmp(line, "thaw") == 0) {
        relay.frozen = line[0] == 'f';
    } else {
        return false;
    }
    return true;
}

static void read_commands(void) {
    ssize_t got = read(STDIN_FILENO, relay.line + relay.line_len, sizeof relay.line - 1 - relay.line_len);
    if (got <= 0) {
        relay.over = true;
        return;
    }
    relay.line_len += (size_t)got;
    char *end;
    while ((end = memchr(relay.line, '\n', relay.line_len)) != NULL) {
        *end = '\0';
        puts(obey(relay.line) ? "ok" : "no such command");
        fflush(stdout);
        relay.line_len -= (size_t)(end + 1 - relay.line);
        memmove(relay.line, end + 1, relay.line_len);
    }
    relay.over = relay.line_len == sizeof relay.line - 1;
}

static void write_due(void) {
    for (unsigned i = 0; i < relay.link_count; i++) {
        connection *l = relay.links[i];
        l->broken = l->broken || !lane_write(&l->up, monotonic_ns()) || !lane_write(&l->down, monotonic_ns());
    }
    end_links();
}

/* An end of which nothing is wanted is left out: poll would report its hang-up over and over. */
static struct pollfd interest(const lane *reads, const lane *writes) {
    short events = (short)((lane_wants_to_read(reads) ? POLLIN : 0) | (writes->blocked ? POLLOUT : 0));
    return (struct pollfd){.fd = events == 0 ? -1 : reads->from, .events = events};
}

/* Waits until something is there or due; with the clock's own grain, not poll's milliseconds. A sleeping processor is
 * late by 0.1 to 0.2 ms, so the last moment is spent awake. */
static void wait_for(struct pollfd *fds, nfds_t fd_count) {
    int64_t due_ns = INT64_MAX;
    for (unsigned i = 0; i < relay.link_count && !relay.frozen; i++) {
        int64_t up_ns = lane_due_ns(&relay.links[i]->up), down_ns = lane_due_ns(&relay.links[i]->down);
        due_ns = up_ns < due_ns ? up_ns : due_ns;
        due_ns = down_ns < due_ns ? down_ns : due_ns;
    }
    int64_t wait_ns = due_ns == INT64_MAX ? 0 : due_ns - monotonic_ns() - AWAKE_NS;
    wait_ns = wait_ns < 0 ? 0 : wait_ns;
    struct timespec t = {.tv_sec = wait_ns / 1000000000, .tv_nsec = (long)(wait_ns % 1000000000)};
    if (ppoll(fds, fd_count, due_ns == INT64_MAX ? NULL : &t, NULL) < 0 && errno != EINTR) {
        fail("poll");
    }
}

static void turn(void) {
    static struct pollfd fds[1 + MOST_PORTS + 2 * MOST_LINKS];
    unsigned links = relay.frozen ? 0 : relay.link_count;
    nfds_t n = 0;
    fds[n++] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    for (unsigned i = 0; i < relay.port_count; i++) {
        fds[n++] = (struct pollfd){.fd = relay.ports[i].listener, .events = relay.frozen ? 0 : POLLIN};
    }
    for (unsigned i = 0; i < links; i++) {
        const connection *l = relay.links[i];
        fds[n++] = interest(&l->up, &l->down);
        fds[n++] = interest(&l->down, &l->up);
    }
    wait_for(fds, n);
    for (unsigned i = 0; i < links; i++) {
        const struct pollfd *at = &fds[1 + relay.port_count + 2 * (size_t)i];
        connection *l = relay.links[i];
        l->broken = ((at[0].revents | at[1].revents) & POLLERR) != 0 ||
                    (at[0].revents != 0 && !lane_read(&l->up, relay.delay_ns)) ||
                    (at[1].revents != 0 && !lane_read(&l->down, relay.delay_ns));
    }
    for (unsigned i = 0; i < relay.port_count; i++) {
        if (fds[1 + i].revents != 0) {
            accept_link(i);
        }
    }
    if (fds[0].revents != 0) {
        read_commands();
    }
    if (!relay.frozen) {
        write_due();
    }
}

static void find_target(char *text) {
    char *colon = strrchr(text, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    if (colon == NULL) {
        fprintf(stderr, "relay: HOST:PORT is wanted\n");
        exit(2);
    }
    *colon = '\0';
    int status = getaddrinfo(text, colon + 1, &hints, &found);
    if (status != 0) {
        fprintf(stderr, "relay: %s: %s\n", text, gai_strerror(status));
        exit(1);
    }
    memcpy(&relay.target, found->ai_addr, found->ai_addrlen);
    relay.target_len = found->ai_addrlen;
    freeaddrinfo(found);
}

static void listen_on_ports(void) {
    for (unsigned i = 0; i < relay.port_count; i++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof at;
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 512) != 0 ||
            getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
            fail("listen");
        }
        prepare_socket(fd);
        relay.ports[i].listener = fd;
        printf("port %u\n", (unsigned)ntohs(at.sin_port));
    }
    fflush(stdout);
}

/* Both are of use where they are allowed, and are done without elsewhere: before all others when a byte is due, and
 * woken at once. */
static void be_punctual(void) {
    struct sched_param first = {.sched_priority = 2};
    (void)sched_setscheduler(0, SCHED_FIFO, &first);
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
}

int main(int argc, char **argv) {
    relay.port_count = 1;
    bool good = argc >= 2;
    int at = 1;
    for (; at + 1 < argc && good; at += 2) {
        if (strcmp(argv[at], "--delay") == 0) {
            good = set_delay(argv[at + 1]);
        } else if (strcmp(argv[at], "--ports") == 0) {
            relay.port_count = (unsigned)strtoul(argv[at + 1], NULL, 10);
            good = relay.port_count >= 1 && relay.port_count <= MOST_PORTS;
        } else {
            good = false;
        }
    }
    if (!good || at != argc - 1) {
        fprintf(stderr, "usage: relay [--delay MS] [--ports N] HOST:PORT\n");
        return 2;
    }
    find_target(argv[at]);
    listen_on_ports();
    be_punctual();
    while (!relay.over) {
        turn();
    }
    cut();
    return 0;
}
