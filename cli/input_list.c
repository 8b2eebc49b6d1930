#include "cli/input_list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/input.h"

#define MAX_LIST_BYTES (256u << 20)

static vs_status add_path(vs_input_list *list, const char *path, vs_error *error) {
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

static vs_status add_lines(vs_input_list *list, const char *name, size_t len, vs_error *error) {
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

static vs_status add_list(vs_input_list *list, const char *path, vs_error *error) {
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

static vs_status add_operand(vs_input_list *list, const vs_arguments *arguments, const char *path, vs_error *error) {
    const char *files_from = vs__argument(arguments, "files-from");
    if (files_from != NULL && strcmp(files_from, "-") == 0 && strcmp(path, "-") == 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: standard input is both a list and an input", arguments->verb->name);
        vs_hint(error, "write the list into a file");
        return VS_ERR_USAGE;
    }
    return add_path(list, path, error);
}

vs_status vs__input_list_make(vs_input_list *list, const vs_arguments *arguments, const char *option,
                              size_t first_operand, vs_error *error) {
    const char *files_from = vs__argument(arguments, "files-from");
    const char *path = NULL;
    size_t cursor = 0;
    vs_status status = VS_OK;
    while (status == VS_OK && option != NULL && (path = vs__argument_next(arguments, option, &cursor)) != NULL) {
        status = add_operand(list, arguments, path, error);
    }
    for (size_t i = first_operand; status == VS_OK && i < arguments->operand_count; i++) {
        status = add_operand(list, arguments, arguments->operands[i], error);
    }
    return status == VS_OK && files_from != NULL ? add_list(list, files_from, error) : status;
}

void vs__input_list_free(vs_input_list *list) {
    free(list->paths);
    free(list->text);
    *list = (vs_input_list){.paths = NULL};
}

/* ---- the interface that aggregate/ opens inputs through ---- */

static vs_status open_input(void *context, size_t index, const vs_source **source, vs_error *error) {
    const vs_input_list *list = context;
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
    const vs_input_list *list = context;
    struct stat status;
    return index >= list->count ||
           (strcmp(list->paths[index], "-") != 0 && stat(list->paths[index], &status) == 0 && S_ISREG(status.st_mode));
}

vs_inputs vs__input_list_inputs(vs_input_list *list) {
    return (vs_inputs){.context = list, .open = open_input, .close = close_input, .can_reopen = can_reopen};
}
