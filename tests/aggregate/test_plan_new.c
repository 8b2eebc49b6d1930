#include "tests/support.h"

#include "aggregate/plan/plan_text.h"
#include "crypto/secret.h"

static const uint8_t key[VS_HASH_BYTES] = {0xab, 0xcd};

#define MANY 8
typedef struct wishes {
    const char *by[MANY];
    vs_plan_wish list[MANY];
} wishes;

/* The request with the lists' lengths counted. */
static vs_plan_request request_of(const wishes *w) {
    vs_plan_request request = {.by = w->by, .wishes = w->list, .key_fingerprint = key};
    while (request.by_count < MANY && w->by[request.by_count] != NULL) {
        request.by_count++;
    }
    while (request.wish_count < MANY && w->list[request.wish_count].verb != NULL) {
        request.wish_count++;
    }
    return request;
}

static vs_status make(const vs_plan_request *request, const vs_reading *reading, const char *csv, char **json,
                      char **note, vs_error *error) {
    vs_memory_source memory;
    vs_memory_sink text;
    vs_source source = vs_memory_source_open(&memory, "s.csv", csv, strlen(csv));
    vs_sink sink = vs_memory_sink_open(&text, "plan");
    vs_status status = vs_plan_new(request, reading, request->vector_length > 0 ? NULL : &source, &sink, note, error);
    *json = calloc(1, text.len + 1);
    assert_non_null(*json);
    if (text.len > 0) {
        memcpy(*json, text.data, text.len);
    }
    free(text.data);
    return status;
}

static void expect_plan(const vs_plan_request *request, const char *csv, const char *want) {
    char *json, *note;
    vs_error error = {{0}, {0}};
    if (make(request, &vs_reading_default, csv, &json, &note, &error) != VS_OK) {
        fail_msg("%s (%s)", error.message, error.hint);
    }
    assert_string_equal(json, want);
    free(json);
    free(note);
}

#define END                                                                                                            \
    "  \"rows\": {\"max\": 1048576},\n  \"contributors\": {\"min\": 3, \"max\": 1000},\n"                              \
    "  \"opening\": {\"key\": \"abcd000000000000000000000000000000000000000000000000000000000000\"}\n}\n"

static void a_plan_is_written_as_a_person_would(void **state) {
    (void)state;
    const wishes w = {{"District"},
                      {{"count", NULL},
                       {"sum", "Salary"},
                       {"mean", "Salary;weight=Age"},
                       {"variance", "Age"},
                       {"histogram", "Sex"},
                       {"histogram", "Salary=0,100.5,null"},
                       {"covariance", "Age,Salary"},
                       {"regression", "Salary~Age"}}};
    vs_plan_request request = request_of(&w);
    request.title = "A \"test\"";
    request.min_rows = 5;
    request.min_contributors = 3;
    expect_plan(&request, "Sex,District,Age,Salary\nf,02,30,100\nm,01,41,-7.25\n,,42,\nf,01,,1200\n",
                "{\n  \"veilsum\": 1,\n  \"title\": \"A \\\"test\\\"\",\n  \"columns\": {\n"
                "    \"District\": {\"values\": [\"01\", \"02\"], \"empty\": \"group\"},\n"
                "    \"Salary\": {\"scale\": 2, \"min\": -20, \"max\": 5000},\n"
                "    \"Age\": {\"scale\": 0, \"min\": 0, \"max\": 100},\n"
                "    \"Sex\": {\"values\": [\"f\", \"m\"]}\n  },\n"
                "  \"by\": [\"District\"],\n  \"measures\": [\n    {\"count\": \"rows\"},\n"
                "    {\"sum\": \"Salary\"},\n    {\"mean\": \"Salary\", \"weight\": \"Age\"},\n"
                "    {\"variance\": \"Age\"},\n    {\"histogram\": \"Sex\"},\n"
                "    {\"histogram\": \"Salary\", \"edges\": [0, \"100.5\", null]},\n"
                "    {\"covariance\": [\"Age\", \"Salary\"]},\n    {\"regression\": \"Salary\", \"on\": \"Age\"}\n"
                "  ],\n  \"groups\": {\"min_rows\": 5, \"min_contributors\": 3},\n" END);
}

static void a_count_needs_no_columns(void **state) {
    (void)state;
    const wishes w = {{NULL}, {{"count", NULL}}};
    vs_plan_request request = request_of(&w);
    expect_plan(&request, "a,b\n1,2\n",
                "{\n  \"veilsum\": 1,\n  \"measures\": [\n    {\"count\": \"rows\"}\n  ],\n" END);
}

static void limits_are_those_asked_for(void **state) {
    (void)state;
    const wishes w = {{NULL}, {{"sum", "a"}}};
    vs_plan_request request = request_of(&w);
    request.contributors_min = 2;
    request.contributors_max = 7;
    request.rows_max = 99;
    request.min_rows = 4;
    char *json, *note;
    vs_plan *plan;
    assert_int_equal(make(&request, &vs_reading_default, "a\n1\n", &json, &note, NULL), VS_OK);
    assert_int_equal(vs_plan_parse(&plan, json, strlen(json), NULL), VS_OK);
    assert_int_equal(plan->contributors_min, 2);
    assert_int_equal(plan->contributors_max, 7);
    assert_int_equal(plan->rows_max, 99);
    assert_true(plan->has_minimums && plan->min_rows == 4 && plan->min_contributors == 0);
    assert_memory_equal(plan->key_fingerprint, key, sizeof key);
    vs_plan_free(plan);
    free(json);
    free(note);
}

/* ---- bounds ---- */

static vs_plan *plan_of(const wishes *w, const vs_reading *reading, const char *csv) {
    vs_plan_request request = request_of(w);
    char *json, *note;
    vs_plan *plan = NULL;
    vs_error error = {{0}, {0}};
    if (make(&request, reading, csv, &json, &note, &error) != VS_OK) {
        fail_msg("%s (%s)", error.message, error.hint);
    }
    assert_int_equal(vs_plan_parse(&plan, json, strlen(json), NULL), VS_OK);
    free(json);
    free(note);
    return plan;
}

static void bounds_are_round_and_twice_the_extremes(void **state) {
    (void)state;
    static const struct {
        const char *fields;
        unsigned scale;
        int64_t min, max;
        bool round;
    } cases[] = {
        {"0", 0, 0, 1, false},
        {"1", 0, 0, 2, false},
        {"3\n250", 0, 0, 500, false},
        {"251", 0, 0, 1000, false},
        {"-1\n-100", 0, -200, 0, false},
        {"-3\n0.5", 1, -100, 10, false},
        {"0.03", 2, 0, 10, false},
        {"12.50", 2, 0, 5000, false},
        {"1e3", 0, 0, 2000, false},
        {"2.5e-3", 4, 0, 50, false},
        {"1000000000000000000", 0, 0, 2000000000000000000, false},
        {"100000000000000000.25", 0, 0, 500000000000000000, true},
        {"0.1234567890123456789", 18, 0, 500000000000000000, true},
        {"12345678901234.123456789", 4, 0, 500000000000000000, true},
    };
    const wishes w = {{NULL}, {{"sum", "x"}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char csv[128];
        (void)snprintf(csv, sizeof csv, "x\n%s\n", cases[i].fields);
        vs_plan *plan = plan_of(&w, &vs_reading_default, csv);
        const vs_column *column = &plan->columns[0];
        if (column->scale != cases[i].scale || column->min != cases[i].min || column->max != cases[i].max ||
            column->round_half_even != cases[i].round) {
            fail_msg("%s: scale %u, %lld .. %lld", cases[i].fields, column->scale, (long long)column->min,
                     (long long)column->max);
        }
        vs_plan_free(plan);
    }
}

/* 1, 2 or 5 and zeros? */
static bool is_round(int64_t value) {
    uint64_t x = value < 0 ? (uint64_t)-value : (uint64_t)value;
    while (x >= 10 && x % 10 == 0) {
        x /= 10;
    }
    return x == 0 || x == 1 || x == 2 || x == 5;
}

static void random_samples_fit_their_own_plan(void **state) {
    (void)state;
    const wishes w = {{"g"}, {{"variance", "x"}, {"histogram", "x"}, {"sum", "y"}}};
    for (unsigned round = 0; round < 200; round++) {
        char csv[8192] = "g,x,y\n";
        size_t rows = 1 + test_below(60);
        unsigned scale = (unsigned)test_below(5);
        int64_t low = 0, high = 0;
        for (size_t i = 0; i < rows; i++) {
            int64_t x = (int64_t)(test_random() >> (24 + test_below(40)));
            x = test_below(3) == 0 ? -x : x;
            low = x < low ? x : low;
            high = x > high ? x : high;
            char text[64];
            (void)vs_int128_to_decimal(text, x, scale);
            (void)snprintf(csv + strlen(csv), 100, "%c,%s,%llu\n", "abc"[test_below(3)], text,
                           (unsigned long long)test_below(1000));
        }
        vs_plan *plan = plan_of(&w, &vs_reading_default, csv);
        const vs_column *x = &plan->columns[1];
        assert_string_equal(x->name, "x");
        assert_int_equal(x->scale, scale);
        assert_true(is_round(x->min) && is_round(x->max));
        assert_true(x->min <= 2 * low && x->max >= 2 * high);
        assert_true(x->min >= 5 * low && (x->max <= 5 * high || high == 0)); /* and not wider than needed */
        vs_cells *cells;
        vs_error error = {{0}, {0}};
        vs_memory_source memory;
        vs_source source = vs_memory_source_open(&memory, "s.csv", csv, strlen(csv));
        assert_int_equal(vs_cells_new(&cells, plan, NULL), VS_OK);
        if (vs_table_read_csv(cells, plan, &vs_reading_default, &source, NULL, &error) != VS_OK) {
            fail_msg("%s", error.message);
        }
        vs_cells_free(cells);
        vs_plan_free(plan);
    }
}

static void products_get_fewer_decimals_rather_than_no_plan(void **state) {
    (void)state;
    const wishes w = {{NULL}, {{"variance", "x"}}};
    vs_plan *plan = plan_of(&w, &vs_reading_default, "x\n123456789.123456\n");
    assert_int_equal(plan->columns[0].scale, 5);
    assert_int_equal(plan->columns[0].max, 50000000000000);
    assert_true(plan->columns[0].round_half_even);
    vs_plan_free(plan);
}

/* ---- categories ---- */

static void categories_are_distinct_and_sorted_bytewise(void **state) {
    (void)state;
    const wishes w = {{"a"}, {{"count", NULL}}};
    vs_plan *plan = plan_of(&w, &vs_reading_default, "a\nb\nB\n\"\xc3\xa9\n\"\"\"\n10\n9\nb\nab\n a\n10\n");
    static const char *const want[] = {" a", "10", "9", "B", "ab", "b", "\xc3\xa9\n\""};
    assert_int_equal(plan->columns[0].value_count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(plan->columns[0].values[i], want[i]);
    }
    assert_int_equal(plan->columns[0].empty, VS_OTHERWISE_ERROR);
    vs_plan_free(plan);
}

/* A column with the numbers 1 .. count, each twice. */
static vs_plan *plan_of_count(const char *wish, unsigned count, unsigned factor) {
    const wishes w = {{NULL}, {{"histogram", wish}}};
    char *csv = malloc(20 + 40 * (size_t)count);
    assert_non_null(csv);
    strcpy(csv, "x\n");
    size_t len = 2;
    for (unsigned i = 1; i <= count; i++) {
        len += (size_t)sprintf(csv + len, "%u\n%u\n", i * factor, i * factor);
    }
    vs_plan *plan = plan_of(&w, &vs_reading_default, csv);
    free(csv);
    return plan;
}

static void few_numbers_are_a_category_and_many_are_binned(void **state) {
    (void)state;
    vs_plan *plan = plan_of_count("x", 32, 1);
    assert_true(!plan->columns[0].numeric);
    assert_int_equal(plan->measures[0].bin_count, 32);
    vs_plan_free(plan);
    plan = plan_of_count("x", 33, 1);
    assert_true(plan->columns[0].numeric);
    assert_int_equal(plan->measures[0].bin_count, 7); /* 5, 10 .. 30 */
    assert_true(plan->measures[0].bins[0].low_open && plan->measures[0].bins[0].high == 5);
    assert_true(plan->measures[0].bins[6].high_open && plan->measures[0].bins[6].low == 30);
    vs_plan_free(plan);
    plan = plan_of_count("x", 20000, 7);
    assert_int_equal(plan->measures[0].bin_count, 8); /* 20000 .. 140000 */
    assert_int_equal(plan->measures[0].bins[0].high, 20000);
    assert_int_equal(plan->measures[0].bins[7].low, 140000);
    vs_plan_free(plan);
}

static void one_text_makes_a_histogram_of_values(void **state) {
    (void)state;
    const wishes w = {{NULL}, {{"histogram", "x"}}};
    char csv[1000] = "x\n";
    for (unsigned i = 0; i < 50; i++) {
        (void)snprintf(csv + strlen(csv), 10, "%u\n", i);
    }
    strcat(csv, "n/a\n");
    vs_plan *plan = plan_of(&w, &vs_reading_default, csv);
    assert_int_equal(plan->columns[0].value_count, 51);
    vs_plan_free(plan);
    const char *const missing[] = {"n/a"};
    vs_reading reading = vs_reading_default;
    reading.missing = missing;
    reading.missing_count = 1;
    plan = plan_of(&w, &reading, csv);
    assert_true(plan->columns[0].numeric);
    vs_plan_free(plan);
}

/* ---- names ---- */

static void names_may_hold_the_separators(void **state) {
    (void)state;
    const wishes w = {{NULL},
                      {{"covariance", "a,b,c"},
                       {"regression", "x~y~z"},
                       {"histogram", "p=q"},
                       {"histogram", "r=s=1,2"},
                       {"mean", "m;weight=w"}}};
    vs_plan *plan = plan_of(&w, &vs_reading_default, "\"a,b\",c,x,y~z,p=q,r=s,m;weight=w\n1,2,3,4,5,1,7\n");
    assert_string_equal(plan->columns[plan->measures[0].x].name, "a,b");
    assert_string_equal(plan->columns[plan->measures[0].y].name, "c");
    assert_string_equal(plan->columns[plan->measures[1].y].name, "x");
    assert_string_equal(plan->columns[plan->measures[1].x].name, "y~z");
    assert_string_equal(plan->columns[plan->measures[2].x].name, "p=q");
    assert_string_equal(plan->columns[plan->measures[3].x].name, "r=s");
    assert_int_equal(plan->measures[4].kind, VS_MEASURE_MEAN);
    vs_plan_free(plan);
}

static void the_reading_options_hold_for_the_sample(void **state) {
    (void)state;
    const wishes w = {{NULL}, {{"sum", "Pay"}}};
    const char *const pairs[] = {"Pay", "gross pay"};
    vs_reading reading = vs_reading_default;
    reading.delimiter = ';';
    reading.decimal_point = ',';
    reading.column_names = pairs;
    reading.column_name_pairs = 1;
    vs_plan *plan = plan_of(&w, &reading, "x;gross pay\n1;1,5\n");
    assert_string_equal(plan->columns[0].name, "Pay");
    assert_int_equal(plan->columns[0].scale, 1);
    vs_plan_free(plan);
}

static void the_note_names_what_becomes_public(void **state) {
    (void)state;
    const wishes w = {{"g"}, {{"sum", "x"}, {"histogram", "h"}, {"count", NULL}}};
    vs_plan_request request = request_of(&w);
    char *json, *note;
    assert_int_equal(make(&request, &vs_reading_default, "g,x,h\na,1,2\n", &json, &note, NULL), VS_OK);
    assert_non_null(strstr(note, "the values of g, h; the decimals and widened bounds of x. "));
    assert_null(strchr(note, '\n'));
    free(json);
    free(note);
}

/* ---- vectors ---- */

static void a_vector_needs_no_sample(void **state) {
    (void)state;
    vs_plan_request request = {
        .key_fingerprint = key, .vector_length = 100000, .vector_scale = 6, .vector_min = "-1", .vector_max = "0.50"};
    expect_plan(
        &request, "",
        "{\n  \"veilsum\": 1,\n  \"vector\": {\"length\": 100000, \"scale\": 6, \"min\": -1, \"max\": \"0.5\"},\n"
        "  \"contributors\": {\"min\": 3, \"max\": 1000},\n"
        "  \"opening\": {\"key\": \"abcd000000000000000000000000000000000000000000000000000000000000\"}\n}\n");
    static const char *const bad[] = {"x", "", "0.0000001", "1e30", "1,5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *json, *note;
        request.vector_max = bad[i];
        assert_int_equal(make(&request, &vs_reading_default, "", &json, &note, NULL), VS_ERR_USAGE);
        assert_string_equal(json, "");
        assert_null(note);
        free(json);
    }
}

/* ---- refusals ---- */

static void expect_refusal(const wishes *w, const char *csv, vs_status want, const char *message) {
    vs_plan_request request = request_of(w);
    char *json, *note;
    vs_error error = {{0}, {0}};
    vs_status status = make(&request, &vs_reading_default, csv, &json, &note, &error);
    if (status != want || strstr(error.message, message) == NULL) {
        fail_msg("%d '%s' is not '%s'", status, error.message, message);
    }
    assert_string_equal(json, "");
    assert_null(note);
    free(json);
}

static void samples_that_make_no_plan_are_refused(void **state) {
    (void)state;
    expect_refusal(&(wishes){{NULL}, {{"sum", "x"}}}, "y\n1\n", VS_ERR_FORMAT, "s.csv: the header has no column x");
    expect_refusal(&(wishes){{"x"}, {{"count", NULL}}}, "x,x\n1,1\n", VS_ERR_FORMAT, "column x twice");
    expect_refusal(&(wishes){{NULL}, {{"sum", "x"}}}, "x\n1\nabc\n", VS_ERR_FORMAT, "row 3, column x: not a number");
    expect_refusal(&(wishes){{NULL}, {{"sum", "x"}}}, "x\n1e30\n", VS_ERR_RANGE, "row 2, column x: larger than any");
    expect_refusal(&(wishes){{NULL}, {{"sum", "x"}}}, "x\n3000000000000000000\n", VS_ERR_RANGE, "double no plan");
    expect_refusal(&(wishes){{NULL}, {{"sum", "x"}}}, "x\n", VS_ERR_RANGE, "x has no numbers");
    expect_refusal(&(wishes){{"x"}, {{"count", NULL}}}, "x,y\n,1\n", VS_ERR_RANGE, "x has no values");
    expect_refusal(&(wishes){{"x"}, {{"sum", "x"}}}, "x\n1\n", VS_ERR_USAGE, "x is grouped by and added up");
    expect_refusal(&(wishes){{NULL}, {{"covariance", "x"}}}, "x\n1\n", VS_ERR_USAGE, "does not name two columns");
    expect_refusal(&(wishes){{NULL}, {{"histogram", "x=1,b"}}}, "x\n1\n", VS_ERR_USAGE, "an edge is not a number");
    expect_refusal(&(wishes){{NULL}, {{"histogram", "x=2,1"}}}, "x\n1\n", VS_ERR_RANGE, "would be refused");
    expect_refusal(&(wishes){{NULL}, {{"sum", "x"}, {"sum", "x"}}}, "x\n1\n", VS_ERR_RANGE, "would be refused");
    expect_refusal(&(wishes){{NULL}, {{"sum", "x"}}}, "", VS_ERR_FORMAT, "s.csv: empty");
    expect_refusal(&(wishes){{NULL}, {{"sum", "x"}}}, "x,y\n1\n", VS_ERR_FORMAT, "s.csv: row 2: 1 field");
}

static void a_category_of_ten_thousand_and_one_is_refused(void **state) {
    (void)state;
    char *csv = malloc(200000);
    assert_non_null(csv);
    strcpy(csv, "x\n");
    size_t len = 2;
    for (unsigned i = 0; i < 10001; i++) {
        len += (size_t)sprintf(csv + len, "v%u\n", i);
    }
    expect_refusal(&(wishes){{"x"}, {{"count", NULL}}}, csv, VS_ERR_LIMIT, "more than 10000 values");
    free(csv);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_is_written_as_a_person_would),
        cmocka_unit_test(a_count_needs_no_columns),
        cmocka_unit_test(limits_are_those_asked_for),
        cmocka_unit_test(bounds_are_round_and_twice_the_extremes),
        cmocka_unit_test(random_samples_fit_their_own_plan),
        cmocka_unit_test(products_get_fewer_decimals_rather_than_no_plan),
        cmocka_unit_test(categories_are_distinct_and_sorted_bytewise),
        cmocka_unit_test(few_numbers_are_a_category_and_many_are_binned),
        cmocka_unit_test(one_text_makes_a_histogram_of_values),
        cmocka_unit_test(names_may_hold_the_separators),
        cmocka_unit_test(the_reading_options_hold_for_the_sample),
        cmocka_unit_test(the_note_names_what_becomes_public),
        cmocka_unit_test(a_vector_needs_no_sample),
        cmocka_unit_test(samples_that_make_no_plan_are_refused),
        cmocka_unit_test(a_category_of_ten_thousand_and_one_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
