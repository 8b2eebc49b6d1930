/* One text after the other out of a source of any length, in bounded memory: lines, or the JSON objects of a list or of
 * a sequence. What stands in an object is not looked at here, but for where it ends.
 */
#include <inttypes.h>
#include <string.h>

#include "aggregate/convert/convert_internal.h"

/* The next byte, or −1 at the end. */
static vs_status next_byte(vs__phe_splitter *splitter, int *byte, vs_error *error) {
    *byte = -1;
    if (splitter->at == splitter->got && !splitter->ended) {
        const vs_source *source = splitter->source;
        vs_status status =
            source->read(source->context, splitter->buffer, sizeof splitter->buffer, &splitter->got, error);
        if (status != VS_OK) {
            return status;
        }
        splitter->at = 0;
        splitter->ended = splitter->got == 0;
    }
    if (!splitter->ended) {
        *byte = splitter->buffer[splitter->at++];
    }
    return VS_OK;
}

/* Leave out a byte order mark. */
static vs_status begin(vs__phe_splitter *splitter, vs_error *error) {
    size_t have = 0;
    if (splitter->begun) {
        return VS_OK;
    }
    splitter->begun = true;
    vs_status status = vs_read_up_to(splitter->source, splitter->buffer, 3, &have, error);
    splitter->got = have;
    splitter->at = have == 3 && memcmp(splitter->buffer, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    return status;
}

static vs_status keep(vs__phe_splitter *splitter, int byte, const char *what, vs_error *error) {
    if (splitter->len >= VS_MAX_PHE_NUMBER_BYTES) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: %s %" PRIu64 " is longer than %u KiB", splitter->source->name, what,
                       splitter->count, VS_MAX_PHE_NUMBER_BYTES >> 10);
    }
    splitter->text[splitter->len++] = (char)byte;
    splitter->text[splitter->len] = '\0';
    return VS_OK;
}

static void begin_text(vs__phe_splitter *splitter) {
    splitter->count++;
    splitter->len = 0;
    splitter->text[0] = '\0';
}

vs_status vs__phe_next_line(vs__phe_splitter *splitter, bool *found, vs_error *error) {
    int byte = -1;
    *found = false;
    vs_status status = begin(splitter, error);
    if (status == VS_OK) {
        status = next_byte(splitter, &byte, error);
    }
    if (status != VS_OK || byte < 0) {
        return status;
    }
    *found = true;
    begin_text(splitter);
    while (status == VS_OK && byte >= 0 && byte != '\n') {
        status = keep(splitter, byte, "line", error);
        if (status == VS_OK) {
            status = next_byte(splitter, &byte, error);
        }
    }
    if (splitter->len > 0 && splitter->text[splitter->len - 1] == '\r') {
        splitter->text[--splitter->len] = '\0';
    }
    return status;
}

static vs_status next_sign(vs__phe_splitter *splitter, int *byte, vs_error *error) {
    vs_status status;
    do {
        status = next_byte(splitter, byte, error);
    } while (status == VS_OK && (*byte == ' ' || *byte == '\t' || *byte == '\r' || *byte == '\n'));
    return status;
}

static vs_status not_numbers(const vs__phe_splitter *splitter, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "%s: no JSON of encrypted numbers (after number %" PRIu64 ")",
                  splitter->source->name, splitter->count);
    vs_hint(error, "numbers are objects such as {\"v\": \"123…\", \"e\": -32}, one after the other, or in a list");
    return VS_ERR_FORMAT;
}

/* The bytes from '{' to where its brackets and strings say that it ends. */
static vs_status take_object(vs__phe_splitter *splitter, vs_error *error) {
    int byte = '{';
    size_t depth = 0;
    bool in_string = false, escaped = false;
    begin_text(splitter);
    for (;;) {
        vs_status status = byte < 0 ? not_numbers(splitter, error) : keep(splitter, byte, "number", error);
        if (status != VS_OK) {
            return status;
        }
        if (in_string) {
            in_string = escaped || byte != '"';
            escaped = !escaped && byte == '\\';
        } else {
            in_string = byte == '"';
            depth += byte == '{';
            depth -= byte == '}';
        }
        if (depth == 0) {
            return VS_OK;
        }
        status = next_byte(splitter, &byte, error);
        if (status != VS_OK) {
            return status;
        }
    }
}

/* Before the first object: '[' begins a list. */
static vs_status enter(vs__phe_splitter *splitter, int *sign, vs_error *error) {
    vs_status status = begin(splitter, error);
    if (status == VS_OK) {
        status = next_sign(splitter, sign, error);
    }
    if (status == VS_OK && *sign == '[') {
        splitter->in_list = true;
        status = next_sign(splitter, sign, error);
    }
    return status;
}

vs_status vs__phe_next_object(vs__phe_splitter *splitter, bool *found, vs_error *error) {
    int sign = -1;
    *found = false;
    vs_status status = splitter->begun ? next_sign(splitter, &sign, error) : enter(splitter, &sign, error);
    if (status == VS_OK && splitter->in_list && splitter->count > 0 && sign == ',') {
        status = next_sign(splitter, &sign, error);
    } else if (status == VS_OK && splitter->in_list && splitter->count > 0 && sign != ']') {
        return not_numbers(splitter, error);
    }
    if (status != VS_OK) {
        return status;
    }
    if (sign == '{') {
        *found = true;
        return take_object(splitter, error);
    }
    if (splitter->in_list && sign == ']') { /* "[…,]" comes here, too: nothing is lost by it */
        status = next_sign(splitter, &sign, error);
        return status != VS_OK || sign < 0 ? status : not_numbers(splitter, error);
    }
    return sign < 0 && !splitter->in_list ? VS_OK : not_numbers(splitter, error);
}
