#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aggregate/result/result_internal.h"

_Static_assert(sizeof(double) == 8, "a double is a float64");

/* Magic, version 1.0, the header's length, and a Python literal padded with spaces so that the data begin at a multiple
 * of 64. */
static void write_head(vs__writer *writer, uint64_t length) {
    char head[128];
    memset(head, ' ', sizeof head);
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10); /* 0x76 = 128 − 10 */
    char literal[112];
    int used = snprintf(literal, sizeof literal, "{'descr': '<f8', 'fortran_order': False, 'shape': (%" PRIu64 ",), }",
                        length);
    VS_CHECK(used > 0 && (size_t)used < sizeof literal);
    memcpy(head + 10, literal, (size_t)used);
    head[sizeof head - 1] = '\n';
    vs__write(writer, head, sizeof head);
}

static void write_double(vs__writer *writer, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(bits >> (8 * i));
    }
    vs__write(writer, bytes, sizeof bytes);
}

vs_status vs__result_npy(vs__values *values, vs__writer *writer) {
    const vs_plan *plan = values->plan;
    write_head(writer, plan->vector_length);
    vs_integer_set(values->denominator, 1);
    vs_integer_mul_pow10(values->denominator, values->denominator, plan->vector_scale);
    for (uint64_t i = 0; i < plan->vector_length && writer->status == VS_OK; i++) {
        vs_integer_set(values->numerator, values->opened->cells[1 + i]);
        write_double(writer, vs_integer_ratio_to_double(values->numerator, values->denominator));
    }
    return vs__writer_finish(writer);
}
