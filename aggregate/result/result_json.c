#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/result/result_internal.h"
#include "crypto/hash.h"

typedef struct json {
    vs__values *values;
    vs__writer *writer;
    uint64_t items; /* of the list that is being written */
} json;

static void write_string(vs__writer *writer, const char *text) {
    vs__write_text(writer, "\"");
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            vs__write_text(writer, "\\");
            vs__write(writer, text, 1);
        } else if (byte < 0x20 || byte == 0x7f) {
            char escape[8];
            snprintf(escape, sizeof escape, "\\u%04x", byte);
            vs__write_text(writer, escape);
        } else {
            vs__write(writer, text, 1);
        }
    }
    vs__write_text(writer, "\"");
}

/* Two histograms of a column may share a bin, under one title and with one value: an object names it once. */
static bool is_repeated(const vs_plan *plan, const vs__value *value) {
    const vs_measure *measure = value->measure;
    if (measure == NULL || measure->kind != VS_MEASURE_HISTOGRAM) {
        return false;
    }
    for (const vs_measure *earlier = plan->measures; earlier < measure; earlier++) {
        if (earlier->kind != VS_MEASURE_HISTOGRAM || earlier->x != measure->x) {
            continue;
        }
        for (size_t i = 0; i < earlier->component_count; i++) {
            if (earlier->components[i] == measure->components[value->index]) {
                return true;
            }
        }
    }
    return false;
}

static vs_status write_title(json *out, const vs__value *value, vs_error *error) {
    char *title = vs__value_title(out->values, value);
    if (title == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    write_string(out->writer, title);
    free(title);
    return VS_OK;
}

static vs_status visit_title(void *context, const vs__value *value, vs_error *error) {
    (void)error;
    json *out = context;
    if (is_repeated(out->values->plan, value)) {
        return VS_OK;
    }
    vs__write_text(out->writer, value->column > 0 ? "," : "");
    write_string(out->writer, value->text);
    return out->writer->status;
}

static vs_status visit_value(void *context, const vs__value *value, vs_error *error) {
    json *out = context;
    if (is_repeated(out->values->plan, value)) {
        return VS_OK;
    }
    vs__write_text(out->writer, value->column > 0 ? "," : "");
    vs_status status = write_title(out, value, error);
    vs__write_text(out->writer, ":");
    if (value->kind == VS__TEXT || value->kind == VS__NUMBER) {
        write_string(out->writer, value->text);
    } else {
        vs__write_text(out->writer, "null");
    }
    return status == VS_OK ? out->writer->status : status;
}

static vs_status visit_withheld(void *context, const vs__value *value, vs_error *error) {
    json *out = context;
    if (value->kind != VS__WITHHELD) {
        return VS_OK;
    }
    char row[48];
    snprintf(row, sizeof row, "%s{\"row\":%" PRIu64 ",\"column\":", out->items++ > 0 ? ",\n" : "\n", value->row);
    vs__write_text(out->writer, row);
    vs_status status = write_title(out, value, error);
    vs__write_text(out->writer, ",\"reason\":\"");
    vs__write_text(out->writer, vs_reason_name(value->reason));
    vs__write_text(out->writer, "\"}");
    return status == VS_OK ? out->writer->status : status;
}

static void write_head(const json *out) {
    const vs_opened *opened = out->values->opened;
    char id[2 * VS_HASH_BYTES + 1], contributors[64];
    vs_to_hex(id, out->values->plan->id, VS_HASH_BYTES);
    vs__write_text(out->writer, "{\"veilsum_result\":1,\"plan\":\"");
    vs__write_text(out->writer, id);
    vs__write_text(out->writer, "\",\"period\":");
    if (opened->period[0] == '\0') {
        vs__write_text(out->writer, "null");
    } else {
        write_string(out->writer, opened->period);
    }
    snprintf(contributors, sizeof contributors, ",\"contributors\":%" PRIu64 ",\n\"columns\":[", opened->contributions);
    vs__write_text(out->writer, contributors);
}

static vs_status write_rows(json *out, vs_error *error) {
    vs_status status = VS_OK;
    for (uint64_t row = 0; row < out->values->row_count && status == VS_OK; row++) {
        vs__write_text(out->writer, row > 0 ? ",\n{" : "\n{");
        status = vs__values_row(out->values, row, visit_value, out, error);
        vs__write_text(out->writer, "}");
    }
    return status;
}

vs_status vs__result_json(vs__values *values, vs__writer *writer) {
    json out = {values, writer, 0};
    write_head(&out);
    vs_status status = vs__values_titles(values, visit_title, &out, writer->error);
    if (status != VS_OK) {
        return status;
    }
    vs__write_text(writer, "],\n\"rows\":[");
    status = write_rows(&out, writer->error);
    vs__write_text(writer, "],\n\"withheld\":[");
    for (uint64_t row = 0; row < values->row_count && status == VS_OK && values->plan->has_minimums; row++) {
        status = vs__values_row(values, row, visit_withheld, &out, writer->error);
    }
    vs__write_text(writer, "]}\n");
    return status == VS_OK ? vs__writer_finish(writer) : status;
}
