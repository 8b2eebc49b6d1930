#include "tests/support.h"

#include "cli/load.h"

static const vs_option options[] = {VS_OPTIONS_READING, VS_OPTIONS_END};
static const vs_verb verb = {.name = "read", .synopsis = "", .options = options};

/* The choice that these words make; NULL ends them. */
static vs_status choose(vs_reading_choice *choice, vs_arguments *arguments, const vs_plan *plan, char **argv,
                        vs_error *error) {
    int argc = 0;
    while (argv[argc] != NULL) {
        argc++;
    }
    assert_int_equal(vs__arguments_parse(arguments, &verb, argc, argv, error), VS_OK);
    return vs__reading_choose(choice, arguments, plan, error);
}

static void the_default_is_rfc_4180(void **state) {
    (void)state;
    char *argv[] = {"read", NULL};
    vs_reading_choice choice;
    vs_arguments arguments;
    vs_error error;
    assert_int_equal(choose(&choice, &arguments, NULL, argv, &error), VS_OK);
    assert_int_equal(choice.reading.delimiter, ',');
    assert_int_equal(choice.reading.decimal_point, '.');
    assert_int_equal(choice.reading.missing_count, 0);
    assert_int_equal(choice.reading.column_name_pairs, 0);
    vs__reading_free(&choice);
    vs__arguments_free(&arguments);
}

static void every_option_reaches_the_reading(void **state) {
    (void)state;
    char *argv[] = {"read", "--delimiter", "\\t", "--decimal", ",",     "--encoding", "latin1", "--missing",
                    "NA",   "--missing",   "-",   "--column",  "A=x=y", "--column",   "B=z",    NULL};
    vs_reading_choice choice;
    vs_arguments arguments;
    vs_error error;
    assert_int_equal(choose(&choice, &arguments, NULL, argv, &error), VS_OK);
    assert_int_equal(choice.reading.delimiter, '\t');
    assert_int_equal(choice.reading.decimal_point, ',');
    assert_string_equal(choice.reading.encoding, "latin1");
    assert_int_equal(choice.reading.missing_count, 2);
    assert_string_equal(choice.reading.missing[0], "NA");
    assert_string_equal(choice.reading.missing[1], "-");
    assert_int_equal(choice.reading.column_name_pairs, 2);
    assert_string_equal(choice.reading.column_names[0], "A");
    assert_string_equal(choice.reading.column_names[1], "x=y");
    assert_string_equal(choice.reading.column_names[2], "B");
    assert_string_equal(choice.reading.column_names[3], "z");
    vs__reading_free(&choice);
    vs__arguments_free(&arguments);
}

static void a_column_with_an_equals_sign_is_found_in_the_plan(void **state) {
    (void)state;
    char name[] = "a=b";
    vs_column column = {.name = name};
    const vs_plan plan = {.columns = &column, .column_count = 1};
    char *argv[] = {"read", "--column", "a=b=c=d", NULL};
    vs_reading_choice choice;
    vs_arguments arguments;
    vs_error error;
    assert_int_equal(choose(&choice, &arguments, &plan, argv, &error), VS_OK);
    assert_string_equal(choice.reading.column_names[0], "a=b");
    assert_string_equal(choice.reading.column_names[1], "c=d");
    vs__reading_free(&choice);
    vs__arguments_free(&arguments);
}

static void choices_without_sense_are_refused(void **state) {
    (void)state;
    char name[] = "Salary";
    vs_column column = {.name = name};
    const vs_plan plan = {.columns = &column, .column_count = 1};
    static char *const lines[][6] = {
        {"read", "--delimiter", "ab", NULL},   {"read", "--delimiter", "\"", NULL},
        {"read", "--delimiter", "\n", NULL},   {"read", "--delimiter", "\xc3\xa9", NULL},
        {"read", "--decimal", ";", NULL},      {"read", "--column", "Salary", NULL},
        {"read", "--column", "Salary=", NULL}, {"read", "--column", "=x", NULL},
        {"read", "--column", "Slary=x", NULL}, {"read", "--column", "Salary=x", "--column", "Salary=y", NULL},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char *argv[6];
        vs_reading_choice choice;
        vs_arguments arguments;
        vs_error error = {{0}, {0}};
        memcpy(argv, lines[i], sizeof argv);
        assert_int_equal(choose(&choice, &arguments, &plan, argv, &error), VS_ERR_USAGE);
        assert_int_not_equal(error.hint[0], 0);
        vs__reading_free(&choice);
        vs__arguments_free(&arguments);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_rfc_4180),
        cmocka_unit_test(every_option_reaches_the_reading),
        cmocka_unit_test(a_column_with_an_equals_sign_is_found_in_the_plan),
        cmocka_unit_test(choices_without_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
