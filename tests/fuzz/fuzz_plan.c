/* Plans: any bytes as JSON. An accepted plan keeps the promises that everything downstream relies on. */
#include <stdlib.h>

#include "aggregate/plan/plan_text.h"
#include "tests/fuzz/fuzz.h"

static vs_status swallow(void *context, const void *data, size_t len, vs_error *error) {
    (void)data;
    (void)error;
    *(size_t *)context += len;
    return VS_OK;
}

static void check_components(const vs_plan *plan) {
    for (size_t i = 0; i < plan->component_count; i++) {
        const vs_component *component = &plan->components[i];
        VS_CHECK(component->low <= component->high);
        VS_CHECK(component->width <= VS_MAX_SLOT_BITS);
        VS_CHECK(component->block_class < plan->class_count);
    }
    for (size_t m = 0; m < plan->measure_count; m++) {
        for (size_t i = 0; i < plan->measures[m].component_count; i++) {
            VS_CHECK(plan->measures[m].components[i] < plan->component_count);
        }
    }
}

/* A hostile plan may have a great many columns and bins: a few of each show enough. */
static void check_words(const vs_plan *plan) {
    size_t written = 0, warnings = 0;
    vs_sink sink = {.name = "words", .context = &written, .write = swallow};
    vs_error error = {0};
    vs_status status = vs_plan_show(plan, 3072, 1, &sink, &error);
    fuzz_check_status(status, &error);
    error = (vs_error){0};
    status = vs_plan_warnings(plan, &sink, &warnings, &error);
    fuzz_check_status(status, &error);
    for (size_t m = 0; m < plan->measure_count && m < 8; m++) {
        size_t columns = vs_measure_column_count(&plan->measures[m]);
        for (size_t i = 0; i < columns && i < 8; i++) {
            char *title = vs_measure_column_title(plan, &plan->measures[m], i);
            VS_CHECK(title != NULL);
            free(title);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    vs_plan *plan = NULL;
    vs_error error = {0};
    vs_status status = vs_plan_parse(&plan, data, size, &error);
    fuzz_check_status(status, &error);
    VS_CHECK((status == VS_OK) == (plan != NULL));
    if (plan != NULL) {
        VS_CHECK(plan->cell_count <= VS_MAX_CELLS);
        VS_CHECK(plan->contributors_min >= 1 && plan->contributors_min <= plan->contributors_max);
        check_components(plan);
        check_words(plan);
        vs_plan_free(plan);
    }
    return 0;
}
