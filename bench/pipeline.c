/* The way of the data, from memory to memory: its parts one by one, and its three steps as a whole. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/result/result.h"
#include "bench/dataset.h"
#include "bench/operations.h"

void run_csv(void *context, size_t count) {
    const dataset *d = dataset_of(context);
    for (size_t done = 0; done < count; done += DATA_ROWS) {
        vs_cells *cells = NULL;
        VS_CHECK(dataset_read(d, &cells) == VS_OK);
        vs_cells_free(cells);
    }
}

void run_pack(void *context, size_t count) {
    dataset *d = dataset_of(context);
    for (size_t done = 0; done < count; done += DATA_CELLS) {
        vs_pack_cursor cursor = {0};
        vs_pack(&d->layout, &cursor, d->plaintexts, d->dense_cells, d->layout.plaintext_count);
    }
}

/* Cells of which so many bits are ones as their component's range leaves; the counter is always 1. */
void prepare_pack(void *context, unsigned level) {
    dataset *d = dataset_of(context);
    density_fill(d->dense_cells, DATA_CELLS * sizeof *d->dense_cells, level);
    for (size_t i = 0; i < DATA_CELLS; i++) {
        const vs_component *component = &d->plan->components[(i + DATA_COMPONENTS - 1) % DATA_COMPONENTS];
        vs_uint128 mask = 0, high = i == 0 ? 1 : (vs_uint128)component->high;
        while (2 * mask + 1 <= high) {
            mask = 2 * mask + 1;
        }
        d->dense_cells[i] = i == 0 ? 1 : (vs_int128)((vs_uint128)d->dense_cells[i] & mask);
    }
}

void run_write(void *context, size_t count) {
    subject *s = context;
    dataset *d = dataset_of(s);
    for (size_t done = 0; done < count; done += DATA_CIPHERTEXTS) {
        VS_CHECK(dataset_write(d, s, &d->container) == VS_OK);
    }
}

static vs_status read_container(const dataset *d, const subject *s) {
    vs_container_reader *reader = NULL;
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "memory", d->container.data, d->container.len);
    const uint8_t *ciphertexts;
    size_t got = 1;
    int at_end;
    vs_status status = vs_container_reader_new_known(&reader, &source, s->pk, &at_end, NULL);
    while (status == VS_OK && got > 0) {
        status = vs_container_read(reader, &ciphertexts, &got, NULL);
    }
    vs_container_reader_free(reader);
    return status;
}

void run_read(void *context, size_t count) {
    const dataset *d = dataset_of(context);
    for (size_t done = 0; done < count; done += DATA_CIPHERTEXTS) {
        VS_CHECK(read_container(d, context) == VS_OK);
    }
}

void run_pipe_encrypt(void *context, size_t count) {
    dataset *d = dataset_of(context);
    for (size_t done = 0; done < count; done += DATA_ROWS) {
        vs_cells *cells = NULL;
        VS_CHECK(dataset_read(d, &cells) == VS_OK);
        VS_CHECK(dataset_contribute(d, context, cells, "owner 0", &d->contributions[0]) == VS_OK);
        vs_cells_free(cells);
    }
}

void run_pipe_combine(void *context, size_t count) {
    dataset *d = dataset_of(context);
    for (size_t done = 0; done < count; done += DATA_CONTRIBUTIONS * DATA_ROWS) {
        VS_CHECK(dataset_combine(d, &d->total) == VS_OK);
    }
}

static vs_status open_total(const dataset *d, const subject *s) {
    const vs_result_options csv = {.format = VS_RESULT_CSV};
    vs_opened opened = {.cells = NULL};
    vs_memory_source memory;
    vs_memory_sink result = {0};
    vs_source source = vs_memory_source_open(&memory, "memory", d->total.data, d->total.len);
    vs_sink sink = vs_memory_sink_open(&result, "memory");
    vs_status status = vs_open_with_key(&opened, d->plan, s->sk, &source, NULL, NULL);
    if (status == VS_OK) {
        status = vs_result_write(d->plan, &opened, &csv, &sink, NULL);
    }
    vs_opened_clear(&opened);
    free(result.data);
    return status;
}

void run_pipe_decrypt(void *context, size_t count) {
    const dataset *d = dataset_of(context);
    for (size_t done = 0; done < count; done += DATA_CELLS) {
        VS_CHECK(open_total(d, context) == VS_OK);
    }
}
