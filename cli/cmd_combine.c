/* combine: contributions and totals into one total. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aggregate/combine/combine.h"
#include "cli/input.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"

#define MAX_LIST_BYTES (256u << 20)

/* The inputs' paths: the command line's first, then the list's. */
typedef struct path_list {
    const char **paths;
    size_t count, cap;
    char *text; /* of the list; its lines are paths */
} path_list;

static vs_status add_path(path_list *list, const char *path, vs_error *error) {
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 64 : 2 * list->cap;
        const char **paths = realloc(list->paths, cap * sizeof *paths);
        if (paths == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        list->paths = paths;
        list->cap = cap;
    }
    list->paths[list->count++] = path;
    return VS_OK;
}

static vs_status add_lines(path_list *list, const char *name, size_t len, vs_error *error) {
    if (memchr(list->text, 0, len) != NULL) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: not a list of file names: it holds a zero byte", name);
    }
    vs_status status = VS_OK;
    for (char *line = list->text; status == VS_OK && line < list->text + len;) {
        size_t line_len = strcspn(line, "\n");
        line[line_len] = 0;
        if (line_len > 0) {
            status = add_path(list, line, error);
        }
        line += line_len + 1;
    }
    return status;
}

static vs_status add_list(path_list *list, const char *path, vs_error *error) {
    vs_input input;
    uint8_t *data = NULL;
    size_t len = 0;
    vs_status status = vs__input_open(&input, path, error);
    if (status == VS_OK) {
        status = vs_read_all(&input.source, MAX_LIST_BYTES, &data, &len, error);
    }
    if (status == VS_OK) {
        list->text = (char *)data;
        status = add_lines(list, input.source.name, len, error);
    }
    vs__input_close(&input);
    return status;
}

static vs_status list_paths(path_list *list, const vs_arguments *arguments, vs_error *error) {
    const char *files_from = vs__argument(arguments, "files-from");
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < arguments->operand_count; i++) {
        status = add_path(list, arguments->operands[i], error);
        if (status == VS_OK && files_from != NULL && strcmp(files_from, "-") == 0 &&
            strcmp(arguments->operands[i], "-") == 0) {
            (void)vs_fail(error, VS_ERR_USAGE, "combine: standard input is both a list and an input");
            vs_hint(error, "write the list into a file");
            status = VS_ERR_USAGE;
        }
    }
    if (status == VS_OK && files_from != NULL) {
        status = add_list(list, files_from, error);
    }
    if (status == VS_OK && list->count == 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "combine: there is nothing to combine");
        vs_hint(error, "name contributions or totals, '-' for standard input, or a list with --files-from");
        status = VS_ERR_USAGE;
    }
    return status;
}

static void free_paths(path_list *list) {
    free(list->paths);
    free(list->text);
}

/* ---- the interface that aggregate/ opens inputs through ---- */

static vs_status open_input(void *context, size_t index, const vs_source **source, vs_error *error) {
    const path_list *list = context;
    *source = NULL;
    if (index >= list->count) {
        return VS_OK;
    }
    vs_input *input = malloc(sizeof *input);
    if (input == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = vs__input_open(input, list->paths[index], error);
    if (status != VS_OK) {
        vs__input_close(input);
        free(input);
        return status;
    }
    *source = &input->source;
    return VS_OK;
}

static void close_input(void *context, const vs_source *source) {
    (void)context;
    vs_input *input = source->context;
    vs__input_close(input);
    free(input);
}

static int can_reopen(void *context, size_t index) {
    const path_list *list = context;
    struct stat status;
    return index < list->count && strcmp(list->paths[index], "-") != 0 && stat(list->paths[index], &status) == 0 &&
           S_ISREG(status.st_mode);
}

static vs_status run_combine(const vs_arguments *arguments, vs_error *error) {
    const vs_output_options binary = {.force = vs__argument_given(arguments, "force"), .binary = true};
    path_list list = {NULL, 0, 0, NULL};
    const vs_inputs inputs = {.context = &list, .open = open_input, .close = close_input, .can_reopen = can_reopen};
    vs_plan *plan = NULL;
    vs_progress_line line;
    vs_output output = {.slot = -1, .fd = -1};
    vs_status status = vs__apply_threads(arguments, error);
    if (status == VS_OK) {
        status = list_paths(&list, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__output_open(&output, vs__argument(arguments, "output"), &binary, error);
    }
    if (status == VS_OK) {
        status = vs__load_plan(&plan, vs__argument(arguments, "plan"), error);
    }
    if (status == VS_OK) {
        vs__progress_begin(&line, "combining", "inputs");
        status = vs_combine(plan, &inputs, &output.sink, &line.progress, error);
        vs__progress_end(&line);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs_plan_free(plan);
    free_paths(&list);
    vs__output_close(&output);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_PLAN,
    VS_OPTION_OUTPUT("the total (default: standard output)"),
    {.name = "files-from",
     .argument = "FILE",
     .help = "more inputs, one file name a line; '-' is standard input",
     .takes_file = true},
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Multiplies contributions into a total, of which the key holder can open the sum and nothing else. Totals combine "
    "again, as in district, city, province, country: the result is the same as from everything at once. No key is "
    "needed.",
    "'-' reads standard input, where several contributions or totals may stand in a row. Each input is verified, and "
    "the total appears only when all of them are. A contributor is counted once in a period: a second contribution "
    "under the same name is refused, whatever it holds.",
    NULL,
};

static const vs_example examples[] = {
    {"Three contributions", "veilsum combine -p plan.json north.vs south.vs east.vs -o total.vs"},
    {"One from a pipe, the others from a folder",
     "ssh north cat north.vs | veilsum combine -p plan.json - others/*.vs -o total.vs"},
    {"Ten thousand", "find in -name '*.vs' | veilsum combine -p plan.json --files-from - -o total.vs"},
    {NULL, NULL},
};

const vs_verb vs__verb_combine = {
    .name = "combine",
    .summary = "Combine contributions and totals into one total",
    .synopsis = "-p PLAN [-o OUT] [--files-from FILE] [OPTIONS] [IN | -]...",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_max = SIZE_MAX,
    .run = run_combine,
};
