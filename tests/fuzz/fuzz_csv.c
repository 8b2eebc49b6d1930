/* Tables as CSV, read for one plan with all kinds of columns; and as a sample that a plan is made from. */
#include <stdlib.h>

#include "aggregate/plan/plan_text.h"
#include "aggregate/table/cells.h"
#include "tests/fuzz/fuzz.h"

static const char PLAN[] =
    "{\"veilsum\": 1, \"columns\": {"
    "\"District\": {\"values\": [\"01\", \"02\", \"a,b\"], \"other\": \"drop\", \"empty\": \"group\"},"
    "\"Sex\": {\"values\": [\"f\", \"m\"], \"other\": \"group\"},"
    "\"Salary\": {\"scale\": 2, \"min\": -1000, \"max\": 500000, \"round\": \"half-even\"},"
    "\"Age\": {\"scale\": 0, \"min\": 0, \"max\": 120, \"other\": \"group\"}},"
    "\"by\": [\"District\"], \"measures\": [{\"count\": \"rows\"}, {\"variance\": \"Salary\"},"
    "{\"covariance\": [\"Age\", \"Salary\"]}, {\"histogram\": \"Sex\"},"
    "{\"histogram\": \"Age\", \"edges\": [18, 65]}],"
    "\"rows\": {\"max\": 100}," FUZZ_OPENING "}";

static void read_table(const uint8_t *data, size_t size, const vs_reading *reading) {
    static vs_plan *kept;
    const vs_plan *plan = fuzz_plan(&kept, PLAN);
    vs_memory_source state;
    vs_source source = vs_memory_source_open(&state, "table", data, size);
    vs_cells *cells = NULL;
    vs_error error = {0};
    VS_CHECK(vs_cells_new(&cells, plan, &error) == VS_OK);
    vs_status status = vs_table_read_csv(cells, plan, reading, &source, NULL, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        const vs_int128 *values = vs_cells_values(cells);
        VS_CHECK(values[0] == 1);
        for (uint64_t i = 1; i < plan->cell_count; i++) {
            const vs_component *component = &plan->components[(i - 1) % plan->component_count];
            VS_CHECK(values[i] >= component->low && values[i] <= component->high);
        }
        VS_CHECK(vs_cells_report(cells).rows <= size);
    }
    vs_cells_free(cells);
}

/* What `plan new` writes must be a plan. */
static void read_sample(const uint8_t *data, size_t size) {
    static const uint8_t fingerprint[VS_HASH_BYTES];
    static const char *const by[] = {"District"};
    static const vs_plan_wish wishes[] = {{"count", "rows"}, {"mean", "Salary"}, {"histogram", "Age"}};
    const vs_plan_request request = {
        .by = by, .by_count = 1, .wishes = wishes, .wish_count = 3, .min_rows = 5, .key_fingerprint = fingerprint};
    vs_memory_source state;
    vs_source source = vs_memory_source_open(&state, "sample", data, size);
    vs_memory_sink written;
    vs_sink sink = vs_memory_sink_open(&written, "plan");
    vs_error error = {0};
    char *note = NULL;
    vs_status status = vs_plan_new(&request, &vs_reading_default, &source, &sink, &note, &error);
    fuzz_check_status(status, &error);
    if (status == VS_OK) {
        vs_plan *plan = NULL;
        VS_CHECK(vs_plan_parse(&plan, written.data, written.len, &error) == VS_OK);
        vs_plan_free(plan);
    }
    free(note);
    free(written.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const missing[] = {"NA"};
    vs_reading other = vs_reading_default;
    other.delimiter = ';';
    other.decimal_point = ',';
    other.encoding = "ISO-8859-1";
    other.missing = missing;
    other.missing_count = 1;
    fuzz_setup();
    read_table(data, size, &vs_reading_default);
    read_table(data, size, &other);
    read_sample(data, size);
    return 0;
}
