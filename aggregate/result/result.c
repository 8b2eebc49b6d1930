#include "aggregate/result/result.h"

#include "aggregate/result/result_internal.h"
#include "crypto/secret.h"

static vs_status render(vs__values *values, vs__writer *writer, const vs_result_options *options, vs_error *error) {
    switch (options->format) {
    case VS_RESULT_CSV:
        return vs__result_csv(values, writer, options->for_spreadsheet != 0);
    case VS_RESULT_JSON:
        return vs__result_json(values, writer);
    case VS_RESULT_NPY:
        return vs__result_npy(values, writer);
    case VS_RESULT_TABLE:
        return vs__result_table(values, writer, options->terminal_columns);
    }
    return vs_fail(error, VS_ERR_USAGE, "there is no such format of results");
}

vs_status vs_result_write(const vs_plan *plan, const vs_opened *opened, const vs_result_options *options,
                          const vs_sink *sink, vs_error *error) {
    if (options->format == VS_RESULT_NPY && !plan->is_vector) {
        vs_fail(error, VS_ERR_USAGE, "a table cannot be written as .npy");
        vs_hint(error, "choose csv, json or table; .npy holds the sums of a vector plan");
        return VS_ERR_USAGE;
    }
    vs__values values;
    vs_status status = vs__values_init(&values, plan, opened, error);
    if (status == VS_OK) {
        vs__writer writer;
        vs__writer_init(&writer, sink, error);
        status = render(&values, &writer, options, error);
        vs_wipe(&writer, sizeof writer);
    }
    vs__values_clear(&values);
    return status;
}
