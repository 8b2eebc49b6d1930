#include <csv.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/table/cells.h"
#include "aggregate/table/encoding.h"
#include "crypto/secret.h"
#include "crypto/text.h"

/* Records of CSV as RFC 4180 has it, from libcsv in its strict mode, under limits of our own: memory stays bounded
 * whatever the source says. Fields keep their spaces. Lines that are empty are no records, so a table of one column
 * writes a missing value as "". */

#define MAX_FIELD_BYTES (1u << 20)
#define MAX_RECORD_BYTES (16u << 20)
#define MAX_FIELDS 65536u

/* A record's field as an offset: the text may move while it grows. */
typedef struct span {
    size_t start, len;
} span;

typedef struct csv_reader {
    struct csv_parser parser;
    vs_csv_row on_row;
    void *context;
    vs_error *error;
    vs_status status; /* of the first trouble; what the parser still says after it is ignored */
    uint64_t row;     /* the record that is being read; the header is 1 */
    size_t columns;   /* of the header */
    char *text;
    size_t text_len, text_cap;
    span *spans;
    vs_field *fields;
    size_t field_count, field_cap;
} csv_reader;

/* libcsv takes the character after a field's spaces for its own; a category's spaces belong to it. */
static int no_space(unsigned char c) {
    (void)c;
    return 0;
}

/* libcsv grows its buffer as long as memory lasts, and realloc would leave copies of the field behind. */
static void *bounded_realloc(void *memory, size_t len) {
    void *grown = len > MAX_FIELD_BYTES + 4096u ? NULL : malloc(len);
    if (grown != NULL && memory != NULL) {
        size_t held = malloc_usable_size(memory);
        memcpy(grown, memory, held < len ? held : len);
        vs_wipe(memory, held);
        free(memory);
    }
    return grown;
}

static void fail_limit(csv_reader *reader, const char *what) {
    reader->status = vs_fail(reader->error, VS_ERR_LIMIT, "row %llu: %s", (unsigned long long)reader->row, what);
    vs_hint(reader->error, "a quote that is opened and never closed makes one field of all that follows");
}

/* ---- growing ---- */

static bool grow_text(csv_reader *reader, size_t more) {
    size_t need = reader->text_len + more;
    if (need <= reader->text_cap) {
        return true;
    }
    size_t cap = reader->text_cap == 0 ? 4096 : reader->text_cap;
    while (cap < need) {
        cap *= 2;
    }
    char *grown = malloc(cap);
    if (grown == NULL) {
        return false;
    }
    if (reader->text != NULL) {
        memcpy(grown, reader->text, reader->text_len);
        vs_wipe(reader->text, reader->text_len);
        free(reader->text);
    }
    reader->text = grown;
    reader->text_cap = cap;
    return true;
}

static bool grow_fields(csv_reader *reader) {
    if (reader->field_count < reader->field_cap) {
        return true;
    }
    size_t cap = reader->field_cap == 0 ? 64 : 2 * reader->field_cap;
    span *spans = realloc(reader->spans, cap * sizeof *spans);
    reader->spans = spans != NULL ? spans : reader->spans;
    vs_field *fields = realloc(reader->fields, cap * sizeof *fields);
    reader->fields = fields != NULL ? fields : reader->fields;
    if (spans == NULL || fields == NULL) {
        return false;
    }
    reader->field_cap = cap;
    return true;
}

/* ---- what libcsv calls ---- */

static void fail_text(csv_reader *reader, const char *field, size_t len) {
    bool zero = memchr(field, 0, len) != NULL;
    reader->status = vs_fail(reader->error, VS_ERR_FORMAT, "row %llu: %s", (unsigned long long)reader->row,
                             zero ? "a zero byte" : "not UTF-8");
    if (zero) {
        vs_hint(reader->error, "text holds none: is this a CSV file, or is it UTF-16 (--encoding UTF-16)?");
    } else {
        vs_hint(reader->error, "name the encoding that the table was saved in: --encoding WINDOWS-1252, for example");
    }
}

static void on_field(void *data, size_t len, void *context) {
    csv_reader *reader = context;
    if (reader->status != VS_OK) {
        return;
    }
    /* A block of input may hold more than a field may, so the limit is checked here and where the buffer grows. */
    if (len > MAX_FIELD_BYTES) {
        fail_limit(reader, "a field of more than 1 MiB");
    } else if (reader->field_count == MAX_FIELDS) {
        fail_limit(reader, "more than 65536 columns");
    } else if (reader->text_len + len > MAX_RECORD_BYTES) {
        fail_limit(reader, "a record of more than 16 MiB");
    } else if (!vs__utf8_is_valid(data, len)) {
        fail_text(reader, data, len);
    } else if (!grow_text(reader, len + 1) || !grow_fields(reader)) {
        reader->status = vs_fail_plain(reader->error, VS_ERR_MEMORY);
    } else {
        memcpy(reader->text + reader->text_len, data, len);
        reader->spans[reader->field_count++] = (span){.start = reader->text_len, .len = len};
        reader->text_len += len;
    }
}

static void fail_ragged(csv_reader *reader) {
    size_t count = reader->field_count;
    reader->status = vs_fail(reader->error, VS_ERR_FORMAT, "row %llu: %zu field%s where the header has %zu",
                             (unsigned long long)reader->row, count, count == 1 ? "" : "s", reader->columns);
    vs_hint(reader->error, "a field that holds the delimiter stands in \"quotes\"; another delimiter is named by "
                           "--delimiter ';'");
}

static void on_record(int terminator, void *context) {
    (void)terminator;
    csv_reader *reader = context;
    if (reader->status != VS_OK) {
        return;
    }
    if (reader->row == 1) {
        reader->columns = reader->field_count;
    }
    if (reader->field_count != reader->columns) {
        fail_ragged(reader);
        return;
    }
    for (size_t i = 0; i < reader->field_count; i++) {
        reader->fields[i] = (vs_field){.text = reader->text + reader->spans[i].start, .len = reader->spans[i].len};
    }
    reader->status = reader->on_row(reader->context, reader->row, reader->fields, reader->field_count, reader->error);
    reader->row++;
    reader->field_count = 0;
    reader->text_len = 0;
}

/* ---- reading ---- */

static vs_status fail_parser(csv_reader *reader, bool at_end) {
    switch (csv_error(&reader->parser)) {
    case CSV_EPARSE:
        reader->status = vs_fail(reader->error, VS_ERR_FORMAT, "row %llu: %s", (unsigned long long)reader->row,
                                 at_end ? "a quote is opened and never closed" : "a quote in the middle of a field");
        vs_hint(reader->error, "a field that holds quotes stands in quotes, with each of its own doubled: "
                               "\"the \"\"north\"\" gate\"");
        break;
    case CSV_ENOMEM:
    case CSV_ETOOBIG:
        if (reader->parser.entry_size >= MAX_FIELD_BYTES) {
            fail_limit(reader, "a field of more than 1 MiB");
        } else {
            reader->status = vs_fail_plain(reader->error, VS_ERR_MEMORY);
        }
        break;
    default:
        reader->status = vs_fail_plain(reader->error, VS_ERR_FAULT);
        break;
    }
    return reader->status;
}

static vs_status parse_block(csv_reader *reader, const char *text, size_t len) {
    size_t done = csv_parse(&reader->parser, text, len, on_field, on_record, reader);
    if (reader->status == VS_OK && done != len) {
        return fail_parser(reader, false);
    }
    return reader->status;
}

static vs_status read_blocks(csv_reader *reader, vs__decoder *decoder, const vs_progress *progress) {
    uint64_t bytes = 0;
    for (;;) {
        const char *text = NULL;
        size_t len = 0;
        vs_status status = vs__decoder_read(decoder, &text, &len, reader->error);
        if (status == VS_ERR_FORMAT) {
            vs_error_at(reader->error, "row %llu", (unsigned long long)reader->row);
        }
        if (status != VS_OK || len == 0) {
            return status;
        }
        status = parse_block(reader, text, len);
        if (status != VS_OK) {
            return status;
        }
        bytes += len;
        vs_progress_step(progress, bytes, 0);
    }
}

static vs_status finish(csv_reader *reader) {
    if (csv_fini(&reader->parser, on_field, on_record, reader) != 0 && reader->status == VS_OK) {
        return fail_parser(reader, true);
    }
    if (reader->status == VS_OK && reader->row == 1) {
        reader->status = vs_fail(reader->error, VS_ERR_FORMAT, "empty: there is no header");
        vs_hint(reader->error, "the first row names the columns; a header alone is a table without rows");
    }
    return reader->status;
}

static void free_parts(csv_reader *reader) {
    if (reader->text != NULL) {
        vs_wipe(reader->text, reader->text_cap);
        free(reader->text);
    }
    free(reader->spans);
    free(reader->fields);
    if (reader->parser.entry_buf != NULL) {
        vs_wipe(reader->parser.entry_buf, reader->parser.entry_size);
    }
    csv_free(&reader->parser);
}

vs_status vs_csv_read(const vs_reading *reading, const vs_source *source, vs_csv_row on_row, void *context,
                      const vs_progress *progress, vs_error *error) {
    csv_reader reader = {.on_row = on_row, .context = context, .error = error, .row = 1};
    vs__decoder *decoder = NULL;
    if (csv_init(&reader.parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    csv_set_delim(&reader.parser, (unsigned char)reading->delimiter);
    csv_set_space_func(&reader.parser, no_space);
    csv_set_realloc_func(&reader.parser, bounded_realloc);
    csv_set_blk_size(&reader.parser, 4096);
    vs_status status = vs__decoder_new(&decoder, source, reading->encoding, error);
    if (status == VS_OK) {
        status = read_blocks(&reader, decoder, progress);
    }
    if (status == VS_OK) {
        status = finish(&reader);
    }
    vs__decoder_free(decoder);
    free_parts(&reader);
    /* A source names itself where reading it fails. */
    if (status <= VS_ERR_FORMAT) {
        vs_error_at(error, "%s", source->name);
    }
    return status;
}
