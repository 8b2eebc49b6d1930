/* Many inputs on a command line, and in lists of files, as aggregate/ opens them one after another. */
#ifndef VEILSUM_CLI_INPUT_LIST_H
#define VEILSUM_CLI_INPUT_LIST_H

#include "aggregate/combine/combine.h"
#include "cli/options.h"

typedef struct vs_input_list {
    const char **paths;
    size_t count, cap;
    char *text; /* of --files-from; its lines are paths */
} vs_input_list;

/** Paths in their order: values of the option `option` (NULL: none), operands from `first_operand` on, lines of
 * --files-from. Zero-initialise `list`; vs__input_list_free also after an error. Returns: VS_OK; VS_ERR_USAGE (standard
 * input is both a list and an input), VS_ERR_FORMAT, VS_ERR_IO, VS_ERR_LIMIT, VS_ERR_MEMORY. An empty list is allowed.
 */
VS_MUST_CHECK vs_status vs__input_list_make(vs_input_list *list, const vs_arguments *arguments, const char *option,
                                            size_t first_operand, vs_error *error);
void vs__input_list_free(vs_input_list *list);

/** The interface; borrows the list. */
vs_inputs vs__input_list_inputs(vs_input_list *list);

#define VS_OPTION_FILES_FROM                                                                                           \
    {                                                                                                                  \
        .name = "files-from", .argument = "FILE", .help = "more inputs, one file name a line; '-' is standard input",  \
        .takes_file = true                                                                                             \
    }

#endif
