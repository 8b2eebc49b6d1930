/* How bytes reach aggregate/, which opens no path: a source is read, a sink is written. cli/ fills them with files and
 * pipes, tests with memory. Both report trouble through their status and the error. Threads: one at a time uses a
 * source, but several sources may be read at once, by threads that are not the caller's. */
#ifndef VEILSUM_AGGREGATE_STREAM_H
#define VEILSUM_AGGREGATE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"

typedef struct vs_source {
    const char *name; /* for messages: "data.csv", "standard input" */
    void *context;
    /** Up to `cap` (> 0) bytes into `buf`; `*got` = 0 only at the end. Blocks until there is at least one byte or the
     * end. */
    vs_status (*read)(void *context, void *buf, size_t cap, size_t *got, vs_error *error);
} vs_source;

typedef struct vs_sink {
    const char *name;
    void *context;
    /** All `len` bytes, or an error. */
    vs_status (*write)(void *context, const void *data, size_t len, vs_error *error);
} vs_sink;

/** Progress of long work: `done` of `total` items (`total` may be 0: unknown). May be NULL. */
typedef struct vs_progress {
    void *context;
    void (*step)(void *context, uint64_t done, uint64_t total);
} vs_progress;
void vs_progress_step(const vs_progress *progress, uint64_t done, uint64_t total);

/** As many bytes as there are, up to `len`: `*got` < len only at the end. Returns: VS_OK; the source's own. */
VS_MUST_CHECK vs_status vs_read_up_to(const vs_source *source, void *buf, size_t len, size_t *got, vs_error *error);

/** Exactly `len` bytes. Returns: VS_OK; VS_ERR_AUTH ("…: ends early"); the source's own. */
VS_MUST_CHECK vs_status vs_read_exactly(const vs_source *source, void *buf, size_t len, vs_error *error);

/** A whole small source into memory (malloc, zero byte appended, `*len` without it), which the caller frees; NULL on
 * error. Returns: VS_OK; VS_ERR_LIMIT (more than `max` bytes), VS_ERR_MEMORY; the source's own. */
VS_MUST_CHECK vs_status vs_read_all(const vs_source *source, size_t max, uint8_t **data, size_t *len, vs_error *error);

/* Memory as a source: reads `len` bytes at `data`. */
typedef struct vs_memory_source {
    const uint8_t *data;
    size_t len, at;
} vs_memory_source;
vs_source vs_memory_source_open(vs_memory_source *state, const char *name, const void *data, size_t len);

/* Memory as a sink: grows by realloc; the caller frees `data` with free(). */
typedef struct vs_memory_sink {
    uint8_t *data;
    size_t len, cap;
} vs_memory_sink;
vs_sink vs_memory_sink_open(vs_memory_sink *state, const char *name);

#endif
