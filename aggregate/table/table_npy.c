#include <stdio.h>
#include <string.h>

#include "aggregate/table/cells.h"
#include "aggregate/table/npy_header.h"
#include "aggregate/table/reading_internal.h"
#include "crypto/secret.h"

#define BLOCK_BYTES 65536u

typedef struct array_reader {
    const vs_plan *plan;
    vs_cells *cells;
    vs__npy_header header;
    vs_int128 unit; /* 10^scale */
    /* The element to come: its place in each dimension, its number in C order, and what a step in a dimension adds to
     * that. */
    uint64_t place[VS__NPY_MAX_DIMENSIONS], stride[VS__NPY_MAX_DIMENSIONS];
    uint64_t index;
    uint8_t block[BLOCK_BYTES];
} array_reader;

static void start(array_reader *r) {
    uint64_t stride = 1;
    for (unsigned d = r->header.dimension_count; d-- > 0;) {
        r->stride[d] = stride;
        stride *= r->header.shape[d]; /* the product of all has been checked */
    }
    r->unit = 1;
    for (unsigned i = 0; i < r->plan->vector_scale; i++) {
        r->unit *= 10;
    }
}

/* On to the element that is stored next: the last dimension runs fastest, or the first in Fortran's order. */
static void step(array_reader *r) {
    unsigned count = r->header.dimension_count;
    for (unsigned i = 0; i < count; i++) {
        unsigned d = r->header.fortran_order ? i : count - 1 - i;
        r->index += r->stride[d];
        if (++r->place[d] < r->header.shape[d]) {
            return;
        }
        r->index -= r->stride[d] * r->header.shape[d];
        r->place[d] = 0;
    }
}

static uint64_t load_bits(const array_reader *r, const uint8_t *bytes) {
    uint64_t bits = 0;
    for (size_t i = 0; i < r->header.element_bytes; i++) {
        bits = bits << 8 | bytes[r->header.big_endian ? i : r->header.element_bytes - 1 - i];
    }
    return bits;
}

static double as_double(uint64_t bits, size_t bytes) {
    double x;
    float y;
    if (bytes == 8) {
        memcpy(&x, &bits, sizeof x);
        return x;
    }
    uint32_t low = (uint32_t)bits;
    memcpy(&y, &low, sizeof y);
    return y;
}

/* Beyond what a scaled number holds stands for beyond the plan's bounds, which are within. */
static int64_t saturate(vs_int128 value) {
    return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

static vs_status scale_element(const array_reader *r, const uint8_t *bytes, int64_t *scaled, vs_error *error) {
    uint64_t bits = load_bits(r, bytes);
    if (!r->header.is_float) {
        int64_t value = r->header.element_bytes == 8 ? (int64_t)bits : (int32_t)(uint32_t)bits;
        *scaled = saturate(value * r->unit); /* below 2^63 · 10^18 < 2^123 */
        return VS_OK;
    }
    double x = as_double(bits, r->header.element_bytes);
    vs_decimal_result result = vs_decimal_from_double(scaled, x, r->plan->vector_scale);
    if (result == VS_DECIMAL_NOT_A_NUMBER) {
        (void)vs_fail(error, VS_ERR_RANGE, "element %llu: not a finite number", (unsigned long long)r->index);
        vs_hint(error, "replace NaN and infinities before saving, for example with numpy.nan_to_num");
        return VS_ERR_RANGE;
    }
    if (result != VS_DECIMAL_OK) {
        *scaled = x < 0 ? INT64_MIN : INT64_MAX;
    }
    return VS_OK;
}

/* "index (1, 2)", for arrays in which the element's number alone would have to be worked out. */
static void say_place(const array_reader *r, vs_error *error) {
    char text[256];
    size_t len = 0;
    if (r->header.dimension_count < 2) {
        return;
    }
    for (unsigned d = 0; d < r->header.dimension_count && len < sizeof text; d++) {
        int more = snprintf(text + len, sizeof text - len, d == 0 ? "%llu" : ", %llu", (unsigned long long)r->place[d]);
        len += more > 0 ? (size_t)more : 0;
    }
    vs_error_at(error, "index (%s)", text);
}

static vs_status take_block(array_reader *r, size_t count, vs_error *error) {
    for (size_t i = 0; i < count; i++) {
        int64_t scaled = 0;
        vs_status status = scale_element(r, r->block + i * r->header.element_bytes, &scaled, error);
        if (status == VS_OK) {
            status = vs_cells_set_element(r->cells, r->index, scaled, error);
        }
        if (status != VS_OK) {
            say_place(r, error);
            return status;
        }
        step(r);
    }
    return VS_OK;
}

static vs_status read_elements(array_reader *r, const vs_source *source, const vs_progress *progress, vs_error *error) {
    uint64_t total = r->header.element_count;
    for (uint64_t done = 0; done < total;) {
        uint64_t left = total - done;
        size_t count = BLOCK_BYTES / r->header.element_bytes, got = 0;
        count = left < count ? (size_t)left : count;
        vs_status status = vs_read_up_to(source, r->block, count * r->header.element_bytes, &got, error);
        if (status == VS_OK && got < count * r->header.element_bytes) {
            (void)vs_fail(error, VS_ERR_FORMAT, "ends after %llu of the %llu elements that its header names",
                          (unsigned long long)(done + got / r->header.element_bytes), (unsigned long long)total);
            vs_hint(error, "the file is cut short: save the array again");
            status = VS_ERR_FORMAT;
        }
        if (status == VS_OK) {
            status = take_block(r, count, error);
        }
        if (status != VS_OK) {
            return status;
        }
        done += count;
        vs_progress_step(progress, done, total);
    }
    return VS_OK;
}

static vs_status check_end(array_reader *r, const vs_source *source, vs_error *error) {
    size_t got = 0;
    vs_status status = vs_read_up_to(source, r->block, 1, &got, error);
    if (status == VS_OK && got != 0) {
        (void)vs_fail(error, VS_ERR_FORMAT, "goes on after the last element that its header names");
        vs_hint(error, "one array a file: save the array again");
        status = VS_ERR_FORMAT;
    }
    return status;
}

static vs_status check_length(const array_reader *r, vs_error *error) {
    if (r->header.element_count == r->plan->vector_length) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_RANGE, "%llu elements where the plan's vector has %llu",
                  (unsigned long long)r->header.element_count, (unsigned long long)r->plan->vector_length);
    vs_hint(error, "every contribution has exactly as many elements as the plan says");
    return VS_ERR_RANGE;
}

vs_status vs_table_read_npy(vs_cells *cells, const vs_plan *plan, const vs_source *source, const vs_progress *progress,
                            vs_error *error) {
    VS_CHECK(plan->is_vector);
    array_reader *r = vs_secret_alloc(sizeof *r);
    if (r == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    r->plan = plan;
    r->cells = cells;
    vs_status status = vs__npy_read_header(&r->header, source, error);
    if (status == VS_OK) {
        status = check_length(r, error);
    }
    if (status == VS_OK) {
        start(r);
        status = read_elements(r, source, progress, error);
    }
    if (status == VS_OK) {
        status = check_end(r, source, error);
    }
    vs_secret_free(r);
    /* A source names itself where reading it fails. */
    if (status <= VS_ERR_FORMAT) {
        vs_error_at(error, "%s", source->name);
    }
    return status;
}
