#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ui.h"

#define SILENT_MS 1000 /* shorter work says nothing */
#define STEP_MS 166

static int64_t elapsed_ms(const struct timespec *since, const struct timespec *now) {
    return (int64_t)(now->tv_sec - since->tv_sec) * 1000 + (now->tv_nsec - since->tv_nsec) / 1000000;
}

static void show(const char *text, int len) {
    ssize_t written = write(STDERR_FILENO, text, (size_t)len);
    (void)written;
}

static void clear_line(void) {
    show("\r\033[K", 4);
}

static void progress_step(void *context, uint64_t done, uint64_t total) {
    vs_progress_line *line = context;
    if (!line->terminal) {
        return;
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (elapsed_ms(&line->started, &now) < SILENT_MS || elapsed_ms(&line->shown, &now) < STEP_MS) {
        return;
    }
    char text[160];
    int len;
    if (total > 0) {
        double share = done < total ? (double)done / (double)total : 1;
        len = snprintf(text, sizeof text, "\r\033[Kveilsum: %s %3.0f%%", line->what, 100 * share);
    } else {
        unsigned long long count = strcmp(line->unit, "MB") == 0 ? done / 1000000 : done;
        len = snprintf(text, sizeof text, "\r\033[Kveilsum: %s, %llu %s", line->what, count, line->unit);
    }
    show(text, len);
    line->shown = now;
    line->visible = true;
}

void vs__progress_begin(vs_progress_line *line, const char *what, const char *unit) {
    *line = (vs_progress_line){.what = what, .unit = unit, .terminal = isatty(STDERR_FILENO)};
    clock_gettime(CLOCK_MONOTONIC, &line->started);
    line->shown = line->started;
    line->progress.context = line;
    line->progress.step = progress_step;
}

void vs__progress_end(vs_progress_line *line) {
    if (line->visible) {
        clear_line();
    }
    line->visible = false;
}

static void *count_seconds(void *context) {
    vs_activity *activity = context;
    struct timespec until;
    unsigned seconds = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    pthread_mutex_lock(&activity->mutex);
    while (!activity->stop) {
        until.tv_sec++;
        while (!activity->stop && pthread_cond_timedwait(&activity->ended, &activity->mutex, &until) == 0) {
        }
        if (!activity->stop) {
            char text[160];
            int len = snprintf(text, sizeof text, "\r\033[Kveilsum: %s, %u s", activity->what, ++seconds);
            show(text, len);
        }
    }
    pthread_mutex_unlock(&activity->mutex);
    if (seconds > 0) {
        clear_line();
    }
    return NULL;
}

void vs__activity_begin(vs_activity *activity, const char *what) {
    *activity = (vs_activity){.what = what};
    if (!isatty(STDERR_FILENO)) {
        return;
    }
    pthread_mutex_init(&activity->mutex, NULL);
    pthread_cond_init(&activity->ended, NULL);
    activity->running = pthread_create(&activity->thread, NULL, count_seconds, activity) == 0;
}

void vs__activity_end(vs_activity *activity) {
    if (!activity->running) {
        return;
    }
    pthread_mutex_lock(&activity->mutex);
    activity->stop = true;
    pthread_cond_signal(&activity->ended);
    pthread_mutex_unlock(&activity->mutex);
    pthread_join(activity->thread, NULL);
    activity->running = false;
}
