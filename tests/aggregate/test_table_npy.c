#include "tests/support.h"

#include <math.h>

#include "aggregate/table/cells.h"
#include "crypto/secret.h"

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* An .npy file in memory. */
typedef struct file {
    uint8_t bytes[300000];
    size_t len;
} file;

static file out;

static void put(const void *data, size_t len) {
    assert_true(out.len + len <= sizeof out.bytes);
    memcpy(out.bytes + out.len, data, len);
    out.len += len;
}

static void begin_raw(unsigned version, const char *dictionary, size_t len) {
    uint8_t start[12] = {0x93,
                         'N',
                         'U',
                         'M',
                         'P',
                         'Y',
                         (uint8_t)version,
                         0,
                         (uint8_t)len,
                         (uint8_t)(len >> 8),
                         (uint8_t)(len >> 16),
                         (uint8_t)(len >> 24)};
    out.len = 0;
    put(start, version == 1 ? 10 : 12);
    put(dictionary, len);
}

static void begin(unsigned version, const char *dictionary) {
    begin_raw(version, dictionary, strlen(dictionary));
}

static void put_element(const char *type, double real, int64_t whole) {
    uint8_t bytes[8];
    size_t len = (size_t)(type[2] - '0');
    float narrow = (float)real;
    int32_t small = (int32_t)whole;
    memcpy(bytes,
           type[1] == 'f' ? (len == 8 ? (void *)&real : (void *)&narrow) : (len == 8 ? (void *)&whole : (void *)&small),
           len);
    for (size_t i = 0; type[0] == '>' && i < len / 2; i++) {
        uint8_t swap = bytes[i];
        bytes[i] = bytes[len - 1 - i];
        bytes[len - 1 - i] = swap;
    }
    put(bytes, len);
}

static vs_plan *plan_of(uint64_t length, unsigned scale, const char *min, const char *max) {
    char json[512];
    vs_plan *plan = NULL;
    vs_error error = {{0}, {0}};
    (void)snprintf(json, sizeof json,
                   "{\"veilsum\": 1, \"vector\": {\"length\": %llu, \"scale\": %u, \"min\": \"%s\", \"max\": \"%s\"},"
                   "\"contributors\": {\"min\": 3, \"max\": 10}, \"opening\": {\"key\": \"" KEY "\"}}",
                   (unsigned long long)length, scale, min, max);
    if (vs_plan_parse(&plan, json, strlen(json), &error) != VS_OK) {
        fail_msg("%s", error.message);
    }
    return plan;
}

/* Reads `out` and copies the elements; a source that gives little at a time comes from the tests of CSV. */
static vs_status read_npy(const vs_plan *plan, vs_int128 *values, vs_error *error) {
    vs_cells *cells = NULL;
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "v.npy", out.bytes, out.len);
    assert_int_equal(vs_cells_new(&cells, plan, NULL), VS_OK);
    vs_status status = vs_table_read_npy(cells, plan, &source, NULL, error);
    if (values != NULL) {
        memcpy(values, vs_cells_values(cells) + 1, plan->vector_length * sizeof *values);
    }
    vs_cells_free(cells);
    return status;
}

static const char *const types[] = {"<f4", "<f8", "<i4", "<i8", ">f4", ">f8", ">i4", ">i8"};

static void every_type_and_byte_order_is_read(void **state) {
    (void)state;
    vs_plan *plan = plan_of(1000, 3, "-4000000", "4000000");
    for (size_t t = 0; t < 8; t++) {
        char dictionary[128];
        static vs_int128 want[1000], got[1000];
        (void)snprintf(dictionary, sizeof dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (1000,), }\n",
                       types[t]);
        begin(1 + (unsigned)(t % 3), dictionary);
        for (size_t i = 0; i < 1000; i++) {
            int64_t thousandths = (int64_t)test_below(8000000001u) - 4000000000;
            int64_t whole = thousandths / 1000;
            double real = (double)thousandths / 1000;
            put_element(types[t], real, whole);
            /* rounding a binary value to the scale: by long double, whose 64 bits hold the products here exactly
             * enough, since no double of this size lies near a tie of thousandths by less */
            want[i] = types[t][1] == 'i'   ? whole * 1000
                      : types[t][2] == '8' ? thousandths
                                           : (vs_int128)llrintl((long double)(float)real * 1000);
        }
        vs_error error = {{0}, {0}};
        if (read_npy(plan, got, &error) != VS_OK) {
            fail_msg("%s", error.message);
        }
        assert_memory_equal(got, want, sizeof want);
    }
    vs_plan_free(plan);
}

static void ties_round_to_even(void **state) {
    (void)state;
    static const double reals[] = {0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.25, -0.0};
    static const int wants[] = {0, 2, 2, 0, -2, -2, 0, 0};
    vs_plan *plan = plan_of(8, 0, "-5", "5");
    vs_int128 got[8];
    begin(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (8,)}");
    for (size_t i = 0; i < 8; i++) {
        put_element("<f8", reals[i], 0);
    }
    assert_int_equal(read_npy(plan, got, NULL), VS_OK);
    for (size_t i = 0; i < 8; i++) {
        assert_true(got[i] == wants[i]);
    }
    vs_plan_free(plan);
}

static void headers_are_read_in_any_order_and_spacing(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{'shape': (3,), 'descr': '<i4', 'fortran_order': False}",
        "{\"fortran_order\":True,\"shape\":(3,),\"descr\":\"<i4\"}",
        "{ 'descr' : '<i4' , 'fortran_order' : False , 'shape' : ( 3 , ) , }      \n",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3, 1,), }",
    };
    vs_plan *plan = plan_of(3, 0, "0", "9");
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        vs_int128 got[3];
        begin(1 + (unsigned)test_below(3), headers[i]);
        for (int k = 1; k <= 3; k++) {
            put_element("<i4", 0, k);
        }
        vs_error error = {{0}, {0}};
        if (read_npy(plan, got, &error) != VS_OK) {
            fail_msg("%s: %s", headers[i], error.message);
        }
        assert_true(got[0] == 1 && got[1] == 2 && got[2] == 3);
    }
    vs_plan_free(plan);
}

static void one_number_is_a_vector_of_one(void **state) {
    (void)state;
    vs_plan *plan = plan_of(1, 0, "0", "9");
    vs_int128 got[1];
    begin(1, "{'descr': '<i8', 'fortran_order': False, 'shape': ()}");
    put_element("<i8", 0, 7);
    assert_int_equal(read_npy(plan, got, NULL), VS_OK);
    assert_true(got[0] == 7);
    vs_plan_free(plan);
}

/* Element (a, b, c) holds its number in C order, whichever order the file has. */
static void fortran_order_lands_at_c_order(void **state) {
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        uint64_t shape[3] = {1 + test_below(9), 1 + test_below(9), 1 + test_below(9)};
        uint64_t count = shape[0] * shape[1] * shape[2];
        char dictionary[160];
        vs_plan *plan = plan_of(count, 0, "0", "1000");
        (void)snprintf(dictionary, sizeof dictionary,
                       "{'descr': '<i4', 'fortran_order': %s, 'shape': (%llu, %llu, %llu), }",
                       round % 2 == 0 ? "True" : "False", (unsigned long long)shape[0], (unsigned long long)shape[1],
                       (unsigned long long)shape[2]);
        begin(1, dictionary);
        for (uint64_t k = 0; k < count; k++) {
            uint64_t a, b, c;
            if (round % 2 == 0) {
                a = k % shape[0], b = k / shape[0] % shape[1], c = k / shape[0] / shape[1];
            } else {
                c = k % shape[2], b = k / shape[2] % shape[1], a = k / shape[2] / shape[1];
            }
            put_element("<i4", 0, (int64_t)((a * shape[1] + b) * shape[2] + c));
        }
        static vs_int128 got[729];
        assert_int_equal(read_npy(plan, got, NULL), VS_OK);
        for (uint64_t i = 0; i < count; i++) {
            assert_true(got[i] == (vs_int128)i);
        }
        vs_plan_free(plan);
    }
}

static void expect_refusal(const vs_plan *plan, vs_status want, const char *message) {
    vs_error error = {{0}, {0}};
    assert_int_equal(read_npy(plan, NULL, &error), want);
    if (strstr(error.message, message) == NULL || strncmp(error.message, "v.npy: ", 7) != 0) {
        fail_msg("'%s' is not '%s'", error.message, message);
    }
}

static void bad_headers_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *dictionary;
        vs_status status;
        const char *message;
    } cases[] = {
        {"", VS_ERR_FORMAT, "descr, fortran_order and shape"},
        {"{}", VS_ERR_FORMAT, "descr, fortran_order and shape"},
        {"{'descr': '<f8', 'fortran_order': False}", VS_ERR_FORMAT, "descr, fortran_order and shape"},
        {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8' 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2)}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (,)}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,,)}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", VS_ERR_FORMAT, "descr"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f8, 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "descr, fortran"},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "not float32"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "not float32"},
        {"{'descr': 'f8', 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "not float32"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "not float32"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "not float32"},
        {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", VS_ERR_FORMAT, "not float32"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967297)}", VS_ERR_LIMIT, "shape"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775809, 2)}", VS_ERR_LIMIT, "shape"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}", VS_ERR_RANGE, "0 elements where"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': ()}", VS_ERR_RANGE, "1 elements where"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}", VS_ERR_RANGE, "3 elements where the plan's"},
    };
    vs_plan *plan = plan_of(2, 1, "-1", "1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(1, cases[i].dictionary);
        put_element("<f8", 0.5, 0);
        put_element("<f8", 0.5, 0);
        expect_refusal(plan, cases[i].status, cases[i].message);
    }
    vs_plan_free(plan);
}

static const char two_doubles[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}";

static void every_prefix_and_one_byte_more_are_refused(void **state) {
    (void)state;
    vs_plan *plan = plan_of(2, 1, "-1", "1");
    begin(2, two_doubles);
    put_element("<f8", 0.5, 0);
    put_element("<f8", -0.5, 0);
    size_t whole = out.len;
    assert_int_equal(read_npy(plan, NULL, NULL), VS_OK);
    for (out.len = 0; out.len < whole; out.len++) {
        assert_int_equal(read_npy(plan, NULL, NULL), VS_ERR_FORMAT);
    }
    out.bytes[out.len++] = 0;
    expect_refusal(plan, VS_ERR_FORMAT, "goes on after the last element");
    out.len = whole - 3;
    expect_refusal(plan, VS_ERR_FORMAT, "ends after 1 of the 2 elements");
    vs_plan_free(plan);
}

static void other_files_and_versions_are_refused(void **state) {
    (void)state;
    vs_plan *plan = plan_of(2, 1, "-1", "1");
    begin(4, two_doubles);
    expect_refusal(plan, VS_ERR_VERSION, "version");
    begin(1, two_doubles);
    out.bytes[7] = 1;
    expect_refusal(plan, VS_ERR_VERSION, "version");
    begin(1, two_doubles);
    out.bytes[0] = 'P';
    expect_refusal(plan, VS_ERR_FORMAT, "not an .npy file");
    begin(2, two_doubles);
    out.bytes[11] = 0x7f; /* a header of 2 GB */
    expect_refusal(plan, VS_ERR_LIMIT, "longer than 64 KiB");
    vs_plan_free(plan);
}

static void values_out_of_bounds_name_their_place(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *message;
    } cases[] = {
        {(double)NAN, "index (1, 0): element 2: not a finite number"},
        {(double)INFINITY, "index (1, 0): element 2: not a finite number"},
        {1.26, "index (1, 0): element 2: above the plan's maximum of 1.2"},
        {-1e300, "index (1, 0): element 2: below the plan's minimum of -1"},
        {1e300, "index (1, 0): element 2: above the plan's maximum of 1.2"},
    };
    vs_plan *plan = plan_of(4, 1, "-1", "1.2");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned fortran = 0; fortran < 2; fortran++) {
            begin(1, fortran ? "{'descr': '>f8', 'fortran_order': True, 'shape': (2, 2)}"
                             : "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 2)}");
            for (unsigned k = 0; k < 4; k++) {
                put_element(">f8", k == (fortran ? 1u : 2u) ? cases[i].value : 0.0, 0);
            }
            expect_refusal(plan, VS_ERR_RANGE, cases[i].message);
        }
    }
    begin(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (4,)}");
    put_element("<i8", 0, INT64_MIN);
    put(out.bytes, 24);
    expect_refusal(plan, VS_ERR_RANGE, "v.npy: element 0: below the plan's minimum of -1");
    vs_plan_free(plan);
}

static void the_largest_integers_are_kept_exactly(void **state) {
    (void)state;
    vs_plan *plan = plan_of(2, 0, "-4611686018427387903", "4611686018427387903");
    vs_int128 got[2];
    begin(1, "{'descr': '>i8', 'fortran_order': False, 'shape': (2,)}");
    put_element(">i8", 0, INT64_C(4611686018427387903));
    put_element(">i8", 0, -INT64_C(4611686018427387903));
    assert_int_equal(read_npy(plan, got, NULL), VS_OK);
    assert_true(got[0] == INT64_C(4611686018427387903) && got[1] == -INT64_C(4611686018427387903));
    vs_plan_free(plan);
}

static void vectors_longer_than_a_block_are_read(void **state) {
    (void)state;
    vs_plan *plan = plan_of(30011, 0, "0", "30011");
    vs_int128 *got = malloc(30011 * sizeof *got);
    assert_non_null(got);
    begin(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (30011,)}");
    for (int i = 0; i < 30011; i++) {
        put_element("<f8", i, 0);
    }
    assert_int_equal(read_npy(plan, got, NULL), VS_OK);
    for (int i = 0; i < 30011; i++) {
        assert_true(got[i] == i);
    }
    free(got);
    vs_plan_free(plan);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_and_byte_order_is_read),
        cmocka_unit_test(ties_round_to_even),
        cmocka_unit_test(headers_are_read_in_any_order_and_spacing),
        cmocka_unit_test(one_number_is_a_vector_of_one),
        cmocka_unit_test(fortran_order_lands_at_c_order),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(every_prefix_and_one_byte_more_are_refused),
        cmocka_unit_test(other_files_and_versions_are_refused),
        cmocka_unit_test(values_out_of_bounds_name_their_place),
        cmocka_unit_test(the_largest_integers_are_kept_exactly),
        cmocka_unit_test(vectors_longer_than_a_block_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
