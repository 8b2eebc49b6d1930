#include <string.h>

#include "aggregate/result/result_internal.h"

void vs__writer_init(vs__writer *writer, const vs_sink *sink, vs_error *error) {
    writer->sink = sink;
    writer->error = error;
    writer->status = VS_OK;
    writer->used = 0;
}

static void flush(vs__writer *writer) {
    if (writer->status == VS_OK && writer->used > 0) {
        writer->status = writer->sink->write(writer->sink->context, writer->buffer, writer->used, writer->error);
    }
    writer->used = 0;
}

void vs__write(vs__writer *writer, const void *data, size_t len) {
    const char *from = data;
    while (len > 0 && writer->status == VS_OK) {
        size_t room = sizeof writer->buffer - writer->used;
        size_t part = len < room ? len : room;
        memcpy(writer->buffer + writer->used, from, part);
        writer->used += part;
        from += part;
        len -= part;
        if (writer->used == sizeof writer->buffer) {
            flush(writer);
        }
    }
}

void vs__write_text(vs__writer *writer, const char *text) {
    vs__write(writer, text, strlen(text));
}

void vs__write_repeated(vs__writer *writer, const char *text, size_t count) {
    for (size_t i = 0; i < count; i++) {
        vs__write_text(writer, text);
    }
}

vs_status vs__writer_finish(vs__writer *writer) {
    flush(writer);
    return writer->status;
}
