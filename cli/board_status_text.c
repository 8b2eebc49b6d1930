/* The status of a board for a person. Its words come from a stranger: each is cleaned for the terminal, and cut where a
 * column ends. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"
#include "cli/board_status.h"
#include "cli/ui.h"

#define WIDTH 100u
#define KEY_WIDTH 11u
#define MANY_PARTIES 40u /* more are counted, not listed */
#define MANY_NAMES 24u
#define LAST_REFUSED 10u
#define NAME_WIDTH 24u
#define STATE_WIDTH 8u
#define CLOCK_WIDTH 8u /* "20:01:02" */

/* ---- text of a width ---- */

/* Columns that the UTF-8 character at `at` takes on a terminal; `*len`: its bytes. Ideographs and their kin take two.
 */
static unsigned width_of(const unsigned char *at, size_t *len) {
    unsigned code = at[0] < 0x80 ? at[0] : at[0] & (at[0] < 0xe0 ? 0x1fu : at[0] < 0xf0 ? 0x0fu : 0x07u);
    *len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < *len; i++) {
        code = code << 6 | (at[i] & 0x3fu);
    }
    bool wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1faff) ||
                (code >= 0x20000 && code <= 0x3fffd);
    return wide ? 2 : 1;
}

/* Text cleaned and cut to `width` columns, in the end of a line with no spaces behind it. Returns the columns used. */
static unsigned put_cut(FILE *out, const char *text, unsigned width) {
    char clean[1024];
    unsigned used = 0;
    size_t len = 0;
    vs__ui_clean(clean, sizeof clean, text);
    for (const char *at = clean; *at != 0; at += len) {
        unsigned columns = width_of((const unsigned char *)at, &len);
        if (used + columns > width) {
            break;
        }
        (void)fwrite(at, 1, len, out);
        used += columns;
    }
    return used;
}

static void put_padded(FILE *out, const char *text, unsigned width) {
    for (unsigned used = put_cut(out, text, width); used < width; used++) {
        fputc(' ', out);
    }
}

static void put_key(FILE *out, const char *key) {
    fprintf(out, "%-*s", (int)KEY_WIDTH, key);
}

/* ---- the fields ---- */

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static unsigned long long count_of(const json_t *object, const char *key) {
    return (unsigned long long)json_integer_value(json_object_get(object, key));
}

/* Seconds since 1970; 0 where there is no time. */
static int64_t time_of(const json_t *object, const char *key) {
    int64_t time = 0;
    const char *text = text_of(object, key);
    return vs_time_from_text(&time, text, strlen(text)) ? time : 0;
}

/* "20:01:02" of a time; the board's times are UTC. */
static void put_clock(FILE *out, const json_t *object, const char *key) {
    const char *text = text_of(object, key);
    fprintf(out, "%-*.*s", (int)CLOCK_WIDTH, (int)CLOCK_WIDTH, strlen(text) == VS_TIME_BYTES - 1 ? text + 11 : "");
}

/* "2 h 5 min", "3 min 20 s", "12 s". */
static void put_span(FILE *out, int64_t seconds) {
    long long s = seconds < 0 ? 0 : (long long)seconds;
    if (s >= 86400) {
        fprintf(out, "%lld d %lld h", s / 86400, s % 86400 / 3600);
    } else if (s >= 3600) {
        fprintf(out, "%lld h %lld min", s / 3600, s % 3600 / 60);
    } else if (s >= 60) {
        fprintf(out, "%lld min %lld s", s / 60, s % 60);
    } else {
        fprintf(out, "%lld s", s);
    }
}

static void put_bytes(FILE *out, unsigned long long bytes) {
    if (bytes < 10000) {
        fprintf(out, "%llu B", bytes);
    } else if (bytes < 10000000) {
        fprintf(out, "%.1f kB", (double)bytes / 1e3);
    } else {
        fprintf(out, "%.1f MB", (double)bytes / 1e6);
    }
}

/* Names with commas, over several lines where they need them; of many only the first. */
static void put_names(FILE *out, const json_t *names) {
    size_t count = json_array_size(names), shown = count > MANY_NAMES ? MANY_NAMES : count;
    unsigned at = KEY_WIDTH;
    for (size_t i = 0; i < shown; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (at > KEY_WIDTH && at + 1 + NAME_WIDTH + 1 > WIDTH) {
            fprintf(out, "\n%*s", (int)KEY_WIDTH, "");
            at = KEY_WIDTH;
        }
        at += (unsigned)fprintf(out, "%s", at > KEY_WIDTH ? " " : "");
        at += put_cut(out, name, NAME_WIDTH);
        at += (unsigned)fprintf(out, "%s", i + 1 < count ? "," : "");
    }
    if (shown < count) {
        fprintf(out, "\n%*sand %zu more", (int)KEY_WIDTH, "", count - shown);
    }
    fputc('\n', out);
}

/* ---- the session ---- */

static void put_plan(FILE *out, const json_t *root) {
    const json_t *plan = json_object_get(root, "plan");
    put_key(out, "plan");
    unsigned used = put_cut(out, text_of(plan, "id"), 16);
    used += (unsigned)fprintf(out, ", opened by ");
    used += put_cut(out, text_of(plan, "opening"), 12);
    if (json_is_string(json_object_get(plan, "title"))) {
        fprintf(out, ": ");
        (void)put_cut(out, text_of(plan, "title"), WIDTH - KEY_WIDTH - 2 - used);
    }
    fputc('\n', out);
    put_key(out, "session");
    if (text_of(root, "period")[0] != 0) {
        fprintf(out, "period ");
        (void)put_cut(out, text_of(root, "period"), 32);
        fprintf(out, ", ");
    }
    fprintf(out, "attempt %llu, the board runs since ", count_of(root, "attempt"));
    put_span(out, time_of(root, "now") - time_of(root, "started"));
    fputc('\n', out);
}

static void put_step(FILE *out, const json_t *root) {
    const json_t *step = json_object_get(root, "step"), *names = json_object_get(step, "waiting_for");
    int64_t now = time_of(root, "now"), since = time_of(step, "since"), until = time_of(step, "until");
    put_key(out, "step");
    fprintf(out, "%llu of %llu", count_of(step, "number"), count_of(step, "of"));
    if (json_is_string(json_object_get(step, "name"))) {
        fprintf(out, ": ");
        (void)put_cut(out, text_of(step, "name"), 20);
    }
    if (since > 0) {
        fprintf(out, ", for ");
        put_span(out, now - since);
    }
    if (until > 0) {
        fprintf(out, until > now ? ", " : ", time is over");
        if (until > now) {
            put_span(out, until - now);
            fprintf(out, " left");
        }
    }
    fputc('\n', out);
    if (json_array_size(names) > 0) {
        put_key(out, "waits for");
        put_names(out, names);
    }
}

static void put_end(FILE *out, const json_t *root) {
    const char *failed = json_string_value(json_object_get(root, "failed"));
    if (failed != NULL) {
        put_key(out, "failed");
        (void)put_cut(out, failed, WIDTH - KEY_WIDTH);
        fputc('\n', out);
    } else if (json_is_true(json_object_get(root, "done"))) {
        put_key(out, "done");
        fprintf(out, "%s\n", json_is_object(json_object_get(root, "result")) ? "the result is published" : "complete");
    }
}

/* ---- parties × steps ---- */

/* A column is as wide as its step's name and a time need; with too many steps for the line, a mark says that there is a
 * time. */
typedef struct grid {
    const json_t *steps;
    size_t count;
    bool clocks;
    unsigned widths[32]; /* as many steps as a status may have */
} grid;

static grid make_grid(const json_t *root) {
    grid g = {.steps = json_object_get(root, "steps"), .count = json_array_size(json_object_get(root, "steps"))};
    unsigned sum = NAME_WIDTH + 1 + STATE_WIDTH;
    for (size_t i = 0; i < g.count; i++) {
        size_t len = strlen(json_string_value(json_array_get(g.steps, i)));
        g.widths[i] = len < CLOCK_WIDTH ? CLOCK_WIDTH : len > 12 ? 12 : (unsigned)len;
        sum += g.widths[i] + 1;
    }
    g.clocks = sum <= WIDTH;
    for (size_t i = 0; i < g.count && !g.clocks; i++) {
        g.widths[i] = (WIDTH - NAME_WIDTH - 1 - STATE_WIDTH) / (unsigned)g.count;
        g.widths[i] = g.widths[i] > 13 ? 12 : g.widths[i] - 1;
    }
    return g;
}

static void put_heads(FILE *out, const grid *g, const char *first) {
    put_padded(out, first, NAME_WIDTH);
    for (size_t i = 0; i < g->count; i++) {
        fputc(' ', out);
        put_padded(out, json_string_value(json_array_get(g->steps, i)), g->widths[i]);
    }
    fprintf(out, " state\n");
}

static void put_party(FILE *out, const grid *g, const json_t *party) {
    put_padded(out, text_of(party, "name"), NAME_WIDTH);
    for (size_t i = 0; i < g->count; i++) {
        const json_t *taken = json_array_get(json_object_get(party, "steps"), i);
        fputc(' ', out);
        if (json_is_object(taken) && g->clocks) {
            put_clock(out, taken, "at");
            fprintf(out, "%*s", (int)(g->widths[i] - CLOCK_WIDTH), "");
        } else {
            put_padded(out, json_is_object(taken) ? "x" : "-", g->widths[i]);
        }
    }
    fputc(' ', out);
    (void)put_cut(out, text_of(party, "state"), STATE_WIDTH);
    fputc('\n', out);
}

/* Of many parties: how many have done each step, and how many are in each state. */
static void put_counts(FILE *out, const grid *g, const json_t *parties) {
    static const char *const states[] = {"here", "waiting", "lost", "refused", "done"};
    size_t count = json_array_size(parties), i;
    json_t *party;
    char text[32];
    (void)snprintf(text, sizeof text, "of %zu parties", count);
    put_padded(out, text, NAME_WIDTH);
    for (size_t s = 0; s < g->count; s++) {
        size_t have = 0;
        json_array_foreach(parties, i, party) {
            have += json_is_object(json_array_get(json_object_get(party, "steps"), s));
        }
        (void)snprintf(text, sizeof text, "%zu", have);
        fputc(' ', out);
        put_padded(out, text, g->widths[s]);
    }
    fputc('\n', out);
    put_key(out, "parties");
    for (size_t s = 0, put = 0; s < sizeof states / sizeof *states; s++) {
        size_t have = 0;
        json_array_foreach(parties, i, party) {
            have += strcmp(text_of(party, "state"), states[s]) == 0;
        }
        if (have > 0) {
            fprintf(out, "%s%zu %s", put++ > 0 ? ", " : "", have, states[s]);
        }
    }
    fputc('\n', out);
}

static void put_in_state(FILE *out, const json_t *parties, const char *state) {
    size_t i;
    json_t *party, *names = json_array();
    json_array_foreach(parties, i, party) {
        if (names != NULL && strcmp(text_of(party, "state"), state) == 0) {
            (void)json_array_append(names, json_object_get(party, "name"));
        }
    }
    if (json_array_size(names) > 0) {
        put_key(out, state);
        put_names(out, names);
    }
    json_decref(names);
}

static void put_parties(FILE *out, const json_t *root) {
    const json_t *parties = json_object_get(root, "parties");
    const grid g = make_grid(root);
    size_t i;
    json_t *party;
    if (json_array_size(parties) == 0) {
        return;
    }
    fputc('\n', out);
    if (json_array_size(parties) > MANY_PARTIES) {
        put_heads(out, &g, "");
        put_counts(out, &g, parties);
        put_in_state(out, parties, "lost");
        put_in_state(out, parties, "refused");
        return;
    }
    put_heads(out, &g, "party");
    json_array_foreach(parties, i, party) {
        put_party(out, &g, party);
    }
}

/* ---- below ---- */

static void put_refused(FILE *out, const json_t *root) {
    const json_t *list = json_object_get(root, "refused");
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count && i < LAST_REFUSED; i++) {
        const json_t *entry = json_array_get(list, i);
        fprintf(out, i == 0 ? "\nrefused    " : "           ");
        put_clock(out, entry, "at");
        fputc(' ', out);
        unsigned used = KEY_WIDTH + CLOCK_WIDTH + 1;
        if (json_is_string(json_object_get(entry, "from"))) {
            used += put_cut(out, text_of(entry, "from"), NAME_WIDTH);
            used += (unsigned)fprintf(out, ": ");
        }
        (void)put_cut(out, text_of(entry, "reason"), WIDTH - used);
        fputc('\n', out);
    }
    if (count > LAST_REFUSED) {
        fprintf(out, "%*sand %zu before\n", (int)KEY_WIDTH, "", count - LAST_REFUSED);
    }
}

static void put_totals(FILE *out, const json_t *root) {
    size_t i;
    json_t *total;
    const json_t *ledger = json_object_get(root, "ledger");
    json_array_foreach(json_object_get(root, "totals"), i, total) {
        put_key(out, i == 0 ? "totals" : "");
        put_clock(out, total, "at");
        fprintf(out, " of %llu contributors: ", count_of(total, "contributors"));
        (void)put_cut(out, text_of(total, "digest"), 16);
        fputc('\n', out);
    }
    if (json_is_object(ledger)) {
        put_key(out, "ledger");
        (void)put_cut(out, text_of(ledger, "origin"), 40);
        fprintf(out, ": %llu entries, root ", count_of(ledger, "size"));
        (void)put_cut(out, text_of(ledger, "root"), 16);
        fputc('\n', out);
    }
}

static void put_traffic(FILE *out, const json_t *root) {
    const json_t *traffic = json_object_get(root, "traffic");
    put_key(out, "traffic");
    fprintf(out, "%llu messages; ", count_of(traffic, "messages"));
    put_bytes(out, count_of(traffic, "bytes_in"));
    fprintf(out, " in, ");
    put_bytes(out, count_of(traffic, "bytes_out"));
    fprintf(out, " out; %llu connections\n", count_of(traffic, "connections"));
}

void vs__board_status_text(FILE *out, const json_t *root) {
    put_plan(out, root);
    put_step(out, root);
    put_end(out, root);
    put_parties(out, root);
    put_refused(out, root);
    fputc('\n', out);
    put_totals(out, root);
    put_traffic(out, root);
}

void vs__board_status_line(FILE *out, const json_t *root) {
    const json_t *step = json_object_get(root, "step"), *names = json_object_get(step, "waiting_for");
    size_t count = json_array_size(names);
    if (vs__board_status_is_over(root)) {
        bool failed = json_is_string(json_object_get(root, "failed"));
        fprintf(out, failed ? "failed: " : "done");
        (void)put_cut(out, text_of(root, "failed"), WIDTH);
        return;
    }
    fprintf(out, "step %llu of %llu ", count_of(step, "number"), count_of(step, "of"));
    (void)put_cut(out, text_of(step, "name"), 20);
    if (count > 0) {
        fprintf(out, ", waits for ");
        (void)put_cut(out, json_string_value(json_array_get(names, 0)), NAME_WIDTH);
    }
    if (count > 1) {
        fprintf(out, " and %zu more", count - 1);
    }
    fprintf(out, "; %zu refused", json_array_size(json_object_get(root, "refused")));
}
