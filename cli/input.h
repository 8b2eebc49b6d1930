/* Files and standard input as the sources that aggregate/ reads. "-" is standard input, for one input of a command
 * line. */
#ifndef VEILSUM_CLI_INPUT_H
#define VEILSUM_CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/stream.h"

#define VS_PEEK_BYTES 64

/* An open input. `source` points into it: it must stay where it is until it is closed. */
typedef struct vs_input {
    vs_source source;
    int fd;
    bool owned;   /* to be closed; standard input is not */
    bool regular; /* a file, which can be opened again and has permissions worth a look */
    unsigned mode;
    size_t peeked_len, peeked_at;
    uint8_t peeked[VS_PEEK_BYTES];
} vs_input;

/** Open `path`, or standard input for "-". Clears the input first, so that vs__input_close is safe after an error.
 *  Returns: VS_OK; VS_ERR_IO (missing, unreadable, a directory); VS_ERR_USAGE (standard input a second time, or a
 * terminal). */
VS_MUST_CHECK vs_status vs__input_open(vs_input *input, const char *path, vs_error *error);
void vs__input_close(vs_input *input);

/** The open descriptor that a path such as /dev/stdin or /dev/fd/63 stands for, or -1. Those are used directly: once
 * core dumps are off, the kernel hides /proc/self/fd, where such paths lead, even from this process. */
int vs__descriptor_of(const char *path);

/** The first bytes, VS_PEEK_BYTES at most, without taking them away; before anything has been read only. */
VS_MUST_CHECK vs_status vs__input_peek(vs_input *input, const uint8_t **data, size_t *len, vs_error *error);

/** The rest of `input` into secret memory, zero byte appended: more than `max` bytes is VS_ERR_LIMIT. Freed by
 * vs_secret_free. */
VS_MUST_CHECK vs_status vs__input_read_secret(vs_input *input, size_t max, char **data, size_t *len, vs_error *error);

/* What a file begins like, to say what somebody may have meant. */
typedef enum vs_content {
    VS_CONTENT_UNKNOWN,
    VS_CONTENT_EMPTY,
    VS_CONTENT_JSON,
    VS_CONTENT_PUBLIC_KEY,
    VS_CONTENT_SECRET_KEY,
    VS_CONTENT_THRESHOLD_KEY,
    VS_CONTENT_KEY_SHARE,
    VS_CONTENT_IDENTITY,
    VS_CONTENT_PUBLIC_IDENTITY,
    VS_CONTENT_PLAN_SIGNATURES,
    VS_CONTENT_CONTAINER,
    VS_CONTENT_POOL,
    VS_CONTENT_PART,
    VS_CONTENT_NPY
} vs_content;
vs_content vs__content_of(const uint8_t *data, size_t len);
/** "a public key", "a contribution or total"; NULL for what is not known. */
const char *vs__content_name(vs_content content);
/** After an error of format in `path`: where it begins like something else that is known, say so in the hint. */
void vs__content_hint(vs_error *error, vs_content found, vs_content wanted);

#endif
