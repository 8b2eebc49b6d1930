/* Vectors as .npy, read for a plan of six elements (so that 6, (2, 3) and (3, 2) fit); and the same bytes as one column
 * of text. */
#include "aggregate/table/cells.h"
#include "tests/fuzz/fuzz.h"

static const char PLAN[] =
    "{\"veilsum\": 1, \"vector\": {\"length\": 6, \"scale\": 3, \"min\": -100, \"max\": 100}," FUZZ_OPENING "}";

static void check_elements(const vs_plan *plan, const vs_cells *cells) {
    const vs_int128 *values = vs_cells_values(cells);
    VS_CHECK(values[0] == 1);
    for (uint64_t i = 1; i < plan->cell_count; i++) {
        VS_CHECK(values[i] >= -100000 && values[i] <= 100000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static vs_plan *kept;
    fuzz_setup();
    const vs_plan *plan = fuzz_plan(&kept, PLAN);
    for (int text = 0; text <= 1; text++) {
        vs_memory_source state;
        vs_source source = vs_memory_source_open(&state, "vector", data, size);
        vs_cells *cells = NULL;
        vs_error error = {0};
        VS_CHECK(vs_cells_new(&cells, plan, &error) == VS_OK);
        vs_status status = text ? vs_vector_read_csv(cells, plan, &vs_reading_default, &source, NULL, &error)
                                : vs_table_read_npy(cells, plan, &source, NULL, &error);
        fuzz_check_status(status, &error);
        if (status == VS_OK) {
            check_elements(plan, cells);
        }
        vs_cells_free(cells);
    }
    return 0;
}
