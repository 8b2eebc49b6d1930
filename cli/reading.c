#include <stdlib.h>
#include <string.h>

#include "cli/load.h"

static vs_status fail_character(const char *name, const char *hint, vs_error *error) {
    (void)vs_fail(error, VS_ERR_USAGE, "--%s is not one character that can stand there", name);
    vs_hint(error, "%s", hint);
    return VS_ERR_USAGE;
}

static vs_status choose_characters(vs_reading *reading, const vs_arguments *arguments, vs_error *error) {
    const char *delimiter = vs__argument(arguments, "delimiter");
    const char *decimal = vs__argument(arguments, "decimal");
    if (delimiter != NULL) {
        bool tab = strcmp(delimiter, "tab") == 0 || strcmp(delimiter, "\\t") == 0;
        char c = tab ? '\t' : delimiter[0];
        if ((!tab && delimiter[1] != 0) || (unsigned char)c >= 0x80 || strchr("\"\r\n", c) != NULL) {
            return fail_character("delimiter", "one ASCII character other than a quote, or 'tab'", error);
        }
        reading->delimiter = c;
    }
    if (decimal != NULL) {
        if (strcmp(decimal, ".") != 0 && strcmp(decimal, ",") != 0) {
            return fail_character("decimal", "it is '.' or ','", error);
        }
        reading->decimal_point = decimal[0];
    }
    return VS_OK;
}

static bool names_column(const vs_plan *plan, const char *name, size_t len) {
    for (size_t i = 0; i < plan->column_count; i++) {
        if (strlen(plan->columns[i].name) == len && memcmp(plan->columns[i].name, name, len) == 0) {
            return true;
        }
    }
    return false;
}

/* A column's name may hold '=' itself: with a plan at hand, the split is where the left side is one of its columns. */
static const char *find_split(const char *pair, const vs_plan *plan) {
    const char *split = strchr(pair, '=');
    while (plan != NULL && split != NULL && !names_column(plan, pair, (size_t)(split - pair))) {
        split = strchr(split + 1, '=');
    }
    return split;
}

static vs_status fail_pair(const char *pair, const vs_plan *plan, vs_error *error) {
    size_t len = strcspn(pair, "=");
    if (pair[len] == 0 || pair[len + 1] == 0 || plan == NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "--column '%s' is not PLAN=TABLE", pair);
        vs_hint(error, "write the plan's name, '=', then the name in the table's header: --column 'Salary=gross pay'");
        return VS_ERR_USAGE;
    }
    vs_nearest nearest = {NULL, 0};
    for (size_t i = 0; i < plan->column_count; i++) {
        vs__nearest_offer(&nearest, pair, len, plan->columns[i].name);
    }
    (void)vs_fail(error, VS_ERR_USAGE, "--column '%s': the plan has no such column", pair);
    if (nearest.word != NULL) {
        vs_hint(error, "did you mean '%s'? The plan's name comes first, then the table's", nearest.word);
    } else {
        vs_hint(error, "the plan's name comes first, then the table's: --column 'Salary=gross pay'");
    }
    return VS_ERR_USAGE;
}

static vs_status add_pair(vs_reading_choice *choice, const char *pair, const vs_plan *plan, vs_error *error) {
    const char *split = find_split(pair, plan);
    if (split == NULL || split == pair || split[1] == 0) {
        return fail_pair(pair, plan, error);
    }
    size_t len = (size_t)(split - pair);
    for (size_t i = 0; i < choice->text_count; i += 2) {
        if (strlen(choice->texts[i]) == len && memcmp(choice->texts[i], pair, len) == 0) {
            (void)vs_fail(error, VS_ERR_USAGE, "--column names '%s' twice", choice->texts[i]);
            vs_hint(error, "a column of the plan is read from one column of the table");
            return VS_ERR_USAGE;
        }
    }
    char *left = strndup(pair, len);
    char *right = strdup(split + 1);
    if (left == NULL || right == NULL) {
        free(left);
        free(right);
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    choice->texts[choice->text_count++] = left;
    choice->texts[choice->text_count++] = right;
    return VS_OK;
}

static vs_status add_missing(vs_reading_choice *choice, const vs_arguments *arguments, vs_error *error) {
    size_t cursor = 0;
    for (const char *text; (text = vs__argument_next(arguments, "missing", &cursor)) != NULL;) {
        char *copy = strdup(text);
        if (copy == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        choice->texts[choice->text_count++] = copy;
        choice->reading.missing_count++;
    }
    return VS_OK;
}

vs_status vs__reading_choose(vs_reading_choice *choice, const vs_arguments *arguments, const vs_plan *plan,
                             vs_error *error) {
    *choice = (vs_reading_choice){.reading = vs_reading_default};
    vs_status status = choose_characters(&choice->reading, arguments, error);
    if (status != VS_OK) {
        return status;
    }
    if (vs__argument_given(arguments, "encoding")) {
        choice->reading.encoding = vs__argument(arguments, "encoding");
    }
    size_t pairs = vs__argument_count(arguments, "column");
    size_t missing = vs__argument_count(arguments, "missing");
    choice->texts = calloc(2 * pairs + missing + 1, sizeof *choice->texts);
    if (choice->texts == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    size_t cursor = 0;
    for (const char *pair; status == VS_OK && (pair = vs__argument_next(arguments, "column", &cursor)) != NULL;) {
        status = add_pair(choice, pair, plan, error);
    }
    choice->reading.column_names = (const char *const *)choice->texts;
    choice->reading.column_name_pairs = choice->text_count / 2;
    choice->reading.missing = (const char *const *)choice->texts + choice->text_count;
    return status == VS_OK ? add_missing(choice, arguments, error) : status;
}

void vs__reading_free(vs_reading_choice *choice) {
    for (size_t i = 0; i < choice->text_count; i++) {
        free(choice->texts[i]);
    }
    free(choice->texts);
    *choice = (vs_reading_choice){.text_count = 0};
}
