#include "aggregate/stream.h"

#include <stdlib.h>
#include <string.h>

void vs_progress_step(const vs_progress *progress, uint64_t done, uint64_t total) {
    if (progress != NULL && progress->step != NULL) {
        progress->step(progress->context, done, total);
    }
}

vs_status vs_read_up_to(const vs_source *source, void *buf, size_t len, size_t *got, vs_error *error) {
    *got = 0;
    while (*got < len) {
        size_t more = 0;
        vs_status status = source->read(source->context, (uint8_t *)buf + *got, len - *got, &more, error);
        if (status != VS_OK) {
            return status;
        }
        VS_CHECK(more <= len - *got);
        if (more == 0) {
            break;
        }
        *got += more;
    }
    return VS_OK;
}

vs_status vs_read_exactly(const vs_source *source, void *buf, size_t len, vs_error *error) {
    size_t got = 0;
    vs_status status = vs_read_up_to(source, buf, len, &got, error);
    if (status != VS_OK || got == len) {
        return status;
    }
    (void)vs_fail(error, VS_ERR_AUTH, "%s: ends early", source->name);
    vs_hint(error, "the file was cut off on its way; get it again from where it was made");
    return VS_ERR_AUTH;
}

/* Twice the room, at most for `max` bytes and the one that shows that there are too many; a zero has its place behind.
 */
static vs_status grow(uint8_t **data, size_t *cap, size_t max) {
    size_t larger = *cap == 0 ? 4096 : *cap * 2;
    larger = larger <= max ? larger : max + 1;
    uint8_t *moved = realloc(*data, larger + 1);
    if (moved == NULL) {
        return VS_ERR_MEMORY;
    }
    *data = moved;
    *cap = larger;
    return VS_OK;
}

vs_status vs_read_all(const vs_source *source, size_t max, uint8_t **data, size_t *len, vs_error *error) {
    uint8_t *bytes = NULL;
    size_t have = 0, cap = 0, got;
    vs_status status;
    VS_CHECK(max < SIZE_MAX / 4);
    *data = NULL;
    *len = 0;
    do {
        status = grow(&bytes, &cap, max);
        if (status != VS_OK) {
            (void)vs_fail_plain(error, status);
            vs_error_at(error, "%s", source->name);
            goto done;
        }
        status = vs_read_up_to(source, bytes + have, cap - have, &got, error);
        if (status != VS_OK) {
            goto done;
        }
        have += got;
        if (have > max) {
            status = vs_fail(error, VS_ERR_LIMIT, "%s: larger than %zu bytes", source->name, max);
            vs_hint(error, "is it the file that was meant? Nothing of this kind is that large");
            goto done;
        }
    } while (have == cap);
    bytes[have] = 0;
    *data = bytes;
    *len = have;
    bytes = NULL;
done:
    free(bytes);
    return status;
}

static vs_status memory_read(void *context, void *buf, size_t cap, size_t *got, vs_error *error) {
    (void)error;
    vs_memory_source *state = context;
    size_t rest = state->len - state->at;
    *got = rest < cap ? rest : cap;
    if (*got > 0) {
        memcpy(buf, state->data + state->at, *got);
        state->at += *got;
    }
    return VS_OK;
}

vs_source vs_memory_source_open(vs_memory_source *state, const char *name, const void *data, size_t len) {
    *state = (vs_memory_source){.data = data, .len = len, .at = 0};
    return (vs_source){.name = name, .context = state, .read = memory_read};
}

static vs_status memory_write(void *context, const void *data, size_t len, vs_error *error) {
    vs_memory_sink *state = context;
    if (len == 0) {
        return VS_OK;
    }
    if (len > SIZE_MAX / 2 - state->len) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    size_t need = state->len + len;
    if (need > state->cap) {
        size_t cap = need < 4096 ? 4096 : need + need / 2; /* keeps many small writes linear */
        uint8_t *moved = realloc(state->data, cap);
        if (moved == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        state->data = moved;
        state->cap = cap;
    }
    memcpy(state->data + state->len, data, len);
    state->len = need;
    return VS_OK;
}

vs_sink vs_memory_sink_open(vs_memory_sink *state, const char *name) {
    *state = (vs_memory_sink){.data = NULL, .len = 0, .cap = 0};
    return (vs_sink){.name = name, .context = state, .write = memory_write};
}
