#include "cli/session/wait_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/ui.h"

#define NAMES 5 /* more are counted */

void vs__wait_begin(vs_wait_line *line, const vs_plan *plan) {
    *line = (vs_wait_line){.plan = plan, .terminal = isatty(STDERR_FILENO) == 1};
}

/* "NORTH, EAST and 12 others" */
static void list_names(char *out, size_t cap, const vs_plan *plan, const vs_session_view *view) {
    size_t shown = view->waiting_count <= NAMES ? view->waiting_count : NAMES - 1, at = 0;
    out[0] = 0;
    for (size_t i = 0; i < shown && at < cap; i++) {
        at += (size_t)snprintf(out + at, cap - at, "%s%s", i > 0 ? ", " : "",
                               plan->parties[view->waiting[i]].identity.name);
    }
    if (shown < view->waiting_count && at < cap) {
        snprintf(out + at, cap - at, " and %zu others", view->waiting_count - shown);
    }
}

static void describe(char *out, size_t cap, const vs_plan *plan, const vs_session_view *view) {
    char names[NAMES * (VS_MAX_IDENTITY_NAME + 2) + 32];
    const char *step = view->step < view->step_count ? view->steps[view->step] : "done";
    if (view->waiting_count == 0) {
        snprintf(out, cap, "%s (step %u of %u)", step, view->step + 1, view->step_count);
        return;
    }
    list_names(names, sizeof names, plan, view);
    snprintf(out, cap, "%s (step %u of %u): waiting for %s", step, view->step + 1, view->step_count, names);
}

static void redraw(vs_wait_line *line, const char *text, int64_t since, int64_t until) {
    char clean[512], tail[96] = "";
    int64_t now = (int64_t)time(NULL);
    unsigned columns = vs__ui_columns(STDERR_FILENO);
    vs__ui_clean(clean, sizeof clean, text);
    snprintf(tail, sizeof tail, " · %" PRId64 " s", now - since);
    if (until > 0) {
        size_t at = strlen(tail);
        snprintf(tail + at, sizeof tail - at, ", %" PRId64 " s left", until > now ? until - now : 0);
    }
    size_t room = columns > strlen(tail) + 1 ? columns - strlen(tail) - 1 : sizeof clean;
    fprintf(stderr, "\r\033[K%.*s%s", (int)room, clean, tail);
    (void)fflush(stderr);
    line->visible = true;
}

void vs__wait_show(vs_wait_line *line, const vs_session_view *view, int64_t since, int64_t until) {
    char text[512];
    if (view->done) {
        vs__wait_end(line);
        return;
    }
    describe(text, sizeof text, line->plan, view);
    if (line->terminal) {
        redraw(line, text, since, until);
    } else if (!line->said || line->step != view->step) {
        vs__ui_note("%s", text);
    }
    line->said = true;
    line->step = view->step;
}

void vs__wait_end(vs_wait_line *line) {
    if (line->visible) {
        fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
        line->visible = false;
    }
}
