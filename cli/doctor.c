/* The checks of `veilsum doctor`: from the name of the board to what a session needs, so that the first that fails says
 * what is wrong. Nothing is left behind on the board. */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aggregate/note/note.h"
#include "aggregate/protocol/message.h"
#include "cli/transport/resolve.h"

#define SAMPLES 9u
#define CLOCK_WARN_S 30.0
#define CLOCK_FAIL_S 300.0
#define EXPIRES_SOON_S (14 * 86400)
#define PAGE_BYTES ((size_t)8 << 20)
#define MEASURABLE_BYTES (16u << 10) /* less says nothing of a line's width */

static void add(vs_doctor *d, const char *check, vs_finding_state state, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void add(vs_doctor *d, const char *check, vs_finding_state state, const char *format, ...) {
    char text[sizeof d->findings[0].words.message];
    va_list arguments;
    VS_CHECK(d->count < VS_MAX_FINDINGS);
    vs_finding *finding = &d->findings[d->count++];
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    finding->check = check;
    finding->state = state;
    (void)vs_fail(&finding->words, VS_OK, "%s", text);
}

static void hint(vs_doctor *d, const char *text) {
    vs_hint(&d->findings[d->count - 1].words, "%s", text);
}

static void fail(vs_doctor *d, const char *check, vs_status status, const vs_error *error) {
    /* The board's address stands above all findings already. */
    size_t base = strlen(d->address.base);
    bool named = strncmp(error->message, d->address.base, base) == 0 && strncmp(error->message + base, ": ", 2) == 0;
    add(d, check, VS_FINDING_FAILED, "%s", error->message + (named ? base + 2 : 0));
    hint(d, error->hint);
    d->worst = d->worst == VS_OK ? status : d->worst;
}

static void skip(vs_doctor *d, const char *check, const char *why) {
    add(d, check, VS_FINDING_SKIPPED, "%s", why);
}

/* ---- the way there ---- */

static bool check_name(vs_doctor *d) {
    vs_error error;
    char addresses[256];
    if (d->policy.proxy != NULL) {
        skip(d, "name", "the proxy looks it up");
        return true;
    }
    vs_status status = vs__resolve(d->address.host, addresses, sizeof addresses, &error);
    if (status != VS_OK) {
        fail(d, "name", status, &error);
        return false;
    }
    if (strcmp(addresses, d->address.host) == 0) {
        add(d, "name", VS_FINDING_OK, "%s is an address", d->address.host);
    } else {
        add(d, "name", VS_FINDING_OK, "%s is %s", d->address.host, addresses);
    }
    return true;
}

/* As OpenSSL and GnuTLS write it, by way of libcurl. */
static int64_t certificate_time(const char *text) {
    static const char *const formats[] = {"%b %d %H:%M:%S %Y", "%Y-%m-%d %H:%M:%S"};
    for (size_t i = 0; text != NULL && i < 2; i++) {
        struct tm parts;
        memset(&parts, 0, sizeof parts);
        if (strptime(text, formats[i], &parts) != NULL) {
            return (int64_t)timegm(&parts);
        }
    }
    return 0;
}

static void judge_certificate(vs_doctor *d, const vs_http_probe *probe) {
    int64_t ends = certificate_time(probe->ends), left = ends - (int64_t)time(NULL);
    char until[VS_TIME_BYTES] = "an unknown time";
    if (ends > 0 && ends < INT64_C(253402300800)) {
        vs_time_to_text(until, ends);
    }
    bool pin_alone = d->policy.pin != NULL && d->policy.ca_file == NULL;
    bool late = !pin_alone && ends > 0 && left < EXPIRES_SOON_S;
    add(d, "TLS", late ? VS_FINDING_WARNING : VS_FINDING_OK, "%s; certificate of %s, by %s, until %s",
        pin_alone               ? "the key is the one that --pin names"
        : d->policy.pin != NULL ? "the chain is trusted, and the key is the one that --pin names"
                                : "the chain is trusted",
        probe->subject == NULL ? "nobody" : probe->subject, probe->issuer == NULL ? "nobody" : probe->issuer, until);
    if (late) {
        hint(d, "it ends soon: who runs the board has to renew it");
    }
}

static void judge_tls(vs_doctor *d, const vs_http_probe *probe) {
    if (d->address.tls) {
        judge_certificate(d, probe);
    } else if (d->address.loopback && d->policy.proxy == NULL) {
        add(d, "TLS", VS_FINDING_OK, "none, and none is needed on this machine");
    } else {
        add(d, "TLS", VS_FINDING_WARNING, "none: whoever is on the way sees who sends how much and when");
        hint(d, "give the board a certificate, and begin its address with https://");
    }
}

static bool is_no_board(vs_status status) {
    return status == VS_ERR_FORMAT || status == VS_ERR_VERSION || status == VS_ERR_LIMIT || status == VS_ERR_POLICY;
}

/* One call shows the connection, TLS and what answers. Where it fails, how far it came says which of them it was. */
static bool check_board(vs_doctor *d) {
    vs_error error;
    vs_http_probe probe;
    vs_status status = vs_http_about(d->client, &d->about, &error);
    vs_http_last(d->client, &probe);
    if (!probe.connected) {
        fail(d, "connection", status == VS_OK ? VS_ERR_IO : status, &error);
        return false;
    }
    add(d, "connection", VS_FINDING_OK, "port %u of %s is open", d->address.port,
        probe.address[0] != 0 ? probe.address : d->address.host);
    bool answered = status == VS_OK || is_no_board(status);
    if (!answered && d->address.tls && probe.tls_s <= 0) {
        fail(d, "TLS", status, &error);
        return false;
    }
    judge_tls(d, &probe);
    if (status != VS_OK) {
        fail(d, "board", status, &error);
        return false;
    }
    add(d, "board", VS_FINDING_OK, "a veilsum board, version %s, for period '%s'", d->about.version, d->about.period);
    return true;
}

/* ---- what it is for ---- */

static void check_plan(vs_doctor *d) {
    vs_error error;
    char hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, d->about.plan_id, VS_HASH_BYTES);
    if (d->plan == NULL) {
        skip(d, "plan", "the board's is ");
        vs_fail(&d->findings[d->count - 1].words, VS_OK, "not compared: the board's is %.16s…", hex);
        hint(d, "-p PLAN compares it");
        return;
    }
    vs_status status = vs_board_about_check(&d->about, d->plan, d->address.base, &error);
    if (status == VS_OK) {
        add(d, "plan", VS_FINDING_OK, "%.16s…, the same as here", hex);
    } else {
        fail(d, "plan", status, &error);
    }
}

/* The longest message that an owner sends, at most. */
static uint64_t need_of(const vs_plan *plan) {
    static const unsigned kinds[] = {VS_MESSAGE_CONTRIBUTION, VS_MESSAGE_SHARE, VS_MESSAGE_MASKED, VS_MESSAGE_DEALING};
    uint64_t need = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        uint64_t limit = vs_message_limit(plan, kinds[i]);
        need = limit > need ? limit : need;
    }
    return need;
}

static void check_sizes(vs_doctor *d) {
    double most = (double)d->about.max_message_bytes / 1e6;
    if (d->plan == NULL) {
        add(d, "sizes", VS_FINDING_OK, "messages of up to %.2f MB", most);
        return;
    }
    uint64_t need = need_of(d->plan);
    bool enough = d->about.max_message_bytes >= need;
    add(d, "sizes", enough ? VS_FINDING_OK : VS_FINDING_WARNING, "messages of up to %.2f MB; the plan may need %.2f MB",
        most, (double)need / 1e6);
    if (!enough) {
        hint(d, "who runs the board may have to raise its limit");
    }
}

/* ---- figures ---- */

static double wall_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What several answers say together: the board's clock is ahead by something in [low, high]. */
typedef struct sampling {
    double trips[SAMPLES];
    size_t count;
    double low, high;
} sampling;

/* The board read its clock, whose text has whole seconds, between our question and its answer. */
static vs_status sample(vs_doctor *d, sampling *s, vs_error *error) {
    vs_board_about about;
    vs_http_probe probe;
    double asked = wall_s();
    vs_status status = vs_http_about(d->client, &about, error);
    double answered = wall_s();
    if (status != VS_OK) {
        return status;
    }
    vs_http_last(d->client, &probe);
    s->trips[s->count++] = probe.reused ? (answered - asked) * 1e3 : (probe.total_s - probe.asked_s) * 1e3;
    double low = (double)about.time - answered, high = (double)about.time + 1 - asked;
    bool first = s->count == 1;
    s->low = first || low > s->low ? low : s->low;
    s->high = first || high < s->high ? high : s->high;
    return VS_OK;
}

static void judge_clock(vs_doctor *d, const sampling *s) {
    d->clock_off_s = (s->low + s->high) / 2;
    d->clock_error_s = s->high > s->low ? (s->high - s->low) / 2 : 0;
    double off = d->clock_off_s < 0 ? -d->clock_off_s : d->clock_off_s;
    if (off - d->clock_error_s <= 0) {
        add(d, "clock", VS_FINDING_OK, "the same here and there, to %.1f s", d->clock_error_s);
        return;
    }
    vs_finding_state state = off > CLOCK_FAIL_S   ? VS_FINDING_FAILED
                             : off > CLOCK_WARN_S ? VS_FINDING_WARNING
                                                  : VS_FINDING_OK;
    add(d, "clock", state, "the board's is %.1f s %s ours (to %.1f s)", off, d->clock_off_s > 0 ? "ahead of" : "behind",
        d->clock_error_s);
    if (state != VS_FINDING_OK) {
        hint(
            d,
            "one of the two machines needs its clock set: a plan is valid on certain days, and waits end by the clock");
    }
    if (state == VS_FINDING_FAILED && d->worst == VS_OK) {
        d->worst = VS_ERR_POLICY;
    }
}

static void check_times(vs_doctor *d) {
    sampling s = {.count = 0};
    vs_error error;
    vs_status status = VS_OK;
    while (status == VS_OK && s.count < SAMPLES) {
        status = sample(d, &s, &error);
    }
    if (status != VS_OK) {
        fail(d, "round trip", status, &error);
        return;
    }
    judge_clock(d, &s);
    qsort(s.trips, s.count, sizeof *s.trips, by_size);
    d->round_trip_min_ms = s.trips[0];
    d->round_trip_median_ms = s.trips[s.count / 2];
    add(d, "round trip", VS_FINDING_OK, "%.2f ms at least, %.2f ms in the middle of %zu", s.trips[0],
        d->round_trip_median_ms, s.count);
}

/* The status page is the longest thing that a board gives to everybody. */
static void check_download(vs_doctor *d) {
    uint8_t *data = NULL;
    size_t len = 0;
    vs_http_probe probe;
    vs_error error;
    vs_status status = vs_http_get(d->client, "/", PAGE_BYTES, &data, &len, &error);
    vs_http_last(d->client, &probe);
    free(data);
    if (status != VS_OK || len < MEASURABLE_BYTES || probe.total_s <= probe.asked_s) {
        skip(d, "download", "not measured: the board has nothing long enough to give");
        return;
    }
    d->download_bytes_per_s = (double)len / (probe.total_s - probe.asked_s);
    add(d, "download", VS_FINDING_OK, "%.2f MB/s over %zu kB, round trip included", d->download_bytes_per_s / 1e6,
        len / 1000);
}

void vs__doctor_run(vs_doctor *d) {
    d->round_trip_min_ms = d->round_trip_median_ms = d->download_bytes_per_s = -1;
    if (!check_name(d) || !check_board(d)) {
        return;
    }
    check_plan(d);
    check_sizes(d);
    check_times(d);
    check_download(d);
    skip(d, "upload", "not measured: whatever is sent to a board is a message");
}
