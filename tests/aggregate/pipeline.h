/* The pipeline in memory, for suites of its steps: real plans, small tables, contributions as bytes, inputs of a
 * combine. */
#ifndef VEILSUM_TESTS_PIPELINE_H
#define VEILSUM_TESTS_PIPELINE_H

#include "aggregate/combine/combine.h"
#include "containers.h"

#define PLAN_COLUMNS                                                                                                   \
    "\"columns\":{\"D\":{\"values\":[\"a\",\"b\",\"c\"]},"                                                             \
    "\"X\":{\"scale\":2,\"min\":-500,\"max\":1000},\"Y\":{\"scale\":0,\"min\":0,\"max\":9}},\"by\":[\"D\"],"           \
    "\"measures\":[{\"count\":\"rows\"},{\"sum\":\"X\"},{\"variance\":\"X\"},{\"mean\":\"Y\"},"                        \
    "{\"covariance\":[\"X\",\"Y\"]}],"                                                                                 \
    "\"rows\":{\"max\":1000}"

/* `rest`: members besides columns and measures, for example "\"contributors\":{\"min\":1,\"max\":50}". */
static inline vs_plan *table_plan(const vs_public_key *pk, const char *rest) {
    char json[8192], hex[2 * VS_HASH_BYTES + 1];
    vs_plan *plan = NULL;
    vs_error error;
    vs_to_hex(hex, vs_public_key_info(pk)->fingerprint, VS_HASH_BYTES);
    int len =
        snprintf(json, sizeof json, "{\"veilsum\":1,%s,%s,\"opening\":{\"key\":\"%s\"}}", PLAN_COLUMNS, rest, hex);
    vs_status status = vs_plan_parse(&plan, json, (size_t)len, &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return plan;
}

/* A random table of this plan's columns: `rows` rows, in groups a .. (a + groups − 1); `text` has room for 32 bytes a
 * row. */
static inline void random_table(char *text, unsigned rows, unsigned groups) {
    text += sprintf(text, "D,X,Y\n");
    for (unsigned i = 0; i < rows; i++) {
        text += sprintf(text, "%c,%d.%02u,%u\n", (char)('a' + test_below(groups)), (int)test_below(1499) - 499,
                        (unsigned)test_below(100), (unsigned)test_below(10));
    }
}

static inline vs_cells *read_table(const vs_plan *plan, const char *text) {
    vs_cells *cells = NULL;
    vs_error error = {.message = ""};
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "data.csv", text, strlen(text));
    assert_int_equal(vs_cells_new(&cells, plan, &error), VS_OK);
    vs_status status = vs_table_read_csv(cells, plan, &vs_reading_default, &source, NULL, &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return cells;
}

/* The contribution of a table; its cells are added to `sums` if that is not NULL. */
static inline blob contribute(const vs_plan *plan, const vs_public_key *pk, const char *table, const char *name,
                              const char *period, vs_int128 *sums) {
    vs_cells *cells = read_table(plan, table);
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    assert_int_equal(vs_contribute(plan, pk, cells, name, period, &sink, NULL, NULL), VS_OK);
    for (uint64_t i = 0; sums != NULL && i < plan->cell_count; i++) {
        sums[i] += vs_cells_values(cells)[i];
    }
    vs_cells_free(cells);
    return (blob){memory.data, memory.len};
}

/* The contribution of a random table by owner number `index`. */
static inline blob contribute_random(const vs_plan *plan, const vs_public_key *pk, unsigned index, vs_int128 *sums) {
    char table[4096], name[32];
    random_table(table, (unsigned)test_below(100), 3);
    snprintf(name, sizeof name, "owner %u", index);
    return contribute(plan, pk, table, name, "2026-11", sums);
}

/* ---- inputs of a combine ---- */

typedef struct test_input {
    char name[VS_MAX_NAME_BYTES + 1];
    blob data;
    bool pipe; /* can be read once */
} test_input;

typedef struct test_inputs {
    test_input list[64];
    size_t count;
    size_t open_now, open_most;
} test_inputs;

static inline void add_input(test_inputs *inputs, const char *name, blob data, bool pipe) {
    test_input *input = &inputs->list[inputs->count++];
    assert_true(inputs->count <= 64);
    snprintf(input->name, sizeof input->name, "%s", name);
    input->data = data;
    input->pipe = pipe;
}

typedef struct opened_input {
    vs_source source;
    vs_memory_source memory;
} opened_input;

static inline vs_status open_input(void *context, size_t index, const vs_source **source, vs_error *error) {
    test_inputs *inputs = context;
    (void)error;
    *source = NULL;
    if (index >= inputs->count) {
        return VS_OK;
    }
    test_input *input = &inputs->list[index];
    opened_input *opened = calloc(1, sizeof *opened);
    opened->source = vs_memory_source_open(&opened->memory, input->name, input->data.data, input->data.len);
    inputs->open_now++;
    inputs->open_most = inputs->open_now > inputs->open_most ? inputs->open_now : inputs->open_most;
    *source = &opened->source;
    return VS_OK;
}

static inline void close_input(void *context, const vs_source *source) {
    test_inputs *inputs = context;
    inputs->open_now--;
    free((void *)(uintptr_t)source);
}

static inline int can_reopen_input(void *context, size_t index) {
    const test_inputs *inputs = context;
    return !inputs->list[index].pipe;
}

/* Combine; after an error nothing may have been written. Frees nothing of the inputs. */
static inline vs_status combine(const vs_plan *plan, test_inputs *inputs, blob *total, vs_error *error) {
    const vs_inputs interface = {
        .context = inputs, .open = open_input, .close = close_input, .can_reopen = can_reopen_input};
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    vs_status status = vs_combine(plan, &interface, &sink, NULL, error);
    assert_int_equal(inputs->open_now, 0);
    if (status != VS_OK) {
        assert_int_equal(memory.len, 0);
    }
    *total = (blob){memory.data, memory.len};
    return status;
}

static inline vs_status open_total(vs_opened *opened, const vs_plan *plan, const vs_secret_key *sk, const blob *total,
                                   vs_error *error) {
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "total.vs", total->data, total->len);
    vs_status status = vs_open_with_key(opened, plan, sk, &source, NULL, error);
    if (status != VS_OK) {
        assert_null(opened->cells);
        assert_null(opened->reasons);
    }
    return status;
}

/* The ciphertexts of a container: the first of `count`, which must fit one chunk. */
static inline uint8_t *first_ciphertext(const blob *b) {
    return b->data + get_number(b->data + 12, 4);
}

#endif
