#include "tests/support.h"

#include "aggregate/table/cells.h"
#include "crypto/secret.h"

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TAIL "\"contributors\": {\"min\": 3, \"max\": 10}, \"opening\": {\"key\": \"" KEY "\"}}"

/* A source that gives `step` bytes at a time and may go on with one byte for ever. */
typedef struct drip {
    const char *data;
    size_t len, at, step;
    char filler; /* after the data, `fill` times */
    uint64_t fill, given;
} drip;

static vs_status drip_read(void *context, void *buf, size_t cap, size_t *got, vs_error *error) {
    (void)error;
    drip *d = context;
    size_t n = d->len - d->at;
    n = n < d->step ? n : d->step;
    n = n < cap ? n : cap;
    if (n > 0) {
        memcpy(buf, d->data + d->at, n);
        d->at += n;
    } else {
        n = cap < d->fill ? cap : (size_t)d->fill;
        memset(buf, d->filler, n);
        d->fill -= n;
        d->given += n;
    }
    *got = n;
    return VS_OK;
}

static vs_source drip_source(drip *d) {
    return (vs_source){.name = "t.csv", .context = d, .read = drip_read};
}

/* ---- records ---- */

/* Every record as "field|field\n", for comparison. */
typedef struct record {
    char *text;
    size_t len;
} record;

static vs_status note_row(void *context, uint64_t row, const vs_field *fields, size_t count, vs_error *error) {
    (void)row;
    (void)error;
    record *r = context;
    for (size_t i = 0; i < count; i++) {
        r->text = realloc(r->text, r->len + fields[i].len + 2);
        assert_non_null(r->text);
        memcpy(r->text + r->len, fields[i].text, fields[i].len);
        r->len += fields[i].len;
        r->text[r->len++] = i + 1 < count ? '|' : '\n';
        r->text[r->len] = 0;
    }
    return VS_OK;
}

static vs_status read_records(const vs_reading *reading, const char *data, size_t len, size_t step, record *r,
                              vs_error *error) {
    drip d = {.data = data, .len = len, .step = step};
    vs_source source = drip_source(&d);
    *r = (record){.text = NULL};
    return vs_csv_read(reading, &source, note_row, r, NULL, error);
}

static void expect_records(const char *csv, const char *want) {
    for (size_t step = 1; step < 20; step += 3) {
        record r;
        vs_error error = {{0}, {0}};
        if (read_records(&vs_reading_default, csv, strlen(csv), step, &r, &error) != VS_OK) {
            fail_msg("%s", error.message);
        }
        assert_string_equal(r.text, want);
        free(r.text);
    }
}

static void records_are_read_as_rfc_4180_has_them(void **state) {
    (void)state;
    expect_records("a,b\n1,2\n", "a|b\n1|2\n");
    expect_records("a,b\r\n1,2\r\n", "a|b\n1|2\n");
    expect_records("a,b\r1,2", "a|b\n1|2\n");
    expect_records("\xef\xbb\xbf"
                   "a,b\n1,2",
                   "a|b\n1|2\n");
    expect_records("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "a|b\nx,y|say \"hi\"\n");
    expect_records("a,b\n\"two\r\nlines\",\n", "a|b\ntwo\r\nlines|\n");
    expect_records("a,b\n,\n\"\",\"\"\n", "a|b\n|\n|\n");
    expect_records("a\n\n\n1\n\"\"\n", "a\n1\n\n"); /* an empty line is no record, an empty field is */
    expect_records(" a ,\tb\n  x, y \n\" q \",z\n", " a |\tb\n  x| y \n q |z\n");
    expect_records("a\n\xc3\xa4\xe2\x82\xac\n", "a\n\xc3\xa4\xe2\x82\xac\n");
    expect_records("a,b", "a|b\n");
}

static void put_field(char **at, const char *text, bool quoted) {
    *(*at)++ = '"';
    *at -= quoted ? 0 : 1;
    for (; *text != 0; text++) {
        if (*text == '"') {
            *(*at)++ = '"';
        }
        *(*at)++ = *text;
    }
    if (quoted) {
        *(*at)++ = '"';
    }
}

static void written_records_are_read_back(void **state) {
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        char csv[20000], want[20000];
        char *c = csv, *w = want;
        size_t columns = 1 + test_below(5), rows = 1 + test_below(20);
        const char *end = (const char *[]){"\n", "\r\n", "\r"}[test_below(3)];
        for (size_t i = 0; i < columns * rows; i++) {
            static const char alphabet[] = "ab 1,;\"\n\r|.\xc3\xa9";
            char field[24] = {0};
            size_t len = test_below(8);
            for (size_t k = 0; k < len; k++) {
                char x = alphabet[test_below(11)];
                strcat(field, (char[]){x, 0});
            }
            strcat(field, test_below(4) == 0 ? "\xc3\xa9" : "");
            bool quoted = strpbrk(field, ",\"\r\n") != NULL || columns == 1 || test_below(3) == 0;
            put_field(&c, field, quoted);
            w = stpcpy(w, field);
            *w++ = (i + 1) % columns == 0 ? '\n' : '|';
            c = (i + 1) % columns == 0 ? stpcpy(c, i + 1 == columns * rows && test_below(2) == 0 ? "" : end)
                                       : stpcpy(c, ",");
        }
        *w = *c = 0;
        record r;
        assert_int_equal(read_records(&vs_reading_default, csv, (size_t)(c - csv), 1 + test_below(300), &r, NULL),
                         VS_OK);
        assert_int_equal(r.len, w - want);
        assert_memory_equal(r.text, want, r.len);
        free(r.text);
    }
}

static void expect_refusal(const char *data, size_t len, vs_status want, const char *message, const char *hint) {
    for (size_t step = 1; step < 20; step += 3) {
        record r;
        vs_error error = {{0}, {0}};
        assert_int_equal(read_records(&vs_reading_default, data, len, step, &r, &error), want);
        free(r.text);
        if (strstr(error.message, message) == NULL || strstr(error.hint, hint) == NULL ||
            strncmp(error.message, "t.csv: ", 7) != 0) {
            fail_msg("'%s' ('%s') is not '%s' ('%s')", error.message, error.hint, message, hint);
        }
    }
}

#define REFUSE(csv, message, hint) expect_refusal(csv, sizeof(csv) - 1, VS_ERR_FORMAT, message, hint)

static void what_is_no_csv_is_refused_by_row(void **state) {
    (void)state;
    REFUSE("", "empty: there is no header", "header");
    REFUSE("\n\r\n\n", "empty: there is no header", "header");
    REFUSE("\xef\xbb\xbf", "empty: there is no header", "header");
    REFUSE("a,b\n1,2\n3\n", "row 3: 1 field where the header has 2", "--delimiter");
    REFUSE("a,b\n1,2,3\n", "row 2: 3 fields where the header has 2", "--delimiter");
    REFUSE("a,b\n\"1\n1\",2\n3\n", "row 3: 1 field where", "--delimiter"); /* records, not lines */
    REFUSE("a,b\n1,\"2\n3,4\n", "row 2: a quote is opened and never closed", "doubled");
    REFUSE("a,b\n1,\"2\" \n", "row 2: a quote in the middle", "doubled");
    REFUSE("a,b\n1,2\"\n", "row 2: a quote in the middle", "doubled");
    REFUSE("a,b\n1,\0\n", "row 2: a zero byte", "UTF-16");
    REFUSE("a,b\n1,\xe4\n", "row 2: not UTF-8", "--encoding");
    REFUSE("a,b\n1,\xc3\n", "row 2: not UTF-8", "--encoding");
    REFUSE("a,b\n1,\xed\xa0\x80\n", "row 2: not UTF-8", "--encoding");
    REFUSE("\xff\xfe"
           "a\0\n\0",
           "UTF-16", "--encoding UTF-16");
    REFUSE("a\0,\0b\0", "UTF-16", "--encoding UTF-16LE");
}

static void a_field_of_a_gigabyte_is_refused_after_a_megabyte(void **state) {
    (void)state;
    for (unsigned quoted = 0; quoted < 2; quoted++) {
        drip d = {.data = quoted ? "a\n\"" : "a\n", .len = quoted ? 3 : 2, .step = 9, .filler = 'x', .fill = 1u << 30};
        vs_source source = drip_source(&d);
        record r = {.text = NULL};
        vs_error error = {{0}, {0}};
        assert_int_equal(vs_csv_read(&vs_reading_default, &source, note_row, &r, NULL, &error), VS_ERR_LIMIT);
        assert_string_equal(error.message, "t.csv: row 2: a field of more than 1 MiB");
        assert_true(d.given < 2u << 20);
        free(r.text);
    }
}

static void a_record_without_end_is_refused(void **state) {
    (void)state;
    drip d = {.data = "a\n", .len = 2, .step = 9, .filler = ',', .fill = 1u << 30};
    vs_source source = drip_source(&d);
    record r = {.text = NULL};
    vs_error error = {{0}, {0}};
    assert_int_equal(vs_csv_read(&vs_reading_default, &source, note_row, &r, NULL, &error), VS_ERR_LIMIT);
    assert_string_equal(error.message, "t.csv: row 2: more than 65536 columns");
    assert_true(d.given < 1u << 20);
    free(r.text);
}

static void a_field_of_a_megabyte_is_read(void **state) {
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        size_t len = (1u << 20) + over;
        char *csv = malloc(len + 2);
        assert_non_null(csv);
        memcpy(csv, "a\n", 2);
        memset(csv + 2, 'x', len);
        record r;
        assert_int_equal(read_records(&vs_reading_default, csv, len + 2, 100000, &r, NULL),
                         over == 0 ? VS_OK : VS_ERR_LIMIT);
        assert_int_equal(r.len, over == 0 ? len + 3 : 2);
        free(r.text);
        free(csv);
    }
}

static void reading_options_are_followed(void **state) {
    (void)state;
    record r;
    vs_reading reading = vs_reading_default;
    reading.delimiter = ';';
    assert_int_equal(read_records(&reading, "a;b\n1,5;\"x;y\"\n", 14, 4, &r, NULL), VS_OK);
    assert_string_equal(r.text, "a|b\n1,5|x;y\n");
    free(r.text);
    reading.delimiter = '\t';
    assert_int_equal(read_records(&reading, "a\tb\n1 \t\n", 8, 4, &r, NULL), VS_OK);
    assert_string_equal(r.text, "a|b\n1 |\n");
    free(r.text);
    reading = vs_reading_default;
    reading.encoding = "UTF-16";
    assert_int_equal(read_records(&reading,
                                  "\xff\xfe"
                                  "a\0\n\0\xe9\0\r\0\n\0",
                                  12, 1, &r, NULL),
                     VS_OK);
    assert_string_equal(r.text, "a\n\xc3\xa9\n");
    free(r.text);
    vs_error error = {{0}, {0}};
    assert_int_equal(read_records(&reading,
                                  "\xff\xfe"
                                  "a\0\n\0\x00\xd8\n\0",
                                  10, 1, &r, &error),
                     VS_ERR_FORMAT);
    assert_non_null(strstr(error.message, "t.csv: row 2: "));
    free(r.text);
    reading.encoding = "KLINGON";
    assert_int_equal(read_records(&reading, "a\n", 2, 1, &r, &error), VS_ERR_USAGE);
    free(r.text);
}

static vs_status refuse_row_3(void *context, uint64_t row, const vs_field *fields, size_t count, vs_error *error) {
    (void)fields;
    (void)count;
    unsigned *calls = context;
    ++*calls;
    return row == 3 ? vs_fail(error, VS_ERR_RANGE, "row 3: no") : VS_OK;
}

static void a_refused_row_is_the_last_one_handed_out(void **state) {
    (void)state;
    unsigned calls = 0;
    vs_memory_source memory;
    vs_error error = {{0}, {0}};
    vs_source source = vs_memory_source_open(&memory, "t.csv", "a\n1\n2\n3\n4\n\"", 11);
    assert_int_equal(vs_csv_read(&vs_reading_default, &source, refuse_row_3, &calls, NULL, &error), VS_ERR_RANGE);
    assert_int_equal(calls, 3);
    assert_string_equal(error.message, "t.csv: row 3: no");
}

/* ---- tables ---- */

static vs_plan *parse(const char *json) {
    vs_plan *plan = NULL;
    vs_error error = {{0}, {0}};
    if (vs_plan_parse(&plan, json, strlen(json), &error) != VS_OK) {
        fail_msg("%s (%s)", error.message, error.hint);
    }
    return plan;
}

static const char table_plan[] =
    "{\"veilsum\": 1, \"columns\": {\"Salary\": {\"scale\": 2, \"min\": 0, \"max\": 5000}, \"Sex\": {\"values\": "
    "[\"f\", \"m\"]}}, \"by\": [\"Sex\"], \"measures\": [{\"count\": \"rows\"}, {\"sum\": \"Salary\"}], " TAIL;

/* count and sum of f, then of m */
static vs_status read_table(const char *json, const vs_reading *reading, const char *csv, vs_int128 out[4],
                            vs_error *error) {
    vs_plan *plan = parse(json);
    vs_cells *cells = NULL;
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "t.csv", csv, strlen(csv));
    assert_int_equal(vs_cells_new(&cells, plan, NULL), VS_OK);
    vs_status status = plan->is_vector ? vs_vector_read_csv(cells, plan, reading, &source, NULL, error)
                                       : vs_table_read_csv(cells, plan, reading, &source, NULL, error);
    assert_true(plan->cell_count == 5);
    memcpy(out, vs_cells_values(cells) + 1, 4 * sizeof *out);
    vs_cells_free(cells);
    vs_plan_free(plan);
    return status;
}

static void columns_are_found_by_name_and_others_ignored(void **state) {
    (void)state;
    vs_int128 out[4];
    static const char csv[] = "x,Sex,y,Salary,y\n\"a\nb\",f,,100.50,?\n,m,1,7,\n,f,1,0.5x,\n,f,,,\n";
    vs_error error = {{0}, {0}};
    assert_int_equal(read_table(table_plan, &vs_reading_default, csv, out, &error), VS_ERR_FORMAT);
    assert_non_null(strstr(error.message, "t.csv: row 4, column Salary: not a number"));
    static const char good[] = "x,Sex,y,Salary,y\n\"a\nb\",f,,100.50,?\n,m,1,7,\n,f,1,0.5,\n,f,,,\n";
    assert_int_equal(read_table(table_plan, &vs_reading_default, good, out, NULL), VS_OK);
    assert_true(out[0] == 3 && out[1] == 10100 && out[2] == 1 && out[3] == 700);
}

static void a_header_alone_is_a_table_of_zeros(void **state) {
    (void)state;
    vs_int128 out[4];
    assert_int_equal(read_table(table_plan, &vs_reading_default, "Sex,Salary\n", out, NULL), VS_OK);
    assert_true(out[0] == 0 && out[1] == 0 && out[2] == 0 && out[3] == 0);
}

static void columns_have_the_names_that_reading_gives_them(void **state) {
    (void)state;
    vs_int128 out[4];
    const char *const pairs[] = {"Salary", "gross pay"};
    vs_reading reading = vs_reading_default;
    reading.column_names = pairs;
    reading.column_name_pairs = 1;
    reading.decimal_point = ',';
    reading.delimiter = ';';
    assert_int_equal(read_table(table_plan, &reading, "Salary;gross pay;Sex\nx;1,25;m\n", out, NULL), VS_OK);
    assert_true(out[2] == 1 && out[3] == 125);
}

static void headers_without_a_column_or_with_two_are_refused(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"Sex,Pay\nf,1\n", "the header has no column Salary", "--column 'Salary="},
        {"Sex, salary\nf,1\n", "the header has no column Salary", "--column 'Salary= salary'"},
        {"Sex,Salary,Salary\nf,1,1\n", "column Salary twice", "rename"},
        {"Sex;Salary\nf;1\n", "no column Salary", "--delimiter ';'"},
        {"Sex\tSalary\nf\t1\n", "no column Salary", "--delimiter tab"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vs_int128 out[4];
        vs_error error = {{0}, {0}};
        assert_int_equal(read_table(table_plan, &vs_reading_default, cases[i][0], out, &error), VS_ERR_FORMAT);
        assert_non_null(strstr(error.message, cases[i][1]));
        assert_non_null(strstr(error.hint, cases[i][2]));
    }
}

/* ---- vectors ---- */

static const char vector_plan[] =
    "{\"veilsum\": 1, \"vector\": {\"length\": 4, \"scale\": 1, \"min\": -5, \"max\": 5}, " TAIL;

static void vectors_are_read_with_and_without_a_header(void **state) {
    (void)state;
    static const char *const cases[] = {"1\n-2.5\n0\n5\n", "gradient\r\n1\r\n-2.5\r\n0\r\n5\r\n",
                                        "\"\"\n1\n-2.5\n0\n5"};
    for (size_t i = 0; i < 3; i++) {
        vs_int128 out[4];
        assert_int_equal(read_table(vector_plan, &vs_reading_default, cases[i], out, NULL), VS_OK);
        assert_true(out[0] == 10 && out[1] == -25 && out[2] == 0 && out[3] == 50);
    }
}

static void vectors_of_another_length_or_kind_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *csv;
        vs_status status;
        const char *message;
    } cases[] = {
        {"1\n2\n3\n", VS_ERR_RANGE, "3 elements where the plan's vector has 4"},
        {"x\n1\n2\n3\n4\n5\n", VS_ERR_RANGE, "row 6: more than the 4 elements"},
        {"x\n1\n2\n3\nfour\n", VS_ERR_FORMAT, "row 5: not a number"},
        {"x\n1\n2\n\"\"\n4\n", VS_ERR_FORMAT, "row 4: no number"},
        {"1\n2\n5.1\n4\n", VS_ERR_RANGE, "row 3: element 2: above the plan's maximum of 5"},
        {"1\n2\n-1e400\n4\n", VS_ERR_RANGE, "row 3: below the plan's minimum of -5"},
        {"99\n2\n3\n4\n", VS_ERR_RANGE, "row 1: element 0: above"},
        {"1\n2.25\n3\n4\n", VS_ERR_RANGE, "row 2: more decimals than the plan's scale of 1"},
        {"1,2\n3,4\n", VS_ERR_FORMAT, "one column"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vs_int128 out[4];
        vs_error error = {{0}, {0}};
        assert_int_equal(read_table(vector_plan, &vs_reading_default, cases[i].csv, out, &error), cases[i].status);
        if (strstr(error.message, cases[i].message) == NULL) {
            fail_msg("%s", error.message);
        }
    }
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_as_rfc_4180_has_them),
        cmocka_unit_test(written_records_are_read_back),
        cmocka_unit_test(what_is_no_csv_is_refused_by_row),
        cmocka_unit_test(a_field_of_a_gigabyte_is_refused_after_a_megabyte),
        cmocka_unit_test(a_record_without_end_is_refused),
        cmocka_unit_test(a_field_of_a_megabyte_is_read),
        cmocka_unit_test(reading_options_are_followed),
        cmocka_unit_test(a_refused_row_is_the_last_one_handed_out),
        cmocka_unit_test(columns_are_found_by_name_and_others_ignored),
        cmocka_unit_test(a_header_alone_is_a_table_of_zeros),
        cmocka_unit_test(columns_have_the_names_that_reading_gives_them),
        cmocka_unit_test(headers_without_a_column_or_with_two_are_refused),
        cmocka_unit_test(vectors_are_read_with_and_without_a_header),
        cmocka_unit_test(vectors_of_another_length_or_kind_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
