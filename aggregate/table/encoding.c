#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aggregate/table/encoding.h"
#include "crypto/secret.h"

#define BLOCK_BYTES (128u * 1024u)

struct vs__decoder {
    const vs_source *source;
    iconv_t conversion; /* (iconv_t)-1 where the text is UTF-8 already */
    size_t raw_len;     /* iconv: bytes of a character that the last block cut */
    bool started, ended;
    vs_status fault; /* found behind text that was still good; reported by the next read */
    vs_error fault_error;
    char raw[BLOCK_BYTES];
    char text[BLOCK_BYTES];
};

static const iconv_t no_conversion = (iconv_t)-1;

static bool is_utf8_name(const char *encoding) {
    return encoding == NULL || strcasecmp(encoding, "UTF-8") == 0 || strcasecmp(encoding, "UTF8") == 0;
}

vs_status vs__decoder_new(vs__decoder **decoder, const vs_source *source, const char *encoding, vs_error *error) {
    *decoder = NULL;
    iconv_t conversion = no_conversion;
    if (!is_utf8_name(encoding)) {
        /* "//IGNORE" and the like would leave characters out silently. */
        conversion = strchr(encoding, '/') != NULL || encoding[0] == 0 ? no_conversion : iconv_open("UTF-8", encoding);
        if (conversion == no_conversion) {
            (void)vs_fail(error, VS_ERR_USAGE, "--encoding '%.40s' is not known here", encoding);
            vs_hint(error, "for example UTF-8, UTF-16, ISO-8859-1 or WINDOWS-1252; 'iconv -l' lists them all");
            return VS_ERR_USAGE;
        }
    }
    vs__decoder *made = calloc(1, sizeof *made);
    if (made == NULL) {
        if (conversion != no_conversion) {
            (void)iconv_close(conversion);
        }
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    made->source = source;
    made->conversion = conversion;
    *decoder = made;
    return VS_OK;
}

void vs__decoder_free(vs__decoder *decoder) {
    if (decoder == NULL) {
        return;
    }
    if (decoder->conversion != no_conversion) {
        (void)iconv_close(decoder->conversion);
    }
    vs_wipe(decoder, sizeof *decoder);
    free(decoder);
}

/* Two-byte encodings show in the first two bytes: a byte order mark, or the zero half of a Latin letter. */
static vs_status refuse_utf16(const uint8_t *data, size_t len, vs_error *error) {
    bool marked = len >= 2 && ((data[0] == 0xff && data[1] == 0xfe) || (data[0] == 0xfe && data[1] == 0xff));
    bool halves = len >= 2 && (data[0] == 0) != (data[1] == 0);
    if (!marked && !halves) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_FORMAT, "this looks like UTF-16, not UTF-8");
    vs_hint(error, "say --encoding UTF-16%s, or save the table as UTF-8", marked ? "" : data[0] == 0 ? "BE" : "LE");
    return VS_ERR_FORMAT;
}

/* Enough bytes to see a byte order mark, although a pipe may give them one at a time. */
static vs_status read_start(vs__decoder *decoder, size_t *len, vs_error *error) {
    *len = 0;
    for (size_t got = 1; got > 0 && *len < 3;) {
        vs_status status =
            decoder->source->read(decoder->source->context, decoder->text + *len, BLOCK_BYTES - *len, &got, error);
        if (status != VS_OK) {
            return status;
        }
        *len += got;
    }
    return refuse_utf16((const uint8_t *)decoder->text, *len, error);
}

static vs_status read_utf8(vs__decoder *decoder, const char **text, size_t *len, vs_error *error) {
    *text = decoder->text;
    if (decoder->started) {
        return decoder->source->read(decoder->source->context, decoder->text, BLOCK_BYTES, len, error);
    }
    decoder->started = true;
    vs_status status = read_start(decoder, len, error);
    if (status != VS_OK || *len < 3 || memcmp(decoder->text, "\xef\xbb\xbf", 3) != 0) {
        return status;
    }
    *text += 3;
    *len -= 3;
    /* Nothing but a mark so far: a length of 0 would look like the end. */
    return *len > 0 ? VS_OK : read_utf8(decoder, text, len, error);
}

static vs_status bad_bytes(vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "bytes that are no character in the encoding given");
    vs_hint(error, "is --encoding the one that the table was saved in?");
    return VS_ERR_FORMAT;
}

/* Convert what stands in raw; the text is shorter than BLOCK_BYTES, or the rest stays in raw for the next call. */
static vs_status convert(vs__decoder *decoder, size_t *len, vs_error *error) {
    char *in = decoder->raw, *out = decoder->text;
    size_t in_left = decoder->raw_len, out_left = BLOCK_BYTES;
    size_t result = iconv(decoder->conversion, &in, &in_left, &out, &out_left);
    int reason = errno;
    if (result != (size_t)-1 && decoder->ended) {
        /* Some encodings hold a character back until they know that no accent follows. */
        result = iconv(decoder->conversion, NULL, NULL, &out, &out_left);
        reason = errno;
    }
    memmove(decoder->raw, in, in_left);
    decoder->raw_len = in_left;
    *len = BLOCK_BYTES - out_left;
    if (result != (size_t)-1 || reason == E2BIG) {
        return VS_OK;
    }
    if (reason == EINVAL && !decoder->ended) {
        return VS_OK; /* the block cut a character */
    }
    return bad_bytes(error);
}

/* A mark that iconv has turned into U+FEFF at the start (UTF-16LE named with its byte order). */
static void skip_converted_mark(vs__decoder *decoder, const char **text, size_t *len) {
    if (!decoder->started && *len > 0) {
        decoder->started = true;
        if (*len >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
            *text += 3;
            *len -= 3;
        }
    }
}

static vs_status read_converted(vs__decoder *decoder, const char **text, size_t *len, vs_error *error) {
    vs_status status = decoder->fault;
    *text = decoder->text;
    *len = 0;
    if (status != VS_OK && error != NULL) {
        *error = decoder->fault_error;
    }
    while (status == VS_OK && *len == 0 && (!decoder->ended || decoder->raw_len > 0)) {
        size_t got = 0;
        /* Half a block at most, so that three bytes of UTF-8 for each byte read mostly fit at once. */
        size_t room = decoder->raw_len < BLOCK_BYTES / 4 && !decoder->ended ? BLOCK_BYTES / 2 : 0;
        if (room > 0) {
            status =
                decoder->source->read(decoder->source->context, decoder->raw + decoder->raw_len, room, &got, error);
            decoder->ended = status == VS_OK && got == 0;
            decoder->raw_len += got;
        }
        if (status == VS_OK) {
            *text = decoder->text;
            status = convert(decoder, len, error);
            skip_converted_mark(decoder, text, len);
        }
        if (status != VS_OK && *len > 0) {
            decoder->fault = status;
            decoder->fault_error = error != NULL ? *error : (vs_error){.message = ""};
            return VS_OK;
        }
    }
    return status;
}

vs_status vs__decoder_read(vs__decoder *decoder, const char **text, size_t *len, vs_error *error) {
    return decoder->conversion == no_conversion ? read_utf8(decoder, text, len, error)
                                                : read_converted(decoder, text, len, error);
}
