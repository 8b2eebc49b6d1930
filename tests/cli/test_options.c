#include "tests/support.h"

#include "cli/verbs.h"

static vs_status run_nothing(const vs_arguments *arguments, vs_error *error) {
    (void)arguments;
    (void)error;
    return VS_OK;
}

static const vs_option options[] = {
    VS_OPTION_PLAN,
    VS_OPTION_OUTPUT("where to"),
    VS_OPTION_FORCE,
    {.name = "missing", .argument = "TEXT", .help = "a text", .repeated = true},
    {.name = "kind", .argument = "KIND", .help = "a kind", .words = "csv npy"},
    {.name = "count", .argument = "N", .help = "a number"},
    VS_OPTIONS_END,
};
static const char *const paragraphs[] = {"One.", NULL};
static const vs_example examples[] = {{"An example", "veilsum try"}, {NULL, NULL}};
static const vs_verb verb = {.name = "try",
                             .summary = "Try",
                             .synopsis = "IN",
                             .paragraphs = paragraphs,
                             .examples = examples,
                             .options = options,
                             .operands_min = 1,
                             .operands_max = 2,
                             .run = run_nothing};

#define MAX_ARGS 16

/* Parse a line of words; `words` is cut apart in place, and must live as long as `arguments`. */
static vs_status parse(vs_arguments *arguments, char *words, vs_error *error) {
    static char *argv[MAX_ARGS];
    int argc = 0;
    memset(error, 0, sizeof *error);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(argc < MAX_ARGS - 1);
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    return vs__arguments_parse(arguments, &verb, argc, argv, error);
}

static void options_and_operands_mix_in_any_order(void **state) {
    (void)state;
    char line[] = "try in.csv --plan=p.json -oout - --missing NA --missing n/a -f";
    vs_arguments arguments;
    vs_error error;
    assert_int_equal(parse(&arguments, line, &error), VS_OK);
    assert_string_equal(vs__argument(&arguments, "plan"), "p.json");
    assert_string_equal(vs__argument(&arguments, "output"), "out");
    assert_true(vs__argument_given(&arguments, "force"));
    assert_null(vs__argument(&arguments, "kind"));
    assert_int_equal(arguments.operand_count, 2);
    assert_string_equal(arguments.operands[0], "in.csv");
    assert_string_equal(arguments.operands[1], "-");
    assert_int_equal(vs__argument_count(&arguments, "missing"), 2);
    size_t cursor = 0;
    assert_string_equal(vs__argument_next(&arguments, "missing", &cursor), "NA");
    assert_string_equal(vs__argument_next(&arguments, "missing", &cursor), "n/a");
    assert_null(vs__argument_next(&arguments, "missing", &cursor));
    vs__arguments_free(&arguments);
}

static void what_follows_two_dashes_is_an_operand(void **state) {
    (void)state;
    char line[] = "try -p p -- -f";
    vs_arguments arguments;
    vs_error error;
    assert_int_equal(parse(&arguments, line, &error), VS_OK);
    assert_false(vs__argument_given(&arguments, "force"));
    assert_string_equal(arguments.operands[0], "-f");
    vs__arguments_free(&arguments);
}

static void wrong_lines_are_refused_with_a_hint(void **state) {
    (void)state;
    static const char *const lines[] = {
        "try",
        "try in",
        "try -p",
        "try -p a -p b in",
        "try -p a in in in",
        "try -p a in --frob",
        "try -p a in --force=1",
        "try -p a in -Z",
        "try -p a in -fZ",
        "try -p a in --kind xml",
        "try -p a in --output",
        "try -p a in --kind=",
        "try --help=1 in",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char line[64];
        vs_arguments arguments;
        vs_error error;
        (void)snprintf(line, sizeof line, "%s", lines[i]);
        assert_int_equal(parse(&arguments, line, &error), VS_ERR_USAGE);
        assert_int_not_equal(error.message[0], 0);
        assert_int_not_equal(error.hint[0], 0);
        vs__arguments_free(&arguments);
    }
}

static void help_needs_nothing_else(void **state) {
    (void)state;
    char line[] = "try --help";
    vs_arguments arguments;
    vs_error error;
    assert_int_equal(parse(&arguments, line, &error), VS_OK);
    assert_true(arguments.help);
    vs__arguments_free(&arguments);
}

static void numbers_are_digits_within_their_range(void **state) {
    (void)state;
    uint64_t value = 7;
    assert_true(vs__parse_number("0", 1, 0, 9, &value));
    assert_int_equal(value, 0);
    assert_true(vs__parse_number("12x", 2, 1, 12, &value));
    assert_int_equal(value, 12);
    assert_true(vs__parse_number("1844674407370955161", 19, 0, UINT64_MAX, &value));
    assert_true(value == UINT64_C(1844674407370955161));
    static const char *const wrong[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "13", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        value = 7;
        assert_false(vs__parse_number(wrong[i], strlen(wrong[i]), 0, 12, &value));
        assert_int_equal(value, 7);
    }
}

/* The distance by its definition, for short words: try every edit. */
static size_t slow_distance(const char *a, const char *b) {
    if (*a == 0 || *b == 0) {
        return strlen(a) + strlen(b);
    }
    size_t best = slow_distance(a + 1, b + 1) + (*a != *b);
    size_t deleted = slow_distance(a + 1, b) + 1;
    size_t inserted = slow_distance(a, b + 1) + 1;
    best = deleted < best ? deleted : best;
    best = inserted < best ? inserted : best;
    if (a[1] != 0 && b[1] != 0 && a[0] == b[1] && a[1] == b[0]) {
        size_t swapped = slow_distance(a + 2, b + 2) + 1;
        best = swapped < best ? swapped : best;
    }
    return best;
}

static void the_nearest_word_is_nearest_by_definition(void **state) {
    (void)state;
    test_seed();
    for (int round = 0; round < 2000; round++) {
        char a[8] = {0};
        char b[8] = {0};
        size_t a_len = 4 + test_below(3);
        size_t b_len = 4 + test_below(3);
        for (size_t i = 0; i < a_len; i++) {
            a[i] = (char)('a' + test_below(3));
        }
        for (size_t i = 0; i < b_len; i++) {
            b[i] = (char)('a' + test_below(3));
        }
        if (strncmp(a, b, strlen(a)) == 0) {
            continue; /* the beginning of a word has a rule of its own */
        }
        vs_nearest nearest = {NULL, 0};
        vs__nearest_offer(&nearest, a, a_len, b);
        size_t distance = slow_distance(a, b);
        assert_int_equal(nearest.word != NULL, distance <= 2);
        if (nearest.word != NULL) {
            assert_int_equal(nearest.distance, distance);
        }
    }
}

static void the_nearest_of_many_wins(void **state) {
    (void)state;
    static const char *const words[] = {"keygen", "encrypt", "decrypt", "combine", "inspect"};
    static const char *const typed[][2] = {
        {"decyrpt", "decrypt"}, {"encrpt", "encrypt"}, {"ins", "inspect"}, {"kegen", "keygen"},
        {"comb", "combine"},    {"xyzzy", NULL},       {"", NULL}};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        vs_nearest nearest = {NULL, 0};
        for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
            vs__nearest_offer(&nearest, typed[i][0], strlen(typed[i][0]), words[k]);
        }
        if (typed[i][1] == NULL) {
            assert_null(nearest.word);
        } else {
            assert_non_null(nearest.word);
            assert_string_equal(nearest.word, typed[i][1]);
        }
    }
}

static void wrapped_lines_fit_and_lose_nothing(void **state) {
    (void)state;
    static const char text[] = "one two three four five six seven eight nine ten averyverylongword end";
    char *out = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&out, &len);
    vs__wrap(stream, text, 4, 4, 24);
    assert_int_equal(fclose(stream), 0);
    char joined[sizeof text] = "";
    for (char *line = strtok(out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        assert_true(strlen(line) <= 24);
        line += strspn(line, " ");
        strcat(joined, joined[0] != 0 ? " " : "");
        strcat(joined, line);
    }
    assert_string_equal(joined, text);
    free(out);
}

/* Letters and names of each verb are unique, what is offered in a synopsis exists, and the texts end as the help
 * expects. */
static void the_tables_are_consistent(void **state) {
    (void)state;
    for (const vs_verb *const *v = vs__verbs; *v != NULL; v++) {
        assert_non_null((*v)->run);
        assert_true((*v)->operands_min <= (*v)->operands_max);
        assert_int_not_equal((*v)->summary[strlen((*v)->summary) - 1], '.');
        for (const vs_option *a = (*v)->options; a->name != NULL; a++) {
            assert_string_not_equal(a->name, "help");
            assert_int_not_equal(a->letter, 'h');
            assert_true(a->words == NULL || a->argument != NULL);
            for (const vs_option *b = a + 1; b->name != NULL; b++) {
                assert_string_not_equal(a->name, b->name);
                assert_true(a->letter == 0 || a->letter != b->letter);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_operands_mix_in_any_order),
        cmocka_unit_test(what_follows_two_dashes_is_an_operand),
        cmocka_unit_test(wrong_lines_are_refused_with_a_hint),
        cmocka_unit_test(help_needs_nothing_else),
        cmocka_unit_test(numbers_are_digits_within_their_range),
        cmocka_unit_test(the_nearest_word_is_nearest_by_definition),
        cmocka_unit_test(the_nearest_of_many_wins),
        cmocka_unit_test(wrapped_lines_fit_and_lose_nothing),
        cmocka_unit_test(the_tables_are_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
