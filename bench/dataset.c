#include "bench/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

#define MAX_ROW_BYTES 32u
#define WRITE_BATCH 512u /* ciphertexts, as contributions are written */

static const char plan_end[] = "\"Amount\":{\"scale\":2,\"min\":0,\"max\":10000}},\"by\":[\"Region\",\"Branch\"],"
                               "\"measures\":[{\"count\":\"rows\"},{\"sum\":\"Amount\"},{\"variance\":\"Amount\"}],"
                               "\"contributors\":{\"min\":3,\"max\":1000},\"opening\":{\"key\":\"%s\"}}";

/* "NAME":{"values":["00","01",…]}, */
static int print_values(char *out, const char *name, unsigned count) {
    int at = sprintf(out, "\"%s\":{\"values\":[", name);
    for (unsigned i = 0; i < count; i++) {
        at += sprintf(out + at, "%s\"%02u\"", i == 0 ? "" : ",", i);
    }
    return at + sprintf(out + at, "]},");
}

static void make_plan(dataset *d, const subject *s) {
    char json[4096], hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, vs_public_key_info(s->pk)->fingerprint, VS_HASH_BYTES);
    int at = sprintf(json, "{\"veilsum\":1,\"columns\":{");
    at += print_values(json + at, "Region", DATA_REGIONS);
    at += print_values(json + at, "Branch", DATA_BRANCHES);
    at += snprintf(json + at, sizeof json - (size_t)at, plan_end, hex);
    VS_CHECK(vs_plan_parse(&d->plan, json, (size_t)at, NULL) == VS_OK);
    VS_CHECK(d->plan->cell_count == DATA_CELLS);
}

static void make_rows(dataset *d) {
    static const char header[] = "Region,Branch,Amount\n";
    d->csv = malloc(sizeof header + DATA_ROWS * MAX_ROW_BYTES);
    VS_CHECK(d->csv != NULL);
    d->csv_len = (size_t)sprintf(d->csv, "%s", header);
    for (unsigned i = 0; i < DATA_ROWS; i++) {
        uint32_t r[3];
        vs_random(r, sizeof r);
        d->csv_len += (size_t)sprintf(d->csv + d->csv_len, "%02u,%02u,%u.%02u\n", (unsigned)(r[0] % DATA_REGIONS),
                                      (unsigned)(r[1] % DATA_BRANCHES), (unsigned)(r[2] % 10000),
                                      (unsigned)(r[0] / DATA_REGIONS % 100));
    }
}

static void make_header(dataset *d, const subject *s) {
    d->header = (vs_header){.kind = VS_CONTRIBUTION,
                            .pk = s->pk,
                            .cell_count = DATA_CIPHERTEXTS,
                            .ciphertext_count = DATA_CIPHERTEXTS,
                            .contributors_min = d->plan->contributors_min,
                            .contributors_max = d->plan->contributors_max,
                            .bound = 1,
                            .contributors = &d->contributor,
                            .contributor_count = 1};
    memcpy(d->header.plan_id, d->plan->id, VS_HASH_BYTES);
    vs_session_id(d->header.sid, d->plan->id, "", 0);
    strcpy(d->contributor.name, "one");
    vs_contributor_id(d->contributor.id, d->header.sid, "one");
}

/* Everything that lies on the way, once. */
static void run_through(dataset *d, subject *s) {
    const vs_key_info *info = vs_public_key_info(s->pk);
    VS_CHECK(dataset_read(d, &d->cells) == VS_OK);
    VS_CHECK(vs_layout_make(&d->layout, d->plan, info->bits, info->degree, NULL) == VS_OK);
    d->plaintexts = vs_secret_alloc(d->layout.plaintext_count * info->plaintext_bytes);
    d->dense_cells = malloc(DATA_CELLS * sizeof *d->dense_cells);
    VS_CHECK(d->plaintexts != NULL && d->dense_cells != NULL);
    memcpy(d->dense_cells, vs_cells_values(d->cells), DATA_CELLS * sizeof *d->dense_cells);
    for (unsigned i = 0; i < DATA_CONTRIBUTIONS; i++) {
        char name[16];
        snprintf(name, sizeof name, "owner %u", i);
        VS_CHECK(dataset_contribute(d, s, d->cells, name, &d->contributions[i]) == VS_OK);
    }
    VS_CHECK(dataset_combine(d, &d->total) == VS_OK);
    VS_CHECK(dataset_write(d, s, &d->container) == VS_OK);
}

dataset *dataset_of(subject *s) {
    if (s->data == NULL) {
        s->data = calloc(1, sizeof *s->data);
        VS_CHECK(s->data != NULL);
        make_plan(s->data, s);
        make_rows(s->data);
        make_header(s->data, s);
        run_through(s->data, s);
    }
    return s->data;
}

void dataset_free(dataset *d) {
    if (d != NULL) {
        vs_layout_free(&d->layout);
        vs_cells_free(d->cells);
        vs_plan_free(d->plan);
        vs_secret_free(d->plaintexts);
        for (unsigned i = 0; i < DATA_CONTRIBUTIONS; i++) {
            free(d->contributions[i].data);
        }
        free(d->total.data);
        free(d->container.data);
        free(d->dense_cells);
        free(d->csv);
        free(d);
    }
}

/* ---- the steps ---- */

/* From the beginning again, in the memory that is there. */
static vs_sink rewind_sink(vs_memory_sink *out) {
    vs_memory_sink kept = *out;
    vs_sink sink = vs_memory_sink_open(out, "memory");
    *out = (vs_memory_sink){.data = kept.data, .cap = kept.cap};
    return sink;
}

vs_status dataset_read(const dataset *d, vs_cells **cells) {
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "rows", d->csv, d->csv_len);
    vs_status status = vs_cells_new(cells, d->plan, NULL);
    return status == VS_OK ? vs_table_read_csv(*cells, d->plan, &vs_reading_default, &source, NULL, NULL) : status;
}

vs_status dataset_contribute(const dataset *d, const subject *s, const vs_cells *cells, const char *name,
                             vs_memory_sink *out) {
    vs_sink sink = rewind_sink(out);
    return vs_contribute(d->plan, s->pk, cells, name, NULL, &sink, NULL, NULL);
}

typedef struct opened_input {
    vs_memory_source memory;
    vs_source source;
} opened_input;

static vs_status open_input(void *context, size_t index, const vs_source **source, vs_error *error) {
    const dataset *d = context;
    (void)error;
    *source = NULL;
    if (index < DATA_CONTRIBUTIONS) {
        opened_input *opened = malloc(sizeof *opened);
        VS_CHECK(opened != NULL);
        const vs_memory_sink *from = &d->contributions[index];
        opened->source = vs_memory_source_open(&opened->memory, "memory", from->data, from->len);
        *source = &opened->source;
    }
    return VS_OK;
}

static void close_input(void *context, const vs_source *source) {
    (void)context;
    free((char *)(uintptr_t)source - offsetof(opened_input, source));
}

static int can_reopen(void *context, size_t index) {
    (void)context;
    return index < DATA_CONTRIBUTIONS;
}

vs_status dataset_combine(const dataset *d, vs_memory_sink *out) {
    const vs_inputs inputs = {(void *)(uintptr_t)d, open_input, close_input, can_reopen};
    vs_sink sink = rewind_sink(out);
    return vs_combine(d->plan, &inputs, &sink, NULL, NULL);
}

vs_status dataset_write(dataset *d, const subject *s, vs_memory_sink *out) {
    vs_container_writer *writer = NULL;
    vs_sink sink = rewind_sink(out);
    vs_status status = vs_container_writer_new(&writer, &d->header, &sink, NULL);
    for (size_t done = 0; done < DATA_CIPHERTEXTS && status == VS_OK; done += WRITE_BATCH) {
        status = vs_container_write(writer, s->c, WRITE_BATCH, NULL);
    }
    if (status == VS_OK) {
        status = vs_container_finish(writer, NULL);
    }
    vs_container_writer_free(writer);
    return status;
}
