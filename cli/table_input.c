#include "cli/table_input.h"

#include <string.h>

#include "cli/input.h"
#include "cli/load.h"
#include "cli/table_record.h"
#include "cli/ui.h"

/* Is the data an array? By --format, else by the name, else by how it begins. */
static vs_status data_is_npy(bool *is_npy, const char *format, vs_input *input, vs_error *error) {
    const uint8_t *head = NULL;
    size_t len = 0;
    vs_status status = vs__input_peek(input, &head, &len, error);
    if (status != VS_OK) {
        return status;
    }
    size_t name_len = strlen(input->source.name);
    bool named_so = name_len > 4 && strcmp(input->source.name + name_len - 4, ".npy") == 0;
    vs_content content = vs__content_of(head, len);
    *is_npy = format != NULL ? strcmp(format, "npy") == 0 : named_so || content == VS_CONTENT_NPY;
    if (format == NULL && (content == VS_CONTENT_CONTAINER || content == VS_CONTENT_SECRET_KEY ||
                           content == VS_CONTENT_PUBLIC_KEY || content == VS_CONTENT_POOL)) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s is not a table", input->source.name);
        vs__content_hint(error, content, VS_CONTENT_UNKNOWN);
        return VS_ERR_FORMAT;
    }
    return VS_OK;
}

static vs_status read_data(vs_cells *cells, const vs_plan *plan, const char *format, const vs_arguments *arguments,
                           vs_input *input, vs_error *error) {
    bool is_npy = false;
    vs_reading_choice choice = {.text_count = 0};
    vs_progress_line line;
    vs_status status = data_is_npy(&is_npy, format, input, error);
    if (status == VS_OK && is_npy && !plan->is_vector) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s is an array, and the plan asks for a table", input->source.name);
        vs_hint(error, "arrays go with plans that have a \"vector\"; a table is CSV");
        status = VS_ERR_FORMAT;
    }
    if (status == VS_OK) {
        status = vs__reading_choose(&choice, arguments, plan, error);
    }
    if (status == VS_OK) {
        vs__progress_begin(&line, "reading", "MB");
        if (is_npy) {
            status = vs_table_read_npy(cells, plan, &input->source, &line.progress, error);
        } else if (plan->is_vector) {
            status = vs_vector_read_csv(cells, plan, &choice.reading, &input->source, &line.progress, error);
        } else {
            status = vs_table_read_csv(cells, plan, &choice.reading, &input->source, &line.progress, error);
        }
        vs__progress_end(&line);
    }
    vs__reading_free(&choice);
    return status;
}

static void report_dropped(const vs_cells *cells) {
    vs_reading_report report = vs_cells_report(cells);
    if (report.dropped_other + report.dropped_empty == 0) {
        return;
    }
    vs__ui_note("%llu of %llu rows left out, as the plan says: %llu with a value outside its domain, %llu with an "
                "empty field",
                (unsigned long long)(report.dropped_other + report.dropped_empty), (unsigned long long)report.rows,
                (unsigned long long)report.dropped_other, (unsigned long long)report.dropped_empty);
}

vs_status vs__cells_of_data(vs_cells **cells, vs_sketch *sketch, const char *path, const char *format,
                            const vs_plan *plan, const vs_identity *owner, const vs_arguments *arguments,
                            vs_error *error) {
    vs_input input;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs_cells_new(cells, plan, error);
    }
    if (status == VS_OK && owner != NULL) {
        vs__table_watch(sketch, *cells, owner);
    }
    if (status == VS_OK) {
        status = read_data(*cells, plan, format, arguments, &input, error);
    }
    if (status == VS_OK) {
        report_dropped(*cells);
    }
    vs__input_close(&input);
    return status;
}
