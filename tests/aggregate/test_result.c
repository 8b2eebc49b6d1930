/* Results: formulas against a second way to compute them, and the four formats to the byte. */
#include "tests/support.h"

#include "aggregate/result/result.h"

#define KEY "\"opening\":{\"key\":\"00000000000000000000000000000000000000000000000000000000000000aa\"}"

static vs_plan *parse(const char *json) {
    vs_plan *plan;
    vs_error error;
    if (vs_plan_parse(&plan, json, strlen(json), &error) != VS_OK) {
        fail_msg("%s", error.message);
    }
    return plan;
}

/* Columns of the fixture's plan: by C (levels a, b), numbers X (scale 2) and Y (scale 1). */
typedef struct row {
    size_t level;
    bool has[2];
    int64_t number[2];
} row;

typedef struct fixture {
    vs_plan *plan;
    vs_opened opened;
} fixture;

static size_t number_index(const vs_plan *plan, size_t column) {
    return strcmp(plan->columns[column].name, "X") == 0 ? 0 : 1;
}

/* What a row adds to a component: the definition, column by column. */
static vs_int128 row_adds(const vs_plan *plan, const vs_component *component, const row *r) {
    for (unsigned i = 0; i < component->present_count; i++) {
        if (plan->columns[component->present[i]].numeric && !r->has[number_index(plan, component->present[i])]) {
            return 0;
        }
    }
    if (component->kind == VS_COMPONENT_BIN) {
        if (!plan->columns[component->present[0]].numeric) {
            return r->level == component->level;
        }
        int64_t x = r->number[number_index(plan, component->present[0])];
        return (component->bin.low_open || x >= component->bin.low) &&
               (component->bin.high_open || x < component->bin.high);
    }
    vs_int128 product = 1;
    for (unsigned i = 0; i < component->factor_count; i++) {
        product *= r->number[number_index(plan, component->factor[i])];
    }
    return product;
}

static fixture make(const char *measures, const char *groups, const row *rows, size_t count) {
    char json[4096];
    snprintf(json, sizeof json,
             "{\"veilsum\":1,\"columns\":{\"C\":{\"values\":[\"a\",\"b\"]},"
             "\"X\":{\"scale\":2,\"min\":-1000,\"max\":1000},\"Y\":{\"scale\":1,\"min\":0,\"max\":50}},"
             "\"by\":[\"C\"],\"measures\":[%s],%s%s}",
             measures, groups, KEY);
    fixture f = {.plan = NULL};
    /* A plan names only what it needs: leave out the columns that these measures do not use. */
    char *x = strstr(json, "\"X\":{"), *y = strstr(json, ",\"Y\":{");
    if (strstr(measures, "\"Y\"") == NULL) {
        memmove(y, strchr(y, '}') + 1, strlen(strchr(y, '}') + 1) + 1);
    }
    if (strstr(measures, "\"X\"") == NULL) {
        memmove(x - 1, strchr(x, '}') + 1, strlen(strchr(x, '}') + 1) + 1);
    }
    f.plan = parse(json);
    f.opened.contributions = 3;
    f.opened.cells = calloc(f.plan->cell_count, sizeof *f.opened.cells);
    f.opened.cells[0] = 3;
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < f.plan->component_count; c++) {
            vs_int128 *cell = &f.opened.cells[1 + rows[i].level * f.plan->component_count + c];
            if (f.plan->components[c].kind == VS_COMPONENT_CONTRIBUTOR) {
                *cell = 3;
            } else {
                *cell += row_adds(f.plan, &f.plan->components[c], &rows[i]);
            }
        }
    }
    if (f.plan->has_minimums) {
        f.opened.reasons = calloc(f.plan->group_count * f.plan->class_count, 1);
        for (uint64_t g = 0; g < f.plan->group_count; g++) {
            vs_policy_decide(f.plan, f.opened.cells + 1 + g * f.plan->component_count,
                             f.opened.reasons + g * f.plan->class_count);
        }
    }
    return f;
}

static void drop(fixture *f) {
    free(f->opened.cells);
    free(f->opened.reasons);
    vs_plan_free(f->plan);
}

static char *write_result(const fixture *f, vs_result_options options, size_t *len) {
    vs_memory_sink memory;
    vs_sink sink = vs_memory_sink_open(&memory, "result");
    vs_error error;
    assert_int_equal(vs_result_write(f->plan, &f->opened, &options, &sink, &error), VS_OK);
    char *text = malloc(memory.len + 1);
    assert_non_null(text);
    if (memory.len > 0) {
        memcpy(text, memory.data, memory.len);
    }
    text[memory.len] = '\0';
    if (len != NULL) {
        *len = memory.len;
    }
    free(memory.data);
    return text;
}

static void assert_written(const fixture *f, vs_result_options options, const char *expected) {
    char *text = write_result(f, options, NULL);
    assert_string_equal(text, expected);
    free(text);
}

static const vs_result_options as_csv = {.format = VS_RESULT_CSV};
static const vs_result_options as_json = {.format = VS_RESULT_JSON};
static const vs_result_options as_table = {.format = VS_RESULT_TABLE};

#define BOTH(level, x, y)                                                                                              \
    {                                                                                                                  \
        level, {true, true}, {                                                                                         \
            x, y                                                                                                       \
        }                                                                                                              \
    }

static const row some_rows[] = {BOTH(0, 150, 10), BOTH(0, 250, 20), BOTH(0, -100, 40), {0, {false, true}, {0, 5}}};

/* ---- values ---- */

static void columns_stand_in_the_plans_order(void **state) {
    (void)state;
    fixture f = make("{\"histogram\":\"C\"},{\"sum\":\"X\"},{\"count\":\"rows\"},{\"mean\":\"X\"},"
                     "{\"mean\":\"X\",\"weight\":\"Y\"},{\"variance\":\"X\"},{\"covariance\":[\"X\",\"Y\"]},"
                     "{\"regression\":\"Y\",\"on\":\"X\"},{\"histogram\":\"Y\",\"edges\":[0,\"1.5\",null]}",
                     "", some_rows, 4);
    /* By hand: x = 1.5, 2.5, −1; y = 1, 2, 4 (and 0.5 alone). Σxy = 2.5, Σx² = 9.5. */
    assert_written(&f, as_csv,
                   "C,histogram(C)=a,histogram(C)=b,sum(X),count(rows),mean(X),mean(X;weight=Y),variance(X),"
                   "\"covariance(X,Y)\",slope(Y~X),intercept(Y~X),\"histogram(Y)=[0,1.5)\",\"histogram(Y)=[1.5,inf)\"\n"
                   "a,4,0,3.00,4,1,0.357142857142857,3.25,-2.25,-0.692307692307692,3.02564102564103,2,2\n"
                   "b,0,0,0.00,0,,,,,,,0,0\n");
    drop(&f);
}

/* Printed with 15 significant digits: is it the nearest such number to numerator / denominator? */
static void assert_nearest(const char *printed, vs_int128 numerator, vs_int128 denominator) {
    vs_int128 digits = 0, limit = 1;
    int decimals = 0, count = 0;
    for (int i = 0; i < 15; i++) {
        limit *= 10;
    }
    for (const char *c = printed + (*printed == '-'); *c != '\0'; c++) {
        if (*c == '.') {
            decimals = 1;
            continue;
        }
        assert_true(*c >= '0' && *c <= '9' && count++ < 30);
        digits = digits * 10 + (*c - '0');
    }
    const char *point = strchr(printed, '.');
    decimals = decimals ? (int)strlen(point + 1) : 0;
    assert_true(point == NULL || printed[strlen(printed) - 1] != '0');
    assert_true(digits != 0 || numerator == 0);
    for (; digits != 0 && digits < limit / 10; decimals++) {
        digits *= 10;
    }
    for (; digits >= limit; decimals--) {
        assert_true(digits % 10 == 0);
        digits /= 10;
    }
    vs_integer *n = vs_integer_new(), *d = vs_integer_new(), *m = vs_integer_new();
    vs_integer_set(n, 2 * numerator);
    vs_integer_set(d, denominator);
    vs_integer_mul_pow10(decimals > 0 ? n : d, decimals > 0 ? n : d, (unsigned)abs(decimals));
    vs_integer_set(m, 2 * (*printed == '-' ? -digits : digits));
    vs_integer_mul(m, m, d);
    vs_integer_sub(n, n, m); /* twice (true − printed), times the denominator */
    vs_integer_set(m, 0);
    if (vs_integer_sign(n) < 0) {
        vs_integer_sub(n, m, n);
    }
    vs_integer_sub(n, n, d);
    assert_true(vs_integer_sign(n) <= 0);
    vs_integer_free(n);
    vs_integer_free(d);
    vs_integer_free(m);
}

static const char *field(char *csv_line, int index) {
    for (; index > 0; index--) {
        csv_line = strchr(csv_line, ',') + 1;
    }
    csv_line[strcspn(csv_line, ",\n")] = '\0';
    return csv_line;
}

/* The textbook's second form: deviations from the mean first, then their squares; here times n, to stay exact. */
typedef struct deviations {
    vs_int128 n, sum_x, sum_y, xx, xy;
} deviations;

static deviations deviate(const row *rows, size_t count) {
    deviations d = {.n = (vs_int128)count};
    for (size_t i = 0; i < count; i++) {
        d.sum_x += rows[i].number[0];
        d.sum_y += rows[i].number[1];
    }
    for (size_t i = 0; i < count; i++) {
        vs_int128 dx = d.n * rows[i].number[0] - d.sum_x, dy = d.n * rows[i].number[1] - d.sum_y;
        d.xx += dx * dx;
        d.xy += dx * dy;
    }
    return d;
}

static void check_formulas(const row *rows, size_t count) {
    fixture f = make("{\"mean\":\"X\"},{\"variance\":\"X\"},{\"covariance\":[\"Y\",\"X\"]},"
                     "{\"regression\":\"Y\",\"on\":\"X\"},{\"mean\":\"X\",\"weight\":\"Y\"}",
                     "", rows, count);
    deviations d = deviate(rows, count);
    vs_int128 weighted = 0;
    for (size_t i = 0; i < count; i++) {
        weighted += (vs_int128)rows[i].number[0] * rows[i].number[1];
    }
    /* X is in hundredths, Y in tenths. */
    const vs_int128 expected[6][2] = {
        {d.sum_x, d.n * 100},
        {d.xx, d.n * d.n * (d.n - 1) * 10000},
        {d.xy, d.n * d.n * (d.n - 1) * 1000},
        {d.xy * 10, d.xx},
        {d.sum_y * d.xx - d.xy * d.sum_x, d.n * d.xx * 10},
        {weighted, d.sum_y * 100},
    };
    for (int i = 0; i < 6; i++) {
        char *text = write_result(&f, as_csv, NULL);
        const char *printed = field(strchr(text, '\n') + 1, 1 + i);
        if (expected[i][1] == 0) {
            assert_string_equal(printed, "");
        } else {
            assert_nearest(printed, expected[i][0], expected[i][1]);
        }
        free(text);
    }
    drop(&f);
}

static void formulas_agree_with_deviations_from_the_mean(void **state) {
    (void)state;
    for (int round = 0; round < 300; round++) {
        row rows[12];
        size_t count = (size_t)test_below(12) + 1;
        int64_t spread = test_below(2) ? 3 : 100000;
        for (size_t i = 0; i < count; i++) {
            rows[i] = (row)BOTH(0, (int64_t)test_below((uint64_t)(2 * spread + 1)) - spread, (int64_t)test_below(501));
            rows[i].number[1] = test_below(8) == 0 ? 0 : rows[i].number[1];
        }
        check_formulas(rows, count);
    }
}

/* ---- withheld and undefined ---- */

static void withheld_values_are_starred_and_listed(void **state) {
    (void)state;
    const row rows[] = {BOTH(0, 150, 10), BOTH(0, 250, 20), BOTH(0, -100, 40), BOTH(1, 5, 5)};
    fixture f = make("{\"count\":\"rows\"},{\"mean\":\"X\"},{\"histogram\":\"Y\",\"edges\":[0,2,null]}",
                     "\"groups\":{\"min_rows\":2},", rows, 4);
    assert_written(&f, as_csv,
                   "C,count(rows),mean(X),\"histogram(Y)=[0,2)\",\"histogram(Y)=[2,inf)\"\na,3,1,*,*\nb,*,*,*,*\n");
    char *text = write_result(&f, as_json, NULL);
    const char *rest = strstr(text, "\"contributors\":3,");
    assert_non_null(rest);
    assert_string_equal(
        rest, "\"contributors\":3,\n"
              "\"columns\":[\"C\",\"count(rows)\",\"mean(X)\",\"histogram(Y)=[0,2)\",\"histogram(Y)=[2,inf)\"],\n"
              "\"rows\":[\n"
              "{\"C\":\"a\",\"count(rows)\":\"3\",\"mean(X)\":\"1\",\"histogram(Y)=[0,2)\":null,"
              "\"histogram(Y)=[2,inf)\":null},\n"
              "{\"C\":\"b\",\"count(rows)\":null,\"mean(X)\":null,\"histogram(Y)=[0,2)\":null,"
              "\"histogram(Y)=[2,inf)\":null}],\n"
              "\"withheld\":[\n"
              "{\"row\":0,\"column\":\"histogram(Y)=[0,2)\",\"reason\":\"min_rows\"},\n"
              "{\"row\":0,\"column\":\"histogram(Y)=[2,inf)\",\"reason\":\"min_rows\"},\n"
              "{\"row\":1,\"column\":\"count(rows)\",\"reason\":\"min_rows\"},\n"
              "{\"row\":1,\"column\":\"mean(X)\",\"reason\":\"min_rows\"},\n"
              "{\"row\":1,\"column\":\"histogram(Y)=[0,2)\",\"reason\":\"min_rows\"},\n"
              "{\"row\":1,\"column\":\"histogram(Y)=[2,inf)\",\"reason\":\"min_rows\"}]}\n");
    free(text);
    drop(&f);
}

static void json_begins_with_plan_and_period(void **state) {
    (void)state;
    fixture f = make("{\"mean\":\"X\"}", "", some_rows, 0);
    char id[2 * VS_HASH_BYTES + 1], expected[512];
    vs_to_hex(id, f.plan->id, VS_HASH_BYTES);
    const char *tail = "\"contributors\":3,\n\"columns\":[\"C\",\"mean(X)\"],\n\"rows\":[\n"
                       "{\"C\":\"a\",\"mean(X)\":null},\n{\"C\":\"b\",\"mean(X)\":null}],\n\"withheld\":[]}\n";
    snprintf(expected, sizeof expected, "{\"veilsum_result\":1,\"plan\":\"%s\",\"period\":null,%s", id, tail);
    assert_written(&f, as_json, expected);
    strcpy(f.opened.period, "2026-\"11\"");
    snprintf(expected, sizeof expected, "{\"veilsum_result\":1,\"plan\":\"%s\",\"period\":\"2026-\\\"11\\\"\",%s", id,
             tail);
    assert_written(&f, as_json, expected);
    drop(&f);
}

static void json_names_a_shared_bin_once(void **state) {
    (void)state;
    fixture f =
        make("{\"histogram\":\"Y\",\"edges\":[0,2,50]},{\"histogram\":\"Y\",\"edges\":[0,1,2,50]}", "", some_rows, 4);
    char *text = write_result(&f, as_json, NULL);
    assert_non_null(strstr(text, "\n\"columns\":[\"C\",\"histogram(Y)=[0,2)\",\"histogram(Y)=[2,50)\","
                                 "\"histogram(Y)=[0,1)\",\"histogram(Y)=[1,2)\"],\n"));
    assert_non_null(strstr(text, "{\"C\":\"a\",\"histogram(Y)=[0,2)\":\"2\",\"histogram(Y)=[2,50)\":\"2\","
                                 "\"histogram(Y)=[0,1)\":\"1\",\"histogram(Y)=[1,2)\":\"1\"},\n"));
    free(text);
    drop(&f);
}

static void a_lone_undefined_value_is_no_empty_line(void **state) {
    (void)state;
    fixture f = {.plan = parse("{\"veilsum\":1,\"columns\":{\"X\":{\"scale\":0,\"min\":0,\"max\":9}},\"by\":[],"
                               "\"measures\":[{\"mean\":\"X\"}]," KEY "}")};
    f.opened.cells = calloc(f.plan->cell_count, sizeof *f.opened.cells);
    assert_written(&f, as_csv, "mean(X)\n\"\"\n");
    drop(&f);
}

/* ---- spreadsheets ---- */

static void a_spreadsheet_neither_runs_nor_rounds(void **state) {
    (void)state;
    fixture f = {.plan =
                     parse("{\"veilsum\":1,\"columns\":{\"C\":{\"values\":[\"=1+2\",\" @x\",\"01\",\"a,\\\"b\\\"\","
                           "\"\xEF\xBC\x9D"
                           "1\",\"b\"]},"
                           "\"-X\":{\"scale\":2,\"min\":-1000000000000000,\"max\":1000000000000000}},\"by\":[\"C\"],"
                           "\"measures\":[{\"sum\":\"-X\"}],\"rows\":{\"max\":100}," KEY "}")};
    f.opened.cells = calloc(f.plan->cell_count, sizeof *f.opened.cells);
    const int64_t sums[] = {123456789012345678, -123456789012345600, 100, -5, 0, 123456789012345};
    for (size_t i = 0; i < 6; i++) {
        f.opened.cells[1 + i] = sums[i];
    }
    assert_written(&f, (vs_result_options){.format = VS_RESULT_CSV, .for_spreadsheet = 1},
                   "\xEF\xBB\xBF"
                   "C,sum(-X)\r\n"
                   "'=1+2,\"=\"\"1234567890123456.78\"\"\"\r\n"
                   "\"' @x\",\"=\"\"-1234567890123456.00\"\"\"\r\n"
                   "\"=\"\"01\"\"\",1.00\r\n"
                   "\"a,\"\"b\"\"\",-0.05\r\n"
                   "'\xEF\xBC\x9D"
                   "1,0.00\r\n"
                   "b,1234567890123.45\r\n");
    assert_written(&f, as_csv,
                   "C,sum(-X)\n=1+2,1234567890123456.78\n\" @x\",-1234567890123456.00\n01,1.00\n\"a,\"\"b\"\"\",-0.05\n"
                   "\xEF\xBC\x9D"
                   "1,0.00\nb,1234567890123.45\n");
    drop(&f);
}

/* ---- tables for people ---- */

static void a_table_is_aligned_and_says_what_is_missing(void **state) {
    (void)state;
    const row rows[] = {BOTH(0, 150, 10), BOTH(0, 250, 20), {1, {false, true}, {0, 5}}, {1, {false, true}, {0, 5}}};
    fixture f = make("{\"count\":\"rows\"},{\"sum\":\"X\"}", "\"groups\":{\"min_rows\":2},", rows, 4);
    strcpy(f.opened.period, "2026-11");
    assert_written(&f, as_table,
                   "C  count(rows)  sum(X)\n"
                   "─  ───────────  ──────\n"
                   "a            2    4.00\n"
                   "b            2       *\n"
                   "\n"
                   "3 contributions, period 2026-11\n"
                   "* 1 value is withheld: fewer than 2 rows (min_rows), or in a histogram with such a bin\n");
    drop(&f);
    f = make("{\"variance\":\"X\"}", "", rows, 1);
    assert_written(&f, as_table,
                   "C  variance(X)\n"
                   "─  ───────────\n"
                   "a            –\n"
                   "b            –\n"
                   "\n"
                   "3 contributions\n"
                   "– 2 values are undefined, as the mean of no rows or the variance of one\n");
    drop(&f);
}

static fixture wide(void) {
    fixture f = {
        .plan = parse("{\"veilsum\":1,\"columns\":{\"Place\":{\"values\":[\"北京\",\"a\\u202eb c d e f g h\"]}},"
                      "\"by\":[\"Place\"],\"measures\":[{\"count\":\"rows\"},{\"histogram\":\"Place\"}]," KEY "}")};
    f.opened.contributions = 1;
    f.opened.cells = calloc(f.plan->cell_count, sizeof *f.opened.cells);
    f.opened.cells[1] = 1234567;
    return f;
}

static void a_table_fits_its_terminal(void **state) {
    (void)state;
    fixture f = wide();
    assert_written(&f, (vs_result_options){.format = VS_RESULT_TABLE, .terminal_columns = 60},
                   "Place            count(rows)      histogram(      histogram(\n"
                   "                                 Place)=北京   Place)=a�b c \n"
                   "                                                   d e f g h\n"
                   "───────────────  ───────────  ──────────────  ──────────────\n"
                   "北京                 1234567               0               0\n"
                   "a�b c d e f g h            0               0               0\n"
                   "\n1 contribution\n");
    assert_written(&f, (vs_result_options){.format = VS_RESULT_TABLE, .terminal_columns = 40},
                   "Place             count(  histog  histog\n"
                   "                   rows)    ram(    ram(\n"
                   "                          Place)  Place)\n"
                   "                           =北京   =a�b \n"
                   "                                  c d e \n"
                   "                                   f g h\n"
                   "───────────────  ───────  ──────  ──────\n"
                   "北京             1234567       0       0\n"
                   "a�b c d e f g h        0       0       0\n"
                   "\n1 contribution\n");
    assert_written(&f, (vs_result_options){.format = VS_RESULT_TABLE, .terminal_columns = 34},
                   "Place       count(  histog  histog\n"
                   "             rows)    ram(    ram(\n"
                   "                    Place)  Place)\n"
                   "                     =北京   =a�b \n"
                   "                            c d e \n"
                   "                             f g h\n"
                   "─────────  ───────  ──────  ──────\n"
                   "北京       1234567       0       0\n"
                   "a�b c d …        0       0       0\n"
                   "\n1 contribution\n");
    assert_written(&f, (vs_result_options){.format = VS_RESULT_TABLE, .terminal_columns = 20},
                   "Place                             北京\n"
                   "count(rows)                       1234567\n"
                   "histogram(Place)=北京             0\n"
                   "histogram(Place)=a�b c d e f g h  0\n"
                   "\n"
                   "Place                             a�b c d e f g h\n"
                   "count(rows)                       0\n"
                   "histogram(Place)=北京             0\n"
                   "histogram(Place)=a�b c d e f g h  0\n"
                   "\n1 contribution\n");
    drop(&f);
}

static void vectors_are_rows_of_index_and_sum(void **state) {
    (void)state;
    fixture f = {.plan = parse("{\"veilsum\":1,\"vector\":{\"length\":3,\"scale\":6,\"min\":-1,\"max\":1}," KEY "}")};
    f.opened.contributions = 3;
    f.opened.cells = calloc(f.plan->cell_count, sizeof *f.opened.cells);
    f.opened.cells[1] = -2500000;
    f.opened.cells[2] = 1;
    assert_written(&f, as_csv, "index,sum\n0,-2.500000\n1,0.000001\n2,0.000000\n");
    assert_written(&f, as_table,
                   "index        sum\n─────  ─────────\n    0  -2.500000\n    1   0.000001\n    2   0.000000\n\n"
                   "3 contributions\n");
    size_t len;
    char *npy = write_result(&f, (vs_result_options){.format = VS_RESULT_NPY}, &len);
    assert_int_equal(len, 128 + 3 * 8);
    assert_memory_equal(npy, "\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3,), } ", 68);
    assert_int_equal(npy[127], '\n');
    const double expected[] = {-2.5, 0.000001, 0};
    assert_memory_equal(npy + 128, expected, sizeof expected); /* the tests' machines are little-endian */
    free(npy);
    drop(&f);
}

/* ---- refusals ---- */

static void a_table_is_no_npy(void **state) {
    (void)state;
    fixture f = make("{\"mean\":\"X\"}", "", some_rows, 4);
    vs_memory_sink memory;
    vs_sink sink = vs_memory_sink_open(&memory, "result");
    vs_error error;
    const vs_result_options options = {.format = VS_RESULT_NPY};
    assert_int_equal(vs_result_write(f.plan, &f.opened, &options, &sink, &error), VS_ERR_USAGE);
    assert_int_equal(memory.len, 0);
    assert_true(error.hint[0] != '\0');
    free(memory.data);
    drop(&f);
}

static vs_status full(void *context, const void *data, size_t len, vs_error *error) {
    (void)data;
    size_t *room = context;
    if (len > *room) {
        return vs_fail(error, VS_ERR_IO, "no room");
    }
    *room -= len;
    return VS_OK;
}

static void a_full_sink_is_reported_in_every_format(void **state) {
    (void)state;
    fixture f = make("{\"mean\":\"X\"}", "", some_rows, 4);
    for (int format = VS_RESULT_TABLE; format <= VS_RESULT_JSON; format++) {
        size_t room = 0;
        vs_sink sink = {.name = "full", .context = &room, .write = full};
        vs_error error;
        const vs_result_options options = {.format = (vs_result_format)format};
        assert_int_equal(vs_result_write(f.plan, &f.opened, &options, &sink, &error), VS_ERR_IO);
        assert_string_equal(error.message, "no room");
    }
    drop(&f);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_stand_in_the_plans_order),
        cmocka_unit_test(formulas_agree_with_deviations_from_the_mean),
        cmocka_unit_test(withheld_values_are_starred_and_listed),
        cmocka_unit_test(json_begins_with_plan_and_period),
        cmocka_unit_test(json_names_a_shared_bin_once),
        cmocka_unit_test(a_lone_undefined_value_is_no_empty_line),
        cmocka_unit_test(a_spreadsheet_neither_runs_nor_rounds),
        cmocka_unit_test(a_table_is_aligned_and_says_what_is_missing),
        cmocka_unit_test(a_table_fits_its_terminal),
        cmocka_unit_test(vectors_are_rows_of_index_and_sum),
        cmocka_unit_test(a_table_is_no_npy),
        cmocka_unit_test(a_full_sink_is_reported_in_every_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
